"""The order of the stages of a load: discover, parse, build, check, publish.

All that DAGs and the command line call. A load is planned into a manifest, parsed into staging
files of its own, merged into a private copy of the published file, checked there and published by
one switch under the writer's lock. A run that dies anywhere leaves the published file as it was
and the landing zone untouched, so the next run simply does the work again.
"""

from __future__ import annotations

import importlib.metadata
import logging
import os
import shutil
import time
from collections.abc import Callable
from contextlib import nullcontext, suppress
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from transforms.errors import CheckError, WarehouseError
from warehouse import alerts, lineage, remote, store, vault
from warehouse.faults import exit_code_of
from warehouse.landing import FileVersion, scan, why_absent
from warehouse.ledger import Ledger, utc_now
from warehouse.planning import Handled, is_wanted, plan, published_outcomes
from warehouse.publish import new_load_id, version_path
from warehouse.settings import Settings

log = logging.getLogger("safeguarding")

OnProgress = Callable[[str, int, int], None]  # stage, done, of how many
QUARANTINED = 10
MOST_NAMED = 50  # files that wait, in the log of one load
DEAD_AFTER = timedelta(days=1)  # no load takes so long


@dataclass(slots=True)
class Discovery:
    """What a load has to do."""

    load_id: str
    batches: int
    files_new: int
    files_seen: int
    files_opened: int
    waiting: list[tuple[str, str]] = field(default_factory=list)

    @property
    def has_work(self) -> bool:
        """Whether there is anything to load."""
        return self.batches > 0

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        return asdict(self)


@dataclass(slots=True)
class StageSummary:
    """What one stage of a load did, in counts."""

    load_id: str
    stage: str
    counts: dict[str, int]
    seconds: float

    def as_dict(self) -> dict[str, Any]:
        """Return it flat, as JSON can hold it."""
        return {"load_id": self.load_id, "stage": self.stage, **self.counts, "seconds": self.seconds}


@dataclass(slots=True)
class LoadSummary:
    """How a load ended, in counts and names of files."""

    load_id: str
    state: str
    exit_code: int
    files_seen: int = 0
    files_new: int = 0
    files_loaded: int = 0
    files_quarantined: int = 0
    files_superseded: int = 0
    quarantined: list[dict[str, str]] = field(default_factory=list)
    waiting: list[dict[str, str]] = field(default_factory=list)
    tables: dict[str, int] = field(default_factory=dict)
    rejects: int = 0
    checks: int = 0
    failed_checks: list[dict[str, Any]] = field(default_factory=list)
    published_file: str | None = None
    checks_page: str | None = None
    message: str | None = None
    seconds: float = 0.0

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        return asdict(self)


def discover(settings: Settings, trigger: str = "load", most_batches: int = 1) -> Discovery:
    """Find what is new in the landing zone and plan a load of it.

    Args:
        settings: places and limits.
        trigger: what started the load: `load`, `nightly`, `demo`, `reprocess`.
        most_batches: into how many batches the files may be divided, to be parsed apart.

    Returns:
        The plan's id and size; an empty plan is already recorded as an unchanged load.

    Raises:
        WarehouseError: the landing zone, archive or published file cannot be read or written.
    """
    at = utc_now()
    load_id = new_load_id(settings, at)
    try:
        return _discover(settings, load_id, at, trigger, most_batches)
    except BaseException as error:
        _record_start(settings, load_id, at, trigger)
        record_failure(settings, load_id, error)
        raise


