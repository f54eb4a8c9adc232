"""Files that say something of the file they lie beside: where it came from, what its columns are."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from warehouse.sources import of_folder


@dataclass(slots=True)
class Sidecar:
    """The JSON file beside a report, written by whoever fetched it. Unusable parts are left out."""

    sha256: str
    path: str
    source_url: str | None = None
    provider_urn: str | None = None
    published_date: str | None = None
    retrieved_at: str | None = None
    problems: list[str] = field(default_factory=list)


def folder_of(path: str) -> str:
    """Return the first folder of a landing path; empty for what lies in none."""
    return path.split("/", 1)[0] if "/" in path else ""


def sidecars_among(paths: set[str]) -> dict[str, str]:
    """Return which paths are JSON files beside a report, with the report each belongs to.

    Both `report.pdf.json` and `report.json` belong to `report.pdf`.
    """
    stems: dict[str, list[str]] = {}
    for path in paths:
        if not path.lower().endswith(".json"):
            stems.setdefault(os.path.splitext(path)[0], []).append(path)
    owners: dict[str, str] = {}
    for path in sorted(paths):
        if not path.lower().endswith(".json") or not any(s.has_sidecars for s in of_folder(folder_of(path))):
            continue
        stem = path[: -len(".json")]
        if stem in paths:
            owners[path] = stem
        elif len(stems.get(stem, ())) == 1:
            owners[path] = stems[stem][0]
    return owners


def metadata_among(paths: set[str]) -> dict[str, str]:
    """Return which paths say what the columns of the file beside them are, with that file."""
    lowered = {path.lower(): path for path in sorted(paths)}
    owners: dict[str, str] = {}
    for path in sorted(paths):
        for source in of_folder(folder_of(path)):
            ending = source.metadata_ending
            if ending and path.lower().endswith(ending):
                plain = path.lower()[: -len(ending)] + os.path.splitext(ending)[1]
                if plain in lowered:
                    owners[path] = lowered[plain]
    return owners


def read_sidecar(path: Path, sha256: str, name: str) -> Sidecar:
    """Read the JSON file beside a report; what is unusable is left out and said.

    Args:
        path: where its bytes are.
        sha256: of those bytes.
        name: landing path, for messages.

    Returns:
        The usable values; dates are ISO text.
    """
    sidecar = Sidecar(sha256=sha256, path=name)
    try:
        values = json.loads(path.read_bytes()[: 1 << 20])
    except (ValueError, RecursionError):
        sidecar.problems.append("found no readable JSON, expected an object")
        return sidecar
    if not isinstance(values, dict):
        sidecar.problems.append(f"found a JSON {type(values).__name__}, expected an object")
        return sidecar
    _read_field(sidecar, values, "source_url", lambda v: str(v) if str(v).startswith(("http://", "https://")) else None)
    _read_field(sidecar, values, "provider_urn", lambda v: str(v) if str(v).strip().isalnum() else None)
    _read_field(sidecar, values, "published_date", lambda v: date.fromisoformat(str(v)[:10]).isoformat())
    _read_field(sidecar, values, "retrieved_at", _utc_text)
    return sidecar


def _read_field(sidecar: Sidecar, values: dict[str, Any], name: str, read: Callable[[Any], str | None]) -> None:
    value = values.get(name)
    if value is None or value == "":
        return
    try:
        usable = read(value)
    except (ValueError, TypeError, OverflowError):
        usable = None
    if usable is None:
        sidecar.problems.append(f"{name}: found {str(value)[:60]!r}, which cannot be used")
    else:
        setattr(sidecar, name, usable)


def _utc_text(value: Any) -> str:
    at = datetime.fromisoformat(str(value))
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC).isoformat()
