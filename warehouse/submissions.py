"""The files of a return as one submission: which authority's, of which return, for which year.

A submission is all that lies below one folder `returns/<la_code>/<return>/<year or date>/`: a
return may be one file or a dozen, and means nothing in part. It is one version of one source,
known by a hash over the hashes of its files; when any of them changes, it is another submission,
which the warehouse takes for a resubmission.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import PurePosixPath

from warehouse.archive import FORGOTTEN, RETURNS, Archives
from warehouse.landing import FileVersion, Sight
from warehouse.sources import RETURN

INCOMPLETE = "waits for another file of its return, which is still being written or cannot be read"
EXPECTED = "expected returns/<la_code>/<return>/<year or date>/ with the files in it"


@dataclass(frozen=True, slots=True)
class Named:
    """What the folders of a submission say.

    Attributes:
        la_code: three digits.
        return_code: of the registry.
        year: collection year, or None where a date is given.
        day: of the submission, or of the snapshot it holds; what it is the vintage of.
    """

    la_code: str
    return_code: str
    year: int | None
    day: date | None


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a return, as `FileVersion` has them."""

    path: str
    sha256: str
    size: int
    modified_at: str
    first_seen_at: str
    refusal: str | None
    is_forgotten: bool


def parts_of(
    files: Mapping[str, Sight],
    first_seen: Mapping[tuple[str, str], str],
    now: datetime,
    places: Archives,
) -> list[Part]:
    """Lay out what a scan found of files of returns.

    Args:
        files: what was seen of each, by landing path.
        first_seen: when each version was first seen, by sha256 and path.
        now: when those were seen that are new.
        places: knows what was forgotten.
    """
    vault = places.vault
    return [
        Part(
            path,
            sight.seen.sha256,
            sight.seen.size,
            sight.seen.modified_at,
            first_seen.get((sight.seen.sha256, path), now.isoformat()),
            sight.refusal,
            vault is not None and vault.is_forgotten(sight.seen.sha256),
        )
        for path, sight in files.items()
    ]


def group(parts: list[Part], unfinished: Iterable[str] = ()) -> tuple[list[FileVersion], list[tuple[str, str]]]:
    """Put files together to submissions.

    Args:
        parts: every file below `returns` that was taken.
        unfinished: landing paths of those that were not, for they are still being written or cannot be read:
            a return with a file missing would be loaded as one without those children.

    Returns:
        One file version a submission, and files that belong to none, with the reason.
    """
    together: dict[str, list[Part]] = {}
    waiting = []
    unfinished_folders = {_submission_of(path) for path in unfinished}
    for part in parts:
        folder = _submission_of(part.path)
        if part.path.count("/") < 4:
            waiting.append((part.path, part.refusal or f"found a file outside the folder of a submission, {EXPECTED}"))
        elif isinstance(named := named_by(folder), str):
            waiting.append((part.path, named))
        else:
            together.setdefault(folder, []).append(part)
    found = []
    for folder, members in together.items():
        if any(part.is_forgotten for part in members):
            waiting.extend((part.path, FORGOTTEN) for part in members if part.is_forgotten)
        elif folder in unfinished_folders:
            waiting.extend((part.path, INCOMPLETE) for part in members)
        else:
            found.append(version_of(folder, sorted(members, key=lambda part: part.path)))
    _refuse_twins(found)
    return found, waiting


def _submission_of(path: str) -> str:
    """Return the folder of the submission that a landing path belongs to."""
    return "/".join(path.split("/")[:4])


def _refuse_twins(found: list[FileVersion]) -> None:
    """Refuse folders that mean the same return and came together: nothing tells which of them stands."""
    alike: dict[tuple[Named | str, str], list[FileVersion]] = {}
    for version in found:
        alike.setdefault((named_by(version.path), version.first_seen_at), []).append(version)
    for twins in alike.values():
        for version in twins if len(twins) > 1 else ():
            if version.refusal is None:
                other = next(twin.path for twin in twins if twin is not version)
                version.refusal = f"found the same return in {other}, which came with it, expected one"
                # Another version than the one it becomes once the other is gone, which is to be read.
                version.sha256 = hashlib.sha256(f"{version.sha256}\n{version.refusal}".encode()).hexdigest()


def version_of(folder: str, members: list[Part]) -> FileVersion:
    """Make one file version of the files of a submission."""
    refusals = {part.refusal for part in members}
    refused = next((part for part in members if part.refusal), None)
    place = f"{refused.path.removeprefix(f'{folder}/')}: " if refused and len(refusals) > 1 else ""
    listed = "\n".join(f"{part.sha256} {part.path.removeprefix(folder)}" for part in members)
    return FileVersion(
        path=folder,
        sha256=hashlib.sha256(f"{RETURN}\n{folder}\n{listed}".encode()).hexdigest(),
        kind=RETURN,
        size=sum(part.size for part in members),
        modified_at=max(part.modified_at for part in members),
        first_seen_at=max(part.first_seen_at for part in members),
        refusal=f"{place}{refused.refusal}" if refused else None,
        parts=[
            {"name": part.path.removeprefix(f"{folder}/"), "sha256": part.sha256, "size": part.size} for part in members
        ],
    )


def named_by(folder: str) -> Named | str:
    """Read the folders of a submission.

    Returns:
        What they say, or why they cannot be understood.
    """
    from transforms.returns import returns

    parts = PurePosixPath(folder).parts
    if len(parts) != 4 or parts[0] != RETURNS:
        return f"found the folder {folder}, {EXPECTED}"
    _, la_code, name, when = parts
    codes = [entry.code for entry in returns()]
    return_code = re.sub(r"[\s_-]+", "_", name.strip().lower())
    if not re.fullmatch(r"[0-9]{3}", la_code):
        return f"found the folder {la_code!r}, expected the three digits of an authority's DfE code"
    if return_code not in codes:
        return f"found the folder {name!r}, expected one of {', '.join(codes)}"
    if (read := _when(when)) is None:
        return f"found the folder {when!r}, expected a year as 2026 or 2025-26, or a day as 2026-03-31"
    return Named(la_code, return_code, *read)


def _when(text: str) -> tuple[int | None, date | None] | None:
    if re.fullmatch(r"20[0-9]{2}", text):
        return int(text), None
    if (years := re.fullmatch(r"(20[0-9]{2})[-_ ]((?:20)?[0-9]{2})", text)) is not None:
        first, second = int(years[1]), int(years[2])
        return (first + 1, None) if second in (first + 1, (first + 1) % 100) else None
    try:
        day = date.fromisoformat(text) if re.fullmatch(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}", text) else None
    except ValueError:
        return None
    return (None, day) if day else None
