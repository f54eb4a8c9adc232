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
