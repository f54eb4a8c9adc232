"""Laying a fetched file into the landing zone: whole or not at all, and over nothing.

The landing zone belongs to those who deposit, and this is one of them: a file that lies there is
never written over. The JSON file beside it is laid down first, so that no load ever takes up a
fetched file without its day of publication.
"""

from __future__ import annotations

import json
import os
import shutil
from datetime import datetime
from pathlib import Path

from transforms.errors import WarehouseError
from warehouse.fetch.content import sha256_of
from warehouse.fetch.listing import Listed
from warehouse.settings import Settings


def deposit(settings: Settings, part: Path, item: Listed, sha256: str, at: datetime, fetched_from: str) -> str:
    """Lay a file into the landing zone, with the JSON file that describes it.

    Args:
        settings: places.
        part: the whole file; stays where it is.
        item: what was listed.
        sha256: of the file.
        at: when it was retrieved.
        fetched_from: where redirects ended.

    Returns:
        Its path in the landing zone. A file of the same name and other content keeps it: the new
        one's name then ends in the start of its hash.

    Raises:
        WarehouseError: the landing zone cannot be written.
    """
    folder = settings.landing / item.folder
    try:
        folder.mkdir(parents=True, exist_ok=True)
        target = _free(folder, item.name, sha256)
        if not target.exists():
            about = {
                "source_url": item.url,
                "fetched_from": fetched_from if fetched_from != item.url else None,
                **item.about,
                "retrieved_at": at.isoformat(timespec="seconds"),
                "sha256": sha256,
            }
            told = json.dumps({name: value for name, value in about.items() if value is not None}, indent=1)
            _write(target.with_name(f"{target.name}.json"), told.encode())
            _write(target, part)
    except OSError as error:
        raise WarehouseError(f"{folder}: found {error}, expected to lay down {item.name}") from error
    return target.relative_to(settings.landing).as_posix()


def _free(folder: Path, name: str, sha256: str) -> Path:
    """Return where a file of that name can lie, or where this very one lies already."""
    target = folder / name
    if target.exists() and sha256_of(target) != sha256:
        return target.with_name(f"{target.stem} {sha256[:8]}{target.suffix}")
    return target


def _write(target: Path, content: bytes | Path) -> None:
    """Write a file under a name that no load takes up, then give it its own in one step."""
    unfinished = target.with_name(f".{target.name}.part")
    try:
        with unfinished.open("wb") as file:
            if isinstance(content, Path):
                with content.open("rb") as source:
                    shutil.copyfileobj(source, file, 1 << 20)
            else:
                file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
