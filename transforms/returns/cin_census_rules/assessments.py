"""Rules on assessments and the factors found in them.

Factors are cited by the row of their assessment.

Source: DfE, children in need census, validation rules 2022/23 to 2025/26.
"""

from __future__ import annotations

import polars as pl

from transforms.returns.calendar import working_day_before
from transforms.returns.cin_census_rules import codes
from transforms.returns.cin_census_rules.linked import (
    EPISODE,
    crowded,
    factors,
    not_a_code,
    of,
    outside,
    overlapping,
    pair,
)
from transforms.returns.model import ROW, ReturnData
from transforms.returns.rule import QUERY, Found, Rule, rule, where

BEGUN, AUTHORISED = pl.col("AssessmentActualStartDate"), pl.col("AssessmentAuthorisationDate")
FACTOR = pl.col("factor")
LONGEST_WORKING_DAYS = 45


@rule(
    "8614",
    "Factors are given for an assessment that is not completed",
    ["Assessments", "AssessmentFactorsList"],
    ["AssessmentAuthorisationDate", "AssessmentFactors"],
)
def factors_too_early(data: ReturnData) -> Found:
    """Factors before authorisation; an empty block of factors is none."""
    unfinished = data["Assessments"].filter(AUTHORISED.is_null()).select(ROW)
    return {"Assessments": factors(data).filter(FACTOR.is_not_null()).join(unfinished, on=ROW, how="semi")}


@rule(
    "8897Q",
    "Factors of a completed assessment are missing or not codes",
    ["Assessments", "AssessmentFactorsList"],
    ["AssessmentAuthorisationDate", "AssessmentFactors"],
    severity=QUERY,
)
def factors_missing(data: ReturnData) -> Found:
    """An assessment authorised since the census year began, without factors or with one that is no code."""
    finished = data["Assessments"].filter(data.start <= AUTHORISED).select(ROW)
    wrong = factors(data).filter(not_a_code("factor", codes.FACTORS).fill_null(True))
    without = outside(finished, factors(data), (ROW,))
    return {"Assessments": pl.concat([without, finished.join(wrong, on=ROW, how="semi")])}


@rule(
    "8898",
    "An assessment has one factor twice",
    ["Assessments", "AssessmentFactorsList"],
    ["AssessmentFactors"],
)
def factor_twice(data: ReturnData) -> Found:
    """One code twice in an assessment."""
    given = factors(data).filter(FACTOR.is_not_null())
    return {"Assessments": given.filter(pl.len().over("assessment", "factor") > 1)}


@rule(
    "8869",
    "The factor 21, none identified, stands beside others",
    ["Assessments", "AssessmentFactorsList"],
    ["AssessmentFactors"],
)
def none_and_others(data: ReturnData) -> Found:
    """Others beside the code that says there are none; their rows are cited."""
    has_none = (FACTOR == codes.NO_FACTORS).fill_null(False).any().over("assessment")
    return {"Assessments": factors(data).filter(has_none & FACTOR.ne_missing(codes.NO_FACTORS))}


@rule(
    "8873Q",
    "The only assessment of an episode found no factors, and the reason for closure is neither RC8 nor RC9",
    ["Assessments", "AssessmentFactorsList", "CINdetails"],
    ["ReasonForClosure", "AssessmentFactors"],
    severity=QUERY,
)
def closed_otherwise(data: ReturnData) -> Found:
    """A single assessment that found nothing calls for a closure that says so, an open episode included."""
    none = factors(data).filter(FACTOR == codes.NO_FACTORS)
    single = data["Assessments"].select(ROW, *EPISODE, "AssessmentID")
    single = single.filter(pl.col("AssessmentID").n_unique().over(EPISODE) == 1).join(none, on=ROW, how="semi")
    kept = data["CINdetails"].filter(pl.col("ReasonForClosure").is_in(codes.CLOSED_AFTER_ASSESSMENT))
    found = outside(single, kept, EPISODE).collect().lazy()
    episodes = data["CINdetails"].join(found.select(EPISODE), on=EPISODE, how="semi", nulls_equal=True)
    return {"Assessments": found, "CINdetails": episodes}


