"""Seeded faults: a load is killed, finds the disk full or fails at a step, and must leave all whole.

`python -m bench --faults N` draws N runs. Each takes a warehouse with a first version published, lays
down new and corrected reports and one that cannot be read, breaks the load at a drawn step and moment
while a reader asks on, and then demands:

- the published file is the old version or the new one, whole, and the reader saw nothing else;
- the next load completes the work: the star equals that of a load nobody broke, row for row;
- every file is loaded once or quarantined, and its bytes lie in the archive.

Some runs break a reprocess (by code that reads reports otherwise) or a rollback instead, and some are struck
once more while the next attempt completes the work.

The processes that load are forked from one that has imported everything and opened nothing, since
importing Great Expectations takes longer than the load itself.
"""

from __future__ import annotations

import errno
import fcntl
import gc
import hashlib
import importlib
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from bench import star

STEPS = {
    "discover": "warehouse.landing:scan",
    "parse": "warehouse.documents:parse_batch",
    "stage": "warehouse.staging:write_batch",
    "merge": "warehouse.merge:_merge",
    "check": "warehouse.merge:check_version",
    "checkpoint": "warehouse.publish:seal",
    "rename": "warehouse.publish:point",
    "record": "warehouse.ledger:Ledger.finish_load",
}
_WAREHOUSE = "pipeline merge documents replay operations returns submissions aside changes checks_page"
_CHECKS = "suites runner page gx_import gx_rules gx_dialect"
_IMPORTED = (
    *(f"warehouse.{name}" for name in _WAREHOUSE.split()),
    *(f"expectations.{name}" for name in _CHECKS.split()),
    "duckdb",
    "multiprocessing.synchronize",
    "polars",
)
KINDS = ("kill", "disk", "error")
MOMENTS = ("before", "during", "after")
WORKS = ("load", "reprocess", "rollback")
STEPS_OF = {"load": tuple(STEPS), "reprocess": tuple(STEPS)[1:], "rollback": ("rename", "record")}
TMPFS_MB = 96
_PATIENCE = 120.0
_TICK = 100_000_000  # nanoseconds, several times what the clocks of files take
FIRST = ("ilacs_2018", "Brackenshire", date(2019, 5, 13))
LATER = (
    ("ilacs_2023", "Brackenshire", date(2024, 6, 10)),
    ("sif_2016", "Caldermouth", date(2016, 2, 1)),
    ("jtai", "Kestrelham", date(2018, 6, 4)),
)


@dataclass(frozen=True, slots=True)
class Fault:
    """One drawn fault.

    Attributes:
        work: what it breaks, one of `WORKS`.
        second: the fault that strikes the next attempt, if one does.
    """

    seed: int
    step: str
    kind: str
    moment: str
    delay: float
    work: str = "load"
    second: Fault | None = None

    @classmethod
    def draw(cls, seed: int) -> Fault:
        """Draw the fault of a seed."""
        rng = random.Random(seed)  # noqa: S311 - repeatable, not secret
        work = rng.choices(WORKS, (7, 2, 1))[0]
        drawn = cls._of(rng, seed, work)
        # What completes a rollback is a load.
        again = cls._of(rng, seed, "load" if work == "rollback" else work)
        return replace(drawn, second=again) if rng.random() < 0.25 else drawn

    @classmethod
    def _of(cls, rng: random.Random, seed: int, work: str) -> Fault:
        step, kind, moment = rng.choice(STEPS_OF[work]), rng.choice(KINDS), rng.choice(MOMENTS)
        return cls(seed, step, kind, moment, rng.uniform(0.0, 0.4), work)


class World:
    """The places of one run."""

    def __init__(self, root: Path) -> None:
        """Take a folder."""
        self.root = root

    def settings(self) -> Any:
        """Return its settings."""
        from warehouse.settings import Settings

        places = {name: str(self.root / name.lower()) for name in ("LANDING", "WAREHOUSE", "PUBLISHED")}
        values = {f"SAFEGUARDING_{name}": place for name, place in places.items()}
        return Settings.load(values | {"SAFEGUARDING_SETTLE_SECONDS": "0", "SAFEGUARDING_PROCESSES": "1"})

    def deposit(self, name: str, content: bytes) -> None:
        """Lay a settled file into the landing zone."""
        path = self.root / "landing" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    def deposit_later(self) -> None:
        """Lay down what the broken load is to take: new reports, a correction, a file nobody can read."""
        for number, (layout, place, start) in enumerate(LATER, 1):
            self.deposit(f"reports/{number}.txt", _text(layout, place, start))
        self.deposit("reports/0 corrected.txt", _text(*FIRST, good="leadership"))
        self.deposit("reports/broken.pdf", b"%PDF-1.7 made up and cut short")


