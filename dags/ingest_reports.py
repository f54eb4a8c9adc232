"""Nightly load of inspection reports: fetch, discover, parse, build, check, publish.

Runs at two in the morning, London time, and whenever new content has settled in the landing zone:
its watcher then raises an event of the asset `landing_zone`. However many reports there are, one
run has at most eight tasks: files are parsed in at most three batches. If nothing is new,
`discover` skips all the rest.

`fetch` brings what is new at other services into the landing zone, if it is switched on
(`SAFEGUARDING_FETCH`); it is skipped otherwise. Whatever becomes of it, what lies in the landing
zone is loaded: a failed fetch is told in the log, in its counts and by `safeguarding status`.

All tasks that write stand in the pool `warehouse_writer`, which must have one slot
(`airflow pools set warehouse_writer 1 "one writer"`). A DAG's `max_active_runs` does not bind
backfills, so the stages hold the warehouse's own file lock as well.

This file is imported anew for every task, so it imports nothing slow: each task imports the stage
it runs. XCom carries ids and counts only.
"""

import logging
from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.sdk import (
    Asset,
    AssetOrTimeSchedule,
    AssetWatcher,
    AsyncCallback,
    CronTriggerTimetable,
    DeadlineAlert,
    DeadlineReference,
    ExceptionRetryPolicy,
    RetryAction,
    RetryRule,
    dag,
    get_current_context,
    task,
)
from airflow.sdk.exceptions import AirflowSkipException

from transforms.errors import SafeguardingError, WarehouseBusyError
from warehouse.settings import WRITER_POOL, Settings
from warehouse.triggers import LandingTrigger

log = logging.getLogger(__name__)

# A run of fetching ends itself; this ends one that a server keeps waiting in the middle of an answer's head.
FETCH_MARGIN_MINUTES = 15

LANDING_ZONE = Asset("landing_zone", watchers=[AssetWatcher(name="landing_zone", trigger=LandingTrigger())])
PUBLISHED_WAREHOUSE = Asset("published_warehouse")

# Another writer goes away by itself, and a full disk or a lost network drive may come right.
# Bad files, failed checks and faults of our own end the same way however often they are tried.
# A worker that dies never gets as far as this policy: the scheduler then starts its task again.
RETRIES = ExceptionRetryPolicy(
    rules=[
        RetryRule(exception=WarehouseBusyError, action=RetryAction.RETRY, reason="another load is writing"),
        RetryRule(exception=SafeguardingError, action=RetryAction.FAIL, reason="a retry would end the same way"),
        RetryRule(exception=OSError, action=RetryAction.RETRY, reason="the system may recover"),
    ],
    default=RetryAction.FAIL,
)


def counts_of(summary: Any) -> dict[str, Any]:
    """Keep of a stage's summary what XCom may carry: ids and numbers, no text from any file."""
    return {
        name: value
        for name, value in summary.as_dict().items()
        if isinstance(value, (bool, int, float)) or name == "load_id"
    }


def record_failure(context: Any) -> None:
    """Have the warehouse record that this load published nothing, and drop its private files."""
    from warehouse import pipeline

    load_id = context["ti"].xcom_pull(task_ids="discover", key="load_id")
    if load_id:
        pipeline.record_failure(Settings.load(), load_id, context.get("exception") or RuntimeError("task failed"))


# Fetching writes to the landing zone alone, as any depositor, so a slow service holds up no other load.
@task(
    pool="default_pool",
    retries=0,
    execution_timeout=timedelta(minutes=Settings.load().fetch_minutes + FETCH_MARGIN_MINUTES),
)
def fetch() -> dict[str, Any]:
    """Bring what is new at other services into the landing zone."""
    settings = Settings.load()
    if not settings.fetch_sources:
        raise AirflowSkipException("fetching is switched off")
    from warehouse.fetch import run

    try:
        summary = run.fetch(settings)
    except SafeguardingError as error:
        log.warning("fetching failed: %s", error)
        return {"exit_code": error.exit_code}
    return counts_of(summary)


@task(trigger_rule="all_done")
def discover() -> list[int]:
    """Find what is new; returns batch numbers, and skips all the rest if there is nothing."""
    from warehouse import operations, pipeline

    context = get_current_context()
    trigger = "demo" if (context["dag_run"].conf or {}).get("trigger") == "demo" else "nightly"
    settings = Settings.load()
    found = pipeline.discover(settings, trigger, settings.max_batches)
    context["ti"].xcom_push(key="load_id", value=found.load_id)
    context["ti"].xcom_push(key="counts", value=counts_of(found))
    if trigger == "nightly":
        operations.say_freshness(settings)
    if not found.has_work:
        raise AirflowSkipException("nothing is new in the landing zone")
    return list(range(found.batches))


# Parsing writes only files of its own batch, so it needs no place in the writer's pool.
@task(pool="default_pool", map_index_template="batch {{ task.op_kwargs['batch'] }}")
def parse(load_id: str, batch: int) -> dict[str, Any]:
    """Parse one batch of files in child processes."""
    from warehouse import pipeline

    return counts_of(pipeline.parse(Settings.load(), load_id, batch))


@task
def build(load_id: str) -> dict[str, Any]:
    """Check what was parsed and merge it into a private copy."""
    from warehouse import pipeline

    return counts_of(pipeline.build(Settings.load(), load_id))


@task
def check(load_id: str) -> dict[str, Any]:
    """Check the star as it would be published."""
    from warehouse import pipeline

    return counts_of(pipeline.check(Settings.load(), load_id))


@task(outlets=[PUBLISHED_WAREHOUSE])
def publish(load_id: str) -> dict[str, Any]:
    """Switch readers to the new version."""
    from warehouse import pipeline

    summary = pipeline.publish(Settings.load(), load_id)
    if summary.state != "published":
        raise AirflowSkipException(summary.message)  # who waits for a new version is not woken for none
    counts = counts_of(summary)
    log.info("run summary: %s", " ".join(f"{name}={value}" for name, value in counts.items()))
    return counts


@dag(
    dag_id="ingest_reports",
    schedule=AssetOrTimeSchedule(
        timetable=CronTriggerTimetable("0 2 * * *", timezone="Europe/London"), assets=[LANDING_ZONE]
    ),
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    deadline=DeadlineAlert(
        reference=DeadlineReference.DAGRUN_QUEUED_AT,
        interval=timedelta(minutes=Settings.load().publish_by_minutes),
        callback=AsyncCallback("warehouse.alerts.missed_deadline"),
    ),
    default_args={
        "pool": WRITER_POOL,
        "retries": 3,
        "retry_delay": timedelta(minutes=2),
        "retry_policy": RETRIES,
        "on_failure_callback": record_failure,
    },
    tags=["safeguarding"],
    doc_md=__doc__,
)
def ingest_reports() -> None:
    """Load what is new in the landing zone and publish it if the blocking checks pass."""
    batches = discover()
    fetch() >> batches
    load_id = batches["load_id"]
    parsed = parse.partial(load_id=load_id).expand(batch=batches)
    built = build(load_id)
    parsed >> built >> check(load_id) >> publish(load_id)


ingest_reports()
