"""Synthetic published values in bulk: from staged Parquet to a published, sorted fact, and questions to it.

Each document is one of a hundred that together hold all values; one of them read again is a change
of 1 %. The merge and the switch are measured in a process of their own, then the checks in another,
for the import of their engine alone takes longer than a change.
"""

from __future__ import annotations

import json
import logging
import os
import random
import resource
import statistics
import subprocess
import sys
import time
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from warehouse.settings import Settings

DOCUMENTS = 100
BREAKDOWNS, PERIODS = 10, 10


def settings_of(root: Path) -> Settings:
    """Return settings whose places lie below `root`."""
    names = {f"SAFEGUARDING_{name.upper()}": str(root / name) for name in ("landing", "warehouse", "published")}
    return Settings.load({**os.environ, **names})


def make(root: Path, rows: int, documents: int = DOCUMENTS, breakdowns: int = BREAKDOWNS) -> dict[str, Any]:
    """Write the staged files of a first load of `rows` values and of a second that replaces one document.

    Args:
        root: folder of the places.
        rows: values, about.
        documents: in which they come.
        breakdowns: of each value, the total among them.

    Returns:
        Rows made, bytes of Parquet, seconds.
    """
    import duckdb

    from transforms.authorities import load_register
    from transforms.observations import conform, write_sorted

    started = time.perf_counter()
    places = [a for a in load_register().authorities if a.is_current]
    per_indicator = len(places) * breakdowns * PERIODS
    each = max(1, round(rows / per_indicator / documents))
    connection = duckdb.connect()
    connection.execute("CREATE TABLE place (geographic_level VARCHAR, la_code VARCHAR, gss_code VARCHAR, name VARCHAR)")
    connection.executemany(
        "INSERT INTO place VALUES (?, ?, ?, ?)", [(a.geographic_level, a.la_code, a.gss_code, a.name) for a in places]
    )
    settings, shas, size = settings_of(root), [], 0
    for load, numbers in (("first", range(documents)), ("second", range(documents // 2, documents // 2 + 1))):
        folder = settings.warehouse / "staging" / load
        (folder / "observation").mkdir(parents=True)
        for number in numbers:
            sha = sha256(f"document {number}".encode()).hexdigest()
            shas.append(sha)
            path = folder / "observation" / f"{sha}.parquet"
            frame = connection.execute(_ROWS.format(number=number, each=each, sha=sha, breakdowns=breakdowns)).pl()
            write_sorted(conform(frame), path)
            size += path.stat().st_size
        _stage_files(folder, numbers)
    connection.close()
    return {"rows": per_indicator * each * documents, "parquet_bytes": size, "seconds": time.perf_counter() - started}


_ROWS = """
SELECT
    '{sha}' AS sha256, '' AS data_file, row_number() OVER () AS source_row, 'value' AS source_column,
    'made-up' AS publication,
    'made_up_' || lpad(({number} * {each} + i)::VARCHAR, 5, '0') AS indicator_code, false AS is_conformed,
    'Made-up indicator' AS indicator_name, 'count' AS unit, (2016 + p)::VARCHAR AS period_code,
    'financial_year' AS period_kind, make_date((2015 + p)::BIGINT, 4, 1) AS period_start,
    make_date((2016 + p)::BIGINT, 3, 31) AS period_end, geographic_level, la_code, gss_code, name AS place_name,
    CASE WHEN b = 0 THEN 'Total' ELSE 'age=Group ' || b END AS breakdown, round(random() * 1000) AS "value",
    'reported' AS value_status, NULL::VARCHAR AS value_as_printed, NULL::DOUBLE AS numerator,
    NULL::DOUBLE AS denominator
FROM range({each}) AS t(i), range({breakdowns}) AS u(b), range(10) AS w(p), place
"""


def _stage_files(folder: Path, numbers: range) -> None:
    from warehouse.staging import write_batch

    seen = datetime(2025, 11, 20)
    write_batch(
        folder / "batch_000",
        {
            "source_file": [
                {
                    "landing_path": f"statistics/{number}.parquet", "source_kind": "observations", "state": "loaded",
                    "sha256": sha256(f"document {number}".encode()).hexdigest(), "sidecar_sha256": "",
                    "byte_size": 1, "received_at": seen, "first_seen_at": seen, "published_date": seen.date(),
                    "published_date_source": "file",
                }
                for number in numbers
            ]
        },
    )  # fmt: skip


class _Steps(logging.Handler):
    """Seconds of the merge, file by file, as it logs them."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())

    def seconds(self, number: str) -> float:
        return sum(float(line.rpartition("=")[2]) for line in self.lines if f"file={number}" in line)


def build(root: Path, load: str) -> dict[str, float]:
    """Merge the staged files of one load into a copy of the published file and publish it.

    Returns:
        Seconds by step, and peak memory.
    """
    from transforms.authorities import load_register
    from warehouse import publish, store
    from warehouse.merge import _merge, build_path
    from warehouse.staging import open_staged

    settings, register, steps = settings_of(root), load_register(), _Steps()
    logging.getLogger("safeguarding").addHandler(steps)
    logging.getLogger("safeguarding").setLevel(logging.DEBUG)
    manifest = {"load_id": load, "parser_version": "bench", "register_version": "bench", "batches": []}
    path, at = build_path(settings, load), [time.perf_counter()]
    staged = open_staged(settings, load, register)
    at.append(time.perf_counter())
    store.start_build(store.current_version(settings), path)
    _merge(settings, manifest, staged, path)
    at.append(time.perf_counter())
    publish.seal(settings, path)
    publish.switch(settings, path, load)
    at.append(time.perf_counter())
    used = resource.getrusage(resource.RUSAGE_SELF)
    names = ("stage", "merge", "publish")
    return {
        **{name: round(b - a, 3) for name, a, b in zip(names, at, at[1:], strict=False)},
        "fact": steps.seconds("061"), "benchmark": steps.seconds("064"),
        "seconds": round(at[-1] - at[0], 3), "cpu_seconds": round(used.ru_utime + used.ru_stime, 3),
        "peak_mb": round(_peak_kb() / 1024), "file_bytes": settings.published_file.stat().st_size,
        "fact_bytes": _fact_bytes(settings),
    }  # fmt: skip


def _fact_bytes(settings: Settings) -> int:
    """Return what the fact takes in the published file, without what is worked out from it."""
    from warehouse import store

    connection = store.connect(settings.published_file, settings, read_only=True)
    try:
        found = connection.execute(
            "SELECT count(DISTINCT block_id) * any_value(block_size) "
            "FROM pragma_storage_info('star.fact_indicator'), pragma_database_size()"
        ).fetchone()
    finally:
        connection.close()
    return int(found[0]) if found else 0


def check(root: Path, load: str) -> dict[str, float]:
    """Run all checks of one load, on its staged files and on the published one.

    Returns:
        Seconds without the import of the engine, peak memory, checks.
    """
    from expectations.check import RunContext
    from expectations.gx_import import prepare
    from expectations.runner import run_checks
    from expectations.suites import CHECKS
    from warehouse import store
    from warehouse.staging import load_folder

    prepare()
    import great_expectations  # noqa: F401 - so that its time is not counted

    settings = settings_of(root)
    files = {
        "staged": load_folder(settings, load) / "parsed.duckdb",
        "star": settings.published_file.resolve(),
    }
    started, checks = time.perf_counter(), 0
    for stage, file in files.items():
        context = RunContext(load_id=load, stage=stage, config=store.limits(settings))
        checks += len(run_checks(file, CHECKS, context=context).results)
    return {
        "seconds": round(time.perf_counter() - started, 3), "peak_mb": round(_peak_kb() / 1024), "checks": checks,
    }  # fmt: skip


def _peak_kb() -> int:
    """Return the most memory this program held; `getrusage` counts what held it before `exec` too."""
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    held = [int(line.split()[1]) for line in lines if line.startswith("VmHWM:")]
    return held[0] if held else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


QUESTIONS = {
    "trend": "SELECT * FROM bi.indicator_benchmark WHERE indicator_code = '{code}' AND la_code = '{la}' "
    "ORDER BY period_end",
    "rank": "SELECT la_code, rank, quartile, value FROM bi.indicator_benchmark WHERE indicator_code = '{code}' "
    "AND is_latest_period ORDER BY value",
    "profile": "SELECT * FROM bi.latest_indicator WHERE la_code = '{la}'",
    "breakdown": "SELECT period_code, breakdown, value FROM bi.indicator_value WHERE indicator_code = '{code}' "
    "AND la_code = '{la}' AND is_latest",
    "latest": "SELECT * FROM bi.current_judgement WHERE area_code = 'overall'",
}


def ask(root: Path, runs: int = 60) -> dict[str, dict[str, float]]:
    """Return milliseconds of each question, cold and warm, about random indicators and authorities."""
    import duckdb

    name = settings_of(root).published_file
    found = {}
    draw = random.Random(1)  # noqa: S311 - which indicators are asked for is no secret
    with duckdb.connect(str(name), read_only=True) as connection:
        codes, places = (
            [row[0] for row in connection.execute(sql).fetchall()]
            for sql in (
                "SELECT DISTINCT indicator_code FROM bi.latest_indicator",
                "SELECT DISTINCT la_code FROM bi.latest_indicator",
            )
        )
    for question, sql in QUESTIONS.items():
        times = []
        started = time.perf_counter()
        with duckdb.connect(str(name), read_only=True) as connection:
            for _ in range(runs + 1):
                connection.execute(sql.format(code=draw.choice(codes), la=draw.choice(places))).fetchall()
                times.append((time.perf_counter() - started) * 1000)
                started = time.perf_counter()
        cold, *warm = times
        found[question] = {
            "cold_ms": round(cold, 1), "p50_ms": round(statistics.median(warm), 1),
            "p95_ms": round(statistics.quantiles(warm, n=20)[18], 1),
        }  # fmt: skip
    return found


def measure(root: Path, rows: int, breakdowns: int = BREAKDOWNS) -> dict[str, Any]:
    """Make the values, load them, replace 1 % of them, ask."""
    found: dict[str, Any] = {"made": make(root, rows, breakdowns=breakdowns)}
    for step in ("first", "second"):
        for name, words in ((step, [step]), (f"checks of {step}", [step, "check"])):
            output = subprocess.run(  # noqa: S603
                [sys.executable, "-m", "bench.facts", str(root), *words], check=True, capture_output=True, text=True
            ).stdout
            found[name] = json.loads(output)
    found["questions"] = ask(root)
    return found


def limits(found: dict[str, Any]) -> list[tuple[str, float, float, str]]:
    """Return what was measured, its figure, its limit and the unit."""
    made, first, second, asked = found["made"]["rows"], found["first"], found["second"], found["questions"]
    checked, rechecked = found["checks of first"], found["checks of second"]
    millions = made / 10_000_000
    grown = 100 * (second["file_bytes"] / first["file_bytes"] - 1)
    return [
        ("staged Parquet to sorted fact", first["fact"], 3.0 * millions + 0.5, "s"),
        ("benchmarks of all totals", first["benchmark"], 6.0 * millions + 0.5, "s"),
        ("peak memory of that", first["peak_mb"], 600, "MB"),
        ("bytes a value in the fact", first["fact_bytes"] / made, 8, "B"),
        ("bytes a value in the file", first["file_bytes"] / made, 8 if millions >= 1 else 16, "B"),
        ("all checks, without the import", checked["seconds"], 3.0 * millions + 3.0, "s"),
        ("peak memory of that", checked["peak_mb"], 1024, "MB"),
        ("1 % replaced and published", second["merge"] + second["publish"], 1.0 * max(1.0, millions / 2), "s"),
        ("all checks of that", rechecked["seconds"], 0.3 * millions + 3.0, "s"),
        ("growth of the file by it", grown, 5.0, "%"),
        *(
            (f"{name}, warm p95", asked[name]["p95_ms"], limit, "ms")
            for name, limit in (("latest", 5), ("trend", 20), ("rank", 8), ("profile", 8))
        ),
        ("trend, cold", asked["trend"]["cold_ms"], 60, "ms"),
    ]


def main() -> None:
    """Build one load of a place made by `make`, or check it; print the figures as JSON."""
    step = check if sys.argv[3:] == ["check"] else build
    sys.stdout.write(json.dumps(step(Path(sys.argv[1]), sys.argv[2])))


if __name__ == "__main__":
    main()
