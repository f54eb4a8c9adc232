"""Rules on deprivation of liberty orders: the module DoLo, from 2026/27."""

from __future__ import annotations

import polars as pl

from transforms.returns.model import ROW, ReturnData
from transforms.returns.rule import Found, Rule, rule
from transforms.returns.ssda903_rules.module_frames import (
    blank,
    by_end,
    cited,
    filled,
    follows,
    given,
    known,
    last_year,
    not_a_date,
    numbered,
    one_of,
    outside_care,
)

TABLE = "DoLo"
SINCE = 2027
_BOTH = (TABLE, "Episodes")
_FIELDS = ("DOLO_START", "DOLO_END")


def _order(code: str, message: str, fields: tuple[str, ...], condition: pl.Expr) -> Rule:
    """A rule on single rows of DoLo."""
    return Rule(
        code, message, fields, (TABLE,), lambda data: {TABLE: given(data, TABLE).filter(condition)}, since=SINCE
    )


_SINGLE_ROWS = (
    _order("700", "DOLO_START is blank or not a valid date", ("DOLO_START",), not_a_date("DOLO_START")),
    _order("701", "DOLO_END is not a valid date", ("DOLO_END",), filled("DOLO_END") & not_a_date("DOLO_END")),
    _order("702", "The order does not end after its start", _FIELDS, pl.col("DOLO_END") <= pl.col("DOLO_START")),
    _order(
        "708",
        "The order does not start after the child's birth",
        ("DOLO_START", "DOB"),
        pl.col("DOLO_START") <= pl.col("DOB"),
    ),
)


@rule("703", "The order starts after the end of the collection year", [TABLE], ["DOLO_START"], since=SINCE)
def _starts_after_year(data: ReturnData) -> Found:
    return {TABLE: given(data, TABLE).filter(pl.col("DOLO_START") > data.end)}


@rule("704", "The end of the order is not within the collection year", [TABLE], ["DOLO_END"], since=SINCE)
def _ends_outside_year(data: ReturnData) -> Found:
    return {TABLE: given(data, TABLE).filter((pl.col("DOLO_END") < data.start) | (pl.col("DOLO_END") > data.end))}


@rule("705", "An order starts while the one before is open", [TABLE], _FIELDS, since=SINCE)
def _orders_overlap(data: ReturnData) -> Found:
    # An order whose end cannot be read is open. By date, an open order where it starts.
    overlaps = pl.col("DOLO_END").is_null().shift(1) | (pl.col("DOLO_START") < pl.col("DOLO_END").shift(1))
    return {TABLE: by_end(data, TABLE, *_FIELDS).filter(filled("DOLO_START")).filter(follows() & overlaps)}


@rule(
    "706",
    "The order was open at the end of last year, but none with its start is reported this year",
    [TABLE],
    ["DOLO_START"],
    needs=("previous_year",),
    since=SINCE,
)
def _open_order_lost(data: ReturnData) -> Found:
    # What is missing has no row this year, so the order of last year is cited, as a row of last year's table.
    still_open = last_year(data, TABLE).filter(blank("DOLO_END") & pl.col("DOLO_START").is_not_null())
    now = data[TABLE].select("CHILD", "DOLO_START")
    return {f"{TABLE}_last": still_open.join(now, on=["CHILD", "DOLO_START"], how="anti")}


@rule("707", "The child left care, but the order has no end or ends outside care", _BOTH, ["DOLO_END"], since=SINCE)
def _order_outside_care(data: ReturnData) -> Found:
    return {TABLE: outside_care(data, TABLE, *_FIELDS)}


def _placements_under(data: ReturnData) -> pl.LazyFrame:
    """Pair ended orders with the episodes they overlap; an episode without an end is still going on."""
    orders = numbered(data[TABLE].select("CHILD", *_FIELDS, ROW), TABLE)
    episodes = given(data, "Episodes").select("CHILD", "DECOM", "DEC", "PLACE", ROW, blank("DEC").alias("is open"))
    pairs = orders.join(numbered(episodes, "Episodes"), on="CHILD")
    begins_in_time = pl.col("is open") | (pl.col("DOLO_START") <= pl.col("DEC"))
    return pairs.filter(pl.col("DOLO_START").is_not_null() & begins_in_time & (pl.col("DOLO_END") >= pl.col("DECOM")))


@rule(
    "709",
    "A child under an order is expected in a placement of K2, Z12 or Z13",
    _BOTH,
    ["DOLO_START", "PLACE"],
    since=SINCE,
)
def _unexpected_placement(data: ReturnData) -> Found:
    # The tool of today looks for a column PLACEMENT, which no file has.
    return cited(_placements_under(data).filter(~one_of("PLACE", ("K2", "Z12", "Z13"))), *_BOTH)


@rule(
    "710",
    "A child under an order cannot be in a placement of K1, K3, P1 or R5",
    _BOTH,
    ["DOLO_START", "PLACE"],
    since=SINCE,
)
def _impossible_placement(data: ReturnData) -> Found:
    return cited(_placements_under(data).filter(one_of("PLACE", ("K1", "P1", "R5", "K3"))), *_BOTH)


RULES = known(
    (
        *_SINGLE_ROWS,
        _starts_after_year,
        _ends_outside_year,
        _orders_overlap,
        _open_order_lost,
        _order_outside_care,
        _unexpected_placement,
        _impossible_placement,
    )
)
