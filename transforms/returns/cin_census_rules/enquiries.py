"""Rules on section 47 enquiries and initial child protection conferences.

Source: DfE, children in need census, validation rules 2022/23 to 2025/26.
"""

from __future__ import annotations

import polars as pl

from transforms.returns.calendar import working_day_before
from transforms.returns.cin_census_rules.linked import EPISODE, crowded, of, overlapping, pair
from transforms.returns.model import ReturnData
from transforms.returns.rule import QUERY, Found, Rule, rule, where

BEGUN, CONFERENCE, TARGET = pl.col("S47ActualStartDate"), pl.col("DateOfInitialCPC"), pl.col("InitialCPCtarget")
NOT_REQUIRED = pl.col("ICPCnotRequired").fill_null(False)
IS_REQUIRED = pl.col("ICPCnotRequired").not_()
LONGEST_WORKING_DAYS = 15
SATURDAY = 6


@rule(
    "2884",
    "One initial conference stands both beside an enquiry and beside an episode",
    ["Section47", "CINdetails"],
    ["DateOfInitialCPC"],
)
def recorded_twice(data: ReturnData) -> Found:
    """One child, one day, in both places, whichever the episode."""
    keys = ("LAchildID", "DateOfInitialCPC")
    held = {table: data[table].filter(CONFERENCE.is_not_null()) for table in ("Section47", "CINdetails")}
    return {
        "Section47": held["Section47"].join(held["CINdetails"].select(keys), on=keys, how="semi"),
        "CINdetails": held["CINdetails"].join(held["Section47"].select(keys), on=keys, how="semi"),
    }


@rule("8839", "More than one open section 47 enquiry in an episode", ["Section47"], ["DateOfInitialCPC"])
def two_open(data: ReturnData) -> Found:
    """Two enquiries that wait for a conference."""
    return {"Section47": crowded(data["Section47"], CONFERENCE.is_null() & NOT_REQUIRED.not_(), EPISODE)}


@rule(
    "8890",
    "A section 47 enquiry starts while another of the episode is going on",
    ["Section47"],
    ["S47ActualStartDate", "DateOfInitialCPC"],
)
def overlap(data: ReturnData) -> Found:
    """Enquiries that overlap, both; two alike do so too, which today's validator passes over."""
    end = pl.coalesce(CONFERENCE, pl.when(NOT_REQUIRED.not_()).then(pl.lit(data.end)))
    return {"Section47": overlapping(data["Section47"], "S47ActualStartDate", end, EPISODE)}


def _long_waiting(data: ReturnData) -> pl.Expr:
    earliest = working_day_before(data.end, LONGEST_WORKING_DAYS, data.holidays or None)
    return CONFERENCE.is_null() & IS_REQUIRED & (earliest > BEGUN)


RULES: tuple[Rule, ...] = (
    recorded_twice,
    two_open,
    overlap,
    pair(
        "1104",
        "Initial conference is before the referral",
        ("Section47", "CINdetails"),
        ["CINreferralDate", "DateOfInitialCPC"],
        of("CINdetails", "CINreferralDate") > CONFERENCE,
    ),
    pair(
        "2889",
        "Section 47 enquiry starts before the referral",
        ("Section47", "CINdetails"),
        ["S47ActualStartDate", "CINreferralDate"],
        of("CINdetails", "CINreferralDate") > BEGUN,
    ),
    where(
        "8615",
        "Start of a section 47 enquiry is missing or after its conference",
        "Section47",
        ["S47ActualStartDate", "DateOfInitialCPC"],
        (BEGUN > CONFERENCE) | (CONFERENCE.is_not_null() & BEGUN.is_null()),
    ),
    where(
        "8675Q",
        "Section 47 enquiry started more than 15 working days before the end of the census year, without a conference",
        "Section47",
        ["DateOfInitialCPC", "S47ActualStartDate", "ICPCnotRequired"],
        _long_waiting,
        severity=QUERY,
    ),
    where(
        "8715",
        "Initial conference is outside the census year",
        "Section47",
        ["DateOfInitialCPC"],
        lambda data: ~CONFERENCE.is_between(data.start, data.end),
    ),
    # Today's validator knows the flag as 0 only, and not as false.
    where(
        "8740",
        "Section 47 enquiry waits for its conference, and did not start in the census year",
        "Section47",
        ["S47ActualStartDate", "DateOfInitialCPC", "ICPCnotRequired"],
        lambda data: CONFERENCE.is_null() & IS_REQUIRED & ~BEGUN.is_between(data.start, data.end),
    ),
    where(
        "8870Q",
        "Target date of the initial conference is at a weekend",
        "Section47",
        ["InitialCPCtarget"],
        TARGET.dt.weekday() >= SATURDAY,
        severity=QUERY,
    ),
    where(
        "8875",
        "Initial conference is at a weekend",
        "Section47",
        ["DateOfInitialCPC"],
        CONFERENCE.dt.weekday() >= SATURDAY,
    ),
)
