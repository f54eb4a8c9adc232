"""Rules on adoptions and decisions to place for adoption: own cases, with rows that break them and rows that do not."""

import pytest

from tests.ssda903_text import cited, submission
from transforms.returns.entry import is_valid
from transforms.returns.rule import FAILED
from transforms.returns.ssda903_rules import adoption, placed_for_adoption

AD1 = "CHILD DATE_INT DATE_MATCH FOSTER_CARE NB_ADOPTR SEX_ADOPTR LS_ADOPTR"
FULL = "01/05/2025 01/06/2025 0 2 MM L12"
SEXES = "CHILD LS_ADOPTR SEX_ADOPTR"

ADOPTION = [
    ("112", {"AD1": [1, 2]}, {"AD1": "DATE_INT | 01/05/2025 | 38/04/2025 | 01/05/25 | ."}),
    ("113", {"AD1": [1, 2]}, {"AD1": "DATE_MATCH | 01/05/2025 | 31/02/2025 | soon | ."}),
    ("114", {"AD1": [2, 3]}, {"AD1": "FOSTER_CARE | 0 | 1 | 2 | yes | ."}),
    (
        "134",
        {"AD1": [0]},
        {
            "AD1": f"{AD1} | a . . . . . L0 | b {FULL} | c . . . . . . | d {FULL}",
            "OC3": "CHILD IN_TOUCH ACTIV ACCOM | a YES . . | b . . . | c YES F1 B1",
        },
    ),
    (
        "151",
        {"AD1": [1, 2]},
        {"AD1": f"{AD1} | a {FULL} | b 01/05/2025 . . . . . | c not/a/date 01/06/2025 0 2 MM . | d . . . . . ."},
    ),
    ("175", {"AD1": [2, 3]}, {"AD1": "NB_ADOPTR | 1 | 2 | 0 | both | ."}),
    ("176", {"AD1": [5, 6]}, {"AD1": "SEX_ADOPTR | M1 | F1 | MM | FF | MF | FM | 1 | ."}),
    ("177", {"AD1": [6, 7]}, {"AD1": "LS_ADOPTR | L0 | L11 | L12 | L2 | L3 | L4 | L1 | L | ."}),
    (
        "333",
        {"AD1": [2, 3, 4]},
        {
            "AD1": "DATE_INT DATE_MATCH | 01/05/2025 01/05/2025 | 01/05/2025 . | 02/05/2025 01/05/2025"
            " | . 01/05/2025 | soon 01/05/2025 | . ."
        },
    ),
    ("511", {"AD1": [0, 1]}, {"AD1": "NB_ADOPTR SEX_ADOPTR | 2 M1 | 2 F1 | 2 MF | 1 F1 | 2 . | . M1"}),
    ("514", {"AD1": [1, 2, 3]}, {"AD1": f"{SEXES} | a L0 M1 | b L0 MM | c L0 . | d L0 X | e L2 MM"}),
    ("517", {"AD1": [1, 2]}, {"AD1": f"{SEXES} | a L3 MF | b L3 MM | c L3 . | d L4 MM"}),
    ("518", {"AD1": [2, 3]}, {"AD1": f"{SEXES} | a L4 MM | b L4 FF | c L4 MF | d L4 . | e L3 MF"}),
    ("519", {"AD1": [3, 4]}, {"AD1": f"{SEXES} | a L2 MM | b L2 FF | c L2 MF | d L2 M1 | e L2 . | f L0 M1"}),
    ("520", {"AD1": [1, 2]}, {"AD1": f"{SEXES} | a L11 MF | b L11 MM | c L11 . | d L12 MM"}),
    ("524", {"AD1": [1, 2]}, {"AD1": f"{SEXES} | a L12 FF | b L12 MF | c L12 . | d L11 MF"}),
    (
        "331",
        {"AD1": [1], "Episodes": [1]},
        {
            "AD1": "CHILD DATE_MATCH | a 01/05/2025 | b 02/05/2025 | c . | d 01/09/2025",
            "Episodes": "CHILD DECOM REC | a 01/05/2025 E11 | b 01/05/2025 E12 | c 01/05/2025 E11"
            " | d 01/05/2025 E8 | e 01/05/2025 E11",
        },
    ),
    (
        "334",
        {"Episodes": [1, 3], "AD1": [0, 2]},
        {
            "AD1": "CHILD DATE_INT | a 01/05/2025 | b 01/05/2025 | c 01/05/2020 | d .",
            "Episodes": "CHILD DECOM RNE | a 01/01/2020 S | a 02/05/2025 S | b 01/05/2025 S | c 02/05/2020 S"
            " | c 01/01/2021 L"
            " | d 01/01/2021 S",
        },
    ),
    (
        "335",
        {"Episodes": [0, 2], "AD1": [0, 2]},
        {
            "AD1": "CHILD FOSTER_CARE | a 0 | b 1 | c 1 | d 0 | e .",
            "Episodes": "CHILD PLACE REC | a A3 E11 | b A5 E12 | c A4 E11 | d A6 E11 | e A3 E11 | a A3 X1",
        },
    ),
    (
        "521",
        {"Episodes": [0], "AD1": [0]},
        {
            "AD1": "CHILD DATE_INT | a 02/05/2025 | b 01/05/2025 | c .",
            "Episodes": "CHILD DECOM PLACE | a 01/05/2025 A4 | a 01/04/2025 U1 | a 02/05/2025 A3"
            " | b 01/05/2025 A5 | c 01/05/2025 A6 | b . A3",
        },
    ),
    (
        "523",
        {"PlacedAdoption": [1], "AD1": [1]},
        {
            "AD1": "CHILD DATE_INT | a 01/05/2025 | b 01/05/2025 | c . | d 01/05/2025",
            "PlacedAdoption": "CHILD DATE_PLACED | a 01/05/2025 | b 01/06/2025 | c 01/06/2025 | d soon",
        },
    ),
    (
        "525",
        {"PlacedAdoption": [0, 3], "AD1": [0, 3]},
        {
            "AD1": f"{AD1} | a {FULL} | b {FULL} | c . . . . . . | d . . . . . L0",
            "PlacedAdoption": "CHILD DATE_PLACED_CEASED | a 01/05/2025 | b . | c 01/05/2025 | d soon",
        },
    ),
    (
        "582",
        {"Episodes": [0]},
        {
            "AD1": "CHILD DATE_MATCH | a 01/05/2025 | b 01/05/2025 | c .",
            "Episodes": "CHILD DEC REC | a 01/05/2025 E11 | b 02/05/2025 E12 | c . E11 | a 01/05/2025 X1",
        },
    ),
    (
        "601",
        {"AD1": [0], "Episodes": [0, 3]},
        {
            "AD1": f"{AD1} | a . . . . . . | b {FULL} | c . . . . . .",
            "Episodes": "CHILD DEC REC | a 31/03/2026 E11 | b 01/04/2025 E12 | c 01/04/2026 E12 | d 01/05/2025 E11"
            " | e 01/05/2025 E13 | f 01/04/2026 E11",
        },
    ),
    (
        "602",
        {"AD1": [2, 3]},
        {
            "AD1": f"{AD1} | a {FULL} | b . . . . . . | c {FULL} | d . . . 1 . .",
            "Episodes": "CHILD DEC REC | a 01/05/2025 E11 | b 01/05/2025 E8 | c 31/03/2025 E12",
        },
    ),
]

