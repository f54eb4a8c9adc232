"""What a fetched file really is, told by its bytes, and when two files hold the same.

A server may answer with a page that says sorry where a report is asked for, and may pack a file
anew for every visitor; neither the address nor the declared type can be relied on.
"""

from __future__ import annotations

import gzip
import hashlib
import re
import zipfile
import zlib
from pathlib import Path

from transforms.errors import FetchError

CHUNK = 1 << 20
HEAD = 4096
GZIP = b"\x1f\x8b"
SPREADSHEETS = {"ods", "xlsx"}
KINDS = {"pdf", "csv", "zip", *SPREADSHEETS}


def unpack(part: Path, most_bytes: int) -> bool:
    """Unpack a file that arrived as gzip, in place; any other is left as it is.

    Args:
        part: the file.
        most_bytes: of the unpacked file.

    Returns:
        Whether it was packed.

    Raises:
        FetchError: it does not unpack, or to more than that.
    """
    with part.open("rb") as file:
        if file.read(2) != GZIP:
            return False
    unpacked = part.with_name(f"{part.name}.unpacked")
    size = 0
    try:
        with gzip.open(part) as packed, unpacked.open("wb") as plain:
            while data := packed.read(CHUNK):
                size += len(data)
                if size > most_bytes:
                    raise FetchError(f"found more than {most_bytes} bytes once unpacked, expected fewer")
                plain.write(data)
        unpacked.replace(part)
    except EOFError as error:
        raise FetchError("found gzip data that breaks off, expected all of it") from error
    except (zlib.error, gzip.BadGzipFile) as error:
        raise FetchError(f"found gzip data that does not unpack ({error}), expected a file") from error
    finally:
        unpacked.unlink(missing_ok=True)
    return True


def require_kind(part: Path, kind: str) -> None:
    """Make sure that a file is of the kind that was asked for.

    Args:
        part: the file.
        kind: one of `KINDS`.

    Raises:
        FetchError: it is of another kind, or breaks off before its end.
    """
    with part.open("rb") as file:
        head = file.read(HEAD)
    found = _seen(head)
    wanted = "zip" if kind in SPREADSHEETS else kind
    if found != wanted:
        raise FetchError(f"found {_named(found)}, expected {_named(kind)}")
    if wanted == "zip" and not zipfile.is_zipfile(part):
        raise FetchError(f"found a file that breaks off, expected {_named(kind)}")
    if kind == "pdf" and not _ends_like_pdf(part):
        raise FetchError("found a PDF that breaks off, expected all of it")


def require_last_line(part: Path) -> None:
    """Make sure that a text, whose end was not declared, ends with a whole line.

    Raises:
        FetchError: it does not, so it may have been cut off.
    """
    with part.open("rb") as file:
        file.seek(max(0, part.stat().st_size - 4))
        end = file.read().rstrip(b"\x00")
    if not end.endswith((b"\n", b"\r")):
        raise FetchError("found text of no declared length that ends within a line, expected all of it")


def _seen(head: bytes) -> str:
    """Tell a file by its first bytes."""
    if not head.strip():
        return "empty"
    if b"%PDF-" in head[:1024]:
        return "pdf"
    if head.startswith(b"PK\x03\x04") or head.startswith(b"PK\x05\x06"):
        return "zip"
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "csv"  # UTF-16: for the loader to refuse with its reason, or to read
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith(b"<"):
        return "html" if re.match(rb"<(!doctype html|html|head|body|!--|[a-z]+[\s>])", text, re.IGNORECASE) else "xml"
    if text.startswith((b"{", b"[")):
        return "json"
    if b"\x00" in text:
        return "other"
    return "csv" if re.search(rb"[,;\t|]", text.partition(b"\n")[0]) else "text"


def _named(kind: str) -> str:
    names = {
        "html": "an HTML page", "xml": "an XML document", "json": "a JSON document", "csv": "text (CSV)",
        "text": "text without columns",
        "empty": "nothing", "other": "data of no known kind", "pdf": "a PDF", "zip": "a ZIP file",
        "ods": "an ODS spreadsheet", "xlsx": "an XLSX spreadsheet",
    }  # fmt: skip
    return names[kind]


def _ends_like_pdf(part: Path) -> bool:
    """Look for the end mark; some writers put a little behind it."""
    with part.open("rb") as file:
        file.seek(max(0, part.stat().st_size - 2 * HEAD))
        return b"%%EOF" in file.read()


def sha256_of(path: Path) -> str:
    """Return the hash of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def content_key(path: Path, sha256: str) -> str:
    """Return what is equal for two files that hold the same.

    A release packed into a ZIP file for each visitor differs in its dates, never in its members:
    those are compared by name, size and checksum.
    """
    if not zipfile.is_zipfile(path):
        return sha256
    try:
        with zipfile.ZipFile(path) as archive:
            members = sorted((item.filename, item.file_size, item.CRC) for item in archive.infolist())
    except zipfile.BadZipFile:
        return sha256
    return "members:" + hashlib.sha256(repr(members).encode()).hexdigest()
