"""Rules on children: each with rows that break it beside rows that do not."""

import pytest

from tests.census_rule_cases import Case, assert_case, assert_covers
from transforms.returns.cin_census_rules import children

TWENTY = "X" * 20
EIGHT = "child Disability; a MOB; a HAND; a PC; a INC; a COMM; b LD; b HEAR; b VIS"
IDS = "ChildIdentifiers"
CASES = [
    Case(
        "100",
        {"Header": "Year ReferenceDate; 2026 2026-03-31; 2026 2025-03-31; 2026 -; - 2026-03-31"},
        Header=[1, 2, 3],
    ),
    # 2x2 + 3x0 + 4x1 + 13x5 = 73, and 73 modulo 23 is 4: E
    Case("1510", {IDS: "UPN; E201000000005; F201000000005; -; F20100000000; FX01000000005"}, ChildIdentifiers=[1]),
    Case("1520", {IDS: "UPN; A1; A1; B1; -; -"}, ChildIdentifiers=[0, 1]),
    Case("1530", {IDS: "UPN; A003000178301; A842000178301; A942000178301;A9420;-"}, year=2023, ChildIdentifiers=[1, 2]),
    Case("1530", {IDS: "UPN; A943000178301; A944000178301; A421000178301"}, year=2024, ChildIdentifiers=[1, 2]),
    Case("1540", {IDS: "UPN; A000000000000; A0000X0000000; A00; -"}, ChildIdentifiers=[1, 2]),
    Case("1550", {IDS: "UPN; A000000000009; A00000000000B; A00000000000S;A00000000000b;A1S"}, ChildIdentifiers=[2, 3]),
    Case("1560Q", {IDS: "FormerUPN; A000000000009; A00000000000B; 1000000000009;A0000000;-"}, ChildIdentifiers=[2, 3]),
    Case("1570", {IDS: f"child; {TWENTY}; {TWENTY}1; -"}, ChildIdentifiers=[1]),
    Case("1580", {IDS: "child; Ab1; a_1; a/1; -"}, ChildIdentifiers=[1, 2]),
    Case("2886Q", {IDS: "GenderCurrent ExpectedPersonBirthDate; 1 -; 0 -; - 2024-05-01"}, year=2024, Header=[0]),
    Case("2886Q", {IDS: "GenderCurrent ExpectedPersonBirthDate; 1 -; 9 -; 0 2024-05-01"}, year=2024),
    Case("2886Q", {IDS: "Sex ExpectedPersonBirthDate; M -; U -"}, Header=[0]),
    Case("2886Q", {IDS: "Sex ExpectedPersonBirthDate" + "; M -" * 48 + "; U -; U 2026-05-01"}),
    Case("2887Q", {"Disabilities": "child Disability; a NONE; a MOB; a MOB; b LD"}, Header=[0]),
    Case("2887Q", {"Disabilities": EIGHT.replace("VIS", "HEAR")}, Header=[0]),
    Case("2887Q", {"Disabilities": EIGHT}),
    Case("2888Q", {"Disabilities": "child Disability; a NONE; a NONE; b MOB; c LD; c -"}, Header=[0]),
    Case("2888Q", {"Disabilities": "child Disability; a NONE; b MOB; b LD"}),
    Case("2888Q", {"Disabilities": "child Disability; a NONE"}),
    Case("4180", {IDS: "GenderCurrent; 0; 1; 2; 9; M; -"}, year=2024, ChildIdentifiers=[4, 5]),
    Case("4180", {IDS: "Sex; M; F; U; m; 1; -"}, ChildIdentifiers=[3, 4, 5]),
    Case("4220", {"ChildCharacteristics": "Ethnicity; WBRI; wbri; XXXX; -"}, ChildCharacteristics=[1, 2, 3]),
    Case("8500", {IDS: "child; a; -"}, ChildIdentifiers=[1]),
    Case("8510", {IDS: "child; a; b; a; -; -"}, ChildIdentifiers=[0, 2]),
    Case("8520", {IDS: "PersonBirthDate; 2026-03-31; 2026-04-01; -"}, ChildIdentifiers=[1]),
    Case(
        "8525Q",
        {IDS: "PersonBirthDate ExpectedPersonBirthDate; 2020-01-01 -; - 2026-05-01; 2026-01-01 2026-02-01; - -"},
        ChildIdentifiers=[2, 3],
    ),
    Case(
        "8530Q",
        {IDS: "ExpectedPersonBirthDate; 2026-03-01; 2026-02-28; 2026-12-31; 2027-01-01; -"},
        ChildIdentifiers=[1, 3],
    ),
    Case(
        "8535Q",
        {
            IDS: "PersonBirthDate ExpectedPersonBirthDate PersonDeathDate; 2020-01-02 - 2020-01-01;"
            "2020-01-02 - 2020-01-02; - 2026-02-01 2026-01-01; - - 2026-01-01; - - -; - 2026-01-01 2026-01-01"
        },
        ChildIdentifiers=[0, 2, 3, 5],
    ),
    Case(
        "8540",
        {
            IDS: "child PersonBirthDate; a 2020-01-01; b 2020-01-01; c 2020-01-01; d -; e 2020-01-01;"
            "f 2020-01-01; g 2020-01-01",
            "CINdetails": "child episode nfa; a 1 0; a 2 1; b 1 false; c 1 0; d 1 0; e 1 1; f 1 -; g 1 0",
            "Disabilities": "child Disability; a XXX; a MOB; c LD; g -",
        },
        ChildIdentifiers=[0, 1, 6],
        CINdetails=[0, 2, 7],
        Disabilities=[0, 3],
    ),
    Case("8545Q", {IDS: "PersonDeathDate; 2025-04-01; 2025-03-31; 2026-03-31;2026-04-01;-"}, ChildIdentifiers=[1, 3]),
    Case("8590", {IDS: "child; a; b", "CINdetails": "child; b; c"}, ChildIdentifiers=[0]),
    Case(
        "8750",
        {
            IDS: "PersonBirthDate ExpectedPersonBirthDate GenderCurrent;"
            "- 2024-05-01 0; - 2024-05-01 1; - 2024-05-01 -; 2024-01-01 2024-05-01 1; - - 1"
        },
        year=2024,
        ChildIdentifiers=[1, 2],
    ),
    Case(
        "8750",
        {IDS: "PersonBirthDate ExpectedPersonBirthDate Sex; - 2026-05-01 U; - 2026-05-01 F; 2026-01-01 - F"},
        ChildIdentifiers=[1],
    ),
    Case(
        "8770Q",
        {
            IDS: "child PersonBirthDate UPN UPNunknown; a 2018-03-31 - -; b 2018-03-30 - -; c 2010-01-01 - un2;"
            "d 2010-01-01 A1 -; e 2010-01-01 - UN1; f 2010-01-01 - -",
            "CINdetails": "child nfa; a 0; b 0; c 0; d 0; e 1; e false; f 1",
        },
        year=2024,
        ChildIdentifiers=[1, 4],
    ),
    Case(
        "8770Q",
        {
            IDS: "child PersonBirthDate UPN UPNunknown; a 2020-08-31 - -; b 2020-09-01 - -; c 2019-01-01 - UN7",
            "CINdetails": "child nfa; a 0; b 0; c 0",
        },
        ChildIdentifiers=[0],
    ),
    Case(
        "8772",
        {
            IDS: "child UPNunknown; a UN7; b UN7; c UN6; d UN7; e UN7",
            "CINdetails": "child nfa; a true; a 0; b 1; c 0; d -",
        },
        ChildIdentifiers=[0, 3],
        CINdetails=[1, 4],
    ),
    Case(
        "8775Q",
        {
            IDS: "child PersonBirthDate; a 2001-03-30; b 2001-03-31; c 2000-01-01; d 2000-01-01",
            "CINdetails": "child CINclosureDate; a -; b -; c 2025-01-01; c 2025-01-02",
        },
        ChildIdentifiers=[0, 2],
        CINdetails=[0, 3],
    ),
    Case("8790", {"Disabilities": "child Disability; a NONE; a LD; b NONE; c LD; a -"}, Disabilities=[1]),
    Case("8794", {"Disabilities": "child Disability; a LD; a LD; a MOB; b LD; c -; c -"}, Disabilities=[0, 1]),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_rule_cites_the_rows_of_its_case(case):
    assert_case(case)


def test_every_rule_has_a_case_that_fails_and_one_that_passes():
    assert_covers(children.RULES, CASES)
