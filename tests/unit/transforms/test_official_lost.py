"""Official lists that once gave a wrong grade, or lost one without a word: made-up ones of those shapes."""

from __future__ import annotations

from datetime import date

import pytest

from tests.outcome_lists import GOOD, HEAD, LEEDS, POOR, RI, codes, graded, read
from tests.sheets import Value
from transforms.authorities import Register, load_register


@pytest.fixture(scope="module")
def register() -> Register:
    return load_register()


PLAIN: list[Value] = ["Local authority", "Inspection date", "Inspection type"]
LEEDS_PLAIN: list[Value] = ["Leeds", date(2024, 3, 4), "ILACS"]


@pytest.mark.parametrize("half", ["Children looked after", "Looked after children:", "Safeguarding"])
@pytest.mark.parametrize("kind", ["ILACS", "SIF"])
def test_a_half_of_the_services_is_not_the_whole_of_them(half: str, kind: str, register: Register) -> None:
    """Its grade was once that of overall effectiveness."""
    day = date(2024, 3, 4) if kind == "ILACS" else date(2015, 3, 4)
    found = read(register, [*PLAIN, f"{half} overall effectiveness"], ["Leeds", day, kind, POOR])
    assert found.statements == [] and codes(found) == ["unknown_area"]


def test_a_framework_of_one_half_has_an_overall_grade_of_it(register: Register) -> None:
    found = read(register, [*PLAIN, "Targeted looked after children overall effectiveness"],
                 ["Leeds", date(2013, 6, 4), "TLAC", POOR])  # fmt: skip
    assert graded(found) == {("looked_after_2013", "targeted", "overall"): "inadequate"}


@pytest.mark.parametrize("heading", ["SIF overall effectiveness", "CPI overall effectiveness"])
def test_a_grade_of_another_framework_is_none_of_this(heading: str, register: Register) -> None:
    found = read(register, [*PLAIN, heading], [*LEEDS_PLAIN, POOR])
    assert found.statements == [] and codes(found) == ["unknown_area"]


def test_the_name_of_all_services_above_is_no_area_of_them(register: Register) -> None:
    """Each area below it was once that of children looked after."""
    name = "Inspection of services for children in need of help and protection, children looked after and care leavers"
    head = ["Local authority", "Publication date", "Overall effectiveness", "Children who need help and protection",
            "Experiences and progress of care leavers", "Overall effectiveness"]  # fmt: skip
    above = ["", "", name, "", "", "Review of the Local Safeguarding Children Board"]
    found = read(register, above, head, ["Leeds", date(2015, 3, 27), GOOD, RI, POOR, RI])
    assert {s.area_code: s.grade_name for s in found.statements} == {
        "overall": GOOD, "help_and_protection": RI, "care_leavers": POOR, "lscb": RI,
    }  # fmt: skip
    assert {s.framework_code for s in found.statements} == {"sif"}


@pytest.mark.parametrize("unread", ["Gd", "Judged with the above"])
def test_care_leavers_without_a_known_grade_leave_open_what_was_judged(unread: str, register: Register) -> None:
    head, row = [[c for n, c in enumerate(cells) if n != 4] for cells in (HEAD, LEEDS)]
    row[4], row[-1] = date(2023, 5, 2), unread
    found = read(register, head, row)
    assert "children_in_care" not in {s.conformed_area_code for s in found.statements}
    assert codes(found) == ["unknown_area", "unknown_grade"]


def test_of_columns_that_say_the_same_none_is_passed_over(register: Register) -> None:
    found = read(register, [*HEAD, "Overall effectiveness"], [*LEEDS, "Splendid"])
    assert "overall" not in {s.area_code for s in found.statements} and codes(found) == ["grades_disagree"]


def test_numbers_under_a_heading_of_no_area_are_named_beside_numbers_that_are_grades(register: Register) -> None:
    head = [*PLAIN, "Overall effectiveness", "Practice of teams", "Number of visits"]
    found = read(register, head, [*LEEDS_PLAIN, 2.0, 4.0, 12.0], ["York", *LEEDS_PLAIN[1:], 1.0, 3.0, 0.0])
    assert len(found.statements) == 2
    assert [(p.code, p.place) for p in found.problems] == [("column_not_read", "sheet Some sheet, column E")]


def test_five_beside_ranks_is_no_rank_and_leaves_them_what_they_are(register: Register) -> None:
    head = [*PLAIN, "Overall effectiveness", "Impact of leaders"]
    found = read(register, head, [*LEEDS_PLAIN, 2.0, 5.0], ["York", *LEEDS_PLAIN[1:], 1.0, 3.0])
    assert [s.grade_code for s in found.statements] == ["good", "outstanding", "requires_improvement"]
    assert codes(found) == ["unknown_grade"]


RIGHT: list[Value] = ["Local authority", "Publication date", "ILACS overall effectiveness"]
POORER: list[list[Value]] = [[name, date(2018, 5, 1), POOR] for name in ("Leeds", "York", "Kent", "Barnet")]
LEFT: list[list[Value]] = [HEAD, *([*LEEDS[:1], "", name, *LEEDS[3:]] for name in ("Leeds", "York", "Kent", "Barnet"))]


@pytest.mark.parametrize("lower", [1, 2])
def test_a_second_table_beside_one_that_begins_lower_is_named(lower: int, register: Register) -> None:
    beside = [[""] * 3] * lower + [RIGHT, *POORER]
    found = read(register, *[[*left, "", *right] for left, right in zip(LEFT, beside, strict=False)])
    assert len(found.statements) == 20 and {s.grade_name for s in found.statements if s.area_code == "overall"} == {
        GOOD
    }
    assert [(p.code, p.place) for p in found.problems] == [("column_not_read", "sheet Some sheet, column P")]


def test_a_second_table_beside_one_that_begins_higher_is_named(register: Register) -> None:
    above = [[""] * len(HEAD)] * 2 + LEFT
    found = read(register, *[[*left, "", *right] for left, right in zip(above, [RIGHT, *POORER, [], []], strict=True)])
    assert not {s.grade_name for s in found.statements} - {POOR}
    assert {p.place for p in found.problems if p.code == "column_not_read"} == {
        f"sheet Some sheet, column {letter}" for letter in "HIJKL"
    }


def test_grades_above_the_first_table_of_a_sheet_are_named(register: Register) -> None:
    other = [["Place", "When", "Result"], *([name, date(2018, 5, 1), POOR] for name in ("Leeds", "York", "Kent"))]
    found = read(register, *other, [], HEAD, LEEDS)
    assert len(found.statements) == 5
    assert [(p.code, p.place) for p in found.problems] == [("table_not_read", "sheet Some sheet, row 2")]


def test_columns_in_other_words_are_not_those_of_another_inspection(register: Register) -> None:
    """Days and grades that are there twice, each in words of its own, were once parted by where they stand."""
    head = ["Impact of leaders", "Local authority", "Inspection type", "Date of report", "Help and protection",
            "Publication date", "Leadership and governance", "Overall effectiveness", "Inspection date"]  # fmt: skip
    row = [GOOD, "Leeds", "ILACS", date(2024, 9, 2), POOR, date(2024, 5, 1), "", RI, date(2024, 3, 4)]
    found = read(register, head, row)
    assert found.statements == [] and codes(found) == ["days_disagree"]
