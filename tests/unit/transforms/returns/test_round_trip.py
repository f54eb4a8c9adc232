"""Generated returns: the CSV and the XML form of the same children give the same tables."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from xml.sax.saxutils import escape

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from transforms.returns import returns
from transforms.returns.assembling import assemble
from transforms.returns.entry import Column
from transforms.returns.model import ReturnData
from transforms.returns.reading import read_file

SSDA903 = next(entry for entry in returns() if entry.code == "ssda903")
YEAR = 2027
# Where the XML form has the columns of each module; social-worker and DoLO blocks bear made-up names.
BLOCKS = {
    "Reviews": "AREVIEW",
    "Missing": "AMISSING",
    "PrevPerm": "PERMANENCE",
    "PlacedAdoption": "AD_PLACED",
    "OC2": "OC2",
    "Episodes": "EPISODE",
    "SWEpisodes": "MADE_UP_WORKER",
    "DoLo": "MADE_UP_ORDER",
}
ONCE = ("OC3", "AD1", "UASC")
PERSON = ("CHILD", "SEX", "DOB")
RENAMED = {"CHILD": "CHILDID", "PLACE": "PL"}

Row = dict[str, str]


def cell(column: Column) -> st.SearchStrategy[str]:
    if column.kind == "date":
        days = st.dates(min_value=date(1990, 1, 1), max_value=date(2027, 3, 31))
        return days.map(lambda day: day.strftime("%d/%m/%Y"))
    if column.codes:
        return st.sampled_from([code.code for code in column.codes])
    if column.kind == "integer":
        return st.integers(0, 40).map(str)
    return st.text("ABC123 é&<>\"',", min_size=1, max_size=8).filter(lambda text: text.strip() == text)


@st.composite
def rows_of(draw: st.DrawFn, table: str, most: int) -> list[Row]:
    entry = SSDA903.table(table)
    rows = []
    for _ in range(draw(st.integers(0, most))):
        row = {}
        for column in entry.columns:
            if column.name not in PERSON and column.name != "UASC":
                # What marks a module is there: an empty block is no row.
                needed = column.name in entry.marks[:1]
                row[column.name] = draw(cell(column) if needed else st.just("") | cell(column))
        rows.append(row)
    return rows


@st.composite
def child(draw: st.DrawFn) -> tuple[Row, dict[str, list[Row]]]:
    person = {
        column.name: draw(cell(column)) for column in SSDA903.table("Header").columns if column.name in PERSON[1:]
    }
    more = {column.name: draw(st.just("") | cell(column)) for column in SSDA903.table("Header").columns[3:7]}
    modules = {table: draw(rows_of(table, 2)) for table in BLOCKS}
    modules.update({table: draw(rows_of(table, 1)) for table in ONCE})
    return {**person, **more}, modules


def as_csv(children: Mapping[str, tuple[Row, dict[str, list[Row]]]]) -> list[bytes]:
    files = []
    for table in SSDA903.tables:
        names = [column.name for column in table.columns if column.name != "UASC"]
        rows = []
        for name, (person, modules) in children.items():
            for row in [{}] if table.name == "Header" else modules[table.name]:
                full = {**person, **row, "CHILD": name}
                rows.append({column: full.get(column, "") for column in names})
        frame = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String))
        files.append(frame.write_csv(quote_style="always").encode())
    return files


def leaves(row: Mapping[str, str]) -> str:
    return "".join(
        f"<{RENAMED.get(name, name)}>{escape(text)}</{RENAMED.get(name, name)}>" for name, text in row.items()
    )


def as_xml(children: Mapping[str, tuple[Row, dict[str, list[Row]]]]) -> bytes:
    made = []
    for name, (person, modules) in children.items():
        header = leaves({"CHILD": name, **person, "UASC": "1" if modules["UASC"] else "0"})
        header += "".join(leaves(row) for table in ONCE for row in modules[table])
        inner, outer = "", ""
        for table, tag in BLOCKS.items():
            blocks = "".join(f"<{tag}>{leaves(row)}</{tag}>" for row in modules[table])
            if table in ("Episodes", "SWEpisodes", "DoLo"):
                outer += blocks
            else:
                inner += blocks
        made.append(f"<CHILD><HEADER>{header}{inner}</HEADER>{outer}</CHILD>")
    return f"<EXPSSDA903>{''.join(made)}</EXPSSDA903>".encode()


def submission(*files: bytes) -> ReturnData:
    return assemble("ssda903", [read_file(data, f"file{number}") for number, data in enumerate(files)], YEAR)


@pytest.mark.slow
@settings(max_examples=25)
@given(children=st.lists(child(), min_size=1, max_size=3))
def test_csv_and_xml_give_the_same_tables(children: list[tuple[Row, dict[str, list[Row]]]]) -> None:
    named = {f"MADE{number}": one for number, one in enumerate(children)}
    from_csv, from_xml = submission(*as_csv(named)), submission(as_xml(named))
    for table in SSDA903.tables:
        expected = from_csv.typed[table.name]
        if table.name not in from_xml.typed:  # of no child, and not always part of the form
            assert expected.is_empty()
            continue
        found = from_xml.typed[table.name].drop("UASC", strict=False)
        assert_frame_equal(found, expected)
