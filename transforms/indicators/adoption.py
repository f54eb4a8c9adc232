"""Adoption: how long it took those who were adopted, and decisions, orders and reversals by quarter.

Means are published over three years; one year is given too. An adopted child's spell may have begun
before the returns at hand; the value is then marked as unreliable.

Source: adoption scorecard description; LG Inform; DfE dashboard text; ASGLB measures A15 and A16.
"""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from transforms.indicators.episodes import (
    FOR_ADOPTION,
    SAME_CARER,
    WITH_CURRENT_CARERS,
    ceased,
    days_between,
    episodes,
    with_people,
)
from transforms.indicators.looked_after import EPISODE_FIELDS, RETURN, number
from transforms.indicators.model import COUNT, DAYS, MEAN, PERCENT, Indicator, Measured, Scope
from transforms.indicators.people import PEOPLE, is_yes

ADOPTED = ("E11", "E12")
DAYS_IN_MONTH = 30.4375
THRESHOLD = 426  # days; fourteen months
SCORECARD_YEARS = 3
REVERSALS = ("RD1", "RD2", "RD3", "RD4")
_UNSEEN = "For some children the returns at hand do not reach back to the start of care or to the order."
_COLUMNS = (*(dimension.name for dimension in PEOPLE), "is_doubtful")


def adopted(scope: Scope) -> pl.LazyFrame:
    """Return children adopted in the year with the dates that timeliness is counted from.

    `spell_start`, `placed` (null: never placed for adoption), `moved_in` (start with the same carers),
    `order_date` (placement order, else freeing order), DATE_MATCH, FOSTER_CARE, `is_doubtful` (start of care unknown).
    """
    return scope.held("adopted", _adopted)


def _adopted(scope: Scope) -> pl.LazyFrame:
    left = ceased(scope).filter(pl.col("REC").is_in(ADOPTED)).select("CHILD", "spell", pl.col("DEC").alias("left"))
    spells = episodes(scope).join(left, on=["CHILD", "spell"], maintain_order="left")
    spells = spells.filter(pl.col("DECOM") <= pl.col("left"))
    is_placed = pl.col("PLACE").is_in(FOR_ADOPTION).fill_null(False)
    # The final run: placed episodes with no other after them; the chain: back to the last change of carer.
    others_after = (~is_placed).cast(pl.Int64).cum_sum(reverse=True).over("spell")
    carer = pl.when(~pl.col("RNE").is_in(SAME_CARER).fill_null(False)).then("DECOM").forward_fill().over("spell")
    ordered = pl.when(pl.col("LS") == "E1").then("DECOM")
    freed = pl.when(pl.col("LS") == "D1").then("DECOM")
    dates = (
        spells.with_columns(
            (others_after == 0).alias("is_final"),
            carer.fill_null(pl.col("DECOM").first().over("spell")).alias("with_carer"),
        )
        .group_by("CHILD", "spell", maintain_order=True)
        .agg(
            pl.col("spell_start").first(),
            pl.col("is_start_known").first(),
            pl.col("DECOM").filter(pl.col("is_final")).first().alias("placed"),
            pl.col("PLACE").filter(pl.col("is_final")).first().alias("placed_as"),
            pl.col("with_carer").filter(pl.col("is_final")).first().alias("with_carer"),
            pl.coalesce(ordered.min(), freed.min()).alias("order_date"),
        )
    )
    matches = (
        scope.table("AD1")
        .unique("CHILD", keep="last", maintain_order=True)
        .select("CHILD", "DATE_MATCH", is_yes("FOSTER_CARE"))
    )
    by_carers = pl.col("FOSTER_CARE").fill_null(False) | pl.col("placed_as").is_in(WITH_CURRENT_CARERS)
    return with_people(
        scope,
        dates.join(matches, on="CHILD", how="left").with_columns(
            pl.when(by_carers).then("with_carer").otherwise("placed").alias("moved_in"),
            (~pl.col("is_start_known")).alias("is_doubtful"),
        ),
    )


def _entered_to_placed(scope: Scope, end: str) -> pl.LazyFrame:
    rows = adopted(scope).filter(pl.col("placed").is_not_null())
    return rows.select(days_between("spell_start", end).alias("numerator"), pl.lit(1).alias("denominator"), *_COLUMNS)


