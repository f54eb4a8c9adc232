"""Releases that do not fit each other: told by a check that names the file, and never compared with each other."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

import pytest

from tests.integration.conftest import World
from tests.made_measures import places
from tests.observations import observation, release
from tests.statistics_files import BOTH_NORTHAMPTONSHIRES, tidy

MIDLANDS = BOTH_NORTHAMPTONSHIRES[:5]
NORTH = (*MIDLANDS, "940", "E06000061", "North Northamptonshire")
WEST = (*MIDLANDS, "941", "E06000062", "West Northamptonshire")


def years(where: Sequence[Sequence[str]], value: Callable[[str, Sequence[str]], object], *names: str) -> bytes:
    rows = [[name, "Reporting year", *place, value(name, place)] for name in names for place in where]
    return tidy(rows, ("pupils",))


def test_a_joint_return_and_its_members_take_the_place_of_each_other(world: World) -> None:
    def joint(_: str, place: Sequence[str]) -> int:
        return {NORTH: 60, WEST: 50}.get(tuple(place), 100)

    for table, first, then in (("parted", [BOTH_NORTHAMPTONSHIRES], [NORTH, WEST]), ("joined", [NORTH, WEST], None)):
        world.deposit(f"statistics/2024-01-01/{table}.csv", years(first, joint, "2023", "2024"))
        world.deposit(f"statistics/2025-01-01/{table}.csv", years(then or [BOTH_NORTHAMPTONSHIRES], joint, "2024"))
    assert world.load().exit_code == 0
    standing = world.query(
        "SELECT indicator_code, la_code, value FROM bi.indicator_value WHERE is_latest AND period_code = '2024' "
        "ORDER BY ALL"
    )
    assert standing == [("joined.pupils", "940 / 941", 100.0), ("parted.pupils", "940", 60.0),
                        ("parted.pupils", "941", 50.0)]  # fmt: skip
    # A change from the children of two authorities to those of one is none.
    compared = world.query(
        "SELECT indicator_code, la_code, period_code, value, england_value, change_from_previous "
        "FROM bi.indicator_benchmark ORDER BY ALL"
    )
    own, both = {"940": 60.0, "941": 50.0}, {"940": 100.0, "941": 100.0}
    assert compared == [
        (f"{table}.pupils", la_code, year, values[la_code], 110.0 if values is own else 100.0, None)
        for table, of_year in (("joined", (own, both)), ("parted", (both, own)))
        for la_code in ("940", "941")
        for year, values in zip(("2023", "2024"), of_year, strict=True)
    ]


WHERE = places()
AUTHORITIES = [place for place in WHERE if place[0] == "Local authority"]


def size(place: Sequence[str]) -> int:
    return 100 + WHERE.index(tuple(place))


def described(unit: str) -> str:
    return f"col_name,col_type,label,indicator_unit\npupils,Indicator,Pupils,{unit}\n"


def planted() -> dict[str, tuple[bytes, bytes]]:
    """Table and its two releases; what is wrong with them stands in `TOLD`."""
    whole = years(AUTHORITIES, lambda _, place: size(place), "2023", "2024")
    rate = tidy(
        [["2024", "Reporting year", *place, f"{size(place) / 300:.3f}"] for place in AUTHORITIES], ("pupils_percent",)
    )
    negative = years(AUTHORITIES, lambda _, place: -7 if place[5] == "301" else size(place), "2024")
    short = [place for place in AUTHORITIES if place[5] != "301"]
    gap = b"\n".join([whole.strip(), *years(short, lambda _, place: size(place), "2022").split(b"\n")[1:]])
    beyond = years(
        WHERE[:1] + AUTHORITIES, lambda _, place: 9999 if place[0] == "National" else "c" if place[5] == "301" else 99,
        "2024",
    )  # fmt: skip
    two_ways = tidy([["202324", "Financial year", *place, size(place)] for place in AUTHORITIES], ("pupils",))
    thousands = years(AUTHORITIES, lambda _, place: size(place) / 1000, "2024", "2025")
    return {
        "unit": (whole, whole + b"\n"), "thousands": (whole, thousands), "share": (rate, rate + b"\n"),
        "negative": (whole, negative), "gap": (whole, gap), "beyond": (whole, beyond), "codes": (whole, two_ways),
        "sound": (whole, years(AUTHORITIES, lambda _, place: 1.4 * size(place), "2024", "2025")),
    }  # fmt: skip


TOLD = {
    "release_unit_as_the_one_before": ({"unit"}, {"2025"}),
    "release_values_against_the_one_before": ({"thousands"}, {"2025"}),
    "benchmark_total_years_of_one_scale": ({"thousands"}, {"2025"}),
    "fact_indicator_percent_not_a_share": ({"share"}, {"2024", "2025"}),
    "fact_indicator_not_negative": ({"negative"}, {"2025"}),
    "fact_indicator_every_place_each_year": ({"gap"}, {"2025"}),
    "fact_indicator_adds_up_to_england": ({"beyond"}, {"2025"}),
    "fact_indicator_one_code_a_period": ({"codes"}, {"2024", "2025"}),
    "release_date_possible": ({"sound"}, {"2205"}),
    "releases_of_one_day_agree": ({"sound v2"}, {"2025"}),
    "release_order_certain": ({"undated"}, {"undated"}),
}


@pytest.mark.slow
def test_what_does_not_fit_is_told_with_its_file(world: World) -> None:
    for number, (table, (first, then)) in enumerate(planted().items()):
        own = b"\n" * 2 * number  # no two files hold the same bytes
        world.deposit(f"statistics/2024-01-01/{table}.csv", first + own)
        world.deposit(f"statistics/2025-01-01/{table}.csv", then + own)
    for year, unit in (("2024", ""), ("2025", "%")):
        world.deposit(f"statistics/{year}-01-01/unit.meta.csv", described(unit))
    world.deposit("statistics/2205-01-01/sound.csv", years(AUTHORITIES, lambda _, place: 1.4 * size(place), "2025"))
    world.deposit("statistics/2025-01-01/sound v2.csv", years(AUTHORITIES, lambda _, place: 1.5 * size(place), "2025"))
    world.deposit("statistics/2025-01-01/undated.csv", years(AUTHORITIES, lambda _, place: size(place), "2024"))
    world.deposit("statistics/undated.csv", years(AUTHORITIES, lambda _, place: size(place), "2023"))
    assert world.load().state == "published"
    found = {}
    for check, rows in world.query(
        "SELECT check_id, failing_rows FROM meta.check_result WHERE NOT success AND stage = 'star'"
    ):
        files = {row["file"] for row in json.loads(rows)}
        found[check] = ({f.rsplit("/")[-1][:-4] for f in files}, {f.split("/")[1].split("-")[0][:7] for f in files})
    found["release_order_certain"] = (found["release_order_certain"][0], {"undated"})
    # Counts taken for a percentage pass 100 too, and those of a value left out are worked out without it.
    del found["fact_indicator_percent_in_range"]
    assert found == TOLD
    units = (
        "SELECT vintage_date::VARCHAR, unit FROM bi.indicator_value WHERE indicator_code = 'unit.pupils' GROUP BY ALL"
    )
    sound = "SELECT DISTINCT document_name FROM bi.indicator_value WHERE indicator_code = 'sound.pupils' AND is_latest"
    assert world.query(f"{sound} AND period_code = '2024'") == [("sound.csv",)]
    # Of two files of one day the corrected one stands, whatever its name sorts before.
    of_2025 = "SELECT count(*) FROM bi.indicator_value WHERE indicator_code = 'sound.pupils' AND period_code = '2025'"
    assert world.query(f"{of_2025} AND document_name = 'sound v2.csv' AND release_order > ALL (SELECT release_order "
                       "FROM bi.indicator_value WHERE document_name = 'sound.csv' AND vintage_date = DATE '2025-01-01')"
                       ) == [(len(AUTHORITIES),)]  # fmt: skip
    assert sorted(world.query(units)) == [("2024-01-01", "count"), ("2025-01-01", "percent")]


def test_the_profile_says_which_figures_are_of_an_earlier_period(world: World) -> None:
    rows = [
        observation("383", 2024, 61.0, "lac"), observation("383", 2025, 65.0, "lac"),
        observation("383", 2024, 300.0, "cin"), observation("383", 2025, 20.0, "rereferral", unit="percent"),
    ]  # fmt: skip
    world.deposit("statistics/a.parquet", release(rows, "2025-11-20"))
    world.load()
    assert world.query(
        "SELECT children_looked_after_per_10k, children_in_need_per_10k, rereferrals_pct, social_care_period_code, "
        "figures_of_earlier_periods FROM bi.authority_profile WHERE la_code = '383'"
    ) == [(65.0, 300.0, 20.0, "2025", "children_in_need_per_10k 2024")]
    assert world.query(
        "SELECT DISTINCT figures_of_earlier_periods FROM bi.authority_profile WHERE la_code = '384'"
    ) == [(None,)]
