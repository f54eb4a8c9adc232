"""Made-up texts of inspection reports, built from parts so that a test can change one of them."""

from __future__ import annotations

from tests.damage import text_document
from transforms.reports import parse_document
from transforms.reports.model import Report

PROSE = (
    "Social workers see children often and know what matters to them in their daily lives.\n"
    "Managers read the records each week and talk with staff about what they find there.\n"
)
NUMBERED = "".join(f"{n}. Families told inspectors that help came in time and was of use.\n" for n in range(1, 6))

SIF_TITLE = (
    "Exampleshire County Council\n"
    "Inspection of services for children in need of help and\n"
    "protection, children looked after and care leavers\n"
    "and\n"
    "Review of the effectiveness of the Local Safeguarding Children\n"
    "Board1\n"
)
RE_TITLE = (
    "Exampleshire County Council\n"
    "Re-inspection of services for children in need of help and\n"
    "protection, children looked after and care leavers\n"
)
SIF_DATES = "Inspection date: 3 February 2016 – 25 February 2016\nReport published: 11 April 2016\n"
OVERALL = "Children’s services in Exampleshire require improvement to\nbe good\n"
GRID = (
    "1. Children who need help and protection Good\n"
    "2. Children looked after and achieving\npermanence\nRequires improvement\n"
    "2.1 Adoption performance Outstanding\n"
    "2.2 Experiences and progress of care leavers Requires improvement\n"
    "3. Leadership, management and governance Inadequate\n"
)
HELP = "The experiences and progress of\nchildren who need help and protection Good\n"
CARE = "The experiences and progress of\nchildren looked after and achieving\npermanence Requires improvement\n"
ADOPTION = "The graded judgement for adoption performance is that it is outstanding\n"
LEAVERS = "The graded judgement about the experience and progress of care leavers\nis that it requires improvement\n"
LEADERS = "Leadership, management and\ngovernance Inadequate\n"
LSCB = "The Local Safeguarding Children Board (LSCB)\nThe Local Safeguarding Children Board is good\n"
PREVIOUS = (
    "Information about this local authority area\nPrevious Ofsted inspections\n"
    "The local authority operates two children’s homes. Both were judged to be good.\n"
    "The previous inspection of the local authority’s safeguarding arrangements was in\n"
    "March 2011. The local authority was judged to be adequate.\n"
)
SIF_GRADES = {
    "overall": "requires_improvement",
    "help_and_protection": "good",
    "children_in_care": "requires_improvement",
    "adoption": "outstanding",
    "care_leavers": "requires_improvement",
    "leadership": "inadequate",
    "lscb": "good",
}


def sif(**parts: str) -> str:
    """A single inspection report; each keyword replaces one part, an empty one leaves it out."""
    order = {
        "title": SIF_TITLE,
        "dates": SIF_DATES,
        "overall": OVERALL,
        "grid": GRID,
        "summary": "Executive summary\n" + PROSE,
        "previous": PREVIOUS + "Local leadership\nThe director has been in post since May 2014.\n",
        "help": HELP + "Summary\n" + PROSE + NUMBERED,
        "care": CARE + "Summary\n" + PROSE + NUMBERED,
        "adoption": ADOPTION + NUMBERED,
        "leavers": LEAVERS + NUMBERED,
        "leaders": LEADERS + "Summary\n" + PROSE + NUMBERED,
        "lscb": LSCB + "Executive summary\n" + PROSE,
        "end": "",
    }
    unknown = parts.keys() - order.keys()
    assert not unknown, unknown
    return "".join((order | parts).values())


LEADERS_LABEL = "The impact of leaders on social work\npractice with children and families\n"
HELP_LABEL = "The experiences and progress of\nchildren who need help and protection\n"
CARE_LABEL = "The experiences and progress of\nchildren in care\n"
BOTH_LABEL = "The experiences and progress of\nchildren in care and care leavers\n"
LEAVERS_LABEL = "The experiences and progress of care\nleavers\n"
OVERALL_LABEL = "Overall effectiveness\n"
FIVE_ROWS = (
    f"Judgement Grade\n{LEADERS_LABEL}Good\n{HELP_LABEL}Requires improvement to be good\n"
    f"{CARE_LABEL}Outstanding\n{LEAVERS_LABEL}Inadequate\n{OVERALL_LABEL}Requires improvement to be good\n"
)
FOUR_ROWS = (
    f"Judgement Grade\n{LEADERS_LABEL}Good\n{HELP_LABEL}Requires improvement to be good\n"
    f"{BOTH_LABEL}Outstanding\n{OVERALL_LABEL}Requires improvement to be good\n"
)
ILACS_BODY = (
    "What needs to improve?\nThe quality of plans for children.\n"
    "The experiences and progress of children who need help and\nprotection: requires improvement to be good\n"
    + NUMBERED
    + "{care}"
    + NUMBERED
    + "The impact of leaders on social work practice with children and\nfamilies: good\n"
    + NUMBERED
)
APART = (
    "The experiences and progress of children in care: outstanding\n"
    + NUMBERED
    + "The experiences and progress of care leavers: inadequate\n"
)
TOGETHER = "The experiences and progress of children in care and care\nleavers: outstanding\n"
FIVE_GRADES = {
    "leadership": "good",
    "help_and_protection": "requires_improvement",
    "children_in_care": "outstanding",
    "care_leavers": "inadequate",
    "overall": "requires_improvement",
}
FOUR_GRADES = {
    "leadership": "good",
    "help_and_protection": "requires_improvement",
    "children_in_care_and_care_leavers": "outstanding",
    "overall": "requires_improvement",
}


def ilacs(dates: str = "4 to 15 March 2024", grid: str = FIVE_ROWS, care: str = APART) -> str:
    """An ILACS report with these dates, this grid and these body headings."""
    return (
        "Inspection of Exampleshire local authority\nchildren’s services\n"
        f"Inspection dates: {dates}\nLead inspector: Ann Example, His Majesty’s Inspector\n"
        + grid
        + PROSE
        + ILACS_BODY.replace("{care}", care)
    )


def parse(text: str) -> Report:
    """The one report of a text."""
    (report,) = parse_document(text_document(text))
    return report


def read_grades(report: Report) -> dict[str, str]:
    """Area codes to grade codes."""
    return {j.area_code: j.grade_code for j in report.judgements}


def problem_codes(report: Report, severity: str = "blocking") -> list[str]:
    """Codes of the problems of one severity."""
    return [p.code for p in report.problems if p.severity == severity]
