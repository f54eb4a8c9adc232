"""When an inspection took place and when its report came out, as the report itself prints it.

The dates of an inspection stand in up to three places: behind a label on the front, in the
running header, and in a sentence (letters have only that). They are read from the label
where it is whole and compared with the others. A place that is damaged, impossible or runs
backwards is reported and passed over; when no place is sound there is no date.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from transforms.reading.date_forms import (
    MONTH_PATTERN,
    DateParse,
    Window,
    date_in_name,
    find_windows,
    fold,
    parse_date,
    parse_when,
    parse_windows,
    read_value,
)
from transforms.reading.tidy import Text, TextLine
from transforms.reports.model import Problem

__all__ = [
    "InspectionDates",
    "PublishedDate",
    "Window",
    "date_in_name",
    "find_windows",
    "parse_date",
    "parse_when",
    "parse_windows",
    "read_inspection_windows",
    "read_published_date",
]

_PAGE_NUMBER = re.compile(r"\s+\d{1,3}$")
_FRONT_LINES = 70
_LETTER_LINES = 60

# Keys have no punctuation: "Inspection date(s):" is "inspection date s".
_LABEL = re.compile(
    r"(?:(?:the )?date(?: ?s)? of (?:the |this )?(?:joint )?(?:inspection|visit|review|fieldwork)"
    r"|(?:inspection|visit|review|fieldwork|on ?site) date(?: ?s)?"
    r"|inspected (?:on|between|from)"
    r"|inspection (?:took place|carried out)(?: on| between| from)?)(?= ?\d|$| [a-z]{3,9} \d| from| between| [a-z]+day)"
)
_LABEL_INITIALS = frozenset("divtrfo")
# The label behind other words of a line that a reader ran together, and labels that end a value there.
_INNER_LABEL = re.compile(
    r"(?<=\s)(?:inspection dates?(?:\(s\))?|dates? of (?:the |this )?inspection)\s*:\s*(?P<value>.*)", re.IGNORECASE
)
_NEXT_LABEL = re.compile(
    r"\s+(?=(?:lead|reporting) inspector|(?:report )?published\b|dates? of (?:the )?previous|age group|judge?ment\b)",
    re.IGNORECASE,
)
_SPLIT_LABEL = ("inspectiondate", "dateofinspection", "datesofinspection", "inspectedon", "visitdate")
_BACKGROUND = re.compile(r"\b(?:previous|last|earlier|prior|next|since)\b")
_CONTINUES = re.compile(
    rf"(?:\d|(?:to|and|until|till|through)\b|[-\u2013]|(?:{MONTH_PATTERN})\b|(?:mon|tues|wednes|thurs|fri|satur|sun)day)",
    re.IGNORECASE,
)

# A line that begins with a link goes on with the line above, whole as that may look.
_LINKS_ON = re.compile(
    rf"(?:to|and|until|till|through|[-\u2013])\s*(?:the\s+)?(?:[a-z]{{3,6}}day,?\s+)?(?:\d|(?:{MONTH_PATTERN})\b|$)",
    re.IGNORECASE,
)

_SENTENCE_LEAD = re.compile(
    r"\b(?:(?:re-?)?visit(?:ed)?|inspection|inspected|reinspection|re-inspection|carried out|conducted|undertaken"
    r"|undertook|took place|fieldwork|on-site|monitoring)\b"
)
_OF_REPORT = re.compile(r"\b(?:published|issued|released)[\s,]*$")  # the day that follows is the report's own
_WINDOW_LEAD = re.compile(rf"\b(?:on|between|from|dated)\s+(?:the\s+)?(?:\w+day,?\s+)?(?=\d|(?:{MONTH_PATTERN})\s+\d)")
_THIS_INSPECTION = re.compile(
    r"\b(?:(?:this|the) (?:inspection|visit|review)|inspectors)\b[^.]{0,80}?"
    r"\b(?:took place|was carried out|was conducted|was undertaken|were on ?-?site|visited|inspected)\b"
)


@dataclass(slots=True)
class InspectionDates:
    """Windows of one inspection.

    Attributes:
        windows: first and last day of each, in order; empty when no place is sound.
        page, evidence: where they were read and the words.
        places: which printed places say so: `label`, `header`, `sentence`.
        is_complete: False when a further day was announced whose line is gone.
    """

    windows: tuple[Window, ...] = ()
    page: int | None = None
    evidence: str = ""
    places: tuple[str, ...] = ()
    is_complete: bool = True
    problems: list[Problem] = field(default_factory=list)

    @property
    def start(self) -> date | None:
        """First day of the first window."""
        return self.windows[0][0] if self.windows else None

    @property
    def end(self) -> date | None:
        """Last day of the last window; None when the text breaks off before it."""
        return self.windows[-1][1] if self.windows and self.is_complete else None


@dataclass(slots=True)
class PublishedDate:
    """The publication date a report prints. `date` is None when what is printed is no date."""

    date: date | None
    page: int
    evidence: str
    problems: list[Problem] = field(default_factory=list)


@dataclass(slots=True)
class _Found:
    """What one place says."""

    place: str
    parse: DateParse
    page: int
    evidence: str


def _head(text: Text, limit: int) -> Iterator[tuple[int, TextLine]]:
    """Lines near the top: of the first three pages that there are, at most `limit`."""
    # A report bound behind another keeps the page numbers of the file.
    last = text.lines[0].page + 2 if text.lines else 0
    for index, line in enumerate(text.lines[:limit]):
        if line.page > last:
            return
        yield index, line


def _with_continuation(lines: list[TextLine], index: int, value_missing: bool) -> str:
    """A labelled line with the line or two its value runs on to."""
    words = lines[index].text
    for following in lines[index + 1 : index + 3]:
        unfinished = value_missing or words.rstrip().lower().endswith((" to", " and", "-", "\u2013", ","))
        unfinished = unfinished or not words.rstrip()[-1:].isdigit() or _LINKS_ON.match(following.text) is not None
        if not unfinished or not _CONTINUES.match(following.text):
            break
        words = f"{words} {following.text}"
        value_missing = False
    return words


def _label_value(text: Text) -> _Found | None:
    """The labelled dates on the front."""
    found: _Found | None = None
    for index, line in _head(text, _FRONT_LINES):
        keyed = line.key
        if keyed[:1] not in _LABEL_INITIALS:
            continue
        match = _LABEL.match(keyed)
        if match is None and not keyed.replace(" ", "").startswith(_SPLIT_LABEL):
            continue
        if _BACKGROUND.search(match[0] if match else keyed):
            continue
        words = _with_continuation(text.lines, index, not any(c.isdigit() for c in line.text))
        parse = read_value(_NEXT_LABEL.split(words.split(":", 1)[-1], maxsplit=1)[0])
        if parse is None:
            found = found or _Found("label", DateParse(fault="no date behind its label"), line.page, line.text)
            continue
        current = _Found("label", parse, line.page, words)
        if parse.windows:
            return current
        found = current
    return found or _inner_value(text)


def _inner_value(text: Text) -> _Found | None:
    """Labelled dates behind other words of their line, as where a reader ran the lines of the front together."""
    for index, line in _head(text, _FRONT_LINES):
        inner = _INNER_LABEL.search(line.text) if ":" in line.text else None
        if inner is None or _BACKGROUND.search(line.text[: inner.start()].lower()[-30:]):
            continue
        words = line.text
        if not any(c.isdigit() for c in inner["value"]):
            words = _with_continuation(text.lines, index, True)
        value = words[inner.start("value") :]
        parse = read_value(_NEXT_LABEL.split(value, maxsplit=1)[0])
        if parse is not None:
            return _Found("label", parse, line.page, words)
    return None


def _header_value(text: Text) -> _Found | None:
    """The dates most running headers give; needs two pages that agree."""
    votes: Counter[tuple[Window, ...]] = Counter()
    first: dict[tuple[Window, ...], _Found] = {}
    parsed: dict[str, DateParse | None] = {}
    for line in text.removed:
        # The page number at the end would make each header another text.
        words = _PAGE_NUMBER.sub("", line.text)
        if words not in parsed:
            dated = len(words) >= 10 and any(c.isdigit() for c in words)
            parsed[words] = find_windows(words) if dated else None
        parse = parsed[words]
        if parse is not None and parse.windows and not parse.incomplete:
            value = tuple(parse.windows)
            votes[value] += 1
            first.setdefault(value, _Found("header", parse, line.page, words))
    if not votes:
        return None
    (value, count), *others = votes.most_common(2)
    if count < 2 or (others and others[0][1] == count):
        return None
    return first[value]


def _sentences(text: Text) -> Iterator[tuple[str, int]]:
    """Sentences of a letter's opening, then sentences on how this inspection was done, with offsets."""
    flow = text.flow
    opening = flow[:6000]
    dear = opening.find("Dear ")
    if dear >= 0:
        start = dear
        for _ in range(8):
            stop = flow.find(". ", start)
            stop = len(flow) if stop < 0 else stop + 1
            yield flow[start:stop], start
            start = stop
            if start >= len(flow):
                break
    lowered = flow.lower()
    for match in _THIS_INSPECTION.finditer(lowered):
        start = max(lowered.rfind(". ", 0, match.start()) + 1, match.start() - 200, 0)
        stop = lowered.find(". ", match.end())
        yield flow[start : stop + 1 if stop >= 0 else len(flow)][:500], start


