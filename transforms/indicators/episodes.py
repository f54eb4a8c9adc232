"""Episodes of care joined over the years at hand: spells, placements, who was looked after when.

A return holds the episodes that touch its year. How long someone has been looked after, or in one
placement, needs the years before; where those are not at hand the start is marked as not known, and
never guessed. Short breaks (V3, V4) are out of every count.

Source: reference, local returns 1.5 and indicators 1.1, 1.2; LAIT; NI 62 practice for temporary placements.
"""

from __future__ import annotations

import polars as pl

from transforms.indicators.model import COLLECTION_YEAR, Scope
from transforms.indicators.people import BIRTH, PEOPLE, age_band, ethnic_group, sex
from transforms.returns.looked_after import CONTINUES, SHORT_BREAKS
from transforms.returns.model import ROW

TEMPORARY = ("T0", "T1", "T2", "T3", "T4")
WITH_CURRENT_CARERS = ("A3", "A5")
FOR_ADOPTION = ("A3", "A4", "A5", "A6")
FOSTER = ("U1", "U2", "U3", "U4", "U5", "U6")
NEW_PLACEMENT = ("S", "P", "T", "B", "U")
SAME_CARER = ("L", "T", "U")
PEOPLE_COLUMNS = tuple(dimension.name for dimension in PEOPLE)
_HOME = ("PLACE", "PL_POST", "URN")
_KEPT = ("CHILD", "DECOM", "DEC", "RNE", "LS", "REC", "CIN", "PL_DISTANCE", "PL_LOCATION", *_HOME)


def children(scope: Scope) -> pl.LazyFrame:
    """Return each child once with date of birth (`born`) and, on the last day of the year, its characteristics.

    Without a header there are no rows, and everybody's characteristics are not known.
    """
    return scope.held("children", _children)


def _children(scope: Scope) -> pl.LazyFrame:
    if "Header" not in scope.data:
        return (
            scope.years("Episodes")
            .select("CHILD")
            .head(0)
            .with_columns(pl.lit(None, pl.Date).alias(BIRTH), *(pl.lit("").alias(name) for name in PEOPLE_COLUMNS))
        )
    header = scope.table("Header").filter(pl.col("CHILD").is_not_null())
    present = header.collect_schema().names()
    blank = pl.lit(None, pl.String)
    # Nobody is looked after before birth: such a date is mistyped, and the age not known.
    born = pl.when(pl.col("DOB") <= scope.end).then("DOB").alias(BIRTH)
    return (
        header.unique("CHILD", keep="last", maintain_order=True)
        .with_columns(born)
        .select(
            "CHILD",
            BIRTH,
            age_band(scope.end),
            sex(pl.col("SEX") if "SEX" in present else blank),
            ethnic_group(pl.col("ETHNIC") if "ETHNIC" in present else blank),
        )
    )


def with_people(scope: Scope, rows: pl.LazyFrame) -> pl.LazyFrame:
    """Add date of birth and characteristics to rows that have CHILD."""
    return rows.join(children(scope), on="CHILD", how="left", maintain_order="left").with_columns(
        pl.col(name).fill_null("Not known") for name in PEOPLE_COLUMNS
    )


def episodes(scope: Scope) -> pl.LazyFrame:
    """Return all episodes at hand in order of child and time, with the spell each belongs to.

    Columns: those of the return that indicators use, `collection_year`, `spell` (number),
    `spell_start`, `is_start_known` (false where the first episode at hand is not the start of care).
    A later year's word on an episode (child, start) stands.
    """
    return scope.held("episodes", _episodes)


def _episodes(scope: Scope) -> pl.LazyFrame:
    rows = scope.years("Episodes")
    present = rows.collect_schema().names()
    number = pl.col(ROW) if ROW in present else pl.lit(0)
    rows = (
        rows.filter(pl.col("CHILD").is_not_null() & pl.col("DECOM").is_not_null())
        .select(
            *(pl.col(n) if n in present else _absent(n) for n in _KEPT),
            COLLECTION_YEAR,
            number.alias("place"),
            pl.col("CHILD").to_physical().alias("order"),
        )
        .filter(pl.col(COLLECTION_YEAR) == pl.col(COLLECTION_YEAR).max().over("order", "DECOM"))
        .filter(~pl.col("LS").is_in(SHORT_BREAKS).fill_null(False))
        .unique([*_KEPT], keep="first", maintain_order=True)
        .sort("order", "DECOM", "DEC", "place", nulls_last=True)
    )
    is_same = (pl.col("order") == pl.col("order").shift(1)).fill_null(False)
    is_ended = pl.col("REC").shift(1).ne(CONTINUES).fill_null(False)
    begins = ~is_same | (pl.col("RNE") == "S").fill_null(False) | is_ended | _later("DECOM", "DEC")
    known = is_same | (pl.col("RNE") == "S").fill_null(False)
    return rows.with_columns(begins.alias("begins"), known.alias("known")).with_columns(
        pl.col("begins").cum_sum().alias("spell"),
        pl.when("begins").then("DECOM").forward_fill().alias("spell_start"),
        pl.when("begins").then("known").forward_fill().alias("is_start_known"),
    )


