"""From the lines of a document to the text a parser reads.

Running headers and footers, bare page numbers and blank lines are taken out (and kept aside),
bullets are taken off and noted, words are mended, and the whole text can be had as one string
in which a sentence is not broken by line ends, hyphens or page turns.

Nothing is taken for a running header because of what it says: only because it repeats at the
edges of pages, or, where there are no pages, at the distance of pages.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from transforms.reading.document import Document, Line
from transforms.reading.words import key, key_lines, repair, repair_lines

_EDGE = 3  # lines at the head and the foot of a page that can be running ones
_SHORT_PAGE, _LONG_PAGE = 15, 90  # lines of text that a page usually holds, at least and at most
_NEAREST_NUMBER = 8  # lines, blank ones included, between the numbers of two pages at least
_MANY_TIMES = 8
_MARKED_PAGES = 6  # pages from which a short line on nearly all of them, such as a security mark, is a running one
_COVER_LINES = 5  # a first page with more lines is no cover sheet
_TITLE_LINES = 20  # of a front, within which the label of the dates stands
_DATES = re.compile(r"(?:inspection|review|visit) date|dates? of (?:the )?(?:inspection|review|visit)")
_FRONT_LINES = 60  # front of a document without pages, at most

_DIGITS_AS_SIGN = bytes.maketrans(b"0123456789", b"#" * 10)
_BARE_NUMBER = re.compile(r"\d{1,5}")
_EDGE_NUMBER = re.compile(r"^(\d{1,5})\b|\b(\d{1,5})$")
_GRADED = re.compile(r"\b(?:outstanding|good|inadequate|adequate|requires?|improvement|judged|grade)\b")
_SURE_BULLET = re.compile(r"^(?:\u2022\s*)+")
_LIKELY_BULLET = re.compile(r"^(?:[\u2013*\u00b7-]\s+|\u2013(?=[a-z])|o (?=[A-Za-z]))")
_ENDS_ITEM = re.compile(r"[:;.?!)]$")
_SPLIT_WORD = re.compile("([A-Za-z]+)([\ufffe\u00ad])([a-z]+)")
_HYPHEN_END = re.compile(r"([A-Za-z]+)-$")
_LOWER_START = re.compile(r"[a-z]+")
_FRONT_ENDS = re.compile(
    r"(?:executive summary|summary of (?:key )?findings|contents|what needs to improve|inspection judgements.*"
    r"|the (?:local authority|service area|inspection)|about (?:this|the) inspection)$"
)


@dataclass(slots=True)
class TextLine:
    """One line of the tidied text.

    Attributes:
        text: mended for people, without its bullet.
        key: matching form of `text` (`words.key`).
        page: 1-based.
        x0, y0, x1, y1: box in points from the top left of the page, or None.
        bullet: the line began with a bullet mark.
        index: position in `Text.lines`; -1 for what was removed.
        gap_before: white space stands above it: a blank line, or a gap wider than half a line.
    """

    text: str
    key: str
    page: int
    x0: float | None = None
    y0: float | None = None
    x1: float | None = None
    y1: float | None = None
    bullet: bool = False
    index: int = -1
    gap_before: bool = False


@dataclass(slots=True)
class Text:
    """One document as parsers read it.

    Attributes:
        document: what it was made from.
        lines: lines that carry the text, in reading order.
        front: lines of page 1; without pages, what stands before the first section.
        removed: running headers, footers and page numbers, in document order.
        page_count: pages of the document.
    """

    document: Document
    lines: list[TextLine]
    front: list[TextLine]
    page_count: int
    removed: list[TextLine] = field(default_factory=list)
    _flow: tuple[str, list[int]] | None = None
    _flow_key: tuple[str, list[int]] | None = None
    _haystack: tuple[str, str] | None = None

    @property
    def flow(self) -> str:
        """The whole text as one string: lines joined by a space, words split at line ends healed."""
        if self._flow is None:
            self._flow = _join([line.text for line in self.lines], self.lines, self._spells, "-")
        return self._flow[0]

    @property
    def flow_key(self) -> str:
        """`flow` in matching form, with offsets of its own (`key_line_at`)."""
        if self._flow_key is None:
            self._flow_key = _join([line.key for line in self.lines], self.lines, self._spells, " ")
        return self._flow_key[0]

    def line_at(self, offset: int) -> TextLine:
        """Line that holds this offset of `flow`."""
        starts = self._flow[1] if self.flow and self._flow else []
        return self.lines[max(bisect_right(starts, offset) - 1, 0)]

    def page_at(self, offset: int) -> int:
        """Page that holds this offset of `flow`."""
        return self.line_at(offset).page

    def key_line_at(self, offset: int) -> TextLine:
        """Line that holds this offset of `flow_key`."""
        starts = self._flow_key[1] if self.flow_key and self._flow_key else []
        return self.lines[max(bisect_right(starts, offset) - 1, 0)]

    def _spells(self, head: str, tail: str) -> bool:
        """Whether the document elsewhere writes head and tail as one word, without a hyphen."""
        if self._haystack is None:
            printed = " ".join([line.text for line in self.lines]).lower()
            self._haystack = (printed, " " + " ".join([line.key for line in self.lines]) + " ")
        return _spelled_as_one(head, tail, self._haystack)


def _spelled_as_one(head: str, tail: str, haystack: tuple[str, str]) -> bool:
    printed, keyed = haystack
    head, tail = head.lower(), tail.lower()
    return f" {head}{tail} " in keyed and f"{head}-{tail}" not in printed


def _join(
    parts: list[str], lines: list[TextLine], spells: Callable[[str, str], bool], hyphen: str
) -> tuple[str, list[int]]:
    """Join lines into one string.

    Returns:
        The string, and the offset at which each line starts in it.
    """
    out: list[str] = []
    starts: list[int] = []
    offset = 0
    last = len(lines) - 1
    for i, part in enumerate(parts):
        starts.append(offset)
        glue = " "
        text = lines[i].text
        if i < last and text[-1:] == "-" and text[-2:-1] not in (" ", "", "-"):
            ends, begins = _HYPHEN_END.search(text), _LOWER_START.match(lines[i + 1].text)
            if ends and begins and spells(ends[1], begins[0]):
                part, glue = part.removesuffix("-"), ""
            elif hyphen == "-":
                glue = ""
        out.append(part)
        out.append(glue)
        offset += len(part) + len(glue)
    return "".join(out).rstrip(" "), starts


def tidy(document: Document) -> Text:
    """Tidy the lines of a document.

    Args:
        document: from `readers.read_document`.

    Returns:
        Its text; `lines` is empty when the document holds none.
    """
    raw = document.lines
    printed = [line.text for line in raw]
    texts = repair_lines(printed)
    keys = key_lines(texts, mended=True)
    _heal_split_words(printed, texts, keys)
    paged = document.page_count > 1
    gone = _running_on_pages(raw, texts, keys) if paged else _running_without_pages(texts, keys)
    indented = _bullets_left_as_indent(raw) if document.kind == "text" else frozenset()
    text = Text(document, [], [], document.page_count)
    above: Line | None = None
    for i, line in enumerate(raw):
        words = texts[i]
        if not words:
            above = None
            continue
        made = TextLine(words, keys[i], line.page, line.x0, line.y0, line.x1, line.y1)
        if i in gone:
            text.removed.append(made)
            continue
        _take_off_bullet(made, text.lines, i in indented)
        if not made.text:
            continue
        made.index = len(text.lines)
        made.gap_before = above is None or _gap(above, line)
        text.lines.append(made)
        above = line
    text.front = _front(text, paged)
    return text


def _gap(above: Line, line: Line) -> bool:
    if above.page != line.page or above.y1 is None or line.y0 is None or line.y1 is None:
        return False
    return line.y0 - above.y1 > 0.5 * (line.y1 - line.y0)


def _heal_split_words(printed: list[str], texts: list[str], keys: list[str]) -> None:
    """Join, in place, words that PDFium marks as split at the end of a printed line.

    The mark does not say whether the hyphen belongs to the word: the rest of the document does.
    """
    suspects = [i for i, text in enumerate(printed) if "\ufffe" in text or "\u00ad" in text]
    if not suspects:
        return
    haystack = ("\n".join(printed).lower(), " " + " ".join(keys) + " ")

    def heal(match: re.Match[str]) -> str:
        # A soft hyphen is never part of the word; a hard one is, unless the document joins it.
        if match[2] == "\u00ad" or _spelled_as_one(match[1], match[3], haystack):
            return match[1] + match[3]
        return f"{match[1]}-{match[3]}"

    for i in suspects:
        text = _SPLIT_WORD.sub(heal, printed[i])
        texts[i] = repair(text[:-1] + "-" if text.endswith("\u00ad") else text)
        keys[i] = key(texts[i])


def _take_off_bullet(line: TextLine, before: list[TextLine], indented: bool) -> None:
    text = line.text
    first = text[0]
    match = None
    if first == "\u2022":
        match = _SURE_BULLET.match(text)
    elif first in "\u2013*\u00b7-o":
        previous = before[-1] if before else None
        # A dash before a small letter may go on with a sentence; a hyphen before a capital does not.
        opens = first in "*\u00b7o" or (first == "-" and text[2:3].isupper())
        opens = opens or previous is None or previous.bullet or bool(_ENDS_ITEM.search(previous.text))
        match = _LIKELY_BULLET.match(text) if opens else None
    if match is not None:
        line.text = text[match.end() :].lstrip()
        line.bullet = True
        if first == "o":
            line.key = line.key[2:]
    elif indented:
        line.bullet = True


def _bullets_left_as_indent(raw: list[Line]) -> frozenset[int]:
    """Lines of a plain text that start with one space where nearly none do.

    A bullet that was deleted leaves the space behind it.
    """
    lines = [i for i, line in enumerate(raw) if line.text.strip()]
    one = [i for i in lines if raw[i].text[0] == " " and raw[i].text[1:2] not in (" ", "\t")]
    indented = sum(1 for i in lines if raw[i].text[0] in " \t")
    return frozenset(one) if indented < 0.4 * len(lines) else frozenset()


def _front(text: Text, paged: bool) -> list[TextLine]:
    if paged:
        return _first_page(text.lines)
    front = text.lines[:_FRONT_LINES]
    for i, line in enumerate(front):
        if i > 2 and _FRONT_ENDS.match(line.key):
            return front[:i]
    return front


def _first_page(lines: list[TextLine]) -> list[TextLine]:
    """Lines of the first page; behind a cover sheet, which labels no dates, of the page it covers too."""
    pages = list(dict.fromkeys(line.page for line in lines))[:2]
    first = [line for line in lines if line.page == pages[0]] if pages else []
    if len(pages) < 2 or len(first) > _COVER_LINES or any(_DATES.match(line.key) for line in first):
        return first
    second = [line for line in lines if line.page == pages[1]]
    return first + second if any(_DATES.match(line.key) for line in second[:_TITLE_LINES]) else first


def _running_on_pages(raw: list[Line], texts: list[str], keys: list[str]) -> set[int]:
    """Indexes of page numbers and running lines of a document with pages."""
    pages: dict[int, list[int]] = {}
    for i, line in enumerate(raw):
        if texts[i]:
            pages.setdefault(line.page, []).append(i)
    gone = _page_numbers({page: _edge(ids) for page, ids in pages.items()}, texts, keys)
    edges = {page: _edge([i for i in ids if i not in gone]) for page, ids in pages.items()}
    shapes = _shapes(keys)
    running = _running_shapes(edges, keys, shapes)
    if running:
        for page, ids in pages.items():
            # The head of page 1 is the title, which running lines repeat; its foot is a foot like others.
            near = edges[page] if page > 1 else edges[page][-_EDGE:] if len(ids) > 4 * _EDGE else []
            # Content order may put a running line anywhere; a short one must be at an edge.
            far = page > 1
            gone.update(i for i in ids if shapes[i] in running and (i in near or (far and len(keys[i]) >= 25)))
    return gone


def _running_shapes(edges: dict[int, list[int]], keys: list[str], shapes: list[str]) -> set[str]:
    """Shapes of lines that run along the edges of pages."""
    seen: Counter[str] = Counter()
    numbered: dict[str, Counter[int]] = {}
    for page, ids in edges.items():
        for shape, i in {shapes[i]: i for i in ids if keys[i]}.items():
            seen[shape] += 1
            # Numbers may start afresh in a second part: each running line counts for itself.
            if "#" in shape:
                numbered.setdefault(shape, Counter()).update({n - page for n in _edge_numbers(keys[i])})
    need = 2 if len(edges) <= 4 else 3
    running = set()
    for shape, times in seen.items():
        if times < need or not shape.strip("# ") or _GRADED.search(shape):
            continue
        counts = max(numbered.get(shape, Counter()).values(), default=0) >= need
        often = times >= 0.5 * (len(edges) - 1) and len(shape) >= 15
        always = times >= 0.8 * (len(edges) - 1) and ("#" in shape or len(edges) >= _MARKED_PAGES)
        if counts or often or always:
            running.add(shape)
    return running


def _shapes(keys: list[str]) -> list[str]:
    """Keys with every number as one sign: equal for lines that differ in numbers only."""
    block = "\n".join(keys).encode("ascii").translate(_DIGITS_AS_SIGN)
    while b"##" in block:
        block = block.replace(b"##", b"#")
    return block.decode("ascii").split("\n")


def _edge(ids: list[int]) -> list[int]:
    return ids if len(ids) <= 2 * _EDGE else ids[:_EDGE] + ids[-_EDGE:]


def _edge_numbers(keyed: str) -> set[int]:
    return {int(a or b) for a, b in _EDGE_NUMBER.findall(keyed)}


def _page_numbers(edges: dict[int, list[int]], texts: list[str], keys: list[str]) -> set[int]:
    """Lines at the edges of pages that hold the page's own number and nothing else.

    Printed numbers may run ahead of or behind the pages, all by the same distance.
    """
    offsets: Counter[int] = Counter()
    bare: dict[int, list[int]] = {}
    for page, ids in edges.items():
        for i in ids:
            if not (keys[i][:1].isdigit() or keys[i][-1:].isdigit()):
                continue
            offsets.update({n - page for n in _edge_numbers(keys[i])})
            if _BARE_NUMBER.fullmatch(texts[i].strip(" \u2013-|[]")):
                bare.setdefault(page, []).append(i)
    offset, times = max(offsets.items(), key=lambda item: (item[1], -abs(item[0])), default=(0, 0))
    if times < min(2, len(edges)):
        return set()
    own = ([i for i in ids if int(keys[i]) == page + offset][:1] for page, ids in bare.items())
    return {i for found in own for i in found}


def _running_without_pages(texts: list[str], keys: list[str]) -> set[int]:
    """Indexes of page numbers and running lines of a text that lost its pages.

    A running line comes back at the even distance of pages through most of the text. Names,
    headings and grades that repeat do not.
    """
    gone = _counted_numbers(texts)
    places: dict[str, list[tuple[int, int]]] = {}
    count = 0
    for i, shape in enumerate(_shapes(keys)):
        if shape:
            count += 1
            if len(shape) >= 8:
                places.setdefault(shape, []).append((count, i))
    for shape, found in places.items():
        if len(found) >= 3 and len(shape.split()) >= 3 and not _GRADED.search(shape):
            rows = [row for row, _ in found]
            if _comes_with_pages(rows, count, _counts_up([keys[i] for _, i in found])):
                # The first of them may be the title on the front page.
                gone.update(i for row, i in found if row != rows[0] or row > 12)
    return gone


def _counts_up(keys: list[str]) -> bool:
    """Whether lines that are alike begin or end in numbers that grow, as page numbers do."""
    numbers = [max(_edge_numbers(keyed), default=0) for keyed in keys]
    return all(a < b for a, b in zip(numbers, numbers[1:], strict=False))


def _comes_with_pages(rows: list[int], count: int, counts_up: bool) -> bool:
    """Whether lines at these rows, of `count` in all, come back as regularly as pages turn."""
    gaps = sorted(b - a for a, b in zip(rows, rows[1:], strict=False))
    usual = gaps[len(gaps) // 2]
    regular = sum(1 for gap in gaps if 0.65 * usual <= gap <= 1.35 * usual)
    throughout = rows[-1] - rows[0] + 2 * usual >= 0.6 * count
    # A page's end is not always full, so a few gaps may be short; in a text that lost lines
    # unevenly many are, but then no phrase comes back so often by chance.
    even = regular >= 0.5 * len(gaps) or len(rows) >= _MANY_TIMES
    return _SHORT_PAGE <= usual <= _LONG_PAGE and even and (counts_up or throughout)


def _counted_numbers(texts: list[str]) -> set[int]:
    """Bare numbers that count up at the distance of pages: the longest such chain, if it is whole enough.

    Footnote marks and figures alone on their lines stand between them and are no part of it.
    """
    chains: dict[int, list[tuple[int, int, int | None]]] = {}  # number -> (row, length, row before it)
    before: dict[int, int | None] = {}
    best, best_length = None, 0
    for row, text in enumerate(texts):
        if not (text.isdecimal() and len(text) <= 3):
            continue
        number = int(text)
        length, previous = 1, None
        for step in (1, 2, 3):  # a page may have lost its number
            for other, so_far, _ in chains.get(number - step, ())[-20:]:
                if _NEAREST_NUMBER <= row - other <= 2 * _LONG_PAGE * step and so_far >= length:
                    length, previous = so_far + 1, other
        chains.setdefault(number, []).append((row, length, previous))
        before[row] = previous
        if length > best_length:
            best, best_length = row, length
    chain: set[int] = set()
    while best is not None:
        chain.add(best)
        best = before[best]
    whole = chain and best_length >= 0.6 * (int(texts[max(chain)]) - int(texts[min(chain)]) + 1)
    return chain if best_length >= 3 and whole else set()
