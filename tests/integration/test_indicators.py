"""Published indicators: releases kept, the latest standing, compared with region, England and neighbours."""

from __future__ import annotations

import json
import random
from datetime import date
from typing import Any

import duckdb
import pytest

from tests.integration.conftest import World
from tests.observations import ENGLAND, observation, release
from warehouse import replay, store

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


def percent(place: str, year: int, value: float | None, code: str, **rest: Any) -> dict[str, Any]:
    return observation(place, year, value, code, unit="percent", **rest)


RANKED = {"383": 20.0, "816": 10.0, "391": 20.0, "390": 40.0, "841": 30.0}


LOW = {"816": 1, "383": 2, "391": 2, "841": 4, "390": 5}
HIGH = {"390": 1, "841": 2, "383": 3, "391": 3, "816": 5}
NONE: dict[str, Any] = dict.fromkeys(RANKED)
# Quarters of 10, 20, 20, 30, 40 are 20, 20 and 30: a value equal to a bound is in the lower band.
EXPECTED: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "prevregcpr": (LOW, {"816": "A", "383": "A", "391": "A", "841": "C", "390": "D"}),
    "careleaveracc": (HIGH, {"816": "D", "383": "D", "391": "D", "841": "B", "390": "A"}),
    "lac": (NONE, NONE),
    "cinpermabsent_3term": (LOW, NONE),  # too small a range for bands
}


def test_ranks_share_the_best_place_and_bands_follow_polarity(world: World) -> None:
    rows = [percent(place, 2024, value, code) for code in EXPECTED for place, value in RANKED.items()]
    deposit(world, "a", [*rows, *(percent("825", 2024, None, code) for code in EXPECTED)], "2024-11-14")
    world.load()
    for code, (ranks, bands) in EXPECTED.items():
        found = {
            row[0]: row[1:]
            for row in world.query(
                "SELECT la_code, rank, quartile, ranked_authorities FROM bi.indicator_benchmark "
                f"WHERE indicator_code = '{code}'"
            )
        }
        assert found.pop("825") == (None, None, 5)
        assert {place: row[0] for place, row in found.items()} == ranks
        assert {place: row[1] for place, row in found.items()} == bands
        assert {row[2] for row in found.values()} == {5}


def neighbours_of(world: World, la_code: str, model: int) -> list[str]:
    return [
        row[0]
        for row in world.query(
            "SELECT neighbour_la_code FROM star.bridge_statistical_neighbour "
            f"WHERE la_code = '{la_code}' AND model_year = {model} ORDER BY neighbour_rank"
        )
    ]


def test_neighbours_by_model_and_method_leave_out_the_missing(world: World) -> None:
    deposit(world, "seed", [observation("383", 2023, 1.0)], "2024-11-14")
    world.load()
    new, old = neighbours_of(world, "383", 2025), neighbours_of(world, "383", 2021)
    assert (len(new), len(old)) == (10, 10)
    values = {code: float(number) for number, code in enumerate(dict.fromkeys([*new[:4], *old[:4]]), start=1)}
    rows = [observation(code, 2024, value) for code, value in values.items()]
    rows += [observation(code, 2024, None) for code in (*new[4:], *old[4:]) if code not in values]
    unique = list({row["la_code"]: row for row in rows}.values())
    deposit(world, "b", [observation("383", 2024, 99.0), *unique], "2025-11-14")
    world.load()
    for model, members in ((2025, new), (2021, old)):
        counted = sorted(values[code] for code in members if code in values)
        mean = sum(counted) / len(counted)
        middle = len(counted) // 2
        median = counted[middle] if len(counted) % 2 else (counted[middle - 1] + counted[middle]) / 2
        for method, expected in (("mean", mean), ("median", median)):
            assert world.query(
                "SELECT statistical_neighbour_value, statistical_neighbours_counted, statistical_neighbour_model, "
                f"statistical_neighbour_method FROM bi.indicator_benchmark_by({model}, '{method}') "
                "WHERE la_code = '383' AND period_code = '2024'"
            ) == [(pytest.approx(expected), len(counted), model, method)]
    assert world.query(
        "SELECT statistical_neighbour_value, statistical_neighbours_counted FROM bi.indicator_benchmark "
        "WHERE la_code = '383' AND period_code = '2023'"
    ) == [(None, 0)]


def test_change_is_from_the_period_before_and_never_over_a_gap(world: World) -> None:
    years = {2019: 7.0, 2020: 7.1, 2022: 9.0, 2023: None, 2024: 8.0, 2025: 8.0}
    deposit(world, "a", [observation("383", year, value) for year, value in years.items()], "2025-11-14")
    world.load()
    assert world.query(
        "SELECT period_code, change_from_previous, trend, previous_period_code, is_latest_period "
        "FROM bi.indicator_benchmark ORDER BY period_end"
    ) == [
        ("2019", None, None, None, False),
        ("2020", 0.1, "up", "2019", False),
        ("2022", None, None, None, False),
        ("2023", None, None, "2022", False),
        ("2024", None, None, "2023", False),
        ("2025", 0.0, "same", "2024", True),
    ]


