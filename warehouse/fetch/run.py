"""One run of fetching: all that the DAG and the command line call.

What is new is laid into the landing zone; what failed is told and tried again by the next run.
Contents, not addresses, decide what is new: the same bytes under another address or name, or
bytes that somebody else laid into the landing zone, are unchanged. What was laid down once is
never laid down again, so a file that was taken out of the landing zone stays out.
"""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from filelock import FileLock, Timeout

from transforms.errors import FetchError, SafeguardingError, UsageError, WarehouseBusyError, WarehouseError
from warehouse import alerts
from warehouse.fetch import ofsted, statistics
from warehouse.fetch.client import Client, ElsewhereError, ForbiddenError, OutOfTimeError
from warehouse.fetch.content import content_key, require_kind, require_last_line, sha256_of, unpack
from warehouse.fetch.deposit import deposit
from warehouse.fetch.download import Downloaded, download, drop
from warehouse.fetch.listing import Connector, Listed, Missing
from warehouse.fetch.record import RECORD, Page, Record, Resource, folder_of
from warehouse.ledger import Ledger, utc_now
from warehouse.settings import FETCHED_SOURCES, PREFIX, Settings

log = logging.getLogger("safeguarding.fetch")

CONNECTORS: dict[str, Connector] = dict(zip(FETCHED_SOURCES, (ofsted.listed, statistics.listed), strict=True))
OnProgress = Callable[[str, int, int], None]
TOLD = ("new", "changed", "failed", "would_fetch", "would_check")  # named one by one in a summary


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one file or page ended.

    Attributes:
        status: `new`, `changed`, `unchanged`, `skipped`, `failed`; in a dry run `would_fetch`, `would_check`.
        path: in the landing zone, where it lies or lay.
    """

    source: str
    url: str
    status: str
    path: str | None = None
    sha256: str | None = None
    reason: str | None = None
    etag: str | None = None
    last_modified: str | None = None


@dataclass(slots=True)
class FetchSummary:
    """How one run ended, in counts and addresses."""

    run_id: str
    state: str = "unchanged"
    exit_code: int = 0
    sources: list[str] = field(default_factory=list)
    dry_run: bool = False
    files_listed: int = 0
    files_new: int = 0
    files_changed: int = 0
    files_unchanged: int = 0
    files_skipped: int = 0
    files_failed: int = 0
    requests: int = 0
    message: str | None = None
    outcomes: list[dict[str, Any]] = field(default_factory=list)
    seconds: float = 0.0

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        return asdict(self)

    def add(self, outcome: Outcome) -> None:
        """Count one outcome, and name it if it is worth that."""
        name = f"files_{outcome.status}"
        if hasattr(self, name):
            setattr(self, name, getattr(self, name) + 1)
        if outcome.status in TOLD:
            told = {name: getattr(outcome, name) for name in ("source", "status", "url", "path", "reason")}
            self.outcomes.append({name: value for name, value in told.items() if value})

    def end(self) -> None:
        """Say in one word how it ended."""
        if self.files_failed or self.message:
            self.state, self.exit_code = "incomplete", FetchError.exit_code
        elif self.files_new or self.files_changed:
            self.state = "fetched"


@dataclass(slots=True)
class _Run:
    """What one run works with."""

    settings: Settings
    client: Client
    record: Record
    summary: FetchSummary
    at_rest: dict[str, str]  # landing path by sha256, of what others laid down
    asked: set[str] = field(default_factory=set)
    elsewhere: list[str] = field(default_factory=list)  # why files of one source were skipped: not on a named host


def fetch(
    settings: Settings,
    sources: Collection[str] = (),
    *,
    dry_run: bool = False,
    on_progress: OnProgress | None = None,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> FetchSummary:
    """Bring what is new at the sources that are switched on into the landing zone.

    Args:
        settings: places, addresses, rates and limits.
        sources: some of those that are switched on; all of them if none is named.
        dry_run: read lists only; nothing is fetched, laid down or recorded.
        on_progress: told the source, how many files were looked at, and how many are known of.
        sleep: waits so many seconds; replaced where time must not pass.
        clock: seconds that only go forward; replaced likewise.

    Returns:
        How it ended. What failed at the other end is told there, not raised.

    Raises:
        UsageError: a source is not known or not switched on.
        WarehouseBusyError: another run is going on.
        WarehouseError: the landing zone or the record cannot be read or written.
    """
    wanted = _wanted(settings, sources)
    at = utc_now()
    summary = FetchSummary(f"{at:%Y%m%dT%H%M%S%f}Z-{secrets.token_hex(3)}", sources=list(wanted), dry_run=dry_run)
    try:
        _fetch(settings, summary, wanted, at, on_progress, sleep, clock)
    except Exception as error:
        if not dry_run:
            alerts.tell_fetch(settings, summary.run_id, {type(error).__name__: _said(error)})
        raise
    if not dry_run:
        failures = {o["url"]: o.get("reason", "") for o in summary.outcomes if o["status"] == "failed"}
        unfinished = {"out of time": summary.message} if summary.message else {}
        alerts.tell_fetch(settings, summary.run_id, {**failures, **unfinished})
    _say(summary)
    return summary


def _said(error: BaseException) -> str:
    """Return what an error of ours says; no other may be repeated, it could quote anything."""
    return str(error) if isinstance(error, SafeguardingError) else "see the log"


def _fetch(
    settings: Settings,
    summary: FetchSummary,
    wanted: tuple[str, ...],
    at: datetime,
    on_progress: OnProgress | None,
    sleep: Callable[[float], None],
    clock: Callable[[], float],
) -> None:
    place = folder_of(settings)
    try:
        place.mkdir(parents=True, exist_ok=True)
        with (
            FileLock(place / "fetch.lock", timeout=settings.lock_seconds),
            Record(place / RECORD) as record,
            Client(settings, sleep, clock) as client,
        ):
            _all(_Run(settings, client, record, summary, _at_rest(settings)), wanted, at, on_progress)
    except Timeout as error:
        raise WarehouseBusyError(f"{place}: another run of fetching is going on") from error
    except OSError as error:
        raise WarehouseError(f"{place}: found {error}, expected to keep what is fetched") from error


def _all(run: _Run, wanted: tuple[str, ...], at: datetime, on_progress: OnProgress | None) -> None:
    """Look at all sources, one after the other, and record how the run ended."""
    started, summary = time.perf_counter(), run.summary
    if not summary.dry_run:
        run.record.end_lost_runs()
        run.record.keep_run(summary.run_id, at, None, {"state": "running", "sources": list(wanted)})
    try:
        for source in wanted:
            _source(run, source, on_progress)
    except OutOfTimeError as error:
        summary.message = str(error)
    except BaseException as error:
        summary.state = "failed" if isinstance(error, Exception) else "interrupted"
        summary.message = f"{type(error).__name__}: {_said(error)}"
        with suppress(WarehouseError):  # what is under way says more
            _keep_run(run, at, started)
        raise
    summary.end()
    _keep_run(run, at, started)


def _keep_run(run: _Run, at: datetime, started: float) -> None:
    """Record how a run ended."""
    summary = run.summary
    summary.requests, summary.seconds = run.client.requests, round(time.perf_counter() - started, 3)
    if not summary.dry_run:
        told = {name: value for name, value in summary.as_dict().items() if name != "outcomes"}
        run.record.keep_run(summary.run_id, at, utc_now(), told)


def _wanted(settings: Settings, sources: Collection[str]) -> tuple[str, ...]:
    """Return the sources to fetch from, in their fixed order."""
    on = settings.fetch_sources
    for source in sources:
        if source not in FETCHED_SOURCES:
            raise UsageError(f"--source: found {source!r}, expected {' or '.join(FETCHED_SOURCES)}")
        if source not in on:
            raise UsageError(f"{PREFIX}FETCH: found {settings.fetch}, expected it to name {source}, or on")
    if not on:
        raise UsageError(f"{PREFIX}FETCH: found off, expected on or names of sources: {', '.join(FETCHED_SOURCES)}")
    return tuple(source for source in FETCHED_SOURCES if source in (sources or on))


def _at_rest(settings: Settings) -> dict[str, str]:
    """Return what loads have seen in the landing zone and is still there, not to be laid down twice."""
    ledger = settings.warehouse / "ledger.sqlite"
    if not ledger.exists():
        return {}
    with Ledger(ledger) as seen:
        found = seen.landing()
    return {file.sha256: path for path, file in found.items() if (settings.landing / path).exists()}


def _source(run: _Run, source: str, on_progress: OnProgress | None) -> None:
    """Look at all that one source lists."""
    read: list[str] = []  # pages that the next item may come from
    listed = run.summary.files_listed
    run.elsewhere.clear()

    def get(url: str) -> Page:
        read.append(url)
        known = run.record.page(url)
        page = run.client.page(url, known)
        if page is not known and not run.summary.dry_run:
            run.record.keep_page(url, page)
        return page

    for item in CONNECTORS[source](get, run.settings):
        if isinstance(item, Missing) and item.is_failure and not run.summary.dry_run:
            for url in read:
                run.record.forget_page(url)
        read.clear()
        if item.url in run.asked:
            continue
        run.asked.add(item.url)
        if isinstance(item, Missing):
            outcome = Outcome(source, item.url, "failed" if item.is_failure else "skipped", reason=item.reason)
        else:
            run.summary.files_listed += 1
            outcome = _file(run, source, item)
        _keep(run, outcome)
        if on_progress:
            on_progress(source, run.summary.files_listed, run.summary.files_listed)
    if run.elsewhere and len(run.elsewhere) == run.summary.files_listed - listed:
        base = str(getattr(run.settings, f"fetch_{source}_url"))
        reason = f"found none of {len(run.elsewhere)} files on a host that may be asked; the first: {run.elsewhere[0]}"
        _keep(run, Outcome(source, base, "failed", reason=reason))


def _keep(run: _Run, outcome: Outcome) -> None:
    """Count, record and say how one file ended."""
    run.summary.add(outcome)
    if outcome.status == "failed":
        log.warning("failed source=%s url=%s reason=%s", outcome.source, outcome.url, outcome.reason)
    if not run.summary.dry_run:
        run.record.log(run.summary.run_id, outcome.source, outcome.url, asdict(outcome), utc_now())


def _file(run: _Run, source: str, item: Listed) -> Outcome:
    """Fetch one file if it may have changed."""
    known = run.record.resource(item.url)
    fresh = timedelta(days=run.settings.fetch_recheck_days)
    # A time to come was kept while the clock was wrong: it says nothing.
    if known and timedelta(0) <= utc_now() - known.checked_at < fresh:
        return Outcome(source, item.url, "unchanged", known.path, known.sha256, "asked a short time ago")
    if run.summary.dry_run:
        return Outcome(source, item.url, "would_check" if known else "would_fetch", f"{item.folder}/{item.name}")
    got: Downloaded | None = None
    before = known.validators if known else None
    try:
        got = download(run.client, item.url, folder_of(run.settings) / "partial", before)
        if got is None and known:
            run.record.keep_resource(item.url, Resource(known.validators, known.sha256, known.path, utc_now()))
            return Outcome(source, item.url, "unchanged", known.path, known.sha256, "not modified")
        if got is None:
            raise FetchError("found status 304 to an unconditional request, expected the file")
        return _arrived(run, source, item, got, known)
    except OutOfTimeError:
        raise
    except ForbiddenError as error:
        if isinstance(error, ElsewhereError):
            run.elsewhere.append(str(error))
        return Outcome(source, item.url, "skipped", reason=str(error))
    except FetchError as error:
        return Outcome(source, item.url, "failed", reason=str(error))
    finally:
        if got is not None:
            drop(got.part)


def _arrived(run: _Run, source: str, item: Listed, got: Downloaded, known: Resource | None) -> Outcome:
    """Look at a file that arrived whole and lay it down if its content is new."""
    was_packed = unpack(got.part, run.settings.fetch_mb << 20)
    require_kind(got.part, item.kind)
    if item.kind == "csv" and not (got.is_measured or was_packed):  # other kinds have an end of their own
        require_last_line(got.part)
    sha256, now = sha256_of(got.part), utc_now()
    key = content_key(got.part, sha256)
    path = run.record.deposited(key) or run.at_rest.get(sha256)
    status, reason = "unchanged", "the same content lies or lay there"
    if path is None:
        path = deposit(run.settings, got.part, item, sha256, now, got.url)
        status, reason = ("changed", "other content than before") if known else ("new", "not seen before")
    run.record.keep_deposit(key, sha256, path, item.url, now)
    run.record.keep_resource(item.url, Resource(got.validators, sha256, path, now))
    return Outcome(source, item.url, status, path, sha256, reason, got.validators.etag, got.validators.last_modified)


def _say(summary: FetchSummary) -> None:
    counts = {name: value for name, value in summary.as_dict().items() if isinstance(value, (int, float))}
    told = " ".join(f"{name}={value}" for name, value in counts.items())
    log.info("stage=fetch run_id=%s state=%s %s", summary.run_id, summary.state, told)
