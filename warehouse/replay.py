"""Reading archived originals again: a chosen period with today's code, or everything from nothing.

`reprocess` parses what is archived for a period, compares with what is loaded and replaces only what
differs; it goes in batches, each a load of its own, so it can be stopped at any time and run beside
other loads. `rebuild` makes the star anew from the archive alone. Both are loads like any other: the
same checks, the same lock, the same atomic switch, and rollback puts the version before back.
"""

from __future__ import annotations

import calendar
import json
import logging
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any

from transforms.errors import CheckError, UsageError, WarehouseError
from warehouse import lineage, pipeline, planning, store
from warehouse.aside import MOST_BLAMED
from warehouse.landing import FileVersion, archived_versions
from warehouse.ledger import Ledger, utc_now
from warehouse.publish import new_load_id, version_name
from warehouse.settings import Settings
from warehouse.sources import RETURN
from warehouse.versions import parser_version, register_version

log = logging.getLogger("safeguarding")

MOST_WITHDRAWN = 3  # documents of a batch that may be refused though they were loaded, however small it is
BATCH_DOCUMENTS = 200  # one load each: what a stop can cost, and what is held in memory


@dataclass(slots=True)
class Replay:
    """What reading a period again did, or would do.

    Attributes:
        documents: archived documents of the period; `behind` of them were read by other code before.
        changed: of them, those that gave other rows than are published.
        withdrawn: documents that were loaded and that today's code refuses, with its reason: their facts go.
        changes: by document and table, rows added, removed and altered.
        loads: that were published.
        left_out: what was not read again, and why.
    """

    start: date
    end: date
    is_dry_run: bool
    documents: int = 0
    behind: int = 0
    read: int = 0
    changed: int = 0
    quarantined: int = 0
    withdrawn: list[dict[str, str]] = field(default_factory=list)
    changes: list[dict[str, Any]] = field(default_factory=list)
    loads: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def exit_code(self) -> int:
        """10 where a document is refused by today's code, else 0."""
        return pipeline.QUARANTINED if self.quarantined or self.withdrawn else 0

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        return {**asdict(self), "exit_code": self.exit_code}


def reprocess(
    settings: Settings,
    start: date,
    end: date,
    sources: Sequence[str] = (),
    *,
    is_dry_run: bool = False,
    only_behind: bool = False,
    on_progress: pipeline.OnProgress | None = None,
) -> Replay:
    """Read the archived documents of a period again with today's code.

    Args:
        settings: places and limits.
        start: first day, included. Reports count by day of publication, statistics by the periods
            they hold; what has neither (a refused file) by the day it arrived.
        end: last day, included.
        sources: kinds of source, such as `report`; all of them where none is named.
        is_dry_run: say what would change and publish nothing.
        only_behind: pass over documents that today's code has read already.
        on_progress: told `reprocess`, documents done, documents in all.

    Returns:
        What changed, by document.

    Raises:
        UsageError: the period ends before it begins, or a source is unknown.
        WarehouseError, CheckError, CheckEngineError: as of a load; batches before it stay published.
    """
    from warehouse.sources import READ

    if end < start:
        raise UsageError(f"--to: found {end}, expected a day from {start} on")
    if unknown := [name for name in sources if name not in READ]:
        raise UsageError(f"--source: found {unknown[0]!r}, expected one of {', '.join(READ)}")
    began, done = time.perf_counter(), Replay(start, end, is_dry_run)
    found = _documents_of(settings, start, end, sources or READ)
    references = _references(settings)
    versions = parser_version(), register_version(references[0].values())
    behind = {sha for sha, (_, *known) in found.items() if tuple(known) != versions}
    done.documents, done.behind = len(found), len(behind)
    wanted = sorted(behind if only_behind else found)
    for at, documents in _in_batches(settings, {sha: found[sha][0] for sha in wanted}, done):
        if on_progress:
            on_progress("reprocess", at, len(wanted))
        _batch(settings, documents, references, behind, done)
    if on_progress:
        on_progress("reprocess", len(wanted), len(wanted))
    done.seconds = round(time.perf_counter() - began, 3)
    return done


