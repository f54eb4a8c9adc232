"""From archived files to staged rows: children read and parse, this lays out what they found.

A file that cannot be read or trusted is an outcome: it gets a quarantine row with its reason, is
kept with that reason in the quarantine folder, and holds up nothing else.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

from transforms.authorities import Register, load_register
from transforms.errors import WarehouseError
from transforms.observations import Observations
from transforms.official_list import OfficialList
from transforms.readers import ReadingLimits
from transforms.reading.date_forms import date_in_name
from transforms.reading.document import TextColumns
from transforms.reports import frameworks
from transforms.reports.admission import StatedDate, admit
from transforms.reports.model import Problem
from transforms.shapes import STAGED, outcome_rows, report_rows
from warehouse import sources, staging, store
from warehouse.beside import Sidecar, read_sidecar
from warehouse.extract import PARSE_KEPT, READ_AND_PARSE, Fault, Job, Limits, Parsed, read_many
from warehouse.landing import FileVersion, archive_path
from warehouse.ledger import Ledger, utc_now
from warehouse.places import date_of_folder
from warehouse.settings import Settings
from warehouse.versions import reader_version

PART_FILES = 250  # files whose rows and texts are held in memory at once
MEDIA_TYPES = {
    "pdf": "application/pdf",
    "text": "text/plain",
    "html": "text/html",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv",
    "zip": "application/zip",
    "parquet": "application/vnd.apache.parquet",
}
REASON = "reason.json"  # beside a file in quarantine
OPEN_LICENCE = "Open Government Licence v3.0"
OnProgress = Callable[[str, int, int], None]
Rows = dict[str, list[dict[str, Any]]]


def limits_of(settings: Settings) -> Limits:
    """Return what the reading of one file may use."""
    return Limits(
        memory_bytes=settings.file_memory_mb << 20,
        cpu_seconds=settings.file_seconds,
        wall_seconds=2.0 * settings.file_seconds,
        reading=ReadingLimits(max_bytes=settings.file_mb << 20, max_pages=settings.file_pages),
    )


def register_paths(settings: Settings, manifest: dict[str, Any]) -> tuple[str, ...]:
    """Return the archived reference files in use, in the order of their landing paths."""
    return tuple(str(archive_path(settings, sha256)) for sha256 in manifest["references"].values())


def register_of(settings: Settings, manifest: dict[str, Any]) -> Register:
    """Return the register of authorities of a load."""
    return load_register(tuple(Path(path) for path in register_paths(settings, manifest)))


def parse_batch(
    settings: Settings, manifest: dict[str, Any], batch: int, on_progress: OnProgress | None = None
) -> dict[str, int]:
    """Read and parse one batch of a plan into staging files.

    Args:
        settings: places and limits.
        manifest: the plan.
        batch: 0-based.
        on_progress: told `parse`, files done, files in all.

    Returns:
        Counts: files, loaded, quarantined, rows, rejects.

    Raises:
        WarehouseError: the archive does not hold what it should, or staging cannot be written.
    """
    files = [FileVersion.from_dict(values) for values in manifest["batches"][batch]]
    beside = [FileVersion.from_dict(values) for values in manifest["beside"]] if batch == 0 else []
    name = f"{manifest['load_id']}-{batch}"
    return _stage(settings, manifest, files, beside, f"batch_{batch:03d}", name, on_progress)


def parse_again(settings: Settings, manifest: dict[str, Any], files: list[FileVersion], batch: str) -> dict[str, int]:
    """Read archived files again into one more batch of a load.

    Args:
        settings: places and limits.
        manifest: the plan.
        files: to be read; none of them is staged.
        batch: name of the batch, its own among those of the load.
    """
    return _stage(settings, manifest, files, [], f"batch_{batch}", f"{manifest['load_id']}-{batch}", None)


def _stage(
    settings: Settings,
    manifest: dict[str, Any],
    files: list[FileVersion],
    beside: list[FileVersion],
    folder: str,
    name: str,
    on_progress: OnProgress | None,
) -> dict[str, int]:
    place = staging.load_folder(settings, manifest["load_id"])
    for left in place.glob(f"{folder}*"):
        shutil.rmtree(left)  # of an attempt that died
    counts = dict.fromkeys(("files", "loaded", "quarantined", "rows", "rejects"), 0)
    by_sha = {file.sha256: file for file in files}
    rows, part = _no_rows(), 0
    for done, (file, parsed, fault) in enumerate(_outcomes(settings, manifest, by_sha, name), start=1):
        _lay_out(settings, manifest, rows, file, parsed, fault)
        if on_progress:
            on_progress("parse", done, len(files))
        if len(rows["source_file"]) >= PART_FILES:
            _write_part(place / f"{folder}_{part:03d}", rows, counts)
            rows, part = _no_rows(), part + 1
    for file in beside:
        rows["source_file"].append(
            {**_file_row(file, manifest), "state": "unchanged", "reason": "same bytes as another path"}
        )
    _write_part(place / f"{folder}_{part:03d}", rows, counts)
    return counts


def _no_rows() -> Rows:
    return {shape.name: [] for shape in STAGED}


def _write_part(folder: Path, rows: Rows, counts: dict[str, int]) -> None:
    """Write the rows gathered so far, so that memory does not grow with the number of files."""
    written = staging.write_batch(folder, rows)
    states = [row["state"] for row in rows["source_file"]]
    counts["files"] += sum(state != "unchanged" for state in states)
    counts["loaded"] += states.count("loaded")
    counts["quarantined"] += states.count("quarantined")
    counts["rows"] += sum(written.values()) - written["reject"]
    counts["rejects"] += written["reject"]


def _outcomes(
    settings: Settings, manifest: dict[str, Any], files: dict[str, FileVersion], name: str
) -> Iterator[tuple[FileVersion, Any, Fault | None]]:
    """Yield every file with what its source read from it, or why not."""
    by_kind: dict[str, list[str]] = {}
    for file in files.values():
        if file.refusal:
            yield file, None, Fault("refused", f"file: {file.refusal}")
        elif sources.BY_KIND[file.kind].work is None and sources.BY_KIND[file.kind].read is None:
            yield file, None, None
        else:
            by_kind.setdefault(file.kind, []).append(file.sha256)
    for kind, shas in by_kind.items():
        source = sources.BY_KIND[kind]
        if source.read:
            read = sources.resolve(source.read)(settings, manifest, [files[sha] for sha in shas])
        elif source.keeps_text:
            read = _read_texts(settings, manifest, shas, name)
        else:
            read = _read(settings, manifest, [files[sha] for sha in shas], source)
        for sha, value, fault in read:
            yield files[sha], value, fault


def _read(
    settings: Settings, manifest: dict[str, Any], files: list[FileVersion], source: sources.Source
) -> Iterator[tuple[str, Any, Fault | None]]:
    """Read files of one source in child processes."""
    paths = register_paths(settings, manifest)
    more: dict[str, tuple[str, ...]] = {file.sha256: () for file in files}
    if source.writes:
        folder = staging.written_folder(settings, manifest["load_id"], source.writes)
        folder.mkdir(parents=True, exist_ok=True)
        more = {
            file.sha256: (
                PurePosixPath(file.path).name,
                str(folder / f"{file.sha256}.parquet"),
                str(archive_path(settings, file.metadata_sha256)) if file.metadata_sha256 else "",
            )
            for file in files
        }
    jobs = [Job(sha, str(archive_path(settings, sha)), (paths, *rest)) for sha, rest in more.items()]
    for outcome in read_many(jobs, source.work or "", limits_of(settings), settings.processes):
        if outcome.value is not None:
            _require_hash(settings, outcome.id, outcome.value.sha256)
        yield outcome.id, outcome.value, outcome.fault


def _read_texts(
    settings: Settings, manifest: dict[str, Any], shas: list[str], name: str
) -> Iterator[tuple[str, Parsed | None, Fault | None]]:
    """Read documents, from their kept text where there is one; keep the text of those read anew."""
    paths = register_paths(settings, manifest)
    with Ledger(settings.warehouse / "ledger.sqlite") as ledger:
        kept = ledger.kept_texts(reader_version())
    texts = settings.warehouse / "text"
    known = {sha: texts / kept[sha] for sha in shas if sha in kept and (texts / kept[sha]).exists()}
    held = staging.KeptTexts(known)
    jobs = [Job(sha, None, partial(_kept_text, held, sha, paths)) for sha in held.shas]
    for outcome in read_many(jobs, PARSE_KEPT, limits_of(settings), settings.processes):
        yield outcome.id, outcome.value, outcome.fault
    again = {job.id for job in jobs}
    jobs = [Job(sha, str(archive_path(settings, sha)), (paths, True)) for sha in shas if sha not in again]
    documents: list[TextColumns] = []
    part = 0
    for outcome in read_many(jobs, READ_AND_PARSE, limits_of(settings), settings.processes):
        parsed: Parsed | None = outcome.value
        if parsed is not None:
            _require_hash(settings, outcome.id, parsed.sha256)
            if parsed.text is not None:
                documents.append(parsed.text)
                parsed.text = None
        yield outcome.id, parsed, outcome.fault
        if len(documents) >= PART_FILES:
            _keep_texts(settings, f"{name}-{part}.parquet", documents)
            documents, part = [], part + 1
    if documents:
        _keep_texts(settings, f"{name}-{part}.parquet", documents)


def _kept_text(held: staging.KeptTexts, sha256: str, paths: tuple[str, ...]) -> tuple[Any, ...]:
    return held.text(sha256), paths


def _keep_texts(settings: Settings, name: str, documents: list[TextColumns]) -> None:
    staging.write_texts(settings.warehouse / "text" / name, documents)
    with Ledger(settings.warehouse / "ledger.sqlite") as ledger:
        ledger.record_texts(reader_version(), name, [document.sha256 for document in documents])


def _require_hash(settings: Settings, expected: str, found: str) -> None:
    if found != expected:
        raise WarehouseError(
            f"{archive_path(settings, expected)}: found content of hash {found}, expected its own name"
        )


def _lay_out(
    settings: Settings,
    manifest: dict[str, Any],
    rows: Rows,
    file: FileVersion,
    parsed: Any,
    fault: Fault | None,
) -> None:
    """Lay one file's outcome into rows."""
    row = _file_row(file, manifest)
    source = sources.BY_KIND[file.kind]
    problems = _sidecar_problems(file)
    found: Rows = {}
    if parsed is not None and source.lay_out is not None:
        found, more = sources.resolve(source.lay_out)(file, parsed, row)
        problems += more
    if fault is not None:
        problems.append(Problem(code=fault.code, severity="blocking", message=fault.message))
    blocking = [problem for problem in problems if problem.severity == "blocking"]
    if blocking:
        row |= {
            "state": "quarantined",
            "reason": "; ".join(problem.message for problem in blocking)[:2000],
            "error_code": blocking[0].code,
        }
        if not manifest.get("is_dry_run"):
            quarantine(settings, file, row["reason"])
    else:
        row["state"] = "loaded"
        if not manifest.get("is_dry_run"):
            release(settings, file.sha256)
        for name, items in found.items():
            rows[name].extend(items)
    row["content_sha256"] = _content(settings, manifest, row, source, found, problems)
    rows["source_file"].append(row)
    rows["reject"].extend(_reject_row(file, problem, source.table) for problem in problems)


