"""Setting: blocks of a report to words at places on pages, in a chosen content order.

The same flow serves PDF and plain text, so that a text rendering has the line breaks, page
furniture and order of the PDF it could have been exported from.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise

from warehouse.samples.truth import Style

PAGE_WIDTH, PAGE_HEIGHT = 595.0, 842.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 62.0, 533.0, 92.0, 764.0
_GUTTER = 22.0

Measure = Callable[[str, bool, float], float]


@dataclass(frozen=True, slots=True)
class Block:
    """One piece of a page.

    Attributes:
        kind: title, heading, para, numbered, bullet, field, grid, pair, footnote, break or gap.
        text: what it says.
        label: number of a numbered paragraph, label of a field.
        rows: cells of a grid; lines of the two columns of a pair.
        bold: whether it is set bold.
        mark: a footnote's number glued to the end of the text.
        size: times the body size.
        share: of the width, for the first column of a grid.
    """

    kind: str
    text: str = ""
    label: str = ""
    rows: tuple[tuple[str, ...], ...] = ()
    bold: bool = False
    mark: str = ""
    size: float = 1.0
    share: float = 0.68


def title(text: str, mark: str = "") -> Block:
    """A title line of the front page."""
    return Block("title", text, bold=True, mark=mark, size=1.45)


def heading(text: str, level: int = 1) -> Block:
    """A heading of the body."""
    return Block("heading", text, bold=True, size=1.2 if level == 1 else 1.05)


def para(text: str, bold: bool = False) -> Block:
    """A paragraph without a number."""
    return Block("para", text, bold=bold)


def numbered(number: str, text: str) -> Block:
    """A paragraph with its number hanging in the margin."""
    return Block("numbered", text, label=number)


def bullet(text: str) -> Block:
    """A bullet; the style decides its glyph."""
    return Block("bullet", text)


def field_line(label: str, text: str) -> Block:
    """A label and its value on the front page."""
    return Block("field", text, label=label)


def grid(rows: list[tuple[str, ...]], share: float = 0.68, bold: bool = False) -> Block:
    """A table; a row of one cell spans the width."""
    return Block("grid", rows=tuple(rows), share=share, bold=bold)


def pair(left: list[str], right: list[str]) -> Block:
    """Two columns of short lines side by side."""
    return Block("pair", rows=(tuple(left), tuple(right)))


PAGE_BREAK = Block("break")
GAP = Block("gap")


@dataclass(frozen=True, slots=True)
class Run:
    """Words at a place: page from 1, x and baseline y in points from the top left."""

    page: int
    x: float
    y: float
    text: str
    bold: bool = False
    size: float = 11.0
    is_cell: bool = False


@dataclass(frozen=True, slots=True)
class Box:
    """The border of a table cell, in points from the top left."""

    page: int
    x0: float
    y0: float
    x1: float
    y1: float


@dataclass(slots=True)
class _Flow:
    """Where the next line goes."""

    style: Style
    measure: Measure
    runs: list[Run] = field(default_factory=list)
    boxes: list[Box] = field(default_factory=list)
    page: int = 1
    column: int = 0
    y: float = _TOP

    @property
    def columns(self) -> int:
        return self.style.columns if self.page > 1 else 1

    @property
    def width(self) -> float:
        return (_RIGHT - _LEFT - _GUTTER * (self.columns - 1)) / self.columns

    @property
    def left(self) -> float:
        return _LEFT + self.column * (self.width + _GUTTER)

    def need(self, height: float) -> None:
        """Go to the next column or page unless `height` fits here."""
        if self.y + height <= _BOTTOM:
            return
        if self.column + 1 < self.columns:
            self.column += 1
            self.y = _TOP
        else:
            self.new_page()

    def new_page(self) -> None:
        self.page += 1
        self.column = 0
        self.y = _TOP

    def put(self, x: float, y: float, text: str, bold: bool = False, size: float | None = None) -> None:
        self.runs.append(Run(self.page, x, y, text, bold, size or self.style.size))


def place(blocks: list[Block], style: Style, measure: Measure) -> tuple[list[Run], list[Box]]:
    """Set the blocks of a report.

    Args:
        blocks: in reading order.
        style: fonts, sizes, columns, and the order in which tables are drawn.
        measure: width in points of a text, bold or not, at a size.

    Returns:
        Runs in content order, without the running lines, and the borders of table cells.
    """
    flow = _Flow(style, measure)
    for block in blocks:
        _SETTERS[block.kind](flow, block)
    return flow.runs, flow.boxes


def wrap(text: str, width: float, bold: bool, size: float, measure: Measure, hyphenate: bool) -> list[str]:
    """Break a text into lines of at most `width` points."""
    lines: list[str] = []
    current = ""
    for word in text.split():
        candidate = f"{current} {word}".strip()
        if not current or measure(candidate, bold, size) <= width:
            current = candidate
            continue
        if hyphenate and len(word) > 9 and word.isalpha():
            cut = len(word) // 2
            head = f"{current} {word[:cut]}-"
            if measure(head, bold, size) <= width:
                lines.append(head)
                current = word[cut:]
                continue
        lines.append(current)
        current = word
    return [*lines, current] if current else lines


def _set_lines(flow: _Flow, block: Block, indent: float, hang: str = "", glyph: bool = False) -> None:
    style = flow.style
    size = style.size * block.size
    leading = size * 1.28
    hyphenate = style.hyphenate and block.kind in ("para", "numbered", "bullet")
    lines = wrap(block.text, flow.width - indent, block.bold, size, flow.measure, hyphenate)
    for index, line in enumerate(lines):
        flow.need(leading)
        flow.y += leading
        if index == 0 and hang:
            flow.runs.append(Run(flow.page, flow.left, flow.y, hang, False, size, glyph))
        flow.put(flow.left + indent, flow.y, line, block.bold, size)
        if block.mark and index == len(lines) - 1:
            x = flow.left + indent + flow.measure(line, block.bold, size)
            flow.put(x, flow.y - size * 0.35, block.mark, block.bold, size * 0.6)
    flow.y += leading * 0.45


def _set_plain(flow: _Flow, block: Block) -> None:
    if block.kind == "heading":
        flow.need(flow.style.size * 4)
    _set_lines(flow, block, 0.0)


def _set_numbered(flow: _Flow, block: Block) -> None:
    _set_lines(flow, block, 28.0, hang=f"{block.label}.")


def _set_bullet(flow: _Flow, block: Block) -> None:
    _set_lines(flow, block, 16.0, hang=flow.style.bullet, glyph=True)


def _set_field(flow: _Flow, block: Block) -> None:
    style = flow.style
    leading = style.size * 1.28
    label = block.label.replace(":", " :") if style.colon_gap else block.label
    flow.need(leading)
    flow.y += leading
    flow.put(flow.left, flow.y, label, bold=True)
    offset = flow.measure(f"{label} ", True, style.size)
    lines = wrap(block.text, flow.width - offset, False, style.size, flow.measure, False)
    for index, line in enumerate(lines):
        if index:
            flow.y += leading
        flow.put(flow.left + offset, flow.y, line)
    flow.y += leading * 0.35


def _set_grid(flow: _Flow, block: Block) -> None:
    style = flow.style
    leading = style.size * 1.28
    share = 1.0 if style.grade_place == "below" else block.share
    cells: list[tuple[int, float, float, str, int]] = []  # page, x, y, line, column
    for row in block.rows:
        single = len(row) == 1
        widths = [flow.width] if single else [flow.width * share - 8, flow.width * (1 - share) - 8]
        if style.grade_place == "below":
            widths = [flow.width] * len(row)
        wrapped = [
            wrap(cell, width, block.bold, style.size, flow.measure, False) or [""]
            for cell, width in zip(row, widths, strict=False)
        ]
        height = (sum if style.grade_place == "below" else max)(len(lines) for lines in wrapped) * leading
        flow.need(height + leading * 0.5)
        top = flow.y
        for column, lines in enumerate(wrapped):
            x = flow.left + (flow.width * share if column and style.grade_place == "beside" else 0.0)
            y = top + _drop(style, column, len(lines), wrapped) * leading
            cells += [(flow.page, x, y + leading * (n + 1), line, column) for n, line in enumerate(lines) if line]
        flow.y = top + height + leading * 0.4
        split = flow.left + flow.width * share
        edges = [flow.left, flow.left + flow.width] if len(row) == 1 or share == 1.0 else [
            flow.left, split, flow.left + flow.width
        ]  # fmt: skip
        for x0, x1 in pairwise(edges):
            flow.boxes.append(Box(flow.page, x0 - 4, top + leading * 0.15, x1 - 4, flow.y + leading * 0.15))
    if style.grid_order == "columns":
        cells.sort(key=lambda cell: (cell[0], cell[4]))
    elif style.grid_order == "lines":
        cells.sort(key=lambda cell: (cell[0], round(cell[2], 1), cell[1]))
    for page, x, y, line, _ in cells:
        flow.runs.append(Run(page, x, y, line, block.bold, style.size, is_cell=True))
    flow.y += leading * 0.4


def _drop(style: Style, column: int, height: int, wrapped: list[list[str]]) -> float:
    """Lines by which a cell's text starts below the top of its row."""
    if style.grade_place == "below":
        return sum(len(lines) for lines in wrapped[:column])
    free = max(len(lines) for lines in wrapped) - height
    return {"top": 0.0, "middle": free / 2, "bottom": float(free)}[style.grade_align] if column else 0.0


