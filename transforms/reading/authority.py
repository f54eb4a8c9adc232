"""Which authority a report is about, as the report itself says: never from a file's or folder's name.

Places, in order of trust: the title (a line that is nothing but a name in its style, or
`Inspection of NAME local authority children's services` and its like), the running header,
a sentence that states whose services were inspected. What they name must be the same;
the name must also occur in the body. A children's trust stands for nobody unless the
report names its authority.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from transforms.reading.tidy import Text, TextLine
from transforms.reports.model import AuthorityRef, Problem

if TYPE_CHECKING:
    from transforms.authorities import NamesRead, Register
    from transforms.reports.framework import Framework

_TITLE_LINES = 14
_SUBJECT_LINES = 25
_FRONT_LINES = 60
_LONGEST_NAME = 120
_TIME_AND_AGAIN = 5  # mentions of an authority that no report of another has by chance

# What stands before a name: "Inspection of NAME local authority children's services", "Focused visit to NAME".
_INSPECTION_OF = re.compile(
    r"\b(?:re-?inspection|inspection|visit|revisit|review|JTAI)(?:\s+report)?\s*(?:\b(?:of|to|in|at|for)\b|:|\u2013)\s*"
    r"(?:the\s+local\s+area\s+of\s+)?(?=[A-Za-z])",
    re.IGNORECASE,
)
_IN = re.compile(r"\b(?:in|of|to|for)\s+(?=[A-Z])")
_REPORT_COLON = re.compile(r"\breport:\s*(?=[A-Za-z])", re.IGNORECASE)
_LEADS_HEADER = re.compile(
    r"^(?P<name>[A-Z][A-Za-z.,&' -]{2,70}?)\s*[,:\u2013]?\s+(?:inspection|re-?inspection)\s+of\b", re.I
)
# A title begins a line and is no sentence.
_TITLE_STARTS = re.compile(
    r"(?:Re-?\s?)?(?:(?:[Ii]nspection|INSPECTION)\b|Area\b|SEND\b|Joint\b|Local\s[Aa]rea\b|Focused\b|Monitoring\b|Ofsted\b"
    r"|Short\b|Standard\b|Single\b|Targeted\b|Children|Review\b|[Vv]isit\b|Report\b|JTAI\b|Full\b|Additional\b"
    r"|Unannounced\b|Announced\b|Safeguarding\b|Letter\b)"
)
_VERB = re.compile(r"\b(?:is|are|was|were|has|have|had|will|found|took|carried|with|since)\b|[.!?]\s", re.IGNORECASE)
# Where a name may end. The longest phrase that is nothing but names and their style wins.
_ENDS = re.compile(
    r"\s+(?=local\b|children|area\b|SEND\b|services\b|on\b|between\b|from\b|was\b|by\b|in\b|to\b|are\b|is\b|requires?\b"
    r"|have\b|has\b|remain|continue)|(?=[,.;:(\u2013\d])|$",
    re.IGNORECASE,
)

_SENTENCE_LEADS = (
    re.compile(r"hildren'?\s?s (?:social care )?services in (?:the )?(?=[A-Z])"),
    re.compile(
        r"\b(?:inspection|inspected|visit|visited|review)(?: (?:of|to|in))?"
        r"(?: the local area of| the services? (?:of|in))? (?:the )?(?=[A-Z][a-z])"
    ),
    re.compile(r"\b(?:jointly responsible for|commission(?:s|ing)?)\b[^.]{0,160}? in (?:the )?(?=[A-Z][a-z])"),
)
_SENTENCE_CUES = ("hildren's services in ", "hildrens services in ", "social care services in ")
_OPENING = 9000


@dataclass(slots=True)
class _Place:
    """One place that names authorities."""

    place: str
    names: NamesRead
    printed: str
    page: int
    of_trust: bool = False  # it names a trust that works for the authority


_BEFORE_NAME = re.compile(r"(?:(?:of|in|for|and|the|children'?s?|services?|area|local)\s+)+(?=[A-Z])")


def _clean(name: str) -> str:
    """A name as printed, without the words of the sentence that led up to it."""
    return (
        _BEFORE_NAME.sub("", name.strip(" ,.;:-\u2013'"), count=1)
        if name[:1].islower()
        else name.strip(" ,.;:-\u2013'")
    )


def _windows(lines: list[TextLine], start: int, most: int) -> Iterator[str]:
    """The text of one line and of it with those that follow, longest first."""
    group: list[str] = []
    for line in lines[start : start + most]:
        if group and line.page != lines[start].page:
            break
        group.append(line.text)
    for length in range(len(group), 0, -1):
        yield " ".join(group[:length])


_TRUST = re.compile(r"\s*(?:(?:children'?s?|social|care|services)\s+)*trust\b", re.IGNORECASE)


def _name_at(place: str, words: str, at: int, page: int, register: Register, on: date | None) -> _Place | None:
    """The longest phrase from `at` that names authorities; as printed, its shortest form that names the same."""
    phrase = words[at : at + _LONGEST_NAME]
    if not phrase[:1].isupper() and not phrase.startswith("the "):
        return None
    found: _Place | None = None
    for end in sorted({m.start() for m in _ENDS.finditer(phrase)} - {0}, reverse=True):
        names = register.read_names(phrase[:end], on)
        if names is None:
            continue
        if found is not None and names != found.names:
            break
        found = _Place(place, names, _clean(phrase[:end]), page, _TRUST.match(phrase, end) is not None)
    return found


def _is_letter(lines: list[TextLine]) -> int | None:
    """Where the salutation stands, for a letter."""
    return next((i for i, line in enumerate(lines[:_FRONT_LINES]) if line.key.startswith("dear ")), None)


def _whole_line(lines: list[TextLine], register: Register, on: date | None) -> _Place | None:
    """A name in its style, alone on one to three lines at the very top."""
    for index, line in enumerate(lines[:_TITLE_LINES]):
        broken_off = index > 0 and _UNFINISHED.search(lines[index - 1].text)
        if not line.text[:1].isalpha() or line.bullet or broken_off:
            continue
        for printed in _windows(lines, index, 3):
            names = register.read_names(printed, on) if len(printed) < _LONGEST_NAME else None
            if names is not None and not printed.endswith((".", ",", ";", ":")):
                return _Place("title", names, _clean(printed), line.page, "trust" in printed.lower())
    return None


_UNFINISHED = re.compile(r"(?:\b(?:in|of|and|the|with|for|to|at|by|from)|[,\u2013-])$", re.IGNORECASE)


def _title(lines: list[TextLine], register: Register, on: date | None, dear: int | None) -> _Place | None:
    """`Inspection of NAME ...` on one to four lines above the dates, or as the subject of a letter."""
    last = _SUBJECT_LINES if dear is None else dear + 5
    for index, line in enumerate(lines[:last]):
        if not _TITLE_STARTS.match(line.text):
            continue
        for printed in _windows(lines, index, 4):
            for pattern in (_INSPECTION_OF, _REPORT_COLON, _IN):
                for match in pattern.finditer(printed):
                    if _VERB.search(printed, 0, match.start()):
                        break
                    found = _name_at("title", printed, match.end(), line.page, register, on)
                    if found is not None:
                        return found
    return None


def _addressee(lines: list[TextLine], register: Register, on: date | None, dear: int) -> _Place | None:
    """In a letter, the council in the address; a bare county there may be only its postal one."""
    for line in lines[:dear]:
        if "ouncil" not in line.text and "orough" not in line.text:
            continue
        for part in (line.text, *line.text.split(",")):
            names = register.read_names(part, on)
            if names is not None and ("ouncil" in part or "orough" in part):
                return _Place("addressee", names, _clean(part), line.page)
    return None


def _header(text: Text, register: Register, on: date | None) -> _Place | None:
    """The name most running headers bear."""
    votes: Counter[tuple[tuple[str, ...], ...]] = Counter()
    first: dict[tuple[tuple[str, ...], ...], _Place] = {}
    read: dict[str, _Place | None] = {}
    for line in text.removed:
        if len(line.text) < 12:
            continue
        words = re.sub(r"\s*\d{1,3}$", "", line.text)
        if words not in read:
            read[words] = _read_header(words, line.page, register, on)
        place = read[words]
        if place is not None:
            votes[place.names.la_codes] += 1
            first.setdefault(place.names.la_codes, place)
    return first[votes.most_common(1)[0][0]] if votes else None


def _read_header(words: str, page: int, register: Register, on: date | None) -> _Place | None:
    for pattern in (_INSPECTION_OF, _REPORT_COLON):
        for match in pattern.finditer(words):
            found = _name_at("header", words, match.end(), page, register, on)
            if found is not None:
                return found
    leads = _LEADS_HEADER.match(words)
    names = register.read_names(leads["name"], on) if leads else None
    return _Place("header", names, _clean(leads["name"]), page) if leads and names else None


def _sentence(text: Text, register: Register, on: date | None) -> _Place | None:
    """A sentence that says whose services were inspected."""
    flow = text.flow
    chunks = [(0, flow[:_OPENING])]
    for cue in _SENTENCE_CUES:
        at = flow.find(cue, _OPENING)
        if at >= 0:
            chunks.append((at, flow[at : at + 160]))
    for offset, chunk in chunks:
        for pattern in _SENTENCE_LEADS:
            for match in pattern.finditer(chunk):
                found = _name_at("sentence", chunk, match.end(), 1, register, on)
                if found is not None:
                    found.page = text.page_at(offset + match.start())
                    return found
    return None


def resolve_authorities(
    text: Text, framework: Framework | None, register: Register, on: date | None
) -> tuple[list[AuthorityRef], list[Problem]]:
    """Read which authority or authorities a report is about.

    Args:
        text: the tidied document.
        framework: what it was recognised as; kept for frameworks that need a rule of their own.
        register: names and versions.
        on: first day of the inspection; decides between versions.

    Returns:
        The authorities in printed order, and problems. Blocking: `no_authority`,
        `authorities_disagree`, `authority_not_in_force`, `authority_ambiguous`; then the list is
        empty. Warnings: `authority_read_once`, `authority_version_uncertain`.
    """
    del framework
    lines = text.lines
    dear = _is_letter(lines)
    title = _title(lines, register, on, dear)
    if title is None and dear is None:
        # The first lines of a letter are the sender's address: a town alone on a line is not its subject.
        title = _whole_line(lines, register, on)
    found = [title, _header(text, register, on)]
    found.append(_addressee(lines, register, on, dear) if dear is not None else None)
    places = [p for p in found if p is not None]
    if len(places) < 2 or places[0].names != places[1].names:
        sentence = _sentence(text, register, on)
        places += [sentence] if sentence is not None else []
    if not places:
        message = "no title, running header or sentence names an authority of the register"
        return [], [Problem("no_authority", "blocking", message, expected="the name of an authority")]
    problems: list[Problem] = []
    mentioned = _mentioned(text, places[0], register)
    chosen = _agreed(places, mentioned, problems)
    if chosen is None or _is_front_of_another(text, chosen, register, problems):
        return [], problems
    if len(places) == 1 and not mentioned:
        message = f"only the {chosen.place} names this authority"
        if chosen.of_trust:
            expected = "the name of the authority for which the trust works"
            return [], [Problem("no_authority", "blocking", message, chosen.page, chosen.printed, expected)]
        problems.append(Problem("authority_read_once", "warning", message, chosen.page, chosen.printed))
    return _in_force(chosen, register, on, problems)


def _agreed(places: list[_Place], mentioned: bool, problems: list[Problem]) -> _Place | None:
    """The most trusted place, unless others name somebody else."""
    chosen, *others = places
    ours = set(chosen.names.la_codes)
    supporters = sum(1 for p in places if set(p.names.la_codes) == ours)
    later = any(p.page > chosen.page for p in places if set(p.names.la_codes) == ours)
    for other in others:
        theirs = set(other.names.la_codes)
        if theirs == ours or theirs < ours:
            continue
        # What later pages bear in their headers weighs as much as the whole first page: somebody joined two reports.
        backed = other.place != "header" or other.page == chosen.page or later
        # A stray sentence weighs less than two places, or than a title the body bears out.
        outweighed = (supporters >= 2 and backed) or (other.place == "sentence" and (mentioned or ours < theirs))
        message = f"the {chosen.place} and the {other.place} name different authorities"
        severity = "warning" if outweighed else "blocking"
        problems.append(Problem("authorities_disagree", severity, message, other.page, other.printed, chosen.printed))
        if not outweighed:
            return None
    return chosen


def _is_front_of_another(text: Text, chosen: _Place, register: Register, problems: list[Problem]) -> bool:
    """Whether another authority is named time and again and this one never on the second half of the pages.

    The other is counted on all pages where it is named more often than this one; once does where this one
    is named once in all, by a sentence.
    """
    lines = (*text.lines, *text.removed)
    first, last = min(line.page for line in lines), max(line.page for line in lines)
    body = " ".join([line.text for line in lines if 2 * line.page > first + last])
    pages = " ".join([line.text for line in lines])
    codes = {code for codes in chosen.names.la_codes for code in codes}
    ours = [spelling for code in codes for spelling in register.spellings(code)]
    if any(spelling in body for spelling in ours):
        return False
    others = {authority.la_code for authority in register.authorities if authority.la_code} - codes
    mine = max((_times(spelling, pages) for spelling in ours), default=0)
    times = {
        spelling: (_times(spelling, body), _times(spelling, pages))
        for code in others
        for spelling in register.spellings(code)
        # Cheshire is no other authority than Cheshire West and Chester.
        if spelling in pages and not any(spelling in own for own in ours)
    }
    other = max(times, key=lambda spelling: (times[spelling], spelling), default="")
    behind, throughout = times.get(other, (0, 0))
    once = chosen.place == "sentence" and mine < 2
    enough = throughout >= max(mine, 1) if once else behind > 1 and throughout >= max(mine + 1, _TIME_AND_AGAIN)
    if behind < _TIME_AND_AGAIN and not enough:
        return False
    message = (
        f"the {chosen.place} names an authority that no page of the second half names; "
        f"those name another {behind} times, all pages {throughout} times"
    )
    problems.append(Problem("authorities_disagree", "blocking", message, chosen.page, other, chosen.printed))
    return True


def _times(spelling: str, words: str) -> int:
    return len(re.findall(rf"\b{re.escape(spelling)}\b", words))


def _mentioned(text: Text, place: _Place, register: Register) -> bool:
    """Whether the body names every authority, beyond the place itself."""
    flow = text.flow
    for codes in place.names.la_codes:
        names = {name for code in codes for name in register.spellings(code)}
        # A running header is not part of the flow.
        printed = "" if place.place == "header" else place.printed
        if all(flow.count(name) <= printed.count(name) for name in names):
            return False
    return True


def _in_force(
    place: _Place, register: Register, on: date | None, problems: list[Problem]
) -> tuple[list[AuthorityRef], list[Problem]]:
    """The version of each named authority on the day; all or none."""
    found: list[AuthorityRef] = []
    for codes in place.names.la_codes:
        versions = [v for code in codes if (v := register.by_la_code(code, on))]
        if len(versions) != 1:
            problems.append(_unresolved(place, codes, register, on, several=len(versions) > 1))
            return [], problems
        version = versions[0]
        if on is None and len(register.versions(codes[0])) > 1:
            message = "without the day of the inspection the latest version of the authority is taken"
            problems.append(Problem("authority_version_uncertain", "warning", message, place.page, place.printed))
        found.append(AuthorityRef(version.la_code or "", version.gss_code, version.name, place.printed))
    return found, problems


def _unresolved(
    place: _Place, codes: tuple[str, ...], register: Register, on: date | None, *, several: bool
) -> Problem:
    if several:
        message = "more than one authority bears this name, and the day of the inspection is not known"
        return Problem("authority_ambiguous", "blocking", message, place.page, place.printed, ", ".join(codes))
    spans = [f"{v.valid_from} to {v.valid_to or 'now'}" for code in codes for v in register.versions(code)]
    heirs = sorted({heir for code in codes for v in register.versions(code) for heir in v.successors if heir != code})
    message = f"this authority was not in force on {on}" + (f"; its successors are {', '.join(heirs)}" if heirs else "")
    return Problem("authority_not_in_force", "blocking", message, place.page, place.printed, "; ".join(spans))
