"""Children in need: referrals, assessments, enquiries, conferences, factors.

An episode of need is a referral that was not closed without further action. Where the flag is missing
the referral counts as one. Dates in the wrong order give no duration; such rows are left out.

Source: LAIT measures 171, 305, 290, 271, 304, 217, 269, 218, 265, 266; DfE dashboard text.
"""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from transforms.indicators.cases import (
    CHILD,
    CIN_NEED,
    EPISODE,
    SOURCE,
    cases,
    entry,
    in_need,
    rated,
    referrals,
    with_people,
)
from transforms.indicators.looked_after import counted
from transforms.indicators.model import (
    BESIDE,
    PERCENT,
    TOTAL,
    Dimension,
    Flow,
    Leftover,
    Measured,
    Scope,
    in_bands,
    overlapping,
    parts_of,
    same,
)
from transforms.indicators.people import DURATION, PEOPLE, banded, duration_band
from transforms.returns.model import MissingInput

IN_TIME = 45  # working days
CONFERENCE_IN_TIME = 15
NOT_IN_NEED = ("RC8", "RC9")
_ALONE = "Without the return of the year before, only referrals in this one are looked back to."
_BACKWARDS = "Rows whose dates run backwards are left out."

ASSESSED = parts_of(
    "Working days",
    "0 to 10",
    "11 to 20",
    "21 to 30",
    "31 to 40",
    "41 to 45",
    "46 to 50",
    "51 to 60",
    "61 or more",
    "Not known",
)
CONFERRED = parts_of("Working days", "0 to 10", "11 to 15", "16 to 20", "21 or more", "Not known")
FACTOR = overlapping(
    "Factor",
    *"1A 1B 1C 2A 2B 2C 3A 3B 3C 4A 4B 4C 5A 5B 5C 6A 6B 6C 7A 8B 8C 8D 8E 8F 9A 10A 11A 12A 13A 14A 15A 16A 17A 18A "
    "18B 18C 19A 19B 19C 20 21 22A 23A 24A".split(),
)


def _assessed_not_in_need(scope: Scope) -> pl.LazyFrame:
    rows = referrals(scope)
    is_closed = pl.col("ReasonForClosure").is_in(NOT_IN_NEED).fill_null(False) & pl.col("CINclosureDate").is_not_null()
    for table in ("CINplanDates", "Section47", "ChildProtectionPlans"):
        if table in scope.data:
            helped = scope.table(table).select(EPISODE).unique().with_columns(pl.lit(True).alias(table))
            rows = rows.join(helped, on=EPISODE, how="left")
            is_closed = is_closed & pl.col(table).is_null()
    return counted(rows, is_closed)


def _again(scope: Scope) -> Measured:
    """Return referrals of the year, counted above the line if an earlier one lies within twelve months."""
    days = scope.table("CINdetails").select(CHILD, "CINreferralDate")
    if scope.has_previous:
        before = scope.at(scope.data.year - 1).table("CINdetails").select(CHILD, "CINreferralDate")
        days = pl.concat([days, before])
    days = (
        days.drop_nulls()
        .unique()
        .sort(pl.col(CHILD).to_physical(), "CINreferralDate")
        .with_columns(
            pl.when(pl.col(CHILD) == pl.col(CHILD).shift(1)).then(pl.col("CINreferralDate").shift(1)).alias("before")
        )
    )
    rows = referrals(scope).join(days, on=[CHILD, "CINreferralDate"], how="left")
    is_again = pl.col("before") >= pl.col("CINreferralDate").dt.offset_by("-12mo")
    return Measured(counted(rows, is_again), "" if scope.has_previous else _ALONE, not scope.has_previous)


Span = tuple[str, str, str]  # a table, and its columns of a start and an end
_ASSESSING: Span = ("Assessments", "AssessmentActualStartDate", "AssessmentAuthorisationDate")
_ENQUIRING: Span = ("Section47", "S47ActualStartDate", "DateOfInitialCPC")


