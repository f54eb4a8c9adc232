"""Dates, ages and sums in plain Python, for oracles that share no code with what they check."""

from __future__ import annotations

import csv
from calendar import monthrange
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from functools import cache
from importlib import resources
from typing import Any

import polars as pl

from transforms.indicators.linkage import declared, link
from transforms.indicators.model import Indicator

ETHNIC = {
    "WBRI": "White",
    "WROM": "White",
    "MWBC": "Mixed or multiple",
    "APKN": "Asian or Asian British",
    "BAFR": "Black, African, Caribbean or Black British",
    "CHNE": "Other ethnic groups",
}
SEXES = {"M": "Male", "1": "Male", "F": "Female", "2": "Female"}


class Given:
    """One row of an oracle: what it adds above and below the line, and for which breakdowns."""

    def __init__(
        self, above: float, below: float | None, traits: Mapping[str, str] | None = None, beside: bool = False
    ):
        self.above, self.below, self.traits, self.beside = above, below, traits or {}, beside


def months(day: date, count: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


@cache
def holidays() -> frozenset[date]:
    seed = resources.files("transforms").joinpath("seeds", "bank_holiday.csv").read_text("utf-8")
    return frozenset(date.fromisoformat(row["date"]) for row in csv.DictReader(seed.splitlines()))


def workdays(start: date | None, end: date | None) -> int | None:
    if start is None or end is None:
        return None
    sign = 1 if end >= start else -1
    day, last, count = min(start, end), max(start, end), 0
    while day < last:
        day += timedelta(1)
        count += day.weekday() < 5 and day not in holidays()
    return sign * count


def age(born: date | None, day: date) -> int | None:
    if born is None:
        return None
    years = day.year - born.year
    return years - 1 if (day.month, day.day) < (born.month, born.day) else years


def age_band(born: date | None, day: date) -> str:
    years = age(born, day)
    if years is None:
        return "Not known"
    for bound, name in ((1, "Under 1 year"), (5, "1 to 4 years"), (10, "5 to 9 years"), (16, "10 to 15 years")):
        if years < bound:
            return name
    return "16 years and over"


def duration(start: date | None, end: date | None) -> str:
    if start is None or end is None or end < start:
        return "Not known"
    if (end - start).days >= 730:
        return "2 years or more"
    if end <= months(start, 3):
        return "3 months or less"
    if end <= months(start, 6):
        return "More than 3 months to 6 months"
    if end < months(start, 12):
        return "More than 6 months to less than 1 year"
    return "1 year to less than 2 years"


def last_of(rows: Iterable[Mapping[str, Any]], key: str) -> dict[Any, Mapping[str, Any]]:
    """The last row of each key."""
    return {row[key]: row for row in rows if row.get(key) is not None}


def between(day: date | None, start: date, end: date) -> bool:
    return day is not None and start <= day <= end


def tally(entry: Indicator, rows: Iterable[Given]) -> dict[str, tuple[float, float | None]]:
    """Numerator and denominator by breakdown, as the engine is to publish them."""
    rows = list(rows)
    has_below = not all(row.below is None for row in rows) if rows else bool(entry.denominator)

    def add(chosen: list[Given]) -> tuple[float, float | None]:
        return sum(r.above for r in chosen), sum(r.below or 0 for r in chosen) if has_below else None

    found = {"Total": add([row for row in rows if not row.beside])}
    for dimension in entry.dimensions:
        for value in dimension.values:
            above, below = add([row for row in rows if row.traits.get(dimension.name) == value])
            if entry.is_mix:
                below = found["Total"][1]
            found[f"{dimension.name} | {value}"] = (above, below)
    return found


def broken(found: pl.DataFrame, is_clean: bool = False) -> list[str]:
    """Return the declared relations of counts that do not hold in a computed frame.

    None may lean on clean data unless it says so. Suppression reasons from them; where one is wrong it withholds
    everything, or proves what is not so.

    Args:
        found: a computed frame.
        is_clean: whether it is of rows without faults: then those that lean on it must hold too.
    """
    linkage = link(found, declared())
    value = {cell: known or 0.0 for cell, known in linkage.known.items()}
    wrong = []
    for entry in linkage.sums:
        left = value[entry.whole] - sum(value[part] for part in entry.parts)
        if left < -1e-4 or (entry.is_complete and left > 1e-4):
            wrong.append(f"{entry.whole} is not the sum of {[part.name for part in entry.parts]}")
    for rest in linkage.remainders:
        left = sum(value[whole] for whole in rest.wholes) - sum(value[part] for part in rest.parts)
        if left < -1e-4 and (rest.holds_always or is_clean):
            wrong.append(f"{[whole.name for whole in rest.wholes]} do not hold {[part.name for part in rest.parts]}")
    return wrong
