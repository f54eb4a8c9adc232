"""Published indicators: releases kept, the latest standing, compared with region, England and neighbours."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest

from tests.integration.conftest import World
from tests.observations import ENGLAND, observation, release

NORTH_EAST = "E12000001"


def deposit(world: World, name: str, rows: list[dict[str, Any]], published: str | None = None) -> None:
    world.deposit(f"statistics/{name}.parquet", release(rows, published))


def test_a_release_becomes_values_with_their_status(world: World) -> None:
    deposit(
        world, "a",
        [
            observation("383", 2024, 61.0, numerator=1000.0, denominator=163934.0),
            observation("816", 2024, None),
            observation("816", 2023, None, status="not_available"),
            observation(ENGLAND, 2024, 70.0),
            observation("383", 2024, 12.0, breakdown="sex=Female"),
        ],
        "2024-11-14",
    )  # fmt: skip
    assert world.load().exit_code == 0
    found = world.query(
        "SELECT la_code, geographic_level, period_code, breakdown, value, value_status, source_collection, "
        "vintage_date::VARCHAR, vintage_date_source, is_latest FROM bi.indicator_value ORDER BY ALL"
    )
    common = ("made-up", "2024-11-14", "file", True)
    assert found == [
        ("383", "authority", "2024", "Total", 61.0, "reported", *common),
        ("383", "authority", "2024", "sex=Female", 12.0, "reported", *common),
        ("816", "authority", "2023", "Total", None, "not_available", *common),
        ("816", "authority", "2024", "Total", None, "suppressed", *common),
        (None, "country", "2024", "Total", 70.0, "reported", *common),
    ]