_OF_ARRIVAL = frozenset(("received_at", "modified_at"))  # say when a file came, not what is in it
_OF_THE_DOCUMENT = ("title", "page_count", "published_date", "published_date_source", "publisher", "publication")


def _content(
    settings: Settings,
    manifest: dict[str, Any],
    row: dict[str, Any],
    source: sources.Source,
    found: Rows,
    problems: list[Problem],
) -> str:
    """Return the hash of all that a document gave: equal hashes mean equal facts."""
    digest = hashlib.sha256(repr([row.get(name) for name in ("state", *_OF_THE_DOCUMENT)]).encode())
    for name in sorted(found):
        for item in found[name]:
            digest.update(repr([(k, v) for k, v in sorted(item.items()) if k not in _OF_ARRIVAL]).encode())
    digest.update(repr([(p.code, p.severity, p.message, p.place, p.page) for p in problems]).encode())
    if source.writes:
        written = staging.written_folder(settings, manifest["load_id"], source.writes) / f"{row['sha256']}.parquet"
        if written.exists():
            with written.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


def lay_out_reports(file: FileVersion, parsed: Parsed, row: dict[str, Any]) -> tuple[Rows, list[Problem]]:
    """Lay the reports of one document into rows, if they may be loaded.

    Args:
        file: it came as.
        parsed: what was read from it.
        row: its file row, to be completed.

    Returns:
        Rows by shape name, none where a problem blocks the document, and all problems.
    """
    row |= {"media_type": MEDIA_TYPES[parsed.kind], "page_count": parsed.page_count, "title": parsed.title}
    if parsed.fault is not None:
        return {}, [Problem(code=parsed.fault.code, severity="blocking", message=parsed.fault.message)]
    by_code = {framework.code: framework for framework in frameworks()}
    chosen, problems = admit(parsed.reports, stated_dates(file), by_code, utc_now().date())
    row |= {
        "published_date": chosen.day if chosen else None,
        "published_date_source": chosen.source if chosen else None,
    }
    if any(problem.severity == "blocking" for problem in problems):
        return {}, problems
    names = ("received_at", "modified_at", "published_date", "published_date_source")
    return report_rows(file.sha256, parsed.reports, {name: row.get(name) for name in names}), problems


