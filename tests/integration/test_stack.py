"""The whole stack on this machine, with parts of it killed: every file is published once, and everyone is told.

One stack serves all steps, since starting it takes half a minute.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.integration.conftest import World, report_text
from warehouse import service, store
from warehouse.ledger import Ledger
from warehouse.settings import Settings

pytestmark = [pytest.mark.thorough, pytest.mark.airflow, pytest.mark.stack]
PATIENCE = 180.0
FIRST = date(2019, 1, 7)


@dataclass
class Stack:
    """A running stack over a world of its own, and what it has told people."""

    world: World
    heard: list[dict[str, Any]]
    address: str = ""
    dropped: int = 0
    token: str = ""
    environ: dict[str, str] = field(default_factory=dict)

    @property
    def settings(self) -> Settings:
        return self.world.settings

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command of ours as somebody at the machine would."""
        return subprocess.run(
            [sys.executable, "-m", "warehouse.cli", *arguments],
            env=self.environ, capture_output=True, text=True, check=True, timeout=PATIENCE,
        )  # fmt: skip

    def drop(self, *, folder: str = "reports", slowly: float = 0.0) -> None:
        """Write the next report into the landing zone, perhaps in pieces."""
        text = report_text("ilacs_2018", "Brackenshire", FIRST + timedelta(weeks=self.dropped), seed=self.dropped)
        path = self.world.landing / folder / f"{self.dropped}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8") as file:
            for start in range(0, len(text), 1 + len(text) // 8):
                file.write(text[start : start + 1 + len(text) // 8])
                file.flush()
                time.sleep(slowly / 8)
        self.dropped += 1

    def is_published(self) -> bool:
        """Whether all that was dropped is published."""
        if not self.settings.published_file.exists():
            return False
        (found,) = self.world.query("SELECT count(*) FROM bi.inspection")[0]
        return bool(found == self.dropped)

    def loads(self) -> list[str]:
        """The loads that published something, by the ledger."""
        with Ledger(self.settings.warehouse / "ledger.sqlite") as ledger:
            return [load["load_id"] for load in ledger.loads() if load["state"] == "published"]

    def ask(self, method: str, path: str, **values: Any) -> Any:
        """Ask the API server."""
        if not self.token:
            password = json.loads((service.home(self.settings) / "passwords.json").read_text())[service.USER]
            body = {"username": service.USER, "password": password}
            answer = httpx.post(f"{self.address}/auth/token", json=body, trust_env=False)
            self.token = answer.json()["access_token"]
        headers = {"Authorization": f"Bearer {self.token}"}
        answer = httpx.request(method, self.address + path, headers=headers, json=values or None, trust_env=False)
        assert answer.is_success, f"{path}: {answer.status_code} {answer.text[:500]}"
        return answer.json()

    def published_events(self) -> int:
        """How often those who wait for a new published version were woken."""
        (asset,) = self.ask("GET", "/api/v2/assets?name_pattern=published_warehouse")["assets"]
        return int(self.ask("GET", f"/api/v2/assets/events?asset_id={asset['id']}&limit=1")["total_entries"])

    def kill(self, part: str) -> None:
        """Kill one part, whose supervisor must start it again."""
        told = subprocess.run(
            [sys.executable, "-m", "supervisor.supervisorctl", "-c",
             str(service.home(self.settings) / "supervisord.conf"), "pid", part],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        os.kill(int(told.stdout), signal.SIGKILL)

    def kill_everything(self) -> None:
        """Kill all processes of the stack at once, as a power cut would."""
        for number, _ in service.left_behind(self.settings):
            with suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)


def wait(what: Callable[[], Any], told: str) -> Any:
    """Wait until something holds."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if found := what():
            return found
        time.sleep(0.3)
    pytest.fail(f"{told}: not within {PATIENCE:g} s")


@pytest.fixture
def heard() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A webhook on this machine and what it was sent."""
    bodies: list[dict[str, Any]] = []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/hook", bodies
    server.shutdown()
    server.server_close()


@pytest.fixture
def stack(world: World, heard: tuple[str, list[dict[str, Any]]]) -> Iterator[Stack]:
    """A stack that runs, on a free port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "SAFEGUARDING_"))}
    environ |= world.settings.environ() | {
        "SAFEGUARDING_SERVICE_PORT": str(port),
        "SAFEGUARDING_SETTLE_SECONDS": "1",
        "SAFEGUARDING_PUBLISH_BY_MINUTES": "1",
        "SAFEGUARDING_ALERT_WEBHOOK": heard[0],
    }
    made = Stack(World(world.root, Settings.load(environ)), heard[1], f"http://127.0.0.1:{port}", environ=environ)
    try:
        made.command("up")
        yield made
    finally:
        made.command("down")
        made.kill_everything()


def test_every_file_is_published_once_whatever_is_killed(stack: Stack) -> None:
    it_listens_here_only_and_asks_for_a_password(stack)
    a_new_file_is_published_and_told(stack)
    what_is_no_new_content_starts_nothing_and_dead_parts_come_back(stack)
    a_burst_is_one_load(stack)
    a_paused_dag_loses_nothing(stack)
    a_backfill_that_finds_nothing_wakes_nobody(stack)
    the_command_line_makes_backfills_too(stack)
    the_form_offers_what_a_run_takes(stack)
    a_power_cut_and_a_late_run_are_survived_and_told(stack)
    all_is_there_once(stack)
    going_down_leaves_no_process(stack)


def it_listens_here_only_and_asks_for_a_password(stack: Stack) -> None:
    for path in ("/api/v2/dags", "/api/v2/assets", "/api/v2/connections", "/api/v2/backfills?dag_id=reprocess"):
        assert httpx.get(stack.address + path, trust_env=False).status_code == 401
    wrong = {"username": service.USER, "password": "made up"}
    assert httpx.post(f"{stack.address}/auth/token", json=wrong, trust_env=False).status_code == 401
    ours = {number for number, _ in service.left_behind(stack.settings)}
    assert listening(ours) == {f"127.0.0.1:{stack.settings.service_port}"}
    assert set(service.parts(stack.settings).values()) == {"RUNNING"}
    for name in ("passwords.json", "jwt.key", "fernet.key", "session.key", "airflow.cfg"):
        assert (service.home(stack.settings) / name).stat().st_mode & 0o077 == 0


def listening(processes: set[int]) -> set[str]:
    """Return the addresses on which these processes listen, as /proc tells."""
    inodes = set()
    for number in processes:
        with suppress(OSError):
            inodes |= {str(link.readlink()) for link in Path(f"/proc/{number}/fd").iterdir() if link.is_symlink()}
    found = set()
    for name in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]:
            words = line.split()
            host, _, port = words[1].partition(":")
            if words[3] == "0A" and f"socket:[{words[9]}]" in inodes:
                shown = ".".join(str(b) for b in bytes.fromhex(host)[::-1]) if name == "tcp" else host
                found.add(f"{shown}:{int(port, 16)}")
    return found


def a_new_file_is_published_and_told(stack: Stack) -> None:
    wait(lambda: stack.settings.published_file.exists(), "the register")
    stack.drop()
    wait(stack.is_published, "a new file")
    wait(lambda: stack.published_events() == len(stack.loads()), "an event for each published version")


def what_is_no_new_content_starts_nothing_and_dead_parts_come_back(stack: Stack) -> None:
    before = len(stack.loads())
    first = stack.world.landing / "reports/0.txt"
    os.utime(first, (1, 1))
    first.rename(first.with_name("renamed.txt"))
    (first.parent / "copy.txt").write_bytes((first.parent / "renamed.txt").read_bytes())
    (first.parent / "unfinished.txt.part").write_text("half")
    stack.kill("triggerer")
    time.sleep(6)  # several looks of the watch, once it is back
    assert len(stack.loads()) == before
    stack.drop()
    wait(stack.is_published, "a file dropped while no triggerer ran")
    stack.kill("scheduler")
    stack.drop()
    wait(stack.is_published, "a file dropped while no scheduler ran")
    assert len(stack.loads()) == before + 2


def a_burst_is_one_load(stack: Stack) -> None:
    before = len(stack.loads())
    for _ in range(199):
        stack.drop(folder="reports/burst")
    stack.drop(folder="reports/burst", slowly=3.0)
    (stack.world.landing / "reports/burst/.ready").touch()
    wait(stack.is_published, "a burst")
    # A file that is written while the load reads is left for the next one, never read by halves.
    assert 1 <= len(stack.loads()) - before <= 2
    assert [body for body in stack.heard if body["kind"] == "quarantined"] == []


def a_paused_dag_loses_nothing(stack: Stack) -> None:
    stack.ask("PATCH", "/api/v2/dags/ingest_reports", is_paused=True)
    stack.drop()
    time.sleep(5)
    assert not stack.is_published()
    stack.ask("PATCH", "/api/v2/dags/ingest_reports", is_paused=False)
    wait(stack.is_published, "a file dropped while the DAG was paused")


def a_backfill_that_finds_nothing_wakes_nobody(stack: Stack) -> None:
    wait(lambda: stack.published_events() == len(stack.loads()), "an event for each published version")
    before = stack.published_events(), stack.settings.published_file.resolve()
    made = stack.ask(
        "POST", "/api/v2/backfills",
        dag_id="reprocess", from_date="2019-01-01T00:00:00Z", to_date="2019-02-02T00:00:00Z", max_active_runs=1,
        run_backwards=False, dag_run_conf={}, reprocess_behavior="none",
    )  # fmt: skip
    wait(lambda: stack.ask("GET", f"/api/v2/backfills/{made['id']}")["completed_at"], "a backfill")
    runs = stack.ask("GET", "/api/v2/dags/reprocess/dagRuns?run_type=backfill")["dag_runs"]
    assert {run["partition_key"]: run["state"] for run in runs} == {"2019-01": "success", "2019-02": "success"}
    assert (stack.published_events(), stack.settings.published_file.resolve()) == before


def the_command_line_makes_backfills_too(stack: Stack) -> None:
    before = stack.published_events(), stack.settings.published_file.resolve()
    words = ("airflow", "backfill", "create", "--dag-id", "reprocess", "--from-date", "2019-03-01",
             "--to-date", "2019-04-02", "--max-active-runs", "1")  # fmt: skip
    assert "2019-04" in stack.command(*words, "--dry-run").stdout
    stack.command(*words, "--dag-run-conf", '{"sources": ["report"], "all": true}')

    def made() -> dict[str, Any]:
        runs = stack.ask("GET", "/api/v2/dags/reprocess/dagRuns?run_type=backfill")["dag_runs"]
        return {run["partition_key"]: run for run in runs if run["partition_key"] in ("2019-03", "2019-04")}

    wait(lambda: {run["state"] for run in made().values()} == {"success"}, "a backfill from the command line")
    assert set(made()) == {"2019-03", "2019-04"}
    assert made()["2019-03"]["conf"] == {"sources": ["report"], "all": True}
    assert (stack.published_events(), stack.settings.published_file.resolve()) == before


def the_form_offers_what_a_run_takes(stack: Stack) -> None:
    offered = stack.ask("GET", "/api/v2/dags/reprocess/details")["params"]
    assert set(offered) == {"from", "to", "month", "sources", "dry_run", "all"}
    assert all(param["schema"]["title"] and param["description"] for param in offered.values())
    assert offered["from"]["schema"]["format"] == offered["to"]["schema"]["format"] == "date"
    # The form hands on every field, empty ones as null.
    empty = {name: param["value"] for name, param in offered.items()}
    wrong = {"logical_date": None, "conf": empty | {"sources": ["no_such"]}}
    headers = {"Authorization": f"Bearer {stack.token}"}
    path = f"{stack.address}/api/v2/dags/reprocess/dagRuns"
    assert httpx.post(path, headers=headers, json=wrong, trust_env=False).status_code == 400
    asked = empty | {"from": "2019-01-01", "to": "2019-12-31", "sources": ["report"], "dry_run": True}
    run = stack.ask("POST", "/api/v2/dags/reprocess/dagRuns", logical_date=None, conf=asked)["dag_run_id"]
    ended = wait(
        lambda: {"success", "failed"} & {stack.ask("GET", f"/api/v2/dags/reprocess/dagRuns/{run}")["state"]}, "a run"
    )
    assert ended == {"success"}


def a_power_cut_and_a_late_run_are_survived_and_told(stack: Stack) -> None:
    with store.writer_lock(stack.settings, "a test that holds up the run"):
        stack.drop()
        time.sleep(2)
        stack.kill_everything()
        wait(lambda: not service.is_running(stack.settings), "the end of all")
        stack.command("up")  # the file of the dead supervisor's number still lies there
        late = wait(lambda: [body for body in stack.heard if body["kind"] == "late"], "word of a late run")
    assert len(late) == 1
    assert "asset_triggered__" in late[0]["text"] or "scheduled__" in late[0]["text"]
    wait(stack.is_published, "a file dropped before a power cut")


def all_is_there_once(stack: Stack) -> None:
    states = stack.world.query(
        "SELECT sha256, count(*) FILTER (state = 'loaded') FROM meta.source_file "
        "WHERE source_kind = 'report' GROUP BY 1"
    )
    assert len(states) == stack.dropped
    assert {loaded for _, loaded in states} == {1}
    wait(lambda: stack.published_events() == len(stack.loads()), "an event for each published version")


def going_down_leaves_no_process(stack: Stack) -> None:
    numbers = [number for number, since in service.left_behind(stack.settings) if since]
    assert len(numbers) >= len(service.PARTS)
    stack.command("down")
    assert [number for number in numbers if service._since(number)] == []
    assert not service.is_running(stack.settings)
    assert stack.command("down").stdout == "it was not running\n"
