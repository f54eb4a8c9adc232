"""Archived documents read again, a month a run: what `airflow backfill create` is pointed at.

Each run takes one month of the data itself (day of publication of reports, period of returns and
statistics), reads what is archived for it with today's code, and replaces only what differs. It means
the same as `safeguarding reprocess --from FIRST --to LAST`. A backfill of ten years is 120 runs: each
is a load of its own that holds the warehouse's lock while it publishes, so it may run beside the
nightly load, be stopped and be started again; months that gave nothing new publish nothing.

    safeguarding airflow backfill create --dag-id reprocess --from-date 2015-01-01 --to-date 2024-12-02 \
        --max-active-runs 1

The last date is the day after the first of the last month wanted: Airflow leaves out a run that falls
on the date itself. A run by hand (Trigger, in Airflow's page) takes a month or any two days. The
parameters below are what both forms of the page offer, and what `--dag-run-conf` takes as JSON.
Documents that today's code has read are passed over, since a release of statistics belongs to every
month it holds values of; `all` reads them too, as the command does without `--behind`.
"""

import logging
from datetime import UTC, datetime, timedelta

from airflow.sdk import (
    Asset,
    CronPartitionTimetable,
    ExceptionRetryPolicy,
    Param,
    RetryAction,
    RetryRule,
    dag,
    get_current_context,
    task,
)
from airflow.sdk.exceptions import AirflowSkipException

from transforms.errors import WarehouseBusyError
from warehouse.settings import WRITER_POOL
from warehouse.sources import READ

log = logging.getLogger(__name__)

RETRIES = ExceptionRetryPolicy(
    rules=[RetryRule(exception=WarehouseBusyError, action=RetryAction.RETRY, reason="another load is writing")],
    default=RetryAction.FAIL,
)

_BY_HAND = "For a run by hand; leave it empty in a backfill, whose runs take a month each."
PARAMS = {
    "from": Param(
        None,
        type=["null", "string"],
        format="date",
        title="First day",
        description=f"First day of what is to be read again, by the data's own dates. {_BY_HAND}",
    ),
    "to": Param(
        None,
        type=["null", "string"],
        format="date",
        title="Last day",
        description=f"Last day, included. {_BY_HAND}",
    ),
    "month": Param(
        None,
        type=["null", "string"],
        pattern=r"^\d{4}-(0[1-9]|1[0-2])$",
        title="Month",
        description=f"A month such as 2024-03, in place of the two days. {_BY_HAND}",
    ),
    "sources": Param(
        None,
        type=["null", "array"],
        items={"type": "string", "enum": list(READ)},
        uniqueItems=True,
        examples=list(READ),
        title="Kinds of source",
        description="Only these kinds of documents; all kinds where none is chosen.",
    ),
    "dry_run": Param(
        False,
        type="boolean",
        title="Dry run",
        description="Say in the log what would change, and publish nothing.",
    ),
    "all": Param(
        False,
        type="boolean",
        title="Also what is up to date",
        description="Read also documents that today's code has read already.",
    ),
}


@dag(
    dag_id="reprocess",
    schedule=CronPartitionTimetable("0 4 1 * *", timezone="Europe/London", key_format="%Y-%m"),
    start_date=datetime(2009, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    default_args={
        "pool": WRITER_POOL,
        "retries": 5,
        "retry_delay": timedelta(minutes=2),
        "retry_policy": RETRIES,
    },
    params=PARAMS,
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

        context = get_current_context()
        asked = context["params"]
        start, end = replay.period(asked["month"] or context["dag_run"].partition_key, asked["from"], asked["to"])
        done = replay.reprocess(
            Settings.load(),
            start,
            end,
            asked["sources"] or (),
            is_dry_run=asked["dry_run"],
            only_behind=not asked["all"],
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
