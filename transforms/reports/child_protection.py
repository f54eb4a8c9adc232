"""Inspections of local authority arrangements for the protection of children, 2012 to 2013.

Four judgements on the four-point scale with "adequate": overall effectiveness, and under it the
help and protection provided, the quality of practice, and leadership and governance. They stand
as graded headings, in the first sentence of each section, and in the closing table "Record of
main findings". A table on page 2 explains the scale and grades nothing.

Overall effectiveness conforms to `help_and_protection`, not to `overall`: these inspections
looked at the protection of children alone, which later frameworks judge as one area of several.
"""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

from transforms.reports.framework import (
    ADEQUATE,
    GOOD,
    INADEQUATE,
    OUTSTANDING,
    Area,
    Framework,
    Grid,
    Statement,
    Zone,
    front_letters,
    is_dated,
)

if TYPE_CHECKING:
    from transforms.reading.tidy import Text
    from transforms.reports.model import Report

# Not what a report of another kind tells of the inspection before it, nor a joint one of several inspectorates.
_TITLE = re.compile(
    r"(?<!previous)(?<!previousofsted)(?<!last)(?<!recent)inspectionof(?!(?:the)?multiagency)(?:\w{0,60}?)"
    r"arrangementsfortheprotectionofchildren"
)
_HELP_NAME = "The effectiveness of the help and protection provided to children, young people, families and carers"
_RECORD = "record of main findings"
_AFTER = ("grade", "judgement")

_HELP = (
    r"theeffectivenessofthehelpandprotectionprovided"
    r"(?:tochildren(?:andyoungpeople)?(?:youngpeople)?(?:families)?(?:andcarers)?(?:andtheirfamilies)?)?"
)
# "The overall effectiveness of the arrangements to protect children in NAME is judged to be ..."
_ARRANGEMENTS = (
    r"of(?:the)?(?:localauthoritys?|councils?)?arrangements(?:in[a-z]{3,40}?)?(?:to|for)(?:the)?protect(?:ionof)?"
    r"children(?:andyoungpeople)?(?:in[a-z]{3,40}?)?"
)
_GRADE = r"(?:judge?ment|judge?mentgrade|grade)"
_IS = r"(?:is|are)(?:judged)?(?:tobe|as)?"


def recognise(text: Text) -> float:
    """Certain with the title and a label below it; the inspections of 2009 to 2012 name looked after children too."""
    front = front_letters(text)[:3000]
    match = _TITLE.search(front)
    if match is None or "lookedafter" in front[: match.end()] or "childrenlookedafterandcareleavers" in front:
        return 0.0
    return 0.7 + 0.3 * ("agegroup" in front or is_dated(text))


def type_of(text: Text, report: Report) -> str:
    """A re-inspection says so in its title."""
    return "re_inspection" if "reinspectionof" in front_letters(text)[:1500] else "inspection"


def _stated(area: str, words: str) -> tuple[Statement, ...]:
    """A graded heading, and the sentence that states the grade with a verb."""
    return (
        Statement(area, words + _GRADE, place="heading", starts="line", ends="line", then=_AFTER),
        # A bare label and grade may be the end of the record's labels and the start of its grades.
        Statement(area, words, place="heading", starts="line", ends="line", certain=False),
        Statement(area, words + _IS, place="sentence", starts="sentence", ends="sentence"),
    )


FRAMEWORKS = (
    Framework(
        code="child_protection",
        name="Inspection of local authority arrangements for the protection of children",
        inspectorate="Ofsted",
        since=date(2012, 4, 1),
        until=date(2013, 11, 1),
        takes_days=True,
        inspection_types=("inspection", "re_inspection"),
        recognise=recognise,
        areas=(
            Area("overall_effectiveness", "Overall effectiveness", "help_and_protection", ("Overall effectiveness",)),
            Area(
                "effectiveness_of_help_and_protection",
                _HELP_NAME,
                None,
                (
                    _HELP_NAME,
                    "The effectiveness of the help and protection provided to children, young people and families",
                    "The effectiveness of the help and protection provided",
                ),
            ),
            Area(
                "quality_of_practice",
                "The quality of practice",
                None,
                ("The quality of practice", "Quality of practice"),
            ),
            Area(
                "leadership_and_governance",
                "Leadership and governance",
                "leadership",
                ("Leadership and governance",),
            ),
        ),
        grades=(OUTSTANDING, GOOD, ADEQUATE, INADEQUATE),
        source="Ofsted, Framework for the inspection of local authority arrangements for the protection of children",
        grids=(Grid(place="record", opens=(_RECORD,), where="back", reach=900),),
        statements=(
            *_stated("overall_effectiveness", rf"(?:the)?(?:judge?mentfor)?overalleffectiveness(?:{_ARRANGEMENTS})?"),
            *_stated("effectiveness_of_help_and_protection", _HELP),
            *_stated("quality_of_practice", r"(?:the)?qualityofpractice"),
            *_stated("leadership_and_governance", r"(?:the)?(?:effectivenessof)?leadershipandgovernance"),
        ),
        zones=(
            Zone(r"theinspectionjudge?mentsandwhattheymean", r"overalleffectiveness|serviceinformation", reach=700),
        ),
        type_of=type_of,
    ),
)
