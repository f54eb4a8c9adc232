"""The body of a report cut into headings, numbered paragraphs, list items and plain paragraphs.

`read_outline` does the cutting once; paragraphs, recommendations, earlier inspections and
figures are all read from the blocks it yields.

Texts from which every line that began with a digit was deleted have lost the
first line of each numbered paragraph: there a block ends wherever a line ends with a full stop,
because the line that followed may be gone, and what is left is marked as incomplete.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from transforms.reading.headings import FIRST_WORDS, NOTE, SMALL_PRINT, SMALL_PRINT_WORDS, Heading, known_heading
from transforms.reading.numbering import NUMBERED, contents_of, footnotes_of, numbers_of
from transforms.reading.sentences import ends_sentence
from transforms.reports.model import Paragraph, Problem

if TYPE_CHECKING:
    from transforms.reading.tidy import Text, TextLine

LIST_ROLES = frozenset(("actions", "priority", "improvement", "timed"))  # headings of lists of actions
_ENDS = ".?!:;"
_DANGLING = re.compile(
    r"(?:^|\s)(?:a|an|the|of|from|to|in|at|on|by|for|with|and|or|was|were|is|are|compared|than|between|since|until"
    r"|over|about)$"
)
_OPEN_CITATION = re.compile(r"\([Pp]aragraphs?\b[^()]*$")
_CITED = re.compile(r"\(?[Pp]aragraphs? \d[\d ,and\u2013-]*\)\.?$")
_NEW_DEMAND = re.compile(
    r"(?!(?:They|This|These|It|He|She|There|Those|Such)\b)[A-Z][\w' -]{3,70}? (?:should|must|needs? to)\b"
)
_HEADING_LINES = 5
_OTHER_HEADING = 90  # longest heading of unknown wording, in characters
_ROW_GAP = 0.3  # points more than from line to line, at least, between two rows of a table
_ENOUGH_LINES = 60  # fewer say nothing about which lines are missing


@dataclass(slots=True)
class Block:
    """One heading, paragraph or list item.

    Attributes:
        kind: `heading`, `numbered`, `bullet`, `plain` or `note` (footnotes, small print).
        text: whole text over line and page breaks; items within a numbered paragraph stand on
            lines of their own after a bullet.
        page: where it begins.
        first, last: lines it was read from (`Text.lines`), both inclusive.
        number: as printed, of numbered paragraphs.
        heading: what a known heading opens.
        section: heading it stands under, as printed.
        role: role of the nearest known heading above.
        scope: `authority` or `lscb`.
        is_incomplete: a line of it is evidently missing.
    """

    kind: str
    text: str
    page: int
    first: int
    last: int
    number: str | None = None
    heading: Heading | None = None
    section: str | None = None
    role: str = ""
    scope: str = "authority"
    is_incomplete: bool = False


@dataclass(slots=True)
class Outline:
    """The blocks of one report in reading order.

    Attributes:
        blocks: all of them.
        breaks: pairs of neighbouring paragraph numbers that do not follow each other, with page.
        digits_lost: no line begins with a digit where a report has many: such lines are gone.
        first_lines_lost: and with them the first lines of numbered paragraphs.
    """

    blocks: list[Block] = field(default_factory=list)
    breaks: list[tuple[int, int, int]] = field(default_factory=list)
    digits_lost: bool = False
    first_lines_lost: bool = False


def read_outline(text: Text) -> Outline:
    """Cut the text into blocks.

    Args:
        text: from `tidy`.

    Returns:
        The outline; no blocks for a text without lines.
    """
    lines = text.lines
    outline = Outline()
    _see_what_is_lost(text, outline)
    notes = footnotes_of(lines)
    numbers = {} if outline.digits_lost else numbers_of(lines, notes, outline.breaks)
    _Cutter(text, outline, notes, numbers).cut(contents_of(lines))
    return outline


def _see_what_is_lost(text: Text, outline: Outline) -> None:
    lines = text.lines
    if text.document.kind == "pdf" or len(lines) < _ENOUGH_LINES:
        return
    outline.digits_lost = not any(line.text[0].isdigit() and not line.bullet for line in lines)


class _Cutter:
    """One pass over the lines that closes a block where the next begins."""

    def __init__(self, text: Text, outline: Outline, notes: frozenset[int], numbers: dict[int, int]) -> None:
        self.lines = text.lines
        self.flow = text.flow
        self.starts = text._flow[1] if text._flow else []  # noqa: SLF001  offsets of lines in the flow
        self.outline = outline
        self.notes = notes
        self.numbers = numbers
        self.block: Block | None = None
        self.spans: list[tuple[int, int, bool]] = []
        self.section: str | None = None
        self.role = ""
        self.scope = "authority"
        self.front = len(text.front)
        self.doubtful = False  # the block that opens may belong to the one before
        self.joinable: set[int] = set()  # places in the outline of such blocks

    def cut(self, contents: range) -> None:
        """Run over all lines."""
        lines, numbers, notes = self.lines, self.numbers, self.notes
        i, count = 0, len(lines)
        while i < count:
            if i in contents:
                self.close()
                i = contents.stop
                continue
            if i in notes:
                i += 1
                continue
            line = lines[i]
            if i in numbers:
                self.cut_tail()
                self.open("numbered", i)
                if self.block is not None:
                    self.block.number = str(numbers[i])
            elif self.outline.digits_lost and NOTE.match(line.key):
                self.open("note", i)
            elif (width := self.heading_at(i)) > 0:
                i += width
                continue
            elif line.bullet:
                if self.block is not None and self.block.kind == "numbered":
                    self.spans.append((i, i, True))
                else:
                    self.open("bullet", i)
            elif self.block is None or self.begins_anew(i):
                doubtful, self.doubtful = self.doubtful, False
                self.open("plain", i)
                if doubtful:
                    self.joinable.add(len(self.outline.blocks))
            else:
                self.extend(i)
            i += 1
        self.close()
        if self.outline.digits_lost:
            _settle(self.outline, self.joinable, self.lines)

    def begins_anew(self, i: int) -> bool:
        """Whether line i cannot continue the block that is open."""
        block, line = self.block, self.lines[i]
        above = self.lines[i - 1].text
        if self.outline.digits_lost and self.misses_line(i):
            return True
        if block is None or block.kind == "numbered":
            return False
        if block.role in LIST_ROLES and self.next_item(i):
            return True
        if not ends_sentence(above, _ENDS if block.kind == "bullet" else ".?!:"):
            if not line.gap_before or line.text[0].islower():
                return False
            return block.kind != "bullet" or line.x0 is not None
        if line.gap_before:
            return True
        if line.text[0].isupper() and self.is_short(i - 1):
            # Lines of a list item that hang under its words go on with it.
            first = self.lines[self.spans[0][0]]
            hangs = block.kind == "bullet" and first.x0 is not None and (line.x0 or 0.0) > first.x0 + 3
            return not hangs
        # Where first lines are gone, a full stop at the end of a line may end the paragraph.
        self.doubtful = self.outline.digits_lost and block.kind == "plain"
        return self.doubtful

    def next_item(self, i: int) -> bool:
        """Whether line i begins the next item of a list of actions that has no bullets.

        No item runs over a page turn at the end of a sentence; where even the white space between
        items is gone, a line that says who should do what begins one.
        """
        above, line = self.lines[i - 1], self.lines[i]
        if not line.text[0].isupper():
            return False
        if not ends_sentence(above.text):
            return _CITED.search(above.text) is not None
        if line.page != above.page:
            return True
        return _NEW_DEMAND.match(line.text) is not None and (line.y0 is None or self.is_apart(i))

    def is_apart(self, i: int) -> bool:
        """Whether line i stands further below the line above than that one below its own: rows of a table do."""
        pitches = []
        for k in (i - 1, i):
            above, line = self.lines[k - 1], self.lines[k]
            if k < 1 or above.page != line.page or above.y1 is None or line.y1 is None:
                return False
            pitches.append(line.y1 - above.y1)
        return pitches[1] > pitches[0] + _ROW_GAP

    def misses_line(self, i: int) -> bool:
        """Whether a line must be missing between lines i - 1 and i."""
        above, text = self.lines[i - 1].text, self.lines[i].text
        if text[0].islower() and (ends_sentence(above, ".?!:") or _CITED.search(above)):
            return True
        if _OPEN_CITATION.search(above):
            return True
        # The first word would still have fitted on the line above.
        fits = len(above) + len(text.partition(" ")[0]) + 1
        return not self.lines[i].gap_before and fits < 0.82 * self.width(i) and not ends_sentence(above, _ENDS)

    def width(self, i: int) -> int:
        """Characters in a full line near line i; the two longest may be two lines that were joined."""
        lengths = sorted(len(line.text) for line in self.lines[max(i - 8, 0) : i + 9])
        return lengths[-3] if len(lengths) > 3 else lengths[-1]

    def is_short(self, i: int) -> bool:
        """Whether line i stops well before the right margin: a paragraph ends there."""
        line = self.lines[i]
        if line.x1 is not None:
            near = self.lines[max(i - 6, 0) : i + 7]
            return line.x1 < max(n.x1 or 0.0 for n in near if n.page == line.page) - 90
        return len(line.text) < 0.75 * self.width(i)

    def heading_at(self, i: int) -> int:
        """Take a heading that begins at line i; return of how many lines it is, 0 for none."""
        line = self.lines[i]
        if not "A" <= line.text[0] <= "Z":
            return 0
        above = self.lines[i - 1] if i else None
        if line.bullet or not self.leaves_room(above, line):
            # In damaged texts any indented line may pass for an item, and stops are lost with lines.
            if not self.outline.digits_lost or known_heading(line.key) is None:
                return 0
        word = line.key.partition(" ")[0]
        if word in SMALL_PRINT_WORDS and SMALL_PRINT.match(line.key):
            self.take_heading(i, 1, known_heading("yours sincerely"), show=False)
            return 1
        if word in FIRST_WORDS or word.rstrip("0123456789") in FIRST_WORDS:
            width, heading = self.known_at(i)
            if heading is not None:
                self.take_heading(i, width, heading)
                return width
        if self.looks_like_heading(i, above):
            self.take_heading(i, 1, None)
            return 1
        return 0

    def leaves_room(self, above: TextLine | None, line: TextLine) -> bool:
        """Whether what stands above a line lets a heading begin there: it is over, or of another page."""
        if above is None or line.gap_before or above.page != line.page:
            return True
        return self.block is None or self.block.kind == "bullet" or ends_sentence(above.text, ".?!:;")

    def cut_tail(self) -> None:
        """Take the heading off the end of the block that closes now, if one ends it unseen.

        It stands on one or two lines after a full stop, at the end of a line, and has none itself.
        """
        if self.block is None or self.block.kind == "heading":
            return
        first, last, _ = self.spans[-1]
        for begin in range(last, max(first, last - 2), -1):
            line = self.lines[begin]
            if ends_sentence(line.text, ".?!:;,") or line.text[-1] in ")'\"":
                return
            if line.text[0].isupper() and ends_sentence(self.lines[begin - 1].text):
                if len(line.text) < _OTHER_HEADING and not line.bullet:
                    self.spans[-1] = (first, begin - 1, self.spans[-1][2])
                    self.take_heading(begin, last - begin + 1, None)
                return

    def known_at(self, i: int) -> tuple[int, Heading | None]:
        """Longest known heading that begins at line i."""
        best: tuple[int, Heading | None] = (0, None)
        joined = ""
        for width in range(1, _HEADING_LINES + 1):
            if i + width > len(self.lines):
                break
            line = self.lines[i + width - 1]
            if width > 1 and ((line.bullet and not self.outline.digits_lost) or i + width - 1 in self.numbers):
                break
            joined = f"{joined} {line.key}" if joined else line.key
            if len(joined) > 200:
                break
            if line.text[-1] in ".,;" and not line.text.endswith(".."):
                if width > 1 and line.text[-1] == "." and self.stands_alone(i + width):
                    heading = known_heading(joined)
                    best = (width, heading) if heading else best
                break
            heading = known_heading(joined)
            if heading is not None:
                best = (width, heading)
        return best

    def stands_alone(self, i: int) -> bool:
        """Whether what ends before line i is followed by white space or a numbered paragraph."""
        return i in self.numbers or (i < len(self.lines) and self.lines[i].gap_before)

    def looks_like_heading(self, i: int, above: TextLine | None) -> bool:
        """Whether line i is a heading of unknown wording: short, alone, no sentence."""
        line = self.lines[i]
        if not line.gap_before or len(line.text) > _OTHER_HEADING or line.text[-1] in ".,;:":
            return False
        if i + 1 >= len(self.lines) or ends_sentence(line.text, ".!;") or line.key.startswith("responsible body"):
            return False  # the last is the head of a table
        if (
            above is not None
            and self.block is not None
            and self.block.kind != "bullet"
            and not ends_sentence(above.text, _ENDS)
        ):
            return False
        if self.outline.digits_lost and _DANGLING.search(line.text):
            return False
        below = self.lines[i + 1]
        return below.gap_before or below.bullet or i + 1 in self.numbers

    def take_heading(self, i: int, width: int, heading: Heading | None, *, show: bool = True) -> None:
        self.open("heading", i)
        for k in range(i + 1, i + width):
            self.extend(k)
        block = self.block
        self.close()
        if block is None:
            return
        block.heading = heading
        if not show:
            block.kind = "note"
        if heading is not None:
            self.role = heading.role
            if i >= self.front:  # titles name both bodies
                block.scope = self.scope = heading.scope or self.scope
        elif self.role not in ("end", "actions", "priority", "improvement"):
            self.role = "other"
        else:
            self.role = self.role if self.role == "end" else "other"
        self.section = block.text
        above = self.outline.blocks[-2] if len(self.outline.blocks) > 1 else None
        if above is not None and above.text.endswith(f". {block.text}"):
            above.text = above.text.removesuffix(f" {block.text}")  # printed twice, once too early

    def open(self, kind: str, i: int) -> None:
        self.close()
        line = self.lines[i]
        self.block = Block(kind, "", line.page, i, i, None, None, self.section, self.role, self.scope)
        self.spans = [(i, i, False)]

    def extend(self, i: int) -> None:
        first, last, is_item = self.spans[-1]
        if last == i - 1:
            self.spans[-1] = (first, i, is_item)
        else:
            self.spans.append((i, i, False))

    def close(self) -> None:
        """Give the open block its text and put it into the outline."""
        block = self.block
        if block is None:
            return
        self.block = None
        text = "".join(
            [
                f"\n\u2022 {self.slice(first, last)}" if is_item else self.slice(first, last)
                for first, last, is_item in self.spans
            ]
        ).strip()
        if block.kind == "numbered":
            match = NUMBERED.match(text)
            text = text[match.end() :].lstrip() if match else text
        block.text = text.replace(" \n", "\n") if "\n" in text else text
        block.last = self.spans[-1][1]
        if not block.text:
            return
        if block.kind == "plain" and NOTE.match(self.lines[block.first].key):
            block.kind = "note"
        self.outline.blocks.append(block)

    def slice(self, first: int, last: int) -> str:
        starts = self.starts
        end = starts[last + 1] if last + 1 < len(starts) else len(self.flow)
        return self.flow[starts[first] : end]


def _settle(outline: Outline, joinable: set[int], lines: list[TextLine]) -> None:
    """Decide, section by section, which blocks of a text without digit-led lines are whole.

    A section in which no paragraph begins in the middle of a sentence has lost no first lines:
    what was parted at full stops is put together again. In the others every paragraph counts as
    cut unless white space stands above it and it begins a sentence.
    """
    settled: list[Block] = []
    sections: list[list[tuple[int, Block]]] = [[]]
    for place, block in enumerate(outline.blocks):
        if block.kind == "heading":
            sections.append([])
        sections[-1].append((place, block))
    for section in sections:
        lost = any(block.kind == "plain" and block.text[0].islower() for _, block in section)
        outline.first_lines_lost = outline.first_lines_lost or lost
        for place, block in section:
            if not lost and place in joinable and settled and settled[-1].kind == "plain":
                settled[-1].text += " " + block.text
                settled[-1].last = block.last
                continue
            if block.kind == "plain":
                begins = block.text[0].isupper() and (not lost or lines[block.first].gap_before)
                block.is_incomplete = not begins or _breaks_off(block.text)
            elif block.kind == "bullet":
                block.is_incomplete = _breaks_off(block.text)
            settled.append(block)
    outline.blocks = settled


def _breaks_off(text: str) -> bool:
    return _DANGLING.search(text) is not None or _OPEN_CITATION.search(text) is not None


def read_paragraphs(text: Text, outline: Outline | None = None) -> list[Paragraph]:
    """Read the paragraphs of the body, numbered or not, under their section headings.

    Args:
        text: from `tidy`.
        outline: of this text, if already made.

    Returns:
        Paragraphs in reading order, the whole text of each. `number` is None where none is
        printed or where the line that held it is gone (`is_incomplete`).
    """
    outline = outline or read_outline(text)
    found: list[Paragraph] = []
    front = len(text.front)
    for block in outline.blocks:
        if block.kind in ("heading", "note"):
            continue
        if block.number is None and (block.role == "end" or not _is_prose(block, front)):
            continue
        found.append(Paragraph(block.text, block.page, block.number, block.section, block.is_incomplete))
    return found


def _is_prose(block: Block, front: int) -> bool:
    """Leave out labels, dates and grids of the front page."""
    if block.section is not None and (block.first >= front or block.kind == "bullet"):
        return True
    return len(block.text) >= 80 and ends_sentence(block.text)


def numbering_problems(outline: Outline) -> list[Problem]:
    """Warnings about paragraph numbers that are missing from the sequence or from the text."""
    problems = [
        Problem(
            "paragraph_numbers_break",
            "warning",
            f"page {page}: paragraph {after} follows {before}; expected {before + 1}",
            page,
            str(after),
            str(before + 1),
        )
        for before, after, page in outline.breaks
    ]
    cut = sum(1 for block in outline.blocks if block.is_incomplete)
    if cut:
        problems.append(
            Problem(
                "text_incomplete",
                "warning",
                f"{cut} paragraphs or list items have lost lines: lines that begin with a digit are missing from the"
                f" text",
                None,
                str(cut),
                "0",
            )
        )
    return problems