def _discover(settings: Settings, load_id: str, at: datetime, trigger: str, most_batches: int) -> Discovery:
    started = time.perf_counter()
    _enforce_retention(settings, at)
    remote.bring(settings)
    with Ledger(settings.warehouse / "ledger.sqlite") as ledger:
        _end_dead_loads(settings, ledger, at)
        found = scan(settings, ledger)
        planned = plan(settings, found, most_batches)
        files_new, batches = planned["files_new"], planned["batches"]
        ledger.start_load(load_id, at, {"trigger": trigger, "files_new": files_new, "seen": len(found.files)})
        if batches:
            from warehouse.staging import load_folder, write_json

            folder = load_folder(settings, load_id)
            write_json(
                folder / "manifest.json",
                {"load_id": load_id, "trigger": trigger, "started_at": at, "files_seen": len(found.files), **planned},
            )
            lineage.started(settings, load_id, [file for batch in batches for file in batch])
        else:
            ledger.update_load(load_id, message=why_absent(settings))
            ledger.finish_load(load_id, utc_now(), "unchanged", 0)
    if absent := why_absent(settings):
        log.warning("landing zone: %s", absent)
    if not batches:
        alerts.all_well(settings)
    discovery = Discovery(load_id, len(batches), files_new, len(found.files), found.opened, found.waiting)
    counts = {"rows_in": len(found.files), "rows_out": files_new, "files_opened": found.opened, "rejects": 0}
    _say("discover", load_id, counts, started, _kinds(planned))
    for path, why in found.waiting[:MOST_NAMED]:
        log.warning("waiting file=%s reason=%s", path, why)
    if len(found.waiting) > MOST_NAMED:
        log.warning("waiting files=%d more; `safeguarding status` names them", len(found.waiting) - MOST_NAMED)
    return discovery


def _enforce_retention(settings: Settings, at: datetime) -> None:
    """Forget rows about children whose time is over, where there are any."""
    if vault.place_of(settings).is_dir():
        from warehouse.forget import enforce_retention

        enforce_retention(settings, at.date())


def _end_dead_loads(settings: Settings, ledger: Ledger, at: datetime) -> None:
    """Record how loads ended whose process died before it could: by their version, or by a day without a word."""
    for load_id, started_at in ledger.running():
        if version_path(settings, load_id).exists():
            ledger.update_load(load_id, message="published; its process died before it could record so")
            ledger.finish_load(load_id, at, "published", 0)
        elif at - started_at > DEAD_AFTER:
            ledger.update_load(load_id, message="its process died")
            ledger.finish_load(load_id, at, "failed", WarehouseError.exit_code)


def _record_start(settings: Settings, load_id: str, at: datetime, trigger: str) -> None:
    """Record that a load began which failed before it was planned, so that it is told of like any other."""
    with suppress(WarehouseError), Ledger(settings.warehouse / "ledger.sqlite") as ledger:
        ledger.start_load(load_id, at, {"trigger": trigger, "files_new": 0})


def parse(settings: Settings, load_id: str, batch: int, on_progress: OnProgress | None = None) -> StageSummary:
    """Read and parse one batch of a planned load into staging files.

    Bad files are outcomes here, never errors: they become quarantine rows with their reason.

    Args:
        settings: places and limits.
        load_id: of the plan.
        batch: 0-based number of the batch.
        on_progress: told the stage, files done and files in all.

    Returns:
        Counts: files, loaded, quarantined, rows, rejects.
    """
    from warehouse.documents import parse_batch

    started = time.perf_counter()
    manifest = _manifest(settings, load_id)
    found = parse_batch(settings, manifest, batch, on_progress)
    counts = {"rows_in": found["files"], "rows_out": found["rows"], **found}
    return _say("parse", load_id, counts, started, _kinds(manifest, batch))


def build(settings: Settings, load_id: str) -> StageSummary:
    """Check what was parsed and merge it into a private copy of the published file.

    Args:
        settings: places and limits.
        load_id: of the plan; all its batches must be parsed.

    Returns:
        Rows by star table.

    Raises:
        CheckError: a blocking check of the parsed rows failed.
        CheckEngineError: the checks could not run.
        WarehouseError: the private file cannot be written.
    """
    from warehouse.merge import build_version
    from warehouse.staging import staged_rows

    started = time.perf_counter()
    manifest = _manifest(settings, load_id)
    rows = build_version(settings, manifest)
    staged, rejects = staged_rows(settings, load_id)
    counts = {"rows_in": staged, "rows_out": sum(rows.values()), "rejects": rejects, **rows}
    return _say("build", load_id, counts, started, _kinds(manifest))


def check(settings: Settings, load_id: str) -> StageSummary:
    """Check the private file as it would be published, and record the results in it.

    Raises:
        CheckError: a blocking check failed; nothing will be published.
        CheckEngineError: the checks could not run.
    """
    from warehouse.merge import check_version

    started = time.perf_counter()
    manifest = _manifest(settings, load_id)
    counts = check_version(settings, manifest)
    return _say("check", load_id, counts, started, _kinds(manifest))


