"""Rules on plans and reviews: each with rows that break it beside rows that do not."""

import pytest

from tests.census_rule_cases import Case, assert_case, assert_covers
from transforms.returns.cin_census_rules import plans

NEED = "CINplanDates"
CPP = "ChildProtectionPlans"
DATES = "CINPlanStartDate CINPlanEndDate"
DEATHS = "child PersonDeathDate; a 2025-06-01; b -"
CASES = [
    Case(
        "4000",
        {NEED: "child episode; a 1; a 2; a 3; b 1", "CINdetails": "child episode nfa; a 1 1; a 2 0; a 3 -; b 2 1"},
        CINplanDates=[0],
        CINdetails=[0],
    ),
    Case(
        "4001",
        {
            NEED: "child episode CINPlanEndDate; a 1 -; a 1 2025-05-01; a 2 -; b 1 -",
            CPP: "child episode CPPendDate; a 1 -; a 1 2025-05-01; a 2 2025-05-01; a 3 -; b 2 -",
        },
        CINplanDates=[0],
        ChildProtectionPlans=[0],
    ),
    Case(
        "4003",
        {
            NEED: f"child episode {DATES}; a 1 2025-05-01 2025-06-01; a 1 2025-07-01 -; a 2 2025-05-01 2025-06-01",
            CPP: "child episode CPPID CPPendDate; a 1 1 -; a 1 2 2025-05-10; a 3 1 -",
            "Reviews": "child episode CPPID CPPreviewDate; a 1 1 2025-05-01; a 1 1 2025-06-01;"
            "a 1 1 2025-07-01; a 1 2 2025-05-10;"
            "a 3 1 2025-05-05; a 1 1 -; a 1 1 2025-06-30; a 1 1 2026-04-01",
        },
        CINplanDates=[0, 1],
        ChildProtectionPlans=[0],
        Reviews=[0, 2],
    ),
    Case(
        "4003",
        {
            NEED: f"child {DATES}; a 2025-05-01 2025-06-01; b 2025-05-01 2025-06-01",
            CPP: "child CPPID CPPendDate; a 1 2025-09-01; b 1 2025-05-02",
            "Reviews": "child CPPID CPPreviewDate; a 1 2025-05-02; b 1 2025-05-02; b 2 2025-05-02",
        },
        CINplanDates=[0],
        ChildProtectionPlans=[0],
        Reviews=[0],
    ),
    Case(
        "4004",
        {NEED: "child episode CINPlanEndDate; a 1 -; a 1 -; a 1 2025-05-01; a 2 -; b 1 -"},
        CINplanDates=[0, 1],
    ),
    Case(
        "4008",
        {NEED: "child CINPlanStartDate; a 2025-06-02; a 2025-06-01; b 2025-06-02; a -", "ChildIdentifiers": DEATHS},
        CINplanDates=[0],
        ChildIdentifiers=[0],
    ),
    Case(
        "4009Q",
        {NEED: "child CINPlanEndDate; a 2025-06-02; a 2025-06-01; b 2025-06-02; a -", "ChildIdentifiers": DEATHS},
        CINplanDates=[0],
        ChildIdentifiers=[0],
    ),
    Case("4010", {NEED: "CINPlanStartDate; 2026-03-31; 2026-04-01; -; 2001-01-01"}, CINplanDates=[1, 2]),
    Case(
        "4011",
        {NEED: f"{DATES}; 2025-05-02 2025-05-01; 2025-05-01 2025-05-01; - 2025-05-01; 2025-05-01 -"},
        CINplanDates=[0],
    ),
    Case("4012Q", {NEED: f"{DATES}; 2025-05-01 2025-05-01; 2025-05-01 2025-05-02; - -"}, CINplanDates=[0]),
    Case("4013", {NEED: "CINPlanEndDate; 2025-03-31; 2025-04-01; 2026-03-31; 2026-04-01; -"}, CINplanDates=[0, 3]),
    Case(
        "4014",
        {
            NEED: f"child {DATES}; a 2025-05-01 2025-06-01; a 2025-06-01 2025-06-02; a 2025-06-03 2025-06-04;"
            "b 2025-05-01 -; b 2026-03-31 -; c 2025-05-01 -; c 2026-04-01 -; d 2025-05-01 2025-05-01;"
            "d 2025-05-01 2025-05-01;"
            "e 2025-05-01 2025-09-01; e 2025-05-02 2025-05-03; e 2025-06-01 2025-06-02; f - -; f - -"
        },
        CINplanDates=[0, 1, 3, 4, 7, 8, 9, 10, 11],
    ),
    Case(
        "4015",
        {
            NEED: "child episode CINPlanStartDate; a 1 2025-05-01; a 2 2025-05-01; b 1 -",
            "CINdetails": "child episode CINreferralDate; a 1 2025-05-02; a 2 2025-05-01; b 1 2025-05-02",
        },
        CINplanDates=[0],
        CINdetails=[0],
    ),
    Case(
        "4016",
        {
            NEED: "child CINPlanStartDate; a 2025-05-01; a 2025-06-01; a 2025-04-30; b 2026-03-31;"
            "b 2026-04-01; c 2025-05-05",
            CPP: "child CPPstartDate CPPendDate; a 2025-05-01 2025-06-01; b 2025-05-01 -; c - -",
        },
        CINplanDates=[0, 3],
        ChildProtectionPlans=[0, 1],
    ),
    Case(
        "4017",
        {
            NEED: f"child {DATES}; a 2025-05-01 2025-06-01; b 2025-05-01 -; c - -",
            CPP: "child CPPstartDate; a 2025-05-01; a 2025-06-01; a 2025-04-30; b 2026-03-31; b 2026-04-01;"
            "c 2025-05-05",
        },
        CINplanDates=[0, 1],
        ChildProtectionPlans=[0, 3],
    ),
    Case(
        "1105",
        {
            CPP: "child episode CPPstartDate; a 1 2025-05-01; a 2 2025-05-01; b 1 -",
            "CINdetails": "child episode CINreferralDate; a 1 2025-05-02; a 2 2025-05-01; b 1 2025-05-02",
        },
        ChildProtectionPlans=[0],
        CINdetails=[0],
    ),
    Case(
        "2883",
        {
            CPP: "CPPstartDate; 2025-05-01; 2025-05-02; 2025-05-03; 2025-03-31",
            "CINdetails": "conference; 2025-05-01; 2025-03-31",
            "Section47": "conference; 2025-05-02; -",
        },
        Header=[0],
    ),
    Case(
        "2883",
        {
            CPP: "CPPstartDate; 2025-05-01; 2026-04-01",
            "CINdetails": "conference; -",
            "Section47": "conference; 2025-05-02",
        },
    ),
    Case(
        "2885",
        {
            # a1: one of two plans fits; a2: none fits; a3: fits its own conference though an enquiry's does not;
            # b1: fits its own, without enquiry; b2: does not; b3: nothing to fit; c1: of an earlier year;
            # c2: enquiry without date; d1: fits its own, its enquiry called for no conference
            CPP: "child episode CPPstartDate; a 1 2025-05-01; a 1 2025-06-01; a 2 2025-05-01; a 3 2025-05-01;"
            "b 1 2025-05-01;"
            "b 2 2025-05-01; b 3 2025-05-01; c 1 2025-03-01; c 2 2025-05-01; c 3 -; d 1 2025-05-01",
            "Section47": "child episode conference ICPCnotRequired; a 1 2025-05-01 0; a 1 2025-05-09 0;"
            "a 2 2025-05-02 -; a 3 2025-05-02 0; c 1 2025-05-02 0; c 2 - 0; d 1 - 1",
            "CINdetails": "child episode conference; a 1 -; a 2 2025-05-01; a 3 2025-05-01; b 1 2025-05-01;"
            "b 2 2025-05-02; c 1 -; c 2 -; d 1 2025-05-01",
        },
        ChildProtectionPlans=[1, 2, 3, 5, 6, 8],
        Section47=[2, 3, 5],
        CINdetails=[4],
    ),
    Case("8720", {CPP: "CPPID CPPstartDate; 1 2026-03-31; 1 2026-04-01; 1 -; - -"}, ChildProtectionPlans=[1, 2]),
    Case("8730", {CPP: "NumberOfPreviousCPP; 0; 3; -1; -; two"}, ChildProtectionPlans=[2, 3, 4]),
    Case(
        "8832",
        {CPP: "child episode; b 1; a 1; a 2", "CINdetails": "child episode nfa; a 1 1; a 2 0; b 1 -; b 2 1"},
        ChildProtectionPlans=[1],
        CINdetails=[0],
    ),
    Case(
        "8840",
        {CPP: "CPPstartDate CPPendDate; 2025-05-01 2025-05-01; 2025-05-01 2025-05-02; - -"},
        ChildProtectionPlans=[0],
    ),
    Case(
        "8841",
        {
            CPP: "child episode CPPID CPPstartDate; a 1 1 2025-05-01; a 1 2 2025-06-01; a 2 1 -",
            "Reviews": "child episode CPPID CPPreviewDate; a 1 1 2025-05-01; a 1 1 2025-05-02;"
            "a 1 2 2025-05-31; a 2 1 2025-01-01; a 1 2 -",
        },
        ChildProtectionPlans=[0, 1],
        Reviews=[0, 2],
    ),
    Case("8842Q", {"Reviews": "CPPreviewDate; 2025-05-01; -; soon"}, Reviews=[1, 2]),
    Case("8905", {CPP: "InitialCategoryOfAbuse; NEG; MUL; neg; XXX; -"}, ChildProtectionPlans=[2, 3, 4]),
    Case("8910", {CPP: "LatestCategoryOfAbuse; EMO; PHY; SAB; XXX; -"}, ChildProtectionPlans=[3, 4]),
    Case(
        "8915",
        {CPP: "child CPPstartDate; a 2025-06-02; a 2025-06-01; b 2025-06-02; a -", "ChildIdentifiers": DEATHS},
        ChildProtectionPlans=[0],
        ChildIdentifiers=[0],
    ),
    Case(
        "8920",
        {CPP: "child CPPendDate; a 2025-06-02; a 2025-06-01; b 2025-06-02; a -", "ChildIdentifiers": DEATHS},
        ChildProtectionPlans=[0],
        ChildIdentifiers=[0],
    ),
    Case(
        "8925",
        {CPP: "CPPstartDate CPPendDate; 2025-05-02 2025-05-01; 2025-05-01 2025-05-01; 2025-05-01 -; - -"},
        ChildProtectionPlans=[0],
    ),
    Case("8930", {CPP: "CPPendDate; 2025-03-31; 2025-04-01; 2026-03-31; 2026-04-01;-"}, ChildProtectionPlans=[0, 3]),
    Case(
        "8935",
        {CPP: "child episode CPPID CPPendDate; a 1 1 -; a 2 1 -; a 2 2 2025-05-01; b 1 1 -; c 1 1 -; c 1 2 -"},
        ChildProtectionPlans=[0, 1, 4, 5],
    ),
    Case(
        "8940",
        {
            CPP: "child episode CPPID CPPstartDate CPPendDate; a 1 1 2025-05-01 2025-06-01;"
            "a 2 1 2025-06-01 2025-06-02;"
            "a 2 2 2025-07-01 2025-07-02; b 1 1 2025-05-01 -; b 1 2 2026-03-31 -; c 1 1 2025-05-01 -;"
            "c 1 2 2026-04-01 -"
        },
        ChildProtectionPlans=[0, 1, 3, 4],
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_rule_cites_the_rows_of_its_case(case):
    assert_case(case)


def test_every_rule_has_a_case_that_fails_and_one_that_passes():
    assert_covers(plans.RULES, CASES)
