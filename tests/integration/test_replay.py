"""Archived documents read again: only what differs is replaced, and all can be made anew from the archive."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path

import pytest

from tests.integration.conftest import World, report_text
from transforms.errors import UsageError, WarehouseError
from warehouse import documents, replay

SPAN = (date(2000, 1, 1), date(2030, 1, 1))


def lay_down(world: World) -> None:
    world.deposit("reports/0.txt", report_text("ilacs_2018", "Brackenshire", date(2019, 5, 13)))
    world.deposit("reports/0.json", json.dumps({"published_date": "2019-06-24", "provider_urn": "80999"}))
    world.deposit("reports/1.txt", report_text("ilacs_2023", "Brackenshire", date(2024, 6, 10)))
    world.deposit(
        "reports/2 corrected.txt", report_text("ilacs_2023", "Brackenshire", date(2024, 6, 10), overall="good")
    )
    world.deposit("reports/broken.pdf", b"%PDF-1.7 made up and cut short")


def test_reading_again_with_the_same_code_changes_nothing(world: World) -> None:
    lay_down(world)
    world.load()
    before, version = world.star(), world.settings.published_file.resolve()
    done = replay.reprocess(world.settings, *SPAN)
    assert (done.documents, done.behind, done.changed, done.loads) == (4, 0, 0, [])
    assert world.settings.published_file.resolve() == version
    assert world.star() == before
    assert not list((world.settings.warehouse / "staging").glob("*"))


def test_changed_code_replaces_only_what_differs_and_says_what(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    lay_down(world)
    world.load()
    before = dict(world.query("SELECT sha256, load_id FROM meta.source_file WHERE source_kind = 'report'"))
    (sha,) = world.query("SELECT sha256 FROM meta.source_file WHERE landing_path = 'reports/0.txt'")[0]
    unchanged = documents.lay_out_reports

    def of_newer_code(file, parsed, row):
        if file.sha256 == sha:
            kept = [r for r in parsed.reports[0].recommendations[1:]]
            parsed.reports[0].recommendations[:] = kept
        return unchanged(file, parsed, row)

    monkeypatch.setattr(documents, "lay_out_reports", of_newer_code)
    for module in (documents, replay):
        if hasattr(module, "parser_version"):
            monkeypatch.setattr(module, "parser_version", lambda: "newer code")
    dry = replay.reprocess(world.settings, *SPAN, is_dry_run=True)
    assert (dry.behind, dry.changed, dry.loads) == (4, 1, [])
    assert dict(world.query("SELECT sha256, load_id FROM meta.source_file WHERE source_kind = 'report'")) == before
    done = replay.reprocess(world.settings, *SPAN)
    assert (done.changed, len(done.loads)) == (1, 1)
    assert done.changes == dry.changes
    said = {(change["file"], change["table"]): change for change in done.changes}
    assert said[("reports/0.txt", "fact_recommendation")]["removed"] == 1
    assert {file for file, _ in said} == {"reports/0.txt"}
    rows = world.query("SELECT sha256, load_id, parser_version FROM meta.source_file WHERE source_kind = 'report'")
    assert {row[0] for row in rows if row[1] != before[row[0]]} == {sha}
    assert {row[2] for row in rows} == {"newer code"}
    again = replay.reprocess(world.settings, *SPAN)
    assert (again.behind, again.changed, again.loads) == (0, 0, [])


def test_only_documents_of_the_period_and_source_are_read(world: World) -> None:
    lay_down(world)
    world.load()
    in_2019 = replay.reprocess(world.settings, date(2019, 1, 1), date(2019, 12, 31))
    assert (in_2019.documents, in_2019.read) == (1, 1)
    assert replay.reprocess(world.settings, *SPAN, sources=["observations"]).documents == 0
    assert replay.reprocess(world.settings, *SPAN, only_behind=True).read == 0
    with pytest.raises(UsageError, match="--to"):
        replay.reprocess(world.settings, SPAN[1], SPAN[0])
    with pytest.raises(UsageError, match="no_such"):
        replay.reprocess(world.settings, *SPAN, sources=["no_such"])


def test_a_replay_stopped_between_batches_goes_on_where_it_was(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    lay_down(world)
    world.load()
    monkeypatch.setattr(replay, "BATCH_DOCUMENTS", 2)
    monkeypatch.setattr(replay, "parser_version", lambda: "newer code")
    done_before_stop = []

    def stop_at_second(stage, done, total):
        if done >= 2 and done < total:
            raise KeyboardInterrupt
        done_before_stop.append(done)

    with pytest.raises(KeyboardInterrupt):
        replay.reprocess(world.settings, *SPAN, on_progress=stop_at_second)
    rest = replay.reprocess(world.settings, *SPAN, only_behind=True)
    assert (rest.documents, rest.behind, rest.read) == (4, 2, 2)
    assert replay.reprocess(world.settings, *SPAN, only_behind=True).read == 0


def test_everything_is_made_anew_from_the_archive_alone(world: World) -> None:
    lay_down(world)
    world.load()
    world.deposit("reports/0.txt", report_text("ilacs_2018", "Brackenshire", date(2019, 5, 13), leadership="good"))
    world.load()
    (world.landing / "reports/1.txt").unlink()
    world.load()
    whole = world.star()
    for place in world.settings.warehouse.iterdir():
        if place.name != "archive":
            shutil.rmtree(place) if place.is_dir() else place.unlink()
    shutil.rmtree(world.settings.published)
    shutil.rmtree(world.landing)
    summary = replay.rebuild(world.settings)
    assert summary.state == "published"
    assert world.star() == whole


def test_an_archive_that_lacks_a_file_is_told(world: World) -> None:
    lay_down(world)
    world.load()
    kept = next(p for p in (world.settings.warehouse / "archive").rglob("*") if p.is_file() and p.suffix == "")
    Path(kept).unlink()
    with pytest.raises(WarehouseError, match="missing"):
        replay.rebuild(world.settings)


def test_a_rebuild_of_nothing_says_so(world: World) -> None:
    with pytest.raises(WarehouseError, match="found no files"):
        replay.rebuild(world.settings)


@pytest.mark.parametrize(("key", "last"), [("2024-02", 29), ("2023-02", 28), ("2024-12", 31)])
def test_a_month_has_its_days(key: str, last: int) -> None:
    first, end = replay.month(key)
    assert (first.day, end.day, f"{end:%Y-%m}") == (1, last, key)


@pytest.mark.parametrize("key", [None, "", "2024", "2024-13", "2024-01-01T02:00:00"])
def test_what_is_no_month_is_refused(key: str | None) -> None:
    with pytest.raises(UsageError, match="month"):
        replay.month(key)
