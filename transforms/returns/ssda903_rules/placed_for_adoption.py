"""Rules on decisions that a child should be placed for adoption: the module PlacedAdoption."""

from __future__ import annotations

import polars as pl

from transforms.returns.model import ROW, ReturnData
from transforms.returns.rule import Found, Rule, rule
from transforms.returns.ssda903_rules.module_frames import (
    ADOPTED,
    PLACED_FOR_ADOPTION,
    any_blank,
    any_filled,
    blank,
    cited,
    earliest_of_child,
    filled,
    follows,
    given,
    in_order,
    known,
    last_year,
    latest_of_child,
    not_a_date,
    not_valid,
    numbered,
    of_children,
    of_others,
    one_of,
    text,
)

TABLE = "PlacedAdoption"
_ENDS = ("DATE_PLACED_CEASED", "REASON_PLACED_CEASED")
_BOTH = ("Episodes", TABLE)


def _decision(code: str, message: str, fields: tuple[str, ...], condition: pl.Expr) -> Rule:
    """A rule on single rows of PlacedAdoption."""
    return Rule(code, message, fields, (TABLE,), lambda data: {TABLE: given(data, TABLE).filter(condition)})


_SINGLE_ROWS = (
    _decision(
        "115",
        "DATE_PLACED is not a valid date",
        ("DATE_PLACED",),
        filled("DATE_PLACED") & not_a_date("DATE_PLACED"),
    ),
    _decision(
        "116",
        "DATE_PLACED_CEASED is not a valid date",
        ("DATE_PLACED_CEASED",),
        filled("DATE_PLACED_CEASED") & not_a_date("DATE_PLACED_CEASED"),
    ),
    _decision(
        "119",
        "Of the date and the reason of the reversal, only one is filled in",
        _ENDS,
        filled("DATE_PLACED_CEASED") ^ filled("REASON_PLACED_CEASED"),
    ),
    _decision(
        "120",
        "REASON_PLACED_CEASED is not a valid code",
        ("REASON_PLACED_CEASED",),
        not_valid("REASON_PLACED_CEASED", ("RD1", "RD2", "RD3", "RD4")),
    ),
    _decision(
        "522",
        "The decision was reversed before it was made",
        ("DATE_PLACED", "DATE_PLACED_CEASED"),
        pl.col("DATE_PLACED_CEASED") < pl.col("DATE_PLACED"),
    ),
    _decision(
        "563",
        "The decision was reversed, but the date on which it was made is blank",
        ("DATE_PLACED", *_ENDS),
        filled("DATE_PLACED_CEASED") & filled("REASON_PLACED_CEASED") & blank("DATE_PLACED"),
    ),
)


def _with_decisions(data: ReturnData, episodes: pl.LazyFrame) -> pl.LazyFrame:
    """Pair episodes with all decisions on their child; episodes of children without any are left out."""
    return numbered(episodes, "Episodes").join(
        numbered(given(data, TABLE), TABLE), on="CHILD", suffix=" of PlacedAdoption"
    )


@rule(
    "117",
    "A decision, or its reversal, is dated after the collection year or after the child left care",
    _BOTH,
    ["DATE_PLACED_CEASED", "DATE_PLACED", "DEC", "REC", "DECOM"],
)
def _decided_too_late(data: ReturnData) -> Found:
    ended = in_order(data, "Episodes", "DECOM").filter(pl.col("REC").ne_missing("X1"))
    pairs = _with_decisions(data, latest_of_child(ended, "DECOM"))
    late = [
        (pl.col(decision) > limit)
        for decision in ("DATE_PLACED", "DATE_PLACED_CEASED")
        for limit in (pl.lit(data.end), pl.col("DEC"))
    ]
    return cited(pairs.filter(pl.any_horizontal(late)), *_BOTH)


@rule(
    "118",
    "A reversal is dated before the collection year or before the child came into care",
    _BOTH,
    ["DATE_PLACED_CEASED", "DECOM", "LS"],
)
def _reversed_too_early(data: ReturnData) -> Found:
    longer = in_order(data, "Episodes", "DECOM").filter(~one_of("LS", ("V3", "V4")))
    pairs = _with_decisions(data, earliest_of_child(longer, "DECOM"))
    early = (pl.col("DATE_PLACED_CEASED") < pl.col("DECOM")) | (pl.col("DATE_PLACED_CEASED") < data.start)
    return cited(pairs.filter(early), *_BOTH)


@rule("184", "The decision is dated before the child was born", ["Header", TABLE], ["DATE_PLACED", "DOB"])
def _decided_before_birth(data: ReturnData) -> Found:
    # The module's own date of birth, where it has the column; rule INT12 compares the two.
    decisions, header = given(data, TABLE), data["Header"]
    if "DOB" not in data.typed[TABLE].columns:
        decisions = decisions.join(header.select("CHILD", "DOB"), on="CHILD")
    return {TABLE: decisions.filter(pl.col("DATE_PLACED") < pl.col("DOB"))}


