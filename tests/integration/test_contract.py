"""What the public page promises of every table alike, asked of a published file in plain SQL."""

from __future__ import annotations

import pytest

from tests.integration.conftest import World
from tests.statistics_files import HARTLEPOOL, NATIONAL, tidy


@pytest.fixture
def loaded(world: World) -> World:
    rows = [["2024", "Reporting year", *place, "Children in Need", 300] for place in (NATIONAL, HARTLEPOOL)]
    world.deposit("statistics/2025-01-01/b1_made_up.csv", tidy(rows, ("category", "At31_episodes")))
    assert world.load().exit_code == 0
    return world


def columns(world: World, like: str) -> dict[str, set[str]]:
    found = world.query(
        "SELECT table_name, list(column_name) FROM information_schema.columns "
        f"WHERE table_schema = 'star' AND table_name LIKE '{like}' GROUP BY ALL"
    )
    return {table: set(names) for table, names in found}


def test_promises_that_hold_of_every_table(loaded: World) -> None:
    facts = columns(loaded, "fact_%")
    assert len(facts) > 5
    assert {table for table, names in facts.items() if not {"load_id", "source_key"} <= names} == set()
    for table, names in columns(loaded, "%").items():
        if "valid_to" in names:
            assert loaded.query(f"SELECT count(*) FROM star.{table} WHERE valid_to IS NULL") == [(0,)], table  # noqa: S608
    bare = (
        "SELECT table_name, column_name FROM duckdb_columns() WHERE schema_name IN ('bi', 'meta') AND comment IS NULL"
    )
    assert loaded.query(bare) == []
    for kind in ("table", "view"):
        bare = f"SELECT {kind}_name FROM duckdb_{kind}s() WHERE NOT internal AND comment IS NULL"  # noqa: S608
        assert loaded.query(bare) == []


def test_sources_and_indicators_say_who_publishes_them(loaded: World) -> None:
    said = "SELECT publisher, publication FROM star.dim_source WHERE document_name LIKE 'b1%'"
    assert loaded.query(said) == [("Department for Education", "children_in_need")]
    bare = "SELECT count(*) FROM star.dim_indicator WHERE indicator_key <> 0 AND source_collections IS NULL"
    assert loaded.query(bare) == [(0,)]
    given = "SELECT indicator_code, source_collections FROM star.dim_indicator"
    found = dict(loaded.query(given))
    assert [found[code] for code in ("cin_num", "lac", "CIN1")] == [
        "children_in_need",
        "children_looked_after",
        "cin_census",
    ]
