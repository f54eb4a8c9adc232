"""Files to submissions: numbering, types, years, and what is said of departures."""

from __future__ import annotations

import pickle
from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from tests.returns_made_up import EPISODE_ROW, EPISODES, HEADER, HEADER_ROW, census, module
from transforms.errors import LayoutError, UnknownSourceError, UsageError
from transforms.returns import periods, returns
from transforms.returns.assembling import assemble
from transforms.returns.model import CHILDREN, ReturnData
from transforms.returns.reading import FileRead, read_file
from transforms.returns.submissions import group

SSDA903 = next(entry for entry in returns() if entry.code == "ssda903")


def submission(*files: bytes, year: int = 2026, previous: ReturnData | None = None) -> ReturnData:
    read = [read_file(data, f"file{number}") for number, data in enumerate(files)]
    return assemble(read[0].return_code, read, year, previous=previous)


def problems(data: ReturnData) -> set[tuple[str | None, ...]]:
    return set(data.problems.select("problem_code", "table_name", "column_name", "row_number").rows())


def test_files_of_one_module_are_one_table_that_keeps_file_and_line() -> None:
    data = submission(
        module(EPISODES, EPISODE_ROW), module(HEADER, HEADER_ROW), module("x", EPISODES, EPISODE_ROW.lower())
    )
    assert data.raw["Episodes"].select("row_number", "file_number", "line_number").rows() == [(0, 0, 2), (1, 2, 3)]
    assert data.raw["Episodes"]["PLACE"].to_list() == ["U4", "u4"]
    assert data.typed["Episodes"].columns == ["row_number", *EPISODES.split(",")]
    assert data.typed["Episodes"]["PLACE"].to_list() == ["U4", "U4"]
    assert data.files == ("file0", "file1", "file2")


def test_types_are_those_of_the_contract() -> None:
    data = submission(module(HEADER, HEADER_ROW))
    assert data.typed["Header"].schema == {
        "row_number": pl.UInt32,
        "CHILD": pl.Categorical(CHILDREN),
        "SEX": pl.String,
        "DOB": pl.Date,
        "ETHNIC": pl.String,
        "UPN": pl.String,
        "MOTHER": pl.String,
        "MC_DOB": pl.Date,
    }
    details = submission(census("MADE1")).typed["CINdetails"]
    assert details["ReferralNFA"].to_list() == [False, True]
    assert details["CINdetailsID"].dtype == pl.Int64
    assert details["CINreferralDate"].to_list() == [date(2025, 5, 1), date(2026, 1, 5)]


def test_a_column_that_is_not_there_is_reported_and_absent() -> None:
    data = submission(module("CHILD,DOB,SEX,UPN", "MADE1,05/04/2010,F,"))
    assert "ETHNIC" not in data.typed["Header"].columns
    assert {
        ("missing_required_column", "Header", "ETHNIC", None),
        ("missing_column", "Header", "MOTHER", None),
        ("blank_required", "Header", "UPN", 0),
    } == {problem for problem in problems(data) if problem[2] != "MC_DOB"}


def test_all_columns_of_the_year_are_there_from_xml() -> None:
    typed = submission(census("MADE1")).typed
    assert "PersonDeathDate" in typed["ChildIdentifiers"].columns
    assert "GenderCurrent" not in typed["ChildIdentifiers"].columns
    assert "PreProceedings" not in typed


def test_columns_and_tables_of_another_year_are_kept_and_reported() -> None:
    data = submission(census("MADE1"), year=2021)
    assert data.typed["ChildIdentifiers"]["Sex"].to_list() == ["F"]
    assert ("column_not_of_year", "ChildIdentifiers", "Sex", None) in problems(data)
    sw = module("CHILD,DOB,SW_ID,SW_DECOM,SW_DEC,SW_REASON", "MADE1,05/04/2010,SW1,01/05/2022,,MANAGE")
    assert ("table_not_of_year", "SWEpisodes", None, None) in problems(submission(sw, year=2023))
    assert "SWEpisodes" not in submission(module(HEADER, HEADER_ROW), sw.partition(b"\n")[0], year=2023).typed


def test_repeated_rows_and_a_file_given_as_both_years_are_reported() -> None:
    last = submission(module(HEADER, HEADER_ROW), year=2025)
    data = submission(module(HEADER, HEADER_ROW, HEADER_ROW), previous=last)
    assert ("repeated_row", "Header", None, 1) in problems(data)
    assert not [problem for problem in problems(data) if problem[0] == "same_as_previous_year"]
    same = submission(module(HEADER.lower(), "", HEADER_ROW), previous=last)
    assert ("same_as_previous_year", "Header", None, None) in problems(same)
    assert same.last is last