def _order_to_match(scope: Scope) -> pl.LazyFrame:
    dates = ("placed", "order_date", "DATE_MATCH")
    rows = adopted(scope).filter(pl.all_horizontal(pl.col(name).is_not_null() for name in dates))
    days = days_between("order_date", "DATE_MATCH").clip(lower_bound=0)
    return rows.select(days.alias("numerator"), pl.lit(1).alias("denominator"), *_COLUMNS)


def _months(scope: Scope) -> pl.LazyFrame:
    return _order_to_match(scope).with_columns(pl.col("numerator") / DAYS_IN_MONTH)


def _quick(scope: Scope) -> pl.LazyFrame:
    return _entered_to_placed(scope, "placed").with_columns((pl.col("numerator") < THRESHOLD).cast(pl.Int64))


_ROWS: dict[str, Callable[[Scope], pl.LazyFrame]] = {
    "A1": lambda scope: _entered_to_placed(scope, "placed"),
    "A10": lambda scope: _entered_to_placed(scope, "moved_in"),
    "A2": _order_to_match,
    "A2M": _months,
    "A3": _quick,
}


def _over(code: str, years: int) -> Callable[[Scope], Measured]:
    def measure(scope: Scope) -> Measured:
        frames = [_ROWS[code](scope.at(scope.data.year - back)) for back in range(years)]
        rows = pl.concat(frames, how="vertical_relaxed")
        is_doubtful = bool(rows.select(pl.col("is_doubtful").any()).collect().item())
        return Measured(rows.drop("is_doubtful"), _UNSEEN if is_doubtful else "", is_doubtful)

    return measure


def _decided(scope: Scope) -> pl.LazyFrame:
    rows = scope.table("PlacedAdoption").filter(scope.within("DATE_PLACED"))
    return number(rows.select("CHILD", "DATE_PLACED").unique().select("CHILD"))


def _ordered(scope: Scope) -> pl.LazyFrame:
    year = scope.at(scope.data.year)
    first = episodes(year).filter(pl.col("LS") == "E1").group_by("CHILD").agg(pl.col("DECOM").min())
    return number(first.filter(scope.within("DECOM")))


def _reversed(scope: Scope) -> pl.LazyFrame:
    is_reversed = scope.within("DATE_PLACED_CEASED") & pl.col("REASON_PLACED_CEASED").is_in(REVERSALS)
    rows = scope.table("PlacedAdoption").filter(is_reversed)
    return number(rows.select("CHILD", "DATE_PLACED_CEASED").unique().select("CHILD"))


def _waiting(scope: Scope) -> pl.LazyFrame:
    """Return children with a decision, not placed for adoption, not reversed, looked after on the last day."""
    year = scope.at(scope.data.year)
    stands = (pl.col("DATE_PLACED") <= scope.end) & (
        pl.col("DATE_PLACED_CEASED").is_null() | (pl.col("DATE_PLACED_CEASED") > scope.end)
    )
    decided = (
        scope.years("PlacedAdoption")
        .filter(pl.col("collection_year") == scope.data.year)
        .filter(stands)
        .select("CHILD")
        .unique()
    )
    there = episodes(year).filter(
        (pl.col("collection_year") == scope.data.year)
        & (pl.col("DECOM") <= scope.end)
        & (pl.col("DEC").is_null() | (pl.col("DEC") > scope.end))
    )
    now = there.group_by("CHILD").agg(pl.col("PLACE").last())
    return number(decided.join(now.filter(~pl.col("PLACE").is_in(FOR_ADOPTION).fill_null(False)), on="CHILD"))


_DATES = (*EPISODE_FIELDS, "Episodes.RNE", "Episodes.PLACE")
_WITHIN = {"adopted_placed": ("AD left",), "adopted_matched": ("adopted_placed",)}
_ENTERED = "Children adopted in the period who were placed for adoption"
_MATCHED = "Children adopted in the period, placed, with a placement order and a match"


