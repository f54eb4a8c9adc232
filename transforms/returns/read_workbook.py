"""A workbook to tables of text: sheets are known by their headings, whatever they are called.

Covers, notes and look-up lists are passed over; blank rows above and columns beside a table are
too. Cells come as a spreadsheet holds them, formulas by their last result, and are written as text
the way the value readers take it: dates as year-month-day, whole numbers without a point. Errors of
the spreadsheet are blank; those pasted as text are counted too.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

import polars as pl

from transforms.errors import LayoutError, UnknownSourceError
from transforms.returns.entry import Return
from transforms.returns.headings import HEADER_ROWS, Match, Problem, find_headings
from transforms.returns.model import LINE
from transforms.returns.read_csv import TableRead
from transforms.returns.values import stripped
from transforms.spreadsheets import Cell, Sheet, read_sheets

_ERRORS = frozenset({"#N/A", "#VALUE!", "#REF!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#GETTING_DATA", "#SPILL!"})


def read_workbook(data: bytes, entries: Sequence[Return]) -> list[TableRead]:
    """Read every sheet that is a table of a return.

    Args:
        data: a whole spreadsheet file, XLSX or ODS.
        entries: returns to look for.

    Raises:
        UnreadableFileError: it is damaged, encrypted, or holds too much.
        UnknownSourceError: no sheet has the headings of a table.
        LayoutError: the headings of a sheet fit two tables alike.
    """
    sheets = read_sheets(data)
    found = [(sheet, *_headings(sheet, number, entries)) for number, sheet in enumerate(sheets, start=1)]
    tables = [_table(sheet, position, match) for sheet, position, match in found if match is not None]
    if not tables:
        raise UnknownSourceError(
            f"workbook: found no sheet of {len(sheets)} with the headings of a table, expected at least one"
        )
    others = sum(match is None and bool(sheet.rows) for sheet, _, match in found)
    if others:
        tables[0].problems.append(
            Problem("unknown_sheet", f"found {others} sheets with no table of a return; they are passed over")
        )
    return tables


def _headings(sheet: Sheet, number: int, entries: Sequence[Return]) -> tuple[int, Match | None]:
    rows = [[_text(cell) or "" for cell in row] for row in sheet.rows[:HEADER_ROWS]]
    position, matches = find_headings(rows, entries)
    if len(matches) > 1:
        names = ", ".join(match.table.name for match in matches)
        raise LayoutError(f"sheet {number}: found headings that fit {names} alike, expected those of one")
    return position, matches[0] if matches else None


def _table(sheet: Sheet, position: int, match: Match) -> TableRead:
    body = sheet.rows[position + 1 :]
    columns: dict[str, pl.Series] = {LINE: pl.Series(range(position + 2, position + 2 + len(body)), dtype=pl.UInt32)}
    problems = list(match.problems)
    for place, column in sorted(match.places.items(), key=lambda item: match.table.columns.index(item[1])):
        cells = [row[place] if place < len(row) else "" for row in body]
        columns[column.name] = pl.Series([_text(cell) for cell in cells], dtype=pl.String)
        errors = sum(isinstance(cell, str) and cell.strip() in _ERRORS for cell in cells)
        if errors:
            message = f"found {errors:,} cells with an error of the spreadsheet, expected values; they are left out"
            problems.append(Problem("cell_error", message, match.table.name, column.name))
    frame = pl.DataFrame(columns).with_columns(stripped(pl.all().exclude(LINE)))
    return TableRead(match, frame.filter(pl.any_horizontal(pl.all().exclude(LINE).is_not_null())), problems)


def _text(cell: Cell) -> str | None:
    """Return a cell as text; empty cells and errors are null."""
    if isinstance(cell, str):
        return None if not cell or cell.strip() in _ERRORS else cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(sep=" ")
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return str(cell.total_seconds() / 86400)
    return str(int(cell)) if float(cell).is_integer() and abs(cell) < 1e15 else repr(float(cell))
