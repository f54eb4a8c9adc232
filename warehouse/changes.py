"""What reading archived documents again changed: facts added, removed and altered, by document."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from warehouse import store
from warehouse.settings import Settings

if TYPE_CHECKING:
    import duckdb

_DERIVED = ("wide_", "dim_source")  # follow from the other tables, or name the load itself
_OF_THE_LOAD = ("load_id", "received_at")
# Where the versions stand that read a document.
_VERSIONS = (
    ("meta.source_file", "parser_version"),
    ("meta.source_file", "register_version"),
    ("star.dim_source", "parser_version"),
)
# Tables so large that their key is checked by a query of its own, not declared as unique.
_KEYS = {"fact_indicator": ("source_key", "indicator_key", "breakdown_key", "period_key", "authority_key")}

# Rows of both versions that are compared in one go: some 150 MB.
_ROWS_AT_ONCE = 2_000_000


def record_changes(settings: Settings, manifest: dict[str, Any], base: Path, build: Path) -> None:
    """Record which facts of which documents a replay added, removed or altered, and what it found the same."""
    connection = store.connect(build, settings)
    try:
        connection.execute(f"ATTACH {store.literal(base)} AS prev (READ_ONLY)")
        connection.execute("BEGIN")
        for table, key, columns in _fact_tables(connection):
            connection.execute(_differing_sql(manifest["load_id"], table, [*key, *columns]))
            batches = connection.execute("SELECT DISTINCT batch FROM differing ORDER BY batch").fetchall()
            for (batch,) in batches:
                connection.execute(f"SET VARIABLE batch = {int(batch)}")
                connection.execute(_changes_sql(manifest["load_id"], table, key, columns))
        if verified := ", ".join(store.literal(sha) for sha in manifest.get("verified", ())):
            for table, name in _VERSIONS:
                connection.execute(
                    f"UPDATE {table} SET {name} = {store.literal(manifest[name])} WHERE sha256 IN ({verified})"
                )
        connection.execute("COMMIT")
        connection.execute("DETACH prev")
        connection.execute("CHECKPOINT")
    finally:
        connection.close()


def _fact_tables(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, tuple[str, ...], list[str]]]:
    """Return the tables whose rows come from documents: name, the key that names a row, other columns.

    Where no key is declared, the whole row is: such rows are added or removed, never altered.
    """
    from expectations.suites import CHECKS

    keys: dict[str, tuple[str, ...]] = dict(_KEYS)
    for entry in CHECKS:
        if entry.kind == "unique" and entry.table.startswith("star."):
            keys.setdefault(entry.table.removeprefix("star."), entry.columns)
    found = connection.execute(
        "SELECT n.table_name, list(n.column_name ORDER BY n.column_index) FROM duckdb_columns() AS n "
        "JOIN duckdb_columns() AS o ON o.schema_name = n.schema_name AND o.table_name = n.table_name "
        "AND o.column_name = n.column_name AND o.database_name = 'prev' "
        "WHERE n.schema_name = 'star' AND n.database_name = current_database() GROUP BY n.table_name ORDER BY 1"
    ).fetchall()
    tables: list[tuple[str, tuple[str, ...], list[str]]] = []
    for table, columns in found:
        if {"source_key", "load_id"} <= set(columns) and not table.startswith(_DERIVED):
            own = [c for c in columns if c not in _OF_THE_LOAD]
            key = keys.get(table, ())
            key = key if set(key) <= set(own) else ()
            tables.append((table, key, [c for c in own if c not in key]))
    return tables


def _differing_sql(load_id: str, table: str, columns: Sequence[str]) -> str:
    """Note in `differing` the documents this load read whose rows differ, in batches that fit in memory.

    Rows are added up to one number a document, so that those with the same rows need not be joined.
    """
    values = ", ".join(f't."{column}"' for column in columns)
    sides = " UNION ALL ".join(
        f"SELECT source_key, sum(hash({values})) AS content, count(*) AS rows "
        f'FROM {database}star."{table}" AS t SEMI JOIN read USING (source_key) GROUP BY source_key'
        for database in ("prev.", "")
    )
    return f"""
        CREATE OR REPLACE TEMP TABLE differing AS
        WITH read AS (
            SELECT DISTINCT source_key
            FROM (FROM (SELECT source_key, sha256 FROM star.dim_source) UNION ALL
                SELECT source_key, sha256 FROM prev.star.dim_source)
            WHERE sha256 IN (SELECT sha256 FROM meta.source_file WHERE load_id = {store.literal(load_id)})
        )
        SELECT source_key, (sum(rows) OVER (ORDER BY source_key) // {_ROWS_AT_ONCE})::INTEGER AS batch
        FROM (
            SELECT source_key, sum(rows) AS rows FROM ({sides}) GROUP BY source_key
            HAVING count(*) < 2 OR min((content, rows)) <> max((content, rows))
        )
    """


def _changes_sql(load_id: str, table: str, key: Sequence[str], columns: Sequence[str]) -> str:
    """Compare the rows of one batch of documents with those of the version before."""
    values = ", ".join(f't."{column}"' for column in columns) or "0"
    names = [f'"{column}"' for column in key if column != "source_key"] if key else ["whole_row"]
    shown = ["t.source_key", "s.sha256", *(names if key else [f"hash({values}) AS whole_row"])]
    sides = [
        f'SELECT {", ".join(shown)}, hash({values}) AS content FROM {database}star."{table}" AS t '
        f"JOIN {database}star.dim_source AS s USING (source_key) "
        "WHERE t.source_key IN (SELECT source_key FROM differing WHERE batch = getvariable('batch'))"
        for database in ("prev.", "")
    ]
    return f"""
        INSERT INTO meta.reprocess_change
        SELECT {store.literal(load_id)}, sha256,
            (SELECT min(landing_path) FROM meta.source_file AS f WHERE f.sha256 = c.sha256),
            {store.literal(table)}, count(*) FILTER (before IS NULL), count(*) FILTER (after IS NULL),
            count(*) FILTER (before <> after)
        FROM (
            SELECT coalesce(o.sha256, n.sha256) AS sha256, o.content AS before, n.content AS after
            FROM ({sides[0]}) AS o
            FULL JOIN ({sides[1]}) AS n USING ({", ".join(["source_key", *names])})
        ) AS c
        WHERE before IS DISTINCT FROM after
        GROUP BY sha256
    """


def changes_of(settings: Settings, load_id: str) -> list[dict[str, Any]]:
    """Return what a built load changed, by document and table."""
    connection = store.connect(settings.warehouse / "builds" / f"{load_id}.duckdb", settings, read_only=True)
    try:
        rows = connection.execute(
            "SELECT landing_path, sha256, table_name, rows_added, rows_removed, rows_altered "
            f"FROM meta.reprocess_change WHERE load_id = {store.literal(load_id)} ORDER BY ALL"
        ).fetchall()
    finally:
        connection.close()
    names = ("file", "sha256", "table", "added", "removed", "altered")
    return [dict(zip(names, row, strict=True)) for row in rows]
