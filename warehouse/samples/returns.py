"""Made-up returns of a made-up authority: no child in them exists, and none resembles one.

Drawn from a seed, the same every time: identifiers are numbers in a row, days of birth and events are
spread evenly, and postcodes are of a district that does not exist (`ZZ`). A few rows break rules of
the department on purpose.
"""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path

YEARS = (2025, 2026)  # collections that the demonstration holds
Tables = dict[str, list[dict[str, str]]]

_ETHNIC = ("WBRI", "WBRI", "WBRI", "MWBC", "AIND", "BAFR", "AOTH")
_PLACES = (("U6", "PR1"), ("U6", "PR4"), ("U1", "PR1"), ("K2", "PR4"), ("P1", "PR0"), ("U4", "PR1"))


def make_ssda903(year: int, children: int = 60, seed: int = 1) -> Tables:
    """Draw one return on looked-after children.

    Args:
        year: in which the collection ends.
        children: how many.
        seed: of those children: the same ones, a year apart, for two years of one seed.

    Returns:
        Rows of text by module.
    """
    end = date(year, 3, 31)
    tables: Tables = {name: [] for name in ("header", "episodes", "reviews", "oc2")}
    for number in range(1, children + 1):
        drawn = random.Random(seed * 100_003 + number)  # noqa: S311 - a sample, not a secret
        born = date(2009, 1, 1) + timedelta(days=drawn.randrange(5_000))
        started = max(date(2023, 4, 3) + timedelta(days=drawn.randrange(900)), born + timedelta(days=30))
        if started > end or born + timedelta(days=18 * 366) < end:
            continue
        child = {"CHILD": f"{9_000_000 + number}", "DOB": _day(born)}
        tables["header"].append(
            {
                "CHILD": child["CHILD"],
                "SEX": drawn.choice("MF") if year >= 2025 else drawn.choice("12"),
                "DOB": child["DOB"],
                "ETHNIC": drawn.choice(_ETHNIC),
                "UPN": "UN1",
                "MOTHER": "",
                "MC_DOB": "",
            }
        )
        tables["episodes"].append(_episode(drawn, child["CHILD"], started))
        for review in _reviews(started, year):
            code = "PN0" if review < born + timedelta(days=4 * 365) else "PN1"
            tables["reviews"].append({**child, "REVIEW": _day(review), "REVIEW_CODE": code})
        if started <= date(year - 1, 4, 1):
            tables["oc2"].append(_outcome(drawn, child))
    return {module: rows for module, rows in tables.items() if rows}


def _episode(drawn: random.Random, child: str, started: date) -> dict[str, str]:
    place, provider = drawn.choice(_PLACES)
    return {
        "CHILD": child,
        "DECOM": _day(started),
        "RNE": "S",
        "LS": drawn.choice(("C2", "C2", "C1", "V2")),
        "CIN": drawn.choice(("N1", "N1", "N4", "N5")),
        "PLACE": place,
        "PLACE_PROVIDER": provider,
        "DEC": "",
        "REC": "",
        "REASON_PLACE_CHANGE": "",
        "HOME_POST": f"ZZ{drawn.randrange(1, 9)} {drawn.randrange(1, 9)}AA",
        "PL_POST": f"ZZ{drawn.randrange(1, 9)} {drawn.randrange(1, 9)}BB",
        "URN": "XXXXXXX",
    }


def _reviews(started: date, year: int) -> Iterable[date]:
    """Yield the reviews of a collection year: after three weeks, three months, then every half year."""
    due = started + timedelta(days=21)
    step = 85
    while due <= date(year, 3, 31):
        if due >= date(year - 1, 4, 1):
            yield due
        due, step = due + timedelta(days=step), 170


def _outcome(drawn: random.Random, child: Mapping[str, str]) -> dict[str, str]:
    return {
        **child,
        "SDQ_SCORE": str(drawn.randrange(0, 30)),
        "SDQ_REASON": "",
        "CONVICTED": "0",
        "HEALTH_CHECK": "1",
        "IMMUNISATIONS": "1" if drawn.random() < 0.9 else "0",
        "TEETH_CHECK": "1" if drawn.random() < 0.8 else "0",
        "HEALTH_ASSESSMENT": "1" if drawn.random() < 0.9 else "0",
        "SUBSTANCE_MISUSE": "0",
        "INTERVENTION_RECEIVED": "",
        "INTERVENTION_OFFERED": "",
    }


def _day(day: date) -> str:
    return f"{day:%d/%m/%Y}"


def as_csv(rows: Sequence[Mapping[str, str]]) -> str:
    """Return rows as CSV with the headings of their module."""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def write_returns(landing: Path, la_code: str, years: Sequence[int] = YEARS) -> list[Path]:
    """Lay the made-up returns of an authority into a landing zone.

    Returns:
        The files written.
    """
    written = []
    for year in years:
        folder = landing / "returns" / la_code / "ssda903" / str(year)
        folder.mkdir(parents=True, exist_ok=True)
        for module, rows in make_ssda903(year).items():
            path = folder / f"{module}.csv"
            path.write_text(as_csv(rows), "utf-8", newline="")
            written.append(path)
    return written
