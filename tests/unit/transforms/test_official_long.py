"""Official lists with a row for each judgement: made-up ones, told apart column by column as wide ones are."""

from __future__ import annotations

import random
from datetime import date

import pytest

from tests.outcome_lists import GOOD, HEAD, LEEDS, POOR, RI, codes, graded, read
from tests.sheets import Value, ods
from transforms.authorities import Register, load_register
from transforms.errors import UnknownSourceError
from transforms.official_list import OfficialList, Statement, read_official_list, recognise

OWN = ["Local authority", "Inspection date", "Publication date", "Inspection type"]
LONG = [*OWN, "Judgement", "Outcome"]
LEEDS_OWN: list[Value] = ["Leeds", date(2024, 3, 4), date(2024, 5, 1), "ILACS Standard Inspection"]
AREAS = HEAD[7:]
GIVEN = [GOOD, GOOD, RI, GOOD, POOR]


@pytest.fixture(scope="module")
def register() -> Register:
    return load_register()


def rows(own: list[Value], *pairs: tuple[str, Value]) -> list[list[Value]]:
    return [[*own, area, grade] for area, grade in pairs]


LEEDS_ROWS = rows(LEEDS_OWN, *zip(AREAS, GIVEN, strict=True))
ELSEWHERE = rows(["York", date(2019, 3, 4), date(2019, 5, 1), "ILACS Short Inspection"],
                 *zip(AREAS[:4], [RI, RI, GOOD, POOR], strict=True))  # fmt: skip


def test_a_row_is_one_grade_in_its_cell(register: Register) -> None:
    found = read(register, ["Outcomes as at 31 March 2024"], LONG, *LEEDS_ROWS)
    assert found.statements[1] == Statement(
        "Some sheet", 4, "F", "ilacs", "standard", "383", "Leeds", None, date(2024, 3, 4), date(2024, 5, 1),
        "leadership", "leadership", AREAS[1], "good", "Good",
    )  # fmt: skip
    assert graded(found) == graded(read(register, HEAD, LEEDS)) and found.problems == []


@pytest.mark.parametrize(
    ("area", "grade"),
    [
        ("Judgement area", "Judgement"), ("Judgement type", "Judgement grade"), ("Provision", "Outcome"),
        ("Provision", "Judgement"), ("Judgement", "Judgement outcome"), ("Sub-judgement", "Inspection outcome"),
        ("Aspect", "Rating"), ("judgement_area", "judgement_grade"), ("Judgement [note 1]", "Grade (1)"),
        ("Judgment", "Result"), ("Area", "Grade awarded"),
    ],
)  # fmt: skip
def test_columns_of_areas_and_grades_are_told_by_either_heading(area: str, grade: str, register: Register) -> None:
    found = read(register, [*OWN, area, grade], *LEEDS_ROWS)
    assert graded(found) == graded(read(register, HEAD, LEEDS)) and found.problems == []


@pytest.mark.parametrize("seed", range(12))
def test_order_of_rows_and_columns_does_not_matter(seed: int, register: Register) -> None:
    draw = random.Random(seed)
    order = draw.sample(range(len(LONG)), len(LONG))
    body = [*LEEDS_ROWS, *ELSEWHERE, []]
    draw.shuffle(body)
    whole = read(register, LONG, *LEEDS_ROWS, *ELSEWHERE)
    found = read(register, *[[row[n] if row else "" for n in order] for row in [LONG, *body]])
    said = {(s.la_code, s.published_date, s.area_code): (s.grade_code, s.inspection_type) for s in found.statements}
    assert said == {
        (s.la_code, s.published_date, s.area_code): (s.grade_code, s.inspection_type) for s in whole.statements
    }
    assert len(said) == 9 and found.problems == []
    assert said["816", date(2019, 5, 1), "children_in_care_and_care_leavers"] == ("inadequate", "short")


