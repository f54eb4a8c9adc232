"""One module as CSV to a table of text.

Read as bytes, whatever wrote them: UTF-8 with or without a mark, UTF-16, or the Windows code page;
any line end; comma, semicolon, tab or bar between cells; blank rows anywhere; a title above the
headings. Rows keep the number of the line they begin on.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

import polars as pl

from transforms.errors import LayoutError, UnknownSourceError, UnreadableFileError
from transforms.returns.entry import Return
from transforms.returns.headings import HEADER_ROWS, Match, Problem, find_headings
from transforms.returns.model import LINE
from transforms.returns.values import stripped

_HEAD_BYTES = 256 * 1024
_DELIMITERS = (",", ";", "\t", "|")
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


@dataclass(slots=True)
class TableRead:
    """One table of a file as text: columns of the specification that were there, and `line_number`."""

    match: Match
    frame: pl.DataFrame
    problems: list[Problem] = field(default_factory=list)


def read_csv(data: bytes, entries: Sequence[Return]) -> TableRead:
    """Read one module.

    Raises:
        UnreadableFileError: the bytes are no text.
        UnknownSourceError: no row of headings is that of a module.
        LayoutError: the headings fit two modules alike.
    """
    text, problems = _as_utf8(data)
    text = _with_line_feeds(text)
    delimiter, lines, matches = _find_header(text, entries)
    if not matches:
        raise UnknownSourceError(
            f"file: found no row of headings in its first {HEADER_ROWS} rows, expected the columns of a module"
        )
    if len(matches) > 1:
        names = ", ".join(match.table.name for match in matches)
        raise LayoutError(f"headings: found columns that fit {names} alike, expected those of one module")
    match = matches[0]
    body, width = text[lines.end :], lines.width
    if body and not text[: lines.end].endswith(b"\n"):
        message = f"line {lines.count}: found a row of headings of more than {_HEAD_BYTES:,} bytes, expected a module's"
        raise LayoutError(message)
    quote = '"' if body.count(b'"') % 2 == 0 else None
    if quote is None:
        message = "found a quotation mark that is never closed, expected pairs; marks were read as text"
        problems.append(Problem("unbalanced_quotes", message, match.table.name))
    try:
        rows = _fast(body, delimiter, width, quote)
    except pl.exceptions.PolarsError:
        rows, ragged = _careful(body, delimiter, width, quote)
        if ragged:
            problems.append(
                Problem("extra_cells", f"found {ragged:,} rows with more cells than headings", match.table.name)
            )
    if quote and quote.encode() in body:
        problems += _spanning(rows, match, delimiter, lines.count)
    frame = _table(rows, match, lines.count, unquote=quote is None)
    return TableRead(match, frame, problems + match.problems)


def _as_utf8(data: bytes) -> tuple[bytes, list[Problem]]:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _recoded(data[len(mark) :], encoding), []
    data = data.removeprefix(codecs.BOM_UTF8)
    head = data[:4096]
    if head.count(b"\x00") > len(head) // 4:
        # Text of UTF-16 without its mark: every other byte of Latin letters is zero.
        return _recoded(data, "utf-16-le" if head[1::2].count(b"\x00") > head[::2].count(b"\x00") else "utf-16-be"), []
    if b"\x00" in data:
        raise UnreadableFileError("file: found zero bytes, expected text")
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        recoded = data.decode("cp1252", errors="replace").encode()
        return recoded, [Problem("encoding", "found text of a Windows code page, expected UTF-8; it was read as such")]
    return data, []


def _recoded(data: bytes, encoding: str) -> bytes:
    try:
        return data.decode(encoding).encode()
    except UnicodeDecodeError:
        raise UnreadableFileError(f"file: found bytes that are not {encoding.upper()}, expected text") from None


def _with_line_feeds(text: bytes) -> bytes:
    """Make lone carriage returns line feeds; pairs are read as they are."""
    return text.replace(b"\r", b"\n") if b"\r" in text and b"\n" not in text else text


@dataclass(slots=True)
class _Lines:
    """Where the rows end: `end` in bytes, `count` in lines, `width` in cells of the headings."""

    end: int = 0
    count: int = 0
    width: int = 0


def _find_header(text: bytes, entries: Sequence[Return]) -> tuple[str, _Lines, list[Match]]:
    head = text[:_HEAD_BYTES].decode("utf-8", errors="ignore")
    best: tuple[str, _Lines, list[Match]] = (",", _Lines(), [])
    for delimiter in _DELIMITERS:
        if delimiter not in head:
            continue
        rows = list(_rows_of(head, delimiter))
        position, matches = find_headings([cells for cells, _ in rows], entries)
        if matches and (not best[2] or matches[0].rank > best[2][0].rank):
            cells, count = rows[position]
            physical = io.StringIO(head, newline="").readlines()[:count]
            best = delimiter, _Lines(len("".join(physical).encode()), count, len(cells)), matches
    return best


def _rows_of(head: str, delimiter: str) -> Iterator[tuple[list[str], int]]:
    """Yield the first rows, each with the number of lines read up to its end."""
    reader = csv.reader(io.StringIO(head, newline=""), delimiter=delimiter)
    try:
        for number, cells in enumerate(reader):
            if number >= HEADER_ROWS:
                return
            yield cells, reader.line_num
    except csv.Error:
        return


def _fast(body: bytes, delimiter: str, width: int, quote: str | None) -> pl.DataFrame:
    schema = {f"c{number}": pl.String() for number in range(width)}
    if not body.strip():
        return pl.DataFrame(schema={**schema, "line": pl.UInt32()})
    quoted = quote is not None and b'"' in body
    rows = pl.read_csv(
        body,
        has_header=False,
        separator=delimiter,
        schema=schema,
        quote_char=quote if quoted else None,
        missing_columns="insert",  # a first row may be shorter than the headings
        row_index_name="line",
        raise_if_empty=False,
    )
    if quoted:
        # A row that spans lines moves all rows below it.
        spans = pl.sum_horizontal(pl.col(schema).str.count_matches("\n", literal=True).fill_null(0))
        rows = rows.with_columns(pl.col("line") + (spans.cum_sum() - spans).cast(pl.UInt32))
    return rows


def _careful(body: bytes, delimiter: str, width: int, quote: str | None) -> tuple[pl.DataFrame, int]:
    """Read row by row what Polars refuses: rows with more cells than headings, quotes within cells."""
    quoting: Literal[0, 3] = csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE
    reader = csv.reader(io.StringIO(body.decode("utf-8"), newline=""), delimiter=delimiter, quoting=quoting)
    columns: list[list[str | None]] = [[] for _ in range(width)]
    lines: list[int] = []
    ragged, before = 0, 0
    try:
        for cells in reader:
            ragged += any(cell.strip() for cell in cells[width:])
            lines.append(before)
            before = reader.line_num
            for number, column in enumerate(columns):
                column.append(cells[number] if number < len(cells) else None)
    except csv.Error:
        raise UnreadableFileError(f"line {reader.line_num}: found cells that do not end, expected CSV") from None
    frame = pl.DataFrame({f"c{number}": column for number, column in enumerate(columns)}, strict=False)
    frame = frame.cast(pl.String).with_columns(pl.Series("line", lines, dtype=pl.UInt32))
    return frame, ragged


def _spanning(rows: pl.DataFrame, match: Match, delimiter: str, above: int) -> list[Problem]:
    """Report cells that span lines; refuse those that hold whole rows, for two stray marks swallow all between them."""
    cells = pl.all().exclude("line")
    breaks = rows.select("line", pl.max_horizontal(cells.str.count_matches("\n", literal=True).fill_null(0)).alias("n"))
    spans = rows.filter(breaks["n"] > 0)
    if spans.is_empty():
        return []
    most = pl.max_horizontal(cells.str.count_matches(delimiter, literal=True).fill_null(0))
    swallowed = spans.filter(most >= rows.width - 2)["line"]  # delimiters of a whole row: one less than its cells
    if swallowed.len():
        raise UnreadableFileError(
            f"line {swallowed[0] + above + 1}: found a cell that holds whole rows, expected its quotation mark closed"
        )
    message = f"found {spans.height:,} rows with a cell of several lines, expected one line a row"
    return [Problem("cell_spans_lines", message, match.table.name)]


def _table(rows: pl.DataFrame, match: Match, above: int, unquote: bool) -> pl.DataFrame:
    cells = [
        stripped(pl.col(f"c{place}").str.strip_chars('"') if unquote else pl.col(f"c{place}")).alias(column.name)
        for place, column in sorted(match.places.items(), key=lambda item: match.table.columns.index(item[1]))
    ]
    frame = rows.select((pl.col("line") + (above + 1)).cast(pl.UInt32).alias(LINE), *cells)
    return frame.filter(pl.any_horizontal(pl.all().exclude(LINE).is_not_null()))
