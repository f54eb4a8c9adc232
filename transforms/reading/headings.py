"""What the printed headings of inspection reports say: one table, by wording.

Wordings are those of the inspectorates' report templates and hold across frameworks, so that a
report whose framework was not recognised is cut up in the same way. Patterns match the key of
a whole heading (`words.key`: lower case, no apostrophes, no punctuation).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

GRADE = (
    r"(?:(?: (?:is|are|that|it|they|judged|to|be|of))*"
    r" (?:outstanding|good|adequate|inadequate|satisfactory|requires? improvement|not judged)(?: to be good)?)?"
)
_LSCB = (
    r"(?:local safeguarding childrens? boards?(?: lscb)?|[a-z]{0,5}scb|[a-z]+ safeguarding childrens? board(?: lscb)?)"
)

_CHILDREN = (
    r"(?:children who need help and protection|children looked after(?: and achieving permanence)?"
    r"|looked after children"
    r"|(?:disabled )?children in care(?: and care leavers)?|care leavers|disabled children(?: and their families)?)"
)


@dataclass(frozen=True, slots=True)
class Heading:
    """One kind of heading.

    Attributes:
        role: what stands under it. `actions` opens a list of recommendations; `priority` and
            `improvement` are such lists of a stated kind; `timed` and `topic` divide a list; `end` opens
            what is no finding (team, terms, addresses); `contents` a list of headings; `part`
            a larger part that other headings divide; all others are findings or facts.
        pattern: matches the key of the whole heading.
        scope: `lscb` or `authority` where the heading opens the part about that body.
    """

    role: str
    pattern: re.Pattern[str]
    scope: str | None = None


def _heading(role: str, wording: str, scope: str | None = None) -> Heading:
    return Heading(role, re.compile(f"(?:{wording})"), scope)


HEADINGS = (
    _heading("contents", r"contents(?: page)?"),
    # Parts about one body. What follows is addressed to it until the next such heading.
    _heading("part", r"(?:section \d )?the local authority", "authority"),
    _heading("area_info", r"information about (?:this|the) local authority(?: area)?|service information", "authority"),
    _heading(
        "part", rf"(?:section \d )?(?:the )?(?:review of )?(?:the )?(?:effectiveness of )?the {_LSCB}{GRADE}", "lscb"
    ),
    _heading("part", rf"section \d (?:the )?(?:effectiveness of )?(?:the )?{_LSCB}{GRADE}", "lscb"),
    _heading("part", rf"inspection judge?ments? about the {_LSCB}", "lscb"),
    _heading("part", r"inspection judge?ments? about the local authority", "authority"),
    _heading("findings", rf"inspection findings(?: the)?(?: {_LSCB})?"),
    _heading(
        "findings",
        rf"(?:the )?key (?:judge?ments?|strengths and weaknesses|findings)(?: of| for)?(?: the)?(?: {_LSCB})?",
    ),
    _heading("findings", rf"the {_LSCB}s strengths", "lscb"),
    _heading(
        "findings",
        rf"the (?:{_LSCB}) (?:has the following strengths|requires improvement because|is \w+ because)",
        "lscb",
    ),
    # Lists of recommendations.
    _heading("actions", r"recommendations(?: for the (?:local authority|lscb|board))?"),
    _heading(
        "actions",
        r"what (?:does|do|should|must) (?:the )?(?:local authority|council|trust|authority|service)s? need to improve",
    ),
    _heading("actions", rf"what does the (?:{_LSCB}) need to improve", "lscb"),
    _heading("actions", r"what needs to improve(?: in this area of (?:social work )?practice)?"),
    _heading("actions", r"what (?:the )?(?:local authority|council|partnership) needs to (?:do to )?improve"),
    _heading(
        "priority",
        r"(?:areas? for )?priority (?:and immediate )?actions?|areas? (?:for|requiring) (?:immediate"
        r"|priority)(?: and immediate)? action",
    ),
    _heading(
        "improvement",
        r"areas? (?:for|of|requiring) improvement|areas? (?:in need of|for further) (?:improvement|development)"
        r"|areas? for development",
    ),
    _heading(
        "timed", r"immediately|within (?:one|two|three|four|six|nine|twelve|\d+) (?:weeks?|months?)|as soon as possible"
    ),
    # Facts about the area.
    _heading("children_living", r"children living in (?:this|the) area"),
    _heading("child_protection", r"child protection in (?:this|the) area"),
    _heading(
        "looked_after",
        r"children(?: and young people)? looked after in (?:this|the) area|looked after children in (?:this|the) area",
    ),
    _heading("history", r"(?:previous|other|recent) (?:ofsted )?inspections?"),
    _heading("local_facts", r"local leadership|other information about this area|the casework model used in this area"),
    # Findings.
    _heading(
        "summary", r"executive summary|summary of (?:key )?findings|summary for children and young people|summary"
    ),
    _heading(
        "findings",
        r"the local authority has the following strengths|the local authoritys strengths"
        r"|progress since the last inspection",
    ),
    _heading("findings", r"this local authority (?:requires improvement|is \w+)(?: and is not yet good)?(?: because)?"),
    _heading("findings", rf"(?:the )?experiences? and progress of {_CHILDREN}{GRADE}"),
    _heading(
        "findings",
        rf"children who need help and protection{GRADE}|children looked after and achieving permanence{GRADE}",
    ),
    _heading(
        "findings",
        rf"the graded judge?ment (?:for|about|on|of)(?: the)? (?:adoption(?: performance)?"
        rf"|experiences? and progress of {_CHILDREN}){GRADE}",
    ),
    _heading(
        "findings",
        rf"leadership(?: and)? management(?: and governance)?{GRADE}|leadership management and governance{GRADE}",
    ),
    _heading("findings", rf"(?:the )?impact of leaders on social work practice with children and families{GRADE}"),
    _heading(
        "findings",
        r"(?:main |headline |key )?findings|what is working well"
        r"|what is working well in this area of (?:social work )?practice",
    ),
    _heading(
        "findings",
        r"overall effectiveness(?: of services for [a-z ]{5,50})?|capacity (?:to improve|for improvement)"
        r"|quality of provision",
    ),
    _heading(
        "topic", r"(?:the )?quality of (?:social work )?practice|leadership and management|(?:the )?quality of planning"
    ),
    _heading("findings", r"outcomes for (?:looked after )?children(?: looked after)?(?: and young people)?"),
    _heading("findings", r"key judge?ments?(?: judge?ments?)? grades?|judge?ments? grades?"),
    _heading(
        "findings",
        r"what is it like to be a child or young person(?: with)?(?: special| send)[a-z ]{0,60}"
        r"|what is the area partnership doing that is effective",
    ),
    _heading("findings", r"what does the (?:local )?area partnership need to do better"),
    _heading("findings", r"information about the local area partnership|inspection outcome|strengths|key strengths"),
    # What is no finding.
    _heading("next_steps", r"next steps?"),
    _heading("end", r"(?:information )?about (?:this|the) inspection|(?:the )?inspection team"),
    _heading(
        "end",
        r"what the (?:lscb )?inspection judge?ments? mean(?: the (?:local authority|lscb"
        r"|local safeguarding childrens? board))?|local area partnership details|record of main findings"
        r"|the inspection judge?ments? and what they mean",
    ),
    _heading(
        "end",
        r"the office for standards in education childrens services and skills|(?:annex|appendix) [a-z0-9]{1,2}"
        r"|yours sincerely",
    ),
)

# Cheap first test: no line can begin a known heading whose first word is not here.
FIRST_WORDS = frozenset(
    "about annex appendix area areas as capacity child children contents effectiveness executive experience"
    " experiences findings headline immediately impact information inspection judgement judgements judgment judgments"
    " key leadership local looked main next other outcomes overall previous priority progress quality recent"
    " recommendations record review section service strengths summary the this what within yours".split()
)

# Openings of footnotes and small print that stand in the middle of the text once pages are gone.
NOTE = re.compile(
    r"(?:\d{1,2} )?(?:ofsted produces this report|the local authority was given the opportunity to review this"
    r"|these are residential special schools|this report includes the report of the inspection)"
)
# Opening of the publisher's terms, printed at the end without a heading.
SMALL_PRINT = re.compile(
    r"(?:the office for standards in education|ofsted is proud|if you (?:would like a copy|are not happy with)"
    r"|you may reuse"
    r"|interested in our work|piccadilly gate|crown copyright|this publication is available|any complaints about)"
)
SMALL_PRINT_WORDS = frozenset("the ofsted if you interested piccadilly crown this any".split())

_FOOTNOTE = re.compile(r" ?\d{1,2}$")
_LONGEST = 230
# All wordings as one pattern: the place in the table is the name of the group that matched.
_ANY = re.compile("|".join(f"(?P<h{i}>{heading.pattern.pattern})" for i, heading in enumerate(HEADINGS)))


@lru_cache(maxsize=8192)
def known_heading(keyed: str) -> Heading | None:
    """Which known heading a whole key is, footnote mark allowed; None if none.

    >>> known_heading("recommendations").role
    'actions'
    """
    if len(keyed) > _LONGEST:
        return None
    match = _ANY.fullmatch(keyed)
    if match is not None and match.lastgroup is not None:
        return HEADINGS[int(match.lastgroup[1:])]
    bare = _FOOTNOTE.sub("", keyed)
    return known_heading(bare) if bare != keyed and bare else None
