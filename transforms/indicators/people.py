"""Characteristics that indicators are broken down by: age bands, sex, ethnic group, durations."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl

from transforms.indicators.model import NOT_KNOWN, Dimension, parts_of
from transforms.returns.calendar import years_between

SEX = parts_of("Sex", "Female", "Male", NOT_KNOWN, lasts=True)
AGE = parts_of("Age", "Under 1 year", "1 to 4 years", "5 to 9 years", "10 to 15 years", "16 years and over", NOT_KNOWN)
ETHNICITY = parts_of(
    "Ethnic group",
    "White",
    "Mixed or multiple",
    "Asian or Asian British",
    "Black, African, Caribbean or Black British",
    "Other ethnic groups",
    NOT_KNOWN,
    lasts=True,
)
PEOPLE = (AGE, SEX, ETHNICITY)
DURATION = parts_of(
    "Duration",
    "3 months or less",
    "More than 3 months to 6 months",
    "More than 6 months to less than 1 year",
    "1 year to less than 2 years",
    "2 years or more",
    NOT_KNOWN,
)
TWO_YEARS = 730  # days; "more than 729" in the department's measure 98
BIRTH = "born"

_GROUPS = {
    "White": "WBRI WIRI WIRT WOTH WROM",
    "Mixed or multiple": "MWBC MWBA MWAS MOTH",
    "Asian or Asian British": "AIND APKN ABAN AOTH",
    "Black, African, Caribbean or Black British": "BCRB BAFR BOTH",
    "Other ethnic groups": "CHNE OOTH",
}
_ETHNIC = {code: group for group, codes in _GROUPS.items() for code in codes.split()}
_SEXES = {"M": "Male", "1": "Male", "MALE": "Male", "F": "Female", "2": "Female", "FEMALE": "Female"}


def label(dimension: Dimension, codes: pl.Expr, labels: dict[str, str]) -> pl.Expr:
    """Return the label of each code as a column named after the dimension; `Not known` for any other."""
    text = codes.cast(pl.String)
    return text.replace_strict(labels, default=NOT_KNOWN, return_dtype=pl.String).alias(dimension.name)


def sex(codes: pl.Expr) -> pl.Expr:
    """Return the sex a code stands for, in the codes of all years."""
    return label(SEX, codes.cast(pl.String).str.to_uppercase(), _SEXES)


def ethnic_group(codes: pl.Expr) -> pl.Expr:
    """Return the ethnic group of a code; Chinese is among the other groups, as in Annex A."""
    return label(ETHNICITY, codes, _ETHNIC)


def age_band(day: date) -> pl.Expr:
    """Return the age band on a day of people born on `born`."""
    age = years_between(pl.col(BIRTH), pl.lit(day))
    return banded(
        age, ((1, AGE.values[0]), (5, AGE.values[1]), (10, AGE.values[2]), (16, AGE.values[3])), AGE.values[4], AGE
    )


def banded(value: pl.Expr, bounds: tuple[tuple[int, str], ...], rest: str, dimension: Dimension) -> pl.Expr:
    """Return the band of a number: the first whose bound it is under, else `rest`; `Not known` for null."""
    chain: Any = pl.when(value.is_null()).then(pl.lit(NOT_KNOWN))
    for bound, name in bounds:
        chain = chain.when(value < bound).then(pl.lit(name))
    band: pl.Expr = chain.otherwise(pl.lit(rest)).alias(dimension.name)
    return band


def duration_band(start: pl.Expr, end: pl.Expr) -> pl.Expr:
    """Return the band of a duration by calendar months; two years are 730 days."""
    names = DURATION.values
    return (
        pl.when(start.is_null() | end.is_null() | (end < start))
        .then(pl.lit(NOT_KNOWN))
        .when((end - start).dt.total_days() >= TWO_YEARS)
        .then(pl.lit(names[4]))
        .when(end <= start.dt.offset_by("3mo"))
        .then(pl.lit(names[0]))
        .when(end <= start.dt.offset_by("6mo"))
        .then(pl.lit(names[1]))
        .when(end < start.dt.offset_by("12mo"))
        .then(pl.lit(names[2]))
        .otherwise(pl.lit(names[3]))
        .alias(DURATION.name)
    )


def is_yes(column: str) -> pl.Expr:
    """Whether a flag is set, however the return writes it; null counts as not set."""
    return _flag(column).is_in(["1", "true", "y", "yes"]).fill_null(False)


def is_no(column: str) -> pl.Expr:
    """Whether a flag is given and not set."""
    return _flag(column).is_in(["0", "false", "n", "no"]).fill_null(False)


def _flag(column: str) -> pl.Expr:
    """Return a flag in lower case, without the letter a list numbers its answers by: `a) Yes`."""
    return pl.col(column).cast(pl.String).str.to_lowercase().str.replace(r"^[a-z]\)\s*", "")
