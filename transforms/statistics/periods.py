"""A time period and its identifier to a period: code, kind, first and last day.

`time_period` is four digits or six, however divided (`2025`, `202425`, `2024/25`, `2024-2025`);
`time_identifier` says what kind of year or part of a year. What a reporting year is, the
collection decides (`publication.csv`): the year to 31 March, the year to 30 September, or a
day. A reporting year over two calendar years is named by the one in which it ends.

Source: EES guidance on time identifiers; reference, section "Time".
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

_MONTHS = "january february march april may june july august september october november december".split()
# Kinds of year by identifier: first month, and whether the code has six digits.
_YEARS = {
    "academic year": ("academic_year", 9),
    "six half terms": ("academic_year", 9),
    "financial year": ("financial_year", 4),
    "tax year": ("tax_year", 4),
    "calendar year": ("calendar_year", 1),
    "reporting year": ("reporting_year", 0),
}
_TERMS = {
    "autumn term": ((9, 0), (12, 0)),
    "spring term": ((1, 1), (4, 1)),
    "summer term": ((4, 1), (8, 1)),
    "autumn and spring term": ((9, 0), (4, 1)),
    "autumn and spring terms": ((9, 0), (4, 1)),
    "five half terms": ((9, 0), (5, 1)),
}
_YEAR = re.compile(r"(?P<first>(?:19|20)\d\d)(?:\s*[/_–-]?\s*(?P<second>(?:19|20)\d\d|\d\d))?(?:\.0)?")
_QUARTERS = re.compile(r"(?:(?P<year>[a-z]+ year) )?(?:q|quarter )(?P<from>[1-4])(?:(?:-| to )q?(?P<to>[1-4]))?")
_WEEK = re.compile(r"week (?P<week>\d{1,2})")
_PART = re.compile(r"part (?P<part>[12])\b.*")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class Period:
    """One reporting period.

    Attributes:
        code: as series are joined by: `2025`, `202425`, `2024Q3`, `2024-03`, `2024-03-31`.
        kind: of period; with the code it names one period.
        start, end: first and last day.
    """

    code: str
    kind: str
    start: date
    end: date


def read_period(
    time_period: str, time_identifier: str, year_ends: str = "03-31", year_names: frozenset[str] = frozenset()
) -> Period | None:
    """Read one period.

    Args:
        time_period: as printed.
        time_identifier: as printed; empty: six digits mean an academic year, four a reporting year.
        year_ends: month and day on which a reporting year of the collection ends; `at 06-30`: the
            collection tells of that day, not of a year.
        year_names: identifiers, in lower case, that also mean the reporting year of the collection; a financial
            year is one only where it is named by both of its calendar years.

    Returns:
        The period, or None for what is not one.
    """
    text, identifier = time_period.strip(), " ".join(time_identifier.lower().replace("_", " ").split())
    if _DAY.fullmatch(text):
        return _day(text)
    match = _YEAR.fullmatch(text)
    if match is None:
        return None
    first, second = int(match["first"]), match["second"]
    if second is not None and int(second) % 100 != (first + 1) % 100:
        return None
    if not identifier:
        identifier = "academic year" if second else "reporting year"
    if identifier in year_names and (second is not None or identifier != "financial year"):
        identifier = "reporting year"
    if identifier in _YEARS:
        return _year(identifier, first, second is not None, year_ends)
    return _part_of_year(identifier, first, second is not None)


def _day(text: str) -> Period | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return Period(text, "snapshot", day, day)


def _year(identifier: str, first: int, is_double: bool, year_ends: str) -> Period | None:
    kind, month = _YEARS[identifier]
    if kind == "reporting_year":
        return _reporting_year(first + is_double, year_ends)
    if kind == "calendar_year":
        return None if is_double else Period(str(first), kind, date(first, 1, 1), date(first, 12, 31))
    if not is_double:
        return None  # which of its two calendar years is meant, nothing says
    start = date(first, month, 6 if kind == "tax_year" else 1)
    return Period(_double(first), kind, start, start.replace(year=first + 1) - timedelta(days=1))


def _reporting_year(year: int, year_ends: str) -> Period:
    is_day = year_ends.startswith("at ")
    end = date.fromisoformat(f"{year}-{year_ends.removeprefix('at ')}")
    if is_day:
        return Period(str(year), "snapshot", end, end)
    start = end.replace(year=year - 1) + timedelta(days=1)
    kind = {3: "financial_year", 9: "year_to_september", 12: "calendar_year", 8: "academic_year"}.get(end.month)
    return Period(str(year), kind or "reporting_year", start, end)


def _part_of_year(identifier: str, first: int, is_double: bool) -> Period | None:
    if identifier in _TERMS and is_double:
        (from_month, from_year), (to_month, to_year) = _TERMS[identifier]
        start = date(first + from_year, from_month, 1)
        return Period(f"{_double(first)} {identifier}", "term", start, _month_end(first + to_year, to_month))
    if identifier in _MONTHS and not is_double:
        month = _MONTHS.index(identifier) + 1
        return Period(f"{first}-{month:02d}", "month", date(first, month, 1), _month_end(first, month))
    if (quarter := _QUARTERS.fullmatch(identifier)) is not None:
        return _quarters(quarter, first, is_double)
    if (week := _WEEK.fullmatch(identifier)) is not None and not is_double:
        try:
            start = date.fromisocalendar(first, int(week["week"]), 1)
        except ValueError:
            return None
        return Period(f"{first}W{int(week['week']):02d}", "week", start, start + timedelta(days=6))
    if (part := _PART.fullmatch(identifier)) is not None and is_double:
        number = int(part["part"])
        start = date(first, 4, 1) if number == 1 else date(first, 10, 1)
        end = date(first, 9, 30) if number == 1 else date(first + 1, 3, 31)
        return Period(f"{_double(first)}H{number}", "half_year", start, end)
    return None


def _quarters(match: re.Match[str], first: int, is_double: bool) -> Period | None:
    year = match["year"] or ("financial year" if is_double else "calendar year")
    if year not in _YEARS or is_double == (year == "calendar year"):
        return None
    if year in ("reporting year", "six half terms"):
        return None  # where its quarters begin, nothing says
    since, until = int(match["from"]), int(match["to"] or match["from"])
    if until < since:
        return None
    month = _YEARS[year][1]
    late = timedelta(days=5 if year == "tax year" else 0)
    start = _month_start(first, month + 3 * (since - 1)) + late
    end = _month_start(first, month + 3 * until) + late - timedelta(days=1)
    code = _double(first) if is_double else str(first)
    suffix = f"Q{since}" if since == until else f"Q{since}-Q{until}"
    kind = "quarter" if since == until else "quarters"
    prefix = {"academic year": "AY", "tax year": "TY"}.get(year, "")
    return Period(f"{prefix}{code}{suffix}", kind, start, end)


def _double(first: int) -> str:
    return f"{first}{(first + 1) % 100:02d}"


def _month_start(year: int, month: int) -> date:
    return date(year + (month - 1) // 12, (month - 1) % 12 + 1, 1)


def _month_end(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])
