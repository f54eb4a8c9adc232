"""Child processes: a bad file costs only itself, and says which limit it met."""

import os
import signal
import subprocess
import sys
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

import pytest

from transforms.errors import WarehouseError
from warehouse.extract import Job, Limits, Outcome, read_many

Make = Callable[[Iterable[str]], list[Job]]
HERE = Path(__file__).parent
MISBEHAVE = "failing_work:misbehave"


@pytest.fixture(autouse=True)
def work_is_importable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(HERE))


@pytest.fixture
def make(tmp_path: Path) -> Make:
    def jobs(orders: Iterable[str]) -> list[Job]:
        made = []
        for n, order in enumerate(orders):
            path = tmp_path / f"{n:03}"
            path.write_text(order)
            made.append(Job(f"{n:03} {order}", str(path)))
        return made

    return jobs


def by_id(outcomes: Iterator[Outcome]) -> dict[str, Outcome]:
    found = {outcome.id: outcome for outcome in outcomes}
    return dict(sorted(found.items()))


def test_values_come_back_for_every_job(make: Make) -> None:
    jobs = make(f"file{n}" for n in range(40))
    outcomes = by_id(read_many(jobs, MISBEHAVE, processes=2))
    assert [outcome.value[0] for outcome in outcomes.values()] == [f"file{n}" for n in range(40)]
    assert all(outcome.fault is None for outcome in outcomes.values())


@pytest.mark.parametrize(
    ("order", "code", "reason"),
    [
        ("abort", "unreadable_file", "SIGABRT"),
        ("crash", "unreadable_file", "SIGSEGV"),
        ("allocate", "unreadable_file", "256 MB of memory"),
        ("leave", "unreadable_file", "exit 3"),
        ("refuse", "unreadable_file", "page 7: found nonsense, expected sense"),
        ("stumble", "parser_fault", "misbehave: the parser failed with KeyError"),
        ("panic", "parser_fault", "panic: the parser failed with PanicException"),
        ("exit", "parser_fault", "misbehave: the parser failed with SystemExit"),
        ("deep", "unreadable_file", "nested too deeply"),
        ("foreign", "parser_fault", "expected plain values"),
    ],
)
def test_a_bad_file_costs_only_itself(make: Make, order: str, code: str, reason: str) -> None:
    jobs = make(["good"] * 5 + [order] + ["good"] * 5)
    outcomes = by_id(read_many(jobs, MISBEHAVE, Limits(memory_bytes=256 << 20), processes=1))
    assert len(outcomes) == 11
    bad = outcomes.pop(f"005 {order}")
    assert (bad.value, bad.fault.code) == (None, code)
    assert reason in bad.fault.message
    assert "Joe Bloggs" not in bad.fault.message
    assert all(outcome.value[0] == "good" for outcome in outcomes.values())


def test_what_panics_once_has_one_more_try_in_a_fresh_child(make: Make, tmp_path: Path) -> None:
    orders = ["pid the largest file comes first " + "x" * 200, f"panics {tmp_path / 'made'}", "pid", "pid"]
    first, again, *rest = by_id(read_many(make(orders), MISBEHAVE, processes=1)).values()
    assert again.fault is None and again.value[0] == "panics"
    assert first.value not in {outcome.value for outcome in rest}


def test_a_disk_that_fails_is_blamed_on_no_file(make: Make) -> None:
    with pytest.raises(WarehouseError, match="No space left on device") as raised:
        list(read_many(make(["good", "full", "good"]), MISBEHAVE, processes=1))
    assert "must not travel" not in str(raised.value)


def test_processor_and_wall_time_are_limited(make: Make) -> None:
    # Processor time comes slowly on a busy machine: only the file that waits may meet the clock.
    spinning = by_id(read_many(make(["good", "spin", "good"]), MISBEHAVE, Limits(cpu_seconds=1, wall_seconds=60)))
    assert "1 s of processor time" in spinning["001 spin"].fault.message
    waiting = by_id(read_many(make(["good", "sleep", "good"]), MISBEHAVE, Limits(cpu_seconds=60, wall_seconds=4)))
    assert "more than 4 s" in waiting["001 sleep"].fault.message
    for outcomes in (spinning, waiting):
        assert [o.value[0] for o in outcomes.values() if o.fault is None] == ["good"] * 2


def test_a_child_that_ran_out_of_memory_is_replaced(make: Make) -> None:
    orders = ["pid the largest file comes first", "allocate", "pid"]
    outcomes = by_id(read_many(make(orders), MISBEHAVE, Limits(memory_bytes=256 << 20)))
    first, bad, last = outcomes.values()
    assert bad.fault is not None
    assert first.value != last.value


def test_every_file_may_be_bad(make: Make) -> None:
    outcomes = by_id(read_many(make(["abort"] * 12), MISBEHAVE, processes=2))
    assert len(outcomes) == 12
    assert all(outcome.fault for outcome in outcomes.values())


def test_what_a_library_prints_does_not_reach_the_answers(make: Make) -> None:
    outcomes = by_id(read_many(make(["print", "good"]), MISBEHAVE))
    assert [outcome.value[0] for outcome in outcomes.values()] == ["print", "good"]