PA = "CHILD DATE_PLACED DATE_PLACED_CEASED REASON_PLACED_CEASED"

PLACED = [
    ("115", {"PlacedAdoption": [1]}, {"PlacedAdoption": "DATE_PLACED | 01/05/2025 | 1st/May/2025 | ."}),
    ("116", {"PlacedAdoption": [1]}, {"PlacedAdoption": "DATE_PLACED_CEASED | 1/5/2025 | 2025/05/01 | ."}),
    (
        "117",
        {"Episodes": [1, 2, 4], "PlacedAdoption": [1, 2, 3]},
        {
            "PlacedAdoption": f"{PA} | a 01/05/2025 . . | b 01/04/2026 . . | c 01/01/2025 01/06/2025 RD1"
            " | d 02/06/2025 . . | e 01/04/2026 . .",
            "Episodes": "CHILD DECOM DEC REC | a 01/01/2020 . . | b 01/01/2020 . . | c 01/01/2020 31/05/2025 E8"
            " | c 01/06/2025 02/06/2025 X1 | d 01/01/2020 01/06/2025 E4A | e . 01/04/2025 E8",
        },
    ),
    (
        "118",
        {"Episodes": [0, 2], "PlacedAdoption": [0, 1]},
        {
            "PlacedAdoption": "CHILD DATE_PLACED_CEASED | a 31/03/2025 | b 01/06/2025 | c 01/06/2025 | d .",
            "Episodes": "CHILD DECOM LS | a 01/01/2020 C2 | b 01/01/2020 V3 | b 02/06/2025 C2"
            " | b 01/07/2025 C2 | c 01/06/2025 . | d 01/09/2025 C2",
        },
    ),
    (
        "119",
        {"PlacedAdoption": [1, 2]},
        {"PlacedAdoption": f"{PA} | a . 01/05/2025 RD1 | b . soon . | c . . RD1 | d . . ."},
    ),
    ("120", {"PlacedAdoption": [2, 3]}, {"PlacedAdoption": "REASON_PLACED_CEASED | RD1 | RD4 | RD5 | 1 | ."}),
    (
        "184",
        {"PlacedAdoption": [1]},
        {
            "PlacedAdoption": "CHILD DATE_PLACED | a 01/05/2025 | b 01/05/2025 | c . | d 01/05/2025 | e 01/05/2025",
            "Header": "CHILD DOB | a 01/05/2025 | b 02/05/2025 | c 02/05/2025 | d .",
        },
    ),
    (
        "184",
        {"PlacedAdoption": [0]},
        {
            "PlacedAdoption": "CHILD DOB DATE_PLACED | a 02/05/2025 01/05/2025 | b 01/01/2020 01/05/2025",
            "Header": "CHILD DOB | a 01/01/2020 | b 02/05/2025",
        },
    ),
    (
        "522",
        {"PlacedAdoption": [1]},
        {
            "PlacedAdoption": f"{PA} | a 01/05/2025 01/05/2025 . | b 02/05/2025 01/05/2025 ."
            " | c . 01/05/2025 . | d 01/05/2025 . ."
        },
    ),
    (
        "551",
        {"Episodes": [0, 1, 4]},
        {
            "PlacedAdoption": "CHILD DATE_PLACED | a . | c 01/05/2025 | d some/day/1930 | e 01/05/2025 | e .",
            "Episodes": "CHILD PLACE | a A3 | b A4 | c A5 | d A6 | e A3 | f U1",
        },
    ),
    (
        "552",
        {"PlacedAdoption": [1], "Episodes": [1]},
        {
            "PlacedAdoption": "CHILD DATE_PLACED | a 01/05/2024 | a 02/05/2025 | b 01/05/2025 | c soon",
            "Episodes": "CHILD DECOM PLACE | a 01/06/2025 A3 | a 01/05/2025 A4 | a 01/01/2024 U1"
            " | b 01/05/2025 A5 | c 01/05/2020 A6",
        },
    ),
    (
        "553",
        {"Episodes": [1], "PlacedAdoption": [2, 3]},
        {
            "PlacedAdoption": f"{PA} | a 01/05/2025 01/06/2025 RD1 | d 01/05/2025 . ."
            " | e 01/05/2025 01/06/2025 . | f 01/05/2025 . RD2",
            "Episodes": "CHILD LS DEC | a E1 01/06/2025 | b E1 . | c C2 . | d E1 . | e E1 . | f E1 .",
        },
    ),
    (
        "554",
        {"Episodes": [1], "PlacedAdoption": [0]},
        {
            "PlacedAdoption": "CHILD DATE_PLACED | a 02/05/2025 | b 01/05/2025 | c .",
            "Episodes": "CHILD DECOM LS | a 01/01/2020 C2 | a 01/05/2025 E1 | a 01/06/2025 E1"
            " | b 01/05/2025 E1 | c 01/05/2025 E1",
        },
    ),
    (
        "558",
        {"Episodes": [0, 5]},
        {
            "PlacedAdoption": "CHILD DATE_PLACED_CEASED | a 01/05/2025 | a 01/06/2024 | b 01/05/2025"
            " | c 01/05/2025 | c 01/06/2025 | c . | e soon | e 01/06/2025",
            "Episodes": "CHILD REC | a E11 | b E12 | c E11 | d E12 | a X1 | e E12",
        },
    ),
    (
        "563",
        {"PlacedAdoption": [0]},
        {"PlacedAdoption": f"{PA} | a . 01/05/2025 RD1 | b soon 01/05/2025 RD1 | c . 01/05/2025 . | d . . ."},
    ),
    (
        "579",
        {"PlacedAdoption": [1, 3]},
        {
            "PlacedAdoption": f"{PA} | a 01/05/2025 . . | a 01/06/2025 . . | b 01/05/2025 05/06/2025 ."
            " | b 01/06/2025 . . | c 01/05/2025 01/06/2025 ."
            " | c 01/06/2025 . . | d . . ."
        },
    ),
    (
        "583",
        {"PlacedAdoption": [0, 3]},
        {
            # a: only the earlier of two that stand; d: no date that could be the earlier.
            "PlacedAdoption": f"{PA} | a 09/05/2024 . . | a 01/06/2025 . . | b 01/06/2025 01/07/2025 ."
            " | b 09/05/2025 . ."
            " | c 09/05/2025 01/06/2025 . | c 01/06/2025 . . | d . . . | d soon . ."
        },
    ),
    (
        "1003",
        {"Episodes": [0], "PlacedAdoption": [0]},
        {
            "PlacedAdoption": "CHILD DATE_PLACED | a 01/05/2019 | b 01/05/2020 | c . | d 01/05/2019",
            "Episodes": "CHILD DECOM RNE | a 01/05/2020 S | a 01/05/2021 S | b 01/05/2020 S | c 01/05/2020 S"
            " | d 01/05/2020 L",
        },
    ),
]

