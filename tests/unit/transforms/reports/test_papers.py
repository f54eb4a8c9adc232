"""Papers that tell of an inspection and are no report of it: minutes, news, guidance and letters to parents.

All are made up. They name the inspection, the authority, days and grades as a report does; what
they lack is the label of the dates or an inspector's letter. Each becomes a report with that
line put in, so none is refused for another reason.
"""

from __future__ import annotations

import pytest

from transforms.errors import UnknownSourceError

from .made_texts import parse

SEND_NEWS = (
    "Dunmarsh Council",
    "Area SEND inspection outcome published",
    "The report of the Area SEND inspection of Dunmarsh is out. Inspectors came in January 2025 and found that the",
    "local area partnership's arrangements lead to inconsistent experiences and outcomes for children and young",
    "people with special educational needs and/or disabilities (SEND).",
    "The next full area SEND inspection will be within approximately three years.",
)
SEND_GUIDE = (
    "Dunmarsh Council: a one-minute guide to area SEND inspections",
    "The local area partnership in Dunmarsh works for children with special educational needs.",
    "Evaluation criteria",
    "Inspectors look at the experiences and outcomes of children and young people.",
)
PROTECTION_MINUTES = (
    "Dunmarsh Council",
    "Ofsted inspection of local authority arrangements for the protection of children",
    "Minutes: the Committee received the report, published on 24 April 2013, of the inspection which took place",
    "between 11 and 20 March 2013. The lead inspector was thanked.",
    "The overall effectiveness of the arrangements to protect children in Dunmarsh is judged to be inadequate.",
    "The quality of practice is judged to be inadequate.",
)
LOOKED_AFTER_MINUTES = (
    "Dunmarsh Council",
    "Inspection of looked after children services",
    "The Committee considered the report of the inspection from 11 to 20 March 2013.",
    "Overall effectiveness Grade 3 (adequate)",
)
SAFEGUARDING_MINUTES = (
    "Dunmarsh Council",
    "Inspection of safeguarding and looked after children services",
    "The Committee considered what was published on 20 May 2011 of the inspection in April.",
    "Safeguarding services",
    "Overall effectiveness Grade 3 adequate",
)
GRADES = (
    "The impact of leaders on social work practice with children and families: Inadequate",
    "The experiences and progress of children who need help and protection: Inadequate",
    "The experiences and progress of children in care: Requires improvement to be good",
    "The experiences and progress of care leavers: Inadequate",
    "Overall effectiveness: Inadequate",
)
ILACS_NEWS = (
    "Dunmarsh Council",
    "Inspection of Dunmarsh local authority children's services",
    "The report published by Ofsted says that services were rated as follows, from 13 March to 24 March 2023:",
    *GRADES,
)
ILACS_TITLED_NEWS = ("Dunmarsh Council", "Report published today on children's services", *GRADES)
ILACS_TO_PARENTS = ("Dear parents and carers", "Inspection of Dunmarsh local authority children's services", *GRADES)
SEND_TO_COLLEAGUES = (
    "Dear Colleagues",
    "Joint local area SEND inspection",
    "Ofsted and the CQC conducted a joint inspection of the local area of Dunmarsh from 11 to 15 March 2019.",
    "Her Majesty's Chief Inspector has determined that a written statement of action is required.",
)
VISIT_REPORT = (
    "Dunmarsh Council, report of the Director",
    "Focused visit to Dunmarsh children's services",
    "This report summarises the findings of the focused visit to Dunmarsh children's services in September.",
)
DATES = "Inspection dates: 11 to 15 March 2024"


@pytest.mark.parametrize(
    ("paper", "label"),
    [
        (SEND_NEWS, DATES),
        (SEND_GUIDE, DATES),
        (PROTECTION_MINUTES, "Inspection dates: 11 March 2013 to 20 March 2013"),
        (PROTECTION_MINUTES, "Age group: All"),
        (LOOKED_AFTER_MINUTES, "Age group: All"),
        (SAFEGUARDING_MINUTES, "Inspection dates: 11 April 2011 to 22 April 2011"),
        (ILACS_NEWS, DATES),
        (ILACS_NEWS, "Report published: 12 May 2023"),
        (ILACS_TITLED_NEWS, DATES),
        (ILACS_TO_PARENTS, "Dear Ms Thistlewood"),
        (SEND_TO_COLLEAGUES, "Dear Ms Thistlewood"),
        (VISIT_REPORT, "Dear Ms Thistlewood"),
    ],
)
def test_a_paper_is_no_report_and_the_label_makes_it_one(paper: tuple[str, ...], label: str) -> None:
    with pytest.raises(UnknownSourceError):
        parse(*paper)
    assert parse(paper[0], paper[1], label, *paper[2:])


def test_a_joint_inspection_of_several_inspectorates_is_no_child_protection_report() -> None:
    words = (
        "Inspection of {}arrangements for the protection of children",
        "Dunmarsh Council",
        "Inspection dates: 14 January 2013 to 25 January 2013",
        "Age group: All",
        "The overall effectiveness of the arrangements to protect children in Dunmarsh is judged to be good.",
    )
    assert parse(words[0].format("local authority "), *words[1:]).framework_code == "child_protection"
    for several in ("multi-agency ", "the multi-agency "):
        with pytest.raises(UnknownSourceError):
            parse("Joint " + words[0].format(several).lower(), *words[1:])