def test_every_era_is_told_by_its_own_words(register: Register) -> None:
    own = [c for c in LONG if c != "Inspection type"]
    body = [
        ["Leeds", "", date(2011, 3, 4), "SLAC safeguarding overall effectiveness", RI],
        ["Leeds", "", date(2011, 3, 4), "SLAC looked after children overall effectiveness", GOOD],
        ["Leeds", "", date(2013, 2, 4), "CPI overall effectiveness", "Adequate"],
        ["Leeds", "", date(2015, 3, 27), "Leadership, management and governance", "Outstanding"],
        ["Leeds", "", date(2015, 3, 27), "LSCB", GOOD],
        ["Leeds", "", date(2022, 4, 1), "The impact of leaders on social work practice", POOR],
    ]
    assert graded(read(register, own, *body)) == {
        ("slac", "inspection", "safeguarding_overall_effectiveness"): "adequate",
        ("slac", "inspection", "looked_after_overall_effectiveness"): "good",
        ("child_protection", "inspection", "overall_effectiveness"): "adequate",
        ("sif", None, "leadership"): "outstanding", ("sif", None, "lscb"): "good",
        ("ilacs", None, "leadership"): "inadequate",
    }  # fmt: skip


def test_words_without_a_framework_are_of_the_only_inspection_of_their_days(register: Register) -> None:
    own = [c for c in LONG if c != "Inspection type"]
    body = [["Leeds", "", date(2016, 5, 4), area, GOOD] for area in ("SIF re-inspection overall judgement", "LSCB")]
    found = read(register, own, *body)
    assert {(s.inspection_type, s.area_code) for s in found.statements} == {
        ("re_inspection", "overall"), ("re_inspection", "lscb"),
    }  # fmt: skip


def test_visits_are_rows_without_a_grade(register: Register) -> None:
    found = read(register, LONG, [*LEEDS_OWN[:3], "ILACS focused visit", "", ""], *ELSEWHERE)
    assert [(s.inspection_type, s.area_code, s.column, s.row) for s in found.statements[:1]] == [
        ("focused_visit", None, "B", 2)
    ]


@pytest.mark.parametrize("nothing", ["", "-", "Not judged", "[x]", "[c]", "N/A"])
def test_no_judgement_gives_no_row(nothing: str, register: Register) -> None:
    found = read(register, LONG, *LEEDS_ROWS[:4], [*LEEDS_OWN, AREAS[4], nothing])
    assert len(found.statements) == 4 and found.problems == []


def test_whose_services_are_meant_is_said_in_a_column_of_its_own(register: Register) -> None:
    head = [*OWN, "Provision", "Judgement", "Outcome"]
    slac: list[Value] = ["Leeds", "", date(2011, 3, 4), "SLAC"]
    found = read(
        register, head,
        [*slac, "Safeguarding", "Overall effectiveness", GOOD],
        [*slac, "Looked after children", "Overall effectiveness", POOR],
        *[[*LEEDS_OWN, "Local authority children's services", area, RI] for area in AREAS[:2]],
        *[[*LEEDS_OWN, other, AREAS[2], GOOD] for other in ("Children's home", "Independent fostering agency", "")],
    )  # fmt: skip
    assert [(s.area_code, s.grade_name, s.row) for s in found.statements] == [
        ("safeguarding_overall_effectiveness", GOOD, 2), ("looked_after_overall_effectiveness", POOR, 3),
        ("overall", RI, 4), ("leadership", RI, 5),
    ]  # fmt: skip
    assert [(p.code, p.place) for p in found.problems] == [
        ("unknown_area", f"sheet Some sheet, row {row}, column F") for row in (6, 7, 8)
    ]


def test_a_sub_judgement_is_no_judgement_of_what_it_is_under(register: Register) -> None:
    head = [*OWN, "Key judgement", "Sub-judgement", "Grade"]
    own: list[Value] = ["Leeds", "", date(2015, 3, 27), "SIF"]
    care = "Children looked after and achieving permanence"
    body = [
        ["", GOOD],
        ["Adoption performance", POOR],
        ["Experiences and progress of care leavers", RI],
        ["Overall", POOR],
    ]
    found = read(register, head, *[[*own, care, *row] for row in body])
    assert {s.area_code: s.grade_name for s in found.statements} == {
        "children_in_care": GOOD, "adoption": POOR, "care_leavers": RI,
    }  # fmt: skip
    assert codes(found) == ["unknown_area"] and "Overall" in found.problems[0].message


