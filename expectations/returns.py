"""Checks of local returns: how each rule of the department ended, and that nothing about one child gets out.

The rules themselves are declared in `transforms/returns` and run where the rows are. What comes here
is a summary without small numbers: one row a submission and rule. A rule that was not run has not
passed, so its check fails with what it would have needed. Rules never stop a load; what would tell of
a single child does.
"""

# ruff: noqa: S608 - the SQL is made of names declared here, never of data

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from expectations.check import Check, literal
from expectations.derive import Reference, Table
from transforms.returns import returns
from transforms.returns.entry import is_identifier, is_personal_day

SMALL = "BETWEEN 1 AND 5"
RULES = "staged.return_rule"
_RETURN_FACTS = (
    "star.fact_indicator f JOIN meta.return_submission r USING (source_key) "
    "JOIN star.dim_indicator i ON i.indicator_key = f.indicator_key "
    "JOIN star.dim_period p ON p.period_key = f.period_key "
    "JOIN star.dim_breakdown b ON b.breakdown_key = f.breakdown_key"
)


@dataclass(frozen=True, slots=True)
class RuleSeen:
    """One rule of the department that was looked at in a load."""

    return_code: str
    rule_code: str
    severity: str
    message: str


def rule_checks(seen: Iterable[RuleSeen]) -> tuple[Check, ...]:
    """Return a check for each rule, over the summary of all submissions of a load.

    Args:
        seen: rules in the summary; of one that reads otherwise in other years, any wording will do.
    """
    by_code: dict[tuple[str, str], RuleSeen] = {}
    for rule in seen:
        by_code.setdefault((rule.return_code, rule.rule_code), rule)
    return tuple(
        Check(
            f"{rule.return_code}_{rule.rule_code}",
            RULES,
            "staged",
            "warning",
            kind="rows",
            show=("la_code", "year", "severity", "state", "findings_shown", "needs"),
            sql=(
                f"return_code = {literal(rule.return_code)} AND rule_code = {literal(rule.rule_code)} "
                "AND state <> 'passed'"
            ),
            why=rule.message or "A rule of the department.",
        )
        for rule in by_code.values()
    )


@cache
def child_columns() -> frozenset[str]:
    """Return names, in lower case, of columns of returns that identify people, places or days of birth."""
    return frozenset(
        column.name.lower()
        for entry in returns()
        for table in entry.tables
        for column in table.columns
        if is_identifier(column) or is_personal_day(column) or column.kind == "postcode"
    )


TABLES_STAGED = (
    Table(
        "staged.return_submission",
        (("sha256",),),
        ("sha256", "la_code", "return_code", "year"),
        references=(Reference(("sha256",), "staged.source_file"),),
        may_be_empty=True,
    ),
    Table(
        RULES,
        (("sha256", "rule_code"),),
        ("sha256", "la_code", "return_code", "year", "rule_code"),
        references=(Reference(("sha256",), "staged.return_submission"),),
        may_be_empty=True,
    ),
)

SINGLE_STAGED = (
    Check(
        "staged_return_rule_no_small_count",
        RULES,
        "staged",
        "blocking",
        kind="rows",
        show=("sha256", "return_code", "rule_code"),
        sql=f"findings {SMALL} OR try_cast(findings_shown AS BIGINT) {SMALL}",
        why="One to five rows are about so few children that the number itself could tell of them.",
        if_rows=(RULES,),
    ),
    Check(
        "staged_return_value_no_small_count",
        "staged.return_submission",
        "staged",
        "blocking",
        kind="query",
        show=("sha256", "indicator_code", "period_code", "breakdown"),
        sql=(
            "SELECT o.sha256, o.indicator_code, o.period_code, o.breakdown FROM staged.observation o "
            "JOIN staged.return_submission s USING (sha256) "
            f"WHERE o.value_status = 'suppressed' AND o.value IS NOT NULL "
            f"OR o.unit = 'count' AND (o.value {SMALL} OR o.numerator {SMALL})"
        ),
        why="A withheld value is null, and a count of one to five is always withheld.",
        if_rows=("staged.return_submission",),
    ),
)

