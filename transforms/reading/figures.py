"""Figures that reports state: counts, rates and percentages with what and when they are of.

Facts about the area are read by their fixed sentences (`area_facts`). Elsewhere percentages,
rates and counts of children are taken with the comparison their clause states. A number that is
compared with something unnamed is left out, and so is every number that a footnote mark may
have run into. From texts that lost lines only the fixed sentences are read.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from transforms.reading import sections
from transforms.reading.area_facts import (
    DATE,
    FACTS,
    MONTH,
    NATIONAL,
    NUMBER_WORDS,
    PREVIOUS,
    RATE_HERE,
    RETURNED,
    SCHOOL_SUBJECTS,
    SCHOOLS,
    Fact,
)
from transforms.reports.model import Figure

if TYPE_CHECKING:
    from transforms.reading.sections import Block, Outline
    from transforms.reading.tidy import Text

_AREA_ROLES = frozenset(("area_info", "children_living", "child_protection", "looked_after"))
_PERIOD = re.compile(
    rf"\b(?:(?:[Aa]s )?[Aa]t (?:the end of )?{DATE}|[Aa]s of {DATE}|[Aa]t the time of (?:the|this) inspection"
    rf"|[Ss]ince (?:the last inspection\b|{DATE})"
    r"|[Ii]n the (?:last|past|previous) (?:\w+ )?(?:months?|years?)"
    rf"|[Ii]n the (?:\w+ )?year (?:to|ending|ended) {DATE}|(?:[Bb]etween|[Ff]rom) {DATE} (?:and|to) {DATE}"
    rf"|[Ii]n {DATE}|[Ii]n 20\d\d(?:[-\u2013/]\d\d(?:\d\d)?)?(?!\d)|[Ii]n {MONTH}\b)"
)

_SUB_ITEM = re.compile(
    rf"\n\u2022 |(?:^|(?<!\d) )[\u2013-] (?=(?:\d|{'|'.join(NUMBER_WORDS)}\b|there ))"
    r"| (?=in (?:primary|secondary) schools is )"
)

_NOUNS = (
    r"(?:children|young people|care leavers|looked after children"
    r"|foster (?:carers|families|households)|adopters|adoptions)"
)
# Begins with a digit so that the search is quick; what stands before is looked at afterwards.
_NUMBER = re.compile(
    rf"\d[\d,]*(?:\.\d{{1,2}})?(?:(?P<percent> ?%| per cent)|(?P<rate> per 10,000)|(?P<count>(?= {_NOUNS}\b)))"
)
_WELL_FORMED = re.compile(r"\d{1,3}(?:,\d{3})+|\d{1,3}(?:\.\d{1,2})?")
_APART = frozenset(" \n([\u2022")  # what a number may follow; anything else is glued to it
_LONGEST_MARK = 2  # digits of a footnote mark
_RANGE = re.compile(r"\d\s*[\u2013-]\s*$")
_COUNTED = re.compile(
    rf" (?P<what>{_NOUNS}\b[^,.;:()%\d]{{0,60}}?)"
    r"(?= (?:is|are|was|were|have|has|had|who|that|which|at|in 20|since|compared)\b|[,.;:()\d]|$)"
)
_OF = re.compile(
    r" (?:\(\d[\d,]*\) )?of (?P<what>(?:the |all |these |those |its |their )?[A-Za-z][^,.;:()%\d]{2,80}?)"
    r"(?= (?:is|are|was|were|have|has|had|do|does|did|live|lived|compared|at|who|that|which|in 20|within|being|took"
    r"|take|go|went|left)\b"
    r"|[,.;:()\d]|$)"
)
_BEFORE = re.compile(
    r"(?P<what>\b(?:[Tt]he )?(?:overall )?(?:proportion|percentage|number|rate|share|timeliness|attendance|take-up"
    r"|take up|completion)"
    r"(?: rates?)? of [^.;:()%,]{3,90}?)"
    r" (?:is|are|was|were|stands? at|stood at|has (?:increased|risen|improved|fallen|reduced) to|(?:increased|rose"
    r"|fell|improved) to)"
    r"(?: now| currently)?(?: at| high at| low at)?(?: approximately| around| about)? $"
)
_PRONOUNS = frozenset(
    "this it they these those there that which we he she performance approximately around about".split()
)
_VERB = re.compile(
    r" (?!looked\b|unaccompanied\b|disabled\b|experienced\b|qualified\b|aged\b|identified\b|focused\b"
    r"|maintained\b)[a-z]{2,}ed\b.*$"
)
_LOOSE_END = re.compile(
    r"(?: (?:in|of|at|for|to|with|by|from|and|or|aged|on|the|a|an|as|being|not|who|either|[a-z]{3,}ing))+$"
)

_ENGLAND = r"(?:England|national(?:ly)?|(?:the )?country as a whole)"
_NEIGHBOURS = r"(?:statistical neighbours?|similar (?:local )?(?:areas|authorities|councils)|comparators?)"
_REGION = r"(?:regional(?:ly)?|(?:the )?region|London)"
_COMPARATORS = (
    (
        "statistical_neighbours",
        re.compile(_NEIGHBOURS, re.IGNORECASE),
        re.compile(rf"^ (?:for|in|among|across|by) (?:its |their |the )?{_NEIGHBOURS}"),
    ),
    (
        "region",
        re.compile(rf"\b{_REGION}\b"),
        re.compile(r"^ (?:for|in|across) (?:the )?(?:region|London)\b|^ regionally"),
    ),
    (
        "england",
        re.compile(rf"\b{_ENGLAND}\b"),
        re.compile(r"^[^%]{0,60}?(?: (?:for|in|across) (?:the )?(?:England|country as a whole)\b| nationally\b)"),
    ),
)
_COMPARED = re.compile(r"\b(?:compar\w+|than|against|versus|above|below)\b|\((?:the|up|down|national)\b", re.IGNORECASE)
_NAMED = re.compile(
    r"\b(?:average|averages|figure|figures|rate|rates|level|levels|neighbours?|comparators?|nationally|England"
    r"|whole)\b(?: (?:for|in) 20\d\d ?[\u2013/-] ?\d{2,4})?[^,;]{0,20}$"
)
_CHANGE = re.compile(
    r"\b(?:increas\w*|decreas\w*|reduc\w*|rise\w*|rising|risen|rose|f[ae]ll\w*|drop\w*|improv\w*|declin\w*|down|up"
    r"|grow\w*|grew)\b"
    r"[^.;]{0,60}\bfrom\s*(?:approximately |around |(?:a|the) (?:low |high )?(?:base|point|position|figure|rate"
    r"|level) of )?$",
    re.IGNORECASE,
)
_DIFFERENCE = re.compile(
    r"^ (?:points? )?(?:better|worse|higher|lower|more|less|fewer|above|below|increase|reduction|rise|fall)\b"
)
_OWN = re.compile(r", (?:with|where|and) ")
_IN_LINE = re.compile(r"\b(?:in line with|similar to|the same as|close to|matches|equals)\b")
_BY = re.compile(
    r"\b(?:by|up to|at least|more than|over|under|nearly|almost|fewer than|less than|(?:target|prediction|forecast"
    r"|ambition|aim|goal)(?: (?:is|was|of|for|to \w+))*|a further|another|every|between)\s*$",
    re.IGNORECASE,
)
_CHAINED = re.compile(r"^[^.;]{0,45}\b(?:and|or|then)\b[^.;,]{0,15}$")
_AFTER_ENDS = re.compile(r"[,;)]|\b(?:compared|against|from|to|and|but|which|whereas|while)\b")
_UNITS = {"percent": "percent", "rate": "rate_per_10k", "count": "count"}


def read_figures(text: Text, outline: Outline | None = None) -> list[Figure]:
    """Read the figures stated in the text.

    Args:
        text: from `tidy`.
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
        in_area = block.role in _AREA_ROLES
        before = len(found)
        if in_area:
            _read_facts(block, parent, found)
            if block.text.endswith(":") or _PERIOD.search(block.text) is not None:
                parent = block.text  # the items below may be parts of what this one counts
        if (not in_area or block.kind == "numbered") and not outline.digits_lost:
            read = {figure.value_as_printed for figure in found[before:]}
            _read_body(block, found, read)
    return found


