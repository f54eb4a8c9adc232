"""Questions put to the published file: read-only, and shut off from every other file.

Opens in milliseconds: parameters are never bound here, because the first bound statement of a
process makes DuckDB import pandas.
"""

from __future__ import annotations

import csv
import json
import math
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, TextIO

import duckdb

from transforms.errors import UsageError, WarehouseError
from warehouse.settings import Settings

# A person who may ask in SQL may not thereby read the server's files, nor undo that.
SHUT_OFF: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "python_enable_replacements": "false",
    "temp_directory": "",
    "lock_configuration": "true",
}
ROWS_AT_ONCE = 5_000
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)*%?", re.ASCII)


@dataclass(slots=True)
class Answer:
    """What a statement gave: column names, made unique, and rows that are read as they are used."""

    columns: list[str]
    rows: Iterator[tuple[Any, ...]]


def connect(published_file: Path) -> duckdb.DuckDBPyConnection:
    """Open the published file for reading only.

    Raises:
        WarehouseError: nothing is published yet, or the file cannot be opened.
    """
    if not published_file.exists():
        raise WarehouseError(f"{published_file}: not there; nothing has been published yet")
    try:
        return duckdb.connect(str(published_file), read_only=True, config=SHUT_OFF)
    except duckdb.Error as error:
        raise WarehouseError(f"{published_file}: found {error}, expected to open it read-only") from error


@contextmanager
def ask(settings: Settings, sql: str) -> Iterator[Answer]:
    """Run statements on the published file and give the answer of the last one.

    Args:
        settings: where the published file is.
        sql: one or more statements.

    Yields:
        The answer; its rows can be read while the context is open.

    Raises:
        WarehouseError: there is no published file, or it cannot be opened.
        UsageError: DuckDB refuses the statement, when it starts or while rows are read.
    """
    connection = connect(settings.published_file)
    try:
        cursor = connection.execute(sql)
        columns = _unique([column[0] for column in cursor.description or []])
        yield Answer(columns, _rows(cursor) if columns else iter(()))
    except duckdb.Error as error:
        raise UsageError(f"SQL: {error}") from error
    finally:
        connection.close()


def _rows(cursor: duckdb.DuckDBPyConnection) -> Iterator[tuple[Any, ...]]:
    """Read rows a few thousand at a time, so that a large answer needs little memory."""
    while rows := cursor.fetchmany(ROWS_AT_ONCE):
        yield from rows


def _unique(names: Sequence[str]) -> list[str]:
    """Tell apart columns of one name, which SQL allows and JSON does not."""
    taken: set[str] = set()
    result = []
    for name in names:
        candidate, number = name, 1
        while candidate in taken:
            candidate, number = f"{name}_{number}", number + 1
        taken.add(candidate)
        result.append(candidate)
    return result


def write_csv(answer: Answer, out: TextIO) -> None:
    """Write an answer as CSV that a spreadsheet opens without running anything."""
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([safe_cell(name) for name in answer.columns])
    for row in answer.rows:
        writer.writerow([safe_cell(value) if isinstance(value, str) else as_text(value) for value in row])


def write_json(answer: Answer, out: TextIO) -> None:
    """Write an answer as one JSON array, an object a row."""
    out.write("[")
    separator = "\n"
    for row in answer.rows:
        values = {name: _json_value(value) for name, value in zip(answer.columns, row, strict=True)}
        out.write(separator + json.dumps(values, ensure_ascii=False, allow_nan=False))
        separator = ",\n"
    out.write("]\n")


def safe_cell(text: str) -> str:
    """Prefix what a spreadsheet would take for a formula; plain numbers stay as they are."""
    if text.startswith(FORMULA_STARTS) and not _NUMBER.fullmatch(text):
        return "'" + text
    return text


def as_text(value: Any) -> str:
    """Return one value as people read it: ISO dates, true and false, nested values as JSON."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, (list, tuple, dict)):
        return json.dumps(_json_value(value), ensure_ascii=False)
    return str(_json_value(value)) if isinstance(value, (bytes, date, time)) else str(value)


def _json_value(value: Any) -> Any:
    """Return a value as JSON can hold it; not-a-number and infinity become null."""
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dict):
        return {str(key): _json_value(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_json_value(item) for item in value]
    return str(value)