def lay_out_outcomes(file: FileVersion, parsed: OfficialList, row: dict[str, Any]) -> tuple[Rows, list[Problem]]:
    """Lay one official list into rows; rows it could not read are its problems."""
    row |= {
        "media_type": MEDIA_TYPES[parsed.kind],
        "title": parsed.title,
        "publisher": "Ofsted",
        "publication": parsed.title,
        "licence": OPEN_LICENCE,
        "published_date": parsed.published_date,
        "published_date_source": "printed" if parsed.published_date else None,
    }
    return outcome_rows(parsed, row["received_at"]), parsed.problems


def lay_out_observations(file: FileVersion, parsed: Observations, row: dict[str, Any]) -> tuple[Rows, list[Problem]]:
    """Complete the file row of a release of statistics; its rows are staged already, by the child.

    The release date is what the file beside it says, else a folder of its path, else the file
    itself; the merge takes the day it was first seen where none of them does.
    """
    stated = [
        (file.sidecar.published_date if file.sidecar else None, "metadata"),
        (date_of_folder(file.path), "folder"),
        (parsed.published_date, "file"),
    ]
    published, source = next(((day, name) for day, name in stated if day), (None, None))
    row |= {
        "media_type": MEDIA_TYPES[parsed.kind],
        "title": parsed.title,
        "publisher": parsed.publisher,
        "publication": parsed.publication,
        "licence": OPEN_LICENCE,
        "published_date": date.fromisoformat(published) if published else None,
        "published_date_source": source,
    }
    return {}, list(parsed.problems)