def _absent(name: str) -> pl.Expr:
    """Stand in for an optional column; a required one is asked for, so that its absence is named."""
    optional = {"PL_DISTANCE": pl.Float64, "PL_LOCATION": pl.String, "CIN": pl.String, "PL_POST": pl.String}
    optional["URN"] = pl.String
    return pl.lit(None, optional[name]).alias(name) if name in optional else pl.col(name)


def _later(start: str, end: str) -> pl.Expr:
    return (pl.col(start) > pl.col(end).shift(1)).fill_null(False)


def is_open(scope: Scope) -> pl.Expr:
    """Whether someone is looked after on the last day of the period under an episode."""
    return (pl.col("DECOM") <= scope.end) & (pl.col("DEC").is_null() | (pl.col("DEC") > scope.end))


def touches(scope: Scope) -> pl.Expr:
    """Whether an episode touches the period, its first day included."""
    return (pl.col("DECOM") <= scope.end) & (pl.col("DEC").is_null() | (pl.col("DEC") >= scope.start))


def own(scope: Scope) -> pl.LazyFrame:
    """Return the episodes of the year's own return: what an older one left open says nothing of today."""
    return episodes(scope).filter(pl.col(COLLECTION_YEAR) == scope.data.year)


def looked_after(scope: Scope) -> pl.LazyFrame:
    """Return children looked after on the last day, each once, with their open episode and characteristics."""
    return scope.held("looked after", lambda scope: with_people(scope, _last(own(scope).filter(is_open(scope)))))


def in_year(scope: Scope) -> pl.LazyFrame:
    """Return children looked after at any time in the year, each once, with characteristics."""
    return scope.held("in year", lambda scope: with_people(scope, _last(own(scope).filter(touches(scope)))))


def started(scope: Scope) -> pl.LazyFrame:
    """Return children who started to be looked after in the year, each once, with the last such episode."""
    begun = own(scope).filter((pl.col("RNE") == "S") & scope.within("DECOM"))
    return scope.held("started", lambda scope: with_people(scope, _last(begun)))


def ceased(scope: Scope) -> pl.LazyFrame:
    """Return children who ceased to be looked after in the year, each once, with their last such episode."""
    ended = own(scope).filter((pl.col("REC") != CONTINUES) & scope.within("DEC"))
    return scope.held(
        "ceased", lambda scope: with_people(scope, _last(ended.sort("order", "DEC", maintain_order=True)))
    )


def _last(rows: pl.LazyFrame) -> pl.LazyFrame:
    return rows.filter((pl.col("order") != pl.col("order").shift(-1)).fill_null(True))


def placements(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Gather episodes in order of child and time into placements of 24 hours or more.

    Temporary placements are left out, and the two sides of one are the same placement where home and
    kind are the same; a legal change, or a move to adoption by the carers, goes on with the placement.

    Returns:
        One row a placement in order: order, CHILD, `placement_start`, `placement_end` (null while open),
        `is_placement_start_known`, and PLACE of its last episode.
    """
    is_temporary = pl.col("PLACE").is_in(TEMPORARY).fill_null(False)
    stays = rows.with_columns(is_temporary.cum_sum().alias("passed")).filter(~is_temporary)
    is_first = (pl.col("order") != pl.col("order").shift(1)).fill_null(True)
    is_after_temporary = (pl.col("passed") != pl.col("passed").shift(1)).fill_null(False)
    is_same = pl.all_horizontal(pl.col(name).eq_missing(pl.col(name).shift(1)) for name in _HOME)
    stays_with_carers = pl.col("PLACE").is_in(WITH_CURRENT_CARERS).fill_null(False)
    moves = pl.col("RNE").is_in(NEW_PLACEMENT).fill_null(False)
    is_new = pl.when(is_after_temporary).then(~is_same).otherwise(moves) & ~stays_with_carers
    is_new_spell = (pl.col("spell") != pl.col("spell").shift(1)).fill_null(True)
    return (
        stays.with_columns((is_first | is_new_spell | is_new).alias("is_new"), (~is_first | moves).alias("is_seen"))
        .with_columns(pl.col("is_new").cum_sum().alias("placement"))
        .group_by("placement", maintain_order=True)
        .agg(
            pl.col("order").first(),
            pl.col("CHILD").first(),
            pl.col("DECOM").min().alias("placement_start"),
            pl.col("is_seen").first().alias("is_placement_start_known"),
            pl.when(pl.col("DEC").is_null().any()).then(None).otherwise(pl.col("DEC").max()).alias("placement_end"),
            pl.col("PLACE").last(),
        )
        .filter(pl.col("placement_end").is_null() | (pl.col("placement_end") > pl.col("placement_start")))
    )


def days_between(start: str, end: str) -> pl.Expr:
    """Return the days from one date to another."""
    return (pl.col(end) - pl.col(start)).dt.total_days()
