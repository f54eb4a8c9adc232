"""The written forms of dates and inspection windows, and nothing about where they stand.

Forms seen in reports: `10 to 14 June 2024`, `24 November 2015 - 17 December 2015`,
`25 November to 6 December 2019`, `1/06/2015 - 25/06/2015`, two windows joined by `and`,
single days, ordinals, weekdays. Text that has lost its dashes runs numbers together
(`1014 June 2024`, `4 July 201628 July 2016`): a number before a month is read as one day
or two rising days, a number after a month as a year with or without the next day.
What does not make a real, forward window is refused, never mended.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, timedelta

Window = tuple[date, date]

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            ("january", "jan"),
            ("february", "feb"),
            ("march", "mar"),
            ("april", "apr"),
            ("may",),
            ("june", "jun"),
            ("july", "jul"),
            ("august", "aug"),
            ("september", "sept", "sep"),
            ("october", "oct"),
            ("november", "nov"),
            ("december", "dec"),
        ),
        start=1,
    )
    for name in names
}
MONTH_PATTERN = "|".join(sorted(MONTHS, key=len, reverse=True))

# Longest inspection window accepted: the longest SIF ran under five weeks, with a pause
# for holidays under eight; anything longer is a misprint in one of its dates.
LONGEST_WINDOW = timedelta(days=100)
_YEARS = range(1990, 2060)

_DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2500\u2501\u0336\u2043\ufe58\uff0d"), "-")
_QUOTES = dict.fromkeys(map(ord, "\u2018\u2019\u201b\u00b4"), "'")
_FOLD = {**_DASHES, **_QUOTES, 0xA0: " ", 0x2009: " ", 0x202F: " ", 0xAD: ""}

_TOKEN = re.compile(
    rf"""
    (?P<space>\s+)
  | (?P<iso>(?:19|20)\d\d-\d\d?-\d\d?(?!\d))
  | (?P<numeric>\d{{1,2}}(?P<mark>[/.-])\d{{1,2}}(?P=mark)(?:(?:19|20)\d\d|\d\d(?!\d)))
  | (?P<number>\d+)(?:\s?(?:st|nd|rd|th)(?![a-z]))?
  | (?P<short_year>'\d\d(?!\d))
  | (?P<month>(?:{MONTH_PATTERN})(?:(?![a-z])|(?=(?:to|and|until)\d))\.?)
  | (?P<skip>(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|mon|tue|tues|wed|thu|thur|thurs|fri|sat|sun
        |the|of|on|dates?|inclusive)(?![a-z])\.?)
  | (?P<week>w/c\.?|(?:week\s+)?(?:commencing|beginning)(?![a-z])\.?)
  | (?P<span>(?:between|from)(?![a-z]))
  | (?P<to>[-]+|(?:to|until|till|through|thru)(?![a-z]))
  | (?P<and>(?:and|plus)(?![a-z])|[&;+])
  | (?P<comma>,)
    """,
    re.VERBOSE,
)
_STARTERS = re.compile(rf"\d|(?:{MONTH_PATTERN})(?![a-z])|(?:between|from|w/c|week\s+commencing)(?![a-z])")
# What stands before a date that is the rest of a longer phrase, whose beginning could not be read.
_TAIL_OF_MORE = re.compile(rf"(?:\b(?:to|and|until|till|through)|[-&\d]|(?:\b(?:{MONTH_PATTERN})\b)\.?)\s*$")
# After a labelled value: nothing with digits but behind another label.
_SENTENCE_GOES_ON = re.compile(r"\s*[a-z]{2,}")  # months are words of the dates already
_VALUE_ENDS = re.compile(r"[^\d:]*(?:$|:)")


@dataclass(slots=True)
class DateParse:
    """What one stretch of text says of dates.

    Attributes:
        windows: first and last day, in printed order; empty when refused.
        incomplete: a connecting word or a day at the end led to nothing.
        fault: why it was refused, None when it was not.
        start, end: where in the folded text it stands.
    """

    windows: list[Window] = field(default_factory=list)
    incomplete: bool = False
    fault: str | None = None
    start: int = 0
    end: int = 0


@dataclass(slots=True)
class _Day:
    """A day as written: month and year may stand on a later one. `link` joins it to the one before."""

    day: int
    month: int | None
    year: int | None
    link: str  # "" | to | and | comma
    week: bool = False


def fold(text: str) -> str:
    """Lower case with one kind of dash, apostrophe and space. Keeps one character for one, but soft hyphens."""
    return text.translate(_FOLD).lower()


def _tokens(text: str, at: int) -> list[tuple[str, str, int]]:
    """Kinds, words and end positions from `at` until something that belongs to no date."""
    found = []
    while match := _TOKEN.match(text, at):
        at = match.end()
        kind = match.lastgroup if match.lastgroup != "mark" else "numeric"
        if kind in {"space", "skip"}:
            continue
        word = match.group("number") if kind == "number" else match.group()
        found.append((kind or "", word, at))
    return found


def _full_year(two_digits: str) -> int:
    number = int(two_digits)
    return 2000 + number if number < 60 else 1900 + number


def _numeric_day(word: str, link: str) -> _Day | None:
    parts = re.split(r"[/.-]", word)
    if len(parts[0]) == 4:
        year, month, day = (int(p) for p in parts)
    else:
        day, month = int(parts[0]), int(parts[1])
        year = int(parts[2]) if len(parts[2]) == 4 else _full_year(parts[2])
    return _Day(day, month, year, link) if year in _YEARS else None


def _split_days(digits: str) -> list[int]:
    """One day, or two that ran together when the dash between them was lost."""
    if len(digits) <= 2:
        if 1 <= int(digits) <= 31:
            return [int(digits)]
        return [int(digits[0]), int(digits[1])] if "0" < digits[0] < digits[-1] else []
    splits = []
    for cut in (1, 2):
        first, second = digits[:cut], digits[cut:]
        if 1 <= len(second) <= 2 and second[0] != "0" and 1 <= int(first) < int(second) <= 31:
            splits.append([int(first), int(second)])
    return splits[0] if len(splits) == 1 else []


def _take_year(tokens: list[tuple[str, str, int]], at: int, lone: bool) -> tuple[int | None, int]:
    """The year after a month, and the place after it. Two digits count only where `lone` allows."""
    probe = at + 1 if at < len(tokens) and tokens[at][0] == "comma" else at
    if probe >= len(tokens):
        return None, at
    kind, word, end = tokens[probe]
    if kind == "short_year":
        return _full_year(word[1:]), probe + 1
    if kind != "number":
        return None, at
    month_follows = probe + 1 < len(tokens) and tokens[probe + 1][0] == "month"
    if len(word) >= 4 and int(word[:4]) in _YEARS and not (len(word) == 4 and month_follows and probe != at):
        rest = word[4:]
        if rest and month_follows and len(rest) <= 2:
            # The dash between a year and the next day is gone: leave the day for the next turn.
            tokens[probe] = ("number", rest, end)
            return int(word[:4]), probe
        return (int(word[:4]), probe + 1) if len(rest) <= 2 else (None, at)
    if lone and len(word) == 2 and not month_follows:
        return _full_year(word), probe + 1
    return None, at


def _month_first(tokens: list[tuple[str, str, int]], at: int, link: str) -> tuple[_Day | None, int]:
    """`June 11, 2024`: accepted only with its year, so that `June 20` is never taken for one."""
    if at + 1 < len(tokens) and tokens[at + 1][0] == "number" and len(tokens[at + 1][1]) <= 2:
        year, after = _take_year(tokens, at + 2, lone=False)
        if year is not None:
            return _Day(int(tokens[at + 1][1]), MONTHS[tokens[at][1].rstrip(".")], year, link), after
    return None, at


def _days(tokens: list[tuple[str, str, int]], lone: bool) -> tuple[list[_Day], int, bool]:
    """Days as written, how many tokens they took, and whether the last words led nowhere."""
    days: list[_Day] = []
    at, used, link, week = 0, 0, "", False
    while at < len(tokens):
        kind, word, _ = tokens[at]
        if kind in {"to", "and", "comma"}:
            # "to" outweighs a comma or dash-comma pair; two real links in a row end the phrase.
            link = kind if link in {"", "comma"} else link
            at += 1
            continue
        if kind in {"span", "week"}:
            week = week or kind == "week"
            at += 1
            continue
        new: list[_Day] = []
        if kind in {"iso", "numeric"}:
            day = _numeric_day(word, link)
            new, at = ([day] if day else []), at + 1
        elif kind == "month":
            day, at = _month_first(tokens, at, link)
            new = [day] if day else []
        elif kind == "number":
            new, at = _numbered(tokens, at, link, lone)
        if not new:
            break
        new[0].week = week
        days += new
        used, link, week = at, "", False
    return days, used, bool(days) and link in {"to", "and"}


def _numbered(tokens: list[tuple[str, str, int]], at: int, link: str, lone: bool) -> tuple[list[_Day], int]:
    """A number that should be a day: with its month, or waiting for the next one's."""
    following = tokens[at + 1][0] if at + 1 < len(tokens) else ""
    if following == "month":
        numbers = _split_days(tokens[at][1])
        if not numbers:
            return [], at
        month = MONTHS[tokens[at + 1][1].rstrip(".")]
        year, after = _take_year(tokens, at + 2, lone)
        new = [_Day(n, month, year, link if i == 0 else "to") for i, n in enumerate(numbers)]
        return new, after
    if following in {"to", "and", "comma", "number"} and _month_ahead(tokens, at + 1):
        numbers = _split_days(tokens[at][1]) if len(tokens[at][1]) <= 2 else []
        return [_Day(n, None, None, link) for n in numbers], at + 1
    return [], at


def _month_ahead(tokens: list[tuple[str, str, int]], at: int) -> bool:
    """Whether only day numbers and links stand between here and a month."""
    for kind, word, _ in tokens[at:]:
        if kind == "month":
            return True
        if kind not in {"to", "and", "comma", "number"} or (kind == "number" and len(word) > 4):
            return False
    return False


def _fill(days: list[_Day]) -> str | None:
    """Give each day the month and year that a later (else an earlier) one states. Returns a fault."""
    for earlier, later in zip(reversed(days[:-1]), reversed(days[1:]), strict=True):
        if earlier.month is None:
            earlier.month, earlier.year = later.month, later.year
        elif earlier.year is None and later.year is not None and later.month is not None:
            earlier.year = later.year - 1 if earlier.month > later.month else later.year
    for earlier, later in zip(days, days[1:], strict=False):
        if later.year is None and earlier.year is not None and later.month is not None and earlier.month is not None:
            later.year = earlier.year + 1 if later.month < earlier.month else earlier.year
    if any(d.month is None for d in days):
        return "a day without a month"
    return "no year" if any(d.year is None for d in days) else None


def _real(day: _Day) -> date | None:
    try:
        return date(day.year or 0, day.month or 0, day.day)
    except ValueError:
        return None


def _group(days: list[_Day], spanned: bool) -> tuple[list[Window], str | None]:
    """Pair days into windows. A missing link between two days is a lost dash."""
    windows: list[list[date]] = []
    for index, day in enumerate(days):
        real = _real(day)
        if real is None:
            return [], "not a date of the calendar"
        link = day.link
        if spanned and len(days) == 2 and index == 1 and link == "and":
            link = "to"
        if windows and link in {"to", ""}:
            if len(windows[-1]) == 2:
                return [], "three dates in one window"
            windows[-1].append(real)
        elif day.week and real.weekday() == 0:
            windows.append([real, real + timedelta(days=4)])
        else:
            windows.append([real])
    return _sound([(w[0], w[-1]) for w in windows])


def _sound(pairs: list[Window]) -> tuple[list[Window], str | None]:
    """Windows in order, such as follow each other directly made one; none, and the fault, if they cannot be right."""
    for start, end in pairs:
        if end < start:
            return [], "ends before it starts"
        if end - start > LONGEST_WINDOW:
            return [], "longer than any inspection"
    joined = pairs[:1]
    for start, end in pairs[1:]:
        if start <= joined[-1][1]:
            return [], "windows overlap or stand in the wrong order"
        if start - joined[-1][1] == timedelta(days=1):
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined, None


def _parse_at(text: str, at: int, lone: bool) -> DateParse | None:
    """Parse from one place of folded text; None when no date starts there."""
    tokens = _tokens(text, at)
    if not tokens:
        return None
    spanned = any(kind == "span" for kind, _, _ in tokens)
    days, used, incomplete = _days(tokens, lone)
    incomplete = incomplete and not _goes_on(text, tokens)
    while days and days[-1].month is None:
        days.pop()
        incomplete = True
    if not days:
        return None
    result = DateParse(start=at, end=tokens[used - 1][2], incomplete=incomplete)
    result.fault = _fill(days)
    if result.fault is None:
        result.windows, result.fault = _group(days, spanned)
    return result


def _goes_on(text: str, tokens: list[tuple[str, str, int]]) -> bool:
    """Whether the sentence goes on behind an "and" that ends the dates: "between 8 and 12 July 2019 and was led"."""
    kind, _, end = tokens[-1]
    return kind == "and" and _SENTENCE_GOES_ON.match(text, end) is not None


def find_windows(text: str, at: int = 0) -> DateParse | None:
    """First stretch of `text` that reads as dates, from `at` on.

    Args:
        text: one line or sentence, as printed.
        at: where to start looking.

    Returns:
        The first parse with windows; else the first refused one with its fault; None without dates.
        A date that follows a link or a number is the rest of something unreadable: refused.
    """
    folded = fold(text)
    refused: DateParse | None = None
    first = at
    while match := _STARTERS.search(folded, at):
        at = match.start()
        torn = at > first and _TAIL_OF_MORE.search(folded, max(at - 12, first), at)
        parsed = None if torn else _parse_at(folded, at, lone=False)
        if parsed is not None and parsed.windows:
            return parsed
        refused = refused or parsed
        if parsed is not None and parsed.fault not in _UNFINISHED:
            # Part of a refused window must not be taken for a smaller, sound one.
            at = parsed.end
        else:
            at = match.end()
    return refused


_UNFINISHED = frozenset({"no year", "a day without a month"})


def read_value(value: str) -> DateParse | None:
    """Read what stands behind a label: nothing but dates, all of it.

    Words and numbers that a reader split (`1 0 to 14 Ju ne 2024`) come right without their
    spaces, but only then is that tried: a lost dash leaves two days that must stay two.

    Returns:
        None when there is no date; a parse with a fault when what is there is not sound.
    """
    whole = fold(value)
    refused: DateParse | None = None
    for text in (whole, "".join(whole.split())):
        match = _STARTERS.search(text)
        if match is None:
            continue
        parsed = _parse_at(text, match.start(), lone=False)
        complete = parsed is not None and _VALUE_ENDS.match(text, parsed.end) is not None
        if parsed is not None and complete and parsed.fault not in _UNFINISHED:
            return parsed
        if parsed is not None and not complete:
            parsed = DateParse(fault="words among the dates that cannot be read", start=parsed.start, end=parsed.end)
        refused = refused or parsed or DateParse(fault="no date of a known form", start=match.start(), end=len(text))
    return refused


def parse_windows(text: str) -> list[Window]:
    """All windows of the first stretch of dates in `text`; empty when there is none or it is refused.

    `11 and 12 June 2024` is one window, `8 to 12 July and 7 to 8 August 2019` two.
    A week commencing on a Monday runs to its Friday.
    """
    parsed = read_value(text)
    if parsed is None or not parsed.windows:
        parsed = find_windows(text)
    return parsed.windows if parsed else []


def parse_date(text: str) -> date | None:
    """The single day that `text` states first, with its year; None when there is none, or a window."""
    folded = fold(text)
    for words in (folded, "".join(folded.split())):
        match = _STARTERS.search(words)
        if match is None:
            return None
        parsed = _parse_at(words, match.start(), lone=True)
        if parsed is not None and words[parsed.end :].lstrip()[:1].isdigit():
            continue  # "25 November 20 16": the year was split
        if parsed is not None and len(parsed.windows) == 1 and parsed.windows[0][0] == parsed.windows[0][1]:
            return parsed.windows[0][0]
    return None


_WHEN = re.compile(
    rf"(?:(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?)?(?P<month>{MONTH_PATTERN})\.?,?\s+(?P<year>(?:19|20)\d\d)"
    r"|(?P<only>(?:19|20)\d\d)(?!\d)"
)


def parse_when(text: str) -> tuple[date, str] | None:
    """First day, month or year written in `text`, with its precision: `day`, `month` or `year`.

    A month stands for its first day, a year for the first of January.
    """
    match = _WHEN.search(fold(text))
    if match is None:
        return None
    if match["only"]:
        return date(int(match["only"]), 1, 1), "year"
    month, year = MONTHS[match["month"]], int(match["year"])
    if match["day"]:
        real = _real(_Day(int(match["day"]), month, year, ""))
        return (real, "day") if real else None
    return date(year, month, 1), "month"


_IN_NAME = re.compile(
    rf"(?<!\d)(?P<d>\d{{1,2}})(?:st|nd|rd|th)?[\s_.,-]*(?P<m>{MONTH_PATTERN})[\s_.,-]*(?P<y>20\d\d|\d\d)(?!\d)"
    r"|(?<!\d)(?P<iy>20\d\d)(?P<mark>[-_. ])(?P<im>\d{1,2})(?P=mark)(?P<id>\d{1,2})(?!\d)"
    r"|(?<!\d)(?P<nd>\d{1,2})(?P<nmark>[-_. ])(?P<nm>\d{1,2})(?P=nmark)(?P<ny>20\d\d|\d\d)(?!\d)"
    r"|(?<!\d)(?P<solid>\d{8})(?!\d)"
)
_NAME_YEARS = range(2005, 2060)


def _solid_dates(digits: str) -> set[date]:
    """`20230113` or `13012023`."""
    found = set()
    for year, month, day in ((digits[:4], digits[4:6], digits[6:]), (digits[4:], digits[2:4], digits[:2])):
        if int(year) in _NAME_YEARS and (real := _real(_Day(int(day), int(month), int(year), ""))):
            found.add(real)
    return found


def date_in_name(name: str) -> date | None:
    """The one date that stands in a file's name; None where there is none, or more than one is possible.

    Numeric dates are day first, as is usual here, unless the year leads.
    """
    found: set[date] = set()
    for match in _IN_NAME.finditer(fold(name)):
        groups = match.groupdict()
        if groups["solid"]:
            found |= _solid_dates(groups["solid"])
            continue
        if groups["d"]:
            day, month, year = groups["d"], MONTHS[groups["m"]], groups["y"]
        elif groups["iy"]:
            day, month, year = groups["id"], int(groups["im"]), groups["iy"]
        else:
            day, month, year = groups["nd"], int(groups["nm"]), groups["ny"]
        full = int(year) if len(year) == 4 else _full_year(year)
        real = _real(_Day(int(day), month, full, "")) if full in _NAME_YEARS else None
        if real:
            found.add(real)
    return found.pop() if len(found) == 1 else None
