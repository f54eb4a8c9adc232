"""A load that is killed, finds the disk full or shares the warehouse leaves it whole, and the next one completes it."""

from __future__ import annotations

import json
import os
import random
import resource
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from tests.integration.conftest import World, empty_world, report_text
from warehouse.ledger import Ledger

FILES = {
    f"reports/{n}.txt": report_text(layout, place, start, seed=n)
    for n, (layout, place, start) in enumerate(
        [
            ("ilacs_2018", "Brackenshire", date(2019, 5, 13)),
            ("ilacs_2023", "Brackenshire", date(2024, 6, 10)),
            ("sif_2016", "Caldermouth", date(2016, 2, 1)),
            ("jtai", "Kestrelham", date(2018, 6, 4)),
        ]
    )
}


def start_load(world: World, *, file_bytes: int | None = None) -> subprocess.Popen[bytes]:
    """Start a load as its own process, perhaps with a limit on the size of any file it writes."""
    environ = {**os.environ, **world.settings.environ()}
    return subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "warehouse.cli", "load", "--json"],
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=(lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, file_bytes)))
        if file_bytes
        else None,
    )


@dataclass(frozen=True)
class Begun:
    """A world with a first version of one report published, and the star that all of them must give."""

    world: World
    before: dict[str, list[tuple[object, ...]]]
    whole: dict[str, list[tuple[object, ...]]]

    def copy(self, root: Path) -> World:
        """Return a copy of that world in which all reports lie, those not yet loaded too."""
        copied = self.world.copy(root)
        for name, text in FILES.items():
            copied.deposit(name, text)
        return copied


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Begun:
    """Load all reports in one go, and in a world of its own the first of them."""
    unbroken = empty_world(tmp_path_factory.mktemp("unbroken"))
    for name, text in FILES.items():
        unbroken.deposit(name, text)
    unbroken.load()
    first = empty_world(tmp_path_factory.mktemp("first"))
    first.deposit("reports/0.txt", FILES["reports/0.txt"])
    first.load()
    found = Begun(first, first.star(), unbroken.star())
    assert found.before != found.whole
    return found


@pytest.mark.parametrize("seed", [1, 2, *(pytest.param(n, marks=pytest.mark.thorough) for n in range(3, 9))])
def test_a_killed_load_leaves_the_old_version_and_the_next_completes_it(
    begun: Begun, tmp_path: Path, seed: int
) -> None:
    world = begun.copy(tmp_path)
    process = start_load(world)
    with suppress(subprocess.TimeoutExpired):
        process.communicate(timeout=random.Random(seed).uniform(0.1, 14.0))
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert world.star() in (begun.before, begun.whole)
    summary = world.load()
    assert summary.exit_code == 0
    assert world.star() == begun.whole
    states = world.query("SELECT state, count(*) FROM meta.source_file WHERE source_kind = 'report' GROUP BY 1")
    assert states == [("loaded", len(FILES))]


@pytest.mark.parametrize("file_bytes", [2_000, 600_000, 2_000_000])
def test_a_full_disk_leaves_the_old_version_and_says_so(begun: Begun, tmp_path: Path, file_bytes: int) -> None:
    world = begun.copy(tmp_path)
    process = start_load(world, file_bytes=file_bytes)
    _, errors = process.communicate()
    assert process.returncode == 13, errors.decode()[-2000:]
    assert b"Traceback" not in errors
    assert world.star() == begun.before
    assert not list((world.settings.warehouse / "builds").glob("*"))
    assert world.load().exit_code == 0
    assert world.star() == begun.whole


def test_two_loads_at_once_are_one_after_the_other(begun: Begun, tmp_path: Path) -> None:
    world = begun.copy(tmp_path)
    processes = [start_load(world) for _ in range(2)]
    answers = [json.loads(process.communicate()[0]) for process in processes]
    assert [process.returncode for process in processes] == [0, 0]
    assert {answer["state"] for answer in answers} <= {"published", "unchanged"}
    assert world.star() == begun.whole


