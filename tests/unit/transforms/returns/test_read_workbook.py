"""Workbooks: sheets by their headings, cells as spreadsheets hold them."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from tests.returns_made_up import EPISODE_ROW, EPISODES, HEADER, workbook
from transforms.errors import UnknownSourceError, UnreadableFileError
from transforms.returns import returns
from transforms.returns.assembling import assemble
from transforms.returns.reading import read_file

CONTACTS = ["Child Unique ID ", "Gender", "Ethnicity", "Date of Birth", "Age", "Date of Contact", "Contact Source"]
ROW = ["00012", "b) Female", "a) WBRI", date(2015, 1, 25), 6.138, date(2026, 1, 16), "q) 6: Police"]


def columns_of(table: str) -> list[str]:
    entry = next(found for found in returns() if found.code == "annex_a")
    return [column.name for column in entry.table(table).columns]


def test_a_sheet_is_known_by_its_headings_below_blanks_and_titles() -> None:
    rows = [[None], ["Made-up council, list of contacts"], [], [None, *CONTACTS], [None, *ROW], [], [None, *ROW]]
    data = workbook({"Cover": [["Annex A"], ["Notes"]], "Sheet7": rows, "Look-ups": [["a) Male"], ["b) Female"]]})
    found = read_file(data, "annex a 2026-02-28.xlsx")
    assert (found.return_code, found.day, found.year) == ("annex_a", date(2026, 2, 28), 2026)
    assert list(found.tables) == ["list_1"]
    assert found.tables["list_1"]["line_number"].to_list() == [5, 7]
    assert [problem.code for problem in found.problems] == ["unknown_sheet"]
    data_read = assemble("annex_a", [found], 2026)
    assert (data_read.start, data_read.end) == (date(2025, 3, 1), date(2026, 2, 28))
    assert assemble("annex_a", [found], 2026, day=date(2026, 3, 1)).end == date(2026, 3, 1)
    assert data_read.typed["list_1"].row(0)[1:] == (
        *("00012", "b) Female", "a) White", date(2015, 1, 25), 6),
        *(date(2026, 1, 16), "g) Police"),
    )


def test_cells_in_all_their_forms() -> None:
    rows = [
        CONTACTS,
        [12.0, "Female", "k) APKN", "25/01/2015", "<1", 46038, "Police"],
        [13, "f", "#N/A", "2015-01-25", "18 months", datetime(2026, 1, 16), "=NA()|#N/A"],
        ["14", "F\u00a0", "nobody\u2019s", "01/25/2015", "=H2+5|6.9", "16 Jan 2026", "police"],
        ["15", "zz", "", "25/01/15", "about ten", "x", None],
    ]
    data = assemble("annex_a", [read_file(workbook({"1": rows}), "")], 2026)
    frame = data.typed["list_1"]
    assert frame["Child Unique ID"].cast(str).to_list() == ["12", "13", "14", "15"]
    assert frame["Gender"].to_list() == ["b) Female"] * 3 + [None]
    assert frame["Ethnicity"].to_list() == ["c) Asian or Asian British", None, None, None]
    assert frame["Date of Birth"].to_list() == [date(2015, 1, 25)] * 2 + [None, None]
    assert frame["Age of Child (Years)"].to_list() == [0, 1, 6, None]
    assert frame["Date of Contact"].to_list() == [date(2026, 1, 16)] * 3 + [None]
    assert frame["Contact Source"].to_list() == ["g) Police", None, "g) Police", None]
    problems = data.problems.filter(data.problems["column_name"].is_not_null())
    found = {
        (code, column, row)
        for code, column, row in problems.select(["problem_code", "column_name", "row_number"]).rows()
    }
    assert {
        ("cell_error", "Ethnicity", None),
        ("invalid_code", "Gender", 3),
        ("invalid_code", "Ethnicity", 2),
        ("date_month_first", "Date of Birth", 2),
        ("ambiguous_dates", "Date of Birth", None),
        ("date_two_digit_year", "Date of Birth", 3),
        ("unreadable_value", "Age of Child (Years)", 3),
        ("unreadable_date", "Date of Contact", 3),
    } <= found


@pytest.mark.parametrize("number", range(1, 12))
def test_each_list_is_known_whatever_its_sheet_is_called(number: int) -> None:
    name = f"list_{number}"
    headings = [heading.replace("'", "\u2019").upper() for heading in columns_of(name)]
    found = read_file(workbook({"x": [headings, ["1"] * len(headings)]}), "")
    assert list(found.tables) == [name]
    assert found.tables[name].columns == ["line_number", *columns_of(name)]


def test_a_list_over_two_sheets_is_one_table() -> None:
    found = read_file(workbook({"a": [CONTACTS, ROW], "b": [CONTACTS[:-1], ROW[:-1]]}), "")
    assert found.tables["list_1"].height == 2
    assert found.tables["list_1"]["Contact Source"].null_count() == 1


def test_modules_of_looked_after_children_as_a_workbook() -> None:
    episode = [*EPISODE_ROW.split(",")]
    header = ["MADE1", "F", date(2010, 4, 5), "WBRI", "UN1", 1.0, None]
    found = read_file(workbook({"a": [EPISODES.split(","), episode], "b": [HEADER.split(","), header]}), "x")
    assert (found.return_code, found.year) == ("ssda903", 2026)
    typed = assemble("ssda903", [found], 2026).typed
    assert typed["Header"].row(0, named=True)["DOB"] == date(2010, 4, 5)
    assert typed["Header"]["MOTHER"].to_list() == ["1"]
    assert typed["Episodes"]["PLACE"].to_list() == ["U4"]


def test_what_is_no_workbook_of_a_return_is_refused() -> None:
    with pytest.raises(UnknownSourceError, match="no sheet of 1"):
        read_file(workbook({"a": [["Name", "Place"], ["MADE1", "ZZ1 1ZZ"]]}), "")
    with pytest.raises(UnreadableFileError):
        read_file(workbook({"a": [CONTACTS, ROW]})[:-200], "")
    for data in (b"%PDF-1.7 x", b"\xd0\xcf\x11\xe0xx", b"\x1f\x8bxx", b"", b" \r\n"):
        with pytest.raises(UnreadableFileError):
            read_file(data, "")