def _numbers(words: str) -> list[re.Match[str]]:
    """The numbers with a unit, other than those a footnote mark or a range may have run into."""
    return [
        match for match in _NUMBER.finditer(words) if _stands_apart(match) and _WELL_FORMED.fullmatch(_printed(match))
    ]


def _stands_apart(match: re.Match[str]) -> bool:
    """Whether a number is whole: no footnote mark on a word, no end of a range.

    A footnote mark has one or two digits and no unit of its own: before a percent sign, a letter
    only lost its space.
    """
    before = match.string[: match.start()]
    bare = before.rstrip("'\"")
    if _RANGE.search(before[-12:]):
        return False
    if bare[-1:].isalpha():
        return match.lastgroup == "percent" or len(_printed(match)) > _LONGEST_MARK
    return not bare or bare[-1] in _APART


def _printed(match: re.Match[str]) -> str:
    return match.string[match.start() : match.start(match.lastgroup or 0)]


# -- the facts about the area -------------------------------------------------------------------


def _read_facts(block: Block, parent: str, found: list[Figure]) -> None:
    """Read one item of the facts about the area."""
    period = _first_period(parent)
    for text in _SUB_ITEM.split(block.text):
        if _read_schools(block, text, parent, found):
            continue
        for fact in FACTS:
            match = fact.pattern.search(text) if fact.mark in text else None
            if match is None:
                continue
            _add_fact(block, fact, match, _last_period(text[: match.start() + 1]) or period, found)
            if fact.whole:
                break