def test_region_and_england_are_as_published_or_marked_as_worked_out(world: World) -> None:
    counts = [
        observation("202", 2024, 30.0, "lacnum", unit="count"), observation("302", 2024, 50.0, "lacnum", unit="count"),
        observation("E13000001", 2024, 35.0, "lacnum", unit="count"),
        observation("E12000007", 2024, 90.0, "lacnum", unit="count"),
    ]  # fmt: skip
    rates = [
        percent("202", 2024, 50.0, "prevregcpr", numerator=1.0, denominator=2.0),
        percent("302", 2024, 25.0, "prevregcpr", numerator=2.0, denominator=8.0),
        percent("816", 2024, None, "prevregcpr"),
        percent("202", 2023, 50.0, "prevregcpr"), percent(ENGLAND, 2023, 44.0, "prevregcpr"),
        percent("202", 2022, 50.0, "prevregcpr"), percent(ENGLAND, 2022, None, "prevregcpr"),
    ]  # fmt: skip
    deposit(world, "a", [*counts, *rates], "2024-11-14")
    world.load()
    found = world.query(
        "SELECT indicator_code, period_code, la_code, region_value, compared_region_name, england_value, "
        "england_value_source FROM bi.indicator_benchmark WHERE la_code <> '816' ORDER BY ALL"
    )
    assert found == [
        # Inner London has a value of its own; Outer London has none, so London stands for it.
        ("lacnum", "2024", "202", 35.0, "Inner London", 80.0, "computed"),
        ("lacnum", "2024", "302", 90.0, "London", 80.0, "computed"),
        ("prevregcpr", "2022", "202", None, "London", None, "published"),
        ("prevregcpr", "2023", "202", None, "London", 44.0, "published"),
        ("prevregcpr", "2024", "202", None, "London", 30.0, "computed_incomplete"),
        ("prevregcpr", "2024", "302", None, "London", 30.0, "computed_incomplete"),
    ]


FIRST = [observation("383", year, 10.0 * (year - 2018)) for year in range(2019, 2024)]
SECOND = [
    observation("383", 2020, 20.0), observation("383", 2021, 31.0), observation("383", 2022, None),
    observation("383", 2023, 50.0), observation("383", 2024, 60.0),
]  # fmt: skip
THIRD = [observation("383", 2021, 32.0), observation("383", 2022, 41.0), observation("383", 2024, 60.0)]
RELEASES = {"first": (FIRST, "2023-11-16"), "second": (SECOND, "2024-11-14"), "third": (THIRD, "2025-11-20")}


def test_releases_give_one_series_and_say_what_moved(world: World) -> None:
    for name, (rows, published) in RELEASES.items():
        deposit(world, name, rows, published)
        world.load()
    assert world.query(
        "SELECT period_code, value, value_status, vintage_date::VARCHAR FROM bi.indicator_value WHERE is_latest "
        "ORDER BY period_end"
    ) == [
        ("2019", 10.0, "reported", "2023-11-16"),
        ("2020", 20.0, "reported", "2024-11-14"),
        ("2021", 32.0, "reported", "2025-11-20"),
        ("2022", 41.0, "reported", "2025-11-20"),
        ("2023", 50.0, "reported", "2024-11-14"),
        ("2024", 60.0, "reported", "2025-11-20"),
    ]
    assert world.query(
        "SELECT period_code, vintage_date::VARCHAR, previous_vintage_date::VARCHAR, value, previous_value, revision "
        "FROM bi.indicator_revision ORDER BY ALL"
    ) == [
        ("2021", "2024-11-14", "2023-11-16", 31.0, 30.0, "value_changed"),
        ("2021", "2025-11-20", "2024-11-14", 32.0, 31.0, "value_changed"),
        ("2022", "2024-11-14", "2023-11-16", None, 40.0, "value_to_symbol"),
        ("2022", "2025-11-20", "2024-11-14", 41.0, None, "symbol_to_value"),
    ]
    # What was known when an inspection of summer 2024 took place.
    assert world.query(
        "SELECT value FROM bi.indicator_value WHERE period_code = '2022' AND vintage_date <= DATE '2024-06-01' "
        "ORDER BY vintage_date DESC LIMIT 1"
    ) == [(40.0,)]


@pytest.mark.parametrize("order", [("third", "first", "second"), ("second", "third", "first")])
def test_any_order_of_loads_gives_the_same_star(
    world: World, tmp_path_factory: pytest.TempPathFactory, order: tuple[str, ...]
) -> None:
    for name in order:
        deposit(world, name, *RELEASES[name])
        assert world.load().exit_code == 0
    stepwise = world.star()
    files = sorted(world.settings.published.glob("*"))
    assert files
    for path in (world.settings.published, world.settings.warehouse):
        path.rename(tmp_path_factory.mktemp("earlier") / path.name)
    assert world.load().exit_code == 0
    assert world.star() == stepwise


def test_the_same_file_again_changes_nothing(world: World) -> None:
    deposit(world, "a", FIRST, "2023-11-16")
    world.load()
    deposit(world, "copy of a", FIRST, "2023-11-16")
    world.load()
    assert world.load().state == "unchanged"
    assert world.query("SELECT count(*), bool_and(is_latest) FROM star.fact_indicator") == [(5, True)]


