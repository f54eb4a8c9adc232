"""`python -m bench`: a table, and `bench/results/<time>.json`.

`[--copies N] [--nightly]` times loads, `--facts N` published values, `--returns MB` the reading of local
returns, `--rules N` their rules; `--faults N` breaks loads, `--latency N` times drops, `--backfill YEARS`
reads years again beside nightly loads and holds their memory against a limit.

Reports are those of `SAFEGUARDING_TEST_DATA` where they are, else rendered samples. `--copies`
lays each report down several times with other bytes, to see how time grows with their number.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench import backfill, facts, faults, latency, many, returns, rules

RESULTS = Path(__file__).parent / "results"


class Places:
    """A landing zone, warehouse and published folder of their own, removed at the end."""

    def __init__(self, root: Path) -> None:
        """Make the folders below `root`."""
        self.landing, self.warehouse, self.published = root / "landing", root / "warehouse", root / "published"
        self.reports = self.landing / "reports"
        self.reports.mkdir(parents=True)

    @property
    def environ(self) -> dict[str, str]:
        """Variables that point a command here."""
        return {
            **os.environ,
            "SAFEGUARDING_LANDING": str(self.landing),
            "SAFEGUARDING_WAREHOUSE": str(self.warehouse),
            "SAFEGUARDING_PUBLISHED": str(self.published),
        }

    def forget(self, *, texts: bool) -> None:
        """Remove all that loads made, the kept texts too if asked for."""
        shutil.rmtree(self.published, ignore_errors=True)
        for name in ("archive", "staging", "builds", "quarantine", *(("text", "ledger.sqlite") if texts else ())):
            path = self.warehouse / name
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)


@contextmanager
def places() -> Iterator[Places]:
    """Yield places in a temporary folder."""
    with tempfile.TemporaryDirectory(prefix="safeguarding-bench-") as root:
        yield Places(Path(root))


def deposit(where: Places, copies: int) -> int:
    """Fill the landing zone; return how many reports lie there."""
    data = Path(os.environ.get("SAFEGUARDING_TEST_DATA", "../shared/data")) / "reports"
    originals = sorted(p for p in data.rglob("*.pdf")) if data.is_dir() else []
    if originals:
        for number, path in enumerate(originals):
            shutil.copy(path, where.reports / f"{number:04d} {path.name}")
    else:
        from warehouse.samples import make_landing

        make_landing(where.landing)
    first = sorted(where.reports.rglob("*.pdf"))
    for copy in range(1, copies):
        for path in first:
            # Bytes after the end mark change the hash and nothing else.
            path.with_name(f"{copy:02d}-{path.name}").write_bytes(path.read_bytes() + b"\n%% copy %d\n" % copy)
    return len(list(where.reports.rglob("*.pdf")))


def command(where: Places, *arguments: str) -> dict[str, Any]:
    """Run `safeguarding` with these arguments; return wall seconds, processor seconds, peak memory and answer."""
    started = time.perf_counter()
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "warehouse.cli", *arguments],
        env=where.environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    output = process.stdout.read() if process.stdout else b""
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    code = os.waitstatus_to_exitcode(status)
    if code not in (0, 10):
        raise SystemExit(f"safeguarding {' '.join(arguments)}: found exit code {code}, expected 0 or 10")
    answer = json.loads(output) if output.startswith(b"{") else {}
    return {
        "seconds": round(seconds, 3),
        "cpu_seconds": round(usage.ru_utime + usage.ru_stime, 3),
        "peak_mb": round(usage.ru_maxrss / 1024),
        "answer": answer,
    }


def bare(where: Places) -> float:
    """Return wall seconds of extraction alone, by as many processes as a load uses."""
    from warehouse.extract import Job, read_many

    jobs = [Job(str(p), str(p)) for p in sorted(where.reports.rglob("*.pdf"))]
    started = time.perf_counter()
    faults = sum(outcome.fault is not None for outcome in read_many(jobs, "bench.bare:bare_text"))
    if faults > len(jobs) // 10:
        raise SystemExit(f"bare extraction: found {faults} of {len(jobs)} files unreadable, expected few")
    return time.perf_counter() - started


def queries(where: Places, runs: int = 100) -> dict[str, float]:
    """Return milliseconds of the latest-judgement query: cold, then warm p50 and p95."""
    import duckdb

    sql = "SELECT * FROM bi.current_judgement WHERE area_code = 'overall'"
    started = time.perf_counter()
    connection = duckdb.connect(str(where.published / "safeguarding.duckdb"), read_only=True)
    connection.execute(sql).fetchall()
    cold = (time.perf_counter() - started) * 1000
    times = []
    for _ in range(runs):
        started = time.perf_counter()
        connection.execute(sql).fetchall()
        times.append((time.perf_counter() - started) * 1000)
    connection.close()
    quantiles = statistics.quantiles(times, n=20)
    return {"cold_ms": round(cold, 1), "p50_ms": round(statistics.median(times), 1), "p95_ms": round(quantiles[18], 1)}


def measure(where: Places, reports: int, nightly: bool) -> dict[str, Any]:
    """Run every scenario once, in order."""
    found: dict[str, Any] = {"reports": reports}
    bare(where)  # once for the page cache
    found["bare_extraction"] = {"seconds": round(bare(where), 3)}
    found["cold_load"] = command(where, "load", "--json")
    found["nothing_changed"] = command(where, "load", "--json")
    found["help"] = command(where, "--help")
    found["query"] = command(where, "query", "--json", "SELECT count(*) AS n FROM bi.current_judgement")
    found["latest_judgements"] = queries(where)
    one = max(where.reports.rglob("*.pdf"))
    one.with_name("new.pdf").write_bytes(one.read_bytes() + b"\n%% one new report\n")
    time.sleep(1.1)  # older than the settle time, as in a nightly run
    found["one_new_report"] = command(where, "load", "--json")
    where.forget(texts=False)
    found["parser_changed"] = command(where, "load", "--json")
    if nightly:
        where.forget(texts=True)
        found["nightly_first"] = command(where, "nightly", "--json")
        found["nightly_nothing_new"] = command(where, "nightly", "--json")
    return found


def limits(found: dict[str, Any]) -> list[tuple[str, float, float, str]]:
    """Return scenario, measured seconds, limit and where the limit comes from."""
    gx = 8.5  # import of Great Expectations and its checks
    extraction = found["bare_extraction"]["seconds"]
    rows = [
        (
            "cold load",
            found["cold_load"]["seconds"],
            1.5 * extraction + 3.0 + gx,
            "1.5 x bare extraction + start + checks",
        ),
        ("nothing changed", found["nothing_changed"]["seconds"], 0.5, "fixed"),
        ("one new report", found["one_new_report"]["seconds"], 1.0 + gx, "1 s + checks"),
        (
            "parser changed, texts kept",
            found["parser_changed"]["seconds"],
            2.0 + 0.005 * found["reports"] + gx,
            "2 s + 5 ms a report + checks",
        ),
        ("latest judgements, warm p95", found["latest_judgements"]["p95_ms"] / 1000, 0.005, "5 ms"),
        ("latest judgements, cold", found["latest_judgements"]["cold_ms"] / 1000, 0.060, "60 ms"),
    ]
    if "nightly_first" in found:
        rows.append(("nightly as DAG, first", found["nightly_first"]["seconds"], 35.0, "fixed"))
    return rows


def main() -> None:
    """Measure what is asked for, print a table, write the figures; exit with 1 where something was left wrong."""
    options = _options()
    run = next((run for name, run in _RUNS.items() if getattr(options, name)), _loads)
    raise SystemExit(run(options))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description="Time whole commands against limits of the same run.")
    parser.add_argument("--copies", type=int, default=1, help="lay each report down this many times")
    parser.add_argument("--nightly", action="store_true", help="also run the Airflow DAG, first and second time")
    parser.add_argument("--facts", type=int, metavar="N", help="load N made-up published values instead")
    parser.add_argument("--breakdowns", type=int, default=facts.BREAKDOWNS, help="of each value of --facts")
    parser.add_argument("--returns", type=int, metavar="MB", help="read a made-up census of that size instead")
    parser.add_argument("--rules", type=int, metavar="N", help="run all rules on returns of N made-up children instead")
    parser.add_argument("--faults", type=int, metavar="N", help="break N loads instead, and see what is left")
    parser.add_argument("--latency", type=int, metavar="N", help="time N drops with the whole stack running instead")
    parser.add_argument("--files", type=int, metavar="N", help="look at a tenth of N files, then at N, nothing new")
    parser.add_argument("--backfill", type=int, metavar="YEARS", help="read YEARS again beside nightly loads instead")
    parser.add_argument("--seed", type=int, default=1, help="first seed of --faults")
    return parser.parse_args()


def _loads(options: argparse.Namespace) -> int:
    with places() as where:
        reports = deposit(where, options.copies)
        found = measure(where, reports, options.nightly)
    sys.stdout.write(f"{reports} reports, {os.cpu_count()} processors, Python {platform.python_version()}\n")
    sys.stdout.write(f"{'bare PDFium extraction':32}{found['bare_extraction']['seconds']:9.3f} s\n")
    for name, seconds, limit, reason in limits(found):
        mark = "" if seconds <= limit else "  OVER"
        sys.stdout.write(f"{name:32}{seconds:9.3f} s  limit {limit:7.3f} s ({reason}){mark}\n")
    peak = max(value["peak_mb"] for value in found.values() if isinstance(value, dict) and "peak_mb" in value)
    sys.stdout.write(
        f"{'peak memory of any command':32}{peak:9d} MB limit    1024 MB{'' if peak < 1024 else '  OVER'}\n"
    )
    _write(found)
    return 0


def _facts(options: argparse.Namespace) -> int:
    with places() as where:
        found = facts.measure(where.landing.parent, options.facts, options.breakdowns)
    _tell(found, facts.limits(found))
    return 0


def _returns(options: argparse.Namespace) -> int:
    found = returns.measure(options.returns)
    _tell(found, returns.limits(found))
    return 0


def _rules(options: argparse.Namespace) -> int:
    found = rules.measure(options.rules)
    _tell(found, rules.limits(found))
    return 0


def _faults(options: argparse.Namespace) -> int:
    found = faults.measure(faults.drawn(options.faults, options.seed))
    sys.stdout.write(f"{found['runs']} broken loads in {found['seconds']} s: {len(found['wrong'])} left a fault\n")
    for name, count in found["counts"].items():
        sys.stdout.write(f"{name:32}{count:9d}\n")
    _write(found)
    return int(bool(found["wrong"]))


def _latency(options: argparse.Namespace) -> int:
    with places() as where:
        found = latency.measure(where.landing, where.published, where.environ, options.latency)
    for name in ("median", "p95", "longest"):
        sys.stdout.write(f"dropped file to published row, {name:8}{found[name]:9.2f} s  limit   60.00 s\n")
    _write(found)
    return 0


def _files(options: argparse.Namespace) -> int:
    from warehouse.settings import Settings

    with places() as where:
        settings = Settings.load(where.environ)
        found = many.measure(where.landing, settings, options.files, lambda *words: command(where, *words))
    found["microseconds_a_file"] = many.growth(found)
    for number, seconds in found.items():
        sys.stdout.write(f"{number:>20}  {'  '.join(f'{name} {value:g}' for name, value in seconds.items())}\n")
    _write(found)
    return 0


def _backfill(options: argparse.Namespace) -> int:
    with places() as where:
        found = backfill.measure(where.landing.parent, where.environ, options.backfill)
    for name, held in found["memory"].items():
        mark = "" if held["peak_mb"] <= held["limit_mb"] else "  OVER"
        sys.stdout.write(f"{name:32}{held['peak_mb']:9d} MB limit {held['limit_mb']:7d} MB{mark}\n")
    sys.stdout.writelines(f"wrong: {told}\n" for told in found["wrong"])
    _write(found)
    return int(bool(found["wrong"]))


# By option; without any of them whole loads are timed.
_RUNS: dict[str, Callable[[argparse.Namespace], int]] = {
    "faults": _faults,
    "backfill": _backfill,
    "latency": _latency,
    "files": _files,
    "facts": _facts,
    "returns": _returns,
    "rules": _rules,
}


def _tell(found: dict[str, Any], rows: list[tuple[str, float, float, str]]) -> None:
    """Print figures beside their limits, and write them."""
    for name, figure, limit, unit in rows:
        mark = "" if figure <= limit else "  OVER"
        sys.stdout.write(f"{name:32}{figure:9.3f} {unit:2} limit {limit:7.2f} {unit}{mark}\n")
    _write(found)


def _write(found: dict[str, Any]) -> None:
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}.json"
    path.write_text(json.dumps(found, indent=1), "utf-8")
    sys.stdout.write(f"written to {path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path}\n")


if __name__ == "__main__":
    main()