def _times(
    code: str,
    title: str,
    definition: str,
    above: str,
    unit: str,
    decimals: int,
    polarity: str,
    source: str,
    fields: tuple[str, ...],
    below: str,
    of: str,
) -> tuple[Indicator, Indicator]:
    is_share = unit == PERCENT

    def form(name: str, words: str, years: int, over: str) -> Indicator:
        return Indicator(
            name,
            f"{title} ({words})",
            definition,
            above,
            below,
            unit,
            decimals,
            polarity,
            RETURN,
            source,
            _over(code, years),
            (*fields, "Header.DOB"),
            PEOPLE if years > 1 else (),
            counts=(f"{code} sum{over}", f"{of}{over}"),
            is_part=is_share,
            is_amount=not is_share,
            years=years,
            years_of=code if years > 1 else "",
            below_within=tuple(f"{name}{over}" for name in _WITHIN[of]),
            below_within_years=_WITHIN[of] if years > 1 else (),
        )

    return (
        form(code, "one year", 1, ""),
        form(f"{code}_3Y", "three years", SCORECARD_YEARS, " of three years"),
    )


def _quarterly(
    code: str,
    title: str,
    above: str,
    polarity: str,
    source: str,
    measure: Callable[[Scope], pl.LazyFrame],
    fields: tuple[str, ...],
) -> Indicator:
    return Indicator(
        code,
        title,
        f"{title}, by quarter.",
        above,
        "",
        COUNT,
        0,
        polarity,
        RETURN,
        source,
        measure,
        fields,
        is_quarterly=True,
    )


_PLACED = ("PlacedAdoption.DATE_PLACED", "PlacedAdoption.DATE_PLACED_CEASED")
INDICATORS = (
    *_times(
        "A1",
        "Days from entering care to moving in with the adoptive family",
        "From the start of the spell to the first day of the final unbroken run of placements for adoption.",
        "Sum of days",
        DAYS,
        0,
        "low",
        "ASC",
        _DATES,
        _ENTERED,
        "adopted_placed",
    ),
    *_times(
        "A10",
        "Days from entering care to moving in, stopped at fostering by the adopters",
        "As A1; for children adopted by their carers, to the day they moved in with them as foster children.",
        "Sum of days",
        DAYS,
        0,
        "low",
        "ASC; INF chain of carers",
        (*_DATES, "AD1.FOSTER_CARE"),
        _ENTERED,
        "adopted_placed",
    ),
    *_times(
        "A2",
        "Days from placement order to match",
        "A match before the order counts as no days.",
        "Sum of days",
        DAYS,
        0,
        "low",
        "ASC; LG Inform",
        (*_DATES, "AD1.DATE_MATCH"),
        _MATCHED,
        "adopted_matched",
    ),
    *_times(
        "A2M",
        "Months from placement order to match",
        "As A2, in months of 30.4375 days.",
        "Sum of months",
        MEAN,
        1,
        "low",
        "DASH; INF divisor",
        (*_DATES, "AD1.DATE_MATCH"),
        _MATCHED,
        "adopted_matched",
    ),
    *_times(
        "A3",
        "Moved in within fourteen months of entering care",
        "A1 is under 426 days.",
        "Of those, with A1 under 426 days",
        PERCENT,
        0,
        "high",
        "ASC; INF one of the old thresholds",
        _DATES,
        _ENTERED,
        "adopted_placed",
    ),
    _quarterly(
        "A15",
        "Decisions that a child should be placed for adoption",
        "Decisions dated in the quarter",
        "none",
        "ASGLB A15; INF",
        _decided,
        _PLACED,
    ),
    _quarterly(
        "A16",
        "Placement orders granted",
        "Children whose first placement order (E1) is in the quarter",
        "none",
        "ASGLB A16; INF",
        _ordered,
        ("Episodes.CHILD", "Episodes.DECOM", "Episodes.LS"),
    ),
    _quarterly(
        "AWAIT",
        "Children waiting for adoption",
        "Children with a standing decision, not placed, on the last day of the quarter",
        "none",
        "ASGLB; INF",
        _waiting,
        (*_PLACED, *EPISODE_FIELDS, "Episodes.PLACE"),
    ),
    _quarterly(
        "AREV",
        "Adoption decisions reversed",
        "Decisions ended in the quarter with RD1 to RD4",
        "none",
        "ASGLB; INF",
        _reversed,
        (*_PLACED, "PlacedAdoption.REASON_PLACED_CEASED"),
    ),
)
