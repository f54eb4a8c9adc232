"""Annex A lists 8 to 11: looked after children, care leavers, children for adoption, adopters."""

from __future__ import annotations

from typing import Any

import polars as pl

from transforms.indicators.annex_a_lists import (
    Condition,
    Step,
    counted_and_rated,
    letter,
    listed,
    once,
    recent,
    rows_of,
    since,
    standing,
    told_of_all,
)
from transforms.indicators.episodes import days_between
from transforms.indicators.model import DAYS, Indicator, Leftover, Measure, Scope, parts_of, same
from transforms.indicators.people import BIRTH, ETHNICITY, SEX, is_yes
from transforms.returns.calendar import years_between

_START, _END = "Date Started to be Looked After", "Date Ceased to be Looked After"
_PLACEMENTS = "Number of Placements in the Last 12 months"
_REVIEW, _IRO, _WORKER = (
    "Date of Latest Statutory Review",
    "Date of Last IRO Visit / Contact to the Child",
    "Date of Last Social Work Visit",
)
_HEALTH, _DENTAL = "Date of Last Health Assessment", "Date of Last Dental Check"
_MISSING = "Number of Episodes the Child has been 'Missing' from their Placement in the last 12 months"
_ABSENT = "Number of Episodes the Child has been 'Absent' from their Placement in the last 12 months"
_OFFERED = "Was the child offered a Return Interview after their last missing episode (Y/N)?"
_ACCEPTED = "Did the child accept a Return Interview after their last missing episode (Y/N)?"
_UASC = "Unaccompanied Asylum Seeking Child (UASC) within the Last 12 Months (Y/N)"
_TOUCH, _HOME, _FIT, _DOES = "LA in Touch", "Type of Accommodation", "Suitability of Accommodation", "Activity Status"
_ENTERED, _DECIDED = "Date the Child Entered Care", "Date of Decision that Child Should be Placed for Adoption"
_ORDER, _MATCH = "Date of Placement Order", "Date of Matching Child and Prospective Adopters"
_PLACED, _ADOPTED = "Date Placed for Adoption", "Date of Adoption Order"
_REVERSED = "Date of Decision that Child Should No Longer be Placed for Adoption"
_EARLY = "Date the child was placed for fostering in FFA or concurrent planning placement"
FIRST_REVIEW = 20  # working days
VISITED = "6w"
PLACEMENTS = 3
AGES = parts_of("Age", "17 to 18 years", "19 to 21 years")
_GONE = ("e)", "f)", "h)")  # abroad, deported, residence not known
_open = standing(_START, _END)
_child_once = once(_START)
_CLA = "Looked after on the day"


def _reviewed(scope: Scope) -> pl.Expr:
    is_new = scope.workdays_to_end(_START) < FIRST_REVIEW
    return since(_REVIEW, "6mo")(scope).fill_null(False) | is_new


def _assessed(scope: Scope) -> pl.Expr:
    is_young = (years_between(pl.col(BIRTH), pl.lit(scope.end)) < 5).fill_null(False)
    return pl.when(is_young).then(since(_HEALTH, "6mo")(scope)).otherwise(since(_HEALTH, "12mo")(scope))


