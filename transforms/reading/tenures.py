"""Since when the holders of two offices have held them: director of children's services, LSCB chair.

SIF reports state it in bullets under "Information about this local authority area"; later
reports in passing. Only statements whose subject is the office itself are read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from transforms.reading.date_forms import MONTH_PATTERN, parse_when
from transforms.reading.names import is_name
from transforms.reading.tidy import Text, TextLine
from transforms.reports.model import Tenure

_OFFICES = (
    (
        "director_of_childrens_services",
        re.compile(
            r"\b(?:IDCS|DCS)\b|\bdirectors? (?:of|for) (?:[a-z', ]{0,40}\b)?(?:children|people|education|families)"
            r"|\bdirector of children'?s services",
            re.IGNORECASE,
        ),
    ),
    (
        "lscb_chair",
        re.compile(
            r"\bchair(?:person)? (?:of|for) (?:the )?(?:[A-Za-z' ]{0,40}\b)?"
            r"(?:[A-Z]{0,4}SCB|safeguarding children'?s? (?:board|partnership))"
            r"|\b[A-Z]{0,4}SCB (?:independent )?chair|\bindependent chair of the (?:[A-Za-z]+ )?board",
            re.IGNORECASE,
        ),
    ),
)
_NOT_THE_HOLDER = re.compile(
    r"\b(?:assistant|deputy|former|previous|lead member|cabinet member|chief executive)\b", re.I
)
_DAY_OR_MONTH = (
    rf"(?:(?:the\s+)?\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?)?(?:(?:{MONTH_PATTERN})\.?,?\s+)?(?:19|20)\d\d\b"
)
_IN_POST = re.compile(
    r"\b(?:(?:has|have) (?:now )?been in (?:post|role|office)(?: (?:since|from))?|(?<!had been )in post since"
    r"|(?:was|were|been) (?:permanently |substantively )?appointed"
    r"(?: to (?:the |this )?(?:post|role|position))?(?: in| on)?"
    r"|took up (?:the |this |her |his |their )?(?:post|role|position)(?: in| on)?"
    r"|(?:started|commenced|came into|joined)(?: in)?(?: the| this)? ?(?:post|role|council|authority)(?: in| on)?)"
    rf"(?:\s+(?P<when>{_DAY_OR_MONTH}))?",
    re.IGNORECASE,
)
_TENURE_CUES = ("in post", "appointed", "took up", "in role", "in office", "into post")
_SENTENCE_END = re.compile(r"(?<=[a-z0-9)])\.\s+(?=[A-Z])|(?<=\d)\s+[-\u2013]\s+(?=The )")
_LATER_INTERIM = re.compile(r"\b(?:in an?|as|as an|on an) (?:interim|acting)\b", re.IGNORECASE)
_INTERIM = re.compile(r"\b(?:interim|acting)\b", re.IGNORECASE)
_NAMED_HOLDER = re.compile(
    r"^(?:The )?(?P<name>(?:(?:Mr|Mrs|Ms|Dr) )?[A-Z][a-z]+ [A-Z][A-Za-z'-]+),? (?:who )?(?:has|was|took|the|is)\b"
)


def read_tenures(text: Text) -> list[Tenure]:
    """Read since when the director of children's services and the LSCB chair have held office.

    Args:
        text: the tidied document.

    Returns:
        One for each office and statement, in printed order. `since` is None where no date
        follows the words (its line may be gone). `is_interim` is None where the text speaks
        of an interim time without saying that it is the present one.
    """
    found: list[Tenure] = []
    seen: set[tuple[str, date | None]] = set()
    for index in sorted(_cue_lines(text)):
        for statement in _statements(text.lines, index):
            for tenure in _tenures(statement, text.lines[index].page):
                if (tenure.office, tenure.since) not in seen:
                    seen.add((tenure.office, tenure.since))
                    found.append(tenure)
    return found


def _cue_lines(text: Text) -> set[int]:
    flow = text.flow
    found: set[int] = set()
    for cue in _TENURE_CUES:
        at = flow.find(cue)
        while at >= 0:
            found.add(text.line_at(at).index)
            at = flow.find(cue, at + 1)
    return found


def _statements(lines: list[TextLine], index: int) -> list[str]:
    """Sentences of the item around a line, from its bullet or the sentence before to its end."""
    first = index
    while first > max(index - 3, 0) and not lines[first].bullet and not lines[first - 1].text.endswith((".", ":")):
        first -= 1
    last = index
    while (
        last < min(index + 3, len(lines) - 1)
        and not lines[last].text.rstrip().endswith(".")
        and not lines[last + 1].bullet
    ):
        last += 1
    return _SENTENCE_END.split(" ".join([line.text for line in lines[first : last + 1]]))


def _tenures(statement: str, page: int) -> Iterator[Tenure]:
    start = 0
    for verb in _IN_POST.finditer(statement):
        subject = statement[max(verb.start() - 160, start) : verb.start()]
        office = _office(subject)
        if office is None or (verb["when"] is None and "since" not in verb.group().lower()):
            continue
        start = verb.end()
        when = parse_when(verb["when"]) if verb["when"] else None
        is_interim: bool | None = _INTERIM.search(subject) is not None
        if not is_interim and _LATER_INTERIM.search(statement, verb.end()):
            is_interim = None
        named = _NAMED_HOLDER.match(statement)
        yield Tenure(
            office=office,
            # Where the date's line is gone, what follows is not of this statement.
            statement=statement.strip() if when else statement[: verb.end()].strip(),
            page=page,
            since=when[0] if when else None,
            since_precision=when[1] if when else None,
            is_interim=is_interim,
            name=named["name"] if named and is_name(named["name"]) and not _office(named["name"]) else None,
        )


def _office(subject: str) -> str | None:
    """The office named last before the verb, unless it is somebody else's."""
    best: tuple[int, str] | None = None
    for office, pattern in _OFFICES:
        for match in pattern.finditer(subject):
            lead_in = subject[max(match.start() - 25, 0) : match.start()]
            if _NOT_THE_HOLDER.search(lead_in) or re.search(r"\b(?:by|to|with) (?:the|a|an) (?:\w+ )?$", lead_in):
                continue
            if best is None or match.start() > best[0]:
                best = (match.start(), office)
    if best is None or re.search(r"\b(?:chief executive|head of|assistant director)\b", subject[best[0] :], re.I):
        return None
    return best[1]
