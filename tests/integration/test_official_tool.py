"""Made-up releases beside the official tool done again slowly: ranks, bands, joint returns, rates worked out."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterable, Sequence
from importlib import resources

import pytest

from tests.integration.conftest import World
from tests.official_tool import Compared, Measure, compare, neighbours, rows_of, series_of
from tests.statistics_files import BOTH_NORTHAMPTONSHIRES, INNER, LONDON, NATIONAL, NORTH_EAST, tidy

OUTER = ("Regional", *NATIONAL[1:3], "E13000002", "Outer London", "", "", "")
AREAS = (NATIONAL, NORTH_EAST, LONDON, INNER, OUTER)
CHESHIRE_WEST = (
    "Local authority", "E92000001", "England", "E12000002", "North West", "896", "E06000050",
    "Cheshire West and Chester",
)  # fmt: skip
CATEGORY = "Child Protection Plans which are a second or subsequent plan"
PEOPLE = "Children aged 0 to 17 years"


def authorities() -> list[tuple[str, ...]]:
    """Real places, so that the neighbours of the models are among them; all values are made up."""
    text = (resources.files("transforms") / "seeds" / "authority.csv").read_text("utf-8")
    rows = [row for row in csv.DictReader(text.splitlines()) if not row["valid_to"]]
    places = [
        ("Local authority", "E92000001", "England", row["subregion_code"] or row["region_code"],
         row["subregion_name"] or row["region_name"], row["la_code"], row["gss_code"], row["name"])
        for row in rows if row["la_code"] not in ("940", "941")
    ]  # fmt: skip
    return [*places, BOTH_NORTHAMPTONSHIRES]


def made_up(draw: random.Random, years: Iterable[str], columns: int) -> list[list[object]]:
    """Values with many ties and some symbols; Outer London has none of its own."""
    rows: list[list[object]] = []
    for year in years:
        for place in (*AREAS, *authorities()):
            if place == OUTER:
                cells: Sequence[object] = ["z"] * columns
            else:
                cells = [draw.choice([draw.randint(0, 30) / 2, draw.randint(10, 13), "c", "x"]) for _ in range(columns)]
            rows.append([year, "Reporting year", *place, *cells])
    return rows


@pytest.mark.slow
def test_made_up_workforce_agrees_with_the_tool(world: World) -> None:
    columns = {
        "agency_rate_fte": ("work_force_agecy_rate", "low", True),
        "vacancy_agency_cover_rate_fte": ("vacancies_cover", "high", False),
        "inpost_fte": ("work_force_nosw", "none", True),
        "turnover_rate_fte": ("work_force_to_rate", "low", True),
    }
    rows = made_up(random.Random(3), ("2021", "2023", "2024"), len(columns))  # noqa: S311 - made-up values
    path = world.deposit("statistics/csww_made_up.csv", tidy(rows, tuple(columns)))
    assert world.load().exit_code == 0
    for column, (code, polarity, has_bands) in columns.items():
        measure = Measure(code, frozenset(), column, polarity, has_bands)
        series = series_of(rows_of(path), measure)
        found = {
            row[0]: Compared(*row[1:])
            for row in world.query(
                "SELECT la_code, value, region_value, england_value, rank, ranked_authorities, quartile, "
                f"change_from_previous, trend FROM bi.indicator_benchmark WHERE is_latest_period "
                f"AND indicator_code = '{code}'"
            )
        }
        assert found == compare(series, measure)
        assert found["940"].value == found["941"].value  # one return, written on both
        lists: dict[str, list[str]] = {}
        for la_code, other in world.query(
            "SELECT la_code, neighbour_la_code FROM star.bridge_statistical_neighbour WHERE model_year = 2021"
        ):
            lists.setdefault(la_code, []).append(other)
        wanted = neighbours(series.authorities["2024"], lists, "median")
        shown = dict(
            world.query(
                "SELECT la_code, statistical_neighbour_value FROM bi.indicator_benchmark_by(2021, 'median') "
                f"WHERE is_latest_period AND indicator_code = '{code}'"
            )
        )
        assert shown == {code: wanted.get(code) for code in shown}


def test_a_joint_return_is_one_place_and_counts_once(world: World) -> None:
    rows = [
        ["2024", "Reporting year", *BOTH_NORTHAMPTONSHIRES, "40.0"],
        ["2024", "Reporting year", *CHESHIRE_WEST, "60.0"],
    ]
    world.deposit("statistics/csww_made_up.csv", tidy(rows, ("inpost_fte",)))
    assert world.load().rejects == 0
    assert world.query("SELECT la_code, gss_code, value FROM bi.indicator_value ORDER BY ALL") == [
        ("896", "E06000050", 60.0),
        ("940 / 941", "E06000061 / E06000062", 40.0),
    ]
    assert world.query(
        "SELECT la_code, value, england_value, england_value_source FROM bi.indicator_benchmark ORDER BY ALL"
    ) == [("896", 60.0, 100.0, "computed"), ("940", 40.0, 100.0, "computed"), ("941", 40.0, 100.0, "computed")]
    assert world.query("SELECT count(*) FROM bi.authority_profile WHERE la_code LIKE '%/%'") == [(0,)]


def counts(release: int) -> bytes:
    values: dict[str, object] = {"2015": 2147, "2016": "c", "2017": 2000, "2018": 2000 + release}
    rows = [[year, "Reporting year", *CHESHIRE_WEST, CATEGORY, value] for year, value in values.items()]
    return tidy([*rows, ["2015", "Reporting year", *NATIONAL, CATEGORY, 10]], ("category", "CPP_start"))


def people(year_of_2017: int) -> bytes:
    numbers = {"2014": 66534, "2015": 66000, "2017": year_of_2017}
    rows = [[year, "Reporting year", *CHESHIRE_WEST, PEOPLE, number] for year, number in numbers.items()]
    return tidy([*rows, ["2014", "Reporting year", *NATIONAL, PEOPLE, 80000]], ("age_group", "population_estimate"))


FILES = {
    "2017-11-01/d3_made_up.csv": counts(1), "2018-11-01/d3_made_up.csv": counts(2),
    "2017-06-01/people.csv": people(65000), "2018-06-01/people.csv": people(64000),
}  # fmt: skip


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 1, 2, 0)])
def test_rates_are_worked_out_from_counts_and_the_population_of_the_year_before(
    world: World, order: tuple[int, ...]
) -> None:
    for number in order:
        name = list(FILES)[number]
        world.deposit(f"statistics/{name}", FILES[name])
        assert world.load().exit_code == 0
    assert world.query(
        "SELECT period_code, la_code, value, value_status, numerator, denominator, is_computed, is_latest, "
        "vintage_date::VARCHAR FROM bi.indicator_value WHERE indicator_code = 'cpp_abuse_rate' AND "
        "(is_latest OR period_code = '2018') ORDER BY ALL"
    ) == [
        ("2015", "896", 322.7, "reported", 2147.0, 66534.0, True, True, "2018-11-01"),
        ("2015", None, 1.3, "reported", 10.0, 80000.0, True, True, "2018-11-01"),  # 1.25: a half goes up
        ("2016", "896", None, "suppressed", None, 66000.0, True, True, "2018-11-01"),
        # No population of 2016 is known: 2017 has no rate.
        ("2018", "896", 312.7, "reported", 2001.0, 64000.0, True, False, "2017-11-01"),
        ("2018", "896", 312.8, "reported", 2002.0, 64000.0, True, True, "2018-11-01"),
    ]


def test_a_release_that_prints_a_rate_is_left_alone(world: World) -> None:
    rows = [["2015", "Reporting year", *CHESHIRE_WEST, "Children in Need", 2147, "300.1"]]
    world.deposit("statistics/2016-11-01/b1.csv", tidy(rows, ("category", "At31_episodes", "At31_episodes_rate")))
    world.deposit("statistics/2018-06-01/people.csv", people(64000))
    world.load()
    assert world.query(
        "SELECT value, is_computed FROM bi.indicator_value WHERE indicator_code = 'cin'"
    ) == [(300.1, False)]  # fmt: skip


PLANS = "Child Protection Plans"
RATES = (
    "SELECT period_code, value, value_status, numerator, is_computed, is_latest, vintage_date::VARCHAR "
    "FROM bi.indicator_value WHERE indicator_code = 'cpp_abuse_rate' AND la_code IS NOT NULL ORDER BY ALL"
)
OF_2018 = (
    "SELECT value FROM bi.indicator_value WHERE is_latest AND indicator_code = 'cpp_abuse' AND period_code = '2018'"
)


def plans(starting: object = 2001) -> bytes:
    """A table that prints the rate of plans starting, of which `counts(1)` has the counts; it lacks 2016."""
    values = {"2015": (2147, "301.5"), "2017": (2000, "x"), "2018": (starting, "299.9")}
    rows = [[year, "Reporting year", *CHESHIRE_WEST, PLANS, *shown] for year, shown in values.items()]
    return tidy(rows, ("category", "CPP_start", "CPP_start_rate"))


@pytest.mark.parametrize("order", [("d1", "d3", "people"), ("people", "d3", "d1"), ("d3", "people", "d1")])
def test_a_rate_that_another_table_of_the_release_prints_stands(world: World, order: tuple[str, ...]) -> None:
    """Nothing is worked out beside it or its symbol, whichever comes first; where it is silent it is."""
    made = {"d1": plans(), "d3": counts(1), "people": people(64000)}
    for name in order:
        world.deposit(f"statistics/2018-11-01/{name}.csv", made[name])
        assert not [c for c in world.load().failed_checks if c["check_id"] == "releases_of_one_day_agree"]
    assert world.query(RATES) == [
        ("2015", 301.5, "reported", 2147.0, False, True, "2018-11-01"),
        ("2016", None, "suppressed", None, True, True, "2018-11-01"),
        ("2017", None, "not_available", 2000.0, False, True, "2018-11-01"),
        ("2018", 299.9, "reported", 2001.0, False, True, "2018-11-01"),
    ]
    assert world.query(
        "SELECT period_code, value FROM bi.indicator_value WHERE indicator_code = 'cpp_abuse' AND is_latest "
        "AND la_code IS NOT NULL ORDER BY ALL"
    ) == [("2015", 2147.0), ("2016", None), ("2017", 2000.0), ("2018", 2001.0)]
    assert world.query("FROM bi.indicator_revision") == []


def test_a_later_release_without_rates_takes_the_place_of_printed_ones(world: World) -> None:
    later = [[year, "Reporting year", *CHESHIRE_WEST, CATEGORY, n] for year, n in (("2015", 2147), ("2019", 2222))]
    world.deposit("statistics/2018-11-01/d1.csv", plans())
    world.deposit("statistics/2019-11-01/d3.csv", tidy(later, ("category", "CPP_start")))
    world.deposit("statistics/2019-06-01/people.csv", people(64000))
    world.load()
    assert [row for row in world.query(RATES) if row[0] == "2015"] == [
        ("2015", 301.5, "reported", 2147.0, False, False, "2018-11-01"),
        ("2015", 322.7, "reported", 2147.0, True, True, "2019-11-01"),
    ]


def test_a_table_corrected_on_a_later_day_changes_a_printed_rate_only_with_its_count(world: World) -> None:
    world.deposit("statistics/2018-11-01/d1.csv", plans())
    world.deposit("statistics/2019-04-01/d3.csv", counts(2))  # of 2018: 2002 for 2001
    world.deposit("statistics/2018-06-01/people.csv", people(64000))
    world.load()
    standing = {row[0]: row[1:5] for row in world.query(RATES) if row[5]}
    assert standing["2015"] == (301.5, "reported", 2147.0, False)
    assert standing["2018"] == (312.8, "reported", 2002.0, True)


def test_tables_of_one_release_that_give_another_count_are_told(world: World) -> None:
    world.deposit("statistics/2018-11-01/d1.csv", plans(2009))
    world.deposit("statistics/2018-11-01/d3.csv", counts(1))
    told = [c for c in world.load().failed_checks if c["check_id"] == "releases_of_one_day_agree"]
    assert [(c["severity"], c["observed"]) for c in told] == [("warning", "1 row")]
    assert world.query(OF_2018) == [(2001.0,)]


def test_rates_of_enquiries_and_conferences_are_worked_out(world: World) -> None:
    item = "Section 47s and Initial Child Protection Conferences"
    rows = [["2015", "Reporting year", *CHESHIRE_WEST, item, 2147, 500, 41]]
    columns = ("category", "Section47", "ICPC", "Duration_0-10_days")
    world.deposit("statistics/2016-11-01/c4.csv", tidy(rows, columns))
    world.deposit("statistics/2018-06-01/people.csv", people(66534))
    world.load()
    assert world.query(
        "SELECT indicator_code, value, numerator, denominator, is_computed FROM bi.indicator_value "
        "WHERE unit = 'rate_per_10k' AND period_code = '2015' ORDER BY ALL"
    ) == [("iscp_conf", 75.1, 500.0, 66534.0, True), ("section_47", 322.7, 2147.0, 66534.0, True)]
    assert world.query("SELECT value, unit FROM bi.indicator_benchmark WHERE indicator_code = '10_icpc'") == [
        (41.0, "count")
    ]


SAME_DAY = {
    "2024-11-14/v1.9/d3.csv": 9, "2024-11-14/v1.10/d3.csv": 10, "2024-11-14/v1.2/d3.csv": 2,
}  # fmt: skip


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_releases_of_one_day_follow_each_other_by_version_not_by_load(world: World, order: tuple[int, ...]) -> None:
    for number in order:
        name = list(SAME_DAY)[number]
        world.deposit(f"statistics/{name}", counts(SAME_DAY[name]))
        world.load()
    assert world.query(
        "SELECT value, previous_value FROM bi.indicator_revision WHERE indicator_code = 'cpp_abuse' ORDER BY value"
    ) == [(2009.0, 2002.0), (2010.0, 2009.0)]
    assert world.query(
        "SELECT value FROM bi.indicator_value WHERE is_latest AND indicator_code = 'cpp_abuse' AND period_code = '2018'"
    ) == [(2010.0,)]


def test_when_fetched_decides_before_the_path(world: World) -> None:
    for name, at in (("b", "2024-11-14T08:00:00"), ("a", "2024-11-14T17:00:00")):
        world.deposit(f"statistics/2024-11-14/{name}.csv", counts(ord(name)))
        world.deposit(f"statistics/2024-11-14/{name}.csv.json", f'{{"retrieved_at": "{at}+00:00"}}')
    world.load()
    assert world.query(
        "SELECT value FROM bi.indicator_value WHERE is_latest AND indicator_code = 'cpp_abuse' AND period_code = '2018'"
    ) == [(2000.0 + ord("a"),)]


def test_a_file_that_replaces_another_at_its_path_is_the_later_one(world: World) -> None:
    for number in (9, 3):  # whose content would decide otherwise either way round
        world.deposit("statistics/2024-11-14/d3.csv", counts(number))
        world.load()
    assert world.query(
        "SELECT value, is_latest FROM bi.indicator_value WHERE indicator_code = 'cpp_abuse' AND period_code = '2018' "
        "ORDER BY ALL"
    ) == [(2003.0, True), (2009.0, False)]