def test_large_answers_and_large_payloads_pass(make: Make) -> None:
    jobs = [Job(job.id, job.path, ("y" * 500_000,)) for job in make(["large", "good", "large", "good"])]
    outcomes = by_id(read_many(jobs, MISBEHAVE, processes=1))
    assert len(outcomes["000 large"].value) == 5_000_000
    assert len(outcomes["003 good"].value[2]) == 500_000


def test_jobs_without_a_file_work_on_their_payload() -> None:
    outcomes = by_id(read_many([Job(str(n), None, (n,)) for n in range(5)], "failing_work:double"))
    assert [outcome.value for outcome in outcomes.values()] == [0, 2, 4, 6, 8]


def test_a_payload_may_be_made_when_its_job_is_handed_out() -> None:
    made: list[int] = []

    def payload(number: int) -> tuple[int]:
        made.append(number)
        return (number,)

    jobs = [Job(str(n), None, partial(payload, n)) for n in range(40)]
    outcomes = read_many(jobs, "failing_work:double", processes=1)
    assert next(outcomes).value == 0
    assert len(made) <= 4  # one is worked on, one waits, two may have been answered
    assert sorted(outcome.value for outcome in outcomes) == [2 * n for n in range(1, 40)]
    assert made == list(range(40))


def test_a_slow_caller_does_not_use_up_the_time_of_a_file(make: Make) -> None:
    found = []
    for outcome in read_many(make(["large"] * 6), MISBEHAVE, Limits(wall_seconds=1.0)):
        time.sleep(0.6)
        found.append(outcome.fault)
    assert found == [None] * 6


def test_files_that_are_none_are_told(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    jobs = [Job("absent", str(tmp_path / "absent")), Job("fifo", str(fifo)), Job("folder", str(tmp_path))]
    outcomes = by_id(read_many(jobs, MISBEHAVE, Limits(wall_seconds=10)))
    assert {outcome.fault.code for outcome in outcomes.values()} == {"unreadable_file"}
    assert "No such file" in outcomes["absent"].fault.message
    assert "no regular file" in outcomes["fifo"].fault.message


def test_a_child_is_told_nothing_secret(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "postgresql://user:password@host/db")
    (outcome,) = read_many(make(["environment"]), MISBEHAVE)
    assert "PYTHONPATH" in outcome.value
    assert not [name for name in outcome.value if "AIRFLOW" in name]


def test_unknown_work_is_our_fault_not_the_files(make: Make) -> None:
    with pytest.raises(WarehouseError, match="no_such_function"):
        list(read_many(make(["good"]), "failing_work:no_such_function"))


def test_no_jobs_start_no_child() -> None:
    assert list(read_many([], "failing_work:no_such_function")) == []


def test_leaving_early_ends_the_children(make: Make) -> None:
    outcomes = read_many(make(["pid the largest file comes first", "sleep", "sleep"]), MISBEHAVE)
    pid = next(outcomes).value
    os.kill(pid, 0)
    outcomes.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_children_end_with_their_parent(make: Make, tmp_path: Path) -> None:
    jobs = make(["pid xxxxxxxxxxxxxxxx", "sleep"])
    program = (
        "import sys, os, signal\n"
        "from warehouse.extract import Job, read_many\n"
        f"for o in read_many([Job('a', {jobs[0].path!r}), Job('b', {jobs[1].path!r})], {MISBEHAVE!r}):\n"
        "    print(o.value, flush=True)\n"
    )
    path = os.pathsep.join(entry for entry in sys.path if entry)
    parent = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": path}
    )
    child = int(parent.stdout.readline())
    os.kill(child, 0)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    for _ in range(100):
        if not Path(f"/proc/{child}").exists() or "Z" in Path(f"/proc/{child}/stat").read_text().split()[2]:
            break
        time.sleep(0.05)
    else:
        pytest.fail("the child outlived its parent")
    parent.stdout.close()


def bomb(path: Path, size: int) -> Path:
    """PDF whose one content stream unpacks to `size` bytes."""
    packer = zlib.compressobj(9)
    block = b"0 0 m " * (1 << 17)
    packed = b"".join(packer.compress(block) for _ in range(size // len(block))) + packer.flush()
    path.write_bytes(
        b"%%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R>>endobj\n"
        b"4 0 obj<</Length %d/Filter/FlateDecode>>stream\n"
        % len(packed)
        + packed
        + b"\nendstream endobj\ntrailer<</Root 1 0 R>>\n%%EOF"
    )
    return path


@pytest.mark.slow
def test_a_bomb_of_two_gigabytes_is_one_unreadable_file(make: Make, tmp_path: Path) -> None:
    jobs = [Job("bomb", str(bomb(tmp_path / "bomb.pdf", 2 << 30))), make(["a report in plain text"])[0]]
    outcomes = by_id(read_many(jobs, "failing_work:read_pdf"))
    assert outcomes["bomb"].fault.code == "unreadable_file"
    assert outcomes["000 a report in plain text"].value == 1


def test_children_import_nothing_heavy() -> None:
    program = "import warehouse.extract_worker, sys; print(' '.join(sys.modules))"
    path = os.pathsep.join(entry for entry in sys.path if entry)
    loaded = subprocess.run(
        [sys.executable, "-S", "-P", "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": path},
    ).stdout.split()
    heavy = {"polars", "duckdb", "pandas", "numpy", "airflow", "great_expectations", "lxml", "multiprocessing"}
    assert not heavy & set(loaded)
