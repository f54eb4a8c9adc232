"""Health, offending and emotional wellbeing of children looked after for twelve months (module OC2).

A child of the denominator without a row in the module counts as not known: below the line, never
above it; H0 tells how many.

Source: LAIT measures 3, 202, 239, 162; EES methodology; validation rule 186 for who has a score.
"""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from transforms.indicators.episodes import looked_after
from transforms.indicators.looked_after import EPISODE_FIELDS, RETURN, counted
from transforms.indicators.model import MEAN, PERCENT, TOTAL, Indicator, Leftover, Scope, in_bands
from transforms.indicators.people import AGE, BIRTH, PEOPLE, is_yes
from transforms.returns.calendar import years_between
from transforms.returns.looked_after import continuously_looked_after

CONCERN = 17  # 0 to 13 normal, 14 to 16 borderline
HIGHEST = 40
_TWELVE_MONTHS = "Children looked after on 31 March and for the twelve months before"
_BANDS = {"cla12_0_4": AGE.values[:2], "cla12_10": AGE.values[3:5]}
_FIELDS = (*EPISODE_FIELDS, "Episodes.RNE")


def twelve_months(scope: Scope) -> pl.LazyFrame:
    """Return children looked after on the last day and continuously for the year, with their row of OC2.

    `is_assessed` tells whether they have one; a child with several has the last.
    """
    return scope.held("twelve months", _twelve_months)


def _twelve_months(scope: Scope) -> pl.LazyFrame:
    rows = looked_after(scope).join(continuously_looked_after(scope.data), on="CHILD", how="semi")
    found = scope.table("OC2").filter(pl.col("CHILD").is_not_null()).unique("CHILD", keep="last", maintain_order=True)
    present = [n for n in found.collect_schema().names() if n not in ("CHILD", "DOB", "row_number")]
    return rows.join(found.select("CHILD", *present, pl.lit(True).alias("is_assessed")), on="CHILD", how="left")


def _of(column: str, youngest: int = 0, oldest: int | None = None) -> Callable[[Scope], pl.LazyFrame]:
    def measure(scope: Scope) -> pl.LazyFrame:
        rows = twelve_months(scope)
        if youngest or oldest is not None:
            age = years_between(pl.col(BIRTH), pl.lit(scope.end))
            rows = rows.filter((age >= youngest) & (age <= (oldest if oldest is not None else 200)))
        return counted(rows, is_yes(column))

    return measure


def _not_known(scope: Scope) -> pl.LazyFrame:
    return counted(twelve_months(scope), pl.col("is_assessed").is_null())


def _scored(scope: Scope) -> pl.LazyFrame:
    """Return children of the ages that have a score, with `score` where it is one."""
    at_start = years_between(pl.col(BIRTH), pl.lit(scope.start))
    at_end = years_between(pl.col(BIRTH), pl.lit(scope.end))
    score = pl.col("SDQ_SCORE").cast(pl.Int64, strict=False)
    return (
        twelve_months(scope)
        .filter((at_start >= 4) & (at_end < 17))
        .with_columns(pl.when(score.is_between(0, HIGHEST)).then(score).alias("score"))
    )


def _completed(scope: Scope) -> pl.LazyFrame:
    return counted(_scored(scope), pl.col("score").is_not_null())


def _average(scope: Scope) -> pl.LazyFrame:
    rows = _scored(scope).filter(pl.col("score").is_not_null())
    return rows.with_columns(pl.col("score").alias("numerator"), pl.lit(1).alias("denominator"))


def _concern(scope: Scope) -> pl.LazyFrame:
    return counted(_scored(scope).filter(pl.col("score").is_not_null()), pl.col("score") >= CONCERN)


def _with_a_row(code: str, of: str) -> tuple[Leftover, ...]:
    """Return what those of some ages leave who have a row in the module that says no."""
    bands = [AGE.label(band) for band in _BANDS.get(of, ())]
    of_all = Leftover(((of, TOTAL),), ((f"{code} yes", TOTAL), *(("H0 yes", band) for band in bands)))
    of_each = (Leftover(((of, band),), ((f"{code} yes", band), ("H0 yes", band))) for band in bands)
    return (of_all, *of_each) if bands else ()


