"""Annex A lists 1 to 7: contacts, early help, referrals, assessments, enquiries, children in need, protection plans."""

from __future__ import annotations

import polars as pl

from transforms.indicators.annex_a_lists import (
    back,
    counted_and_rated,
    listed,
    once,
    recent,
    since,
    standing,
    told_of_all,
)
from transforms.indicators.model import Leftover, Measured, Scope, parts_of, same
from transforms.indicators.people import DURATION, PEOPLE, TWO_YEARS, duration_band, is_yes

_CONTACT, _HELPED, _REFERRED = "Date of Contact", "Assessment start date", "Date of referral"
_EARLIER = "Number of Referrals in Last 12 Months"
_STARTED, _AUTHORISED = "Continuous Assessment Start Date", "Continuous Assessment Date of Authorisation"
_ENQUIRY = "Strategy discussion initiating Section 47 Enquiry Start Date"
_CONFERENCE = "Date of Initial Child Protection Conference"
_UNNECESSARY = "Was an Initial Child Protection Conference deemed unnecessary?"
_NEED_START, _NEED_END, _SEEN = "CIN Start Date", "CIN Closure Date", "Date Child Was Last Seen"
_PLAN_START, _PLAN_END = "Child Protection Plan Start Date", "Child Protection Plan End Date"
_PREVIOUS = "Number of Previous Child Protection Plans"
_VISIT, _REVIEW = "Date of the Last Statutory Visit", "Date of latest review conference"
_CATEGORY = "Latest Category of Abuse"
IN_TIME, CONFERENCE_IN_TIME, VISIT_IN_TIME = 45, 15, 10  # working days
_COUNTS_ITSELF = "Every referral has one or more in the last 12 months: the number seems to include itself."
ABUSE = parts_of(
    "Category of abuse", "Neglect", "Physical abuse", "Sexual abuse", "Emotional abuse", "Multiple", "Not known"
)
_ABUSES = dict(zip(("a)", "b)", "c)", "d)", "e)"), ABUSE.values, strict=False))
_open_need = standing(_NEED_START, _NEED_END)
_open_plan = standing(_PLAN_START, _PLAN_END)


def _itself(scope: Scope, rows: pl.LazyFrame) -> Measured:
    """Doubt re-referrals where no referral is without an earlier one, or the number is not told of all."""
    told = told_of_all(_EARLIER)(scope, rows)
    if rows.select(pl.col("numerator").min()).collect().item() == 1:
        return Measured(rows, " ".join(filter(None, (_COUNTS_ITSELF, told.note))), True)
    return told


def _assessed(scope: Scope) -> pl.Expr:
    return recent(_AUTHORISED)(scope) & ((pl.col(_AUTHORISED) >= pl.col(_STARTED)).fill_null(True))


def _late_now(scope: Scope) -> pl.Expr:
    return scope.workdays_to_end(_STARTED) > IN_TIME


def _conferred(scope: Scope) -> pl.Expr:
    return recent(_CONFERENCE)(scope) & ((pl.col(_CONFERENCE) >= pl.col(_ENQUIRY)).fill_null(True))


def _without(scope: Scope) -> pl.Expr:
    return pl.col(_CONFERENCE).is_null() & is_yes(_UNNECESSARY)


def _long(scope: Scope) -> pl.Expr:
    return (pl.lit(scope.end) - pl.col(_PLAN_START)).dt.total_days() >= TWO_YEARS


def _three_months(scope: Scope) -> pl.Expr:
    return _open_plan(scope) & (pl.col(_PLAN_START) <= back(scope, "3mo"))


def _visited(scope: Scope) -> pl.Expr:
    return (pl.col(_VISIT) <= scope.end) & (scope.workdays_to_end(_VISIT) <= VISIT_IN_TIME)


def _abuse(rows: pl.LazyFrame, scope: Scope) -> pl.LazyFrame:
    del scope
    kind = pl.col(_CATEGORY).str.slice(0, 2).str.to_lowercase()
    return rows.with_columns(
        kind.replace_strict(_ABUSES, default="Not known", return_dtype=pl.String).alias(ABUSE.name)
    )


