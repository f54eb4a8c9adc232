"""The reading of statistics in a child: the work that needs Polars, which text documents do without.

Polars and Arrow are imported at the top and told to use one thread: a child measures the memory a
file takes from after its imports, and each of their threads would reserve a share of it.
"""

from __future__ import annotations

import os
from pathlib import Path

for _name in ("POLARS_MAX_THREADS", "OMP_NUM_THREADS", "ARROW_IO_THREADS"):
    os.environ[_name] = "1"
os.environ["ARROW_DEFAULT_MEMORY_POOL"] = "system"

from transforms.observations import Observations, of_statistics, read_prepared, write_sorted  # noqa: E402
from transforms.readers import ReadingLimits  # noqa: E402
from transforms.statistics.reading import read_statistics as read_tables  # noqa: E402
from warehouse.extract_worker import register_at  # noqa: E402


def read_statistics(
    data: bytes,
    sha256: str,
    limits: ReadingLimits,
    register_paths: tuple[str, ...],
    name: str,
    path: str,
    metadata_path: str,
) -> Observations:
    """Read one file of published statistics, a table or a release of tables, and write its values to `path`.

    Raises:
        InputError: it cannot be read, or holds no table of statistics.
    """
    unsorted = Path(f"{path}.unsorted")
    try:
        register = register_at(register_paths)
        metadata = Path(metadata_path).read_bytes() if metadata_path else None
        read = read_tables(data, unsorted, sha256=sha256, register=register, name=name, metadata=metadata)
        return of_statistics(read, data, name, unsorted, Path(path))
    finally:
        unsorted.unlink(missing_ok=True)


def read_observations(
    data: bytes,
    sha256: str,
    limits: ReadingLimits,
    register_paths: tuple[str, ...],
    name: str,
    path: str,
    metadata_path: str,
) -> Observations:
    """Read one file of observations laid out by others, and write them sorted to `path`.

    Raises:
        InputError: it cannot be read, or is not of that shape.
    """
    found, frame = read_prepared(data, sha256)
    found.row_count = write_sorted(frame, Path(path))
    return found
