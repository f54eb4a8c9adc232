"""A series that ends and one that begins with its values: listed as probably one, whichever came first."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.conftest import World
from tests.observations import ENGLAND, observation, release

REGIONS = [f"E1200000{number}" for number in range(1, 10)]
ASKED = (
    "SELECT former_indicator_code, former_breakdown, indicator_code, breakdown, values_compared, values_equal "
    "FROM bi.probable_rename ORDER BY ALL"
)


def series(
    code: str, years: range, breakdown: str = "Total", base: int = 0, revised: int = 0, conformed: bool = False
) -> list[Any]:
    """Values of England and the regions, apart from those of any other base; in the first places of a year revised."""
    return [
        observation(
            place, year, float(base * 10_000 + 100 * (year - 2000) + n + (0.5 if n < revised else 0)), code,
            breakdown=breakdown, unit="count", is_conformed=conformed,
        )
        for year in years
        for n, place in enumerate((ENGLAND, *REGIONS))
    ]  # fmt: skip


def deposit(world: World, name: str, rows: list[Any], published: str) -> None:
    world.deposit(f"statistics/{published}/{name}.parquet", release(rows, published))


THEN, NOW = range(2019, 2024), range(2020, 2025)
FORMER = [
    *series("table.number", THEN), *series("table.number", THEN, "age=Aged 17", base=1),
    *series("table.stays", THEN, base=2), *series("cin_num", THEN, base=3, conformed=True),
]  # fmt: skip
LATER = [
    *series("table.children_count", NOW, revised=3), *series("table.children_count", NOW, "age=17 years", base=1),
    *series("table.stays", NOW, base=2), *series("c9.cin_now", NOW, base=3),
    *series("other.something", NOW, base=1),  # another table and another column: nothing is said of it
]  # fmt: skip
WANTED = [  # four years of ten places
    ("cin_num", "Total", "c9.cin_now", "Total", 40, 40),
    ("table.number", "Total", "table.children_count", "Total", 40, 28),
    ("table.number", "age=Aged 17", "table.children_count", "age=17 years", 40, 40),
]


@pytest.mark.slow
@pytest.mark.parametrize("first", ["former", "later"])
def test_a_renamed_series_is_listed_with_its_evidence(world: World, first: str) -> None:
    made = {"former": (FORMER, "2023-11-16"), "later": (LATER, "2024-11-14")}
    for name in (first, "later" if first == "former" else "former"):
        deposit(world, name, *made[name])
        assert world.load().exit_code == 0
    assert world.query(ASKED) == WANTED


@pytest.mark.slow
def test_series_of_one_release_or_with_other_values_are_not(world: World) -> None:
    deposit(world, "a", [*series("table.one", THEN), *series("table.two", THEN)], "2023-11-16")
    deposit(world, "b", series("table.three", NOW, revised=10), "2024-11-14")
    assert world.load().exit_code == 0
    assert world.query(ASKED) == []
