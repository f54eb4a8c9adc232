"""Years read again beside nightly loads: ended twice, gone on with, in bounded memory, and nothing is lost."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bench import backfill
from bench.memory import Meter, resident, tree
from tests.integration.conftest import World


@pytest.mark.thorough
@pytest.mark.airflow
@pytest.mark.stack
def test_ten_years_beside_nightly_loads_lose_nothing_and_stay_within_memory(tmp_path: Path) -> None:
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "SAFEGUARDING_"))}
    places = {f"SAFEGUARDING_{name.upper()}": str(tmp_path / name) for name in ("landing", "warehouse", "published")}
    found = backfill.measure(tmp_path, environ | places, years=10, a_year=2, batch=6)
    assert found["wrong"] == []
    assert [attempt.get("ended") for attempt in found["backfill"]["attempts"]] == ["SIGTERM", "SIGKILL", None]
    assert found["nights"] and all(night["code"] in (0, 10) for night in found["nights"])
    assert found["laid"]["reports"] == 20 and found["laid"]["statistics"] == 10
    assert {"backfill", "nightly", "both together", "rebuild"} <= set(found["memory"])


def test_what_a_process_holds_and_its_children_is_told() -> None:
    assert os.getpid() in tree(os.getppid())
    assert tree(2**22 + 1) == []
    pss, rss = resident(os.getpid())
    assert 0 < pss <= rss


def test_more_than_the_limit_is_told(world: World) -> None:
    environ = {name: value for name, value in world.settings.environ().items() if value}
    run = backfill.Run(world.root, environ, None, Meter())
    bare = {"parent": 200.0, "nightly": 250.0, "child": 40.0}
    of_one_worker = {**environ, "SAFEGUARDING_PROCESSES": "1", "SAFEGUARDING_DUCKDB_MB": "256"}
    run.environ = of_one_worker
    limit = 200.0 + 40.0 + backfill.ROOM_MB + 2 * 256
    run.meter.samples = {"reprocess 0": [(0.0, limit)], "all again": [(0.0, 100.0), (1.0, 100.0 * backfill.GROWTH)]}
    assert backfill._memory(run, bare)["backfill"] == {"peak_mb": round(limit), "limit_mb": round(limit)}
    assert run.wrong == []
    run.meter.samples = {"reprocess 0": [(0.0, limit + 1)], "all again": [(0.0, 100.0), (1.0, 130.0)]}
    backfill._memory(run, bare)
    assert [told.split(":")[0].split(" from")[0] for told in run.wrong] == ["backfill", "memory grew"]


def test_made_up_reports_lie_in_the_years_asked_for(tmp_path: Path) -> None:
    laid = backfill._lay_down(tmp_path / "landing", 10, 1)
    assert laid["reports"] == 10 and laid["returns"] > 0
    text = [path.read_text("utf-8") for path in sorted((tmp_path / "landing/reports").iterdir())]
    assert "2016" in text[0] and "2024" in text[-1]
