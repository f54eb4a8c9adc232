"""Returns made up in tests: rows as dictionaries, laid into the typed frames that readers give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl

from transforms.returns.calendar import bank_holidays
from transforms.returns.model import CHILDREN, ROW, ReturnData
from transforms.returns.reading import entry_of

_TYPES = {"date": pl.Date, "integer": pl.Int64, "age": pl.Int64, "decimal": pl.Float64, "flag": pl.Boolean}
_NUMBERS = {"CINdetailsID": pl.Int64, "AssessmentID": pl.Int64, "CPPID": pl.Int64}
# Columns that rules add to episodes; a return may carry them.
_ADDED = {"PL_DISTANCE": pl.Float64, "PL_LOCATION": pl.String}

Rows = Sequence[Mapping[str, Any]]


def made(
    return_code: str,
    year: int,
    tables: Mapping[str, Rows],
    la_code: str = "999",
    previous: ReturnData | None = None,
    end: date | None = None,
    is_measured: bool = False,
) -> ReturnData:
    """Lay made-up rows into a submission; columns that no row names are null, a table not named is missing.

    Where `is_measured`, episodes carry the distance and place of placements.
    """
    entry = entry_of(return_code)
    start, last = entry.period(year)
    added = _ADDED if is_measured else {}
    typed = {
        name: _frame(entry.child_columns, entry.table(name), rows, added if name == "Episodes" else {})
        for name, rows in tables.items()
    }
    return ReturnData(
        return_code, year, start, end or last, typed, la_code=la_code, previous=previous, holidays=bank_holidays()
    )


def _frame(children: Sequence[str], table: Any, rows: Rows, added: Mapping[str, Any]) -> pl.DataFrame:
    schema: dict[str, Any] = dict(added)
    for column in table.columns:
        schema[column.name] = _NUMBERS.get(column.name, _TYPES.get(column.kind, pl.String))
    unknown = {name for row in rows for name in row} - set(schema)
    assert not unknown, unknown
    frame = pl.DataFrame([{name: row.get(name) for name in schema} for row in rows], schema=schema)
    for name in set(children) & set(schema):
        frame = frame.with_columns(pl.col(name).cast(pl.Categorical(CHILDREN)))
    return frame.with_row_index(ROW)