BY_YEAR = [
    (
        "557",
        2024,
        {"Episodes": [0, 1, 2], "PlacedAdoption": [0, 1]},
    ),
    ("557", 2025, {"Episodes": [0, 2], "PlacedAdoption": [0]}),
    ("555", 2024, {"Episodes": [1], "PlacedAdoption": []}),
    ("556", 2024, {"Episodes": [1]}),
]
LEFT = {
    "PlacedAdoption": f"{PA} | a 01/05/2020 . RD1 | b 01/05/2020 01/05/2023 . | c 01/05/2020 01/05/2023 RD1"
    " | f 01/05/2020 . .",
    "Episodes": "CHILD DECOM DEC PLACE LS REC | a 01/01/2020 01/05/2023 U1 E1 E8 | b 01/01/2020 01/05/2023 U1 D1 E4A"
    " | d 01/01/2020 01/05/2023 A3 C2 E13 | c 01/01/2020 01/05/2023 A3 E1 E8 | f 01/01/2020 01/05/2023 A3 E1 E11"
    " | f 01/01/2020 01/05/2023 A3 E1 X1 | f 01/01/2020 . A3 E1 .",
}
FREED = {
    "555": {
        "PlacedAdoption": f"{PA} | a 01/05/2020 . . | c 01/05/2020 . .",
        "Episodes": "CHILD LS DEC | a D1 . | b D1 01/05/2023 | c E1 . | d E1 .",
    },
    "556": {
        "PlacedAdoption": "CHILD DATE_PLACED | a 01/05/2020 | b 02/05/2020 | c 02/05/2020",
        "Episodes": "CHILD LS DECOM | a D1 01/05/2020 | b D1 01/05/2020 | c E1 01/05/2020",
    },
}

