"""Run the nightly DAG with stages that are told how to end; the last line printed is a JSON object.

Run as a program of its own: Airflow reads its settings when it is first imported. All
scenarios share one process and one metadata database, since starting takes seconds and a run
half a second.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Collection
from dataclasses import replace
from typing import Any

from transforms.errors import CheckEngineError, CheckError, LayoutError, WarehouseBusyError, WarehouseError
from warehouse import nightly, pipeline
from warehouse.fetch import run as fetching
from warehouse.settings import WRITER_POOL, Settings

LOAD = "20260101T000000Z-made-up"
SECRET = "reports/a name that must not travel.pdf"  # noqa: S105


class Stages:
    """Stands in for the pipeline: remembers what was called and fails where it is told to."""

    def __init__(
        self,
        *,
        batches: int = 1,
        quarantined: int = 0,
        state: str = "published",
        fail: dict[str, list[Exception]] | None = None,
    ) -> None:
        self.called: list[str] = []
        self.recorded: list[str] = []
        self.triggers: list[str] = []
        self._batches, self._quarantined, self._state, self._fail = batches, quarantined, state, fail or {}

    def _call(self, stage: str) -> None:
        self.called.append(stage)
        errors = self._fail.get(stage.split("[")[0])
        if errors:
            raise errors.pop(0)

    def fetch(self, settings: Settings, sources: Collection[str] = ()) -> fetching.FetchSummary:
        self._call("fetch")
        return fetching.FetchSummary(LOAD, "incomplete", 14, files_new=2, files_failed=1, outcomes=[{"url": SECRET}])

    def discover(self, settings: Settings, trigger: str = "load", most_batches: int = 1) -> pipeline.Discovery:
        self._call("discover")
        self.triggers.append(trigger)
        return pipeline.Discovery(LOAD, self._batches, 3, 5, 3, [(SECRET, "still being written")])

    def parse(self, settings: Settings, load_id: str, batch: int) -> pipeline.StageSummary:
        self._call(f"parse[{batch}]")
        return pipeline.StageSummary(load_id, "parse", {"files": 16}, 0.1)

    def build(self, settings: Settings, load_id: str) -> pipeline.StageSummary:
        self._call("build")
        return pipeline.StageSummary(load_id, "build", {"rows_out": 7}, 0.1)

    def check(self, settings: Settings, load_id: str) -> pipeline.StageSummary:
        self._call("check")
        return pipeline.StageSummary(load_id, "check", {"checks": 9}, 0.1)

    def publish(self, settings: Settings, load_id: str) -> pipeline.LoadSummary:
        self._call("publish")
        refused = [{"file": SECRET, "reason": "empty"}] * self._quarantined
        return pipeline.LoadSummary(
            load_id, self._state, 10 if refused else 0, files_quarantined=len(refused), quarantined=refused
        )

    def record_failure(self, settings: Settings, load_id: str, error: BaseException) -> None:
        self.recorded.append(f"{load_id} {type(error).__name__}")


SCENARIOS: dict[str, dict[str, Any]] = {
    "loaded": {"batches": 3},
    "quarantined": {"quarantined": 2},
    "nothing new": {"batches": 0},
    "published meanwhile": {"state": "unchanged"},
    "input": {"fail": {"discover": [LayoutError("x")]}},
    "check": {"fail": {"check": [CheckError("keys unique: 2 rows")]}},
    "engine": {"fail": {"build": [CheckEngineError("broke")]}},
    "warehouse": {"fail": {"publish": [WarehouseError("disk full")]}},
    "fault of ours": {"fail": {"parse": [ZeroDivisionError("x")]}},
    "busy, then free": {"fail": {"publish": [WarehouseBusyError("held by 7"), WarehouseBusyError("held by 7")]}},
    "fetched": {"batches": 3, "on": True},
    "fetching fails": {"on": True, "fail": {"fetch": [WarehouseError("disk full")]}},
    "fetching breaks": {"on": True, "fail": {"fetch": [ZeroDivisionError("x")]}},
}


def run(settings: Settings, scenario: dict[str, Any]) -> dict[str, Any]:
    """Run the DAG once with stages as the scenario says; tell how it ended and what XCom holds."""
    is_on = scenario.pop("on", False)
    stages = Stages(**scenario)
    fetching.fetch = stages.fetch  # type: ignore[assignment]
    for name in ("discover", "parse", "build", "check", "publish", "record_failure"):
        setattr(pipeline, name, getattr(stages, name))
    trigger = "demo" if scenario.get("batches") == 3 else "nightly"
    ended = nightly.run(replace(settings, fetch="ofsted" if is_on else "off"), trigger=trigger)
    return ended.as_dict() | {
        "called": stages.called,
        "recorded": stages.recorded,
        "woken": woken(ended.run_id),
        "triggers": stages.triggers,
        "xcom": xcoms(ended.run_id),
    }


def woken(run_id: str) -> int:
    """Return how many events of the published warehouse a run raised."""
    from airflow.models.asset import AssetEvent, AssetModel
    from airflow.utils.session import create_session
    from sqlalchemy import func, select

    with create_session() as session:
        counted = select(func.count()).select_from(AssetEvent).join(AssetModel, AssetEvent.asset_id == AssetModel.id)
        named = AssetModel.name == "published_warehouse", AssetEvent.source_run_id == run_id
        return int(session.scalar(counted.where(*named)) or 0)


def xcoms(run_id: str) -> list[Any]:
    """Return every value that a run handed on."""
    from airflow.models.xcom import XComModel
    from airflow.utils.session import create_session

    with create_session() as session:
        found = session.scalars(XComModel.get_many(run_id=run_id, dag_ids=nightly.DAG_ID))
        return [XComModel.deserialize_value(value) for value in found]


def shape(settings: Settings) -> dict[str, Any]:
    """Return what the deployment's DAG folder declares."""
    from airflow.dag_processing.dagbag import DagBag
    from airflow.models.pool import Pool

    bag = DagBag(dag_folder=str(settings.dags))
    dag = bag.dags[nightly.DAG_ID]
    policy = dag.task_dict["build"].retry_policy
    pool = Pool.get_pool(WRITER_POOL)
    return {
        "import_errors": {str(file): str(error) for file, error in bag.import_errors.items()},
        "dags": sorted(bag.dags),
        "tasks": sorted(dag.task_dict),
        "mapped": sorted(name for name, task in dag.task_dict.items() if task.is_mapped),
        "pools": {name: task.pool for name, task in dag.task_dict.items()},
        "slots": pool.slots if pool else None,
        "catchup": dag.catchup,
        "max_active_runs": dag.max_active_runs,
        "fetch_minutes": dag.task_dict["fetch"].execution_timeout.total_seconds() / 60,
        "outlets": [asset.name for asset in dag.task_dict["publish"].outlets],
        "assets": [asset.name for asset in dag.timetable.asset_condition.objects],
        "at": [dag.timetable.timetable.expression, str(dag.timetable.timetable.timezone)],
        "retries": {
            type(error).__name__: policy.evaluate(error, 1, 3).action.value
            for error in (LayoutError("x"), CheckError("x"), CheckEngineError("x"), WarehouseError("x"),
                          WarehouseBusyError("x"), OSError("x"), ZeroDivisionError("x"))
        },
    }  # fmt: skip


def main() -> None:
    """Run every scenario, with retries at once, and print all of it."""
    settings = Settings.load()
    find = nightly._dag

    def impatient(file: Any) -> Any:
        from datetime import timedelta

        dag = find(file)
        for task in dag.tasks:
            if task.is_mapped:
                task.partial_kwargs["retry_delay"] = timedelta(0)
            else:
                task.retry_delay = timedelta(0)
        return dag

    nightly._dag = impatient
    found = {name: run(settings, scenario) for name, scenario in SCENARIOS.items()}
    told = json.dumps({"scenarios": found, "shape": shape(settings)}, default=str)
    sys.stdout.write(f"\n{told}\n")  # Airflow has written to the same output before


if __name__ == "__main__":
    main()
