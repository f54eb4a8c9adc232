"""The reading of local returns in a child: the work that needs Polars.

As in `statistics_worker`, Polars and Arrow are imported at the top and told to use one thread: a
child measures the memory a file takes from after its imports. Files are opened here, not handed
over: a census is read piece by piece and never held whole.
"""

from __future__ import annotations

import io
import os
import stat
from pathlib import Path

for _name in ("POLARS_MAX_THREADS", "OMP_NUM_THREADS", "ARROW_IO_THREADS"):
    os.environ[_name] = "1"
os.environ["ARROW_DEFAULT_MEMORY_POOL"] = "system"

from transforms.errors import UnreadableFileError  # noqa: E402
from transforms.returns.reading import FileRead, read_file  # noqa: E402
from warehouse.extract_worker import Limits  # noqa: E402

MOST_BYTES = 4 << 30
# A census of a million children takes about a minute and a gigabyte.
LIMITS = Limits(memory_bytes=3 << 30, cpu_seconds=300, wall_seconds=600.0)


def read_return(path: str, name: str) -> FileRead:
    """Read one file of a return.

    Args:
        path: where it lies.
        name: what to call it.

    Raises:
        InputError: it cannot be read, or is of no return.
    """
    try:
        _check_file(path)
        return read_file(Path(path), name)
    except OSError as error:
        raise UnreadableFileError(f"file: found {error.strerror or error}, expected a file that can be read") from error


def read_provider_lists(paths: tuple[str, ...]) -> bytes:
    """Read Ofsted's lists of providers; return one frame as an Arrow stream.

    Raises:
        InputError: one cannot be read, or lists no providers.
    """
    from transforms.returns.providers import read_providers
    from transforms.spreadsheets import read_sheets

    sheets = []
    for path in paths:
        _check_file(path)
        sheets += read_sheets(Path(path).read_bytes())
    stream = io.BytesIO()
    read_providers(sheets).write_ipc_stream(stream)
    return stream.getvalue()


def _check_file(path: str) -> None:
    """Refuse what is no regular file, or too large.

    Raises:
        UnreadableFileError: it is one of these.
        OSError: it cannot be looked at.
    """
    found = Path(path).stat()
    if not stat.S_ISREG(found.st_mode):
        raise UnreadableFileError("file: found no regular file, expected one")
    if found.st_size > MOST_BYTES:
        raise UnreadableFileError(f"file: found {found.st_size:,} bytes, expected at most {MOST_BYTES:,}")