def _timed(scope: Scope, span: Span) -> pl.LazyFrame:
    """Return what ended in the year with `days` (working; null where the start is not known)."""
    table, start, end = span
    # Compared by date: backwards over a weekend there are no working days either way.
    runs_on = (pl.col(end) >= pl.col(start)).fill_null(True)
    rows = scope.table(table).filter(scope.within(end) & runs_on)
    return with_people(scope, rows.with_columns(scope.workdays(start, end).alias("days")))


def _noted(rows: pl.LazyFrame, scope: Scope, span: Span) -> Measured:
    table, start, end = span
    turned = scope.table(table).select((scope.within(end) & (pl.col(end) < pl.col(start))).any()).collect().item()
    return Measured(rows, _BACKWARDS if turned else "")


def _in_time(span: Span, limit: int) -> Callable[[Scope], Measured]:
    return lambda scope: _noted(counted(_timed(scope, span), pl.col("days") <= limit), scope, span)


def _in_bands(span: Span, under: tuple[int, ...], dimension: Dimension) -> Callable[[Scope], Measured]:
    """Measure by bands: each bound is the first number of days that is in the next one."""
    *names, rest, _ = dimension.values
    band = banded(pl.col("days"), tuple(zip(under, names, strict=True)), rest, dimension)
    return lambda scope: _noted(counted(_timed(scope, span).with_columns(band)), scope, span)


def _enquiries(scope: Scope) -> pl.LazyFrame:
    return with_people(scope, scope.table("Section47").filter(scope.within("S47ActualStartDate")))


def _conferences(scope: Scope) -> pl.LazyFrame:
    """Return initial conferences of the year, each date of an episode once, whether with an enquiry or not."""
    frames, missing = [], None
    for table in ("Section47", "CINdetails"):
        if table in scope.data and "DateOfInitialCPC" in scope.table(table).collect_schema().names():
            frames.append(scope.table(table).select(*EPISODE, "DateOfInitialCPC"))
        else:
            missing = table
    if not frames:
        raise MissingInput(f"column DateOfInitialCPC of {missing}")
    return with_people(scope, pl.concat(frames).filter(scope.within("DateOfInitialCPC")).unique())


def _factors(scope: Scope) -> pl.LazyFrame:
    """Return a row for each factor of an episode above the line, and each episode with a factor below it."""
    done = (
        scope.table("Assessments").filter(scope.within("AssessmentAuthorisationDate")).select(*EPISODE, "AssessmentID")
    )
    listed = scope.table("AssessmentFactorsList")
    columns = [name for name in listed.collect_schema().names() if name.startswith("AssessmentFactor")]
    if not columns:
        raise MissingInput("column AssessmentFactors")
    found = (
        listed.select(*EPISODE, "AssessmentID", pl.col(columns[0]).cast(pl.String).alias(FACTOR.name))
        .filter(pl.col(FACTOR.name).is_not_null())
        .join(done, on=[*EPISODE, "AssessmentID"], how="semi")
        .select(*EPISODE, FACTOR.name)
        .unique()
    )
    above = found.with_columns(pl.lit(1).alias("numerator"), pl.lit(0).alias("denominator"), pl.lit(True).alias(BESIDE))
    episodes = (
        found.select(EPISODE)
        .unique()
        .with_columns(
            pl.lit(None, pl.String).alias(FACTOR.name),
            pl.lit(1).alias("numerator"),
            pl.lit(1).alias("denominator"),
            pl.lit(False).alias(BESIDE),
        )
    )
    return pl.concat([above, episodes])


def _open_for(scope: Scope) -> pl.LazyFrame:
    return counted(in_need(scope).with_columns(duration_band(pl.col("CINreferralDate"), pl.lit(scope.end))))


def _closed(scope: Scope) -> pl.LazyFrame:
    rows = cases(scope).filter(~pl.col("is_nfa") & scope.within("CINclosureDate"))
    return counted(rows.with_columns(duration_band(pl.col("CINreferralDate"), pl.col("CINclosureDate"))))


