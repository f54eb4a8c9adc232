"""Rules on how the episodes of this year go on from those of the year before.

The first episode of a child is the one that starts first this year, the last one the one that started
last in the year before; an end that does not read is an end, so only a blank one leaves an episode open.
"""

from __future__ import annotations

import polars as pl

from transforms.returns.model import ROW, ReturnData
from transforms.returns.rule import Found, Rule
from transforms.returns.ssda903_rules.conditions import ADOPTED, OTHER_PLACES, among
from transforms.returns.ssda903_rules.episode_frames import (
    FIRST_YEAR,
    LAST,
    Frame,
    across_years,
    first_episodes,
    given,
    last_episodes,
    on,
    placed_across_years,
)

_EPISODES = ("Episodes",)
_LAST_YEAR = ("previous_year",)
_SAME_DISTANCE = 0.2  # miles; less is no difference


def _across(
    code: str, message: str, fields: tuple[str, ...], condition: object, frame: Frame = across_years, **more: object
) -> Rule:
    declared = {"needs": _LAST_YEAR, **more}
    return on(frame, code, message, _EPISODES, fields, condition, **declared)  # type: ignore[arg-type]


def _was_open() -> pl.Expr:
    return ~pl.col(f"DEC_given{LAST}")


def _changed(column: str) -> pl.Expr:
    return pl.col(column).ne_missing(pl.col(f"{column}{LAST}"))


def _differs(code: str, what: str, column: str, unless: pl.Expr | None = None, **years: int) -> Rule:
    """Declare that a column of the first episode is as in the one left open last year."""
    changed = _changed(column) if unless is None else _changed(column) & ~unless.fill_null(False)
    message = f"{what} of the first episode is not that of the episode left open last year."
    return _across(code, message, (column,), _was_open() & changed, across_years, **years)


def _placed_apart(code: str, what: str, column: str, condition: pl.Expr, needs: tuple[str, ...] = ()) -> Rule:
    message = f"{what} of the first episode is not that of the episode left open last year."
    needed = (*_LAST_YEAR, "postcodes", *needs)
    return _across(code, message, (column,), _was_open() & condition, placed_across_years, needs=needed)


def _further() -> pl.Expr:
    """Whether the distance is another, or known in one year only.

    Today's tool asks twice whether it is new, and never whether it is lost.
    """
    now, then = (pl.col(name).cast(pl.Float64, strict=False) for name in ("PL_DISTANCE", f"PL_DISTANCE{LAST}"))
    one_only = pl.col("PL_DISTANCE").is_null() != pl.col(f"PL_DISTANCE{LAST}").is_null()
    return ((now - then).abs() >= _SAME_DISTANCE).fill_null(False) | one_only


def _adopted_before(data: ReturnData) -> Found:
    """Rows of rule 199: episodes after one that ended with adoption, in this year's file or last year's.

    Without a file of last year this year's is still searched. One episode that stands in both files is
    one adoption: those that start on one day are taken in the order of the files, this year's first.
    """
    columns = ("CHILD", "DECOM", "REC")
    now = data["Episodes"].select(*columns, ROW)
    years = [now]
    if data.previous is not None and "Episodes" in data.previous:
        years.append(data.previous["Episodes"].select(*columns, pl.lit(None, pl.UInt32).alias(ROW)))
    adopted = [year.filter(among("REC", ADOPTED)).select("CHILD") for year in years]
    in_files = pl.concat(years).with_row_index("place").filter(pl.col("DECOM").is_not_null())
    of_adopted = in_files.join(pl.concat(adopted).unique(), on="CHILD", how="semi")
    in_time = of_adopted.sort("DECOM", "place").with_columns(among("REC", ADOPTED).cast(pl.UInt32).alias("adoptions"))
    so_far = pl.col("adoptions").cum_sum().over("CHILD")
    return {"Episodes": in_time.filter(so_far > pl.col("adoptions")).select(ROW).drop_nulls()}


def _start_differs(data: ReturnData) -> Found:
    opened = given("Episodes")(data.last).filter(~pl.col("DEC_given")).select("CHILD", pl.col("DECOM").alias("was"))
    rows = first_episodes(data).join(opened, on="CHILD")
    return {"Episodes": rows.filter(pl.col("DECOM").ne_missing(pl.col("was")))}


def _not_continued(data: ReturnData) -> Found:
    last = last_episodes(data.last).select("CHILD", "DECOM")
    early = first_episodes(data).filter(pl.col("DECOM") < data.start)
    return {"Episodes": early.join(last, on=["CHILD", "DECOM"], how="anti")}


def _without_last_year(data: ReturnData) -> Found:
    early = data["Episodes"].filter(pl.col("DECOM") < data.start)
    return {"Episodes": early.join(data.last["Episodes"].select("CHILD"), on="CHILD", how="anti")}


def _rule(code: str, message: str, fields: tuple[str, ...], find: object, needs: tuple[str, ...] = _LAST_YEAR) -> Rule:
    return Rule(code, message, fields, _EPISODES, find, needs=needs, since=FIRST_YEAR)  # type: ignore[arg-type]


_H5_TO_K3 = (pl.col("PLACE") == "K3") & (pl.col(f"PLACE{LAST}") == "H5")
_Z1_SPLIT = pl.col("PLACE").is_in(OTHER_PLACES) & (pl.col(f"PLACE{LAST}") == "Z1")
_TYPE = "The placement type"

RULES = (
    _rule(
        "199",
        "The child was adopted before, by the episodes of this year or the last.",
        ("CHILD",),
        _adopted_before,
        (),
    ),
    _placed_apart(
        "452",
        "Though the reason for it is the same, the authority of the placement",
        "PL_LA",
        (pl.col("RNE") == pl.col(f"RNE{LAST}")) & _changed("PL_LA"),
    ),
    _placed_apart(
        "453",
        "Though the reason for it is the same, the distance",
        "PL_DISTANCE",
        (pl.col("RNE") == pl.col(f"RNE{LAST}")) & _further(),
    ),
    _rule(
        "502",
        "An episode was open at the end of last year, but the first of this year began on another day.",
        ("DECOM",),
        _start_differs,
    ),
    _differs("503A", "The reason for the new episode", "RNE"),
    _differs("503B", "The legal status", "LS"),
    _differs("503C", "The category of need", "CIN"),
    _differs("503D", _TYPE, "PLACE", until=2024),
    _differs("503D", _TYPE, "PLACE", _H5_TO_K3, since=2025, until=2025),
    _differs("503D", _TYPE, "PLACE", _Z1_SPLIT, since=2026),
    _differs("503E", "The placement provider", "PLACE_PROVIDER"),
    _differs("503F", "The Ofsted number", "URN"),
    _placed_apart("503G", "The distance", "PL_DISTANCE", _further()),
    _placed_apart("503H", "The authority of the placement", "PL_LA", _changed("PL_LA")),
    _placed_apart(
        "503J", "The location (inside or outside the authority)", "PL_LOCATION", _changed("PL_LOCATION"), ("authority",)
    ),
    _rule(
        "562",
        "The first episode began before this year, but last year's file does not end with it.",
        ("DECOM",),
        _not_continued,
    ),
    _rule(
        "NoE",
        "The child was looked after before this year, but last year's file has no episode of the child.",
        ("DECOM",),
        _without_last_year,
    ),
)
