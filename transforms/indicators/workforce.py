"""The children's social work workforce on 30 September: turnover, vacancies, agency, caseload, absence.

In post: not agency, and no end of the role by that day. FTE is that of the day, else the one recorded.
A head is counted once however many roles it has; agency workers are counted by role.

Source: LAIT measure 287; DfE dashboard text; EES methodology of the workforce census for headcounts.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import polars as pl

from transforms.indicators.model import (
    COUNT,
    FTE,
    MEAN,
    NOT_KNOWN,
    PERCENT,
    Indicator,
    Scope,
    parts_of,
    within_a_sentence,
)
from transforms.indicators.people import SEX, is_no, is_yes, label, sex

RETURN = "csww"
WORKING_DAYS = 253  # 254 if the year holds 29 February
ROLE = parts_of(
    "Role",
    "Senior manager",
    "Middle manager",
    "First line manager",
    "Senior practitioner",
    "Case holder",
    "Qualified without cases",
    NOT_KNOWN,
)
_ROLES = {str(n + 1): name for n, name in enumerate(ROLE.values[:-1])}
_HEAD = ("SWENo", "PersonBirthDate", "GenderCurrent", "Ethnicity")
_BREAKDOWNS = (ROLE, SEX)


def workers(scope: Scope) -> pl.LazyFrame:
    """Return roles of the census with `fte`, `is_agency`, `is_there` (on the day), `is_in_post`, role and sex."""
    return scope.held("workers", _workers)


def _workers(scope: Scope) -> pl.LazyFrame:
    rows = scope.table("CSWWWorker")
    present = rows.collect_schema().names()
    rows = rows.with_columns(
        pl.lit(None).alias(n) for n in ("FTE30", "Cases30", "WorkingDaysLost", "OrgRole", *_HEAD) if n not in present
    )
    is_there = pl.col("RoleEndDate").is_null() | (pl.col("RoleEndDate") > scope.end)
    starts = pl.col("RoleStartDate").is_null() | (pl.col("RoleStartDate") <= scope.end)
    return rows.with_columns(
        pl.coalesce(pl.col("FTE30").cast(pl.Float64), pl.col("FTE").cast(pl.Float64)).fill_null(0.0).alias("fte"),
        is_yes("AgencyWorker").alias("is_agency"),
        (is_there & starts).alias("is_there"),
        label(ROLE, pl.col("OrgRole"), _ROLES),
        sex(pl.col("GenderCurrent")),
    ).with_columns((pl.col("is_there") & is_no("AgencyWorker")).alias("is_in_post"))


def _in_post(scope: Scope) -> pl.LazyFrame:
    return workers(scope).filter("is_in_post")


def _agency(scope: Scope) -> pl.LazyFrame:
    return workers(scope).filter(pl.col("is_agency") & pl.col("is_there"))


def leavers(scope: Scope) -> pl.LazyFrame:
    """Return roles, not agency, that ended in the year."""
    return workers(scope).filter(is_no("AgencyWorker") & scope.within("RoleEndDate"))


def starters(scope: Scope) -> pl.LazyFrame:
    """Return roles, not agency, that began in the year, last at its end, and follow no other of the person."""
    person = pl.col("SWENo").is_not_null()
    first = workers(scope).filter(person).group_by("SWENo").agg(pl.col("RoleStartDate").min().alias("first"))
    began = workers(scope).filter(is_no("AgencyWorker") & scope.within("RoleStartDate") & pl.col("is_there"))
    rows = began.join(first, on="SWENo", how="left")
    return rows.filter(pl.col("first").is_null() | (pl.col("first") >= pl.col("RoleStartDate")))


def _ratio(above: pl.LazyFrame, below: pl.LazyFrame, over: pl.Expr, under: pl.Expr) -> pl.LazyFrame:
    keys = [dimension.name for dimension in _BREAKDOWNS]
    return pl.concat(
        [
            above.select(over.cast(pl.Float64).alias("numerator"), pl.lit(0.0).alias("denominator"), *keys),
            below.select(pl.lit(0.0).alias("numerator"), under.cast(pl.Float64).alias("denominator"), *keys),
        ]
    )


def _heads(rows: pl.LazyFrame, *more: str) -> pl.LazyFrame:
    known = rows.filter(pl.col("SWENo").is_not_null()).unique([*_HEAD, *more], keep="last", maintain_order=True)
    return pl.concat([known, rows.filter(pl.col("SWENo").is_null())])


_one, _fte = pl.lit(1.0), pl.col("fte")


def _turnover(scope: Scope) -> pl.LazyFrame:
    return _ratio(leavers(scope), _in_post(scope), _fte, _fte)


def _turnover_heads(scope: Scope) -> pl.LazyFrame:
    above = _heads(leavers(scope), "RoleEndDate").with_columns(_one.alias("one"))
    return _ratio(above, _heads(_in_post(scope)).with_columns(_one.alias("one")), pl.col("one"), pl.col("one"))


def _whole(scope: Scope, above: str | None, below: tuple[str, ...], more: pl.LazyFrame | None) -> pl.LazyFrame:
    """Return rows from the authority's own figures (`LALevelVacancies`), with FTE of workers added below."""
    vacancies = scope.table("LALevelVacancies")
    over = pl.col(above).cast(pl.Float64) if above else pl.lit(0.0)
    under = sum((pl.col(name).cast(pl.Float64) for name in below), pl.lit(0.0))
    rows = [vacancies.select(over.alias("numerator"), under.alias("denominator"))]
    if more is not None:
        rows.append(more.select(pl.lit(0.0).alias("numerator"), _fte.alias("denominator")))
    return pl.concat(rows)


