"""Bytes of a delimited table to rows of text, and what had to be left out of it.

Everything stays text here; which column means what is the business of `layout`. A line with
too many or too few cells, or with a quote that is never closed, is left out and named, so that
one bad line cannot swallow or shift the lines after it. A row whose quoted cell holds a line end is
put together again where all of its lines are just enough and those after the first too short for one.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from transforms.delimited import SEPARATORS, decode
from transforms.errors import LayoutError, UnreadableFileError
from transforms.reports.model import Problem

_MOST_TITLE_LINES = 30
_MOST_PIECES = 10  # lines of one row
_MOST_PARTED = 10_000  # lines that are tried
_MOST_NAMED = 20  # rows or places a problem lists by number or name

IsHeader = Callable[[Sequence[str]], bool]


@dataclass(slots=True)
class Table:
    """One table as printed.

    Attributes:
        header: column names as printed, in order.
        frame: `source_row` (1 for the first line below the header) and `c0`, `c1`, ... as text.
        row_count: lines below the header that are not empty, those left out included.
        problems: lines and columns left out, and what was noticed of the bytes.
    """

    header: list[str]
    frame: pl.DataFrame
    row_count: int
    problems: list[Problem] = field(default_factory=list)


def warning(code: str, place: str, found: str, expected: str) -> Problem:
    """Make a problem that leaves something out while the rest loads."""
    message = f"{place}: found {found}, expected {expected}"
    return Problem(code, "warning", message, found=found, expected=expected, place=place)


def rows_text(rows: Sequence[int], total: int | None = None) -> str:
    """Name rows for a person: the first few, and how many there are."""
    total = len(rows) if total is None else total
    if total == 1:
        return f"row {rows[0]}"
    shown = ", ".join(str(row) for row in rows[:_MOST_NAMED])
    return f"rows {shown}" + (f" and {total - _MOST_NAMED} more" if total > _MOST_NAMED else "")


def read_text(data: bytes) -> tuple[str, list[Problem]]:
    """Decode a text file.

    Returns:
        The text with plain line ends, and a problem where it is not UTF-8.

    Raises:
        UnreadableFileError: neither UTF-8, UTF-16 nor a Windows text.
    """
    text, encoding, place = decode(data)
    problems = []
    if place is not None:
        problems.append(warning("wrong_encoding", place, "bytes read as Windows-1252", "UTF-8"))
    if encoding != "utf-8":
        problems.append(warning("wrong_encoding", "line 1", encoding, "UTF-8"))
    return text, problems


def find_header(text: str, is_header: IsHeader) -> tuple[int, str, list[str]] | None:
    """Find the header among the first lines: its line from 0, the separator, its cells as printed."""
    for number, line in enumerate(text[:262_144].split("\n", _MOST_TITLE_LINES)[:_MOST_TITLE_LINES]):
        for separator in SEPARATORS:
            if separator not in line:
                continue
            try:
                cells = [cell.strip() for cell in next(csv.reader([line], delimiter=separator), [])]
            except csv.Error:
                continue  # no line of a table: a cell of a megabyte, or a bare line end in one
            if is_header(cells):
                return number, separator, cells
    return None


def read_table(data: bytes, is_header: IsHeader) -> Table:
    """Read one table.

    Args:
        data: the whole file.
        is_header: tells the header line from others by its cells.

    Raises:
        UnreadableFileError: no text.
        LayoutError: no line among the first is a header.
    """
    text, problems = read_text(data)
    found = find_header(text, is_header)
    if found is None:
        raise LayoutError(f"lines 1 to {_MOST_TITLE_LINES}: found no header, expected time_period among column names")
    line, separator, header = found
    if line:
        problems.append(warning("lines_above_header", f"lines 1 to {line}", "other lines", "the header first"))
    start = 0
    for _ in range(line + 1):
        start = text.find("\n", start) + 1 or len(text)
    content = text[start:].rstrip("\n")
    del text  # as large as the file
    kept, row_count = _whole_lines(content, separator, len(header), problems)
    rows = kept["source_row"]
    if rows.len() <= content.count("\n"):  # something was left out
        content = kept["line"].str.join("\n").item() if rows.len() else ""
    del kept
    return Table(header, _cells(content, rows, separator, len(header), problems), row_count, problems)


def _whole_lines(content: str, separator: str, width: int, problems: list[Problem]) -> tuple[pl.DataFrame, int]:
    """Lines with as many cells as the header has, numbered; the others are named in `problems`."""
    lines = (
        pl.DataFrame({"line": [content]}, schema={"line": pl.String})
        .select(pl.col("line").str.split("\n").explode())
        .with_row_index("source_row", offset=1)
        .filter(pl.col("line").str.contains(r"\S"))
    )
    quotes = pl.col("line").str.count_matches('"', literal=True)
    plain = pl.when(quotes > 0).then(pl.col("line").str.replace_all('"[^"]*"', "")).otherwise(pl.col("line"))
    counted = lines.with_columns(width=plain.str.count_matches(separator, literal=True) + 1, is_open=quotes % 2 == 1)
    is_whole = (pl.col("width") == width) & ~pl.col("is_open")
    bad = counted.filter(~is_whole)
    mended, pieces = _put_together(bad, separator, width)
    bad = bad.filter(~pl.col("source_row").is_in(pieces))
    for is_open, expected in ((True, "every quote closed on its line"), (False, f"{width} cells as in the header")):
        rows = bad.filter(pl.col("is_open") == is_open)
        if rows.height:
            found = "an open quote" if is_open else f"{', '.join(map(str, sorted(set(rows['width']))[:5]))} cells"
            problems.append(warning("ragged_row", rows_text(rows["source_row"].to_list()), found, expected))
    whole = counted.filter(is_whole).select("source_row", "line")
    if mended.height:
        whole = pl.concat([whole, mended]).sort("source_row")
    return whole, lines.height - len(pieces) + mended.height


def _put_together(bad: pl.DataFrame, separator: str, width: int) -> tuple[pl.DataFrame, list[int]]:
    """Rows that a line end in a quoted cell parted: each at its first line, and the lines they were made from."""
    rows: list[tuple[int, str]] = []
    pieces: list[int] = []
    numbers, texts = bad.head(_MOST_PARTED).select("source_row", "line").to_dict(as_series=False).values()
    at = 0
    while at < len(texts):
        end = at + 1
        while texts[at].count('"') % 2 and end < len(texts) and end - at < _MOST_PIECES:
            end += 1
        run = [n for n in range(at, end) if numbers[n] == numbers[at] + n - at]
        size = next((n for n in range(2, len(run) + 1) if _is_one_row(texts[at : at + n], separator, width)), 1)
        if size > 1:
            rows.append((numbers[at], " ".join(texts[at : at + size])))
            pieces += numbers[at : at + size]
        at += size
    schema: dict[str, Any] = {"source_row": bad.schema["source_row"], "line": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row"), pieces


def _is_one_row(texts: Sequence[str], separator: str, width: int) -> bool:
    """Whether lines are one row together, and none but the first could be a row if a quote were a stray one."""
    if any(text.count(separator) >= width - 1 for text in texts[1:]):
        return False
    try:
        return [len(row) for row in csv.reader([" ".join(texts)], delimiter=separator, strict=True)] == [width]
    except csv.Error:
        return False


def _cells(content: str, rows: pl.Series, separator: str, width: int, problems: list[Problem]) -> pl.DataFrame:
    names = [f"c{number}" for number in range(width)]
    schema = {name: pl.String for name in names}
    if rows.is_empty():
        return pl.DataFrame(schema={"source_row": pl.UInt32, **schema})

    def parsed(text: str) -> pl.DataFrame:
        return pl.read_csv(text.encode(), has_header=False, separator=separator, schema=schema, quote_char='"')

    try:
        if ' "' in content and re.search(rf'(?:^|[{separator}]) +"', content, re.MULTILINE):
            content, rows = _requoted(content, rows, separator, width, problems)
        cells = parsed(content)
    except pl.exceptions.PolarsError:
        content, rows = _requoted(content, rows, separator, width, problems)
        try:
            cells = parsed(content)
        except pl.exceptions.PolarsError as error:
            found = str(error).splitlines()[0]
            raise UnreadableFileError(f"table: found {found}, expected delimited text") from None
    if cells.height != rows.len():
        raise UnreadableFileError(f"table: found {cells.height} rows in {rows.len()} lines, expected one a line")
    return cells.with_columns(rows).select("source_row", *names)


def _requoted(
    content: str, rows: pl.Series, separator: str, width: int, problems: list[Problem]
) -> tuple[str, pl.Series]:
    """Lines of which some have text beside a quoted part (blanks before a separator, mostly), quoted as they should be.

    Lines that make no row of the header's width so are left out and named.
    """
    lines, kept, bad = [], [], []
    for row, line in zip(rows.to_list(), content.split("\n"), strict=True):
        if '"' in line:
            out = io.StringIO()
            try:
                cells = next(csv.reader([line], delimiter=separator, skipinitialspace=True), [])
            except csv.Error:
                cells = []
            if len(cells) != width:
                bad.append(row)
                continue
            csv.writer(out, delimiter=separator, lineterminator="").writerow(cells)
            line = out.getvalue()
        lines.append(line)
        kept.append(row)
    if bad:
        expected = f"{width} cells as in the header"
        problems.append(warning("ragged_row", rows_text(bad), "quotes within cells", expected))
    return "\n".join(lines), pl.Series(rows.name, kept, rows.dtype)