WRONG = {
    "an area of nothing": (["Partnership working"], GOOD, "unknown_area"),
    "an area of another inspection": (["Previous overall effectiveness", "First ILACS overall"], GOOD, "unknown_area"),
    "no area": ([""], GOOD, "unknown_area"),
    "an area of homes": (["Overall experiences and progress", "Children's homes overall"], GOOD, "unknown_area"),
    "an area of another framework": (["SIF: adoption performance", "SIF help and protection"], GOOD, "unknown_area"),
    "no grade": (["Help and protection"], "Splendid", "unknown_grade"),
    "a number among words": (["Help and protection"], "2", "unknown_grade"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_not_sure_is_left_out_and_named(wrong: str, register: Register) -> None:
    areas, grade, code = WRONG[wrong]
    kept = [LEEDS_ROWS[n] for n in (0, 1, 3, 4)]
    for area in areas:
        found = read(register, LONG, *kept, [*LEEDS_OWN, area, grade])
        assert {s.area_code for s in found.statements} == {"overall", "leadership", "children_in_care", "care_leavers"}
        assert [(p.code, "row 6" in (p.place or "")) for p in found.problems] == [(code, True)]


def test_two_grades_of_one_area_are_neither_taken(register: Register) -> None:
    again = [*LEEDS_OWN, "Overall effectiveness", POOR]
    found = read(register, LONG, *LEEDS_ROWS, again)
    assert len(found.statements) == 4 and "overall" not in {s.area_code for s in found.statements}
    assert [(p.code, p.found) for p in found.problems] == [("grades_disagree", "Good / Inadequate")]
    assert len(read(register, LONG, *LEEDS_ROWS, LEEDS_ROWS[0]).statements) == 5
    apart = {"One": [LONG, *LEEDS_ROWS], "Other": [HEAD, [*LEEDS[:7], POOR, *LEEDS[8:]]]}
    both = read_official_list(ods(apart), "a" * 64, register)
    assert codes(both) == ["list_contradicts_itself"] and "overall" not in {s.area_code for s in both.statements}


def test_a_number_and_words_of_one_grade_must_agree(register: Register) -> None:
    head = [*OWN, "Judgement", "Grade", "Grade description"]
    number = {GOOD: 2.0, RI: 3.0, POOR: 4.0}
    body = [[*row[:5], number[str(row[5])], row[5]] for row in LEEDS_ROWS]
    assert graded(read(register, head, *body)) == graded(read(register, HEAD, LEEDS))
    body[0][5] = 4.0
    found = read(register, head, *body)
    assert codes(found) == ["grades_disagree"] and len(found.statements) == 4


def test_a_grade_in_one_of_two_columns_counts_only_where_they_never_differ(register: Register) -> None:
    """Of one area the two may agree by chance."""
    head = [*OWN, "Judgement", "Rating", "Result"]
    body = [[*row, row[5]] for row in LEEDS_ROWS]
    body[0][5] = ""
    assert len(read(register, head, *body).statements) == 5
    body[1][6] = POOR
    found = read(register, head, *body)
    assert [s.area_code for s in found.statements] == ["help_and_protection", "children_in_care", "care_leavers"]
    assert codes(found) == ["grades_disagree"] * 2


def test_numbers_are_grades_where_the_column_has_nothing_else(register: Register) -> None:
    numbers: list[Value] = [2.0, 2.0, 3.0, 1.0, 5.0]
    body = [[*row[:5], number] for row, number in zip(LEEDS_ROWS, numbers, strict=True)]
    found = read(register, LONG, *body)
    assert [s.grade_code for s in found.statements] == ["good", "good", "requires_improvement", "outstanding"]
    assert codes(found) == ["unknown_grade"]  # 5 is no grade
    body[4][5] = 17.0
    assert read(register, LONG, *body).statements == []


UNSURE = {
    "forms mixed": [*LONG, "Overall effectiveness"],
    "two columns of areas": [*LONG, "Judgement area", "Aspect"],
    "days of two inspections": [*LONG, "First inspection date"],
    "judgements beside grades": [*OWN, "Judgement area", "Grade", "Judgement"],
}


@pytest.mark.parametrize("form", UNSURE)
def test_a_list_of_no_one_form_is_not_read_and_named(form: str, register: Register) -> None:
    found = read(register, UNSURE[form], *[[*row, GOOD, GOOD] for row in LEEDS_ROWS])
    assert found.statements == []
    assert [(p.code, p.place) for p in found.problems] == [("table_not_read", "sheet Some sheet, row 1")]


def test_grades_and_days_of_before_are_of_another_inspection(register: Register) -> None:
    head = [*LONG, "Previous inspection date", "Previous grade", "Previous overall effectiveness"]
    found = read(register, head, *[[*row, date(2018, 1, 9), POOR, POOR] for row in LEEDS_ROWS])
    assert graded(found) == graded(read(register, HEAD, LEEDS))
    assert [(p.code, p.place) for p in found.problems] == [
        ("column_not_read", "sheet Some sheet, column H"), ("column_not_read", "sheet Some sheet, column I"),
    ]  # fmt: skip


def test_cells_merged_over_the_rows_of_an_inspection_are_not_guessed(register: Register) -> None:
    blank = [["", "", "", "", *row[4:]] for row in LEEDS_ROWS[1:]]
    found = read(register, LONG, LEEDS_ROWS[0], *blank)
    assert [s.area_code for s in found.statements] == ["overall"]
    assert codes(found) == ["unknown_place"] and "rows 3, 4, 5, 6 not taken" in found.problems[0].message


def test_totals_titles_and_notes_among_the_rows_give_nothing(register: Register) -> None:
    body = [["North"], *LEEDS_ROWS, [], ["England", "", "", "", "Overall effectiveness", 153.0], ["Source: Ofsted"]]
    found = read(register, ["A title"], [], LONG, *body)
    assert graded(found) == graded(read(register, HEAD, LEEDS)) and codes(found) == ["no_date"]


@pytest.mark.parametrize("gap", [0, 1])
def test_long_lists_side_by_side_are_read_each_for_itself(gap: int, register: Register) -> None:
    beside = [[*left, *[""] * gap, *right] for left, right in zip([LONG, *LEEDS_ROWS], [LONG, *ELSEWHERE, []],
                                                                  strict=True)]  # fmt: skip
    found = read(register, *beside)
    assert [(s.la_code, s.column) for s in found.statements] == [("383", "F")] * 5 + [("816", "LM"[gap])] * 4


def test_a_long_list_and_a_wide_one_below_each_other_are_both_read(register: Register) -> None:
    york = [*LEEDS[:1], "", "York", "North", date(2019, 12, 2), date(2020, 2, 3), *LEEDS[6:11], ""]
    found = read(register, LONG, *LEEDS_ROWS, [], ["Table 2"], HEAD, york)
    assert [(s.la_code, s.row) for s in found.statements] == [("383", n) for n in range(2, 7)] + [("816", 10)] * 4


PROVIDERS = {
    "columns": ["URN", "Provider name", *LONG[2:]],
    "no day": ["Local authority", "Judgement", "Outcome"],
}


@pytest.mark.parametrize("head", PROVIDERS)
def test_lists_of_others_and_lists_without_days_are_no_lists_of_outcomes(head: str, register: Register) -> None:
    with pytest.raises(UnknownSourceError):
        read(register, PROVIDERS[head], *LEEDS_ROWS)
    assert recognise(ods({"x": [PROVIDERS[head], *LEEDS_ROWS]})) is not None


def test_a_title_of_providers_tells_their_list_unless_areas_are_of_authorities(register: Register) -> None:
    homes = [[*row[:4], "Overall effectiveness", GOOD] for row in LEEDS_ROWS[:1]]
    with pytest.raises(UnknownSourceError):
        read(register, ["Children's homes"], [], LONG, *homes)
    assert len(read(register, ["Children's homes and other providers"], [], LONG, *LEEDS_ROWS).statements) == 5


@pytest.mark.parametrize("started", [None, date(2023, 3, 6)])
def test_care_leavers_tell_what_was_judged_as_in_a_wide_list(started: date | None, register: Register) -> None:
    own: list[Value] = ["Leeds", started, date(2023, 5, 2), "ILACS"]

    def areas(found: OfficialList) -> set[str | None]:
        return {s.area_code for s in found.statements if s.conformed_area_code == "children_in_care"}

    others = rows(["York", started, date(2023, 5, 2), "ILACS"], (AREAS[4], GOOD))
    silent = read(register, LONG, *rows(own, (AREAS[0], GOOD), (AREAS[3], GOOD)), *others)
    said = read(register, LONG, *rows(own, (AREAS[0], GOOD), (AREAS[3], GOOD), (AREAS[4], RI)), *others)
    withheld = read(register, LONG, *rows(own, (AREAS[0], GOOD), (AREAS[3], GOOD), (AREAS[4], "[x]")), *others)
    assert areas(silent) == {"children_in_care" if started else "children_in_care_and_care_leavers"}
    assert areas(said) == {"children_in_care"}
    assert areas(withheld) == ({"children_in_care"} if started else set())
