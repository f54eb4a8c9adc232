"""The landing zone: what lies there, known by content, and kept for good in the archive.

The landing zone belongs to those who deposit: nothing in it is ever moved, changed or deleted.
A file is known by its sha256; size, times and inode only spare reading it again. Each new file
version is copied into the archive while it is hashed, and all later stages read the copy.
"""

from __future__ import annotations

import hashlib
import os
import stat
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from transforms.errors import WarehouseError
from warehouse import vault
from warehouse.archive import FORGOTTEN, RETURNS, Archive, Archives, plain_path
from warehouse.arrivals import arrived, record_arrivals
from warehouse.beside import Sidecar, folder_of, metadata_among, read_sidecar, sidecars_among
from warehouse.ledger import Ledger, Recognised, Seen, utc_now
from warehouse.places import display_path, is_too_long, misplaced_return, refusal_of
from warehouse.settings import Settings
from warehouse.sources import is_shared, of_folder, recognise_files

_OF_WINDOWS = ("thumbs.db", "desktop.ini")
UNFINISHED = (".part", ".partial", ".tmp", ".crdownload", ".download", ".filepart")
_BEING_WRITTEN = "its name says that it is still being written"
READY = ".ready"  # `<file>.ready`, or this alone in a folder, says that nothing more will be written
NO_SOURCE = "no source reads this folder"


@dataclass(slots=True)
class FileVersion:
    """One version of one file of the landing zone, already in the archive.

    Attributes:
        path: relative to the landing zone, `/` between parts, odd bytes escaped.
        kind: source kind, from the first folder of the path and, where sources share it, the content.
        first_seen_at, modified_at: ISO UTC.
        metadata_sha256: of the file beside it that says what its columns are; empty if there is none.
        refusal: why it may not be read at all (a link out of the landing zone, a bomb), or None.
        parts: of a return, which is one version however many files it has: their name, sha256, size.
    """

    path: str
    sha256: str
    kind: str
    size: int
    modified_at: str
    first_seen_at: str
    sidecar: Sidecar | None = None
    refusal: str | None = None
    metadata_sha256: str = ""
    parts: list[dict[str, Any]] = field(default_factory=list)

    @property
    def sidecar_sha256(self) -> str:
        """Hash of the JSON file beside it, empty if there is none."""
        return self.sidecar.sha256 if self.sidecar else ""

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> FileVersion:
        """Return what `as_dict` was made from."""
        sidecar = values["sidecar"]
        return cls(**{**values, "sidecar": Sidecar(**sidecar) if sidecar else None})


@dataclass(frozen=True, slots=True)
class Lying:
    """One file as it lies in the landing zone now.

    Attributes:
        path: as of `FileVersion`.
        real: where it is.
        signature: changes whenever its content may have.
        is_file: whether its bytes may be read: neither a pipe nor a link that leads out.
    """

    path: str
    real: str
    signature: str
    is_file: bool


@dataclass(slots=True)
class Scan:
    """What lies in the landing zone now."""

    files: list[FileVersion]
    waiting: list[tuple[str, str]]  # path, why it is not taken yet
    opened: int  # files that were read and archived


@dataclass(frozen=True, slots=True)
class Sight:
    """What a scan saw of one file that is there.

    Attributes:
        seen: its content, as of now or as of an earlier scan.
        refusal: as of `FileVersion`.
        is_new: it was read and archived just now.
    """

    seen: Seen
    refusal: str | None = None
    is_new: bool = False


def archive_path(settings: Settings, sha256: str) -> Path:
    """Return where the archive keeps the bytes of that hash."""
    return plain_path(settings, sha256)


def scan(settings: Settings, ledger: Ledger) -> Scan:
    """Find every file version of the landing zone; read and archive only those not yet known.

    Args:
        settings: places and settle time.
        ledger: what was seen before; new sights are recorded in it.

    Returns:
        All files now there, those not to be taken yet, and how many were opened.

    Raises:
        WarehouseError: the landing zone or archive cannot be read or written.
    """
    known = ledger.landing()
    entries = list(_walk(settings.landing))
    _settle(settings, entries, known)
    files: dict[str, Sight] = {}
    waiting: list[tuple[str, str]] = []
    places = Archives(settings)
    for real, info in entries:
        if _is_passed_over(os.path.basename(real)):
            continue
        path = display_path(settings.landing, real)
        found = _look(settings, places, known.get(path), path, real, info)
        if isinstance(found, str):
            waiting.append((path, found))
        else:
            files[path] = found
    new = [(path, sight.seen) for path, sight in files.items() if sight.is_new]
    now = ledger.moment_after(utc_now())
    record_arrivals(settings, ledger, new, now)
    ledger.record_landing(new, now)
    return Scan(*_assemble(settings, ledger, files, waiting, now, places), opened=len(new))


