"""Tables held in memory to submissions, and rules on values whose text was not kept."""

from __future__ import annotations

import random
from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.census_rule_cases import rule_of
from transforms.errors import UsageError
from transforms.returns import returns, rules_of
from transforms.returns.assembling import _period, of_frames
from transforms.returns.calendar import year_to
from transforms.returns.entry import is_valid
from transforms.returns.model import CHILDREN, ReturnData, as_text
from transforms.returns.reading import FileRead, entry_of
from transforms.returns.rule import BROKEN, FAILED, NOT_RUN, run_rules


def findings(data: ReturnData, code: str) -> tuple[str, dict[str, list[int]]]:
    run = run_rules(data, [entry for entry in rules_of(data.return_code) if entry.code == code])
    found: dict[str, list[int]] = {}
    for _, table, row in run.findings.rows():
        found.setdefault(table, []).append(row)
    return run.verdicts[0].state, found


def test_text_is_read_and_kept_as_it_stands() -> None:
    frame = pl.DataFrame({"CHILD": ["a"], "DECOM": ["01/05/2025"], "dec": ["soon"], "RNE": ["s"], "LS": [""]})
    data = of_frames("ssda903", {"Episodes": frame}, 2026, la_code="999")
    assert data.typed["Episodes"].schema["CHILD"] == pl.Categorical(CHILDREN)
    assert data.typed["Episodes"].row(0) == (0, "a", date(2025, 5, 1), None, "s", "")
    assert data.raw["Episodes"].row(0) == (0, "a", "01/05/2025", "soon", "s", "")
    assert (data.start, data.end, data.la_code) == (date(2025, 4, 1), date(2026, 3, 31), "999")
    assert "Header" not in data


@pytest.mark.parametrize(
    ("day", "start"),
    [
        (date(2026, 3, 31), date(2025, 4, 1)),
        (date(2024, 3, 31), date(2023, 4, 1)),  # a year of 366 days
        (date(2024, 2, 29), date(2023, 3, 1)),
        (date(2025, 2, 28), date(2024, 2, 29)),
    ],
)
def test_a_year_ends_on_the_day_a_header_gives(day: date, start: date) -> None:
    assert year_to(day) == (start, day)
    data = of_frames("cin_census", {"Header": pl.DataFrame({"ReferenceDate": [None, day.isoformat()]})}, 2020)
    assert (data.start, data.end) == (start, day)
    lists = FileRead("lists.xlsx", "annex_a", day=day)
    assert _period(entry_of("annex_a"), [lists], 2020, None) == (start, day)


def test_values_count_like_the_text_a_file_would_have() -> None:
    as_values = pl.DataFrame(
        {"CHILD": ["a", "a"], "MIS_START": [date(2025, 5, 2), date(2025, 6, 1)], "MIS_END": [date(2025, 5, 1), None]}
    )
    as_written = as_text(as_values.lazy()).collect()
    assert as_written["MIS_START"].to_list() == ["02/05/2025", "01/06/2025"]
    for frame in (as_values, as_written):
        assert findings(of_frames("ssda903", {"Missing": frame}, 2026), "567") == (FAILED, {"Missing": [0]})
        assert findings(of_frames("ssda903", {"Missing": frame}, 2026), "1004")[1] == {}


@pytest.mark.parametrize(
    ("code", "table", "frame", "rows"),
    [
        ("233", "Episodes", {"DATE_EPISODE_CEASED": ["x", None], "REASON_PLACE_CHANGE": ["CARPL", "CARPL"]}, [1]),
        ("231", "Header", {"DOB": ["01/04/2015", "31/03/2015"], "UASC_STATUS": ["1", "1"]}, [0]),
    ],
)
def test_columns_are_known_by_the_names_that_the_rules_use_for_them(
    code: str, table: str, frame: dict[str, list[str]], rows: list[int]
) -> None:
    assert findings(of_frames("ssda903", {table: pl.DataFrame(frame)}, 2026), code) == (FAILED, {table: rows})


