"""Rules on care leavers, outcomes and reviews: own cases, with rows that break them and rows that do not."""

import pytest

from tests.ssda903_text import cited, submission
from transforms.returns.entry import is_valid
from transforms.returns.rule import FAILED, NOT_RUN
from transforms.returns.ssda903_rules import care_leavers, outcomes, reviews

OC3 = "CHILD DOB IN_TOUCH ACTIV ACCOM"
EPISODES = "CHILD DECOM DEC RNE REC LS"
# a stays all year; b comes, c leaves in the year; d has short breaks; e is gone before. Tests add f and g, who stay.
COHORT = (
    f"{EPISODES} | a 01/01/2020 . S . C2 | b 01/06/2025 . S . C2 | c 01/01/2020 01/06/2025 S E8 C2"
    " | d 01/01/2020 . S . V3 | e 01/01/2020 01/06/2024 S E8 C2"
)
OC2 = (
    "CHILD CONVICTED HEALTH_CHECK IMMUNISATIONS TEETH_CHECK HEALTH_ASSESSMENT SUBSTANCE_MISUSE"
    " INTERVENTION_RECEIVED INTERVENTION_OFFERED"
)
AD1 = "CHILD DATE_INT DATE_MATCH FOSTER_CARE NB_ADOPTR SEX_ADOPTR LS_ADOPTR"

