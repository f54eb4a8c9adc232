"""What indicators of the children in need census share: children, episodes of need, plans, and the form of an entry."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl

from transforms.indicators.looked_after import NEED, NEED_CODES, number
from transforms.indicators.model import (
    COUNT,
    RATE,
    Dimension,
    Indicator,
    Measure,
    Scope,
    parts_of,
    within_a_sentence,
)
from transforms.indicators.people import AGE, BIRTH, ETHNICITY, SEX, age_band, ethnic_group, is_yes, label, sex

CHILD = "LAchildID"
EPISODE = (CHILD, "CINdetailsID")
RETURN = "cin_census"
ABUSE = parts_of(
    "Category of abuse", "Neglect", "Physical abuse", "Sexual abuse", "Emotional abuse", "Multiple", "Not known"
)
SOURCE = parts_of(
    "Referral source",
    "Individual",
    "Education",
    "Health services",
    "Housing",
    "Authority services",
    "Police",
    "Other legal agency",
    "Other",
    "Anonymous",
    "Not known",
)
CIN_NEED = parts_of("Primary need", *NEED.values[:-1], "Cases other than children in need", "Not known")
_ABUSES = dict(zip(("NEG", "PHY", "SAB", "EMO", "MUL"), ABUSE.values, strict=False))
_SOURCES = {
    "1A": "Individual",
    "1B": "Individual",
    "1C": "Individual",
    "1D": "Individual",
    "2A": "Education",
    "2B": "Education",
    "3A": "Health services",
    "3B": "Health services",
    "3C": "Health services",
    "3D": "Health services",
    "3E": "Health services",
    "3F": "Health services",
    "4": "Housing",
    "5A": "Authority services",
    "5B": "Authority services",
    "5C": "Authority services",
    "5D": "Authority services",
    "6": "Police",
    "7": "Other legal agency",
    "8": "Other",
    "9": "Anonymous",
    "10": "Not known",
}
_NEEDS = NEED_CODES | {"N9": "Cases other than children in need"}


def people(scope: Scope) -> pl.LazyFrame:
    """Return each child of the census once with date of birth and characteristics on the last day."""
    return scope.held("people", _people)


def _people(scope: Scope) -> pl.LazyFrame:
    known = scope.table("ChildIdentifiers").filter(pl.col(CHILD).is_not_null())
    known = known.unique(CHILD, keep="last", maintain_order=True)
    present = known.collect_schema().names()
    sexes = [pl.col(name).cast(pl.String) for name in ("Sex", "GenderCurrent") if name in present]
    born = [pl.col(name) for name in ("PersonBirthDate", "ExpectedPersonBirthDate") if name in present]
    rows = known.select(
        CHILD,
        (pl.coalesce(born) if born else pl.lit(None, pl.Date)).alias(BIRTH),
        sex(pl.coalesce(sexes) if sexes else pl.lit(None, pl.String)),
    )
    rows = rows.with_columns(_age(scope))
    if "ChildCharacteristics" not in scope.data:
        return rows.with_columns(pl.lit("Not known").alias(ETHNICITY.name))
    traits = scope.table("ChildCharacteristics").unique(CHILD, keep="last", maintain_order=True)
    named = "Ethnicity" in traits.collect_schema().names()
    group = ethnic_group(pl.col("Ethnicity") if named else pl.lit(None, pl.String))
    return rows.join(traits.select(CHILD, group), on=CHILD, how="left")


def _age(scope: Scope) -> pl.Expr:
    """Return age bands; a child not yet born on the last day counts as under 1."""
    return pl.when(pl.col(BIRTH) > scope.end).then(pl.lit(AGE.values[0])).otherwise(age_band(scope.end)).alias(AGE.name)


def with_people(scope: Scope, rows: pl.LazyFrame) -> pl.LazyFrame:
    """Add characteristics to rows that have LAchildID."""
    return rows.join(people(scope), on=CHILD, how="left", maintain_order="left").with_columns(
        pl.col(dimension.name).fill_null("Not known") for dimension in (AGE, SEX, ETHNICITY)
    )


def cases(scope: Scope) -> pl.LazyFrame:
    """Return the table CINdetails with characteristics, `is_nfa`, need and source of referral."""
    return scope.held("cases", _cases)


def _cases(scope: Scope) -> pl.LazyFrame:
    rows = scope.table("CINdetails").filter(pl.col(CHILD).is_not_null())
    present = rows.collect_schema().names()
    blank = pl.lit(None, pl.String)
    rows = rows.with_columns(
        is_yes("ReferralNFA").alias("is_nfa"),
        label(CIN_NEED, pl.col("PrimaryNeedCode") if "PrimaryNeedCode" in present else blank, _NEEDS),
        label(SOURCE, pl.col("ReferralSource") if "ReferralSource" in present else blank, _SOURCES),
    )
    return with_people(scope, rows)


def referrals(scope: Scope) -> pl.LazyFrame:
    """Return referrals of the year, each one."""
    return cases(scope).filter(scope.within("CINreferralDate"))


def in_need(scope: Scope) -> pl.LazyFrame:
    """Return children in need on the last day, each once, by the latest referral."""
    return scope.held("in need", _in_need)


def _in_need(scope: Scope) -> pl.LazyFrame:
    closed = pl.col("CINclosureDate")
    is_open = (pl.col("CINreferralDate") <= scope.end) & (closed.is_null() | (closed > scope.end))
    return latest(cases(scope).filter(~pl.col("is_nfa") & is_open), "CINreferralDate")


def latest(rows: pl.LazyFrame, day: str) -> pl.LazyFrame:
    """Return of each child the row with the latest date; the last of several."""
    return rows.sort(day, maintain_order=True).unique(CHILD, keep="last", maintain_order=True)


def plans(scope: Scope) -> pl.LazyFrame:
    """Return child protection plans with characteristics and latest category of abuse."""
    return scope.held("plans", _plans)


def _plans(scope: Scope) -> pl.LazyFrame:
    rows = scope.table("ChildProtectionPlans").filter(pl.col(CHILD).is_not_null())
    named = "LatestCategoryOfAbuse" in rows.collect_schema().names()
    category = pl.col("LatestCategoryOfAbuse") if named else pl.lit(None, pl.String)
    return with_people(scope, rows.with_columns(label(ABUSE, category, _ABUSES)))


def on_plan(scope: Scope) -> pl.LazyFrame:
    """Return children with a plan on the last day, each once, by the latest plan."""
    return scope.held("on plan", _on_plan)


def _on_plan(scope: Scope) -> pl.LazyFrame:
    ended = pl.col("CPPendDate")
    is_open = (pl.col("CPPstartDate") <= scope.end) & (ended.is_null() | (ended > scope.end))
    return latest(plans(scope).filter(is_open), "CPPstartDate")


def entry(
    code: str,
    title: str,
    above: str,
    below: str,
    unit: str,
    polarity: str,
    source: str,
    measure: Measure,
    fields: tuple[str, ...],
    **more: Any,
) -> Indicator:
    """Return an indicator of the census, defined by what stands above and below the line."""
    decimals = 0 if unit == COUNT else 1
    definition = f"{above}, of {within_a_sentence(below)}." if below else f"{above}."
    return Indicator(
        code, title, definition, above, below, unit, decimals, polarity, RETURN, source, measure, fields, **more
    )


def rated(
    code: str,
    title: str,
    count_title: str,
    above: str,
    rows: Callable[[Scope], pl.LazyFrame],
    fields: tuple[str, ...],
    count: str,
    source: str,
    *,
    count_source: str = "",
    polarity: str = "none",
    published: tuple[str | None, str | None] = (None, None),
    dimensions: tuple[Dimension, ...] = (),
) -> tuple[Indicator, Indicator]:
    """Return a count twice: per 10,000 children, and as it is.

    Args:
        code: of the rate; the count's has an `N` at the end.
        title: of the rate.
        count_title: of the count.
        above: what is counted, in words.
        rows: one for each that counts.
        fields: that it rests on.
        count: its name.
        source: where the rule was read.
        count_source: the same for the count, where it differs.
        polarity: of the rate.
        published: codes of the published indicators that rate and count stand beside.
        dimensions: of the count.
    """

    def measure(scope: Scope) -> pl.LazyFrame:
        return number(rows(scope))

    rate = entry(
        code, title, above, "Children aged 0 to 17", RATE, polarity, source, measure, fields,
        published_code=published[0], counts=(count, "population"), has_population=True,
    )  # fmt: skip
    number_of = entry(
        f"{code}N", count_title, above, "", COUNT, "none", count_source or source, measure, fields,
        published_code=published[1], counts=(count, ""), dimensions=dimensions,
    )  # fmt: skip
    return rate, number_of