def _sentence_value(text: Text) -> _Found | None:
    """The dates a sentence gives for this inspection or visit."""
    for sentence, offset in _sentences(text):
        folded = fold(sentence)
        if not _SENTENCE_LEAD.search(folded):
            continue
        for lead in _WINDOW_LEAD.finditer(folded):
            before = folded[max(lead.start() - 60, 0) : lead.start()]
            if _BACKGROUND.search(before) or _OF_REPORT.search(before):
                continue
            parse = find_windows(folded, lead.start())
            if parse is not None and parse.windows and parse.start - lead.end() < 12:
                return _Found("sentence", parse, text.page_at(offset), sentence.strip())
    return None


def _problem(code: str, message: str, found: _Found | None = None, expected: str | None = None) -> Problem:
    return Problem(
        code,
        "warning",
        message,
        page=found.page if found else None,
        found=found.evidence if found else None,
        expected=expected,
    )


def _written(windows: Iterable[Window]) -> str:
    return " and ".join(f"{a.isoformat()} to {b.isoformat()}" for a, b in windows)


_FRIDAY = 4


def read_inspection_windows(text: Text, *, takes_days: bool = False) -> InspectionDates:
    """Read when the inspection took place.

    Args:
        text: the tidied document.
        takes_days: inspections of this kind never take a single day.

    Returns:
        The windows with their evidence. Problems: `impossible_inspection_date` (a place whose
        dates are refused), `inspection_date_incomplete` (words announce a day whose line is
        gone), `inspection_dates_disagree` (label and header differ; the label is kept),
        `inspection_date_read_once` (the label is gone and only the running header gives them),
        `no_inspection_date` (no sound place: nothing is invented), `single_day` (one day where
        several are needed: mended if a lost dash explains it, else doubted).
    """
    label, header = _label_value(text), _header_value(text)
    result = InspectionDates()
    for place in (label, header):
        if place is not None and not place.parse.windows:
            why = place.parse.fault or "no date"
            result.problems.append(_problem("impossible_inspection_date", f"{place.place}: {why}", place))
    sound = [p for p in (label, header) if p is not None and p.parse.windows]
    if not sound or sound[0].parse.incomplete:
        sentence = _sentence_value(text)
        sound += [sentence] if sentence is not None else []
    if not sound:
        result.problems.append(_problem("no_inspection_date", "no place of the report gives a sound inspection date"))
        return result
    chosen = _choose(sound, result.problems)
    result.windows = tuple(chosen.parse.windows)
    result.page, result.evidence = chosen.page, chosen.evidence
    result.places = tuple(p.place for p in sound if _agree(p.parse.windows, chosen.parse.windows))
    if chosen.place == "header" and label is None:
        message = "only the running header gives the inspection dates, which it sometimes gives wrongly"
        result.problems.append(_problem("inspection_date_read_once", message, chosen, "dates behind their label"))
    if chosen.parse.incomplete:
        _drop_unfinished(result, chosen)
    elif takes_days and len(result.windows) == 1 and result.start == result.end:
        _doubt_single_day(text, result, chosen)
    return result