def _look(
    settings: Settings, places: Archives, before: Seen | None, path: str, real: str, info: os.stat_result
) -> Sight | str:
    """Look at one file, and read and archive it unless that was done; return why not if it is not taken yet."""
    folder = folder_of(path)
    if real.lower().endswith(UNFINISHED):
        return _BEING_WRITTEN
    if not of_folder(folder):
        return NO_SOURCE  # not opened: a return in a folder of a wrong name must not be archived as something public
    refusal = refusal_of(settings.landing, real, info)
    signature = "" if refusal else _signature(real, info)
    is_as_before = bool(signature) and before is not None and before.signature == signature
    archive = places.of(folder)
    if archive is None:
        if before is not None and is_as_before:
            return Sight(before)  # read when there was a key, and as it was then
        refusal = refusal or places.reason
        return Sight(_unopened(path, info.st_size, info, refusal), refusal)
    if refusal:
        return Sight(_unopened(path, 0, info, refusal), refusal)
    if before is not None and is_as_before and archive.has(before.sha256):
        return Sight(before)
    if _is_unsettled(settings, real):
        return "it changed a moment ago: still being written"
    if folder != RETURNS and (refusal := misplaced_return(real)):
        return Sight(_unopened(path, 0, info, refusal), refusal)
    taken = _take(archive, real, signature)
    return taken if isinstance(taken, str) else Sight(taken, is_new=True)


def _unopened(path: str, size: int, info: os.stat_result, refusal: str | None) -> Seen:
    """Return what stands for a file that may not be read: known by its place and the reason."""
    at = datetime.fromtimestamp(info.st_mtime, UTC).isoformat()
    return Seen("", hashlib.sha256(f"{path}\0{refusal}".encode()).hexdigest(), size, at)


def archived_versions(settings: Settings, ledger: Ledger) -> list[FileVersion]:
    """Return every file version the archive holds, as it lay in the landing zone, from the archive alone.

    Args:
        settings: place of the archive.
        ledger: what is recognised anew is recorded in it.

    Returns:
        Versions with the files beside each that were the last to describe it.

    Raises:
        WarehouseError: the list of arrivals cannot be read, or names bytes that are not there.
    """
    arrivals = _arrivals(settings)
    paths = {path for path, _ in arrivals}
    sidecars, metadata = sidecars_among(paths), metadata_among(paths)
    about = sidecars.keys() | metadata.keys()
    beside: dict[str, dict[str, Any]] = {}
    columns: dict[str, str] = {}
    for (path, sha), arrival in sorted(arrivals.items(), key=lambda item: item[1]["first_seen_at"]):
        if path in sidecars:
            beside[sidecars[path]] = arrival
        if path in metadata:
            columns[metadata[path]] = sha
    keys = {(sha, folder_of(path)) for path, sha in arrivals if path not in about and is_shared(folder_of(path))}
    told = recognise_files(settings, ledger, keys)
    found: list[FileVersion] = []
    for (path, sha), arrival in arrivals.items():
        sources, finding = of_folder(folder_of(path)), told.get((sha, folder_of(path)))
        if path in about or not sources or (finding is not None and finding.kind is None):
            continue
        kind = finding.kind if finding and finding.kind else sources[0].kind
        version = FileVersion(path, sha, kind, arrival["size"], arrival["modified_at"], arrival["first_seen_at"])
        version.refusal = _refusal_told(finding)
        version.metadata_sha256 = columns.get(path, "")
        if described := beside.get(path):
            version.sidecar = read_sidecar(
                archive_path(settings, described["sha256"]), described["sha256"], described["path"]
            )
        found.append(version)
    if vault.place_of(settings).is_dir():
        from warehouse.returns import archived_submissions

        found += archived_submissions(settings)
    return sorted(found, key=lambda file: (file.first_seen_at, file.path))


def _arrivals(settings: Settings) -> dict[tuple[str, str], dict[str, Any]]:
    """Return what the archive lists, each file version as it first came, by path and sha256."""
    arrivals: dict[tuple[str, str], dict[str, Any]] = {}
    for arrival in arrived(settings):
        arrivals.setdefault((arrival["path"], arrival["sha256"]), arrival)
    missing = [sha for _, sha in arrivals if not archive_path(settings, sha).exists()]
    if missing:
        raise WarehouseError(
            f"{settings.warehouse / 'archive'}: found {len(missing)} files missing (first {missing[0]}), "
            "expected all that it lists"
        )
    return arrivals


def _refusal_told(finding: Recognised | None) -> str | None:
    """Return why a file may not be read, if its content told so."""
    return (finding.reason or "").removeprefix("file: ") if finding and finding.is_refused else None


