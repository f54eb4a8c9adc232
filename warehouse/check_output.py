"""How `safeguarding check` says what it found: for people, as JSON, as CSV, as a workbook to send round."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, TextIO

from rich.console import Console
from rich.text import Text

from transforms.returns.rule import FAILED, PASSED
from warehouse import show
from warehouse.check_return import FINDING, Checked, Outcome
from warehouse.check_worker import PROBLEM, RULE
from warehouse.worksheets import safe_row, workbook, write_sheet

MOST_SHOWN = 200
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
            writer.writerow(safe_row((*identity, *finding)))


def write_workbook(outcome: Outcome, path: Path) -> None:
    """Write a workbook: what was checked, each rule, each finding, each departure, each file not read.

    Raises:
        WarehouseError: it cannot be written.
    """
    with workbook(path) as book:
        _write_sheets(book, outcome)


def _write_sheets(book: Any, outcome: Outcome) -> None:
    checked = [(one, one.facts()) for one in outcome.checked]
    identities = [[facts[name] for name in _IDENTITY] for _, facts in checked]
    summary = [
        (*identity, name, _shown(value))
        for identity, (_, facts) in zip(identities, checked, strict=True)
        for name, value in facts.items()
    ]
    write_sheet(book, "Summary", (*_IDENTITY, "item", "value"), summary)
    sheets: list[tuple[str, Sequence[str], Callable[[Checked], Iterable[Sequence[Any]]]]] = [
        ("Rules", RULE, lambda one: (tuple(rule.values()) for rule in one.rules())),
        ("Findings", FINDING, Checked.findings),
        ("Specification", PROBLEM, lambda one: (tuple(problem.values()) for problem in one.problems())),
    ]
    for name, columns, rows in sheets:
        pairs = zip(identities, outcome.checked, strict=True)
        found = ((*identity, *row) for identity, one in pairs for row in rows(one))
        write_sheet(book, name, (*_IDENTITY, *columns), found)
    refused = [tuple(file.values()) for file in _refused(outcome)]
    write_sheet(book, "Files not read", ("file", "code", "message", "is_passed_over"), refused)


def _shown(value: Any) -> Any:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return ", ".join(f"{name} {count}" for name, count in value.items()) if isinstance(value, dict) else value
