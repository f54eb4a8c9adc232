"""Indicators of SSDA903 against the slow oracle, on returns made up around the days where rules turn."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.made_returns import made
from tests.unit.transforms.indicators.oracle_care import ORACLES, QUARTERLY, Care, quarterly, quarters
from tests.unit.transforms.indicators.plain import broken, tally
from transforms.indicators import indicators_of
from transforms.indicators.compute import compute

RETURN = "ssda903"
YEARS = (2024, 2025, 2026)
TABLES = ("Header", "Episodes", "Reviews", "UASC", "OC2", "OC3", "AD1", "PlacedAdoption", "Missing", "SWEpisodes")
CHILDREN = [f"C{n}" for n in range(5)]
_NEAR = [
    date(2022, 9, 30),
    date(2023, 3, 31),
    date(2023, 4, 1),
    date(2023, 9, 30),
    date(2023, 10, 1),
    date(2024, 2, 29),
    date(2024, 3, 31),
    date(2024, 4, 1),
    date(2024, 6, 30),
    date(2024, 7, 1),
    date(2025, 2, 28),
    date(2025, 3, 31),
    date(2025, 4, 1),
    date(2025, 4, 2),
    date(2025, 6, 1),
    date(2025, 6, 2),
    date(2025, 6, 9),
    date(2025, 9, 30),
    date(2025, 12, 24),
    date(2026, 1, 2),
    date(2026, 3, 3),
    date(2026, 3, 4),
    date(2026, 3, 31),
    date(2026, 4, 1),
]
_day = st.one_of(st.sampled_from(_NEAR), st.dates(date(2022, 1, 1), date(2026, 4, 30)))
_maybe = st.one_of(st.none(), _day)
_child = st.sampled_from(CHILDREN)
_born = st.one_of(
    st.none(),
    st.sampled_from([date(2008, 2, 29), date(2004, 2, 29), date(2010, 3, 31), date(2010, 4, 1), date(2021, 4, 1)]),
    st.dates(date(2003, 1, 1), date(2025, 12, 31)),
    st.just(date(2027, 5, 1)),
)
_leaver_born = st.one_of(
    st.none(),
    st.sampled_from([date(2008, 2, 29), date(2004, 2, 29), date(2007, 3, 31), date(2007, 4, 1)]),
    st.dates(date(2003, 1, 1), date(2010, 1, 1)),
)


def _codes(*codes: str) -> st.SearchStrategy[str | None]:
    return st.sampled_from([*codes, None])


def _rows(least: int, most: int, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[list[dict[str, Any]]]:
    return st.lists(st.fixed_dictionaries({"CHILD": _child, **fields}), min_size=least, max_size=most)


_flag = st.sampled_from(["1", "0", None])
_tables = st.fixed_dictionaries(
    {
        "Header": _rows(
            0,
            6,
            DOB=_born,
            SEX=_codes("M", "F", "1", "2", "U"),
            ETHNIC=_codes("WBRI", "MWBC", "APKN", "BAFR", "CHNE", "REFU"),
        ),
        "Episodes": _rows(
            0,
            14,
            DECOM=_maybe,
            DEC=_maybe,
            RNE=_codes("S", "S", "L", "P", "T", "B", "U", "9"),
            LS=_codes("C2", "C2", "E1", "D1", "V2", "V4"),
            REC=_codes("X1", "X1", "E11", "E12", "E4A", "E4B", "E45", "E3", "E5", "E99"),
            CIN=_codes("N1", "N8", "N0"),
            PLACE=_codes("U6", "U6", "U1", "T1", "A3", "A4", "A5", "K1", "K2", "K3", "H5", "P1", "S1", "R1", "Z1"),
            PL_POST=_codes("A1 1AA", "B1 1BB"),
            URN=_codes("1234567"),
            PL_DISTANCE=st.sampled_from([None, 20.0, 20.1, 3.0]),
            PL_LOCATION=_codes("IN", "OUT"),
        ),
        "Reviews": _rows(0, 8, REVIEW=_maybe, REVIEW_CODE=_codes("PN0", "PN1", "PN4", "PN5", "PN7")),
        "UASC": _rows(0, 3, DUC=_maybe),
        "OC2": _rows(
            0,
            6,
            SDQ_SCORE=st.sampled_from([None, 0, 13, 16, 17, 40]),
            CONVICTED=_flag,
            HEALTH_CHECK=_flag,
            IMMUNISATIONS=_flag,
            TEETH_CHECK=_flag,
            HEALTH_ASSESSMENT=_flag,
            SUBSTANCE_MISUSE=_flag,
        ),
        "OC3": _rows(
            0,
            6,
            DOB=_leaver_born,
            IN_TOUCH=_codes("YES", "NO", "DIED", "RHOM"),
            ACTIV=_codes("F1", "P5", "F3", "G4", "0"),
            ACCOM=_codes("B1", "Z1", "Z2", "G1", "U2", "0"),
        ),
        "AD1": _rows(0, 4, DATE_MATCH=_maybe, FOSTER_CARE=_flag),
        "PlacedAdoption": _rows(
            0, 4, DATE_PLACED=_maybe, DATE_PLACED_CEASED=_maybe, REASON_PLACED_CEASED=_codes("RD1", "RD4", "ZZ")
        ),
        "Missing": _rows(0, 5, MISSING=_codes("M", "A"), MIS_START=_maybe, MIS_END=_maybe),
        "SWEpisodes": _rows(0, 8, SW_ID=_codes("SW1", "SW2", "SW3", "SW4"), SW_DECOM=_maybe, SW_DEC=_maybe),
    }
)


def _step(*places: str) -> st.SearchStrategy[tuple[int, str, str, str]]:
    return st.tuples(
        st.sampled_from([0, 1, 20, 60, 200, 425, 426, 700]),
        st.sampled_from(["L", "L", "P", "T", "B", "U", "S"]),
        st.sampled_from(["C2", "C2", "E1", "E1", "D1", "V4"]),
        st.sampled_from(places),
    )


@st.composite
def _life(draw: st.DrawFn, child: str) -> list[dict[str, Any]]:
    """Draw episodes of one child that follow each other; half of them lead to adoption."""
    steps = draw(st.lists(_step("U6", "U6", "U1", "T1", "A3", "A4", "K2"), min_size=1, max_size=5))
    end = draw(st.sampled_from([{"DEC": None, "REC": None}, {"REC": "E17"}, {"REC": "E11"}, {"REC": "E12"}]))
    if end.get("REC") in ("E11", "E12"):
        steps += draw(st.lists(_step("A3", "A4", "A5", "A6"), min_size=1, max_size=2))
    day = draw(st.dates(date(2023, 6, 1), date(2026, 3, 31))) - timedelta(sum(step[0] for step in steps))
    life = []
    for lasted, rne, ls, place in steps:
        after = day + timedelta(lasted)
        life.append({"CHILD": child, "DECOM": day, "DEC": after, "REC": "X1", "RNE": rne, "LS": ls, "PLACE": place})
        day = after
    life[0]["RNE"] = "S"
    life[-1] |= end
    return life


@st.composite
def _lives(draw: st.DrawFn) -> dict[int, dict[str, Any]]:
    """Draw returns of several years in which the episodes of children follow each other."""
    years: dict[int, dict[str, Any]] = {year: {name: [] for name in TABLES} for year in YEARS}
    births = [date(2006, 6, 1), date(2007, 2, 28), date(2008, 2, 29), date(2015, 5, 5), date(2021, 7, 1)]
    for child in CHILDREN[:2]:
        born = draw(st.sampled_from(births))
        life = draw(_life(child))
        for year, tables in years.items():
            start, end = date(year - 1, 4, 1), date(year, 3, 31)
            for row in life:
                if row["DECOM"] <= end and (row["DEC"] is None or row["DEC"] >= start):
                    is_open = row["DEC"] is not None and row["DEC"] > end
                    tables["Episodes"].append({**row, "DEC": None, "REC": None} if is_open else dict(row))
            tables["Header"].append({"CHILD": child, "DOB": born})
            tables["AD1"].append({"CHILD": child, "DATE_MATCH": draw(_day), "FOSTER_CARE": draw(_flag)})
            tables["OC3"].append(
                {"CHILD": child, "DOB": born, "IN_TOUCH": "YES", "ACCOM": draw(st.sampled_from(["Z1", "U1"]))}
            )
            tables["OC2"].append(
                {"CHILD": child, "SDQ_SCORE": draw(st.sampled_from([16, 17, 41])), "HEALTH_CHECK": draw(_flag)}
            )
            for worker in ("SW1", "SW2", "SW3"):
                tables["SWEpisodes"].append(
                    {"CHILD": child, "SW_ID": worker, "SW_DECOM": draw(_day), "SW_DEC": draw(_maybe)}
                )
            due = draw(st.lists(st.sampled_from([19, 28, 29, 91, 92, 120, 182, 184]), max_size=6))
            held = life[0]["DECOM"]
            for days in due:
                held += timedelta(days)
                tables["Reviews"].append({"CHILD": child, "REVIEW": held, "REVIEW_CODE": "PN1"})
    return years


_loose = st.fixed_dictionaries({year: _tables for year in YEARS})


_chosen = st.sampled_from([(2026,), (2025, 2026), YEARS])


@settings(max_examples=40)
@given(_loose, _chosen)
def test_loose_rows_give_what_the_oracle_finds(years: dict[int, Any], chosen: tuple[int, ...]) -> None:
    _compare(years, chosen)


@settings(max_examples=80)
@given(_lives(), _chosen)
def test_lives_give_what_the_oracle_finds(years: dict[int, Any], chosen: tuple[int, ...]) -> None:
    _compare(years, chosen)


def _compare(years: dict[int, Any], chosen: tuple[int, ...]) -> None:
    held = {year: years[year] for year in chosen}
    returns = [made("ssda903", year, tables, is_measured=True) for year, tables in held.items()]
    found = compute(returns, {y: 1000 for y in range(2020, 2027)})
    values = {
        (code, period, breakdown): (above, below, status)
        for code, period, breakdown, above, below, status in found.select(
            "indicator_code", "period_code", "breakdown", "numerator", "denominator", "value_status"
        ).iter_rows()
    }
    assert broken(found) == []
    for entry in indicators_of("ssda903"):
        if entry.code in QUARTERLY:
            continue
        for year in held:
            if entry.years > 1 and any(year - back not in held for back in range(entry.years)):
                assert values[entry.code, str(year), "Total"][2] == "not_available"
                continue
            for breakdown, (above, below) in tally(entry, ORACLES[entry.code](Care(held, year))).items():
                got = values[entry.code, str(year), breakdown]
                assert got[0] == pytest.approx(above), (entry.code, year, breakdown)
                if not entry.has_population:
                    assert got[1] == (None if below is None else pytest.approx(below)), (entry.code, year, breakdown)


@settings(max_examples=40)
@given(st.one_of(_lives(), _loose))
def test_quarters_are_what_the_oracle_finds(years: dict[int, Any]) -> None:
    entries = [entry for entry in indicators_of("ssda903") if entry.is_quarterly]
    returns = [made("ssda903", year, tables, is_measured=True) for year, tables in years.items()]
    found = compute(returns, {}, entries)
    for year in years:
        care = Care(years, year)
        for code in QUARTERLY:
            for n, (start, end) in enumerate(quarters(care)):
                row = found.filter((pl.col("indicator_code") == code) & (pl.col("period_code") == f"{year}Q{n + 1}"))
                assert row["numerator"].to_list() == [quarterly(code, care, start, end)], (code, year, n)
                assert (row["period_start"][0], row["period_end"][0]) == (start, end)


def test_the_oracle_knows_every_indicator() -> None:
    assert {entry.code for entry in indicators_of("ssda903")} == set(ORACLES) | set(QUARTERLY)
