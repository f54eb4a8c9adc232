"""Child protection plans: how many, how long, again, reviewed on time, for which abuse.

Source: LAIT measures 215, 219, 16, 15, 98, 264, 19, 21; statutory review timescales as the reference quotes them (2.1).
"""

from __future__ import annotations

import polars as pl

from transforms.indicators.cases import ABUSE, CHILD, entry, on_plan, plans, rated
from transforms.indicators.episodes import days_between
from transforms.indicators.looked_after import counted
from transforms.indicators.model import COUNT, PERCENT, TOTAL, Flow, Leftover, Measured, Scope, in_bands, same
from transforms.indicators.people import DURATION, PEOPLE, TWO_YEARS, duration_band

_NOT_TOLD = "Of some plans the number of earlier ones is missing: they stand below the line and not above it."
_BEFORE = "Reviews before the returns at hand are not known; what was due by them is not judged."


def _begun(scope: Scope) -> pl.LazyFrame:
    return plans(scope).filter(scope.within("CPPstartDate"))


def _ended(scope: Scope) -> pl.LazyFrame:
    return plans(scope).filter(scope.within("CPPendDate"))


def _again(scope: Scope) -> Measured:
    """Return plans begun, counted above the line after one or more before; doubtful where that is not told of all."""
    before = pl.col("NumberOfPreviousCPP").cast(pl.Int64, strict=False)
    has_gaps = bool(_begun(scope).select(before.is_null().any()).collect().item())
    return Measured(counted(_begun(scope), before >= 1), _NOT_TOLD if has_gaps else "", has_gaps)


def _again_only(scope: Scope) -> Measured:
    measured = _again(scope)
    rows = measured.rows.filter(pl.col("numerator") == 1).drop("denominator")
    return Measured(rows, measured.note, measured.is_unreliable)


def _long_ended(scope: Scope) -> pl.LazyFrame:
    return counted(_ended(scope), days_between("CPPstartDate", "CPPendDate") >= TWO_YEARS)


def _ended_bands(scope: Scope) -> pl.LazyFrame:
    return counted(_ended(scope).with_columns(duration_band(pl.col("CPPstartDate"), pl.col("CPPendDate"))))


def _long_open(scope: Scope) -> pl.LazyFrame:
    return counted(on_plan(scope), (pl.lit(scope.end) - pl.col("CPPstartDate")).dt.total_days() >= TWO_YEARS)


def _open_bands(scope: Scope) -> pl.LazyFrame:
    return counted(on_plan(scope).with_columns(duration_band(pl.col("CPPstartDate"), pl.lit(scope.end))))


def _reviewed(scope: Scope) -> Measured:
    rows = scope.held("plans reviewed", _judged)
    unseen = rows.select((pl.col("CPPstartDate").dt.offset_by("3mo") < scope.first_start).any()).collect().item()
    return Measured(rows.select("numerator", "denominator", *(d.name for d in PEOPLE)), _BEFORE if unseen else "")


def _judged(scope: Scope) -> pl.LazyFrame:
    """Return children on a plan for three months or more, with `numerator` 1 if all reviews were in time.

    A plan whose first review was due before the returns at hand begin, and that has none from
    before, is judged from its first review on, which must lie within six months of their beginning.
    """
    wanted = on_plan(scope).filter(pl.col("CPPstartDate").dt.offset_by("3mo") <= scope.end)
    plan = wanted.select(CHILD, "CPPstartDate")
    held = (
        _reviews(scope)
        .join(plan, on=[CHILD, "CPPstartDate"])
        .filter(pl.col("CPPreviewDate").is_between(pl.col("CPPstartDate"), scope.end))
    )
    steps = (
        pl.concat([held, plan.with_columns(pl.lit(scope.end).alias("CPPreviewDate"))])
        .sort(pl.col(CHILD).to_physical(), "CPPreviewDate", maintain_order=True)
        .with_columns(pl.col("CPPreviewDate").shift(1).over(CHILD).alias("before"))
    )
    first_due = pl.col("CPPstartDate").dt.offset_by("3mo")
    starts = pl.lit(scope.first_start)
    is_unseen = (first_due < starts) & (pl.col("CPPreviewDate") >= starts)
    due = (
        pl.when(pl.col("before").is_not_null())
        .then(pl.col("before").dt.offset_by("6mo"))
        .when(is_unseen)
        .then(starts.dt.offset_by("6mo"))
        .otherwise(first_due)
    )
    late = steps.group_by(CHILD).agg((pl.col("CPPreviewDate") > due).any().alias("is_late"))
    return counted(wanted.join(late, on=CHILD, how="left"), ~pl.col("is_late"))


