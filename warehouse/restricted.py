"""The restricted store: rows about single children, reduced, in an encrypted DuckDB file of its own.

`restricted/restricted.duckdb` in the warehouse's folder, mode 0600 in a folder of mode 0700, is
encrypted with AES-GCM through the OpenSSL of the httpfs extension, which is loaded from its wheel
and from nowhere else. DuckDB never spills to disk here, and its messages, which may quote values,
are not passed on. Every use of the store is an entry of its access log: who, when, what, why and
how many rows. The log is only ever added to, and each entry is sealed with the one before it.

What is kept of a row is decided by `transforms.returns.reduction`.
"""

from __future__ import annotations

import getpass
import hashlib
import hmac
import json
import os
import platform
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from transforms.errors import WarehouseBusyError, WarehouseError
from warehouse import vault
from warehouse.keys import Keys
from warehouse.ledger import utc_now
from warehouse.settings import Settings
from warehouse.store import discard, identifier, literal, roll_back

if TYPE_CHECKING:
    import duckdb
    import polars as pl

NAME = "kept"  # of the attached file
LEAST_MB = 512  # what does not fit cannot be spilled here: nothing of it may touch the disk
_SCHEMA = """
CREATE TABLE IF NOT EXISTS kept.submission (
    sha256 VARCHAR NOT NULL, la_code VARCHAR NOT NULL, return_code VARCHAR NOT NULL, year INTEGER NOT NULL,
    landing_path VARCHAR NOT NULL, vintage_date DATE NOT NULL, received_at TIMESTAMP NOT NULL,
    period_end DATE NOT NULL, parts VARCHAR NOT NULL, file VARCHAR NOT NULL, based_on VARCHAR NOT NULL,
    loaded_at TIMESTAMP NOT NULL);
CREATE TABLE IF NOT EXISTS kept.quarantine AS FROM kept.submission LIMIT 0;
CREATE TABLE IF NOT EXISTS kept.verdict (
    sha256 VARCHAR NOT NULL, rule_code VARCHAR NOT NULL, severity VARCHAR NOT NULL, state VARCHAR NOT NULL,
    findings BIGINT NOT NULL, needs VARCHAR NOT NULL, fields VARCHAR NOT NULL, message VARCHAR NOT NULL);
CREATE TABLE IF NOT EXISTS kept.finding (
    sha256 VARCHAR NOT NULL, rule_code VARCHAR NOT NULL, table_name VARCHAR NOT NULL, row_number UINTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS kept.result (
    sha256 VARCHAR NOT NULL, indicator_code VARCHAR NOT NULL, la_code VARCHAR, period_code VARCHAR,
    period_start DATE, period_end DATE, breakdown VARCHAR, numerator DOUBLE, denominator DOUBLE, "value" DOUBLE,
    value_unrounded DOUBLE, value_status VARCHAR, note VARCHAR, return_year INTEGER);
CREATE TABLE IF NOT EXISTS kept.identifier (sha256 VARCHAR NOT NULL, hash VARCHAR NOT NULL);
CREATE TABLE IF NOT EXISTS kept.access_log (
    entry BIGINT NOT NULL, opened_at TIMESTAMP NOT NULL, who VARCHAR NOT NULL, action VARCHAR NOT NULL,
    why VARCHAR NOT NULL, la_code VARCHAR, return_code VARCHAR, year INTEGER, row_count BIGINT NOT NULL,
    seal VARCHAR NOT NULL);
"""
ROW_COLUMNS = {"la_code": "VARCHAR", "year": "INTEGER", "sha256": "VARCHAR", "row_number": "UINTEGER"}


