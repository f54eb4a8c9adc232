"""Rules on the health and wellbeing of children looked after for the whole year: the module OC2."""

from __future__ import annotations

import polars as pl

from transforms.returns.looked_after import continuously_looked_after
from transforms.returns.model import ReturnData
from transforms.returns.rule import Found, Rule, rule
from transforms.returns.ssda903_rules.module_frames import (
    aged,
    any_blank,
    any_filled,
    blank,
    earliest_of_child,
    filled,
    given,
    in_order,
    known,
    not_valid,
    of_children,
    of_others,
    one_of,
    years_before,
)

_CORE = ("IMMUNISATIONS", "TEETH_CHECK", "HEALTH_ASSESSMENT", "SUBSTANCE_MISUSE")
_INTERVENTIONS = ("INTERVENTION_RECEIVED", "INTERVENTION_OFFERED")
_BESIDE = ("CONVICTED", "HEALTH_CHECK", *_INTERVENTIONS)
_FLAGS = (*_BESIDE, *_CORE)
_SDQ = ("SDQ_SCORE", "SDQ_REASON")
_BOTH = ("OC2", "Episodes")


def _outcome(code: str, message: str, fields: tuple[str, ...], condition: pl.Expr) -> Rule:
    """A rule on single rows of OC2."""
    return Rule(code, message, fields, ("OC2",), lambda data: {"OC2": given(data, "OC2").filter(condition)})


_SCORE = pl.col("SDQ_SCORE").cast(pl.Float64, strict=False)
_NO_MISUSE = blank("SUBSTANCE_MISUSE") | one_of("SUBSTANCE_MISUSE", ("0",))

_SINGLE_ROWS = (
    _outcome(
        "158",
        "An intervention was received, so whether one was offered should be left blank",
        _INTERVENTIONS,
        (pl.col("INTERVENTION_RECEIVED") == "1") & filled("INTERVENTION_OFFERED"),
    ),
    _outcome(
        "159",
        "No intervention was received, but whether one was offered is blank",
        ("SUBSTANCE_MISUSE", *_INTERVENTIONS),
        (pl.col("SUBSTANCE_MISUSE") == "1") & (pl.col("INTERVENTION_RECEIVED") == "0") & blank("INTERVENTION_OFFERED"),
    ),
    _outcome(
        "180",
        "SDQ_SCORE must be a whole number from 0 to 40",
        ("SDQ_SCORE",),
        filled("SDQ_SCORE") & ~(_SCORE.is_between(0, 40) & (_SCORE == _SCORE.floor())).fill_null(False),
    ),
    _outcome(
        "181",
        "Items on children looked after for 12 months must be 0 or 1",
        _FLAGS,
        pl.any_horizontal([not_valid(column, ("0", "1")) for column in _FLAGS]),
    ),
    _outcome(
        "182",
        "Further items are filled in, but immunisations, teeth, health or substance misuse is blank",
        _FLAGS,
        any_blank(_CORE) & any_filled(_BESIDE),
    ),
    _outcome(
        "192",
        "There is a substance misuse problem, but whether an intervention was received is blank",
        ("SUBSTANCE_MISUSE", "INTERVENTION_RECEIVED"),
        (pl.col("SUBSTANCE_MISUSE") == "1") & blank("INTERVENTION_RECEIVED"),
    ),
    _outcome(
        "193",
        "There is no substance misuse problem, but an item on interventions is filled in",
        ("SUBSTANCE_MISUSE", *_INTERVENTIONS),
        _NO_MISUSE & any_filled(_INTERVENTIONS),
    ),
    _outcome(
        "196",
        "SDQ_REASON is not a valid code",
        ("SDQ_REASON",),
        not_valid("SDQ_REASON", ("SDQ1", "SDQ2", "SDQ3", "SDQ4", "SDQ5")),
    ),
    _outcome(
        "197a",
        "There is a score, so the reason for none should be left blank",
        _SDQ,
        filled("SDQ_SCORE") & filled("SDQ_REASON"),
    ),
    _outcome(
        "544",
        "The child was convicted, but immunisations, teeth, health or substance misuse is blank",
        ("CONVICTED", *_CORE),
        (pl.col("CONVICTED") == "1") & any_blank(_CORE),
    ),
    _outcome(
        "547",
        "Health checks are up to date, but immunisations, teeth, health or substance misuse is blank",
        ("HEALTH_CHECK", *_CORE),
        (pl.col("HEALTH_CHECK") == "1") & any_blank(_CORE),
    ),
)


@rule("188", "The child is under 4, so no score, nor a reason for none, is due", ["OC2"], _SDQ)
def _score_under_4(data: ReturnData) -> Found:
    return {"OC2": given(data, "OC2").filter(~aged(4, data.end) & any_filled(_SDQ))}


@rule(
    "189", "The child was 17 when the year began, so no score, nor a reason for none, is due", ["OC2"], ["DOB", *_SDQ]
)
def _score_from_17(data: ReturnData) -> Found:
    return {"OC2": given(data, "OC2").filter(aged(17, data.start) & any_filled(_SDQ))}