LEAVERS = [
    ("131", {"OC3": [2, 3]}, {"OC3": "IN_TOUCH | YES | RHOM | MAYBE | ."}),
    ("132", {"OC3": [3, 4, 5]}, {"OC3": "ACTIV | F1 | 0 | G6 | F3 | 1 | ."}),
    ("133", {"OC3": [4, 5, 6]}, {"OC3": "ACCOM | B1 | S2 | X2 | 0 | S1 | X1 | ."}),
    ("153", {"OC3": [1, 2]}, {"OC3": "IN_TOUCH ACTIV ACCOM | YES F1 B1 | YES . B1 | . . B1 | . . ."}),
    (
        "344",
        {"OC3": [1, 2, 3]},
        {"OC3": "IN_TOUCH ACTIV ACCOM | DIED 0 0 | RHOM F1 0 | DIED 0 B1 | RHOM . 0 | YES F1 B1"},
    ),
    ("345", {"OC3": [0, 1]}, {"OC3": "IN_TOUCH ACTIV ACCOM | YES 0 B1 | YES F1 0 | YES F1 . | NO 0 0"}),
    (
        "347",
        {"OC3": [0, 1]},
        {"OC3": "DOB ACCOM | 02/04/2007 T1 | 02/04/2007 T2 | 01/04/2007 T1 | 02/04/2007 U1 | . T1"},
    ),
    (
        "391",
        {"OC3": [0, 4]},
        {
            "OC3": f"{OC3} | a 01/04/2009 YES . . | b 31/03/2009 YES . . | c 01/04/2009 . . . | d . YES . ."
            " | e 01/04/2003 YES . . | f 02/04/2003 YES . . | g 01/04/2003 . . ."
        },
    ),
    (
        "215",
        {"OC2": [0, 1], "OC3": [0, 1]},
        {
            "OC2": f"{OC2} | a 1 . . . . . . . | b . . . . . . . 0 | c . . . . . . . . | d 1 1 1 1 1 1 . ."
            " | e 1 . . . . . . .",
            "OC3": f"{OC3} | a . YES . . | b . . F1 . | c . YES . . | d . . . .",
        },
    ),
    (
        "187",
        {"AD1": [0], "OC3": [0]},
        {
            "Episodes": COHORT,
            "AD1": f"{AD1} | a . . . . . L0 | b . . . . . L0 | z . . . . . L0",
            "OC3": f"{OC3} | a . YES . . | c . YES . . | a . . . .",
        },
    ),
    (
        "628",
        {"Header": [0]},
        {
            "Header": "CHILD MOTHER | x 1 | y . | a 1 | z 0",
            "Episodes": COHORT,
            "OC3": f"{OC3} | x . YES . . | y . YES . . | a . YES . . | z . . . .",
        },
    ),
    (
        "1000",
        {"OC3": [1]},
        {"OC3": f"{OC3} | a . YES . . | b . YES . .", "Episodes": "CHILD REC | a E8 | b E2 | b X1"},
    ),
    (
        "1007",
        {"OC3": [0, 1]},
        {
            "OC3": f"{OC3} | a 01/09/2008 YES . . | b 01/02/2008 YES . . | c 01/09/2008 YES . . | d 01/09/2008 . . ."
            " | e 01/09/2006 YES . . | f 01/09/2008 YES . .",
            "Episodes": "CHILD DECOM DEC | a 01/01/2020 . | b 01/01/2020 02/02/2026 | c 01/01/2020 01/09/2025"
            " | d 01/01/2020 ."
            " | e 01/01/2020 . | f 01/01/2020 no/end",
        },
    ),
    (
        "1011",
        {"OC3": [0]},
        {
            "OC3": f"{OC3} | a . YES . . | b . YES . . | c . . . . | d . YES . .",
            "Episodes": "CHILD DECOM REC | a 01/06/2025 E3 | a 01/01/2025 X1 | b 01/01/2025 E3"
            " | b 01/06/2025 X1 | c 01/01/2025 E3",
        },
    ),
    (
        "1012",
        {"AD1": [1], "OC2": [0], "Missing": [0]},
        {
            "Episodes": COHORT,
            "AD1": f"{AD1} | a . . . . . . | x . . . . . .",
            "OC2": f"{OC2} | y . . . . . . . .",
            "Missing": "CHILD | x | a",
        },
    ),
    (
        "1014",
        {"UASC": [1, 2], "OC3": [1, 2]},
        {
            "Episodes": COHORT,
            "UASC": "CHILD DUC | a 01/05/2027 | e 01/05/2027 | x . | c .",
            "OC3": f"{OC3} | a . YES . . | e . YES . . | x . . . B1 | c . YES . . | y . YES . .",
        },
    ),
    (
        "1016",
        {"OC3": [0, 3, 6]},
        {
            # a: on the 17th birthday; b: the day before; d: on the 18th; f: after the 17th, before the 18th.
            "OC3": f"{OC3} | a 01/09/2008 YES . . | b 01/09/2008 YES . . | c 01/09/2008 . . ."
            " | d 31/03/2008 YES . . | e 31/03/2007 YES . . | f 01/09/2007 YES . . | g 01/09/2007 . F1 .",
            "Episodes": "CHILD DEC | a 01/09/2025 | b 31/08/2025 | c 02/09/2025 | d 31/03/2026 | e 31/03/2026 | a ."
            " | f 31/08/2025 | g 02/09/2025",
        },
    ),
    (
        "3001",
        {"OC3": [0, 1]},
        {
            "OC3": "CHILD ACCOM | a Z1 | b Z2 | c Z1 | d B1 | e Z1",
            "Header": "CHILD DOB | a 01/04/2008 | b 31/03/2009 | c 31/03/2008 | d 01/04/2008 | e .",
        },
    ),
]

BEFORE = [
    (
        "348",
        [1, 2],
        {"OC3": f"{OC3} | a . DIED 0 0 | b . YES . . | c . . . . | d . NO . ."},
        {"OC3": f"{OC3} | a . DIED 0 0 | b . DIED 0 0 | c . DIED 0 0 | d . YES . ."},
    ),
    (
        "1000",
        [0],
        {"OC3": f"{OC3} | a . YES . . | b . YES . .", "Episodes": "CHILD REC | b E8"},
        {"Episodes": "CHILD REC | a E2"},
    ),
    (
        "1002",
        [2],
        {"OC3": f"{OC3} | a . . . . | b . . . . | c . . . .", "Episodes": "CHILD | a"},
        {"Episodes": "CHILD | b"},
    ),
    (
        "1010",
        [1],
        {"OC3": f"{OC3} | a . . . . | b . . . . | c . . . .", "Episodes": "CHILD | a"},
        {
            "Episodes": "CHILD DECOM DEC | a 01/01/2024 . | b 01/06/2024 . | b 01/01/2024 01/06/2024"
            " | c 01/01/2024 . | c 01/06/2024 01/07/2024"
        },
    ),
]

