"""The rule engine: each rule alone, missing input never passes, a fault of a rule is no verdict."""

from datetime import date

import polars as pl
import pytest

from transforms.returns import rules_of
from transforms.returns.calendar import bank_holidays, working_days, years_between
from transforms.returns.entry import is_valid
from transforms.returns.model import ROW, ReturnData
from transforms.returns.rule import BROKEN, FAILED, NOT_RUN, PASSED, Found, rule, run_rules, where


def made_up(**tables: pl.DataFrame) -> ReturnData:
    typed = {name: frame.with_row_index(ROW) for name, frame in tables.items()}
    return ReturnData("ssda903", 2026, date(2025, 4, 1), date(2026, 3, 31), typed)


HEADER = pl.DataFrame({"CHILD": ["a", "b", "c"], "SEX": ["M", None, "X"]})


def verdict_of(entry, data):
    run = run_rules(data, [entry])
    return run.verdicts[0], run.findings.rows()


def test_rows_that_break_a_rule_are_cited_by_number():
    entry = where("1", "no sex", "Header", ["SEX"], pl.col("SEX").is_null())
    verdict, findings = verdict_of(entry, made_up(Header=HEADER))
    assert (verdict.state, verdict.rows) == (FAILED, 1)
    assert findings == [("1", "Header", 1)]


def test_a_null_comparison_is_no_finding_and_passes():
    entry = where("2", "sex not known", "Header", ["SEX"], pl.col("SEX").is_in(["Z"]))
    verdict, findings = verdict_of(entry, made_up(Header=HEADER))
    assert (verdict.state, findings) == (PASSED, [])


@pytest.mark.parametrize(
    ("table", "condition", "needs"),
    [
        ("Episodes", pl.col("LS") == "V3", "table Episodes"),
        ("Header", pl.col("UPN").is_null(), "column UPN"),
        ("Header", lambda data: pl.lit(data.last.year == 1), "the return of the year before"),
        ("Header", lambda data: data.reference("providers").collect(), "reference data: providers"),
    ],
)
def test_missing_input_is_not_run_and_never_passed(table, condition, needs):
    verdict, findings = verdict_of(where("3", "?", table, [], condition), made_up(Header=HEADER))
    assert (verdict.state, verdict.needs, findings) == (NOT_RUN, needs, [])


def test_a_rule_that_fails_of_itself_is_broken_and_says_nothing_of_the_data():
    entry = where("4", "?", "Header", [], pl.col("SEX").dt.year() == 1)
    verdict, findings = verdict_of(entry, made_up(Header=HEADER))
    assert (verdict.state, findings) == (BROKEN, [])
    assert "M" not in verdict.needs


def test_rules_of_other_years_are_passed_over():
    entry = where("5", "?", "Header", [], pl.lit(True), since=2027)
    assert run_rules(made_up(Header=HEADER), [entry]).verdicts == []


def test_a_rule_on_two_tables_cites_rows_of_both_once():
    @rule("6", "sex missing though there are reviews", ["Header", "Reviews"], ["SEX"])
    def both(data: ReturnData) -> Found:
        joined = data["Header"].join(data["Reviews"], on="CHILD", suffix="_reviews").filter(pl.col("SEX").is_null())
        return {"Header": joined, "Reviews": joined.select(pl.col(f"{ROW}_reviews").alias(ROW))}

    reviews = pl.DataFrame({"CHILD": ["b", "b", "c"]})
    _, findings = verdict_of(both, made_up(Header=HEADER, Reviews=reviews))
    assert findings == [("6", "Header", 1), ("6", "Reviews", 0), ("6", "Reviews", 1)]


def test_order_of_rules_changes_no_finding():
    entries = [
        where(str(n), "?", "Header", [], condition)
        for n, condition in enumerate([pl.col("SEX").is_null(), pl.col("SEX") == "M", pl.col("CHILD") == "c"])
    ]
    forth = run_rules(made_up(Header=HEADER), entries).findings
    back = run_rules(made_up(Header=HEADER), reversed(entries)).findings
    assert sorted(forth.rows()) == sorted(back.rows())


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        (date(2025, 4, 17), date(2025, 4, 22), 1),  # Good Friday to Easter Monday lie between
        (date(2025, 4, 14), date(2025, 4, 14), 0),
        (date(2025, 4, 12), date(2025, 4, 14), 1),  # from a Saturday to the Monday after it
        (date(2012, 6, 1), date(2012, 6, 6), 1),  # Diamond Jubilee: Monday and Tuesday were holidays
        (date(2025, 4, 15), date(2025, 4, 14), -1),
    ],
)
def test_working_days_between_two_days(start, end, days):
    frame = pl.DataFrame({"a": [start], "b": [end]})
    assert frame.select(working_days(pl.col("a"), pl.col("b"))).item() == days


@pytest.mark.parametrize(
    ("born", "day", "years"),
    [
        (date(2008, 2, 29), date(2025, 2, 28), 16),
        (date(2008, 2, 29), date(2025, 3, 1), 17),
        (date(2008, 4, 1), date(2026, 3, 31), 17),
        (date(2008, 3, 31), date(2026, 3, 31), 18),
    ],
)
def test_completed_years(born, day, years):
    frame = pl.DataFrame({"a": [born], "b": [day]})
    assert frame.select(years_between(pl.col("a"), pl.col("b"))).item() == years


def test_the_bank_holidays_reach_back_to_2012_and_ahead():
    days = bank_holidays()
    assert days == tuple(sorted(set(days)))
    assert date(2012, 6, 5) in days and date(2022, 9, 19) in days and days[-1].year >= 2027


@pytest.mark.parametrize("code", ["ssda903", "cin_census"])
def test_a_code_has_one_rule_in_any_year(code):
    for year in range(2017, 2028):
        codes = [entry.code for entry in rules_of(code) if is_valid(entry, year)]
        assert len(codes) == len(set(codes))


def test_a_return_without_rules_has_none():
    assert rules_of("no_such_return") == ()
