"""Rates from counts and the population of the mid-year before."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from tests.statistics_files import NATIONAL, read, tidy
from transforms.authorities import load_register
from transforms.statistics.computed import compute_rates

CHESHIRE_WEST = (
    "Local authority", "E92000001", "England", "E12000002", "North West", "896", "E06000050",
    "Cheshire West and Chester",
)  # fmt: skip


def test_rates(tmp_path: Path) -> None:
    register = load_register()
    counts = [
        ["2015", "Reporting year", *CHESHIRE_WEST, "Children in Need", 2147],
        ["2016", "Reporting year", *CHESHIRE_WEST, "Children in Need", "c"],
        ["2017", "Reporting year", *CHESHIRE_WEST, "Children in Need", 2000],
        ["2015", "Reporting year", *NATIONAL, "Children in Need", 10],
    ]
    people = [
        ["2014", "Reporting year", *CHESHIRE_WEST, "Children aged 0 to 17 years", 66534],
        ["2015", "Reporting year", *CHESHIRE_WEST, "Children aged 0 to 17 years", 66000],
        ["2014", "Reporting year", *NATIONAL, "Children aged 0 to 17 years", 80000],
    ]
    one = read(tidy(counts, ("category", "At31_episodes")), tmp_path, register)[1]
    two = read(tidy(people, ("age_group", "population_estimate")), tmp_path, register)[1]
    rates = compute_rates(pl.concat([one, two])).filter(indicator_code="cin").sort("period_code", "geographic_level")
    assert rates.select("period_code", "la_code", "value", "value_status", "numerator", "denominator").rows() == [
        ("2015", "896", 322.7, "reported", 2147.0, 66534.0),
        ("2015", None, 1.3, "reported", 10.0, 80000.0),
        ("2016", "896", None, "suppressed", None, 66000.0),
        ("2017", "896", None, "not_available", 2000.0, None),
    ]
