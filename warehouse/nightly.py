"""The nightly DAG, run once in this process: what `safeguarding nightly` does.

No scheduler, server or network is needed. Airflow gets a metadata database of its own below the
warehouse folder, made on first use and migrated when Airflow's version changes, and settings that
owe nothing to an Airflow installed for other purposes on the same machine. It is the very DAG
file of the deployment that runs, found in `SAFEGUARDING_DAGS`.

Airflow prints much and to both outputs, so both lead to a log file while it runs; one line a
task goes to standard error. `--verbose` sends everything to standard error instead.
"""

from __future__ import annotations

import importlib.util
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any, TextIO

from transforms.errors import SafeguardingError, WarehouseBusyError, WarehouseError
from warehouse.faults import exit_code_of
from warehouse.ledger import Ledger
from warehouse.settings import WRITER_POOL, Settings

DAG_ID = "ingest_reports"
DAG_FILE = "ingest_reports.py"
LOGS_KEPT = 30


@dataclass(slots=True)
class NightlyRun:
    """How one run of the DAG ended.

    Attributes:
        run_id: Airflow's name of the run.
        state: `success` or `failed`.
        log_file: everything Airflow and the stages said.
        load: what the ledger knows of the load, empty if none began.
        tasks: state of each task instance, mapped ones numbered.
        stages: ids and counts that each stage handed on; mapped tasks are added up.
        error, failed_task: what stopped it, if anything did.
    """

    run_id: str
    state: str
    seconds: float
    log_file: Path
    load: dict[str, Any] = field(default_factory=dict)
    tasks: dict[str, str] = field(default_factory=dict)
    stages: dict[str, dict[str, Any]] = field(default_factory=dict)
    failed_task: str | None = None
    error: BaseException | None = None

    @property
    def load_id(self) -> str | None:
        """The load that the run made, if any."""
        return self.stages.get("discover", {}).get("load_id")

    @property
    def exit_code(self) -> int:
        """The contract's exit code; 1 for what no stage foresaw."""
        if self.error is not None:
            return exit_code_of(self.error)
        if self.state != "success":
            return SafeguardingError.exit_code
        return int(self.stages.get("publish", {}).get("exit_code", 0))

    def as_dict(self) -> dict[str, Any]:
        """Return the load's summary, and beside it how Airflow ran it, as JSON can hold it."""
        message = f"{type(self.error).__name__}: {self.error}" if self.error else self.load.get("message")
        return {
            **self.load,
            "load_id": self.load_id,
            "exit_code": self.exit_code,
            "message": message,
            "seconds": round(self.seconds, 3),
            "run": {
                "run_id": self.run_id,
                "state": self.state,
                "failed_task": self.failed_task,
                "log_file": str(self.log_file),
                "tasks": self.tasks,
                "stages": self.stages,
            },
        }


def run(settings: Settings, *, trigger: str = "nightly", verbose: bool = False) -> NightlyRun:
    """Run the nightly DAG once.

    Args:
        settings: handed to the tasks through the environment.
        trigger: what the load is recorded as started by.
        verbose: send everything to standard error instead of the log file.

    Returns:
        How it ended; a failed task is told there, not raised.

    Raises:
        WarehouseError: Airflow is not installed, the DAG file is missing or broken, or the
            metadata database cannot be made.
        WarehouseBusyError: another `nightly` is running on this warehouse.
    """
    _require_airflow(settings)
    from filelock import FileLock, Timeout

    home = settings.airflow_home
    try:
        (home / "logs").mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WarehouseError(f"{home}: found {error}, expected to make the folder") from error
    try:
        with FileLock(home / "nightly.lock", timeout=settings.lock_seconds):
            _set_environment(settings)
            log_file = home / "logs" / f"nightly-{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}.log"
            with _quiet(log_file, verbose) as speak:
                ended = _run(settings, trigger, log_file, speak)
            _drop_old_logs(log_file.parent)
            return ended
    except Timeout as error:
        raise WarehouseBusyError(f"{home}: another nightly run is going on") from error


def _require_airflow(settings: Settings) -> None:
    if importlib.util.find_spec("airflow") is None:
        raise WarehouseError("apache-airflow: not installed; `safeguarding load` does the same load without it")
    if not (settings.dags / DAG_FILE).is_file():
        raise WarehouseError(f"{settings.dags / DAG_FILE}: not there; set SAFEGUARDING_DAGS to the folder of DAG files")


def _set_environment(settings: Settings) -> None:
    """Point Airflow at its embedded place before it is first imported."""
    for name in [name for name in os.environ if name.startswith("AIRFLOW_")]:
        del os.environ[name]
    home = settings.airflow_home
    os.environ.update(settings.environ())
    os.environ.update(
        AIRFLOW_HOME=str(home),
        AIRFLOW__CORE__DAGS_FOLDER=str(settings.dags),
        AIRFLOW__CORE__LOAD_EXAMPLES="False",
        AIRFLOW__CORE__EXECUTOR="LocalExecutor",
        AIRFLOW__DATABASE__SQL_ALCHEMY_CONN=f"sqlite:///{home / 'metadata.db'}",
        AIRFLOW__LOGGING__BASE_LOG_FOLDER=str(home / "logs"),
        AIRFLOW__LOGGING__COLORED_CONSOLE_LOG="False",
        AIRFLOW__USAGE_DATA_COLLECTION__ENABLED="False",
        GX_ANALYTICS_ENABLED="false",
        DO_NOT_TRACK="1",
    )


