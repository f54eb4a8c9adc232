"""Building a version: staged rows checked, merged into a private copy, checked again, made ready.

The merge itself is SQL (`sql/merge`), run in one transaction; slices of facts are replaced by
inspection, so a rerun or another order of loads gives the same star.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from transforms.errors import CheckEngineError, CheckError, WarehouseError
from warehouse import gate, store
from warehouse import publish as publishing
from warehouse.ledger import Ledger, utc_now
from warehouse.settings import Settings

if TYPE_CHECKING:
    import duckdb

    from expectations.check import CheckReport

log = logging.getLogger("safeguarding")


def build_path(settings: Settings, load_id: str) -> Path:
    """Return the private file of a load."""
    return settings.warehouse / "builds" / f"{load_id}.duckdb"


def build_version(settings: Settings, manifest: dict[str, Any]) -> dict[str, int]:
    """Check the staged rows and merge them into a private copy of the published version.

    Returns:
        Rows by star table.

    Raises:
        CheckError: a blocking check of the staged rows failed.
        CheckEngineError: the checks could not run.
        WarehouseError: the private file cannot be written.
    """
    from warehouse.changes import record_changes
    from warehouse.staging import open_staged

    load_id = manifest["load_id"]
    build = build_path(settings, load_id)
    has_renewed = False
    for _ in range(3):
        staged = open_staged(settings, load_id, _register(settings, manifest))
        _put_aside_again(settings, manifest, staged)
        _check(settings, manifest, "staged", staged, {})
        current = store.current_version(settings)  # read once: another may be published at any moment from here on
        base = None if manifest.get("from_nothing") else current
        store.start_build(base, build)
        missing = _merge(settings, manifest, staged, build)
        if missing:
            # A document gave up an inspection that an older one records too: that one is read again.
            log.info("stage=build load_id=%s documents_read_again=%d", load_id, len(missing))
            _stage_again(settings, manifest, missing)
        elif has_renewed or not (has_renewed := _renew_returns(settings, manifest, build)):
            break
    else:
        raise WarehouseError(
            f"{build}: found {len(missing)} documents without facts, expected none after reading again"
        )
    gate.examine(settings, build, load_id)
    _remember(settings, load_id, {"base": publishing.version_name(current) if current else None})
    if manifest.get("is_replay") and base is not None:
        record_changes(settings, manifest, base, build)
    return _star_rows(settings, build)


def _put_aside_again(settings: Settings, manifest: dict[str, Any], staged: Path) -> None:
    """Leave out the documents whose merged rows failed a check when this load was built before."""
    from warehouse.aside import put_aside
    from warehouse.staging import show_observations

    blamed = _memory(settings, manifest["load_id"]).get("aside", {})
    if blamed and put_aside(settings, staged, blamed):
        show_observations(settings, manifest["load_id"], staged)


def _register(settings: Settings, manifest: dict[str, Any]) -> Any:
    from warehouse.documents import register_of

    return register_of(settings, manifest)


def _merge(settings: Settings, manifest: dict[str, Any], staged: Path, build: Path) -> list[str]:
    """Run the merge; return documents whose facts are missing, if any.

    A merge that fails or lacks facts leaves a private file that is thrown away, so what is large is
    committed on the way: rows that are in their place are quicker to read, and out of memory.
    """
    import duckdb

    connection = store.connect(build, settings)
    try:
        store.migrate(connection)
        connection.execute(f"ATTACH {store.literal(staged)} AS staging (READ_ONLY)")
        connection.execute(f"SET VARIABLE load_id = {store.literal(manifest['load_id'])}")
        connection.execute(
            "CREATE TEMP MACRO star_key(natural_key) AS (md5_number(natural_key) % 9223372036854775807)::BIGINT"
        )
        connection.execute("BEGIN")
        for name, text in store.sql_files("merge"):
            _run(connection, name, text)
        missing = [row[0] for row in connection.execute(_MISSING).fetchall()]
        if not missing:
            _record_loads(settings, connection, manifest)
        connection.execute("ROLLBACK" if missing else "COMMIT")
        connection.execute("DETACH staging")
        if not missing:
            connection.execute("CHECKPOINT")
    except duckdb.Error as error:
        raise WarehouseError(f"{build}: found {error}, expected to merge load {manifest['load_id']}") from error
    finally:
        connection.close()
    return missing


def _run(connection: duckdb.DuckDBPyConnection, name: str, text: str) -> None:
    """Run one merge file as often as its first lines say, and commit what came before where they say so.

    Uncommitted rows take memory, and count as none when DuckDB plans a join, which then holds them all. Each
    commit leaves a half-filled row group, so only what is large asks for it.
    """
    commits, commits_each = False, False
    batches: list[Any] = [None]
    for when, sql in _rules(text):
        found = [row[0] for row in connection.execute(sql).fetchall()]
        match when:
            case "Runs when" if not any(found):
                return
            case "Commits when":
                commits |= any(found)
            case "Runs for each" | "Runs for each committed":
                batches, commits_each = found, when.endswith("committed")
                commits |= len(found) > 1
    for number, batch in enumerate(batches):
        started = time.perf_counter()
        if commits and (number == 0 or commits_each):
            connection.execute("COMMIT; CHECKPOINT; BEGIN")
        if batch is not None:
            connection.execute(f"SET VARIABLE batch = {int(batch)}")
        connection.execute(text)
        log.debug("merge file=%s batch=%s seconds=%.3f", name, batch, time.perf_counter() - started)


def _rules(text: str) -> Iterator[tuple[str, str]]:
    """Yield what the first lines of a merge file ask, and the question.

    `Runs when`: not at all unless it holds. `Runs for each`: once for each value, in turn the variable `batch`.
    `Commits when`: what came before, if it holds.
    """
    for line in text.splitlines():
        said = _FIRST_LINE.fullmatch(line)
        if said is None:
            return
        yield said[1], said[2]


_FIRST_LINE = re.compile(r"-- (Runs when|Runs for each|Runs for each committed|Commits when): (SELECT .+)")


_MISSING = """
SELECT DISTINCT h.sha256
FROM holding AS h
LEFT JOIN star.dim_inspection AS i USING (inspection_key)
LEFT JOIN star.dim_source AS s ON s.source_key = i.source_key
WHERE s.sha256 IS DISTINCT FROM h.sha256
"""


def _stage_again(settings: Settings, manifest: dict[str, Any], shas: list[str]) -> None:
    """Parse archived documents into one more batch of this load."""
    from warehouse.documents import parse_again, published_files

    parse_again(settings, manifest, list(published_files(settings, shas)), "again")


def _renew_returns(settings: Settings, manifest: dict[str, Any], build: Path) -> bool:
    """Read returns once more with the population that this load itself brings; whether there were any."""
    from warehouse.documents import parse_again
    from warehouse.returns import with_new_population
    from warehouse.staging import drop_documents, load_folder

    files = with_new_population(settings, manifest, build)
    if not files:
        return False
    log.info("stage=build load_id=%s returns_read_again=%d", manifest["load_id"], len(files))
    folder = load_folder(settings, manifest["load_id"])
    drop_documents(folder, [file.sha256 for file in files])
    times = len(list(folder.glob("batch_returns_*")))
    parse_again(settings, {**manifest, "population_of": str(build)}, files, f"returns_{times:03d}")
    return True


def _record_loads(settings: Settings, connection: duckdb.DuckDBPyConnection, manifest: dict[str, Any]) -> None:
    """Write this load, and those before it that published nothing, into meta.load."""
    with Ledger(settings.warehouse / "ledger.sqlite") as ledger:
        attempts = ledger.loads()
    held = {row[0] for row in connection.execute("SELECT load_id FROM meta.load").fetchall()}
    rows = []
    for attempt in attempts:
        own = attempt["load_id"] == manifest["load_id"]
        if attempt["load_id"] in held or (attempt["state"] in ("running", "unchanged") and not own):
            continue
        rows.append(
            {
                "load_id": attempt["load_id"],
                "started_at": _timestamp(attempt["started_at"]),
                "finished_at": _timestamp(attempt["finished_at"]),
                "state": "running" if own else attempt["state"],
                "exit_code": attempt["exit_code"],
                "trigger": attempt.get("trigger"),
                "message": attempt.get("message"),
                "parser_version": manifest["parser_version"] if own else None,
                "register_version": manifest["register_version"] if own else None,
            }
        )
    values = store.json_literal(rows)
    connection.execute(
        f"""
        INSERT INTO meta.load (load_id, started_at, finished_at, state, exit_code, trigger, message,
                               parser_version, register_version)
        SELECT r.load_id, r.started_at::TIMESTAMP, r.finished_at::TIMESTAMP, r.state, r.exit_code, r.trigger,
            r.message, r.parser_version, r.register_version
        FROM (SELECT unnest(from_json({values}, '[{{"load_id": "VARCHAR", "started_at": "VARCHAR",
            "finished_at": "VARCHAR", "state": "VARCHAR", "exit_code": "INTEGER", "trigger": "VARCHAR",
            "message": "VARCHAR", "parser_version": "VARCHAR", "register_version": "VARCHAR"}}]')) AS r)
        """
    )


def _timestamp(iso: str | None) -> str | None:
    """Return ISO text with an offset as UTC text without one, as TIMESTAMP wants it."""
    return datetime.fromisoformat(iso).astimezone(UTC).replace(tzinfo=None).isoformat(" ") if iso else None


def check_version(settings: Settings, manifest: dict[str, Any]) -> dict[str, int]:
    """Check the private file as it would be published and record all results of the load in it.

    Returns:
        Counts: checks, failed.

    Raises:
        CheckError: a blocking check failed.
        CheckEngineError: the checks could not run.
    """
    from expectations.returns import RULES

    build = build_path(settings, manifest["load_id"])
    # Held against the version it was built upon; one published meanwhile is built upon before it is published.
    base = _memory(settings, manifest["load_id"]).get("base")
    before = publishing.version_named(settings, base) or store.current_version(settings) if base else None
    report = _check(settings, manifest, "star", build, {"prev": before} if before else {})
    rows = [*_memory(settings, manifest["load_id"]).get("staged_results", []), *_as_rows(report)]
    connection = store.connect(build, settings)
    try:
        connection.execute(f"DELETE FROM meta.check_result WHERE load_id = {store.literal(manifest['load_id'])}")
        connection.execute(_INSERT_RESULTS.replace("$rows", store.json_literal(rows)))
    finally:
        connection.close()
    failed = [row for row in rows if not row["success"]]
    # Rules of the department fail by the hundred: `bi.return_rule` and the page tell of them, not the summary.
    told = [row for row in failed if row["table_name"] != RULES or row["severity"] == "blocking"]
    names = ("check_id", "table_name", "stage", "severity", "observed", "why")
    brief = [{name: row[name] for name in names} for row in told]
    _remember(settings, manifest["load_id"], {"failed": brief, "checks": len(rows)})
    return {"checks": len(rows), "failed": len(failed)}


_INSERT_RESULTS = """
INSERT INTO meta.check_result (load_id, stage, check_id, table_name, severity, success, unexpected_count, observed,
                               why, failing_rows, seconds, checked_at)
