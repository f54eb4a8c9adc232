"""Bytes of a spreadsheet to rows of cells: OpenDocument (ods) and Excel (xlsx), told apart by the bytes.

Both are ZIP archives, which can unpack to far more than they weigh: what the archive declares is
added up first and refused beyond a limit, and what it does not declare honestly meets the memory
limit of the child process this runs in (`warehouse.extract`).

Knows the format only; what a sheet means is the business of its source.
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from transforms.errors import UnreadableFileError

Cell = str | float | bool | date | datetime | time | timedelta

MOST_UNPACKED = 512 * 1024 * 1024
_MOST_MEMBERS = 10_000
_MOST_CELLS = 20_000_000
_ODS = b"application/vnd.oasis.opendocument.spreadsheet"
_ENCRYPTED = "spreadsheet: found it encrypted, expected one that opens without a password"
_ZIP = b"PK\x03\x04"


@dataclass(slots=True)
class Sheet:
    """One worksheet: its cells by row, from cell A1, empty ones as empty text; hidden ones are for nobody to read."""

    name: str
    rows: list[list[Cell]] = field(default_factory=list)
    is_hidden: bool = False


def spreadsheet_kind(data: bytes) -> str | None:
    """Return `ods` or `xlsx`, or None for bytes of anything else."""
    if not data.startswith(_ZIP):
        return None
    if _ODS in data[:256]:
        return "ods"
    # Names of members stand in the central directory at the end, and in part up front.
    ends = data[:4096] + data[-65536:]
    return "xlsx" if b"xl/workbook" in ends else None


def read_sheets(data: bytes) -> list[Sheet]:
    """Read every worksheet of a spreadsheet.

    Args:
        data: the whole file, of a kind that `spreadsheet_kind` knows.

    Returns:
        Sheets in printed order.

    Raises:
        UnreadableFileError: damaged, encrypted, or more than the limits allow.
    """
    _check_archive(data)
    # Imported here: only reading processes need it.
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        sheets, cells = [], 0
        for number, meta in enumerate(book.sheets_metadata, start=1):
            if meta.typ != SheetTypeEnum.WorkSheet:
                continue
            sheet = book.get_sheet_by_name(meta.name)
            cells += sheet.total_height * sheet.total_width
            if cells > _MOST_CELLS:
                raise UnreadableFileError(
                    f"sheet {number}: found more than {_MOST_CELLS:,} cells up to here, expected fewer"
                )
            is_hidden = meta.visible != SheetVisibleEnum.Visible
            sheets.append(Sheet(meta.name, sheet.to_python(skip_empty_area=False), is_hidden))
    except PasswordError as error:
        raise UnreadableFileError(_ENCRYPTED) from error
    except (CalamineError, ValueError) as error:
        # What Calamine says may quote a cell, and a cell may be about a child.
        kind = type(error).__name__
        raise UnreadableFileError(f"spreadsheet: found it damaged ({kind}), expected a sound file") from error
    return sheets


def letters(column: int) -> str:
    """Return a column, from 0, as spreadsheets name it: A to Z, AA and so on."""
    name, rest = "", column + 1
    while rest:
        rest, digit = divmod(rest - 1, 26)
        name = chr(65 + digit) + name
    return name


def _check_archive(data: bytes) -> None:
    """Refuse an archive that is damaged or unpacks to too much.

    Raises:
        UnreadableFileError: says what was found.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OverflowError, EOFError) as error:
        raise UnreadableFileError(f"spreadsheet: found a damaged archive ({error}), expected a sound file") from error
    if len(members) > _MOST_MEMBERS:
        raise UnreadableFileError(f"spreadsheet: found {len(members):,} members, expected at most {_MOST_MEMBERS:,}")
    unpacked = sum(member.file_size for member in members)
    if unpacked > MOST_UNPACKED:
        raise UnreadableFileError(
            f"spreadsheet: found content that unpacks to {unpacked >> 20:,} MB, "
            f"expected at most {MOST_UNPACKED >> 20:,} MB"
        )
    if any(member.flag_bits & 0x1 for member in members):
        raise UnreadableFileError(_ENCRYPTED)
