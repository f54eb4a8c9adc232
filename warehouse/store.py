"""Warehouse files: opening them, bringing their schema up to date, one writer at a time.

The only state is the published file. A load copies it, changes the copy and switches the name;
nobody ever opens the published file for writing.
"""

from __future__ import annotations

import csv
import hashlib
import json
import logging
import os
import shutil
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from transforms.errors import MigrationError, WarehouseBusyError, WarehouseError
from warehouse.settings import Settings

if TYPE_CHECKING:
    import duckdb

# Version 67 of the storage format: read by DuckDB 1.4.2 and later, and by the drivers of today's
# BI tools; it also refuses a stale write-ahead log, which the default format would replay silently.
STORAGE_VERSION = "v1.4.0"
# Numbers of authorities take 27 bits a row, so that 153,600 rows would fill two blocks of 256 kB. The 122,880 of the
# default take two as well and leave a fifth of them empty; somewhat fewer than fill them leave a change its room.
ROW_GROUP_SIZE = 68 * 2048

log = logging.getLogger("safeguarding")


def literal(value: str | os.PathLike[str]) -> str:
    """Return text as an SQL literal. Used only for paths and ids of our own making.

    Raises:
        WarehouseError: it holds a zero byte.
    """
    text = os.fspath(value)
    if "\0" in text:
        raise WarehouseError(f"{text!r}: found a zero byte, expected a path or id")
    return "'" + text.replace("'", "''") + "'"


def json_literal(rows: Any) -> str:
    """Return values as an SQL literal of JSON that DuckDB takes: halves of characters and zero bytes are replaced."""
    return literal(json.dumps(_whole(rows), default=str))


