"""XML returns: any order, any size, and nothing that is not in the file."""

from __future__ import annotations

import io
import re
import traceback
from collections.abc import Callable

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from tests.returns_made_up import CENSUS, CHILD, census
from transforms.errors import InputError, LayoutError, UnknownSourceError, UnreadableFileError
from transforms.returns import returns
from transforms.returns.model import ROW
from transforms.returns.read_xml import read_xml
from transforms.returns.reading import read_chunks, read_file

CIN_ROWS = {
    "CINdetails": [("1", "01/05/2025", "1a", "false"), ("2", "2026-01-05", None, "1")],
    "Assessments": [("1", "1", "2025-05-02"), ("1", "2", "2025-06-02")],
    "AssessmentFactorsList": [("1", "1", "1A"), ("1", "1", "3B")],
    "ChildProtectionPlans": [("1", "1", "2025-07-01"), ("2", "2", "2026-02-01")],
    "Reviews": [("1", "1", "2025-09-01"), ("1", "1", "2025-12-01")],
}
CIN_COLUMNS = {
    "CINdetails": ["CINdetailsID", "CINreferralDate", "ReferralSource", "ReferralNFA"],
    "Assessments": ["CINdetailsID", "AssessmentID", "AssessmentActualStartDate"],
    "AssessmentFactorsList": ["CINdetailsID", "AssessmentID", "AssessmentFactors"],
    "ChildProtectionPlans": ["CINdetailsID", "CPPID", "CPPstartDate"],
    "Reviews": ["CINdetailsID", "CPPID", "CPPreviewDate"],
}


def tables(data: bytes) -> dict[str, pl.DataFrame]:
    return read_file(data, "made-up.xml").tables


def test_a_census_becomes_tables_with_keys() -> None:
    found = read_file(census("MADE1", "MADE2"), "whatever.txt")
    assert (found.return_code, found.year, found.la_code) == ("cin_census", 2026, "999")
    assert not found.problems
    for table, rows in CIN_ROWS.items():
        frame = found.tables[table]
        for name in ("MADE1", "MADE2"):
            assert frame.filter(pl.col("LAchildID") == name).select(CIN_COLUMNS[table]).rows() == rows, table
    assert found.tables["Disabilities"].select("LAchildID", "Disability").rows() == [
        ("MADE1", "AUT"),
        ("MADE1", "LD"),
        ("MADE2", "AUT"),
        ("MADE2", "LD"),
    ]
    assert found.tables["ChildIdentifiers"]["PersonBirthDate"].to_list() == ["2012-02-29"] * 2
    assert found.tables["Header"].select("Collection", "Year", "LEA").row(0) == ("CIN", "2026", "999")
    assert found.tables["Section47"].is_empty()


@pytest.mark.parametrize("above", [0, 70_000])
def test_rows_know_their_lines(above: int) -> None:
    data = census("MADE1", "MADE2").replace(b"<Children>", b"<Children>" + b"\n" * above)
    lines = data.decode().splitlines()
    for number in tables(data)["CINdetails"]["line_number"]:
        # Far down, libxml2 gives the line of the first text within an element.
        assert "<CINdetails>" in "".join(lines[number - (2 if above else 1) : number])


@pytest.mark.parametrize("rows_at_once", [1, 3, 7])
def test_pieces_join_to_the_whole_and_rows_count_on(rows_at_once: int) -> None:
    data = census(*(f"MADE{number}" for number in range(9)))
    entry, whole = read_chunks(io.BytesIO(data))
    expected = {table: frame for table, frame in whole if not frame.is_empty()}
    _, chunks = read_chunks(io.BytesIO(data), rows_at_once)
    pieces: dict[str, list[pl.DataFrame]] = {}
    for table, frame in chunks:
        pieces.setdefault(table, []).append(frame)
    assert entry.code == "cin_census"
    assert set(pieces) == {table.name for table in entry.tables}
    assert len(pieces["CINdetails"]) > 1
    for table, frame in expected.items():
        assert_frame_equal(pl.concat(pieces[table]), frame)
        assert frame[ROW].to_list() == list(range(frame.height))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_a_declared_encoding_is_read(encoding: str) -> None:
    text = census("Mádë").decode().replace('encoding="utf-8"', f'encoding="{encoding.removesuffix("-sig")}"')
    assert tables(text.encode(encoding))["CINdetails"]["LAchildID"].to_list() == ["Mádë"] * 2


def test_namespaces_case_comments_and_line_ends_do_not_matter() -> None:
    plain = tables(census("MADE1"))
    text = census("MADE1").decode()
    odd = (
        text.replace("<Message>", '<Message xmlns="https://made-up.example/census">')
        .replace("CINdetails>", "CINDetails>")
        .replace("<CINreferralDate>01/05", "<CINreferralDate><!-- note -->01/<?pi x?>05")
        .replace("\n", "\r\n")
    )
    found = tables(odd.encode())
    for table, frame in plain.items():
        assert_frame_equal(found[table].drop("line_number"), frame.drop("line_number"))


