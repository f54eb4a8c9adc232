"""What is kept of a row: nothing that is not known to be harmless, whatever a cell holds."""

from __future__ import annotations

from datetime import date, datetime

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.returns import returns
from transforms.returns.entry import KINDS, Code, Column, Table
from transforms.returns.model import CHILDREN
from transforms.returns.reduction import hashes_of, is_identifier, kept_type, reduce_table

TABLE = Table(
    "Header",
    (
        Column("CHILD", is_identifier=True),
        Column("DOB", "date"),
        Column("DECOM", "date"),
        Column("SEX", "code", codes=(Code("M"), Code("F", until=2000))),
        Column("URN", "code"),
        Column("HOME_POST", "postcode"),
        Column("NOTE"),
        Column("SCORE", "integer", low=0, high=40),
        Column("SENT", "timestamp"),
    ),
    ("CHILD",),
)


def digest(text: str) -> str:
    return f"#{text}"


def frame(**cells: list[object]) -> pl.DataFrame:
    count = len(next(iter(cells.values())))
    return pl.DataFrame({"row_number": range(count), **cells})


def test_each_kind_of_column_is_reduced_as_it_must_be() -> None:
    found = reduce_table(
        frame(
            CHILD=pl.Series([" a1 ", "B2"], dtype=pl.Categorical(CHILDREN)),
            DOB=[date(2010, 5, 17), None],
            DECOM=[date(2020, 1, 5), None],
            SEX=["F", "JANE DOE"],
            URN=["SC12345", "JANE DOE"],
            HOME_POST=["ab1 2cd", "JANE DOE"],
            NOTE=["JANE DOE", None],
            SCORE=[40, 4_412_345],
            SENT=[datetime(2025, 1, 1, 12, 30), None],
            UNKNOWN=["JANE DOE", "JANE DOE"],
        ),
        TABLE,
        digest,
    )
    assert found.to_dicts() == [
        {
            "row_number": 0, "file_name": None, "line_number": None, "CHILD": "#A1", "DOB": date(2010, 5, 1),
            "DECOM": date(2020, 1, 5), "SEX": "F", "HOME_POST": "AB1 2", "SCORE": 40,
            "SENT": datetime(2025, 1, 1, 12, 30),
        },
        {
            "row_number": 1, "file_name": None, "line_number": None, "CHILD": "#B2", "DOB": None, "DECOM": None,
            "SEX": None, "HOME_POST": None, "SCORE": None, "SENT": None,
        },
    ]  # fmt: skip
    assert hashes_of([(TABLE, found)]).to_list() == ["#A1", "#B2"]


@given(st.text(max_size=20))
def test_no_text_of_any_cell_stays_but_codes_and_sectors(text: str) -> None:
    table = Table("t", tuple(Column(kind, kind, codes=(Code("M"),)) for kind in ("text", "code", "postcode")), ())
    found = reduce_table(frame(text=[text], code=[text], postcode=[text]), table, digest)
    kept = [value for value in found.select(pl.all().exclude("row_number")).row(0) if value is not None]
    assert all(value == "M" or len(value) <= 6 for value in kept)
    assert not kept or kept == ["M"] or text.strip().upper().replace(" ", "").startswith(kept[0].replace(" ", ""))


@pytest.mark.parametrize("spelling", ["AB1 2CD", "ab12cd", "AB1  2cd", "EC1A 1BB", "m1 1ae", "W1A0AX"])
def test_postcodes_keep_their_sector(spelling: str) -> None:
    table = Table("t", (Column("P", "postcode"),), ())
    found = reduce_table(frame(P=[spelling]), table, digest)["P"][0]
    assert found == {"A": "AB1 2", "E": "EC1A 1", "M": "M1 1", "W": "W1A 0"}[spelling[0].upper()]


def test_every_declared_column_has_a_decision() -> None:
    """In no return is a column kept that could name a child, and those that identify are hashed."""
    for entry in returns():
        for table in entry.tables:
            for column in table.columns:
                assert column.kind in KINDS
                if column.kind == "text" and not is_identifier(column):
                    assert kept_type(column) is None, (entry.code, table.name, column.name)
                if column.name.upper() in ("CHILD", "UPN", "FORMERUPN", "LACHILDID", "SWENO", "CHILD UNIQUE ID"):
                    assert is_identifier(column), (entry.code, table.name, column.name)
                if is_identifier(column):
                    assert kept_type(column) == pl.String()