@dataclass(frozen=True, slots=True)
class Submission:
    """One submission of one return of one authority.

    Attributes:
        sha256: of its one file, or of the list of its files.
        parts: its files: name, sha256, size.
        based_on: hash of everything its results were computed from; another one means: again.
        file: JSON of the `FileVersion` it came as.
        vintage_date: of its values: the day its folder names, else the day it was received.
        received_at, loaded_at: UTC, without a zone.
    """

    sha256: str
    la_code: str
    return_code: str
    year: int
    landing_path: str
    vintage_date: date
    received_at: datetime
    period_end: date
    parts: tuple[dict[str, Any], ...]
    file: str = "{}"
    based_on: str = ""
    loaded_at: datetime = field(default_factory=lambda: naive(utc_now()))

    @property
    def order(self) -> tuple[date, datetime, str]:
        """What the standing one of several submissions of one year is known by: the greatest stands."""
        return self.vintage_date, self.received_at, self.sha256


@dataclass(frozen=True, slots=True)
class Access:
    """Why the store is opened; an entry of its log.

    Attributes:
        action: `load`, `check`, `compute`, `forget`, `open`.
        why: in words, without any value about a child.
    """

    action: str
    why: str
    la_code: str | None = None
    return_code: str | None = None
    year: int | None = None


def naive(at: datetime) -> datetime:
    """Return a moment in UTC without its zone, as the store keeps it."""
    return at.astimezone(UTC).replace(tzinfo=None)


def store_path(settings: Settings) -> Path:
    """Return where the encrypted file is."""
    return vault.place_of(settings) / "restricted.duckdb"


