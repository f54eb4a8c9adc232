"""Every conformed measure of the real files beside the official tool, done again slowly."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.official_tool import Compared, Measure, compare, neighbours, rows_of, series_of
from warehouse import pipeline
from warehouse.settings import Settings

pytestmark = pytest.mark.thorough
POPULATION = "ons_mid-year_population_estimates_2012_to_2024.csv"
MODELS = {2021: "New_Statistical_Neighbour_Groupings_April_2021.csv", 2025: "sn_model_2025_wide.csv"}
POLARITY = {"low is good": "low", "high is good": "high"}


@dataclass
class Loaded:
    """The current releases in a warehouse, and what is known of their measures."""

    database: duckdb.DuckDBPyConnection
    measures: list[Measure]
    folder: Path
    reference: Path

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        return self.database.execute(sql).fetchall()


@pytest.fixture(scope="module")
def loaded(test_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    folder, reference = test_data / "statistics", test_data / "reference"
    listed = reference / "conformed_indicators.csv"
    if not listed.is_file() or not (reference / POPULATION).is_file():
        pytest.skip("no list of conformed indicators")
    place = tmp_path_factory.mktemp("official")
    measures = list(measures_of(listed, reference / "lait_data_dictionary.csv"))
    for path in (*{folder / m.file for m in measures}, reference / POPULATION):
        (place / "landing" / "statistics").mkdir(parents=True, exist_ok=True)
        shutil.copy(path, place / "landing" / "statistics")
    names = {name: str(place / name.lower()) for name in ("LANDING", "WAREHOUSE", "PUBLISHED")}
    settings = Settings.load({f"SAFEGUARDING_{k}": v for k, v in names.items()} | {"SAFEGUARDING_SETTLE_SECONDS": "0"})
    summary = pipeline.load(settings)
    assert (summary.exit_code, summary.failed_checks, summary.rejects) == (0, [], 0)
    with duckdb.connect(str(settings.published_file), read_only=True) as database:
        yield Loaded(database, measures, folder, reference)


def measures_of(listed: Path, dictionary: Path) -> Iterator[Measure]:
    narrow = {
        r["Measure_short"] for r in csv.DictReader(dictionary.open(encoding="utf-8-sig")) if r["No_Quartile"] == "N"
    }
    for row in csv.DictReader(listed.open(encoding="utf-8-sig")):
        pairs = [part.split("=", 1) for part in row["source_filters"].split(" | ") if part]
        column, is_worked_out = row["source_column"], row["derived"] == "yes"
        if is_worked_out:  # "round(at31_episodes / population ...": the count is the first word within
            column = column.removeprefix("round(").split(" / ")[0].strip()
        yield Measure(
            row["indicator_id"],
            frozenset((name.strip(), item.strip()) for name, item in pairs),
            column,
            POLARITY.get(row["polarity"], "none"),
            row["lait_short_name"] not in narrow,
            row["source_file"],
            is_worked_out,
            int(row["decimal_places"]),
        )


def people_of(reference: Path) -> dict[tuple[str, str], str]:
    return {
        (row["time_period"], row["old_la_code"] or row["region_code"] or row["country_code"]): row[
            "population_estimate"
        ]
        for row in rows_of(reference / POPULATION)
    }


def test_every_measure_is_conformed(loaded: Loaded) -> None:
    found = {row[0] for row in loaded.ask("SELECT DISTINCT indicator_code FROM bi.indicator_benchmark")}
    assert len(loaded.measures) >= 60
    assert {measure.code for measure in loaded.measures} <= found


def test_every_value_equals_the_row_of_the_file(loaded: Loaded) -> None:
    people = people_of(loaded.reference)
    compared = 0
    for measure in loaded.measures:
        series = series_of(rows_of(loaded.folder / measure.file), measure, people)
        authorities = loaded.ask(
            f"SELECT period_code, la_code, value FROM bi.indicator_benchmark WHERE indicator_code = '{measure.code}'"
        )
        areas = loaded.ask(
            "SELECT period_code, gss_code, value FROM bi.indicator_value WHERE is_latest AND breakdown = 'Total' "
            f"AND geographic_level <> 'authority' AND indicator_code = '{measure.code}'"
        )
        for found, by_year in ((authorities, series.authorities), (areas, series.areas)):
            wanted = {(year, place): value for year, places in by_year.items() for place, value in places.items()}
            got = {(year, place): value for year, place, value in found}
            assert len(got) == len(found), measure
            if measure.people:  # nothing is made up where nothing can be worked out
                wanted, got = ({k: v for k, v in one.items() if v is not None} for one in (wanted, got))
            assert got == wanted, measure
            compared += len(wanted)
    assert compared > 80_000


def test_ranks_bands_change_and_comparisons(loaded: Loaded) -> None:
    people = people_of(loaded.reference)
    checked = 0
    for measure in loaded.measures:
        series = series_of(rows_of(loaded.folder / measure.file), measure, people)
        found = {
            row[0]: Compared(*row[1:])
            for row in loaded.ask(
                "SELECT la_code, value, region_value, england_value, rank, ranked_authorities, quartile, "
                "change_from_previous, trend FROM bi.indicator_benchmark "
                f"WHERE is_latest_period AND indicator_code = '{measure.code}'"
            )
        }
        wanted = compare(series, measure)
        differing = {
            code: (shown, found.get(code))
            for code, shown in wanted.items()
            if found.get(code) != shown and not (measure.people and shown.value is None and code not in found)
        }
        assert not differing, (measure, differing)
        assert set(found) <= set(wanted)
        checked += len(wanted)
    assert checked > 9_000


def test_neighbours_of_both_models_by_mean_and_median(loaded: Loaded) -> None:
    people = people_of(loaded.reference)
    lists = {year: neighbour_lists(loaded.reference / name) for year, name in MODELS.items()}
    for year, method in ((y, m) for y in MODELS for m in ("mean", "median")):
        found: dict[str, dict[str, float | None]] = {}
        for code, la_code, value in loaded.ask(
            "SELECT indicator_code, la_code, statistical_neighbour_value "
            f"FROM bi.indicator_benchmark_by({year}, '{method}') WHERE is_latest_period"
        ):
            found.setdefault(code, {})[la_code] = value
        for measure in loaded.measures:
            series = series_of(rows_of(loaded.folder / measure.file), measure, people)
            latest = series.authorities[max(series.authorities)]
            wanted = neighbours(latest, lists[year], method)
            for la_code, value in found[measure.code].items():
                mean = wanted.get(la_code)
                expected = None if mean is None else pytest.approx(mean, rel=1e-12, abs=1e-9)
                assert value == expected, (measure, year, method, la_code)
    plain = loaded.ask("SELECT indicator_code, la_code, statistical_neighbour_value FROM bi.indicator_benchmark "
                       "WHERE is_latest_period ORDER BY ALL")  # fmt: skip
    asked = loaded.ask("SELECT indicator_code, la_code, statistical_neighbour_value FROM "
                       "bi.indicator_benchmark_by(2025, 'mean') WHERE is_latest_period ORDER BY ALL")  # fmt: skip
    assert [(*row[:2], pytest.approx(row[2])) for row in plain] == asked


def neighbour_lists(path: Path) -> dict[str, list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.reader(lines))
    numbered = [n for n, name in enumerate(rows[0]) if name.replace("_", "").removeprefix("SN").isdigit()]
    return {row[0]: [row[n] for n in numbered if row[n]] for row in rows[1:] if row and row[0].isdigit()}
