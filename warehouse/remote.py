"""A landing zone on an object store: brought to a local copy, which is then scanned like any other.

Any address that fsspec knows will do (`s3://`, `abfs://`, `gs://`, `sftp://`, …) if its driver is
installed. Objects are known by what the store says of them (its tag, or size and time); new ones are
copied under a name that no scan takes, and renamed when they are whole. Nothing is ever written to the
store, and what vanishes there changes nothing here. Returns are left where they are: a copy of ours would
be plain rows about children. They are taken from a local landing zone only.
"""

from __future__ import annotations

import errno
import hashlib
import logging
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Any

from transforms.errors import WarehouseError
from warehouse.archive import RETURNS
from warehouse.ledger import Ledger
from warehouse.settings import Settings

log = logging.getLogger("safeguarding.remote")

UNFINISHED = ".part"
_NOT_A_NAME = (errno.ENAMETOOLONG, errno.EISDIR, errno.ENOTDIR, errno.EEXIST, errno.EILSEQ, errno.EINVAL)
# What stores say of an object, each in its own words.
_TAGS = ("ETag", "etag", "md5Hash", "generation")
_TIMES = ("LastModified", "last_modified", "mtime", "updated", "created")


def bring(settings: Settings) -> int:
    """Copy what is new on the object store into the local copy of the landing zone.

    Args:
        settings: `landing_url` is the address, `landing` the local copy; without an address nothing is done.

    Returns:
        Objects copied.

    Raises:
        WarehouseError: the store cannot be listed or read.
    """
    if not settings.landing_url:
        return 0
    try:
        import fsspec

        store, root = fsspec.core.url_to_fs(settings.landing_url)
        found = {path: of for path, of in _objects(store, root) if not path.startswith(f"{RETURNS}/")}
    except (OSError, ImportError, ValueError) as error:
        # The address may hold a secret: only its kind is named.
        kind = settings.landing_url.partition(":")[0]
        raise WarehouseError(f"landing zone ({kind}): found {type(error).__name__}, expected to list it") from error
    with Ledger(settings.warehouse / "ledger.sqlite") as ledger:
        known = ledger.remote_objects()
        new = {path: tag for path, (_, tag) in found.items() if known.get(path) != tag}
        for path, tag in sorted(new.items()):
            if _copy(store, found[path][0], settings.landing / path):
                ledger.record_remote(path, tag)
    if new:
        log.info("stage=bring objects=%d copied=%d", len(found), len(new))
    return len(new)


def _objects(store: Any, root: str) -> Iterator[tuple[str, tuple[str, str]]]:
    """Yield each object below the root: relative path, then its own name and its tag."""
    store.invalidate_cache()
    if not store.exists(root):
        return
    for name, info in store.find(root, detail=True).items():
        relative = PurePosixPath(os.path.relpath(name, root))
        if relative.is_absolute() or ".." in relative.parts or "\0" in name:
            log.warning("landing zone: an object has a name that leads out of it and is left alone")
            continue
        tag = next((str(info[key]) for key in _TAGS if info.get(key)), None)
        times = [str(info[key]) for key in _TIMES if key in info]
        yield str(relative), (name, tag or f"{info.get('size')}:{':'.join(times)}")


def _copy(store: Any, name: str, to: Path) -> bool:
    """Copy one object; a half one never has its final name.

    Returns:
        Whether it could be: not where this system takes no such name, or another object has its folder's name.
    """
    digest = hashlib.sha256(to.name.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    part = to.with_name(f".{digest}{UNFINISHED}")
    try:
        to.parent.mkdir(parents=True, exist_ok=True)
        store.get_file(name, str(part))
        part.replace(to)
        return True
    except OSError as error:
        if error.errno in _NOT_A_NAME:
            with suppress(OSError):
                part.unlink(missing_ok=True)
            why = os.strerror(error.errno or 0)
            log.warning("landing zone: an object is left alone: %s (%s)", why, ascii(name)[-80:])
            return False
        part.unlink(missing_ok=True)
        raise WarehouseError(f"landing zone: {to.name}: found {type(error).__name__}, expected to copy it") from error