def test_a_lock_of_a_dead_process_is_free(world: World) -> None:
    from warehouse import store

    holder = subprocess.Popen(  # noqa: S603
        [
            sys.executable,
            "-c",
            "import sys, time\nfrom warehouse import store\nfrom warehouse.settings import Settings\n"
            "with store.writer_lock(Settings.load(), 'test'):\n    print('held', flush=True)\n    time.sleep(600)\n",
        ],
        env={**os.environ, **world.settings.environ()},
        stdout=subprocess.PIPE,
    )
    assert holder.stdout and holder.stdout.readline() == b"held\n"
    from dataclasses import replace

    from transforms.errors import WarehouseBusyError

    impatient = replace(world.settings, lock_seconds=0.2)
    with pytest.raises(WarehouseBusyError, match=f"process {holder.pid}"), store.writer_lock(impatient, "other"):
        pytest.fail("the lock was given twice")
    holder.kill()
    holder.communicate()
    with store.writer_lock(impatient, "other"):
        pass


def test_a_stale_log_beside_the_published_file_stops_the_switch(world: World) -> None:
    from transforms.errors import WarehouseError

    world.deposit("reports/0.txt", FILES["reports/0.txt"])
    world.load()
    before = world.star()
    log = world.settings.published_file.with_name("safeguarding.duckdb.wal")
    log.write_bytes(b"left by somebody")
    world.deposit("reports/1.txt", FILES["reports/1.txt"])
    with pytest.raises(WarehouseError, match="write-ahead log"):
        world.load()
    log.unlink()
    assert world.star() == before
    assert world.load().state == "published"


@pytest.mark.thorough
def test_each_kind_of_fault_at_each_step_leaves_all_whole() -> None:
    # In a process of its own: it forks, which a test runner with threads must not.
    script = "import json, sys\nfrom bench import faults\njson.dump(faults.measure(faults.every_step()), sys.stdout)\n"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)  # noqa: S603
    found = json.loads(done.stdout)
    assert found["wrong"] == []
    assert found["runs"] == 51
    assert found["counts"]["ended -9"] == 17  # each kill struck


def start(world: World, *words: str) -> subprocess.Popen[bytes]:
    """Start a command as its own process."""
    environ = {**os.environ, **world.settings.environ()}
    command = [sys.executable, "-m", "warehouse.cli", *words]
    return subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


@pytest.mark.thorough
def test_load_reprocess_rebuild_and_rollback_at_once_take_turns(begun: Begun, tmp_path: Path) -> None:
    world = begun.copy(tmp_path)
    (world.landing / "reports/1.txt").unlink()
    world.load()  # so that there is a version to roll back to
    world.deposit("reports/1.txt", FILES["reports/1.txt"])
    span = ("--from", "2000-01-01", "--to", "2050-01-01")
    commands = [("load",), ("reprocess", *span), ("rebuild",), ("rollback",), ("load",)]
    started = [start(world, *words, "--json") for words in commands]
    for words, process in zip(commands, started, strict=True):
        _, errors = process.communicate()
        # A rollback may find that a rebuild has just been published; nothing else may fail.
        assert process.returncode == 0, (words, errors.decode()[-2000:])
    world.load()
    assert world.star() == begun.whole
    states = world.query("SELECT state, count(*) FROM meta.source_file WHERE source_kind = 'report' GROUP BY 1")
    assert states == [("loaded", len(FILES))]


def test_who_waits_for_the_lock_says_for_whom(world: World) -> None:
    from warehouse import store

    world.deposit("reports/0.txt", FILES["reports/0.txt"])
    world.load()
    world.deposit("reports/1.txt", FILES["reports/1.txt"])
    world.load()
    with store.writer_lock(world.settings, "the nightly load of a test"):
        waiting = start(world, "rollback")
        assert waiting.stderr
        line = waiting.stderr.readline()
        assert b"the nightly load of a test" in line and str(os.getpid()).encode() in line
        assert waiting.poll() is None
    waiting.communicate()
    assert waiting.returncode == 0


@pytest.mark.slow
def test_a_load_that_is_told_to_end_undoes_and_records_what_was_under_way(begun: Begun, tmp_path: Path) -> None:
    world = begun.copy(tmp_path)
    process = start_load(world)
    ledger_file = world.settings.warehouse / "ledger.sqlite"

    def loads() -> dict[str, list[str]]:
        with Ledger(ledger_file) as ledger:
            found = ledger.loads()
        return {state: [load["load_id"] for load in found if load["state"] == state] for state in ("running", "failed")}

    until = time.monotonic() + 60
    while not loads()["running"] and process.poll() is None and time.monotonic() < until:
        time.sleep(0.02)
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 143
    assert loads()["running"] == [] and len(loads()["failed"]) == 1
    assert not list((world.settings.warehouse / "staging").glob("*"))
    assert not list((world.settings.warehouse / "builds").glob("*"))
    world.load()
    assert world.star() == begun.whole
