"""Which submission of a return stands, and what the results of each are computed from.

Decided by what is known of submissions, without a row of them: by the published version alone, or
with those that a load is reading.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from warehouse import restricted, store
from warehouse.landing import FileVersion
from warehouse.restricted import Submission
from warehouse.settings import Settings
from warehouse.submissions import Named

Populations = Mapping[str, Mapping[int, float]]


@dataclass(frozen=True, slots=True)
class Known:
    """What decides how a submission is worked out, without any row of it."""

    sha256: str
    la_code: str
    return_code: str
    year: int
    vintage_date: date
    received_at: datetime
    based_on: str = ""

    @property
    def order(self) -> tuple[date, datetime, str]:
        """The greatest of one authority, return and year stands."""
        return self.vintage_date, self.received_at, self.sha256


def standing(known: Iterable[Known]) -> dict[tuple[str, str, int], Known]:
    """Return the submission that stands for each authority, return and year."""
    found: dict[tuple[str, str, int], Known] = {}
    for one in sorted(known, key=lambda k: k.order):
        found[(one.la_code, one.return_code, one.year)] = one
    return found


def basis(
    one: Known, stands: Mapping[tuple[str, str, int], Known], populations: Populations, providers: Iterable[str] = ()
) -> str:
    """Return the hash of all that the results of a submission are computed from."""
    earlier = sorted(
        (year, other.sha256)
        for (la_code, return_code, year), other in stands.items()
        if (la_code, return_code) == (one.la_code, one.return_code) and year < one.year
    )
    people = sorted(populations.get(one.la_code, {}).items())
    return hashlib.sha256(json.dumps([one.sha256, earlier, people, sorted(providers)]).encode()).hexdigest()


def published(settings: Settings, version: Path | None = None) -> list[Known]:
    """Return every submission in a version, the published one unless another is named."""
    rows = _rows(
        settings,
        version,
        "SELECT sha256, la_code, return_code, year, vintage_date, received_at, based_on FROM meta.return_submission",
    )
    return [Known(*row) for row in rows]


def populations(settings: Settings, version: Path | None = None) -> dict[str, dict[int, float]]:
    """Return the population aged 0 to 17 by authority and year of the mid-year estimate, as `published` does."""
    rows = _rows(
        settings,
        version,
        """
        SELECT a.la_code, year(p.period_end), any_value(f.value)
        FROM star.fact_indicator AS f
        JOIN star.dim_indicator AS i ON i.indicator_key = f.indicator_key
        JOIN star.dim_breakdown AS b ON b.breakdown_key = f.breakdown_key AND b.is_total
        JOIN star.dim_period AS p ON p.period_key = f.period_key
        JOIN star.dim_authority AS a ON a.authority_key = f.authority_key AND a.geographic_level = 'authority'
        WHERE i.indicator_code = 'population_0_17' AND f.is_latest AND f.value IS NOT NULL
        GROUP BY ALL
        """,
    )
    found: dict[str, dict[int, float]] = {}
    for la_code, year, value in rows:
        found.setdefault(la_code, {})[year] = value
    return found


def _rows(settings: Settings, version: Path | None, sql: str) -> list[tuple[Any, ...]]:
    """Return rows of a version; none where there is none, or it is older than returns."""
    version = version or store.current_version(settings)
    if version is None:
        return []
    connection = store.connect(version, settings, read_only=True)
    try:
        there = connection.execute(
            "SELECT 1 FROM duckdb_tables() WHERE schema_name = 'meta' AND table_name = 'return_submission'"
        ).fetchone()
        return connection.execute(sql).fetchall() if there else []
    finally:
        connection.close()


def known_of(s: Submission) -> Known:
    """Return what is known of a submission that is kept."""
    return Known(s.sha256, s.la_code, s.return_code, s.year, s.vintage_date, s.received_at, s.based_on)


def vintage_of(file: FileVersion, named: Named) -> tuple[date, datetime]:
    """Return the day a submission is of, and when it was received."""
    received = restricted.naive(datetime.fromisoformat(file.first_seen_at).astimezone(UTC))
    return named.day or received.date(), received
