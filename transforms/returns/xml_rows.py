"""Rows of several tables, gathered cell by cell into lists and handed over as frames.

A list may be shorter than its table: cells after its end are blank. So a cell that is not there
costs nothing, and the lists can be filled by whoever walks the document.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import polars as pl

from transforms.returns.entry import Return
from transforms.returns.headings import Problem
from transforms.returns.model import LINE, ROW
from transforms.returns.values import stripped

# What libxml2 says where it did not count; beyond it gives the line of the first text within an element.
_NO_LINE = (0, 65_535)
_MOST_NAMES = 200


def local_name(tag: str) -> str:
    """Return an element's name without its namespace."""
    return tag.rpartition("}")[2]


class Rows:
    """Lists of cells by table and column.

    Attributes:
        columns: cells since the last frames.
        counts: rows of each table from the start of the file.
        flushed: of these, how many were handed over.
    """

    def __init__(self, entry: Return) -> None:
        """Make empty lists for every table of a return."""
        self.columns: dict[str, dict[str, list[str | None]]] = {table.name: {} for table in entry.tables}
        self.numbers: dict[str, dict[str, list[int]]] = {table.name: {} for table in entry.tables}
        self.lines: dict[str, list[int]] = {table.name: [] for table in entry.tables}
        self.counts = dict.fromkeys(self.columns, 0)
        self.flushed = dict.fromkeys(self.columns, 0)
        self.count = 0
        self._order = {table.name: [column.name for column in table.columns] for table in entry.tables}
        self._if_seen = frozenset(entry.xml.if_seen if entry.xml else ())
        self._since = {table.name: table.since for table in entry.tables}
        self._unknown: Counter[tuple[str, str]] = Counter()
        self._repeated: Counter[tuple[str, str]] = Counter()

    def column(self, table: str, name: str) -> list[str | None]:
        """Return the list of a column; it stays the same list for ever."""
        return self.columns[table].setdefault(name, [])

    def add(self, table: str, line: int | None, keys: tuple[tuple[str, int], ...]) -> int:
        """Begin a row; return its place in the lists."""
        lines = self.lines[table]
        row = len(lines)
        lines.append(line or 0)
        if keys:
            numbers = self.numbers[table]
            for name, number in keys:
                cells = numbers.get(name)
                if cells is None:
                    cells = numbers[name] = []
                cells.append(number)
        self.counts[table] += 1
        self.count += 1
        return row

    def fill(self, table: str, name: str, value: str | None, start: int) -> None:
        """Write one value into the rows of a table from row `start` of the file on, where they have none yet."""
        rows = self.counts[table] - start
        if rows:
            cells = self.column(table, name)
            first = start - self.flushed[table]
            if len(cells) <= first:
                cells.extend([None] * (first - len(cells)))
                cells.extend([value] * rows)

    def unknown(self, place: str, name: str) -> None:
        """Count an element that is not in the specification."""
        if len(self._unknown) < _MOST_NAMES or (place, name) in self._unknown:
            self._unknown[place, name] += 1

    def repeated(self, place: str, name: str) -> None:
        """Count an element that came a second time where one is expected; the first stands."""
        name = local_name(name)
        if len(self._repeated) < _MOST_NAMES or (place, name) in self._repeated:
            self._repeated[place, name] += 1

    def problems(self) -> list[Problem]:
        """Say what was counted."""
        found = [
            Problem("unknown_element", f"found {count:,} times, expected not; passed over", place, name[:80])
            for (place, name), count in sorted(self._unknown.items())
        ]
        return found + [
            Problem("repeated_element", f"found {count:,} times more than once; the first is read", place, name[:80])
            for (place, name), count in sorted(self._repeated.items())
        ]

    def frames(self, last: bool = False) -> Iterator[tuple[str, pl.DataFrame]]:
        """Hand over what was gathered; at the end tables without rows too, as far as the form has them."""
        for table in self.columns:
            if self.lines[table] or (last and not self.counts[table] and table not in self._if_seen):
                yield table, self._frame(table)
        self.count = 0

    def _frame(self, table: str) -> pl.DataFrame:
        lines = self.lines[table]
        rows, start = len(lines), self.flushed[table]
        row_number = pl.int_range(start, start + rows, dtype=pl.UInt32, eager=True).alias(ROW)
        line_number = pl.Series(LINE, lines, dtype=pl.UInt32)
        series = []
        for name in self._order[table]:
            numbers = self.numbers[table].get(name)
            if numbers:
                series.append(pl.Series(name, numbers, dtype=pl.UInt32).cast(pl.String))
                numbers.clear()
                continue
            cells = self.columns[table].get(name, [])
            if len(cells) < rows:
                cells.extend([None] * (rows - len(cells)))
            series.append(pl.Series(name, cells, dtype=pl.String))
            cells.clear()
        lines.clear()
        self.flushed[table] += rows
        known = pl.when(~pl.col(LINE).is_in(_NO_LINE)).then(pl.col(LINE))
        text = stripped(pl.all().exclude(ROW, LINE))
        return pl.DataFrame([row_number, line_number, *series]).with_columns(known.alias(LINE), text)
