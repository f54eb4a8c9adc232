"""Rules on episodes of need: referral, closure, and what may and must go with them.

Source: DfE, children in need census, validation rules 2022/23 to 2025/26.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from transforms.returns.calendar import working_day_before
from transforms.returns.cin_census_rules import codes
from transforms.returns.cin_census_rules.linked import (
    CHILD,
    EPISODE,
    among,
    beside,
    cited,
    crowded,
    named,
    not_a_code,
    of,
    of_codes,
    outside,
    overlapping,
    pair,
)
from transforms.returns.model import ROW, ReturnData
from transforms.returns.rule import QUERY, Found, Rule, rule, where

REFERRED, CLOSED, REASON = pl.col("CINreferralDate"), pl.col("CINclosureDate"), pl.col("ReasonForClosure")
WITHOUT_ACTION = pl.col("ReferralNFA")
WITH_ACTION = WITHOUT_ACTION.not_().fill_null(False)
CONFERENCE = pl.col("DateOfInitialCPC")
LONGEST_BEFORE_BIRTH = "-280d"
SOURCE_REQUIRED_SINCE = date(2013, 4, 1)


@rule("8568", "Flag for no further action is missing or invalid", ["CINdetails"], ["ReferralNFA"])
def flag(data: ReturnData) -> Found:
    """The flag as it came: 0, 1, false or true, in any case."""
    valid = WITHOUT_ACTION.cast(pl.String).str.to_lowercase().is_in(["0", "1", "false", "true"])
    return {"CINdetails": data.text("CINdetails").filter(valid.fill_null(False).not_())}


@rule(
    "8569Q",
    "Referred earlier than a working day before the census year, and yet not flagged as further action",
    ["CINdetails"],
    ["ReferralNFA", "CINreferralDate"],
    severity=QUERY,
)
def old_referral(data: ReturnData) -> Found:
    """A referral of an earlier year can be in this one only if it led to something."""
    earliest = working_day_before(data.start, 1, data.holidays or None)
    return {"CINdetails": data["CINdetails"].filter((earliest > REFERRED) & WITH_ACTION.not_())}


@rule("8866", "Source of referral is missing or not a code", ["CINdetails"], ["CINreferralDate", "ReferralSource"])
def source(data: ReturnData) -> Found:
    """The source, which every referral since April 2013 has."""
    sent = data.text("CINdetails").select(ROW, "ReferralSource")
    recent = data["CINdetails"].filter(REFERRED >= SOURCE_REQUIRED_SINCE).select(ROW)
    wrong = not_a_code("ReferralSource", codes.REFERRAL_SOURCES).fill_null(True)
    return {"CINdetails": recent.join(sent.filter(wrong), on=ROW)}


@rule(
    "8815",
    "More than one open episode of a child, each a referral that went on to further action",
    ["CINdetails"],
    ["ReferralNFA", "CINclosureDate"],
)
def two_open(data: ReturnData) -> Found:
    """Two open episodes; those of referrals without further action may be open."""
    return {"CINdetails": crowded(data["CINdetails"], CLOSED.is_null() & WITH_ACTION, CHILD)}


@rule(
    "8816",
    "An open episode that is not the child's latest, of a referral that went on to further action",
    ["CINdetails"],
    ["CINreferralDate", "ReferralNFA"],
)
def open_but_not_latest(data: ReturnData) -> Found:
    """An open episode before the latest one, and that latest; of two on one day the first is the latest."""
    rows = data["CINdetails"].filter(named((*CHILD, "CINreferralDate")))
    is_latest = pl.col("CINreferralDate") == pl.col("CINreferralDate").max().over(CHILD)
    latest = pl.when(is_latest).then(pl.col(ROW)).min().over(CHILD).alias("latest")
    open_rows = CLOSED.is_null() & WITH_ACTION & (pl.col(ROW) != pl.col("latest"))
    found = rows.select(ROW, *CHILD, "CINclosureDate", "ReferralNFA", latest).filter(open_rows)
    return {"CINdetails": pl.concat([found.select(ROW), found.select(pl.col("latest").alias(ROW))])}


@rule("8820", "Episodes of a child overlap", ["CINdetails"], ["CINreferralDate", "CINclosureDate"])
def overlap(data: ReturnData) -> Found:
    """A referral before another's closure, or before the reference date while the other is open.

    One may begin on the day on which another ends.
    """
    end = pl.coalesce(CLOSED, pl.when(WITH_ACTION).then(pl.lit(data.end)))
    return {"CINdetails": overlapping(data["CINdetails"], "CINreferralDate", end, CHILD, is_end_within=False)}


@rule(
    "8825Q",
    "Closed after assessment, and there is no assessment",
    ["CINdetails", "Assessments"],
    ["ReasonForClosure"],
    severity=QUERY,
)
def closed_without_assessment(data: ReturnData) -> Found:
    """A closure that says there was an assessment."""
    closed = data["CINdetails"].filter(REASON.is_in(codes.CLOSED_AFTER_ASSESSMENT))
    return {"CINdetails": outside(closed, data["Assessments"], EPISODE)}


@rule(
    "2990",
    "Activity beside a case closed after assessment",
    ["CINdetails", "Section47", "ChildProtectionPlans", "CINplanDates"],
    ["ReasonForClosure", "DateOfInitialCPC"],
)
def activity_beyond_assessment(data: ReturnData) -> Found:
    """A conference, a section 47 enquiry or a plan where the case was closed after assessment."""
    closed = data["CINdetails"].filter(REASON.is_in(codes.CLOSED_AFTER_ASSESSMENT))
    closed = closed.select(ROW, *EPISODE, "DateOfInitialCPC").collect().lazy()
    found = {
        table: among(data[table], closed, EPISODE) for table in ("Section47", "ChildProtectionPlans", "CINplanDates")
    }
    active = [among(closed, data[table], EPISODE).select(ROW) for table in found]
    found["CINdetails"] = pl.concat([*active, closed.filter(CONFERENCE.is_not_null()).select(ROW)])
    return found


@rule(
    "8831",
    "Activity beside a referral without further action",
    ["CINdetails", "Section47", "Assessments"],
    [
        "AssessmentActualStartDate",
        "AssessmentAuthorisationDate",
        "S47ActualStartDate",
        "DateOfInitialCPC",
        "ReferralNFA",
    ],
)
def activity_without_action(data: ReturnData) -> Found:
    """A conference, a section 47 enquiry or an assessment where there was to be no action.

    Beside a conference all enquiries of the episode are cited.
    """
    without = of("CINdetails", "ReferralNFA")
    begun = pl.col("S47ActualStartDate").is_not_null() | of("CINdetails", "DateOfInitialCPC").is_not_null()
    enquiries = cited(beside(data, "Section47", "CINdetails").filter(without & begun), "Section47", "CINdetails")
    dated = pl.col("AssessmentActualStartDate").is_not_null() | pl.col("AssessmentAuthorisationDate").is_not_null()
    assessed = cited(beside(data, "Assessments", "CINdetails").filter(without & dated), "Assessments", "CINdetails")
    held = data["CINdetails"].filter(WITHOUT_ACTION & CONFERENCE.is_not_null())
    episodes = [frame.select(ROW) for frame in (enquiries["CINdetails"], assessed["CINdetails"], held)]
    return {
        "CINdetails": pl.concat(episodes),
        "Section47": enquiries["Section47"],
        "Assessments": assessed["Assessments"],
    }


ACTIVITIES = {
    "Assessments": ("AssessmentActualStartDate", "AssessmentAuthorisationDate"),
    "Section47": ("S47ActualStartDate", "DateOfInitialCPC"),
    "ChildProtectionPlans": ("CPPendDate",),
    "CINplanDates": ("CINPlanStartDate", "CINPlanEndDate"),
}


@rule(
    "8565",
    "Activity after the case was closed",
    ["CINdetails", *ACTIVITIES],
    ["CINclosureDate", *dict.fromkeys(name for names in ACTIVITIES.values() for name in names)],
)
def activity_after_closure(data: ReturnData) -> Found:
    """Any date later than the closure; today's validator knows no plan but one of its own test."""
    found: dict[str, pl.LazyFrame] = {}
    episodes = [data["CINdetails"].filter(CONFERENCE > CLOSED).select(ROW)]
    for table, columns in ACTIVITIES.items():
        later = pl.any_horizontal([pl.col(name) > of("CINdetails", "CINclosureDate") for name in columns])
        rows = cited(beside(data, table, "CINdetails").filter(later), table, "CINdetails")
        found[table] = rows[table]
        episodes.append(rows["CINdetails"].select(ROW))
    return found | {"CINdetails": pl.concat(episodes)}


