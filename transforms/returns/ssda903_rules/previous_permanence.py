"""Rules on earlier adoptions and orders of children who came into care: the module PrevPerm."""

from __future__ import annotations

from datetime import date
from functools import cache

import polars as pl

from transforms.authorities import load_register
from transforms.returns.model import ROW, ReturnData
from transforms.returns.rule import Found, Rule, rule
from transforms.returns.ssda903_rules.module_frames import (
    any_blank,
    any_filled,
    blank,
    cited,
    earliest_of_child,
    filled,
    given,
    in_order,
    in_part,
    known,
    not_valid,
    numbered,
    of_children,
    of_others,
    text,
)

TABLE = "PrevPerm"
_ITEMS = ("PREV_PERM", "LA_PERM", "DATE_PERM")
_BOTH = (TABLE, "Episodes")
_ELSEWHERE = ("WAL", "SCO", "NIR", "NUK", "999")  # other parts of the kingdom, outside it, not known
_COLLECTED_FROM = date(2016, 4, 1)


def _option(code: str, message: str, fields: tuple[str, ...], condition: pl.Expr) -> Rule:
    """A rule on single rows of PrevPerm."""
    return Rule(code, message, fields, (TABLE,), lambda data: {TABLE: given(data, TABLE).filter(condition)})


_SINGLE_ROWS = (
    _option(
        "631", "PREV_PERM is not a valid code", ("PREV_PERM",), not_valid("PREV_PERM", ("P1", "P2", "P3", "P4", "Z1"))
    ),
    # The words of the rule are on Z1 with an authority and a date; the tool of today looks for a blank option only.
    _option(
        "635",
        "There is an authority or a date, but no previous option that they could belong to",
        _ITEMS,
        (blank("PREV_PERM") & any_filled(("LA_PERM", "DATE_PERM")))
        | ((pl.col("PREV_PERM") == "Z1") & filled("LA_PERM") & filled("DATE_PERM")),
    ),
)


@cache
def _authorities() -> tuple[str, ...]:
    """Codes of all authorities of England, those that are no more included: an order may be old."""
    return tuple(sorted({place.la_code for place in load_register().authorities if place.la_code}))


@rule("633", "LA_PERM is not the code of an authority", [TABLE], ["LA_PERM"])
def _authority_unknown(data: ReturnData) -> Found:
    return {TABLE: given(data, TABLE).filter(not_valid("LA_PERM", (*_authorities(), *_ELSEWHERE)))}


@rule(
    "630", "The child came into care this year, but the previous option is not fully reported", _BOTH, ["RNE", *_ITEMS]
)
def _option_due(data: ReturnData) -> Found:
    started = data["Episodes"].select("CHILD", "RNE", "DECOM", ROW)
    started = started.filter((pl.col("RNE") == "S") & (pl.col("DECOM") >= data.start))
    options = given(data, TABLE)
    incomplete = pl.col("PREV_PERM").ne_missing("Z1") & any_blank(("LA_PERM", "DATE_PERM"))
    lacking = options.filter(incomplete | blank("PREV_PERM"))
    return {"Episodes": pl.concat([of_others(started, options), of_children(started, lacking)])}


@rule("632", "DATE_PERM is not a valid date, or not before the child came into care", _BOTH, ["DATE_PERM", "DECOM"])
def _option_date(data: ReturnData) -> Found:
    # Parts of the date may be ZZ. It is too late only if every day it can stand for is; the tool of today
    # takes the last of them.
    first = numbered(earliest_of_child(in_order(data, "Episodes", "DECOM"), "DECOM"), "Episodes")
    dated = given(data, TABLE).filter(filled("DATE_PERM"))
    of_known_year = ~text("DATE_PERM").str.contains("ZZZZ", literal=True)
    read = dated.select("CHILD", ROW, in_part("DATE_PERM").alias("day"), of_known_year.alias("of known year"))
    pairs = first.join(numbered(read, TABLE), on="CHILD")
    too_late = pl.col("of known year") & (pl.col("day") >= pl.col("DECOM"))
    return cited(pairs.filter(pl.col("day").is_null() | too_late), "Episodes", TABLE)


@rule(
    "634",
    "A previous option is reported, but the child has not come into care since 1 April 2016",
    _BOTH,
    [*_ITEMS, "DECOM"],
)
def _option_not_collected(data: ReturnData) -> Found:
    # The rule names the day; the tool of today takes the first day of the collection year instead.
    episodes = data["Episodes"].select("CHILD", "DECOM", ROW)
    latest = episodes.group_by("CHILD").agg(pl.col("DECOM").max())
    earlier = latest.filter(pl.col("DECOM") < _COLLECTED_FROM)
    options = of_children(given(data, TABLE).filter(any_filled(_ITEMS)), earlier)
    return {TABLE: options, "Episodes": of_children(episodes, options)}


RULES = known((*_SINGLE_ROWS, _authority_unknown, _option_due, _option_date, _option_not_collected))
