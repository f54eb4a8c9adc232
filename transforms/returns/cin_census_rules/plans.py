"""Rules on plans: for children in need, for their protection, and the reviews of the latter.

Source: DfE, children in need census, validation rules 2022/23 to 2025/26.
"""

from __future__ import annotations

import polars as pl

from transforms.returns.cin_census_rules import codes
from transforms.returns.cin_census_rules.linked import (
    CHILD,
    EPISODE,
    PLAN,
    among,
    beside,
    crowded,
    has_one_nameless,
    keys_of,
    of,
    of_codes,
    outside,
    overlapping,
    pair,
    return_level,
    told_apart,
)
from transforms.returns.model import ROW, ReturnData
from transforms.returns.rule import QUERY, Found, Rule, rule, where

BEGUN, ENDED = pl.col("CINPlanStartDate"), pl.col("CINPlanEndDate")
PROTECTED, RELEASED = pl.col("CPPstartDate"), pl.col("CPPendDate")
REVIEWED = pl.col("CPPreviewDate")
CPP = "ChildProtectionPlans"


@rule(
    "4003",
    "A child protection plan was reviewed during a child in need plan of the same episode",
    ["Reviews", CPP, "CINplanDates"],
    ["CINPlanStartDate", "CINPlanEndDate", "CPPreviewDate"],
)
def reviewed_in_need(data: ReturnData) -> Found:
    """A review during a child in need plan, one without an end included, unless it ended the protection plan.

    Plans of other episodes do not count, and protection plans that have not ended do, as the rule says;
    today's validator holds it the other way round, and passes over plans that are open.
    """
    reviews = beside(data, "Reviews", CPP, PLAN)
    shared = [key for key in EPISODE if key in reviews.collect_schema()]
    keys = [key for key in keys_of(data, ("CINplanDates",), EPISODE) if key in shared] or list(CHILD)
    plans = told_apart(data["CINplanDates"], keys).select(*keys, BEGUN, ENDED, pl.col(ROW).alias("plan"))
    during = _starts_during(REVIEWED, BEGUN, ENDED, data) & REVIEWED.ne_missing(of(CPP, "CPPendDate"))
    both = reviews.join(plans, on=keys, how="inner", nulls_equal=has_one_nameless(data)).filter(during)
    found = both.select(ROW, f"{CPP}.{ROW}", "plan").collect().lazy()
    return {
        "Reviews": found.select(ROW),
        CPP: found.select(pl.col(f"{CPP}.{ROW}").alias(ROW)),
        "CINplanDates": found.select(pl.col("plan").alias(ROW)),
    }


@rule("4004", "More than one open child in need plan in an episode", ["CINplanDates"], ["CINPlanEndDate"])
def two_open_in_need(data: ReturnData) -> Found:
    """Two open plans."""
    return {"CINplanDates": crowded(data["CINplanDates"], ENDED.is_null(), EPISODE)}


@rule("4014", "Child in need plans of a child overlap", ["CINplanDates"], ["CINPlanStartDate", "CINPlanEndDate"])
def overlap_in_need(data: ReturnData) -> Found:
    """Plans that overlap, both."""
    end = pl.coalesce(ENDED, pl.lit(data.end))
    return {"CINplanDates": overlapping(data["CINplanDates"], "CINPlanStartDate", end, CHILD)}


@rule("8940", "Child protection plans of a child overlap", [CPP], ["CPPstartDate", "CPPendDate"])
def overlap_of_protection(data: ReturnData) -> Found:
    """Plans that overlap, both; today's validator does not compare plans that bear the same number in two episodes."""
    end = pl.coalesce(RELEASED, pl.lit(data.end))
    return {CPP: overlapping(data[CPP], "CPPstartDate", end, CHILD)}


@rule("8935", "More than one open child protection plan of a child", [CPP], ["CPPendDate"])
def two_open_of_protection(data: ReturnData) -> Found:
    """Two open plans of a child.

    Today's validator asks only plans that bear the same number, which two plans of an episode never do.
    """
    return {CPP: crowded(data[CPP], RELEASED.is_null(), CHILD)}


def _in_year(column: pl.Expr, data: ReturnData) -> pl.Expr:
    return column.is_between(data.start, data.end)


