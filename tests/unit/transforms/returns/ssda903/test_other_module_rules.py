"""Rules on absences, orders, previous permanence, social workers and modules as such: cases of our own."""

import pytest

from tests.ssda903_text import cited, submission
from transforms.returns.entry import is_valid
from transforms.returns.rule import FAILED, NOT_RUN, run_rules
from transforms.returns.ssda903_rules import (
    deprivation_of_liberty,
    missing,
    module_integrity,
    previous_permanence,
    social_workers,
)

MIS = "CHILD DOB MISSING MIS_START MIS_END"
# a: two stretches, the second open; b: one stretch of two episodes, over; c: open since June.
CARE = (
    "CHILD DECOM DEC | a 01/01/2020 01/02/2020 | a 01/03/2020 . | b 01/01/2020 01/06/2025 | b 01/06/2025 01/09/2025"
    " | c 01/06/2025 ."
)

ABSENCES = [
    ("1004", {"Missing": [1, 2]}, {"Missing": "MIS_START | 01/05/2025 | 05/24/2025 | ."}),
    ("1005", {"Missing": [1]}, {"Missing": "MIS_END | 01/05/2025 | 01/05/25 | ."}),
    ("1006", {"Missing": [2]}, {"Missing": "MISSING | M | A | X | ."}),
    (
        "564",
        {"Missing": [0, 1]},
        {"Missing": f"{MIS} | a . M . . | a . A . . | a . M no/date . | a . . . . | a . X . ."},
    ),
    (
        "565",
        {"Missing": [0, 1]},
        {"Missing": f"{MIS} | a . . 01/05/2025 . | a . . no/date . | a . M 01/05/2025 . | a . . . ."},
    ),
    ("566", {"Missing": [0]}, {"Missing": f"{MIS} | a . . . 01/05/2025 | a . M . 01/05/2025 | a . . . ."}),
    (
        "567",
        {"Missing": [0]},
        {
            "Missing": f"{MIS} | a . M 02/05/2025 01/05/2025 | a . M 01/05/2025 01/05/2025"
            " | a . M 02/05/2025 . | a . M . 01/05/2025"
        },
    ),
    (
        "586",
        {"Missing": [0, 1]},
        {
            "Missing": f"{MIS} | a 02/05/2025 M 01/05/2025 . | a 01/05/2025 M 01/05/2025 ."
            " | a 01/05/2010 M 01/05/2025 . | a . M 01/05/2025 . | a 01/05/2010 M . ."
        },
    ),
    ("570", {"Missing": [0]}, {"Missing": "MIS_START | 01/04/2026 | 31/03/2026 | ."}),
    ("571", {"Missing": [0, 1]}, {"Missing": "MIS_END | 01/04/2026 | 31/03/2025 | 31/03/2026 | 01/04/2025 | ."}),
    (
        "574",
        {"Missing": [1, 3, 6]},
        {
            # b is listed after what follows it; c ends as the next begins; d cannot be ordered.
            "Missing": f"{MIS} | a . M 01/05/2025 03/05/2025 | a . M 02/05/2025 04/05/2025"
            " | c . M 03/05/2025 04/05/2025"
            " | b . M 09/05/2025 10/05/2025 | b . M 01/05/2025 . | c . M 01/05/2025 03/05/2025"
            " | c . M 01/04/2025 05/05/2025 | d . M . 01/05/2025 | d . M . 01/05/2025"
        },
    ),
    (
        "575",
        {"Missing": [0]},
        {
            "Missing": f"{MIS} | b . M 01/08/2025 . | b . M 01/08/2025 02/08/2025 | c . M 01/08/2025 ."
            " | b . M 02/09/2025 . | b . M 01/08/2025 no/end",
            "Episodes": CARE,
        },
    ),
    (
        "577",
        {"Missing": [1, 2, 5, 7]},
        {
            "Missing": f"{MIS} | a . M 01/03/2020 . | a . M 15/01/2020 . | b . M 01/08/2025 ."
            " | b . M 01/08/2025 01/09/2025"
            " | a . M 15/01/2020 20/01/2020 | c . M 01/05/2025 31/05/2025 | z . M 01/05/2025 ."
            " | a . M 15/01/2020 15/02/2020"
            " | b . M . . | c . M 01/05/2025 01/06/2025",
            "Episodes": CARE,
        },
    ),
    (
        "578",
        {"Missing": [0, 2, 3]},
        {
            "Missing": f"{MIS} | b . M 02/09/2025 . | b . M 01/09/2025 . | a . M 15/02/2020 ."
            " | c . M 31/05/2025 . | c . M 01/06/2030 . | z . M 01/05/2025 . | a . M . .",
            "Episodes": CARE,
        },
    ),
    (
        "580",
        {"Episodes": [0, 3]},
        {
            "Missing": f"{MIS} | a 01/06/2007 M 01/05/2025 01/06/2025 | b 01/06/2007 A 01/05/2025 01/06/2025"
            " | c 02/06/2007 M 01/05/2025 01/06/2025 | d 01/06/2007 M 01/05/2025 01/06/2025",
            "Episodes": "CHILD DEC REC | a 01/06/2025 E7 | b 01/06/2025 E8 | c 01/06/2025 E7 | d 01/06/2025 ."
            " | a 02/06/2025 E7",
        },
    ),
    (
        "581",
        {"Missing": [0, 2]},
        {
            "Missing": f"{MIS} | c . M 31/05/2025 . | c . M 01/06/2025 . | b . M 02/09/2025 ."
            " | b . M 01/06/2025 . | z . M 01/05/2025 . | c . M . . | a . M 01/01/2030 .",
            "Episodes": CARE,
        },
    ),
]

