"""What the system does to a warehouse (a full disk, a lost drive), told as errors of our own.

DuckDB and SQLite have errors of their own for it. Only those that speak of files and memory are
taken for the system's: a wrong statement is a fault in our code, and keeps its traceback.
"""

from __future__ import annotations

import sys

from transforms.errors import SafeguardingError, WarehouseError

SYSTEM_ERRORS = {
    "duckdb": ("IOException", "FatalException", "OutOfMemoryException", "InternalException"),
    "sqlite3": ("OperationalError", "DatabaseError"),
}
_OF_THE_SYSTEM = "(os error "  # what Polars says of the system in errors that it also raises for other things


def as_ours(error: BaseException) -> SafeguardingError | None:
    """Return the error of ours that an exception stands for, or None if it is a fault in code.

    A library that was never imported has raised nothing, and is not imported here.
    """
    if isinstance(error, SafeguardingError):
        return error
    kinds: list[type[BaseException]] = [OSError, MemoryError]
    for library, names in SYSTEM_ERRORS.items():
        if module := sys.modules.get(library):
            kinds.extend(getattr(module, name) for name in names)
    polars = sys.modules.get("polars")
    is_polars = polars is not None and isinstance(error, polars.exceptions.ComputeError)
    if isinstance(error, tuple(kinds)) or (is_polars and _OF_THE_SYSTEM in str(error)):
        said = str(error) or type(error).__name__
        return WarehouseError(f"found {said}, expected a system that lets files be read and written")
    return None


def exit_code_of(error: BaseException) -> int:
    """Return the exit code of the contract for an exception; 1 for a fault in code."""
    known = as_ours(error)
    return known.exit_code if known else SafeguardingError.exit_code
