"""Submissions of the 903 return written as one line of text a table, for tests. All children are made up.

`CHILD DECOM DEC | a 01/04/2025 . | b 02/05/2025 .` is a header row and two rows; a dot is a blank
cell. Cells are typed as the specification says of their column, as far as tests need it.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from transforms.returns.model import CHILDREN, ROW, ReturnData
from transforms.returns.rule import Rule, run_rules

DATES = frozenset(
    "DOB MC_DOB DUC DECOM DEC REVIEW DATE_INT DATE_MATCH DATE_PLACED DATE_PLACED_CEASED DATE_PERM MIS_START MIS_END"
    " SW_DECOM SW_DEC DOLO_START DOLO_END".split()
)
NUMBERS = frozenset({"SDQ_SCORE", "NB_ADOPTR"})


def as_text(table: str) -> pl.DataFrame:
    """Read one table as text."""
    header, *rows = [line.split() for line in table.split("|")]
    cells = [[None if cell == "." else cell for cell in row] for row in rows]
    return pl.DataFrame(cells, schema=dict.fromkeys(header, pl.String), orient="row")


def as_typed(text: pl.DataFrame) -> pl.DataFrame:
    """Type the columns of one table."""
    columns = []
    for name in text.columns:
        column = pl.col(name)
        if name == "CHILD":
            columns.append(column.cast(pl.Categorical(CHILDREN)))
        elif name in DATES:
            written = pl.when(column.str.contains(r"/\d{4}$")).then(column)  # chrono reads 25 as the year 25
            columns.append(written.str.to_date("%d/%m/%Y", strict=False).alias(name))
        elif name in NUMBERS:
            columns.append(column.cast(pl.Int64, strict=False))
        else:
            columns.append(column.str.to_uppercase())
    return text.select(columns).with_row_index(ROW)


def submission(tables: dict[str, str], year: int = 2026, before: dict[str, str] | None = None) -> ReturnData:
    """Make a submission of the year that ends on 31 March `year`, and one of the year before."""
    raw = {name: as_text(table) for name, table in tables.items()}
    return ReturnData(
        "ssda903",
        year,
        date(year - 1, 4, 1),
        date(year, 3, 31),
        typed={name: as_typed(text) for name, text in raw.items()},
        raw={name: text.with_row_index(ROW) for name, text in raw.items()},
        previous=None if before is None else submission(before, year - 1),
    )


def cited(rule: Rule, data: ReturnData) -> tuple[str, dict[str, list[int]]]:
    """Run one rule: how it ended, and the rows it cites by table."""
    run = run_rules(data, [rule])
    rows: dict[str, list[int]] = {}
    for _, table, number in run.findings.iter_rows():
        rows.setdefault(table, []).append(number)
    return run.verdicts[0].state, rows