DOLO = "CHILD DOB DOLO_START DOLO_END"
ORDERS = [
    ("700", {"DoLo": [1, 2]}, {"DoLo": "DOLO_START | 01/05/2026 | 2026/05/01 | ."}),
    ("701", {"DoLo": [1]}, {"DoLo": "DOLO_END | 01/05/2026 | 31/02/2026 | ."}),
    (
        "702",
        {"DoLo": [0, 1]},
        {
            "DoLo": f"{DOLO} | a . 01/05/2026 01/05/2026 | a . 02/05/2026 01/05/2026"
            " | a . 01/05/2026 02/05/2026 | a . 01/05/2026 ."
        },
    ),
    ("703", {"DoLo": [0]}, {"DoLo": "DOLO_START | 01/04/2027 | 31/03/2027 | ."}),
    ("704", {"DoLo": [0, 1]}, {"DoLo": "DOLO_END | 31/03/2026 | 01/04/2027 | 01/04/2026 | 31/03/2027 | ."}),
    (
        "705",
        {"DoLo": [1, 4, 9]},
        {
            # a: the first is open when the second starts; b: begins before the one that ended before it; c: in turn;
            # d: the end of the first cannot be read.
            "DoLo": f"{DOLO} | a . 01/05/2026 . | a . 02/05/2026 02/06/2026 | b . 01/05/2026 02/05/2026"
            " | b . 04/05/2026 05/05/2026"
            " | b . 03/05/2026 06/05/2026 | c . 01/05/2026 01/06/2026 | c . 01/07/2026 . | c . . 01/01/2027"
            " | d . 01/05/2026 soon | d . 04/05/2026 05/05/2026"
        },
    ),
    (
        "707",
        {"DoLo": [0]},
        {"DoLo": f"{DOLO} | b . 01/08/2025 . | c . 01/08/2025 . | z . 01/08/2025 .", "Episodes": CARE},
    ),
    (
        "708",
        {"DoLo": [0, 1]},
        {
            "DoLo": f"{DOLO} | a 02/05/2026 01/05/2026 . | a 01/05/2026 01/05/2026 ."
            " | a 01/05/2010 01/05/2026 . | a . 01/05/2026 ."
        },
    ),
    (
        "709",
        {"DoLo": [0, 1], "Episodes": [0, 1]},
        {
            "DoLo": f"{DOLO} | a . 01/05/2026 02/05/2026 | b . 01/05/2026 02/05/2026"
            " | c . 01/05/2026 02/05/2026 | a . 01/05/2026 . | a . 01/02/2026 02/02/2026",
            "Episodes": "CHILD DECOM DEC PLACE | a 01/04/2026 01/05/2026 U1 | b 02/05/2026 . K1"
            " | c 01/04/2026 . K2 | a 02/05/2026 . Z12",
        },
    ),
    (
        "710",
        {"DoLo": [0, 1], "Episodes": [0, 1]},
        {
            "DoLo": f"{DOLO} | a . 01/05/2026 02/05/2026 | b . 01/05/2026 02/05/2026"
            " | c . 01/05/2026 02/05/2026 | a . 03/05/2026 04/05/2026",
            "Episodes": "CHILD DECOM DEC PLACE | a 01/04/2026 01/05/2026 P1 | b 02/05/2026 . K3"
            " | c 01/04/2026 . U1 | c 03/05/2026 . R5",
        },
    ),
]

