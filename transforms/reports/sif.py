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
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from transforms.reports import lscb
from transforms.reports.framework import (
    AFTER,
    FOUR_POINT,
    IS,
    Area,
    Framework,
    Grid,
    Statement,
    Zone,
    front_letters,
    is_addressed_or_dated,
)

if TYPE_CHECKING:
    from transforms.reading.tidy import Text
    from transforms.reports.model import Report

_GRADED = r"(?:the)?(?:key)?(?:overall)?(?:graded?)?judge?ment(?:for|about|of|on)?(?:the)?"
_ABOUT = f"(?:{_GRADED}|the)?"
_FIRST = date(2013, 11, 1)
_EARLIER = re.compile(
    r"\b(?:previous|last|most recent|recent)\b[^.;]{0,60}\b(?:re-?)?inspection\b[^.;]{0,220}?"
    r"\b(january|february|march|april|may|june|july|august|september|october|november|december) (20\d\d)"
)
# Whole words: "Lancashire" and "Inspection" run together spell it too.
_RE_INSPECTION = re.compile(r"\bre ?inspection of")
_SAYS_RE_INSPECTION = re.compile(r"\bthis is a re ?inspection of childrens services")
_BOARD_SECTION = re.compile(
    r"(?:section 2 )?(?:the )?(?:effectiveness of the )?local safeguarding childrens? board(?: lscb)?(?: \d+)?"
    r"|inspection findings the local safeguarding childrens? board"
)
_BOARD_HEADING = re.compile(
    r"what does the lscb need to improve|inspection judge?ment about the lscb|the lscbs strengths"
)
# A title that ends without a board, and the standing footnote, which reports that hold no review bear too.
_BARE_TITLE = re.compile(r"childrenlookedafterandcareleavers(?:inspectiondates?|dates?ofinspection)")
_POWER = re.compile(r"ofstedproducesthisreportunderitspowertocombine.{0,600}?boardsreviewregulations")
_CLOSE = ("information about this inspection", "the inspection team")
_OF_AUTHORITY = ("safeguarding", "protection", "looked after", "local authority's children's services", "single")
_MONTHS = "january february march april may june july august september october november december".split()


def recognise(text: Text) -> float:
    """Certain with the title, which no other framework bears, and the label of the dates below it."""
    front = front_letters(text)
    if "impactofleaders" in front or "jointtargetedarea" in front:
        return 0.0
    if not is_addressed_or_dated(text):
        return 0.5 if "childreninneedofhelpandprotection" in front else 0.0
    if "servicesforchildreninneedofhelpandprotectionchildrenlookedafterandcareleavers" in front:
        return 0.95
    score = 0.0
    for words in ("childreninneedofhelpandprotection", "childrenlookedafterandcareleavers"):
        score += 0.3 if words in front else 0.0
    for words in ("childrenlookedafterandachievingpermanence", "adoptionperformance", "safeguardingchildrenboard"):
        score += 0.15 if words in front else 0.0
    return min(score, 0.9)


def type_of(text: Text, report: Report) -> str:
    """A re-inspection says so, or tells of an inspection of the authority since this framework began."""
    front = " ".join([line.key for line in text.front])
    if _RE_INSPECTION.search(front) or _SAYS_RE_INSPECTION.search(" ".join([line.key for line in text.lines])):
        return "re_inspection"
    earlier = _earlier_inspections(text)
    if "judgementsforthelocalauthoritywere" in earlier.replace(" ", ""):
        return "re_inspection"
    start = report.inspection_start_date
    for match in _EARLIER.finditer(earlier):
        day = date(int(match[2]), _MONTHS.index(match[1]) + 1, 1)
        of_authority = any(words in match[0] for words in _OF_AUTHORITY)
        if of_authority and day >= _FIRST and (start is None or day < start.replace(day=1)):
            return "re_inspection"
    return "single_inspection"


def _earlier_inspections(text: Text) -> str:
    """What the report tells of inspections before it, in lower case."""
    for index, line in enumerate(text.lines):
        if "revious" in line.text and line.key.startswith(("previous ofsted inspection", "previous inspection")):
            block = text.lines[index : index + 40]
            return " ".join([each.text for each in block]).lower().split("local leadership")[0]
    return ""


def waived(text: Text) -> frozenset[str]:
    """No LSCB judgement where neither the title announces a review of a board nor a section holds it."""
    front, keys = front_letters(text), [line.key for line in text.lines]
    if _BARE_TITLE.search(front) and any(key.startswith(_CLOSE) for key in keys):
        front = _POWER.sub("", front)
    if "reviewoftheeffectivenessof" in front or "childrenboard" in front:
        return frozenset()
    headings = (*keys, *(f"{key} {after}" for key, after in pairwise(keys) if "safeguarding" in key))
    held = any("board" in key and _BOARD_SECTION.fullmatch(key) for key in headings)
    held = held or any("lscb" in line.key and _BOARD_HEADING.fullmatch(line.key) for line in text.lines)
    if not held:
        # Line ends lost: the title of a review bound behind the inspection.
        words = "".join(keys).replace(" ", "")
        held = "inspectionoftheeffectivenessofthelocalsafeguardingchildrenboard" in words
    return frozenset() if held else frozenset({"lscb"})


