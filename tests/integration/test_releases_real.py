"""Real releases of the same files: one series of all of them, and what moved, in whatever order they came."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.integration.conftest import World

pytestmark = pytest.mark.thorough
CURRENT = "2026-04-30"  # when the current files were copied: after any earlier release


def releases(test_data: Path) -> dict[str, Path]:
    folder = test_data / "statistics"
    earlier = {f"{p.parent.name}/{p.name}": p for p in sorted((folder / "earlier_releases").rglob("*.csv"))}
    if not earlier:
        pytest.skip(f"no earlier releases in {folder}")
    families = ("cla_number", "la_cla_placement", "la_care_leavers", "b1_", "c1_", "d3_", "csww_")
    current = {f"{CURRENT}/{p.name}": p for p in sorted(folder.glob("*.csv")) if p.name.startswith(families)}
    people = test_data / "reference" / "ons_mid-year_population_estimates_2012_to_2024.csv"
    return {**earlier, **current, f"{CURRENT}/{people.name}": people}


def test_series_revisions_and_any_order(
    world: World, test_data: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    files = releases(test_data)
    names = sorted(files)
    random.Random(7).shuffle(names)  # noqa: S311 - an order, not a secret
    for start in range(0, len(names), 4):
        for name in names[start : start + 4]:
            world.deposit(f"statistics/{name}", files[name].read_bytes())
        assert world.load().exit_code == 0
    stepwise = world.star()
    for path in (world.settings.published, world.settings.warehouse):
        path.rename(tmp_path_factory.mktemp("earlier") / path.name)
    summary = world.load()
    assert (summary.exit_code, summary.failed_checks) == (0, [])
    at_once = world.star()
    assert [name for name in at_once if at_once[name] != stepwise[name]] == []

    # As measured on the files by hand: reference, section "Releases and revisions".
    assert world.query(
        "SELECT period_code, vintage_date::VARCHAR FROM bi.indicator_value WHERE is_latest "
        "AND indicator_code = 'lacnum' AND geographic_level = 'country' ORDER BY ALL"
    ) == [
        ("2019", "2024-02-13"), ("2020", "2024-11-14"),
        *((str(year), CURRENT) for year in range(2021, 2026)),
    ]  # fmt: skip
    moved = (
        "SELECT count(*), count(*) FILTER (abs(change_pct) > 1) FROM bi.indicator_revision "
        "WHERE revision = 'value_changed'"
    )
    assert world.query(
        f"{moved} AND document_name LIKE 'cla_number%' AND vintage_date = DATE '2024-11-14'"
    ) == [(925, 173)]  # fmt: skip
    counted = world.query(
        f"{moved} AND document_name = 'b1_children_in_need_2013_to_2024.csv' AND unit = 'rate_per_10k'"
    )
    assert counted[0][0] == 13_193
    # What was known of 2023 when an inspection of summer 2024 took place.
    assert world.query(
        "SELECT value FROM bi.indicator_value WHERE indicator_code = 'lacnum' AND period_code = '2023' "
        "AND geographic_level = 'country' AND vintage_date <= DATE '2024-06-01'"
    ) == [(83_840.0,)]


def test_rates_worked_out_equal_those_once_printed(world: World, test_data: Path) -> None:
    """To 2022: the populations of later mid-years have been estimated anew since that release."""
    for name, path in releases(test_data).items():
        if name.split("/")[1].startswith(("b1_", "c1_", "ons_")):
            world.deposit(f"statistics/{name}", path.read_bytes())
    world.load()
    ((compared, differing),) = world.query(
        "SELECT count(*), count(*) FILTER (abs(now.value - printed.value) > 1e-6) "
        "FROM bi.indicator_value now "
        "JOIN bi.indicator_value printed USING (indicator_code, period_code, geographic_level) "
        "WHERE now.is_computed AND NOT printed.is_computed AND now.value IS NOT NULL AND printed.period_code <= '2022' "
        "AND coalesce(now.la_code, now.gss_code) = coalesce(printed.la_code, printed.gss_code) "
        "AND printed.vintage_date = DATE '2024-11-01' AND now.numerator IN (SELECT value FROM bi.indicator_value AS c "
        "WHERE c.vintage_date = printed.vintage_date AND c.period_code = printed.period_code)"
    )
    assert compared > 3_000
    assert differing == 0
