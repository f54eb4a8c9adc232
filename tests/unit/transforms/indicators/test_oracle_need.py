"""Indicators of the children in need census against the slow oracle, on made-up censuses."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.made_returns import made
from tests.unit.transforms.indicators.oracle_need import ORACLES, Census
from tests.unit.transforms.indicators.plain import broken, tally
from transforms.indicators import indicators_of
from transforms.indicators.compute import compute

RETURN = "cin_census"
YEARS = (2025, 2026)
_NEAR = [
    date(2023, 3, 31),
    date(2024, 2, 29),
    date(2024, 4, 1),
    date(2025, 3, 31),
    date(2025, 4, 1),
    date(2025, 4, 17),
    date(2025, 4, 22),
    date(2025, 11, 3),
    date(2025, 12, 1),
    date(2025, 12, 22),
    date(2025, 12, 23),
    date(2025, 12, 31),
    date(2026, 1, 8),
    date(2026, 1, 9),
    date(2026, 3, 31),
    date(2026, 4, 1),
]
_day = st.one_of(st.none(), st.sampled_from(_NEAR), st.dates(date(2023, 1, 1), date(2026, 4, 30)))
_recent = st.one_of(st.none(), st.sampled_from(_NEAR), st.dates(date(2025, 1, 1), date(2026, 4, 30)))
_child = st.sampled_from(["C0", "C1", "C2", "C3"])
_number = st.integers(1, 2)
_born = st.one_of(
    st.none(), st.sampled_from([date(2008, 2, 29), date(2026, 6, 1)]), st.dates(date(2006, 1, 1), date(2026, 3, 1))
)


def _codes(*codes: str) -> st.SearchStrategy[str | None]:
    return st.sampled_from([*codes, None])


def _rows(most: int, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[list[dict[str, Any]]]:
    return st.lists(st.fixed_dictionaries({"LAchildID": _child, **fields}), max_size=most)


_tables = st.fixed_dictionaries(
    {
        "ChildIdentifiers": _rows(5, PersonBirthDate=_born, ExpectedPersonBirthDate=_born, Sex=_codes("M", "F", "U")),
        "ChildCharacteristics": _rows(4, Ethnicity=_codes("WBRI", "MWBC", "APKN", "REFU")),
        "CINdetails": _rows(
            10,
            CINdetailsID=_number,
            CINreferralDate=_recent,
            ReferralSource=_codes("1A", "2A", "6", "10"),
            PrimaryNeedCode=_codes("N1", "N9", "N0"),
            CINclosureDate=_recent,
            ReasonForClosure=_codes("RC8", "RC9", "RC1"),
            DateOfInitialCPC=_recent,
            ReferralNFA=st.sampled_from([True, False, None]),
        ),
        "Assessments": _rows(
            8,
            CINdetailsID=_number,
            AssessmentID=_number,
            AssessmentActualStartDate=_recent,
            AssessmentAuthorisationDate=_recent,
        ),
        "AssessmentFactorsList": _rows(
            8, CINdetailsID=_number, AssessmentID=_number, AssessmentFactors=_codes("1A", "20", "21", "24A")
        ),
        "CINplanDates": _rows(2, CINdetailsID=_number, CINPlanStartDate=_recent),
        "Section47": _rows(6, CINdetailsID=_number, S47ActualStartDate=_recent, DateOfInitialCPC=_recent),
        "ChildProtectionPlans": _rows(
            7,
            CINdetailsID=_number,
            CPPID=_number,
            CPPstartDate=_day,
            CPPendDate=_day,
            LatestCategoryOfAbuse=_codes("NEG", "MUL"),
            NumberOfPreviousCPP=st.sampled_from([None, 0, 1, 2]),
        ),
        "Reviews": _rows(8, CINdetailsID=_number, CPPID=_number, CPPreviewDate=_day),
    }
)


@settings(max_examples=80)
@given(st.fixed_dictionaries({year: _tables for year in YEARS}), st.sampled_from([(2026,), YEARS]))
def test_every_indicator_is_what_the_oracle_finds(years: dict[int, Any], chosen: tuple[int, ...]) -> None:
    held = {year: years[year] for year in chosen}
    returns = [made(RETURN, year, tables) for year, tables in held.items()]
    found = compute(returns, {y: 1000 for y in range(2020, 2027)})
    values = {
        (code, period, breakdown): (above, below)
        for code, period, breakdown, above, below in found.select(
            "indicator_code", "period_code", "breakdown", "numerator", "denominator"
        ).iter_rows()
    }
    assert broken(found) == []
    for entry in indicators_of(RETURN):
        for year in held:
            for breakdown, (above, below) in tally(entry, ORACLES[entry.code](Census(held, year))).items():
                got = values[entry.code, str(year), breakdown]
                assert got[0] == pytest.approx(above), (entry.code, year, breakdown)
                if not entry.has_population:
                    assert got[1] == (None if below is None else pytest.approx(below)), (entry.code, year, breakdown)


def test_the_oracle_knows_every_indicator() -> None:
    assert {entry.code for entry in indicators_of(RETURN)} == set(ORACLES)
