"""Modules as CSV, from whatever wrote them."""

from __future__ import annotations

import codecs
import itertools

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from tests.returns_made_up import EPISODE_ROW, EPISODES, HEADER, HEADER_ROW, module
from transforms.errors import InputError, LayoutError, UnknownSourceError, UnreadableFileError
from transforms.returns import returns
from transforms.returns.read_csv import TableRead, read_csv

ROWS = (EPISODE_ROW, EPISODE_ROW.replace("MADE1", "Mádë2"))


def read(data: bytes) -> TableRead:
    return read_csv(data, returns())


@pytest.fixture(scope="module")
def plain() -> pl.DataFrame:
    return read(module(EPISODES, *ROWS)).frame


@pytest.mark.parametrize(
    ("encoding", "line_end", "last"),
    list(
        itertools.product(
            ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"], ["\n", "\r\n", "\r"], [True, False]
        )
    ),
)
def test_encodings_and_line_ends(plain: pl.DataFrame, encoding: str, line_end: str, last: bool) -> None:
    text = line_end.join((EPISODES, *ROWS)) + (line_end if last else "")
    found = read(text.encode(encoding))
    assert_frame_equal(found.frame, plain)
    assert [problem.code for problem in found.problems] == (["encoding"] if encoding == "cp1252" else [])


def test_utf_16_with_a_mark_of_either_order(plain: pl.DataFrame) -> None:
    text = "\n".join((EPISODES, *ROWS))
    assert_frame_equal(read(codecs.BOM_UTF16_BE + text.encode("utf-16-be")).frame, plain)


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_any_delimiter_gives_the_same_rows(plain: pl.DataFrame, delimiter: str) -> None:
    data = module(EPISODES, *ROWS).decode().replace(",", delimiter).encode()
    assert_frame_equal(read(data).frame, plain)


def test_headings_in_any_case_with_blanks_and_other_names() -> None:
    headings = HEADER.lower().replace("child", ' "Child ID" ').replace("mc_dob", "MC DOB")
    found = read(module(headings, HEADER_ROW))
    assert found.match.table.name == "Header"
    assert found.frame.columns == ["line_number", *HEADER.split(",")]
    assert not found.problems


def test_columns_in_any_order_with_others_between_them() -> None:
    found = read(module("note,REC,DECOM,CHILD,rne,Rec", "x,X1,01/05/2025,MADE1,S,E2"))
    assert found.frame.row(0) == (2, "MADE1", "01/05/2025", "S", "X1")
    assert [(p.code, p.column) for p in found.problems] == [("unknown_column", "note"), ("repeated_column", "Rec")]


def test_titles_and_blank_rows_count_as_lines() -> None:
    found = read(module("Made-up extract", "", HEADER, "", HEADER_ROW, ",,,,,,", " , ,,,,,", HEADER_ROW))
    assert found.frame["line_number"].to_list() == [5, 8]


def test_a_cell_over_several_lines_moves_those_below() -> None:
    found = read(module(HEADER, '"MADE\n\n1",F,05/04/2010,WBRI,UN1,,', HEADER_ROW, '"a""b",F,,,,,'))
    assert found.frame["line_number"].to_list() == [2, 5, 6]
    assert found.frame["CHILD"].to_list() == ["MADE\n\n1", "MADE1", 'a"b']


def test_rows_with_more_or_fewer_cells_than_headings() -> None:
    found = read(module(HEADER, HEADER_ROW + ",,", HEADER_ROW + ",secret", "MADE2,F"))
    assert found.frame["CHILD"].to_list() == ["MADE1", "MADE1", "MADE2"]
    assert found.frame["DOB"].to_list() == ["05/04/2010", "05/04/2010", None]
    assert [problem.code for problem in found.problems] == ["extra_cells"]
    assert "1 row" in found.problems[0].message
    assert "secret" not in found.problems[0].message


def test_a_first_row_shorter_than_the_headings() -> None:
    found = read(module(HEADER, "MADE1,F", HEADER_ROW))
    assert found.frame.select("CHILD", "SEX", "DOB").rows() == [("MADE1", "F", None), ("MADE1", "F", "05/04/2010")]


@pytest.mark.parametrize("extra", ["", ",x"])
def test_a_quotation_mark_without_its_pair_costs_no_rows(extra: str) -> None:
    found = read(module(HEADER, '"MADE1","F","05/04/2010"', 'MA"DE2,F,05/04/2010', f"{HEADER_ROW}{extra}"))
    assert found.frame["CHILD"].to_list() == ["MADE1", 'MA"DE2', "MADE1"]
    assert "unbalanced_quotes" in [problem.code for problem in found.problems]


def test_bytes_that_are_not_what_their_mark_says() -> None:
    found = read(codecs.BOM_UTF8 + module(HEADER, HEADER_ROW.replace("MADE1", "Mádë")).decode().encode("cp1252"))
    assert found.frame["CHILD"].to_list() == ["Mádë"]
    assert [problem.code for problem in found.problems] == ["encoding"]


@pytest.mark.parametrize("data", [HEADER.encode(), module(HEADER), module(HEADER, "", "  ", ",,,")])
def test_headings_alone_are_an_empty_table(data: bytes) -> None:
    found = read(data)
    assert found.frame.shape == (0, 8)
    assert found.frame["CHILD"].dtype == pl.String


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (module(EPISODE_ROW, EPISODE_ROW), UnknownSourceError),
        (module("CHILD,DOB", "MADE1,05/04/2010"), UnknownSourceError),
        (b"MADE1 lives at ZZ1 1ZZ\n", UnknownSourceError),
        (b"CHILD,DECOM\x00,RNE\nMADE1,\x00", UnreadableFileError),
        (module("CHILD,IN_TOUCH,DATE_PLACED", "MADE1,YES,05/04/2010"), LayoutError),
    ],
)
def test_what_is_refused_is_told_without_its_values(data: bytes, error: type[InputError]) -> None:
    with pytest.raises(error, match="expected") as raised:
        read(data)
    assert "MADE1" not in str(raised.value) and "2010" not in str(raised.value)


@pytest.mark.parametrize(
    ("headings", "table"),
    [
        (HEADER, "Header"),
        (EPISODES, "Episodes"),
        ("CHILD,DOB,REVIEW,REVIEW_CODE", "Reviews"),
        ("CHILD,SEX,DOB,DUC", "UASC"),
        ("CHILD,DOB,SDQ_SCORE,HEALTH_ASSESSMENT", "OC2"),
        ("CHILD,DOB,IN_TOUCH,ACTIV,ACCOM", "OC3"),
        ("CHILD,DOB,DATE_INT,DATE_MATCH", "AD1"),
        ("CHILD,DOB,DATE_PLACED,DATE_PLACED_CEASED,REASON_PLACED_CEASED", "PlacedAdoption"),
        ("CHILD,DOB,PREV_PERM,LA_PERM,DATE_PERM", "PrevPerm"),
        ("CHILD,DOB,MISSING,MIS_START,MIS_END", "Missing"),
        ("CHILD,DOB,SW_ID,SW_DECOM,SW_DEC,SW_REASON", "SWEpisodes"),
        ("CHILD,DOB,DOLO_START,DOLO_END", "DoLo"),
    ],
)
def test_modules_are_known_by_their_columns(headings: str, table: str) -> None:
    assert read(headings.encode()).match.table.name == table
