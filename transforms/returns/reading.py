"""One file of a return to tables of text; several of them to one submission.

`read_file` looks at one file and knows nothing of others: it can run in a child process, and what
it returns can be pickled. `assemble` joins the files of one submission and reads the text as
values. Neither ever puts a value into a message.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import IO, Any

import polars as pl

from transforms.errors import LayoutError, UnknownSourceError, UnreadableFileError
from transforms.returns import periods, returns
from transforms.returns.entry import Return
from transforms.returns.headings import Problem
from transforms.returns.model import ROW
from transforms.returns.read_csv import TableRead, read_csv
from transforms.returns.read_workbook import read_workbook
from transforms.returns.read_xml import ROWS_AT_ONCE, is_xml, read_xml
from transforms.returns.values import read_date
from transforms.spreadsheets import spreadsheet_kind

_OTHER_KINDS = (
    (b"%PDF-", "a PDF"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\xd0\xcf\x11\xe0", "an old Office document (xls), or one with a password"),
    (b"\x1f\x8b", "a gzip file"),
    (b"PAR1", "a Parquet file"),
)


@dataclass(slots=True)
class FileRead:
    """What one file holds.

    Attributes:
        name: as it was given.
        return_code: kind of return.
        year: collection year as the file itself tells it, or None.
        la_code: DfE code of the authority as the file tells it, or None.
        tables: text by table name: `line_number` where known, and columns of the specification.
        problems: unknown columns or elements, and the like.
        is_whole: whether the file is a whole return, so that tables it has no rows of are empty.
        year_counts: dates that tell a year, by year.
        day: last day of the lists, for a return that tells of one day.
    """

    name: str
    return_code: str
    year: int | None = None
    la_code: str | None = None
    tables: dict[str, pl.DataFrame] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    is_whole: bool = False
    year_counts: dict[int, int] = field(default_factory=dict)
    day: date | None = None

    def __getstate__(self) -> dict[str, Any]:
        """Return plain values: frames as compressed Arrow streams."""
        state: dict[str, Any] = {name: getattr(self, name) for name in self.__slots__}
        state["tables"] = {name: packed(frame) for name, frame in self.tables.items()}
        return state

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        """Take plain values back."""
        for name, value in state.items():
            setattr(self, name, value)
        self.tables = {name: unpacked(stream) for name, stream in state["tables"].items()}


def packed(frame: pl.DataFrame) -> bytes:
    """Return a frame as a compressed stream, as it crosses from a child process."""
    stream = io.BytesIO()
    frame.write_ipc_stream(stream, compression="zstd")
    return stream.getvalue()


def unpacked(stream: bytes) -> pl.DataFrame:
    """Return the frame that `packed` made a stream of."""
    return pl.read_ipc_stream(io.BytesIO(stream))


def read_file(source: bytes | str | Path | IO[bytes], name: str = "") -> FileRead:
    """Read one file of whichever return it is.

    Args:
        source: its bytes, where it lies, or open at its beginning; XML that lies on a disk or comes
            from a stream is never held whole.
        name: what to call it; the names of folders before it may tell what the file does not.

    Raises:
        UnreadableFileError: it is damaged, or no text, XML or spreadsheet.
        UnknownSourceError: it is of no return.
        LayoutError: it fits two tables, or two returns, alike.
    """
    with _opened(source) as stream:
        head = stream.read(4096)
        stream.seek(0)
        if not head.strip(b" \t\r\n\x00"):
            raise UnreadableFileError("file: found nothing in it, expected a return")
        if is_xml(head):
            read, chunks = read_xml(stream, returns())
            tables = gathered(chunks)
            found = FileRead(name, read.entry.code, tables=tables, problems=read.problems, is_whole=True)
            _from_header(found)
        else:
            found = _of_tables(name, _read_tables(stream.read(), head))
    entry = entry_of(found.return_code)
    found.year_counts = dict(periods.year_counts(entry, found.tables))
    if found.year is None:
        found.year = periods.most_likely(found.year_counts)
    if entry.snapshot:
        _from_day(found, entry)
    return found


def _opened(source: bytes | str | Path | IO[bytes]) -> IO[bytes]:
    if isinstance(source, bytes):
        return io.BytesIO(source)
    return Path(source).open("rb") if isinstance(source, (str, Path)) else source


def entry_of(return_code: str) -> Return:
    """Return the entry of a return.

    Raises:
        UnknownSourceError: there is none of that code.
    """
    for entry in returns():
        if entry.code == return_code:
            return entry
    raise UnknownSourceError(f"return: found {return_code!r}, expected one of {', '.join(e.code for e in returns())}")


def read_chunks(
    stream: IO[bytes], rows_at_once: int = ROWS_AT_ONCE
) -> tuple[Return, Iterator[tuple[str, pl.DataFrame]]]:
    """Read XML of any size piece by piece: kind of return, and pairs of table name and its next rows as text.

    `row_number` goes on from piece to piece. Raises as `read_file`, some of it only on the way.
    """
    read, chunks = read_xml(stream, returns(), rows_at_once)
    return read.entry, chunks


def gathered(chunks: Iterator[tuple[str, pl.DataFrame]]) -> dict[str, pl.DataFrame]:
    """Join pieces to tables."""
    pieces: dict[str, list[pl.DataFrame]] = {}
    for table, frame in chunks:
        pieces.setdefault(table, []).append(frame.drop(ROW))
    return {table: pl.concat(frames, rechunk=False) for table, frames in pieces.items()}


def _read_tables(data: bytes, head: bytes) -> list[TableRead]:
    if spreadsheet_kind(data):
        return read_workbook(data, returns())
    for mark, kind in _OTHER_KINDS:
        if head.startswith(mark):
            raise UnreadableFileError(f"file: found {kind}, expected CSV, XML or a workbook")
    return [read_csv(data, returns())]


def _of_tables(name: str, tables: list[TableRead]) -> FileRead:
    codes = Counter(table.match.entry.code for table in tables)
    if len(codes) > 1:
        raise LayoutError(f"file: found tables of {' and '.join(sorted(codes))}, expected those of one return")
    found = FileRead(name, tables[0].match.entry.code)
    frames: dict[str, list[pl.DataFrame]] = {}
    for table in tables:
        frames.setdefault(table.match.table.name, []).append(table.frame)
        found.problems += table.problems
    found.tables = {table: pl.concat(parts, how="diagonal") for table, parts in frames.items()}
    return found


def _from_header(found: FileRead) -> None:
    """Take year and authority from the header of a census, and say where it contradicts itself."""
    header = found.tables.get("Header")
    if header is None or header.is_empty() or "ReferenceDate" not in header.columns:
        return
    entry = entry_of(found.return_code)
    first = header.row(0, named=True)
    day, _ = read_date(first["ReferenceDate"] or "")
    said = first.get("Year") or ""
    by_day = periods.collection_year(entry, day) if day else None
    by_name = int(said) if said.isdigit() and 2000 <= int(said) <= 2100 else None
    found.year = by_day or by_name
    if by_day and by_name and by_day != by_name:
        message = f"found year {by_name} and a reference date in {by_day}, expected one year; the date is taken"
        found.problems.append(Problem("header_years_differ", message, "Header", "Year"))
    code = first.get("LEA") or ""
    if len(code) == 3 and code.isdigit():
        found.la_code = code
    else:
        found.problems.append(Problem("no_authority", "found no code of three digits", "Header", "LEA"))


def _from_day(found: FileRead, entry: Return) -> None:
    """Take the day of the lists from the names of file and folders, else from the dates in them."""
    names = [part for part in reversed(Path(found.name).parts)]
    found.day = periods.day_in(names)
    if found.day is None:
        found.day = periods.latest_day(entry, found.tables)
        if found.day is not None:
            message = f"found no day in the file's name; the latest day in the lists is taken: {found.day.isoformat()}"
            found.problems.append(Problem("day_from_content", message))
    found.year = periods.collection_year(entry, found.day) if found.day else periods.year_in(names)
