"""Putting documents aside whose rows fail a check, parsed or merged, so that all others can be published."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from transforms.errors import WarehouseError
from warehouse.settings import Settings
from warehouse.store import connect, literal

if TYPE_CHECKING:
    import duckdb

    from expectations.check import CheckReport, RunContext

log = logging.getLogger("safeguarding")

# A fifth of a load failing at once is no longer the documents' fault: the load is refused instead.
MOST_BLAMED = 0.2
_MOST_DOCUMENTS = 10_000


def blamed_in_star(settings: Settings, build: Path, report: CheckReport, context: RunContext) -> dict[str, list[str]]:
    """Find the documents of this load that blocking failures of the merged star name.

    A failure that names none may be the consequence of one that does: the checks run again without
    these documents, and decide.

    Args:
        settings: memory limit.
        build: private file the checks ran on.
        report: of those checks.
        context: of that run.

    Returns:
        Checks failed by sha256; empty where no failure names a document of this load.
    """
    from expectations.suites import CHECKS

    by_id = {check.id: check for check in CHECKS}
    blamed: dict[str, list[str]] = {}
    connection = connect(build, settings, read_only=True)
    try:
        for result in report.blocking_failures:
            check = by_id[result.check_id]
            failing = check.failing_sql(context, _MOST_DOCUMENTS, only=("source_key",))
            if failing is None:
                continue
            rows = connection.execute(
                f"SELECT DISTINCT sha256 FROM ({failing}) JOIN star.dim_source USING (source_key) "  # noqa: S608
                f"JOIN meta.source_file AS f USING (sha256) WHERE f.load_id = {literal(context.load_id)}"
            ).fetchall()
            for (sha256,) in rows:
                blamed.setdefault(sha256, []).append(result.check_id)
    finally:
        connection.close()
    return blamed


def put_aside(settings: Settings, staged: Path, blamed: Mapping[str, Sequence[str]]) -> bool:
    """Take documents out of the staged rows and into quarantine, with the checks they failed.

    Args:
        settings: memory limit.
        staged: private file of staged rows, not open elsewhere; changed in place.
        blamed: ids of failed checks by sha256.

    Returns:
        Whether they were put aside; False if they are too many of the load.

    Raises:
        WarehouseError: the file cannot be written.
    """
    import duckdb

    connection = connect(staged, settings)
    try:
        loaded = connection.execute(
            "SELECT count(DISTINCT sha256) FROM staged.source_file WHERE state = 'loaded'"
        ).fetchone()
        if len(blamed) > max(1, MOST_BLAMED * (loaded[0] if loaded else 0)):
            return False
        connection.execute("BEGIN")
        for sha256, checks in blamed.items():
            _put_aside(connection, sha256, ", ".join(checks))
        connection.execute("COMMIT")
        connection.execute("CHECKPOINT")
    except duckdb.Error as error:
        raise WarehouseError(f"{staged}: found {error}, expected to put documents aside") from error
    finally:
        connection.close()
    for sha256, checks in blamed.items():
        log.warning("quarantined sha256=%s checks=%s", sha256, ",".join(checks))
    return True


def _put_aside(connection: duckdb.DuckDBPyConnection, sha256: str, checks: str) -> None:
    """Move one document: its rows go, its file is in quarantine with a reason."""
    reason = f"what was read from it failed the check {checks}"
    connection.execute(
        "INSERT INTO staged.reject BY NAME SELECT sha256, landing_path, 'failed_check' AS rule, "
        "'blocking' AS severity, ? AS found, 'parsed rows that pass every check' AS expected, ? AS message "
        "FROM staged.source_file WHERE sha256 = ? AND state = 'loaded'",
        [checks, reason, sha256],
    )
    connection.execute(
        "UPDATE staged.source_file SET state = 'quarantined', reason = ?, error_code = 'failed_check' "
        "WHERE sha256 = ? AND state = 'loaded'",
        [reason, sha256],
    )
    # Rows in Parquet stay where they are: views and the merge pass over what is not loaded.
    tables = connection.execute(
        "SELECT DISTINCT table_name FROM duckdb_columns() JOIN duckdb_tables() USING (schema_name, table_name) "
        "WHERE schema_name = 'staged' AND column_name = 'sha256' AND table_name NOT IN ('source_file', 'reject')"
    ).fetchall()
    for (table,) in tables:
        connection.execute(f"DELETE FROM staged.{table} WHERE sha256 = ?", [sha256])  # noqa: S608 - names of our own
