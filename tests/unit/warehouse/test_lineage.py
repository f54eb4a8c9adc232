"""Lineage events: off by default, one run a load, never a reason for a load to fail."""

import json

import pytest

from warehouse import lineage
from warehouse.settings import Settings


def settings(tmp_path, where):
    return Settings.load({"SAFEGUARDING_WAREHOUSE": str(tmp_path / "w"), "SAFEGUARDING_LINEAGE": where})


def test_off_writes_nothing(tmp_path):
    lineage.started(settings(tmp_path, "off"), "L1", [{"path": "reports/a.pdf", "sha256": "ab"}])
    assert list(tmp_path.iterdir()) == []


def test_events_of_one_load_are_one_run_with_its_files_and_tables(tmp_path):
    file = tmp_path / "events" / "lineage.jsonl"
    place = settings(tmp_path, str(file))
    lineage.started(place, "L1", [{"path": "reports/a.pdf", "sha256": "ab"}])
    lineage.completed(place, "L1", {"fact_judgement": 5})
    lineage.failed(place, "L2")
    events = [json.loads(line) for line in file.read_text().splitlines()]
    assert [event["eventType"] for event in events] == ["START", "COMPLETE", "FAIL"]
    runs = [event["run"]["runId"] for event in events]
    assert runs[0] == runs[1] != runs[2]
    assert events[0]["inputs"][0]["name"].endswith("reports/a.pdf")
    assert events[0]["inputs"][0]["facets"]["version"]["datasetVersion"] == "ab"
    assert events[1]["outputs"][0]["outputFacets"]["outputStatistics"]["rowCount"] == 5


@pytest.mark.parametrize("where", ["/dev/null/not/a/folder", "http://127.0.0.1:1/"])
def test_a_listener_that_is_not_there_fails_nothing(tmp_path, where, monkeypatch):
    monkeypatch.setenv("OPENLINEAGE_CLIENT_LOGGING", "ERROR")
    lineage.failed(settings(tmp_path, where), "L1")


def test_events_keep_to_the_classes_of_the_standard(tmp_path):
    from openlineage.client.event_v2 import InputDataset, Job, OutputDataset, Run, RunEvent, RunState

    file = tmp_path / "lineage.jsonl"
    place = settings(tmp_path, str(file))
    odd = "reports/a 'b' <c> é.pdf"
    lineage.started(place, "L1", [{"path": odd, "sha256": "ab"}])
    lineage.completed(place, "L1", {"fact_judgement": 5})
    for line in file.read_text().splitlines():
        event = json.loads(line)
        assert event["schemaURL"].startswith("https://openlineage.io/spec/")
        # These classes check times, addresses and ids as the standard wants them.
        again = RunEvent(
            eventTime=event["eventTime"],
            eventType=RunState[event["eventType"]],
            producer=event["producer"],
            run=Run(runId=event["run"]["runId"]),
            job=Job(namespace=event["job"]["namespace"], name=event["job"]["name"]),
            inputs=[InputDataset(namespace=d["namespace"], name=d["name"]) for d in event["inputs"]],
            outputs=[OutputDataset(namespace=d["namespace"], name=d["name"]) for d in event["outputs"]],
        )
        assert again.eventTime.endswith("+00:00")
        for facet in (f for d in event["inputs"] + event["outputs"] for f in d.get("facets", {}).values()):
            assert {"_producer", "_schemaURL"} <= set(facet)
    assert odd in json.loads(file.read_text().splitlines()[0])["inputs"][0]["name"]
