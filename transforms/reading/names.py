"""Names of people as reports list them: separators, titles, and what readers break in them."""

from __future__ import annotations

import re
from dataclasses import dataclass

# What stands beside a name to say what its bearer is. Longest first where one begins another.
_TITLE_WORDS = (
    r"(?:(?:acting|senior|designated?|additional|associate|seconded|contracted|shadow)\s+)*"
    r"(?:(?:his|her|hm)\s+majesty'?s\s+inspectors?|s?hmis?\b|hmci\b|s?hm\s+inspectors?|oi\b|ai\b|scri\b|rihm\b"
    r"|ofsted\s+inspectors?|associate\s+inspectors?|additional\s+inspectors?|contracted\s+inspectors?"
    r"|seconded\s+inspectors?|(?:regional|national|deputy|assistant)\s+director[a-z ,]{0,40}"
    r"|social\s+care\s+regulatory\s+inspectors?|inspectors?\b)"
    r"(?:[\s,]+designate|[\s,]*\(?ofsted\)?|[\s,]+for\s+ofsted)?"
)
TITLE_WORDS = frozenset(
    "acting senior designate designated additional associate seconded contracted shadow his her hm majesty's majestys"
    " inspector inspectors hmi shmi hmis hmci oi ai scri rihm ofsted social care regulatory".split()
)
_ONLY_TITLE = re.compile(rf"\s*(?:and\s+)?\(?{_TITLE_WORDS}\)?\s*", re.IGNORECASE)
_TRAILING_TITLE = re.compile(rf"[\s,(]+(?:{_TITLE_WORDS})\)?\s*$", re.IGNORECASE)
_PARENTHESES = re.compile(r"\s*\(([^()]*)\)?")
_HONORIFIC = re.compile(r"^(?:dr|mr|mrs|ms|miss|mx|prof|professor|sir|dame)\.?\s+", re.IGNORECASE)
_SPLIT_HYPHEN = re.compile(r"(?<=[A-Za-z])\s*[-\u2013\u2010\u2011]\s*(?=[A-Z])")
_GLUED_TITLE = re.compile(r"(?<=[a-z])HMI\b|\s+H\s?M\s?I\b")
# A footnote mark on a name, and the dash that parts a name from a title.
_FOOTNOTE = re.compile(r"(?<=[A-Za-z)])[\d\u00b9\u00b2\u00b3\u2070-\u2079*\u2020\u2021]{1,3}(?=[\s,;.)]|$)")
_DASH_TO_TITLE = re.compile(rf"(?:\s+-|\s*\u2013)\s*(?={_TITLE_WORDS})", re.IGNORECASE)
_LONE_APOSTROPHE = re.compile(r"(?<=\b[DO])\s*['\u2019]\s*(?=[A-Z])")
_SEPARATOR = re.compile(r"\s*[,;]\s*(?:and\s+)?|\s+(?:and|&)\s+", re.IGNORECASE)
PARTICLES = frozenset(
    {"de", "da", "di", "do", "dos", "del", "van", "von", "der", "den", "ter", "la", "le", "du", "bin", "el", "al", "st"}
)
_CAPITAL = "A-Z\u00c0-\u00d6\u00d8-\u00de\u0100-\u017f"
_NAME_WORD = (
    rf"(?:(?:[ae]l-)?[{_CAPITAL}][A-Za-z'\u00c0-\u017f]*\.?(?:-[{_CAPITAL}][A-Za-z'\u00c0-\u017f]*)*"
    rf"|{'|'.join(sorted(PARTICLES))})"
)
_NAME = re.compile(rf"{_NAME_WORD}(?:\s+{_NAME_WORD}){{0,4}}")
# Words that only say what somebody is: a list item of nothing else is a title of an unknown form.
_OFFICE_WORDS = frozenset(
    "senior principal specialist lead regional national regulatory social care education health early years schools"
    " adviser advisor officer manager director inspection inspector inspectors operations policy consultant for of and"
    " hmi shmi ofsted cqc designate".split()
)
# Words of headings and labels, never of a person's name.
_NOT_NAMES = frozenset(
    "judgement judgements grade the inspection inspections team lead local authority children services age group"
    " published report any information this our ofsted contents summary date dates executive service no none"
    " good outstanding inadequate adequate requires improvement hmi shmi his her hm cqc council".split()
)