@rule(
    "551",
    "The child was placed for adoption, but no date of the decision is reported",
    _BOTH,
    ["DATE_PLACED", "PLACE"],
)
def _placed_without_decision(data: ReturnData) -> Found:
    placed = data["Episodes"].select("CHILD", "PLACE", ROW).filter(one_of("PLACE", PLACED_FOR_ADOPTION))
    decisions = given(data, TABLE)
    undated = of_children(placed, decisions.filter(blank("DATE_PLACED")))
    return {"Episodes": pl.concat([undated, of_others(placed, decisions)])}


@rule(
    "552",
    "The decision is dated after the day the child was placed for adoption",
    _BOTH,
    ["DATE_PLACED", "DECOM"],
)
def _decided_after_placement(data: ReturnData) -> Found:
    placed = in_order(data, "Episodes", "DECOM").filter(one_of("PLACE", PLACED_FOR_ADOPTION))
    decisions = numbered(latest_of_child(in_order(data, TABLE, "DATE_PLACED"), "DATE_PLACED"), TABLE)
    first = numbered(earliest_of_child(placed, "DECOM"), "Episodes")
    pairs = first.join(decisions, on="CHILD", suffix=" of PlacedAdoption")
    return cited(pairs.filter(pl.col("DECOM") < pl.col("DATE_PLACED")), TABLE, "Episodes")


def _order_without_decision(data: ReturnData, legal_status: str) -> Found:
    """Episodes under an order whose child has no decision, and reversed decisions beside an order still in force."""
    ordered = given(data, "Episodes").filter(pl.col("LS") == legal_status)
    decisions = given(data, TABLE)
    in_force = ordered.filter(blank("DEC"))
    return {
        "Episodes": of_others(ordered, decisions).select(ROW),
        TABLE: of_children(decisions.filter(any_filled(_ENDS)), in_force),
    }


@rule(
    "553",
    "There is a placement order, but no decision that the child should be placed for adoption, or a reversed one",
    _BOTH,
    ["CHILD", "DATE_PLACED", *_ENDS],
)
def _placement_order(data: ReturnData) -> Found:
    return _order_without_decision(data, "E1")


@rule(
    "555",
    "There is a freeing order, but no decision that the child should be placed for adoption, or a reversed one",
    _BOTH,
    ["CHILD", "DATE_PLACED", *_ENDS],
    until=2024,
)
def _freeing_order(data: ReturnData) -> Found:
    return _order_without_decision(data, "D1")


@rule("554", "The decision is dated after the placement order", _BOTH, ["DATE_PLACED", "DECOM", "LS"])
def _decided_after_order(data: ReturnData) -> Found:
    ordered = in_order(data, "Episodes", "DECOM").filter(pl.col("LS") == "E1")
    pairs = _with_decisions(data, earliest_of_child(ordered, "DECOM"))
    return cited(pairs.filter(pl.col("DATE_PLACED") > pl.col("DECOM")), *_BOTH)


@rule("556", "The decision is dated after the freeing order", _BOTH, ["DATE_PLACED", "DECOM"], until=2024)
def _decided_after_freeing(data: ReturnData) -> Found:
    freed = data["Episodes"].select("CHILD", "LS", "DECOM", ROW).filter(pl.col("LS") == "D1")
    return cited(_with_decisions(data, freed).filter(pl.col("DATE_PLACED") > pl.col("DECOM")), "Episodes")


def _left_without_reversal(data: ReturnData, orders: tuple[str, ...]) -> Found:
    """Episodes that ended otherwise than in adoption, with decisions of the child that were not reversed."""
    towards_adoption = one_of("PLACE", PLACED_FOR_ADOPTION) | one_of("LS", orders)
    left = pl.col("REC").is_not_null() & ~one_of("REC", (*ADOPTED, "X1"))
    episodes = data["Episodes"].select("CHILD", "PLACE", "LS", "REC", ROW).filter(towards_adoption & left)
    decisions = given(data, TABLE)
    standing = decisions.filter(any_blank(_ENDS))
    return {
        "Episodes": pl.concat([of_children(episodes, standing), of_others(episodes, decisions)]),
        TABLE: of_children(standing, episodes),
    }


_NOT_REVERSED = (
    "557",
    "The child left care without being adopted, but the reversal of the decision is not fully reported",
    _BOTH,
    [*_ENDS, "PLACE", "LS", "REC"],
)


@rule(*_NOT_REVERSED, until=2024)
def _left_with_freeing_orders(data: ReturnData) -> Found:
    return _left_without_reversal(data, ("D1", "E1"))


@rule(*_NOT_REVERSED, since=2025)
def _left(data: ReturnData) -> Found:
    return _left_without_reversal(data, ("E1",))


@rule("558", "The child was adopted, but decisions on the child were reversed", _BOTH, ["DATE_PLACED_CEASED", "REC"])
def _adopted_and_reversed(data: ReturnData) -> Found:
    # The department asks that no reversal be dated. Children are adopted after earlier decisions were
    # reversed, so what stands out is more than one reversal and no decision that still holds.
    adopted = data["Episodes"].select("CHILD", "REC", ROW).filter(one_of("REC", ADOPTED))
    reversals = given(data, TABLE)
    reversals = of_others(reversals, reversals.filter(blank("DATE_PLACED_CEASED")))
    pairs = numbered(adopted, "Episodes").join(reversals.select("CHILD"), on="CHILD")
    return cited(pairs.filter(pl.len().over("CHILD") > 1), "Episodes")