def _text(layout: str, place: str, start: date, good: str | None = None) -> bytes:
    from warehouse.samples.content import authority_named, draw_truth
    from warehouse.samples.render import render_text

    return render_text(draw_truth(layout, 1, authority_named(place), start, {good: "good"} if good else {})).encode()


def drawn(runs: int, first_seed: int = 1) -> list[Fault]:
    """Return the faults of so many seeds."""
    return [Fault.draw(seed) for seed in range(first_seed, first_seed + runs)]


def every_step() -> list[Fault]:
    """Return each kind of fault at each step, once."""
    struck = [(work, step, kind) for work in WORKS for step in STEPS_OF[work] for kind in KINDS]
    return [Fault(n, step, kind, MOMENTS[n % 3], 0.05, work) for n, (work, step, kind) in enumerate(struck)]


def measure(faults: Sequence[Fault]) -> dict[str, Any]:
    """Make the runs and return what became of them.

    Args:
        faults: one run each.

    Returns:
        Counts by step and kind, and every run that left something wrong.
    """
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    for module in _IMPORTED:
        importlib.import_module(module)
    gc.freeze()  # else each process goes through, and so copies, all that it shares with this one
    started, wrong, counts = time.monotonic(), [], Counter()  # type: ignore[var-annotated]
    with tempfile.TemporaryDirectory(prefix="safeguarding-faults-") as folder:
        room = _mount(Path(folder) / "disk")
        try:
            stages = _prepare(Path(folder))
            for fault in faults:
                found = _run(fault, World(room / "world"), stages)
                counts[f"{fault.work} {fault.step} {fault.kind}"] += 1
                counts["struck twice"] += fault.second is not None
                counts[f"ended {found['ended']}"] += 1
                if found["wrong"]:
                    wrong.append({**asdict(fault), **found})
                    sys.stderr.write(f"{json.dumps(wrong[-1])}\n")
                if (done := fault.seed - faults[0].seed + 1) % 50 == 0:
                    sys.stderr.write(f"{done} runs in {time.monotonic() - started:.0f} s, {len(wrong)} wrong\n")
        finally:
            _unmount(room)
    return {
        "runs": len(faults),
        "first_seed": faults[0].seed,
        "wrong": wrong,
        "counts": dict(sorted(counts.items())),
        "real_full_disk": os.path.ismount(room) or room.name == "disk",
        "seconds": round(time.monotonic() - started, 1),
    }


def _mount(place: Path) -> Path:
    """Return a folder on a small disk of its own; where that may not be mounted, on the common one."""
    place.mkdir(parents=True)
    done = subprocess.run(  # noqa: S603
        ["mount", "-t", "tmpfs", "-o", f"size={TMPFS_MB}m", "tmpfs", str(place)],  # noqa: S607
        capture_output=True,
        check=False,
    )
    if done.returncode == 0:
        return place
    shared = place.with_name("shared-disk")
    shared.mkdir()
    return shared


def _unmount(place: Path) -> None:
    if os.path.ismount(place):
        subprocess.run(["umount", str(place)], check=False)  # noqa: S603, S607


@dataclass(frozen=True, slots=True)
class Stages:
    """Warehouses to start from, with the digests of their stars: before the load, after it, read otherwise."""

    template: Path
    whole: Path
    before: str
    after: str
    otherwise: str

    def of(self, work: str) -> tuple[Path, str, str]:
        """Return where a work starts, and its digest before and after it."""
        return {
            "load": (self.template, self.before, self.after),
            "reprocess": (self.whole, self.after, self.otherwise),
            "rollback": (self.whole, self.after, self.before),
        }[work]


def _prepare(folder: Path) -> Stages:
    """Publish the first version, elsewhere all of it, and elsewhere all of it read by other code."""
    from warehouse.samples.landing import make_landing

    template, whole, other = folder / "template", folder / "whole", World(folder / "otherwise")
    world = World(template)
    make_landing(template / "sample")
    for path in (template / "sample" / "reference").iterdir():
        world.deposit(f"reference/{path.name}", path.read_bytes())
    shutil.rmtree(template / "sample")
    world.deposit("reports/0.txt", _text(*FIRST))
    _must(_forked(lambda: _load(world)), "the first load")
    before = _digest(world)
    shutil.copytree(template, whole, symlinks=True)
    complete = World(whole)
    complete.deposit_later()
    _must(_forked(lambda: _load(complete)), "the whole load")
    shutil.copytree(whole, other.root, symlinks=True)
    _must(_forked(lambda: _reprocess(other)), "the whole reprocess")
    found = Stages(template, whole, before, _digest(complete), _digest(other))
    if len({found.before, found.after, found.otherwise}) != 3:
        raise SystemExit("found versions alike, expected three that differ")
    return found


