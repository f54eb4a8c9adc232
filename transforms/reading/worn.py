"""Headings with a slip in them: a word missing, twice or misspelt.

Read only for an area that no exact form of words grades. The heading must end in a grade at the
end of a line, begin a line, and be nearer to this area's heading than any other area's by far;
all that are found must agree.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from difflib import SequenceMatcher
from functools import lru_cache
from typing import TYPE_CHECKING

from transforms.reading.grades import Letters, Reading, letters, scale_of

if TYPE_CHECKING:
    from transforms.reports.framework import Area, Framework, Grade

_NEAR = 0.93  # of letters in common: a short word missing or misspelt, no more
_LINES = 3  # a heading runs over so many lines at most
# The end of "requires improvement to be good" whose beginning is lost.
_TAIL = re.compile(r"(?<!judgedto)(?<!gradedto)be$|improvement$")
_VERBS = re.compile(
    r"(?:(?:key)?judge?ment(?:and)?grade|judge?ment)?(?:is|are)?(?:that)?(?:it|they)?(?:is|are)?(?:judgedtobe)?$"
)


def read_worn_headings(
    letter: Letters, framework: Framework, area: Area, zones: list[tuple[int, int]], told: Collection[int] = ()
) -> list[Reading]:
    """Grades behind headings that are nearly those of one area.

    Args:
        letter: letters of the report's text.
        framework: for its scale and the headings of its other areas.
        area: the area no exact form of words grades.
        zones: spans that are not read.
        told: where grades end that an exact form of words reads: those are weighed already.

    Returns:
        One certain reading if all nearly exact headings agree; else uncertain ones.
    """
    wanted = [letters(words) for words in (area.headings or area.labels)]
    if not wanted:
        return []
    scale = scale_of(framework.grades)
    ending = _ending(framework.grades)
    found: list[Reading] = []
    for i, line in enumerate(letter.text.lines):
        if len(line.key) > 120 or not line.key.endswith(_last_words(framework.grades)):
            continue
        for first in range(i, max(i - _LINES, -1), -1):
            start, end = letter.span(first, i)
            match = ending.search(letter.all[start:end])
            if match is None or start < letter.front_end or any(a <= start < b for a, b in zones):
                continue
            if end in told:
                break
            grade = start + match.start()
            if _is_worn(letter.all[start:grade], wanted):
                name = letter.printed(grade, end)
                found.append(Reading(area.code, scale.codes[match[0]], "heading", start, end, name))
                break
    if len({r.grade for r in found}) > 1:
        for reading in found:
            reading.certain = False
    return found


def _is_worn(before: str, wanted: list[str]) -> bool:
    """Whether the letters before a grade are nearly those of a heading, and no part of a longer grade."""
    heading = _VERBS.sub("", before)
    return _TAIL.search(before) is None and any(_likeness(heading, words) >= _NEAR for words in wanted)


def _likeness(one: str, other: str) -> float:
    if not one or abs(len(one) - len(other)) > 0.15 * len(other):
        return 0.0
    return SequenceMatcher(None, one, other, autojunk=False).ratio()


@lru_cache(maxsize=64)
def _ending(grades: tuple[Grade, ...]) -> re.Pattern[str]:
    return re.compile(f"(?:{scale_of(grades).pattern})$")


@lru_cache(maxsize=64)
def _last_words(grades: tuple[Grade, ...]) -> tuple[str, ...]:
    return tuple({wording.split()[-1] for grade in grades for wording in grade.wordings})
