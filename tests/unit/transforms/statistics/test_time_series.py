"""Tables that print whole populations side by side: the counts of England since 1994, and harmonised wordings."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from tests.statistics_files import CAMDEN, NATIONAL, TIME_AND_PLACE, read, tidy, zipped
from transforms.authorities import Register, load_register
from transforms.observations import of_statistics

# As the releases of 2022 and 2024 word them, as that of 2025 does, and as the department's data dictionary has them.
STARTING = "Children starting to be looked after during the year"
CEASING = "Children ceasing to be looked after during the year"
RELEASES = [
    ("cla_time_series_1994_2022.csv", "population_count", "number", "Children looked after at 31 March"),
    ("cla_time_series_1994_2025.csv", "population_type", "children_count", "Children looked after on 31 March"),
    ("made_up_1994_2026.csv", "cla_group", "children_count", "Children looked after on 31 March"),
]
COUNTS = [("lacceased", 30.0), ("lacnum", 50.0), ("lacnum_start", 40.0)]


@pytest.fixture(scope="module")
def register() -> Register:
    return load_register()


def populations(on_the_day: str, year: str = "1994") -> list[list[object]]:
    items = {
        CEASING: 30, on_the_day: 50, STARTING: 40, "Children looked after who were adopted during the year": 9,
        f"{on_the_day} who were unaccompanied asylum-seeking children": "x",
        f"{on_the_day} excluding unaccompanied asylum-seeking children": "x",
    }  # fmt: skip
    return [[year, "Reporting year", *NATIONAL[:3], item, value] for item, value in items.items()]


@pytest.mark.parametrize(("name", "filter_name", "column", "on_the_day"), RELEASES)
def test_counts_of_england_are_those_of_the_table_of_numbers_and_rates(
    name: str, filter_name: str, column: str, on_the_day: str, tmp_path: Path, register: Register
) -> None:
    data = tidy(populations(on_the_day), (filter_name, column), TIME_AND_PLACE[:5])
    found, frame = read(data, tmp_path, register, name)
    assert found.tables[0].publication == "children_looked_after" and not found.problems
    conformed = frame.filter("is_conformed").sort("indicator_code")
    assert conformed.select("indicator_code", "value").rows() == COUNTS
    assert set(conformed.select("breakdown", "unit", "period_code", "geographic_level").rows()) == {
        ("Total", "count", "1994", "country")
    }
    assert frame.filter(~pl.col("is_conformed")).height == 3


def test_what_time_series_print_besides_is_one_series_over_releases(tmp_path: Path, register: Register) -> None:
    seen = []
    for name, filter_name, column, on_the_day in RELEASES[:2]:
        data = tidy(populations(on_the_day), (filter_name, column), TIME_AND_PLACE[:5])
        own = read(data, tmp_path, register, name)[1].filter(~pl.col("is_conformed"))
        seen.append(sorted(own.select("indicator_code", "breakdown").rows()))
    assert seen[0] == seen[1]
    assert ("cla_time_series.children_count", f"population_type={RELEASES[1][3]} excluding unaccompanied "
            "asylum-seeking children") in seen[0]  # fmt: skip


@pytest.mark.parametrize("filter_name", ["population_type", "cla_group"])
def test_numbers_and_rates_in_the_words_of_the_data_dictionary(
    filter_name: str, tmp_path: Path, register: Register
) -> None:
    columns = (filter_name, "population_estimate", "children_count", "rate_per_10000")
    items = ("Children looked after on 31 March", STARTING, CEASING)
    rows = [["2026", "Reporting year", *CAMDEN, item, 1000, 50 - n, 70 - n] for n, item in enumerate(items)]
    found, frame = read(tidy(rows, columns), tmp_path, register, "cla_number_and_rate_per_10k_children.csv")
    conformed = frame.filter("is_conformed").sort("indicator_code")
    assert not found.problems
    assert conformed.select("indicator_code", "value", "numerator", "denominator", "breakdown").rows() == [
        ("lac", 70.0, 50.0, 1000.0, "Total"), ("lac_cease_rate", 68.0, 48.0, 1000.0, "Total"),
        ("lac_start_rate", 69.0, 49.0, 1000.0, "Total"), ("lacceased", 48.0, None, None, "Total"),
        ("lacnum", 50.0, None, None, "Total"), ("lacnum_start", 49.0, None, None, "Total"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("filter_name", "item"),
    [("characteristic", "1 to 4 years"), ("placement_stability", "Total children"), ("made_up", "Total"), ("sex", "")],
)
def test_a_table_that_divides_them_further_is_another(
    filter_name: str, item: str, tmp_path: Path, register: Register
) -> None:
    rows = [["2026", "Reporting year", *CAMDEN, g, i, 8] for g in ("CLA on 31 March", STARTING) for i in (item, "Else")]
    frame = read(tidy(rows, ("cla_group", filter_name, "children_count")), tmp_path, register)[1]
    assert frame.height == 4 and not frame["is_conformed"].any()


def test_a_release_that_prints_a_count_in_both_tables_gives_it_once(tmp_path: Path, register: Register) -> None:
    """Years that only the time series has are added; where the tables differ, the one by authority stands."""
    rates = ("population_type", "population_estimate", "children_count", "rate_per_10000")
    own = [["2025", "Reporting year", *place, "Children looked after on 31 March each year", 1000, n, 70]
           for place, n in ((NATIONAL, 60), (CAMDEN, 7))]  # fmt: skip
    series = [row for year in ("1994", "2025") for row in populations("Children looked after on 31 March", year)]
    data = zipped({
        "cla_time_series_1994_2025.csv": tidy(series, ("population_type", "children_count"), TIME_AND_PLACE[:5]),
        "cla_number_and_rate_per_10k_children.csv": tidy(own, rates),
    })  # fmt: skip
    found, _ = read(data, tmp_path, register, "release.zip")
    laid = of_statistics(found, data, "release.zip", tmp_path / "observations.parquet", tmp_path / "sorted.parquet")
    frame = pl.read_parquet(tmp_path / "sorted.parquet").filter(pl.col("indicator_code") == "lacnum")
    assert sorted(frame.select("period_code", "geographic_level", "value").rows()) == [
        ("1994", "country", 50.0), ("2025", "authority", 7.0), ("2025", "country", 60.0),
    ]  # fmt: skip
    assert [problem.code for problem in laid.problems] == ["contradicting_values"]
