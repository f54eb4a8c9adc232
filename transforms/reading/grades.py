"""A text as letters only, and the grades that stand in it.

Readers of damaged reports cannot rely on spaces, line ends, digits, apostrophes or dashes. What
survives is the order of the letters. `Letters` is the whole text as one string of lower-case
ASCII letters, with the lines it came from, so that a form of words is found wherever it was
broken, and a find can still be tied to its line, its box on the page and the words as printed.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING

from transforms.reading.tidy import Text, TextLine
from transforms.reading.words import key

if TYPE_CHECKING:
    from transforms.reports.framework import Framework, Grade

_NOT_LETTERS = b" 0123456789"
_EVIDENCE_LIMIT = 200


def letters(text: str) -> str:
    """A wording as it is compared: lower case ASCII letters only."""
    return key(text).encode("ascii", "ignore").translate(None, _NOT_LETTERS).decode("ascii")


@dataclass(slots=True)
class Reading:
    """One grade read for one area in one place.

    Attributes:
        area, grade: codes within the framework.
        place: grid, order, heading, sentence, table, ...
        start, end: span in the letters of the text.
        name: the grade as printed.
        certain: stands on its own; otherwise it only confirms or contradicts.
        label: the area as printed, where the place prints it.
    """

    area: str
    grade: str
    place: str
    start: int
    end: int
    name: str = ""
    certain: bool = True
    label: str = ""


class Letters:
    """The letters of a text, and the way back from them to lines.

    Attributes:
        text: what it was made from.
        all: every letter of every line, in reading order.
        front_end: where the front page ends.
    """

    __slots__ = ("_ends", "_starts", "all", "front_end", "text")

    def __init__(self, text: Text) -> None:
        block = "\n".join([line.key for line in text.lines]).encode("ascii", "ignore")
        parts = block.translate(None, _NOT_LETTERS).decode("ascii").split("\n")
        self.text = text
        self.all = "".join(parts)
        lengths = [len(part) for part in parts]
        self._starts = [0, *accumulate(lengths)][: len(lengths)]
        self._ends = frozenset(self._starts) | {len(self.all)}
        front = len(text.front)
        self.front_end = self._starts[front] if front < len(self._starts) else len(self.all)

    def is_edge(self, offset: int) -> bool:
        """Whether a line ends or begins here."""
        return offset in self._ends

    def line_index(self, offset: int) -> int:
        """Index of the line that holds the letter at this offset."""
        return max(bisect_right(self._starts, offset) - 1, 0)

    def line(self, offset: int) -> TextLine:
        """Line that holds the letter at this offset."""
        return self.text.lines[self.line_index(offset)]

    def page(self, offset: int) -> int:
        """Page that holds the letter at this offset."""
        return self.line(offset).page

    def lines(self, start: int, end: int) -> list[TextLine]:
        """Lines that hold the letters of this span."""
        return self.text.lines[self.line_index(start) : self.line_index(max(end - 1, start)) + 1]

    def span(self, first: int, last: int) -> tuple[int, int]:
        """Letters of the lines with these indexes, both included."""
        end = self._starts[last + 1] if last + 1 < len(self._starts) else len(self.all)
        return self._starts[first], end

    def first(self, offset: int) -> str:
        """The letter at this offset as printed."""
        line, at = self._in_line(offset)
        return line.text[at : at + 1]

    def before(self, offset: int) -> str:
        """What stands before the letter at this offset on its line, as printed."""
        line, at = self._in_line(offset)
        return line.text[:at]

    def after(self, end: int) -> str:
        """What stands after the letter before `end` on its line, as printed."""
        line, at = self._in_line(end - 1)
        return line.text[at + 1 :]

    def printed(self, start: int, end: int) -> str:
        """The words of this span as printed, line ends as spaces."""
        first, last = self.line_index(start), self.line_index(max(end - 1, start))
        _, at = self._in_line(start)
        _, to = self._in_line(max(end - 1, start))
        lines = self.text.lines
        if first == last:
            return lines[first].text[at : to + 1]
        middle = [line.text for line in lines[first + 1 : last]]
        return " ".join([lines[first].text[at:], *middle, lines[last].text[: to + 1]])

    def quote(self, start: int, end: int) -> str:
        """Short quotation of the lines that hold this span."""
        words = self.printed(start, end)
        if len(words) > _EVIDENCE_LIMIT:
            words = words[: _EVIDENCE_LIMIT // 2] + " ... " + words[-_EVIDENCE_LIMIT // 2 :]
        return words

    def _in_line(self, offset: int) -> tuple[TextLine, int]:
        """Line of the letter at this offset, and where in its printed text it stands."""
        index = self.line_index(offset)
        line = self.text.lines[index]
        count = offset - self._starts[index]
        for at, char in enumerate(line.text):
            if char.isascii() and char.isalpha():
                if count == 0:
                    return line, at
                count -= 1
        return line, max(len(line.text) - 1, 0)


@dataclass(frozen=True, slots=True)
class Scale:
    """The grades of a framework, ready to be found in letters.

    Attributes:
        pattern: alternatives, longest first, without group.
        codes: grade code by its letters.
        grades: grade by its code.
    """

    pattern: str
    codes: dict[str, str]
    grades: dict[str, Grade]


@lru_cache(maxsize=64)
def scale_of(grades: tuple[Grade, ...]) -> Scale:
    """Compile a scale. Wordings are distinct between grades; longer ones are tried first."""
    codes = {letters(wording): grade.code for grade in grades for wording in grade.wordings}
    pattern = "|".join(sorted(codes, key=len, reverse=True))
    return Scale(pattern, codes, {grade.code: grade for grade in grades})


def zones_of(letter: Letters, framework: Framework) -> list[tuple[int, int]]:
    """Spans of the text whose grades are of something else than this inspection."""
    spans = []
    for zone in framework.zones:
        opens, closes = _zone_patterns(zone.opens, zone.closes)
        for match in opens.finditer(letter.all):
            if zone.heading and not (letter.is_edge(match.start()) and letter.is_edge(match.end())):
                continue
            limit = len(letter.all) if zone.to_end else min(match.end() + zone.reach, len(letter.all))
            close = closes.search(letter.all, match.end(), limit) if zone.closes else None
            spans.append((match.start(), close.start() if close else limit))
    return spans


@lru_cache(maxsize=256)
def _zone_patterns(opens: str, closes: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    return re.compile(opens), re.compile(closes or "(?!)")
