"""What people ask and order beside loads: status, rollback, a look into single reports."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from transforms.errors import InputError
from warehouse import publish as publishing
from warehouse import store
from warehouse.ledger import Ledger, utc_now
from warehouse.settings import Settings

log = logging.getLogger("safeguarding")


def status(settings: Settings, loads: int = 10) -> dict[str, Any]:
    """Say what is published, from what, how fresh, what waits and what was refused and why.

    Args:
        settings: places.
        loads: how many of the latest loads to name.

    Returns:
        Values that JSON can hold; opens no file of the landing zone.

    Raises:
        WarehouseError: the published file or the ledger cannot be read.
    """
    from warehouse.fetch.record import last_runs
    from warehouse.landing import unread, why_absent

    current = store.current_version(settings)
    with Ledger(settings.warehouse / "ledger.sqlite") as ledger:
        attempts = ledger.loads(loads)
        waiting = unread(settings, ledger)
    answer: dict[str, Any] = {
        "landing_zone": why_absent(settings) or settings.landing_url or str(settings.landing),
        "published_file": str(settings.published_file) if current else None,
        "version": publishing.version_name(current) if current else None,
        "versions_kept": [publishing.version_name(path) for path in publishing.versions(settings)],
        "checks_page": str(settings.checks_page) if settings.checks_page.exists() else None,
        "loads": [{name: attempt.get(name) for name in _OF_A_LOAD} for attempt in attempts],
        "waiting": [{"file": path, "reason": why} for path, why in waiting],
        "fetches": [{name: run.get(name) for name in _OF_A_FETCH} for run in last_runs(settings)],
    }
    answer |= {name: _rows(settings, current, sql) if current else [] for name, sql in _STATUS.items()}
    refused = {(row["file"], row["reason"]) for row in answer["quarantined"]}
    answer["waiting"] = [one for one in answer["waiting"] if (one["file"], f"file: {one['reason']}") not in refused]
    if current:
        answer["tables"] = {row["table"]: row["rows"] for row in _rows(settings, current, _TABLES)}
    return answer


_OF_A_LOAD = ("load_id", "trigger", "started_at", "finished_at", "state", "exit_code", "files_new", "message")
_OF_A_FETCH = ("run_id", "finished_at", "state", "files_new", "files_changed", "files_failed", "message")
_STATUS = {
    "quarantined": (
        "SELECT landing_path AS file, reason, error_code, sha256, load_id FROM meta.source_file "
        "WHERE state = 'quarantined' ORDER BY landing_path"
    ),
    "freshness": "SELECT * FROM meta.freshness ORDER BY source_kind",
    "pace": "SELECT * FROM meta.load_pace ORDER BY load_id DESC LIMIT 1",
    "documents_behind": (
        "SELECT source_kind, count(*) AS documents, count(*) FILTER (is_behind) AS behind "
        "FROM meta.document_version GROUP BY ALL ORDER BY ALL"
    ),
}
_TABLES = (
    'SELECT table_name AS "table", estimated_size AS "rows" FROM duckdb_tables() '
    "WHERE schema_name = 'star' ORDER BY table_name"
)


def say_freshness(settings: Settings) -> None:
    """Write how fresh each source is into the log, a line a source; nothing before the first load."""
    current = store.current_version(settings)
    if current is None or store.is_outdated(current, settings):
        return
    for row in _rows(settings, current, "SELECT * FROM meta.freshness ORDER BY source_kind"):
        log.info("freshness %s", " ".join(f"{name}={value}" for name, value in row.items()))


def _rows(settings: Settings, path: Path, sql: str) -> list[dict[str, Any]]:
    """Return the rows of a literal query as dicts that JSON can hold."""
    connection = store.connect(path, settings, read_only=True)
    try:
        cursor = connection.execute(sql)
        names = [column[0] for column in cursor.description or []]
        return [
            {n: v.isoformat() if hasattr(v, "isoformat") else v for n, v in zip(names, row, strict=True)}
            for row in cursor.fetchall()
        ]
    finally:
        connection.close()


def rollback(settings: Settings) -> dict[str, Any]:
    """Put the previous published version back.

    Files that only the withdrawn version has are new again: the next load takes them up once more
    unless they are mended or taken out of the landing zone first. The answer names them.

    Returns:
        The version withdrawn, the one now published, and the files the next load would take up.

    Raises:
        WarehouseBusyError: a load is writing.
        WarehouseError: there is no earlier version.
    """
    with store.writer_lock(settings, "rollback"):
        withdrawn = store.current_version(settings)
        restored = publishing.previous_version(settings)
        again = _only_in(settings, withdrawn, restored) if withdrawn else []
        publishing.point(settings, restored)
    answer = {
        "withdrawn": publishing.version_name(withdrawn) if withdrawn else None,
        "published": publishing.version_name(restored),
        "published_file": str(settings.published_file),
        "loaded_again_next": again,
    }
    with Ledger(settings.warehouse / "ledger.sqlite") as ledger:
        at = utc_now()
        load_id = f"{at:%Y%m%dT%H%M%S%f}Z-rollback"
        ledger.start_load(load_id, at, {"trigger": "rollback", "message": f"{answer['published']} put back"})
        ledger.finish_load(load_id, utc_now(), "rolled_back", 0)
    log.info("stage=rollback withdrawn=%s published=%s", answer["withdrawn"], answer["published"])
    return answer


def _only_in(settings: Settings, newer: Path, older: Path) -> list[str]:
    """Return landing paths whose content the newer version has and the older has not."""
    query = "SELECT sha256, landing_path AS file FROM meta.source_file WHERE state IN ('loaded', 'superseded')"
    before = {row["sha256"] for row in _rows(settings, older, query)}
    return sorted(row["file"] for row in _rows(settings, newer, query) if row["sha256"] not in before)


def reports(settings: Settings, files: Iterable[Path]) -> Iterator[dict[str, Any]]:
    """Parse inspection reports without loading them.

    Args:
        settings: limits, and the landing zone's reference files if there are any.
        files: paths of reports; a JSON file beside one is read with it.

    Yields:
        One dict a file, in the contract's shape, in the order given.
    """
    from warehouse.documents import limits_of
    from warehouse.extract import READ_AND_PARSE, Job, read_many

    listed = list(files)
    register = tuple(str(path) for path in _reference_files(settings))
    jobs = [Job(str(number), str(path), (register, False)) for number, path in enumerate(listed)]
    found: dict[int, dict[str, Any]] = {}
    following = 0
    for outcome in read_many(jobs, READ_AND_PARSE, limits_of(settings), settings.processes):
        number = int(outcome.id)
        found[number] = _report(listed[number], outcome.value, outcome.fault)
        while following in found:
            yield found.pop(following)
            following += 1


def _reference_files(settings: Settings) -> list[Path]:
    """Return the usable reference files of the landing zone."""
    from transforms.authorities import load_register, recognise

    usable: list[Path] = []
    for path in sorted((settings.landing / "reference").glob("**/*.csv")):
        if recognise(path.read_bytes()) is not None:
            continue
        try:
            load_register((*usable, path))
        except InputError as error:
            log.warning("reference file left out: %s", error)
            continue
        usable.append(path)
    return usable


_OF_A_REPORT = (
    *("framework", "inspection_type", "authority", "la_code", "authorities", "title"),
    *("inspection_start_date", "inspection_end_date", "published_date", "published_date_source"),
    *("lead_inspector", "deputy_lead_inspector", "team", "tenures", "judgements", "recommendations", "figures"),
    *("previous_inspections", "paragraphs", "problems"),
)
# Where each list of a report comes from.
_LISTS = {
    "team": "people",
    "tenures": "tenures",
    "judgements": "judgements",
    "recommendations": "recommendations",
    "figures": "figures",
    "previous_inspections": "previous_inspections",
    "paragraphs": "paragraphs",
    "authorities": "",
    "problems": "",
}


def _report(path: Path, parsed: Any, fault: Any) -> dict[str, Any]:
    """Lay out what one file gave in the contract's shape."""
    from transforms.reports import frameworks
    from transforms.reports.admission import admit
    from warehouse.documents import stated_dates

    file = _version_of(path, parsed.sha256 if parsed else _hash(path))
    answer: dict[str, Any] = {"file": str(path), "sha256": file.sha256}
    answer |= {name: [] if name in _LISTS else None for name in _OF_A_REPORT}
    fault = fault or (parsed.fault if parsed else None)
    if fault is not None or parsed is None:
        answer["problems"].append({"code": fault.code, "severity": "blocking", "message": fault.message})
        return answer
    chosen, problems = admit(parsed.reports, stated_dates(file), {f.code: f for f in frameworks()}, utc_now().date())
    if parsed.reports:
        report = parsed.reports[0]
        printed = report.published_date
        answer |= {
            "framework": report.framework_code,
            "inspection_type": report.inspection_type,
            "authority": " and ".join(a.authority_name for a in report.authorities) or None,
            "la_code": "; ".join(a.la_code for a in report.authorities) or None,
            "authorities": [asdict(a) for a in report.authorities],
            "title": report.title,
            "inspection_start_date": report.inspection_start_date,
            "inspection_end_date": report.inspection_end_date,
            "published_date": printed or (chosen.day if chosen else None),
            "published_date_source": "printed" if printed else (chosen.source if chosen else None),
            "lead_inspector": report.lead_inspector,
            "deputy_lead_inspector": next((p.name for p in report.people if p.role == "deputy_lead_inspector"), None),
        }
    for report in parsed.reports:
        for name, of in _LISTS.items():
            lay_out = _judgement if name == "judgements" else asdict
            answer[name].extend(lay_out(item) for item in (getattr(report, of) if of else ()))
    answer["problems"] = [asdict(p) for p in problems]
    return answer


def _judgement(judgement: Any) -> dict[str, Any]:
    """Return one judgement with the area's code across frameworks first, as the contract names it."""
    values = asdict(judgement)
    own = values.pop("area_code")
    return {"area_code": values.pop("conformed_area_code") or own, "framework_area_code": own, **values}


def _version_of(path: Path, sha256: str) -> Any:
    """Return a file outside the landing zone as if it lay there, with the JSON file beside it."""
    from warehouse.beside import read_sidecar
    from warehouse.landing import FileVersion

    at = datetime.fromtimestamp(path.stat().st_mtime, UTC).isoformat()
    file = FileVersion(path.name, sha256, "report", path.stat().st_size, at, at)
    for beside in (path.with_name(path.name + ".json"), path.with_suffix(".json")):
        if beside != path and beside.is_file():
            file.sidecar = read_sidecar(beside, _hash(beside), beside.name)
            break
    return file


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