def _add_fact(block: Block, fact: Fact, match: re.Match[str], period: str | None, found: list[Figure]) -> None:
    """The number of a fact, its rate, its share and the earlier figure it is compared with."""
    text, groups = match.string, match.groupdict()
    sentence = _sentence_at(text, match.start())

    def add(printed: str, unit: str, subject: str, comparator: str | None = None, code: str | None = None) -> None:
        when = None if comparator else period
        found.append(_figure(printed, unit, sentence, block, subject, when, comparator, code))

    if groups.get("n"):
        add(groups["n"], "count", fact.subject, None, fact.count_code)
    if groups.get("p"):
        add(f"{groups['p']}%", "percent", f"{fact.subject}, share" if groups.get("n") else fact.subject)
    if fact.rate_code and (rate := RATE_HERE.match(text, match.end())):
        add(rate["r"], "rate_per_10k", fact.subject, None, fact.rate_code)
    if fact.mark == "ceased" and (back := RETURNED.search(text, match.end())):
        add(f"{back['p']}%", "percent", "children who returned to be looked after")
    if fact.mark == "minority" and (whole := NATIONAL.search(text, match.end())) and whole["whom"]:
        add(f"{whole['p']}%", "percent", fact.subject, "england")
    if groups.get("n") and period and (earlier := PREVIOUS.search(text, match.end())):
        sentence, when = _sentence_at(text, earlier.start()), earlier["when"]
        stated = [(earlier["n"], "count", fact.count_code)]
        if earlier["r"] and fact.rate_code:
            stated.append((earlier["r"], "rate_per_10k", fact.rate_code))
        found += [_figure(n, unit, sentence, block, fact.subject, when, "previous", code) for n, unit, code in stated]


def _read_schools(block: Block, text: str, parent: str, found: list[Figure]) -> bool:
    """`in primary schools is 12% (the national average is 15%)` under the line that says of what."""
    match = SCHOOLS.match(text)
    if match is None:
        return False
    subject = next((name for words, name in SCHOOL_SUBJECTS if words in parent), None)
    if subject is None:
        return True
    subject = f"{subject} in {match['school']} schools"
    found.append(_figure(f"{match['p']}%", "percent", text, block, subject, None, None, None))
    national = NATIONAL.search(text, match.end())
    if national is not None and "ational" in national[0]:
        found.append(_figure(f"{national['p']}%", "percent", text, block, subject, None, "england", None))
    return True


def _last_period(words: str) -> str | None:
    """The period worded last before a number."""
    periods = [match[0] for match in _PERIOD.finditer(words)]
    return periods[-1] if periods else None


def _first_period(words: str) -> str | None:
    match = _PERIOD.search(words)
    return match[0] if match else None


# -- the body -----------------------------------------------------------------------------------


