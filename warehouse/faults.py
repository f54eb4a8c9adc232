"""What the system does to a warehouse (a full disk, a lost drive), told as errors of our own.

DuckDB and SQLite have errors of their own for it. Only those that speak of files and memory are
taken for the system's: a wrong statement is a fault in our code, and keeps its traceback.
"""

from __future__ import annotations

import errno
import sys

from transforms.errors import SafeguardingError, WarehouseError

SYSTEM_ERRORS = {
    "duckdb": ("IOException", "FatalException", "OutOfMemoryException", "InternalException"),
    "sqlite3": ("OperationalError", "DatabaseError"),
}
# What Polars says of the system in errors that it also raises for other things.
_SAID_OF_THE_SYSTEM = ("(os error ", "thrift: transport error")
_OF_THE_DISK = frozenset(
    (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS, errno.EMFILE, errno.ENFILE, errno.ESTALE)
)


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
    if isinstance(error, tuple(kinds)) or _is_said_of_the_system(error):
        said = str(error) or type(error).__name__
        return WarehouseError(f"found {said}, expected a system that lets files be read and written")
    return None


def is_of_the_disk(error: BaseException) -> bool:
    """Whether it is the disk that failed, and not the file that was read: no file may be refused for it."""
    return (isinstance(error, OSError) and error.errno in _OF_THE_DISK) or _is_said_of_the_system(error)


def _is_said_of_the_system(error: BaseException) -> bool:
    polars = sys.modules.get("polars")
    is_polars = polars is not None and isinstance(error, polars.exceptions.ComputeError)
    return is_polars and any(said in str(error) for said in _SAID_OF_THE_SYSTEM)


def exit_code_of(error: BaseException) -> int:
    """Return the exit code of the contract for an exception; 1 for a fault in code."""
    known = as_ours(error)
    return known.exit_code if known else SafeguardingError.exit_code
