"""What the seeds say of returns, columns and codes."""

from __future__ import annotations

import importlib
from collections import Counter
from pkgutil import iter_modules

import pytest

import transforms.returns as package
from transforms.returns import returns
from transforms.returns.entry import KINDS, Block, Column, Return, is_valid
from transforms.returns.values import normal


def entry(code: str) -> Return:
    return next(found for found in returns() if found.code == code)


def column(return_code: str, table: str, name: str) -> Column:
    return next(found for found in entry(return_code).table(table).columns if found.name == name)


def codes(return_code: str, table: str, name: str, year: int) -> set[str]:
    return {code.code for code in column(return_code, table, name).codes if is_valid(code, year)}


def test_all_four_returns_are_declared_by_their_modules_alone() -> None:
    assert {found.code: len(found.tables) for found in returns()} == {
        "annex_a": 11,
        "cin_census": 12,
        "csww": 3,
        "ssda903": 12,
    }


def test_no_module_declares_a_return_that_is_not_listed() -> None:
    modules = [importlib.import_module(f"{package.__name__}.{found.name}") for found in iter_modules(package.__path__)]
    declared = [entry for module in modules for entry in getattr(module, "RETURNS", ())]
    assert {id(entry) for entry in declared} == {id(entry) for entry in returns()}


@pytest.mark.parametrize("found", returns(), ids=lambda found: found.code)
def test_an_entry_holds_together(found: Return) -> None:
    for table in found.tables:
        names = [one.name for one in table.columns]
        assert names and len(set(names)) == len(names)
        assert {*table.key, *table.marks} <= set(names)
        for one in table.columns:
            assert one.kind in KINDS
            listed = [(code.code, code.since) for code in one.codes]
            assert len(set(listed)) == len(listed)
            spellings = Counter(text for code in one.codes for text in {*code.seen, normal(code.code)})
            assert not [text for text, count in spellings.items() if count > 1], one.name
            assert all(text == normal(text) for code in one.codes for text in code.seen)
    start, end = found.period(2026)
    assert (end - start).days in (364, 365)


def test_elements_of_a_form_lead_to_tables_that_are_there() -> None:
    def tables(blocks: tuple[Block, ...]) -> set[str]:
        return {block.table for block in blocks if block.table} | {
            name for block in blocks for name in tables(block.blocks)
        }

    for found in returns():
        if found.xml and not found.xml.by_leaves:
            assert tables(found.xml.records) == {table.name for table in found.tables}


@pytest.mark.parametrize(
    ("return_code", "table", "name", "year", "there", "gone"),
    [
        ("ssda903", "Header", "SEX", 2024, {"1", "2"}, {"M", "F", "U"}),
        ("ssda903", "Header", "SEX", 2025, {"M", "F", "U"}, {"1", "2"}),
        ("ssda903", "Episodes", "REC", 2018, {"E43", "E44"}, {"E45", "E48"}),
        ("ssda903", "Episodes", "REC", 2019, {"E45", "E48"}, {"E43", "E44"}),
        ("ssda903", "Episodes", "REASON_PLACE_CHANGE", 2018, {"OTHER"}, {"CUSTOD"}),
        ("ssda903", "Episodes", "PLACE", 2023, {"H5", "P2"}, {"K3", "Z11"}),
        ("ssda903", "Episodes", "PLACE", 2024, {"K3", "H5"}, {"Z11"}),
        ("ssda903", "Episodes", "PLACE", 2026, {"K3", "Z11", "Z14"}, {"H5", "P2"}),
        ("ssda903", "Episodes", "PLACE", 2027, {"Z14"}, {"H5"}),
        ("ssda903", "OC3", "ACTIV", 2018, {"F3", "P3"}, {"F4", "P5"}),
        ("ssda903", "OC3", "ACTIV", 2022, {"F4", "P5"}, {"F3", "P3"}),
        ("cin_census", "CINdetails", "ReferralSource", 2022, {"5C"}, {"5D"}),
        ("cin_census", "CINdetails", "ReferralSource", 2023, {"5D"}, set()),
        ("cin_census", "CINdetails", "ReasonForClosure", 2022, {"RC8"}, {"RC9"}),
        ("cin_census", "AssessmentFactorsList", "AssessmentFactors", 2020, {"18A", "21"}, {"18B", "24A"}),
        ("cin_census", "AssessmentFactorsList", "AssessmentFactors", 2022, {"18B", "24A"}, set()),
        ("csww", "CSWWWorker", "OrgRole", 2022, {"1", "6"}, {"7"}),
    ],
)
def test_codes_come_and_go_with_the_years(
    return_code: str, table: str, name: str, year: int, there: set[str], gone: set[str]
) -> None:
    valid = codes(return_code, table, name, year)
    assert there <= valid
    assert not gone & valid


@pytest.mark.parametrize(
    ("return_code", "table", "year", "is_there"),
    [
        ("ssda903", "SWEpisodes", 2023, False),
        ("ssda903", "SWEpisodes", 2024, True),
        ("ssda903", "DoLo", 2026, False),
        ("ssda903", "DoLo", 2027, True),
        ("cin_census", "CINplanDates", 2021, False),
        ("cin_census", "CINplanDates", 2022, True),
        ("cin_census", "PreProceedings", 2027, True),
    ],
)
def test_tables_come_with_the_years(return_code: str, table: str, year: int, is_there: bool) -> None:
    assert is_valid(entry(return_code).table(table), year) is is_there


def test_sex_takes_the_place_of_gender() -> None:
    names = {
        year: {c.name for c in entry("cin_census").table("ChildIdentifiers").columns_of(year)} for year in (2024, 2025)
    }
    assert "GenderCurrent" in names[2024] and "Sex" not in names[2024]
    assert "Sex" in names[2025] and "GenderCurrent" not in names[2025]
