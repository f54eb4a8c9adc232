"""Seed CSV files to the tables of a return: what its entry names, with columns, codes and their years.

Of a return `<code>` the seeds are `<code>_column.csv` (one column of a table), `<code>_code.csv`
(one code of a list) and, where values arrive in many spellings, `<code>_variant.csv` (one spelling).
`since` and `until` are collection years, both included, and empty where the column or code is as
old as the return or still in use.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources

from transforms.returns.entry import Code, Column, Table

Names = tuple[str, ...]


def tables_of(return_code: str, tables: Mapping[str, tuple[Names, Names]]) -> tuple[Table, ...]:
    """Return the tables of a return.

    Args:
        return_code: names its seeds.
        tables: by name, in order: key columns, and the columns that tell the table from others.

    Returns:
        Tables with the columns of all years; a table is as old as its oldest column.
    """
    columns: dict[str, list[Column]] = {name: [] for name in tables}
    codes = _codes(return_code)
    for row in _rows(f"{return_code}_column.csv"):
        columns[row["table_name"]].append(_column(row, codes))
    return tuple(
        Table(name, tuple(columns[name]), key, marks, since=_oldest(columns[name]))
        for name, (key, marks) in tables.items()
    )


def _oldest(columns: list[Column]) -> int | None:
    years = [column.since for column in columns]
    return None if None in years else min(year for year in years if year is not None)


def _column(row: Mapping[str, str], codes: Mapping[str, tuple[Code, ...]]) -> Column:
    return Column(
        row["column_name"],
        row["kind"],
        is_required=row["is_required"] == "yes",
        codes=codes[row["code_list"]] if row["code_list"] else (),
        aliases=tuple(row["aliases"].split(";")) if row["aliases"] else (),
        since=_number(row["since"]),
        until=_number(row["until"]),
        low=float(row["low"]) if row["low"] else None,
        high=float(row["high"]) if row["high"] else None,
        is_identifier=row["is_identifier"] == "yes",
        pattern=row["pattern"],
    )


@cache
def _codes(return_code: str) -> dict[str, tuple[Code, ...]]:
    """Return the codes of each list."""
    seen: dict[tuple[str, str], list[str]] = {}
    for row in _rows(f"{return_code}_variant.csv"):
        seen.setdefault((row["code_list"], row["code"]), []).append(row["seen"])
    lists: dict[str, list[Code]] = {}
    for row in _rows(f"{return_code}_code.csv"):
        name, code = row["code_list"], row["code"]
        spellings = tuple(seen.get((name, code), ()))
        lists.setdefault(name, []).append(
            Code(code, row["label"], _number(row["since"]), _number(row["until"]), spellings)
        )
    return {name: tuple(codes) for name, codes in lists.items()}


def _rows(name: str) -> Iterator[dict[str, str]]:
    seed = resources.files("transforms").joinpath("seeds", name)
    if seed.is_file():
        yield from csv.DictReader(seed.read_text(encoding="utf-8").splitlines())


def _number(cell: str) -> int | None:
    return int(cell) if cell else None
