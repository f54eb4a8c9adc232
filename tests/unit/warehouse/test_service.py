"""The stack on one machine: what it is started with, and how what is left of it is found and ended."""

import json
import os
import shutil
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from warehouse import service
from warehouse.settings import Settings

EXAMPLES = Path(service.__file__).parent / "examples"


@pytest.fixture
def settings(tmp_path):
    found = Settings.load(
        {f"SAFEGUARDING_{n}": str(tmp_path / n.lower()) for n in ("LANDING", "WAREHOUSE", "PUBLISHED")}
    )
    service.home(found).mkdir(parents=True)
    return found


def session(settings, *, mark=True):
    """Start a process that leads a session with a child, as a supervisor does; return it and its child's number."""
    environ = {**os.environ, "AIRFLOW_HOME": str(service.home(settings)) if mark else "elsewhere"}
    script = (
        "import subprocess, sys\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "print(child.pid, flush=True)\nchild.wait()\n"
    )
    leader = subprocess.Popen(
        [sys.executable, "-c", script], env=environ, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    child = int(leader.stdout.readline())
    until = time.monotonic() + 10
    # A process that was started this moment does not show its environment yet.
    while not Path(f"/proc/{child}/environ").read_bytes() and time.monotonic() < until:
        time.sleep(0.01)
    (service.home(settings) / "supervisord.pid").write_text(str(leader.pid))
    return leader, child


def test_what_a_killed_supervisor_left_is_ended(settings):
    leader, child = session(settings)
    leader.kill()
    leader.wait()
    assert not service.is_running(settings)
    assert [number for number, _ in service.left_behind(settings)] == [child]
    assert service.down(settings) is True
    until = time.monotonic() + 10
    while service._since(child) and time.monotonic() < until:
        time.sleep(0.05)
    assert not service._since(child)
    assert service.down(settings) is False


def test_processes_of_something_else_are_left_alone(settings):
    leader, child = session(settings, mark=False)
    try:
        assert service.left_behind(settings) == []
        assert service.down(settings) is False
        assert service._since(child)
    finally:
        os.kill(child, 9)
        leader.kill()
        leader.wait()


@pytest.mark.parametrize("content", ["", "no number", "999999999"])
def test_a_file_that_names_no_process_names_nothing(settings, content):
    (service.home(settings) / "supervisord.pid").write_text(content)
    assert not service.is_running(settings)
    assert service.left_behind(settings) == []


def test_keys_are_made_once_and_for_this_user_only(settings, monkeypatch):
    monkeypatch.setenv("AIRFLOW__API_AUTH__JWT_SECRET", "known to others")
    first, second = service.environment(settings), service.environment(settings)
    assert first == second
    assert first["AIRFLOW__API_AUTH__JWT_SECRET"] != "known to others"
    assert first["AIRFLOW__API__HOST"] == "127.0.0.1"
    assert {path.stat().st_mode & 0o077 for path in service.home(settings).glob("*.key")} == {0}
    service._password(service.home(settings) / "passwords.json")
    assert len(json.loads((service.home(settings) / "passwords.json").read_text())[service.USER]) >= 16


def test_who_may_read_what_is_published_is_left_to_who_starts_the_stack(settings):
    before = os.umask(0o027)
    try:
        assert "umask = 027\n" in service._configuration(settings)
    finally:
        os.umask(before)


def test_a_container_that_is_told_to_stop_takes_the_stack_down(tmp_path):
    command = json.loads(
        next(line for line in (EXAMPLES / "Containerfile").read_text().splitlines() if "CMD [" in line)[4:]
    )
    said = tmp_path / "said"
    stub = tmp_path / "safeguarding"
    stub.write_text(f"#!/bin/sh\necho $1 >> {said}\n")
    stub.chmod(0o755)
    environ = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    shell = subprocess.Popen(
        [shutil.which("sh"), *command[1:]], env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    until = time.monotonic() + 10
    while not said.exists() and time.monotonic() < until:
        time.sleep(0.05)
    time.sleep(0.3)
    shell.terminate()
    assert shell.wait(10) == 0
    with suppress(ProcessLookupError):
        os.killpg(shell.pid, 9)  # a container's end would end the rest
    assert said.read_text().split() == ["up", "down"]


def test_a_deep_folder_is_spoken_to_by_a_short_name(tmp_path: Path) -> None:
    deep = tmp_path / ("deep" * 20) / ("deeper" * 10)
    settings = Settings.load({"SAFEGUARDING_WAREHOUSE": str(deep / "warehouse")})
    found = service._socket(settings)
    assert len(os.fsencode(found)) <= 100
    assert found == service._socket(settings)
    assert found.parent.stat().st_mode & 0o077 == 0
    found.parent.rmdir()
