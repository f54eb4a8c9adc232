"""Which rows of a loaded return break which rule: for the people who must mend them, from the restricted store.

Row numbers are about single children, so they are never in the published file. A finding names rule,
file, line, table, row and fields, and no value. Every look at them is an entry of the access log.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from transforms.errors import InputError, UsageError, WarehouseError
from warehouse import restricted
from warehouse.archive import NO_KEY
from warehouse.keys import Keys, load_keys
from warehouse.restricted import Access, Store, Submission
from warehouse.settings import Settings
from warehouse.store import identifier
from warehouse.worksheets import safe_row, workbook, write_sheet

COLUMNS = (
    "la_code", "return_code", "year", "rule_code", "severity", "table_name", "row_number", "file_name", "line_number",
    "fields", "message",
)  # fmt: skip
RULE_COLUMNS = ("rule_code", "severity", "state", "findings", "needs", "message")


@dataclass(slots=True)
class Findings:
    """What the rules found in the standing submission of one return.

    Attributes:
        rules: rows of `RULE_COLUMNS`, exact counts.
        rows: rows of `COLUMNS`, in the order of rule, table and row.
    """

    submission: Submission
    rules: list[tuple[Any, ...]]
    rows: list[tuple[Any, ...]]


def require_keys() -> Keys:
    """Return the keys of the restricted store.

    Raises:
        UsageError: there are none, or they cannot be used.
    """
    keys = load_keys()
    if keys is None:
        raise UsageError(NO_KEY.replace("found a return but no key", "restricted store: found no key"))
    return keys


def read_findings(settings: Settings, la_code: str, return_code: str, year: int, why: str) -> Findings:
    """Read the findings of a return.

    Args:
        settings: places.
        la_code: of the authority.
        return_code: of the return.
        year: collection year.
        why: for the access log.

    Raises:
        InputError: there is no such submission, or its rows were forgotten.
        UsageError: there is no key.
        WarehouseError: the store cannot be opened.
    """
    keys = require_keys()
    if not restricted.store_path(settings).exists():
        raise InputError(
            f"{restricted.store_path(settings)}: found no restricted store, expected a return to be loaded"
        )
    with restricted.opened(settings, keys, Access("open", why, la_code, return_code, year)) as kept:
        found = [s for s in kept.submissions() if (s.la_code, s.return_code, s.year) == (la_code, return_code, year)]
        if not found:
            raise InputError(f"{return_code} {year} of {la_code}: found no submission, expected one that was loaded")
        stands = max(found, key=lambda s: s.order)
        rules = kept.query(
            f"SELECT {', '.join(RULE_COLUMNS)} FROM kept.verdict WHERE sha256 = ? ORDER BY rule_code",  # noqa: S608
            [stands.sha256],
        )
        return Findings(stands, rules, sorted(_rows(kept, stands), key=_order))


def _rows(kept: Store, submission: Submission) -> Iterator[tuple[Any, ...]]:
    tables = kept.query(
        "SELECT DISTINCT table_name FROM kept.finding WHERE sha256 = ? ORDER BY ALL", [submission.sha256]
    )
    for (table,) in tables:
        place = f"kept.{identifier(submission.return_code)}.{identifier(table)}"
        yield from kept.query(
            "SELECT ?, ?, ?, f.rule_code, v.severity, f.table_name, f.row_number, t.file_name, t.line_number, "  # noqa: S608
            "v.fields, v.message FROM kept.finding AS f "
            "JOIN kept.verdict AS v ON v.sha256 = f.sha256 AND v.rule_code = f.rule_code "
            f"LEFT JOIN {place} AS t ON t.sha256 = f.sha256 AND t.row_number = f.row_number "
            "WHERE f.sha256 = ? AND f.table_name = ?",
            [submission.la_code, submission.return_code, submission.year, submission.sha256, table],
        )


def _order(row: Sequence[Any]) -> tuple[Any, ...]:
    return row[3], row[5], row[6]


def write_csv(found: Findings, path: Path) -> None:
    """Write all findings as CSV that a spreadsheet opens without running anything.

    Raises:
        WarehouseError: it cannot be written.
    """
    try:
        with path.open("w", encoding="utf-8-sig", newline="") as out:
            writer = csv.writer(out)
            writer.writerow(COLUMNS)
            writer.writerows(safe_row(row) for row in found.rows)
    except OSError as error:
        raise WarehouseError(f"{path}: found {error.strerror}, expected to write the findings there") from error


def write_workbook(found: Findings, path: Path) -> None:
    """Write a workbook to send round: each rule, then each finding.

    Raises:
        WarehouseError: it cannot be written.
    """
    with workbook(path) as book:
        write_sheet(book, "Rules", RULE_COLUMNS, found.rules)
        write_sheet(book, "Findings", COLUMNS, found.rows)
