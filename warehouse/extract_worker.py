"""The child side of `warehouse.extract`: reads untrusted files, one after another, under limits.

Imports only the standard library, PDFium and the parsers: a child starts in about 0.15 s and
stays small. It speaks pickles, each after its length, over its standard input and output; what
a library prints goes nowhere.
"""

from __future__ import annotations

import gc
import importlib
import os
import pickle
import resource
import signal
import stat
import struct
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256 as digest_of
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from transforms.errors import InputError, UnreadableFileError
from transforms.readers import ReadingLimits
from warehouse.faults import is_of_the_disk

if TYPE_CHECKING:
    from transforms.authorities import Register
    from transforms.official_list import OfficialList
    from transforms.reading.document import Document, TextColumns
    from transforms.reports.model import Report

LENGTH = struct.Struct("<Q")
_COLLECT_EVERY = 16  # files between two collections of garbage
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class Limits:
    """What the reading of one file may use.

    Attributes:
        memory_bytes: address space beyond what the child holds when it starts on the file.
        cpu_seconds: of processor time.
        wall_seconds: from start to answer; watched by the parent.
        reading: sizes of the file and of what is in it.
    """

    memory_bytes: int = 1024 * 1024 * 1024
    cpu_seconds: int = 60
    wall_seconds: float = 120.0
    reading: ReadingLimits = field(default_factory=ReadingLimits)


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a file, or what is in it, could not be read.

    Attributes:
        code: `unreadable_file`, `unknown_source`, `layout`, `contract`, or `parser_fault` when
            our own code failed.
        message: place, found, expected.
    """

    code: str
    message: str


@dataclass(slots=True)
class Parsed:
    """What one file gave.

    Attributes:
        sha256: of its bytes.
        kind, page_count, title: of the document.
        reports: what was read; empty where there is a fault.
        text: its text for keeping, if that was asked for.
        fault: why a readable document could not be parsed.
    """

    sha256: str
    kind: str
    page_count: int
    title: str | None = None
    reports: list[Report] = field(default_factory=list)
    text: TextColumns | None = None
    fault: Fault | None = None


def fault_of(error: InputError) -> Fault:
    """Give an input error its code: the name of its class in snake case, without `Error`."""
    name = type(error).__name__.removesuffix("Error") or "Input"
    code = "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")
    return Fault(code, str(error))


def read_and_parse(
    data: bytes,
    sha256: str,
    limits: ReadingLimits,
    register_paths: tuple[str, ...] = (),
    want_text: bool = True,
) -> Parsed:
    """Read one file and parse the reports in it: the work of a load.

    Args:
        data: the whole file.
        sha256: of `data`.
        limits: sizes beyond which it is refused.
        register_paths: further CSV files of authorities, as `load_register` takes them.
        want_text: whether the text is to be kept.

    Raises:
        UnreadableFileError: the file cannot be read at all.
    """
    from transforms.readers import read_document
    from transforms.reading.document import TextColumns

    document = read_document(data, sha256, limits)
    parsed = _parse(document, register_paths)
    parsed.text = TextColumns.of(document) if want_text else None
    return parsed


def parse_kept(text: TextColumns, register_paths: tuple[str, ...] = ()) -> Parsed:
    """Parse a document whose text is at hand; its file is not opened."""
    return _parse(text.document(), register_paths)


def _parse(document: Document, register_paths: tuple[str, ...]) -> Parsed:
    from transforms.reports import parse_document

    parsed = Parsed(document.sha256, document.kind, document.page_count, document.title)
    try:
        parsed.reports = parse_document(document, register_at(register_paths))
    except InputError as error:
        parsed.fault = fault_of(error)
    return parsed


def read_outcomes(
    data: bytes, sha256: str, limits: ReadingLimits, register_paths: tuple[str, ...] = ()
) -> OfficialList:
    """Read one official list of inspection outcomes.

    Raises:
        InputError: it cannot be read, or holds no such table.
    """
    from transforms.official_list import read_official_list

    return read_official_list(data, sha256, register_at(register_paths))


_REGISTERS: dict[tuple[str, ...], Register] = {}


def register_at(paths: tuple[str, ...]) -> Register:
    """Load the register once a process."""
    if paths not in _REGISTERS:
        from transforms.authorities import load_register

        _REGISTERS[paths] = load_register(tuple(Path(path) for path in paths))
    return _REGISTERS[paths]


def read_file(path: str, limits: ReadingLimits) -> bytes:
    """Read a regular file whole.

    Raises:
        UnreadableFileError: it is no regular file, too large, or cannot be opened.
    """
    try:
        # Without O_NONBLOCK opening a named pipe would wait for a writer for ever.
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(handle, "rb") as file:
            found = os.fstat(handle)
            if not stat.S_ISREG(found.st_mode):
                raise UnreadableFileError("file: found no regular file, expected one")
            if found.st_size > limits.max_bytes:
                raise UnreadableFileError(f"file: found {found.st_size:,} bytes, expected at most {limits.max_bytes:,}")
            return file.read()
    except OSError as error:
        if is_of_the_disk(error):
            raise
        raise UnreadableFileError(f"file: found {error.strerror or error}, expected a file that can be read") from error


def send(stream: BinaryIO, value: Any) -> None:
    """Write one message."""
    body = pickle.dumps(value, 5)
    stream.write(LENGTH.pack(len(body)) + body)
    stream.flush()


def receive(stream: BinaryIO) -> Any:
    """Read one message from our own parent; None at the end."""
    head = stream.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    return pickle.loads(stream.read(LENGTH.unpack(head)[0]))  # noqa: S301  # our own parent wrote it


def serve() -> None:
    """Answer jobs until the parent closes the stream; what `extract` starts children with."""
    jobs, answers = _take_streams()
    work_name, limits, parent = receive(jobs)
    _die_with(parent)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        module, _, name = work_name.partition(":")
        work: Callable[..., Any] = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        send(answers, ("broken", f"{work_name}: {type(error).__name__}: {error}"))
        return
    send(answers, ("ready", None))
    gc.freeze()
    gc.disable()
    baseline = _address_space()
    done = 0
    while (job := receive(jobs)) is not None:
        _limit(limits)
        kind, value = _run(work, job, limits)
        done += 1
        if done % _COLLECT_EVERY == 0:
            gc.collect()
        # A child that ran out of memory or did not give it back, or in whose libraries something
        # panicked, makes way for a fresh one.
        retires = kind in ("memory", "panic") or _address_space() > baseline + limits.memory_bytes // 2
        send(answers, (kind, value, retires))
        if retires:
            return
        del value, job


def _take_streams() -> tuple[BinaryIO, BinaryIO]:
    """Keep the pipes to the parent for messages; give everyone else nothing to read and write."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides what an interrupt means
    jobs, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    return jobs, answers


