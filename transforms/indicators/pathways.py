"""What followed a referral, and what followed an enquiry: the forms regional reports use.

Source: reference 2.2, after the pathway reports of the London regional pipeline; options, not published measures.
"""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from transforms.indicators.cases import CHILD, EPISODE, RETURN, referrals, with_people
from transforms.indicators.looked_after import counted
from transforms.indicators.model import PERCENT, Indicator, Scope, parts_of
from transforms.returns.model import ROW

FOLLOWS_WITHIN = 30  # days after the referral
PLAN_AFTER_ENQUIRY, PLAN_AFTER_CONFERENCE = 60, 45
_CASE = (*EPISODE, "CINreferralDate")  # the date too: a child that a file holds twice is numbered twice
OUTCOME = parts_of("Outcome", "Assessment", "Enquiry", "Assessment and enquiry", "Neither")
JOURNEY = parts_of("Outcome", "Plan", "Conference without plan", "No conference", "Too recent")


def _followed(scope: Scope, table: str, start: str, name: str) -> pl.LazyFrame:
    """Return referrals of the year with whether something of the episode began 0 to 30 days after them."""
    began = scope.table(table).select(*EPISODE, start).drop_nulls()
    days = (pl.col(start) - pl.col("CINreferralDate")).dt.total_days()
    return (
        referrals(scope)
        .select(_CASE)
        .join(began, on=EPISODE)
        .filter(days.is_between(0, FOLLOWS_WITHIN))
        .select(_CASE)
        .unique()
        .with_columns(pl.lit(True).alias(name))
    )


def _referral_outcome(scope: Scope) -> pl.LazyFrame:
    assessed = _followed(scope, "Assessments", "AssessmentActualStartDate", "assessed")
    enquired = _followed(scope, "Section47", "S47ActualStartDate", "enquired")
    rows = referrals(scope).join(assessed, on=_CASE, how="left").join(enquired, on=_CASE, how="left")
    has_assessment, has_enquiry = pl.col("assessed").is_not_null(), pl.col("enquired").is_not_null()
    outcome = (
        pl.when(has_assessment & has_enquiry)
        .then(pl.lit(OUTCOME.values[2]))
        .when(has_assessment)
        .then(pl.lit(OUTCOME.values[0]))
        .when(has_enquiry)
        .then(pl.lit(OUTCOME.values[1]))
        .otherwise(pl.lit(OUTCOME.values[3]))
    )
    return counted(rows.with_columns(outcome.alias(OUTCOME.name)))


def _journey(scope: Scope) -> pl.LazyFrame:
    rows = scope.table("Section47").filter(scope.within("S47ActualStartDate"))
    starts = scope.table("ChildProtectionPlans").select(CHILD, "CPPstartDate").drop_nulls()
    after_enquiry = (pl.col("CPPstartDate") - pl.col("S47ActualStartDate")).dt.total_days()
    after_conference = (pl.col("CPPstartDate") - pl.col("DateOfInitialCPC")).dt.total_days()
    is_linked = after_enquiry.is_between(0, PLAN_AFTER_ENQUIRY) | after_conference.is_between(
        0, PLAN_AFTER_CONFERENCE
    ).fill_null(False)
    linked = (
        rows.join(starts, on=CHILD).filter(is_linked).select(ROW).unique().with_columns(pl.lit(True).alias("planned"))
    )
    held, begun = pl.col("DateOfInitialCPC"), pl.col("S47ActualStartDate")
    is_recent = (
        pl.when(held.is_not_null())
        .then(held > scope.end - timedelta(days=PLAN_AFTER_CONFERENCE))
        .otherwise(begun > scope.end - timedelta(days=PLAN_AFTER_ENQUIRY))
    )
    outcome = (
        pl.when(pl.col("planned").is_not_null())
        .then(pl.lit("Plan"))
        .when(is_recent)
        .then(pl.lit("Too recent"))
        .when(held.is_not_null())
        .then(pl.lit("Conference without plan"))
        .otherwise(pl.lit("No conference"))
    )
    return counted(with_people(scope, rows.join(linked, on=ROW, how="left").with_columns(outcome.alias(JOURNEY.name))))


INDICATORS = (
    Indicator(
        "PW1",
        "What followed referrals",
        "Whether an assessment or an enquiry of the episode began 0 to 30 days after.",
        "Referrals in the year by what followed",
        "Referrals in the year",
        PERCENT,
        1,
        "none",
        RETURN,
        "LIIA; INF",
        _referral_outcome,
        ("CINdetails.CINreferralDate", "Assessments.AssessmentActualStartDate", "Section47.S47ActualStartDate"),
        (OUTCOME,),
        counts=("referrals", "referrals"),
        is_part=True,
        is_mix=True,
    ),
    Indicator(
        "PW2",
        "What followed enquiries",
        "A plan within 60 days of the enquiry or 45 of the conference; the last weeks are too recent to tell.",
        "Enquiries started in the year by what followed",
        "Enquiries started in the year",
        PERCENT,
        1,
        "none",
        RETURN,
        "LIIA; INF",
        _journey,
        ("Section47.S47ActualStartDate", "Section47.DateOfInitialCPC", "ChildProtectionPlans.CPPstartDate"),
        (JOURNEY,),
        counts=("enquiries", "enquiries"),
        is_part=True,
        is_mix=True,
    ),
)
