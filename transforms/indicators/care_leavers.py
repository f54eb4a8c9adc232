"""Care leavers around their birthday: in touch, accommodation, activity, staying put (module OC3).

The total is the department's headline, ages 19 to 21; other ages stand beside it. Those not in touch,
who refused or no longer need a service stay below the line.

Source: LAIT measures 317, 112, 113, 220, 221, 354.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl

from transforms.indicators.episodes import FOSTER, children, episodes
from transforms.indicators.looked_after import RETURN, counted, number
from transforms.indicators.model import (
    BESIDE,
    COLLECTION_YEAR,
    COUNT,
    PERCENT,
    TOTAL,
    Dimension,
    Indicator,
    Leftover,
    Measured,
    Scope,
    same,
)
from transforms.indicators.people import BIRTH, ETHNICITY, SEX
from transforms.returns.calendar import years_between
from transforms.returns.looked_after import SHORT_BREAKS

AGES = Dimension(
    "Age",
    ("17 years", "18 years", "17 to 18 years", "19 years", "20 years", "21 years"),
    (("17 to 18 years", ("17 years", "18 years")), (TOTAL, ("19 years", "20 years", "21 years"))),
)
_YEARS = {age: f"{age} years" for age in range(17, 22)}
LEFT_OUT = ("DIED", "RHOM")
GONE = ("G", "H", "R")  # abroad, deported, residence not known
LEARNING = ("F1", "P1", "F2", "P2", "F4", "P4", "F5", "P5", "F3", "P3")
HIGHER = ("F1", "P1")
NEITHER = ("G4", "G5", "G6")
STAYING_PUT = ("Z1", "Z2")
_FIELDS = ("OC3.CHILD", "OC3.DOB", "OC3.IN_TOUCH")
_COHORT = "Care leavers aged 19 to 21, without those who died or returned home"
_SHORT = "The returns at hand do not reach back to every eighteenth birthday."


def cohort(scope: Scope) -> pl.LazyFrame:
    """Return care leavers with `age` reached in the year (17 to 21), sex and ethnic group, each once."""
    return scope.held("care leavers", _cohort)


def _cohort(scope: Scope) -> pl.LazyFrame:
    rows = scope.table("OC3").filter(pl.col("CHILD").is_not_null()).unique("CHILD", keep="last", maintain_order=True)
    known = (
        children(scope)
        if "Header" in scope.data
        else rows.select("CHILD")
        .head(0)
        .with_columns(pl.lit(None, pl.Date).alias(BIRTH), pl.lit("").alias(SEX.name), pl.lit("").alias(ETHNICITY.name))
    )
    rows = rows.join(known.select("CHILD", BIRTH, SEX.name, ETHNICITY.name), on="CHILD", how="left")
    born = pl.coalesce("DOB", BIRTH) if "DOB" in rows.collect_schema().names() else pl.col(BIRTH)
    rows = rows.with_columns(
        born.alias(BIRTH), pl.col(SEX.name).fill_null("Not known"), pl.col(ETHNICITY.name).fill_null("Not known")
    ).with_columns(years_between(pl.col(BIRTH), pl.lit(scope.end)).alias("age"))
    rows = rows.filter(pl.col("age").is_between(17, 21) & ~pl.col("IN_TOUCH").is_in(LEFT_OUT).fill_null(False))
    return rows.join(_short_breaks_only(scope), on="CHILD", how="anti") if "Episodes" in scope.data else rows


def _short_breaks_only(scope: Scope) -> pl.LazyFrame:
    is_short = pl.col("LS").is_in(SHORT_BREAKS).fill_null(False)
    return scope.years("Episodes").group_by("CHILD").agg(is_short.all().alias("only")).filter("only").select("CHILD")


def _by_age(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Give every row of 19 to 21 to the total and its age, and one of 17 or 18 to the bands beside it."""
    age = _in_years(AGES.name)
    is_older = pl.col("age") >= 19
    return pl.concat(
        [
            rows.filter(is_older).with_columns(age, pl.lit(False).alias(BESIDE)),
            _beside(rows.filter(~is_older), age),
            _beside(rows.filter(~is_older), pl.lit("17 to 18 years").alias(AGES.name)),
        ]
    )


def _in_years(name: str) -> pl.Expr:
    """Return the age as its band is written, under a name."""
    # Looked up, not put together: Polars 2.1 at times panics on `pl.format` over a plan of this shape.
    return pl.col("age").replace_strict(_YEARS, default=None, return_dtype=pl.String).alias(name)


def _beside(rows: pl.LazyFrame, band: pl.Expr) -> pl.LazyFrame:
    blank = pl.lit(None, pl.String)
    return rows.with_columns(band, blank.alias(SEX.name), blank.alias(ETHNICITY.name), pl.lit(True).alias(BESIDE))


def _of(numerator: pl.Expr, kept: pl.Expr | None = None) -> Callable[[Scope], pl.LazyFrame]:
    def measure(scope: Scope) -> pl.LazyFrame:
        rows = cohort(scope) if kept is None else cohort(scope).filter(kept)
        return _by_age(counted(rows, numerator))

    return measure


_letter = pl.col("ACCOM").str.slice(0, 1).is_in(GONE).fill_null(False)
_suitable = pl.col("ACCOM").str.ends_with("1") & (pl.col("ACCOM").str.len_chars() == 2)


def _eighteenth(born: pl.Expr) -> pl.Expr:
    """Return the eighteenth birthday; of those born on 29 February, 1 March."""
    day = born.dt.offset_by("18y")
    return pl.when(day.dt.day() != born.dt.day()).then(day.dt.offset_by("1d")).otherwise(day)