_need_once, _plan_once = once(_NEED_START), once(_PLAN_START)
_CASES, _PLANS = "Open cases on the day", "Plans open on the day"
INDICATORS = (
    *counted_and_rated(
        "AX1",
        "Contacts in six months",
        1,
        recent(_CONTACT),
        "ax_contacts",
        "Contacts in the six months",
        fields=(_CONTACT,),
    ),
    *counted_and_rated(
        "AX2",
        "Early help assessments in six months",
        2,
        recent(_HELPED),
        "ax_early_help",
        "Early help assessments begun in the six months",
        fields=(_HELPED,),
    ),
    *counted_and_rated(
        "AX3",
        "Referrals in six months",
        3,
        recent(_REFERRED),
        "ax_referrals",
        "Referrals in the six months",
        fields=(_REFERRED,),
    ),
    listed(
        "AX3F",
        "Referrals with no further action",
        3,
        recent(_REFERRED),
        lambda s: is_yes("Referral NFA?"),
        words=("Referrals with no further action", "Referrals in the six months"),
        fields=(_REFERRED, "Referral NFA?"),
        counts=("ax_nfa", "ax_referrals"),
    ),
    listed(
        "AX3R",
        "Referrals with an earlier one in twelve months",
        3,
        recent(_REFERRED),
        lambda s: pl.col(_EARLIER) >= 1,
        words=("Referrals with one or more in the last 12 months", "Referrals in the six months"),
        polarity="low",
        fields=(_REFERRED, _EARLIER),
        counts=("ax_again", "ax_referrals"),
        judge=_itself,
    ),
    listed(
        "AX4",
        "Assessments within 45 working days",
        4,
        _assessed,
        lambda s: s.workdays(_STARTED, _AUTHORISED) <= IN_TIME,
        words=("Authorised within 45 working days", "Assessments authorised in the six months"),
        polarity="high",
        fields=(_STARTED, _AUTHORISED),
        counts=("ax_in_time", "ax_assessed"),
    ),
    listed(
        "AX4O",
        "Open assessments over 45 working days",
        4,
        standing(_STARTED, _AUTHORISED),
        _late_now,
        words=("Open for more than 45 working days", "Assessments open on the day"),
        polarity="low",
        fields=(_STARTED, _AUTHORISED),
        counts=("ax_open_late", "ax_open"),
    ),
    *counted_and_rated(
        "AX5",
        "Section 47 enquiries in six months",
        5,
        recent(_ENQUIRY),
        "ax_enquiries",
        "Enquiries begun in the six months",
        fields=(_ENQUIRY,),
    ),
    *counted_and_rated(
        "AX5C",
        "Initial conferences in six months",
        5,
        recent(_CONFERENCE),
        "ax_conferences",
        "Initial conferences in the six months",
        fields=(_CONFERENCE,),
    ),
    listed(
        "AX5T",
        "Conferences within 15 working days",
        5,
        _conferred,
        lambda s: s.workdays(_ENQUIRY, _CONFERENCE) <= CONFERENCE_IN_TIME,
        words=("Held within 15 working days of the enquiry", "Initial conferences in the six months"),
        polarity="high",
        fields=(_ENQUIRY, _CONFERENCE),
        counts=("ax_conferred_in_time", "ax_conferred"),
        below_within=("ax_conferences",),
    ),
    listed(
        "AX5W",
        "Enquiries that ended without a conference",
        5,
        recent(_ENQUIRY),
        _without,
        words=("Conference found unnecessary and not held", "Enquiries begun in the six months"),
        fields=(_ENQUIRY, _UNNECESSARY, _CONFERENCE),
        counts=("ax_without", "ax_enquiries"),
    ),
    *counted_and_rated(
        "AX6",
        "Open children in need cases",
        6,
        _open_need,
        "ax_need",
        _CASES + ", each child once",
        yearly=1,
        step=_need_once,
        fields=(_NEED_START, _NEED_END),
    ),
    listed(
        "AX6D",
        "Open cases by duration",
        6,
        _open_need,
        words=(_CASES + " by time since their start", _CASES),
        step=_need_once,
        fields=(_NEED_START, _NEED_END),
        counts=("ax_need", "ax_need"),
        dimensions=(DURATION,),
        is_mix=True,
        add=lambda rows, s: rows.with_columns(duration_band(pl.col(_NEED_START), pl.lit(s.end))),
    ),
    *(
        listed(
            f"AX6S{weeks}",
            f"Seen in the last {weeks} weeks",
            6,
            _open_need,
            since(_SEEN, f"{weeks}w"),
            words=(f"Child last seen {weeks} weeks ago or less", _CASES),
            polarity="high",
            step=_need_once,
            fields=(_NEED_START, _NEED_END, _SEEN),
            counts=(f"ax_seen_{weeks}", "ax_need"),
            within=(f"ax_seen_{more}",) if more else (),
        )
        for weeks, more in ((2, 4), (4, 6), (6, 8), (8, None))
    ),
    *counted_and_rated(
        "AX7",
        "Child protection plans",
        7,
        _open_plan,
        "ax_plans",
        _PLANS + ", each child once",
        yearly=1,
        step=_plan_once,
        fields=(_PLAN_START, _PLAN_END),
        dimensions=(*PEOPLE, ABUSE),
        add=_abuse,
    ),
    listed(
        "AX7L",
        "Plans open for two years or more",
        7,
        _open_plan,
        _long,
        words=("Open for 730 days or more", _PLANS),
        polarity="low",
        step=_plan_once,
        fields=(_PLAN_START, _PLAN_END),
        counts=("ax_plans_long", "ax_plans"),
        leaves=(
            Leftover(same("ax_plans_3m"), same("ax_plans_long"), "ax_plans_3m", holds_always=False),
            Leftover(same("ax_plans_3m"), same("ax_plans_3_to_9m", "ax_plans_long"), holds_always=False),
        ),
    ),
    listed(
        "AX7P",
        "Plans after an earlier one",
        7,
        _open_plan,
        lambda s: pl.col(_PREVIOUS) >= 1,
        words=("With one or more previous plans", _PLANS),
        polarity="low",
        judge=told_of_all(_PREVIOUS),
        step=_plan_once,
        fields=(_PLAN_START, _PLAN_END, _PREVIOUS),
        counts=("ax_plans_again", "ax_plans"),
    ),
    listed(
        "AX7V",
        "Visited in the last 10 working days",
        7,
        _open_plan,
        _visited,
        words=("Statutory visit 10 working days ago or less", _PLANS),
        polarity="high",
        step=_plan_once,
        fields=(_PLAN_START, _PLAN_END, _VISIT),
        counts=("ax_visited_10", "ax_plans"),
        within=("ax_visited_4w",),
    ),
    listed(
        "AX7V4",
        "Visited in the last 4 weeks",
        7,
        _open_plan,
        since(_VISIT, "4w"),
        words=("Statutory visit 4 weeks ago or less", _PLANS),
        polarity="high",
        step=_plan_once,
        fields=(_PLAN_START, _PLAN_END, _VISIT),
        counts=("ax_visited_4w", "ax_plans"),
    ),
    listed(
        "AX7R",
        "Reviewed in the last six months",
        7,
        _three_months,
        since(_REVIEW, "6mo"),
        words=("Latest review six months ago or less", "Plans open for three months or more on the day"),
        polarity="high",
        step=_plan_once,
        fields=(_PLAN_START, _PLAN_END, _REVIEW),
        counts=("ax_plan_reviewed", "ax_plans_3m"),
        total_within=("ax_plans",),
        leaves=(Leftover(same("ax_plans"), same("ax_plans_3m"), holds_always=False),),
    ),
    listed(
        "AX7R3",
        "First reviewed in time",
        7,
        lambda s: _three_months(s) & (pl.col(_PLAN_START) > back(s, "9mo")),
        lambda s: pl.col(_REVIEW).is_not_null() & (pl.col(_REVIEW) <= s.end),
        words=("With a review", "Plans open for three to nine months on the day"),
        polarity="high",
        step=_plan_once,
        fields=(_PLAN_START, _PLAN_END, _REVIEW),
        counts=("ax_plan_first_reviewed", "ax_plans_3_to_9m"),
        total_within=("ax_plans_3m",),
        leaves=(Leftover(same("ax_plans_3m"), same("ax_plans_3_to_9m"), holds_always=False),),
    ),
)
