"""The nightly DAG: what it declares, and that it does the stages in order and ends as they do."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
LIGHT = {
    "airflow.sdk",
    "airflow.sdk.exceptions",
    "transforms.errors",
    "warehouse.settings",
    "warehouse.sources",
    "warehouse.triggers",
}


@pytest.mark.parametrize("path", sorted((ROOT / "dags").glob("*.py")), ids=lambda path: path.name)
def test_dag_files_import_nothing_slow_when_parsed(path: Path) -> None:
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        for name in names:
            assert name in LIGHT or name.split(".")[0] in sys.stdlib_module_names, f"{path.name}:{node.lineno}"


def test_a_folder_of_dags_ignores_what_is_no_dag() -> None:
    assert "_*.py" in (ROOT / "dags/.airflowignore").read_text(encoding="utf-8").splitlines()


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What `scenarios.py` tells of all runs."""
    place = tmp_path_factory.mktemp("nightly")
    names = ("landing", "warehouse", "published")
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("SAFEGUARDING_", "AIRFLOW"))}
    environ |= {f"SAFEGUARDING_{name.upper()}": str(place / name) for name in names}
    # Another Airflow's settings on the same machine must not be touched, nor obeyed.
    environ["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"] = "postgresql://nowhere.invalid/airflow"
    environ["AIRFLOW__CORE__DAGS_FOLDER"] = str(place / "no dags here")
    environ |= {"AIRFLOW_HOME": str(place / "elsewhere"), "HOME": str(place / "home")}
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("scenarios.py"))],
        env=environ, cwd=place, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    assert not (place / "elsewhere").exists()
    assert sorted(path.name for path in place.iterdir()) == ["warehouse"]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.airflow
def test_the_folder_declares_one_sound_dag(told: dict[str, Any]) -> None:
    shape = told["shape"]
    assert shape["import_errors"] == {}
    assert shape["dags"] == ["ingest_reports", "reprocess"]
    assert 60 < shape["fetch_minutes"] < 120  # a server that never ends its answer holds up no night
    assert shape["tasks"] == ["build", "check", "discover", "fetch", "parse", "publish"]
    assert shape["mapped"] == ["parse"]
    assert shape["catchup"] is False
    assert shape["max_active_runs"] == 1
    assert shape["outlets"] == ["published_warehouse"]
    assert shape["assets"] == ["landing_zone"]
    assert shape["at"] == ["0 2 * * *", "Europe/London"]


@pytest.mark.airflow
def test_one_writer_at_a_time(told: dict[str, Any]) -> None:
    writers = {name for name, pool in told["shape"]["pools"].items() if pool == "warehouse_writer"}
    assert writers == {"discover", "build", "check", "publish"}
    assert told["shape"]["slots"] == 1


@pytest.mark.airflow
def test_only_what_can_succeed_is_tried_again(told: dict[str, Any]) -> None:
    assert {name for name, action in told["shape"]["retries"].items() if action == "retry"} == {
        "WarehouseBusyError",
        "OSError",
    }
    assert {action for action in told["shape"]["retries"].values()} == {"retry", "fail"}


@pytest.mark.airflow
@pytest.mark.parametrize(
    ("scenario", "code", "called", "failed"),
    [
        ("loaded", 0, "discover parse[0] parse[1] parse[2] build check publish", None),
        ("quarantined", 10, "discover parse[0] build check publish", None),
        ("nothing new", 0, "discover", None),
        ("published meanwhile", 0, "discover parse[0] build check publish", None),
        ("input", 10, "discover", "discover"),
        ("check", 11, "discover parse[0] build check", "check"),
        ("engine", 12, "discover parse[0] build", "build"),
        ("warehouse", 13, "discover parse[0] build check publish", "publish"),
        ("fault of ours", 1, "discover parse[0]", "parse[0]"),
        ("busy, then free", 0, "discover parse[0] build check publish publish publish", None),
        ("fetched", 0, "fetch discover parse[0] parse[1] parse[2] build check publish", None),
        ("fetching fails", 0, "fetch discover parse[0] build check publish", None),
    ],
)
def test_a_run_ends_as_its_stages_do(
    told: dict[str, Any], scenario: str, code: int, called: str, failed: str | None
) -> None:
    run = told["scenarios"][scenario]
    assert run["exit_code"] == code
    assert sorted(run["called"]) == sorted(called.split())
    assert run["called"][0] == called.split()[0]
    assert run["called"][-1] == called.split()[-1]
    assert run["run"]["failed_task"] == failed
    assert run["run"]["state"] == ("failed" if failed else "success")


@pytest.mark.airflow
def test_who_waits_for_a_new_version_is_woken_only_where_there_is_one(told: dict[str, Any]) -> None:
    woken = {name: run["woken"] for name, run in told["scenarios"].items()}
    published = {"loaded", "quarantined", "busy, then free", "fetched", "fetching fails", "fetching breaks"}
    assert woken == {name: int(name in published) for name in woken}


@pytest.mark.airflow
def test_a_failed_fetch_is_told_and_stops_nothing(told: dict[str, Any]) -> None:
    runs = {name: told["scenarios"][name]["run"] for name in ("loaded", "fetched", "fetching fails", "fetching breaks")}
    assert [run["tasks"]["fetch"] for run in runs.values()] == ["skipped", "success", "success", "failed"]
    assert {run["tasks"]["publish"] for run in runs.values()} == {"success"}
    assert runs["fetched"]["stages"]["fetch"]["files_failed"] == 1
    assert runs["fetching fails"]["stages"]["fetch"] == {"exit_code": 13}
    assert told["scenarios"]["fetching breaks"]["called"][-1] == "publish"


@pytest.mark.airflow
def test_a_failed_load_is_recorded_once_with_its_reason(told: dict[str, Any]) -> None:
    recorded = {name: run["recorded"] for name, run in told["scenarios"].items() if run["recorded"]}
    load = "20260101T000000Z-made-up"
    assert recorded == {
        "check": [f"{load} CheckError"],
        "engine": [f"{load} CheckEngineError"],
        "warehouse": [f"{load} WarehouseError"],
        "fault of ours": [f"{load} ZeroDivisionError"],
    }


@pytest.mark.airflow
def test_never_more_than_eight_tasks(told: dict[str, Any]) -> None:
    assert max(len(run["run"]["tasks"]) for run in told["scenarios"].values()) == 8


@pytest.mark.airflow
def test_xcom_carries_ids_and_counts_only(told: dict[str, Any]) -> None:
    def texts(value: Any) -> set[str]:
        if isinstance(value, dict):
            return set().union(*(texts(inner) for inner in value.values()), set())
        if isinstance(value, list):
            return set().union(*(texts(inner) for inner in value), set())
        return {value} if isinstance(value, str) else set()

    for run in told["scenarios"].values():
        assert texts(run["xcom"]) <= {"20260101T000000Z-made-up"}


@pytest.mark.airflow
def test_a_run_says_what_started_it(told: dict[str, Any]) -> None:
    assert told["scenarios"]["loaded"]["triggers"] == ["demo"]
    assert told["scenarios"]["quarantined"]["triggers"] == ["nightly"]