PREV = "CHILD PREV_PERM LA_PERM DATE_PERM"
PERMANENCE = [
    (
        "630",
        {"Episodes": [0, 1, 2, 3]},
        {
            "PrevPerm": f"{PREV} | b P1 . 01/05/2020 | c . 301 01/05/2020 | d P1 301 . | e Z1 . ."
            " | f P1 301 ZZ/05/2020 | g P1 . .",
            "Episodes": "CHILD RNE DECOM | a S 01/04/2025 | b S 01/04/2025 | c S 01/04/2025 | d S 01/04/2025"
            " | e S 01/04/2025 | f S 01/04/2025 | g S 31/03/2025 | g L 01/05/2025",
        },
    ),
    ("631", {"PrevPerm": [2]}, {"PrevPerm": "PREV_PERM | P1 | Z1 | P5 | ."}),
    (
        "632",
        {"Episodes": [0, 1, 2, 6], "PrevPerm": [0, 1, 2, 6]},
        {
            "PrevPerm": f"{PREV} | a P1 301 01/05/2025 | b P1 301 xx/05/2024 | c P1 301 ZZ/05/2025"
            " | d P1 301 30/04/2025 | e P1 301 ZZ/04/2025 | f P1 301 ZZ/ZZ/ZZZZ"
            " | g P1 301 ZZ/13/2024 | h P1 301 ZZ/ZZ/2025 | i P1 301 .",
            "Episodes": "CHILD DECOM | a 01/05/2025 | b 01/05/2025 | c 01/05/2025 | d 01/05/2025"
            " | e 15/04/2025 | f 01/05/1999 | g 01/05/2025 | h 01/05/2025 | i 01/05/2025 | a 01/06/2025",
        },
    ),
    ("633", {"PrevPerm": [4, 5]}, {"PrevPerm": "LA_PERM | 301 | 837 | WAL | 999 | 458 | XX | . | 940"}),
    (
        "634",
        {"PrevPerm": [0], "Episodes": [0, 1]},
        {
            "PrevPerm": f"{PREV} | a Z1 . . | b P1 . . | c . . . | z P1 . . | d P1 . .",
            "Episodes": "CHILD DECOM | a 31/03/2016 | a 01/01/2010 | b 01/04/2016 | b 01/01/2010 | c 01/01/2010 | d .",
        },
    ),
    (
        "635",
        {"PrevPerm": [0, 1, 2]},
        {
            "PrevPerm": f"{PREV} | a . 301 . | b . . 01/05/2020 | c Z1 301 01/05/2020 | d Z1 . ."
            " | e P1 301 01/05/2020 | f . . ."
        },
    ),
]

