"""Archived documents read again, a month a run: what `airflow backfill create` is pointed at.

Each run takes one month of the data itself (day of publication of reports, period of returns and
statistics), reads what is archived for it with today's code, and replaces only what differs. It means
the same as `safeguarding reprocess --from FIRST --to LAST`. A backfill of ten years is 120 runs: each
is a load of its own that holds the warehouse's lock while it publishes, so it may run beside the
nightly load, be stopped and be started again; months that gave nothing new publish nothing.

    airflow backfill create --dag-id reprocess --from-date 2015-01-01 --to-date 2024-12-02 --max-active-runs 1

The last date is the day after the first of the last month wanted: Airflow leaves out a run that falls
on the date itself. `{"dry_run": true}` as the runs' configuration says what would change and publishes
nothing; `{"sources": ["report"]}` takes only that kind of source. Documents that today's code has read are
passed over, since a release of statistics belongs to every month it holds values of; `{"all": true}` reads
them too, as the command does without `--behind`.
"""

import logging
from datetime import UTC, datetime, timedelta

from airflow.sdk import (
    Asset,
    CronPartitionTimetable,
    ExceptionRetryPolicy,
    RetryAction,
    RetryRule,
    dag,
    get_current_context,
    task,
)
from airflow.sdk.exceptions import AirflowSkipException

from transforms.errors import WarehouseBusyError

log = logging.getLogger(__name__)

RETRIES = ExceptionRetryPolicy(
    rules=[RetryRule(exception=WarehouseBusyError, action=RetryAction.RETRY, reason="another load is writing")],
    default=RetryAction.FAIL,
)


@dag(
    dag_id="reprocess",
    schedule=CronPartitionTimetable("0 4 1 * *", timezone="Europe/London", key_format="%Y-%m"),
    start_date=datetime(2009, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    default_args={
        "pool": "warehouse_writer",
        "retries": 5,
        "retry_delay": timedelta(minutes=2),
        "retry_policy": RETRIES,
    },
    tags=["safeguarding"],
    doc_md=__doc__,
)
def reprocess() -> None:
    """Read the archived documents of one month again."""

    @task
    def read_again() -> int:
        """Read one month again with today's code, replacing only what differs."""
        from warehouse import replay
        from warehouse.settings import Settings

        run = get_current_context()["dag_run"]
        conf = run.conf or {}
        start, end = replay.month(conf.get("month") or run.partition_key)
        done = replay.reprocess(
            Settings.load(),
            start,
            end,
            conf.get("sources") or (),
            is_dry_run=bool(conf.get("dry_run")),
            only_behind=not conf.get("all"),
        )
        for change in done.changes:
            log.info("changed %s", " ".join(f"{name}={value}" for name, value in change.items()))
        counts = {name: value for name, value in done.as_dict().items() if isinstance(value, (bool, int, float))}
        for document in done.withdrawn:
            log.warning("refused file=%s reason=%s", document["file"], document["reason"])
        log.info("run summary: %s", " ".join(f"{name}={value}" for name, value in counts.items()))
        return len(done.loads)

    # A task of its own, so that whoever waits for a new version is woken only where there is one.
    @task(outlets=[Asset("published_warehouse")], pool="default_pool")
    def announce(published: int) -> None:
        """Tell those who wait for a new published version."""
        if not published:
            raise AirflowSkipException("nothing differs: the published version stands")

    announce(read_again())


reprocess()