def _in_batches(
    settings: Settings, kinds: Mapping[str, str], done: Replay
) -> Iterator[tuple[int, Sequence[FileVersion]]]:
    """Yield documents by batches, each with how many come before it; `kinds` are their sources by sha256."""
    from warehouse.documents import published_files

    returns = [sha for sha, kind in kinds.items() if kind == RETURN]
    others = [sha for sha, kind in kinds.items() if kind != RETURN]
    for at in range(0, len(others), BATCH_DOCUMENTS):
        yield at, list(published_files(settings, others[at : at + BATCH_DOCUMENTS]))
    # What may be published of an authority is decided over all its returns together: they are one batch.
    if submissions := _submissions(settings, returns, done):
        yield len(others), submissions


def _submissions(settings: Settings, shas: Collection[str], done: Replay) -> list[FileVersion]:
    """Return the submissions of returns to read again; none, with the reason, where that cannot be."""
    if not shas:
        return []
    from warehouse.keys import load_keys
    from warehouse.returns import archived_submissions

    counted = f"{len(shas)} submissions of returns"
    if load_keys() is None:
        done.left_out.append(f"{counted}: found no key of the restricted store")
        return []
    return [file for file in archived_submissions(settings) if file.sha256 in set(shas)]


def _batch(
    settings: Settings, read: Sequence[FileVersion], references: planning.References, behind: set[str], done: Replay
) -> None:
    """Read one batch of documents again and publish what differs, as one load."""
    from warehouse.changes import changes_of
    from warehouse.documents import parse_batch
    from warehouse.staging import drop_documents, load_folder, write_json

    load_id, at = _new_load(settings, "reprocess", len(read))
    versions = parser_version(), register_version(references[0].values())
    files = [file.as_dict() for file in read]
    manifest = _manifest(load_id, at, files, references, versions)
    manifest["is_dry_run"] = done.is_dry_run
    try:
        folder = load_folder(settings, load_id)
        folder.mkdir(parents=True, exist_ok=True)
        parse_batch(settings, manifest, 0)
        same, withdrawn = _compare(settings, load_id, versions)
        _require_few(withdrawn, len(files))
        drop_documents(folder, same)
        manifest["verified"] = sorted(same & behind)
        write_json(folder / "manifest.json", manifest)
        differs = [file for file in files if file["sha256"] not in same]
        done.read += len(files)
        done.withdrawn.extend(withdrawn)
        if not differs and (done.is_dry_run or not manifest["verified"]):
            _end(settings, load_id, "unchanged", "nothing differs")
            return
        if not done.is_dry_run:
            lineage.started(settings, load_id, differs)
        pipeline.build(settings, load_id)
        done.changed += len(differs)
        done.changes.extend(changes_of(settings, load_id))
        if done.is_dry_run:
            _end(settings, load_id, "unchanged", "dry run")
            return
        pipeline.check(settings, load_id)
        summary = pipeline.publish(settings, load_id)
    except BaseException as error:
        pipeline.record_failure(settings, load_id, error)
        raise
    done.quarantined += summary.files_quarantined
    done.loads.append(load_id)


def _manifest(
    load_id: str,
    at: datetime,
    files: list[dict[str, Any]],
    references: planning.References,
    versions: tuple[str, str],
) -> dict[str, Any]:
    """Return the plan of a load that reads files again, in one batch."""
    authorities, providers = references
    return {
        "load_id": load_id,
        "trigger": "reprocess",
        "started_at": at,
        "batches": [files],
        "beside": [],
        "references": dict(authorities),
        "providers": providers,
        "parser_version": versions[0],
        "register_version": versions[1],
        "files_new": 0,
        "is_replay": True,
    }


def month(key: str | None) -> tuple[date, date]:
    """Return the first and last day of a month.

    Raises:
        UsageError: it is not written as 2024-03.
    """
    try:
        first = datetime.strptime(key or "", "%Y-%m").date()  # noqa: DTZ007 - a month, not a moment
    except ValueError as error:
        raise UsageError(f"month: found {key!r}, expected one such as 2024-03") from error
    return first, first.replace(day=calendar.monthrange(first.year, first.month)[1])


