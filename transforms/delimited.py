"""Bytes of delimited text (CSV) to text and rows of cells.

Knows the format only; what a table means is the business of its source. Imports nothing heavy: a reading
process looks at every file of a shared folder with it.
"""

from __future__ import annotations

import codecs
import csv
import io
from itertools import islice

from transforms.errors import UnreadableFileError

SEPARATORS = ",\t;|"
BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_LOOKED_AT_FOR_ZEROS = 65_536


def decode(data: bytes) -> tuple[str, str, str | None]:
    """Decode a text file.

    Returns:
        The text with plain line ends; the encoding that a mark at its beginning names, else `utf-8`; and the
        place of the first byte that is none of UTF-8, where it was read as Windows-1252 instead.

    Raises:
        UnreadableFileError: neither UTF-8, UTF-16, UTF-32 nor a Windows text.
    """
    encoding, place = "utf-8", None
    for mark, name in BYTE_ORDER_MARKS:
        if data.startswith(mark):
            data, encoding = data[len(mark) :], name
            break
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        lines = data[: error.start].count(b"\n")
        place = f"line {lines + 1}, byte {error.start + 1}"
        if encoding != "utf-8":
            raise UnreadableFileError(f"{place}: found bytes that are no {encoding}, expected text") from None
        try:
            text = data.decode("cp1252")
        except UnicodeDecodeError:
            raise UnreadableFileError(f"{place}: found bytes of no known encoding, expected UTF-8") from None
    if "\x00" in text[:_LOOKED_AT_FOR_ZEROS]:
        raise UnreadableFileError("file: found NUL characters, expected a text table")
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.lstrip("\ufeff"), encoding, place


def read_rows(text: str, separator: str, most: int | None = None) -> list[list[str]]:
    """Part text into rows of cells, as they stand.

    Args:
        text: with plain line ends.
        separator: of cells.
        most: rows to read, from the first, with quotes taken as they come; None for all of them, with quotes
            that must be right.

    Raises:
        UnreadableFileError: a quote that is never closed, text beside a quoted cell, or a cell without end.
    """
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=most is None)
    try:
        return list(islice(reader, most))
    except csv.Error as error:
        raise UnreadableFileError(f"line {reader.line_num}: found {error}, expected rows of CSV") from None
