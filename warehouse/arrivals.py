"""What ever came, listed in the archive itself, so that it tells all without any ledger.

Returns are not listed here: they are in the restricted store, and there only.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import datetime
from typing import Any, BinaryIO

from transforms.errors import WarehouseError
from warehouse.archive import RETURNS
from warehouse.beside import folder_of
from warehouse.ledger import Ledger, Seen
from warehouse.settings import Settings

ARRIVALS = "arrivals.jsonl"  # every file version that came, a line each


def record_arrivals(settings: Settings, ledger: Ledger, seen: list[tuple[str, Seen]], at: datetime) -> None:
    """List new file versions in the archive itself, so that it tells all without any ledger.

    Raises:
        WarehouseError: the list cannot be written.
    """
    known = ledger.first_seen() if seen else {}
    # Returns are listed in the restricted store, and there only.
    new = [(path, f) for path, f in seen if (f.sha256, path) not in known and folder_of(path) != RETURNS]
    listed = settings.warehouse / "archive" / ARRIVALS
    lines = [_arrival(path, found.sha256, at.isoformat(), found.size, found.modified_at) for path, found in new]
    if not listed.exists():
        # An archive of before this list was kept: what the ledger knows of it comes first.
        lines = [_arrival(*row) for row in ledger.arrivals() if folder_of(row[0]) != RETURNS] + lines
    if not lines:
        return
    try:
        listed.parent.mkdir(parents=True, exist_ok=True)
        with listed.open("ab+") as file:
            if _is_cut_short(file):
                lines = ["\n", *lines]
            file.write("".join(lines).encode())
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise WarehouseError(f"{listed}: found {error}, expected to list what arrived") from error


def _is_cut_short(file: BinaryIO) -> bool:
    """Whether the last line of a list has no end, because the process that wrote it died."""
    if not file.seek(0, os.SEEK_END):
        return False
    file.seek(-1, os.SEEK_END)
    return file.read(1) != b"\n"


def _arrival(path: str, sha256: str, first_seen_at: str, size: int, modified_at: str) -> str:
    values = {
        "path": path,
        "sha256": sha256,
        "first_seen_at": first_seen_at,
        "size": size,
        "modified_at": modified_at,
    }
    return json.dumps(values, ensure_ascii=False) + "\n"


def arrived(settings: Settings) -> Iterator[dict[str, Any]]:
    """Yield what arrived, in order; lines that a dying process cut short are passed over, for they came again.

    Raises:
        WarehouseError: the list cannot be read.
    """
    listed = settings.warehouse / "archive" / ARRIVALS
    try:
        lines = listed.read_text("utf-8").split("\n") if listed.exists() else []
    except OSError as error:
        raise WarehouseError(f"{listed}: found {error}, expected the list of what arrived") from error
    for line in lines:
        try:
            values = json.loads(line)
        except ValueError:
            continue
        yield values
