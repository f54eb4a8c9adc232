"""How far from home, and in which authority, children are placed.

A return may carry the distance and place of each placement; if it does not, they are computed from
grid references of postcodes, where those are given. Unaccompanied children have neither.

Source: DfE guide to the children looked after return, placement distance; reference, local returns 1.5.
"""

from __future__ import annotations

import polars as pl

from transforms.authorities import load_register
from transforms.indicators.episodes import looked_after
from transforms.indicators.model import Scope
from transforms.returns.model import MissingInput

MILE_IN_KM = 1.6093
POSTCODES = "postcodes"  # columns: postcode, easting, northing (metres), area (GSS code, or WAL, SCO, NIR)
_PLACED = ("PL_DISTANCE", "PL_LOCATION")


def placed(scope: Scope) -> pl.LazyFrame:
    """Return children looked after on the last day with PL_DISTANCE (miles) and PL_LOCATION (IN, OUT).

    Raises:
        MissingInput: neither the columns nor postcodes are given.
    """
    return scope.held("placed", _placed)


def _placed(scope: Scope) -> pl.LazyFrame:
    rows = looked_after(scope)
    if set(_PLACED) <= set(scope.table("Episodes").collect_schema().names()):
        return rows
    places = scope.data.reference(POSTCODES).select(_squeezed("postcode"), "easting", "northing", "area")
    homes = scope.table("Episodes").select("CHILD", "DECOM", "HOME_POST").unique(["CHILD", "DECOM"], keep="last")
    east, north = pl.col("easting") - pl.col("easting_home"), pl.col("northing") - pl.col("northing_home")
    miles = ((east.cast(pl.Float64) ** 2 + north.cast(pl.Float64) ** 2).sqrt() / 1000 / MILE_IN_KM).round(1)
    where = pl.when(pl.col("area").is_in(_own_codes(scope))).then(pl.lit("IN")).when(pl.col("area").is_not_null())
    return (
        rows.drop(*_PLACED)
        .join(homes, on=["CHILD", "DECOM"], how="left")
        .with_columns(_squeezed("PL_POST"), _squeezed("HOME_POST"))
        .join(places, left_on="PL_POST", right_on="postcode", how="left")
        .join(places.drop("area"), left_on="HOME_POST", right_on="postcode", how="left", suffix="_home")
        .join(_unaccompanied(scope), on="CHILD", how="left")
        .with_columns(
            pl.when(pl.col("is_uasc").is_null()).then(miles).alias("PL_DISTANCE"),
            pl.when(pl.col("is_uasc").is_null()).then(where.then(pl.lit("OUT"))).alias("PL_LOCATION"),
        )
    )


def _own_codes(scope: Scope) -> list[str]:
    """Return the GSS codes the authority has had."""
    if scope.data.la_code is None:
        raise MissingInput("the code of the authority")
    return [version.gss_code for version in load_register().versions(scope.data.la_code)]


def _squeezed(column: str) -> pl.Expr:
    return pl.col(column).str.replace_all(" ", "").str.to_uppercase()


def _unaccompanied(scope: Scope) -> pl.LazyFrame:
    if "UASC" not in scope.data:
        return looked_after(scope).select("CHILD", pl.lit(True).alias("is_uasc")).head(0)
    return scope.table("UASC").select("CHILD").unique().with_columns(pl.lit(True).alias("is_uasc"))
