"""Which code and which register read a document: content hashes, so they change exactly when those do."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

# Only these decide what text a document has; all other transforms decide what is made of it.
READERS = ("readers.py", "reading/document.py")


@cache
def parser_version() -> str:
    """Return the version of the code that reads and parses documents."""
    return _hash((name, entry) for name, entry in _walk(resources.files("transforms"), "") if name.endswith(".py"))


@cache
def reader_version() -> str:
    """Return the version of the code that turns bytes into text; kept texts are valid for one."""
    root = resources.files("transforms")
    return _hash((name, root.joinpath(name)) for name in READERS)


def register_version(reference_shas: Iterable[str]) -> str:
    """Return the version of the register of authorities.

    Args:
        reference_shas: sha256 of the reference files in use beside the seeds.
    """
    seeds = [(n, e) for n, e in _walk(resources.files("transforms").joinpath("seeds"), "") if n.endswith(".csv")]
    return _hash(seeds, extra=sorted(reference_shas))


def _walk(folder: Traversable, prefix: str) -> list[tuple[str, Traversable]]:
    found: list[tuple[str, Traversable]] = []
    for entry in sorted(folder.iterdir(), key=lambda e: e.name):
        if entry.is_dir():
            if entry.name != "__pycache__":
                found.extend(_walk(entry, f"{prefix}{entry.name}/"))
        else:
            found.append((prefix + entry.name, entry))
    return found


def _hash(entries: Iterable[tuple[str, Traversable]], extra: Iterable[str] = ()) -> str:
    digest = hashlib.sha256()
    for name, entry in entries:
        digest.update(f"{name}\0".encode())
        digest.update(hashlib.sha256(entry.read_bytes()).digest())
    for value in extra:
        digest.update(f"{value}\0".encode())
    return digest.hexdigest()[:16]