def period(key: str | None, first: str | None, last: str | None) -> tuple[date, date]:
    """Return the first and last day of what a run of the DAG is to read.

    Args:
        key: a month, which backfills give.
        first: day, which a person may give instead.
        last: day, included.

    Raises:
        UsageError: neither or both are given, or one of them is not written as 2024-03 or 2024-03-31.
    """
    if not first and not last:
        return month(key)
    if key:
        raise UsageError(f"from and to: found them beside the month {key}, expected one or the other")
    days = []
    for name, text in (("from", first), ("to", last)):
        try:
            days.append(date.fromisoformat(text or ""))
        except ValueError as error:
            raise UsageError(f"{name}: found {text!r}, expected a day such as 2024-03-31") from error
    return days[0], days[1]


def rebuild(settings: Settings, on_progress: pipeline.OnProgress | None = None) -> pipeline.LoadSummary:
    """Make the star anew from nothing but the archive, and publish it.

    Args:
        settings: places and limits.
        on_progress: told stages and files done.

    Returns:
        How the load ended.

    Raises:
        WarehouseError: the archive names no files, or lacks one that it names.
        CheckError: a blocking check failed; nothing was published.
        CheckEngineError: the checks could not run.
    """
    # Nothing may be published between reading what the archive lists and publishing what came of it.
    with store.writer_lock(settings, "rebuild"):
        return _rebuild(settings, on_progress)


def _rebuild(settings: Settings, on_progress: pipeline.OnProgress | None) -> pipeline.LoadSummary:
    from warehouse.landing import Scan
    from warehouse.staging import load_folder, write_json

    with Ledger(settings.warehouse / "ledger.sqlite") as ledger:
        files = archived_versions(settings, ledger)
    if not files:
        raise WarehouseError(f"{settings.warehouse / 'archive'}: found no files, expected what earlier loads archived")
    began = time.perf_counter()
    load_id, at = _new_load(settings, "rebuild", len(files))
    plan = planning.plan(settings, Scan(files, [], 0), most_batches=1, handled={})
    own = {"load_id": load_id, "trigger": "rebuild", "started_at": at, "is_replay": True, "from_nothing": True}
    try:
        write_json(load_folder(settings, load_id) / "manifest.json", {**plan, **own})
        lineage.started(settings, load_id, [file for batch in plan["batches"] for file in batch])
        for batch in range(len(plan["batches"])):
            pipeline.parse(settings, load_id, batch, on_progress)
        pipeline.build(settings, load_id)
        pipeline.check(settings, load_id)
        summary = pipeline.publish(settings, load_id, holds_lock=True)
    except BaseException as error:
        pipeline.record_failure(settings, load_id, error)
        raise
    summary.seconds = round(time.perf_counter() - began, 3)
    return summary


def _new_load(settings: Settings, trigger: str, files: int) -> tuple[str, datetime]:
    at = utc_now()
    load_id = new_load_id(settings, at)
    with Ledger(settings.warehouse / "ledger.sqlite") as ledger:
        ledger.start_load(load_id, at, {"trigger": trigger, "files_new": 0, "seen": files})
    return load_id, at


def _end(settings: Settings, load_id: str, state: str, message: str) -> None:
    with Ledger(settings.warehouse / "ledger.sqlite") as ledger:
        ledger.update_load(load_id, message=message)
        ledger.finish_load(load_id, utc_now(), state, 0)
    pipeline.clear_staging(settings, load_id)


_OF_PERIOD = """
SELECT f.sha256, any_value(f.source_kind), any_value(f.parser_version), any_value(f.register_version)
FROM meta.source_file AS f
LEFT JOIN star.dim_source AS s USING (sha256)
LEFT JOIN (
    SELECT sha256, min(coalesce(published_date, inspection_start_date)) AS first, max(published_date) AS last
    FROM meta.inspection_document GROUP BY sha256
) AS d USING (sha256)
LEFT JOIN (
    SELECT v.source_key, min(p.period_start) AS first, max(p.period_end) AS last
    FROM (SELECT DISTINCT source_key, period_key FROM star.fact_indicator) AS v
    JOIN star.dim_period AS p USING (period_key) GROUP BY v.source_key
) AS o USING (source_key)
WHERE f.state IN ('loaded', 'superseded', 'quarantined') AND f.source_kind IN ({sources})
GROUP BY f.sha256
HAVING any_value(coalesce(o.first, s.published_date, d.first, f.first_seen_at::DATE)) <= {end}
    AND any_value(coalesce(o.last, s.published_date, d.last, d.first, f.first_seen_at::DATE)) >= {start}
"""


