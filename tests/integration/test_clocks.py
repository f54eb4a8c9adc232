"""A clock that is set back, and nights on which summer time begins or ends, change nothing that is published."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from tests.integration.conftest import World, report_text
from warehouse import landing, operations, pipeline, publish
from warehouse.ledger import utc_now


def test_a_correction_stands_though_the_clock_was_set_back(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.deposit("reports/a.txt", report_text("ilacs_2018", "Brackenshire", date(2019, 5, 13), overall="inadequate"))
    first = world.load()
    earlier = utc_now() - timedelta(hours=1)
    for module in (landing, pipeline):
        monkeypatch.setattr(module, "utc_now", lambda: earlier)
    world.deposit("reports/b.txt", report_text("ilacs_2018", "Brackenshire", date(2019, 5, 13), overall="good"))
    second = world.load()
    grade = "SELECT grade_code FROM bi.judgement_history WHERE area_code = 'overall' AND document_name LIKE '%.txt'"
    assert world.query(grade) == [("good",)]
    assert first.load_id < second.load_id
    assert first.load_id in str(operations.rollback(world.settings))
    assert world.query(grade) == [("inadequate",)]


def test_the_version_just_published_is_never_taken_for_an_old_one(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.deposit("reports/a.txt", report_text("ilacs_2018", "Brackenshire", date(2019, 5, 13)))
    published = world.load()
    later = publish.new_load_id(world.settings, datetime(2001, 1, 1, tzinfo=UTC))
    assert later > published.load_id


_NIGHTS = """
import json, sys
from datetime import UTC, datetime
sys.path.insert(0, "dags")
from airflow.serialization.encoders import coerce_to_core_timetable
from airflow.timetables.base import TimeRestriction
import ingest_reports
import pendulum
from airflow.dag_processing.dagbag import DagBag
timetable = coerce_to_core_timetable(DagBag(dag_folder="dags/ingest_reports.py").dags["ingest_reports"].timetable)
runs, last = [], None
restriction = TimeRestriction(earliest=pendulum.datetime(2026, 3, 1, tz="UTC"), latest=None, catchup=True)
for _ in range(270):
    info = timetable.next_dagrun_info(last_automated_data_interval=last, restriction=restriction)
    last = info.data_interval
    runs.append(info.run_after.astimezone(pendulum.timezone("Europe/London")).isoformat())
print("RUNS" + json.dumps(runs))
"""


@pytest.mark.airflow
def test_each_night_has_one_run_also_when_clocks_change(tmp_path: Path) -> None:
    environ = {**os.environ, "AIRFLOW_HOME": str(tmp_path), "AIRFLOW__CORE__UNIT_TEST_MODE": "False"}
    done = subprocess.run([sys.executable, "-c", _NIGHTS], env=environ, capture_output=True, text=True, check=True)  # noqa: S603
    runs = [datetime.fromisoformat(run) for run in json.loads(done.stdout.split("RUNS")[1])]
    assert [run.date() for run in runs] == [date(2026, 3, 1) + timedelta(days=n) for n in range(270)]
    assert {run.hour for run in runs} == {2}
    assert {run.utcoffset() for run in runs} == {timedelta(0), timedelta(hours=1)}