ENTITLED = {
    # In care since 14 (a), 90 days only (b), never after 16 (c), adopted (d), 20 already (e), not in Header (f);
    # 20 already and adopted in the end (h), 20 a day after the year without an episode (i).
    "OC3": "CHILD | a | b | c | d | e | f | h | i",
    "Header": "CHILD DOB | a 01/06/2009 | b 01/06/2009 | c 01/06/2009 | d 01/06/2009 | e 31/03/2006 | g 01/06/2009"
    " | h 31/03/2006 | i 01/04/2006",
    "Episodes": "CHILD DECOM DEC LS REC | a 01/05/2025 . C2 . | b 02/05/2025 01/06/2025 C2 X1"
    " | b 01/06/2025 31/07/2025 C2 E8"
    " | d 01/05/2025 01/12/2025 C2 E11 | a 01/04/2025 01/05/2025 V3 X1 | h 01/05/2025 01/12/2025 C2 E12",
}
ENTITLED_BEFORE = {
    "Episodes": "CHILD DECOM DEC LS REC | c 01/04/2024 31/03/2025 C2 E8 | a 01/05/2025 31/12/2025 C2 X1",
}

SDQ = "CHILD DOB SDQ_SCORE SDQ_REASON"
OUTCOMES = [
    (
        "157",
        {"OC2": [0, 1]},
        f"{SDQ} | a 01/04/2021 . SDQ1 | a 01/04/2009 . SDQ1 | a 31/03/2009 . SDQ1 | a 02/04/2021 . SDQ1"
        " | a 01/04/2015 . SDQ2 | a 01/04/2015 9 SDQ1 | b 01/04/2015 . SDQ1",
    ),
    ("158", {"OC2": [1, 2]}, "INTERVENTION_RECEIVED INTERVENTION_OFFERED | 1 . | 1 1 | 1 0 | 0 1 | . 1"),
    (
        "159",
        {"OC2": [0]},
        "SUBSTANCE_MISUSE INTERVENTION_RECEIVED INTERVENTION_OFFERED | 1 0 . | 1 0 0 | 1 1 . | 0 0 . | . 0 .",
    ),
    ("180", {"OC2": [2, 3, 4, 5]}, "SDQ_SCORE | 0 | 40 | 41 | -1 | 9.5 | x | ."),
    ("181", {"OC2": [1, 2]}, f"{OC2} | a 1 0 1 0 1 0 1 0 | b 2 0 1 0 1 0 1 0 | c . . . . . . . x | d . . . . . . . ."),
    (
        "182",
        {"OC2": [1, 2, 3]},
        f"{OC2} | a 1 . 1 1 1 1 . . | b . . 1 1 1 . . 1 | c 1 . . . . . . . | d . 0 1 . 1 1 . ."
        " | e . . 1 . . . . . | f . . . . . . . .",
    ),
    ("192", {"OC2": [0]}, "SUBSTANCE_MISUSE INTERVENTION_RECEIVED | 1 . | 1 0 | 0 . | . ."),
    (
        "193",
        {"OC2": [0, 1]},
        "SUBSTANCE_MISUSE INTERVENTION_RECEIVED INTERVENTION_OFFERED | 0 1 . | . . 0 | 1 1 . | 0 . . | 9 1 .",
    ),
    ("196", {"OC2": [1]}, "SDQ_REASON | SDQ5 | SDQ6 | ."),
    ("197a", {"OC2": [0, 1]}, "SDQ_SCORE SDQ_REASON | 9 SDQ2 | x SDQ2 | 9 . | . SDQ2 | . ."),
    ("185", {"OC2": [1, 2, 5]}, f"{SDQ} | a . 9 . | b . 9 . | c . x . | d . . . | a . . . | z . 9 ."),
    (
        "186",
        {"OC2": [0]},
        f"{SDQ} | a 01/04/2021 . . | a 01/04/2009 . SDQ2 | a 01/04/2015 9 . | a 02/04/2021 . ."
        " | a 31/03/2009 . . | b 01/04/2015 . . | a . . .",
    ),
    (
        "188",
        {"OC2": [0, 1]},
        f"{SDQ} | a 01/04/2022 9 . | a 01/04/2022 . SDQ1 | a 31/03/2022 9 . | a 01/04/2022 . . | a . 9 .",
    ),
    ("189", {"OC2": [0, 1]}, f"{SDQ} | a 01/04/2008 9 . | a 01/04/2008 . SDQ1 | a 02/04/2008 9 . | a 01/04/2008 . ."),
    ("190", {"OC2": [1, 2]}, f"{OC2} | a 1 . . . . . . . | b 1 . . . . . . . | z . . . . . . . 0 | c . . . . . . . ."),
    ("191", {"OC2": [0], "Episodes": [5]}, f"{OC2} | a . . 1 1 1 . . . | b . . . . . . . . | f . . 1 1 1 1 . ."),
    (
        "197B",
        {"OC2": [0, 1, 2, 3]},
        f"{SDQ} | a 01/04/2021 . . | a 31/03/2022 . . | a 01/04/2008 . . | a 31/03/2009 . ."
        " | a 31/03/2021 . . | a 01/04/2022 . . | a 01/04/2021 9 . | a 01/04/2021 . SDQ1 | b 01/04/2021 . .",
    ),
    ("198", {"OC2": [1, 2]}, f"{SDQ} | a . . SDQ2 | b . . SDQ2 | z . . X | c . . ."),
    ("542", {"OC2": [0]}, "CHILD DOB CONVICTED | a 01/04/2016 0 | a 31/03/2016 0 | a 01/04/2016 . | a . 1"),
    ("543", {"OC2": [0]}, "CHILD DOB CONVICTED | a 31/03/2016 . | a 01/04/2016 . | a 31/03/2016 0 | b 31/03/2010 ."),
    (
        "544",
        {"OC2": [0, 1]},
        f"{OC2} | a 1 . . 1 1 1 . . | b 1 . . . . . . . | c 1 . 1 1 1 1 . . | d 0 . . . . . . . | e . . . . . . . .",
    ),
    ("545", {"OC2": [0]}, "CHILD DOB HEALTH_CHECK | a 01/04/2021 . | a 31/03/2021 . | a 01/04/2021 0 | b 01/04/2021 ."),
    ("546", {"OC2": [0]}, "CHILD DOB HEALTH_CHECK | a 31/03/2021 0 | a 01/04/2021 0 | a 31/03/2021 . | b 31/03/2010 1"),
    (
        "547",
        {"OC2": [0, 1]},
        f"{OC2} | a . 1 . 1 1 1 . . | b . 1 . . . . . . | c . 1 1 1 1 1 . . | d . 0 . . . . . . | e . . . . . . . .",
    ),
]

