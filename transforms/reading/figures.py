"""Figures that reports state: counts, rates and percentages with what and when they are of.

The facts about the area at the head of the inspections of 2013 to 2018 follow fixed sentences:
these are matched word by word from the number to what is counted, so that a line missing in
between can never lend its number to another fact. Elsewhere percentages, rates and counts of
children are taken with the comparison their clause states; a number that is compared with
something unnamed is left out. So is every number that a footnote mark may have run into.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from transforms.reading import sections
from transforms.reports.model import Figure

if TYPE_CHECKING:
    from transforms.reading.sections import Block, Outline
    from transforms.reading.tidy import Text
    from transforms.reports.framework import Framework

_WORDS = {
    word: value
    for value, word in enumerate("one two three four five six seven eight nine ten eleven twelve".split(), start=1)
}
_MONTH = r"(?:January|February|March|April|May|June|July|August|September|October|November|December)"
_DATE = rf"(?:\d{{1,2}} )?{_MONTH},? 20\d\d(?!\d)"
# Thousands are printed with a comma: four digits without one may be a number and a footnote mark.
_DIGITS = r"(?<![\d.,/\u00a3-])(?:\d{1,3}(?:,\d{3})+|\d{1,3})(?![\d,.]*\d)(?![%/\u2013-])"
_COUNT = rf"(?<!than )(?<!least )(?:{_DIGITS}|\b(?:{'|'.join(_WORDS)})\b)"
_RATE = r"\d{1,4}(?:\.\d{1,2})?(?! ?%)"
_PERCENT = r"(?<![\d.,\u2013-])\d{1,3}(?:\.\d{1,2})?(?= ?%| per cent)"
_CHILDREN = r"(?:(?:looked after )?children(?: and young people)?|young people|child)"

_PERIOD = re.compile(
    rf"\b(?:(?:[Aa]s )?[Aa]t (?:the end of )?{_DATE}|[Aa]t the time of (?:the|this) inspection|[Ss]ince (?:the last inspection\b|{_DATE})"
    r"|[Ii]n the (?:last|past|previous) (?:\w+ )?(?:months?|years?)|[Ii]n the (?:\w+ )?year (?:to|ending|ended) "
    rf"{_DATE}|(?:[Bb]etween|[Ff]rom) {_DATE} (?:and|to) {_DATE}|[Ii]n {_DATE}|[Ii]n 20\d\d(?:[-\u2013/]\d\d(?:\d\d)?)?(?!\d)|[Ii]n {_MONTH}\b)"
)
_PREVIOUS = re.compile(
    rf"(?:\bfrom|\bcompared (?:with|to)|\bagainst) (?P<n>{_COUNT})(?: {_CHILDREN})?"
    rf"(?: \((?:a rate of )?(?P<r>{_RATE}) per 10,000[^)]*\))?"
    rf"(?:,? (?P<when>(?:(?:as )?at|on|in) {_DATE}))?"
)
_RATE_HERE = re.compile(rf"[^.]{{0,60}}?\(?(?:at )?a rate of (?P<r>{_RATE}) per 10,000")


@dataclass(frozen=True, slots=True)
class Fact:
    """A fixed sentence about the area.

    Attributes:
        subject: what is counted.
        pattern: matches from the number (`n`, or `p` for a share) to what is counted.
        count_code, rate_code: indicators that the number and its rate certainly are.
        flow: counted over a period, so that no earlier figure follows in brackets.
    """

    subject: str
    pattern: re.Pattern[str]
    count_code: str | None = None
    rate_code: str | None = None


def _fact(subject: str, wording: str, count_code: str | None = None, rate_code: str | None = None) -> Fact:
    wording = wording.replace("<N>", f"(?P<n>{_COUNT})").replace("<P>", f"(?P<p>{_PERCENT})(?: ?%| per cent)")
    return Fact(subject, re.compile(wording.replace("<C>", _CHILDREN)), count_code, rate_code)


_SHARE = rf"(?:\s*\(?(?:or )?(?P<p>{_PERCENT})(?: ?%| per cent)\)?)?(?: of (?:these|them|whom))?"
FACTS = (
    _fact("children and young people under 18 living in the area", r"<N> <C> (?:under|below) (?:the age of )?18(?: years)?(?: of age)? (?:who )?(?:currently )?liv(?:e|ing)\b"),
    _fact("share of children under 18 in the population", r"This is (?:approximately )?<P> of the (?:total )?population"),
    _fact("children living in poverty", r"<P> of (?:the )?(?:local authority's |authority's )?children(?: aged under 16(?: years)?)? (?:are )?liv(?:e|ing) in (?:poverty|low.income)"),
    _fact("children and young people from minority ethnic groups", r"minority ethnic groups account for (?:approximately )?<P> of all"),
    _fact("children in need", r"<N> <C> (?:had|have|has) been (?:identified )?through assessment as (?:being )?formally in need"),
    _fact("children in need", r"<N> <C> (?:had|have|has) been identified through (?:an )?assessment as (?:being )?(?:formally )?in need"),
    _fact("children subject of a child protection plan", r"<N> <C> (?:were|are|was|is|had been) (?:the )?subjects? (?:of|to) (?:a )?child protection plans?", "cpp_num", "cpp_rate"),
    _fact("children in a privately arranged fostering placement", r"<N> <C> (?:were |are )?(?:known to be )?(?:lived|living|live|lives) in (?:a )?privately arranged fostering"),
    _fact("children looked after", r"<N> <C> (?:are|were|was) (?:currently )?(?:being )?looked after by the (?:local )?authority", "lacnum", "lac"),
    _fact("children looked after", r"local authority (?:was|is) looking after <N> <C>", "lacnum", "lac"),
    _fact("serious incident notifications", r"<N> serious incident notifications? (?:has|have) been submitted"),
    _fact("serious case reviews", r"<N> serious case reviews? (?:has|have) been"),
    _fact("children looked after living outside the local authority area", rf"^<N>{_SHARE} (?:<C> )?(?:live|lives|were living|are living|lived) (?:outside|out) (?:of )?the (?:local )?authority area"),
    _fact("children looked after living in residential children's homes", rf"^<N>{_SHARE} (?:<C> )?(?:live|lives|lived|were living|are living) in (?:residential )?(?:children'?s )?(?:residential )?homes"),
    _fact("children looked after living in residential special schools", rf"^<N>{_SHARE} (?:<C> )?(?:live|lives|lived|were living|are living) in residential special schools?"),
    _fact("children looked after living with foster families", rf"^<N>{_SHARE} (?:<C> )?(?:live|lives|lived|were living|are living) with foster (?:families|carers)"),
    _fact("children looked after living with parents", rf"^<N>{_SHARE} (?:<C> )?(?:live|lives|lived|were living|are living) with (?:their )?parents?"),
    _fact("unaccompanied asylum-seeking children looked after", rf"^<N>{_SHARE} (?:<C> )?(?:is|are|were|was) (?:an )?unaccompanied asylum.?seeking"),
    _fact("adoptions", r"there (?:have|has) been <N> adoptions?"),
    _fact("adoptions", r"<N> <C> (?:have been|has been|were|was) adopted"),
    _fact("children who became subject of special guardianship orders", r"<N> <C> (?:have |has )?(?:became|become|been made) (?:the )?subjects? (?:of|to) (?:a )?special guardianship"),
    _fact("children who ceased to be looked after and moved on to independent living", r"<N> <C> (?:have |has )?ceased to be looked after,? and (?:have |has )?moved on to independent living"),
    _fact("children who ceased to be looked after and live in houses of multiple occupation", r"<N> <C> (?:have |has )?ceased to be looked after,? and (?:are|is) now living in houses of multiple occupation"),
    _fact("children who ceased to be looked after", r"<N> <C> (?:have |has )?ceased to be looked after(?!,? and)"),
)
_RETURNED = re.compile(rf"of whom (?P<p>{_PERCENT})(?: ?%| per cent) (?:subsequently|have) returned to be looked after")
_SCHOOLS = re.compile(rf"^(?:in )?(?P<school>primary|secondary|nursery and primary|nursery|special) schools? (?:is|are|was) (?P<p>{_PERCENT})(?: ?%| per cent)")
_SCHOOL_FACTS = (("free school meals", "children entitled to free school meals"), ("additional language", "children with English as an additional language"))
_NATIONAL = re.compile(
    rf"(?:the national (?:average|figure|rate)(?: is| was|,)? ?(?:of )?|compared (?:with|to) (?:the national (?:average|figure) of )?)"
    rf"(?P<p>{_PERCENT})(?: ?%| per cent)(?P<whom> (?:in the country as a whole|nationally|across England|in England))?"
)
_AREA_ROLES = frozenset(("area_info", "children_living", "child_protection", "looked_after"))

# -- elsewhere in the text ----------------------------------------------------------------------

_NUMBER = re.compile(
    rf"(?P<percent>{_PERCENT})(?: ?%| per cent)|(?P<rate>(?<![\d.,]){_RATE}) per 10,000|(?P<count>(?<!than )(?<!least ){_DIGITS})"
    r"(?= (?:children|young people|care leavers|looked after children|unaccompanied|foster (?:carers|families|households)|adopters|adoptions)\b)"
)
_WORTH = re.compile(r"\d ?%|\d per cent|per 10,000|\d (?:children|young people|care leavers|looked after|unaccompanied|foster|adopt)")
_ENGLAND = re.compile(r"\b(?:England|nationally|national|country as a whole)\b")
_NEIGHBOURS = re.compile(r"\b(?:statistical neighbours?|similar (?:local )?(?:areas|authorities|councils)|comparators?|comparable)\b", re.IGNORECASE)
_REGION = re.compile(r"\b(?:regional(?:ly)?|the region|London average|(?:North|South|East|West)(?: |-)?(?:East|West)? (?:average|figure))\b")
_COMPARED = re.compile(r"\b(?:compar\w+|than|against|versus|above|below)\b|\((?:the|up|down|national)\b", re.IGNORECASE)
_WAS = re.compile(
    r"\b(?:from|increase on|up on|down on|compared (?:with|to)|was|previous(?:ly)?|last year|year before)\b[^,;]{0,25}$", re.IGNORECASE
)
_CHANGE = re.compile(r"\b(?:increas\w*|decreas\w*|reduc\w*|rise\w*|rising|risen|rose|f[ae]ll\w*|drop\w*|improv\w*|declin\w*|down|up|grow\w*|grew|mov\w+|r[ai]sing)\b[^.;]{0,60}\bfrom\s*(?:approximately |around )?$", re.IGNORECASE)
_BY = re.compile(r"\b(?:by|of up to|at least|more than|over|under|nearly|almost|fewer than|less than|target (?:is|of)|a further|another)\s*$", re.IGNORECASE)
_OF = re.compile(
    r"(?: ?%| per cent)? (?:\(\d[\d,]*\) )?of (?P<what>(?:the |all |these |those |its |their )?[A-Za-z][^,.;:()%\d]{2,80}?)"
    r"(?= (?:is|are|was|were|have|has|had|do|does|did|live|lived|compared|at|who|that|which|in 20|within|being|received|achieved|took|take|go|went)\b|[,.;:()\d]|$)"
)
_BEFORE = re.compile(
    r"(?P<what>[A-Z][^.;:()%]{5,110}?) (?:is|are|was|were|stands? at|stood at|has (?:increased|risen|improved|fallen|reduced) to|(?:increased|rose|fell|improved) to)(?: now| currently)?(?: at| high at| low at)?(?: approximately| around| about)? $"
)
_COUNTED = re.compile(r" (?P<what>(?:children|young people|care leavers|looked after children|unaccompanied|foster (?:carers|families|households)|adopters|adoptions)\b[^,.;:()%\d]{0,60}?)(?= (?:is|are|was|were|have|has|had|who|that|which|at|in 20|since|compared)\b|[,.;:()\d]|$)")


def read_figures(text: Text, framework: Framework, outline: Outline | None = None) -> list[Figure]:
    """Read the figures stated in the text.

    Args:
        text: from `tidy`.
        framework: the report's.
        outline: of this text, if already made.

    Returns:
        In printed order. `comparator` names whose figure it is where it is not the area's own
        at the time; `indicator_code` is given only where the fixed sentence leaves no doubt.
    """
    outline = outline or sections.read_outline(text)
    found: list[Figure] = []
    parent = ""
    for block in outline.blocks:
        if block.kind in ("heading", "note") or block.role == "end":
            continue
        if block.role in _AREA_ROLES and block.kind != "numbered":
            _read_facts(block, parent, found)
            if block.text.endswith(":") or block.kind == "plain":
                parent = block.text
            elif not parent or _opens_list(block):
                parent = block.text
        elif not outline.digits_lost and _WORTH.search(block.text):
            _read_body(block, found)
    return found


def _opens_list(block: Block) -> bool:
    """Whether the items below may be parts of what this one counts."""
    return _PERIOD.search(block.text) is not None


# -- the facts about the area -------------------------------------------------------------------


def _read_facts(block: Block, parent: str, found: list[Figure]) -> None:
    """Read one item of the facts about the area."""
    text = block.text
    if _read_schools(block, parent, found):
        return
    for fact in FACTS:
        match = fact.pattern.search(text)
        if match is None:
            continue
        groups = match.groupdict()
        period = _period_of(text[: match.start() + 1], text) or _period_of(parent, parent)
        sentence = _sentence_at(text, match.start())
        if groups.get("n"):
            found.append(_figure(groups["n"], "count", sentence, block, fact.subject, period, None, fact.count_code))
        if groups.get("p"):
            subject = fact.subject if not groups.get("n") else f"{fact.subject}, share of children looked after"
            found.append(_figure(groups["p"] + "%", "percent", sentence, block, subject, period, None, None))
        rate = _RATE_HERE.match(text, match.end()) if fact.rate_code else None
        if rate is not None:
            found.append(_figure(rate["r"], "rate_per_10k", sentence, block, fact.subject, period, None, fact.rate_code))
        if fact.subject.startswith("children who ceased") and (back := _RETURNED.search(text, match.end())):
            found.append(_figure(back["p"] + "%", "percent", sentence, block, "children who returned to be looked after", period, None, None))
        if groups.get("n") and period:
            _read_previous(block, fact, match.end(), found)
        if "minority" in fact.subject and (whole := _NATIONAL.search(text, match.end())) and whole["whom"]:
            found.append(_figure(whole["p"] + "%", "percent", sentence, block, fact.subject, None, "england", None))
        if fact.subject != "serious incident notifications" and not fact.subject.startswith("children and young people under"):
            return


def _read_previous(block: Block, fact: Fact, start: int, found: list[Figure]) -> None:
    """The figure of an earlier date that the fact is compared with."""
    match = _PREVIOUS.search(block.text, start)
    if match is None:
        return
    sentence = _sentence_at(block.text, match.start())
    period = match["when"]
    found.append(_figure(match["n"], "count", sentence, block, fact.subject, period, "previous", fact.count_code))
    if match["r"] and fact.rate_code:
        found.append(_figure(match["r"], "rate_per_10k", sentence, block, fact.subject, period, "previous", fact.rate_code))


def _read_schools(block: Block, parent: str, found: list[Figure]) -> bool:
    """`in primary schools is 12% (the national average is 15%)` under the line that says of what."""
    match = _SCHOOLS.match(block.text)
    if match is None:
        return False
    subject = next((name for words, name in _SCHOOL_FACTS if words in parent), None)
    if subject is None:
        return True
    subject = f"{subject} in {match['school']} schools"
    found.append(_figure(match["p"] + "%", "percent", block.text, block, subject, None, None, None))
    national = _NATIONAL.search(block.text, match.end())
    if national is not None and "ational" in national[0]:
        found.append(_figure(national["p"] + "%", "percent", block.text, block, subject, None, "england", None))
    return True


def _period_of(before: str, text: str) -> str | None:
    """The period as worded: the last one before the number, else the only one in the text."""
    last = None
    for last in _PERIOD.finditer(before):
        pass
    if last is not None:
        return last[0]
    return None


# -- the body -----------------------------------------------------------------------------------


def _read_body(block: Block, found: list[Figure]) -> None:
    """Read percentages, rates and counts of children from the sentences of a paragraph."""
    for sentence in sections.split_sentences(block.text):
        if _WORTH.search(sentence) is None:
            continue
        numbers = list(_NUMBER.finditer(sentence))
        for place, match in enumerate(numbers):
            figure = _body_figure(block, sentence, numbers, place)
            if figure is not None:
                found.append(figure)
            del match


def _body_figure(block: Block, sentence: str, numbers: list[re.Match[str]], place: int) -> Figure | None:
    """One number of a sentence; None where it is unclear what it is of."""
    match = numbers[place]
    before = sentence[numbers[place - 1].end() if place else 0 : match.start()]
    after = sentence[match.end() : numbers[place + 1].start() if place + 1 < len(numbers) else len(sentence)]
    after = re.split(r"[,;)]|\bcompared\b|\bagainst\b|\bfrom\b|\bto\b|\band\b|\bbut\b|\bwhich\b", after, maxsplit=1)[0]
    if _BY.search(before) is not None:
        return None
    clear, comparator = _comparator(before, after)
    if not clear:
        return None
    kind = match.lastgroup or ""
    printed = match[kind] + ("%" if kind == "percent" else "")
    what = _COUNTED.match(sentence, match.end()) if kind == "count" else _OF.match(sentence, match.end(kind))
    if what is None and kind != "count":
        what = _BEFORE.search(sentence[: match.start()])
    subject = what["what"].strip() if what is not None else None
    if kind == "count" and subject is None:
        return None
    own = _PERIOD.search(after)
    period = own[0] if own else (None if comparator else _period_of(sentence[: match.start()], sentence))
    unit = {"percent": "percent", "rate": "rate_per_10k", "count": "count"}[kind]
    if kind == "percent" and float(match[kind]) > 100:
        return None
    return _figure(printed, unit, sentence, block, subject, period, comparator, None)


def _comparator(before: str, after: str) -> tuple[bool, str | None]:
    """Whose figure a number is, from the words between it and its neighbours.

    Returns:
        Whether that is clear, and the comparator if it is not the area's own.
    """
    near = before[-90:]
    words = f"{near} | {after[:60]}"
    if _CHANGE.search(near):
        return True, "previous"
    compared = _COMPARED.search(near) is not None
    for pattern, name in ((_NEIGHBOURS, "statistical_neighbours"), (_REGION, "region"), (_ENGLAND, "england")):
        inside = pattern.search(after[:60]) or (compared or re.search(r"(?:average|figure|rate|of|is|was|at) (?:of |is |was |at )?\(?$", near)) and pattern.search(near)
        if inside:
            return True, name
    if compared:
        if _PERIOD.search(after) or re.search(r"\b(?:previous|last year|year before|earlier)\b", words):
            return True, "previous"
        return False, None
    return True, None


# -- small things -------------------------------------------------------------------------------


def _sentence_at(text: str, place: int) -> str:
    """The sentence of a paragraph that holds this place."""
    start = text.rfind(". ", 0, place)
    end = text.find(". ", place)
    return text[start + 2 if start >= 0 else 0 : end + 1 if end >= 0 else len(text)].strip()


def _figure(
    printed: str,
    unit: str,
    sentence: str,
    block: Block,
    subject: str | None,
    period: str | None,
    comparator: str | None,
    code: str | None,
) -> Figure:
    words = printed.rstrip("%").replace(",", "")
    value = float(_WORDS[words.lower()] if words.lower() in _WORDS else words)
    return Figure(value, unit, sentence, block.page, subject, period, comparator, printed, code)
