"""Rules on episodes of need: each with rows that break it beside rows that do not."""

import pytest

from tests.census_rule_cases import Case, assert_case, assert_covers
from transforms.returns.cin_census_rules import episodes

CIN = "CINdetails"
IDS = "ChildIdentifiers"
CASES = [
    Case(
        "8555Q",
        {
            CIN: "child CINreferralDate; a 2025-06-02; a 2025-06-01; b 2025-06-02",
            IDS: "child PersonDeathDate; a 2025-06-01; b -",
        },
        CINdetails=[0],
        ChildIdentifiers=[0],
    ),
    Case(
        "8565",
        {
            CIN: "child episode CINclosureDate conference; a 1 2025-06-01 2025-06-02;"
            "a 2 2025-06-01 2025-06-01; b 1 - 2025-06-02;"
            "c 1 2025-06-01 -; c 2 2025-06-01 -; c 3 2025-06-01 -; c 4 2025-06-01 -; c 5 2025-06-01 -",
            "Assessments": "child episode AssessmentActualStartDate AssessmentAuthorisationDate;"
            "c 1 2025-05-01 2025-06-02; c 5 2025-05-01 2025-06-01; b 1 2025-07-01 2025-07-01",
            "Section47": "child episode S47ActualStartDate conference; c 2 2025-06-02 -; c 5 2025-06-01 2025-06-01",
            "ChildProtectionPlans": "child episode CPPendDate; c 3 2025-06-02; c 5 2025-06-01; a 2 -",
            "CINplanDates": "child episode CINPlanStartDate CINPlanEndDate; c 4 - 2025-06-02; c 4 2025-06-02 -;c 5 - -",
        },
        CINdetails=[0, 3, 4, 5, 6],
        Assessments=[0],
        Section47=[0],
        ChildProtectionPlans=[0],
        CINplanDates=[0, 1],
    ),
    Case("8568", {CIN: "nfa; 0; 1; false; TRUE; 2; no; -"}, CINdetails=[4, 5, 6]),
    # 1 April 2024 was Easter Monday: the last working day before the year was Thursday 28 March
    Case(
        "8569Q",
        {CIN: "CINreferralDate nfa; 2024-03-28 1; 2024-03-27 1; 2024-03-27 0; 2024-03-27 -; - 1"},
        year=2025,
        CINdetails=[1, 3],
    ),
    Case(
        "8585Q",
        {CIN: "child ReasonForClosure; a RC2; b RC2; c RC1; c -", IDS: "child PersonDeathDate; a -;b 2025-05-01; c -"},
        CINdetails=[0],
        ChildIdentifiers=[0],
    ),
    Case("8600", {CIN: "CINreferralDate; 2026-03-31; 2026-04-01; -; 2001-01-01"}, CINdetails=[1, 2]),
    # 280 days before 8 October 2025 is 1 January 2025
    Case(
        "8606",
        {
            CIN: "child CINreferralDate; a 2025-01-01; a 2024-12-31; b 2024-12-31; c 2024-12-31; c -",
            IDS: "child PersonBirthDate ExpectedPersonBirthDate; a 2025-10-08 -; b - 2025-10-08; c - -",
        },
        CINdetails=[1, 2],
        ChildIdentifiers=[0, 1],
    ),
    Case("8610", {CIN: "nfa PrimaryNeedCode; 0 -; false -; 1 -; - -; 0 N1"}, CINdetails=[0, 1]),
    Case("8620", {CIN: "CINclosureDate; 2025-03-31; 2025-04-01; 2026-03-31; 2026-04-01; -"}, CINdetails=[0, 3]),
    Case(
        "8630",
        {
            CIN: "CINreferralDate CINclosureDate; 2025-05-02 2025-05-01; 2025-05-02 2025-05-02; 2025-05-02 -;"
            "- 2025-05-01"
        },
        CINdetails=[0],
    ),
    Case("8640", {CIN: "ReasonForClosure; RC1; RC9; RC10; rc1; -"}, CINdetails=[2, 3]),
    Case("8650", {CIN: "PrimaryNeedCode; N0; N9; N10; n1; -"}, CINdetails=[2, 3]),
    Case("8805", {CIN: "CINclosureDate ReasonForClosure; 2025-05-01 -; 2025-05-01 RC1; - RC1;- -"}, CINdetails=[0]),
    Case("8810", {CIN: "CINclosureDate ReasonForClosure; 2025-05-01 -; 2025-05-01 RC1; - RC1;- -"}, CINdetails=[2]),
    Case(
        "8815",
        {CIN: "child CINclosureDate nfa; a - 0; a - false; a 2025-05-01 0; a - 1; b - 0; b - 1; b - -; - - 0;- - 0"},
        CINdetails=[0, 1],
    ),
    Case(
        "8816",
        {
            CIN: "child CINreferralDate CINclosureDate nfa; a 2025-05-01 - 0; a 2025-06-01 2025-07-01 0;"
            "a 2025-04-01 - 1;"
            "b 2025-05-01 - 0; b 2025-05-01 - 0; c 2025-05-01 - 0; c - - 0; d 2025-05-01 2025-05-02 0;"
            "d 2025-06-01 - 0"
        },
        CINdetails=[0, 1, 3, 4],
    ),
    Case(
        "8820",
        {
            CIN: "child CINreferralDate CINclosureDate nfa; a 2025-05-01 2025-06-01 0;"
            "a 2025-06-01 2025-07-01 0; a 2025-06-30 - 0;"
            "b 2025-05-01 - 0; b 2026-03-30 2026-03-31 1; c 2025-05-01 - 1; c 2025-06-01 - 1; d 2025-05-01 - 0;"
            "d 2026-03-31 - 1"
        },
        CINdetails=[1, 2, 3, 4],
    ),
    Case(
        "8825Q",
        {
            CIN: "child episode ReasonForClosure; a 1 RC8; a 2 RC9; b 1 RC8; c 1 RC1; c 2 -",
            "Assessments": "child episode; a 1; b 2",
        },
        CINdetails=[1, 2],
    ),
    Case(
        "2990",
        {
            CIN: "child episode ReasonForClosure conference; a 1 RC8 2025-05-01; a 2 RC9 -; a 3 RC8 -;"
            "a 4 RC9 -; a 5 RC1 2025-05-01; a 6 RC8 -",
            "Section47": "child episode; a 2; a 5; b 2",
            "ChildProtectionPlans": "child episode; a 3; a 5",
            "CINplanDates": "child episode; a 4; a 5; a 7",
        },
        CINdetails=[0, 1, 2, 3],
        Section47=[0],
        ChildProtectionPlans=[0],
        CINplanDates=[0],
    ),
    Case(
        "8831",
        {
            CIN: "child episode nfa conference; a 1 1 2025-05-01; a 2 true -; a 3 1 -; a 4 0 2025-05-01;"
            "a 5 1 -; a 6 - 2025-05-01",
            "Section47": "child episode S47ActualStartDate; a 2 2025-05-01; a 4 2025-05-01; a 5 -; a 1 -",
            "Assessments": "child episode AssessmentActualStartDate AssessmentAuthorisationDate;"
            "a 3 2025-05-01 -; a 3 - 2025-05-01; a 4 2025-05-01 -; a 5 - -",
        },
        CINdetails=[0, 1, 2],
        Section47=[0, 3],
        Assessments=[0, 1],
    ),
    Case(
        "8866",
        {
            CIN: "CINreferralDate ReferralSource; 2025-05-01 1A; 2025-05-01 1Z; 2013-04-01 -; 2013-03-31 -;"
            "- -; 2025-05-01 1a"
        },
        CINdetails=[1, 2, 5],
    ),
    Case(
        "8867",
        {
            CIN: "child episode CINclosureDate; a 1 2025-05-01; a 2 -; b 1 2025-05-01",
            "Assessments": "child episode AssessmentAuthorisationDate; a 1 -; a 1 2025-04-30; a 2 -",
        },
        CINdetails=[0],
        Assessments=[0],
    ),
    Case(
        "8868",
        {
            CIN: "child episode CINclosureDate; a 1 2025-05-01; a 2 2025-05-01; a 3 2025-05-01; a 4 -",
            "Section47": "child episode conference ICPCnotRequired;"
            "a 1 - 0; a 1 - -; a 1 2025-04-20 false; a 2 2025-04-20 1; a 3 - true; a 3 2025-04-20 -; a 4 - 0",
        },
        CINdetails=[0, 1],
        Section47=[0, 1, 3],
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_rule_cites_the_rows_of_its_case(case):
    assert_case(case)


def test_every_rule_has_a_case_that_fails_and_one_that_passes():
    assert_covers(episodes.RULES, CASES)