def _whole(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", "\ufffd").encode("utf-8", "replace").decode()
    if isinstance(value, Mapping):
        return {name: _whole(inner) for name, inner in value.items()}
    return [_whole(inner) for inner in value] if isinstance(value, (list, tuple)) else value


def identifier(name: str) -> str:
    """Return a name as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def limits(settings: Settings) -> dict[str, Any]:
    """Return what DuckDB is opened with: nothing downloaded, memory, threads, where to spill."""
    return {
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "memory_limit": f"{settings.duckdb_mb}MB",
        "threads": str(max(1, settings.processes)),
        "temp_directory": os.fspath(settings.warehouse / "spill"),
    }


def connect(path: Path | str, settings: Settings, *, read_only: bool = False) -> duckdb.DuckDBPyConnection:
    """Open a warehouse file.

    Args:
        path: of the file; made if absent and not `read_only`.
        settings: memory limit.
        read_only: take no lock and refuse every change.

    Returns:
        A connection that downloads nothing and never loads extensions.

    Raises:
        WarehouseError: the file cannot be opened; says what DuckDB said.
    """
    import duckdb

    try:
        if read_only:
            return duckdb.connect(os.fspath(path), read_only=True, config=limits(settings))
        return _open_for_writing(path, settings)
    except duckdb.Error as error:
        raise WarehouseError(f"{path}: found {error}, expected a warehouse file that opens") from error


def _open_for_writing(path: Path | str, settings: Settings) -> duckdb.DuckDBPyConnection:
    """Attach the file, for only so its row groups can be told their size, and make it the one that names mean."""
    import duckdb

    # Memory that is free again goes back while it works: without that a long merge grows beyond what it uses.
    connection = duckdb.connect(config={**limits(settings), "allocator_background_threads": "true"})
    try:
        connection.execute(
            f"ATTACH {literal(path)} AS warehouse (STORAGE_VERSION {literal(STORAGE_VERSION)}, "
            f"ROW_GROUP_SIZE {ROW_GROUP_SIZE})"
        )
        connection.execute("USE warehouse")
    except duckdb.Error:
        connection.close()
        raise
    return connection


def sql_files(folder: str) -> list[tuple[str, str]]:
    """Return name and text of the SQL files of one folder, in the order of their numbers."""
    found = resources.files("warehouse").joinpath("sql", folder)
    return sorted((entry.name, entry.read_text("utf-8")) for entry in found.iterdir() if entry.name.endswith(".sql"))


def current_version(settings: Settings) -> Path | None:
    """Return the file the published name stands for now, or None before the first load.

    Raises:
        WarehouseError: the name leads to a version that is gone.
    """
    name = settings.published_file
    if not os.path.lexists(name):
        return None
    real = Path(os.path.realpath(name))
    if not real.is_file():
        raise WarehouseError(f"{name}: found a link to {real.name}, which is gone; expected a version to read")
    return real


def start_build(base: Path | None, build: Path) -> None:
    """Make the private file of a load: a copy of the base version, or an empty file.

    Raises:
        WarehouseError: the disk is full or a folder cannot be written.
    """
    try:
        build.parent.mkdir(parents=True, exist_ok=True)
        discard(build)
        if base is not None:
            shutil.copyfile(base, build)
            build.chmod(0o644)
    except OSError as error:
        discard(build)
        raise WarehouseError(f"{build}: found {error}, expected to copy {base} there") from error


def discard(build: Path) -> None:
    """Remove a private file and its write-ahead log, if they are there."""
    for path in (build, build.with_name(build.name + ".wal")):
        path.unlink(missing_ok=True)


def migrate(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Bring a warehouse file up to date with the SQL files of this code.

    Schema files are numbered and only ever added to; those not yet applied are run in order.
    Views and comments are made anew whenever any of their files changed.

    Args:
        connection: open for writing.

    Returns:
        Names of the files applied.

    Raises:
        MigrationError: the file is of newer code, or a statement failed. Nothing was changed then.
    """
    import duckdb

    connection.execute("BEGIN")
    try:
        done = _apply_what_lacks(connection)
        connection.execute("COMMIT")
    except duckdb.Error as error:
        roll_back(connection)
        raise MigrationError(f"found {error}, expected to bring the warehouse file up to date") from error
    except MigrationError:
        roll_back(connection)
        raise
    return done


def _apply_what_lacks(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Run the SQL files that a warehouse file has not seen; return their names."""
    schema, views, views_hash = sql_files("schema"), sql_files("views"), _views_hash()
    connection.execute("CREATE SCHEMA IF NOT EXISTS meta")
    connection.execute(
        "CREATE TABLE IF NOT EXISTS meta.schema_version (name VARCHAR NOT NULL, sha256 VARCHAR NOT NULL)"
    )
    applied = dict(connection.execute("SELECT name, sha256 FROM meta.schema_version").fetchall())
    newer = sorted(set(applied) - {name for name, _ in schema} - {"views"})
    if newer:
        raise MigrationError(f"found schema {newer[-1]}, expected none newer than {schema[-1][0]}: update this code")
    done = [name for name, _ in schema if name not in applied]
    for name, text in schema:
        if name in done:
            connection.execute(text)
            _note_version(connection, name, hashlib.sha256(text.encode()).hexdigest())
    if applied.get("views") != views_hash or done:
        for name, text in views:
            connection.execute(text)
            done.append(name)
        connection.execute(
            "COMMENT ON TABLE meta.schema_version IS 'Which files of the schema this database was made with.'"
        )
        _comment_columns(connection, _comments())
        _note_version(connection, "views", views_hash)
    return done


def _comments() -> str:
    """Return what `columns.csv` says of every column."""
    return resources.files("warehouse").joinpath("sql", "columns.csv").read_text("utf-8")


def _note_version(connection: duckdb.DuckDBPyConnection, name: str, sha256: str) -> None:
    connection.execute(f"DELETE FROM meta.schema_version WHERE name = {literal(name)}")
    connection.execute(f"INSERT INTO meta.schema_version VALUES ({literal(name)}, {literal(sha256)})")


def roll_back(connection: duckdb.DuckDBPyConnection) -> None:
    """End a failed transaction; after a full disk DuckDB may already have ended it."""
    import duckdb

    try:
        connection.execute("ROLLBACK")
    except duckdb.TransactionException:
        return


def _comment_columns(connection: duckdb.DuckDBPyConnection, comments: str) -> None:
    """Comment every column of the public schemas that has none, by its name: one name, one meaning."""
    by_name = {row["column_name"]: row["comment"] for row in csv.DictReader(comments.splitlines())}
    bare = connection.execute(
        "SELECT schema_name, table_name, column_name FROM duckdb_columns() "
        "WHERE schema_name IN ('bi', 'star', 'meta') AND comment IS NULL AND database_name = current_database()"
    ).fetchall()
    statements = [
        f"COMMENT ON COLUMN {identifier(schema)}.{identifier(table)}.{identifier(column)} IS {literal(by_name[column])}"
        for schema, table, column in bare
        if column in by_name
    ]
    if statements:
        connection.execute(";".join(statements))


@contextmanager
def writer_lock(settings: Settings, purpose: str, on_wait: Callable[[str], None] | None = None) -> Iterator[None]:
    """Hold the one writer's lock of this warehouse.

    It is an `flock`, which the operating system drops when its holder dies, so none is ever left behind.
    Across machines it holds where the file system hands such locks on to all of them, by its own documents:
    NFS (Linux 2.6.12 and later, unless mounted with `local_lock` or `nolock`: flock(2), "NFS details", and
    nfs(5)), CephFS by the kernel's client (fs/ceph/locks.c asks the metadata server) and GFS2 (fs/gfs2/file.c
    takes a lock of the cluster, unless mounted with `localflocks`). None of them was tried here. SMB is not
    counted on: locks there are mandatory and vary with server and mount options (flock(2), "CIFS details").

    Args:
        settings: place of the lock, and how long to wait for it.
        purpose: what the holder does, shown to those who wait.
        on_wait: called once with who holds it, if there is a wait; the log is told in any case.

    Raises:
        WarehouseBusyError: still held when the time is up.
        WarehouseError: the lock file cannot be made.
    """
    from filelock import FileLock, Timeout

    path = settings.warehouse / "writer.lock"
    note = settings.warehouse / "writer.json"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(path)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            holder = _holder(note)
            log.warning("waiting for=%s purpose=%s seconds_at_most=%g", holder, purpose, settings.lock_seconds)
            if on_wait:
                on_wait(holder)
            lock.acquire(timeout=settings.lock_seconds, poll_interval=0.05)
    except Timeout as error:
        raise WarehouseBusyError(
            f"{path}: found it held by {_holder(note)}, expected it free within {settings.lock_seconds:g} s"
        ) from error
    except OSError as error:
        raise WarehouseError(f"{path}: found {error}, expected a lock file that can be written") from error
    try:
        note.write_text(json.dumps({"pid": os.getpid(), "host": socket.gethostname(), "purpose": purpose}))
        yield
    finally:
        note.unlink(missing_ok=True)
        lock.release()


def _holder(note: Path) -> str:
    try:
        held = json.loads(note.read_text())
        return f"{held['purpose']} (process {held['pid']} on {held['host']})"
    except (OSError, ValueError, KeyError):
        return "another process"


def is_outdated(path: Path, settings: Settings) -> bool:
    """Whether a warehouse file lacks any schema or view of this code."""
    connection = connect(path, settings, read_only=True)
    try:
        applied = dict(connection.execute("SELECT name, sha256 FROM meta.schema_version").fetchall())
    finally:
        connection.close()
    return applied.get("views") != _views_hash() or any(name not in applied for name, _ in sql_files("schema"))


def _views_hash() -> str:
    """Return the version of all schema, view and comment files together."""
    return hashlib.sha256(json.dumps([sql_files("schema"), sql_files("views"), _comments()]).encode()).hexdigest()


def remove_abandoned(settings: Settings, older_than_seconds: float = 86_400) -> None:
    """Remove private files of loads that died: a day old, so that no running load can own them."""
    limit = time.time() - older_than_seconds
    for folder, pattern in (
        ("builds", "*.duckdb*"),
        ("staging", "*"),
        ("archive", ".incoming-*"),
        ("restricted/originals", ".incoming-*"),
    ):
        for path in (settings.warehouse / folder).glob(pattern):
            if path.lstat().st_mtime < limit:
                if path.is_dir():
                    shutil.rmtree(path, ignore_errors=True)
                else:
                    path.unlink(missing_ok=True)