def _file_row(file: FileVersion, manifest: dict[str, Any]) -> dict[str, Any]:
    sidecar = file.sidecar
    retrieved = _moment(sidecar.retrieved_at) if sidecar and sidecar.retrieved_at else None
    return {
        "landing_path": file.path,
        "sha256": file.sha256,
        "sidecar_sha256": file.sidecar_sha256,
        "metadata_sha256": file.metadata_sha256,
        "source_kind": file.kind,
        "byte_size": file.size,
        "modified_at": _moment(file.modified_at),
        "first_seen_at": _moment(file.first_seen_at),
        "received_at": retrieved or _moment(file.first_seen_at),
        "parser_version": manifest["parser_version"],
        "register_version": manifest["register_version"],
        "source_url": sidecar.source_url if sidecar else None,
        "provider_urn": sidecar.provider_urn if sidecar else None,
        "retrieved_at": retrieved,
    }


def stated_dates(file: FileVersion) -> list[StatedDate]:
    """Return publication dates from beside a report, the most trusted first."""
    stated = []
    if file.sidecar and file.sidecar.published_date:
        stated.append(StatedDate(date.fromisoformat(file.sidecar.published_date), "metadata"))
    in_name = date_in_name(PurePosixPath(file.path).name)
    if in_name:
        stated.append(StatedDate(in_name, "file_name"))
    return stated


