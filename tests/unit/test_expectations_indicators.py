"""Which printed rates are at odds with their counts, and which only look so for rounding or authorities left out."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from expectations.check import RunContext
from expectations.indicators import SINGLE_STAR
from tests.empty_star import open_star

CONTEXT = RunContext(load_id="load-1", stage="star")
# Authority, region of it, or the region or country itself: value, numerator, denominator.
Rate = tuple[str, float | None, float | None, float | None]
REGION, ENGLAND = "E12000099", "E92000001"


def odd_rates(rates: Sequence[Rate], unit: str = "percent") -> list[str]:
    """Places whose rate the check finds odd."""
    sql = next(check for check in SINGLE_STAR if check.id == "fact_indicator_rate_agrees").bound_sql(CONTEXT)
    with open_star(unit) as connection:
        connection.execute(
            "INSERT INTO star.dim_period BY NAME SELECT 1 AS period_key, "
            "'2024' AS period_code, 'financial_year' AS period_kind; "
            "INSERT INTO star.bridge_release_indicator BY NAME SELECT 1 AS source_key, 1 AS indicator_key, "
            "'made up' AS source_collection, DATE '2024-11-14' AS vintage_date, 'file' AS vintage_date_source, "
            "TIMESTAMP '2024-11-15' AS received_at, 'Made up' AS indicator_name, '"
            + unit
            + "' AS unit, true AS is_conformed, "
            "false AS is_computed, 1 AS observation_count, 1 AS reported_count, 'load-1' AS load_id"
        )
        for number, (place, *numbers) in enumerate(rates, start=1):
            level = {REGION: "region", ENGLAND: "country"}.get(place, "authority")
            connection.execute(
                "INSERT INTO star.dim_authority BY NAME SELECT ? AS authority_key, ? AS la_code, ? AS gss_code, "
                "? AS authority_name, ? AS region_code, ? AS geographic_level, DATE '2009-01-01' AS valid_from, "
                "DATE '9999-12-31' AS valid_to, true AS is_current",
                [number, place, place, place, REGION if level == "authority" else None, level],
            )
            connection.execute(
                "INSERT INTO star.fact_indicator SELECT 1, 1, 1, ?, ?, ?, ?, 1, 1, DATE '2024-11-14', true, 'load-1'",
                [number, *numbers],
            )
        return sorted(row[4] for row in connection.execute(sql).fetchall())


@pytest.mark.parametrize(
    ("rates", "odd"),
    [
        ([("991", 33.3, 1, 3)], []),
        ([("991", 33.4, 1, 3)], ["991"]),
        ([("991", 33, 1, 3)], []),
        ([("991", 34, 1, 3)], ["991"]),
        # Counts printed to one decimal: 23.8 / 24.9 is 95.6, but 23.75 / 24.95 is 95.2.
        ([("991", 95.4, 23.8, 24.9)], []),
        ([("991", 95.1, 23.8, 24.9)], ["991"]),
        # A whole count among them may be rounded as well, since others of the column have a decimal.
        ([("991", 49.9, 9.0, 18.0), ("992", 50.0, 10.1, 20.2)], []),
        ([("991", 49.9, 9.0, 18.0)], ["991"]),
        # Counts of regions and England are rounded to 10.
        ([(REGION, 34.9, 70, 200)], []),
        ([(REGION, 38.4, 70, 200)], []),
        ([(REGION, 38.6, 70, 200)], [REGION]),
        # The region's counts hold an authority whose own numerator is missing; its rate leaves that one out.
        ([("991", 50.0, 500, 1000), ("992", None, None, 1000), (REGION, 50.0, 500, 2000)], []),
        ([("991", 50.0, 500, 1000), ("992", None, None, 1000), (REGION, 60.0, 500, 2000)], [REGION]),
        ([("991", 50.0, 500, 1000), ("992", 0.0, 0, 1000), (REGION, 50.0, 500, 2000)], [REGION]),
        ([("991", 50.0, 500, 1000), ("992", None, None, 1000), (ENGLAND, 50.0, 500, 2000)], []),
    ],
)
def test_rates_at_odds_with_their_counts(rates: list[Rate], odd: list[str]) -> None:
    assert odd_rates(rates) == odd


def test_rates_in_ten_thousand() -> None:
    assert odd_rates([("991", 322.7, 2147, 66534), ("992", 322.8, 2147, 66534)], "rate_per_10k") == ["992"]


def test_a_mean_score_is_its_sum_over_its_pupils() -> None:
    exact = [("991", 14.5, 1263.5, 87.0), ("992", -2.12, -163.356, 77.0), ("993", 0.0, 0.0, 20.0)]
    assert odd_rates(exact, "score") == []
    assert odd_rates([("991", 14.6, 1263.5, 87.0), ("992", -2.14, -163.356, 77.0)], "score") == ["991", "992"]
    # The sum of a region is printed as it is, its pupils rounded to 10: 14522 / 770 is 18.86, of 774 it is 18.8.
    assert odd_rates([(REGION, 18.8, 14522.25, 770.0)], "score") == []
    assert odd_rates([(REGION, -1.82, -1266.415, 690.0)], "score") == []
    assert odd_rates([(REGION, 18.6, 14522.25, 770.0)], "score") == [REGION]
    assert odd_rates([(REGION, -1.87, -1266.415, 690.0)], "score") == [REGION]
