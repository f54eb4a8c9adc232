"""Words the rules are written in: sets of codes, birthdays, what a comparison means where a value is missing.

A condition is true of a row that breaks its rule. Missing values break no rule by themselves, so a
condition that is unknown is false; `among` and `apart` say so where the negation is asked.
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from transforms.returns.model import ReturnData

SHORT_BREAKS = ("V3", "V4")
TEMPORARY = ("T0", "T1", "T2", "T3", "T4")
OTHER_PLACES = ("Z11", "Z12", "Z13", "Z14")  # what Z1 became in the collection of 2026
FOSTER = ("U1", "U2", "U3", "U4", "U5", "U6")
FOR_ADOPTION = ("A3", "A4", "A5", "A6")
ADOPTED = ("E11", "E12")
NO_URN = "XXXXXXX"  # stands for: there is no number

_YES = ("1", "1.0", "true")
_NO = ("0", "0.0", "false")
_SEX_IN_LETTERS = 2025  # the first collection that writes it so
_SEX_NOW = {"1": "M", "2": "F"}


def among(column: str, codes: Iterable[str]) -> pl.Expr:
    """Whether a column holds one of some codes; a missing value holds none."""
    return _text(column).is_in(list(codes)).fill_null(False)


def is_not(column: str, code: str) -> pl.Expr:
    """Whether a column holds anything but a code, nothing included."""
    return _text(column).ne_missing(code)


def is_yes(column: str) -> pl.Expr:
    """Whether a flag is set, however it is written."""
    return among(column, _YES)


def is_no(column: str) -> pl.Expr:
    """Whether a flag is given and not set, however it is written."""
    return among(column, _NO)


def sex_of(column: str) -> pl.Expr:
    """Return the sex as it is written from the collection of 2025, so that years compare."""
    return _text(column).replace(_SEX_NOW)


def is_male(data: ReturnData) -> pl.Expr:
    """Whether the sex is male, as the year writes it."""
    return among("SEX", ("M",) if data.year >= _SEX_IN_LETTERS else ("1",))


def is_female(data: ReturnData) -> pl.Expr:
    """Whether the sex is female, as the year writes it."""
    return among("SEX", ("F",) if data.year >= _SEX_IN_LETTERS else ("2",))


def apart(one: pl.Expr, other: pl.Expr) -> pl.Expr:
    """Whether two values differ; a missing one differs from any, another missing one included."""
    return (one != other).fill_null(True)


def birthday(born: pl.Expr, years: int) -> pl.Expr:
    """Return the day someone turns an age; those born on 29 February turn it on 1 March in other years."""
    day = born.dt.offset_by(f"{years}y")
    slipped = (born.dt.day() == 29) & (day.dt.day() == 28)
    return day + pl.duration(days=slipped.cast(pl.Int8))


def _text(column: str) -> pl.Expr:
    return pl.col(column).cast(pl.String)
