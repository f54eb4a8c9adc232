"""Official lists as delimited text: made-up ones in every encoding, and rows that may have slipped."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest

from tests.outcome_lists import GOOD, HEAD, LEEDS, codes, graded, read
from tests.sheets import Value
from transforms.authorities import Register, load_register
from transforms.errors import UnknownSourceError, UnreadableFileError
from transforms.official_list import read_official_list, recognise

BCP: list[Value] = ["page", "E06000058", "Bournemouth, Christchurch and Poole", *LEEDS[3:]]
BASE: list[list[Value]] = [HEAD, LEEDS, BCP]


@pytest.fixture(scope="module")
def register() -> Register:
    return load_register()


def text(*rows: list[Value], separator: str = ",", form: str = "%d/%m/%Y") -> str:
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=separator)
    for row in rows:
        writer.writerow([cell.strftime(form) if isinstance(cell, date) else cell for cell in row])
    return stream.getvalue()


FORMS = {
    "utf-8": text(*BASE).encode(),
    "byte order mark": text(*BASE).encode("utf-8-sig"),
    "semicolons": text(*BASE, separator=";").encode(),
    "tabs in utf-16": text(*BASE, separator="\t").encode("utf-16"),
    "windows": text(["Local authorities\u2019 outcomes"], [], *BASE).encode("cp1252"),
    "line ends": text(*BASE).replace("\r\n", "\r").encode(),
    "times": text(*BASE, form="%Y-%m-%dT00:00:00").encode(),
    "notes": (text(*BASE) + "\nSource: made up\n").encode(),
}


@pytest.mark.parametrize("form", FORMS)
def test_text_gives_what_a_spreadsheet_gives(form: str, register: Register) -> None:
    data = FORMS[form]
    assert recognise(data) is None
    found = read_official_list(data, "a" * 64, register)
    whole = read(register, *BASE)
    assert [(s.la_code, s.area_code, s.grade_code, s.inspection_start_date, s.column) for s in found.statements] == [
        (s.la_code, s.area_code, s.grade_code, s.inspection_start_date, s.column) for s in whole.statements
    ]
    assert (found.kind, found.problems) == ("csv", [])


def test_titles_above_say_when_it_came_out(register: Register) -> None:
    titles: list[list[Value]] = [["Outcomes as at 31 March 2024"], ["Published on:", "30 August 2024"], []]
    found = read_official_list(text(*titles, *BASE).encode(), "a" * 64, register)
    assert (found.title, found.published_date) == ("Outcomes as at 31 March 2024", date(2024, 8, 30))
    assert found.statements[0].row == 5
    assert read_official_list(text(*BASE).encode(), "a" * 64, register).title is None


def test_rows_that_may_have_slipped_are_left_out_and_named(register: Register) -> None:
    unquoted = text(*BASE).replace('"', "") + "page,E09000003,Barnet,London,04/03/2024,01/05/2024,ILACS,Good\r\n"
    found = read_official_list(unquoted.encode(), "a" * 64, register)
    assert graded(found) == graded(read(register, HEAD, LEEDS)) and len(found.statements) == 5
    assert [(p.code, p.place, p.found) for p in found.problems] == [
        ("ragged_row", "sheet CSV, row 3", "13 cells"), ("ragged_row", "sheet CSV, row 4", "8 cells"),
    ]  # fmt: skip


def test_words_of_headings_in_a_row_begin_no_other_table(register: Register) -> None:
    head = ["Local authority name", "Inspection date", "Inspection type", "Provision", "Judgement", "Grade"]
    own: list[Value] = ["Leeds", date(2024, 3, 4), "ILACS Standard Inspection", "Local authority"]
    body = [[*own, "Overall effectiveness", "1 - Outstanding"], [*own, "Impact of leaders", GOOD]]
    found = read_official_list(text(head, *body).encode(), "a" * 64, register)
    assert [s.grade_code for s in found.statements] == ["outstanding", "good"] and found.problems == []


def test_a_quote_that_swallows_rows_is_named(register: Register) -> None:
    lost = text(BCP).replace('"', "")
    data = text(HEAD, LEEDS) + 'page,"E09000003\r\n' + lost + 'x","' + '","'.join(["Barnet"] * 10) + '"\r\n'
    found = read_official_list(data.encode(), "a" * 64, register)
    assert (len(found.statements), codes(found)) == (5, ["ragged_row"])
    with pytest.raises(UnreadableFileError, match="line 3"):
        read_official_list((text(HEAD, LEEDS) + 'page,"E09000003,Barnet\r\n').encode(), "a" * 64, register)


@pytest.mark.parametrize(
    "data",
    [
        b"", b"{}", bytes(range(256)) * 4, b"%PDF-1.7\n" + text(*BASE).encode(), b"a,b\n1,2\n",
        b"time_period,geographic_level,la_name,inspection_date,overall_effectiveness\n2024,LA,Leeds,04/03/2024,Good\n",
        text(["URN", "Provider name", *HEAD[2:]], LEEDS).encode(),
    ],
)  # fmt: skip
def test_other_text_is_no_list(data: bytes, register: Register) -> None:
    assert "CSV" in (recognise(data) or "")
    with pytest.raises(UnknownSourceError):
        read_official_list(data, "a" * 64, register)


def test_names_of_columns_in_one_word(register: Register) -> None:
    head = ["urn", "local_authority", "publication_date", "inspection_framework", "inspection_start_date",
            "inspection_end_date", "overall_effectiveness_grade", "in_care_grade", "care_leavers_grade"]  # fmt: skip
    row: list[Value] = ["80481", "leeds", "01/05/24", "short", "04/03/2024", "08/03/2024", "good", GOOD, "pre-dates it"]
    found = read_official_list(text(head, row).encode(), "a" * 64, register)
    assert graded(found) == {("ilacs", "short", "overall"): "good", ("ilacs", "short", "children_in_care"): "good"}
    assert codes(found) == ["unknown_grade"]
