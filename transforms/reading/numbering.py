"""Which lines begin a numbered paragraph, which belong to footnotes, which list the contents.

A paragraph number is believed where it continues the sequence, not where a line merely begins
with a number.
"""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING

from transforms.reading.headings import NOTE
from transforms.reading.sentences import ends_sentence

if TYPE_CHECKING:
    from transforms.reading.tidy import TextLine

NUMBERED = re.compile(r"(\d{1,3})([.)])?(?:\s+|$|(?<=[.)])(?=[A-Z\"']))")
_FOOTNOTE = re.compile(r"(\d{1,2})(?:\s+[A-Z'\"(]|$)")
_MARK = re.compile(r"\d{1,2}")
_CONTENTS_PAGE = re.compile(r" ?\d{1,3}$")
_PAGE_APART = re.compile(r" \d{1,3}$")  # a digit glued to the word before is a footnote mark
_FOOTNOTE_REACH = 14  # lines at the foot of a page in which a footnote can begin
_FRONT = 60  # lines in which a grid of grades stands


def contents_of(lines: list[TextLine]) -> range:
    """Lines of the list of contents, its title included."""
    start = next((i for i, line in enumerate(lines[:400]) if line.key in ("contents", "contents page")), None)
    if start is None:
        return range(0)
    end = start + 1
    page, paged = lines[start].page, lines[-1].page > 1
    for line in lines[start + 1 : start + 70]:
        numbered = line.text[-1].isdigit()
        if line.bullet or (paged and line.page != page and not numbered):
            break
        if line.text[-1] in ".;:" and "...." not in line.text:
            break
        end += 1
    return range(start, end if paged else _contents_end(lines, start + 1, end))


def _contents_end(lines: list[TextLine], start: int, end: int) -> int:
    """Where the body begins to repeat the list of contents, in a text without pages."""
    keys = [line.key for line in lines[start:end]]
    bare = [_CONTENTS_PAGE.sub("", keyed) for keyed in keys]
    first: dict[str, int] = {}
    for at, words in enumerate(bare):
        seen = first.setdefault(words, at)
        if seen < at and _PAGE_APART.search(keys[seen]) and not _PAGE_APART.search(keys[at]):
            return start + at  # listed with its page, and printed without
        if seen < at and (at + 1 == len(bare) or first.get(bare[at + 1]) == seen + 1):
            return start + at
    return end


def footnotes_of(lines: list[TextLine]) -> frozenset[int]:
    """Lines of footnotes, and the marks that readers set on lines of their own."""
    found: set[int] = set()
    for _, on_page in groupby(range(len(lines)), key=lambda i: lines[i].page):
        page = list(on_page)
        first = next((i for i in page[-_FOOTNOTE_REACH:] if _begins_footnotes(lines, page[0], i, page[-1])), None)
        if first is None:
            continue
        notes = range(first, page[-1] + 1)
        marks = {m[0] for i in notes if (m := _MARK.match(lines[i].text))}
        found.update(notes, (i for i in page if lines[i].text in marks))
    return frozenset(found)


def _begins_footnotes(lines: list[TextLine], top: int, i: int, bottom: int) -> bool:
    """Whether the footnotes of a page, from line `top` to `bottom`, begin at a line: its mark stands above."""
    line = lines[i]
    if line.text[0] > "9" or line.bullet or not (line.gap_before or NOTE.match(line.key)):
        return False
    match = _FOOTNOTE.match(line.text)
    return match is not None and (i < bottom or len(line.text) > 2) and _is_marked(lines[top:i], match[1])


def _is_marked(above: list[TextLine], mark: str) -> bool:
    """Whether a footnote mark is glued to a word, or stands alone, on the lines above."""
    for line in above:
        text = line.text
        place = text.find(mark)
        while place >= 0:
            before, after = text[place - 1 : place], text[place + len(mark) : place + len(mark) + 1]
            if not after.isdigit() and (text == mark or before.isalpha() or before in ".,;)'\"") and before != "":
                return True
            if text == mark:
                return True
            place = text.find(mark, place + 1)
    return False


def numbers_of(lines: list[TextLine], notes: frozenset[int], breaks: list[tuple[int, int, int]]) -> dict[int, int]:
    """Lines that begin a numbered paragraph, with its number."""
    dotted: list[tuple[int, int]] = []
    spaced: list[tuple[int, int]] = []
    for i, line in enumerate(lines):
        text = line.text
        if not "0" < text[0] <= "9" or line.bullet or i in notes:
            continue
        match = NUMBERED.match(text)
        if match is None:
            continue
        rest = text[match.end() :]
        if match[2] and (not rest or rest[0].isupper() or rest[0] in "'\"(" or line.gap_before):
            dotted.append((i, int(match[1])))
        elif not match[2] and (not rest or rest[0].isupper()) and (i == 0 or ends_sentence(lines[i - 1].text)):
            spaced.append((i, int(match[1])))
    if len(dotted) < 3 and len(spaced) > 5:
        dotted, spaced = spaced, []
    return _sequence(dotted, spaced, lines, breaks)


def _sequence(
    dotted: list[tuple[int, int]],
    spaced: list[tuple[int, int]],
    lines: list[TextLine],
    breaks: list[tuple[int, int, int]],
) -> dict[int, int]:
    """Keep the numbers that count up by one; record where the count breaks."""
    found: dict[int, int] = {}
    last = 0
    for place, (i, number) in enumerate(dotted):
        following = [n for _, n in dotted[place + 1 : place + 4]]
        after = following[0] if following else 0
        if number == last + 2:
            undotted = [at for at, n in spaced if n == last + 1 and max(found, default=-1) < at < i]
            if undotted:
                last += 1
                found[undotted[0]] = last
        leaves_out = 0 < last < number <= last + 9 and after in (number + 1, 0) and last + 1 not in following
        begins_late = last == 0 and number > 1 and after == number + 1 and len(dotted) > 5
        if number == last + 1:
            found[i] = last = number
        elif number == 1 and after == 2:
            if _is_grid(found, lines):
                found.clear()
            found[i] = last = 1  # or a second list or report in the same file
        elif leaves_out or begins_late:
            breaks.append((last, number, lines[i].page))
            found[i] = last = number
    return {} if _is_grid(found, lines) else found


def _is_grid(found: dict[int, int], lines: list[TextLine]) -> bool:
    """Whether the numbers are only those of the rows of the grid of grades on the front page."""
    return len(found) <= 4 and all(lines[k].page == 1 and k < _FRONT for k in found)
