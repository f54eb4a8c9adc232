"""Which collection year, and for lists of one day which day, a file tells of.

A header says so; else the dates in the file do; else the names of the file and its folders. Names
are asked last: files are called anything.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, timedelta

import polars as pl

from transforms.returns.entry import Return
from transforms.returns.values import read_date

_NEVER_EVENTS = ("birth", "dob")
_SPAN = re.compile(r"(?<!\d)(?:20)?(\d{2})\s?[-_/ ]?\s?(?:20)?(\d{2})(?!\d)")
_YEAR = re.compile(r"(?<!\d)(20[1-4]\d)(?!\d)")
_DATES = (
    re.compile(r"(?<!\d)(20\d{2})[-_. ]?(\d{2})[-_. ]?(\d{2})(?!\d)"),
    re.compile(r"(?<!\d)(\d{1,2})[-_. ](\d{1,2})[-_. ](20\d{2})(?!\d)"),
)


def collection_year(entry: Return, day: date) -> int:
    """Return the collection year whose period holds a day."""
    for year in (day.year, day.year + 1):
        start, end = entry.period(year)
        if start <= day <= end:
            return year
    return day.year


def year_counts(entry: Return, tables: Mapping[str, pl.DataFrame]) -> Counter[int]:
    """Count, by collection year, the dates that tell it."""
    counts: Counter[int] = Counter()
    for frame in tables.values():
        for name in frame.columns:
            if name in entry.year_columns:
                for text, number in frame[name].drop_nulls().value_counts().iter_rows():
                    day, _ = read_date(text)
                    if day is not None:
                        counts[collection_year(entry, day)] += number
    return counts


def most_likely(counts: Mapping[int, int]) -> int | None:
    """Return the year that most dates fall in; None where there is no date or two years tie."""
    ranked = sorted(counts.items(), key=lambda item: -item[1])
    if not ranked or (len(ranked) > 1 and ranked[0][1] == ranked[1][1]):
        return None
    return ranked[0][0]


def latest_day(entry: Return, tables: Mapping[str, pl.DataFrame]) -> date | None:
    """Return the latest day of an event in lists of one day, leaving out the few that lie far ahead.

    What is drawn up on a day knows no later event, but for mistyped ones: a day counts only where
    at least one in a hundred dates lies within the year before it.
    """
    counts: Counter[date] = Counter()
    for name, frame in tables.items():
        kinds = {column.name: column.kind for column in entry.table(name).columns}
        for column in frame.columns:
            if kinds.get(column) == "date" and not any(word in column.lower() for word in _NEVER_EVENTS):
                for text, number in frame[column].drop_nulls().value_counts().iter_rows():
                    day, _ = read_date(text)
                    if day is not None:
                        counts[day] += number
    total = sum(counts.values())
    for day in sorted(counts, reverse=True):
        near = sum(number for other, number in counts.items() if day - timedelta(365) <= other <= day)
        if near * 100 >= total:
            return day
    return None


def year_in(names: Iterable[str]) -> int | None:
    """Return the collection year the names of a file and its folders tell, the nearest name first.

    `2025-26`, `2025_2026`, `202526` and `25/26` are 2026, and so is `2026` alone.
    """
    for name in names:
        for match in _SPAN.finditer(name):
            first, second = int(match[1]), int(match[2])
            if second == first + 1 and 10 <= first <= 48:
                return 2000 + second
        years = set(_YEAR.findall(name))
        if len(years) == 1:
            return int(years.pop())
    return None


def day_in(names: Iterable[str]) -> date | None:
    """Return the day the names of a file and its folders tell, the nearest name first."""
    for name in names:
        for number, pattern in enumerate(_DATES):
            if match := pattern.search(name):
                parts = [int(part) for part in match.groups()]
                try:
                    return date(*parts) if number == 0 else date(parts[2], parts[1], parts[0])
                except ValueError:
                    continue
    return None
