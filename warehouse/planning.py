"""What a load has to read: file versions that the published version does not have, and what they change."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from transforms.errors import InputError
from warehouse import store
from warehouse.landing import FileVersion, Scan, archive_path
from warehouse.places import date_of_folder
from warehouse.settings import Settings
from warehouse.sources import BY_KIND, RETURN
from warehouse.versions import parser_version, register_version

REFERENCE = "reference"  # files of authorities beside those of the register
PROVIDER_LIST = "provider_list"  # Ofsted's lists of providers, which rules on placements need
_PROVIDERS = "reference/providers/"
_HASH = re.compile(r"^[0-9a-f]{64}: ")  # by which an archived file is called
References = tuple[dict[str, str], list[str]]
"""Hashes of files of authorities by landing path, and hashes of lists of providers."""
BATCH_FILES = 500  # fewer are not worth a task of their own: child processes already share the work
Handled = dict[str, dict[str, dict[str, Any]]]  # what became of a file version: by sha256, then by path


def plan(settings: Settings, found: Scan, most_batches: int, handled: Handled | None = None) -> dict[str, Any]:
    """Decide what the published version does not have yet, and in which batches to read it.

    Args:
        settings: places.
        found: file versions there are.
        most_batches: into how many batches they may be divided.
        handled: what is published already; read from the published file where it is not given.

    Returns:
        The part of a manifest that says what to read, with which register and code.
    """
    handled = published_outcomes(settings) if handled is None else handled
    references, providers = _references(settings, found, handled)
    in_use = register_version(references.values())
    version = parser_version()
    wanted, beside = _unread(found, handled, version, in_use)
    new = len(wanted)
    again = _returns_again(settings, found, wanted, handled, providers)
    wanted += again
    must_build = bool(wanted) or _needs_migration(settings) or (bool(handled) and _register_changed(handled, in_use))
    wanted.sort(key=lambda f: -f["size"])
    count = min(most_batches, -(-len(wanted) // BATCH_FILES)) if wanted else int(must_build)
    return {
        "batches": _batches(wanted, count) if must_build else [],
        "beside": beside if must_build else [],
        "references": references,
        "providers": providers,
        "parser_version": version,
        "register_version": in_use,
        "files_new": new,
        "files_again": len(again),
    }


def _unread(
    found: Scan, handled: Handled, version: str, in_use: str
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return what this code has to read, each content once, and the further paths under which it lies."""
    by_sha: dict[str, list[FileVersion]] = {}
    for file in found.files:
        by_sha.setdefault(file.sha256, []).append(file)
    wanted: list[dict[str, Any]] = []
    beside: list[dict[str, Any]] = []
    for sha256, files in by_sha.items():
        first = min(files, key=lambda f: (f.first_seen_at, f.path))
        first.sidecar = next((f.sidecar for f in sorted(files, key=lambda f: f.path) if f.sidecar), None)
        first.metadata_sha256 = next(
            (f.metadata_sha256 for f in sorted(files, key=lambda f: f.path) if f.metadata_sha256), ""
        )
        known = handled.get(sha256, {})
        dated = _first_dated(files)
        if is_wanted(first, known, version, in_use) or _is_dated_anew(dated, known):
            origin = next((f for f in files if f.path in known and known[f.path]["state"] != "unchanged"), first)
            origin = dated or origin
            origin.sidecar, origin.metadata_sha256 = first.sidecar, first.metadata_sha256
            wanted.append(origin.as_dict())
            beside.extend(f.as_dict() for f in files if f is not origin)
        else:
            beside.extend(f.as_dict() for f in files if f.path not in known)
    return wanted, beside


def _first_dated(files: list[FileVersion]) -> FileVersion | None:
    """Which of the paths of one content tells its release date, the first day of several; None where none does."""
    dated = [(day, f.path, f) for f in files if BY_KIND[f.kind].has_dated_folders and (day := date_of_folder(f.path))]
    return min(dated, key=lambda found: found[:2])[2] if dated else None


def _is_dated_anew(dated: FileVersion | None, known: dict[str, dict[str, Any]]) -> bool:
    """Whether a content read before now also lies in a folder of an earlier day, or in a dated one at last."""
    days = [date_of_folder(path) for path, row in known.items() if row["state"] == "loaded"]
    if dated is None or not days:
        return False
    told = str(date_of_folder(dated.path))
    return all(day is None or day > told for day in days)


def _batches(wanted: list[dict[str, Any]], count: int) -> list[list[dict[str, Any]]]:
    """Divide files; returns all go into the first batch, for one process writes the restricted store."""
    returns = [file for file in wanted if file["kind"] == RETURN]
    others = [file for file in wanted if file["kind"] != RETURN]
    batches = [others[number::count] for number in range(count)]
    return [returns + batches[0], *batches[1:]]


def _returns_again(
    settings: Settings, found: Scan, wanted: list[dict[str, Any]], handled: Handled, providers: list[str]
) -> list[dict[str, Any]]:
    """Name returns loaded before that what is new may change: later years, another population or provider list."""
    if all(row["source_kind"] != RETURN for rows in handled.values() for row in rows.values()):
        return []
    from warehouse.returns import to_work_out_again

    reading = {file["sha256"] for file in wanted}
    new = [file for file in found.files if file.sha256 in reading]
    return [file.as_dict() for file in to_work_out_again(settings, new, providers)]


