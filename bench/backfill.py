"""Ten years read again beside nightly loads, stopped and gone on with, in bounded memory: `--backfill YEARS`.

A landing zone with reports, statistics and made-up returns of so many years is loaded by *older code*: a
copy of this repository whose parser leaves something out of every other report. Then, with today's code,

- `safeguarding reprocess` reads all of it again, batch by batch, while `safeguarding nightly` loads new files;
- the backfill is ended half-way by SIGTERM, once more by SIGKILL, and gone on with by `--behind`;
- a second one must find nothing to do, each of the nightly files must be there once, and the star must be
  that of `safeguarding rebuild`, which makes it from nothing.

Memory is that of the whole process tree (PSS: shared pages are divided among those who share them). The limit
is worked out in the same run: what a bare process holds that has imported the same libraries, DuckDB's memory
limit (`SAFEGUARDING_DUCKDB_MB`) twice, since a new version is built beside the published one, and for each
reading process what a bare one holds and `ROOM_MB` for the document it is on. None of it grows with the years.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from bench import star
from bench.memory import Meter, resident, tree

REPORTS_A_YEAR = 60  # of all authorities: 435 in the ten years to 2025
LAST_YEAR = 2025
ROOM_MB = 64.0  # one document while it is read: its bytes, pages and characters
GROWTH = 1.25  # the last batches may hold so much more than the first ones
_PATIENCE = 1_200.0
_IMPORTS = "import duckdb, polars, warehouse.pipeline, warehouse.merge, warehouse.documents, expectations.gx_rules"
_AIRFLOW = "import airflow.dag_processing.dagbag, airflow.models"
_LAYOUTS = ((2018, "sif_2016"), (2023, "ilacs_2018"), (2100, "ilacs_2023"))
_PLACES = ("Brackenshire", "Caldermouth", "Dunmarsh", "Kestrelham", "Oxleyforth-on-Sea")
_OLDER = """

_of_today = lay_out_reports


def lay_out_reports(file, parsed, row):
    if int(file.sha256[:2], 16) % 2:
        for report in parsed.reports:
            del report.recommendations[-1:]
    return _of_today(file, parsed, row)
"""


@dataclass
class Run:
    """One measurement under way.

    Attributes:
        root: folder of its places.
        environ: variables that point a command at them.
        batch: documents a batch, where not as many as usual.
        wrong: what was not as it must be, in words.
        nights: how each nightly load ended.
        dropped: landing paths of the files that came meanwhile.
    """

    root: Path
    environ: dict[str, str]
    batch: int | None
    meter: Meter = field(default_factory=Meter)
    wrong: list[str] = field(default_factory=list)
    nights: list[dict[str, Any]] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)

    @property
    def landing(self) -> Path:
        """The landing zone."""
        return Path(self.environ["SAFEGUARDING_LANDING"])

    @property
    def published(self) -> Path:
        """The published file."""
        return Path(self.environ["SAFEGUARDING_PUBLISHED"]) / "safeguarding.duckdb"

    def require(self, holds: object, told: str) -> None:
        """Note what does not hold."""
        if not holds:
            self.wrong.append(told)
            sys.stderr.write(f"WRONG: {told}\n")

    def start(self, name: str, *arguments: str, code: Path | None = None) -> subprocess.Popen[bytes]:
        """Start a command of ours, counted under a name, with today's code or that of a folder."""
        size = f"import warehouse.replay as r; r.BATCH_DOCUMENTS = {self.batch}; " if self.batch else ""
        environ = self.environ | ({"PYTHONPATH": str(code)} if code else {})
        process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-c", f"{size}from warehouse.cli import main; main()", *arguments],
            env=environ,
            cwd=code or Path(__file__).resolve().parent.parent,
            stdout=subprocess.PIPE,
            stderr=(self.root / f"{name}.log").open("ab"),
        )
        self.meter.watch(name, process.pid)
        return process

    def end(self, name: str, process: subprocess.Popen[bytes]) -> dict[str, Any]:
        """Wait for a command; return its answer, with code and seconds."""
        began = time.monotonic()
        output, _ = process.communicate(timeout=_PATIENCE)
        self.meter.forget(name)
        answer = json.loads(output) if output.startswith(b"{") else {}
        return {**answer, "code": process.returncode, "waited": round(time.monotonic() - began, 2)}

    def command(self, name: str, *arguments: str, code: Path | None = None) -> dict[str, Any]:
        """Run a command that must succeed, refused files or not."""
        told = self.end(name, self.start(name, *arguments, code=code))
        if told["code"] not in (0, 10):
            raise SystemExit(f"{name}: found exit code {told['code']} ({told.get('message')}), expected 0 or 10")
        sys.stderr.write(f"{name}: code {told['code']}, {told['waited']} s\n")
        return told

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        """Ask the published file."""
        import duckdb

        connection = duckdb.connect(str(self.published), read_only=True)
        try:
            return connection.execute(sql).fetchall()
        finally:
            connection.close()