INTEGRITY = [
    *[
        (code, {table: [1]}, {table: "CHILD | a | z", "Header": "CHILD | a | b"})
        for code, table in module_integrity._NOT_IN_HEADER
    ],
    *[
        (
            code,
            {table: [1]},
            {
                table: "CHILD DOB | a 01/05/2010 | b 01/05/2010 | c . | d 01/05/2010 | z 01/05/2010",
                "Header": "CHILD DOB | a 01/05/2010 | b 05/01/2010 | c 01/05/2010 | d .",
            },
        )
        for code, table in module_integrity._BORN_ANOTHER_DAY
    ],
    *[(code, {table: [0, 2]}, {table: "CHILD | a | b | a | . | ."}) for code, table in module_integrity._ONCE_ONLY],
    ("EPI", {"Header": [2]}, {"Header": "CHILD | a | b | c", "Episodes": "CHILD | a", "OC3": "CHILD | b"}),
]

SW = "CHILD SW_ID SW_DECOM SW_DEC SW_REASON"
WORKERS = [
    (
        "SW01aSTG1",
        2026,
        {"SWEpisodes": [0, 1]},
        {"SWEpisodes": f"{SW} | a . 31/03/2023 . . | a SW1 . . . | a . 01/04/2023 . . | a SW1 31/03/2023 . ."},
    ),
    (
        "SW01bSTG1",
        2026,
        {"SWEpisodes": [0, 1, 2]},
        {
            "SWEpisodes": f"{SW} | a . 01/04/2023 . OTHERS | a SW1 01/04/2023 . . | a SW1 . . OTHERS"
            " | a SW1 01/04/2023 . OTHERS | a . 31/03/2023 . ."
        },
    ),
    ("SW02STG1", 2026, {"SWEpisodes": [2, 3]}, {"SWEpisodes": "SW_ID | SW100 | XX100 | AA100 | ."}),
    (
        "SW03STG1",
        2024,
        {"SWEpisodes": [0, 1, 2]},
        {
            "SWEpisodes": f"{SW} | a . 01/05/2023 . OTHERS | a SW1 . . OTHERS | a SW1 01/05/2023 . ."
            " | a SW1 01/05/2023 . OTHERS"
        },
    ),
    (
        "SW04STG1",
        2026,
        {"SWEpisodes": [3, 4]},
        {"SWEpisodes": "SW_DECOM | 01/05/2025 | ZZ/ZZ/2025 | ZZ/05/ZZZZ | ZZ | 31/ZZ/25 | ."},
    ),
    (
        "SW05STG1",
        2026,
        {"SWEpisodes": [2, 3]},
        {"SWEpisodes": "SW_DEC | 01/05/2025 | ZZ/05/2025 | 32/ZZ/2025 | soon | ."},
    ),
    ("SW06STG2", 2026, {"SWEpisodes": [0]}, {"SWEpisodes": "SW_DECOM | 01/04/2026 | 31/03/2026 | 01/01/2001 | ."}),
    (
        "SW07STG2",
        2024,
        {"SWEpisodes": [0, 1]},
        {"SWEpisodes": "SW_DEC | 31/03/2023 | 01/04/2024 | 01/04/2023 | 31/03/2024 | ."},
    ),
    (
        "SW07STG2",
        2026,
        {"SWEpisodes": [0, 1]},
        {"SWEpisodes": "SW_DEC | 31/03/2024 | 01/04/2026 | 01/04/2024 | 31/03/2026 | ."},
    ),
    (
        "SW08STG2",
        2026,
        {"SWEpisodes": [1]},
        {
            "SWEpisodes": f"{SW} | a . 01/06/2025 . . | a . 01/05/2025 . . | b . 01/05/2025 01/06/2025 ."
            " | b . 01/06/2025 . . | c . no/date . . | c . 01/05/2025 . . | . . . . ."
        },
    ),
    (
        "SW09STG2",
        2026,
        {"SWEpisodes": [0]},
        {"SWEpisodes": f"{SW} | a . 01/05/2025 01/05/2025 . | a . 01/05/2025 02/05/2025 . | a . . . ."},
    ),
    (
        "SW10STG2",
        2024,
        {"SWEpisodes": [2, 3, 6]},
        {
            "SWEpisodes": f"{SW} | a . 01/05/2023 08/05/2023 . | a . 01/05/2023 20/05/2023 ."
            " | a . 28/05/2023 . . | a . 30/05/2023 . . | b . 01/05/2023 08/05/2023 ."
            " | b . 15/05/2023 16/05/2023 . | b . 01/06/2023 . FCONTA"
        },
    ),
    (
        "SW10STG2",
        2025,
        {"SWEpisodes": [1]},
        {
            "SWEpisodes": f"{SW} | a . 01/05/2024 08/05/2024 . | a . 16/05/2024 . ."
            " | b . 01/05/2024 08/05/2024 . | b . 16/05/2024 . FCONTA"
        },
    ),
    (
        "SW11aSTG2",
        2024,
        {"SWEpisodes": [1, 3]},
        {
            "SWEpisodes": f"{SW} | a . 01/05/2023 01/06/2023 . | a . 07/06/2023 . ."
            " | b . 01/05/2023 26/03/2024 . | b . . . . | c . 01/05/2023 27/03/2024 . | c . . . ."
            " | d . 01/05/2023 01/06/2023 . | d . 06/06/2023 . ."
        },
    ),
    (
        "SW11bSTG2",
        2026,
        {"SWEpisodes": [0, 2, 4]},
        {
            "SWEpisodes": f"{SW} | a . 01/05/2025 30/03/2026 . | b . 01/05/2025 01/06/2025 ."
            " | b . 01/06/2025 01/07/2025 ."
            " | c . 01/05/2025 26/03/2026 . | c . . . . | d . 01/05/2025 25/03/2026 . | d . . . ."
            " | e . 01/05/2025 . . | f . 01/05/2025 31/03/2026 ."
            " | g . 01/05/2025 30/03/2026 . | g . 01/03/2025 03/04/2026 ."
        },
    ),
    (
        "SW01STG1",
        2024,
        {"Episodes": [0, 1]},
        {
            "SWEpisodes": f"{SW} | b . 01/05/2023 . OTHERS | c SW1 . . . | c SW1 01/05/2023 . OTHERS",
            "Episodes": "CHILD DEC LS | a . C2 | b . C2 | c . C2 | d 01/06/2023 C2 | e . V4",
        },
    ),
    (
        "SW12STG2",
        2026,
        {"Episodes": [0, 3, 5]},
        {
            "SWEpisodes": f"{SW} | b . 01/01/2020 . . | b . 01/06/2025 . . | c . 01/06/2025 . . | d . 01/01/2020 . .",
            "Episodes": "CHILD DECOM DEC RNE REC LS | a 01/05/2025 . S . C2 | b 01/05/2025 . S . C2"
            " | a 01/05/2025 . S . V3 | c 01/07/2025 01/08/2025 S X1 C2"
            " | d 01/05/2025 01/06/2025 L E8 C2 | e 01/05/2025 . P . C2 | e 01/05/2025 01/06/2025 P X1 C2"
            " | a 01/01/2020 31/03/2024 S E8 C2",
        },
    ),
    ("SW13STG1", 2024, {"SWEpisodes": [1, 2]}, {"SWEpisodes": "SW_REASON | OTHERS | LAZY | ."}),
    (
        "SW13STG1",
        2026,
        {"SWEpisodes": [1, 3, 4]},
        {
            "SWEpisodes": "SW_DECOM SW_REASON | 31/03/2023 . | 01/04/2023 . | 01/05/2025 OTHERS | 01/05/2025 LAZY"
            " | 01/05/2020 LAZY | . ."
        },
    ),
    (
        "SW14STG2",
        2024,
        {"SWEpisodes": [0]},
        {"SWEpisodes": f"{SW} | a . 02/05/2023 . . | a . 01/06/2023 . . | b . 01/05/2023 . ."},
    ),
    (
        "SW17STG2",
        2026,
        {"SWEpisodes": [1, 8, 10]},
        {
            # d: an open one whose start cannot be read; e: none open; f: an entry that never started.
            "SWEpisodes": f"{SW} | a . 02/05/2025 01/06/2025 . | a . 01/06/2025 01/07/2025 ."
            " | b . 01/05/2025 01/06/2025 . | b . 01/06/2025 . . | c . 01/05/2025 01/06/2025 . | c . 01/05/2025 . ."
            " | d . 01/05/2025 01/06/2025 . | d . soon . . | e . 01/05/2025 01/06/2025 . | e . soon 01/06/2025 ."
            " | f . 01/05/2025 01/06/2025 . | f . . . ."
        },
    ),
]

