"""What a reader sees of a published star, as one digest: two stars are alike if theirs are."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from pathlib import Path

# When something was read or loaded is no part of what it says.
LEFT_OUT = ("load_id", "received_at", "modified_at")


def digests(published: Path, left_out: Collection[str] = LEFT_OUT) -> dict[str, str]:
    """Return the digest of each table of schema `star`, times and names of loads left out.

    Args:
        published: a published file, which must be whole.
        left_out: columns that are not compared.
    """
    import duckdb

    connection = duckdb.connect(str(published), read_only=True)
    try:
        tables = connection.execute(
            "SELECT table_name, list(column_name ORDER BY column_index) FROM duckdb_columns() "
            "JOIN duckdb_tables() USING (schema_name, table_name) WHERE schema_name = 'star' "
            "GROUP BY ALL ORDER BY ALL"
        ).fetchall()
        found = {}
        for table, columns in tables:
            kept = ", ".join(f'"{c}"' for c in columns if c not in left_out)
            rows = connection.execute(f"SELECT {kept} FROM star.{table} ORDER BY ALL").fetchall()  # noqa: S608
            found[table] = hashlib.sha256(repr(rows).encode()).hexdigest()
        return found
    finally:
        connection.close()


def digest(published: Path) -> str:
    """Return one digest of the whole star."""
    return hashlib.sha256(repr(digests(published)).encode()).hexdigest()
