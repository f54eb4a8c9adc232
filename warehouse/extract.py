"""Run the reading of untrusted files in child processes, so that a bad file costs only itself.

A PDF can make its parser abort, spin or ask for all memory there is. Each file is therefore read
by a child with limits on memory, processor and wall time; when a child dies, the file it was on
is reported as unreadable with the limit it hit, and a fresh child goes on with the rest.

Children are plain processes of the same interpreter. `multiprocessing` does not do here: inside
an Airflow task its `spawn` and `forkserver` re-import Airflow's own main and break, and `fork`
copies the locks of Polars' and DuckDB's threads in whatever state they are.

Messages from a child are unpickled with nothing but this project's own classes and a few plain
types allowed: what took over a child cannot run code in its parent.
"""

from __future__ import annotations

import datetime
import importlib
import io
import os
import pickle
import resource
import selectors
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from transforms.errors import WarehouseError
from warehouse.extract_worker import LENGTH, Fault, Limits, Parsed, parse_kept, read_and_parse

__all__ = ["Fault", "Job", "Limits", "Outcome", "Parsed", "parse_kept", "read_and_parse", "read_many"]

READ_AND_PARSE = "warehouse.extract_worker:read_and_parse"
PARSE_KEPT = "warehouse.extract_worker:parse_kept"

_FILES_A_CHILD = 8  # fewer are not worth another child's start
_PIPE = 16 * 1024  # bytes that any pipe holds
_LARGEST_ANSWER = 1 << 30
_START_SECONDS = 60.0
_F_SETPIPE_SZ = 1031
_PASSED_ON = ("PATH", "LANG", "LC_ALL", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "PYTHONDONTWRITEBYTECODE")
_STARTED_BY = "from warehouse.extract_worker import serve; serve()"


@dataclass(frozen=True, slots=True)
class Job:
    """One file to read.

    Attributes:
        id: whatever the caller knows it by.
        path: of the file; None when the payload holds all there is to work on.
        payload: further positional arguments of the work function, or what gives them when the
            job is handed out: many large ones need not be in memory together.
    """

    id: str
    path: str | None
    payload: tuple[Any, ...] | Callable[[], tuple[Any, ...]] = ()

    def packed(self) -> bytes:
        """Return it as it crosses to a child."""
        return pickle.dumps((self.path, self.payload() if callable(self.payload) else self.payload), 5)


@dataclass(slots=True)
class Outcome:
    """What became of one job: a value, or a fault.

    Attributes:
        id: of the job.
        value: what the work function returned.
        fault: why there is none.
        seconds: from when a child turned to it until its answer.
    """

    id: str
    value: Any = None
    fault: Fault | None = None
    seconds: float = 0.0


@dataclass(slots=True)
class _Child:
    """One running child and the jobs it was given; the first of them is the one it is on.

    Attributes:
        room: bytes that can be sent to it without its reading any of them.
        unread: bytes of its last job, of which it may not have read any yet.
    """

    process: subprocess.Popen[bytes]
    limits: Limits
    room: int = _PIPE
    ready: bool = False
    jobs: deque[Job] = field(default_factory=deque)
    unread: int = 0
    since: float = 0.0
    received: bytearray = field(default_factory=bytearray)
    retired: bool = False

    @property
    def is_timed(self) -> bool:
        """Whether something is due from it: its start or an answer."""
        return bool(self.jobs) or not self.ready

    @property
    def deadline(self) -> float:
        """When its patience ends: of the current job, or of its start."""
        return self.since + (self.limits.wall_seconds if self.ready else _START_SECONDS)

    def send(self, body: bytes) -> None:
        """Write one message; a child that died meanwhile shows at its other pipe."""
        with suppress(BrokenPipeError):
            _write_all(self.process.stdin.fileno(), LENGTH.pack(len(body)) + body)  # type: ignore[union-attr]

    def give(self, job: Job, body: bytes) -> None:
        """Hand it a job."""
        if not self.jobs:
            self.since = time.monotonic()
        self.jobs.append(job)
        self.unread = len(body) + LENGTH.size
        self.send(body)

    def end(self) -> None:
        """End it at once and wait for it."""
        with suppress(ProcessLookupError):
            self.process.kill()
        self.process.wait()
        self.process.stdin.close()  # type: ignore[union-attr]
        self.process.stdout.close()  # type: ignore[union-attr]


