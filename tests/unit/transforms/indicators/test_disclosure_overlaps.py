"""Indicators that overlap: what one publishes must not give what another withholds. Rows are made up.

Every test subtracts, or compares, as a reader would who knows what the numbers count.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl
import pytest

from tests.made_returns import made
from transforms.indicators.compute import compute
from transforms.indicators.derivable import derivable
from transforms.indicators.disclosure import suppress

SMALL = range(1, 6)


def published(code: str, year: int, tables: Mapping[str, Any], **more: Any) -> pl.DataFrame:
    result = suppress(compute([made(code, year, tables, **more)], {year - 1: 1000.0}))
    assert derivable(result).height == 0
    return result


def told(result: pl.DataFrame, code: str, part: str, breakdown: str = "Total") -> float | None:
    found = result.filter((pl.col("indicator_code") == code) & (pl.col("breakdown") == breakdown))
    value: float | None = found[part].to_list()[0]
    return value


def less(whole: float | None, part: float | None) -> float | None:
    """Return what anyone could subtract; nothing where one of the two is not told."""
    return None if whole is None or part is None else whole - part


def _staff(posts: int, agency: int, seniors: int = 0, vacancies: float = 20.0) -> dict[str, Any]:
    since = date(2020, 1, 1)
    rows = [
        {
            "AgencyWorker": 0,
            "SWENo": f"SW{n}",
            "FTE": 1.0,
            "RoleStartDate": since,
            "OrgRole": "1" if n < seniors else "5",
        }
        for n in range(posts)
    ]
    rows += [
        {"AgencyWorker": 1, "SWENo": f"AG{n}", "FTE": 1.0, "RoleStartDate": since, "OrgRole": "5"}
        for n in range(agency)
    ]
    own = {"NumberOfVacancies": vacancies, "NoAgencyFTE": 10.0, "NoAgencyHeadcount": 10}
    return {"CSWWWorker": rows, "LALevelVacancies": [own]}


def test_few_agency_workers_are_not_what_all_workers_leave_without_those_in_post() -> None:
    result = published("csww", 2025, _staff(50, 3))
    assert told(result, "W3H", "numerator") is None
    assert less(told(result, "W3H", "denominator"), told(result, "W9", "numerator")) is None
    assert less(told(result, "W3", "denominator"), told(result, "W8", "numerator")) is None
    # The number of those in post is worth more than a share's denominator, and stays.
    assert (told(result, "W9", "numerator"), told(result, "W8", "numerator")) == (50.0, 50.0)


def test_few_agency_workers_of_a_role_are_not_either() -> None:
    result = published("csww", 2025, _staff(50, 3))
    role = "Role | Case holder"
    assert less(told(result, "W3H", "denominator", role), told(result, "W9", "numerator", role)) is None


def test_few_vacancies_are_not_what_all_posts_leave_without_those_filled() -> None:
    result = published("csww", 2025, _staff(50, 12, vacancies=2.0))
    assert told(result, "W2", "numerator") is None
    assert less(told(result, "W2", "denominator"), told(result, "W8", "numerator")) is None


def test_few_full_time_equivalents_are_not_told_in_working_days() -> None:
    result = published("csww", 2025, _staff(50, 12, seniors=4))
    role = "Role | Senior manager"
    assert told(result, "W8", "numerator", role) is None
    assert told(result, "W6", "denominator", role) is None
    assert told(result, "W6", "denominator") == 50 * 253


def test_nothing_is_withheld_of_a_workforce_without_small_numbers() -> None:
    result = published("csww", 2025, _staff(50, 12))
    assert (told(result, "W3", "numerator"), told(result, "W3", "denominator")) == (12.0, 62.0)
    assert (told(result, "W2", "numerator"), told(result, "W2", "denominator")) == (20.0, 70.0)


def test_what_was_given_away_before_costs_nothing_more() -> None:
    """Published before the two were tied together: it cannot be taken back, and hiding all else would not help."""
    before = suppress(compute([made("csww", 2025, _staff(50, 3))]))
    shares = compute([made("csww", 2025, _staff(50, 3))]).filter(pl.col("indicator_code").is_in(["W3", "W3H"]))
    told_then = pl.col("breakdown") == "Total"
    leaky = pl.concat(
        [
            before.filter(~pl.col("indicator_code").is_in(["W3", "W3H"]) | ~told_then),
            shares.filter(told_then).with_columns(
                *(pl.lit(None, pl.Float64).alias(n) for n in ("numerator", "value", "value_unrounded")),
                pl.lit("suppressed").alias("value_status"),
            ),
        ]
    )
    whole = compute([made("csww", 2025, _staff(52, 3))])
    result = suppress(whole, earlier=leaky)
    assert (told(result, "W9", "numerator"), told(result, "W3H", "numerator")) == (52.0, None)
    assert told(result, "W3H", "denominator") is None
    assert derivable(result, earlier=leaky).height == 0


def _care(**counts: int) -> dict[str, Any]:
    """Return children by ethnic group who stayed all year (`WBRI`) or left in it (`WBRI_left`)."""
    header, episodes = [], []
    for name, count in counts.items():
        group, _, has_left = name.partition("_")
        for n in range(count):
            child = f"{name}{n}"
            header.append({"CHILD": child, "DOB": date(2012, 5, 1), "SEX": "F", "ETHNIC": group})
            row = {"CHILD": child, "DECOM": date(2024, 1, 1), "RNE": "S", "LS": "C2", "PLACE": "U4", "PL_POST": "A"}
            episodes.append({**row, "DEC": date(2025, 9, 1), "REC": "E4A"} if has_left else row)
    return {"Header": header, "Episodes": episodes, "Missing": []}


def test_few_who_left_are_not_what_the_year_leaves_without_its_last_day() -> None:
    tables = _care(WBRI=40, AIND=23, MWBC=12, WBRI_left=20, AIND_left=2, MWBC_left=8)
    result = published("ssda903", 2026, tables)
    group = "Ethnic group | Asian or Asian British"
    assert told(result, "CLA3N", "numerator", group) is None
    assert less(told(result, "CLA13", "denominator", group), told(result, "CLA1N", "numerator", group)) is None
    # Of the two the number of the year gives way, for nothing else rests on it.
    assert told(result, "CLA1N", "numerator") == 75.0


def test_the_ages_of_those_scored_are_not_those_withheld_of_all() -> None:
    """All of 5 to 15 looked after for twelve months are of the age for a score: the two counts are one."""
    births = {date(2023, 5, 1): 3, date(2019, 5, 1): 6, date(2012, 5, 1): 7, date(2009, 5, 1): 3}
    header = [
        {"CHILD": f"{born}{n}", "DOB": born, "SEX": "F", "ETHNIC": "WBRI"}
        for born, k in births.items()
        for n in range(k)
    ]
    row = {"DECOM": date(2024, 1, 1), "RNE": "S", "LS": "C2", "PLACE": "U4", "PL_POST": "A"}
    health = {"SDQ_SCORE": 12, "HEALTH_ASSESSMENT": True, "HEALTH_CHECK": True, "CONVICTED": False}
    tables = {
        "Header": header,
        "Episodes": [{"CHILD": child["CHILD"], **row} for child in header],
        "OC2": [{"CHILD": child["CHILD"], **health} for child in header],
    }
    result = published("ssda903", 2026, tables)
    for age in ("5 to 9", "10 to 15"):
        both = [told(result, code, "denominator", f"Age | {age} years") for code in ("H1", "H7")]
        assert both[0] == both[1]


def test_those_without_an_assessment_are_not_what_not_known_leaves() -> None:
    """Of 60, 11 have no row and 46 an assessment: three were there and had none."""
    tables = _care(WBRI=60)
    children = [row["CHILD"] for row in tables["Header"]]
    tables["OC2"] = [{"CHILD": child, "HEALTH_ASSESSMENT": n < 46} for n, child in enumerate(children[:49])]
    result = published("ssda903", 2026, tables)
    left = less(told(result, "H1", "denominator"), told(result, "H1", "numerator"))
    assert less(left, told(result, "H0", "numerator")) not in SMALL


@pytest.mark.parametrize("few", [1, 3, 5])
def test_visits_of_ten_days_and_of_four_weeks_leave_no_few(few: int) -> None:
    day = date(2026, 1, 30)
    visits = [date(2026, 1, 28)] * 20 + [date(2026, 1, 5)] * few + [date(2025, 6, 1)] * 20
    rows = [
        {"Child Unique ID": f"C{n}", "Child Protection Plan Start Date": date(2025, 5, 1), **{LAST_VISIT: visit}}
        for n, visit in enumerate(visits)
    ]
    result = published("annex_a", 2026, {"list_7": rows}, end=day)
    assert less(told(result, "AX7V4", "numerator"), told(result, "AX7V", "numerator")) is None


LAST_VISIT = "Date of the Last Statutory Visit"


def test_one_mistyped_birth_date_withholds_nothing_else() -> None:
    tables = _care(WBRI=30, MWBC=12)
    tables["OC2"] = [
        {"CHILD": row["CHILD"], "HEALTH_ASSESSMENT": True, "HEALTH_CHECK": True} for row in tables["Header"]
    ]
    for row in tables["Header"][1:13]:
        row["DOB"] = date(2022, 5, 1)
    tables["Header"][0]["DOB"] = date(2027, 5, 1)
    result = published("ssda903", 2026, tables)
    assert (told(result, "H1", "numerator"), told(result, "H1", "denominator")) == (42.0, 42.0)
    whole = compute([made("ssda903", 2026, tables)])
    assert told(whole, "H4", "denominator") == 12.0
    assert told(whole, "H1", "denominator", "Age | Not known") == 1.0


def test_adopted_children_without_a_date_of_entering_care_do_not_stop_a_return() -> None:
    row = {
        "Date of Birth": date(2020, 1, 1),
        "Date of Placement Order": date(2023, 1, 1),
        "Date of Matching Child and Prospective Adopters": date(2023, 6, 1),
        "Date Placed for Adoption": date(2024, 1, 1),
        "Date of Adoption Order": date(2025, 9, 1),
    }
    rows = [{"Child Unique ID": f"C{n}", **row} for n in range(3)]
    result = published("annex_a", 2026, {"list_10": rows}, end=date(2026, 1, 31))
    assert told(result, "AX10", "denominator") == 0
    assert told(result, "AX10M", "denominator") is None