def test_numbers_given_within_a_file_stay_keys_across_files() -> None:
    data = submission(census("MADE1"), census("MADE1"))
    details, plans = data.typed["CINdetails"], data.typed["ChildProtectionPlans"]
    assert details["CINdetailsID"].to_list() == [1, 2, 3, 4]
    assert plans.select("CINdetailsID", "CPPID").rows() == [(1, 1), (2, 2), (3, 3), (4, 4)]
    assert ("several_whole_returns", None, None, None) in problems(data)


@pytest.mark.parametrize("plant", ["SECRET", "99/99/SECRET", "05/SECRET/2010", "1e999SECRET"])
def test_no_problem_holds_a_value(plant: str) -> None:
    for data in (
        submission(module(HEADER, *[",".join([plant] * 7)] * 2)),
        submission(census(plant).replace(b"2012-02-29", plant.encode()).replace(b">1<", f">{plant}<".encode())),
    ):
        assert data.problems.height >= 2
        assert "SECRET" not in data.problems.write_csv()


def test_what_a_child_process_read_comes_back_whole() -> None:
    read = read_file(census("MADE1"), "x")
    back = pickle.loads(pickle.dumps(read, 5))
    assert isinstance(back, FileRead)
    assert (back.name, back.year, back.is_whole, back.problems) == (read.name, 2026, True, [])
    for table, frame in read.tables.items():
        assert_frame_equal(back.tables[table], frame)


def test_wrong_use_is_told() -> None:
    with pytest.raises(UsageError):
        assemble("cin_census", [read_file(module(HEADER, HEADER_ROW), "")], 2026)
    with pytest.raises(UsageError):
        assemble("ssda903", [], 2026)
    with pytest.raises(UnknownSourceError):
        assemble("made_up", [], 2026)


@pytest.mark.parametrize(
    ("name", "year"),
    [
        ("2025-26", 2026),
        ("header_2025_2026.csv", 2026),
        ("903 202526 final", 2026),
        ("21/22", 2022),
        ("1920", 2020),
        ("CIN_2026.xml", 2026),
        ("list 8", None),
        ("2024 and 2026", None),
        ("20260331", None),
        ("child 12345", None),
    ],
)
def test_years_in_names(name: str, year: int | None) -> None:
    assert periods.year_in([name]) == year


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("Annex A 2026-02-28.xlsx", date(2026, 2, 28)),
        ("Annex A 28.02.2026.xlsx", date(2026, 2, 28)),
        ("20260228", date(2026, 2, 28)),
        ("2026-02-30", None),
        ("Annex_A_2024_Jan", None),
    ],
)
def test_days_in_names(name: str, day: date | None) -> None:
    assert periods.day_in([name]) == day


@given(st.dates(date(2010, 1, 1), date(2040, 12, 31)))
def test_every_day_falls_in_the_period_of_its_year(day: date) -> None:
    for entry in returns():
        start, end = entry.period(periods.collection_year(entry, day))
        assert start <= day <= end


def episodes(year: int, name: str) -> FileRead:
    row = EPISODE_ROW.replace("2025", str(year - 1))
    return read_file(module(EPISODES, row, row.replace("MADE1", "MADE2")), name)


def header(name: str) -> FileRead:
    return read_file(module(HEADER, HEADER_ROW), name)


def test_years_side_by_side_are_told_apart_by_content() -> None:
    files = [episodes(2025, "a/e.csv"), header("a/h.csv"), episodes(2026, "b/e.csv"), header("b/h.csv")]
    assert {found.year: [file.name for file in found.files] for found in group(files)} == {
        2025: ["a/e.csv", "a/h.csv"],
        2026: ["b/e.csv", "b/h.csv"],
    }


def test_parts_of_one_module_are_one_year() -> None:
    found = group([episodes(2026, "e1.csv"), episodes(2026, "e2.csv"), header("h.csv")])
    assert [(one.year, len(one.files)) for one in found] == [(2026, 3)]


def test_two_years_in_one_folder_need_names_where_dates_are_silent() -> None:
    files = [episodes(2025, "e1.csv"), episodes(2026, "e2.csv"), header("h-2024-25.csv"), header("h-2025-26.csv")]
    assert {one.year: len(one.files) for one in group(files)} == {2025: 2, 2026: 2}
    with pytest.raises(LayoutError, match="folder of its own"):
        group([*files[:2], header("h.csv")])


def test_a_folder_of_silent_modules_takes_the_year_of_its_name() -> None:
    assert [found.year for found in group([header("returns/2025-26/h.csv")])] == [2026]
    assert [found.year for found in group([header("h.csv")])] == [None]