@dataclass(frozen=True, slots=True)
class NamedPerson:
    """A name as one would write it, with the title that stood beside it."""

    name: str
    title: str | None = None


def clean_name(text: str) -> str:
    """One name: single spaces, hyphens and apostrophes joined to their words."""
    name = _SPLIT_HYPHEN.sub("-", " ".join(text.split()))
    return _LONE_APOSTROPHE.sub("'", name).strip(" ,.;:-\u2013()")


def is_name(text: str) -> bool:
    """Whether a text can be one person's whole name."""
    words = text.split()
    lowered = text.lower()
    if len(words) < 2 or "majesty" in lowered or "inspector" in lowered:
        return False
    return _NAME.fullmatch(text) is not None and not _NOT_NAMES.intersection(lowered.split())


def clean_title(text: str) -> str:
    """A title as written, apostrophes put back where damage took them."""
    title = re.sub(
        r"\b([Mm])ajesty'?s\b|\b([Mm])ajestys\b", lambda m: f"{m[1] or m[2]}ajesty's", " ".join(text.split())
    )
    title = re.sub(r"\bHMIs\b", "HMI", title)
    return re.sub(r"(Majesty's Inspector)s\b", r"\1", title).strip(" ,.;:-\u2013()")


def is_title(text: str) -> bool:
    """Whether a text is nothing but the title of an inspector."""
    return _ONLY_TITLE.fullmatch(text) is not None


def _take_title(segment: str) -> tuple[str, str | None]:
    """A segment without its title, and the title."""
    titles = []
    if "(" in segment:
        titles += [clean_title(m) for m in _PARENTHESES.findall(segment)]
        segment = _PARENTHESES.sub(" ", segment)
    segment = re.sub(r"(?<=[a-z])\s+designated?\s*$", "", segment)
    while match := _TRAILING_TITLE.search(f" {segment}"):
        titles.insert(0, clean_title(match.group()))
        segment = f" {segment}"[: match.start()]
    honorific = _HONORIFIC.match(segment.strip())
    if honorific:
        segment = segment.strip()[honorific.end() :]
        titles.insert(0, honorific.group().strip())
    words = [t for t in titles if t and t.lower() != "designate"]
    designate = any(t.lower() == "designate" for t in titles)
    title = ", ".join(words) + (" designate" if designate and words else "")
    return segment, title or None


def parse_names(value: str) -> list[NamedPerson]:
    """People of one list, in printed order.

    Args:
        value: what stands behind a label, e.g. `Anji Parker, HMI, Gary Lamb AI and Mary Hall (OI)`.

    Returns:
        Each with the title beside it; a title that stands alone belongs to the name before it.
        What cannot be a name is left out.
    """
    text = _DASH_TO_TITLE.sub(", ", _FOOTNOTE.sub("", " ".join(value.split())))
    text = _LONE_APOSTROPHE.sub("'", _SPLIT_HYPHEN.sub("-", text)).strip(" .;,:")
    text = _GLUED_TITLE.sub(" HMI", text)
    text = re.sub(r"\s+and$", "", re.sub(r"\bdesignate\)", "designate", text))
    people: list[NamedPerson] = []
    for segment in _segments(text):
        if is_title(segment) or _is_office(segment) or segment.lower().strip(" ()") == "designate":
            if people:
                last = people[-1]
                title = clean_title(re.sub(r"^and\s+", "", segment.strip()))
                people[-1] = NamedPerson(last.name, f"{last.title}, {title}" if last.title else title)
            continue
        bare, beside = _take_title(segment)
        name = clean_name(bare)
        if is_name(name):
            people.append(NamedPerson(name, beside))
    return people


def _is_office(segment: str) -> bool:
    """Whether a list item says what somebody is, in words no title has yet: `Senior Officer, Social Care`."""
    words = segment.lower().strip(" ().").split()
    return bool(words) and _OFFICE_WORDS.issuperset(words)


def _segments(text: str) -> list[str]:
    """Split at commas and `and`, but not within brackets."""
    shielded = re.sub(r"\([^()]*\)", lambda m: m.group().replace(",", "\x00").replace(" and ", "\x01"), text)
    parts = [p.replace("\x00", ",").replace("\x01", " and ") for p in _SEPARATOR.split(shielded)]
    return [p for p in parts if p.strip()]