def test_a_column_that_stands_twice_is_taken_under_its_own_name() -> None:
    frame = pl.DataFrame({"PLACEMENT": ["K1"], "PLACE": ["U4"], "PL_LA": ["E99999999"]})
    held = of_frames("ssda903", {"Episodes": frame}, 2027).typed["Episodes"]
    assert (held["PLACE"].item(), held["PL_LA"].item()) == ("U4", "E99999999")


def test_rows_are_linked_by_whatever_names_them_and_factors_may_be_lists() -> None:
    assessments = pl.DataFrame(
        {
            "LAchildID": ["a", "a", "b"],
            "CINdetailsID": ["first", "second", "first"],
            "AssessmentID": ["x", "y", "x"],
            "AssessmentAuthorisationDate": [None, None, "01/05/2025"],
            "AssessmentFactors": [["1A", "1A"], None, ["2B"]],
        }
    )
    data = of_frames("cin_census", {"Assessments": assessments}, 2026)
    assert findings(data, "8614") == (FAILED, {"Assessments": [0]})
    assert findings(data, "8898") == (FAILED, {"Assessments": [0]})
    episodes = pl.DataFrame({"LAchildID": ["a"], "CINdetailsID": ["first"], "CINreferralDate": ["01/05/2025"]})
    linked = of_frames("cin_census", {"Assessments": assessments, "CINdetails": episodes}, 2026)
    assert linked.typed["CINdetails"]["CINdetailsID"].to_list() == ["first"]


def test_the_day_of_reference_in_a_header_ends_the_period() -> None:
    header = pl.DataFrame({"ReferenceDate": ["31/03/2023"]})
    data = of_frames("cin_census", {"Header": header}, 2024)
    assert (data.start, data.end) == (date(2022, 4, 1), date(2023, 3, 31))
    without = of_frames("cin_census", {"Header": pl.DataFrame({"ReferenceDate": [None, "soon"]})}, 2024)
    assert (without.start, without.end) == (date(2023, 4, 1), date(2024, 3, 31))


def test_a_table_of_no_return_is_refused() -> None:
    with pytest.raises(UsageError, match="Episoden"):
        of_frames("ssda903", {"Episoden": pl.DataFrame({"CHILD": ["a"]})}, 2026)


@pytest.mark.parametrize("return_code", ["ssda903", "cin_census"])
def test_a_rule_finds_the_same_where_only_values_are_kept(return_code: str) -> None:
    """On values that all read, a submission without its text gives every finding of the one with it."""
    tables = SMALL[return_code]
    whole, last = (of_frames(return_code, tables, year, la_code="999") for year in (2026, 2025))
    whole.previous = last
    bare = of_frames(return_code, tables, 2026, la_code="999", previous=of_frames(return_code, tables, 2025))
    assert bare.previous is not None
    bare.raw = {}
    bare.previous.raw = {}
    rules = [entry for entry in rules_of(return_code) if is_valid(entry, 2026)]
    with_text, without = run_rules(whole, rules), run_rules(bare, rules)
    assert with_text.findings.height > 20
    assert with_text.findings.equals(without.findings)
    states = {run.rule.code: run.state for run in without.verdicts}
    assert states == {run.rule.code: run.state for run in with_text.verdicts}
    assert BROKEN not in states.values()
    assert sum(state == NOT_RUN for state in states.values()) < len(states) / 4


ODD_CELLS = (
    *("", None, "x", "01/05/2025", "2025-06-01", "31/02/2025", "ZZ/05/2020", "1", "0", "-1", "1e9", "9" * 20, "true"),
    *("S", "X1", "C2", "E11", "U4", "K2", "M", "F", "YES", "AB1 2CD", " a ", "\u00e9" * 30),
)


def test_plans_that_no_column_ties_to_reviews_leave_their_rule_unrun() -> None:
    tables = {
        "Reviews": pl.DataFrame({"LAchildID": ["a"], "CPPID": ["1"], "CPPreviewDate": ["2025-05-01"]}),
        "ChildProtectionPlans": pl.DataFrame({"LAchildID": ["a"], "CPPID": ["1"], "CPPendDate": [""]}),
        "CINplanDates": pl.DataFrame(
            {"CINdetailsID": ["1"], "CINPlanStartDate": ["2025-04-01"], "CINPlanEndDate": ["2025-06-01"]}
        ),
    }
    run = run_rules(of_frames("cin_census", tables, 2026), [rule_of("4003", 2026)])
    assert [(verdict.state, verdict.needs) for verdict in run.verdicts] == [(NOT_RUN, "column LAchildID")]


