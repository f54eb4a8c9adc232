"""Services on this machine, settings that lead to them, and a guard that lets nothing leave it."""

from __future__ import annotations

import ipaddress
import json
import os
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from tests.integration.fetch.service import Service
from warehouse.fetch import run
from warehouse.fetch.record import RECORD, Record, folder_of
from warehouse.settings import Settings


def _is_loopback(host: Any) -> bool:
    try:
        return ipaddress.ip_address(str(host)).is_loopback
    except ValueError:
        return host in ("localhost", None)


@pytest.fixture(autouse=True)
def nothing_leaves_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse every connection and every look-up of a name but those of this machine itself."""
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    connect, look_up = socket.socket.connect, socket.getaddrinfo

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX and not _is_loopback(address[0]):
            raise AssertionError(f"a test asked for a connection to {address}")
        connect(self, address)

    def guarded_look_up(host: Any, *rest: Any, **more: Any) -> Any:
        if not _is_loopback(host):
            raise AssertionError(f"a test asked for the address of {host}")
        return look_up(host, *rest, **more)

    monkeypatch.setattr(socket.socket, "connect", guarded)
    monkeypatch.setattr(socket.socket, "connect_ex", guarded)
    monkeypatch.setattr(socket, "getaddrinfo", guarded_look_up)


@pytest.fixture
def make_service() -> Iterator[Callable[[], Service]]:
    made: list[Service] = []

    def make() -> Service:
        made.append(Service())
        return made[-1]

    yield make
    for service in made:
        service.close()


@dataclass
class Fetching:
    """Two services (pages and files), settings that lead to them, and what becomes of the landing zone."""

    settings: Settings
    site: Service
    files: Service
    slept: list[float]

    def run(
        self, *sources: str, dry_run: bool = False, clock: Callable[[], float] = time.monotonic, **settings: Any
    ) -> run.FetchSummary:
        chosen = replace(self.settings, **settings)
        return run.fetch(chosen, sources, dry_run=dry_run, sleep=self.slept.append, clock=clock)

    def landed(self) -> dict[str, bytes]:
        """Return all that lies in the landing zone but the files that describe others."""
        root = self.settings.landing
        return {
            path.relative_to(root).as_posix(): path.read_bytes()
            for path in sorted(root.rglob("*"))
            if path.is_file() and path.suffix != ".json"
        }

    def beside(self, path: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.settings.landing / f"{path}.json").read_text(encoding="utf-8"))
        return found

    def log(self) -> list[tuple[str, str]]:
        """Return the last part of each address and its status, as recorded."""
        with Record(folder_of(self.settings) / RECORD) as record:
            rows = record._db.execute("SELECT url, status FROM fetch ORDER BY rowid").fetchall()
        return [(url.rpartition("/")[2], status) for url, status in rows]

    def partial(self) -> list[str]:
        folder = folder_of(self.settings) / "partial"
        return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


@pytest.fixture
def fetching(tmp_path: Path, make_service: Callable[[], Service]) -> Fetching:
    """Fetching from two services of this machine that publish nothing yet."""
    site, files = make_service(), make_service()
    settings = Settings.load(
        {
            "SAFEGUARDING_LANDING": str(tmp_path / "fetched/landing"),
            "SAFEGUARDING_WAREHOUSE": str(tmp_path / "fetched/warehouse"),
            "SAFEGUARDING_PUBLISHED": str(tmp_path / "fetched/published"),
            "SAFEGUARDING_SETTLE_SECONDS": "0",
            "SAFEGUARDING_FETCH": "on",
            "SAFEGUARDING_FETCH_OFSTED_URL": site.url(),
            "SAFEGUARDING_FETCH_OFSTED_SEARCH": "search?q=&start=0",
            "SAFEGUARDING_FETCH_STATISTICS_URL": site.url("/api"),
            "SAFEGUARDING_FETCH_STATISTICS_API_URL": site.url("/statistics"),
            "SAFEGUARDING_FETCH_PUBLICATIONS": "children-in-need",
            "SAFEGUARDING_FETCH_HOSTS": files.place,
            "SAFEGUARDING_FETCH_DELAY_SECONDS": "0",
            "SAFEGUARDING_FETCH_TIMEOUT_SECONDS": "10",
            "SAFEGUARDING_FETCH_RECHECK_DAYS": "0",
        }
    )
    settings.landing.mkdir(parents=True)
    return Fetching(settings, site, files, [])
