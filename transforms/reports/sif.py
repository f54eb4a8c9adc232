"""SIF: the single inspection of 2013-2017, with adoption, care leavers and the LSCB review.

The front page states the overall judgement in a sentence and five areas in a numbered grid
(1, 2, 2.1, 2.2, 3). Until August 2014 the judgement of the Local Safeguarding Children Board
stands below the grid, afterwards as a heading of its own section. Each area is graded again in
the body: as a heading, or as "The graded judgement for adoption performance is that it is ...".

Re-inspections judge the authority only, and list the grades of the inspection before: that
section is never read for grades. Four of them do not say so in their title.
"""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

from transforms.reports.framework import FOUR_POINT, Area, Framework, Grid, Statement, Zone

if TYPE_CHECKING:
    from transforms.reading.tidy import Text
    from transforms.reports.model import Report

# What may stand between the words for an area and its grade.
IS = r"(?:(?:is|are)?(?:that)?(?:it|they|this|these)?(?:is|are)?(?:judged|graded)?(?:tobe|as)?)"
_GRADED = r"(?:the)?gradedjudge?ment(?:for|about|of|on)?"
_JUDGEMENT = r"(?:theoverall|overall|the)?judge?ment(?:grade)?"
_AFTER = ("because", "summary", "keyfindings", "inspectionfindings", "executivesummary", "overall", "andisnotyetgood")
_LSCB = (
    r"(?:the(?:effectivenessofthe)?(?:local)?(?:safeguarding)?(?:childrens?)?(?:board)(?:lscb)?"
    r"|theeffectivenessofthelscb|theeffectivenessofthelocalsafeguardingchildrens?(?:board)?"
    r"|thelocalsafeguardingchildrens?)"
)
_TITLE = re.compile(
    r"inspection of services for children in need of help and protection children looked after and care leavers"
)
_RE_TITLE = re.compile(r"\bre ?inspection of services")


def _front(text: Text) -> str:
    return " ".join([line.key for line in text.front])


def recognise(text: Text) -> float:
    """Certain with the title, which no other framework bears."""
    front = _front(text).replace(" ", "")
    score = 0.0
    if "servicesforchildreninneedofhelpandprotectionchildrenlookedafterandcareleavers" in front:
        score = 0.9
    elif "childreninneedofhelpandprotection" in front and "careleavers" in front:
        score = 0.5
    if "childrenlookedafterandachievingpermanence" in front or "2010" in front:
        score += 0.1
    if "impactofleaders" in front or "jointtargetedarea" in front:
        score = 0.0
    return min(score, 1.0)


def type_of(text: Text, report: Report) -> str:
    """A re-inspection says so in its title, or tells of the grades of the single inspection before."""
    return "single_inspection"


def waived(text: Text) -> frozenset[str]:
    """No LSCB judgement where the title announces no review of a board."""
    front = _front(text).replace(" ", "")
    return frozenset() if "reviewoftheeffectivenessof" in front or "lscb" in front else frozenset({"lscb"})


def _stated(area: str, words: str, **how: object) -> Statement:
    return Statement(area, words + IS, then=_AFTER, **how)  # type: ignore[arg-type]


FRAMEWORKS = (
    Framework(
        code="sif",
        name="Single inspection of services for children in need of help and protection, "
        "children looked after and care leavers",
        inspectorate="Ofsted",
        since=date(2013, 11, 1),
        until=date(2018, 7, 1),
        inspection_types=("single_inspection", "re_inspection"),
        recognise=recognise,
        areas=(
            Area("overall", "Overall effectiveness", "overall", (), in_grid=False),
            Area(
                "help_and_protection",
                "Children who need help and protection",
                "help_and_protection",
                ("Children who need help and protection",),
            ),
            Area(
                "children_in_care",
                "Children looked after and achieving permanence",
                "children_in_care",
                ("Children looked after and achieving permanence",),
            ),
            Area("adoption", "Adoption performance", "adoption", ("Adoption performance",)),
            Area(
                "care_leavers",
                "Experiences and progress of care leavers",
                "care_leavers",
                ("Experiences and progress of care leavers",),
            ),
            Area(
                "leadership",
                "Leadership, management and governance",
                "leadership",
                ("Leadership, management and governance",),
            ),
            Area(
                "lscb",
                "The effectiveness of the Local Safeguarding Children Board",
                "lscb",
                (),
                in_grid=False,
            ),
        ),
        grades=FOUR_POINT,
        source="Ofsted, Framework and evaluation schedule for the inspection of services for children in need "
        "of help and protection, children looked after and care leavers",
        grids=(Grid(),),
        statements=(
            Statement(
                "overall",
                r"theoveralljudge?ment" + IS + r"(?:(?:that)?childrensservices(?:in.{2,60}?)?(?:are|is)?)?",
                place="sentence",
                ends="sentence",
            ),
            Statement(
                "overall",
                r"childrensservices(?:in.{2,60}?)?(?:are|is)?",
                place="sentence",
                starts="sentence",
                ends="sentence",
                where="front",
                then=_AFTER,
            ),
            Statement(
                "overall",
                r"childrensservices(?:in.{2,60}?)?(?:are|is)?",
                place="summary",
                starts="sentence",
                ends="sentence",
                where="body",
                then=_AFTER,
                certain=False,
            ),
            _stated("help_and_protection", r"theexperiencesandprogressofchildrenwhoneedhelpandprotection"),
            _stated("children_in_care", r"theexperiencesandprogressofchildrenlookedafterandachievingpermanence"),
            _stated("adoption", _GRADED + r"(?:the)?adoptionperformance", place="sentence"),
            _stated(
                "care_leavers",
                _GRADED + r"(?:the)?experiences?andprogressofcareleavers",
                place="sentence",
            ),
            _stated("leadership", r"leadershipmanagementandgovernance"),
            _stated("lscb", _LSCB, place="heading", ends="sentence"),
            _stated(
                "lscb",
                r"thearrangementsinplacetoevaluatetheeffectivenessofwhatisdonebytheauthorityandboardpartners"
                r"tosafeguardandpromotethewelfareofchildren",
                place="sentence",
                ends="sentence",
            ),
        ),
        zones=(
            Zone(
                r"previousofstedinspections?",
                r"localleadership|otherinformationaboutthisarea|childrenlivinginthisarea",
                reach=3000,
            ),
            Zone(
                r"thejudge?mentsforthelocalauthoritywere",
                r"localleadership|otherinformationaboutthisarea|childrenlivinginthisarea",
                reach=700,
            ),
            Zone(r"whattheinspectionjudge?mentsmean", r"informationabout|section", reach=2600, heading=True),
        ),
        wins=("grid",),
        waived=waived,
        type_of=type_of,
    ),
)