REVIEWS = [
    ("166", {"Reviews": [1, 2, 3]}, {"Reviews": "REVIEW | 01/05/2025 | 31/04/2025 | 01/05/25 | ."}),
    (
        "167",
        {"Reviews": [2, 3, 4]},
        {
            "Reviews": "REVIEW REVIEW_CODE | 01/05/2025 PN0 | 01/05/2025 PN7 | 01/05/2025 PN8 | 01/05/2025 ."
            " | . PN1 | . ."
        },
    ),
    (
        "440",
        {"Reviews": [0, 1]},
        {
            "Reviews": "DOB REVIEW REVIEW_CODE | 01/05/2021 01/05/2025 PN0 | 01/05/2020 01/05/2025 PN0"
            " | 02/05/2021 01/05/2025 PN0 | 01/05/2020 01/05/2025 PN1 | . 01/05/2025 PN0"
        },
    ),
    (
        "441",
        {"Reviews": [0]},
        {
            "Reviews": "DOB REVIEW REVIEW_CODE | 02/05/2021 01/05/2025 PN7 | 01/05/2021 01/05/2025 PN1"
            " | 02/05/2021 01/05/2025 PN0 | 02/05/2021 . PN1"
        },
    ),
    (
        "399",
        {"Episodes": [0, 1, 2], "Header": [0, 1], "Reviews": [0, 1, 2]},
        {
            "Episodes": "CHILD LS | a V3 | a V4 | b V4 | c V3 | c C2 | d V3 | e .",
            "Header": "CHILD MOTHER | a 1 | b . | c 1 | d . | e 1",
            "Reviews": "CHILD REVIEW REVIEW_CODE | a . . | a 01/05/2025 PN1 | b . PN1 | b . ."
            " | c 01/05/2025 PN1 | d . . | e 01/05/2025 PN1",
        },
    ),
    (
        "165",
        {"Header": [1, 2, 4, 6], "OC3": [0, 1]},
        {
            # In care: a to d; e was, is a care leaver now and should have no entry; f has short breaks only.
            "Header": "CHILD SEX MOTHER | a F 0 | b F . | c M 1 | d M . | e 2 1 | f F . | g F 7 | h F 1",
            "Episodes": f"{EPISODES} | a 01/01/2020 . S . C2 | b 01/01/2020 . S . C2 | c 01/01/2020 . S . C2"
            " | d 01/01/2020 . S . C2"
            " | e 01/01/2020 01/01/2024 S E8 C2 | f 01/01/2020 . S . V4 | h 01/01/2020 01/01/2024 S E8 C2",
            "OC3": f"{OC3} | e . YES . . | c . . . . | h . . . . | a . YES . .",
        },
    ),
]