def measure(
    root: Path, environ: Mapping[str, str], years: int, a_year: int = REPORTS_A_YEAR, batch: int | None = None
) -> dict[str, Any]:
    """Load so many years with older code, read them again beside nightly loads, and see what came of it.

    Args:
        root: folder of the places.
        environ: variables that point a command at them.
        years: that reports, statistics and returns are spread over.
        a_year: reports of one year.
        batch: documents a batch of the backfill, where not as many as usual.

    Returns:
        Counts, seconds, MB, and under `wrong` whatever was not as it must be.
    """
    keys = {f"SAFEGUARDING_{name}_KEY": f"made up for a measurement: {name}" * 2 for name in ("RESTRICTED", "HASH")}
    run = Run(root, {**environ, **keys, "SAFEGUARDING_SETTLE_SECONDS": "0"}, batch)
    found: dict[str, Any] = {"years": years, "laid": _lay_down(run.landing, years, a_year), "bare": _bare(run)}
    run.meter.start()
    try:
        older = _older_code(root / "older")
        found["load"] = run.command("load", "load", "--json", code=older)["tables"]
        found["span"] = [str(day) for day in _span(run, years)]
        before = star.digest(run.published)
        found["backfill"] = _backfill(run, found["span"])
        run.require(star.digest(run.published) != before, "the backfill left the star as older code had it")
        _require_whole(run, found["span"])
        # The register's own file is read by no parser: a backfill leaves its version be.
        left_out = (*star.LEFT_OUT, "parser_version")
        whole = star.digests(run.published, left_out)
        run.command("rebuild", "rebuild", "--json")
        anew = star.digests(run.published, left_out)
        differing = [table for table in whole if whole[table] != anew.get(table)]
        run.require(not differing, f"a rebuild from nothing gives another star: {', '.join(differing)}")
    finally:
        run.meter.stop()
    found["nights"], found["memory"] = run.nights, _memory(run, found["bare"])
    return {**found, "wrong": run.wrong}


