"""Fixtures that all tests share: places of their own, the command line, real data if it is there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from warehouse.settings import PREFIX, Settings

# As in the child processes that read returns and statistics. With more threads Polars 2.1 now and then
# panics ("assertion failed: i < self.len()") when it groups by identifiers of children (Categorical).
os.environ.setdefault("POLARS_MAX_THREADS", "1")

# The same examples every time, however busy the machine: what the tests say must not depend on luck.
# `HYPOTHESIS_PROFILE=search` draws others.
# A busy machine draws examples slowly: that is no fault of what is tested.
_UNTIMED = [HealthCheck.too_slow]
settings.register_profile("same", derandomize=True, deadline=None, database=None, suppress_health_check=_UNTIMED)
settings.register_profile("search", deadline=None, suppress_health_check=_UNTIMED)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))

ROOT = Path(__file__).resolve().parent.parent
CommandLine = Callable[..., "Said"]


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name made bytes by their argument (pytest numbers them): a ZIP holds the time, its bytes differ each run."""
    return argname if isinstance(val, bytes) and len(val) > 32 else None


@pytest.fixture(scope="session")
def test_data() -> Path:
    """Folder of real reports and statistics, which are not part of the project."""
    place = Path(os.environ.get(f"{PREFIX}TEST_DATA", ROOT.parent / "shared" / "data")).resolve()
    if not place.is_dir():
        pytest.skip(f"no real data at {place}; set {PREFIX}TEST_DATA")
    return place


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """Settings whose places are new folders, set in the environment for child processes too."""
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)
    for name in ("landing", "warehouse", "published"):
        monkeypatch.setenv(PREFIX + name.upper(), str(tmp_path / name))
    monkeypatch.setenv(f"{PREFIX}SETTLE_SECONDS", "0")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "landing").mkdir()
    yield Settings.load()


@dataclass(slots=True)
class Said:
    """What a command said and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON object on standard output."""
        return json.loads(self.out)


@pytest.fixture
def safeguarding(places: Settings, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> CommandLine:
    """Run the command line in this process: `safeguarding("query", "SELECT 1", "--json")`."""
    from warehouse import cli

    def run(*words: str) -> Said:
        monkeypatch.setattr(sys, "argv", ["safeguarding", *words])
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capfd.readouterr()
        return Said(int(ended.value.code or 0), said.out, said.err)

    return run


@pytest.fixture
def in_child(places: Settings) -> CommandLine:
    """Run Python code in a new process: `in_child("import warehouse.cli; ...")`."""

    def run(code: str, *words: str, timeout: float = 120) -> Said:
        done = subprocess.run(
            [sys.executable, "-c", code, *words], capture_output=True, text=True, timeout=timeout, check=False
        )
        return Said(done.returncode, done.stdout, done.stderr)

    return run
