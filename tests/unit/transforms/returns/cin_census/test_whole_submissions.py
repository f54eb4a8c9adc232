"""All rules of the census together: overlaps against a slow comparison, odd submissions, sample files."""

import os
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.census_frames import CENSUS_TABLES, census, read_census, submission
from tests.census_rule_cases import rule_of
from transforms.returns import rules_of
from transforms.returns.assembling import assemble
from transforms.returns.calendar import working_day_before, working_days
from transforms.returns.cin_census_rules import codes
from transforms.returns.cin_census_rules.codes import upn_authorities
from transforms.returns.cin_census_rules.linked import overlapping
from transforms.returns.entry import is_valid
from transforms.returns.model import ROW
from transforms.returns.reading import entry_of, read_file
from transforms.returns.rule import BROKEN, FAILED, NOT_RUN, PASSED, run_rules

FILES = Path(os.environ.get("SAFEGUARDING_TEST_DATA", "../shared/data")) / "returns" / "cin"
RULES = rules_of("cin_census")
DAYS = st.integers(0, 12).map(lambda n: date(2025, 5, 1) + timedelta(days=n))


def frames(rows, values):
    return {
        table: pl.DataFrame(
            {column: values(column, rows) for column in columns}, schema=dict.fromkeys(columns, pl.String)
        )
        for table, columns in CENSUS_TABLES.items()
    }


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("ab"), st.none() | DAYS, st.none() | DAYS), max_size=9), st.booleans())
def test_overlaps_are_those_of_comparing_every_row_with_every_other(rows, is_end_within):
    schema = {"child": pl.String, "start": pl.Date, "end": pl.Date}
    frame = pl.DataFrame(rows, schema=schema, orient="row").with_row_index(ROW)
    found = overlapping(frame.lazy(), "start", pl.col("end"), ("child",), is_end_within=is_end_within).collect()
    expected = set()
    for one, (child, start, _) in enumerate(rows):
        for two, (other, begun, ended) in enumerate(rows):
            if one == two or child != other or None in (start, begun, ended):
                continue
            if begun <= start < ended or (is_end_within and start == ended and begun <= start):
                expected |= {one, two}
    assert set(found[ROW].to_list()) == expected


@pytest.mark.parametrize("year", [2023, 2024, 2025, 2026])
@pytest.mark.parametrize("rows", [0, 1, 7])
def test_no_rule_is_broken_by_tables_full_of_nulls_or_empty(year, rows):
    data = submission(year, frames(rows, lambda _, count: [None] * count))
    run = run_rules(data, RULES)
    assert {verdict.rule.code: verdict.needs for verdict in run.verdicts if verdict.state in (BROKEN, NOT_RUN)} == {}
    if not rows:
        assert {verdict.rule.code for verdict in run.verdicts if verdict.state == FAILED} == {"2887Q"}


def test_no_rule_is_broken_by_one_value_everywhere():
    for value in ("2025-05-01", "1", "true", "21", "X"):
        data = submission(2026, frames(5, lambda _, count, value=value: [value] * count))
        run = run_rules(data, RULES)
        assert {verdict.rule.code: verdict.needs for verdict in run.verdicts if verdict.state == BROKEN} == {}


def test_a_missing_table_or_column_is_named_and_nothing_passes_for_it():
    whole = frames(2, lambda _, count: [None] * count)
    for name in whole:
        if name == "Header":
            continue
        run = run_rules(submission(2026, {n: f for n, f in whole.items() if n != name}), RULES)
        asked = {verdict.rule.code for verdict in run.verdicts if name in verdict.rule.tables}
        stopped = {verdict.rule.code: verdict.needs for verdict in run.verdicts if verdict.state == NOT_RUN}
        assert set(stopped) == asked
        assert set(stopped.values()) == {f"table {name}"}


def test_children_without_an_identifier_are_linked_only_where_there_is_one_of_them():
    assessment = "child episode AssessmentActualStartDate; - 1 2025-05-01"
    episode = "child episode CINreferralDate; - 1 2025-06-01"
    one = census(ChildIdentifiers="child; -; a; b", Assessments=assessment, CINdetails=episode)
    two = census(ChildIdentifiers="child; -; -; a", Assessments=assessment, CINdetails=episode)
    assert run_rules(one, [rule_of("1103", 2026)]).verdicts[0].state == FAILED
    assert run_rules(two, [rule_of("1103", 2026)]).verdicts[0].state == PASSED


