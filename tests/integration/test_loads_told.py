"""What a load leaves in log, ledger and alerts, also where it fails early, is interrupted or dies."""

from __future__ import annotations

import logging
from datetime import date, timedelta

import pytest

from tests.integration.conftest import World, report_text
from transforms.errors import WarehouseError
from warehouse import operations, pipeline, publish
from warehouse.ledger import Ledger, utc_now
from warehouse.settings import Settings


def test_a_landing_zone_that_cannot_be_read_is_a_failed_load_and_told_once(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def gone(settings: Settings, ledger: Ledger) -> None:
        raise WarehouseError("landing: found Input/output error, expected a folder that can be read")

    unbroken = pipeline.scan
    for told, times in ((True, 1), (False, 2)):
        monkeypatch.setattr(pipeline, "scan", gone)
        caplog.clear()
        with pytest.raises(WarehouseError):
            world.load()
        assert any("alert kind=failed" in line for line in caplog.messages) is told
        (latest,) = operations.status(world.settings, 1)["loads"]
        assert latest["state"] == "failed" and "Input/output error" in latest["message"]
        with Ledger(world.settings.warehouse / "ledger.sqlite") as ledger:
            assert len(ledger.loads()) == times
    monkeypatch.setattr(pipeline, "scan", unbroken)
    world.load()  # all is well, so that the next failure is news again
    monkeypatch.setattr(pipeline, "scan", gone)
    caplog.clear()
    with pytest.raises(WarehouseError):
        world.load()
    assert any("alert kind=failed" in line for line in caplog.messages)


def test_an_interrupted_load_is_recorded_and_alarms_nobody(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def interrupted(settings: Settings, ledger: Ledger) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(pipeline, "scan", interrupted)
    with pytest.raises(KeyboardInterrupt):
        world.load()
    assert not any("alert" in line for line in caplog.messages)
    assert operations.status(world.settings, 1)["loads"][0]["state"] == "failed"


def test_a_load_whose_process_died_is_ended_by_the_next_one(world: World) -> None:
    world.load()
    (version,) = publish.versions(world.settings)
    died = publish.version_name(version).removeprefix(publish.PREFIX)
    now = utc_now()
    with Ledger(world.settings.warehouse / "ledger.sqlite") as ledger:
        ledger._db.execute("UPDATE load SET state = 'running', finished_at = NULL WHERE load_id = ?", (died,))
        ledger.start_load("long ago", now - timedelta(days=2), {})
        ledger.start_load("just now", now, {})
    world.load()
    states = {load["load_id"]: load["state"] for load in operations.status(world.settings)["loads"]}
    assert (states[died], states["long ago"], states["just now"]) == ("published", "failed", "running")


def test_a_publish_that_died_after_the_switch_ends_as_published(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    found = pipeline.discover(world.settings)
    for batch in range(found.batches):
        pipeline.parse(world.settings, found.load_id, batch)
    pipeline.build(world.settings, found.load_id)
    pipeline.check(world.settings, found.load_id)

    def died(*_: object, **__: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(Ledger, "finish_load", died)
        with pytest.raises(SystemExit):
            pipeline.publish(world.settings, found.load_id)
    assert pipeline.publish(world.settings, found.load_id).state == "published"


def test_each_stage_leaves_one_line_with_rows_rejects_and_seconds(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.deposit("reports/a.txt", report_text("ilacs_2023", "Brackenshire", date(2024, 6, 10)))
    world.deposit("reports/bad.pdf", b"%PDF-1.7 made up")
    with caplog.at_level(logging.INFO, logger="safeguarding"):
        world.load()
    lines = [line for line in caplog.messages if line.startswith("stage=")]
    stages = {line.split()[0].removeprefix("stage="): line for line in lines}
    assert list(stages) == ["discover", "parse", "build", "check", "publish"] and len(lines) == 5
    for stage, line in stages.items():
        assert "source=reference,report " in line and " seconds=" in line
        wanted = ("checks",) if stage == "check" else ("rows_in", "rows_out", "rejects")
        assert all(f" {name}=" in line for name in wanted), line


def test_freshness_is_told_by_source(world: World, caplog: pytest.LogCaptureFixture) -> None:
    from tests.integration.test_replay import statistics_csv

    world.deposit("reports/a - 20 july 2024.txt", report_text("ilacs_2023", "Brackenshire", date(2024, 6, 10)))
    world.deposit("statistics/2025-01-30/b.csv", statistics_csv(("202324", "Total", "3")))
    world.load()
    found = {row["source_kind"]: row["latest_published_date"] for row in operations.status(world.settings)["freshness"]}
    assert (found["report"], found["statistics"]) == ("2024-07-20", "2025-01-30")
    with caplog.at_level(logging.INFO, logger="safeguarding"):
        operations.say_freshness(world.settings)
    assert sum(line.startswith("freshness source_kind=") for line in caplog.messages) == len(found)