def publish(settings: Settings, load_id: str, *, holds_lock: bool = False) -> LoadSummary:
    """Publish a built and checked load; if another was published meanwhile, build upon that first.

    Args:
        settings: places and limits.
        load_id: of the plan.
        holds_lock: the caller holds the writer's lock already.

    Raises:
        WarehouseBusyError: another writer did not finish in time.
        WarehouseError: the version cannot be written or does not open.
    """
    from warehouse.merge import built_upon, finish_version

    manifest = _manifest(settings, load_id)
    with nullcontext() if holds_lock else store.writer_lock(settings, f"load {load_id}"):
        if store.current_version(settings) == Path(os.path.realpath(version_path(settings, load_id))):
            return _published_before(settings, load_id)
        if not built_upon(settings, load_id):
            if not _still_wanted(settings, manifest):
                return _already_loaded(settings, load_id)
            log.info("stage=publish load_id=%s another load was published meanwhile: building upon it", load_id)
            build(settings, load_id)
            check(settings, load_id)
        started = time.perf_counter()
        summary: LoadSummary = finish_version(settings, manifest)
    with Ledger(settings.warehouse / "ledger.sqlite") as ledger:
        ledger.update_load(load_id, **summary.as_dict())
        ledger.finish_load(load_id, utc_now(), "published", summary.exit_code)
    clear_staging(settings, load_id)
    lineage.completed(settings, load_id, summary.tables)
    alerts.all_well(settings)
    alerts.tell_quarantined(settings, load_id, summary.quarantined)
    counts = {
        "rows_in": sum(summary.tables.values()),
        "rows_out": sum(summary.tables.values()),
        "files_loaded": summary.files_loaded,
        "quarantined": summary.files_quarantined,
        "rejects": summary.rejects,
    }
    _say("publish", load_id, counts, started, _kinds(manifest))
    return summary


def _still_wanted(settings: Settings, manifest: dict[str, Any]) -> bool:
    """Whether any file of a plan is still missing from what was published meanwhile.

    What is read again because something it rests on changed is always wanted: that it is there says nothing.
    """
    if manifest.get("files_again"):
        return True
    handled = published_outcomes(settings)
    if manifest.get("is_replay"):
        return _still_published(settings, manifest, handled)
    files = [FileVersion.from_dict(values) for batch in manifest["batches"] for values in batch]
    versions = manifest["parser_version"], manifest["register_version"]
    return not files or any(is_wanted(file, handled.get(file.sha256, {}), *versions) for file in files)


def _still_published(settings: Settings, manifest: dict[str, Any], handled: Handled) -> bool:
    """Whether a replay has anything left to do once documents that a rollback withdrew are left out of it."""
    from warehouse.staging import drop_documents, load_folder

    shas = {file["sha256"] for batch in manifest["batches"] for file in batch}
    drop_documents(load_folder(settings, manifest["load_id"]), shas - handled.keys())
    return bool(shas & handled.keys())


def _published_before(settings: Settings, load_id: str) -> LoadSummary:
    """End a load that was published by an attempt which died before it could record so."""
    with Ledger(settings.warehouse / "ledger.sqlite") as ledger:
        ledger.finish_load(load_id, utc_now(), "published", 0)
    clear_staging(settings, load_id)
    return LoadSummary(load_id, "published", 0, published_file=str(settings.published_file))


def _already_loaded(settings: Settings, load_id: str) -> LoadSummary:
    """End a load whose every file another load published meanwhile."""
    with Ledger(settings.warehouse / "ledger.sqlite") as ledger:
        ledger.update_load(load_id, message="another load published the same files meanwhile")
        ledger.finish_load(load_id, utc_now(), "unchanged", 0)
    clear_staging(settings, load_id)
    return unchanged(settings, Discovery(load_id, 0, 0, 0, 0))


