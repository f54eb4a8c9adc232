"""One column may hold values of several units: each is a series of its own, and durations are read as printed."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from tests.statistics_files import CAMDEN, NATIONAL, NORTH_EAST, read, tidy
from transforms.authorities import Register, load_register
from transforms.statistics.indicators import item_unit
from transforms.statistics.reading import StatisticsRead

YEAR = ("2024", "Reporting year")
TABLE = "national_made_up_times.csv"


@pytest.fixture(scope="module")
def register() -> Register:
    return load_register()


def faults(found: StatisticsRead) -> list[str]:
    return [p.code for p in found.problems if p.code != "year_assumed"]


def values_of(frame: pl.DataFrame) -> dict[str, tuple[float | None, str, str]]:
    """Value, unit and last part of the code, by the cell as printed."""
    return {
        printed: (value, unit, code.split(".")[1])
        for printed, value, unit, code in frame.select("value_as_printed", "value", "unit", "indicator_code").rows()
    }


def stages(*cells: str, stage: str = "Average time to made-up stage") -> list[list[object]]:
    ages = ("Aged 1", "Aged 2", "Aged 3", "Aged 4", "Total")
    return [[*YEAR, *NATIONAL, stage, age, cell] for age, cell in zip(ages, cells, strict=True)]


def test_months_of_one_digit_are_durations(tmp_path: Path, register: Register) -> None:
    rows = stages("0:9", "1:0", "2:10", "c", "12:1") + stages("190", "40", "20", "z", "250", stage="Made-up children")
    found, frame = read(tidy(rows, ("stage", "age", "number")), tmp_path, register, TABLE)
    assert faults(found) == [] and found.tables[0].filters == ["stage", "age"]
    seen = values_of(frame)
    years = {cell: value for cell, (value, unit, _) in seen.items() if unit == "years"}
    assert years == {"0:9": 0.75, "1:0": 1, "2:10": pytest.approx(2 + 10 / 12), "12:1": pytest.approx(12 + 1 / 12),
                     "c": None}  # fmt: skip
    assert {code for _, unit, code in seen.values() if unit == "years"} == {"number_in_years"}
    assert seen["250"] == (250, "count", "number")


@pytest.mark.parametrize("said", ["Average age (years:months)", "Mean duration (Years : months)"])
def test_durations_without_nought_are_told_by_their_item(said: str, tmp_path: Path, register: Register) -> None:
    rows = [
        [str(year), YEAR[1], *NATIONAL, item, cell, share]
        for year, age in ((2022, "6:4"), (2023, "1:11"))
        for item, cell, share in ((said, age, "z"), ("Under 1 year", f"43{year % 10}", "11"), ("Total", "3840", "100"))
    ]
    found, frame = read(tidy(rows, ("characteristic", "number", "percentage")), tmp_path, register, TABLE)
    assert faults(found) == []
    assert found.tables[0].indicators == ["number", "percentage"]
    seen = values_of(frame.filter(source_column="number"))
    assert seen["6:4"] == (pytest.approx(6 + 4 / 12), "years", "number_in_years")
    assert seen["1:11"][0] == pytest.approx(1 + 11 / 12) and seen["3840"] == (3840, "count", "number")
    assert set(frame.filter(source_column="percentage")["unit"]) == {"percent"}


def test_durations_without_nought_are_told_by_the_label_in_metadata(tmp_path: Path, register: Register) -> None:
    label = "Number (durations are expressed in years and months)"
    meta = f"col_name,col_type,label\nage,Filter,Age\nnumber,Indicator,{label}\n".encode()
    rows = [[*YEAR, *NATIONAL, age, cell] for age, cell in (("Aged 1", "2:9"), ("Aged 2", "1:3"), ("Total", "1:10"))]
    found, frame = read(tidy(rows, ("age", "number")), tmp_path, register, TABLE, meta)
    assert faults(found) == [] and frame["value"].to_list() == pytest.approx([2.75, 1.25, 1 + 10 / 12])
    assert set(frame["unit"]) == {"years"}


def test_a_ratio_is_no_duration(tmp_path: Path, register: Register) -> None:
    rows = [
        [str(year), YEAR[1], *place, 40 + year % 10, cell]
        for year in (2022, 2023, 2024)
        for place, cell in ((NATIONAL, "1:4"), (NORTH_EAST, "1:5"), (CAMDEN, "1:6"))
    ]
    found, frame = read(tidy(rows, ("children", "staff_ratio")), tmp_path, register, TABLE)
    assert frame.filter(pl.col("value_as_printed").str.contains(":"), pl.col("value").is_not_null()).is_empty()
    assert (found.tables[0].filters, faults(found)) == (["staff_ratio"], [])


@pytest.mark.parametrize(
    ("item", "unit"),
    [
        ("Percentage of children who had a made-up incident", "percent"),
        ("Average number of incidents for each child", "unknown"),
        ("Average (mean) number of days for each incident", "days"),
        ("Median duration (days)", "days"),
        ("Average age (years:months)", "years"),
        ("4. Total average time between two stages", "unknown"),
        ("4.2 SDQ average score", "score"),
        ("Rate per 10,000 children", "rate_per_10k"),
        ("Rate of made-up incidents", "rate_per_1k"),
        ("Percentage", None),
        ("Between 1 and 2 days", None),
        ("1 to 7 days", None),
        ("Number of incidents during the year", None),
        ("Children below average attainment", None),
        ("Total", None),
        ("Rated good", None),
        ("", None),
    ],
)
def test_unit_that_an_item_tells(item: str, unit: str | None) -> None:
    assert item_unit(item, "rate_per_1k") == unit


def test_counts_percentages_and_means_of_one_column_are_series_apart(tmp_path: Path, register: Register) -> None:
    items = {"Children with an incident": 940, "Percentage of children with an incident": 11,
             "Average number of incidents for each child": 7.6, "Average length (days)": 2}  # fmt: skip
    rows = [[*YEAR, *place, item, value] for place in (NATIONAL, CAMDEN) for item, value in items.items()]
    found, frame = read(tidy(rows, ("CLA_group", "number")), tmp_path, register, "la_made_up_incidents.csv")
    assert faults(found) == []
    assert values_of(frame) == {
        "940": (940, "count", "number"),
        "11": (11, "percent", "number_in_percent"),
        "7.6": (7.6, "unknown", "number_in_unknown_unit"),
        "2": (2, "days", "number_in_days"),
    }
    names = dict(frame.select("indicator_code", "indicator_name").iter_rows())
    assert names["la_made_up_incidents.number_in_percent"] == "number, in percent"
    assert frame.group_by("indicator_code").agg(pl.col("unit").n_unique())["unit"].max() == 1


def test_a_column_that_is_named_like_a_series_apart_stays_one(tmp_path: Path, register: Register) -> None:
    rows = [[*YEAR, *NATIONAL, item, 5, 6] for item in ("Percentage of children", "Total")]
    frame = read(tidy(rows, ("kind", "number", "number_in_percent")), tmp_path, register, TABLE)[1]
    assert sorted(frame["indicator_code"].str.split(".").list.last()) == [
        "number", "number_in_percent", "number_in_percent", "number_in_percent_told",
    ]  # fmt: skip


def test_a_unit_that_the_column_or_its_metadata_tell_stands(tmp_path: Path, register: Register) -> None:
    rows = [[*YEAR, *NATIONAL, "Average time", 5, 7.5], [*YEAR, *NATIONAL, "Total", 6, 8.5]]
    meta = b"col_name,col_type,label,indicator_unit\nspent,Indicator,Spent,\xc2\xa3\nkind,Filter,Kind,\n"
    frame = read(tidy(rows, ("kind", "percentage", "spent")), tmp_path, register, TABLE, meta)[1]
    units = set(frame.select("indicator_code", "unit").rows())
    assert units == {("national_made_up_times.percentage", "percent"), ("national_made_up_times.spent", "gbp")}


def test_a_column_of_nothing_but_durations_keeps_its_name(tmp_path: Path, register: Register) -> None:
    rows = [[*YEAR, *NATIONAL, age, cell] for age, cell in (("Aged 1", "0:9"), ("Aged 2", "1:3"), ("Total", "1:1"))]
    frame = read(tidy(rows, ("age", "average_time")), tmp_path, register, TABLE)[1]
    assert set(frame.select("indicator_code", "unit").rows()) == {("national_made_up_times.average_time", "years")}
