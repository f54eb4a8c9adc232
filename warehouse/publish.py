"""Publishing: a finished private file becomes the published one by a single atomic switch.

Each version is a file in a folder of its own; the published name is a link to one of them. Readers
that have the old version open keep it, whole, until they close it. DuckDB calls a database after the
file that the link leads to: so that the name in what BI tools store (`safeguarding.bi.inspection`)
stays from version to version, every version has the published file's own name, and its folder tells
which it is.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from transforms.errors import WarehouseError
from warehouse.settings import Settings
from warehouse.store import STORAGE_VERSION, connect, current_version, literal

PREFIX, SUFFIX = "safeguarding_", ".duckdb"
_STAMP = "%Y%m%dT%H%M%S%f"
_NAME = re.compile(rf"{PREFIX}\d{{8}}T\d{{12}}Z-\w+")


def version_name(version: Path) -> str:
    """Return what a version is called: its folder, or the file itself if it lies in none of its own."""
    return version.parent.name if _NAME.fullmatch(version.parent.name) else version.name.removesuffix(SUFFIX)


def versions(settings: Settings) -> list[Path]:
    """Return the kept versions, oldest first. Their names sort by time of load; no other file is one."""
    folder = settings.published / "versions"
    found = [*folder.glob(f"{PREFIX}*/{settings.published_file.name}"), *folder.glob(f"{PREFIX}*{SUFFIX}")]
    kept = [p for p in found if _NAME.fullmatch(version_name(p)) and p.is_file()]
    return sorted(kept, key=version_name)


def version_named(settings: Settings, name: str) -> Path | None:
    """Return the kept version of a name that `version_name` gave, or None if it is kept no longer."""
    return next((path for path in versions(settings) if version_name(path) == name), None)


def new_load_id(settings: Settings, at: datetime) -> str:
    """Return the id of a load that begins now; ids sort by time, even where a clock was set back.

    Args:
        settings: place of the kept versions, of which none may sort after the new one.
        at: the present, in UTC.
    """
    kept = versions(settings)
    if kept:
        stamp = version_name(kept[-1]).removeprefix(PREFIX).partition("Z-")[0]
        at = max(at, datetime.strptime(stamp, _STAMP).replace(tzinfo=UTC) + timedelta(microseconds=1))
    return f"{at:{_STAMP}}Z-{secrets.token_hex(3)}"


def version_path(settings: Settings, load_id: str) -> Path:
    """Return where the version of a load is kept."""
    return settings.published / "versions" / f"{PREFIX}{load_id}" / settings.published_file.name


def seal(settings: Settings, build: Path) -> dict[str, int]:
    """Finish a private file: checkpoint, close, and read it again as any reader would.

    Args:
        settings: memory limit.
        build: private file; no connection to it may be open.

    Returns:
        Rows by table of the reopened file, equal to those before.

    Raises:
        WarehouseError: a log is left, the storage version is another, or rows differ.
    """
    connection = connect(build, settings)
    try:
        before = _row_counts(connection)
        connection.execute("CHECKPOINT")
    finally:
        connection.close()
    log = build.with_name(build.name + ".wal")
    if log.exists():
        raise WarehouseError(f"{log}: found a write-ahead log after the checkpoint, expected none")
    reopened = connect(build, settings, read_only=True)
    try:
        after = _row_counts(reopened)
        tags = reopened.execute("SELECT tags FROM duckdb_databases() WHERE path IS NOT NULL").fetchone()
    finally:
        reopened.close()
    if after != before:
        raise WarehouseError(f"{build}: found {after} rows on reopening, expected {before}")
    found = (tags[0] or {}).get("storage_version", "") if tags else ""
    if STORAGE_VERSION not in found:
        raise WarehouseError(f"{build}: found storage version {found!r}, expected {STORAGE_VERSION}")
    return after


def _row_counts(connection: Any) -> dict[str, int]:
    """Return the rows of every table, counted, not estimated."""
    tables = connection.execute(
        "SELECT schema_name, table_name FROM duckdb_tables() WHERE NOT internal AND NOT temporary ORDER BY ALL"
    ).fetchall()
    counts = " UNION ALL ".join(
        f"SELECT {literal(f'{schema}.{table}')}, count(*) FROM {schema}.{table}" for schema, table in tables
    )
    return dict(connection.execute(counts).fetchall())


def switch(settings: Settings, build: Path, load_id: str) -> Path:
    """Make a sealed private file the published one.

    Args:
        settings: place of published files and how many versions to keep.
        build: sealed private file; it is moved.
        load_id: of the load, part of the version's name.

    Returns:
        The version now published.

    Raises:
        WarehouseError: the disk is full, or a stale log lies at the published name.
    """
    version = version_path(settings, load_id)
    stale = settings.published_file.with_name(settings.published_file.name + ".wal")
    if stale.exists():
        raise WarehouseError(
            f"{stale}: found a write-ahead log beside the published file, expected none: "
            "somebody opened it for writing; close that program and remove the log"
        )
    try:
        version.parent.mkdir(parents=True, exist_ok=True)
        _sync(build)
        build.chmod(0o444)
        _move(build, version)
        point(settings, version)
    except OSError as error:
        raise WarehouseError(f"{version}: found {error}, expected to publish it") from error
    prune(settings)
    return version


def _move(build: Path, version: Path) -> None:
    """Move a file, also to another file system: copied beside its place first, then renamed."""
    import errno

    try:
        os.replace(build, version)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        beside = version.with_name(f".{version.name}.incoming")
        try:
            shutil.copyfile(build, beside)
            _sync(beside)
            beside.chmod(0o444)
            os.replace(beside, version)
        finally:
            beside.unlink(missing_ok=True)
        build.unlink()
    _sync(version.parent)
    _sync(version.parent.parent)


def point(settings: Settings, version: Path) -> None:
    """Let the published name stand for a version, in one atomic step."""
    name = settings.published_file
    beside = name.with_name(f".{name.name}.{os.getpid()}.next")
    beside.unlink(missing_ok=True)
    beside.symlink_to(os.path.relpath(version, name.parent))
    os.replace(beside, name)
    _sync(name.parent)


def _sync(path: Path) -> None:
    """Wait until a file or folder is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def prune(settings: Settings) -> list[Path]:
    """Remove the oldest versions beyond those to keep, never the published one, and folders left without a version."""
    current = current_version(settings)
    spare = [p for p in versions(settings) if current is None or version_name(p) != version_name(current)]
    surplus = spare[: max(0, len(spare) - (settings.keep_versions - 1))]
    for path in surplus:
        path.unlink(missing_ok=True)
    for folder in (settings.published / "versions").glob(f"{PREFIX}*"):
        if folder.is_dir() and _NAME.fullmatch(folder.name) and not (folder / settings.published_file.name).exists():
            shutil.rmtree(folder, ignore_errors=True)
    return surplus


def previous_version(settings: Settings) -> Path:
    """Return the version before the published one.

    Raises:
        WarehouseError: nothing is published, or no earlier version is kept.
    """
    current = current_version(settings)
    if current is None:
        raise WarehouseError(f"{settings.published_file}: found nothing published, expected a version to roll back")
    earlier = [p for p in versions(settings) if version_name(p) < version_name(current)]
    if not earlier:
        raise WarehouseError(f"{settings.published_file}: found no earlier version kept, expected one to put back")
    return earlier[-1]