def _documents_of(
    settings: Settings, start: date, end: date, sources: Iterable[str]
) -> dict[str, tuple[str, str | None, str | None]]:
    """Return the documents of a period with their kind and the versions of code and register that read them."""
    current = store.current_version(settings)
    if current is None:
        return {}
    sql = _OF_PERIOD.format(
        sources=", ".join(store.literal(name) for name in sources),
        start=f"DATE {store.literal(start.isoformat())}",
        end=f"DATE {store.literal(end.isoformat())}",
    )
    connection = store.connect(current, settings, read_only=True)
    try:
        if store.is_outdated(current, settings):
            found = f"{version_name(current)}: found an older schema"
            raise WarehouseError(f"{found}, expected that of this code: load once first, or rebuild")
        return {sha: (kind, parser, register) for sha, kind, parser, register in connection.execute(sql).fetchall()}
    finally:
        connection.close()


def _references(settings: Settings) -> planning.References:
    """Return the reference files in use: authorities, landing path to sha256; and hashes of lists of providers."""
    current = store.current_version(settings)
    if current is None:
        return {}, []
    connection = store.connect(current, settings, read_only=True)
    try:
        rows = connection.execute(
            "SELECT landing_path, sha256, source_kind FROM meta.source_file WHERE state = 'loaded' "
            "ORDER BY first_seen_at, landing_path"
        ).fetchall()
    finally:
        connection.close()
    authorities, providers = planning.references_among(rows)
    return planning.usable_references(settings, authorities)[0], sorted(set(providers))


def _compare(settings: Settings, load_id: str, versions: tuple[str, str]) -> tuple[set[str], list[dict[str, str]]]:
    """Hold what a load has staged against what is published.

    Returns:
        Documents that gave exactly what is published, and those that were loaded and are refused now.
    """
    from warehouse.staging import staged_contents

    staged = staged_contents(settings, load_id)
    current = store.current_version(settings)
    if current is None or not staged:
        return set(), []
    connection = store.connect(current, settings, read_only=True)
    try:
        connection.execute(f"SET VARIABLE shas = {store.literal(json.dumps(sorted(staged)))}")
        known = connection.execute(
            "SELECT sha256, any_value(content_sha256), bool_or(state = 'quarantined'), "
            "bool_or(error_code IS NOT DISTINCT FROM 'failed_check'), any_value(parser_version), "
            "any_value(register_version), min(landing_path) FROM meta.source_file "
            "WHERE state <> 'unchanged' "
            "AND sha256 IN (SELECT unnest(from_json(getvariable('shas'), '[\"VARCHAR\"]'))) GROUP BY sha256"
        ).fetchall()
    finally:
        connection.close()
    same: set[str] = set()
    withdrawn = []
    for sha, content, was_refused, was_aside, parser, register, path in known:
        found, is_refused, reason = staged[sha]
        if is_refused and not was_refused:
            withdrawn.append({"file": path, "reason": reason or ""})
        # What these versions read and a check then put aside would be put aside again.
        as_before = is_refused == was_refused or (was_aside and (parser, register) == versions)
        if content is not None and content == found and as_before:
            same.add(sha)
    return same, sorted(withdrawn, key=lambda document: document["file"])


def _require_few(withdrawn: Sequence[Mapping[str, str]], documents: int) -> None:
    """Refuse a batch in which today's code no longer reads many documents: the code is to blame, not they."""
    if len(withdrawn) > max(MOST_WITHDRAWN, MOST_BLAMED * documents):
        first = withdrawn[0]
        raise CheckError(
            f"reprocess: found {len(withdrawn)} of {documents} loaded documents refused by today's code (first "
            f"{first['file']}: {first['reason']}), expected few; nothing of this batch was published"
        )