class Store:
    """The open store. Only `opened` makes one."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, keys: Keys, access: Access) -> None:
        self._db = connection
        self._keys = keys
        self._access = access
        self.rows = 0

    def query(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Return the rows of a statement of this package; the log counts them."""
        found: list[tuple[Any, ...]] = self._db.execute(sql, list(values)).fetchall()
        self.rows += len(found)
        return found

    def submissions(self) -> list[Submission]:
        """Return every submission kept, in the order of authority, return, year and arrival."""
        return self._listed("submission")

    def quarantined(self) -> list[Submission]:
        """Return submissions that could not be read; nothing of them is kept but their originals."""
        return self._listed("quarantine")

    def _listed(self, table: str) -> list[Submission]:
        names = [column.name for column in fields(Submission)]
        rows = self._db.execute(
            f"SELECT {', '.join(names)} FROM kept.{table} "
            "ORDER BY la_code, return_code, year, vintage_date, received_at, sha256"
        ).fetchall()
        found = (dict(zip(names, row, strict=True)) for row in rows)
        return [Submission(**{**values, "parts": tuple(json.loads(values["parts"]))}) for values in found]

    def write(
        self,
        submission: Submission,
        tables: Mapping[str, pl.DataFrame],
        verdicts: pl.DataFrame,
        findings: pl.DataFrame,
        results: pl.DataFrame,
        hashes: pl.Series,
    ) -> int:
        """Put in the rows of a submission, in place of any it had.

        Args:
            submission: whose they are.
            tables: reduced frames by table name.
            verdicts: rule_code, severity, state, findings, needs, fields, message.
            findings: rule_code, table_name, row_number.
            results: values of indicators, not suppressed.
            hashes: of all identifiers in it.

        Returns:
            Rows about children written.
        """
        import polars as pl

        with self.transaction():
            self._drop_rows(submission.sha256)
            written = sum(self._write_table(submission, name, frame) for name, frame in tables.items())
            own = pl.lit(submission.sha256).alias("sha256")
            for name, frame in (
                ("verdict", verdicts),
                ("finding", findings),
                ("result", results),
                ("identifier", hashes.alias("hash").to_frame()),
            ):
                self._insert(f"{NAME}.{name}", frame.with_columns(own))
            self._list("submission", submission)
        self.rows += written
        return written

    def results(self, shas: Sequence[str]) -> pl.DataFrame:
        """Return values of indicators of submissions, not suppressed, with the column `sha256`."""
        listed = ", ".join(literal(sha) for sha in shas) or "NULL"
        found = self._db.execute(f"SELECT * FROM kept.result WHERE sha256 IN ({listed}) ORDER BY ALL").pl()
        self.rows += found.height
        return found

    def set_aside(self, submission: Submission) -> None:
        """Note a submission that could not be read, so that its originals can be found and forgotten."""
        with self.transaction():
            self._drop_rows(submission.sha256)
            self._list("quarantine", submission)

    def _list(self, table: str, s: Submission) -> None:
        self._db.execute(
            f"INSERT INTO kept.{table} VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                s.sha256, s.la_code, s.return_code, s.year, s.landing_path, s.vintage_date, s.received_at,
                s.period_end, json.dumps(s.parts), s.file, s.based_on, s.loaded_at,
            ],
        )  # fmt: skip

    def _write_table(self, submission: Submission, name: str, frame: pl.DataFrame) -> int:
        import polars as pl

        table = f"{NAME}.{identifier(submission.return_code)}.{identifier(name)}"
        self._db.execute(f"CREATE SCHEMA IF NOT EXISTS {NAME}.{identifier(submission.return_code)}")
        placed = frame.with_columns(
            pl.lit(submission.la_code).alias("la_code"),
            pl.lit(submission.year, pl.Int32).alias("year"),
            pl.lit(submission.sha256).alias("sha256"),
        )
        placed = placed.select(*ROW_COLUMNS, *(c for c in frame.columns if c not in ROW_COLUMNS))
        self._db.register("coming", placed)
        try:
            self._db.execute(f"CREATE TABLE IF NOT EXISTS {table} AS FROM coming LIMIT 0")
            for column, kind in self._db.execute("SELECT column_name, column_type FROM (DESCRIBE coming)").fetchall():
                self._db.execute(f"ALTER TABLE {table} ADD COLUMN IF NOT EXISTS {identifier(column)} {kind}")
            self._db.execute(f"INSERT INTO {table} BY NAME FROM coming")
        finally:
            self._db.unregister("coming")
        return placed.height

    def _insert(self, table: str, frame: pl.DataFrame) -> None:
        self._db.register("coming", frame)
        try:
            self._db.execute(f"INSERT INTO {table} BY NAME FROM coming")
        finally:
            self._db.unregister("coming")

    def row_tables(self) -> list[tuple[str, str]]:
        """Return schema and name of every table of rows about children."""
        return self._db.execute(
            f"SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = '{NAME}' "
            "AND schema_name <> 'main' ORDER BY ALL"
        ).fetchall()

    def _drop_rows(self, sha256: str) -> int:
        """Delete all that is kept of one submission; return the rows about children."""
        gone = 0
        for schema, table in self.row_tables():
            name = f"{NAME}.{identifier(schema)}.{identifier(table)}"
            gone += _count(self._db.execute(f"DELETE FROM {name} WHERE sha256 = ?", [sha256]))
        for table in ("submission", "quarantine", "verdict", "finding", "result", "identifier"):
            self._db.execute(f"DELETE FROM kept.{table} WHERE sha256 = ?", [sha256])
        return gone

    def forget_submission(self, submission: Submission) -> int:
        """Delete all that is kept of a submission; return the rows about children."""
        with self.transaction():
            gone = self._drop_rows(submission.sha256)
        self.rows += gone
        return gone

    def forget_hash(self, found: str) -> tuple[int, dict[str, set[str | None]]]:
        """Delete every row that holds a hash, with the findings about these rows.

        Returns:
            Rows deleted, and by sha256 of each submission that held it the names of the files it
            stood in; None among them where that is not known. Their originals hold it still.
        """
        rows = self._db.execute("SELECT sha256 FROM kept.identifier WHERE hash = ?", [found]).fetchall()
        held: dict[str, set[str | None]] = {row[0]: set() for row in rows}
        gone = 0
        with self.transaction():
            for schema, table in self.row_tables():
                gone += self._forget_in(schema, table, found, held)
            self._db.execute("DELETE FROM kept.identifier WHERE hash = ?", [found])
        self.rows += gone
        return gone, held

    def _forget_in(self, schema: str, table: str, found: str, held: dict[str, set[str | None]]) -> int:
        name = f"{NAME}.{identifier(schema)}.{identifier(table)}"
        texts = self._db.execute(
            "SELECT column_name FROM duckdb_columns() WHERE database_name = ? AND schema_name = ? "
            "AND table_name = ? AND data_type = 'VARCHAR' AND column_name NOT IN ('sha256', 'la_code', 'file_name')",
            [NAME, schema, table],
        ).fetchall()
        if not texts:
            return 0
        holds = " OR ".join(f"{identifier(column)} = {literal(found)}" for (column,) in texts)
        for sha256, file in self._db.execute(f"SELECT DISTINCT sha256, file_name FROM {name} WHERE {holds}").fetchall():
            held.setdefault(sha256, set()).add(file)
        self._db.execute(
            f"DELETE FROM kept.finding WHERE table_name = {literal(table)} "
            f"AND (sha256, row_number) IN (SELECT (sha256, row_number) FROM {name} WHERE {holds})"
        )
        return _count(self._db.execute(f"DELETE FROM {name} WHERE {holds}"))

    def log(self) -> list[dict[str, Any]]:
        """Return the access log, oldest first, each entry with whether its seal holds."""
        names = ("entry", "opened_at", "who", "action", "why", "la_code", "return_code", "year", "row_count", "seal")
        rows = self._db.execute(f"SELECT {', '.join(names)} FROM kept.access_log ORDER BY entry").fetchall()
        before, entries = "", []
        for row in rows:
            entry = dict(zip(names, row, strict=True))
            seal = entry.pop("seal")
            entries.append({**entry, "is_sealed": hmac.compare_digest(seal, self._seal(before, row[:-1]))})
            before = seal
        return entries

    def _seal(self, before: str, values: Sequence[Any]) -> str:
        text = json.dumps([before, *values], default=str, ensure_ascii=False)
        return hmac.new(self._keys.log_key(), text.encode(), hashlib.sha256).hexdigest()

    def add_to_log(self, access: Access | None = None) -> None:
        """Add an entry to the access log: the access this store was opened for, or another."""
        about = access or self._access
        last = self._db.execute("SELECT entry, seal FROM kept.access_log ORDER BY entry DESC LIMIT 1").fetchone()
        values = [
            (last[0] if last else 0) + 1, naive(utc_now()), _who(), about.action, about.why[:500],
            about.la_code, about.return_code, about.year, self.rows,
        ]  # fmt: skip
        seal = self._seal(last[1] if last else "", values)
        self._db.execute("INSERT INTO kept.access_log VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", [*values, seal])

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Do several things as one."""
        self._db.execute("BEGIN")
        try:
            yield
        except BaseException:
            roll_back(self._db)
            raise
        self._db.execute("COMMIT")


def _count(answer: Any) -> int:
    found = answer.fetchone()
    return int(found[0]) if found else 0


def _who() -> str:
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = f"user {os.getuid()}"
    return f"{user}@{platform.node()}"


@contextmanager
def opened(settings: Settings, keys: Keys, access: Access, path: Path | None = None) -> Iterator[Store]:
    """Open the store, making it if it is absent; the access is logged also where it fails halfway.

    Args:
        settings: places, memory limit, how long to wait for another process.
        keys: both secrets.
        access: why.
        path: of the file, if not the store's own.

    Raises:
        WarehouseBusyError: another process uses it and did not finish in time.
        WarehouseError: it cannot be opened or written, or is of another key. Says what kind of
            fault it was, never what DuckDB said: that may quote values.
    """
    import duckdb

    place = path or store_path(settings)
    vault.folder(settings)
    with _lock(settings):
        before = os.umask(0o077)  # the file and its log are made by DuckDB
        connection = None
        try:
            connection = _connect(settings)
            _attach(connection, place, keys)
            connection.execute(_SCHEMA)
            store = Store(connection, keys, access)
            try:
                yield store
            finally:
                store.add_to_log()
            connection.execute(f"CHECKPOINT {NAME}")
            connection.execute(f"DETACH {NAME}")
            place.chmod(0o600)
        except duckdb.Error as error:
            raise fault(place, error) from None
        finally:
            if connection is not None:
                connection.close()
            os.umask(before)


def fault(place: Path, error: Exception) -> WarehouseError:
    """Return what may be told of an error of DuckDB: its kind, for its words may quote values."""
    said = str(error)
    for sign, meaning in (
        ("Wrong encryption key", "a file of another key, expected the key it was made with"),
        ("without a key", "an encrypted file, expected its key"),
        ("not encrypted", "a file that is not encrypted, expected a restricted store"),
        ("No space left", "a full disk, expected room to write"),
        ("Could not set lock", "it open in another program, expected it free"),
    ):
        if sign in said:
            return WarehouseError(f"{place}: found {meaning}")
    return WarehouseError(f"{place}: found {type(error).__name__}, expected a restricted store that can be used")


def _connect(settings: Settings) -> duckdb.DuckDBPyConnection:
    import duckdb

    return duckdb.connect(
        ":memory:",
        config={
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "temp_directory": "",  # never spill
            "memory_limit": f"{max(settings.duckdb_mb, LEAST_MB)}MB",
            "threads": str(max(1, settings.processes)),
            "preserve_insertion_order": "false",
        },
    )


def _attach(connection: duckdb.DuckDBPyConnection, place: Path, keys: Keys, name: str = NAME) -> None:
    """Attach the encrypted file; its key is a bound value, never part of a statement."""
    connection.execute(f"LOAD {literal(extension())}")
    connection.execute("SET VARIABLE store_key = ?", [keys.store_key()])
    try:
        connection.execute(
            f"ATTACH {literal(place)} AS {name} (ENCRYPTION_KEY getvariable('store_key'), ENCRYPTION_CIPHER 'GCM')"
        )
    finally:
        connection.execute("RESET VARIABLE store_key")


def extension() -> Path:
    """Return the httpfs extension that came as a wheel, whose OpenSSL encrypts.

    Raises:
        WarehouseError: it is not installed, or for another version of DuckDB.
    """
    import duckdb
    import duckdb_extension_httpfs

    folder = Path(str(duckdb_extension_httpfs.__file__)).parent / "extensions"
    place = folder / f"v{duckdb.__version__}" / "httpfs.duckdb_extension"
    if not place.is_file():
        raise WarehouseError(f"{folder}: found no extension for DuckDB {duckdb.__version__}, expected its wheel")
    return place


@contextmanager
def _lock(settings: Settings) -> Iterator[None]:
    from filelock import FileLock, Timeout

    path = vault.folder(settings) / "store.lock"
    lock = FileLock(path, mode=0o600)
    try:
        lock.acquire(timeout=settings.lock_seconds, poll_interval=0.05)
    except Timeout:
        raise WarehouseBusyError(
            f"{path}: found it held by another process, expected it free within {settings.lock_seconds:g} s"
        ) from None
    try:
        yield
    finally:
        lock.release()


def compact(settings: Settings, keys: Keys) -> None:
    """Write the store anew without the pages that deletions left, and put it in place of the old one.

    Raises:
        WarehouseError: it cannot be written; the old file then stays.
    """
    import duckdb

    place = store_path(settings)
    beside = place.with_name(f".{place.name}.next")
    with _lock(settings):
        before = os.umask(0o077)
        connection = _connect(settings)
        try:
            discard(beside)
            _attach(connection, place, keys)
            _attach(connection, beside, keys, "fresh")
            connection.execute(f"COPY FROM DATABASE {NAME} TO fresh")
            connection.execute("CHECKPOINT fresh")
            connection.execute("DETACH fresh")
            connection.execute(f"DETACH {NAME}")
            beside.chmod(0o600)
            beside.replace(place)
        except duckdb.Error as error:
            discard(beside)
            raise fault(place, error) from None
        finally:
            connection.close()
            os.umask(before)
