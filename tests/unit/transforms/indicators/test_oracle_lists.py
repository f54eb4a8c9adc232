"""Indicators of Annex A and the workforce census against slow oracles, on made-up rows.

Rows are drawn from the specification: every date around days where rules turn, every number small,
every category one of its codes.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.made_returns import made
from tests.unit.transforms.indicators import oracle_lists, oracle_workforce
from tests.unit.transforms.indicators.plain import broken, tally
from transforms.indicators import indicators_of
from transforms.indicators.compute import compute
from transforms.returns.reading import entry_of

RETURN = "annex_a"
END = date(2025, 8, 31)  # six months back is the last day of February
_NEAR = [
    date(2023, 8, 31),
    date(2023, 9, 1),
    date(2023, 9, 2),
    date(2024, 8, 31),
    date(2024, 11, 30),
    date(2025, 2, 28),
    date(2025, 3, 1),
    date(2025, 5, 31),
    date(2025, 6, 27),
    date(2025, 7, 6),
    date(2025, 7, 20),
    date(2025, 8, 3),
    date(2025, 8, 15),
    date(2025, 8, 17),
    date(2025, 8, 31),
    date(2025, 9, 1),
]
_day = st.one_of(st.none(), st.sampled_from(_NEAR), st.dates(date(2024, 6, 1), date(2025, 9, 10)))
_born = st.one_of(
    st.none(), st.dates(date(2003, 1, 1), date(2025, 12, 1)), st.sampled_from([date(2004, 2, 29), date(2006, 8, 31)])
)


def _values(column: Any) -> st.SearchStrategy[Any]:
    if column.name == "Date of Birth":
        return _born
    if column.kind == "date":
        return _day
    if column.kind in ("integer", "age"):
        return st.sampled_from([None, 0, 1, 2, 3, 18, 20])
    if column.kind == "flag":
        return st.sampled_from([True, False, None])
    if column.kind == "code" and column.codes:
        return st.sampled_from([None, *(code.code for code in column.codes)])
    if column.is_identifier:
        return st.sampled_from(["P0", "P1", "P2", "P3"])
    return st.none()


_lists = st.fixed_dictionaries(
    {
        table.name: st.lists(
            st.fixed_dictionaries({column.name: _values(column) for column in table.columns}), max_size=6
        )
        for table in entry_of("annex_a").tables
    }
)


def _compare(return_code: str, found: Any, given_by: Any) -> None:
    values = {
        (code, breakdown): (above, below)
        for code, breakdown, above, below in found.select(
            "indicator_code", "breakdown", "numerator", "denominator"
        ).iter_rows()
    }
    assert broken(found) == []
    for entry in indicators_of(return_code):
        for breakdown, (above, below) in tally(entry, given_by(entry)).items():
            got = values[entry.code, breakdown]
            assert got[0] == pytest.approx(above), (entry.code, breakdown)
            if not entry.has_population:
                assert got[1] == (None if below is None else pytest.approx(below)), (entry.code, breakdown)


@settings(max_examples=60)
@given(_lists)
def test_lists_are_what_the_oracle_finds(tables: dict[str, Any]) -> None:
    found = compute([made("annex_a", 2026, tables, end=END)], {2025: 1000})
    lists = oracle_lists.Lists(tables, END)
    _compare("annex_a", found, lambda entry: oracle_lists.ORACLES[entry.code](lists))


_staff_day = st.one_of(
    st.none(),
    st.sampled_from([date(2023, 9, 30), date(2023, 10, 1), date(2024, 9, 30), date(2024, 10, 1)]),
    st.dates(date(2022, 1, 1), date(2024, 12, 31)),
)
_part = st.one_of(st.none(), st.sampled_from([0.0, 1.0, 0.5, 0.123456]))
_staff = st.fixed_dictionaries(
    {
        "LALevelVacancies": st.lists(
            st.fixed_dictionaries(
                {"NumberOfVacancies": st.sampled_from([0.0, 2.25, None]), "NoAgencyFTE": st.sampled_from([0.0, 1.75])}
            ),
            max_size=1,
        ),
        "CSWWWorker": st.lists(
            st.fixed_dictionaries(
                {
                    "AgencyWorker": st.sampled_from(["0", "0", "0", "1", None]),
                    "SWENo": st.sampled_from(["SW1", "SW2", "SW3", None]),
                    "FTE": _part,
                    "FTE30": _part,
                    "GenderCurrent": st.sampled_from(["1", "2", "9", None]),
                    "OrgRole": st.sampled_from(["1", "5", "6", None]),
                    "RoleStartDate": _staff_day,
                    "RoleEndDate": _staff_day,
                    "Cases30": st.sampled_from([None, 0, 1, 17]),
                    "WorkingDaysLost": st.sampled_from([None, 0.0, 3.5]),
                }
            ),
            max_size=10,
        ),
    }
)


@settings(max_examples=80)
@given(_staff, st.sampled_from([2023, 2024]))
def test_the_workforce_is_what_the_oracle_finds(tables: dict[str, Any], year: int) -> None:
    found = compute([made("csww", year, _flags(tables), end=None)])
    staff = oracle_workforce.Staff(tables, year)
    _compare("csww", found, lambda entry: oracle_workforce.ORACLES[entry.code](staff))


def _flags(tables: dict[str, Any]) -> dict[str, Any]:
    """Give flags the type that readers give them."""
    kinds = {c.name: c.kind for c in entry_of("csww").table("CSWWWorker").columns}
    if kinds["AgencyWorker"] != "flag":
        return tables
    seen = {"0": False, "1": True, None: None}
    rows = [{**row, "AgencyWorker": seen[row["AgencyWorker"]]} for row in tables["CSWWWorker"]]
    return {**tables, "CSWWWorker": rows}


@pytest.mark.parametrize(("code", "known"), [("annex_a", oracle_lists.ORACLES), ("csww", oracle_workforce.ORACLES)])
def test_the_oracle_knows_every_indicator(code: str, known: dict[str, Any]) -> None:
    assert {entry.code for entry in indicators_of(code)} == set(known)