def load(settings: Settings, on_progress: OnProgress | None = None, trigger: str = "load") -> LoadSummary:
    """Load everything new in the landing zone, in this process.

    Args:
        settings: places and limits.
        on_progress: told stages and files done.
        trigger: what started it.

    Returns:
        How it ended; `exit_code` is 0 or, with files quarantined, 10.

    Raises:
        CheckError: a blocking check failed (11); nothing was published.
        CheckEngineError: the checks could not run (12).
        WarehouseError: the warehouse could not be read or written (13).
    """
    started = time.perf_counter()
    tell = on_progress or (lambda stage, done, total: None)
    tell("discover", 0, 1)
    found = discover(settings, trigger)
    if not found.has_work:
        return unchanged(settings, found, time.perf_counter() - started)
    try:
        _parse_all(settings, found, tell)
        tell("build", 0, 1)
        build(settings, found.load_id)
        tell("check", 0, 1)
        check(settings, found.load_id)
        tell("publish", 0, 1)
        summary = publish(settings, found.load_id)
    except BaseException as error:
        record_failure(settings, found.load_id, error)
        raise
    summary.waiting = [{"file": path, "reason": why} for path, why in found.waiting]
    summary.files_seen = found.files_seen
    summary.seconds = round(time.perf_counter() - started, 3)
    tell("publish", 1, 1)
    return summary


def _parse_all(settings: Settings, found: Discovery, tell: OnProgress) -> None:
    """Parse all batches; child processes do it, so this process imports the checks meanwhile."""
    import warehouse.documents  # noqa: F401 - not beside the other imports, but before them
    from expectations.gx_import import prepared_meanwhile

    with prepared_meanwhile():
        for batch in range(found.batches):
            parse(settings, found.load_id, batch, tell)


def unchanged(settings: Settings, found: Discovery, seconds: float = 0.0) -> LoadSummary:
    """Return the summary of a load that had nothing to do."""
    return LoadSummary(
        load_id=found.load_id,
        state="unchanged",
        exit_code=0,
        files_seen=found.files_seen,
        waiting=[{"file": path, "reason": why} for path, why in found.waiting],
        published_file=str(settings.published_file) if settings.published_file.exists() else None,
        checks_page=str(settings.checks_page) if settings.checks_page.exists() else None,
        message=why_absent(settings) or "nothing new",
        seconds=round(seconds, 3),
    )


def record_failure(settings: Settings, load_id: str, error: BaseException) -> None:
    """Record that a load published nothing, and remove its private files."""
    state = "blocked" if isinstance(error, CheckError) else "failed"
    code = exit_code_of(error)
    log.error("stage=failed load_id=%s error=%s message=%s", load_id, type(error).__name__, error)
    lineage.failed(settings, load_id)
    if isinstance(error, Exception):  # who interrupts a load knows of it
        alerts.tell_failed(settings, load_id, error)
    try:
        with Ledger(settings.warehouse / "ledger.sqlite") as ledger:
            ledger.update_load(load_id, message=str(error)[:2000])
            ledger.finish_load(load_id, utc_now(), state, code)
        clear_staging(settings, load_id)
    except (WarehouseError, OSError) as second:
        # A full disk fails the load and then the record of it; the first error is the one to tell.
        log.error("stage=failed load_id=%s the failure could not be recorded: %s", load_id, second)


def clear_staging(settings: Settings, load_id: str) -> None:
    """Remove the private files of a load and of loads that died before it."""
    from warehouse.staging import load_folder

    shutil.rmtree(load_folder(settings, load_id), ignore_errors=True)
    store.discard(settings.warehouse / "builds" / f"{load_id}.duckdb")
    store.remove_abandoned(settings)


def _manifest(settings: Settings, load_id: str) -> dict[str, Any]:
    from warehouse.staging import load_folder, read_json

    path = load_folder(settings, load_id) / "manifest.json"
    if not path.exists():
        raise WarehouseError(f"{path}: found no plan of load {load_id}, expected one made by discover")
    manifest: dict[str, Any] = read_json(path)
    return manifest


def code_version() -> str:
    """Return the version of the installed package."""
    try:
        return importlib.metadata.version("safeguarding-warehouse")
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def _kinds(manifest: dict[str, Any], batch: int | None = None) -> str:
    """Return the kinds of source a plan reads, or one batch of it, commas between."""
    batches = manifest["batches"] if batch is None else manifest["batches"][batch : batch + 1]
    return ",".join(sorted({file["kind"] for files in batches for file in files})) or "none"


def _say(stage: str, load_id: str, counts: dict[str, int], started: float, kinds: str) -> StageSummary:
    """Write the one line every stage leaves in the log, and return it as a summary."""
    seconds = round(time.perf_counter() - started, 3)
    said = " ".join(f"{name}={count}" for name, count in counts.items())
    log.info("stage=%s load_id=%s source=%s %s seconds=%.3f", stage, load_id, kinds, said, seconds)
    return StageSummary(load_id, stage, counts, seconds)
