"""The stack on one machine: what it is started with, and how what is left of it is found and ended."""

import json
import os
import shutil
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from transforms.errors import WarehouseError
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


@pytest.mark.parametrize(
    ("host", "reached_at"),
    [
        ("127.0.0.1", "http://127.0.0.1:8123"),
        ("0.0.0.0", "http://127.0.0.1:8123"),
        ("::", "http://[::1]:8123"),
        ("::1", "http://[::1]:8123"),
        ("192.0.2.7", "http://192.0.2.7:8123"),
        ("warehouse.example", "http://warehouse.example:8123"),
    ],
)
def test_tasks_reach_the_server_where_it_listens(settings, monkeypatch, host, reached_at):
    monkeypatch.setenv("AIRFLOW__API__PORT", "1")  # of another Airflow on this machine
    found = service.environment(replace(settings, service_host=host, service_port=8123))
    assert found["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"] == f"{reached_at}/execution/"
    assert (found["AIRFLOW__API__HOST"], found["AIRFLOW__API__PORT"]) == (host, "8123")


def test_a_key_is_written_whole_or_not_at_all(settings, monkeypatch):
    def die(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(service.secrets, "token_urlsafe", lambda _: "x" * 100)
        dying.setattr(Path, "replace", die)
        with pytest.raises(KeyboardInterrupt):
            service.environment(settings)
    assert len(service.environment(settings)["AIRFLOW__API_AUTH__JWT_SECRET"]) >= 32
    assert [path for path in service.home(settings).glob(".*") if path.name != ".fernet.key.next"] == []


def test_a_supervisor_of_another_place_is_not_taken_for_ours(settings):
    """Its number may be that of ours which died, and its place may end as ours does."""
    other = f"/elsewhere{service.home(settings)}/supervisord.conf"
    stranger = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)", "-c", other])
    try:
        until = time.monotonic() + 10
        while other.encode() not in Path(f"/proc/{stranger.pid}/cmdline").read_bytes() and time.monotonic() < until:
            time.sleep(0.01)  # a process that was started this moment does not show its command yet
        (service.home(settings) / "supervisord.pid").write_text(str(stranger.pid))
        assert not service.is_running(settings)
    finally:
        stranger.kill()
        stranger.wait()


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            "Traceback (most recent call last):\n  File 'x'\n"
            "sqlalchemy.exc.OperationalError: (sqlite3.OperationalError) unable to open database file\n"
            "[SQL: SELECT 1]\n(Background on this error at: https://sqlalche.me/e/20/e3q8)\n",
            "sqlalchemy.exc.OperationalError: (sqlite3.OperationalError) unable to open database file",
        ),
        ("one\nno exception here\n", "no exception here"),
        ("", "no word"),
    ],
)
def test_a_program_that_fails_is_told_by_its_reason(said, told):
    script = "import sys; sys.stderr.write(sys.argv[1]); sys.exit(3)"
    with pytest.raises(WarehouseError) as raised:
        service._run([sys.executable, "-c", script, said], dict(os.environ), "a program")
    assert str(raised.value) == f"a program: found exit code 3 ({told}), expected 0"


def test_only_parts_have_states(settings, monkeypatch):
    said = "scheduler   RUNNING   pid 4, uptime 0:00:09\nunix:///nowhere/supervisor.sock no such file\nerror: <x>\n"
    monkeypatch.setattr(service, "is_running", lambda _: True)
    monkeypatch.setattr(service.subprocess, "run", lambda *_, **__: subprocess.CompletedProcess([], 3, said, ""))
    assert service.parts(settings) == {"scheduler": "RUNNING"}


def test_a_stack_whose_parts_end_slowly_is_waited_for(settings):
    patience = [int(line.split("=")[1]) for line in service._configuration(settings).splitlines() if "stopwait" in line]
    assert len(patience) == len(service.PARTS)
    assert service._STOP_SECONDS > sum(patience)  # supervisord ends one group of programs after the other


@pytest.mark.parametrize("there", ["a file", "a link", "open to all"])
def test_a_folder_for_the_socket_that_is_not_ours_is_refused(tmp_path, monkeypatch, there):
    settings = Settings.load({"SAFEGUARDING_WAREHOUSE": str(tmp_path / ("deep" * 20) / ("deeper" * 10))})
    monkeypatch.setattr(service.tempfile, "gettempdir", lambda: str(tmp_path))
    place = service._socket(settings).parent
    place.rmdir()
    if there == "a file":
        place.write_text("")
    elif there == "a link":
        (tmp_path / "mine").mkdir(mode=0o700)
        place.symlink_to(tmp_path / "mine")
    else:
        place.mkdir()
        place.chmod(0o777)
    with pytest.raises(WarehouseError, match="of this user alone"):
        service._socket(settings)


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