def _must(status: int, what: str) -> None:
    if status not in (0, 10):
        raise SystemExit(f"{what}: found exit code {status}, expected 0 or 10")


def _run(fault: Fault, world: World, stages: Stages) -> dict[str, Any]:
    """Break one work, complete it with the next attempt, and say what was wrong."""
    start, before, after = stages.of(fault.work)
    shutil.rmtree(world.root, ignore_errors=True)
    shutil.copytree(start, world.root, symlinks=True)
    world.deposit_later()
    filler = world.root.parent / "filler"
    reader = _fork(lambda: _read_on(world, {before, after}))
    status = _forked(lambda: _broken(fault, world, filler))
    filler.unlink(missing_ok=True)
    if fault.second is not None:
        _forked(lambda: _broken(fault.second, world, filler))
        filler.unlink(missing_ok=True)
    os.kill(reader, signal.SIGTERM)
    seen = _wait(reader)
    wrong = [] if seen in (0, -signal.SIGTERM) else [f"the reader ended with {seen}"]
    if (left := _digest(world)) not in (before, after):
        wrong.append("the published file is neither the old version nor the new one")
    # A load completes a load, and takes up again what a rollback withdrew.
    after = stages.after if fault.work == "rollback" else after
    again = _forked(lambda: _reprocess(world) if fault.work == "reprocess" else _load(world))
    if again not in (0, 10):
        wrong.append(f"the next load ended with {again}")
    if _digest(world) != after:
        wrong.append("the next load did not complete the work")
    if _forked(lambda: _require_all_files(world)) != 0:
        wrong.append("a file was lost or loaded twice")
    return {"ended": status, "published": "old" if left == before else "new", "wrong": wrong}


def _broken(fault: Fault, world: World, filler: Path) -> int:
    """Do the work, with the fault built into its step."""
    module, _, name = STEPS[fault.step].partition(":")
    holder: Any = importlib.import_module(module)
    *outer, last = name.split(".")
    for part in outer:
        holder = getattr(holder, part)
    unbroken = getattr(holder, last)

    def broken(*args: Any, **kwargs: Any) -> Any:
        if fault.moment == "before":
            _strike(fault, filler)
        if fault.moment == "during":
            _strike_later(fault, filler)
        done = unbroken(*args, **kwargs)
        if fault.moment == "after":
            _strike(fault, filler)
        return done

    setattr(holder, last, broken)
    _rebind(unbroken, broken)
    return {"load": _load, "reprocess": _reprocess, "rollback": _roll_back}[fault.work](world)


def _rebind(unbroken: Callable[..., Any], broken: Callable[..., Any]) -> None:
    """Put the broken function wherever the unbroken one was imported by name."""
    for module in list(sys.modules.values()):
        if getattr(module, "__name__", "").startswith("warehouse"):
            for name, value in list(vars(module).items()):
                if value is unbroken:
                    setattr(module, name, broken)


def _strike(fault: Fault, filler: Path) -> None:
    if fault.kind == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if fault.kind == "error":
        raise OSError(errno.EIO, "drawn fault")
    _fill(filler)


def _strike_later(fault: Fault, filler: Path) -> None:
    """Kill or fill the disk while the step runs; an error can only come from the step itself."""
    if fault.kind == "error":
        signal.signal(signal.SIGALRM, _raise)
        signal.setitimer(signal.ITIMER_REAL, max(fault.delay, 1e-3))
    else:
        timer = threading.Timer(fault.delay, _strike, (fault, filler))
        timer.daemon = True
        timer.start()


def _raise(*_: object) -> None:
    raise OSError(errno.EIO, "drawn fault")


def _fill(filler: Path) -> None:
    """Fill the disk to the last byte; on a shared disk, forbid this process to let any file grow."""
    if not os.path.ismount(filler.parent):
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        return
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        for size in (1 << 20, 1 << 12, 1):
            with suppress(OSError):
                while True:
                    file.write(b"\0" * size)