def _staying(scope: Scope) -> Measured:
    """Return those of 18 to 20 who were in foster care on their eighteenth birthday: the total is all of them."""
    rows = cohort(scope).filter(pl.col("age").is_between(18, 20)).with_columns(_eighteenth(pl.col(BIRTH)).alias("day"))
    past = episodes(scope).select("CHILD", "DECOM", "DEC", "PLACE", COLLECTION_YEAR)
    last = (
        rows.select("CHILD", "day")
        .join(past, on="CHILD")
        .filter((pl.col("DECOM") <= pl.col("day")) & (pl.col("DEC").is_null() | (pl.col("DEC") >= pl.col("day"))))
        .sort("DECOM", "DEC", nulls_last=True)
        .unique("CHILD", keep="last", maintain_order=True)
        .filter(pl.col("PLACE").is_in(FOSTER))
    )
    placed = rows.join(last.select("CHILD"), on="CHILD", how="semi")
    staying = counted(placed, pl.col("ACCOM").is_in(STAYING_PUT)).with_columns(_in_years(STAYING_AGES.name))
    reaches = scope.first_start.year <= scope.end.year - 3
    return Measured(staying, "" if reaches else _SHORT, not reaches)


STAYING_AGES = Dimension("Age", ("18 years", "19 years", "20 years"), ((TOTAL, ("18 years", "19 years", "20 years")),))


def _entry(
    code: str,
    title: str,
    above: str,
    polarity: str,
    source: str,
    numerator: pl.Expr,
    fields: tuple[str, ...],
    below: str = _COHORT,
    of: str = "care_leavers",
    kept: pl.Expr | None = None,
    **more: Any,
) -> Indicator:
    return Indicator(
        code,
        title,
        f"{above}, at ages 19 to 21.",
        above,
        below,
        PERCENT,
        0,
        polarity,
        RETURN,
        source,
        _of(numerator, kept),
        (*_FIELDS, *fields),
        (AGES, SEX, ETHNICITY),
        counts=(f"{code} yes", of),
        is_part=True,
        **more,
    )


_suitable_of = "care_leavers_placed"
INDICATORS = (
    _entry("CL1", "In touch", "IN_TOUCH = YES", "high", "LAIT 317", pl.col("IN_TOUCH") == "YES", ()),
    _entry(
        "CL2",
        "In suitable accommodation",
        "ACCOM ends in 1",
        "high",
        "LAIT 112",
        _suitable,
        ("OC3.ACCOM",),
        f"{_COHORT}, and without those abroad, deported or of unknown residence",
        _suitable_of,
        ~_letter,
        published_code="careleaveracc",
        below_within=("care_leavers",),
    ),
    Indicator(
        "CL2N",
        "Care leavers in suitable accommodation",
        "As CL2, in number.",
        "ACCOM ends in 1",
        "",
        COUNT,
        0,
        "none",
        RETURN,
        "LAIT 112",
        lambda s: _by_age(number(cohort(s).filter(~_letter & _suitable))),
        (*_FIELDS, "OC3.ACCOM"),
        (AGES, SEX, ETHNICITY),
        published_code="nocareleaveracc",
        counts=("CL2 yes", ""),
    ),
    Indicator(
        "CLN",
        "Care leavers",
        "Those around their 19th to 21st birthday.",
        _COHORT,
        "",
        COUNT,
        0,
        "none",
        RETURN,
        "LAIT 333",
        lambda s: _by_age(number(cohort(s))),
        _FIELDS,
        (AGES, SEX, ETHNICITY),
        published_code="nocareleavers",
        counts=("care_leavers", ""),
    ),
    _entry(
        "CL3",
        "In education, employment or training",
        "ACTIV is one of F1 P1 F2 P2 F4 P4 F5 P5 (F3 P3)",
        "high",
        "LAIT 113",
        pl.col("ACTIV").is_in(LEARNING),
        ("OC3.ACTIV",),
    ),
    _entry(
        "CL4",
        "In higher education",
        "ACTIV is F1 or P1",
        "high",
        "LAIT 220",
        pl.col("ACTIV").is_in(HIGHER),
        ("OC3.ACTIV",),
        within=("CL3 yes",),
    ),
    _entry(
        "CL5",
        "Not in education, employment or training",
        "ACTIV is G4, G5 or G6",
        "low",
        "LAIT 221",
        pl.col("ACTIV").is_in(NEITHER),
        ("OC3.ACTIV",),
        rest=("CL3 yes",),
        leaves=(
            Leftover(same("care_leavers"), same("CL4 yes", "CL5 yes")),
            # Nothing is told of those not in touch.
            Leftover(same("CL1 yes"), same("CL2 yes"), holds_always=False),
            Leftover(same("CL1 yes"), same("CL3 yes", "CL5 yes"), holds_always=False),
            Leftover(same("CL1 yes"), same("CL4 yes", "CL5 yes"), holds_always=False),
            Leftover(same("CL1 yes"), same("CL3 yes"), holds_always=False),
            Leftover(same("CL1 yes"), same("CL5 yes"), holds_always=False),
        ),
    ),
    Indicator(
        "CL6",
        "Staying put",
        "Still with their former foster carers.",
        "Of those, ACCOM is Z1 or Z2",
        "Care leavers aged 18 to 20 in foster care on their eighteenth birthday",
        PERCENT,
        0,
        "high",
        RETURN,
        "LAIT 354",
        _staying,
        (*_FIELDS, "OC3.ACCOM", "Episodes.DECOM", "Episodes.DEC", "Episodes.PLACE"),
        (STAYING_AGES, SEX, ETHNICITY),
        counts=("CL6 yes", "foster_at_18"),
        below_within_at=tuple(("care_leavers", STAYING_AGES.label(age)) for age in STAYING_AGES.values),
        is_part=True,
    ),
)
