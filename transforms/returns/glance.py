"""Whether a file looks like a return, from its first rows alone: one that lies among public files must not be kept.

Only what a file begins with is read, and nothing of it is shown. Light enough for every new file: no engine.
"""

from __future__ import annotations

import csv
import io
import lzma
import re
import zipfile
import zlib
from collections.abc import Iterator
from html import unescape
from typing import IO

from transforms.returns import returns
from transforms.returns.entry import is_identifier
from transforms.returns.headings import HEADER_ROWS, find_headings, key_of, known_headings

_HEAD = 1 << 16  # bytes of a text, and of each text in an archive
_HEAD_OF_SHEET = 1 << 20  # bytes of the parts of a workbook, whose headings stand behind styles
_MEMBERS = 100
_LEAST = 3  # columns, one of which names a person
_DELIMITERS = ",;\t|"
_ELEMENT = re.compile(r"<(?:[\w.-]+:)?([A-Za-z_][\w.-]*)")
_CELL = re.compile(r"<(?:t|text:p)(?:\s[^>]*)?>([^<]{1,400})</")
_TEXTS = (".csv", ".txt", ".tsv", ".xml")


def return_in(stream: IO[bytes]) -> str | None:
    """Return the title of the return that a file seems to be or to hold, else None.

    Args:
        stream: open at its beginning; may be wound.

    Returns:
        Its title, of several returns alike in form the first's; None too for a file that cannot be opened.
    """
    head = stream.read(_HEAD)
    if head.startswith(b"PK\x03\x04"):
        return _in_archive(stream)
    return None if head.startswith(b"%PDF") else _in_text(head)


def _in_archive(stream: IO[bytes]) -> str | None:
    try:
        with zipfile.ZipFile(stream) as archive:
            for member in archive.infolist()[:_MEMBERS]:
                name = member.filename.lower()
                is_sheet = name == "content.xml" or name.startswith(("xl/sharedstrings", "xl/worksheets/sheet"))
                if not is_sheet and not name.endswith(_TEXTS):
                    continue
                with archive.open(member) as part:
                    head = part.read(_HEAD_OF_SHEET if is_sheet else _HEAD)
                if found := _in_cells(head.decode("utf-8", "ignore")) if is_sheet else _in_text(head):
                    return found
    # Encrypted, damaged, or packed in a way not known here: reading it says so.
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, OSError, RuntimeError, ValueError, EOFError):
        return None
    return None


def _in_text(head: bytes) -> str | None:
    wide = head.startswith((b"\xff\xfe", b"\xfe\xff"))
    text = head.decode("utf-16" if wide else "utf-8", "ignore").lstrip("\ufeff \t\r\n")
    if text.startswith("<"):
        root = next((name.casefold() for name in _ELEMENT.findall(text)), "")
        forms = [entry for entry in returns() if entry.xml and root in {name.casefold() for name in entry.xml.root}]
        return forms[0].title if forms else None
    for delimiter in _DELIMITERS:
        if delimiter in text and (found := _named(_rows(text, delimiter))):
            return found
    return None


def _in_cells(xml: str) -> str | None:
    """Look for the headings of a table among all cells: a workbook keeps each text once, in no order."""
    keys = {key_of(unescape(cell)) for cell in _CELL.findall(xml)}
    for entry in returns():
        for table in entry.tables:
            known = known_headings(table)
            found = {known[key].name: known[key] for key in known.keys() & keys}
            enough = max(_LEAST + 1, len(table.columns) / 2)
            if len(found) >= enough and any(map(is_identifier, found.values())):
                return entry.title
    return None


def _rows(text: str, delimiter: str) -> Iterator[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for _, cells in zip(range(HEADER_ROWS), reader, strict=False):
            yield cells
    except csv.Error:
        return


def _named(rows: Iterator[list[str]]) -> str | None:
    """Return the title of the return one of whose tables begins here, if the table names people."""
    _, matches = find_headings(rows, returns())
    for match in matches:
        if len(match.places) >= _LEAST and any(is_identifier(column) for column in match.places.values()):
            return match.entry.title
    return None
