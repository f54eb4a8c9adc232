"""The printed grid: a table or list of areas with their grades.

Readers give its cells in any order. A grade is tied to its area, in order of trust, by its place
on the page; by standing directly behind the label; or, where labels are lost or stand apart from
the grades, by order alone. Order alone is certain only where there is exactly one grade for each
area, all areas but one are stated the same elsewhere, and none is stated otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from transforms.reading.grades import Letters, Reading, Scale, letters, scale_of

if TYPE_CHECKING:
    from transforms.reports.framework import Area, Framework, Grid

_APART = 400  # letters between two cells of one grid: a footnote at most
_GAP = 60  # letters of whole lines between a label and its grade: a running line at most
_CONFIRMED = 2  # areas, at least, that must be stated elsewhere before order alone is trusted


# "Not / Good": what stands between a label and its grade denies it, or dates it.
_DENIES = re.compile(
    r"(?:not|no|never|yet|longer|than|nearly|almost|neither|was|were|from|previously|formerly|previous)$"
)
_EARLIER_REACH = 60
# The letters that end just before a place: words that tell of an earlier inspection, and little behind them.
OF_EARLIER = re.compile(
    r"(?:previous|last|earlier|prior)(?:ofsted)?(?:re)?inspections?(?P<rest>(?:(?!outstanding|good|adequate|improve)[a-z]){0,20})$"
)
_ROW_LINES = 3  # behind a grid, within which the grade of a further row stands
_NEW_SENTENCE = re.compile(r"\s+(?:\d+\s+)?[A-Z]")


@dataclass(slots=True)
class _Token:
    """A label or a grade in the grid's letters."""

    start: int
    end: int
    area: str | None
    grade: str | None


def read_grid(
    letter: Letters,
    framework: Framework,
    grid: Grid,
    areas: tuple[Area, ...],
    stated: list[Reading],
    zones: list[tuple[int, int]],
) -> tuple[list[Reading], tuple[int, int]]:
    """Read one declared grid.

    Args:
        letter: letters of the report's text.
        framework: for its scale.
        grid: where the grid stands.
        areas: areas judged on that day, in the order they are printed.
        stated: grades already read from forms of words; their letters are not read again.
        zones: spans that are not read.

    Returns:
        Readings of the grid, and the span of letters it takes up: what looks like a heading
        within it is one of its rows, or two that a reader ran together.
    """
    scale = scale_of(framework.grades)
    start, end = _region(letter, grid)
    rows = tuple(area for area in areas if area.in_grid)
    named = {area.code for area in rows}
    # What is stated in a sentence, or of an area that has no row, is not a cell of the grid.
    spans = [*zones, *((r.start, r.end) for r in stated if r.place != "heading" or r.area not in named)]
    pattern = _pattern(_labels(rows), scale.pattern, grid.beside)
    found = pattern.finditer(letter.all, start, end)
    cells = _tokens(letter, found, start, end, rows, scale, spans)
    tokens = _first_block(cells, len(rows))
    if not tokens:
        return [], (start, start)
    block = (tokens[0].start, tokens[-1].end)
    positioned = _by_position(tokens, letter)
    tied = positioned or _by_adjacency(tokens, letter, scale)
    if tied:
        # With a row missing, what seems a row may be the label of one and the grade of another.
        complete = len(tied) == len(rows)
        # What stands between a label and its grade may be the rest of another row: then it does not decide.
        close = all(grade.start - label.end <= 0 for label, grade in tied) or bool(positioned)
        place = (grid.place if close else f"{grid.place}_loose") if complete else f"{grid.place}_part"
        alone = not _has_second(letter, grid, rows, block) and not _is_gainsaid(tied, cells, block, letter, scale)
        return _readings(tied, place, letter, complete and alone), block
    elsewhere = [r for r in stated if not block[0] <= r.start < block[1]]
    return _by_order(tokens, grid, rows, elsewhere, letter), block


