"""A table of England alone that reaches further back is no release between two of the tables by authority."""

from __future__ import annotations

import pytest

from expectations.check import RunContext
from expectations.indicators import SINGLE_STAR
from expectations.releases import SINGLE_STAR as RELEASES_STAR
from tests.empty_star import open_star

ROWS, PLACES = "release_rows_against_the_one_before", "release_places_as_the_one_before"
# Source, day of release, first year, its authorities (and England); every release ends in 2024.
Release = tuple[int, str, int, tuple[int, ...]]
NUMBERS: Release = (1, "2023-11-16", 2020, (1, 2, 3, 4))
SERIES: Release = (2, "2023-11-16", 1994, ())
NEXT: Release = (3, "2024-11-14", 2021, (1, 2, 3, 4))
NEXT_SERIES: Release = (4, "2024-11-14", 1994, ())


def found(releases: tuple[Release, ...], check_id: str, load_of: int) -> list[int]:
    """Sources of which a check tells in the load of one of them."""
    check = next(check for check in (*SINGLE_STAR, *RELEASES_STAR) if check.id == check_id)
    with open_star() as connection:
        connection.execute(
            "INSERT INTO star.dim_period BY NAME SELECT y AS period_key, y::VARCHAR AS period_code, "
            "'financial_year' AS period_kind, make_date(y - 1, 4, 1) AS period_start, "
            "make_date(y, 3, 31) AS period_end FROM range(1994, 2025) AS t(y); "
            "INSERT INTO star.dim_authority BY NAME SELECT k AS authority_key, "
            "CASE WHEN k < 9 THEN (990 + k)::VARCHAR END AS la_code, 'E9900000' || k AS gss_code, 'Made up' AS "
            "authority_name, CASE WHEN k < 9 THEN 'authority' ELSE 'country' END AS geographic_level, "
            "DATE '1990-01-01' AS valid_from, DATE '9999-12-31' AS valid_to, true AS is_current "
            "FROM (VALUES (1), (2), (3), (4), (9)) AS t(k)"
        )
        for source, day, first, places in releases:
            connection.execute(
                "INSERT INTO star.fact_indicator SELECT 1, 1, y, a, 5, NULL, NULL, 1, $1, $2::DATE, true, 'load-' "
                "|| $1 "
                "FROM range($3, 2025) AS t(y), (SELECT unnest($4::INTEGER[])) AS u(a)",
                [source, day, first, [9, *places]],
            )
            connection.execute(
                "INSERT INTO star.bridge_release_indicator BY NAME SELECT $1 AS source_key, 1 AS indicator_key, "
                "'made up' AS source_collection, $2::DATE AS vintage_date, 'file' AS vintage_date_source, "
                "TIMESTAMP '2024-11-15' AS received_at, 'Made up' AS indicator_name, 'count' AS unit, "
                "true AS is_conformed, false AS is_computed, $4 AS observation_count, $4 AS reported_count, "
                "make_date($3, 3, 31) AS first_period_end, DATE '2024-03-31' AS last_period_end, "
                "'load-' || $1 AS load_id",
                [source, day, first, (2025 - first) * (1 + len(places))],
            )
        rows = connection.execute(check.bound_sql(RunContext(load_id=f"load-{load_of}", stage="star")))
        names = [column[0] for column in rows.description or ()]
        return [row[names.index("source_key")] for row in rows.fetchall()]


@pytest.mark.parametrize("load_of", [1, 2, 3, 4])
@pytest.mark.parametrize("check_id", [ROWS, PLACES])
def test_whole_releases_of_both_tables_are_nothing_to_tell(check_id: str, load_of: int) -> None:
    assert not found((NUMBERS, SERIES, NEXT, NEXT_SERIES), check_id, load_of)
    few = (2, "2023-11-16", 2018, ())
    assert not found((NUMBERS, few, NEXT), check_id, min(load_of, 3))


@pytest.mark.parametrize("between", [(), (SERIES,)])
def test_what_the_next_release_lost_is_told_whatever_stands_between(between: tuple[Release, ...]) -> None:
    lost = (3, "2024-11-14", 2021, (1, 2, 3))
    assert found((NUMBERS, *between, lost), PLACES, 3) == [3]
    cut = (3, "2024-11-14", 2023, (1,))
    assert found((NUMBERS, *between, cut), ROWS, 3) == [3]


@pytest.mark.parametrize("first", [2020, 2021])
def test_a_release_cut_down_to_england_is_no_aside(first: int) -> None:
    assert found((NUMBERS, SERIES, (3, "2024-11-14", first, ())), ROWS, 3) == [3]


def test_a_time_series_that_was_cut_short_is_told() -> None:
    assert found((NUMBERS, SERIES, NEXT, (4, "2024-11-14", 2015, ())), ROWS, 4) == [4]
