"""How `safeguarding check` says what it found: for people, as JSON, as CSV, as a workbook to send round.

No cell of the CSV or the workbook is ever run as a formula: the workbook holds text and numbers
only, and text that begins like a formula gets an apostrophe before it.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, TextIO

from rich.console import Console
from rich.text import Text

from transforms.errors import WarehouseError
from transforms.returns.rule import FAILED, PASSED
from warehouse import show
from warehouse.check_return import FINDING, PROBLEM, RULE, Checked, Outcome
from warehouse.query import safe_cell

MOST_SHOWN = 200
_MOST_ROWS = 1_000_000  # of a worksheet
_IDENTITY = ("return_code", "year", "la_code")


def as_dict(outcome: Outcome) -> dict[str, Any]:
    """Return everything as plain values."""
    return {
        "exit_code": outcome.exit_code,
        "returns": [
            {
                **checked.facts(),
                "problems": checked.problems(),
                "rules": checked.rules(),
                "findings": [dict(zip(FINDING, finding, strict=True)) for finding in checked.findings()],
            }
            for checked in outcome.checked
        ],
        "refused": _refused(outcome),
    }


def _refused(outcome: Outcome) -> list[dict[str, Any]]:
    return [
        {"file": file.file, "code": file.code, "message": file.message, "is_passed_over": file.is_other}
        for file in outcome.refused
    ]


def print_all(console: Console, outcome: Outcome) -> None:
    """Print what was checked, what is wrong with it, and the first findings."""
    for checked in outcome.checked:
        facts = checked.facts()
        title = facts.pop("title")
        facts["tables"] = ", ".join(f"{name} {rows:,}" for name, rows in facts["tables"].items())
        show.facts(console, facts, title=title)
        show.records(console, "Departures from the specification", checked.problems())
        _print_rules(console, checked)
    print_refused(console, outcome)


def print_refused(console: Console, outcome: Outcome) -> None:
    """Print which files were not read and why; nothing where all were."""
    if outcome.refused:
        show.records(console, "Files not read", _refused(outcome))


def _print_rules(console: Console, checked: Checked) -> None:
    rules = checked.rules()
    failed = [rule for rule in rules if rule["state"] == FAILED]
    passed = sum(rule["state"] == PASSED for rule in rules)
    others = [rule for rule in rules if rule["state"] not in (PASSED, FAILED)]
    console.print(Text(f"Rules: {passed} passed, {len(failed)} failed, {len(others)} not run", style="bold"))
    if failed:
        columns = ("rule_code", "severity", "rows", "message")
        show.records(console, "Failed", [{name: rule[name] for name in columns} for rule in failed])
    if others:
        columns = ("rule_code", "state", "needs", "message")
        show.records(console, "Not run", [{name: rule[name] for name in columns} for rule in others])
    if failed:
        headings = [name.replace("_", " ") for name in FINDING[:-1]]
        rows = (finding[:-1] for finding in checked.findings())
        console.print(show.table("Findings (rows count from 0)", headings, rows, most=MOST_SHOWN))
        found = sum(rule["rows"] for rule in failed)
        if found > MOST_SHOWN:
            console.print(Text(f"these are the first {MOST_SHOWN} of {found:,}; --csv, --json and --xlsx give all"))


def write_csv(outcome: Outcome, out: TextIO) -> None:
    """Write all findings as CSV that a spreadsheet opens without running anything."""
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*_IDENTITY, *FINDING])
    for checked in outcome.checked:
        facts = checked.facts()
        identity = [facts[name] for name in _IDENTITY]
        for finding in checked.findings():
            writer.writerow([_safe(value) for value in (*identity, *finding)])


def _safe(value: Any) -> Any:
    return safe_cell(value) if isinstance(value, str) else value


def write_workbook(outcome: Outcome, path: Path) -> None:
    """Write a workbook: what was checked, each rule, each finding, each departure, each file not read.

    Raises:
        WarehouseError: it cannot be written.
    """
    import xlsxwriter
    from xlsxwriter.exceptions import XlsxWriterException

    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    try:
        with xlsxwriter.Workbook(str(path), options) as book:
            _write_sheets(book, outcome)
    except (OSError, XlsxWriterException) as error:
        raise WarehouseError(f"{path}: found {error}, expected to write a workbook there") from error


def _write_sheets(book: Any, outcome: Outcome) -> None:
    checked = [(one, one.facts()) for one in outcome.checked]
    identities = [[facts[name] for name in _IDENTITY] for _, facts in checked]
    summary = [
        (*identity, name, _shown(value))
        for identity, (_, facts) in zip(identities, checked, strict=True)
        for name, value in facts.items()
    ]
    _write_sheet(book, "Summary", (*_IDENTITY, "item", "value"), summary)
    sheets: list[tuple[str, Sequence[str], Callable[[Checked], Iterable[Sequence[Any]]]]] = [
        ("Rules", RULE, lambda one: (tuple(rule.values()) for rule in one.rules())),
        ("Findings", FINDING, Checked.findings),
        ("Specification", PROBLEM, lambda one: (tuple(problem.values()) for problem in one.problems())),
    ]
    for name, columns, rows in sheets:
        pairs = zip(identities, outcome.checked, strict=True)
        found = ((*identity, *row) for identity, one in pairs for row in rows(one))
        _write_sheet(book, name, (*_IDENTITY, *columns), found)
    refused = [tuple(file.values()) for file in _refused(outcome)]
    _write_sheet(book, "Files not read", ("file", "code", "message", "is_passed_over"), refused)


def _shown(value: Any) -> Any:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return ", ".join(f"{name} {count}" for name, count in value.items()) if isinstance(value, dict) else value


def _write_sheet(book: Any, name: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write rows below headings, on further sheets where one does not hold them."""
    sheet, bold = None, book.add_format({"bold": True})
    for number, row in enumerate(rows):
        if sheet is None or number % _MOST_ROWS == 0:
            sheet = _begin(book, name if number == 0 else f"{name} {number // _MOST_ROWS + 1}", columns, bold)
        for place, value in enumerate(row):
            _write_cell(sheet, number % _MOST_ROWS + 1, place, value)
    if sheet is None:
        _begin(book, name, columns, bold)


def _begin(book: Any, name: str, columns: Sequence[str], bold: Any) -> Any:
    sheet = book.add_worksheet(name)
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(columns) - 1, 18)
    for place, column in enumerate(columns):
        sheet.write_string(0, place, column.replace("_", " "), bold)
    return sheet


def _write_cell(sheet: Any, row: int, place: int, value: Any) -> None:
    if value is None:
        return
    if isinstance(value, int) and not isinstance(value, bool):
        sheet.write_number(row, place, value)
    else:
        sheet.write_string(row, place, safe_cell(str(value)))