def _entry(
    code: str,
    title: str,
    column: str,
    polarity: str,
    source: str,
    published: str | None = None,
    ages: tuple[int, int | None] = (0, None),
    of: str = "cla12",
) -> Indicator:
    below = _TWELVE_MONTHS + {"cla12": "", "cla12_0_4": ", aged 0 to 4", "cla12_10": ", aged 10 or over"}[of]
    return Indicator(
        code,
        title,
        f"{column} is recorded as yes; a child without a row counts as not.",
        f"Of those, {column} = 1",
        below,
        PERCENT,
        0,
        polarity,
        RETURN,
        source,
        _of(column, *ages),
        (*_FIELDS, f"OC2.{column}", "Header.DOB"),
        PEOPLE,
        published_code=published,
        counts=(f"{code} yes", of),
        is_part=True,
        below_within=("cla",) if of == "cla12" else ("cla12",),
        below_adds=tuple(("cla12", AGE.label(band)) for band in _BANDS.get(of, ())),
        below_same=tuple(("cla12", AGE.label(band)) for band in _BANDS.get(of, ())),
        rest=("H0 yes",) if of == "cla12" else (),
        leaves=_with_a_row(code, of),
    )


INDICATORS = (
    Indicator(
        "H0",
        "Health information not known",
        "No row in the module for a child it should hold.",
        "Of those, without a row in OC2",
        _TWELVE_MONTHS,
        PERCENT,
        0,
        "low",
        RETURN,
        "INF",
        _not_known,
        (*_FIELDS, "OC2.CHILD", "Header.DOB"),
        PEOPLE,
        counts=("H0 yes", "cla12"),
        is_part=True,
    ),
    _entry("H1", "Health assessment", "HEALTH_ASSESSMENT", "high", "LAIT 3", "lachealth"),
    _entry("H2", "Dental check", "TEETH_CHECK", "high", "LAIT 3", "lacdental"),
    _entry("H3", "Immunisations up to date", "IMMUNISATIONS", "high", "LAIT 3", "lacvaccinations"),
    _entry("H4", "Development checks up to date", "HEALTH_CHECK", "high", "EES", None, (0, 4), "cla12_0_4"),
    _entry("H5", "Convicted or cautioned", "CONVICTED", "low", "LAIT 202", "lac_convictions", (10, None), "cla12_10"),
    _entry("H6", "Substance misuse", "SUBSTANCE_MISUSE", "low", "LAIT 239", "lacsubstance"),
    Indicator(
        "H7",
        "Strengths and difficulties score given",
        "A score of 0 to 40.",
        "Of those, with a score of 0 to 40",
        f"{_TWELVE_MONTHS}, 4 or over on 1 April and under 17 on 31 March",
        PERCENT,
        0,
        "high",
        RETURN,
        "VAL 186",
        _completed,
        (*_FIELDS, "OC2.SDQ_SCORE", "Header.DOB"),
        PEOPLE,
        counts=("scored", "cla12_sdq"),
        below_within=("cla12",),
        below_same=tuple(("cla12", AGE.label(band)) for band in AGE.values[2:4]),
        leaves=tuple(
            Leftover(in_bands("cla12_sdq", AGE, band), in_bands("scored", AGE, band) + in_bands("H0 yes", AGE, band))
            for band in AGE.values[2:4]
        ),
        is_part=True,
    ),
    Indicator(
        "H8",
        "Average strengths and difficulties score",
        "Mean of the scores.",
        "Sum of scores",
        "Children with a score",
        MEAN,
        1,
        "low",
        RETURN,
        "LAIT 162",
        _average,
        (*_FIELDS, "OC2.SDQ_SCORE", "Header.DOB"),
        PEOPLE,
        published_code="emotional_lac",
        counts=("scores", "scored"),
        is_amount=True,
    ),
    Indicator(
        "H9",
        "Score is a cause for concern",
        "A score of 17 or more.",
        "Of those, with a score of 17 to 40",
        "Children with a score",
        PERCENT,
        0,
        "low",
        RETURN,
        "LAIT 162",
        _concern,
        (*_FIELDS, "OC2.SDQ_SCORE", "Header.DOB"),
        PEOPLE,
        counts=("concern", "scored"),
        is_part=True,
    ),
)
