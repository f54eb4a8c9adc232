"""Frames of Annex A that its indicators share, and how an indicator of a list is declared.

The window is the six months up to the day of the lists, without the day they start on; counts in it
stand for half a year. All forms are inferred from the yearly measures unless their entry says otherwise.

Source: reference, indicators 4; Ofsted Annex A guidance on the windows of the lists.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl

from transforms.indicators.model import (
    COUNT,
    DAYS,
    PERCENT,
    RATE,
    Dimension,
    Indicator,
    Measure,
    Measured,
    Scope,
    within_a_sentence,
)
from transforms.indicators.people import AGE, BIRTH, ETHNICITY, PEOPLE, SEX, age_band, label

RETURN = "annex_a"
CHILD = "Child Unique ID"
Condition = Callable[[Scope], pl.Expr]
Step = Callable[[pl.LazyFrame], pl.LazyFrame]
Judge = Callable[[Scope, pl.LazyFrame], Measured]
Add = Callable[[pl.LazyFrame, Scope], pl.LazyFrame]
_NOT_TOLD = "Some rows do not tell the number this rests on: they stand below the line and not above it."
_SEXES = {"a)": "Male", "b)": "Female"}
_GROUPS = dict(zip(("a)", "b)", "c)", "d)", "e)"), ETHNICITY.values, strict=False))


def back(scope: Scope, span: str) -> pl.Expr:
    """Return the day of the lists shifted back by a span such as `6mo`, at the end of a shorter month."""
    return pl.lit(scope.end).dt.offset_by(f"-{span}")


def recent(column: str, span: str = "6mo") -> Condition:
    """Whether a date lies in the span up to the day of the lists."""
    return lambda scope: (pl.col(column) > back(scope, span)) & (pl.col(column) <= scope.end)


def since(column: str, span: str) -> Condition:
    """Whether a date is no older than the span, its first day included."""
    return lambda scope: (pl.col(column) >= back(scope, span)) & (pl.col(column) <= scope.end)


def standing(start: str, end: str) -> Condition:
    """Whether something that has begun has not ended by the day of the lists."""
    begun = pl.col(start)
    ended = pl.col(end)
    return lambda scope: (begun.is_null() | (begun <= scope.end)) & (ended.is_null() | (ended > scope.end))


def letter(column: str) -> pl.Expr:
    """Return the letter of a category, such as `a)`."""
    return pl.col(column).str.slice(0, 2).str.to_lowercase()


def rows_of(scope: Scope, number: int) -> pl.LazyFrame:
    """Return a list with characteristics on its day."""
    return scope.held(f"list {number}", lambda scope: _rows(scope, number))


def _rows(scope: Scope, number: int) -> pl.LazyFrame:
    rows = scope.table(f"list_{number}")
    present = rows.collect_schema().names()
    born = pl.col("Date of Birth") if "Date of Birth" in present else pl.lit(None, pl.Date)
    blank = pl.lit(None, pl.String)
    return rows.with_columns(born.alias(BIRTH)).with_columns(
        pl.when(pl.col(BIRTH) > scope.end).then(pl.lit(AGE.values[0])).otherwise(age_band(scope.end)).alias(AGE.name),
        label(SEX, letter("Gender") if "Gender" in present else blank, _SEXES),
        label(ETHNICITY, letter("Ethnicity") if "Ethnicity" in present else blank, _GROUPS),
    )


def once(start: str) -> Callable[[pl.LazyFrame], pl.LazyFrame]:
    """Return a step that keeps of each child the row that began last."""
    return lambda rows: rows.sort(start, maintain_order=True).unique(CHILD, keep="last", maintain_order=True)


def every(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Keep all rows."""
    return rows


def told_of_all(column: str) -> Judge:
    """Return what doubts a share of a number that some rows do not tell: they stand below the line, not above it."""

    def judge(scope: Scope, rows: pl.LazyFrame) -> Measured:
        del scope
        has_gaps = bool(rows.select(pl.col(column).is_null().any()).collect().item())
        return Measured(rows, _NOT_TOLD if has_gaps else "", has_gaps)

    return judge


def _measure(
    number: int,
    below: Condition | None,
    above: Condition | None,
    is_ratio: bool,
    step: Step,
    judge: Judge | None,
    add: Add | None,
) -> Measure:
    def measure(scope: Scope) -> Measured | pl.LazyFrame:
        rows = rows_of(scope, number)
        rows = step(rows.filter(below(scope)) if below is not None else rows)
        rows = add(rows, scope) if add is not None else rows
        is_above = above(scope).fill_null(False).cast(pl.Int64) if above is not None else pl.lit(1)
        rows = rows.with_columns(is_above.alias("numerator"))
        if is_ratio:
            rows = rows.with_columns(pl.lit(1).alias("denominator"))
        return judge(scope, rows) if judge is not None else rows

    return measure


def listed(
    code: str,
    title: str,
    number: int,
    below: Condition | None,
    above: Condition | None = None,
    *,
    unit: str = PERCENT,
    polarity: str = "none",
    words: tuple[str, str] = ("", ""),
    fields: tuple[str, ...] = (),
    step: Step = every,
    counts: tuple[str, str] = ("", ""),
    dimensions: tuple[Dimension, ...] = PEOPLE,
    source: str = "INF",
    judge: Judge | None = None,
    add: Add | None = None,
    **more: Any,
) -> Indicator:
    """Declare an indicator on rows of one list.

    Args:
        code: of the indicator.
        title: its name.
        number: of the list.
        below: which rows count below the line; for counts and rates, the only ones counted.
        above: which of them count above it.
        unit: as of `Indicator`.
        polarity: as of `Indicator`.
        words: numerator and denominator in words.
        fields: columns it rests on.
        step: what narrows rows further, such as `once`.
        counts: as of `Indicator`.
        dimensions: as of `Indicator`.
        source: as of `Indicator`.
        judge: adds what is doubtful to the rows.
        add: gives rows a further column, such as a band.
        more: further attributes of `Indicator`.
    """
    measure = _measure(number, below, above, unit not in (COUNT, RATE), step, judge, add)
    decimals = {COUNT: 0, DAYS: 0}.get(unit, 1)
    named = tuple(f"list_{number}.{name}" for name in fields)
    definition = f"{words[0]}." if not words[1] else f"{words[0]}, of {within_a_sentence(words[1])}."
    head: tuple[Any, ...] = (code, title, definition, *words, unit, decimals, polarity, RETURN, source, measure, named)
    kinds: dict[str, Any] = {"counts": counts, "is_part": unit == PERCENT, "has_population": unit == RATE}
    kinds |= {"dimensions": dimensions if unit != RATE else (), **more}
    return Indicator(*head, **kinds)


def counted_and_rated(
    code: str, title: str, number: int, below: Condition, count: str, words: str, *, yearly: int = 2, **more: Any
) -> tuple[Indicator, Indicator]:
    """Declare a number and its rate per 10,000 a year."""
    rate = dict(more)
    rate.pop("dimensions", None)
    return (
        listed(f"{code}N", title, number, below, unit=COUNT, words=(words, ""), counts=(count, ""), **more),
        listed(
            code,
            f"{title} per 10,000",
            number,
            below,
            unit=RATE,
            words=(words, "Children aged 0 to 17"),
            counts=(count, "population"),
            yearly=yearly,
            **rate,
        ),
    )