def _die_with(parent: int) -> None:
    """Have the system end this process when its parent ends, however that happens (Linux)."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def _address_space() -> int:
    try:
        with Path("/proc/self/statm").open("rb") as file:
            return int(file.read().split()[0]) * resource.getpagesize()
    except OSError:
        return 0


def _limit(limits: Limits) -> None:
    """Set this file's share of processor time and address space."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    cpu = int(used.ru_utime + used.ru_stime) + 1 + limits.cpu_seconds
    resource.setrlimit(resource.RLIMIT_CPU, (cpu if hard == resource.RLIM_INFINITY else min(cpu, hard), hard))
    space = _address_space()
    if space:
        hard = resource.getrlimit(resource.RLIMIT_AS)[1]
        most = space + limits.memory_bytes
        resource.setrlimit(resource.RLIMIT_AS, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


def _run(work: Callable[..., Any], job: tuple[str | None, tuple[Any, ...]], limits: Limits) -> tuple[str, Any]:
    """Do one job.

    Returns:
        `value` with what the work returned, or `fault`, or `memory` with a `Fault`, or `panic` with one where
        a library gave up, or `system` with one where the disk failed.
    """
    path, payload = job
    try:
        if path is None:
            return "value", work(*payload)
        data = read_file(path, limits.reading)
        return "value", work(data, digest_of(data).hexdigest(), limits.reading, *payload)
    except InputError as error:
        return "fault", fault_of(error)
    except MemoryError:
        gc.collect()
        return "memory", Fault(
            "unreadable_file",
            f"file: found content that needs more than {limits.memory_bytes >> 20:,} MB of memory, expected less",
        )
    except RecursionError:
        return "fault", Fault("unreadable_file", "file: found content nested too deeply, expected a report")
    except Exception as error:  # noqa: BLE001
        if is_of_the_disk(error):
            return "system", Fault("system_fault", getattr(error, "strerror", None) or "the disk failed")
        # A fault of ours costs this file only, and is told as ours.
        return "fault", Fault("parser_fault", _where(error))
    except BaseException as error:  # noqa: BLE001
        # A panic of Polars or Calamine is no `Exception`, and what it says may quote a value.
        return "panic", Fault("parser_fault", _where(error))


def _where(error: BaseException) -> str:
    """Name what failed and where in our code; never the value it failed on."""
    place = "?"
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        place = f"{Path(code.co_filename).name}:{trace.tb_lineno} {code.co_name}"
        trace = trace.tb_next
    return f"{place}: the parser failed with {type(error).__name__}, expected a result or a reason"