def _doubt_single_day(text: Text, result: InspectionDates, chosen: _Found) -> None:
    """Explain a single day by a dash that got lost between two days, if that explains it at all.

    "2–6 June" without its dash reads "26 June". Only a text without any character beyond ASCII
    can have lost one, and a sentence joins two days by words. The two days must then make a
    working week's part, as inspections do.
    """
    day = result.windows[0][0]
    printed = f"{chosen.place}: found the single day {day.isoformat()}, expected several days"
    if chosen.place == "sentence" or any(not line.text.isascii() for line in text.document.lines):
        result.problems.append(_problem("single_day", printed, chosen))
        return
    first, last = divmod(day.day, 10)
    candidates = [(day.replace(day=first), day.replace(day=last))] if 0 < first < last else []
    whole_days = [(a, b) for a, b in candidates if a.weekday() < b.weekday() <= _FRIDAY]
    message = printed
    if whole_days:
        result.windows = tuple(whole_days)
        message = f"{printed}; read as {_written(whole_days)}, since the text has lost its dashes"
    result.problems.append(_problem("single_day", message, chosen))


def _agree(ours: list[Window], theirs: list[Window]) -> bool:
    return ours == theirs or (ours[0][0] == theirs[0][0] and ours[-1][1] == theirs[-1][1])