@pytest.mark.parametrize("return_code", ["ssda903", "cin_census"])
@given(seed=st.integers(0, 2**32), year=st.integers(2023, 2027))
@settings(max_examples=6, deadline=None)
def test_no_rule_breaks_down_whatever_stands_in_a_return(return_code: str, seed: int, year: int) -> None:
    drawn = random.Random(seed)  # noqa: S311 - cells, not secrets
    tables = next(entry for entry in returns() if entry.code == return_code).tables

    def frames() -> dict[str, pl.DataFrame]:
        made = {}
        for table in tables:
            count = drawn.choice((0, 1, 2, 12))
            columns = [column.name for column in table.columns if drawn.random() < 0.95]
            cells = {
                name: [drawn.choice("abc" if name in ("CHILD", "LAchildID") else ODD_CELLS) for _ in range(count)]
                for name in columns
            }
            if columns and drawn.random() < 0.9:
                made[table.name] = pl.DataFrame(cells, schema=dict.fromkeys(columns, pl.String))
        return made

    before = of_frames(return_code, frames(), year - 1, "999")
    data = of_frames(return_code, frames(), year, "999", before)
    run = run_rules(data, rules_of(return_code))
    assert len(run.verdicts) == sum(is_valid(rule, year) for rule in rules_of(return_code))
    assert [verdict.rule.code for verdict in run.verdicts if verdict.state == BROKEN] == []


def test_a_table_without_the_child_leaves_rules_not_run_that_need_it() -> None:
    frame = pl.DataFrame({"DECOM": ["01/05/2025"], "RNE": ["Q"]})
    data = of_frames("ssda903", {"Episodes": frame}, 2026)
    run = run_rules(data, rules_of("ssda903"))
    states = {verdict.rule.code: verdict.state for verdict in run.verdicts}
    assert states["143"] == FAILED  # the reason Q needs nobody
    assert states["142"] == NOT_RUN  # an episode open before the next of the child
    assert {verdict.needs for verdict in run.verdicts if verdict.rule.code == "142"} == {"column CHILD"}


def rows_of(columns: str, *rows: str) -> pl.DataFrame:
    cells = [[None if cell == "-" else cell for cell in row.split()] for row in rows]
    return pl.DataFrame(cells, schema=dict.fromkeys(columns.split(), pl.String), orient="row")