def test_the_release_date_is_taken_from_beside_the_file_then_its_folder(world: World) -> None:
    deposit(world, "cla/2024-11-14/a", FIRST, "2023-01-01")
    deposit(world, "b", [observation("816", 2024, 1.0)])
    deposit(world, "c", [observation("391", 2024, 1.0)], "2020-01-01")
    world.deposit("statistics/c.parquet.json", json.dumps({"published_date": "2024-05-01"}))
    world.load()
    assert world.query(
        "SELECT DISTINCT document_name, vintage_date_source, CASE WHEN vintage_date_source <> 'first_seen' "
        "THEN vintage_date::VARCHAR END FROM bi.indicator_value ORDER BY ALL"
    ) == [
        ("a.parquet", "folder", "2024-11-14"),
        ("b.parquet", "first_seen", None),
        ("c.parquet", "metadata", "2024-05-01"),
    ]


def test_an_unknown_place_is_named_and_the_rest_loads(world: World) -> None:
    deposit(world, "a", [observation("383", 2024, 1.0), observation("999", 2024, 2.0)], "2024-11-14")
    world.load()
    assert world.query("SELECT la_code, value FROM bi.indicator_value") == [("383", 1.0)]
    assert world.query("SELECT rule, found, place FROM bi.problem") == [("unknown_place", "999", "1 rows, first 2")]


def test_what_is_not_conformed_is_listed_under_its_own_name(world: World) -> None:
    unmapped = observation("383", 2024, 1.0, "made_up_file.some_column", is_conformed=False)
    rows = [unmapped, observation("383", 2024, 5.0)]
    deposit(world, "a", rows, "2024-11-14")
    world.load()
    assert world.query("SELECT indicator_code, observations FROM bi.unmapped_indicator") == [
        ("made_up_file.some_column", 1)
    ]
    assert world.query("SELECT children_looked_after_per_10k, social_care_period_code FROM bi.authority_profile "
                       "WHERE la_code = '383'") == [(5.0, "2024")]  # fmt: skip


def test_rows_stay_in_order_when_slices_are_replaced(world: World) -> None:
    for number in range(3):
        rows = [observation("383", 2024, 1.0, f"made_{9 - number}_{k}", is_conformed=False) for k in (0, 2, 1)]
        deposit(world, f"file {number}", rows, "2024-11-14")
        world.load()
    codes = world.query(
        "SELECT indicator_code FROM star.fact_indicator AS f "
        "JOIN star.dim_indicator USING (indicator_key) ORDER BY f.rowid"
    )
    assert len(codes) == 9
    assert codes == sorted(codes)


def test_metadata_beside_a_table_say_what_its_columns_are(world: World) -> None:
    table = (
        "time_period,time_identifier,geographic_level,country_code,age,made_up\n"
        "2024,Reporting year,National,E92000001,5,10\n2024,Reporting year,National,E92000001,6,20\n"
    )
    meta = "col_name,col_type,label,indicator_unit\nage,Filter,Age,\nmade_up,Indicator,Made-up share,%\n"
    world.deposit("statistics/made_up.csv", table)
    world.load()
    seen = "SELECT indicator_name, unit, breakdown, value FROM bi.indicator_value ORDER BY ALL"
    alone = world.query(seen)
    world.deposit("statistics/made_up.meta.csv", meta)
    assert world.load().files_loaded == 1  # told anew what its columns are, it is read again
    assert world.query(seen) == [
        ("Made-up share", "percent", "age=5", 10.0), ("Made-up share", "percent", "age=6", 20.0),
    ] != alone  # fmt: skip
    assert world.load().state == "unchanged"
    # Read again from the archive, the metadata are there as well.
    again = replay.reprocess(world.settings, date(2020, 1, 1), date(2030, 1, 1))
    assert (again.documents, again.changed) == (1, 0)


def test_means_and_sums_do_not_depend_on_the_order_of_adding() -> None:
    connection = duckdb.connect()
    connection.execute(next(text for name, text in store.sql_files("views") if "exact" in name))
    drawn = random.Random(1)
    asked = "SELECT avg(x), star.exact_mean(x), star.exact_sum(x) FROM (SELECT unnest(?::DOUBLE[]) AS x)"
    plain = 0
    for _ in range(100):
        values = [round(drawn.uniform(0, 1e4), 9) for _ in range(11)]
        found = []
        for _ in range(4):
            drawn.shuffle(values)
            found.append(connection.execute(asked, [values]).fetchone())
        plain += len({mean for mean, _, _ in found}) > 1
        assert len({(mean, total) for _, mean, total in found}) == 1
        assert found[0][1] == pytest.approx(sum(values) / 11, abs=1e-9)
    assert plain, "else there was nothing to mend"
    for given, *told in (([], None, None), ([None], None, None), ([None, 3.0], 3.0, 3.0), ([1e30, 1.0], 5e29, 1e30)):
        assert list(connection.execute(asked, [given]).fetchone()[1:]) == told