def _reviews(scope: Scope) -> pl.LazyFrame:
    """Return the reviews of every plan over the years at hand: LAchildID, CPPstartDate, CPPreviewDate."""
    scope.table("Reviews")
    frames = []
    for year in sorted(scope.history):
        part = scope.at(year)
        if year <= scope.data.year and {"Reviews", "ChildProtectionPlans"} <= set(part.data.typed):
            key = [CHILD, "CINdetailsID", "CPPID"]
            starts = part.table("ChildProtectionPlans").select(*key, "CPPstartDate")
            rows = part.table("Reviews").select(*key, "CPPreviewDate").join(starts, on=key)
            frames.append(rows.select(CHILD, "CPPstartDate", "CPPreviewDate"))
    return pl.concat(frames).drop_nulls().unique()


def _categories(scope: Scope) -> pl.LazyFrame:
    return counted(on_plan(scope))


_ON = "Children on a plan on 31 March"
_DATES = ("ChildProtectionPlans.CPPstartDate", "ChildProtectionPlans.CPPendDate")
_YOUNG = in_bands("cpp", DURATION, *DURATION.values[:3])  # on a plan that began in the year
_SINCE_A_YEAR = in_bands("cpp", DURATION, *DURATION.values[3:5])
_BEGUN_AGAIN = (_DATES[0], "ChildProtectionPlans.NumberOfPreviousCPP")
INDICATORS = (
    *rated(
        "CPP1",
        "Child protection plans per 10,000",
        "Children on a child protection plan",
        f"{_ON}, each once",
        on_plan,
        _DATES,
        "cpp",
        "LAIT 215; INF mid-year",
        count_source="LAIT 377",
        published=("cpp_rate", "cpp_num"),
        dimensions=(*PEOPLE, ABUSE),
    ),
    entry(
        "CPP1D",
        "Child protection plans by duration",
        f"{_ON} by time since its start",
        _ON,
        PERCENT,
        "none",
        "LAIT 21; EES",
        _open_bands,
        _DATES,
        counts=("cpp", "cpp"),
        leaves=(
            # Began in the year and ended in it; ended in it and began before; three months old to the day.
            Leftover((("cpp_begun", TOTAL),), _YOUNG, holds_always=False),
            Leftover((("cpp_ended", TOTAL), *_YOUNG), (("cpp_begun", TOTAL),), "cpp_ended", holds_always=False),
            Leftover((("cpp_three_months", TOTAL),), in_bands("cpp", DURATION, *DURATION.values[1:5])),
            # On a plan a year before that has ended since.
            Leftover((), _SINCE_A_YEAR, holds_always=False, wholes_before=(("cpp", TOTAL),)),
        ),
        dimensions=(DURATION,),
        is_part=True,
        is_mix=True,
    ),
    *rated(
        "CPP2S",
        "Child protection plans started per 10,000",
        "Child protection plans started",
        "Plans started in the year, each occasion",
        _begun,
        _DATES[:1],
        "cpp_begun",
        "LAIT 219",
        polarity="low",
        published=("cpp_abuse_rate", "cpp_abuse"),
        dimensions=PEOPLE,
    ),
    *rated(
        "CPP2E",
        "Child protection plans ended per 10,000",
        "Child protection plans ended",
        "Plans ended in the year, each occasion",
        _ended,
        _DATES,
        "cpp_ended",
        "LAIT 16",
        dimensions=PEOPLE,
    ),
    entry(
        "CPP3",
        "Second or subsequent plans",
        "Plans started in the year after one or more before",
        "Plans started in the year",
        PERCENT,
        "low",
        "LAIT 15",
        _again,
        _BEGUN_AGAIN,
        published_code="prevregcpr",
        counts=("cpp_again", "cpp_begun"),
        dimensions=PEOPLE,
        is_part=True,
    ),
    entry(
        "CPP3N",
        "Second or subsequent plans, in number",
        "Plans started in the year after one or more before",
        "",
        COUNT,
        "none",
        "LAIT 14",
        _again_only,
        _BEGUN_AGAIN,
        published_code="reregcpr",
        counts=("cpp_again", ""),
        dimensions=PEOPLE,
    ),
    entry(
        "CPP4",
        "Plans that ended after two years or more",
        "Plans ended in the year 730 days or more after their start",
        "Plans ended in the year",
        PERCENT,
        "low",
        "LAIT 98",
        _long_ended,
        _DATES,
        counts=("cpp_ended_long", "cpp_ended"),
        flows=(Flow("cpp", came=("cpp_begun",), went=("cpp_ended",)),),
        # On a plan on the first day: of those open or ended, the ones that did not begin in the year.
        leaves=(Leftover(same("cpp", "cpp_ended"), same("cpp_begun"), "cpp_ended", holds_always=False),),
        dimensions=PEOPLE,
        is_part=True,
        adds=(("cpp_ended", DURATION.label("2 years or more")),),
    ),
    entry(
        "CPP4B",
        "Ended plans by duration",
        "Plans ended in the year by their length",
        "Plans ended in the year",
        PERCENT,
        "none",
        "LAIT 98; EES",
        _ended_bands,
        _DATES,
        counts=("cpp_ended", "cpp_ended"),
        dimensions=(DURATION,),
        is_part=True,
        is_mix=True,
    ),
    entry(
        "CPP5",
        "Plans open for two years or more",
        "Open on 31 March for 730 days or more",
        _ON,
        PERCENT,
        "low",
        "LAIT 264, with those on 31 March below the line",
        _long_open,
        _DATES,
        published_code="cpplans2yrsactive",
        counts=("cpp_long", "cpp"),
        leaves=(
            Leftover(same("cin"), same("cpp"), "cin", holds_always=False),  # in need, and on no plan
            Leftover(same("cpp_three_months"), same("cpp_long"), "cpp_three_months"),
        ),
        dimensions=PEOPLE,
        is_part=True,
        adds=(("cpp", DURATION.label("2 years or more")),),
    ),
    entry(
        "CPP6",
        "Plans reviewed on time",
        "All reviews in time: the first in three months, each next in six",
        f"{_ON} for three months or more",
        PERCENT,
        "high",
        "LAIT 19; STD",
        _reviewed,
        (*_DATES, "Reviews.CPPreviewDate"),
        counts=("cpp_reviewed", "cpp_three_months"),
        # Began in the year, and ended or older than three months.
        leaves=(Leftover(same("cpp_begun", "cpp_three_months"), same("cpp"), "cpp_three_months", holds_always=False),),
        below_within=("cpp",),
        dimensions=PEOPLE,
        is_part=True,
    ),
    entry(
        "CPP7",
        "Plans by category of abuse",
        f"{_ON} by latest category",
        _ON,
        PERCENT,
        "none",
        "EES",
        _categories,
        (*_DATES, "ChildProtectionPlans.LatestCategoryOfAbuse"),
        counts=("cpp", "cpp"),
        dimensions=(ABUSE,),
        is_part=True,
        is_mix=True,
    ),
)
