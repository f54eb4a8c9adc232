"""How facts are worded on the page: grades, dates, windows, and the characters a style chooses."""

from __future__ import annotations

from datetime import date

from warehouse.samples.content import MONTHS
from warehouse.samples.truth import Style, Truth

_GRADES = {
    "outstanding": "Outstanding",
    "good": "Good",
    "requires_improvement": "Requires improvement",
    "adequate": "Adequate",
    "inadequate": "Inadequate",
}
_NUMBERS = {"outstanding": 1, "good": 2, "adequate": 3, "requires_improvement": 3, "inadequate": 4}


def grade_words(code: str, style: Style, long: bool = False) -> str:
    """A grade as a table prints it; `long` adds "to be good" where the framework does."""
    words = _GRADES[code] + (" to be good" if long and code == "requires_improvement" else "")
    if style.upper_grades == "lower":
        return words.lower()
    return words.upper() if style.upper_grades == "upper" else words


def grade_number(code: str) -> int:
    """The number a grade bears on the four-point scale."""
    return _NUMBERS[code]


def grade_clause(code: str, plural: bool) -> str:
    """A grade as the verb of a sentence, e.g. "are good", "requires improvement to be good"."""
    if code == "requires_improvement":
        return f"require{'' if plural else 's'} improvement to be good"
    return f"{'are' if plural else 'is'} {code}"


def crown(truth: Truth) -> str:
    """Whose inspectors they are at the time of the inspection."""
    return "His Majesty’s" if (truth.start.year, truth.start.month) >= (2022, 9) else "Her Majesty’s"


def day_words(day: date) -> str:
    """A day as reports print it, e.g. "4 June 2018"."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def window(truth: Truth, style: Style) -> str:
    """The days of the inspection in the style's form."""
    start, end = truth.start, truth.end
    if start == end:
        return day_words(start)
    if style.dates == "numeric":
        return f"{start:%d/%m/%Y} to {end:%d/%m/%Y}"
    if style.dates == "dash":
        return f"{day_words(start)} – {day_words(end)}"
    if style.dates == "tight":
        if (start.month, start.year) == (end.month, end.year):
            return f"{start.day}–{day_words(end)}"
        return f"{day_words(start)}–{day_words(end)}"
    if style.dates == "short_to":
        return f"{_without_shared(start, end)} to {day_words(end)}"
    return f"{day_words(start)} to {day_words(end)}"


def _without_shared(start: date, end: date) -> str:
    """The first day less the month and year that it shares with the last."""
    if start.year != end.year:
        return day_words(start)
    if start.month != end.month:
        return f"{start.day} {MONTHS[start.month - 1]}"
    return str(start.day)


def set_characters(text: str, style: Style) -> str:
    """The apostrophes and dashes of a text as the style prints them."""
    return text.replace("’", style.apostrophe).replace("–", style.dash)