def lying(settings: Settings) -> Iterator[Lying]:
    """Yield what a load would look at, opening nothing; files still being written are left out.

    Raises:
        WarehouseError: a folder cannot be read.
    """
    for real, info in _walk(settings.landing):
        name = os.path.basename(real)
        if _is_passed_over(name) or name.lower().endswith(UNFINISHED):
            continue
        path = display_path(settings.landing, real)
        if not of_folder(folder_of(path)):
            continue
        refusal = refusal_of(settings.landing, real, info)
        signature = _signature(real, info) if refusal is None else f"{info.st_mtime_ns}:{info.st_ino}"
        if signature:
            yield Lying(path, real, signature, refusal is None)


def is_ready(real: str) -> bool:
    """Whether a marker says that a file is complete: `<file>.ready` beside it, or `.ready` in its folder."""
    return os.path.exists(real + READY) or os.path.exists(os.path.join(os.path.dirname(real), READY))


def _is_passed_over(name: str) -> bool:
    """Whether a name is hidden, a lock file of an office program, a marker, or what Windows lays into folders."""
    return name.startswith((".", "~$")) or name.lower().endswith(READY) or name.lower() in _OF_WINDOWS


def why_absent(settings: Settings) -> str | None:
    """Say that there is no landing zone where one is set, or None: a share that is not mounted looks empty."""
    if settings.landing_url or settings.landing.is_dir():
        return None
    return f"{settings.landing}: found no folder, expected the landing zone (SAFEGUARDING_LANDING)"


def unread(settings: Settings, ledger: Ledger) -> list[tuple[str, str]]:
    """Name the files that the next load would read and those it would not take, and why.

    Of files that no load has taken yet the beginning is looked at; no other is opened.

    Returns:
        Landing path and why: new, changed since it was last read, still being written, of no known source, or
        a return about children in a place that is not for returns.
    """
    known, told = ledger.landing(), ledger.recognised()
    places = Archives(settings)
    found = []
    for real, info in _walk(settings.landing):
        path, name = display_path(settings.landing, real), os.path.basename(real)
        if _is_passed_over(name) or refusal_of(settings.landing, real, info):
            continue
        if not of_folder(folder_of(path)):
            found.append((path, NO_SOURCE))
            continue
        if name.lower().endswith(UNFINISHED):
            found.append((path, _BEING_WRITTEN))
            continue
        before = known.get(path)
        is_known = before is not None and before.signature == _signature(real, info)
        if places.of(folder_of(path)) is None and not is_known:
            found.append((path, places.reason))
        elif before is None or not is_known:
            refusal = misplaced_return(real) if folder_of(path) != RETURNS else None
            found.append((path, refusal or f"{'changed' if before else 'new'}: waits for the next load"))
        elif folder_of(path) == RETURNS and places.vault is not None and places.vault.is_forgotten(before.sha256):
            found.append((path, FORGOTTEN))
        elif (finding := told.get((before.sha256, folder_of(path)))) is not None and finding.kind is None:
            found.append((path, finding.reason or ""))
    return sorted(found)


def _walk(root: Path) -> Iterator[tuple[str, os.stat_result]]:
    """Yield every non-folder below a folder, links not followed, in one fixed order.

    A path too long to be looked at comes as a folder, which is refused: nothing below it can be opened.
    """
    if not root.exists():
        return
    stack = [str(root)]
    while stack:
        folder = stack.pop()
        try:
            with os.scandir(folder) as found:
                children = sorted(found, key=lambda entry: entry.name)
        except (FileNotFoundError, NotADirectoryError):
            continue  # gone between listing and looking: nothing lies there now
        except OSError as error:
            raise WarehouseError(f"{folder}: found {error}, expected a folder that can be read") from error
        for entry in children:
            if is_too_long(entry.path):
                yield entry.path, os.stat(folder)
                continue
            if entry.is_dir(follow_symlinks=False):
                if not entry.name.startswith("."):
                    stack.append(entry.path)
                continue
            try:
                info = entry.stat(follow_symlinks=False)
            except FileNotFoundError:
                continue  # gone as well
            except OSError as error:
                raise WarehouseError(f"{entry.path}: found {error}, expected a file that can be looked at") from error
            yield entry.path, info


def _signature(real: str, info: os.stat_result | None = None) -> str:
    """Return what changes whenever a file's content may have: size, times, inode. Empty if gone.

    What the walk saw of a file spares looking again; behind a link lies another file.
    """
    if info is None or stat.S_ISLNK(info.st_mode):
        try:
            info = os.stat(real)
        except OSError:
            return ""
    return f"{info.st_size}:{info.st_mtime_ns}:{info.st_ctime_ns}:{info.st_ino}"