@rule(
    "2885",
    "Child protection plan starts on another day than the initial conference",
    [CPP, "Section47", "CINdetails"],
    ["CPPstartDate", "DateOfInitialCPC"],
)
def starts_on_another_day(data: ReturnData) -> Found:
    """A plan of the year that starts with no conference of its episode.

    Conferences are those of section 47 enquiries that called for one; only where an episode has no such
    enquiry, its own.
    Conferences are cited where no plan of the episode fits any of them.
    """
    plans = data[CPP].filter(_in_year(PROTECTED, data)).select(ROW, *EPISODE, "CPPstartDate").collect().lazy()
    enquiries = data["Section47"].filter(pl.col("ICPCnotRequired").ne_missing(True))
    episodes = data["CINdetails"]
    enquired, unenquired = among(plans, enquiries, EPISODE), outside(plans, enquiries, EPISODE)
    fits, own = _fitting(enquired, enquiries), _fitting(unenquired, episodes)
    return {
        CPP: pl.concat([outside(enquired, fits, (ROW,)), outside(unenquired, own, (ROW,))]),
        "Section47": outside(among(enquiries, enquired, EPISODE), fits, EPISODE),
        "CINdetails": outside(among(episodes, unenquired, EPISODE), own, EPISODE),
    }


def _fitting(plans: pl.LazyFrame, conferences: pl.LazyFrame) -> pl.LazyFrame:
    keys = [*EPISODE, "CPPstartDate"]
    days = conferences.filter(pl.col("DateOfInitialCPC").is_not_null())
    days = days.select(*EPISODE, pl.col("DateOfInitialCPC").alias("CPPstartDate"))
    return plans.join(days, on=keys, how="semi", nulls_equal=True).collect().lazy()


def _more_plans_than_conferences(data: ReturnData) -> bool:
    def count(table: str, column: str) -> int:
        return int(data[table].select(_in_year(pl.col(column), data).sum()).collect().item())

    held = count("CINdetails", "DateOfInitialCPC") + count("Section47", "DateOfInitialCPC")
    return count(CPP, "CPPstartDate") > held


def _starts_during(day: pl.Expr, start: pl.Expr, end: pl.Expr, data: ReturnData) -> pl.Expr:
    # On the last day one may follow the other; an open one lasts until the reference date.
    return (day >= start) & ((day < end) | (end.is_null() & (day <= data.end)))


def _in_need_during_protection(data: ReturnData) -> pl.Expr:
    return _starts_during(BEGUN, of(CPP, "CPPstartDate"), of(CPP, "CPPendDate"), data)


def _protected_during_need(data: ReturnData) -> pl.Expr:
    return _starts_during(of(CPP, "CPPstartDate"), BEGUN, ENDED, data)


IN_NEED_RULES = (
    reviewed_in_need,
    two_open_in_need,
    overlap_in_need,
    pair(
        "4000",
        "Child in need plan for a referral without further action",
        ("CINplanDates", "CINdetails"),
        ["ReferralNFA"],
        of("CINdetails", "ReferralNFA"),
    ),
    # A plan without a start counts, as the rule says; today's validator leaves it out.
    pair(
        "4001",
        "Child in need plan and child protection plan are both open in an episode",
        ("CINplanDates", CPP),
        ["CINPlanEndDate", "CPPendDate"],
        ENDED.is_null() & of(CPP, "CPPendDate").is_null(),
    ),
    pair(
        "4008",
        "Child in need plan starts after the date of death",
        ("CINplanDates", "ChildIdentifiers"),
        ["PersonDeathDate", "CINPlanStartDate"],
        of("ChildIdentifiers", "PersonDeathDate") < BEGUN,
        CHILD,
    ),
    pair(
        "4009Q",
        "Child in need plan ends after the date of death",
        ("CINplanDates", "ChildIdentifiers"),
        ["PersonDeathDate", "CINPlanEndDate"],
        of("ChildIdentifiers", "PersonDeathDate") < ENDED,
        CHILD,
        severity=QUERY,
    ),
    where(
        "4010",
        "Start of a child in need plan is missing or after the census year",
        "CINplanDates",
        ["CINPlanStartDate"],
        lambda data: BEGUN.is_null() | (BEGUN > data.end),
    ),
    where(
        "4011",
        "Child in need plan ends before it starts",
        "CINplanDates",
        ["CINPlanEndDate", "CINPlanStartDate"],
        ENDED < BEGUN,
    ),
    where(
        "4012Q",
        "Child in need plan starts and ends on one day",
        "CINplanDates",
        ["CINPlanStartDate", "CINPlanEndDate"],
        BEGUN == ENDED,
        severity=QUERY,
    ),
    where(
        "4013",
        "Child in need plan ends outside the census year",
        "CINplanDates",
        ["CINPlanEndDate"],
        lambda data: ~_in_year(ENDED, data),
    ),
    pair(
        "4015",
        "Child in need plan starts before the referral",
        ("CINplanDates", "CINdetails"),
        ["CINPlanStartDate", "CINreferralDate"],
        of("CINdetails", "CINreferralDate") > BEGUN,
    ),
    pair(
        "4016",
        "Child in need plan starts during a child protection plan",
        ("CINplanDates", CPP),
        ["CINPlanStartDate", "CPPstartDate", "CPPendDate"],
        _in_need_during_protection,
        CHILD,
    ),
    pair(
        "4017",
        "Child protection plan starts during a child in need plan",
        ("CINplanDates", CPP),
        ["CINPlanStartDate", "CINPlanEndDate", "CPPstartDate"],
        _protected_during_need,
        CHILD,
    ),
)

