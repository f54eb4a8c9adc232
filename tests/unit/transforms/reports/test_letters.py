"""Letters without grades: known as such, never given a grade they only mention."""

from __future__ import annotations

import pytest

from tests.made_up import FIVE_ROWS
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


@pytest.mark.parametrize(
    "told",
    [
        (
            "Minutes of a made-up board of Dunmarsh",
            "Joint targeted area inspection of the multi-agency response to neglect in Dunmarsh",
            "The inspection took place between 4 and 8 June 2018 and was conducted by Ofsted, the Care Quality",
            "Commission and HMICFRS. Members noted that early help was praised.",
        ),
        (
            "Joint local area SEND revisit in Dunmarsh",
            "Between 7 and 9 June 2021, Ofsted and the CQC revisited the local area of Dunmarsh. The area has made",
            "sufficient progress in addressing all of the significant weaknesses.",
        ),
        (
            "Made-up scrutiny panel of Dunmarsh: the Ofsted re-inspection of services for children in need of help and",
            "protection, children looked after and care leavers found in May 2017 that services require improvement.",
            "Children who need help and protection Requires improvement",
            "Children looked after and achieving permanence Requires improvement",
            "Adoption performance Good",
            "Experiences and progress of care leavers Good",
            "Leadership, management and governance Requires improvement",
        ),
        (
            "Made-up cabinet of Dunmarsh: inspection of Dunmarsh local authority children’s services in June 2022",
            "The impact of leaders on social work practice with children and families Good",
            "The experiences and progress of children who need help and protection Good",
            "The experiences and progress of children in care and care leavers Outstanding",
            "Overall effectiveness Good",
        ),
    ],
    ids=[
        "minutes of a joint inspection",
        "news of a revisit",
        "a panel's paper on a single inspection",
        "a cabinet's paper on an inspection of today",
    ],
)
def test_what_others_write_of_an_inspection_is_no_report(told: tuple[str, ...]) -> None:
    with pytest.raises(UnknownSourceError, match="nearest frameworks"):
        parse(*told)


def test_other_letters_are_unknown() -> None:
    with pytest.raises(UnknownSourceError, match="nearest frameworks"):
        parse("Dear Morgan Thistlewood", "Thank you for your letter about the school visit.", "Yours sincerely")


def test_what_is_no_report_is_refused_without_a_word_of_it() -> None:
    """A paper about one child may lie among reports; a refusal is published and sent round."""
    with pytest.raises(UnknownSourceError) as refused:
        parse("Strategy meeting about Robin Madeup", "born 3 March 2014", "inspection of local authority services")
    assert not {"Robin", "Madeup", "2014", "Strategy"} & set(str(refused.value).replace("'", " ").split())
    assert "found 3 lines on 1 pages" in str(refused.value)


def test_a_letter_about_a_visit_may_repeat_the_grid_of_the_inspection_before() -> None:
    report = parse(
        "Dear Morgan Thistlewood",
        "Monitoring visit to Dunmarsh children’s services",
        "This letter summarises the findings of the monitoring visit to Dunmarsh children’s services on 14 and 15 May "
        "2024.",
        "Judgements at the inspection of May 2023",
        *FIVE_ROWS.splitlines(),
        ILACS_LINE,
        "Yours sincerely",
    )
    assert (report.framework_code, report.judgements) == ("ilacs_visit", [])
