"""What published counts leave of one another is a count too: it may not be of one to five. Rows are made up.

The differences are written down here by hand, as a reader would take them; nothing is read from what is declared.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

from tests import made_up_lives
from tests.made_returns import made
from tests.unit.transforms.indicators.plain import broken
from tests.unit.transforms.indicators.test_disclosure import ALONE, SEX, declare, frame, group
from tests.unit.transforms.indicators.test_disclosure_overlaps import published
from transforms.indicators.compute import compute
from transforms.indicators.derivable import derivable
from transforms.indicators.disclosure import suppress
from transforms.indicators.model import COUNT, TOTAL, Leftover, same

SMALL = range(1, 6)
POPULATION = {year: 10_000.0 for year in range(2020, 2027)}
Numbers = Mapping[tuple[str, str, str], float | None]


def numbers(result: pl.DataFrame, period: str) -> dict[tuple[str, str, str], float | None]:
    """Return numerators and denominators by indicator, part and breakdown."""
    found = {}
    chosen = result.filter(pl.col("period_code") == period)
    for code, breakdown, above, below in chosen.select(
        "indicator_code", "breakdown", "numerator", "denominator"
    ).iter_rows():
        found[code, "n", breakdown] = above
        found[code, "d", breakdown] = below
    return found


def left(told: Numbers, sum_of: str, breakdown: str) -> float | None:
    """Work out a sum such as `CLA1N.n + CLA3N.n - CLA13.d`; nothing where one of the numbers is not told."""
    total, sign = 0.0, 1.0
    for word in sum_of.split():
        if word in "+-":
            sign = 1.0 if word == "+" else -1.0
            continue
        code, _, part = word.partition(".")
        value = told.get((code, part, breakdown))
        if value is None:
            return None
        total += sign * value
    return total


CARE = (
    "CLA1N.n + CLA3N.n - CLA13.d",  # left and came back
    "CLA13.d - CLA3N.n",  # did not leave
    "CLA13.d - CLA2N.n",  # did not start
    "CLA13.d - CLA1N.n",  # left for good
    "CLA13.d - H1.d - CLA3N.n",
    "CLA13.d - H1.d - CLA2N.n",
    "H1.d + CLA2N.n - CLA1N.n",  # started and left
    "CLA1N.n + CLA3N.n - CLA2N.n - H1.d",
    "CLA2N.n + CLA3N.n + H1.d - CLA13.d",
    "H1.d - CLA6.d",
    "R1.d - H1.d",
    "CLA1N.n - R1.d",
    "CLA1N.n - CLA8.n - CLA9.n",
    "CLA1N.n - CLA8.n - CLA9.n - CLA10.n - CLA11.n",
    "CLA3N.n - AD.n - SGO.n",
    "CLA1N.n - H7.d",
    "CL1.n - CL3.n - CL5.n",
    "CLN.n - CL4.n - CL5.n",
    "CLA14.n - CLA14.d",
)
NEED = (
    "CIN8N.n - CIN9.d",  # without an enquiry
    "CIN2N.n - CIN3.n - CIN4.n",
    "CIN6.d - FAC.n",
    "CIN1N.n - CPP1N.n",  # in need and on no plan
    "CPP1N.n + CPP2EN.n - CPP2SN.n",  # on a plan when the year began
    "CPP6.d - CPP5.n",
    "CPP2SN.n + CPP6.d - CPP1N.n",
)
LISTS = (
    "AX5CN.n - AX5T.d",
    "AX8N.n + AX8EN.n - AX8SN.n",
    "AX7R.d - AX7L.n",
    "AX7N.n - AX7R3.d",
    "AX7R.d - AX7R3.d - AX7L.n",
    "AX6S8.n - AX6S2.n",
    "AX9T.d - AX9S.d",
)


def _care(seed: int, children: int) -> pl.DataFrame:
    years = made_up_lives.looked_after(seed, children, (2025, 2026))
    return compute([made("ssda903", y, tables, is_measured=True) for y, tables in years.items()], POPULATION)


def _need(seed: int, children: int) -> pl.DataFrame:
    return compute([made("cin_census", 2026, made_up_lives.in_need(seed, children))], POPULATION)


def _lists(seed: int, children: int) -> pl.DataFrame:
    day = date(2026, 1, 30)
    return compute([made("annex_a", 2026, made_up_lives.listed(seed, children, day), end=day)], POPULATION)


def _staff(seed: int, workers: int) -> pl.DataFrame:
    return compute([made("csww", 2025, made_up_lives.workforce(seed, workers))])


MADE: dict[str, tuple[Callable[[int, int], pl.DataFrame], str, tuple[str, ...]]] = {
    "ssda903": (_care, "2026", CARE),
    "cin_census": (_need, "2026", NEED),
    "annex_a": (_lists, "2026-01-30", LISTS),
}


@pytest.mark.parametrize("kind", MADE)
@pytest.mark.parametrize(("seed", "children"), [(1, 120), (2, 300)])
def test_no_difference_of_published_counts_is_of_few(kind: str, seed: int, children: int) -> None:
    make, period, sums = MADE[kind]
    whole = make(seed, children)
    result = suppress(whole)
    assert derivable(result).height == 0
    before, after = numbers(whole, period), numbers(result, period)
    places = {breakdown for _, _, breakdown in before}
    few = [(s, b) for s in sums for b in places if left(before, s, b) in SMALL]
    assert len(few) > 3  # else nothing is shown
    assert [(s, b) for s, b in few if left(after, s, b) is not None] == []


@pytest.mark.parametrize("make", [_care, _need, _lists, _staff])
@pytest.mark.parametrize("seed", range(4))
def test_what_is_declared_holds_in_lives_without_faults(make: Callable[[int, int], pl.DataFrame], seed: int) -> None:
    for size in (12, 60):
        assert broken(make(10 + seed, size), is_clean=True) == []


def _spells(child: str, *spells: tuple[date, date | None]) -> list[dict[str, Any]]:
    row = {"CHILD": child, "RNE": "S", "LS": "C2", "PLACE": "U4", "PL_POST": "A"}
    return [
        {**row, "DECOM": begun, "DEC": ended, "REC": "E4A" if ended is not None else None} for begun, ended in spells
    ]


def test_children_who_left_and_came_back_are_not_told_by_three_numbers() -> None:
    """40 stay, 20 leave, 3 leave and come back: 43 and 23 are 66, of 63 children."""
    begun, left_on, back = date(2024, 1, 1), date(2025, 9, 1), date(2026, 1, 5)
    episodes = [row for n in range(40) for row in _spells(f"S{n}", (begun, None))]
    episodes += [row for n in range(20) for row in _spells(f"L{n}", (begun, left_on))]
    episodes += [row for n in range(3) for row in _spells(f"B{n}", (begun, left_on), (back, None))]
    children = sorted({row["CHILD"] for row in episodes})
    header = [{"CHILD": child, "DOB": date(2012, 5, 1), "SEX": "F", "ETHNIC": "WBRI"} for child in children]
    tables = {"Header": header, "Episodes": episodes, "Missing": []}
    whole = numbers(compute([made("ssda903", 2026, tables)]), "2026")
    assert [left(whole, s, TOTAL) for s in ("CLA1N.n", "CLA3N.n", "CLA13.d", CARE[0])] == [43, 23, 63, 3]
    told = numbers(published("ssda903", 2026, tables), "2026")
    assert left(told, CARE[0], TOTAL) is None
    # The number of the year gives way; what more rests on stays.
    assert (left(told, "CLA1N.n", TOTAL), left(told, "CLA3N.n", TOTAL)) == (43, 23)


def test_conferences_without_an_enquiry_are_not_told() -> None:
    day = date(2025, 6, 2)
    key = [{"LAchildID": f"C{n}", "CINdetailsID": 1} for n in range(30)]
    details = [{**k, "CINreferralDate": day} for k in key]
    for row in details[27:]:
        row["DateOfInitialCPC"] = day + timedelta(10)
    enquiries = [
        {**k, "S47ActualStartDate": day, "DateOfInitialCPC": day + timedelta(10 if n < 20 else 30)}
        for n, k in enumerate(key[:27])
    ]
    tables = {
        "ChildIdentifiers": [{"LAchildID": k["LAchildID"], "Sex": "F"} for k in key],
        "CINdetails": details,
        "Section47": enquiries,
    }
    whole = numbers(compute([made("cin_census", 2026, tables)]), "2026")
    assert left(whole, NEED[0], TOTAL) == 3
    told = numbers(published("cin_census", 2026, tables), "2026")
    assert left(told, NEED[0], TOTAL) is None
    assert left(told, "CIN8N.n", TOTAL) == 30


def test_a_conference_count_does_not_give_the_other_in_a_breakdown() -> None:
    """No conference comes before its enquiry: the two counts are one, and what one hides the other may not tell."""
    begun, held = date(2025, 12, 1), date(2025, 12, 12)
    kinds = [("a) WBRI", 30), ("b) MWBC", 3), ("c) AIND", 9)]
    rows = [
        {
            "Child Unique ID": f"{kind}{n}",
            "Ethnicity": kind,
            "Gender": "a) Male",
            "Strategy discussion initiating Section 47 Enquiry Start Date": begun,
            "Date of Initial Child Protection Conference": held,
        }
        for kind, count in kinds
        for n in range(count)
    ]
    told = numbers(published("annex_a", 2026, {"list_5": rows}, end=date(2026, 1, 30)), "2026-01-30")
    for name in ("Mixed or multiple", "Asian or Asian British"):
        group_of = f"Ethnic group | {name}"
        assert (left(told, "AX5CN.n", group_of), left(told, "AX5T.d", group_of)) == (None, None)


WHOLE = declare("A", COUNT, counts=("a", ""), dimensions=(SEX,))
PART = declare(
    "B", COUNT, counts=("b", ""), dimensions=(SEX,), leaves=(Leftover(same("a"), same("b"), holds_always=False),)
)


def test_what_only_holds_without_faults_is_taken_to_hold_until_numbers_speak_against_it() -> None:
    """Of A and B the parts of B are those of A where nobody is left; where B is greater it is no part of A."""
    entries = {"A": WHOLE, "B": PART}

    def hidden(total: float) -> pl.DataFrame:
        rows = [("A", TOTAL, 20, None), ("A", "Sex | F", None, None), ("A", "Sex | M", None, None)]
        rows += [("B", TOTAL, total, None), ("B", "Sex | F", 3, None), ("B", "Sex | M", 17, None)]
        return frame([*rows, ("A", "Sex | U", 0, None), ("B", "Sex | U", 0, None)])

    kinds = derivable(hidden(20), entries).filter(pl.col("count_name") == "a")["kind"].to_list()
    assert kinds == ["count"]  # 3 of A: no fewer than of B, and no more with 17 beside it
    against = hidden(30).with_columns(
        pl.when((pl.col("indicator_code") == "B") & (pl.col("breakdown") == "Sex | M"))
        .then(27.0)
        .otherwise("numerator")
        .alias("numerator")
    )
    assert derivable(against, entries).filter(pl.col("count_name") == "a").height == 0
    assert derivable(suppress(against, entries), entries).height == 0


def test_bounds_within_one_to_five_tell_more_than_the_symbol() -> None:
    found = {}
    for total in (44, 45, 46):
        parts = [("N", "Sex | F", None, None), ("N", "Sex | M", None, None), ("N", "Sex | U", 40, None)]
        found[total] = derivable(frame([("N", TOTAL, total, None), *parts]), ALONE).height
    assert found == {44: 2, 45: 1, 46: 0}  # each of 1 to 3; five in both together; six


def test_a_part_of_a_part_counts_though_what_is_between_is_hidden() -> None:
    outer = declare("O", COUNT, counts=("o", ""))
    middle = declare("M", COUNT, counts=("m", ""), within=("o",))
    inner = declare("I", COUNT, counts=("i", ""), within=("m",))
    entries = {entry.code: entry for entry in (outer, middle, inner)}
    told = frame([("O", TOTAL, 40, None), ("M", TOTAL, None, None), ("I", TOTAL, 37, None)])
    assert "remainder" in derivable(told, entries)["kind"].to_list()


def test_suppression_by_sex_stays_as_wide_as_before_where_nothing_is_left() -> None:
    entries = {"A": WHOLE, "B": dataclasses.replace(PART, dimensions=())}
    rows = pl.concat([group([20, 30, 0], "A"), frame([("B", TOTAL, 40, None)])])
    assert suppress(rows, entries)["numerator"].null_count() == 0


def _plans(previous: list[int | None]) -> pl.DataFrame:
    rows = [
        {
            "LAchildID": f"C{n}",
            "CINdetailsID": 1,
            "CPPID": 1,
            "CPPstartDate": date(2025, 6, 2),
            "NumberOfPreviousCPP": value,
        }
        for n, value in enumerate(previous)
    ]
    tables = {"ChildIdentifiers": [{"LAchildID": row["LAchildID"], "Sex": "F"} for row in rows]}
    found = compute([made("cin_census", 2026, {**tables, "ChildProtectionPlans": rows})])
    return found.filter(pl.col("indicator_code").is_in(["CPP3", "CPP3N"]) & (pl.col("breakdown") == TOTAL))


def test_a_missing_number_of_earlier_plans_is_told() -> None:
    whole = _plans([0] * 20 + [1] * 10)
    assert whole["value_status"].to_list() == ["reported", "reported"]
    gaps = _plans([0] * 20 + [1] * 10 + [None])
    assert gaps["value_status"].to_list() == ["unreliable", "unreliable"]
    assert gaps["numerator"].to_list() == [10, 10]
    assert gaps["denominator"].to_list()[0] == 31
    assert all("missing" in note for note in gaps["note"])
    assert not any(character.isdigit() for note in gaps["note"] for character in note)


def test_a_missing_number_in_a_list_is_told() -> None:
    rows = [
        {
            "Child Unique ID": f"C{n}",
            "Date Started to be Looked After": date(2024, 1, 1),
            "Number of Placements in the Last 12 months": None if n == 0 else 3,
        }
        for n in range(20)
    ]
    found = compute([made("annex_a", 2026, {"list_8": rows}, end=date(2026, 1, 30))], POPULATION)
    status = {
        code: state
        for code, breakdown, state in found.select("indicator_code", "breakdown", "value_status").iter_rows()
        if breakdown == TOTAL
    }
    assert (status["AX8P"], status["AX8V"]) == ("unreliable", "reported")