PROTECTION_RULES = (
    overlap_of_protection,
    two_open_of_protection,
    starts_on_another_day,
    pair(
        "1105",
        "Child protection plan starts before the referral",
        (CPP, "CINdetails"),
        ["CPPstartDate", "CINreferralDate"],
        of("CINdetails", "CINreferralDate") > PROTECTED,
    ),
    return_level(
        "2883",
        "More child protection plans started in the census year than initial conferences were held",
        (CPP, "CINdetails", "Section47"),
        ("CPPstartDate", "DateOfInitialCPC"),
        _more_plans_than_conferences,
    ),
    where(
        "8720",
        "Start of a child protection plan is missing or after the census year",
        CPP,
        ["CPPstartDate"],
        lambda data: pl.col("CPPID").is_not_null() & (PROTECTED.is_null() | (PROTECTED > data.end)),
    ),
    where(
        "8730",
        "Number of previous child protection plans is missing or below zero",
        CPP,
        ["NumberOfPreviousCPP"],
        pl.col("NumberOfPreviousCPP").is_null() | (pl.col("NumberOfPreviousCPP") < 0),
    ),
    # Today's validator swaps the row numbers of the two tables.
    pair(
        "8832",
        "Child protection plan for a referral without further action",
        (CPP, "CINdetails"),
        ["CINdetailsID", "ReferralNFA"],
        of("CINdetails", "ReferralNFA"),
    ),
    where(
        "8840",
        "Child protection plan starts and ends on one day",
        CPP,
        ["CPPstartDate", "CPPendDate"],
        PROTECTED == RELEASED,
    ),
    pair(
        "8841",
        "Review is on or before the day the child protection plan starts",
        ("Reviews", CPP),
        ["CPPstartDate", "CPPreviewDate"],
        of(CPP, "CPPstartDate") >= REVIEWED,
        PLAN,
    ),
    where("8842Q", "Review without a date", "Reviews", ["CPPreviewDate"], REVIEWED.is_null(), severity=QUERY),
    of_codes(
        "8905",
        "Initial category of abuse is missing or not a code",
        CPP,
        "InitialCategoryOfAbuse",
        codes.ABUSES,
        is_required=True,
    ),
    of_codes(
        "8910",
        "Latest category of abuse is missing or not a code",
        CPP,
        "LatestCategoryOfAbuse",
        codes.ABUSES,
        is_required=True,
    ),
    pair(
        "8915",
        "Child protection plan starts after the date of death",
        (CPP, "ChildIdentifiers"),
        ["CPPstartDate", "PersonDeathDate"],
        of("ChildIdentifiers", "PersonDeathDate") < PROTECTED,
        CHILD,
    ),
    pair(
        "8920",
        "Child protection plan ends after the date of death",
        (CPP, "ChildIdentifiers"),
        ["PersonDeathDate", "CPPendDate"],
        of("ChildIdentifiers", "PersonDeathDate") < RELEASED,
        CHILD,
    ),
    where(
        "8925",
        "Child protection plan ends before it starts",
        CPP,
        ["CPPstartDate", "CPPendDate"],
        RELEASED < PROTECTED,
    ),
    where(
        "8930",
        "Child protection plan ends outside the census year",
        CPP,
        ["CPPendDate"],
        lambda data: ~_in_year(RELEASED, data),
    ),
)

RULES: tuple[Rule, ...] = IN_NEED_RULES + PROTECTION_RULES
