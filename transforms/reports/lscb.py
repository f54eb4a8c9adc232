"""Reviews of Local Safeguarding Children Boards, 2013-2017: one graded judgement.

Nearly all were reported together with the single inspection of the authority, so the forms of
words are shared with that framework. One came out on its own. Until August 2014 the judgement
stands on the front ("The effectiveness of the Local Safeguarding Children Board (LSCB) is good"),
afterwards as a heading ("The Local Safeguarding Children Board is good"), until 2015 followed by
"The arrangements in place to evaluate the effectiveness of what is done ... are good".
"""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

from transforms.reports.framework import AFTER, FOUR_POINT, IS, Area, Framework, Statement, Zone, front_letters

if TYPE_CHECKING:
    from transforms.reading.tidy import Text

_DATE_LABEL = re.compile("(?:inspection|review)date|dates?of(?:the)?(?:inspection|review)")
_OF_AUTHORITY = re.compile(
    r"^(?:the )?(?:experiences? and progress of|graded judge?ment|leadership management and|inspection of services)"
    r"|^looked after and achieving|^\d? ?children looked after and ach|adoption performance"
)
# The board as headings name it, with any one word of its name missing or in another place.
_BOARD = (
    r"localsafeguarding(?:childrens?)?(?:boards?)?",
    r"localchildrens?safeguarding(?:boards?)?",
    r"localchildrens?boards?",
    r"safeguardingchildrens?boards?",
)
_LED = r"(?:(?:the(?:effectivenessofthe)?|(?:the)?judge?ment(?:about|on|of|for)the)(?:local)?)"
# Not "that is": the scale describes "an LSCB that is good".
_IS = r"(?:judge?mentgrade|judge?ment)?(?:is|are)?(?:(?:judged|graded)(?:tobe|as)?)?"
_ARRANGEMENTS = (
    r"evaluatetheeffectivenessofwhatisdoneby(?:thelocal|the)?(?:authority|authorities)and(?:the)?(?:board)?partners"
    r"tosafeguardandpromotethe(?:safetyand)?welfareofchildren(?:andyoungpeople)?"
)

AREA = Area(
    "lscb",
    "The effectiveness of the Local Safeguarding Children Board",
    "lscb",
    ("The effectiveness of the Local Safeguarding Children Board (LSCB)",),
    in_grid=False,
)

STATEMENTS = (
    *(Statement("lscb", board + "(?:lscb)?" + _IS, then=AFTER, before=_LED + "?") for board in _BOARD),
    # The short name is always written large, so it does not tell a heading by its capital.
    Statement("lscb", "lscb" + _IS, then=AFTER, before=_LED),
    Statement(
        "lscb",
        _ARRANGEMENTS + IS,
        place="finding",
        starts="anywhere",
        ends="sentence",
        then=AFTER,
        before=r"thearrangements.{0,60}",
    ),
)

ZONES = (
    # What the grades mean: "An LSCB requires improvement if ...".
    Zone(
        r"whatthe(?:lscb)?(?:inspection|review)?(?:lscb)?(?:inspection|review)?judge?ments?mean(?=.{0,120}anoutstanding)",
        r"informationaboutt|section(?:one|two)?theeffectiveness|theinspectionteam|anycomplaintsabout",
        reach=4500,
    ),
)


def recognise(text: Text) -> float:
    """Certain where the front names the review of a board, and nowhere areas of an authority are headed."""
    front = front_letters(text)
    if "childreninneedofhelpandprotection" in front or "childrensservices" in front[:300]:
        return 0.0
    titled = "effectivenessof" in front and "safeguardingchildrenboard" in front
    if not titled or not _DATE_LABEL.search(front):
        return 0.0
    # An inspection of the authority that lost its title is not a review of its board.
    return 0.0 if any(_OF_AUTHORITY.search(line.key) for line in text.lines) else 0.9


FRAMEWORKS = (
    Framework(
        code="lscb",
        name="Review of the effectiveness of the Local Safeguarding Children Board",
        inspectorate="Ofsted",
        since=date(2013, 11, 1),
        until=date(2018, 7, 1),
        inspection_types=("lscb_review",),
        recognise=recognise,
        addressed_to="lscb",
        bound_behind=("sif",),
        areas=(AREA,),
        grades=FOUR_POINT,
        source="Local Safeguarding Children Boards (Review) Regulations 2013; Ofsted, Framework and evaluation "
        "schedule for the inspection of services for children in need of help and protection",
        statements=STATEMENTS,
        zones=ZONES,
    ),
)