SELECT r.load_id, r.stage, r.check_id, r.table_name, r.severity, r.success, r.unexpected_count, r.observed, r.why,
    r.failing_rows, r.seconds, r.checked_at::TIMESTAMP
FROM (SELECT unnest(from_json($rows, '[{"load_id": "VARCHAR", "stage": "VARCHAR", "check_id": "VARCHAR",
    "table_name": "VARCHAR", "severity": "VARCHAR", "success": "BOOLEAN", "unexpected_count": "BIGINT",
    "observed": "VARCHAR", "why": "VARCHAR", "failing_rows": "VARCHAR", "seconds": "DOUBLE",
    "checked_at": "VARCHAR"}]')) AS r)
"""


def _check(
    settings: Settings, manifest: dict[str, Any], stage: str, database: Path, attach: dict[str, Path]
) -> CheckReport:
    """Run the checks of one stage, write the page, and stop the load if a blocking one failed."""
    from expectations.check import CheckReport, RunContext
    from expectations.runner import run_checks
    from expectations.suites import CHECKS
    from warehouse.aside import blamed_in_star, put_aside
    from warehouse.checks_page import write_page

    load_id = manifest["load_id"]
    context = RunContext(load_id=load_id, stage=stage, attach=attach, config=store.limits(settings))
    checks = (*CHECKS, *_rule_checks(settings, database)) if stage == "staged" else CHECKS
    try:
        report = run_checks(database, checks, context=context)
        blamed = report.documents_to_blame() if stage == "staged" else None
        if blamed and put_aside(settings, database, blamed):
            _keep_aside(settings, manifest, blamed)
            report = run_checks(database, checks, context=context)
        elif stage == "star" and report.blocking_failures:
            blamed = blamed_in_star(settings, database, report, context)
            if blamed:
                _build_without(settings, manifest, blamed)
                report = run_checks(database, checks, context=context)
    except CheckEngineError as error:
        write_page(settings, manifest, [], str(error))
        raise
    _remember(settings, load_id, {f"{stage}_results": _as_rows(report)})
    kept = _memory(settings, load_id).get("staged_results", []) if stage == "star" else []
    earlier = [CheckReport.from_rows(kept)] if kept else []
    if stage == "star" or report.blocking_failures:
        write_page(settings, manifest, [*earlier, report])
    if report.blocking_failures:
        names = ", ".join(f"{result.check_id} ({result.observed})" for result in report.blocking_failures)
        raise CheckError(f"load {load_id}: found failed checks {names}, expected none; nothing was published")
    return report


def _rule_checks(settings: Settings, staged: Path) -> Any:
    """Return a check for every rule of the department that the staged returns were held against."""
    from expectations.returns import RuleSeen, rule_checks

    connection = store.connect(staged, settings, read_only=True)
    try:
        rows = connection.execute(
            "SELECT return_code, rule_code, max(severity), max(message) FROM staged.return_rule "
            "GROUP BY ALL ORDER BY ALL"
        ).fetchall()
    finally:
        connection.close()
    return rule_checks(RuleSeen(*row) for row in rows)


def _build_without(settings: Settings, manifest: dict[str, Any], blamed: dict[str, list[str]]) -> None:
    """Build the version again without documents whose merged rows failed a check."""
    load_id = manifest["load_id"]
    log.info("stage=check load_id=%s documents_put_aside=%d building again", load_id, len(blamed))
    _remember(settings, load_id, {"aside": {**_memory(settings, load_id).get("aside", {}), **blamed}})
    build_version(settings, manifest)
    _keep_aside(settings, manifest, blamed)


def _keep_aside(settings: Settings, manifest: dict[str, Any], blamed: dict[str, list[str]]) -> None:
    """Keep documents that failed a check where all refused files are kept."""
    from warehouse.documents import quarantine
    from warehouse.landing import FileVersion

    for values in (values for batch in manifest["batches"] for values in batch):
        if values["sha256"] in blamed:
            reason = f"what was read from it failed the check {', '.join(blamed[values['sha256']])}"
            quarantine(settings, FileVersion.from_dict(dict(values)), reason)


def _as_rows(report: CheckReport) -> list[dict[str, Any]]:
    return [dict(row) for row in report.rows()]


def built_upon(settings: Settings, load_id: str) -> bool:
    """Whether the version a load was built upon is still the published one."""
    current = store.current_version(settings)
    return bool(_memory(settings, load_id).get("base", "") == (publishing.version_name(current) if current else None))


def finish_version(settings: Settings, manifest: dict[str, Any]) -> Any:
    """Record the end of the load in its private file, seal it and switch the published name to it.

    Returns:
        The summary of the load.

    Raises:
        WarehouseError: the version cannot be written or does not open.
    """
    from warehouse.pipeline import QUARANTINED, LoadSummary, code_version
    from warehouse.staging import staged_rows

    load_id = manifest["load_id"]
    build = build_path(settings, load_id)
    memory = _memory(settings, load_id)
    connection = store.connect(build, settings)
    try:
        files, quarantined, rejects, superseded = _outcomes(connection, load_id)
        exit_code = QUARANTINED if quarantined else 0
        ended = _timestamp(utc_now().isoformat())
        read, _ = staged_rows(settings, load_id)
        counts = [manifest["files_new"], files, len(quarantined), superseded, read, rejects]
        connection.execute(_END_LOAD, [ended, exit_code, code_version(), *counts, ended, load_id])
    finally:
        connection.close()
    publishing.seal(settings, build)
    tables = _star_rows(settings, build)
    version = publishing.switch(settings, build, load_id)
    log.info("published version=%s", publishing.version_name(version))
    return LoadSummary(
        load_id=load_id,
        state="published",
        exit_code=exit_code,
        files_seen=manifest.get("files_seen", 0),
        files_new=manifest["files_new"],
        files_loaded=files,
        files_quarantined=len(quarantined),
        files_superseded=superseded,
        quarantined=quarantined,
        tables=tables,
        rejects=rejects,
        checks=memory.get("checks", 0),
        failed_checks=memory.get("failed", []),
        published_file=str(settings.published_file),
        checks_page=str(settings.checks_page),
    )


_END_LOAD = """
UPDATE meta.load SET
    finished_at = ?::TIMESTAMP, state = 'published', exit_code = ?, code_version = ?, files_new = ?, files_loaded = ?,
    files_quarantined = ?, files_superseded = ?, rows_in = ?, rejects = ?,
    rows_out = (SELECT count(*) FROM star.fact_judgement AS f WHERE f.load_id = meta.load.load_id),
    seconds = epoch(?::TIMESTAMP - started_at)
WHERE load_id = ?
"""


def _outcomes(connection: duckdb.DuckDBPyConnection, load_id: str) -> tuple[int, list[dict[str, str]], int, int]:
    """Return files loaded, files quarantined with reason, rejects and files superseded by this load."""
    own = store.literal(load_id)
    found = connection.execute(
        f"SELECT landing_path, state, reason FROM meta.source_file WHERE load_id = {own} ORDER BY landing_path"
    ).fetchall()
    quarantined = [{"file": path, "reason": reason} for path, state, reason in found if state == "quarantined"]
    loaded = sum(state in ("loaded", "superseded") for _, state, _ in found)
    rejects = connection.execute(f"SELECT count(*) FROM meta.reject WHERE load_id = {own}").fetchone()
    superseded = connection.execute(
        "SELECT count(DISTINCT old.sha256) FROM meta.source_file AS old JOIN meta.source_file AS new "
        f"ON new.sha256 = old.superseded_by_sha256 WHERE new.load_id = {own} OR old.load_id = {own}"
    ).fetchone()
    return loaded, quarantined, int(rejects[0] if rejects else 0), int(superseded[0] if superseded else 0)


def _star_rows(settings: Settings, build: Path) -> dict[str, int]:
    """Return rows by star table, unknown members not counted apart."""
    connection = store.connect(build, settings, read_only=True)
    try:
        tables = connection.execute(
            "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'star' ORDER BY table_name"
        ).fetchall()
        counts = " UNION ALL ".join(f"SELECT {store.literal(name)}, count(*) FROM star.{name}" for (name,) in tables)
        return dict(connection.execute(counts).fetchall())
    finally:
        connection.close()


def _remember(settings: Settings, load_id: str, values: dict[str, Any]) -> None:
    """Keep what a later stage of the same load, perhaps another process, needs to know."""
    from warehouse.staging import load_folder, write_json

    write_json(load_folder(settings, load_id) / "memory.json", {**_memory(settings, load_id), **values})


def _memory(settings: Settings, load_id: str) -> dict[str, Any]:
    from warehouse.staging import load_folder, read_json

    path = load_folder(settings, load_id) / "memory.json"
    return dict(read_json(path)) if path.exists() else {}
