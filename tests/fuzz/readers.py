"""The readers that are fuzzed: bytes in, rows or an InputError out.

PDF is left to PDFium: it is native code that runs in a child of its own, and its death is an outcome.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from transforms.errors import InputError
from transforms.readers import ReadingLimits, read_document

LIMITS = ReadingLimits(max_bytes=1 << 20, max_pages=50)
PART = b"\f"  # between the parts of a workbook: no XML holds it


def report(data: bytes) -> None:
    """An inspection report as text or HTML."""
    from transforms.reports import parse_document

    if not data.startswith(b"%PDF-"):
        parse_document(read_document(data, "0" * 64, LIMITS), _register())


def statistics(data: bytes) -> None:
    """A table of published statistics."""
    from transforms.statistics.reading import read_statistics, recognise

    if recognise(data) is None:
        with tempfile.TemporaryDirectory() as folder:
            read_statistics(data, Path(folder) / "out", sha256="0" * 64, register=_register(), name="made up.csv")


def official_list(data: bytes) -> None:
    """A list of inspection outcomes, as a workbook or text; bytes that are no archive are taken for cells, too."""
    from tests.sheets import ods
    from transforms.official_list import read_official_list, recognise

    for content in (data,) if data.startswith(b"PK") else (data, data.replace(b"|", b","), ods(_sheets(data))):
        if recognise(content) is None:
            read_official_list(content, "0" * 64, _register())


def sidecar(data: bytes) -> None:
    """The JSON file beside a report."""
    from warehouse.beside import read_sidecar

    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        read_sidecar(Path(file.name), "0" * 64, "made up.json")


def local_return(data: bytes) -> None:
    """A file of a local return, its text read as values too."""
    from transforms.returns.assembling import assemble
    from transforms.returns.reading import read_file

    found = read_file(data, "made up")
    assemble(found.return_code, [found], found.year or 2026)


def return_xml(data: bytes) -> None:
    """A local return as XML: whatever the bytes, they are taken for a document."""
    from transforms.returns.read_xml import is_xml

    local_return(data if is_xml(data) else b"<" + data)


def return_workbook(data: bytes) -> None:
    """A local return as a workbook: the parts within it, or its cells line by line."""
    from tests.sheets import ods, xlsx

    parts = data.split(PART)
    local_return(xlsx(*parts[:4]) if data.lstrip().startswith(b"<") else ods(_sheets(data)))


def _sheets(data: bytes) -> dict[str, Sequence[Sequence[str]]]:
    """Take bytes for the cells of a few sheets: form feeds, lines and bars between them."""
    text = "".join(c if c.isprintable() or c in "\n\f" else "\ufffd" for c in data.decode("utf-8", "replace"))
    sheets = text.split("\f")[:12]
    return {f"Sheet {n}": [line.split("|")[:64] for line in sheet.split("\n")] for n, sheet in enumerate(sheets, 1)}


READERS: dict[str, Callable[[bytes], None]] = {
    "report": report,
    "statistics": statistics,
    "official_list": official_list,
    "sidecar": sidecar,
    "local_return": local_return,
    "return_workbook": return_workbook,
    "return_xml": return_xml,
}


def read(name: str, data: bytes) -> str | None:
    """Read bytes with one reader; return the reason they were refused, if they were."""
    try:
        READERS[name](data)
    except InputError as refused:
        return str(refused)
    return None


_REGISTER = None


def _register():  # noqa: ANN202
    global _REGISTER  # noqa: PLW0603 - made once, as in a child
    if _REGISTER is None:
        from transforms.authorities import load_register

        _REGISTER = load_register(())
    return _REGISTER
