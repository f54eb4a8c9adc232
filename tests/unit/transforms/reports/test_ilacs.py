"""ILACS: four rows, five rows, no overall row; standard or short; grids in every reading order."""

from __future__ import annotations

from itertools import pairwise

import pytest

from tests.damage import damage
from tests.made_up import (
    BOTH_LABEL,
    CARE_LABEL,
    FIVE_GRADES,
    FIVE_ROWS,
    FOUR_GRADES,
    FOUR_ROWS,
    HELP_LABEL,
    LEADERS_LABEL,
    LEAVERS_LABEL,
    OVERALL_LABEL,
    PROSE,
    TOGETHER,
    ilacs,
    parse,
    problem_codes,
    read_grades,
)
from transforms.errors import UnknownSourceError
from transforms.reading.document import Document, Line
from transforms.reports import parse_document

LABELS = (LEADERS_LABEL, HELP_LABEL, CARE_LABEL, LEAVERS_LABEL, OVERALL_LABEL)
CELLS = (
    "Good\n",
    "Requires improvement\nto be good\n",
    "Outstanding\n",
    "Inadequate\n",
    "Requires improvement\nto be good\n",
)


@pytest.mark.parametrize("change", [lambda text: text, damage], ids=["sound", "damaged"])
@pytest.mark.parametrize(
    ("dates", "grid", "care", "expected"),
    [
        ("5 to 16 November 2018", FOUR_ROWS, TOGETHER, FOUR_GRADES),
        ("28 November to 9 December 2022", FOUR_ROWS, TOGETHER, FOUR_GRADES),
        ("4 to 15 March 2024", FIVE_ROWS, None, FIVE_GRADES),
    ],
)
def test_rows_by_the_day_the_inspection_began(dates: str, grid: str, care: str | None, expected, change) -> None:
    text = ilacs(dates, grid, care) if care else ilacs(dates, grid)
    report = parse(change(text))
    assert report.framework_code == "ilacs"
    assert read_grades(report) == expected
    assert problem_codes(report) == []


def test_care_and_leaving_care_together_conform_to_children_in_care() -> None:
    report = parse(ilacs("5 to 16 November 2018", FOUR_ROWS, TOGETHER))
    (both,) = [j for j in report.judgements if j.area_code == "children_in_care_and_care_leavers"]
    assert both.conformed_area_code == "children_in_care"
    assert both.area_name == "The experiences and progress of children in care and care leavers"


def test_no_overall_judgement_from_april_2026() -> None:
    grid = FIVE_ROWS.split(OVERALL_LABEL)[0]
    report = parse(ilacs("20 April to 1 May 2026", grid))
    assert read_grades(report) == {a: g for a, g in FIVE_GRADES.items() if a != "overall"}
    assert problem_codes(report) == []
    earlier = parse(ilacs("2 to 13 March 2026", grid))
    assert problem_codes(earlier) == ["missing_area"]


def test_a_row_of_an_area_not_judged_on_that_day_is_told() -> None:
    report = parse(ilacs("20 April to 1 May 2026"))
    assert "overall" not in read_grades(report)
    assert [problem.code for problem in report.problems] == ["unexpected_area"]


def test_a_missing_row_blocks() -> None:
    report = parse(ilacs(grid=FIVE_ROWS.replace(OVERALL_LABEL + "Requires improvement to be good\n", "")))
    assert "overall" not in read_grades(report)
    assert problem_codes(report) == ["missing_area"]


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        ("10 to 14 June 2024", "short"),
        ("8 to 14 June 2024", "short"),
        ("7 to 14 June 2024", "standard"),
        ("10 to 21 June 2024", "standard"),
        ("25 November to 6 December 2019", "standard"),
    ],
)
def test_short_is_a_first_window_of_seven_days_or_fewer(dates: str, expected: str) -> None:
    assert parse(ilacs(dates)).inspection_type == expected


def test_labels_in_one_column_and_grades_in_the_next() -> None:
    grid = "Judgement\n" + "".join(LABELS) + "Grade\n" + "".join(CELLS)
    report = parse(ilacs(grid=grid))
    assert read_grades(report) == FIVE_GRADES
    assert problem_codes(report) == []


