"""Letters without grades: known as such, never given a grade they only mention."""

from __future__ import annotations

import pytest

from transforms.errors import UnknownSourceError

from .made_texts import parse

ILACS_LINE = "This visit was carried out in line with the inspection of local authority children’s services framework."


@pytest.mark.parametrize(
    ("title", "words", "kind"),
    [
        ("Focused visit to Dunmarsh children’s services", "focused visit to Dunmarsh", "focused_visit"),
        ("Monitoring visit to Dunmarsh children’s services", "monitoring visit to Dunmarsh", "monitoring_visit"),
        ("Monitoring visit of Dunmarsh children’s services", "monitoring visit to Dunmarsh", "monitoring_visit"),
        ("COVID-19 focused visit to Dunmarsh children’s services", "focused visit to Dunmarsh", "focused_visit"),
    ],
)
def test_visits_are_known_by_title_and_sentence(title: str, words: str, kind: str) -> None:
    report = parse(
        "27 December 2023",
        "Dear Morgan Thistlewood",
        title,
        f"This letter summarises the findings of the {words} children’s services on 14 and 15 November 2023.",
        "This was the second visit since the local authority was judged inadequate in March 2022.",
        ILACS_LINE,
        "Yours sincerely",
    )
    assert report.framework_code == "ilacs_visit"
    assert report.inspection_type == kind
    assert report.judgements == []
    assert not [p for p in report.problems if p.code == "missing_area"]


def test_a_report_that_mentions_a_visit_is_no_letter() -> None:
    report = parse(
        "Inspection of Dunmarsh Council local authority children’s services",
        "Inspection dates: 5 to 16 June 2023",
        "Judgement Grade",
        "The impact of leaders on social work practice with children and families Good",
        "The experiences and progress of children who need help and protection Good",
        "The experiences and progress of children in care Good",
        "The experiences and progress of care leavers Good",
        "Overall effectiveness Good",
        "Since the focused visit to Dunmarsh children’s services in 2021, staff have stayed.",
    )
    assert report.framework_code == "ilacs"


def test_joint_targeted_letters_have_no_judgements() -> None:
    report = parse(
        "21 July 2018",
        "To: Dunmarsh Council and its partners",
        "Dear local partnership",
        "Joint targeted area inspection of the multi-agency response to neglect in Dunmarsh",
        "This letter summarises the findings of the joint targeted area inspection of the multi-agency response to",
        "neglect in Dunmarsh, from 4 June 2018 to 8 June 2018, by Ofsted, the Care Quality Commission and HMICFRS.",
        "Areas for improvement",
    )
    assert report.framework_code == "jtai"
    assert report.judgements == []


def test_other_letters_are_unknown() -> None:
    with pytest.raises(UnknownSourceError, match="nearest frameworks"):
        parse("Dear Morgan Thistlewood", "Thank you for your letter about the school visit.", "Yours sincerely")