def avoided(code: str, factor: str, better: str) -> Rule:
    """Declare the query on a factor that two finer ones have replaced."""

    @rule(
        code,
        f"Factor {factor} is given, where {better} should be",
        ["Assessments", "AssessmentFactorsList"],
        ["AssessmentFactors"],
        severity=QUERY,
        since=2025,
    )
    def find(data: ReturnData) -> Found:
        return {"Assessments": factors(data).filter(FACTOR.str.to_uppercase() == factor)}

    return find


@rule(
    "8863Q",
    "An assessment starts while another of the episode is going on",
    ["Assessments"],
    ["AssessmentActualStartDate", "AssessmentAuthorisationDate"],
    severity=QUERY,
)
def overlap(data: ReturnData) -> Found:
    """Assessments that overlap, both; two alike do so too, which today's validator passes over."""
    end = pl.coalesce(AUTHORISED, pl.lit(data.end))
    return {"Assessments": overlapping(data["Assessments"], "AssessmentActualStartDate", end, EPISODE)}


@rule("8896", "More than one open assessment in an episode", ["Assessments"], ["AssessmentAuthorisationDate"])
def two_open(data: ReturnData) -> Found:
    """Two open assessments."""
    return {"Assessments": crowded(data["Assessments"], AUTHORISED.is_null(), EPISODE)}


@rule(
    "2991Q",
    "A section 47 enquiry, and no assessment in the episode",
    ["Section47", "Assessments"],
    ["CINdetailsID"],
    severity=QUERY,
)
def enquiry_without_assessment(data: ReturnData) -> Found:
    """An enquiry calls for an assessment."""
    return {"Section47": outside(data["Section47"], data["Assessments"], EPISODE)}


def _long_unfinished(data: ReturnData) -> pl.Expr:
    # Today's validator goes back one working day less, and so cites what started 45 working days before.
    earliest = working_day_before(data.end, LONGEST_WORKING_DAYS, data.holidays or None)
    return AUTHORISED.is_null() & (earliest > BEGUN)


def _begun_outside(data: ReturnData) -> pl.Expr:
    within = BEGUN.is_between(data.start, data.end).fill_null(False)
    return pl.col("CINdetailsID").is_not_null() & AUTHORISED.is_null() & within.not_()


RULES: tuple[Rule, ...] = (
    factors_too_early,
    factors_missing,
    factor_twice,
    none_and_others,
    closed_otherwise,
    avoided("8945Q", "18A", "18B or 18C"),
    avoided("8950Q", "19A", "19B or 19C"),
    overlap,
    two_open,
    enquiry_without_assessment,
    pair(
        "1103",
        "Assessment starts before the referral",
        ("Assessments", "CINdetails"),
        ["AssessmentActualStartDate", "CINreferralDate"],
        of("CINdetails", "CINreferralDate") > BEGUN,
    ),
    where(
        "8608",
        "Assessment starts after it ends",
        "Assessments",
        ["AssessmentActualStartDate", "AssessmentAuthorisationDate"],
        BEGUN > AUTHORISED,
    ),
    where(
        "8670Q",
        "Assessment started more than 45 working days before the end of the census year and has not ended",
        "Assessments",
        ["AssessmentActualStartDate", "AssessmentAuthorisationDate"],
        _long_unfinished,
        severity=QUERY,
    ),
    where(
        "8696",
        "Assessment ends outside the census year",
        "Assessments",
        ["AssessmentAuthorisationDate"],
        lambda data: ~AUTHORISED.is_between(data.start, data.end),
    ),
    where(
        "8736",
        "Assessment has not ended, and did not start in the census year",
        "Assessments",
        ["AssessmentAuthorisationDate", "AssessmentActualStartDate"],
        _begun_outside,
    ),
)
