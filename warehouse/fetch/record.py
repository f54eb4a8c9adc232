"""What was fetched when: a small SQLite file beside the ledger.

It answers three questions: what a server said of an address last time (so that only changes are
sent again), which contents were ever laid into the landing zone and where (so that none is laid
there twice), and how each run and each fetch ended. Losing it costs one round of fetching.
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from transforms.errors import WarehouseError
from warehouse.settings import Settings

RECORD = "fetch.sqlite"
SCHEMA = """
CREATE TABLE IF NOT EXISTS resource (
    url TEXT PRIMARY KEY, etag TEXT, last_modified TEXT, sha256 TEXT NOT NULL, path TEXT NOT NULL,
    checked_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS page (
    url TEXT PRIMARY KEY, final_url TEXT NOT NULL, etag TEXT, last_modified TEXT, body BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS deposit (
    content_key TEXT PRIMARY KEY, sha256 TEXT NOT NULL, path TEXT NOT NULL, url TEXT NOT NULL, at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS fetch (
    run_id TEXT NOT NULL, source TEXT NOT NULL, url TEXT NOT NULL, etag TEXT, last_modified TEXT, sha256 TEXT,
    status TEXT NOT NULL, path TEXT, reason TEXT, at TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS fetch_url ON fetch (url, at);
CREATE TABLE IF NOT EXISTS run (
    run_id TEXT PRIMARY KEY, started_at TEXT NOT NULL, finished_at TEXT, summary TEXT NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class Validators:
    """What a server gives to ask later whether something changed."""

    etag: str | None = None
    last_modified: str | None = None

    def headers(self) -> dict[str, str]:
        """Return the request headers that ask for it only if it changed."""
        asked = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in asked.items() if value}


@dataclass(frozen=True, slots=True)
class Resource:
    """A file as an address gave it last.

    Attributes:
        sha256: of its bytes as they were laid down.
        path: in the landing zone, relative, where its content lies or lay.
        checked_at: when the server last said so.
    """

    validators: Validators
    sha256: str
    path: str
    checked_at: datetime


@dataclass(frozen=True, slots=True)
class Page:
    """A page as an address gave it last; `url` is where redirects ended."""

    url: str
    body: bytes
    validators: Validators = Validators()


class Record:
    """One open record. Use as a context manager."""

    def __init__(self, path: Path) -> None:
        """Open or make the record.

        Raises:
            WarehouseError: the file cannot be opened or is no record.
        """
        self._path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(path, timeout=30, isolation_level=None)
            # A power cut may cost the last entries, and one more look at what they were about.
            self._db.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;" + SCHEMA)
        except (sqlite3.Error, OSError) as error:
            raise WarehouseError(f"{path}: found {error}, expected a record that can be written") from error

    def __enter__(self) -> Record:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        self._db.close()

    @contextmanager
    def _telling(self) -> Iterator[sqlite3.Connection]:
        try:
            yield self._db
        except sqlite3.Error as error:
            raise WarehouseError(f"{self._path}: found {error}, expected to record a fetch") from error

    def resource(self, url: str) -> Resource | None:
        """Return the file that an address gave last, or None."""
        with self._telling() as db:
            row = db.execute(
                "SELECT etag, last_modified, sha256, path, checked_at FROM resource WHERE url = ?", (url,)
            ).fetchone()
        if row is None:
            return None
        return Resource(Validators(row[0], row[1]), row[2], row[3], datetime.fromisoformat(row[4]))

    def keep_resource(self, url: str, found: Resource) -> None:
        """Keep what an address gave."""
        with self._telling() as db:
            db.execute(
                "INSERT OR REPLACE INTO resource VALUES (?, ?, ?, ?, ?, ?)",
                (url, found.validators.etag, found.validators.last_modified, found.sha256, found.path,
                 found.checked_at.isoformat()),
            )  # fmt: skip

    def page(self, url: str) -> Page | None:
        """Return the page that an address gave last, or None."""
        with self._telling() as db:
            row = db.execute("SELECT final_url, body, etag, last_modified FROM page WHERE url = ?", (url,)).fetchone()
        if row is None:
            return None
        try:
            return Page(row[0], zlib.decompress(row[1]), Validators(row[2], row[3]))
        except zlib.error:  # damaged: asked for anew, it is kept whole again
            return None

    def keep_page(self, url: str, found: Page) -> None:
        """Keep a page that can be asked for conditionally; any other would never be read again."""
        if not found.validators.headers():
            return
        with self._telling() as db:
            db.execute(
                "INSERT OR REPLACE INTO page VALUES (?, ?, ?, ?, ?)",
                (url, found.url, found.validators.etag, found.validators.last_modified, zlib.compress(found.body)),
            )

    def deposited(self, content_key: str) -> str | None:
        """Return the landing path at which that content was laid down, or None."""
        with self._telling() as db:
            row = db.execute("SELECT path FROM deposit WHERE content_key = ?", (content_key,)).fetchone()
        return str(row[0]) if row else None

    def keep_deposit(self, content_key: str, sha256: str, path: str, url: str, at: datetime) -> None:
        """Keep that a content was laid down; the first place stands."""
        with self._telling() as db:
            db.execute(
                "INSERT OR IGNORE INTO deposit VALUES (?, ?, ?, ?, ?)", (content_key, sha256, path, url, at.isoformat())
            )

    def log(self, run_id: str, source: str, url: str, outcome: dict[str, Any], at: datetime) -> None:
        """Add how one fetch ended; entries are never changed."""
        names = ("etag", "last_modified", "sha256", "status", "path", "reason")
        with self._telling() as db:
            db.execute(
                "INSERT INTO fetch VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (run_id, source, url, *(outcome.get(name) for name in names), at.isoformat()),
            )

    def keep_run(self, run_id: str, started: datetime, finished: datetime | None, summary: dict[str, Any]) -> None:
        """Keep that a run began, or how it ended."""
        with self._telling() as db:
            db.execute(
                "INSERT OR REPLACE INTO run VALUES (?, ?, ?, ?)",
                (run_id, started.isoformat(), finished.isoformat() if finished else None, json.dumps(summary)),
            )

    def end_lost_runs(self) -> None:
        """Say of every run that never ended that it broke off: only one at a time goes on, and it is this one."""
        with self._telling() as db:
            db.execute(
                "UPDATE run SET summary = json_set(summary, '$.state', 'broken off') "
                "WHERE finished_at IS NULL AND json_extract(summary, '$.state') = 'running'"
            )

    def forget_page(self, url: str) -> None:
        """Forget a page that could not be understood, so that it is asked for anew."""
        with self._telling() as db:
            db.execute("DELETE FROM page WHERE url = ?", (url,))

    def runs(self, limit: int = 10) -> list[dict[str, Any]]:
        """Return the latest runs, newest first, each as one flat dict."""
        with self._telling() as db:
            rows = db.execute(
                "SELECT run_id, started_at, finished_at, summary FROM run ORDER BY started_at DESC LIMIT ?",
                (limit,),
            ).fetchall()
        names = ("run_id", "started_at", "finished_at")
        return [{**json.loads(row[3]), **dict(zip(names, row[:3], strict=True))} for row in rows]


def last_runs(settings: Settings, limit: int = 5) -> list[dict[str, Any]]:
    """Return the latest runs of fetching, newest first; none if nothing was ever fetched.

    Raises:
        WarehouseError: the record cannot be read.
    """
    path = folder_of(settings) / RECORD
    if not path.exists():
        return []
    with Record(path) as record:
        return record.runs(limit)


def folder_of(settings: Settings) -> Path:
    """Return where fetching keeps its record and unfinished files."""
    return settings.warehouse / "fetch"
