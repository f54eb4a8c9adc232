"""Measures of which there is no file here, in made-up files of two releases, beside the official tool done again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.integration.conftest import World
from tests.made_measures import FORMER, SYMBOLS, TODAY, places, rows_of
from tests.official_tool import Compared, compare, series_of
from tests.official_tool import rows_of as rows_in
from tests.statistics_files import NATIONAL, text_of, tidy
from transforms.statistics.indicators import indicators

PEOPLE = "Children aged 0 to 17 years"
DIRECT = 21  # measures of the tool taken straight from files that are not here
ASKED = (
    "SELECT la_code, value, region_value, england_value, rank, ranked_authorities, quartile, change_from_previous, "
    "trend FROM bi.indicator_benchmark WHERE is_latest_period AND indicator_code = '{}'"
)


@pytest.mark.slow
def test_made_up_files_of_two_releases_agree_with_the_tool(world: World) -> None:
    judged = {entry.indicator_code: (entry.polarity, True) for entry in indicators()}
    paths = {}
    for released, made in (("2023-11-16", FORMER), ("2025-11-27", TODAY)):
        for one in made:
            content = text_of(one.header, rows_of(one, places()))
            paths[one.name, released] = world.deposit(f"statistics/{released}/{one.name}", content)
    assert world.load().exit_code == 0
    compared = 0
    for one in TODAY:
        rows = rows_in(paths[one.name, "2025-11-27"])
        for measure in one.as_measures(judged):
            series = series_of(rows, measure)
            found = {row[0]: Compared(*row[1:]) for row in world.query(ASKED.format(measure.code))}
            assert found == compare(series, measure), measure
            compared += 1
    assert compared == DIRECT + 2  # with the counts that the two rates are worked out from
    # What stands under its own name is one series too: what the former release has, today's goes on with.
    former, today = (
        set(
            world.query(
                "SELECT DISTINCT indicator_code, replace(breakdown, ',', '') FROM bi.indicator_value "
                f"WHERE NOT is_conformed AND vintage_date = '{released}' "
                "AND source_collection IN ('children_looked_after', 'stability_of_children_looked_after')"
            )
        )
        for released in ("2023-11-16", "2025-11-27")
    )
    assert len(former) > 40 and former <= today
    # Years that only the former release has stand as it had them.
    for one in FORMER:
        rows = rows_in(paths[one.name, "2023-11-16"])
        for measure in one.as_measures(judged):
            series = series_of(rows, measure)
            first = one.years[0]
            kept = dict(
                world.query(
                    f"SELECT la_code, value FROM bi.indicator_benchmark WHERE indicator_code = '{measure.code}' "
                    f"AND period_code = '{first}'"
                )
            )
            assert kept == series.authorities[first], measure


@pytest.mark.slow
def test_rates_that_are_no_longer_printed_are_worked_out(world: World) -> None:
    made, former = TODAY[0], FORMER[0]
    judged = dict.fromkeys(made.measures, ("none", True))
    counts = {measure.code: measure for measure in made.as_measures(judged)}
    path = world.deposit(f"statistics/2025-10-30/{made.name}", text_of(made.header, rows_of(made, places())))
    printed = rows_of(former, places())
    world.deposit(f"statistics/2023-10-26/{former.name}", text_of(former.header, printed))
    people = [
        [str(int(year) - 1), "Reporting year", *place, PEOPLE, 1_000 + 7 * n if place != NATIONAL else 11_000_000]
        for year in (*former.years, *made.years)
        for n, place in enumerate(places())
    ]
    world.deposit("statistics/made_up_people.csv", tidy(people, ("age_group", "population_estimate")))
    assert world.load().exit_code == 0
    number = {(str(row[0]), str(row[7] or row[5] or row[3])): str(row[-1]) for row in people}
    for rate, code in (("section_47", "section_47_num"), ("iscp_conf", "icpc_num")):
        worked_out = replace(counts[code], code=rate, people=True)
        series = series_of(rows_in(path), worked_out, number)
        for year in made.years:
            found = dict(
                world.query(
                    f"SELECT la_code, value FROM bi.indicator_benchmark WHERE indicator_code = '{rate}' "
                    f"AND period_code = '{year}'"
                )
            )
            computed = {code: value for code, value in series.authorities[year].items() if value is not None}
            assert {code: value for code, value in found.items() if value is not None} == computed
        # A rate that is printed stands, and so does a symbol, though the count and the population are there.
        found = world.query(
            "SELECT period_code, la_code, value, value_status, is_computed FROM bi.indicator_value WHERE is_latest "
            f"AND breakdown = 'Total' AND geographic_level = 'authority' AND indicator_code = '{rate}' "
            f"AND period_code IN {former.years}"
        )
        wanted = []
        for row in printed:
            cell = row[former.header.index(former.measures[rate][1])]
            shown = (None, SYMBOLS[cell]) if cell in SYMBOLS else (float(cell), "reported")
            wanted += [(row[0], row[7], *shown, False)] if row[7] else []
        assert sorted(found, key=str) == sorted(wanted, key=str)