def test_values_as_they_came_decide_over_typed_ones():
    tables = {"CINdetails": "nfa ReferralSource CINreferralDate; TRUE 1a 2025-05-01"}
    assert run_rules(census(**tables), [rule_of("8866", 2026)]).verdicts[0].state == FAILED
    assert run_rules(census(has_raw=False, **tables), [rule_of("8568", 2026)]).verdicts[0].state == PASSED


def test_authorities_of_pupil_numbers_grow_with_the_register():
    assert upn_authorities(date(2024, 3, 31)) - upn_authorities(date(2023, 3, 31)) == {"942", "943"}


@pytest.mark.parametrize(
    "day", [date(2024, 3, 31), date(2024, 4, 1), date(2024, 4, 3), date(2025, 1, 1), date(2026, 3, 31)]
)
@pytest.mark.parametrize("count", [1, 2, 45])
def test_a_working_day_before_another_is_that_many_working_days_away(day, count):
    earlier = working_day_before(day, count)
    eve = day - timedelta(days=1)
    counted = pl.select(working_days(pl.lit(earlier - timedelta(days=1)), pl.lit(eve))).item()
    assert counted == count
    assert earlier.weekday() < 5


@pytest.mark.parametrize(
    ("file", "year"),
    [
        ("synthetic_2025_26/cin_2026_600_children.xml", 2026),
        ("peer_fake/fake_CIN_data.xml", 2023),
        ("peer_fake/CIN_Census_2024.xml", 2024),
        ("peer_fake/CIN_Census_2026.xml", 2026),
        ("liia_samples/cin-2022.xml", 2023),
    ],
)
def test_sample_files_break_no_rule_and_order_changes_no_finding(file, year):
    if not (FILES / file).exists():
        pytest.skip("sample returns are not here")
    raw = read_census((FILES / file).read_bytes())
    forth = run_rules(submission(year, raw), RULES)
    as_read = run_rules(assemble("cin_census", [read_file(FILES / file)], year), RULES)
    assert as_read.findings.rows() == forth.findings.rows()
    back = run_rules(submission(year, raw), reversed(RULES))
    assert {v.rule.code: v.needs for v in forth.verdicts if v.state in (BROKEN, NOT_RUN)} == {}
    assert sorted(forth.findings.rows()) == sorted(back.findings.rows())
    heights = {name: frame.height for name, frame in raw.items()}
    assert all(row < heights[table] for _, table, row in forth.findings.rows())
    without_raw = run_rules(submission(year, raw, has_raw=False), RULES)
    assert {v.rule.code for v in without_raw.verdicts if v.state in (BROKEN, NOT_RUN)} == set()


@pytest.mark.parametrize(("crowd", "state"), [(30, FAILED), (31, PASSED)])
def test_an_identifier_that_stands_for_a_crowd_is_a_placeholder_and_links_nothing(crowd, state):
    rows = "; X 1 2025-05-01" * crowd
    data = census(
        ChildIdentifiers="child" + "; X" * crowd,
        Assessments="child episode AssessmentActualStartDate" + rows,
        CINdetails="child episode CINreferralDate" + rows.replace("05-01", "06-01"),
    )
    verdicts = run_rules(data, [rule_of("8510", 2026), rule_of("1103", 2026)]).verdicts
    assert [verdict.state for verdict in verdicts] == [FAILED, state]
    assert verdicts[0].rows == crowd


@pytest.mark.parametrize(
    ("table", "column", "listed"),
    [
        ("ChildCharacteristics", "Ethnicity", codes.ETHNICITIES),
        ("Disabilities", "Disability", codes.DISABILITIES),
        ("CINdetails", "ReferralSource", codes.REFERRAL_SOURCES),
        ("CINdetails", "PrimaryNeedCode", codes.NEEDS),
        ("CINdetails", "ReasonForClosure", codes.CLOSURES),
        ("ChildProtectionPlans", "InitialCategoryOfAbuse", codes.ABUSES),
        ("ChildProtectionPlans", "LatestCategoryOfAbuse", codes.ABUSES),
        ("AssessmentFactorsList", "AssessmentFactors", codes.FACTORS),
    ],
)
def test_codes_of_the_rules_are_those_of_the_specification(table, column, listed):
    [found] = [c for t in entry_of("cin_census").tables if t.name == table for c in t.columns if c.name == column]
    for year in (2023, 2024, 2025, 2026):
        assert {code.code for code in found.codes if is_valid(code, year)} == set(listed)
