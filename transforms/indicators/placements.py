"""Where children are placed, how often they move, how long they stay, and how many social workers they had.

Source: LAIT measures 372, 393, 87, 396, 397, 398, 401; DfE dashboard text; reference 1.1 and 1.2.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import polars as pl

from transforms.indicators.distance import placed
from transforms.indicators.episodes import (
    FOR_ADOPTION,
    episodes,
    looked_after,
    own,
    placements,
    touches,
)
from transforms.indicators.looked_after import EPISODE_FIELDS, PLACEMENT, RETURN, counted, number, on_last_day
from transforms.indicators.model import COUNT, PERCENT, Indicator, Leftover, Measured, Scope, apart, same
from transforms.indicators.people import BIRTH, PEOPLE
from transforms.returns.calendar import years_between

MANY = 3
FAR = 20  # miles
STABLE_UNDER = 16
_MOVES = (*EPISODE_FIELDS, "Episodes.RNE", "Episodes.PLACE", "Episodes.PL_POST", "Episodes.URN")
_CLA = "Children looked after on 31 March"
_NO_START = "For some children the returns at hand do not reach back to the start of care or of the placement."


def placements_in_year(scope: Scope) -> pl.LazyFrame:
    """Return the number of placements in the year (`placements`) of each child looked after on the last day."""
    rows = own(scope).filter(touches(scope)).join(looked_after(scope).select("CHILD"), on="CHILD", how="semi")
    counts = (
        placements(rows.sort("order", "DECOM", "DEC", "place", nulls_last=True)).group_by("CHILD").len("placements")
    )
    return looked_after(scope).join(counts, on="CHILD", how="left")


def _many(scope: Scope) -> pl.LazyFrame:
    return counted(placements_in_year(scope), pl.col("placements") >= MANY)


def _long_term(scope: Scope) -> Measured:
    rows = scope.held("long term", _stability)
    doubtful = rows.select(pl.col("is_doubtful").any()).collect().item()
    kept = rows.filter("is_long").select("numerator", "denominator", *(d.name for d in PEOPLE))
    return Measured(kept, _NO_START if doubtful else "", bool(doubtful))


def _stability(scope: Scope) -> pl.LazyFrame:
    """Return children under 16 looked after on the last day: in long-term care, in one placement two years."""
    since = date(scope.end.year - 3, 9, 30)  # two and a half years before
    settled = date(scope.end.year - 2, 3, 31)
    young = looked_after(scope).filter(years_between(pl.col(BIRTH), pl.lit(scope.end)) < STABLE_UNDER)
    past = episodes(scope).filter(pl.col("DECOM") <= scope.end).join(young.select("CHILD"), on="CHILD", how="semi")
    stays = placements(past.sort("order", "DECOM", "DEC", "place", nulls_last=True)).with_columns(
        pl.when(pl.col("order") == pl.col("order").shift(1)).then(pl.col("placement_start").shift(1)).alias("before"),
        (pl.col("order") == pl.col("order").shift(1))
        .fill_null(False)
        .and_((pl.col("placement_end").shift(1) >= pl.col("placement_start")).fill_null(False))
        .alias("is_next"),
    )
    last = stays.filter((pl.col("order") != pl.col("order").shift(-1)).fill_null(True))
    is_settled = (pl.col("placement_start") <= settled) | (
        pl.col("PLACE_last").is_in(FOR_ADOPTION) & pl.col("is_next") & (pl.col("before") <= settled)
    )
    is_long = pl.col("spell_start") <= since
    is_settled = is_settled.fill_null(False)
    return (
        young.join(last.rename({"PLACE": "PLACE_last"}).drop("order", "placement"), on="CHILD", how="left")
        .with_columns(is_long.alias("is_long"), is_settled.alias("is_settled"))
        .with_columns(
            (
                (~pl.col("is_long") & ~pl.col("is_start_known"))
                | (pl.col("is_long") & ~pl.col("is_settled") & ~pl.col("is_placement_start_known").fill_null(True))
            ).alias("is_doubtful"),
            pl.col("is_settled").cast(pl.Int64).alias("numerator"),
            pl.lit(1).alias("denominator"),
        )
    )


def _many_workers(scope: Scope) -> pl.LazyFrame:
    touching = (pl.col("SW_DECOM") <= scope.end) & (pl.col("SW_DEC").is_null() | (pl.col("SW_DEC") >= scope.start))
    workers = scope.table("SWEpisodes").filter(touching).group_by("CHILD").agg(pl.col("SW_ID").drop_nulls().n_unique())
    return counted(looked_after(scope).join(workers, on="CHILD", how="left"), pl.col("SW_ID") >= MANY)


def _far(scope: Scope) -> pl.LazyFrame:
    is_far = (pl.col("PL_DISTANCE") > FAR) & (pl.col("PL_LOCATION") == "OUT")
    return counted(placed(scope), is_far)


def _far_at_all(scope: Scope) -> pl.LazyFrame:
    return counted(placed(scope), pl.col("PL_DISTANCE") > FAR)


def _kind(name: str) -> Callable[[Scope], pl.LazyFrame]:
    return lambda scope: counted(on_last_day(scope), pl.col(PLACEMENT.name) == name)


def _in(code: str, title: str, name: str, codes: str, polarity: str, source: str) -> Indicator:
    return Indicator(
        code,
        title,
        f"Placement on 31 March is {codes}.",
        f"Looked after on 31 March in {codes}",
        _CLA,
        PERCENT,
        0,
        polarity,
        RETURN,
        source,
        _kind(name),
        (*EPISODE_FIELDS, "Episodes.PLACE"),
        PEOPLE,
        counts=(f"{code} placed", "cla"),
        is_part=True,
        adds=(("cla", PLACEMENT.label(name)),),
    )


def _settled_only(scope: Scope) -> Measured:
    measured = _long_term(scope)
    return Measured(
        number(measured.rows.filter(pl.col("numerator") == 1)).drop("denominator"),
        measured.note,
        measured.is_unreliable,
    )


INDICATORS = (
    Indicator(
        "CLA5",
        "Three or more placements in the year",
        "Placements of 24 hours or more in the year, temporary ones and moves of legal status left out.",
        "Looked after on 31 March with three or more placements in the year",
        _CLA,
        PERCENT,
        0,
        "low",
        RETURN,
        "LAIT 372; INF temporary placements",
        _many,
        _MOVES,
        PEOPLE,
        leaves=apart("cla", *(f"{code} placed" for code in ("CLA8", "CLA9", "CLA10", "CLA11"))),
        published_code="lacstable_2016on",
        counts=("many_placements", "cla"),
        is_part=True,
    ),
    Indicator(
        "CLA5N",
        "Children with three or more placements in the year",
        "As CLA5, in number.",
        "Looked after on 31 March with three or more placements in the year",
        "",
        COUNT,
        0,
        "none",
        RETURN,
        "LAIT 372; INF temporary placements",
        lambda s: number(placements_in_year(s).filter(pl.col("placements") >= MANY)),
        _MOVES,
        PEOPLE,
        published_code="lacstablenum_2016on",
        counts=("many_placements", ""),
    ),
    Indicator(
        "CLA6",
        "Long-term placement stability",
        "Under 16, looked after for two and a half years or more, in the same placement for two.",
        "Of those, in the same placement for at least two years, or placed for adoption from it",
        "Looked after on 31 March, under 16, since 30 September two and a half years before or earlier",
        PERCENT,
        0,
        "high",
        RETURN,
        "LAIT 393; INF temporary placements",
        _long_term,
        (*_MOVES, "Header.DOB"),
        PEOPLE,
        published_code="lac_longstable",
        counts=("stable", "long_term"),
        below_within=("cla",),
        leaves=(Leftover(same("cla12"), same("long_term"), holds_always=False),),
        is_part=True,
    ),
    Indicator(
        "CLA6N",
        "Children in long-term stable placements",
        "As CLA6, in number.",
        "In the same placement for at least two years, or placed for adoption from it",
        "",
        COUNT,
        0,
        "none",
        RETURN,
        "LAIT 393; INF temporary placements",
        _settled_only,
        (*_MOVES, "Header.DOB"),
        PEOPLE,
        published_code="lac_longstablenum",
        counts=("stable", ""),
    ),
    Indicator(
        "CLA7",
        "Placed more than 20 miles from home and outside the authority",
        "By the episode open on 31 March.",
        "Looked after on 31 March, placed over 20 miles away and outside the authority",
        _CLA,
        PERCENT,
        0,
        "low",
        RETURN,
        "LAIT 87",
        _far,
        (*EPISODE_FIELDS, "Episodes.HOME_POST", "Episodes.PL_POST"),
        PEOPLE,
        counts=("far_outside", "cla"),
        is_part=True,
        within=("far",),
    ),
    Indicator(
        "CLA7b",
        "Placed more than 20 miles from home",
        "By the episode open on 31 March.",
        "Looked after on 31 March, placed over 20 miles away",
        _CLA,
        PERCENT,
        0,
        "low",
        RETURN,
        "DASH",
        _far_at_all,
        (*EPISODE_FIELDS, "Episodes.HOME_POST", "Episodes.PL_POST"),
        PEOPLE,
        counts=("far", "cla"),
        is_part=True,
    ),
    _in("CLA8", "In foster care", "Foster placements", "U1 to U6", "high", "LAIT 396"),
    _in(
        "CLA9", "In secure homes and children's homes", "Secure homes and children's homes", "K1 K2", "none", "LAIT 397"
    ),
    _in(
        "CLA10",
        "In supported accommodation",
        "Supported accommodation",
        "K3 (before 2025 also H5, P2)",
        "none",
        "LAIT 398",
    ),
    _in("CLA11", "Placed with parents", "Placed with parents", "P1", "high", "LAIT 401"),
    Indicator(
        "CLA12",
        "Three or more social workers in the year",
        "Distinct workers whose time with the child touches the year, looked after or not.",
        "Looked after on 31 March with three or more social workers in the year",
        _CLA,
        PERCENT,
        0,
        "low",
        RETURN,
        "LAIT; INF numerator among those looked after on 31 March",
        _many_workers,
        (*EPISODE_FIELDS, "SWEpisodes.SW_ID", "SWEpisodes.SW_DECOM", "SWEpisodes.SW_DEC"),
        PEOPLE,
        counts=("many_workers", "cla"),
        is_part=True,
    ),
)