def _beside_last_year(data: ReturnData, how: str = "inner") -> pl.LazyFrame:
    """Pair this year's decisions with last year's on the same child; `before` marks columns of the latter."""
    before = last_year(data, TABLE).select(pl.col("CHILD"), pl.exclude("CHILD").name.suffix(" before"))
    return given(data, TABLE).join(before, on="CHILD", how=how)  # type: ignore[arg-type]


def _before(column: str) -> pl.Expr:
    return pl.col(f"{column} as given before").is_not_null()


@rule(
    "559",
    "The decision is dated before this year, but none was reported last year",
    [TABLE],
    ["DATE_PLACED"],
    needs=("previous_year",),
)
def _not_reported_before(data: ReturnData) -> Found:
    pairs = _beside_last_year(data, "left")
    return {TABLE: pairs.filter((pl.col("DATE_PLACED") < data.start) & pl.col("DATE_PLACED before").is_null())}


@rule(
    "560",
    "The decision has another date than last year, though it was not reversed",
    [TABLE],
    ["DATE_PLACED", "DATE_PLACED_CEASED"],
    needs=("previous_year",),
)
def _other_date_than_before(data: ReturnData) -> Found:
    other = (pl.col("DATE_PLACED") != pl.col("DATE_PLACED before")).fill_null(
        text("DATE_PLACED").ne_missing(pl.col("DATE_PLACED as given before"))
    )
    pairs = _beside_last_year(data)
    return {TABLE: pairs.filter(_before("DATE_PLACED") & ~_before("DATE_PLACED_CEASED") & other)}


@rule(
    "561",
    "The decision has the same date as last year, though last year it was reversed",
    [TABLE],
    ["DATE_PLACED"],
    needs=("previous_year",),
)
def _same_date_as_before(data: ReturnData) -> Found:
    same = pl.col("DATE_PLACED") == pl.col("DATE_PLACED before")
    reversed_ = _before("REASON_PLACED_CEASED") | _before("DATE_PLACED_CEASED")
    return {TABLE: _beside_last_year(data).filter(same & reversed_)}


@rule(
    "584",
    "Last year's decision was reversed, but this year's is not dated after it",
    [TABLE],
    ["DATE_PLACED"],
    needs=("previous_year",),
)
def _not_after_reversed(data: ReturnData) -> Found:
    not_later = blank("DATE_PLACED") | (pl.col("DATE_PLACED") <= pl.col("DATE_PLACED before"))
    reversed_ = _before("REASON_PLACED_CEASED") | _before("DATE_PLACED_CEASED")
    return {TABLE: _beside_last_year(data).filter(_before("DATE_PLACED") & reversed_ & not_later)}


@rule(
    "579",
    "A new decision is made while the one before still holds, or before it was reversed",
    [TABLE],
    ["DATE_PLACED", "DATE_PLACED_CEASED"],
)
def _decisions_overlap(data: ReturnData) -> Found:
    ceased = pl.col("DATE_PLACED_CEASED").shift(1)
    overlaps = blank("DATE_PLACED_CEASED").shift(1) | (pl.col("DATE_PLACED") < ceased)
    return {TABLE: in_order(data, TABLE, "DATE_PLACED").filter(follows() & overlaps)}


@rule(
    "583",
    "There is more than one decision, but an earlier one was not reversed",
    [TABLE],
    ["DATE_PLACED", "DATE_PLACED_CEASED"],
)
def _earlier_decision_stands(data: ReturnData) -> Found:
    ordered = in_order(data, TABLE, "DATE_PLACED")
    latest = latest_of_child(ordered, "DATE_PLACED")
    # Of a child without any readable date no decision is the earlier one.
    standing = of_children(ordered.filter(blank("DATE_PLACED_CEASED")), latest)
    return {TABLE: standing.join(latest.select(ROW), on=ROW, how="anti")}


@rule(
    "1003",
    "The decision is dated before the child came into care",
    _BOTH,
    ["DATE_PLACED", "DECOM", "RNE"],
)
def _decided_before_care(data: ReturnData) -> Found:
    started = in_order(data, "Episodes", "DECOM").filter(pl.col("RNE") == "S")
    pairs = _with_decisions(data, earliest_of_child(started, "DECOM"))
    return cited(pairs.filter(pl.col("DATE_PLACED") < pl.col("DECOM")), *_BOTH)


RULES = known(
    (
        *_SINGLE_ROWS,
        _decided_too_late,
        _reversed_too_early,
        _decided_before_birth,
        _placed_without_decision,
        _decided_after_placement,
        _placement_order,
        _freeing_order,
        _decided_after_order,
        _decided_after_freeing,
        _left_with_freeing_orders,
        _left,
        _adopted_and_reversed,
        _not_reported_before,
        _other_date_than_before,
        _same_date_as_before,
        _not_after_reversed,
        _decisions_overlap,
        _earlier_decision_stands,
        _decided_before_care,
    )
)