def _vacancy(scope: Scope) -> pl.LazyFrame:
    return _whole(scope, "NumberOfVacancies", ("NumberOfVacancies",), _in_post(scope))


def _covering(scope: Scope) -> pl.LazyFrame:
    return _whole(scope, "NoAgencyFTE", (), _agency(scope))


def _covered(scope: Scope) -> pl.LazyFrame:
    return _whole(scope, "NoAgencyFTE", ("NumberOfVacancies",), None)


def _agency_share(scope: Scope) -> pl.LazyFrame:
    both = pl.concat([_agency(scope), _in_post(scope)])
    return _ratio(_agency(scope), both, _fte, _fte)


def _agency_heads(scope: Scope) -> pl.LazyFrame:
    agency = _agency(scope).with_columns(_one.alias("one"))
    both = pl.concat([agency, _heads(_in_post(scope)).with_columns(_one.alias("one"))])
    return _ratio(agency, both, pl.col("one"), pl.col("one"))


def _caseload(scope: Scope) -> pl.LazyFrame:
    there = workers(scope).filter("is_there")
    holders = there.filter((pl.col("Cases30").cast(pl.Int64) >= 1) & (pl.col("fte") > 0))
    return _ratio(there, holders, pl.col("Cases30").fill_null(0), _fte)


def _cases(scope: Scope) -> pl.LazyFrame:
    return workers(scope).filter("is_there").with_columns(pl.col("Cases30").fill_null(0).alias("numerator"))


def _days(scope: Scope) -> int:
    """Return the working days of the year: one more if it holds 29 February."""
    days = (date(scope.end.year, 3, 1) - date(scope.end.year, 2, 28)).days
    return WORKING_DAYS + days - 1


def _absence(scope: Scope) -> pl.LazyFrame:
    there = _in_post(scope)
    return _ratio(there, there, pl.col("WorkingDaysLost").fill_null(0), _fte * _days(scope))


def _sum(rows: Callable[[Scope], pl.LazyFrame]) -> Callable[[Scope], pl.LazyFrame]:
    return lambda scope: rows(scope).with_columns(_fte.alias("numerator"))


def _entry(
    code: str,
    title: str,
    above: str,
    below: str,
    unit: str,
    polarity: str,
    source: str,
    measure: Callable[[Scope], pl.LazyFrame],
    fields: tuple[str, ...],
    counts: tuple[str, str],
    published: str | None = None,
    **more: Any,
) -> Indicator:
    decimals = more.pop("decimals", 0 if unit == COUNT else 1)
    definition = f"{above} / {within_a_sentence(below)}, on 30 September." if below else f"{above}, on 30 September."
    named = tuple(f"CSWWWorker.{name}" if "." not in name else name for name in fields)
    return Indicator(
        code,
        title,
        definition,
        above,
        below,
        unit,
        decimals,
        polarity,
        RETURN,
        source,
        measure,
        named,
        published_code=published,
        counts=counts,
        has_headcount=bool(more.pop("has_headcount", False)),
        **more,
    )


