"""What one cell of an official outcomes table says: nothing, a day, a grade, of which area."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache

from transforms.official_wordings import words
from transforms.reports import frameworks
from transforms.reports.framework import Area, Framework, Grade
from transforms.spreadsheets import Cell

FAMILY = "childrens_services"
EARLIEST = date(2005, 1, 1)
# From the first day of an inspection to publication: usual, rarely more, never more.
LAG, LONG, LONGEST = timedelta(days=60), timedelta(days=183), timedelta(days=365)
# Days of one inspection as told twice differ by no more; two inspections of one authority are never as near.
SAME, NEAR = timedelta(days=7), timedelta(days=90)

_LATEST = date(2100, 1, 1)
_EPOCH = date(1899, 12, 30)  # day 0 of spreadsheets
NOTHING = frozenset(
    (
        "", "not judged", "no judgement", "not inspected", "not yet inspected", "no inspection", "not applicable",
        "n a", "na", "none", "null", "nan", "z", "x",
    )
)  # fmt: skip
_UNSAID = re.compile(r"#\S+|\[(?!note\b)[A-Za-z]{2,}[^\]]*\]", re.IGNORECASE)  # errors of formulas, words in brackets
_WITHHELD = re.compile(r"\[?[a-z]\]?")
_NOTE = re.compile(r"\s*(?:\[[^\]]*\]|\*+|\((?:note|see)[^)]*\)|\(\d{1,2}\)|[\u00b9\u00b2\u00b3\u2070-\u2079]+)\s*$")
RANKS = frozenset(("1", "2", "3", "4"))
NO_RANK = "5"  # not judged, as notes of the lists of 2014 say
# What a framework does not judge if all of it is of one half of the services.
_OTHER_HALF = {"looked_after": "help_and_protection", "safeguarding": "children_in_care"}
_SHORT_GRADES = {"ri": "requires improvement", "ritbg": "requires improvement"}  # no other grade begins so
# With blanks for `/`, `.`, `-` and commas, without the day of the week and a time of day.
_DAY_FORMS = ("%d/%m/%y", "%d %m %Y", "%d %B %Y", "%d %b %Y", "%B %d %Y", "%b %d %Y", "%d %b %y", "%d%b%Y", "%d%B%Y")
_OF_DAY = re.compile(
    r"^(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\b|[ T]\d{1,2}:\d\d(?::\d\d)?(?:\.0+)?$",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"(?:grade )?(?P<number>[1-4])(?: (?P<word>.+))?")
_ISO = re.compile(r"(\d{4})[-/](\d{2})[-/](\d{2})(?!\d)")


def read_day(cell: Cell) -> date | None:
    """Return the day a cell holds: a date, a spreadsheet's day number, or text in a usual form."""
    day: date | None = None
    if isinstance(cell, datetime):
        day = cell.date()
    elif isinstance(cell, date):
        day = cell
    elif isinstance(cell, float) and 36_000 <= cell <= 73_000:
        day = _EPOCH + timedelta(days=int(cell))
    elif isinstance(cell, str):
        day = _day_of_text(cell)
    return day if day and EARLIEST <= day <= _LATEST else None


def _day_of_text(cell: str) -> date | None:
    text = re.sub(r"(?<=\d)(?:st|nd|rd|th)\b", "", " ".join(_NOTE.sub("", cell).split()))
    iso = _ISO.match(text)
    try:
        if iso:
            return date(int(iso[1]), int(iso[2]), int(iso[3]))
    except ValueError:
        return None
    text = _OF_DAY.sub("", text).strip()
    plain = " ".join(re.sub(r"[/.,-]", " ", text).replace("Sept ", "Sep ").split())
    for form in _DAY_FORMS:
        try:
            return datetime.strptime(text if "/" in form else plain, form).date()  # noqa: DTZ007 - a day, not a moment
        except ValueError:
            continue
    return None


