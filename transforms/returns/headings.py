"""Rows of headings to tables: which table of which return a row of headings begins, whatever the file is called.

Headings are compared without case, blanks, underscores and punctuation. Columns no one knows are
kept out and reported, required ones that are missing are reported too; both are told by name,
which a heading is: a row that is not recognised may hold values, and is never shown.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from transforms.returns.entry import Column, Return, Table

HEADER_ROWS = 40  # in which the row of headings must stand
_ENOUGH = 0.6  # of a table's columns, where no column marks it
_NOT_WORDS = re.compile(r"[\W_]+")
_LONGEST = 80


@dataclass(slots=True)
class Problem:
    """Something in a file that is not as its specification has it; never a value.

    Attributes:
        code: of the kind of problem.
        message: what was found and what was expected.
        table, column: where, as far as it is about one.
    """

    code: str
    message: str
    table: str = ""
    column: str = ""


@dataclass(slots=True)
class Match:
    """A row of headings and the table it belongs to.

    Attributes:
        places: position of each column found.
        problems: unknown, repeated and missing columns.
    """

    entry: Return
    table: Table
    places: dict[int, Column] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    @property
    def rank(self) -> tuple[int, float]:
        """How well it fits."""
        return len(self.places), len(self.places) / len(self.table.columns)


def key_of(heading: str) -> str:
    """Return a heading as headings are compared."""
    return _NOT_WORDS.sub("", unicodedata.normalize("NFKC", heading).casefold())


def match_headings(cells: Sequence[str], entries: Iterable[Return]) -> list[Match]:
    """Return the tables a row of headings may begin, the best first; several only where they fit alike."""
    keys = [key_of(cell) for cell in cells]
    if sum(map(bool, keys)) < 2:
        return []
    found = [match for entry in entries for table in entry.tables if (match := _match(keys, cells, entry, table))]
    if not found:
        return []
    best = max(match.rank for match in found)
    alike = [match for match in found if match.rank == best]
    for match in alike:
        _report(match, cells)
    return alike


def find_headings(rows: Iterable[Sequence[str]], entries: Sequence[Return]) -> tuple[int, list[Match]]:
    """Find the row of headings among the first rows.

    Returns:
        Its position and the tables it may begin; the list is empty where no row fits.
    """
    best: tuple[int, list[Match]] = (0, [])
    for position, cells in enumerate(rows):
        matches = match_headings(cells, entries)
        if matches and (not best[1] or matches[0].rank > best[1][0].rank):
            best = position, matches
    return best


def _match(keys: Sequence[str], cells: Sequence[str], entry: Return, table: Table) -> Match | None:
    known = known_headings(table)
    match = Match(entry, table)
    taken: set[str] = set()
    for position, key in enumerate(keys):
        column = known.get(key)
        if column is not None and column.name not in taken:
            taken.add(column.name)
            match.places[position] = column
    for column in table.columns:
        if column.pattern and column.name not in taken:
            position = next(_by_pattern(column, cells, match.places), -1)
            if position >= 0:
                taken.add(column.name)
                match.places[position] = column
    marked = not taken.isdisjoint(table.marks) if table.marks else len(taken) >= _ENOUGH * len(table.columns)
    return match if marked and len(taken) >= 2 else None


def _by_pattern(column: Column, cells: Sequence[str], taken: Iterable[int]) -> Iterator[int]:
    pattern = re.compile(column.pattern, re.IGNORECASE)
    for position, cell in enumerate(cells):
        if position not in taken and len(cell) < 400 and pattern.search(cell):
            yield position


@lru_cache(maxsize=256)
def _places_by_key(columns: tuple[tuple[str, tuple[str, ...]], ...]) -> dict[str, int]:
    names = {key_of(name): place for place, (name, _) in enumerate(columns)}
    for place, (_, aliases) in enumerate(columns):
        for alias in aliases:
            names.setdefault(key_of(alias), place)
    return names


def known_headings(table: Table) -> dict[str, Column]:
    """Return the columns of a table by each heading they may have, written as `key_of` does."""
    places = _places_by_key(tuple((column.name, column.aliases) for column in table.columns))
    return {key: table.columns[place] for key, place in places.items()}


def _report(match: Match, cells: Sequence[str]) -> None:
    name = match.table.name
    known = known_headings(match.table)
    for position, cell in enumerate(cells):
        if position in match.places or not cell.strip():
            continue
        heading = " ".join(cell.split())[:_LONGEST]
        code = "repeated_column" if key_of(cell) in known else "unknown_column"
        found = "a second time" if code == "repeated_column" else "beside the columns of the specification"
        match.problems.append(
            Problem(code, f"found the column {found}, expected it not; it is passed over", name, heading)
        )


def missing_columns(entry: Return, table: Table, present: Iterable[str], year: int) -> list[Problem]:
    """Report the columns of a year that are not there: those required, and those that may be blank."""
    # Columns that only say in XML whether there is a row of another table are in no other form.
    there = {*present, *(leaf for _, leaf in entry.xml.presence)} if entry.xml else set(present)
    problems = []
    for column in table.columns_of(year):
        if column.name not in there:
            code = "missing_required_column" if column.is_required else "missing_column"
            problems.append(Problem(code, "found no such column, expected it in this year", table.name, column.name))
    return problems
