"""How cases of the census's rules are written and checked."""

from __future__ import annotations

from collections.abc import Iterable

from tests.census_frames import census
from transforms.returns import rules_of
from transforms.returns.entry import is_valid
from transforms.returns.rule import FAILED, PASSED, Rule, run_rules


class Case:
    """One rule on small tables, with the rows it must cite, by table; all others must pass."""

    def __init__(self, code: str, tables: dict[str, str], year: int = 2026, **cited: list[int]) -> None:
        self.code, self.tables, self.year, self.cited = code, tables, year, cited

    def __str__(self) -> str:
        return f"{self.code}-{self.year}-{'fails' if self.cited else 'passes'}"

    @property
    def has_passing(self) -> bool:
        """Whether some row of a table that can be cited is not."""
        rows = {name: text.count(";") for name, text in self.tables.items()}
        return not self.cited or any(rows[name] > len(self.cited.get(name, [])) for name in rows)


def rule_of(code: str, year: int) -> Rule:
    """Return the rule of a code in a year."""
    [found] = [entry for entry in rules_of("cin_census") if entry.code == code and is_valid(entry, year)]
    return found


def assert_case(case: Case) -> None:
    """Check a case with and without the values as they came, where typing loses none."""
    run = run_rules(census(case.year, **case.tables), [rule_of(case.code, case.year)])
    assert (run.verdicts[0].state, run.verdicts[0].needs) == (FAILED if case.cited else PASSED, "")
    found: dict[str, list[int]] = {}
    for _, table, row in run.findings.rows():
        found.setdefault(table, []).append(row)
    assert found == case.cited
    assert set(found) <= {"Header", *run.verdicts[0].rule.tables}


def assert_covers(rules: Iterable[Rule], cases: Iterable[Case]) -> None:
    """Check that every rule has rows that break it and rows that do not."""
    failing = {rule_of(case.code, case.year) for case in cases if case.cited}
    passing = {rule_of(case.code, case.year) for case in cases if case.has_passing}
    assert {(rule.code, rule.since) for rule in rules} - {(rule.code, rule.since) for rule in failing} == set()
    assert {(rule.code, rule.since) for rule in rules} - {(rule.code, rule.since) for rule in passing} == set()
