"""The last look before publishing a load with returns: nothing of the restricted store may be in the file.

Refused returns count too, for the reasons they got. What was worked out from returns is read back from
the private file as anyone could read it. Values that subtraction could tell go into
`meta.disclosure_risk`; identifiers, hashes of them, numbers of pupils and postcodes go, by place and
never by value, into `meta.restricted_trace`. Checks demand that both are empty.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from warehouse import restricted, store
from warehouse.keys import usable_keys
from warehouse.restricted import Access
from warehouse.settings import Settings

if TYPE_CHECKING:
    import duckdb

log = logging.getLogger("safeguarding")

# Whatever a load with returns adds to the file as text, with the authority it is about where known.
_WRITTEN = {
    "meta.return_rule": "SELECT * FROM meta.return_rule",
    "meta.return_submission": "SELECT * EXCLUDE (sha256, based_on) FROM meta.return_submission",
    "meta.source_file": ("SELECT landing_path, reason, error_code FROM meta.source_file WHERE source_kind = 'return'"),
    "meta.reject": (
        "SELECT landing_path, table_name, rule, place, found, expected, message FROM meta.reject "
        "WHERE sha256 IN (SELECT sha256 FROM meta.source_file WHERE source_kind = 'return')"
    ),
    "star.dim_source": (
        "SELECT document_name, landing_path, title, publication FROM star.dim_source "
        "WHERE sha256 IN (SELECT sha256 FROM meta.return_submission)"
    ),
    "star.dim_breakdown": (
        "SELECT DISTINCT b.breakdown FROM star.dim_breakdown AS b JOIN star.fact_indicator AS f USING (breakdown_key) "
        "WHERE f.source_key IN (SELECT source_key FROM meta.return_submission)"
    ),
}
_TOKEN = re.compile(r"[A-Za-z0-9]{6,}")
_PATTERNS = {
    "postcode": re.compile(r"\b[A-Z]{1,2}[0-9][A-Z0-9]? ?[0-9][ABD-HJLNP-UW-Z]{2}\b"),
    "pupil number": re.compile(r"\b(?:[A-HJ-NP-RT-Z][0-9]{11}[0-9A-Z])\b"),
}


def examine(settings: Settings, build: Path, load_id: str) -> dict[str, int]:
    """Look through a private file for what may not be published, and note in it what was found.

    Args:
        settings: places.
        build: private file, merged; no connection to it may be open.
        load_id: of the load.

    Returns:
        Counts: values that could be worked out, traces.

    Raises:
        WarehouseError: the file or the store cannot be opened.
    """
    connection = store.connect(build, settings)
    try:
        brought, refused = (
            connection.execute(sql, {"id": load_id}).fetchall() != []
            for sql in (
                "FROM meta.return_submission WHERE load_id = $id LIMIT 1",
                "FROM meta.source_file WHERE source_kind = 'return' AND load_id = $id LIMIT 1",
            )
        )
        connection.execute("DELETE FROM meta.disclosure_risk; DELETE FROM meta.restricted_trace")
        if not brought and not refused:
            return {"derivable": 0, "traces": 0}
        derivable = _note_risks(connection) if brought else 0
        traces = sorted(set(_traces(settings, connection, load_id)))
        if traces:
            connection.executemany("INSERT INTO meta.restricted_trace VALUES (?, ?, ?)", traces)
        return {"derivable": derivable, "traces": len(traces)}
    finally:
        connection.close()


def _note_risks(connection: duckdb.DuckDBPyConnection) -> int:
    """Note withheld values of current submissions that could be worked out."""
    from warehouse.local_values import read_back, risks

    found = risks(read_back(connection))
    for la_code, return_code, period, count, breakdown, reason in found:
        connection.execute(
            "INSERT INTO meta.disclosure_risk VALUES (?, ?, ?, ?, ?, ?)",
            [la_code, return_code, period, count, breakdown, reason],
        )
    return len(found)


def _traces(settings: Settings, connection: duckdb.DuckDBPyConnection, load_id: str) -> Iterator[tuple[str, str, str]]:
    """Yield table, column and kind of whatever the restricted store alone should hold."""
    words: dict[str, set[tuple[str, str]]] = {}
    for table, sql in _WRITTEN.items():
        for column, text in _texts(connection, sql):
            for kind, pattern in _PATTERNS.items():
                if pattern.search(text):
                    yield table, column, kind
            for word in _TOKEN.findall(text):
                if any(character.isdigit() for character in word):
                    words.setdefault(word, set()).add((table, column))
    for word, kind in _known_words(settings, set(words), load_id):
        for table, column in words[word]:
            yield table, column, kind


def _texts(connection: duckdb.DuckDBPyConnection, sql: str) -> Iterator[tuple[str, str]]:
    cursor = connection.execute(sql)
    names = [column[0] for column in cursor.description or []]
    while rows := cursor.fetchmany(10_000):
        for row in rows:
            for name, value in zip(names, row, strict=True):
                if isinstance(value, str):
                    yield name, value


def _known_words(settings: Settings, words: set[str], load_id: str) -> Iterator[tuple[str, str]]:
    """Yield words that are a hash of the store, or whose hash is in it."""
    keys = usable_keys()
    if keys is None or not restricted.store_path(settings).exists():
        return
    from transforms.returns.reduction import normal
    from warehouse.returns_worker import digest_of

    with restricted.opened(settings, keys, Access("check", f"load {load_id}: nothing of it may be published")) as kept:
        found: Any = kept.query(
            "SELECT DISTINCT s.la_code, i.hash FROM kept.identifier i JOIN kept.submission s USING (sha256)"
        )
    by_authority: dict[str, set[str]] = {}
    for la_code, digest in found:
        by_authority.setdefault(la_code, set()).add(digest)
    for la_code, digests in by_authority.items():
        key = keys.hash_key(la_code)
        for word in words:
            if word in digests:
                yield word, "hash"
            elif digest_of(key, normal(word)) in digests:
                yield word, "identifier"