def read_further_rows(
    letter: Letters, framework: Framework, grid: Grid, block: tuple[int, int]
) -> list[tuple[int, int]]:
    """Graded rows directly before or behind the rows of a grid that name nothing the framework judges.

    Args:
        letter: letters of the report's text.
        framework: for its scale and its areas in all years.
        grid: where the grid stands.
        block: letters its rows take up.

    Returns:
        The letters of each such row, its grade at the end.
    """
    if block[0] == block[1]:
        return []
    start, end = _region(letter, grid)
    lines = letter.text.lines
    first, last = letter.line_index(block[0]), letter.line_index(block[1] - 1)
    spans = [(letter.line_index(start), first)] if start and grid.where == "front" else []
    spans.append((last + 1, min(last + 1 + _ROW_LINES, letter.line_index(end) + 1)))
    scale = scale_of(framework.grades)
    ends = re.compile(rf"(?:{scale.pattern})$")
    known = {words for words, _ in _labels(framework.areas)}
    found = []
    for lower, upper in spans:
        for index in range(lower, upper):
            if lines[index].text.endswith((".", ",", ";", ":")):
                break  # a sentence: the grid is over
            at, to = letter.span(lower, index)
            graded = ends.search(letter.all[at:to])
            if graded is None:
                continue
            label = letter.all[at : at + graded.start()]
            if label and label not in known and letter.printed(at + graded.start(), to)[:1].isupper():
                found.append((at, to))
            break
    return found


def _region(letter: Letters, grid: Grid) -> tuple[int, int]:
    """Span of letters in which the grid is looked for."""
    limit = letter.front_end if grid.where == "front" else len(letter.all)
    for opens in grid.opens:
        words = letters(opens)
        found = [m.end() for m in re.finditer(words, letter.all[:limit])]
        starts = [start for start in found if not _is_of_earlier(letter, start - len(words))]
        if starts:
            start = starts[0] if grid.where == "front" else starts[-1]
            # A footnote or a page turn may carry the grid over to the next page.
            return start, min(start + grid.reach, len(letter.all))
        if found:
            return 0, 0
    return (0, letter.front_end) if grid.where == "front" else (0, 0)


def _has_second(letter: Letters, grid: Grid, rows: tuple[Area, ...], block: tuple[int, int]) -> bool:
    """Whether another grid with the same rows is opened behind this one: one for each of two authorities, or years."""
    end = letter.front_end if grid.where == "front" else len(letter.all)
    for opens in grid.opens:
        for match in re.finditer(letters(opens), letter.all[: max(end, block[1] + grid.reach)]):
            if match.start() < block[1] or _is_of_earlier(letter, match.start()):
                continue
            behind = letter.all[match.end() : match.end() + grid.reach]
            if sum(words in behind for words, _ in _labels(rows)) > 1:
                return True
    return False


def _is_gainsaid(
    tied: list[tuple[_Token, _Token]], cells: list[_Token], block: tuple[int, int], letter: Letters, scale: Scale
) -> bool:
    """Whether further rows behind a grid grade its areas otherwise: a list of another inspection on the same page."""
    ours = {label.area: grade.grade for label, grade in tied}
    further = [
        (label.area, grade.grade)
        for label, grade in pairwise(cells)
        if label.start >= block[1] and label.area and grade.grade and _joined(label.end, grade.start, letter, scale)
    ]
    return len(further) > 1 and any(ours.get(area, grade) != grade for area, grade in further)


def _is_of_earlier(letter: Letters, at: int) -> bool:
    """Whether what opens a grid here stands below words that tell of an earlier inspection."""
    above = OF_EARLIER.search(letter.all, max(at - _EARLIER_REACH, 0), at)
    return above is not None and "this" not in above["rest"]


def zones_of_earlier(letter: Letters, framework: Framework) -> list[tuple[int, int]]:
    """Grids of earlier inspections: spans whose grades are never read."""
    spans = []
    for grid in framework.grids:
        for opens in grid.opens:
            starts = [m.start() for m in re.finditer(letters(opens), letter.all)]
            for at, after in pairwise([*starts, len(letter.all)]):
                if _is_of_earlier(letter, at):
                    spans.append((at, min(after, at + _APART)))
    return spans