@dataclass(frozen=True, slots=True)
class Days:
    """When an inspection was, and whether a row leaves no room for a judgement of care leavers that it does not show.

    Attributes:
        started, published: first day and day of publication, where known.
        shows_care_leavers: there is a column for them, and what it holds is neither withheld nor no grade.
    """

    started: date | None
    published: date | None
    shows_care_leavers: bool


def area_of(
    framework: Framework, role: str, half: str | None, days: Days, judged: set[str], heading: str
) -> Area | None:
    """Return the area of a framework that a column grades.

    Args:
        framework: of the inspection.
        role: the area's code across frameworks.
        half: where services were judged in two halves.
        days: decide between an area and its successor.
        judged: roles graded in the same row.
        heading: of the column.

    Returns:
        None where there is no such area, or no telling which of an area and its successor is meant.
    """
    if role == "overall":
        wanted = f"{half}_overall_effectiveness" if half else "overall_effectiveness"
        judges_both = half is not None and any(a.conformed == _OTHER_HALF[half] for a in framework.areas)
        found = [a for a in framework.areas if a.code == wanted or (a.conformed == role and not judges_both)]
    else:
        found = [a for a in framework.areas if a.conformed == role]
    if days.started is not None:
        found = [a for a in found if a.holds_on(days.started)]
    elif days.published is not None:
        found = [a for a in found if a.until is None or days.published < a.until + LONGEST]
    if len(found) > 1:
        return _by_publication(found, days, judged, heading)
    return found[0] if found else None


def _by_publication(found: list[Area], days: Days, judged: set[str], heading: str) -> Area | None:
    """Return the one of an area and its successor that was judged, of an inspection whose first day is not known.

    Care leavers are graded apart since their judgement is one of its own; reports come out weeks or
    months after an inspection.
    """
    earlier, later = found[0], found[-1]
    change, published = later.since, days.published
    if change is None or published is None or "care_leavers" in judged or published >= change + LONGEST:
        return later
    is_shown = days.shows_care_leavers and published < change + LONG
    return earlier if published < change or is_shown or "care leavers" in words(heading) else None


def grade_of(framework: Framework, printed: str) -> Grade | None:
    """Return the grade of a framework for a printed one: by its words, or by its rank where relabelled."""
    said = words(printed)
    said = _SHORT_GRADES.get(said, said)
    numbered = _NUMBERED.fullmatch(said)
    grade = wordings().get(numbered["word"] if numbered and numbered["word"] else said)
    number = int(numbered["number"]) if numbered else None
    if numbered and (numbered["word"] and not grade or grade and number != grade.rank):
        return None
    rank = grade.rank if grade else number
    exact = next((g for g in framework.grades if grade is not None and g.code == grade.code), None)
    return exact or next((g for g in framework.grades if rank is not None and g.rank == rank), None)


@cache
def wordings() -> dict[str, Grade]:
    """Every grade of every framework by the words it is printed in."""
    return {wording: g for f in frameworks() if f.family == FAMILY for g in f.grades for wording in g.wordings}


def text_of(row: Sequence[Cell], column: int) -> str:
    """Return a cell as text without notes and with single blanks; nothing beyond the end of the row."""
    if column >= len(row):
        return ""
    cell = row[column]
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if is_unsaid(cell):
        return " ".join(str(cell).split())
    return " ".join(_NOTE.sub("", str(cell)).split())


def is_unsaid(cell: Cell) -> bool:
    """Whether a cell holds the error of a formula, or words in brackets only: something, but no plain value."""
    text = str(cell).strip()
    return _UNSAID.fullmatch(text) is not None and words(text.strip("[]")) not in NOTHING - {"n a", "na"}


def is_filled(row: Sequence[Cell], column: int | None) -> bool:
    """Whether a cell says more than that there is nothing."""
    if column is None or column >= len(row):
        return False
    return words(text_of(row, column)) not in NOTHING or is_unsaid(row[column])


def is_withheld(row: Sequence[Cell], column: int) -> bool:
    """Whether a cell has a mark in place of what it should hold."""
    return column < len(row) and _WITHHELD.fullmatch(str(row[column]).strip().lower()) is not None
