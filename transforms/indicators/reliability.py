"""Which indicators a failing rule makes unreliable: those that rest on a field the rule is about."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from transforms.indicators import indicators_of
from transforms.indicators.model import Indicator
from transforms.returns.rule import ERROR, FAILED, Verdict


def failing_fields(findings: pl.DataFrame, verdicts: Iterable[Verdict]) -> frozenset[str]:
    """Return the fields (`Table.column`) that failing error rules are about.

    Args:
        findings: of a run of rules (`transforms.returns.rule.FINDINGS`): a rule is about its fields in
            the tables it found rows of.
        verdicts: of the same run; queries, and rules that did not run, say nothing against a field.
    """
    fields = {verdict.rule.code: verdict.rule.fields for verdict in verdicts if _is_failing(verdict)}
    found = findings.select("rule_code", "table_name").unique().iter_rows()
    return frozenset(f"{table}.{name}" for code, table in found for name in fields.get(code, ()))


def _is_failing(verdict: Verdict) -> bool:
    return verdict.state == FAILED and verdict.rule.severity == ERROR


def unreliable(findings: pl.DataFrame, verdicts: Iterable[Verdict], indicator: Indicator) -> bool:
    """Whether a failing rule of severity error is about a field the indicator rests on."""
    return not failing_fields(findings, verdicts).isdisjoint(indicator.fields)


def unreliable_codes(findings: pl.DataFrame, verdicts: Iterable[Verdict], return_code: str) -> frozenset[str]:
    """Return the codes of all indicators of a return that failing rules make unreliable."""
    fields = failing_fields(findings, verdicts)
    return frozenset(entry.code for entry in indicators_of(return_code) if not fields.isdisjoint(entry.fields))