def _settle(settings: Settings, entries: list[tuple[str, os.stat_result]], known: dict[str, Seen]) -> None:
    """Wait once, at most the settle time, where files were written just now."""
    now = time.time()
    young = [
        (real, info.st_ctime)
        for real, info in entries
        if stat.S_ISREG(info.st_mode) and 0 <= now - info.st_ctime < settings.settle_seconds and not is_ready(real)
    ]
    fresh = [at for real, at in young if not _is_known(known.get(display_path(settings.landing, real)), real)]
    if fresh:
        time.sleep(max(0.0, max(fresh) + settings.settle_seconds - now))


def _is_known(before: Seen | None, real: str) -> bool:
    return before is not None and before.signature == _signature(real)


def _is_unsettled(settings: Settings, real: str) -> bool:
    """Whether a file was written within the settle time; a clock set back makes none wait."""
    try:
        return 0 <= time.time() - os.stat(real).st_ctime < settings.settle_seconds and not is_ready(real)
    except OSError:
        return False


def _take(archive: Archive, real: str, signature: str) -> Seen | str:
    """Hash one file and copy it into its archive; return why not if it changes meanwhile or may not be read."""
    try:
        source = open(real, "rb")  # noqa: SIM115 - closed below; only what goes wrong here is the depositor's
    except FileNotFoundError:
        return "it vanished before it was read"
    except PermissionError:
        return "it cannot be read: permission denied"
    except OSError as error:
        raise WarehouseError(f"{real}: found {error}, expected a file that can be read") from error
    try:
        with source:
            sha256, size, temporary = archive.take(source)
            at = os.fstat(source.fileno()).st_mtime
        if not signature or _signature(real) != signature:
            temporary.unlink()
            return "it changed while it was read: still being written"
        archive.keep(temporary, sha256)
    except OSError as error:
        raise WarehouseError(f"{real}: found {error}, expected to copy it into the archive") from error
    return Seen(signature, sha256, size, datetime.fromtimestamp(at, UTC).isoformat())


def _assemble(
    settings: Settings,
    ledger: Ledger,
    files: dict[str, Sight],
    waiting: list[tuple[str, str]],
    now: datetime,
    places: Archives,
) -> tuple[list[FileVersion], list[tuple[str, str]]]:
    """Tie files to their sidecars and source kinds, and the files of a return to one another.

    Returns:
        The versions there are, and what waits with the reason, both by path.
    """
    first_seen = ledger.first_seen()
    found = _take_submissions(files, first_seen, waiting, now, places)
    sidecars = sidecars_among(set(files))
    beside = {owner: path for path, owner in sidecars.items()}
    metadata = metadata_among(set(files))
    described = {owner: path for path, owner in metadata.items()}
    told = recognise_files(settings, ledger, _to_be_told({p: f for p, f in files.items() if p not in metadata}))
    for path, sight in files.items():
        if path in sidecars or path in metadata:
            if sight.refusal:
                waiting.append((path, sight.refusal))
            continue
        seen = sight.seen
        folder = folder_of(path)
        finding = told.get((seen.sha256, folder))
        sources = of_folder(folder)
        if not sources or (finding is not None and finding.kind is None):
            waiting.append((path, (finding and finding.reason) or NO_SOURCE))
            continue
        if any(s.has_sidecars for s in sources) and path.lower().endswith(".json"):
            waiting.append((path, "describes a report that is not there"))
            continue
        kind = finding.kind if finding and finding.kind else sources[0].kind
        since = first_seen.get((seen.sha256, path), now.isoformat())
        version = FileVersion(path, seen.sha256, kind, seen.size, seen.modified_at, since)
        version.refusal = _refusal_told(finding) or sight.refusal
        if path in beside and files[beside[path]].refusal is None:
            sha256 = files[beside[path]].seen.sha256
            version.sidecar = read_sidecar(archive_path(settings, sha256), sha256, beside[path])
        if path in described and files[described[path]].refusal is None:
            version.metadata_sha256 = files[described[path]].seen.sha256
        found.append(version)
    return sorted(found, key=lambda f: f.path), sorted(waiting)


def _take_submissions(
    files: dict[str, Sight],
    first_seen: dict[tuple[str, str], str],
    waiting: list[tuple[str, str]],
    now: datetime,
    places: Archives,
) -> list[FileVersion]:
    """Take the files of returns out of `files`, as one version a return, authority and year."""
    taken = {path: files.pop(path) for path in [path for path in files if folder_of(path) == RETURNS]}
    if not taken:
        return []
    from warehouse.submissions import group, parts_of

    unfinished = [path for path, _ in waiting if folder_of(path) == RETURNS]
    found, aside = group(parts_of(taken, first_seen, now, places), unfinished)
    waiting.extend(aside)
    return found


def _to_be_told(files: dict[str, Sight]) -> set[tuple[str, str]]:
    """Files that may be read and lie where their content tells their source."""
    return {
        (sight.seen.sha256, folder)
        for path, sight in files.items()
        if sight.refusal is None and is_shared(folder := folder_of(path))
    }