@rule("542", "The child is under 10, so no entry on convictions is due", ["OC2"], ["CONVICTED", "DOB"])
def _convicted_under_10(data: ReturnData) -> Found:
    return {"OC2": given(data, "OC2").filter(~aged(10, data.end) & filled("CONVICTED"))}


def _of_those_who_stayed(data: ReturnData, condition: pl.Expr) -> Found:
    return {"OC2": of_children(given(data, "OC2").filter(condition), continuously_looked_after(data))}


def _of_those_who_did_not(data: ReturnData, condition: pl.Expr) -> Found:
    return {"OC2": of_others(given(data, "OC2").filter(condition), continuously_looked_after(data))}


def _school_age(data: ReturnData) -> pl.Expr:
    """Whether a child is 4 or over when the year begins and under 17 when it ends."""
    return aged(4, data.start) & ~aged(17, data.end)


@rule("157", "SDQ1 is no reason for a child of 4 to 16 to have no score", _BOTH, ["SDQ_REASON", "DOB"])
def _age_as_a_reason(data: ReturnData) -> Found:
    # "16 or under at the end of the year" is under 17; the tool of today leaves out those past their 16th birthday.
    reason = blank("SDQ_SCORE") & (pl.col("SDQ_REASON") == "SDQ1")
    return _of_those_who_stayed(data, _school_age(data) & reason)


@rule("185", "The child was not looked after for 12 months, so no score is due", _BOTH, ["SDQ_SCORE"])
def _score_not_due(data: ReturnData) -> Found:
    return _of_those_who_did_not(data, filled("SDQ_SCORE"))


@rule(
    "186",
    "A child of 4 to 16 who was looked after for 12 months should have a score, or a reason for none",
    _BOTH,
    ["SDQ_SCORE"],
)
def _score_due(data: ReturnData) -> Found:
    return _of_those_who_stayed(data, _school_age(data) & blank("SDQ_SCORE") & blank("SDQ_REASON"))


@rule("190", "The child was not looked after for 12 months, so items on those who were are not due", _BOTH, _FLAGS)
def _items_not_due(data: ReturnData) -> Found:
    return _of_those_who_did_not(data, any_filled(_FLAGS))


@rule(
    "191", "The child was looked after for 12 months, but items on those who were are blank", _BOTH, ["CHILD", *_CORE]
)
def _items_due(data: ReturnData) -> Found:
    found = dict(_of_those_who_stayed(data, any_blank(_CORE)))
    absent = of_others(continuously_looked_after(data), data["OC2"])
    found["Episodes"] = earliest_of_child(of_children(in_order(data, "Episodes", "DECOM"), absent), "DECOM")
    return found


@rule(
    "197B",
    "A child who turned 4 or 17 in the year should have a score or a reason for none",
    _BOTH,
    ["SDQ_REASON", "DOB"],
)
def _turned_4_or_17(data: ReturnData) -> Found:
    turned = [
        pl.col("DOB").is_between(years_before(data.start, years), years_before(data.end, years)) for years in (4, 17)
    ]
    neither = blank("SDQ_SCORE") & blank("SDQ_REASON")
    return _of_those_who_stayed(data, pl.any_horizontal(turned) & neither)


@rule(
    "198",
    "The child was not looked after for 12 months, so no reason for having no score is due",
    _BOTH,
    ["SDQ_REASON"],
)
def _reason_not_due(data: ReturnData) -> Found:
    return _of_those_who_did_not(data, filled("SDQ_REASON"))


@rule(
    "543",
    "A child of 10 or over who was looked after for 12 months needs an entry on convictions",
    _BOTH,
    ["CONVICTED", "DOB"],
)
def _conviction_due(data: ReturnData) -> Found:
    # Those whose 10th birthday is 31 March are 10 on that day; the tool of today leaves them out.
    return _of_those_who_stayed(data, aged(10, data.end) & blank("CONVICTED"))


@rule(
    "545",
    "A child under 5 who was looked after for 12 months needs an entry on health checks",
    _BOTH,
    ["HEALTH_CHECK", "DOB"],
)
def _health_check_due(data: ReturnData) -> Found:
    return _of_those_who_stayed(data, ~aged(5, data.end) & blank("HEALTH_CHECK"))


@rule("546", "The child is 5 or over, so no entry on health checks is due", _BOTH, ["HEALTH_CHECK", "DOB"])
def _health_check_not_due(data: ReturnData) -> Found:
    return _of_those_who_stayed(data, aged(5, data.end) & filled("HEALTH_CHECK"))


RULES = known(
    (
        *_SINGLE_ROWS,
        _score_under_4,
        _score_from_17,
        _convicted_under_10,
        _age_as_a_reason,
        _score_not_due,
        _score_due,
        _items_not_due,
        _items_due,
        _turned_4_or_17,
        _reason_not_due,
        _conviction_due,
        _health_check_due,
        _health_check_not_due,
    )
)
