"""Dates of the collections: working days, ages, months back and forth.

All of it is on columns. Working days leave out weekends and the bank holidays of England and
Wales; the day a period begins on is not counted, the day it ends on is.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache
from importlib import resources

import polars as pl

ONE_DAY = "1d"


@cache
def bank_holidays() -> tuple[date, ...]:
    """Return every bank holiday known, in order. Source: GOV.UK, bank holidays (seed `bank_holiday.csv`)."""
    seed = resources.files("transforms").joinpath("seeds", "bank_holiday.csv")
    rows = csv.DictReader(seed.read_text(encoding="utf-8").splitlines())
    return tuple(date.fromisoformat(row["date"]) for row in rows)


def working_days(start: pl.Expr, end: pl.Expr, holidays: Sequence[date] | None = None) -> pl.Expr:
    """Return the working days d with start < d <= end; negative where end is before start."""
    days = bank_holidays() if holidays is None else holidays
    return pl.business_day_count(start.dt.offset_by(ONE_DAY), end.dt.offset_by(ONE_DAY), holidays=list(days))


def years_between(born: pl.Expr, day: pl.Expr) -> pl.Expr:
    """Return completed years; someone born on 29 February turns a year older on 1 March in other years."""
    before = (day.dt.month() < born.dt.month()) | ((day.dt.month() == born.dt.month()) & (day.dt.day() < born.dt.day()))
    return (day.dt.year() - born.dt.year() - before.cast(pl.Int32)).cast(pl.Int32)


def year_to(day: date) -> tuple[date, date]:
    """Return the twelve months that end on a day, both their first and last day included."""
    try:
        before = day.replace(year=day.year - 1)
    except ValueError:  # 29 February
        before = date(day.year - 1, 2, 28)
    return before + timedelta(days=1), day


def working_day_before(day: date, count: int, holidays: Sequence[date] | None = None) -> date:
    """Return the working day that lies `count` working days before a day, which itself is not counted."""
    days = bank_holidays() if holidays is None else holidays
    # From a day off the count starts at the next working day, so that the one before the day off is the first.
    counted = pl.lit(day).dt.add_business_days(-count, holidays=list(days), roll="forward")
    return pl.select(counted).item()  # type: ignore[no-any-return]
