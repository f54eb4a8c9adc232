"""A made-up landing zone: what a few years of deposits of a small region could look like.

It shows on purpose what happens to a corrected report, a plain-text export, a merger of two
authorities, and to files that cannot be read.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date, timedelta
from importlib.resources import files
from pathlib import Path

from warehouse.samples.content import MONTHS, authority_named, draw_truth
from warehouse.samples.render import render_pdf, render_text
from warehouse.samples.truth import SampleAuthority, Style, Truth

_SITE = "https://reports.example.org/made-up"
_ERROR_PAGE = """<!DOCTYPE html>
<html lang="en"><head><title>Report not found</title></head>
<body><h1>Sorry, this page is not here</h1><p>Made-up sample of an error page that was saved as a PDF.</p></body></html>
"""


@dataclass(frozen=True, slots=True)
class _Deposit:
    """One report to be rendered.

    Attributes:
        layout, place, start: what is reported, of whom, when.
        grades: grade codes that are to be so; the others are drawn.
        style: how it is set.
        seed: decides everything else.
        as_text: deposited as a plain-text export.
        beside: facts of publication lie in a JSON file, not in the file's name.
        correction: a second edition, days after the first.
    """

    layout: str
    place: str
    start: date
    grades: dict[str, str] = field(default_factory=dict)
    style: Style = field(default_factory=Style)
    seed: int = 0
    as_text: bool = False
    beside: bool = False
    correction: int = 0


_SERIF = Style(font="serif", size=11.5, bullet="-", dash="-", furniture_first=True, dates="short_to")
_EMBEDDED = Style(font="embedded", size=9.5, bullet="\uf06e", header=True, grade_align="middle", dates="short_to")
_APART = Style(grid_order="columns", footnote_mark=True, dates="dash", hyphenate=True)

_GOOD_ALL = {
    "leadership": "good",
    "help_and_protection": "good",
    "children_in_care": "good",
    "care_leavers": "good",
    "overall": "good",
}
_DEPOSITS = (
    # One authority over fifteen years: decline, then improvement, across four frameworks.
    _Deposit(
        "slac_2010", "Brackenshire", date(2010, 9, 6),
        {"safeguarding_overall_effectiveness": "adequate", "looked_after_overall_effectiveness": "good"},
    ),
    _Deposit(
        "sif_2014", "Brackenshire", date(2014, 3, 3),
        {"overall": "inadequate", "help_and_protection": "inadequate", "children_in_care": "requires_improvement"},
        _APART,
    ),
    _Deposit(
        "ilacs_2018", "Brackenshire", date(2019, 5, 13),
        {
            "overall": "requires_improvement", "help_and_protection": "requires_improvement",
            "children_in_care_and_care_leavers": "requires_improvement", "leadership": "requires_improvement",
        },
    ),
    _Deposit("monitoring_visit", "Brackenshire", date(2020, 1, 14), style=_SERIF),
    _Deposit("ilacs_2023", "Brackenshire", date(2024, 6, 10), _GOOD_ALL, _EMBEDDED, beside=True),
    _Deposit("child_protection_2012", "Caldermouth", date(2012, 10, 8), {"overall_effectiveness": "inadequate"}),
    _Deposit("sif_2016", "Caldermouth", date(2016, 2, 1), {"overall": "inadequate"}, _SERIF),
    _Deposit("sif_reinspection", "Caldermouth", date(2017, 11, 6), {"overall": "requires_improvement"}),
    _Deposit("ilacs_2018", "Caldermouth", date(2021, 7, 5), as_text=True, style=Style(cells_apart=True), seed=4),
    # A report and its correction: the later edition stands.
    _Deposit("ilacs_2023", "Dunmarsh", date(2023, 3, 6), {**_GOOD_ALL, "care_leavers": "good"}, beside=True, seed=2),
    _Deposit(
        "ilacs_2023", "Dunmarsh", date(2023, 3, 6), {**_GOOD_ALL, "care_leavers": "requires_improvement"},
        beside=True, seed=2, correction=21,
    ),
    _Deposit("targeted_2013", "Dunmarsh", date(2013, 7, 8), seed=3),
    _Deposit("focused_visit", "Fernhollow and Sedge", date(2023, 11, 14), style=_EMBEDDED),
    _Deposit("ilacs_2026", "Fernhollow and Sedge", date(2026, 4, 13), beside=True),
    _Deposit("lscb_review", "Kestrelham", date(2015, 9, 7), {"lscb": "good"}),
    _Deposit("jtai", "Kestrelham", date(2018, 6, 4)),
    _Deposit(
        "send_letter", "Oxleyforth-on-Sea", date(2018, 3, 5), {"send": "written_statement_of_action_required"}, _SERIF
    ),
    _Deposit("area_send", "Oxleyforth-on-Sea", date(2024, 2, 5), {"send": "inconsistent"}, _EMBEDDED, beside=True),
    # Two authorities that merged in 2019, and the one that came of them.
    _Deposit("sif_2016", "Tarnwick", date(2016, 9, 5), {"overall": "good"}, seed=5),
    _Deposit("ilacs_2018", "Tarnwick and Ullesby", date(2021, 10, 4), {"overall": "outstanding"}, _SERIF, seed=6),
)  # fmt: skip


def make_landing(path: Path, *, seed: int = 0) -> list[Path]:
    """Write the made-up landing zone; the same bytes each time for the same seed.

    Args:
        path: folder that becomes the landing zone; made if it is not there.
        seed: another one gives other words and other grades where none is fixed.

    Returns:
        Every file written, in the order of writing.
    """
    written: list[Path] = []
    register = path / "reference" / "authorities.csv"
    _write(register, files("warehouse.samples").joinpath("authorities.csv").read_bytes(), written)
    for deposit in _DEPOSITS:
        _deposit(path, deposit, seed, written)
    kestrelham = authority_named("Kestrelham")
    folder = path / "reports" / "local_authority" / _folder_name(kestrelham)
    _write(folder / "children's services inspection - 9 may 2019.pdf", _ERROR_PAGE.encode(), written)
    whole = render_pdf(draw_truth("ilacs_2018", seed + 9, kestrelham))
    _write(folder / "children's services inspection - 12 june 2022.pdf", whole[: len(whole) * 2 // 3], written)
    return written


def _deposit(path: Path, deposit: _Deposit, seed: int, written: list[Path]) -> None:
    """Render one report into its folder, with a JSON file beside it where that is wanted."""
    place = authority_named(deposit.place)
    truth = draw_truth(deposit.layout, deposit.seed + seed, place, deposit.start, deposit.grades)
    kind = "area_send" if "send" in deposit.layout else "local_authority"
    folder = path / "reports" / kind / _folder_name(place)
    if deposit.as_text:
        content, ending = render_text(truth, deposit.style).encode("utf-8"), "txt"
    else:
        content, ending = render_pdf(truth, deposit.style), "pdf"
    published = truth.published + timedelta(days=deposit.correction)
    name = f"{_names(truth)} - {published.day:02d} {MONTHS[published.month - 1].lower()} {published.year}"
    if deposit.beside:
        name = f"{_names(truth)} {truth.start.year}{' corrected' if deposit.correction else ''}"
        facts = {
            "source_url": f"{_SITE}/{place.la_code}/{truth.layout}/{truth.start:%Y%m%d}-{deposit.correction}",
            "provider_urn": place.ofsted_urn,
            "published_date": published.isoformat(),
            "retrieved_at": f"{published + timedelta(days=1)}T02:00:00Z",
        }
        _write(folder / f"{name}.json", (json.dumps(facts, indent=2) + "\n").encode(), written)
    _write(folder / f"{name}.{ending}", content, written)


def _folder_name(place: SampleAuthority) -> str:
    return f"{place.ofsted_urn}_{place.name.lower()}"


def _names(truth: Truth) -> str:
    """The kind of report as names of files put it."""
    return {
        "area_send": "area send full inspection",
        "send_letter": "joint local area send inspection",
        "focused_visit": "focused visit",
        "monitoring_visit": "monitoring visit",
        "jtai": "joint targeted area inspection",
        "lscb_review": "lscb review",
    }.get(truth.layout, "children's services inspection")


def _write(path: Path, content: bytes, written: list[Path]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    written.append(path)
