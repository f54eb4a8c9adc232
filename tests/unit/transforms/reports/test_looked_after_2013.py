"""The targeted looked-after inspection of 2013: grades in headings and in the closing table."""

from __future__ import annotations

import pytest

from tests.damage import damage
from tests.made_up import NUMBERED, parse, problem_codes, read_grades

HEAD = (
    "Inspection of looked after children\nservices\nExampleshire Council\nInspection dates: 15-19 July 2013\n"
    "Reporting inspector Ann Example HMI\nAge group: All\nPublished: 23 August 2013\n"
    "Contents\nAbout this inspection 2\n"
    "Overall effectiveness of services for looked after children and\nyoung people 4\nCapacity to improve 5\n"
    "The inspection judgements and what they mean\n"
    "3. All inspection judgements are made using the following four point scale.\n"
    "Outstanding (Grade 1) A service that significantly exceeds\nminimum requirements\n"
    "Good (Grade 2) A service that exceeds minimum\nrequirements\n"
    "Adequate (Grade 3) A service that only meets minimum\nrequirements\n"
    "Inadequate (Grade 4) A service that does not meet minimum\nrequirements\nService information\n"
)
BODY = (
    "Overall effectiveness of services for looked\nafter children and young people\nGrade 4 (Inadequate)\n"
    + NUMBERED
    + "Capacity to improve\nGrade 3 (Adequate)\n"
    + NUMBERED
    + "Outcomes for looked after children and young\npeople\nGrade 2 (Good)\n"
    + NUMBERED
    + "Quality of provision\nGrade 3 (adequate)\n"
    + NUMBERED
    + "Leadership and management\nGrade 4 (Inadequate)\n"
    + NUMBERED
)
TABLE = (
    "Record of main findings\nServices for looked after children\nOverall effectiveness Inadequate Grade 4\n"
    "Capacity to improve Adequate Grade 3\nOutcomes for looked after children and\nyoung people\nGood Grade 2\n"
    "Quality of provision Adequate Grade 3\nLeadership and management Inadequate Grade 4\n"
)
GRADES = {
    "overall": "inadequate",
    "capacity_to_improve": "adequate",
    "outcomes": "good",
    "quality_of_provision": "adequate",
    "leadership": "inadequate",
}


@pytest.mark.parametrize("change", [lambda text: text, damage], ids=["sound", "damaged"])
@pytest.mark.parametrize("text", [HEAD + BODY + TABLE, HEAD + BODY, HEAD + TABLE], ids=["both", "headings", "table"])
def test_grades_of_headings_and_table(text: str, change) -> None:
    report = parse(change(text))
    assert report.framework_code == "looked_after_2013"
    assert report.inspection_type == "targeted"
    assert read_grades(report) == GRADES
    assert problem_codes(report) == []


def test_the_scale_is_no_grade() -> None:
    report = parse(HEAD + "Overall effectiveness\nIt is too early to say.\n")
    assert read_grades(report) == {}
    assert set(problem_codes(report)) == {"missing_area"}


def test_the_table_decides_and_the_disagreement_is_told() -> None:
    report = parse(HEAD + BODY.replace("Grade 2 (Good)", "Grade 3 (Adequate)") + TABLE)
    assert read_grades(report)["outcomes"] == "good"
    assert "places_disagree" in problem_codes(report, "warning")