def test_columns_that_the_body_contradicts_are_not_believed() -> None:
    cells = ("Good\n", "Outstanding\n", "Requires improvement\nto be good\n", "Inadequate\n", "Good\n")
    grid = "Judgement\n" + "".join(LABELS) + "Grade\n" + "".join(cells)
    report = parse(ilacs(grid=grid))
    assert "overall" not in read_grades(report)
    assert report.is_blocked


def test_a_running_line_between_label_and_grade() -> None:
    grid = FIVE_ROWS.replace("care\nleavers\n", "care\nleavers\nInspection report: Exampleshire\n")
    assert read_grades(parse(ilacs(grid=grid))) == FIVE_GRADES


def test_line_ends_that_were_lost() -> None:
    head, tail = ilacs().split("Judgement Grade\n")
    report = parse(head + "Judgement Grade " + " ".join(tail.split()))
    assert read_grades(report) == FIVE_GRADES


def test_words_joined_and_split() -> None:
    text = ilacs().replace("experiences and", "experiencesand").replace("Requires improvement", "Requires improve ment")
    text = text.replace("effectiveness", "effective ness").replace("to be good", "tobe good")
    report = parse(text)
    assert read_grades(report) == FIVE_GRADES


def test_the_sentence_behind_a_lost_grade_is_no_grade() -> None:
    grid = FIVE_ROWS.replace(OVERALL_LABEL + "Requires improvement to be good\n", OVERALL_LABEL)
    text = ilacs(grid=grid).replace(PROSE, "Good partnership work helps children.\n" + PROSE, 1)
    report = parse(text)
    assert "overall" not in read_grades(report)
    assert problem_codes(report) == ["missing_area"]


def _placed(rows: list[tuple[str, float, float]]) -> Document:
    """A PDF page with lines at (text, x, y), in this content order; the body on page 2."""
    front = [Line(text, 1, x, y, x + 5 * len(text), y + 10) for text, x, y in rows]
    body = ilacs().split(PROSE, 1)[1].split("\n")
    return Document(
        "0" * 64, "pdf", 2, front + [Line(text, 2, 60, 14.0 * i, 500, 14.0 * i + 10) for i, text in enumerate(body)]
    )


def test_position_ties_grades_to_areas_where_the_order_does_not() -> None:
    labels, cells, y = [], [], 200.0
    for label, cell in zip(LABELS, CELLS, strict=True):
        for i, line in enumerate(label.strip().split("\n")):
            labels.append((line, 60.0, y + 14 * i))
        for i, line in enumerate(cell.strip().split("\n")):
            cells.append((line, 400.0, y + 14 * i))
        y += 40
    # The grades come first, and last row before first: only their height says what they belong to.
    grouped: list[list[tuple[str, float, float]]] = []
    for line in cells:
        if grouped and line[2] - grouped[-1][-1][2] < 20:
            grouped[-1].append(line)
        else:
            grouped.append([line])
    upside_down = [line for group in reversed(grouped) for line in group]
    title = [
        ("Inspection of Exampleshire local authority", 60.0, 60.0),
        ("children’s services", 60.0, 80.0),
        ("Inspection dates: 4 to 15 March 2024", 60.0, 110.0),
        ("Judgement Grade", 60.0, 180.0),
    ]
    (report,) = parse_document(_placed(title + labels + upside_down))
    assert read_grades(report) == FIVE_GRADES
    assert problem_codes(report) == []


def test_judgements_stand_in_the_order_of_the_framework() -> None:
    codes = [j.area_code for j in parse(ilacs()).judgements]
    order = list(FIVE_GRADES)
    assert all(order.index(a) < order.index(b) for a, b in pairwise(codes))


@pytest.mark.parametrize(
    "text",
    [
        "Dear Ms Example\nMonitoring visit of Exampleshire children’s services\n" + PROSE,
        "Quarterly budget report\nExampleshire County Council\n" + PROSE,
        "",
    ],
)
def test_other_texts_are_not_taken_for_an_inspection(text: str) -> None:
    with pytest.raises(UnknownSourceError, match="no report of a known framework"):
        parse(text)