@pytest.mark.parametrize("in_case", [str.lower, str.upper])
def test_a_file_all_in_one_case_is_read_whole(in_case: Callable[[str], str]) -> None:
    plain, text = tables(census("MADE1", "MADE2")), census("MADE1", "MADE2").decode()
    found = tables(re.sub(r"</?[A-Za-z]\w*", lambda tag: in_case(tag[0]), text).encode())
    assert plain["ChildIdentifiers"].height == 2
    for table, frame in plain.items():
        assert_frame_equal(found[table], frame)


def test_unknown_and_repeated_elements_are_reported_by_name_and_count() -> None:
    text = census("MADE1", "MADE2").decode()
    text = text.replace(
        "<ReferralNFA>false", "<Made><Up>secret</Up></Made><ReferralNFA>1</ReferralNFA><ReferralNFA>false"
    )
    found = read_file(text.encode(), "")
    assert {(p.code, p.table, p.column, p.message.split(",")[0]) for p in found.problems} == {
        ("unknown_element", "CINdetails", "Made", "found 2 times"),
        ("repeated_element", "CINdetails", "ReferralNFA", "found 2 times more than once; the first is read"),
    }
    assert found.tables["CINdetails"]["ReferralNFA"].to_list() == ["1", "1"] * 2


def test_what_cannot_be_read_as_it_stands_is_told() -> None:
    """Children would be lost without a word: a record of another spelling, a record in another, a value wrapped up."""
    plain = census("MADE1", "MADE2", "MADE3").decode()
    spelled = plain.replace("<Child>", "<cHild>", 2).replace("</Child>", "</cHild>", 2)
    ended = plain[::-1].replace(">dlihC<", ">dlihc<", 1).replace(">dlihC/<", ">dlihc/<", 1)[::-1]
    ended = ended.replace("<child>", "<cHild>").replace("</child>", "</cHild>")
    nested = plain.replace("<ChildIdentifiers>", "<Child><ChildIdentifiers/></Child><ChildIdentifiers>", 1)
    wrapped = plain.replace("<ReferralNFA>false<", "<ReferralNFA><Value>false</Value><")
    for text, told in (
        (spelled, {("unknown_element", "Children", "cHild", "found 2 times")}),
        (nested, {("unknown_element", "Child", "CINdetails", "found 2 times")}),
        (wrapped, {("unknown_element", "ReferralNFA", "Value", "found 3 times")}),
        (ended, {("unknown_element", "Children", "cHild", "found 1 times")}),
    ):
        found = read_file(text.encode(), "")
        assert told <= {(p.code, p.table, p.column, p.message.split(",")[0]) for p in found.problems}
        assert "MADE" not in str([problem.message for problem in found.problems])


def test_a_header_that_contradicts_itself_is_reported() -> None:
    found = read_file(census("MADE1").replace(b"<Year>2026", b"<Year>2025").replace(b"<LEA>999", b"<LEA>E99"), "")
    assert found.year == 2026 and found.la_code is None
    assert [problem.code for problem in found.problems] == ["header_years_differ", "no_authority"]


BOMB = b"""<?xml version="1.0"?><!DOCTYPE Message [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>"""


def _without_declaration(data: bytes) -> bytes:
    return data.partition(b"?>")[2]


@pytest.mark.parametrize(
    ("data", "error", "message"),
    [
        (BOMB + _without_declaration(census("&c;")), UnreadableFileError, "document type"),
        (
            b'<!DOCTYPE Message [<!ENTITY x SYSTEM "file:///etc/hostname">]>' + _without_declaration(census("&x;")),
            UnreadableFileError,
            "document type",
        ),
        (
            b'<!DOCTYPE Message SYSTEM "made-up.dtd">' + _without_declaration(census("MADE1")),
            UnreadableFileError,
            "type",
        ),
        (census("MADE1")[:-30], UnreadableFileError, "not well formed"),
        (census("MADE1", "MADE2")[:1500], UnreadableFileError, "not well formed"),
        (census("MADE1 &nbsp;"), UnreadableFileError, "not well formed"),
        (b"<html><body>MADE1</body></html>", UnknownSourceError, "document element"),
        (census("MADE1").replace(b">CIN<", b">MADE1<"), UnknownSourceError, "collection"),
        (b"<EXPSSDA903></EXPSSDA903>", LayoutError, "no element CHILD"),
        (b"<", UnreadableFileError, "not well formed"),
        (census("<MADE1>"), UnreadableFileError, "not well formed"),
    ],
)
def test_what_is_refused_is_told_without_its_values(data: bytes, error: type[InputError], message: str) -> None:
    with pytest.raises(error, match=message) as raised:
        read_file(data, "")
    assert "MADE1" not in "".join(traceback.format_exception(raised.value))