def _choose(sound: list[_Found], problems: list[Problem]) -> _Found:
    """The most trusted whole place; a difference between places is reported."""
    whole = [p for p in sound if not p.parse.incomplete]
    # A header that begins on the day of a broken label completes it; another day does not.
    chosen = sound[0]
    if chosen.parse.incomplete:
        chosen = next((p for p in whole if p.parse.windows[0][0] == chosen.parse.windows[0][0]), chosen)
    for other in sound:
        if other is chosen or _agree(other.parse.windows, chosen.parse.windows) or other.parse.incomplete:
            continue
        message = f"{chosen.place} and {other.place} give different inspection dates; {chosen.place} is kept"
        problems.append(_problem("inspection_dates_disagree", message, other, expected=_written(chosen.parse.windows)))
    return chosen


def _drop_unfinished(result: InspectionDates, chosen: _Found) -> None:
    """Keep the windows that are whole; of the last one only its first day, if it is the only one."""
    result.is_complete = False
    if len(result.windows) > 1 and result.windows[-1][0] == result.windows[-1][1]:
        result.windows = result.windows[:-1]
    message = f"{chosen.place}: the text breaks off before the last day"
    result.problems.append(_problem("inspection_date_incomplete", message, chosen))


_PUBLISHED = re.compile(
    r"(?:(?:(?:the |this )?(?:report|letter) )?(?:was )?(?:first )?published(?: on)?|(?:report )?publication date"
    r"|date (?:of publication|published)|report publication|date of (?:report|letter))"
    r"(?= ?\d|$| [a-z]{3,9} \d| [a-z]+day)"
)
_SPLIT_PUBLISHED = ("reportpublished", "publicationdate")
_INNER_PUBLISHED = re.compile(r"(?<=\s)(?:report published|publication date)\s*:\s*(?P<value>\d.*)", re.IGNORECASE)
_WHOLE_DATE = re.compile(rf"(?:\w+day,? )?\d{{1,2}}(?:st|nd|rd|th)? (?:{MONTH_PATTERN}),? 20\d\d")
# A label without a colon, with nothing but its date; or alone, above it.
_ONLY_PUBLISHED = re.compile(rf"(?:{_PUBLISHED.pattern})(?: ?{_WHOLE_DATE.pattern}| ?\d{{1,2}} \d{{1,2}} (?:20)?\d\d)?")


def read_published_date(text: Text) -> PublishedDate | None:
    """Read the publication date the report prints.

    Args:
        text: the tidied document.

    Returns:
        The first labelled date near the top; for a letter the date above its salutation; None
        when nothing is printed. Problem `published_dates_differ` when a later labelled date
        is another; `impossible_published_date` when the label has no date behind it.
    """
    labelled: list[PublishedDate] = []
    for index, line in _head(text, _FRONT_LINES):
        if "publi" not in line.key and "letter" not in line.key and "report" not in line.key:
            continue
        if not _PUBLISHED.match(line.key) and not line.key.replace(" ", "").startswith(_SPLIT_PUBLISHED):
            inner = _INNER_PUBLISHED.search(line.text)
            if inner is not None and (day := parse_date(inner["value"])):
                labelled.append(PublishedDate(day, line.page, line.text))
            continue
        words = line.text
        if ":" not in words[:40] and not (words[0].isupper() and _ONLY_PUBLISHED.fullmatch(line.key)):
            continue  # a line of a sentence that tells of some other publication
        if not any(c.isdigit() for c in words):
            following = text.lines[index + 1] if index + 1 < len(text.lines) else None
            if following is None or not re.match(r"\d", following.text):
                continue
            words = f"{words} {following.text}"
        day = parse_date(words.split(":", 1)[-1])
        labelled.append(PublishedDate(day, line.page, words))
    return _first_published(labelled) if labelled else _letter_date(text)


def _first_published(labelled: list[PublishedDate]) -> PublishedDate:
    """By rule the first printed date that is one."""
    first = next((p for p in labelled if p.date is not None), labelled[0])
    if first.date is None:
        message = "the label of the publication date has no date of the calendar behind it"
        first.problems.append(Problem("impossible_published_date", "warning", message, first.page, first.evidence))
    for other in labelled:
        if other.date is not None and other.date != first.date:
            message = "the report prints two publication dates; the first is kept"
            first.problems.append(
                Problem("published_dates_differ", "warning", message, other.page, other.evidence, first.evidence)
            )
    return first


def _letter_date(text: Text) -> PublishedDate | None:
    """The date of a letter: alone on its line, above the salutation."""
    head = text.lines[:_LETTER_LINES]
    dear = next((i for i, line in enumerate(head) if line.key.startswith("dear ")), None)
    if dear is None:
        return None
    for line in head[:dear]:
        if _WHOLE_DATE.fullmatch(line.key) and (day := parse_date(line.text)):
            return PublishedDate(day, line.page, line.text)
    return None
