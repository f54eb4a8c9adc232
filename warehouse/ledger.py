"""What this machine has seen and tried: a small SQLite file beside the warehouse.

It holds observations, never results: which bytes lay at which landing path, when each file
version was first seen, which loads ran and how they ended, where the text of a document is
kept. What is loaded is read from the published file alone, so a rollback needs no repair here,
and a lost ledger costs one re-hash of the landing zone.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from transforms.errors import WarehouseError

SCHEMA = """
CREATE TABLE IF NOT EXISTS landing_file (
    path TEXT PRIMARY KEY, signature TEXT NOT NULL, sha256 TEXT NOT NULL, size INTEGER NOT NULL,
    modified_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS arrival (
    sha256 TEXT NOT NULL, path TEXT NOT NULL, first_seen_at TEXT NOT NULL, size INTEGER NOT NULL,
    modified_at TEXT NOT NULL, PRIMARY KEY (sha256, path));
CREATE TABLE IF NOT EXISTS load (
    load_id TEXT PRIMARY KEY, started_at TEXT NOT NULL, finished_at TEXT, state TEXT NOT NULL,
    exit_code INTEGER, summary TEXT NOT NULL DEFAULT '{}');
CREATE TABLE IF NOT EXISTS kept_text (
    sha256 TEXT NOT NULL, reader_version TEXT NOT NULL, file TEXT NOT NULL,
    PRIMARY KEY (sha256, reader_version));
CREATE TABLE IF NOT EXISTS recognised (
    sha256 TEXT NOT NULL, folder TEXT NOT NULL, version TEXT NOT NULL, kind TEXT, reason TEXT,
    is_refused INTEGER NOT NULL, PRIMARY KEY (sha256, folder));
CREATE TABLE IF NOT EXISTS announced (path TEXT PRIMARY KEY, signature TEXT NOT NULL, at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS remote_object (path TEXT PRIMARY KEY, tag TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS told (kind TEXT NOT NULL, key TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (kind, key));
"""


def utc_now() -> datetime:
    """Return the present in UTC, to the microsecond. The only clock of the warehouse."""
    return datetime.now(UTC)


class Seen(NamedTuple):
    """What lay at one landing path when it was last read."""

    signature: str
    sha256: str
    size: int
    modified_at: str


@dataclass(frozen=True, slots=True)
class Recognised:
    """What kind of source a file's content showed it to be.

    Attributes:
        kind: of the source that reads it; None if none does.
        reason: why none does, or why it cannot be read at all.
        is_refused: it cannot be read at all.
        version: of the code that looked.
    """

    kind: str | None
    reason: str | None
    is_refused: bool
    version: str


class Ledger:
    """One open ledger. Use as a context manager; every method is one transaction."""

    def __init__(self, path: Path) -> None:
        """Open or make the ledger.

        Args:
            path: SQLite file; its folder is made if absent.

        Raises:
            WarehouseError: the file cannot be opened or is no ledger.
        """
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(path, timeout=30, isolation_level=None)
            self._db.executescript(SCHEMA)
        except (sqlite3.Error, OSError) as error:
            raise WarehouseError(f"{path}: found {error}, expected a ledger that can be written") from error
        self._path = path

    def __enter__(self) -> Ledger:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        self._db.close()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        try:
            self._db.execute("BEGIN IMMEDIATE")
            yield self._db
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise WarehouseError(f"{self._path}: found {error}, expected to record a load") from error

    def landing(self) -> dict[str, Seen]:
        """Return what lay at every landing path when last read, by path."""
        rows = self._db.execute("SELECT path, signature, sha256, size, modified_at FROM landing_file")
        return {row[0]: Seen._make(row[1:]) for row in rows}

    def record_landing(self, seen: Iterable[tuple[str, Seen]], at: datetime) -> None:
        """Record what lies at landing paths now; a file version's first sight is kept for good."""
        rows = [(path, s.signature, s.sha256, s.size, s.modified_at) for path, s in seen]
        if not rows:
            return
        with self._transaction() as db:
            db.executemany("INSERT OR REPLACE INTO landing_file VALUES (?, ?, ?, ?, ?)", rows)
            db.executemany(
                "INSERT OR IGNORE INTO arrival VALUES (?, ?, ?, ?, ?)",
                [(sha, path, at.isoformat(), size, modified) for path, _, sha, size, modified in rows],
            )

    def moment_after(self, now: datetime) -> datetime:
        """Return the present, or just after the last arrival where a clock was set back meanwhile.

        What arrives later is then received later, whatever the clock says.
        """
        (last,) = self._db.execute("SELECT max(first_seen_at) FROM arrival").fetchone()
        return max(now, datetime.fromisoformat(last) + timedelta(microseconds=1)) if last else now

    def first_seen(self) -> dict[tuple[str, str], str]:
        """Return when each file version was first seen, ISO UTC, by (sha256, path)."""
        rows = self._db.execute("SELECT sha256, path, first_seen_at FROM arrival")
        return {(sha, path): at for sha, path, at in rows}

    def announced(self) -> dict[str, tuple[str, datetime]]:
        """Return which version of each landing path an event told of last, and when."""
        rows = self._db.execute("SELECT path, signature, at FROM announced")
        return {path: (signature, datetime.fromisoformat(at)) for path, signature, at in rows}

    def record_announced(self, versions: Iterable[tuple[str, str]], at: datetime) -> None:
        """Record that an event told of these versions (landing path, signature)."""
        rows = [(path, signature, at.isoformat()) for path, signature in versions]
        if rows:
            with self._transaction() as db:
                db.executemany("INSERT OR REPLACE INTO announced VALUES (?, ?, ?)", rows)

    def remote_objects(self) -> dict[str, str]:
        """Return the tag of each object of a remote landing zone as it was copied, by path."""
        return dict(self._db.execute("SELECT path, tag FROM remote_object").fetchall())

    def record_remote(self, path: str, tag: str) -> None:
        """Record that an object was copied."""
        with self._transaction() as db:
            db.execute("INSERT OR REPLACE INTO remote_object VALUES (?, ?)", (path, tag))

    def not_told(self, kind: str, keys: Iterable[str]) -> list[str]:
        """Return which of these matters people were not yet told of."""
        told = {key for (key,) in self._db.execute("SELECT key FROM told WHERE kind = ?", (kind,))}
        return [key for key in keys if key not in told]

    def record_told(self, kind: str, keys: Iterable[str], at: datetime) -> None:
        """Record that people were told of these matters."""
        rows = [(kind, key, at.isoformat()) for key in keys]
        if rows:
            with self._transaction() as db:
                db.executemany("INSERT OR REPLACE INTO told VALUES (?, ?, ?)", rows)

    def forget_told(self, kind: str) -> None:
        """Forget that people were told of matters of a kind."""
        if self._db.execute("SELECT 1 FROM told WHERE kind = ? LIMIT 1", (kind,)).fetchone():
            with self._transaction() as db:
                db.execute("DELETE FROM told WHERE kind = ?", (kind,))

    def arrivals(self) -> list[tuple[str, str, str, int, str]]:
        """Return every file version that arrived: path, sha256, first seen, size, modified; oldest first."""
        return self._db.execute(
            "SELECT path, sha256, first_seen_at, size, modified_at FROM arrival ORDER BY first_seen_at, path"
        ).fetchall()

    def start_load(self, load_id: str, at: datetime, summary: dict[str, Any]) -> None:
        """Record that a load began."""
        with self._transaction() as db:
            db.execute(
                "INSERT INTO load (load_id, started_at, state, summary) VALUES (?, ?, 'running', ?)",
                (load_id, at.isoformat(), json.dumps(summary)),
            )

    def update_load(self, load_id: str, /, **values: Any) -> None:
        """Merge values into the summary of a load."""
        with self._transaction() as db:
            row = db.execute("SELECT summary FROM load WHERE load_id = ?", (load_id,)).fetchone()
            merged = {**json.loads(row[0]), **values} if row else values
            db.execute("UPDATE load SET summary = ? WHERE load_id = ?", (json.dumps(merged), load_id))

    def finish_load(self, load_id: str, at: datetime, state: str, exit_code: int) -> None:
        """Record how a load ended."""
        with self._transaction() as db:
            db.execute(
                "UPDATE load SET finished_at = ?, state = ?, exit_code = ? WHERE load_id = ?",
                (at.isoformat(), state, exit_code, load_id),
            )

    def running(self) -> list[tuple[str, datetime]]:
        """Return the loads whose end is not recorded, with their start."""
        rows = self._db.execute("SELECT load_id, started_at FROM load WHERE state = 'running'")
        return [(load_id, datetime.fromisoformat(at)) for load_id, at in rows]

    def loads(self, limit: int = 1000) -> list[dict[str, Any]]:
        """Return the latest loads, newest first, each as one flat dict."""
        rows = self._db.execute(
            "SELECT load_id, started_at, finished_at, state, exit_code, summary FROM load "
            "ORDER BY started_at DESC, load_id DESC LIMIT ?",
            (limit,),
        )
        names = ("load_id", "started_at", "finished_at", "state", "exit_code")
        return [{**json.loads(row[5]), **dict(zip(names, row[:5], strict=True))} for row in rows]

    def kept_texts(self, reader_version: str) -> dict[str, str]:
        """Return the file that keeps each document's text as this reader gave it, by sha256."""
        rows = self._db.execute("SELECT sha256, file FROM kept_text WHERE reader_version = ?", (reader_version,))
        return dict(rows.fetchall())

    def record_texts(self, reader_version: str, file: str, shas: Iterable[str]) -> None:
        """Record that a file keeps the texts of these documents."""
        with self._transaction() as db:
            db.executemany(
                "INSERT OR REPLACE INTO kept_text VALUES (?, ?, ?)",
                [(sha, reader_version, file) for sha in shas],
            )

    def recognised(self) -> dict[tuple[str, str], Recognised]:
        """Return what kind of source each file showed itself to be, by (sha256, landing folder)."""
        rows = self._db.execute("SELECT sha256, folder, kind, reason, is_refused, version FROM recognised")
        return {(sha, folder): Recognised(kind, why, bool(no), version) for sha, folder, kind, why, no, version in rows}

    def record_recognised(self, found: dict[tuple[str, str], Recognised]) -> None:
        """Record what kind of source files showed themselves to be."""
        with self._transaction() as db:
            db.executemany(
                "INSERT OR REPLACE INTO recognised VALUES (?, ?, ?, ?, ?, ?)",
                [(sha, folder, r.version, r.kind, r.reason, int(r.is_refused)) for (sha, folder), r in found.items()],
            )