def read_many(
    jobs: Iterable[Job],
    work: str = READ_AND_PARSE,
    limits: Limits | None = None,
    processes: int | None = None,
) -> Generator[Outcome, None, None]:
    """Do all jobs in child processes, largest file first.

    Args:
        jobs: what to do. A job with a path calls `work(data, sha256, limits.reading, *payload)`,
            one without calls `work(*payload)`.
        work: `module:function`, importable in the child.
        limits: for each file.
        processes: children at most; processors that may be used unless given. Few jobs get fewer.

    Yields:
        One outcome a job, in the order they are finished. Closing the iterator early ends the
        children. It must be advanced by one thread: the system ends the children when the
        thread that started them ends.

    Raises:
        WarehouseError: children cannot be started, or do not find the work function.
    """
    waiting = deque(sorted(jobs, key=_size, reverse=True))
    if not waiting:
        return
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    most = max(1, min(processes or available, -(-len(waiting) // _FILES_A_CHILD)))
    pool = _Pool(work, limits or Limits(), waiting)
    try:
        yield from pool.run(most)
    finally:
        pool.end()


def _size(job: Job) -> int:
    try:
        return os.stat(job.path).st_size if job.path is not None else 0  # noqa: PTH116  # thousands of them
    except OSError:
        return 0


class _Pool:
    """The children of one `read_many` and what they still have to do."""

    def __init__(self, work: str, limits: Limits, waiting: deque[Job]) -> None:
        self.work = work
        self.limits = limits
        self.waiting = waiting
        self.children: list[_Child] = []
        self.selector = selectors.DefaultSelector()
        self.unpack = _Unpacker(work)
        self.packed: tuple[Job, bytes] | None = None
        self.panicked: set[str] = set()

    def run(self, most: int) -> Iterator[Outcome]:
        """Yield outcomes until nothing waits and no child is busy."""
        while self.waiting or any(child.jobs for child in self.children):
            for _ in range(min(most - len(self.children), len(self.waiting))):
                self._start()
            now = time.monotonic()
            next_deadline = min((c.deadline for c in self.children if c.is_timed), default=now + 1.0)
            outcomes: list[Outcome] = []
            for selected, _ in self.selector.select(max(0.0, next_deadline - now)):
                outcomes += self._hear(selected.data)
            now = time.monotonic()
            for child in [c for c in self.children if c.is_timed and now > c.deadline]:
                outcomes += self._bury(child, too_long=True)
            yield from outcomes
            # A child may have waited for us meanwhile to take its answer: not its own time.
            paused = time.monotonic() - now
            for child in self.children:
                child.since += paused

    def end(self) -> None:
        """End all children."""
        for child in self.children:
            child.end()
        self.children.clear()
        self.selector.close()

    def _start(self) -> None:
        try:
            # No `site`: all it would find is in the path already, and starting is faster without.
            process = subprocess.Popen(  # noqa: S603
                [sys.executable, "-S", "-P", "-c", _STARTED_BY],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,
                env=_environment(),
            )
        except OSError as error:
            raise WarehouseError(
                f"reading process: found {error.strerror}, expected {sys.executable} to start"
            ) from error
        room = _widen(process.stdin.fileno())  # type: ignore[union-attr]
        child = _Child(process, self.limits, room, since=time.monotonic())
        os.set_blocking(process.stdout.fileno(), False)  # type: ignore[union-attr]
        _widen(process.stdout.fileno())  # type: ignore[union-attr]
        self.children.append(child)
        self.selector.register(process.stdout, selectors.EVENT_READ, child)  # type: ignore[arg-type]
        child.send(pickle.dumps((self.work, self.limits, os.getpid()), 5))

    def _feed(self, child: _Child) -> None:
        """Keep a child in work: one job at hand, and one sent ahead where that cannot block."""
        while self.waiting and len(child.jobs) < 2 and not child.retired:
            job = self.waiting[0]
            if self.packed is None or self.packed[0] is not job:
                self.packed = job, job.packed()
            body = self.packed[1]
            # Both sides writing more than a pipe holds would wait for each other for ever.
            if child.jobs and child.unread + len(body) + LENGTH.size > child.room:
                return
            self.waiting.popleft()
            self.packed = None
            child.give(job, body)

    def _hear(self, child: _Child) -> Iterator[Outcome]:
        """Take what a child sent; it closed its end when it sent nothing."""
        try:
            block = os.read(child.process.stdout.fileno(), 1 << 20)  # type: ignore[union-attr]
        except BlockingIOError:
            return
        if not block:
            yield from self._bury(child)
            return
        child.received += block
        while len(child.received) >= LENGTH.size:
            length = LENGTH.unpack_from(child.received)[0]
            if length > _LARGEST_ANSWER:
                yield from self._bury(child, too_long=True)
                return
            if len(child.received) < LENGTH.size + length:
                return
            body = bytes(memoryview(child.received)[LENGTH.size : LENGTH.size + length])
            del child.received[: LENGTH.size + length]
            yield from self._answer(child, body)

    def _answer(self, child: _Child, body: bytes) -> Iterator[Outcome]:
        if not child.ready:
            kind, message = self.unpack(body)
            if kind != "ready":
                raise WarehouseError(f"reading process: found {message}, expected it to find its work")
            child.ready = True
            self._feed(child)
            return
        job = child.jobs.popleft()
        now = time.monotonic()
        outcome = Outcome(job.id, seconds=now - child.since)
        child.since = now
        try:
            kind, value, child.retired = self.unpack(body)
        except Exception as error:  # noqa: BLE001 - whatever a child that was taken over sends
            kind, child.retired = "fault", False
            value = Fault("parser_fault", f"answer: found {type(error).__name__}, expected plain values")
        if kind == "system":
            raise WarehouseError(
                f"reading process: found {value.message}, expected a disk that can be read and written"
            )
        if kind == "value":
            outcome.value = value
        else:
            outcome.fault = value
        if child.retired:
            self.waiting.extendleft(child.jobs)
            child.jobs.clear()
        if kind == "panic" and job.id not in self.panicked:
            # Some panics of Polars come and go: the file has one more try, in a fresh child.
            self.panicked.add(job.id)
            self.waiting.appendleft(job)
            return
        # Work goes out before the outcome is handed over, so that no child waits for the caller.
        self._feed(child)
        yield outcome

    def _bury(self, child: _Child, too_long: bool = False) -> Iterator[Outcome]:
        """Take leave of a child, blame the file it was on and give back what it did not begin."""
        self.selector.unregister(child.process.stdout)  # type: ignore[arg-type]
        self.children.remove(child)
        if too_long:
            child.end()
        code = child.process.wait()
        child.end()
        if not child.ready:
            raise WarehouseError(
                f"reading process: found it ended with {code} before it began, expected it to be ready"
            )
        if not child.jobs:
            return
        job = child.jobs.popleft()
        self.waiting.extendleft(reversed(child.jobs))
        yield Outcome(
            job.id,
            fault=Fault("unreadable_file", _death(code, too_long, self.limits)),
            seconds=time.monotonic() - child.since,
        )


def _death(code: int, too_long: bool, limits: Limits) -> str:
    """Say what ended a child, as far as its exit tells."""
    if too_long:
        return f"file: found content that takes more than {limits.wall_seconds:g} s to read, expected less (time limit)"
    if code == -signal.SIGXCPU:
        return f"file: found content that takes more than {limits.cpu_seconds} s of processor time, expected less"
    memory = f"{limits.memory_bytes >> 20:,} MB"
    if code in (-signal.SIGABRT, -signal.SIGTRAP, -signal.SIGILL, -signal.SIGKILL):
        name = signal.Signals(-code).name
        return (
            f"file: found content that ends its reader ({name}), most often by asking for more than {memory} of memory"
        )
    name = signal.Signals(-code).name if code < 0 else f"exit {code}"
    return f"file: found content that crashes its reader ({name}), expected a sound file"


def _environment() -> dict[str, str]:
    """What a child may know: where modules are, and nothing secret that its parent was given."""
    project = str(Path(__file__).resolve().parent.parent)
    path = [entry for entry in sys.path if entry]
    passed = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    return {**passed, "PYTHONPATH": os.pathsep.join(path if project in path else [*path, project])}


def _write_all(handle: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(handle, view) :]


def _widen(handle: int) -> int:
    """Let a whole message fit the pipe, so that neither side need wait for the other (Linux).

    Returns:
        Bytes the pipe holds for sure.
    """
    if sys.platform == "linux":
        import fcntl

        with suppress(OSError):
            # Two messages may leave a page between them half empty.
            return fcntl.fcntl(handle, _F_SETPIPE_SZ, 1 << 20) - 2 * resource.getpagesize()
    return _PIPE


class _Unpacker:
    """Unpickles answers, allowing plain types and the classes of this project's parsers only."""

    def __init__(self, work: str) -> None:
        own = work.partition(":")[0]

        class Restricted(pickle.Unpickler):
            def find_class(self, module: str, name: str) -> Any:
                if module == "datetime" and name in ("date", "datetime", "time", "timedelta", "timezone"):
                    return getattr(datetime, name)
                if module == "builtins" and name in ("set", "frozenset", "bytearray", "complex"):
                    return {"set": set, "frozenset": frozenset, "bytearray": bytearray, "complex": complex}[name]
                if module.startswith("transforms.") or module in ("warehouse.extract_worker", own):
                    found = getattr(importlib.import_module(module), name, None)
                    if isinstance(found, type) and found.__module__ == module:
                        return found
                raise pickle.UnpicklingError(f"{module}.{name}")

        self._unpickler = Restricted

    def __call__(self, body: bytes) -> Any:
        return self._unpickler(io.BytesIO(body)).load()
