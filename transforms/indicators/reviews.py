"""Reviews of children looked after: held when due, and with the child's part in them.

Neither is published by the department. Due: the first within 20 working days of the start of care,
the second within three months of the first, every other within six months of the one before.

Source: statutory timescales as quoted in the reference, 1.3; the forms here are inferred.
"""

from __future__ import annotations

import polars as pl

from transforms.indicators.episodes import in_year, looked_after
from transforms.indicators.looked_after import EPISODE_FIELDS, RETURN, counted
from transforms.indicators.model import PERCENT, Indicator, Leftover, Measured, Scope, same
from transforms.indicators.people import PEOPLE
from transforms.returns.calendar import bank_holidays

FIRST_WITHIN = 20  # working days
TOOK_PART = ("PN1", "PN2", "PN3", "PN5", "PN6")
INVITED = ("PN1", "PN2", "PN3", "PN4", "PN5", "PN6", "PN7")
_BEFORE = "Reviews before the returns at hand are not known; what was due by them is not judged."


def _on_time(scope: Scope) -> Measured:
    rows = scope.held("reviewed", _judged)
    unseen = rows.select((pl.col("spell_start") < scope.first_start).any()).collect().item()
    return Measured(
        rows.select("numerator", "denominator", *(d.name for d in PEOPLE)),
        _BEFORE if unseen else "",
        bool(unseen) and not scope.has_previous,
    )


def _judged(scope: Scope) -> pl.LazyFrame:
    """Return children whose first review was due by the last day, on time (`numerator`) or not."""
    wanted = looked_after(scope).filter(_first_due(scope) <= scope.end)
    return (
        wanted.join(_reviews(scope, wanted), on="CHILD", how="left")
        .with_columns(pl.col("is_late").fill_null(True).not_().cast(pl.Int64).alias("numerator"))
        .with_columns(pl.lit(1).alias("denominator"))
    )


def _first_due(scope: Scope) -> pl.Expr:
    days = list(scope.data.holidays or bank_holidays())
    return pl.col("spell_start").dt.add_business_days(FIRST_WITHIN, holidays=days, roll="backward")


def _reviews(scope: Scope, wanted: pl.LazyFrame) -> pl.LazyFrame:
    """Return whether any review of each child was late (`is_late`): held after it was due, or not held."""
    held = (
        scope.years("Reviews")
        .filter(pl.col("REVIEW") <= scope.end)
        .select("CHILD", "REVIEW")
        .unique()
        .join(wanted.select("CHILD", "spell_start"), on="CHILD")
        .filter(pl.col("REVIEW") >= pl.col("spell_start"))
        .select("CHILD", "REVIEW")
    )
    # One row more a child, for the review that comes after the last.
    steps = (
        pl.concat([held, wanted.select("CHILD", pl.lit(None, pl.Date).alias("REVIEW"))])
        .join(wanted.select("CHILD", "spell_start"), on="CHILD")
        .sort(pl.col("CHILD").to_physical(), "REVIEW", nulls_last=True)
        .with_columns(pl.int_range(pl.len()).over("CHILD").alias("number"))
        .with_columns(pl.col("REVIEW").shift(1).alias("before"))
    )
    is_unseen = pl.col("spell_start") < scope.first_start
    due = (
        pl.when(pl.col("number") == 0)
        .then(pl.when(~is_unseen).then(_first_due(scope)))
        .when((pl.col("number") == 1) & ~is_unseen)
        .then(pl.col("before").dt.offset_by("3mo"))
        .otherwise(pl.col("before").dt.offset_by("6mo"))
    )
    fell_due = pl.col("due").is_between(scope.start, scope.end)
    is_late = (fell_due & (pl.col("REVIEW") > pl.col("due")).fill_null(True)) | (
        pl.col("REVIEW").is_null() & (pl.col("due") <= scope.end)
    )
    # Nobody's reviews are known of a child without any since before the returns at hand: it is overdue.
    is_late = is_late | (is_unseen & (pl.col("number") == 0) & pl.col("REVIEW").is_null())
    return steps.with_columns(due.alias("due")).group_by("CHILD").agg(is_late.fill_null(False).any().alias("is_late"))


def _participation(scope: Scope) -> pl.LazyFrame:
    rows = (
        scope.table("Reviews")
        .filter(scope.within("REVIEW") & pl.col("REVIEW_CODE").is_in(INVITED))
        .select("CHILD", "REVIEW", "REVIEW_CODE")
        .unique(["CHILD", "REVIEW"], keep="last", maintain_order=True)
        .join(in_year(scope), on="CHILD")
    )
    return counted(rows, pl.col("REVIEW_CODE").is_in(TOOK_PART))


INDICATORS = (
    Indicator(
        "R1",
        "Reviewed on time",
        "All reviews that fell due in the year held when due, none overdue on 31 March.",
        "Of those, with every review on time",
        "Looked after on 31 March and for at least 20 working days",
        PERCENT,
        0,
        "high",
        RETURN,
        "STD; INF",
        _on_time,
        (*EPISODE_FIELDS, "Episodes.RNE", "Reviews.REVIEW"),
        PEOPLE,
        counts=("reviewed", "review_due"),
        below_within=("cla",),
        leaves=(
            Leftover(same("review_due"), same("cla12"), "review_due", holds_always=False),
            Leftover(same("cla12", "cla_started"), same("review_due"), holds_always=False),
        ),
        is_part=True,
    ),
    Indicator(
        "R2",
        "Took part in reviews",
        "The child attended or gave views.",
        "Reviews with PN1 PN2 PN3 PN5 PN6",
        "Reviews in the year of children aged 4 or over (PN1 to PN7)",
        PERCENT,
        0,
        "high",
        RETURN,
        "INF",
        _participation,
        (*EPISODE_FIELDS, "Reviews.REVIEW", "Reviews.REVIEW_CODE"),
        PEOPLE,
        counts=("took_part", "reviews"),
        is_part=True,
    ),
)
