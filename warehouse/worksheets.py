"""Tables to send round: CSV and workbooks that a spreadsheet opens without running anything.

A workbook holds text and numbers only, and text that begins like a formula gets an apostrophe before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from transforms.errors import WarehouseError
from warehouse.query import safe_cell

_MOST_ROWS = 1_000_000  # of a worksheet


@contextmanager
def workbook(path: Path) -> Iterator[Any]:
    """Open a new workbook, and write it when all is in it.

    Raises:
        WarehouseError: it cannot be written.
    """
    import xlsxwriter
    from xlsxwriter.exceptions import XlsxWriterException

    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    try:
        with xlsxwriter.Workbook(str(path), options) as book:
            yield book
    except (OSError, XlsxWriterException) as error:
        raise WarehouseError(f"{path}: found {error}, expected to write a workbook there") from error


def write_sheet(book: Any, name: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write rows below headings, on further sheets where one does not hold them."""
    sheet, bold = None, book.add_format({"bold": True})
    for number, row in enumerate(rows):
        if sheet is None or number % _MOST_ROWS == 0:
            sheet = _begin(book, name if number == 0 else f"{name} {number // _MOST_ROWS + 1}", columns, bold)
        for place, value in enumerate(row):
            _write_cell(sheet, number % _MOST_ROWS + 1, place, value)
    if sheet is None:
        _begin(book, name, columns, bold)


def safe_row(row: Iterable[Any]) -> list[Any]:
    """Return a row of CSV with its text as `safe_cell` has it."""
    return [safe_cell(value) if isinstance(value, str) else value for value in row]


def _begin(book: Any, name: str, columns: Sequence[str], bold: Any) -> Any:
    sheet = book.add_worksheet(name)
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(columns) - 1, 18)
    for place, column in enumerate(columns):
        sheet.write_string(0, place, column.replace("_", " "), bold)
    return sheet


def _write_cell(sheet: Any, row: int, place: int, value: Any) -> None:
    if value is None:
        return
    if isinstance(value, int) and not isinstance(value, bool):
        sheet.write_number(row, place, value)
    else:
        sheet.write_string(row, place, safe_cell(str(value)))