_POST = ("AgencyWorker", "RoleEndDate", "FTE", "FTE30")
_VACANCIES = ("LALevelVacancies.NumberOfVacancies",)
_COVER = ("LALevelVacancies.NoAgencyFTE",)
_SOURCE = "LAIT 287; DASH"
_IN = "FTE in post"
INDICATORS = (
    _entry(
        "W1",
        "Turnover",
        "FTE of leavers in the year",
        _IN,
        PERCENT,
        "low",
        f"{_SOURCE}; INF a role that ends is a leaver",
        _turnover,
        _POST,
        ("leavers_fte", "in_post_fte"),
        "work_force_to_rate",
        is_amount=True,
        dimensions=_BREAKDOWNS,
    ),
    _entry(
        "W1H",
        "Turnover by headcount",
        "Leavers in the year",
        "Heads in post",
        PERCENT,
        "low",
        f"{_SOURCE}; EES",
        _turnover_heads,
        (*_POST, "SWENo"),
        ("leavers", "in_post"),
        has_headcount=True,
        dimensions=_BREAKDOWNS,
    ),
    _entry(
        "W1N",
        "Leavers, FTE",
        "FTE of leavers in the year",
        "",
        FTE,
        "none",
        f"{_SOURCE}; INF a role that ends is a leaver",
        _sum(leavers),
        _POST,
        ("leavers_fte", ""),
        "social_work_leavers",
        is_amount=True,
        dimensions=_BREAKDOWNS,
    ),
    _entry(
        "W2",
        "Vacancies",
        "Vacancies, FTE",
        "Vacancies and FTE in post",
        PERCENT,
        "low",
        _SOURCE,
        _vacancy,
        (*_POST, *_VACANCIES),
        ("vacancies_fte", "posts_fte"),
        "work_force_vac_rate",
        is_amount=True,
        below_sums=("vacancies_fte", "in_post_fte"),
    ),
    _entry(
        "W3",
        "Agency workers",
        "FTE of agency workers",
        "FTE of agency workers and in post",
        PERCENT,
        "low",
        _SOURCE,
        _agency_share,
        _POST,
        ("agency_fte", "agency_and_post_fte"),
        "work_force_agecy_rate",
        is_amount=True,
        below_sums=("agency_fte", "in_post_fte"),
        dimensions=_BREAKDOWNS,
    ),
    _entry(
        "W3H",
        "Agency workers by headcount",
        "Agency workers",
        "Agency workers and heads in post",
        PERCENT,
        "low",
        f"{_SOURCE}; EES",
        _agency_heads,
        (*_POST, "SWENo"),
        ("agency", "agency_and_post"),
        has_headcount=True,
        below_sums=("agency", "in_post"),
        dimensions=_BREAKDOWNS,
        is_part=True,
    ),
    _entry(
        "W4",
        "Agency workers covering vacancies",
        "FTE of agency workers covering vacancies",
        "FTE of agency workers",
        PERCENT,
        "none",
        _SOURCE,
        _covering,
        (*_POST, *_COVER),
        ("covering_fte", "agency_fte"),
        "work_force_agencycover",
        is_amount=True,
    ),
    _entry(
        "W4V",
        "Vacancies covered by agency workers",
        "FTE of agency workers covering vacancies",
        "Vacancies, FTE",
        PERCENT,
        "high",
        _SOURCE,
        _covered,
        (*_VACANCIES, *_COVER),
        ("covering_fte", "vacancies_fte"),
        "vacancies_cover",
        is_amount=True,
    ),
    _entry(
        "W5",
        "Average caseload",
        "Cases of all workers, agency included",
        "FTE of workers who hold cases",
        MEAN,
        "low",
        _SOURCE,
        _caseload,
        (*_POST, "Cases30"),
        ("cases", "case_holders_fte"),
        "work_force_avgnumcase_sw",
        dimensions=_BREAKDOWNS,
    ),
    _entry(
        "W5N",
        "Cases held",
        "Cases of all workers, agency included",
        "",
        COUNT,
        "none",
        _SOURCE,
        _cases,
        (*_POST, "Cases30"),
        ("cases", ""),
        "work_force_num_caseheld",
        dimensions=_BREAKDOWNS,
    ),
    _entry(
        "W6",
        "Absence",
        "Working days lost of those in post",
        "FTE in post times working days of the year",
        PERCENT,
        "low",
        f"{_SOURCE}; INF days of those in post",
        _absence,
        (*_POST, "WorkingDaysLost"),
        ("days_lost", "days_due"),
        "work_force_swabsence",
        is_amount=True,
        below_multiple="in_post_fte",
        dimensions=_BREAKDOWNS,
    ),
    _entry(
        "W7",
        "Starters, FTE",
        "FTE of starters in the year, without moves within, returns, and those who left again",
        "",
        FTE,
        "none",
        f"{_SOURCE}; INF moves by SWENo",
        _sum(starters),
        (*_POST, "RoleStartDate", "SWENo"),
        ("starters_fte", ""),
        "social_work_starters",
        is_amount=True,
        dimensions=_BREAKDOWNS,
    ),
    _entry(
        "W8",
        "Social workers in post, FTE",
        _IN,
        "",
        FTE,
        "none",
        _SOURCE,
        _sum(_in_post),
        _POST,
        ("in_post_fte", ""),
        "work_force_nosw",
        is_amount=True,
        dimensions=_BREAKDOWNS,
    ),
    _entry(
        "W9",
        "Social workers in post",
        "Heads in post",
        "",
        COUNT,
        "none",
        f"{_SOURCE}; EES",
        lambda s: _heads(_in_post(s)).with_columns(_one.alias("numerator")),
        (*_POST, "SWENo"),
        ("in_post", ""),
        dimensions=_BREAKDOWNS,
    ),
)
