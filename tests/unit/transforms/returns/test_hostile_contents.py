"""Hostile contents of returns: each file is read rightly or refused with a reason, and neither tells a value."""

from __future__ import annotations

import io
import zipfile
from datetime import date

import pytest

from tests.returns_made_up import EPISODE_ROW, EPISODES, HEADER, HEADER_ROW, census, module, workbook
from tests.sheets import xlsx
from transforms.errors import InputError
from transforms.returns.assembling import assemble
from transforms.returns.model import ReturnData
from transforms.returns.reading import read_file

PLANT = "PLANTED"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
IDENTIFIERS = (
    "=cmd|'/C calc'!A0",
    "'); DROP TABLE kept.submission; --",
    "\x1b[2J\u202e\u200bA",
    "@SUM(1)",
    "{0}",
    "%s",
    "\\N",
)


def read(data: bytes) -> ReturnData:
    found = read_file(data, "made up")
    return assemble(found.return_code, [found], found.year or 2026)


def refusal(data: bytes) -> str:
    with pytest.raises(InputError) as raised:
        read(data)
    said = str(raised.value)
    assert PLANT not in said and "found" in said and "expected" in said and said.isprintable()
    return said


def test_identifiers_are_data_whatever_they_look_like() -> None:
    data = read(module(HEADER, *(f"{name},F,05/04/2010,WBRI,UN1,," for name in IDENTIFIERS)))
    assert data.typed["Header"]["CHILD"].cast(str).to_list() == list(IDENTIFIERS)
    assert not any(name in str(data.problems.rows()) for name in IDENTIFIERS)


def test_headings_like_formulas_and_statements_are_data() -> None:
    headings = f"=CHILD,+SEX,-DOB,@ETHNIC,UPN,'); DROP TABLE x; --,\x07{PLANT}"
    data = read(module(headings, HEADER_ROW))
    assert data.typed["Header"].columns == ["row_number", "CHILD", "SEX", "DOB", "ETHNIC", "UPN"]
    assert data.typed["Header"]["DOB"].to_list() == [date(2010, 4, 5)]


def test_days_at_the_ends_of_time_stop_nothing() -> None:
    row = EPISODE_ROW.replace("01/06/2025", "31/12/9999").replace("01/05/2025", "01/01/0001")
    assert read(module(EPISODES, row, EPISODE_ROW)).typed["Episodes"].height == 2


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (module(HEADER, HEADER_ROW) + b"\0" + PLANT.encode(), "zero bytes"),
        (module(HEADER + "".join(f",c{n}" for n in range(100_000)), HEADER_ROW), "line 1: found a row of headings of"),
        (module(HEADER, f'{PLANT},"') + EPISODE_ROW.encode() * 3 + module("", *[HEADER_ROW] * 9, '"'), "line 2: found"),
        (f'"{PLANT}'.encode() * 99_999, "no row of headings"),
        (module(HEADER).decode().encode("utf-16") + PLANT.encode(), "UTF-16"),
    ],
    ids=["zero bytes", "headings without end", "two stray marks", "marks only", "half a character"],
)
def test_csv_that_would_be_read_wrongly_is_refused(data: bytes, reason: str) -> None:
    assert reason in refusal(data)


def test_two_stray_marks_over_megabytes_swallow_no_rows() -> None:
    """Read as they pair up, they would make one cell of all the rows between them."""
    rows = module("", *[HEADER_ROW] * 50_000)
    assert "line 3: found a cell that holds whole rows" in refusal(module(HEADER, HEADER_ROW) + b'"' + rows + b'"')
    one = read(module(HEADER, HEADER_ROW) + b'"' + rows)
    assert one.typed["Header"].height == 50_001 and "unbalanced_quotes" in set(one.problems["problem_code"])


def test_a_cell_of_two_lines_is_read_and_told() -> None:
    data = read(module(HEADER, 'MADE1,F,05/04/2010,"WB\nRI",UN1,,', HEADER_ROW.replace("MADE1", "MADE2")))
    assert data.typed["Header"]["CHILD"].cast(str).to_list() == ["MADE1", "MADE2"]
    assert "cell_spans_lines" in set(data.problems["problem_code"])


@pytest.mark.parametrize("tail", [b"," * 1_000_000, b"," + b"A" * 100_000])
def test_rows_of_any_width_and_length_are_read_in_their_own_columns(tail: bytes) -> None:
    data = read(module(HEADER) + HEADER_ROW.encode() + tail + b"\n" + HEADER_ROW.replace("MADE1", "MADE2").encode())
    assert data.typed["Header"]["CHILD"].cast(str).to_list() == ["MADE1", "MADE2"]