def _lay_down(landing: Path, years: int, a_year: int) -> dict[str, int]:
    """Lay reports, statistics and returns of so many years into an empty landing zone."""
    from warehouse.samples.landing import make_landing
    from warehouse.samples.returns import write_returns

    sample = landing.parent / "sample"
    make_landing(sample)
    shutil.move(sample / "reference", landing / "reference")
    shutil.rmtree(sample)
    data = Path(os.environ.get("SAFEGUARDING_TEST_DATA", "../shared/data"))
    originals = sorted((data / "reports").rglob("*.pdf")) if a_year >= REPORTS_A_YEAR else []
    (landing / "reports").mkdir(exist_ok=True)
    for number in range(years * a_year):
        if originals:
            # Bytes after the end mark change the hash and nothing else.
            body = originals[number % len(originals)].read_bytes() + b"\n%% copy %d\n" % number
            (landing / "reports" / f"{number:05d}.pdf").write_bytes(body)
        else:
            day = date(LAST_YEAR - years + 1, 1, 11) + timedelta(days=(365 * years - 45) * number // (years * a_year))
            (landing / "reports" / f"{number:05d}.txt").write_text(_report(number, day), "utf-8")
    if originals and (data / "statistics").is_dir():
        shutil.copytree(data / "statistics", landing / "statistics")
    for year in range(LAST_YEAR - years + 1, LAST_YEAR + 1):
        path = landing / "statistics" / f"{year}-11-20" / f"made_up_{year}.csv"
        path.parent.mkdir(parents=True)
        path.write_text(_release(year), "utf-8")
    for la_code in ("990", "991"):
        write_returns(landing, la_code, (2024, 2025, 2026))
    laid = [path for path in landing.rglob("*") if path.is_file()]
    return {name: sum(path.is_relative_to(landing / name) for path in laid) for name in
            ("reports", "statistics", "returns")}  # fmt: skip


def _report(number: int, day: date) -> str:
    from warehouse.samples.content import authority_named, draw_truth
    from warehouse.samples.render import render_text

    layout = next(name for until, name in _LAYOUTS if day.year < until)
    return render_text(draw_truth(layout, number, authority_named(_PLACES[number % len(_PLACES)]), day, {}))


def _release(year: int) -> str:
    """Return a made-up release: five years of three indicators of every authority, as a tidy CSV."""
    from transforms.authorities import load_register

    drawn = random.Random(year)  # noqa: S311 - made up, not secret
    lines = ["time_period,time_identifier,geographic_level,country_code,country_name,region_code,region_name,"
             "old_la_code,new_la_code,la_name,made_up_starts,made_up_plans,made_up_visits"]  # fmt: skip
    for place in load_register().authorities:
        if place.is_current and place.geographic_level == "authority":
            at = f'Local authority,E92000001,England,,,{place.la_code},{place.gss_code},"{place.name}"'
            for period in range(year - 4, year + 1):
                values = ",".join(str(drawn.randrange(20, 900)) for _ in range(3))
                lines.append(f"{period},Reporting year,{at},{values}")
    return "\n".join([*lines, ""])


def _older_code(folder: Path) -> Path:
    """Copy this repository's packages, with a parser that reads otherwise and is known to be another one."""
    here = Path(__file__).resolve().parent.parent
    for name in ("transforms", "expectations", "warehouse"):
        shutil.copytree(here / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    with (folder / "transforms/errors.py").open("a", encoding="utf-8") as file:
        file.write("# older code\n")
    with (folder / "warehouse/documents.py").open("a", encoding="utf-8") as file:
        file.write(_OLDER)
    return folder


def _span(run: Run, years: int) -> tuple[date, date]:
    """Return the years to read again, widened to all that was loaded."""
    first, last = run.ask(
        "SELECT min(day), max(day) FROM (SELECT unnest([published_date, inspection_start_date]) AS day "
        "FROM meta.inspection_document UNION ALL SELECT unnest([period_start, period_end]) "
        "FROM star.dim_period WHERE period_key <> 0)"
    )[0]
    return min(first, date(LAST_YEAR - years + 1, 1, 1)), max(last, date(2100, 12, 31))


def _backfill(run: Run, span: Sequence[str]) -> dict[str, Any]:
    """Read the span again beside nightly loads, ended by each signal once; return what each attempt did."""
    words = ("reprocess", "--json", "--from", span[0], "--to", span[1], "--behind")
    attempts: list[dict[str, Any]] = []
    with _nights(run):
        for number, sent in enumerate((signal.SIGTERM, signal.SIGKILL)):
            attempts.append(_broken_off(run, f"reprocess {number}", words, sent))
        name = f"reprocess {len(attempts)}"
        began = time.monotonic()
        done = run.command(name, *words)
        attempts.append({**{k: done[k] for k in ("documents", "behind", "read", "changed")},
                         "loads": len(done["loads"]), "seconds": round(time.monotonic() - began, 1)})  # fmt: skip
    run.require(attempts[-1]["changed"], "the last attempt replaced nothing: the ones broken off left it no work")
    return {"attempts": attempts, "loads": len(_loads(run, "reprocess", "published"))}


def _broken_off(run: Run, name: str, words: Sequence[str], sent: signal.Signals) -> dict[str, Any]:
    """Start a backfill, end it once it has published a batch and begun another, and see what is left."""
    before = len(_loads(run, "reprocess", "published"))
    began, process = time.monotonic(), run.start(name, *words)
    while process.poll() is None and time.monotonic() - began < _PATIENCE:
        if len(_loads(run, "reprocess", "published")) > before and _loads(run, "reprocess", "running"):
            break
        time.sleep(0.1)
    time.sleep(0.5)  # into the work of a batch
    run.require(process.poll() is None, f"{name}: it ended before it could be stopped half-way")
    family = tree(process.pid)
    process.send_signal(sent)
    code = run.end(name, process)["code"]
    until = time.monotonic() + 10
    while (left := [number for number in family if Path(f"/proc/{number}").exists()]) and time.monotonic() < until:
        time.sleep(0.05)
    run.require(not left, f"{name}: {len(left)} of its processes live on after {sent.name}")
    run.require(star.digest(run.published), f"{name}: the published file does not open after {sent.name}")
    if sent is signal.SIGTERM:
        run.require(code == 143, f"{name}: found exit code {code} after SIGTERM, expected 143")
        run.require(not _loads(run, "reprocess", "running"), f"{name}: what was told to stop counts as running")
    published = len(_loads(run, "reprocess", "published")) - before
    sys.stderr.write(f"{name}: {sent.name} after {published} published batches, code {code}\n")
    return {"ended": sent.name, "code": code, "loads": published, "seconds": round(time.monotonic() - began, 1)}


def _loads(run: Run, trigger: str, state: str) -> list[str]:
    """Return the loads of a kind and state, by the ledger."""
    from warehouse.ledger import Ledger

    with Ledger(Path(run.environ["SAFEGUARDING_WAREHOUSE"]) / "ledger.sqlite") as ledger:
        return [load["load_id"] for load in ledger.loads() if (load["trigger"], load["state"]) == (trigger, state)]


@contextmanager
def _nights(run: Run) -> Iterator[None]:
    """Drop new reports and run the nightly DAG, again and again, until the block ends."""
    over = threading.Event()

    def go() -> None:
        night = 0
        while not over.is_set():
            for _ in range(3):
                number = 90_000 + len(run.dropped)
                path = run.landing / "reports" / "nightly" / f"{number}.txt"
                path.parent.mkdir(exist_ok=True)
                path.write_text(_report(number, date(2024, 1, 8) + timedelta(days=len(run.dropped))), "utf-8")
                run.dropped.append(path.relative_to(run.landing).as_posix())
            began = time.monotonic()
            told = run.end("nightly", run.start("nightly", "nightly", "--json"))
            run.require(told["code"] in (0, 10), f"night {night}: code {told['code']}, {told.get('message')}")
            run.nights.append({"code": told["code"], "files_loaded": told.get("files_loaded"),
                               "seconds": round(time.monotonic() - began, 1)})  # fmt: skip
            night += 1

    thread = threading.Thread(target=go, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(_PATIENCE)


def _require_whole(run: Run, span: Sequence[str]) -> None:
    """Require that a second backfill changes nothing and that each nightly file is there once."""
    words = ("reprocess", "--json", "--from", span[0], "--to", span[1])
    for name, more, read in (("behind again", ("--behind",), 0), ("all again", (), None)):
        before, version = star.digest(run.published), run.published.resolve()
        done = run.command(name, *words, *more)
        run.require(read is None or done["read"] == read, f"{name}: read {done['read']} documents, expected {read}")
        run.require(not done["loads"] and not done["changed"], f"{name}: replaced {done['changed']} documents")
        run.require(done["behind"] == 0, f"{name}: found {done['behind']} documents behind today's code")
        run.require((star.digest(run.published), run.published.resolve()) == (before, version), f"{name}: it published")
    rows = run.ask("SELECT landing_path, count(*), min(state) FROM meta.source_file GROUP BY ALL")
    there = {path: (number, state) for path, number, state in rows}
    lost = [path for path in run.dropped if there.get(path) != (1, "loaded")]
    run.require(not lost, f"{len(lost)} of {len(run.dropped)} nightly files are not there once ({lost[:1]})")
    for table in ("meta.source_file", "star.dim_source"):
        versions = run.ask(f"SELECT DISTINCT parser_version FROM {table} WHERE state <> 'unchanged' AND sha256 IN "  # noqa: S608
                           "(SELECT sha256 FROM meta.source_file WHERE source_kind <> 'reference')")  # fmt: skip
        run.require(len(versions) == 1, f"{table}: found documents of {len(versions)} versions of code, expected one")


def _bare(run: Run) -> dict[str, float]:
    """Return MB (PSS) of processes that have imported what ours import and done nothing."""
    child = "import sys; sys.path[:0] = {path!r}; from warehouse.extract_worker import *; " \
            "import transforms.reports, transforms.readers, pypdfium2, polars, lxml.etree"  # fmt: skip
    programs = {
        "parent": _IMPORTS,
        "nightly": f"{_AIRFLOW}; {_IMPORTS}",
        "child": child.format(path=[entry for entry in sys.path if entry]),
    }
    return {name: round(_held_by(program, run), 1) for name, program in programs.items()}


def _held_by(program: str, run: Run) -> float:
    with subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", f"{program}; print('ready', flush=True); input()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**run.environ, "AIRFLOW_HOME": str(run.root / "bare")},
    ) as process:
        is_ready = any(line == "ready\n" for line in process.stdout or ())
        held = resident(process.pid)[0] / 1024
        process.stdin.close()  # type: ignore[union-attr]
    if not is_ready:
        raise SystemExit(f"a bare process: found exit code {process.returncode}, expected it to import our libraries")
    return held


def _memory(run: Run, bare: Mapping[str, float]) -> dict[str, dict[str, float]]:
    """Hold what each tree held at most against its limit; growth against the first batches."""
    from warehouse.settings import Settings

    settings = Settings.load(run.environ)
    reading = settings.processes * (bare["child"] + ROOM_MB) + 2 * settings.duckdb_mb
    backfill = max(run.meter.peak_mb(name) for name in run.meter.samples if name.startswith("reprocess"))
    limits = {
        "backfill": (backfill, bare["parent"] + reading),
        "nightly": (run.meter.peak_mb("nightly"), bare["nightly"] + reading),
        "both together": (run.meter.together_mb, bare["parent"] + bare["nightly"] + 2 * reading),
    }
    found = {name: {"peak_mb": round(peak), "limit_mb": round(limit)} for name, (peak, limit) in limits.items()}
    for name, (peak, limit) in limits.items():
        run.require(peak <= limit, f"{name}: held {peak:.0f} MB, limit {limit:.0f} MB")
    first, last = _halves(run.meter.samples.get("all again", []))
    found["all again, last half"] = {"peak_mb": round(last), "limit_mb": round(GROWTH * first)}
    run.require(last <= GROWTH * first, f"memory grew from {first:.0f} to {last:.0f} MB from batch to batch")
    found["rebuild"] = {"peak_mb": round(run.meter.peak_mb("rebuild")), "limit_mb": round(bare["parent"] + reading)}
    return found


def _halves(samples: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Return the peaks of the first and the second half of the time."""
    middle = len(samples) // 2
    return max((h for _, h in samples[:middle]), default=0.0), max((h for _, h in samples[middle:]), default=0.0)