SMALL = {
    "ssda903": {
        "Header": rows_of(
            "CHILD SEX DOB ETHNIC UPN MOTHER MC_DOB",
            "a F 01/05/2010 WBRI UN1 1 01/05/2025",
            "b M 01/05/2007 XXXX - - -",
        ),
        "Episodes": rows_of(
            "CHILD DECOM RNE LS CIN PLACE PLACE_PROVIDER DEC REC REASON_PLACE_CHANGE HOME_POST PL_POST URN",
            "a 01/05/2025 S C2 N1 U4 PR1 01/06/2025 X1 CARPL ZZ1 ZZ2 XXXXXXX",
            "a 03/06/2025 P C2 N9 K2 - - - - - - -",
            "b 01/05/2025 S V2 N1 U4 PR1 01/04/2025 E8 CARPL - - -",
        ),
        "Reviews": rows_of("CHILD DOB REVIEW REVIEW_CODE", "a 01/05/2010 01/07/2025 PN0", "z 01/05/2010 01/07/2027 -"),
        "UASC": rows_of("CHILD SEX DOB DUC", "b M 01/05/2007 01/05/2026"),
        "OC2": rows_of(
            "CHILD DOB SDQ_SCORE SDQ_REASON CONVICTED HEALTH_CHECK IMMUNISATIONS TEETH_CHECK HEALTH_ASSESSMENT "
            "SUBSTANCE_MISUSE INTERVENTION_RECEIVED INTERVENTION_OFFERED",
            "a 01/05/2010 12 SDQ1 2 1 - 1 1 0 1 -",
        ),
        "OC3": rows_of("CHILD DOB IN_TOUCH ACTIV ACCOM", "b 01/05/2007 YES 0 T1", "c 01/05/2007 - F1 Q"),
        "AD1": rows_of(
            "CHILD DOB DATE_INT DATE_MATCH FOSTER_CARE NB_ADOPTR SEX_ADOPTR LS_ADOPTR",
            "a 01/05/2010 01/06/2025 01/05/2025 0 2 M1 L0",
        ),
        "PlacedAdoption": rows_of(
            "CHILD DOB DATE_PLACED DATE_PLACED_CEASED REASON_PLACED_CEASED",
            "a 01/05/2010 01/06/2025 01/05/2025 -",
            "a 01/05/2010 01/07/2025 - -",
        ),
        "PrevPerm": rows_of("CHILD DOB PREV_PERM LA_PERM DATE_PERM", "a 01/05/2010 P9 - 01/06/2025"),
        "Missing": rows_of("CHILD DOB MISSING MIS_START MIS_END", "a 01/05/2010 X 01/06/2025 01/05/2025"),
        "SWEpisodes": rows_of(
            "CHILD DOB SW_ID SW_DECOM SW_DEC SW_REASON",
            "a 01/05/2010 S1 01/06/2025 01/06/2025 -",
            "b 01/05/2007 - 01/06/2026 - X",
        ),
    },
    "cin_census": {
        "Header": rows_of("Collection Year ReferenceDate LEA", "CIN 2026 31/03/2026 999"),
        "ChildIdentifiers": rows_of(
            "LAchildID UPN FormerUPN UPNunknown PersonBirthDate ExpectedPersonBirthDate PersonDeathDate Sex",
            "a A1 - UN9 01/05/2030 01/05/2025 01/04/2025 X",
            "b - - - - - - -",
        ),
        "ChildCharacteristics": rows_of("LAchildID Ethnicity", "a XXXX", "b -"),
        "Disabilities": rows_of("LAchildID Disability", "a NONE", "a LD", "a LD"),
        "CINdetails": rows_of(
            "LAchildID CINdetailsID CINreferralDate ReferralSource PrimaryNeedCode CINclosureDate ReasonForClosure "
            "DateOfInitialCPC ReferralNFA",
            "a 1 01/05/2025 XX N10 01/04/2025 RC10 01/04/2020 false",
            "a 2 - - - - RC1 - true",
        ),
        "Assessments": rows_of(
            "LAchildID CINdetailsID AssessmentID AssessmentActualStartDate AssessmentInternalReviewDate "
            "AssessmentAuthorisationDate",
            "a 1 1 01/06/2025 01/04/2025 01/05/2025",
            "a 1 2 01/06/2025 - -",
        ),
        "AssessmentFactorsList": rows_of(
            "LAchildID CINdetailsID AssessmentID AssessmentFactors", "a 1 1 1A", "a 1 1 1A", "a 1 2 99"
        ),
        "CINplanDates": rows_of(
            "LAchildID CINdetailsID CINPlanStartDate CINPlanEndDate", "a 1 01/06/2025 01/05/2025", "a 1 - -"
        ),
        "Section47": rows_of(
            "LAchildID CINdetailsID S47ActualStartDate InitialCPCtarget DateOfInitialCPC ICPCnotRequired",
            "a 1 01/06/2025 07/06/2025 01/05/2025 true",
            "a 2 01/06/2024 - - false",
        ),
        "ChildProtectionPlans": rows_of(
            "LAchildID CINdetailsID CPPID CPPstartDate CPPendDate InitialCategoryOfAbuse LatestCategoryOfAbuse "
            "NumberOfPreviousCPP",
            "a 1 1 01/06/2025 01/05/2025 XXX - 0",
            "a 1 2 01/06/2025 - NEG NEG 5",
        ),
        "Reviews": rows_of("LAchildID CINdetailsID CPPID CPPreviewDate", "a 1 1 01/05/2024", "a 1 2 -"),
    },
}
