"""A file as it was published to the tables in it: one table, or an archive of a whole release.

An archive holds data files, their metadata files, and guidance in plain text. Members are read
up to limits by what really unpacks, not by what the archive declares.
"""

from __future__ import annotations

import io
import lzma
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import PurePosixPath

from transforms.errors import UnreadableFileError
from transforms.reports.model import Problem
from transforms.statistics.tables import warning

MOST_UNPACKED = 2 * 1024**3
_MOST_MEMBERS = 2_000
_MOST_GUIDANCE = 1024 * 1024
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_GZIP = b"\x1f\x8b"
# What zipfile raises on archives that cannot be read; NotImplementedError is its word for a
# compression method or archive feature it does not know, which is a fault of the file here.
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    RuntimeError,
    NotImplementedError,
    EOFError,
    OSError,
    ValueError,
)
_META = ".meta.csv"
_ENDINGS = r"(?:\.csv|\.txt|\.zip|\.gz)+$"
# What a browser or a desktop adds to the name of a copy, and the mark of a corrected file.
_COPIED = re.compile(r"^copy (?:\(\d+\) )?of |(?:\s*\(\d{1,3}\)|\s*-\s*copy|[\s_-]v\d{1,2}(?:[._]\d{1,2}){0,2})+$")
_YEARS = re.compile(r"((?:19|20)\d\d)(?:[-/]?(\d\d))?")
_MONTH = re.compile(r"\d\d")
_PUBLISHED = re.compile(r"published(?: on| date)?\s*:?\s*(\d{1,2} [A-Za-z]+ \d{4}|\d{4}-\d{2}-\d{2})", re.IGNORECASE)


@dataclass(slots=True)
class Member:
    """One data file: name, bytes, and the bytes of its metadata file where there is one."""

    name: str
    data: bytes
    metadata: bytes | None = None


@dataclass(slots=True)
class Archive:
    """What an archive holds besides the members that are yielded.

    Attributes:
        published_date: as its guidance says.
    """

    published_date: date | None = None
    problems: list[Problem] = field(default_factory=list)


def is_archive(data: bytes) -> bool:
    """Whether bytes are an archive (a spreadsheet is one too, without data files)."""
    return data.startswith(_ZIP)


def unpacked(data: bytes, most: int = MOST_UNPACKED) -> bytes:
    """Bytes of a file that came as gzip, as data sets are sent; any other file as it is.

    Args:
        data: the file.
        most: bytes that are unpacked; whoever only looks needs the first few.

    Raises:
        UnreadableFileError: it breaks off, is damaged, or holds more than `MOST_UNPACKED`.
    """
    if not data.startswith(_GZIP):
        return data
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        content = unpacker.decompress(data, most)
    except zlib.error as error:
        raise UnreadableFileError(f"gzip: found {error}, expected a sound file") from None
    if not unpacker.eof and most >= MOST_UNPACKED:
        found = f"more than {most:,} bytes" if len(content) >= most else "a file that breaks off"
        raise UnreadableFileError(f"gzip: found {found}, expected all of a table")
    return content


def stem(name: str) -> str:
    """Name of a data file without folders, ending, marks of copies and versions, and years; in lower case."""
    base = PurePosixPath(name.replace("\\", "/")).name.lower()
    base = re.sub(_ENDINGS, "", base)
    base = re.sub(r"[^a-z0-9]+", "_", _COPIED.sub("", base.strip()) or base)
    base = re.sub(r"_((?:19|20)\d\d)_(\d\d)(?=_|$)", _one_year, base)
    base = re.sub(r"(?:_(?:19|20)\d\d(?:\d\d)?(?:_(?:to|and)_(?:19|20)\d\d(?:\d\d)?)?)+$", "", base).strip("_")
    return base or "table"


def without_years(name: str, periods: Iterable[str]) -> str:
    """Name of a table without the years in which its own data begin or end, wherever in the name they stand.

    Any other number is no year, or not that of the release: `over_2000_pupils`, `on_2011_census` of 2018 to 2022. A
    year and a month stay together.

    Args:
        name: of the table (`stem`).
        periods: all of its `time_period`, as printed.
    """
    spans = sorted({span for text in periods if (span := _years_in(text.strip()))})
    ends = {year for span in (*spans[:1], *spans[-1:]) for year in span}
    words = name.split("_")
    is_year = [
        word.isdecimal() and bool(years := _years_in(word)) and ends.issuperset(years) and not _MONTH.fullmatch(after)
        for word, after in zip(words, [*words[1:], ""], strict=True)
    ]
    for at in range(1, len(words) - 1):
        if words[at] in ("to", "and") and _years_in(words[at - 1]) and _years_in(words[at + 1]):
            is_year[at - 1 : at + 2] = [is_year[at - 1] and is_year[at + 1]] * 3
    return "_".join(word for word, goes in zip(words, is_year, strict=True) if not goes) or name