def _missing_once(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Keep children who went missing by their one row: those that AX8M counts."""
    return _child_once(rows).filter(pl.col(_MISSING) >= 1)


def _offered_once(rows: pl.LazyFrame) -> pl.LazyFrame:
    return _missing_once(rows).filter(is_yes(_OFFERED))


def _age(scope: Scope) -> pl.Expr:
    by_birth = years_between(pl.col(BIRTH), pl.lit(scope.end)).cast(pl.Int64)
    if "Age of Child (Years)" not in scope.table("list_9").collect_schema().names():
        return by_birth
    return pl.coalesce(by_birth, pl.col("Age of Child (Years)").cast(pl.Int64, strict=False))


def _leaver(scope: Scope) -> pl.Expr:
    is_out = (letter(_TOUCH) == "d)").fill_null(False)
    return _age(scope).is_between(17, 21).fill_null(False) & ~is_out


def _housed(scope: Scope) -> pl.Expr:
    return _leaver(scope) & ~letter(_HOME).is_in(_GONE).fill_null(False)


def _aged(rows: pl.LazyFrame, scope: Scope) -> pl.LazyFrame:
    band = pl.when(_age(scope) <= 18).then(pl.lit(AGES.values[0])).otherwise(pl.lit(AGES.values[1]))
    return rows.with_columns(band.alias(AGES.name))


def _busy(scope: Scope) -> pl.Expr:
    del scope
    return pl.col(_DOES).str.slice(0, 1).str.to_uppercase().is_in(["F", "P"])


def _leavers(
    code: str,
    title: str,
    above: str,
    column: str,
    polarity: str,
    numerator: Condition,
    below: Condition = _leaver,
    of: str = "ax_leavers",
) -> Indicator:
    return listed(
        code,
        title,
        9,
        below,
        numerator,
        words=(above, "Care leavers aged 17 to 21"),
        polarity=polarity,
        step=once("Date of Birth"),
        fields=(_TOUCH, column),
        counts=(f"{code} yes", of),
        total_within=("ax_leavers",) if of != "ax_leavers" else (),
        leaves=(Leftover(same("ax_leavers"), same(of), holds_always=False),) if of != "ax_leavers" else (),
        dimensions=(AGES, SEX, ETHNICITY),
        add=_aged,
    )


def _adopted(scope: Scope) -> pl.LazyFrame:
    return rows_of(scope, 10).filter(recent(_ADOPTED, "12mo")(scope) & pl.col(_PLACED).is_not_null())


def _to_home(scope: Scope) -> pl.LazyFrame:
    moved = pl.min_horizontal(_PLACED, _EARLY)
    return _days(scope, (moved - pl.col(_ENTERED)).dt.total_days())


def _to_match(scope: Scope) -> pl.LazyFrame:
    return _days(scope, days_between(_ORDER, _MATCH).clip(lower_bound=0))


def _days(scope: Scope, days: pl.Expr) -> pl.LazyFrame:
    """Return adopted children whose days are known, with their sum above the line."""
    known = _adopted(scope).filter(days.is_not_null())
    return known.with_columns(days.alias("numerator"), pl.lit(1).alias("denominator"))


def _stage(number: int, months: int) -> Indicator:
    start, end = f"Date Stage {number} started", f"Date Stage {number} ended"
    return listed(
        f"AX11S{number}",
        f"Adopters' stage {number} within {months} months",
        11,
        lambda s: recent(end, "12mo")(s) & (pl.col(end) >= pl.col(start)),
        lambda s: pl.col(end) <= pl.col(start).dt.offset_by(f"{months}mo"),
        words=(f"Ended {months} months after its start or before", f"Stages {number} ended in the last 12 months"),
        polarity="high",
        fields=(start, end),
        counts=(f"ax_stage_{number}_in_time", f"ax_stage_{number}"),
        dimensions=(),
    )


def _time(code: str, title: str, measure: Measure, fields: tuple[str, ...], of: str) -> Indicator:
    return Indicator(
        code,
        title,
        f"{title}, of children adopted in the last 12 months.",
        "Sum of days",
        "Children adopted in the last 12 months",
        DAYS,
        0,
        "low",
        "annex_a",
        "ASC; INF from list 10",
        measure,
        tuple(f"list_10.{name}" for name in fields),
        (),
        # Not one within the other: a child may have a match, and no date of entering care.
        counts=(f"{code} sum", of),
        is_amount=True,
    )


def _care(
    code: str,
    title: str,
    above: str,
    column: str,
    polarity: str,
    numerator: Condition,
    count: str,
    step: Step = _child_once,
    of: str = "ax_cla",
    whole: str = _CLA,
    **more: Any,
) -> Indicator:
    return listed(
        code,
        title,
        8,
        _open,
        numerator,
        words=(above, whole),
        polarity=polarity,
        step=step,
        fields=(_START, _END, column),
        counts=(count, of),
        **more,
    )


_OF_MISSING = "Looked after on the day and missing in the last 12 months"
INDICATORS = (
    *counted_and_rated(
        "AX8",
        "Children looked after",
        8,
        _open,
        "ax_cla",
        _CLA + ", each once",
        yearly=1,
        step=_child_once,
        fields=(_START, _END),
    ),
    *counted_and_rated(
        "AX8S",
        "Started to be looked after in six months",
        8,
        recent(_START),
        "ax_cla_started",
        "Children who started in the six months",
        step=_child_once,
        fields=(_START,),
        # There before the six months: of those on the day or who ceased in them, the ones who did not start in them.
        leaves=(
            Leftover(same("ax_cla", "ax_cla_ceased"), same("ax_cla_started"), "ax_cla_started", holds_always=False),
        ),
    ),
    *counted_and_rated(
        "AX8E",
        "Ceased to be looked after in six months",
        8,
        recent(_END),
        "ax_cla_ceased",
        "Children who ceased in the six months",
        step=_child_once,
        fields=(_END,),
    ),
    _care(
        "AX8U",
        "Unaccompanied asylum seeking children",
        "Unaccompanied in the last 12 months",
        _UASC,
        "none",
        lambda s: is_yes(_UASC),
        "ax_uasc",
    ),
    _care(
        "AX8P",
        "Three or more placements in twelve months",
        "With three or more placements in the last 12 months",
        _PLACEMENTS,
        "low",
        lambda s: pl.col(_PLACEMENTS) >= PLACEMENTS,
        "ax_many_placements",
        judge=told_of_all(_PLACEMENTS),
    ),
    _care(
        "AX8R",
        "Reviewed on time",
        "Latest review six months ago or less, or in care for under 20 working days",
        _REVIEW,
        "high",
        _reviewed,
        "ax_cla_reviewed",
        source="STD; INF",
    ),
    _care(
        "AX8I",
        "Seen by the reviewing officer in six weeks",
        "Last contact six weeks ago or less",
        _IRO,
        "high",
        since(_IRO, VISITED),
        "ax_iro",
    ),
    _care(
        "AX8V",
        "Visited by the social worker in six weeks",
        "Last visit six weeks ago or less",
        _WORKER,
        "high",
        since(_WORKER, VISITED),
        "ax_cla_visited",
    ),
    _care(
        "AX8H",
        "Health assessment in time",
        "Last assessment 12 months ago or less, 6 for under fives",
        _HEALTH,
        "high",
        _assessed,
        "ax_health",
    ),
    _care(
        "AX8D",
        "Dental check in twelve months",
        "Last check 12 months ago or less",
        _DENTAL,
        "high",
        since(_DENTAL, "12mo"),
        "ax_dental",
    ),
    _care(
        "AX8M",
        "Missing in twelve months",
        "With one or more missing episodes in the last 12 months",
        _MISSING,
        "low",
        lambda s: pl.col(_MISSING) >= 1,
        "ax_missing",
        judge=told_of_all(_MISSING),
    ),
    _care(
        "AX8A",
        "Absent in twelve months",
        "With one or more absent episodes in the last 12 months",
        _ABSENT,
        "none",
        lambda s: pl.col(_ABSENT) >= 1,
        "ax_absent",
        judge=told_of_all(_ABSENT),
    ),
    _care(
        "AX8O",
        "Return interview offered",
        "Offered a return interview after the last missing episode",
        _OFFERED,
        "high",
        lambda s: is_yes(_OFFERED),
        "ax_offered",
        _missing_once,
        "ax_missing",
        _OF_MISSING,
    ),
    _care(
        "AX8C",
        "Return interview accepted",
        "Accepted a return interview",
        _ACCEPTED,
        "high",
        lambda s: is_yes(_ACCEPTED),
        "ax_accepted",
        _offered_once,
        "ax_offered",
        "Offered a return interview",
    ),
    _leavers("AX9T", "Care leavers in touch", "In touch", _TOUCH, "high", lambda s: letter(_TOUCH) == "a)"),
    _leavers(
        "AX9S",
        "Care leavers in suitable accommodation",
        "Accommodation is suitable",
        _FIT,
        "high",
        lambda s: letter(_FIT) == "a)",
        _housed,
        "ax_leavers_housed",
    ),
    _leavers(
        "AX9E", "Care leavers in education, employment or training", "Activity is one of F and P", _DOES, "high", _busy
    ),
    _time(
        "AX10",
        "Days from entering care to moving in (A10)",
        _to_home,
        (_ENTERED, _PLACED, _EARLY, _ADOPTED),
        "ax_adopted",
    ),
    _time(
        "AX10M",
        "Days from placement order to match (A2)",
        _to_match,
        (_ORDER, _MATCH, _PLACED, _ADOPTED),
        "ax_adopted_matched",
    ),
    listed(
        "AX10W",
        "Children waiting for adoption",
        10,
        lambda s: (
            (pl.col(_DECIDED) <= s.end)
            & pl.all_horizontal(pl.col(n).is_null() | (pl.col(n) > s.end) for n in (_PLACED, _ADOPTED, _REVERSED))
        ),
        unit="count",
        words=("Children with a decision, not placed, not reversed", ""),
        step=once(_DECIDED),
        fields=(_DECIDED, _PLACED, _REVERSED),
        counts=("ax_waiting", ""),
    ),
    _stage(1, 2),
    _stage(2, 4),
)