@lru_cache(maxsize=128)
def _pattern(labels: tuple[tuple[str, str], ...], grades: str, beside: str) -> re.Pattern[str]:
    alternatives = "|".join(label for label, _ in labels)
    cell = f"(?:{beside})?(?P<grade>{grades})(?:{beside})?" if beside else f"(?P<grade>{grades})"
    return re.compile(f"(?P<area>{alternatives})|{cell}")


def _labels(areas: tuple[Area, ...]) -> tuple[tuple[str, str], ...]:
    found = {letters(label): area.code for area in areas for label in area.labels}
    return tuple(sorted(found.items(), key=lambda item: -len(item[0])))


def _tokens(
    letter: Letters,
    found: Iterator[re.Match[str]],
    start: int,
    end: int,
    areas: tuple[Area, ...],
    scale: Scale,
    spans: list[tuple[int, int]],
) -> list[_Token]:
    """Labels that nothing runs on from, and grades that stand alone or directly at a label."""
    codes = dict(_labels(areas))
    tokens: list[_Token] = []
    matches = list(found)
    starts = {m.start() for m in matches}
    previous = -1
    for match in matches:
        at, to = match.span()
        if any(a < to and at < b for a, b in spans):
            previous = -1
            continue
        opens = letter.is_edge(at) or previous == at or at == start or not _letters_in(letter.before(at))
        closes = letter.is_edge(to) or to in starts or to == end or not _letters_in(letter.after(to))
        if match["grade"] is not None and not closes and previous == at:
            # The last cell, where the line end was lost: a sentence of its own begins behind it.
            closes = _NEW_SENTENCE.match(letter.after(to)) is not None
        if match["area"] is not None and opens and closes:
            tokens.append(_Token(at, to, codes[match["area"]], None))
            previous = to
        elif match["grade"] is not None and opens and closes:
            tokens.append(_Token(match.start("grade"), match.end("grade"), None, scale.codes[match["grade"]]))
            previous = to
    return tokens


def _letters_in(words: str) -> bool:
    return any(char.isalpha() for char in words)


def _first_block(tokens: list[_Token], count: int) -> list[_Token]:
    """Tokens of the grid itself: from its first label, or first grade, to its last grade."""
    first = next((i for i, token in enumerate(tokens) if token.area), None)
    if first is None:
        return tokens
    block: list[_Token] = []
    for token in tokens[first:]:
        if block and token.start - block[-1].end > _APART:
            break
        if sum(1 for t in block if t.grade) == count or any(t.area and t.area == token.area for t in block):
            break
        block.append(token)
    while block[-1].area and any(t.grade for t in block):
        block.pop()
    return block


def _by_adjacency(tokens: list[_Token], letter: Letters, scale: Scale) -> list[tuple[_Token, _Token]]:
    """Pairs of a label and the grade behind it, where labels and grades strictly take turns."""
    if len(tokens) % 2:
        return []
    pairs = list(zip(tokens[::2], tokens[1::2], strict=True))
    joined = all(a.area and b.grade and _joined(a.end, b.start, letter, scale) for a, b in pairs)
    return pairs if joined else []


def _joined(end: int, start: int, letter: Letters, scale: Scale) -> bool:
    """Nothing stands between, or whole lines of something else: a footnote, a running line."""
    if start == end:
        return True
    if start - end > _GAP or not (letter.is_edge(end) and letter.is_edge(start)):
        return False
    between = letter.all[end:start]
    return re.search(scale.pattern, between) is None and _DENIES.search(between) is None


def _by_position(tokens: list[_Token], letter: Letters) -> list[tuple[_Token, _Token]]:
    """Pairs whose boxes stand at the same height, where that ties every label to one grade."""
    labels = [t for t in tokens if t.area]
    grades = [t for t in tokens if t.grade]
    if len(labels) < 2 or len(labels) != len(grades):
        return []
    boxes = {id(t): _box(t, letter) for t in tokens}
    if any(box is None for box in boxes.values()):
        return []
    pairs = []
    used: set[int] = set()
    for label in labels:
        page, top, bottom = boxes[id(label)]  # type: ignore[misc]
        middle = (top + bottom) / 2
        near = min(grades, key=lambda g: _distance(boxes[id(g)], page, middle))
        if id(near) in used or _distance(boxes[id(near)], page, middle) > max(bottom - top, 14.0):
            return []
        used.add(id(near))
        pairs.append((label, near))
    return pairs if len({label.area for label, _ in pairs}) == len(pairs) else []


