"""Made-up spending workbooks in the layout of the ministry's: what is read, and what is left out and counted."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

from tests.sheets import Value, ods
from tests.statistics_files import read
from transforms.authorities import Register, load_register
from transforms.errors import LayoutError, UnreadableFileError
from transforms.spreadsheets import letters
from transforms.statistics.reading import StatisticsRead, recognise

ABOUT = ("E-code", "ONS Code", "Local authority", "Notes", "Class", "Detailed Class", "Certification")
WORDED = (
    "TOTAL CHILDREN SOCIAL CARE - Total Expenditure (C3 = C1 + C2)",
    "Made-up service [note 1] - Employees (C1)",
)
HIDDEN = ("RO3-csctot-tot-exp", "RO3-made-empl")
TITLE = ("Worksheet 2: Revenue Outturn (RO) 2024-25: made-up data", "Data are reported in £ thousand.")
HARTLEPOOL = ("E0701", "E06000001", "Hartlepool UA", "", "UA", "UA", "Y")
CAMDEN = ("E5011", "E09000007", "Camden", "M", "LB", "London", "[x]")
LEEDS = ("E4704", "E08000035", "Leeds", "", "MD", "MD", "Y")
ROWS: Sequence[Sequence[Value]] = (
    (*HARTLEPOOL, 40000.5, 12.0),
    (*CAMDEN, "[x]", "[x]"),
    ("E3831", "E07000223", "Adur", "", "SD", "SD", "Y", 0.0, 0.0),
    ("E6101", "E31000001", "Made-up Fire", "", "O", "Fire", "Y", 0.0, 0.0),
    (*LEEDS, "[note 4]", "[n]"),
    ("Eng", "E92000001", "ENGLAND", "", "Eng", "Eng", "[Y]", 90000.0, 24.0),
    (*ABOUT, *WORDED),
    ("[Y]", "E06", "Unitary Authorities", "", "UA", "UA", 54.0, 40000.5, 12.0),
    ("[Y]", "E08", "Metropolitan Districts", "", "MD", "MD", 33.0, 49999.5, 12.0),
)


def xlsx(sheets: dict[str, Sequence[Sequence[Value]]]) -> bytes:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
        for name, rows in sheets.items():
            page = book.add_worksheet(name)
            for number, row in enumerate(rows):
                page.write_row(number, 0, row)
    return stream.getvalue()


def workbook(
    make: Callable[..., bytes] = ods,
    title: Sequence[str] = TITLE,
    rows: Sequence[Sequence[Value]] = ROWS,
    hidden: Sequence[str] | None = HIDDEN,
) -> bytes:
    end = [("",) * len(ABOUT) + tuple(hidden)] if hidden else []
    data = [*((line,) for line in title), (*ABOUT, *WORDED), *rows, *end]
    return make({"Front": [["A made-up workbook"], ["Last updated: 4 December 2025"]], "RO3_LA_Data_202425": data})


@pytest.fixture(scope="module")
def register() -> Register:
    return load_register()


def found_in(data: bytes, tmp_path: Path, register: Register) -> tuple[StatisticsRead, list[tuple[object, ...]]]:
    assert recognise(data) is None
    found, frame = read(data, tmp_path, register, "RO3_made_up.ods")
    assert set(frame["unit"]) == {"gbp_thousand"} and set(frame["period_code"]) == {"202425"}
    return found, frame.sort("source_row", "source_column").select(
        "la_code", "geographic_level", "indicator_code", "value", "value_status"
    ).rows()  # fmt: skip


@pytest.mark.parametrize("make", [ods, xlsx])
def test_amounts_of_authorities_and_england(make: Callable[..., bytes], tmp_path: Path, register: Register) -> None:
    found, rows = found_in(workbook(make), tmp_path, register)
    own = "ro3_la_data.ro3_made_empl"
    spend = "spend_children_social_care"
    assert sorted(rows, key=str) == sorted(
        [
            ("805", "authority", spend, 40000.5, "reported"), ("805", "authority", own, 12.0, "reported"),
            ("202", "authority", spend, None, "not_available"), ("202", "authority", own, None, "not_available"),
            ("383", "authority", spend, None, "not_available"), ("383", "authority", own, None, "not_available"),
            (None, "country", spend, 90000.0, "reported"), (None, "country", own, 24.0, "reported"),
        ], key=str,
    )  # fmt: skip
    assert found.published_date == date(2025, 12, 4)
    assert [(p.code, p.found) for p in found.problems] == [
        ("not_of_childrens_services", "1 rows of district councils"),
        ("not_of_childrens_services", "1 rows of police, fire, parks, waste and combined authorities"),
        ("not_of_childrens_services", "2 rows of class totals"),
    ]


def test_amounts_without_a_code_or_a_heading_are_counted(tmp_path: Path, register: Register) -> None:
    codeless = ("E0702", "", "Middlesbrough UA", "", "UA", "UA", "Y", 5.0, 6.0)
    rows = [(*row, 7.0) if row[0] != ABOUT[0] else row for row in (*ROWS[:1], codeless, *ROWS[1:])]
    found, values = found_in(workbook(rows=rows), tmp_path, register)
    said = {p.code: p.found for p in found.problems if "ONS" in str(p.found) or p.code == "unnamed_column"}
    assert said == {
        "not_of_childrens_services": "1 rows of amounts without an ONS code",
        "unnamed_column": "9 amounts without a heading",
    }
    assert len(values) == 8


@pytest.mark.parametrize("year", ["2024-25", "2024 to 2025", "2024/25", "2024-2025"])
def test_the_first_line_that_names_a_year_decides(year: str, tmp_path: Path, register: Register) -> None:
    title = (f"Worksheet 2: Revenue Outturn (RO) {year}: made-up data", *TITLE[1:], "Revised since 2023-24")
    assert found_in(workbook(title=title), tmp_path, register)[1]


def test_without_the_hidden_row_wordings_name_the_columns(tmp_path: Path, register: Register) -> None:
    _, rows = found_in(workbook(hidden=None), tmp_path, register)
    assert {row[2] for row in rows} == {"spend_children_social_care", "ro3_la_data.made_up_service_employees"}


@pytest.mark.parametrize(
    ("title", "message"),
    [
        (TITLE[1:], "no financial year"),
        (TITLE[:1], "no unit"),
        ((TITLE[0], "Data are in £ million."), "no unit"),
        (("Made-up outturn 2023-24 and 2024-25", TITLE[1]), "financial years 202324, 202425"),
        (("Made-up outturn 2015 to 2025", TITLE[1]), "financial years 201525, 202425"),
        (("Made-up outturn 2023-24", TITLE[1]), "financial years 202324, 202425"),
        ((TITLE[0], "Data are in £ million; earlier releases were in £ thousand."), "also £ million"),
    ],
)
def test_a_year_or_unit_that_is_not_said_is_not_guessed(
    title: Sequence[str], message: str, tmp_path: Path, register: Register
) -> None:
    with pytest.raises(LayoutError, match=message):
        read(workbook(title=title), tmp_path, register, "made_up.ods")


def test_faults_are_named_with_sheet_row_and_column(tmp_path: Path, register: Register) -> None:
    rows = [(*HARTLEPOOL, "about 40,000", 12.0), ("E9999", "E06999999", "Nowhere UA", "", "UA", "UA", "Y", 1.0, 2.0)]
    found, frame = read(workbook(rows=rows), tmp_path, register, "made_up.ods")
    named = {problem.code: (problem.place, problem.found) for problem in found.problems}
    assert named["text_in_value"] == (
        "sheet RO3_LA_Data_202425, column H (ro3_csctot_tot_exp), row 4",
        "'about 40,000'",
    )
    assert named["unknown_place"][0] == "sheet RO3_LA_Data_202425, row 5"
    assert frame.select("la_code", "value").rows() == [("805", 12.0)]


def test_a_hidden_sheet_is_not_read_and_named(tmp_path: Path, register: Register) -> None:
    data = [*((line,) for line in TITLE), (*ABOUT, *WORDED), *ROWS]
    draft = [*((line,) for line in TITLE), (*ABOUT, *WORDED), (*HARTLEPOOL, 1.0, 2.0)]
    one = ods({"RO3_LA_Data_202425": data, "Draft": draft}, hidden=["Draft"])
    found, rows = found_in(one, tmp_path, register)
    assert rows == found_in(ods({"RO3_LA_Data_202425": data}), tmp_path, register)[1]
    assert ("sheet_hidden", "hidden sheets Draft") in [(p.code, p.found) for p in found.problems]
    assert recognise(ods({"Draft": draft}, hidden=["Draft"])) is not None


def test_a_header_once_more_between_authorities_ends_nothing(tmp_path: Path, register: Register) -> None:
    header = (*(f"{name} [note 2]" for name in ABOUT), *WORDED)
    parted = workbook(rows=[ROWS[0], header, *ROWS[1:]])
    assert sorted(found_in(parted, tmp_path, register)[1], key=str) == sorted(
        found_in(workbook(), tmp_path, register)[1], key=str
    )


def beside(headings: Sequence[str], lines: Sequence[Sequence[Value]], hidden: Sequence[str] | None = None) -> bytes:
    """Workbook with more columns: their headings and, row by row, what stands under them."""
    width = len(headings)
    rows = [(*row, *(lines[n] if n < len(lines) else ("",) * width)) for n, row in enumerate(ROWS)]
    rows[6] = (*ABOUT, *WORDED, *headings)
    data = [*((line,) for line in TITLE), (*ABOUT, *WORDED, *headings), *rows]
    return ods({"RO3_LA_Data_202425": [*data, *([("",) * len(ABOUT) + tuple(hidden)] if hidden else [])]})


SPENT = ("spend_children_social_care", "ro3_la_data.made_up_service_employees")


@pytest.mark.parametrize(
    ("headings", "lines", "named"),
    [
        (("", "Council", "Another amount"), [("", "Leeds", 1.0), ("", "York", 2.0)], (11, 12)),
        (("Council", "Another amount"), [("Leeds", 1.0), ("York", 2.0)], (10, 11)),
        (("", "Code", "Another amount"), [("", "E06000002", 1.0), ("", "E06000003", 2.0)], (11, 12)),
        (("", "Number of councils"), [("", 5.0), ("", 6.0)], (11,)),
        (("Remarks",), [("sent late",), ("not sent",)], (10,)),
    ],
)
def test_a_list_beside_the_table_is_not_read_and_named(
    headings: Sequence[str], lines: Sequence[Sequence[Value]], named: Sequence[int], tmp_path: Path, register: Register
) -> None:
    """Its rows are of others: an amount beside Hartlepool's row once became Hartlepool's."""
    found, rows = found_in(beside(headings, lines), tmp_path, register)
    assert sorted(rows, key=str) == sorted(found_in(beside((), ()), tmp_path, register)[1], key=str)
    assert {row[2] for row in rows} == set(SPENT)
    assert [(p.code, p.place) for p in found.problems if p.code == "column_not_read"] == [
        ("column_not_read", f"sheet RO3_LA_Data_202425, column {letters(n - 1)}") for n in named
    ]


@pytest.mark.parametrize(
    ("headings", "lines", "hidden"),
    [
        (("", "More"), [("", float(n)) for n in range(9)], None),
        (("Remarks", "More"), [("sent late", float(n)) for n in range(9)], (*HIDDEN, "", "RO3-more")),
        (("", "More"), [("", 0.0)], (*HIDDEN, "", "RO3-more")),
    ],
)
def test_amounts_behind_an_empty_column_or_with_a_code_are_of_the_table(
    headings: Sequence[str],
    lines: Sequence[Sequence[Value]],
    hidden: Sequence[str] | None,
    tmp_path: Path,
    register: Register,
) -> None:
    _, rows = found_in(beside(headings, lines, hidden), tmp_path, register)
    assert [row[3] for row in rows if row[0] == "805" and row[2].endswith("more")] == [0.0]


def test_two_tables_side_by_side_are_refused(tmp_path: Path, register: Register) -> None:
    two = [(*row, "", *row) for row in [(*ABOUT, *WORDED), *ROWS]]
    with pytest.raises(LayoutError, match=r"row 3: found .* in columns [A-Z] and [A-Z], expected one table in a sheet"):
        read(ods({"RO3_LA_Data_202425": [*((line,) for line in TITLE), *two]}), tmp_path, register, "made_up.ods")


@pytest.mark.parametrize("kind", ["England", "ENG", "", "All"])
def test_england_is_told_by_its_code_and_name(kind: str, tmp_path: Path, register: Register) -> None:
    part = ("Eng", "E92000001", "ENGLAND excluding London", "", "Eng", "Eng", "[Y]", 80000.0, 20.0)
    rows = [part, *((*row[:4], kind, *row[5:]) if row[0] == "Eng" else row for row in ROWS)]
    found, values = found_in(workbook(rows=rows), tmp_path, register)
    assert [row[3] for row in values if row[1] == "country"] == [90000.0, 24.0]
    assert "1 rows of totals of a part of England" in [p.found for p in found.problems]


@pytest.mark.parametrize(
    ("at", "name"),
    [
        (0, "Ecode"),
        (1, "ONS Geography code"),
        (2, "LA name"),
        (2, "Local Authority Name"),
        (4, "LA class"),
        (4, "Type"),
    ],
)
def test_headings_of_other_years_are_known(at: int, name: str, tmp_path: Path, register: Register) -> None:
    head = [name if n == at else cell for n, cell in enumerate((*ABOUT, *WORDED))]
    data = [*((line,) for line in TITLE), head, *ROWS, ("",) * len(ABOUT) + HIDDEN]
    assert (
        found_in(ods({"RO3_LA_Data_202425": data}), tmp_path, register)[1]
        == found_in(ods({"RO3_LA_Data_202425": [*data[:2], (*ABOUT, *WORDED), *data[3:]]}), tmp_path, register)[1]
    )


@pytest.mark.parametrize(
    "heading",
    [
        "Spend per head (£)",
        "Net expenditure (£ million)",
        "Number of children",
        "Share (%)",
        "Population",
        "Rate per 1,000",
    ],
)
def test_columns_in_another_unit_are_not_read_and_named(heading: str, tmp_path: Path, register: Register) -> None:
    found, rows = found_in(beside((heading,), [(55.0,)] * 9), tmp_path, register)
    assert {row[2] for row in rows} == set(SPENT)
    assert [p.found for p in found.problems if p.code == "column_not_read"] == [heading]


@pytest.mark.parametrize("title", ["£'000", "Figures in thousands of pounds", "£ thousands"])
def test_thousands_in_other_words(title: str, tmp_path: Path, register: Register) -> None:
    assert found_in(workbook(title=(TITLE[0], title)), tmp_path, register)[1]


@pytest.mark.parametrize("said", ["1 April 2024 to 31 March 2025", "year ended 31 March 2025", "2024\u201325"])
def test_the_year_in_other_words(said: str, tmp_path: Path, register: Register) -> None:
    title = ("Published 2025-12-04", f"Revenue outturn {said}", TITLE[1])
    assert found_in(workbook(title=title), tmp_path, register)[1]


OTHER = (*ABOUT, WORDED[1], WORDED[0])


@pytest.mark.parametrize("begins", [[OTHER], [("Table 2: 2023-24",), (*ABOUT, *WORDED)], [("£ per head",)]])
def test_another_table_below_is_not_read_and_named(
    begins: list[Sequence[Value]], tmp_path: Path, register: Register
) -> None:
    """Columns that stand elsewhere in it were once read under the first header."""
    rows = [*ROWS[:2], *begins, (*LEEDS, 1.0, 2.0)]
    found, values = found_in(workbook(rows=rows), tmp_path, register)
    assert {row[0] for row in values} == {"805", "202"}
    assert [(p.code, p.place) for p in found.problems if p.code == "table_not_read"] == [
        ("table_not_read", "sheet RO3_LA_Data_202425, row 6")
    ]


@pytest.mark.parametrize("lower_has_marks", [True, False])
def test_headings_in_two_rows_are_put_together(lower_has_marks: bool, tmp_path: Path, register: Register) -> None:
    upper, lower = ("Made-up service", "", "Another", ""), ("Employees", "Income", "Employees", "Income")
    none = ("",) * len(ABOUT)
    head = [(*none, *upper), (*ABOUT, *lower)] if lower_has_marks else [(*ABOUT, *upper), (*none, *lower)]
    data = [*((line,) for line in TITLE), *head, (*HARTLEPOOL, 1.0, 2.0, 3.0, 4.0), (*CAMDEN, 5.0, 6.0, 7.0, 8.0)]
    found, rows = found_in(ods({"RO3_LA_Data_202425": data}), tmp_path, register)
    assert {(row[2], row[3]) for row in rows if row[0] == "805"} == {
        ("ro3_la_data.made_up_service_employees", 1.0), ("ro3_la_data.made_up_service_income", 2.0),
        ("ro3_la_data.another_employees", 3.0), ("ro3_la_data.another_income", 4.0),
    }  # fmt: skip
    assert found.problems == []


@pytest.mark.parametrize("same", ["RO3-csctot-tot-exp", "RO3-made-empl"])
def test_two_columns_of_one_code_are_told(same: str, tmp_path: Path, register: Register) -> None:
    found, rows = found_in(beside(("Once more",), [(1.0,)] * 9, (*HIDDEN, same)), tmp_path, register)
    assert [p.code for p in found.problems if p.code != "not_of_childrens_services"]
    assert not [row for row in rows if row[0] == "805" and row[3] == 1.0]


def test_a_workbook_that_unpacks_to_gigabytes_is_refused_unopened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("transforms.spreadsheets.MOST_UNPACKED", 1 << 20)
    bomb = ods({"x": [["y"]]}, {"Pictures/zeros": b"\0" * (2 << 20)})
    with pytest.raises(UnreadableFileError, match="unpacks to 2 MB"):
        recognise(bomb)


def test_real_workbooks(test_data: Path, tmp_path: Path, register: Register) -> None:
    paths = sorted((test_data / "statistics").glob("R*_LA_Data_*.ods"))
    if not paths:
        pytest.skip("no spending workbooks")
    for path in paths:
        found, frame = read(path.read_bytes(), tmp_path, register, path.name)
        assert found.tables[0].levels == {"authority": 153, "country": 1}
        assert {problem.code for problem in found.problems} == {"not_of_childrens_services"}
        # Where every authority has an amount they add up to England, which districts hardly add to.
        added = frame.filter("is_conformed").group_by("indicator_code").agg(
            pl.col("value").filter(geographic_level="country").first().alias("england"),
            pl.col("value").filter(geographic_level="authority").sum().alias("added"),
            pl.col("value").filter(geographic_level="authority").null_count().alias("missing"),
        )  # fmt: skip
        assert added.height >= 3
        assert added.filter(pl.col("england") < pl.col("added")).is_empty()
        children = added.filter(pl.col("indicator_code") == "spend_children_social_care")
        assert children.filter(pl.col("added") < 0.97 * pl.col("england")).is_empty()
