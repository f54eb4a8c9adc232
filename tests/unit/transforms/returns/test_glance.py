"""Returns that lie among public files are told by their first rows; public files are not taken for returns."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from transforms.returns import returns
from transforms.returns.entry import is_identifier
from transforms.returns.glance import return_in

HEADER = "CHILD,SEX,DOB,ETHNIC,UPN,MOTHER,MC_DOB\n1,1,01/01/2015,WBRI,,,\n"
CENSUS = "<Message><Header><CollectionDetails><Collection>CIN</Collection></CollectionDetails></Header></Message>"
ANNEX_A = (
    "Child Unique ID", "Gender", "Ethnicity", "Date of Birth", "Age of Child (Years)", "Date of Contact",
    "Contact Source",
)  # fmt: skip
STATISTICS = (
    "time_period,time_identifier,geographic_level,country_code,country_name,region_code,old_la_code,la_name,gender,"
    "age,ethnicity,date_of_birth_known,child,number\n2025,Financial year,Local authority,E92000001,England,,990,"
    "Made-up,Total,Total,Total,Total,Total,5\n"
)


def seen(data: bytes | str) -> str | None:
    return return_in(io.BytesIO(data.encode() if isinstance(data, str) else data))


def zipped(*members: tuple[str, str]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name, text in members:
            archive.writestr(name, text)
    return held.getvalue()


def workbook(*rows: tuple[str, ...], sheets: int = 1, in_memory: bool = False) -> bytes:
    held = io.BytesIO()
    with xlsxwriter.Workbook(held, {"constant_memory": in_memory}) as book:
        for number in range(sheets):
            sheet = book.add_worksheet(f"Sheet {number}")
            for line, cells in enumerate(rows if number == sheets - 1 else [("Notes", "made up")]):
                sheet.write_row(line, 0, cells)
    return held.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        HEADER,
        "\ufeff" + HEADER,
        HEADER.encode("utf-16"),
        HEADER.replace(",", ";"),
        HEADER.replace(",", "\t").lower(),
        "Made-up council\n\n" + HEADER,
        CENSUS,
        '<?xml version="1.0"?>\n<!-- made up -->\n<n:Message xmlns:n="x">',
        zipped(("notes.txt", "made up"), ("deep/header.csv", HEADER)),
        zipped(("deep/census.xml", CENSUS)),
        workbook(ANNEX_A, sheets=3),
        workbook(("List 1",), ANNEX_A, in_memory=True),
        workbook(tuple(HEADER.splitlines()[0].split(","))),
    ],
    ids=(
        "CSV", "byte order mark", "UTF-16", "semicolons", "tabs", "lines above", "XML", "XML with a prefix",
        "CSV zipped", "XML zipped", "workbook", "workbook with text in cells", "workbook of identifiers",
    ),
)  # fmt: skip
def test_a_return_is_seen(data: bytes | str) -> None:
    assert seen(data)


@pytest.mark.parametrize("entry", returns(), ids=lambda entry: entry.code)
def test_every_table_that_names_people_is_seen_by_its_headings(entry: object) -> None:
    named = [
        table
        for table in entry.tables
        if any(map(is_identifier, table.columns)) and len(table.columns) > 2  # type: ignore[attr-defined]
    ]
    assert named
    for table in named:
        names = tuple(column.name for column in table.columns)
        assert seen(",".join(f'"{name}"' for name in names) + "\n"), table.name
        if len(names) > 3:
            assert seen(workbook(names)), table.name


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"%PDF-1.7 CHILD,SEX,DOB,ETHNIC",
        STATISTICS,
        zipped(("data/children.csv", STATISTICS)),
        workbook(("Child", "Local authority", "Date", "Number"), ("1", "Made-up", "2025", "4")),
        "<html><body>CHILD,SEX,DOB</body></html>",
        b"PK\x03\x04 cut short",
        zipped(("data.csv", HEADER))[:60],
    ],
    ids=("empty", "PDF", "statistics", "statistics zipped", "workbook", "page", "no ZIP", "ZIP cut short"),
)
def test_what_is_public_or_cannot_be_opened_is_not(data: bytes | str) -> None:
    assert seen(data) is None


def test_an_archive_is_looked_into_without_being_unpacked() -> None:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part:
            for _ in range(64):
                part.write(b" " * (1 << 20))
            part.write(b"".join(f"<t>{name}</t>".encode() for name in ANNEX_A))
    # Headings behind 64 MB of blanks are not looked for.
    assert seen(held.getvalue()) is None


def test_no_real_public_file_is_taken_for_a_return_and_every_sample_return_is(test_data: Path) -> None:
    public = [path for name in ("reports", "statistics", "reference") for path in (test_data / name).rglob("*.*")]
    assert len(public) > 100
    for path in public:
        if path.is_file():
            with path.open("rb") as stream:
                assert return_in(stream) is None, path.name
    samples = [path for name in ("annex_a", "cin", "ssda903") for path in (test_data / "returns" / name).rglob("*.*")]
    samples = [path for path in samples if path.suffix in (".xml", ".csv", ".xlsx") and "lists" not in str(path)]
    assert len(samples) > 50
    for path in samples:
        with path.open("rb") as stream:
            assert return_in(stream), path.name
