"""Which indicators a failing rule makes unreliable: only errors that failed, only fields they are about."""

from __future__ import annotations

import polars as pl
import pytest

from transforms.indicators import indicators_of
from transforms.indicators.reliability import failing_fields, unreliable, unreliable_codes
from transforms.returns.rule import BROKEN, ERROR, FAILED, FINDINGS, NOT_RUN, PASSED, QUERY, Rule, Verdict


def _run(state: str = FAILED, severity: str = ERROR, table: str = "Episodes") -> tuple[pl.DataFrame, list[Verdict]]:
    rule = Rule("143", "made up", ("RNE",), ("Episodes", "Header"), lambda data: {}, severity)
    rows = [("143", table, 0)] if state == FAILED else []
    return pl.DataFrame(rows, schema=FINDINGS, orient="row"), [Verdict(rule, state, len(rows))]


def _entry(code: str) -> object:
    return next(entry for entry in indicators_of("ssda903") if entry.code == code)


def test_an_indicator_that_rests_on_a_failing_field_is_unreliable() -> None:
    assert unreliable(*_run(), _entry("CLA2"))  # type: ignore[arg-type]
    assert not unreliable(*_run(), _entry("CLA1"))  # type: ignore[arg-type]


@pytest.mark.parametrize("state", [PASSED, NOT_RUN, BROKEN])
def test_a_rule_that_did_not_fail_says_nothing(state: str) -> None:
    assert not unreliable(*_run(state), _entry("CLA2"))  # type: ignore[arg-type]


def test_a_query_says_nothing() -> None:
    assert unreliable_codes(*_run(severity=QUERY), "ssda903") == frozenset()


def test_a_rule_is_about_its_fields_in_the_tables_it_found_rows_of() -> None:
    assert failing_fields(*_run(table="Header")) == {"Header.RNE"}


def test_all_that_rest_on_it_are_named() -> None:
    codes = unreliable_codes(*_run(), "ssda903")
    assert {"CLA2", "CLA5", "H1", "A1"} <= codes
    assert not codes & {"CLA1", "CL1"}