DOCTYPES = [
    f'<!DOCTYPE Message [<!ENTITY e SYSTEM "file:///etc/passwd"><!ENTITY f "{PLANT}">]>',
    '<!DOCTYPE Message SYSTEM "http://192.0.2.1/x.dtd">',
    '<!DOCTYPE Message [<!ENTITY % p SYSTEM "file:///etc/passwd">%p;]>',
    '<!DOCTYPE Message [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;"><!ENTITY e "&b;&b;&b;&b;">]>',
]


@pytest.mark.parametrize("doctype", DOCTYPES, ids=["entity", "external", "parameter", "laughs"])
@pytest.mark.parametrize("return_code", ["cin_census", "ssda903"])
def test_a_document_type_is_refused(doctype: str, return_code: str) -> None:
    body = "<EXPSSDA903><CHILD><HEADER><CHILDID>&e;</CHILDID></HEADER></CHILD></EXPSSDA903>"
    if return_code == "cin_census":
        body = census("&e;").decode().partition("?>")[2]
    assert "document type" in refusal(f'<?xml version="1.0"?>{doctype}{body}'.encode())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b">MADE1<", b">&e;<"),
        (b"<CINdetails>", b"<CINdetails>" + b"<a>" * 100_000),
        (b">MADE1<", b">" + PLANT.encode() * 2_000_000 + b"<"),
        (b"</LAchildID>", b"\x01</LAchildID>"),
        (b"</Message>", PLANT.encode()),
    ],
    ids=["unknown entity", "depth", "text", "control character", "no end"],
)
def test_xml_that_is_too_much_or_unsound_is_refused(old: bytes, new: bytes) -> None:
    refusal(census("MADE1").replace(old, new, 1))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b">MADE1<", b'><xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="/etc/passwd" parse="text"/><'),
        (b"<Message>", b'<?xml-stylesheet href="http://192.0.2.1/x"?><Message>'),
        (b"<Message>", b'<Message xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:schemaLocation="a http://192.0.2.1/">'),
        (b"<CINdetails>", b"<CINdetails>" + b"<CINdetails>" * 200 + b"</CINdetails>" * 200),
        (b"<CINdetails>", b"<CINdetails " + b" ".join(b'a%d="x"' % n for n in range(20_000)) + b">"),
        (b"<CINdetails>", b"<CINdetails>" + b"".join(b"<a%d>PLANTED</a%d>" % (n, n) for n in range(20_000))),
        (b">MADE1<", b"><![CDATA[<!ENTITY x SYSTEM 'file:///etc/passwd'>]]><"),
    ],
    ids=["xinclude", "stylesheet", "schema", "nested", "attributes", "elements", "cdata"],
)  # fmt: skip
def test_what_xml_points_to_or_piles_up_is_passed_over(old: bytes, new: bytes) -> None:
    data = read(census("MADE1").replace(old, new, 1))
    assert data.typed["ChildIdentifiers"].height == 1
    assert "root:" not in str([frame.rows() for frame in data.typed.values()])
    assert PLANT not in str(data.problems.rows())


def sheet(row: str) -> bytes:
    cells = "".join(f'<c t="inlineStr"><is><t>{name}</t></is></c>' for name in HEADER.split(","))
    return f'<worksheet xmlns="{MAIN}"><sheetData><row>{cells}</row><row>{row}</row></sheetData></worksheet>'.encode()


@pytest.mark.parametrize(
    "cell",
    [
        f'<c t="e"><v>{PLANT}</v></c>',
        f'<c t="{PLANT}"><v>1</v></c>',
        f'<c r="{PLANT}"><v>1</v></c>',
        f'<c t="s"><v>{PLANT}</v></c>',
        f'<c t="inlineStr"><is><t>&{PLANT};</t></is></c>',
        f"<c><v>{PLANT}",
    ],
    ids=["error", "kind", "place", "shared", "entity", "no end"],
)
def test_a_workbook_that_is_unsound_is_refused_without_a_cell_of_it(cell: str) -> None:
    refusal(xlsx(sheet(cell)))


def test_formulas_and_links_of_a_workbook_are_never_followed() -> None:
    sound = {"=cmd": [HEADER.split(","), ['=WEBSERVICE("http://192.0.2.1")|MADE1', "F", date(2010, 4, 5), "WBRI"]]}
    data = workbook(sound)
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
        new.writestr("xl/externalLinks/externalLink1.xml", f'<externalLink xmlns="{MAIN}"/>')
        new.writestr("../../slipped.xml", "<a/>")
    assert read(stream.getvalue()).typed["Header"]["CHILD"].cast(str).to_list() == ["MADE1"]


def test_a_workbook_that_unpacks_to_gigabytes_is_refused_unopened() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"")
    data = bytearray(stream.getvalue())
    at = data.rindex(b"PK\x01\x02")  # the entry of the second member: its size as it declares it
    data[at + 24 : at + 28] = (3 << 30).to_bytes(4, "little")
    assert "unpacks to 3,072 MB" in refusal(bytes(data))
