"""Child protection inspections of 2012 to 2013: four grades, with "adequate", and a scale that is a trap."""

from __future__ import annotations

import pytest

from transforms.errors import UnknownSourceError

from .made_texts import blocking, grades, parse

HELP = "The effectiveness of the help and protection provided to children, young people, families and carers"
FRONT = (
    "Inspection of local authority arrangements for the protection of children",
    "Dunmarsh Council",
    "Inspection dates: 8 October 2012 to 17 October 2012",
    "Lead inspector Gwen Cragg HMI",
    "Age group: All",
    "Published: 2 December 2012",
    "The inspection judgements and what they mean",
    "Outstanding (Grade 1) A service that significantly exceeds minimum requirements",
    "Good (Grade 2) A service that exceeds minimum requirements",
    "Adequate (Grade 3) A service that only meets minimum requirements",
    "Inadequate (Grade 4) A service that does not meet minimum requirements",
)
RECORD = (
    "Record of main findings",
    "Local authority arrangements for the protection of children",
    "Overall effectiveness Inadequate",
    f"{HELP} Adequate",
    "The quality of practice Inadequate",
    "Leadership and governance Good",
)
WANT = {
    "overall_effectiveness": "inadequate",
    "effectiveness_of_help_and_protection": "adequate",
    "quality_of_practice": "inadequate",
    "leadership_and_governance": "good",
}


def test_record_and_sentences_agree() -> None:
    report = parse(
        *FRONT,
        "Overall effectiveness",
        "The overall effectiveness of the arrangements to protect children in Dunmarsh is judged to be inadequate.",
        "The quality of practice",
        "The quality of practice is judged to be inadequate.",
        *RECORD,
    )
    assert report.framework_code == "child_protection"
    assert grades(report) == WANT
    conformed = {j.area_code: j.conformed_area_code for j in report.judgements}
    assert conformed["overall_effectiveness"] == "help_and_protection"
    assert conformed["leadership_and_governance"] == "leadership"
    assert "sentence" in report.judgements[0].places
    assert not blocking(report)


def test_scale_is_never_read() -> None:
    report = parse(*FRONT, "Overall effectiveness", "Children were seen.")
    assert grades(report) == {}
    assert blocking(report) == {"missing_area"}


def test_record_read_column_by_column_agrees_with_the_headings() -> None:
    report = parse(
        *FRONT,
        "Overall effectiveness", "Grade 4 (Inadequate)", "Children were seen.",
        HELP, "Grade 3 (Adequate)", "Families were helped.",
        "The quality of practice", "Grade 4 (Inadequate)", "Records were thin.",
        "Leadership and governance", "Grade 2 (Good)", "Leaders knew.",
        "Record of main findings",
        "Overall effectiveness", HELP, "The quality of practice", "Leadership and governance",
        "Inadequate", "Adequate", "Inadequate", "Good",
    )  # fmt: skip
    assert grades(report) == WANT
    assert not blocking(report)


def test_the_first_of_a_column_of_grades_is_not_that_of_the_last_label() -> None:
    stated = ("Overall effectiveness", "Grade 2 (Good)", HELP, "Grade 4 (Inadequate)")
    practice = ("The quality of practice", "Grade 3 (Adequate)")
    columns = (
        *RECORD[:2],
        "Overall effectiveness",
        HELP,
        "Leadership and governance",
        "Good",
        "Inadequate",
        "Adequate",
    )
    report = parse(*FRONT, *stated, *practice, *["Children are seen on time."] * 70, *columns)
    assert "leadership_and_governance" not in grades(report)
    assert blocking(report) == {"missing_area"}


def test_what_another_report_tells_of_such_an_inspection_is_no_title() -> None:
    told = "The previous inspection of the local authority's arrangements for the protection of children was in 2012."
    with pytest.raises(UnknownSourceError):
        parse("Dunmarsh Council", "Inspection date: 9 May 2016 to 26 May 2016", "Published: 1 July 2016", told)


def test_reinspection_is_told_from_the_title() -> None:
    report = parse("Re-inspection of local authority arrangements for the protection of children", *FRONT[1:], *RECORD)
    assert report.inspection_type == "re_inspection"
    assert grades(report) == WANT
