"""A database in memory with the tables of the warehouse and one made-up indicator, for checks asked one by one."""

from __future__ import annotations

from importlib import resources

import duckdb


def open_star(unit: str = "count") -> duckdb.DuckDBPyConnection:
    """Return a connection to all tables, empty but for an indicator of `unit` and the breakdown of all of it.

    Both have the key 1.
    """
    connection = duckdb.connect()
    for schema in ("meta", "star", "bi"):
        connection.execute(f"CREATE SCHEMA {schema}")
    folder = resources.files("warehouse").joinpath("sql", "schema")
    for entry in sorted((e for e in folder.iterdir() if e.name.endswith(".sql")), key=lambda e: e.name):
        connection.execute(entry.read_text("utf-8"))
    connection.execute(
        "INSERT INTO star.dim_indicator BY NAME SELECT 1 AS indicator_key, 'made_up' AS indicator_code, "
        f"'Made up' AS indicator_name, '{unit}' AS unit, 'none' AS polarity, true AS has_quartiles, "
        "false AS is_headline, true AS is_conformed; "
        "INSERT INTO star.dim_breakdown VALUES (1, 'Total', true)"
    )
    return connection