def rule_of(code, year=2026):
    rules = (*care_leavers.RULES, *outcomes.RULES, *reviews.RULES)
    (rule,) = [entry for entry in rules if entry.code == code and is_valid(entry, year)]
    return rule


@pytest.mark.parametrize(("code", "rows", "tables"), [*LEAVERS, *REVIEWS])
def test_a_rule_cites_the_rows_that_break_it(code, rows, tables):
    assert cited(rule_of(code), submission(tables)) == (FAILED, rows)


@pytest.mark.parametrize(("code", "rows", "table"), OUTCOMES)
def test_rows_of_oc2_cited(code, rows, table):
    data = submission({"OC2": table, "Episodes": f"{COHORT} | g 01/06/2020 . L . C2 | f 01/01/2020 . S . C2"})
    assert cited(rule_of(code), data) == (FAILED, rows)


@pytest.mark.parametrize(("code", "rows", "now", "before"), BEFORE)
def test_rows_cited_beside_last_year(code, rows, now, before):
    assert cited(rule_of(code), submission(now, before=before)) == (FAILED, {"OC3": rows})


def test_who_is_entitled_to_leaving_care_services():
    data = submission(ENTITLED, before=ENTITLED_BEFORE)
    assert cited(rule_of("1001"), data) == (FAILED, {"OC3": [1, 2, 3, 5, 6, 7]})


def test_without_last_year_it_is_not_said_that_anybody_was_never_in_care():
    state, rows = cited(rule_of("1002"), submission({"OC3": "CHILD | a", "Episodes": "CHILD | b"}))
    assert (state, rows) == (NOT_RUN, {})


def test_every_rule_has_a_case():
    codes = {case[0] for case in (*LEAVERS, *BEFORE, *OUTCOMES, *REVIEWS)} | {"1001"}
    assert codes == {entry.code for entry in (*care_leavers.RULES, *outcomes.RULES, *reviews.RULES)}
