"""OpenLineage events of loads: which file versions went into which published tables.

Off unless `SAFEGUARDING_LINEAGE` names a file or an address. One run is one load: its id follows from
the load's, so the events of stages that run in different processes belong together. Events hold names
of files, hashes and counts of rows; an event that cannot be sent is logged and fails no load.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from warehouse.ledger import utc_now
from warehouse.settings import OFF, Settings

log = logging.getLogger("safeguarding.lineage")

NAMESPACE, JOB = "safeguarding-warehouse", "load"
PRODUCER = "urn:safeguarding-warehouse"
_RUNS = uuid.UUID("5e0b64a6-9b3a-5d47-8f0c-5a61e6a1c0de")


def started(settings: Settings, load_id: str, files: Sequence[Mapping[str, Any]]) -> None:
    """Tell that a load began.

    Args:
        settings: where to.
        load_id: of the load.
        files: with `path` and `sha256`, relative to the landing zone.
    """
    if settings.lineage != OFF:
        _emit(settings, "START", load_id, inputs=_inputs(settings, files))


def completed(settings: Settings, load_id: str, tables: Mapping[str, int]) -> None:
    """Tell that a load was published, with the rows of each table of the star."""
    if settings.lineage != OFF:
        _emit(settings, "COMPLETE", load_id, outputs=_outputs(settings, tables))


def failed(settings: Settings, load_id: str) -> None:
    """Tell that a load published nothing."""
    if settings.lineage != OFF:
        _emit(settings, "FAIL", load_id)


def _inputs(settings: Settings, files: Sequence[Mapping[str, Any]]) -> list[Any]:
    from openlineage.client.event_v2 import InputDataset
    from openlineage.client.facet_v2 import dataset_version_dataset

    return [
        InputDataset(
            namespace="file",
            name=f"{settings.landing}/{file['path']}",
            facets={"version": dataset_version_dataset.DatasetVersionDatasetFacet(datasetVersion=str(file["sha256"]))},
        )
        for file in files
    ]


def _outputs(settings: Settings, tables: Mapping[str, int]) -> list[Any]:
    from openlineage.client.event_v2 import OutputDataset
    from openlineage.client.facet_v2 import output_statistics_output_dataset

    return [
        OutputDataset(
            namespace="file",
            name=f"{settings.published_file}/{table}",
            outputFacets={
                "outputStatistics": output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet(rowCount=rows)
            },
        )
        for table, rows in sorted(tables.items())
    ]


def _emit(settings: Settings, state: str, load_id: str, **datasets: list[Any]) -> None:
    try:
        from openlineage.client.event_v2 import Job, Run, RunEvent, RunState

        event = RunEvent(
            eventTime=utc_now().isoformat(),
            eventType=RunState[state],
            run=Run(runId=str(uuid.uuid5(_RUNS, load_id))),
            job=Job(namespace=NAMESPACE, name=JOB),
            producer=PRODUCER,
            **datasets,
        )
        _client(settings).emit(event)
    except Exception as error:  # whatever is wrong with a listener, the load goes on
        log.warning("lineage: the %s event of load %s was not sent: %s", state, load_id, type(error).__name__)


def _client(settings: Settings) -> Any:
    from openlineage.client import OpenLineageClient

    if settings.lineage.startswith(("http://", "https://")):
        from openlineage.client.transport.http import HttpConfig, HttpTransport

        return OpenLineageClient(transport=HttpTransport(HttpConfig(url=settings.lineage)))
    from openlineage.client.transport.file import FileConfig, FileTransport

    Path(settings.lineage).parent.mkdir(parents=True, exist_ok=True)
    return OpenLineageClient(transport=FileTransport(FileConfig(log_file_path=settings.lineage, append=True)))
