"""Grades of real reports against the inspectorate's own tables: clean, as plain text, and damaged.

The tables relabel "adequate" as "requires improvement" and print a dash for what was not judged,
so grades are compared by rank. Every report that is a report must be found in a table, and every
grade of either side must be on the other: a difference is only accepted where it is listed here
with the page of the report that shows it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from tests import damage as damages
from tests.damage import as_text, damage, text_document
from transforms.errors import UnknownSourceError
from transforms.readers import read_document
from transforms.reading.document import Document
from transforms.reports import parse_document
from transforms.reports.model import Report

# The table's words to grade codes; relabelled "adequate" included.
_CODES = {
    "outstanding": "outstanding",
    "good": "good",
    "requires improvement to be good": "requires_improvement",
    "requires improvement": "requires_improvement",
    "adequate": "requires_improvement",
    "inadequate": "inadequate",
    "not judged": "not_judged",
    "-": "not_judged",
}
_SIF_AREAS = ("overall", "help_and_protection", "children_in_care", "adoption", "care_leavers", "leadership", "lscb")
_NEAR_DAYS = 40  # the table's day of publication, the file's name and the report may differ by so much

# (number in the folder's name, day in the file's name, area): what the report prints and where.
KNOWN = {
    ("80553", date(2016, 2, 17), "lscb"): "a re-inspection with a review of the board, headed in the body as "
    "inadequate; the table has no column for the board in re-inspections",
}


@dataclass
class Official:
    """One inspection as the tables have it."""

    framework: str
    inspection_type: str
    grades: dict[str, str]


@dataclass
class Tally:
    """How a set of readings compares."""

    compared: int = 0
    equal: int = 0
    wrong: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)  # missing, and no blocking problem says so
    extra: list[str] = field(default_factory=list)
    types: list[str] = field(default_factory=list)


@dataclass
class Real:
    """One real report: its file, its lines, and what the tables say of it."""

    urn: str
    published: date
    document: Document
    official: Official

    @property
    def name(self) -> str:
        return f"{self.urn} {self.published}"


def _name(words: str) -> str:
    words = re.sub(r"[^a-z ]", " ", words.lower().replace("&", " and "))
    words = re.sub(r"\b(?:of|the|city|corporation|upon|royal|borough|council)\b", " ", words)
    return " ".join(words.split())


def _code(cell: Any) -> str | None:
    return _CODES.get(str(cell).strip().lower())


def _day(cell: Any) -> date | None:
    return cell.date() if isinstance(cell, datetime) else cell if isinstance(cell, date) else None


def _history(rows: list[list[Any]]) -> Iterator[tuple[str, date, Official]]:
    for row in rows[3:]:
        day = _day(row[6])
        if day is None:
            continue
        areas = ("overall", "leadership", "help_and_protection", "children_in_care", "care_leavers")
        grades = {area: code for area, cell in zip(areas, row[8:13], strict=True) if (code := _code(cell))}
        kind = "short" if "Short" in row[7] else "standard"
        yield _name(row[2]), day, Official("ilacs", kind, grades)


def _years(rows: list[list[Any]]) -> Iterator[tuple[str, date, Official]]:
    for row in rows:
        if len(row) < 45:
            continue
        for column, cells, kind in ((17, row[18:25], "single_inspection"), (25, row[26:32], "re_inspection")):
            day = _day(row[column])
            if day is not None:
                grades = {a: c for a, cell in zip(_SIF_AREAS, cells, strict=False) if (c := _code(cell))}
                yield _name(row[1]), day, Official("sif", kind, grades)
        targeted = _day(row[15])
        if targeted is not None and (code := _code(row[16])):
            yield _name(row[1]), targeted, Official("looked_after_2013", "targeted", {"overall": code})


@pytest.fixture(scope="module")
def official(test_data: Path) -> dict[tuple[str, date], Official]:
    """Every inspection of the two tables, by name of the authority and day of publication."""
    calamine = pytest.importorskip("python_calamine")
    folder = test_data / "statistics"
    sheets = (
        ("LA_Inspection_Outcomes_as_at_31_March_2025.ods", "ILACS_inspection_history", _history),
        ("Childrens_social_care_in_England_2023_underlying_data.ods", "LA_inspections_2009-2023", _years),
    )
    found: dict[tuple[str, date], Official] = {}
    for file, sheet, reader in sheets:
        if not (folder / file).is_file():
            pytest.skip(f"no {file} in {folder}")
        rows = calamine.CalamineWorkbook.from_path(folder / file).get_sheet_by_name(sheet).to_python()
        for name, day, inspection in reader(rows):
            found.setdefault((name, day), inspection)
    return found


@pytest.fixture(scope="module")
def reports(test_data: Path, official: dict[tuple[str, date], Official]) -> list[Real]:
    """Every real report of an authority with its row in the tables; web pages saved as .pdf left out."""
    found = []
    for path in sorted((test_data / "reports" / "local_authority").rglob("*.pdf")):
        document = read_document(path.read_bytes(), path.name)
        if len(document.lines) < 50:
            continue
        urn, _, folder = path.parent.name.partition("_")
        stamp = re.search(r"(\d{1,2} \w+ \d{4})$", path.stem)
        assert stamp is not None, path.name
        day = datetime.strptime(stamp[1], "%d %B %Y").date()
        near = [key for key in official if key[0] == _name(folder) and abs((key[1] - day).days) <= _NEAR_DAYS]
        # A targeted inspection of 2013 may be in no table: then it is only read, not compared.
        if near:
            best = min(near, key=lambda key: abs((key[1] - day).days))
            found.append(Real(urn, day, document, official[best]))
    if not found:
        pytest.skip(f"no reports under {test_data}")
    return found


def compare(reports: list[Real], change: Callable[[Document, int], Document]) -> Tally:
    """Parse every report after a change, and compare what is read with the tables."""
    tally = Tally()
    for number, real in enumerate(reports):
        try:
            read = parse_document(change(real.document, number))
        except UnknownSourceError:
            read = []
        _compare_one(real, read, tally)
    return tally


def _compare_one(real: Real, read: list[Report], tally: Tally) -> None:
    grades = {j.conformed_area_code: j.grade_code for report in read for j in report.judgements}
    if read and read[0].inspection_type != real.official.inspection_type:
        tally.types.append(f"{real.name}: {read[0].inspection_type}, table {real.official.inspection_type}")
    for area, expected in real.official.grades.items():
        tally.compared += 1
        got = grades.get(area)
        if got is None:
            tally.missing.append(f"{real.name} {area}")
            if read and not any(report.is_blocked for report in read):
                tally.silent.append(f"{real.name} {area}")
        elif (got if got != "adequate" else "requires_improvement") == expected:
            tally.equal += 1
        else:
            tally.wrong.append(f"{real.name} {area}: {got}, table {expected}")
    if real.official.framework == "looked_after_2013":
        return  # the table has one column for it, the report five grades
    extra = [a for a in grades if a is not None and a not in real.official.grades]
    tally.extra += [f"{real.name} {a}" for a in extra if (real.urn, real.published, a) not in KNOWN]


def _same(document: Document, number: int) -> Document:
    return document


def _plain(document: Document, number: int) -> Document:
    return text_document(as_text(document))


def _damaged(document: Document, number: int) -> Document:
    return text_document(damage(as_text(document)))


@pytest.mark.parametrize("change", [_same, _plain, _damaged], ids=["clean", "plain", "damaged"])
def test_every_grade_equals_the_official_one(reports: list[Real], change: Callable[[Document, int], Document]) -> None:
    tally = compare(reports, change)
    assert tally.compared > 0
    assert (tally.wrong, tally.missing, tally.extra) == ([], [], [])
    assert tally.equal == tally.compared
    assert tally.types == []


@pytest.mark.parametrize("harsh", damages.HARSH, ids=lambda harsh: harsh.__name__)
@pytest.mark.parametrize("first", [False, True], ids=["sound", "damaged"])
def test_no_harsher_damage_gives_a_wrong_grade(
    reports: list[Real], harsh: Callable[[str, int], str], first: bool
) -> None:
    def change(document: Document, number: int) -> Document:
        text = as_text(document)
        return text_document(harsh(damage(text) if first else text, number))

    tally = compare(reports[::3], change)
    assert tally.wrong == []
    assert tally.silent == []
    assert tally.extra == []


def test_the_degraded_export_reads_as_the_report_it_was_made_of(test_data: Path, reports: list[Real]) -> None:
    exports = sorted((test_data / "reports" / "text").glob("*.txt"))
    if not exports:
        pytest.skip("no degraded text export")
    (report,) = parse_document(read_document(exports[0].read_bytes(), exports[0].name))
    read = {j.area_code: j.grade_code for j in report.judgements}
    twins = [r for r in reports if r.urn == "80448" and r.official.framework == report.framework_code]
    assert [r.official.grades for r in twins] == [read]
    assert not report.is_blocked