LAST_YEAR = [
    (
        "559",
        [1, 2],
        "CHILD DATE_PLACED | a 01/05/2025 | b 31/03/2025 | c 31/03/2025 | d 31/03/2025 | e .",
        "CHILD DATE_PLACED | c . | d 31/03/2025",
    ),
    (
        "560",
        [0, 1],
        f"{PA} | a 01/05/2024 . . | b . . . | c 01/05/2024 . . | d 01/05/2024 . . | e no/date . . | f 01/05/2024 . .",
        f"{PA} | a 02/05/2024 . . | b 02/05/2024 . . | c 01/05/2024 . . | d 02/05/2024 01/06/2024 RD1 | e no/date . .",
    ),
    (
        "561",
        [0, 1],
        "CHILD DATE_PLACED | a 01/05/2024 | b 01/05/2024 | c 01/05/2024 | d 01/05/2024 | e .",
        f"{PA} | a 01/05/2024 01/06/2024 . | b 01/05/2024 . RD1 | c 01/05/2024 . ."
        " | d 02/05/2024 01/06/2024 RD1 | e . 01/06/2024 RD1",
    ),
    (
        "584",
        [0, 1, 3],
        "CHILD DATE_PLACED | a 01/05/2024 | b 01/04/2024 | c 02/05/2024 | d . | e 01/01/2024 | f 01/05/2024 | g .",
        f"{PA} | a 01/05/2024 01/06/2024 . | b 01/05/2024 . RD1 | c 01/05/2024 01/06/2024 ."
        " | d 01/05/2024 01/06/2024 RD1 | e 01/05/2024 . . | g . 01/06/2024 RD1",
    ),
]


def rule_of(code, year=2026):
    rules = (*adoption.RULES, *placed_for_adoption.RULES)
    (rule,) = [entry for entry in rules if entry.code == code and is_valid(entry, year)]
    return rule


@pytest.mark.parametrize(("code", "rows", "tables"), [*ADOPTION, *PLACED])
def test_a_rule_cites_the_rows_that_break_it(code, rows, tables):
    assert cited(rule_of(code), submission(tables)) == (FAILED, rows)


@pytest.mark.parametrize(("code", "year", "rows"), BY_YEAR)
def test_rows_cited_in_years_of_freeing_orders(code, year, rows):
    state, found = cited(rule_of(code, year), submission(FREED.get(code, LEFT), year))
    assert (state, found) == (FAILED, {table: numbers for table, numbers in rows.items() if numbers})


@pytest.mark.parametrize(("code", "rows", "now", "before"), LAST_YEAR)
def test_rows_cited_beside_last_year(code, rows, now, before):
    data = submission({"PlacedAdoption": now}, before={"PlacedAdoption": before})
    assert cited(rule_of(code), data) == (FAILED, {"PlacedAdoption": rows})


def test_every_rule_has_a_case():
    codes = {case[0] for case in (*ADOPTION, *PLACED, *BY_YEAR, *LAST_YEAR)}
    assert codes == {entry.code for entry in (*adoption.RULES, *placed_for_adoption.RULES)}
