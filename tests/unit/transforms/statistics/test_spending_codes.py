"""Made-up spending workbooks whose hidden codes and headings do not go together, and amounts that are none."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pytest

from tests.sheets import Value, ods
from tests.statistics_files import read
from tests.unit.transforms.statistics.test_spending import ABOUT, HARTLEPOOL, LEEDS, TITLE, workbook
from transforms.authorities import Register, load_register
from transforms.errors import LayoutError
from transforms.spreadsheets import letters
from transforms.statistics.reading import StatisticsRead


@pytest.fixture(scope="module")
def register() -> Register:
    return load_register()


LOOKED_AFTER = "Children's social care - Children Looked After"
TOTAL = "TOTAL CHILDREN SOCIAL CARE"
MEASURED = ("Employees (C1)", "Running Expenses (C2)", "Sales, Fees and Charges (C4)", "Other Income (C5)")
ENDS = ("empl", "run-exp", "sfc", "oth-inc")
SERVICES = {"RO3-csclkd": LOOKED_AFTER, "RO3-csctot": TOTAL, "RO9-made": "Made-up service", "RO9-other": "Another one"}
CODES = [f"{service}-{end}" for service in SERVICES for end in ENDS]
HEADINGS = [f"{wording} - {measure}" for wording in SERVICES.values() for measure in MEASURED]


def coded(codes: Sequence[str], headings: Sequence[str] = HEADINGS) -> bytes:
    """Workbook of one council: its amounts are the numbers of their columns, from 1."""
    amounts = tuple(float(n) for n in range(1, len(headings) + 1))
    end = ("",) * len(ABOUT) + tuple(codes)
    data = [*((line,) for line in TITLE), (*ABOUT, *headings), (*HARTLEPOOL, *amounts), end]
    return ods({"RO3_LA_Data_202425": data})


def swapped(*pairs: tuple[int, int]) -> list[str]:
    codes = list(CODES)
    for one, other in pairs:
        codes[one], codes[other] = codes[other], codes[one]
    return codes


BLOCK = [(n, n + 4) for n in range(4)]  # all of two services


@pytest.mark.parametrize(
    ("codes", "refused"),
    [
        (CODES, set()),
        (swapped((0, 1)), {1, 2}),  # two measures of a service
        (swapped((8, 9)), {9, 10}),  # no matter whether it is declared
        (swapped((0, 4)), {1, 5}),  # one measure of two services
        (swapped((8, 12)), {9, 13}),
        (swapped((2, 10)), {3, 11}),
        (swapped((8, 12), (9, 13)), set(range(9, 17))),  # half of two: which half is right, nothing says
        (swapped(*BLOCK), set(range(1, 9))),
        (swapped((6, 2), (0, 15)), {1, 3, 7, 16}),
        ([*CODES[1:], CODES[0]], set(range(1, 17))),  # a row that slipped by one column
    ],
)
def test_amounts_under_a_code_that_their_heading_contradicts_are_refused_and_named(
    codes: Sequence[str], refused: set[int], tmp_path: Path, register: Register
) -> None:
    """Codes swapped in the hidden row once gave each service the amounts of the other, without a word."""
    if len(refused) == len(CODES):
        with pytest.raises(
            LayoutError, match=r"column H: found code RO3-csclkd-run-exp under .* expected a code of em"
        ):
            read(coded(codes), tmp_path, register, "made_up.ods")
        return
    found, frame = read(coded(codes), tmp_path, register, "made_up.ods")
    assert set(frame["value"]) == set(range(1, 17)) - refused
    right = read(coded(CODES), tmp_path, register, "made_up.ods")[1].select("indicator_code", "value")
    assert frame.join(right, on=["indicator_code", "value"]).height == frame.height
    named = {p.place: p.found for p in found.problems if p.code == "code_contradicts_heading"}
    assert named == {
        f"sheet RO3_LA_Data_202425, column {letters(n + 6)}": f"code {codes[n - 1]} under {HEADINGS[n - 1]!r}"
        for n in refused
    }


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Children's social care - Children Looked After", "Children in care"),
        ("TOTAL CHILDREN SOCIAL CARE", "Total children's services"),
        ("Made-up service", "Another name of it"),
        ("Employees (C1)", "Staff costs"),
        ("Running Expenses (C2)", "Running expenses [note 3]"),
        (" - ", ": "),
    ],
)
def test_a_changed_wording_contradicts_no_code(old: str, new: str, tmp_path: Path, register: Register) -> None:
    headings = [heading.replace(old, new) for heading in HEADINGS]
    found, frame = read(coded(CODES, headings), tmp_path, register, "made_up.ods")
    once = read(coded(CODES), tmp_path, register, "made_up.ods")[1]
    assert frame.select("indicator_code", "value").equals(once.select("indicator_code", "value"))
    assert found.problems == []


def test_one_heading_of_several_in_other_words_contradicts_no_code(tmp_path: Path, register: Register) -> None:
    for other in ("Made up services - Employees (C1)", "Employees (C1)", "Employees of the made-up service"):
        headings = [other if n == 8 else heading for n, heading in enumerate(HEADINGS)]
        found, frame = read(coded(CODES, headings), tmp_path, register, "made_up.ods")
        assert frame.height == len(CODES) and found.problems == []


AMOUNT_TEXTS = ("1,234", "(1,234)", "£1,234", "1234*", "1 234", "#REF!", "#N/A", "TRUE", "12%", "1234-")


@pytest.mark.parametrize("text", AMOUNT_TEXTS)
def test_amounts_as_text_are_refused_by_cell_and_the_rest_loads(text: str, tmp_path: Path, register: Register) -> None:
    rows = [(*HARTLEPOOL, text, 12.0), (*LEEDS, 7.0, 8.0)]
    found, frame = read(workbook(rows=rows), tmp_path, register, "made_up.ods")
    assert sorted(frame["value"]) == [7.0, 8.0, 12.0]
    (problem,) = found.problems
    assert problem.place == "sheet RO3_LA_Data_202425, column H (ro3_csctot_tot_exp), row 4"
    assert problem.message.startswith(problem.place)
    assert (problem.found, problem.expected) == (repr(text), "a plain number or a known symbol")


def whole(amounts: Sequence[Value], headings: Sequence[str] = (), codes: Sequence[str] = ()) -> list[Sequence[Value]]:
    """Rows of a sheet of one service: employees 30, running 70 and total 100, and whatever else is given."""
    wording = [f"{LOOKED_AFTER} - {name}" for name in ("Employees (C1)", "Running Expenses (C2)", "Total Expenditure")]
    known = ["RO3-csclkd-empl", "RO3-csclkd-run-exp", "RO3-csclkd-tot-exp"]
    end = ("",) * len(ABOUT) + (*known, *codes)
    return [*((line,) for line in TITLE), (*ABOUT, *wording, *headings), (*HARTLEPOOL, *amounts), end]


def told(found: StatisticsRead) -> list[tuple[str, str | None]]:
    return [(problem.code, problem.place) for problem in found.problems]


SHEET = "RO3_LA_Data_202425"


@pytest.mark.parametrize(
    ("amounts", "problems"),
    [
        ((30.0, 70.0, 100.0), []),
        ((30.4, 70.4, 101.0), []),  # rounded
        ((30.0, 70.0, "[x]"), []),
        ((30.0, 70.0, 90.0), [("sum_fails", "J")]),
        ((30000.0, 70.0, 100.0), [("sum_fails", "J")]),
        (("", 30.0, 70.0), [("blank_amount", "H")]),  # slipped by a column
        ((30.0, 70.0, ""), [("blank_amount", "J")]),  # a formula without its value
    ],
)
def test_amounts_that_cannot_be_are_told(
    amounts: Sequence[Value], problems: list[tuple[str, str]], tmp_path: Path, register: Register
) -> None:
    found, _ = read(ods({SHEET: whole(amounts)}), tmp_path, register, "made_up.ods")
    assert told(found) == [(code, f"sheet {SHEET}, column {at}") for code, at in problems]


@pytest.mark.parametrize(
    ("heading", "code", "problem"),
    [
        ("Change on previous year", "", "column_not_read"),
        ("Sort order", "", "column_not_read"),
        ("LGF number", "", "column_not_read"),
        ("Year", "", "column_not_read"),
        ("Budget", "", "column_not_read"),
        ("Youth Justice 2023-24 - Employees (C1)", "RO3-cscyth-empl", "column_not_read"),
        ("Youth Justice 2024-25 - Employees (C1)", "RO3-cscyth-empl", None),
        ("Climate change - Employees (C1)", "RO5-climate-empl", None),
        ("Another total", "", "column_without_code"),
    ],
)
def test_columns_of_no_amount_of_the_year_are_not_read_and_those_without_a_code_are_told(
    heading: str, code: str, problem: str | None, tmp_path: Path, register: Register
) -> None:
    sheet = whole((30.0, 70.0, 100.0, 5.0), (heading,), (code,))
    found, frame = read(ods({SHEET: sheet}), tmp_path, register, "made_up.ods")
    assert told(found) == ([(problem, f"sheet {SHEET}, column K")] if problem else [])
    assert (5.0 in set(frame["value"])) is (problem != "column_not_read")


def test_a_budget_is_no_outturn(tmp_path: Path, register: Register) -> None:
    with pytest.raises(LayoutError, match="row 1: found 'budget', expected outturn"):
        read(workbook(title=("Revenue account budget 2024-25", TITLE[1])), tmp_path, register, "made_up.ods")


AMOUNTS = (30.0, 70.0, 100.0)


def test_a_sheet_that_cannot_be_read_leaves_the_others(tmp_path: Path, register: Register) -> None:
    other = [("Outturn 2024-25 in £ million",), *whole(AMOUNTS)[2:]]
    found, frame = read(ods({"Other": other, SHEET: whole(AMOUNTS)}), tmp_path, register, "made_up.ods")
    assert frame["value"].to_list() == list(AMOUNTS)
    assert [(p.code, p.found) for p in found.problems] == [
        ("table_not_read", "sheet Other, rows 1 to 1: found no unit, expected thousands of pounds")
    ]


def test_a_sheet_given_twice_counts_once_and_not_at_all_where_the_two_differ(
    tmp_path: Path, register: Register
) -> None:
    twice = ods({SHEET: whole(AMOUNTS), "Copy": whole(AMOUNTS)})
    found, frame = read(twice, tmp_path, register, "made_up.ods")
    assert frame["value"].to_list() == list(AMOUNTS) and [p.code for p in found.problems] == ["table_not_read"]
    other = whole((1.0, 2.0, 3.0))
    for sheets in ({SHEET: whole(AMOUNTS), "Copy": other}, {"A": other, "B": whole(AMOUNTS)}):
        with pytest.raises(LayoutError, match="once more, with other amounts, expected each code and year once"):
            read(ods(sheets), tmp_path, register, "made_up.ods")


@pytest.mark.parametrize("at", [1, 4])
@pytest.mark.parametrize("mark", ["(1)", "[1]", "*", "¹", "(note 2)"])
def test_marks_of_footnotes_at_headings_and_england_hide_nothing(
    at: int, mark: str, tmp_path: Path, register: Register
) -> None:
    sheet = whole(AMOUNTS)
    sheet[2] = tuple(f"{cell} {mark}" if n == at else cell for n, cell in enumerate(sheet[2]))
    sheet.insert(4, ("Eng", "E92000001", f"ENGLAND {mark}", "", "Eng", "Eng", "[Y]", *AMOUNTS))
    found, frame = read(ods({SHEET: sheet}), tmp_path, register, "made_up.ods")
    assert frame.filter(pl.col("geographic_level") == "country").height == 3 and found.problems == []


def test_an_authority_of_a_wrong_class_is_read(tmp_path: Path, register: Register) -> None:
    sheet = whole(AMOUNTS)
    sheet[3] = tuple("SD" if n == 4 else cell for n, cell in enumerate(sheet[3]))
    assert read(ods({SHEET: sheet}), tmp_path, register, "made_up.ods")[1].height == 3