def _read_body(block: Block, found: list[Figure], read: set[str]) -> None:
    """Read percentages, rates and counts of children from the sentences of a paragraph.

    `read` holds what its fixed sentences stated already, as printed.
    """
    text = block.text
    sentences: dict[int, int] = {}
    for match in _NUMBER.finditer(text):
        stop = text.find(". ", match.end())
        start = max(text.rfind(". ", 0, match.start()) + 1, text.rfind("\n", 0, match.start()) + 1)
        sentences[start] = stop + 1 if stop >= 0 else len(text)
    for start, stop in sentences.items():
        _read_sentence(block, text[start:stop].strip(), found, read)


def _read_sentence(block: Block, sentence: str, found: list[Figure], read: set[str]) -> None:
    numbers = _numbers(sentence)
    comparator: str | None = None
    for place, match in enumerate(numbers):
        before = sentence[numbers[place - 1].end() if place else 0 : match.start()]
        if comparator is not None and _CHAINED.match(before):
            continue  # goes on with a comparison whose subject it does not repeat
        stop = numbers[place + 1].start() if place + 1 < len(numbers) else len(sentence)
        after = _AFTER_ENDS.split(sentence[match.end() : stop], maxsplit=1)[0]
        figure = _body_figure(block, sentence, match, before, after)
        comparator = figure.comparator if figure else "unclear"
        if figure is not None and figure.value_as_printed not in read:
            found.append(figure)


def _body_figure(block: Block, sentence: str, match: re.Match[str], before: str, after: str) -> Figure | None:
    """One number of a sentence; None where it is unclear what it is of."""
    kind = match.lastgroup or ""
    printed = _printed(match)
    if _BY.search(before) is not None or (kind == "percent" and float(printed.replace(",", "")) > 100):
        return None
    clear, comparator = _comparator(before, after)
    if not clear:
        return None
    what = _COUNTED.match(sentence, match.end()) if kind == "count" else _OF.match(sentence, match.end())
    subject = _subject(what["what"]) if what is not None else None
    if subject is None and kind != "count" and (what := _BEFORE.search(before)) is not None:
        subject = what["what"]
    if kind == "count" and subject is None:
        return None
    own = _PERIOD.search(after)
    period = own[0] if own else None if comparator else _last_period(sentence[: match.start()])
    return _figure(
        printed + ("%" if kind == "percent" else ""), _UNITS[kind], sentence, block, subject, period, comparator, None
    )


def _subject(words: str) -> str | None:
    """What is counted, cut where its verb begins."""
    words = _LOOSE_END.sub("", _VERB.sub("", words.strip()))
    return words if words and words.split()[0].lower() not in _PRONOUNS else None


def _comparator(before: str, after: str) -> tuple[bool, str | None]:
    """Whose figure a number is, from the words between it and its neighbours.

    Returns:
        Whether that is clear, and the comparator if it is not the area's own.
    """
    near = before[max(before.rfind(";"), before.rfind("):"), before.rfind("); "), len(before) - 90, 0) :]
    if _DIFFERENCE.match(after):
        return False, None
    if _CHANGE.search(near):
        return True, "previous"
    for name, _, follows in _COMPARATORS:
        if follows.match(after):
            return True, name
    compared = _COMPARED.search(near) is not None
    named = [name for name, precedes, _ in _COMPARATORS if precedes.search(near)]
    if not compared and not (named and _NAMED.search(near)):
        return True, None
    apart = near.rfind(", ")
    if apart >= 0 and not _COMPARED.search(near[apart:]) and not _NAMED.search(near[apart:]):
        # `better than in England, with only 8%` is the area's own; other words leave it open.
        return _OWN.match(near[apart:]) is not None, None
    if _IN_LINE.search(near):
        return False, None
    if len(named) == 1:
        return True, named[0]
    earlier = _PERIOD.search(after) or re.search(r"\b(?:previous|last|year before|earlier)\b", after)
    return (True, "previous") if compared and not named and earlier else (False, None)


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
    words = printed.rstrip("%").replace(",", "").lower()
    value = float(NUMBER_WORDS[words] if words in NUMBER_WORDS else words)
    return Figure(value, unit, sentence, block.page, subject, period, comparator, printed, code)