def test_nesting_without_end_is_refused() -> None:
    deep = CENSUS.format(children="<Child>" + "<a>" * 3000 + "</a>" * 3000 + "</Child>").encode()
    with pytest.raises(UnreadableFileError):
        read_file(deep, "")


def test_a_cell_of_many_megabytes_is_refused() -> None:
    with pytest.raises(UnreadableFileError):
        read_file(CENSUS.format(children=CHILD.format(name="x" * 11_000_000)).encode(), "")


LOOKED_AFTER = """<EXPSSDA903><CHILD>
 <HEADER><CHILDID>MADE1</CHILDID><UPN/><SEX>F</SEX><DOB>05/04/2010</DOB><ETHNIC>WBRI</ETHNIC><UASC>1</UASC><DUC/>
  <AREVIEW><REVIEW>01/06/2025</REVIEW><REVIEW_CODE>PN1</REVIEW_CODE></AREVIEW>
  <AREVIEW><REVIEW>01/12/2025</REVIEW><REVIEW_CODE>PN1</REVIEW_CODE></AREVIEW>
  <IN_TOUCH>YES</IN_TOUCH><ACTIV>F1</ACTIV><ACCOM>B1</ACCOM><DATE_INT/>
  <PERMANENCE><PREV_PERM>Z1</PREV_PERM></PERMANENCE><OC2><SDQ_SCORE>4</SDQ_SCORE></OC2>
 </HEADER>
 <EPISODE><DECOM>01/05/2025</DECOM><RNE>S</RNE><PL>U4</PL><DEC /></EPISODE>
 <SOCIALWORKERS>
  <SOCIALWORKER><SW_ID>SW1</SW_ID><SW_DECOM>01/05/2025</SW_DECOM></SOCIALWORKER>
  <SOCIALWORKER><SW_ID>SW2</SW_ID><SW_DECOM>01/06/2025</SW_DECOM></SOCIALWORKER>
 </SOCIALWORKERS>
 <DEPRIVATION><DOLO_START>01/07/2025</DOLO_START><DOLO_END/></DEPRIVATION>
</CHILD><CHILD><HEADER><CHILDID>MADE2</CHILDID><DOB>06/04/2011</DOB><SEX>M</SEX><UASC>0</UASC></HEADER></CHILD></EXPSSDA903>"""


def test_no_module_of_a_looked_after_child_is_lost() -> None:
    found = read_file(LOOKED_AFTER.encode(), "")
    rows = {table: frame.drop("line_number").drop_nulls("CHILD") for table, frame in found.tables.items()}
    assert found.year == 2026 and not found.problems
    assert rows["Header"]["CHILD"].to_list() == ["MADE1", "MADE2"]
    assert rows["Episodes"].select("CHILD", "DECOM", "PLACE", "DEC").rows() == [("MADE1", "01/05/2025", "U4", None)]
    assert rows["Reviews"].select("CHILD", "DOB", "REVIEW").rows() == [
        ("MADE1", "05/04/2010", "01/06/2025"),
        ("MADE1", "05/04/2010", "01/12/2025"),
    ]
    assert rows["UASC"].rows() == [("MADE1", "F", "05/04/2010", None)]
    assert rows["SWEpisodes"].select("CHILD", "SW_ID").rows() == [("MADE1", "SW1"), ("MADE1", "SW2")]
    assert rows["DoLo"].select("CHILD", "DOB", "DOLO_START").rows() == [("MADE1", "05/04/2010", "01/07/2025")]
    assert rows["OC3"].select("IN_TOUCH", "ACCOM").rows() == [("YES", "B1")]
    assert rows["OC2"]["SDQ_SCORE"].to_list() == ["4"] and rows["PrevPerm"]["PREV_PERM"].to_list() == ["Z1"]
    assert rows["AD1"].is_empty() and rows["Missing"].is_empty()


def test_modules_the_form_may_lack_are_there_only_where_seen() -> None:
    plain = LOOKED_AFTER[: LOOKED_AFTER.index(" <SOCIALWORKERS>")] + "</CHILD></EXPSSDA903>"
    assert not {"SWEpisodes", "DoLo"} & set(read_file(plain.encode(), "").tables)


def test_problems_are_complete_only_when_all_is_read() -> None:
    read, chunks = read_xml(io.BytesIO(census("MADE1").replace(b"<Ethnicity>", b"<X/><Ethnicity>")), returns())
    assert not read.problems
    assert len(list(chunks)) == 12
    assert [problem.column for problem in read.problems] == ["X"]