def _set_pair(flow: _Flow, block: Block) -> None:
    style = flow.style
    leading = style.size * 1.4
    left, right = block.rows
    rows = max(len(left), len(right))
    flow.need(leading * rows)
    top = flow.y
    half = flow.width / 2
    placed = [
        (flow.left + side * half, top + leading * (n + 1), line, side)
        for side, lines in enumerate((left, right))
        for n, line in enumerate(lines)
        if line
    ]
    if style.grid_order != "columns":
        placed.sort(key=lambda cell: (cell[1], cell[0]))
    for x, y, line, _ in placed:
        flow.put(x, y, line)
    flow.y = top + leading * (rows + 0.5)


def _set_footnote(flow: _Flow, block: Block) -> None:
    size = flow.style.size * 0.75
    lines = wrap(f"{block.label} {block.text}", flow.width, False, size, flow.measure, False)
    y = _BOTTOM - len(lines) * size * 1.2
    for line in lines:
        y += size * 1.2
        flow.put(flow.left, y, line, False, size)


def _set_break(flow: _Flow, block: Block) -> None:
    flow.new_page()


def _set_gap(flow: _Flow, block: Block) -> None:
    flow.y += flow.style.size * 1.2


_SETTERS: dict[str, Callable[[_Flow, Block], None]] = {
    "title": _set_plain,
    "heading": _set_plain,
    "para": _set_plain,
    "numbered": _set_numbered,
    "bullet": _set_bullet,
    "field": _set_field,
    "grid": _set_grid,
    "pair": _set_pair,
    "footnote": _set_footnote,
    "break": _set_break,
    "gap": _set_gap,
}