def is_wanted(file: FileVersion, known: dict[str, dict[str, Any]], version: str, register: str) -> bool:
    """Say whether a file version must be read: never seen, newly described, or once refused by other code."""
    states = [row for row in known.values() if row["state"] != "unchanged"]
    if not states:
        return True
    row = states[0]
    if any(getattr(file, name) not in ("", row[name]) for name in ("sidecar_sha256", "metadata_sha256")):
        return True
    stale = (row["parser_version"], row["register_version"]) != (version, register)
    return bool(row["state"] == "quarantined" and stale)


_HANDLED = ("state", "sidecar_sha256", "metadata_sha256", "parser_version", "register_version", "source_kind")


def published_outcomes(settings: Settings) -> Handled:
    """Return what became of each file version in the published file: by sha256, then by path."""
    current = store.current_version(settings)
    if current is None:
        return {}
    connection = store.connect(current, settings, read_only=True)
    try:
        described = connection.execute("SELECT * FROM meta.source_file LIMIT 0").description or ()
        held = {column[0] for column in described}  # a version of older code may lack a column
        names = [name for name in _HANDLED if name in held]
        listed = ", ".join(["sha256", "landing_path", *(f"coalesce({name}, '')" for name in names)])
        rows = connection.execute(f"SELECT {listed} FROM meta.source_file ORDER BY first_seen_at").fetchall()  # noqa: S608 - names of our own
    finally:
        connection.close()
    lacking = dict.fromkeys(_HANDLED, "")
    handled: Handled = {}
    for sha256, path, *values in rows:
        handled.setdefault(sha256, {})[path] = lacking | dict(zip(names, values, strict=True))
    return handled


def _references(settings: Settings, found: Scan, handled: Handled) -> References:
    """Return the reference files in use: those loaded before, overlaid by those there now that can be used."""
    loaded = [
        (path, sha256, row["source_kind"])
        for sha256, rows in handled.items()
        for path, row in rows.items()
        if row["state"] == "loaded"
    ]
    authorities, providers = references_among(loaded)
    there = sorted((file for file in found.files if file.refusal is None), key=lambda f: (f.first_seen_at, f.path))
    providers += [file.sha256 for file in there if file.kind == PROVIDER_LIST]
    authorities += [(file.path, file.sha256) for file in there if file.kind == REFERENCE]
    usable, unusable = usable_references(settings, authorities)
    for file in there:
        if file.kind == REFERENCE:
            file.refusal = unusable.get((file.path, file.sha256))
    return usable, sorted(set(providers))


def references_among(loaded: Iterable[tuple[str, str, str]]) -> tuple[list[tuple[str, str]], list[str]]:
    """Pick reference files out of files that were loaded.

    Args:
        loaded: landing path, sha256 and `source_kind` of each.

    Returns:
        Paths and hashes of files of authorities, in the same order, and hashes of lists of providers.
    """
    authorities, providers = [], []
    for path, sha256, kind in loaded:
        # Older code told lists of providers by their folder.
        if kind == PROVIDER_LIST or (kind == REFERENCE and path.startswith(_PROVIDERS)):
            providers.append(sha256)
        elif kind == REFERENCE:
            authorities.append((path, sha256))
    return authorities, providers


def usable_references(
    settings: Settings, authorities: Iterable[tuple[str, str]]
) -> tuple[dict[str, str], dict[tuple[str, str], str]]:
    """Part files of authorities that can be used together from those that cannot.

    Args:
        settings: place of the archive.
        authorities: path and sha256 of each, in the order they came; a later one at the same path replaces
            the earlier if it can be used.

    Returns:
        Hashes of those to use by path, and why others cannot be, by path and sha256.
    """
    came = list(authorities)
    latest = dict(sorted(dict(came).items()))
    if not came or _why_unusable(settings, latest) is None:
        return latest, {}
    usable: dict[str, str] = {}
    unusable: dict[tuple[str, str], str] = {}
    for path, sha256 in dict.fromkeys(came):
        why = _why_unusable(settings, {**usable, path: sha256})
        if why is None:
            usable[path] = sha256
        else:
            unusable[path, sha256] = why
    return dict(sorted(usable.items())), unusable


def _why_unusable(settings: Settings, in_use: dict[str, str]) -> str | None:
    from transforms.authorities import load_register

    try:
        load_register([archive_path(settings, sha256) for sha256 in in_use.values()])
    except InputError as error:
        return _HASH.sub("", str(error))
    return None


def _register_changed(handled: Handled, in_use: str) -> bool:
    latest = {row["register_version"] for rows in handled.values() for row in rows.values()}
    return in_use not in latest


def _needs_migration(settings: Settings) -> bool:
    """Say whether the published file is of an older schema than this code."""
    current = store.current_version(settings)
    return current is not None and store.is_outdated(current, settings)
