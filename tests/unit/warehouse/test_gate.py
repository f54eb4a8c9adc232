"""The last look before publishing: also what a refused return is told may hold nothing of a child."""

from __future__ import annotations

from pathlib import Path

import pytest

from warehouse import gate, store
from warehouse.settings import Settings


def build_with(settings: Settings, kind: str, load_id: str, reason: str) -> Path:
    path = settings.warehouse / "builds" / "made_up.duckdb"
    path.parent.mkdir(parents=True)
    connection = store.connect(path, settings)
    try:
        store.migrate(connection)
        connection.execute(
            "INSERT INTO meta.source_file BY NAME SELECT 'returns/990/ssda903/2026' AS landing_path, 'a' AS sha256, "
            "$kind AS source_kind, 0 AS byte_size, TIMESTAMP '2026-01-01' AS first_seen_at, $load AS load_id, "
            "'quarantined' AS state, $reason AS reason",
            {"kind": kind, "load": load_id, "reason": reason},
        )
    finally:
        connection.close()
    return path


@pytest.mark.parametrize(
    ("kind", "load_id", "reason", "found"),
    [
        ("return", "now", "line 3: found ZZ99 9ZZ, expected a code", [("meta.source_file", "reason", "postcode")]),
        ("return", "now", "line 3: found A123456789012, expected 1", [("meta.source_file", "reason", "pupil number")]),
        ("return", "now", "line 3: found a postcode, expected a code", []),
        ("return", "before", "line 3: found ZZ99 9ZZ, expected a code", []),  # looked through when it came
        ("report", "now", "page 1: found ZZ99 9ZZ, expected a heading", []),  # reports are public
    ],
)
def test_reasons_of_refused_returns_are_looked_through(
    places: Settings, kind: str, load_id: str, reason: str, found: list[tuple[str, str, str]]
) -> None:
    path = build_with(places, kind, load_id, reason)
    assert gate.examine(places, path, "now") == {"derivable": 0, "traces": len(found)}
    connection = store.connect(path, places, read_only=True)
    try:
        assert connection.execute("FROM meta.restricted_trace").fetchall() == found
    finally:
        connection.close()