def _years_in(text: str) -> tuple[int, ...]:
    """Calendar years of `2024`, `202425` or `2024/25`; none of anything else, two years that do not follow included."""
    match = _YEARS.fullmatch(text)
    if match is None or (match[2] and int(match[2]) != (int(match[1]) + 1) % 100):
        return ()
    return (int(match[1]), int(match[1]) + 1) if match[2] else (int(match[1]),)


def _one_year(match: re.Match[str]) -> str:
    """Return `_2024_25` as `_202425`; a year and a month as they are."""
    return f"_{match[1]}{match[2]}" if (int(match[1]) + 1) % 100 == int(match[2]) else match[0]


def names_of(data: bytes) -> list[str]:
    """Names of the data files in an archive.

    Raises:
        UnreadableFileError: damaged.
    """
    with _opened(data) as archive:
        return [i.filename for i in archive.infolist() if _is_data(i.filename)]


def members(data: bytes, into: Archive) -> Iterator[Member]:
    """Yield the data files of an archive, each with its metadata; one at a time is held.

    Raises:
        UnreadableFileError: damaged, encrypted, or more than the limits allow.
    """
    with _opened(data) as archive:
        infos = archive.infolist()
        by_stem = {i.filename.rsplit("/", 1)[-1].lower().removesuffix(_META): i for i in infos if _is_meta(i.filename)}
        left = MOST_UNPACKED
        for info in infos:
            if info.filename.lower().endswith(".txt") and into.published_date is None:
                into.published_date = published_in(_read(archive, info, _MOST_GUIDANCE, is_cut=True))
        for info in infos:
            if info.is_dir() or _is_meta(info.filename) or info.filename.lower().endswith((".txt", ".md", ".pdf")):
                continue
            if not _is_data(info.filename):
                into.problems.append(warning("not_read", info.filename, "no table", "data files (csv)"))
                continue
            content = _read(archive, info, left)
            left -= len(content)
            meta = by_stem.get(info.filename.rsplit("/", 1)[-1].lower().removesuffix(".csv"))
            yield Member(info.filename, content, _read(archive, meta, left) if meta else None)


def published_in(text: bytes) -> date | None:
    """Day of publication that a guidance text states."""
    match = _PUBLISHED.search(text.decode("utf-8", "replace"))
    if match is None:
        return None
    for form in ("%d %B %Y", "%d %b %Y", "%Y-%m-%d"):
        try:
            return datetime.strptime(match[1], form).date()
        except ValueError:
            continue
    return None


def _opened(data: bytes) -> zipfile.ZipFile:
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise UnreadableFileError(f"archive: found {error}, expected a sound ZIP archive") from None
    infos = archive.infolist()
    if len(infos) > _MOST_MEMBERS:
        raise UnreadableFileError(f"archive: found {len(infos):,} members, expected at most {_MOST_MEMBERS:,}")
    declared = sum(info.file_size for info in infos if _is_data(info.filename))
    if declared > MOST_UNPACKED:
        raise UnreadableFileError(f"archive: found {declared:,} bytes unpacked, expected at most {MOST_UNPACKED:,}")
    return archive


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo, most: int, *, is_cut: bool = False) -> bytes:
    try:
        with archive.open(info) as member:
            content = member.read(most + 1)
    except _DAMAGE as error:
        raise UnreadableFileError(f"archive: {info.filename}: found {error}, expected a member to unpack") from None
    if len(content) > most and not is_cut:
        raise UnreadableFileError(f"archive: {info.filename}: found more than {most:,} bytes, expected fewer unpacked")
    return content[:most]


def _is_meta(name: str) -> bool:
    return name.lower().endswith(_META)


def _is_data(name: str) -> bool:
    lowered = name.lower()
    hidden = name.startswith("__MACOSX/") or name.rsplit("/", 1)[-1].startswith(".")
    return lowered.endswith(".csv") and not _is_meta(name) and not hidden
