"""SLAC reports: the same labels in two halves, and only part headings to tell them apart."""

from __future__ import annotations

from .made_texts import blocking, grades, parse

FRONT = (
    "Inspection of safeguarding and looked after children services",
    "Dunmarsh Council",
    "Inspection dates: 6 September 2010 to 17 September 2010",
    "Reporting inspector Gwen Cragg HMI",
    "Age group: All",
    "Published: 27 October 2010",
    "Outstanding (Grade 1) A service that significantly exceeds minimum requirements",
)
SAFEGUARDING = (
    "Safeguarding services",
    "Overall effectiveness",
    "Grade 3 (Adequate)",
    "The overall effectiveness of safeguarding services in Dunmarsh is adequate. Staff listen.",
    "Capacity for improvement",
    "Grade 2 (Good)",
    "Leaders know what to do.",
)
LOOKED_AFTER = (
    "Services for looked after children",
    "Overall effectiveness",
    "Grade 2 (Good)",
    "Children have a say.",
    "Capacity for improvement",
    "Grade 1 (Outstanding)",
    "Being healthy",
    "Grade 2 (Good)",
    "Health checks are on time.",
)
RECORD = (
    "Record of main findings",
    "Safeguarding services",
    "Overall effectiveness Adequate",
    "Capacity for improvement Good",
    "Services for looked after children",
    "Overall effectiveness Good",
    "Capacity for improvement Outstanding",
    "Being healthy Good",
)
WANT = {
    "safeguarding_overall_effectiveness": "adequate",
    "safeguarding_capacity_for_improvement": "good",
    "looked_after_overall_effectiveness": "good",
    "looked_after_capacity_for_improvement": "outstanding",
    "looked_after_being_healthy": "good",
}


def test_halves_are_told_apart() -> None:
    report = parse(*FRONT, *SAFEGUARDING, *LOOKED_AFTER, *RECORD)
    assert report.framework_code == "slac"
    assert grades(report) == WANT
    conformed = {j.conformed_area_code: j.grade_code for j in report.judgements if j.conformed_area_code}
    assert conformed == {"safeguarding": "adequate", "children_in_care": "good"}
    assert set(report.judgements[0].places) >= {"heading", "record"}
    assert not blocking(report)


def test_contents_begin_no_half() -> None:
    contents = ("Safeguarding services 5", "Overall effectiveness 5", "Services for looked after children 15")
    report = parse(*FRONT, *contents, *SAFEGUARDING, *LOOKED_AFTER, *RECORD)
    assert grades(report) == WANT


def test_running_line_before_a_part_heading_hides_nothing() -> None:
    running = "Dunmarsh Council Inspection of safeguarding and looked after children"
    report = parse(*FRONT, *SAFEGUARDING, running, *LOOKED_AFTER, running, *RECORD)
    assert grades(report) == WANT
    assert not blocking(report)


def test_part_heading_may_take_two_lines() -> None:
    report = parse(*FRONT, *SAFEGUARDING, "Services for looked after", "children", *LOOKED_AFTER[1:])
    assert grades(report) == WANT


def test_grade_without_a_label_makes_a_witness_of_its_stretch() -> None:
    body = [line for line in LOOKED_AFTER if line != "Capacity for improvement"]
    report = parse(*FRONT, *SAFEGUARDING, *body)
    assert set(grades(report)) <= {"safeguarding_overall_effectiveness"}  # by its sentence
    assert "missing_area" in blocking(report)


def test_lost_part_heading_makes_the_record_a_witness_only() -> None:
    without = [line for line in RECORD if line != "Services for looked after children"]
    report = parse(*FRONT, *SAFEGUARDING, *LOOKED_AFTER, *without)
    assert all(WANT[area] == grade for area, grade in grades(report).items())
    body = [line for line in (*SAFEGUARDING, *LOOKED_AFTER) if line != "Services for looked after children"]
    bare = parse(*FRONT, *body, *without)
    assert "looked_after_overall_effectiveness" not in grades(bare)
    assert "missing_area" in blocking(bare)


def test_record_read_column_by_column_ties_no_grade_to_a_wrong_label() -> None:
    report = parse(
        *FRONT, *SAFEGUARDING, *LOOKED_AFTER,
        "Record of main findings",
        "Safeguarding services", "Overall effectiveness", "Capacity for improvement",
        "Services for looked after children", "Overall effectiveness", "Capacity for improvement", "Being healthy",
        "Adequate", "Good", "Good", "Outstanding", "Good",
    )  # fmt: skip
    assert grades(report) == WANT


def test_a_row_that_strayed_into_the_other_half_is_no_grade_of_it() -> None:
    rows = (*RECORD[:3], RECORD[4], RECORD[3], *RECORD[5:6])
    report = parse(*FRONT, *SAFEGUARDING, *LOOKED_AFTER[:4], *rows)
    assert "looked_after_capacity_for_improvement" not in grades(report)
    assert grades(report)["safeguarding_overall_effectiveness"] == "adequate"


def test_reinspection_judges_one_half() -> None:
    report = parse(
        "Re-inspection of safeguarding services", *FRONT[1:], *SAFEGUARDING, "Record of main findings", *RECORD[1:4]
    )
    assert report.inspection_type == "re_inspection"
    assert grades(report) == {a: g for a, g in WANT.items() if a.startswith("safeguarding")}
    assert not blocking(report)


def test_ungraded_rows_are_told() -> None:
    report = parse(*FRONT, *SAFEGUARDING, *LOOKED_AFTER, *RECORD, "Staying safe")
    assert "ungraded_areas" in {problem.code for problem in report.problems}