def _long_before_birth() -> pl.Expr:
    born = [of("ChildIdentifiers", name) for name in ("PersonBirthDate", "ExpectedPersonBirthDate")]
    return pl.any_horizontal([day.dt.offset_by(LONGEST_BEFORE_BIRTH) > REFERRED for day in born])


def _closed_with_enquiry_open() -> pl.Expr:
    # One of the two must be there, and not both: a conference that was held was required.
    not_required = pl.col("ICPCnotRequired").fill_null(False)
    is_closed = of("CINdetails", "CINclosureDate").is_not_null()
    return is_closed & (CONFERENCE.is_not_null() == not_required)


RULES: tuple[Rule, ...] = (
    flag,
    old_referral,
    source,
    two_open,
    open_but_not_latest,
    overlap,
    closed_without_assessment,
    activity_beyond_assessment,
    activity_without_action,
    activity_after_closure,
    pair(
        "8555Q",
        "Referred after the date of death",
        ("CINdetails", "ChildIdentifiers"),
        ["PersonDeathDate", "CINreferralDate"],
        of("ChildIdentifiers", "PersonDeathDate") < REFERRED,
        CHILD,
        severity=QUERY,
    ),
    pair(
        "8585Q",
        "Closed because the child died, and there is no date of death",
        ("CINdetails", "ChildIdentifiers"),
        ["ReasonForClosure", "PersonDeathDate"],
        (REASON == codes.DIED) & of("ChildIdentifiers", "PersonDeathDate").is_null(),
        CHILD,
        severity=QUERY,
    ),
    where(
        "8600",
        "Referral date is missing or after the census year",
        "CINdetails",
        ["CINreferralDate"],
        lambda data: REFERRED.is_null() | (REFERRED > data.end),
    ),
    pair(
        "8606",
        "Referred more than 40 weeks before the date of birth or the expected one",
        ("CINdetails", "ChildIdentifiers"),
        ["CINreferralDate", "PersonBirthDate", "ExpectedPersonBirthDate"],
        _long_before_birth(),
        CHILD,
    ),
    where(
        "8610",
        "Primary need is missing though the referral went on to further action",
        "CINdetails",
        ["ReferralNFA", "PrimaryNeedCode"],
        WITH_ACTION & pl.col("PrimaryNeedCode").is_null(),
    ),
    where(
        "8620",
        "Closure date is outside the census year",
        "CINdetails",
        ["CINclosureDate"],
        lambda data: ~CLOSED.is_between(data.start, data.end),
    ),
    where(
        "8630",
        "Closure date is before the referral date",
        "CINdetails",
        ["CINreferralDate", "CINclosureDate"],
        CLOSED < REFERRED,
    ),
    of_codes(
        "8640",
        "Reason for closure is not a code",
        "CINdetails",
        "ReasonForClosure",
        codes.CLOSURES,
        is_required=False,
    ),
    of_codes("8650", "Primary need is not a code", "CINdetails", "PrimaryNeedCode", codes.NEEDS, is_required=False),
    where(
        "8805",
        "Closure date without a reason for closure",
        "CINdetails",
        ["CINclosureDate", "ReasonForClosure"],
        CLOSED.is_not_null() & REASON.is_null(),
    ),
    where(
        "8810",
        "Reason for closure without a closure date",
        "CINdetails",
        ["ReasonForClosure", "CINclosureDate"],
        REASON.is_not_null() & CLOSED.is_null(),
    ),
    pair(
        "8867",
        "Episode is closed, and an assessment is not completed",
        ("Assessments", "CINdetails"),
        ["CINclosureDate", "AssessmentAuthorisationDate"],
        of("CINdetails", "CINclosureDate").is_not_null() & pl.col("AssessmentAuthorisationDate").is_null(),
    ),
    pair(
        "8868",
        "Episode is closed, and a section 47 enquiry has neither a conference nor the flag that none is required",
        ("Section47", "CINdetails"),
        ["ICPCnotRequired", "CINclosureDate", "DateOfInitialCPC"],
        _closed_with_enquiry_open(),
    ),
)