def _sidecar_problems(file: FileVersion) -> list[Problem]:
    if file.sidecar is None:
        return []
    return [
        Problem(code="sidecar", severity="warning", message=f"{file.sidecar.path}: {problem}")
        for problem in file.sidecar.problems
    ]


def _reject_row(file: FileVersion, problem: Problem, table: str) -> dict[str, Any]:
    return {
        "sha256": file.sha256,
        "landing_path": file.path,
        "table_name": table,
        "rule": problem.code,
        "severity": problem.severity,
        "place": problem.place or (f"page {problem.page}" if problem.page else None),
        "found": problem.found,
        "expected": problem.expected,
        "message": problem.message,
    }


def _moment(iso: str) -> datetime:
    return datetime.fromisoformat(iso).astimezone(UTC).replace(tzinfo=None)


def quarantine(settings: Settings, file: FileVersion, reason: str) -> Path:
    """Keep a refused file with its reason where a person finds both.

    Returns:
        Its folder: the file under its own name (unless it may not be read at all) and `reason.json`.
    """
    folder = settings.warehouse / "quarantine" / file.sha256
    folder.mkdir(parents=True, exist_ok=True)
    kept = archive_path(settings, file.sha256)
    copy = folder / _plain_name(file.path)
    if kept.exists() and not copy.exists():
        try:
            os.link(kept, copy)
        except OSError:
            shutil.copyfile(kept, copy)
    staging.write_json(folder / REASON, {"file": file.path, "sha256": file.sha256, "reason": reason})
    return folder


def _plain_name(path: str) -> str:
    """Return a file's name without what file systems dislike, cut to bytes they allow, and not that of the reason."""
    plain = re.sub(r"[^\w.,' ()&-]", "_", PurePosixPath(path).name).lstrip(".")
    name = plain.encode()[:200].decode(errors="ignore") or "file"
    return f"_{name}" if name == REASON else name


def release(settings: Settings, sha256: str) -> None:
    """Take a file that loads now out of the quarantine folder; the archive keeps its bytes."""
    shutil.rmtree(settings.warehouse / "quarantine" / sha256, ignore_errors=True)


def _archived_sidecar(settings: Settings, path: str, sha256: str, arrived: Collection[tuple[str, str]]) -> Sidecar:
    """Read the file that lay beside a document again, under the name it came as."""
    names = (f"{path}.json", f"{PurePosixPath(path).with_suffix('.json')}")
    name = next((name for name in names if (sha256, name) in arrived), names[0])
    kept = archive_path(settings, sha256)
    if not kept.exists():
        raise WarehouseError(f"{kept}: found it missing, expected what lay beside {path}")
    return read_sidecar(kept, sha256, name)


def published_files(settings: Settings, shas: Iterable[str]) -> Iterator[FileVersion]:
    """Yield published documents as the file versions they were loaded from."""
    current = store.current_version(settings)
    if current is None:
        return
    connection = store.connect(current, settings, read_only=True)
    try:
        found = connection.execute(
            "SELECT f.landing_path, f.sha256, f.source_kind, f.byte_size, f.modified_at, f.first_seen_at, "
            "f.sidecar_sha256, f AS row FROM meta.source_file AS f "
            "WHERE f.sha256 = ANY(?) AND f.state <> 'unchanged'",
            [list(shas)],
        ).fetchall()
    finally:
        connection.close()
    with Ledger(settings.warehouse / "ledger.sqlite") as ledger:
        arrived = ledger.first_seen()
    for path, sha, kind, size, modified, seen, sidecar_sha, row in found:
        yield FileVersion(
            path,
            sha,
            kind,
            size,
            modified.replace(tzinfo=UTC).isoformat(),
            seen.replace(tzinfo=UTC).isoformat(),
            _archived_sidecar(settings, path, sidecar_sha, arrived) if sidecar_sha else None,
            metadata_sha256=row.get("metadata_sha256") or "",  # a version of older code lacks the column
        )
