"""Tables that print an indicator beside the one it is declared of: used where they are alone, never twice."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import polars as pl
import pytest

from tests.statistics_files import CAMDEN, HARTLEPOOL, NATIONAL, read, tidy, zipped
from transforms.authorities import Register, load_register
from transforms.observations import of_statistics
from transforms.statistics.indicators import indicators, printed_in, publications, seed_rows

PLANS = "Child Protection Plans"
AGAIN = "Child Protection Plans which are a second or subsequent plan"
COUNTS = ("CPP_start", "CPP_child_start", "CPP_At31")
RATED = tuple(name for count in COUNTS for name in (count, f"{count}_rate"))


@pytest.fixture(scope="module")
def register() -> Register:
    return load_register()


def conformed(frame: pl.DataFrame, *columns: str) -> list[tuple[object, ...]]:
    return frame.filter("is_conformed").sort("indicator_code", "la_code").select("indicator_code", *columns).rows()


def test_a_table_of_plans_gives_the_rates_and_counts_it_prints(tmp_path: Path, register: Register) -> None:
    rows = [
        ["2022", "Reporting year", *CAMDEN, PLANS, 40, "12.3", 39, "12.1", 30, "9.9"],
        ["2022", "Reporting year", *HARTLEPOOL, PLANS, 20, "x", 20, "x", "c", "c"],
    ]
    found, frame = read(tidy(rows, ("Category", *RATED)), tmp_path, register, "d1_made_up_2013_to_2022.csv")
    assert not found.problems and found.tables[0].publication == "children_in_need"
    assert conformed(frame, "la_code", "value", "value_status", "unit", "numerator", "breakdown") == [
        ("cpp_abuse", "202", 40.0, "reported", "count", None, "Total"),
        ("cpp_abuse", "805", 20.0, "reported", "count", None, "Total"),
        ("cpp_abuse_rate", "202", 12.3, "reported", "rate_per_10k", 40.0, "Total"),
        ("cpp_abuse_rate", "805", None, "not_available", "rate_per_10k", 20.0, "Total"),
        ("cpp_num", "202", 30.0, "reported", "count", None, "Total"),
        ("cpp_num", "805", None, "suppressed", "count", None, "Total"),
        ("cpp_rate", "202", 9.9, "reported", "rate_per_10k", 30.0, "Total"),
        ("cpp_rate", "805", None, "suppressed", "rate_per_10k", None, "Total"),
    ]
    own = frame.filter(~pl.col("is_conformed"))
    assert dict(own.select("indicator_code", "unit").iter_rows()) == {
        "d1_made_up.cpp_child_start": "count", "d1_made_up.cpp_child_start_rate": "rate_per_10k",
    }  # fmt: skip


def test_a_table_that_prints_rates_no_longer_gives_its_counts(tmp_path: Path, register: Register) -> None:
    found, frame = read(
        tidy([["2025", "Reporting year", *CAMDEN, PLANS, 40, 39, 30]], ("category", *COUNTS)), tmp_path, register
    )
    assert not found.problems and conformed(frame, "value") == [("cpp_abuse", 40.0), ("cpp_num", 30.0)]


def test_a_file_that_holds_both_tables_gives_a_count_once(tmp_path: Path, register: Register) -> None:
    rows = [["2025", "Reporting year", *CAMDEN, item, start] for item, start in ((PLANS, 40), (AGAIN, 41))]
    for ordered in (rows, rows[::-1]):
        found, frame = read(tidy(ordered, ("category", "CPP_start")), tmp_path, register)
        assert not found.problems and conformed(frame, "value") == [("cpp_abuse", 41.0)]


@pytest.mark.parametrize("names", [("a.csv", "b.csv"), ("b.csv", "a.csv")])
@pytest.mark.parametrize("start", [40, 41, "c"])
def test_a_release_in_one_archive_gives_a_count_once(
    names: tuple[str, str], start: object, tmp_path: Path, register: Register
) -> None:
    """The table that it is declared of stands, whichever comes first; that the other differs is told."""
    plans = tidy([["2024", "Reporting year", *CAMDEN, PLANS, start, "9.9"]], ("category", "CPP_start", "CPP_At31_rate"))
    rows = [["2024", "Reporting year", *CAMDEN, AGAIN, 40, 4], ["2023", "Reporting year", *CAMDEN, AGAIN, 38, 3]]
    again = tidy(rows, ("category", "CPP_start", "CPP_subsequent"))
    data = zipped(dict(sorted(zip(names, (plans, again), strict=True))))
    found, _ = read(data, tmp_path, register, "release.zip")
    laid = of_statistics(found, data, "release.zip", tmp_path / "observations.parquet", tmp_path / "sorted.parquet")
    frame = pl.read_parquet(tmp_path / "sorted.parquet").filter("is_conformed")
    assert laid.row_count == 5
    assert frame.sort("indicator_code", "period_code").select("indicator_code", "period_code", "value").rows() == [
        ("cpp_abuse", "2023", 38.0), ("cpp_abuse", "2024", 40.0), ("cpp_rate", "2024", 9.9),
        ("reregcpr", "2023", 3.0), ("reregcpr", "2024", 4.0),
    ]  # fmt: skip
    told = [(problem.code, problem.found) for problem in laid.problems]
    found_otherwise = "1 values that another table gives otherwise (cpp_abuse), of which those stand"
    assert told == ([] if start == 40 else [("contradicting_values", found_otherwise)])


def test_values_that_only_the_further_table_of_an_archive_has_are_kept(tmp_path: Path, register: Register) -> None:
    places = (NATIONAL, CAMDEN)
    plans = tidy(
        [["2024", "Reporting year", *p, PLANS, 40 + n] for n, p in enumerate(places)], ("category", "CPP_start")
    )
    again = tidy([["2024", "Reporting year", *CAMDEN, AGAIN, 41]], ("category", "CPP_start"))
    data = zipped({"a.csv": plans, "b.csv": again})
    found, _ = read(data, tmp_path, register, "release.zip")
    laid = of_statistics(found, data, "release.zip", tmp_path / "observations.parquet", tmp_path / "sorted.parquet")
    frame = pl.read_parquet(tmp_path / "sorted.parquet").sort("geographic_level")
    assert not laid.problems and frame.select("la_code", "value").rows() == [("202", 41.0), (None, 40.0)]


def test_declarations_are_sound() -> None:
    codes = {entry.indicator_code for entry in indicators()}
    for row in seed_rows("indicator_elsewhere"):
        assert None not in row and None not in row.values() and row["is_all"] in ("", "yes"), row
        assert row["indicator_code"] in codes and row["items"] and row["columns"] and row["seen_in"], row
    for known in publications():
        for one, other in combinations(printed_in(known.publication), 2):
            if set(one.items) == set(other.items):
                assert not set(one.columns) & set(other.columns), (one.indicator_code, other.indicator_code)
    assert any(entry.is_elsewhere for entry in printed_in("children_in_need"))
    assert not printed_in(None)