TABLES_STAR = (
    Table(
        "meta.return_submission",
        (("sha256",), ("source_key",)),
        ("sha256", "la_code", "return_code", "year"),
        references=(Reference(("source_key",), "star.dim_source", unknown="blocking"),),
        may_be_empty=True,
    ),
    Table(
        "meta.return_rule",
        (("sha256", "rule_code"),),
        ("la_code", "return_code", "year", "rule_code"),
        references=(Reference(("sha256",), "meta.return_submission"),),
        may_be_empty=True,
    ),
    Table(
        "star.bridge_local_indicator",
        (("indicator_key", "published_indicator_key"),),
        ("indicator_code", "published_indicator_code"),
        references=(
            Reference(("indicator_key",), "star.dim_indicator", unknown="blocking"),
            Reference(("published_indicator_key",), "star.dim_indicator", ("indicator_key",), unknown="blocking"),
        ),
        may_be_empty=True,
    ),
)

_SUBMISSIONS = ("meta.return_submission",)

SINGLE_STAR = (
    Check(
        "return_submission_one_current",
        "meta.return_submission",
        "star",
        "blocking",
        kind="query",
        show=("la_code", "return_code", "year"),
        sql=(
            "SELECT la_code, return_code, year FROM meta.return_submission GROUP BY ALL "
            "HAVING count(*) FILTER (is_current) <> 1"
        ),
        why="Of all submissions of a year exactly one stands; two would count children twice.",
        if_rows=_SUBMISSIONS,
    ),
    Check(
        "return_values_stand_with_their_submission",
        "star.fact_indicator",
        "star",
        "blocking",
        kind="query",
        show=("la_code", "return_code", "year"),
        sql=(
            "SELECT DISTINCT r.la_code, r.return_code, r.year FROM star.fact_indicator f "
            "JOIN meta.return_submission r USING (source_key) WHERE f.is_latest <> r.is_current"
        ),
        why="A value of a submission that was sent again is not the latest, and those of one that stands all are.",
        if_rows=_SUBMISSIONS,
    ),
    Check(
        "return_values_of_one_submission",
        "star.fact_indicator",
        "star",
        "blocking",
        kind="query",
        show=("la_code", "return_code", "year"),
        sql=(
            "SELECT DISTINCT r.la_code, r.return_code, r.year FROM star.fact_indicator f "
            "JOIN meta.return_submission r USING (source_key) "
            "WHERE NOT r.is_current AND coalesce(f.value, f.numerator, f.denominator) IS NOT NULL"
        ),
        why="Beside the submission that stands an earlier one tells how many children were added or left out.",
        if_rows=_SUBMISSIONS,
    ),
    Check(
        "return_values_no_small_count",
        "star.fact_indicator",
        "star",
        "blocking",
        kind="query",
        show=("la_code", "return_code", "year", "indicator_code", "breakdown"),
        sql=(
            f"SELECT r.la_code, r.return_code, r.year, i.indicator_code, b.breakdown FROM {_RETURN_FACTS} "
            f"WHERE i.unit = 'count' AND (f.value {SMALL} OR f.numerator {SMALL}) "
            "OR f.value_status_code = 2 AND f.value IS NOT NULL"
        ),
        why="A count of one to five could tell of single children, and a withheld value is null.",
        if_rows=_SUBMISSIONS,
    ),
    Check(
        "return_rule_no_small_count",
        "meta.return_rule",
        "star",
        "blocking",
        kind="rows",
        show=("return_code", "rule_code"),
        sql=f"findings {SMALL} OR try_cast(findings_shown AS BIGINT) {SMALL}",
        why="One to five rows are about so few children that the number itself could tell of them.",
        if_rows=_SUBMISSIONS,
    ),
    Check(
        "no_small_number_derivable",
        "meta.disclosure_risk",
        "star",
        "blocking",
        kind="rows",
        show=("la_code", "return_code", "period_code", "count_name", "breakdown", "reason"),
        sql="reason IS NOT NULL",
        why="A withheld number could be worked out by subtracting published ones. What older code published is made "
        "anew by `safeguarding rebuild`.",
    ),
    Check(
        "no_trace_of_restricted_store",
        "meta.restricted_trace",
        "star",
        "blocking",
        kind="rows",
        show=("table_name", "column_name", "kind"),
        sql="kind IS NOT NULL",
        why="An identifier, a hash of one or a postcode of the restricted store stands in the file to be published.",
    ),
)