MODULES = (missing, deprivation_of_liberty, previous_permanence, module_integrity, social_workers)


def rule_of(code, year):
    (rule,) = [entry for module in MODULES for entry in module.RULES if entry.code == code and is_valid(entry, year)]
    return rule


@pytest.mark.parametrize(("code", "rows", "tables"), [*ABSENCES, *PERMANENCE, *INTEGRITY])
def test_a_rule_cites_the_rows_that_break_it(code, rows, tables):
    assert cited(rule_of(code, 2026), submission(tables)) == (FAILED, rows)


@pytest.mark.parametrize(("code", "rows", "tables"), ORDERS)
def test_rows_of_orders_cited(code, rows, tables):
    assert cited(rule_of(code, 2027), submission(tables, 2027)) == (FAILED, rows)


@pytest.mark.parametrize(("code", "year", "rows", "tables"), WORKERS)
def test_rows_on_workers_cited(code, year, rows, tables):
    assert cited(rule_of(code, year), submission(tables, year)) == (FAILED, rows)


def test_an_absence_open_last_year_must_be_the_first_of_this_year():
    now = (
        f"{MIS} | a . M 01/03/2025 . | b . M 02/03/2025 . | c . M . . | d . M 01/06/2025 ."
        " | e . M 01/06/2025 . | a . M 01/06/2025 ."
    )
    before = (
        f"{MIS} | a . M 01/03/2025 . | b . M 01/03/2025 . | c . M 01/03/2025 . | d . M 01/03/2025 02/03/2025"
        " | z . M 01/03/2025 ."
    )
    data = submission({"Missing": now}, before={"Missing": before})
    assert cited(rule_of("576", 2026), data) == (FAILED, {"Missing": [1, 2]})


