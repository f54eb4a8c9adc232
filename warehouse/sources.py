"""Which sources there are: where their files land, how they are recognised, read and laid out.

To add a source is to add an entry here, with the functions it names. Functions are named, not
imported: landing and planning must stay light, and reading happens in child processes that
import what they need themselves. Several sources may share a folder of the landing zone: each
file there is then told by its content, never by its name, and one that none of them knows waits.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from transforms.readers import ReadingLimits
from warehouse.ledger import Ledger, Recognised
from warehouse.settings import Settings


@dataclass(frozen=True, slots=True)
class Source:
    """One source of files.

    Attributes:
        kind: `source_kind` of its file versions.
        folders: first folders that their landing paths may have; its home first.
        recognise: `module:function` that takes the bytes of a file and returns None if it is of
            this source, else what it was seen to be; runs in a child. None: the folder is its own.
        recognise_elsewhere: as `recognise`, for the folders that are not its home: there a file that is
            nearly of this source is not taken for a damaged one.
        work: `module:function` a child runs on each file; None for files that are only kept.
        lay_out: `module:function` that turns what came back into rows (`warehouse.documents`).
        keeps_text: its documents have text worth keeping, so that a changed parser need not
            open them again.
        has_sidecars: a JSON file beside a file describes it.
        metadata_ending: ending of the name of a file beside one of its files (`a.meta.csv` beside `a.csv`)
            that says what its columns are.
        has_dated_folders: a folder named by a day says when one of its files was published.
        writes: staged table whose rows are too many to hand over: the child writes them itself, as
            Parquet; `work` also gets the name of the file, the path to write to, and last the path of the
            metadata beside it, empty where there are none.
        table: what REJECT rows of it call the thing that was read.
        read: `module:function` that reads the files of a source itself, in place of `work`: takes
            settings, the plan and file versions; yields sha256, what came back, and a fault.
    """

    kind: str
    folders: tuple[str, ...]
    recognise: str | None = None
    recognise_elsewhere: str | None = None
    work: str | None = None
    lay_out: str | None = None
    keeps_text: bool = False
    has_sidecars: bool = False
    metadata_ending: str | None = None
    has_dated_folders: bool = False
    writes: str | None = None
    table: str = "file"
    read: str | None = None


RETURN = "return"  # kind of the submissions of local returns

SOURCES = (
    Source(
        "report",
        ("reports",),
        work="warehouse.extract_worker:read_and_parse",
        lay_out="warehouse.documents:lay_out_reports",
        keeps_text=True,
        has_sidecars=True,
        table="report",
    ),
    Source("reference", ("reference",), recognise="transforms.authorities:recognise"),
    Source("provider_list", ("reference",), recognise="transforms.returns.providers:recognise"),
    Source(
        "official_list",
        ("statistics",),
        recognise="transforms.official_list:recognise",
        work="warehouse.extract_worker:read_outcomes",
        lay_out="warehouse.documents:lay_out_outcomes",
        table="official_outcome",
    ),
    Source(
        "observations",
        ("statistics",),
        recognise="transforms.observations:recognise",
        work="warehouse.statistics_worker:read_observations",
        lay_out="warehouse.documents:lay_out_observations",
        has_sidecars=True,
        has_dated_folders=True,
        writes="observation",
        table="observation",
    ),
    Source(
        "statistics",
        ("statistics", "reference"),  # populations are published in the layout of statistics
        recognise="transforms.statistics.reading:recognise",
        recognise_elsewhere="transforms.statistics.reading:recognise_tidy",
        work="warehouse.statistics_worker:read_statistics",
        lay_out="warehouse.documents:lay_out_observations",
        has_sidecars=True,
        metadata_ending=".meta.csv",
        has_dated_folders=True,
        writes="observation",
        table="observation",
    ),
    Source(
        RETURN,
        ("returns",),
        read="warehouse.returns:read_submissions",
        lay_out="warehouse.returns:lay_out",
        writes="observation",
        table="return",
    ),
)
BY_KIND: Mapping[str, Source] = {source.kind: source for source in SOURCES}
READ = tuple(source.kind for source in SOURCES if source.work or source.read)  # whose files hold facts
FIND_SOURCE = "warehouse.sources:find_source"


def resolve(name: str) -> Callable[..., Any]:
    """Return the function that `module:function` names."""
    module, _, function = name.partition(":")
    found: Callable[..., Any] = getattr(importlib.import_module(module), function)
    return found


@cache
def of_folder(folder: str) -> tuple[Source, ...]:
    """Return the sources whose files land in a folder."""
    return tuple(source for source in SOURCES if folder in source.folders)


@cache
def is_shared(folder: str) -> bool:
    """Whether the content of a file in that folder must tell its source."""
    return any(source.recognise for source in of_folder(folder))


def find_source(data: bytes, sha256: str, limits: ReadingLimits, folder: str) -> tuple[str | None, str]:
    """Find the source a file is of, by its content; runs in a child.

    Returns:
        Its kind, or None and what the file was seen to be.

    Raises:
        UnreadableFileError: a file of a known sort that cannot be opened.
    """
    from transforms.readers import kind_by_mark
    from transforms.spreadsheets import spreadsheet_kind
    from transforms.statistics.releases import is_archive

    seen = []
    for source in of_folder(folder):
        if source.recognise is None:
            return source.kind, ""
        is_home = folder == source.folders[0]
        what = resolve(source.recognise if is_home else source.recognise_elsewhere or source.recognise)(data)
        if what is None:
            return source.kind, ""
        seen.append(what)
    if not data:
        return None, "found 0 bytes, expected a table"
    if data.startswith(b"%PDF-"):
        return None, "found a PDF, expected a table (csv, ods or xlsx); reports go into `reports`"
    named = kind_by_mark(data)
    if named and spreadsheet_kind(data) is None and not is_archive(data):
        return None, f"found {named}, expected a table: csv, ods or xlsx"
    return None, "; ".join(seen)


def recognise_files(
    settings: Settings, ledger: Ledger, files: Collection[tuple[str, str]]
) -> dict[tuple[str, str], Recognised]:
    """Tell new files of shared folders by their content; what is known already is not opened again.

    Args:
        settings: places and limits.
        ledger: what was recognised before; new findings are recorded in it.
        files: sha256 and first folder, of files that lie where content decides (`is_shared`).

    Returns:
        What each one is, by (sha256, folder).
    """
    if not files:
        return {}
    from warehouse.versions import parser_version

    known, version = ledger.recognised(), parser_version()
    # What no source knew, or could not be read, may be known to newer code.
    new = [
        (sha, folder)
        for sha, folder in files
        if (found := known.get((sha, folder))) is None or (found.version != version and _is_open(found))
    ]
    if new:
        fresh = dict(_look_at(settings, new, version))
        ledger.record_recognised(fresh)
        known |= fresh
    return {key: known[key] for key in files}


def _is_open(found: Recognised) -> bool:
    return found.kind is None or found.is_refused


def _look_at(
    settings: Settings, files: list[tuple[str, str]], version: str
) -> list[tuple[tuple[str, str], Recognised]]:
    from warehouse.documents import limits_of
    from warehouse.extract import Job, read_many
    from warehouse.landing import archive_path

    jobs = [Job(f"{folder}/{sha}", str(archive_path(settings, sha)), (folder,)) for sha, folder in files]
    found = []
    for outcome in read_many(jobs, FIND_SOURCE, limits_of(settings), settings.processes):
        folder, _, sha = outcome.id.partition("/")
        if outcome.fault is not None:
            # Refused under the name of the folder's first source, with the reason its reading gave.
            first = of_folder(folder)[0].kind
            finding = Recognised(first, outcome.fault.message, True, version)
        else:
            kind, seen = outcome.value
            finding = Recognised(kind, None if kind else f"no source reads it: {seen}", False, version)
        found.append(((sha, folder), finding))
    return found