def _distance(box: tuple[int, float, float] | None, page: int, middle: float) -> float:
    if box is None or box[0] != page:
        return 1e9
    return abs((box[1] + box[2]) / 2 - middle)


def _box(token: _Token, letter: Letters) -> tuple[int, float, float] | None:
    """Page, top and bottom of the lines a token stands on."""
    lines = letter.lines(token.start, token.end)
    tops = [line.y0 for line in lines if line.y0 is not None]
    bottoms = [line.y1 for line in lines if line.y1 is not None]
    if len(tops) != len(lines) or len(bottoms) != len(lines) or len({line.page for line in lines}) != 1:
        return None
    return lines[0].page, min(tops), max(bottoms)


def _by_order(
    tokens: list[_Token],
    grid: Grid,
    areas: tuple[Area, ...],
    stated: list[Reading],
    letter: Letters,
) -> list[Reading]:
    """Grades tied to areas by their order, certain only where other places bear it out."""
    grades = [t for t in tokens if t.grade]
    labels = [t.area for t in tokens if t.area]
    order = _orders(labels, areas, len(grades))
    if order is None:
        return []
    rows = {area.code for area in areas}
    # Where labels are lost, a stray line of the overall judgement's sentence could pass for a cell:
    # it cannot where that sentence was read whole on the same page.
    has_labels = len(labels) == len(order)
    whole = has_labels or any(r.certain and r.area not in rows and r.start < grades[0].start for r in stated)
    # All labels and behind them all grades: two columns read one after the other keep their order.
    in_columns = has_labels and all(t.grade for t in tokens[len(labels) :])
    tied = list(zip(order, grades, strict=True))
    certain = whole and _is_borne_out([(area, t.grade) for area, t in tied], stated, in_columns)
    place = f"{grid.place}_order"
    return [
        Reading(area, t.grade or "", place, t.start, t.end, letter.printed(t.start, t.end), certain) for area, t in tied
    ]


def _is_borne_out(tied: list[tuple[str, str | None]], stated: list[Reading], in_columns: bool) -> bool:
    """Whether enough of the grades of a grid are certain elsewhere, and none is another there.

    One cell at most may have nothing else to bear it out; in two columns half of them may, if those
    hold one grade: they may have traded places.
    """
    known: dict[str, set[str]] = {}
    for reading in stated:
        if reading.certain:
            known.setdefault(reading.area, set()).add(reading.grade)
    if any(area in known and grade not in known[area] for area, grade in tied):
        return False
    alone = [grade for area, grade in tied if known.get(area) != {grade}]
    enough = len(tied) // 2 if in_columns and len(set(alone)) == 1 else len(tied) - 1
    return len(tied) - len(alone) >= max(_CONFIRMED, enough)


def _orders(labels: list[str], areas: tuple[Area, ...], count: int) -> list[str] | None:
    """Areas in the order their grades must stand: as many grades as areas, no label out of order."""
    required = [area.code for area in areas]
    if count != len(required):
        return None
    if len(labels) == count and len(set(labels)) == count:
        return labels
    return required if [a for a in required if a in labels] == labels else None


def _readings(tied: list[tuple[_Token, _Token]], place: str, letter: Letters, certain: bool) -> list[Reading]:
    found = []
    for label, grade in tied:
        start, end = min(label.start, grade.start), max(label.end, grade.end)
        near = end - start <= (label.end - label.start) + (grade.end - grade.start)
        span = (start, end) if near else (grade.start, grade.end)
        found.append(
            Reading(
                label.area or "",
                grade.grade or "",
                place,
                span[0],
                span[1],
                letter.printed(grade.start, grade.end),
                certain,
                letter.printed(label.start, label.end),
            )
        )
    return found
