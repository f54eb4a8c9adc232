"""Rules on assessments, factors, enquiries and conferences: each with rows that break it beside rows that do not."""

import pytest

from tests.census_frames import census
from tests.census_rule_cases import Case, assert_case, assert_covers, rule_of
from transforms.returns.cin_census_rules import assessments, enquiries
from transforms.returns.rule import NOT_RUN, run_rules

KEYS = "child episode AssessmentID"
LIST = f"{KEYS} AssessmentFactors"
THREE = f"{KEYS}; a 1 1; a 1 2; a 2 1"
CASES = [
    Case(
        "1103",
        {
            "Assessments": "child episode AssessmentActualStartDate; a 1 2025-05-01; a 2 2025-05-01; a 2 -;"
            "b 1 2025-05-01",
            "CINdetails": "child episode CINreferralDate; a 1 2025-05-02; a 2 2025-05-01; b 1 -",
        },
        Assessments=[0],
        CINdetails=[0],
    ),
    Case(
        "2991Q",
        {"Section47": "child episode; a 1; a 2; b 1; b -", "Assessments": "child episode; a 1; b 2"},
        Section47=[1, 2, 3],
    ),
    Case(
        "8608",
        {
            "Assessments": "AssessmentActualStartDate AssessmentAuthorisationDate; 2025-05-02 2025-05-01;"
            "2025-05-01 2025-05-01; - -"
        },
        Assessments=[0],
    ),
    Case(
        "8614",
        {
            "Assessments": f"{KEYS} AssessmentAuthorisationDate; a 1 1 -; a 1 2 -; a 2 1 2025-05-01; a 3 1 -",
            "AssessmentFactorsList": f"{LIST}; a 1 1 1A; a 1 1 1B; a 2 1 1A; a 3 1 -",
        },
        Assessments=[0],
    ),
    # the 45th working day before 31 March 2026 is 27 January
    Case(
        "8670Q",
        {
            "Assessments": "AssessmentActualStartDate AssessmentAuthorisationDate;"
            "2026-01-27 -; 2026-01-26 -; 2026-01-26 2026-03-01; - -"
        },
        Assessments=[1],
    ),
    Case(
        "8696",
        {"Assessments": "AssessmentAuthorisationDate; 2025-03-31; 2025-04-01; 2026-03-31; 2026-04-01; -"},
        Assessments=[0, 3],
    ),
    Case(
        "8736",
        {
            "Assessments": "episode AssessmentActualStartDate AssessmentAuthorisationDate;"
            "1 2025-03-31 -; 1 2025-04-01 -; 1 2026-04-01 -; 1 - -; - - -; 1 2020-01-01 2025-05-01"
        },
        Assessments=[0, 2, 3],
    ),
    Case(
        "8863Q",
        {
            "Assessments": "child episode AssessmentActualStartDate AssessmentAuthorisationDate;"
            "a 1 2025-05-01 2025-06-01; a 1 2025-06-01 2025-07-01; a 1 2025-07-02 2025-07-03;"
            "a 2 2025-06-01 2025-06-02;"
            "b 1 2025-05-01 -; b 1 2026-03-31 -; c 1 2025-05-01 -; c 1 2026-04-01 -; d 1 2025-05-01 2025-05-02;"
            "d 1 2025-05-01 2025-05-02"
        },
        Assessments=[0, 1, 4, 5, 8, 9],
    ),
    Case(
        "8869",
        {"Assessments": THREE, "AssessmentFactorsList": f"{LIST}; a 1 1 21; a 1 1 1A; a 1 2 21; a 2 1 1A; a 2 1 -"},
        Assessments=[0],
    ),
    Case(
        "8869",
        {
            "Assessments": "child episode AssessmentAuthorisationDate AssessmentFactors;"
            "a 1 2025-05-01 21; a 1 2025-05-01 1A; a 1 2025-06-01 1B; a 1 2025-07-01 21"
        },
        Assessments=[1],
    ),
    Case(
        "8873Q",
        {
            "Assessments": f"{KEYS}; a 1 1; a 2 1; b 1 1; b 1 2; c 1 1; d 1 1",
            "AssessmentFactorsList": f"{LIST}; a 1 1 21; a 2 1 21; b 1 1 21; c 1 1 2B; d 1 1 21",
            "CINdetails": "child episode ReasonForClosure; a 1 RC8; a 2 RC1; b 1 RC1; c 1 RC1; d 1 -",
        },
        Assessments=[1, 5],
        CINdetails=[1, 4],
    ),
    Case(
        "8896",
        {
            "Assessments": "child episode AssessmentAuthorisationDate; a 1 -; a 1 -; a 1 2025-05-01; a 2 -;"
            "b 1 -; - 1 -; - 1 -"
        },
        Assessments=[0, 1],
    ),
    Case(
        "8897Q",
        {
            "Assessments": f"{KEYS} AssessmentAuthorisationDate; a 1 1 2025-04-01; a 1 2 2025-04-01;"
            "a 2 1 2025-03-31; a 3 1 -;"
            "a 4 1 2026-05-01; a 5 1 2025-05-01; a 6 1 2025-05-01",
            "AssessmentFactorsList": f"{LIST}; a 1 1 1A; a 1 1 24A; a 1 2 1A; a 1 2 8A; a 5 1 1a; a 6 1 -",
        },
        Assessments=[1, 4, 5, 6],
    ),
    Case(
        "8898",
        {
            "Assessments": THREE,
            "AssessmentFactorsList": f"{LIST}; a 1 1 1A; a 1 1 1A; a 1 2 1A; a 2 1 1A; a 2 1 1B; a 1 2 -; a 1 2 -",
        },
        Assessments=[0],
    ),
    Case(
        "8945Q",
        {"Assessments": THREE, "AssessmentFactorsList": f"{LIST}; a 1 1 18A; a 1 2 18B; a 2 1 18a"},
        Assessments=[0, 2],
    ),
    Case("8950Q", {"Assessments": "AssessmentFactors; 19A; 19B; 19a; 18A; -"}, Assessments=[0, 2]),
    Case(
        "1104",
        {
            "Section47": "child episode conference; a 1 2025-05-01; a 2 2025-05-01; b 1 -",
            "CINdetails": "child episode CINreferralDate conference; a 1 2025-05-02 -;"
            "a 2 2025-05-01 2025-01-01; b 1 2025-05-02 -",
        },
        Section47=[0],
        CINdetails=[0],
    ),
    Case(
        "2884",
        {
            "Section47": "child episode conference; a 1 2025-05-01; a 2 2025-05-02; b 1 2025-05-03; c 1 -",
            "CINdetails": "child episode conference; a 2 2025-05-01; a 3 2025-05-04; b 1 2025-05-02; c 1 -",
        },
        Section47=[0],
        CINdetails=[0],
    ),
    Case(
        "2889",
        {
            "Section47": "child episode S47ActualStartDate; a 1 2025-05-01; a 2 2025-05-01; b 1 -",
            "CINdetails": "child episode CINreferralDate; a 1 2025-05-02; a 2 2025-05-01; b 1 2025-05-02",
        },
        Section47=[0],
        CINdetails=[0],
    ),
    Case(
        "8615",
        {
            "Section47": "S47ActualStartDate conference; 2025-05-02 2025-05-01; - 2025-05-01;"
            "2025-05-01 2025-05-01; 2025-05-01 -; - -"
        },
        Section47=[0, 1],
    ),
    # the 15th working day before 31 March 2026 is 10 March
    Case(
        "8675Q",
        {
            "Section47": "S47ActualStartDate conference ICPCnotRequired;"
            "2026-03-10 - 0; 2026-03-09 - 0; 2026-03-09 - false; 2026-03-09 - 1; 2026-03-09 - -;"
            "2026-03-09 2026-03-20 0"
        },
        Section47=[1, 2],
    ),
    Case("8715", {"Section47": "conference; 2025-03-31; 2025-04-01; 2026-03-31; 2026-04-01; -"}, Section47=[0, 3]),
    Case(
        "8740",
        {
            "Section47": "S47ActualStartDate conference ICPCnotRequired; 2025-03-31 - 0; 2026-04-01 - false;"
            "2025-04-01 - 0;"
            "2025-03-31 - 1; 2025-03-31 2025-04-02 0; - - 0"
        },
        Section47=[0, 1],
    ),
    Case(
        "8839",
        {
            "Section47": "child episode conference ICPCnotRequired;"
            "a 1 - 0; a 1 - -; a 1 2025-05-01 0; a 2 - 0; b 1 - 1; b 1 - 0; b 1 - true; a 1 - 1"
        },
        Section47=[0, 1],
    ),
    # 3 May 2025 was a Saturday
    Case(
        "8870Q", {"Section47": "InitialCPCtarget; 2025-05-02; 2025-05-03; 2025-05-04; 2025-05-05;-"}, Section47=[1, 2]
    ),
    Case("8875", {"Section47": "conference; 2025-05-02; 2025-05-03; 2025-05-04; 2025-05-05; -"}, Section47=[1, 2]),
    Case(
        "8890",
        {
            "Section47": "child episode S47ActualStartDate conference ICPCnotRequired;"
            "a 1 2025-05-01 2025-05-10 0; a 1 2025-05-10 2025-05-20 0; a 2 2025-05-05 2025-05-06 0;"
            "b 1 2025-05-01 - 1; b 1 2025-06-01 - 1; c 1 2025-05-01 - -; c 1 2026-03-31 - 1;"
            "d 1 2025-05-01 - 0; d 1 2026-04-01 - 0"
        },
        Section47=[0, 1, 5, 6],
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_rule_cites_the_rows_of_its_case(case):
    assert_case(case)


def test_every_rule_has_a_case_that_fails_and_one_that_passes():
    assert_covers(assessments.RULES + enquiries.RULES, CASES)


def test_without_factors_anywhere_their_rules_are_not_run():
    data = census(Assessments=f"{KEYS} AssessmentAuthorisationDate; a 1 1 2025-05-01")
    verdict = run_rules(data, [rule_of("8897Q", 2026)]).verdicts[0]
    assert (verdict.state, verdict.needs) == (NOT_RUN, "table AssessmentFactorsList")


def test_an_assessment_is_not_taken_for_one_of_the_same_number_in_another_episode():
    data = census(
        Assessments=f"{KEYS} AssessmentAuthorisationDate; a 1 1 2025-05-01; a 2 1 2025-05-01",
        AssessmentFactorsList=f"{LIST}; a 1 1 1A; a 2 1 ZZ",
    )
    assert run_rules(data, [rule_of("8897Q", 2026)]).findings.rows() == [("8897Q", "Assessments", 1)]