def test_an_order_open_last_year_is_cited_as_last_year_s_row():
    now = {"DoLo": f"{DOLO} | a . 01/03/2026 . | b . 01/05/2026 ."}
    before = {"DoLo": f"{DOLO} | a . 01/03/2026 . | c . 01/03/2026 02/03/2026 | b . 01/03/2026 . | z . 01/03/2026 ."}
    assert cited(rule_of("706", 2027), submission(now, 2027, before)) == (FAILED, {"DoLo_last": [2, 3]})


def test_without_orders_of_last_year_none_is_said_to_be_lost():
    data = submission({"DoLo": f"{DOLO} | a . 01/03/2026 ."}, 2027, {"Episodes": "CHILD | a"})
    run = run_rules(data, [rule_of("706", 2027)])
    assert [(verdict.state, verdict.needs) for verdict in run.verdicts] == [(NOT_RUN, "table DoLo of the year before")]


def test_episodes_not_loaded_is_what_rule_epi_says():
    assert cited(rule_of("EPI", 2026), submission({"Header": "CHILD | a"})) == (FAILED, {"Header": [0]})


def test_every_rule_has_a_case():
    codes = {case[0] for case in (*ABSENCES, *ORDERS, *PERMANENCE, *INTEGRITY, *WORKERS)} | {"576", "706"}
    assert codes == {entry.code for module in MODULES for entry in module.RULES}
