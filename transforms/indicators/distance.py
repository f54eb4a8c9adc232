"""How far from home, and in which authority, children are placed.

A return may carry the distance and place of each placement; if it does not, they are computed from
postcodes, as the validation rules do. Unaccompanied children have neither then: they have no home here.

Source: DfE guide to the children looked after return, placement distance; reference, local returns 1.5.
"""

from __future__ import annotations

import polars as pl

from transforms.indicators.episodes import looked_after
from transforms.indicators.model import Scope
from transforms.returns.model import ROW
from transforms.returns.ssda903_rules.episode_frames import placed as placed_episodes

_PLACED = ("PL_DISTANCE", "PL_LOCATION")


def placed(scope: Scope) -> pl.LazyFrame:
    """Return children looked after on the last day with PL_DISTANCE (miles) and PL_LOCATION (IN, OUT).

    Raises:
        MissingInput: neither the columns nor postcodes are given.
    """
    return scope.held("placed", _placed)


def _placed(scope: Scope) -> pl.LazyFrame:
    rows = looked_after(scope)
    if set(_PLACED) & set(scope.table("Episodes").collect_schema().names()):
        return rows
    places = placed_episodes(scope.data)
    found = [name for name in _PLACED if name in places.collect_schema().names()]
    is_at_home = pl.col("is_uasc").is_null()
    return (
        rows.drop(_PLACED)
        .join(places.select(pl.col(ROW).alias("place"), *found), on="place", how="left")
        .join(_unaccompanied(scope), on="CHILD", how="left")
        .with_columns(pl.when(is_at_home).then(name).alias(name) for name in found)
    )


def _unaccompanied(scope: Scope) -> pl.LazyFrame:
    if "UASC" not in scope.data:
        return looked_after(scope).select("CHILD", pl.lit(True).alias("is_uasc")).head(0)
    return scope.table("UASC").select("CHILD").unique().with_columns(pl.lit(True).alias("is_uasc"))