_REFERRALS = "Referrals in the year"
_CASE = ("CINdetails.CINreferralDate", "CINdetails.ReferralNFA", "CINdetails.CINclosureDate")
_ASSESSMENT = tuple(f"{_ASSESSING[0]}.{name}" for name in _ASSESSING[1:])
_ENQUIRY = tuple(f"{_ENQUIRING[0]}.{name}" for name in _ENQUIRING[1:])
_SINCE_A_YEAR = in_bands("cin", DURATION, *DURATION.values[3:5])
INDICATORS = (
    *rated(
        "CIN1",
        "Children in need per 10,000",
        "Children in need",
        "Children with an open episode of need on 31 March, each once",
        in_need,
        _CASE,
        "cin",
        "LAIT 171; INF mid-year",
        count_source="LAIT 171",
        published=("cin", "cin_num"),
        dimensions=(*PEOPLE, CIN_NEED),
    ),
    entry(
        "CIN1D",
        "Children in need by duration",
        "Children in need on 31 March by time since referral",
        "Children in need on 31 March",
        PERCENT,
        "none",
        "LAIT 265; EES; INF one referral a child",
        _open_for,
        _CASE,
        counts=("cin", "cin"),
        # In need a year before, and no longer.
        leaves=(Leftover((), _SINCE_A_YEAR, holds_always=False, wholes_before=(("cin", TOTAL),)),),
        dimensions=(DURATION,),
        is_part=True,
        is_mix=True,
    ),
    entry(
        "CIN1E",
        "Ended episodes of need by duration",
        "Episodes of need that ended in the year by their length",
        "Episodes of need that ended in the year",
        PERCENT,
        "none",
        "LAIT 266; EES",
        _closed,
        _CASE,
        counts=("cin_ended", "cin_ended"),
        flows=(Flow("cin", came=("referrals",), went=("nfa", "cin_ended")),),
        leaves=(
            Leftover((("cin_ended", TOTAL),), (("not_in_need", TOTAL),), holds_always=False),
            # Open on the first day: what the year's open and ended cases leave without those it began.
            Leftover(
                (("cin", TOTAL), ("cin_ended", TOTAL), ("nfa", TOTAL)),
                (("referrals", TOTAL),),
                "cin_ended",
                holds_always=False,
            ),
        ),
        dimensions=(DURATION,),
        is_part=True,
        is_mix=True,
    ),
    *rated(
        "CIN2",
        "Referrals per 10,000",
        "Referrals",
        _REFERRALS,
        referrals,
        _CASE[:1],
        "referrals",
        "LAIT 305",
        published=("cpp_total_rateper10_000", "cpp_total_numref"),
        dimensions=(*PEOPLE, SOURCE, CIN_NEED),
    ),
    entry(
        "CIN3",
        "Referrals with no further action",
        "Referrals in the year closed with no further action",
        _REFERRALS,
        PERCENT,
        "none",
        "LAIT 290",
        lambda s: counted(referrals(s), pl.col("is_nfa")),
        _CASE[:2],
        published_code="cin_refferals_nfa",
        counts=("nfa", "referrals"),
        # Ended cases, which are not told by sex and ethnic group.
        leaves=(Leftover(same("referrals"), same("nfa", "cin"), "nfa", holds_always=False, wholes_before=same("cin")),),
        dimensions=(*PEOPLE, SOURCE),
        is_part=True,
    ),
    entry(
        "CIN4",
        "Assessed and not in need",
        "Referrals in the year closed with RC8 or RC9, without plan, enquiry or protection plan",
        _REFERRALS,
        PERCENT,
        "none",
        "LAIT 290",
        _assessed_not_in_need,
        (*_CASE, "CINdetails.ReasonForClosure"),
        published_code="referrals_assessednotneed",
        counts=("not_in_need", "referrals"),
        leaves=(Leftover(same("referrals"), same("not_in_need", "nfa"), holds_always=False),),
        dimensions=(*PEOPLE, SOURCE),
        is_part=True,
    ),
    entry(
        "CIN5",
        "Referrals within twelve months of an earlier one",
        "Referrals in the year with an earlier one of the child in the twelve months before",
        _REFERRALS,
        PERCENT,
        "low",
        "LAIT 271; EES",
        _again,
        _CASE[:1],
        published_code="rereferral",
        counts=("referred_again", "referrals"),
        dimensions=(*PEOPLE, SOURCE),
        is_part=True,
    ),
    entry(
        "CIN6",
        "Assessments within 45 working days",
        "Assessments authorised in the year within 45 working days of their start",
        "Assessments authorised in the year",
        PERCENT,
        "high",
        "LAIT 304",
        _in_time(_ASSESSING, IN_TIME),
        _ASSESSMENT,
        counts=("assessed_in_time", "assessed"),
        dimensions=PEOPLE,
        is_part=True,
        adds=tuple(("assessed", ASSESSED.label(v)) for v in ASSESSED.values[:5]),
    ),
    entry(
        "CIN6B",
        "Assessments by working days",
        "Assessments authorised in the year by working days since their start",
        "Assessments authorised in the year",
        PERCENT,
        "none",
        "LAIT 304; INF bands",
        _in_bands(_ASSESSING, (11, 21, 31, 41, 46, 51, 61), ASSESSED),
        _ASSESSMENT,
        counts=("assessed", "assessed"),
        dimensions=(ASSESSED,),
        is_part=True,
        is_mix=True,
    ),
    *rated(
        "CIN7",
        "Section 47 enquiries per 10,000",
        "Section 47 enquiries",
        "Enquiries started in the year",
        _enquiries,
        _ENQUIRY[:1],
        "enquiries",
        "LAIT 217",
        published=("section_47", "section_47_num"),
        dimensions=PEOPLE,
    ),
    *rated(
        "CIN8",
        "Initial child protection conferences per 10,000",
        "Initial child protection conferences",
        "Conferences held in the year, each once",
        _conferences,
        (_ENQUIRY[1], "CINdetails.DateOfInitialCPC"),
        "conferences",
        "LAIT 269; INF one date of an episode once",
        published=("iscp_conf", "icpc_num"),
        dimensions=PEOPLE,
    ),
    entry(
        "CIN9",
        "Conferences within 15 working days",
        "Conferences within 15 working days of the start of the enquiry",
        "Conferences in the year that followed an enquiry",
        PERCENT,
        "high",
        "LAIT 218",
        _in_time(_ENQUIRING, CONFERENCE_IN_TIME),
        _ENQUIRY,
        counts=("conferred_in_time", "conferred"),
        # Conferences without an enquiry, if no enquiries share one.
        leaves=(Leftover(same("conferences"), same("conferred"), holds_always=False),),
        dimensions=PEOPLE,
        is_part=True,
        adds=tuple(("conferred", CONFERRED.label(v)) for v in CONFERRED.values[:2]),
    ),
    entry(
        "CIN9B",
        "Conferences by working days",
        "Conferences by working days since the start of the enquiry",
        "Conferences in the year that followed an enquiry",
        PERCENT,
        "none",
        "LAIT 268; EES",
        _in_bands(_ENQUIRING, (11, 16, 21), CONFERRED),
        _ENQUIRY,
        counts=("conferred", "conferred"),
        dimensions=(CONFERRED,),
        is_part=True,
        is_mix=True,
    ),
    entry(
        "FAC",
        "Factors at the end of assessment",
        "Episodes with the factor at least once",
        "Episodes with an assessment completed in the year and a factor",
        PERCENT,
        "none",
        "DASH",
        _factors,
        (_ASSESSMENT[1], "AssessmentFactorsList.AssessmentFactors"),
        counts=("factors", "factors"),
        leaves=(Leftover((("assessed", TOTAL),), (("factors", TOTAL),), holds_always=False),),
        dimensions=(FACTOR,),
        is_part=True,
        is_mix=True,
    ),
)