@contextmanager
def _quiet(log_file: Path, verbose: bool) -> Iterator[TextIO]:
    """Lead both outputs, of child processes too, into the log file.

    Yields:
        Standard error as it was, for what people should see.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    kept = [os.dup(1), os.dup(2)]
    log = os.open(log_file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(kept[1] if verbose else log, 1)
    if not verbose:
        os.dup2(log, 2)
    try:
        with os.fdopen(os.dup(kept[1]), "w", buffering=1, encoding="utf-8") as speak:
            yield speak
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        for number, descriptor in enumerate(kept, 1):
            os.dup2(descriptor, number)
            os.close(descriptor)
        os.close(log)


def _run(settings: Settings, trigger: str, log_file: Path, speak: TextIO) -> NightlyRun:
    """Make Airflow ready, run the DAG and gather what it left behind."""
    started = time.monotonic()
    _make_ready(settings.airflow_home, speak)
    dag = _dag(settings.dags / DAG_FILE)
    dag.deadline = None  # a scheduler watches it; a run without one could not even record it
    ended = NightlyRun(run_id="", state="failed", seconds=0.0, log_file=log_file)
    for task in dag.tasks:
        _listen(task, ended, speak)
    dag_run = dag.test(run_conf={"trigger": trigger})
    ended.run_id, ended.state = str(dag_run.run_id), str(dag_run.state.value)
    _gather(dag_run, ended)
    if ended.load_id:
        with Ledger(settings.warehouse / "ledger.sqlite") as ledger:
            ended.load = next((load for load in ledger.loads() if load["load_id"] == ended.load_id), {})
    for name, path in (("published_file", settings.published_file), ("checks_page", settings.checks_page)):
        ended.load.setdefault(name, str(path) if path.exists() else None)
    ended.seconds = time.monotonic() - started
    return ended


def _make_ready(home: Path, speak: TextIO) -> None:
    """Make or migrate the metadata database, unless this version of Airflow did so before."""
    version, mark = metadata.version("apache-airflow"), home / "metadata.version"
    known = mark.read_text(encoding="utf-8") if mark.exists() else None
    if known == version:
        return
    speak.write("airflow: making its metadata database, once\n" if known is None else "airflow: migrating\n")
    if known is None:
        # Left by a first run that was cut short: half a schema cannot be migrated.
        (home / "metadata.db").unlink(missing_ok=True)
    try:
        from airflow.models.pool import Pool
        from airflow.utils.db import initdb

        initdb()
        Pool.create_or_update_pool(WRITER_POOL, 1, "one writer of the warehouse", include_deferred=False)
    except Exception as error:
        raise WarehouseError(f"{home / 'metadata.db'}: found {error}, expected to make it ready") from error
    mark.write_text(version, encoding="utf-8")


def _dag(file: Path) -> Any:
    """Return the DAG of the deployment's own file."""
    from airflow.dag_processing.dagbag import DagBag

    bag = DagBag(dag_folder=str(file))
    if bag.import_errors or DAG_ID not in bag.dags:
        found = "; ".join(str(text).strip().splitlines()[-1] for text in bag.import_errors.values())
        raise WarehouseError(f"{file}: found {found or 'no DAG'}, expected the DAG {DAG_ID}")
    return bag.dags[DAG_ID]


def _listen(task: Any, ended: NightlyRun, speak: TextIO) -> None:
    """Have a task say how it ended and keep the exception that failed it."""

    def name(context: Any) -> str:
        index = context["ti"].map_index
        return f"{task.task_id}[{index}]" if index is not None and index >= 0 else str(task.task_id)

    def say(state: str) -> Any:
        def callback(context: Any) -> None:
            error = context.get("exception")
            told = f": {' '.join(str(error).split())}" if error and state != "skipped" else ""
            speak.write(f"{name(context)}: {state}{told}\n")
            if state == "failed":
                ended.failed_task, ended.error = name(context), error

        return callback

    states = {"success": "done", "failure": "failed", "retry": "will be tried again", "skipped": "skipped"}
    for event, state in states.items():
        own = getattr(task, f"on_{event}_callback") or []
        setattr(task, f"on_{event}_callback", [*(own if isinstance(own, list) else [own]), say(state)])


def _gather(dag_run: Any, ended: NightlyRun) -> None:
    """Read the states of tasks and what they handed on from the metadata database."""
    from airflow.models.xcom import XComModel
    from airflow.utils.session import create_session

    with create_session() as session:
        for instance in dag_run.get_task_instances(session=session):
            index = f"[{instance.map_index}]" if instance.map_index >= 0 else ""
            ended.tasks[f"{instance.task_id}{index}"] = str(instance.state)
        for kept in session.scalars(XComModel.get_many(run_id=dag_run.run_id, dag_ids=DAG_ID)):
            value = XComModel.deserialize_value(kept)
            stage = ended.stages.setdefault(kept.task_id, {})
            if kept.key == "load_id":
                stage["load_id"] = value
            elif isinstance(value, dict):
                _add(stage, value)


def _add(stage: dict[str, Any], counts: dict[str, Any]) -> None:
    """Add up the counts of mapped tasks; ids stay as they are."""
    for name, value in counts.items():
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            stage[name] = stage.get(name, 0) + value
        else:
            stage[name] = value


def _drop_old_logs(folder: Path) -> None:
    """Keep the logs of the last runs only."""
    for log in sorted(folder.glob("nightly-*.log"))[:-LOGS_KEPT]:
        with suppress(FileNotFoundError):
            log.unlink()
