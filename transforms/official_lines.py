"""Rows of an official outcomes table as lines of one inspection each, whatever the form of the table.

In a wide table a row is a line. In a long list, where a row is one judgement of one inspection, the rows of an
inspection are put together: each wording of an area becomes a column behind those of the list, as if the table
were wide, and each cell of it knows where it really stands. So both forms are read by the same rules.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from transforms.official_cells import is_filled, read_day, text_of
from transforms.official_headers import Block, Heading, LongColumns
from transforms.official_wordings import (
    OPENING,
    half_of,
    heading_words,
    is_of_provider,
    is_service,
    key_of,
    role_of,
    worded_by,
    words,
)
from transforms.reports.model import Problem
from transforms.spreadsheets import Cell, Sheet, letters

Own = tuple[object, ...]  # what the columns of authority, days and kind of a row hold
Area = tuple[str, str | None]  # code across frameworks, and half
_UNSAID = (None, False)
_MOST_ROWS = 20  # that a problem names


def warning(code: str, message: str, place: str | None, found: str, expected: str | None = None) -> Problem:
    """Make a problem that leaves something out while the rest is read."""
    return Problem(code, "warning", message, None, found, expected, place)


def rows_text(rows: Sequence[int]) -> str:
    """Name rows for a person: the first few, and how many there are."""
    shown = ", ".join(str(row) for row in rows[:_MOST_ROWS])
    return f"rows {shown}" + (f" and {len(rows) - _MOST_ROWS} more" if len(rows) > _MOST_ROWS else "")


@dataclass(slots=True)
class Line:
    """One inspection, or several in blocks, of one authority.

    Attributes:
        number: of its row, from 0; of the first of them where there are several.
        cells: by column.
        blocks: of its heading that it fills.
        is_of_rows: it was put together of the rows of a long list.
        places: row and column, from 0, of cells that stand elsewhere.
    """

    number: int
    cells: list[Cell]
    blocks: list[Block]
    is_of_rows: bool = False
    places: dict[int, tuple[int, int]] = field(default_factory=dict)

    def place(self, column: int | None) -> tuple[int, str]:
        """Row as a person counts it, and letters of a column; none for the row alone."""
        row, at = self.places.get(column, (self.number, column)) if column is not None else (self.number, None)
        return row + 1, "" if at is None else letters(at)

    def rows(self) -> str:
        """Name the rows that a problem of the inspection leaves out."""
        several = sorted({row + 1 for row, _ in self.places.values()} | {self.number + 1})
        return "row" if len(several) == 1 else rows_text(several)


def lines_of(sheet: Sheet, heading: Heading, end: int, problems: list[Problem]) -> tuple[Heading, list[Line]]:
    """Return the lines below a heading, up to a row number, and the heading of their columns."""
    numbered = list(enumerate(sheet.rows[heading.row + 1 : end], start=heading.row + 1))
    if heading.long is None:
        return heading, [Line(number, row, heading.blocks) for number, row in numbered]
    return _Widening(sheet, heading, heading.long, problems).lines(numbered)


@dataclass(slots=True)
class _Judgement:
    """One row of a long list: which area it names, and where."""

    number: int
    row: Sequence[Cell]
    label: str
    area: Area


@dataclass(slots=True)
class _Inspection:
    """The rows of one inspection, with what the wordings of areas say of it: framework, and re-inspection."""

    number: int
    row: Sequence[Cell]
    said: tuple[str | None, bool] = (None, False)
    judgements: list[_Judgement] = field(default_factory=list)


class _Widening:
    """A long list on its way to lines."""

    def __init__(self, sheet: Sheet, heading: Heading, long: LongColumns, problems: list[Problem]) -> None:
        self.sheet = sheet
        self.heading = heading
        self.long = long
        self.problems = problems
        self.block = heading.blocks[0]
        self.unread: dict[tuple[str, str], list[tuple[int, int]]] = {}
        self.labels: dict[tuple[str, Area], str] = {}

    def lines(self, numbered: list[tuple[int, list[Cell]]]) -> tuple[Heading, list[Line]]:
        inspections = self._inspections(numbered)
        width = max(len(self.heading.texts), *(len(row) for _, row in numbered), 0) if numbered else 0
        columns: dict[tuple[str, Area, int], int] = {}
        for label, area in self.labels:
            for grade in self.long.grades:
                columns[label, area, grade] = width + len(columns)
        told = {*self.long.areas, *self.long.sub_areas, *self.long.grades, *self.long.services}
        texts = ["" if n in told else text for n, text in enumerate(self.heading.texts)]
        texts += [""] * (width - len(texts)) + [self.labels[label, area] for label, area, _ in columns]
        lines = [self._line(inspection, columns, texts) for inspection in inspections]
        self._name_unread()
        return replace(self.heading, texts=texts), lines

    def _inspections(self, numbered: list[tuple[int, list[Cell]]]) -> list[_Inspection]:
        """Rows put together by authority, days, kind, and what the words of areas say of the inspection.

        Words that say nothing of it are of the only inspection of that authority and those days.
        """
        found: dict[Own, dict[tuple[str | None, bool], _Inspection]] = {}
        plain: dict[Own, _Inspection] = {}
        for number, row in numbered:
            own = self._own(row)
            graded = [column for column in self.long.grades if column < len(row) and str(row[column]).strip()]
            if not graded:
                if any(is_filled(row, column) for column in self.block.columns):
                    plain.setdefault(own, _Inspection(number, row))
            elif named := self._named(number, row, graded):
                said = key_of(named.label)[:2]
                of = found.setdefault(own, {}).setdefault(said, _Inspection(number, row, said))
                of.judgements.append(named)
        for alike in found.values():
            if len(alike) == 2 and (silent := alike.pop(_UNSAID, None)):
                (other,) = alike.values()
                other.judgements += silent.judgements
        inspections = [inspection for alike in found.values() for inspection in alike.values()]
        inspections += [inspection for own, inspection in plain.items() if own not in found]
        return sorted(inspections, key=lambda inspection: inspection.number)

    def _own(self, row: Sequence[Cell]) -> Own:
        columns = [*self.heading.authorities, *self.heading.codes, *self.block.columns, *self.block.kinds]
        return tuple((read_day(row[n]) or words(text_of(row, n))) if n < len(row) else "" for n in columns)

    def _named(self, number: int, row: Sequence[Cell], graded: list[int]) -> _Judgement | None:
        """The area that a row names; a row whose grade is of no area that can be told is kept for naming."""
        long = self.long
        parts = [(column, text) for column in (*long.areas, *long.sub_areas) if (text := text_of(row, column))]
        services = [(column, text) for column in long.services if (text := text_of(row, column))]
        area = _area([text for _, text in parts], self._sub_area(row), [text for _, text in services])
        label = ": ".join(text for _, text in [*services, *parts])
        if area is None or any(column in long.services for column in self._unsaid(row)):
            if any(is_filled(row, column) for column in graded):
                at = parts[-1][0] if parts else (*long.areas, *long.sub_areas)[0]
                self.unread.setdefault((words(label), label), []).append((number, at))
            return None
        said = heading_words(label)
        self.labels.setdefault((said, area), label)
        return _Judgement(number, row, said, area)

    def _sub_area(self, row: Sequence[Cell]) -> str:
        return next((text for column in self.long.sub_areas if (text := text_of(row, column))), "")

    def _unsaid(self, row: Sequence[Cell]) -> list[int]:
        """Columns that say whose services are meant, where they say nothing."""
        return [column for column in self.long.services if not text_of(row, column)]

    def _line(self, of: _Inspection, columns: dict[tuple[str, Area, int], int], texts: list[str]) -> Line:
        cells: list[Cell] = [*of.row, *[""] * (len(texts) - len(of.row))]
        block = replace(
            self.block,
            framework=self.block.framework or of.said[0],
            is_again=self.block.is_again or of.said[1],
            areas={at: area for (label, area, _), at in columns.items() if key_of(label)[:2] in (of.said, _UNSAID)},
            worded_by=worded_by(" | ".join(judgement.label for judgement in of.judgements)),
        )
        line = Line(of.number, cells, [block], is_of_rows=True)
        for judgement in of.judgements:
            for grade in self.long.grades:
                cell = judgement.row[grade] if grade < len(judgement.row) else ""
                at = columns[judgement.label, judgement.area, grade]
                if at in line.places:
                    if words(cells[at]) == words(cell):
                        continue
                    at = len(cells)  # a second grade stands beside the first: neither is taken if they differ
                    cells.append("")
                    block.areas[at] = judgement.area
                cells[at] = cell
                line.places[at] = (judgement.number, grade)
        return line

    def _name_unread(self) -> None:
        for (_, label), places in self.unread.items():
            number, column = places[0]
            place = f"sheet {self.sheet.name}, row {number + 1}, column {letters(column)}"
            stated = f"{len(places)} grades of {label[:120]!r}"
            expected, rows = "an area of services of authorities", rows_text([at + 1 for at, _ in places])
            message = f"{place}: found {stated}, expected {expected}; {rows} not taken"
            self.problems.append(warning("unknown_area", message, place, stated, expected))


def _area(texts: list[str], sub: str, services: list[str]) -> Area | None:
    """The area that the texts of a row name together, and its half; None where they name none, or several."""
    said, served = [heading_words(text) for text in texts], [words(text) for text in services]
    if any(is_of_provider(text) for text in [*said, *served]) or not all(is_service(text) for text in served):
        return None
    if any(key_of(text)[2] is not None for text in said):
        return None  # of another inspection than the days of its row
    roles = {role for text in said if (role := role_of(text))}
    if sub and len(roles) == 2:
        roles = {role for role in (role_of(heading_words(sub)),) if role and role != "overall"}
    halves = {half for text in [*said, *served] if (half := half_of(text))}
    if any(role_of(text) == "lscb" for text in served):
        roles = roles - {"overall"} | {"lscb"}
    if len(roles) != 1 or len(halves) > 1 or roles & set(OPENING) or any(role_of(text) is None for text in said):
        return None
    return next((role, next(iter(halves), None)) for role in roles)