def test_the_wider_label_is_not_taken_for_the_narrower() -> None:
    """Before 2023 "children in care" and "care leavers" stand in one label."""
    report = parse(
        ilacs("5 to 16 November 2018", FOUR_ROWS.replace(BOTH_LABEL, BOTH_LABEL.replace("\n", " ")), TOGETHER)
    )
    assert read_grades(report) == FOUR_GRADES


ROWS_LEFT = FIVE_ROWS.removeprefix("Judgement Grade\n")
EARLIER_ROWS = FIVE_ROWS.replace("Good", "Inadequate").replace("Outstanding", "Good")
NEW_ROW = "The experiences and progress of children in kinship care\nInadequate\n"


@pytest.mark.parametrize(
    "grid",
    [
        "Judgement Grade\nOverall effectiveness at the previous inspection\nInadequate\n" + ROWS_LEFT,
        "Previous inspection\n" + EARLIER_ROWS + "This inspection\n" + FIVE_ROWS,
        FIVE_ROWS + "Judgements at the previous inspection in 2021\n" + EARLIER_ROWS,
    ],
)
@pytest.mark.parametrize("harm", [lambda text: text, damage])
def test_grades_of_an_earlier_inspection_beside_the_grid_are_not_its_own(grid: str, harm) -> None:  # noqa: ANN001
    report = parse(harm(ilacs(grid=grid)))
    assert read_grades(report) == FIVE_GRADES
    assert problem_codes(report) == []


def test_two_grids_with_the_same_rows_decide_nothing() -> None:
    """One for each of two councils: whose grades are meant is not known."""
    second = FIVE_ROWS.replace("Good", "Outstanding")
    text = ilacs(grid=FIVE_ROWS + "Of the second council\n" + second).split("What needs to improve?")[0]
    assert "missing_area" in problem_codes(parse(text))


def test_two_columns_of_grades_on_a_line_decide_nothing() -> None:
    rows = FIVE_ROWS.replace("Judgement Grade", "Judgement Previous Current").split(OVERALL_LABEL)[0]
    for printed, earlier in (("Good", "Inadequate"), ("Requires", "Good"), ("Outstanding", "Good")):
        rows = rows.replace(f"\n{printed}", f" {earlier} {printed}")
    rows = rows.replace("\nInadequate\n", " Outstanding Inadequate\n").replace("\n", " ")
    text = ilacs("12 to 23 October 2026", rows + "\n").split("What needs to improve?")[0]
    assert "leadership" not in read_grades(parse(text))
    assert "missing_area" in problem_codes(parse(text))


def test_a_word_that_denies_a_grade_is_no_part_of_its_label() -> None:
    text = ilacs(grid=FIVE_ROWS.replace("Good", "Not\nGood")).replace("families: good", "families")
    assert "leadership" not in read_grades(parse(text))
    assert "missing_area" in problem_codes(parse(text))


@pytest.mark.parametrize("grid", [FIVE_ROWS + NEW_ROW, "Judgement Grade\n" + NEW_ROW + ROWS_LEFT])
def test_a_graded_row_of_an_unknown_area_is_told(grid: str) -> None:
    report = parse(ilacs(grid=grid))
    assert read_grades(report) == FIVE_GRADES
    assert problem_codes(report, "warning") == ["unread_row"]
    assert problem_codes(parse(ilacs()), "warning") == []


def test_a_small_good_alone_counts_only_where_a_heading_says_so_too() -> None:
    """Its line "requires improvement to be" may be lost, as its heading is."""
    text = ilacs()
    for printed in ("Outstanding", "Requires", "Inadequate", "Good"):
        text = text.replace(printed, printed.lower())
    assert read_grades(parse(text)) == FIVE_GRADES
    heading = "The impact of leaders on social work practice with children and\nfamilies: good\n"
    assert heading in text
    lost = parse(text.replace(heading, ""))
    assert "leadership" not in read_grades(lost)
    assert problem_codes(lost) == ["missing_area"]