# A name, in letters, that no grade stands in: a name may not swallow a grade and go on to the next.
_NAME = r"(?:(?!outstanding|good|inadequate|improve)[a-z]){2,60}?"
_SERVICES = rf"childrensservices(?:in{_NAME})?"
_IMPROVEMENT = ("requires_improvement",)  # the one grade whose wording is its own verb
_NOT_JUDGED: dict[str, Any] = {
    "place": "sentence",
    "starts": "anywhere",
    "ends": "sentence",
    "only": ("not_judged",),
}


def _overall(place: str, where: str, certain: bool) -> tuple[Statement, ...]:
    """Statements of the form: Children's services in NAME are good, or require improvement to be good."""
    how: dict[str, Any] = {"place": place, "starts": "sentence", "ends": "sentence", "then": AFTER, "where": where}
    return (
        Statement("overall", _SERVICES + "(?:are|is)(?:(?:judged|graded)(?:tobe|as)?)?", certain=certain, **how),
        Statement("overall", _SERVICES, certain=certain, only=_IMPROVEMENT, **how),
    )


def _stated(area: str, words: str, **how: Any) -> Statement:
    return Statement(area, words + IS, then=AFTER, **how)


FRAMEWORKS = (
    Framework(
        code="sif",
        name="Single inspection of services for children in need of help and protection, "
        "children looked after and care leavers",
        inspectorate="Ofsted",
        since=date(2013, 11, 1),
        until=date(2018, 7, 1),
        takes_days=True,
        inspection_types=("single_inspection", "re_inspection"),
        recognise=recognise,
        areas=(
            Area("overall", "Overall effectiveness", "overall", (), in_grid=False),
            Area(
                "help_and_protection",
                "Children who need help and protection",
                "help_and_protection",
                ("Children who need help and protection", "Children who need help or protection"),
                headings=("The experiences and progress of children who need help and protection",),
            ),
            Area(
                "children_in_care",
                "Children looked after and achieving permanence",
                "children_in_care",
                (
                    "Children looked after and achieving permanence",
                    "Looked after children and achieving permanence",
                ),
                headings=("The experiences and progress of children looked after and achieving permanence",),
            ),
            Area(
                "adoption",
                "Adoption performance",
                "adoption",
                ("Adoption performance",),
                headings=("The graded judgement for adoption performance",),
            ),
            Area(
                "care_leavers",
                "Experiences and progress of care leavers",
                "care_leavers",
                ("Experiences and progress of care leavers", "Experience and progress of care leavers"),
                headings=("The graded judgement about the experience and progress of care leavers",),
            ),
            Area(
                "leadership",
                "Leadership, management and governance",
                "leadership",
                ("Leadership, management and governance", "Leadership, management & governance"),
            ),
            lscb.AREA,
        ),
        grades=FOUR_POINT,
        source="Ofsted, Framework and evaluation schedule for the inspection of services for children in need "
        "of help and protection, children looked after and care leavers",
        grids=(Grid(),),
        statements=(
            Statement(
                "overall",
                rf"theoveralljudge?ment(?:for{_NAME})?"
                + IS
                + rf"(?:(?:that)?{_NAME}(?:are|is|(?=require))(?:judgedtobe)?)??",
                place="sentence",
                ends="sentence",
                then=AFTER,
            ),
            *_overall("sentence", "front", True),
            *_overall("summary", "body", False),
            _stated(
                "help_and_protection",
                r"experience(?:s)?andprogressofchildrenwhoneed(?:early)?help(?:and|or)protection",
                before=_ABOUT,
            ),
            _stated(
                "children_in_care",
                r"experience(?:s)?andprogressof(?:childrenlookedafter|lookedafterchildren)andachievingpermanence",
                before=_ABOUT,
            ),
            _stated("adoption", r"adoption(?:performance|services?)?", place="sentence", before=_GRADED),
            _stated("care_leavers", r"experience(?:s)?andprogressofcareleavers", place="sentence", before=_GRADED),
            _stated("leadership", r"leadershipmanagement(?:and)?governance", before=_ABOUT),
            _stated("adoption", r"adoptionperformance(?:has|have|was|were|is)?(?:been)?", **_NOT_JUDGED),
            _stated(
                "care_leavers",
                r"experience(?:s)?andprogressofcareleavers(?:has|have|was|were|is)?(?:been)?",
                **_NOT_JUDGED,
            ),
            *lscb.STATEMENTS,
        ),
        zones=(
            # The grades of the inspection before, area by area.
            Zone(
                r"previous(?:ofsted)?inspections?",
                r"localleadership|otherinformationaboutthisarea|childrenlivinginthisarea",
                reach=3000,
                heading=True,
            ),
            Zone(
                r"previousofstedinspections?(?=.{0,80}(?:operate|childrenshome))",
                r"localleadership|otherinformationaboutthisarea|childrenlivinginthisarea",
                reach=3000,
            ),
            Zone(
                r"thejudge?mentsforthelocalauthoritywere",
                r"localleadership|otherinformationaboutthisarea|childrenlivinginthisarea",
                reach=700,
            ),
            *lscb.ZONES,
        ),
        wins=("grid", "sentence"),
        waived=waived,
        type_of=type_of,
    ),
)
