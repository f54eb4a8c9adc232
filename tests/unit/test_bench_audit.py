"""How `make audit` ends: nothing known, something known, and could not be looked up, each apart."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from bench import audit

CLEAN = {"name": "made-up", "version": "1.0", "vulns": []}
KNOWN = {"name": "made-up", "version": "1.0", "vulns": [{"id": "MADE-UP-1", "fix_versions": ["1.1"]}]}


def pip_audit(monkeypatch: pytest.MonkeyPatch, found: list[dict[str, Any]] | None, said: str = "") -> list[list[str]]:
    """Put a stub in pip-audit's place, which finds this or fails with these words."""
    asked: list[list[str]] = []

    def run(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        asked.append(command)
        if found is not None:
            Path(command[command.index("-o") + 1]).write_text(json.dumps({"dependencies": found, "fixes": []}))
        return subprocess.CompletedProcess(command, 1, "", said)

    monkeypatch.setattr(audit.subprocess, "run", run)
    return asked


def test_no_known_fault_ends_with_0(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    asked = pip_audit(monkeypatch, [CLEAN])
    assert audit.audit(["-s", "osv"]) == 0
    assert "1 locked versions looked up, 0 known" in capsys.readouterr().out
    assert asked[0][asked[0].index("-s") + 1] == "osv"


def test_a_known_fault_of_a_locked_version_ends_with_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pip_audit(monkeypatch, [CLEAN, KNOWN])
    assert audit.audit() == 1
    assert "made-up 1.0: MADE-UP-1, mended in: 1.1" in capsys.readouterr().out


@pytest.mark.parametrize(
    "said",
    [
        "ERROR:pip_audit._cli:made-up: Dependency not found on PyPI and could not be audited: made-up (1.0)",
        "Traceback (most recent call last):\nrequests.exceptions.ConnectionError: no route",
        "",
    ],
)
def test_not_looked_up(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], said: str) -> None:
    pip_audit(monkeypatch, None, said)
    assert audit.audit() == 3
    told = capsys.readouterr().err
    assert "could not all be looked up" in told and "-s osv" in told
    assert "Traceback" not in told


def test_the_makefile_runs_it() -> None:
    makefile = (audit.LOCK.parent / "Makefile").read_text("utf-8")
    assert "$(BIN)/python -m bench.audit $(ARGS)" in makefile
    assert audit.LOCK.is_file()
