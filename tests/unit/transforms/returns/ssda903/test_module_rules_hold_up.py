"""Rules on the 903 modules on data they were not made for: nothing filled in, no rows, dates that do not read."""

from pathlib import Path

import polars as pl
import pytest

from tests.ssda903_text import as_typed, submission
from transforms.returns.entry import is_valid
from transforms.returns.model import ROW
from transforms.returns.rule import BROKEN, FAILED, NOT_RUN, PASSED, run_rules
from transforms.returns.ssda903_rules import (
    adoption,
    care_leavers,
    deprivation_of_liberty,
    missing,
    module_integrity,
    outcomes,
    placed_for_adoption,
    previous_permanence,
    reviews,
    social_workers,
)

RULES = [
    entry
    for module in (
        adoption,
        care_leavers,
        deprivation_of_liberty,
        missing,
        module_integrity,
        outcomes,
        placed_for_adoption,
        previous_permanence,
        reviews,
        social_workers,
    )
    for entry in module.RULES
]
COLUMNS = {
    "Header": "CHILD SEX DOB ETHNIC UPN MOTHER MC_DOB",
    "Episodes": "CHILD DECOM RNE LS CIN PLACE PLACE_PROVIDER DEC REC REASON_PLACE_CHANGE HOME_POST PL_POST URN",
    "Reviews": "CHILD DOB REVIEW REVIEW_CODE",
    "UASC": "CHILD SEX DOB DUC",
    "OC2": "CHILD DOB SDQ_SCORE SDQ_REASON CONVICTED HEALTH_CHECK IMMUNISATIONS TEETH_CHECK HEALTH_ASSESSMENT"
    " SUBSTANCE_MISUSE INTERVENTION_RECEIVED INTERVENTION_OFFERED",
    "OC3": "CHILD DOB IN_TOUCH ACTIV ACCOM",
    "AD1": "CHILD DOB DATE_INT DATE_MATCH FOSTER_CARE NB_ADOPTR SEX_ADOPTR LS_ADOPTR",
    "PlacedAdoption": "CHILD DOB DATE_PLACED DATE_PLACED_CEASED REASON_PLACED_CEASED",
    "PrevPerm": "CHILD DOB PREV_PERM LA_PERM DATE_PERM",
    "Missing": "CHILD DOB MISSING MIS_START MIS_END",
    "SWEpisodes": "CHILD DOB SW_ID SW_DECOM SW_DEC SW_REASON",
    "DoLo": "CHILD DOB DOLO_START DOLO_END",
}
FILES = {
    "Header": "header",
    "Episodes": "episodes",
    "Reviews": "reviews",
    "UASC": "uasc",
    "OC2": "oc2",
    "OC3": "oc3",
    "AD1": "ad1",
    "PlacedAdoption": "placed_for_adoption",
    "PrevPerm": "previous_permanence",
    "Missing": "missing",
    "SWEpisodes": "sw_episodes",
    "DoLo": "DoLo",
}


def tables_with(*rows):
    return {
        name: " | ".join([header, *(" ".join([child, *[cell] * header.count(" ")]) for child, cell in rows)])
        for name, header in COLUMNS.items()
    }


@pytest.mark.parametrize("year", range(2023, 2028))
@pytest.mark.parametrize(
    "rows", [((".", "."), (".", ".")), (("a", "."), ("a", "."), ("b", ".")), (("a", "x"), (".", "x"))]
)
def test_rows_that_say_nothing_stop_no_rule(year, rows):
    tables = tables_with(*rows)
    run = run_rules(submission(tables, year, tables), RULES)
    assert {
        (verdict.rule.code, verdict.needs) for verdict in run.verdicts if verdict.state in (BROKEN, NOT_RUN)
    } == set()


@pytest.mark.parametrize("year", range(2023, 2028))
def test_tables_without_rows_stop_no_rule(year):
    tables = tables_with()
    run = run_rules(submission(tables, year, tables), RULES)
    assert {verdict.rule.code for verdict in run.verdicts if verdict.state not in (PASSED, NOT_RUN)} == set()
    # Two years of episodes without any episode show nothing of anybody.
    assert {verdict.rule.code for verdict in run.verdicts if verdict.state == NOT_RUN} == {"1001"}


@pytest.mark.parametrize("entry", RULES, ids=lambda entry: f"{entry.code}-{entry.since}")
def test_a_rule_without_its_tables_is_not_run(entry):
    year = entry.since or entry.until or 2026
    run = run_rules(submission({}, year), [entry])
    assert [verdict.state for verdict in run.verdicts] == [NOT_RUN]
    assert run.verdicts[0].needs.startswith(("table ", "one of the tables ", "the return of the year before"))


@pytest.mark.parametrize("entry", RULES, ids=lambda entry: f"{entry.code}-{entry.since}")
def test_a_rule_says_what_it_reads_and_cites(entry):
    year = entry.since or entry.until or 2026
    declared = {name: table for name, table in tables_with(("a", "."), ("b", "x")).items() if name in entry.tables}
    before = tables_with(("a", "."), ("b", "x")) if "previous_year" in entry.needs else None
    run = run_rules(submission(declared, year, before), [entry])
    assert run.verdicts[0].state in (PASSED, FAILED), run.verdicts[0].needs
    assert {table.removesuffix("_last") for table in run.findings["table_name"]} <= set(entry.tables)


def read(folder: Path):
    raw = {name: pl.read_csv(folder / f"{file}.csv", infer_schema=False) for name, file in FILES.items()}
    return raw


@pytest.mark.parametrize("sample", ["synthetic_2025_26", "synthetic_2025_26_dirty"])
@pytest.mark.parametrize("year", [2026, 2027])
def test_no_rule_breaks_down_on_the_sample_returns(test_data, sample, year):
    place = test_data / "returns" / "ssda903" / sample
    if not place.is_dir():
        pytest.skip(f"no sample returns at {place}")
    data = submission({}, year, {})
    for held, folder in ((data, "this_year"), (data.previous, "previous_year")):
        raw = read(place / folder)
        held.raw = {name: frame.with_row_index(ROW) for name, frame in raw.items()}
        held.typed = {name: as_typed(frame) for name, frame in raw.items()}
    run = run_rules(data, RULES)
    assert [(verdict.rule.code, verdict.needs) for verdict in run.verdicts if verdict.state in (BROKEN, NOT_RUN)] == []
    assert sum(verdict.state == FAILED for verdict in run.verdicts) > 100
    backwards = run_rules(data, [entry for entry in reversed(RULES) if is_valid(entry, year)])
    assert sorted(backwards.findings.rows()) == sorted(run.findings.rows())
