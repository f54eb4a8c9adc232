"""Work for `extract` children that goes wrong in every way a parser can."""

import ctypes
import errno
import os
import time
from pathlib import Path

from transforms.errors import UnreadableFileError
from transforms.readers import ReadingLimits, read_document


def misbehave(data: bytes, sha256: str, limits: ReadingLimits, *payload: object) -> object:
    """Do what the file says."""
    order = data.decode("latin-1").strip().split(" ")[0]
    if order == "abort":
        os.abort()
    if order == "crash":
        ctypes.string_at(0)
    if order == "allocate":
        return len(bytearray(4 << 30))
    if order == "spin":
        while True:
            pass
    if order == "sleep":
        time.sleep(600)
    if order == "leave":
        os._exit(3)
    if order == "refuse":
        raise UnreadableFileError("page 7: found nonsense, expected sense")
    if order == "stumble":
        return {}["Joe Bloggs"]
    if order == "full":
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "a name that must not travel")
    if order == "panic":
        panic()
    if order == "panics" and not (made := Path(data.decode().split(" ")[1])).exists():
        made.touch()
        panic()
    if order == "exit":
        raise SystemExit("Joe Bloggs")
    if order == "deep":
        return misbehave(data, sha256, limits)
    if order == "print":
        os.write(1, b"noise from a library")
        print("more noise", flush=True)
    if order == "large":
        return "x" * 5_000_000
    if order == "foreign":
        return Foreign()
    if order == "pid":
        return os.getpid()
    if order == "environment":
        return dict(os.environ)
    return (order, sha256[:8], *payload)


def panic(*payload: object) -> None:
    """Give up as Polars does: by what is no `Exception`."""
    from polars.exceptions import PanicException

    assert not issubclass(PanicException, Exception)
    raise PanicException("Joe Bloggs")


class Foreign:
    """Pickles into a call that no parser result may cause."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, ("true",)


def double(number: int) -> int:
    """Work without a file."""
    return 2 * number


def read_pdf(data: bytes, sha256: str, limits: ReadingLimits) -> int:
    """Read for real; how many lines."""
    return len(read_document(data, sha256, limits).lines)