def _load(world: World) -> int:
    from warehouse import pipeline
    from warehouse.faults import exit_code_of

    try:
        return int(pipeline.load(world.settings()).exit_code)
    except Exception as error:
        return exit_code_of(error)


def _reprocess(world: World) -> int:
    """Read all reports again, by code that leaves the last recommendation of each out."""
    from warehouse import documents, replay
    from warehouse.faults import exit_code_of

    lay_out = documents.lay_out_reports

    def otherwise(file: Any, parsed: Any, row: dict[str, Any]) -> Any:
        for report in parsed.reports:
            del report.recommendations[-1:]
        return lay_out(file, parsed, row)

    documents.lay_out_reports = otherwise
    replay.parser_version = lambda: "other code"  # type: ignore[attr-defined]
    try:
        return int(replay.reprocess(world.settings(), date(2000, 1, 1), date(2050, 1, 1), ["report"]).exit_code)
    except Exception as error:
        return exit_code_of(error)


def _roll_back(world: World) -> int:
    from warehouse import operations
    from warehouse.faults import exit_code_of

    try:
        operations.rollback(world.settings())
    except Exception as error:
        return exit_code_of(error)
    return 0


def _star(world: World) -> str:
    """Return the digest of all that a reader sees of the star, but for times and loads."""
    return star.digest(world.root / "published" / "safeguarding.duckdb")


def _digest(world: World) -> str:
    """Return the digest of the published star, read by a process of its own; its fault if it cannot be read."""
    reading, writing = os.pipe()

    def tell() -> int:
        os.write(writing, _star(world).encode())
        return 0

    status = _forked(tell)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        return pipe.read() if status == 0 else f"unreadable ({status})"


def _read_on(world: World, allowed: set[str]) -> int:
    """Read the published star whenever it may have changed, until told to stop; 3 at the first mixed answer.

    In between it only asks whether a reader would get the file, which takes no time: so it asks far oftener than
    it could read.
    """
    published = world.root / "published" / "safeguarding.duckdb"
    read = None
    while True:
        seen = _state(published)
        if seen != read:
            if _star(world) not in allowed:
                return 3
            # What has just been written may be written again within one tick of the file's clock.
            read = seen if time.time_ns() - seen[0][3] > _TICK else None
        time.sleep(0.004)


def _state(published: Path) -> tuple[tuple[int, ...], ...]:
    """Return what tells a published file, and a log beside it, from any other state of the two.

    Raises:
        OSError: there is no file, or somebody writes to it, so that no reader gets it.
    """
    with published.open("rb") as file:
        fcntl.lockf(file, fcntl.LOCK_SH | fcntl.LOCK_NB)  # as DuckDB does for a reader
        found = [os.fstat(file.fileno())]
    for log in (published.with_name(f"{published.name}.wal"), Path(f"{os.path.realpath(published)}.wal")):
        with suppress(FileNotFoundError):
            found.append(log.stat())
    return tuple((one.st_dev, one.st_ino, one.st_size, one.st_mtime_ns, one.st_ctime_ns) for one in found)


def _require_all_files(world: World) -> int:
    """Whether each file of the landing zone is in the archive and once in the published list of files."""
    import duckdb

    settings = world.settings()
    connection = duckdb.connect(str(settings.published_file), read_only=True)
    rows = connection.execute("SELECT landing_path, sha256, state FROM meta.source_file").fetchall()
    connection.close()
    states: dict[str, list[str]] = {}
    for path, _, state in rows:
        states.setdefault(path, []).append(state)
    for path in sorted(p for p in settings.landing.rglob("*") if p.is_file()):
        name = path.relative_to(settings.landing).as_posix()
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        kept = settings.warehouse / "archive" / sha256[:2] / sha256
        if len(states.get(name, [])) != 1 or not kept.exists() or kept.read_bytes() != path.read_bytes():
            return 1
    return 0


def _fork(work: Callable[[], int]) -> int:
    """Start a process that does some work and ends with its answer."""
    number = os.fork()
    if number:
        return number
    status = 70
    try:
        silent = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silent, 1)
        if not os.environ.get("SAFEGUARDING_FAULTS_ALOUD"):
            os.dup2(silent, 2)
        status = work()
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


def _forked(work: Callable[[], int]) -> int:
    return _wait(_fork(work))


def _wait(number: int) -> int:
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        ended, status = os.waitpid(number, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.005)
    os.kill(number, signal.SIGKILL)
    os.waitpid(number, 0)
    return -1000
