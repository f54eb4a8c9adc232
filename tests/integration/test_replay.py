"""Archived documents read again: only what differs is replaced, and all can be made anew from the archive."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.integration.conftest import World, empty_world, report_text
from transforms.errors import CheckError, UsageError, WarehouseError
from warehouse import documents, operations, pipeline, replay
from warehouse.extract import Fault
from warehouse.landing import FileVersion
from warehouse.settings import Settings

SPAN = (date(2000, 1, 1), date(2030, 1, 1))


def lay_down(world: World) -> None:
    world.deposit("reports/0.txt", report_text("ilacs_2018", "Brackenshire", date(2019, 5, 13)))
    world.deposit("reports/0.json", json.dumps({"published_date": "2019-06-24", "provider_urn": "80999"}))
    world.deposit("reports/1.txt", report_text("ilacs_2023", "Brackenshire", date(2024, 6, 10)))
    world.deposit(
        "reports/2 corrected.txt", report_text("ilacs_2023", "Brackenshire", date(2024, 6, 10), overall="good")
    )
    world.deposit("reports/broken.pdf", b"%PDF-1.7 made up and cut short")


@pytest.fixture(scope="module")
def once_loaded(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Return the world that each test takes a copy of; nobody changes this one."""
    made = empty_world(tmp_path_factory.mktemp("once"))
    lay_down(made)
    made.load()
    return made


@pytest.fixture
def laid(once_loaded: World, tmp_path: Path) -> World:
    """A world of its own in which what is laid down is loaded."""
    return once_loaded.copy(tmp_path)


def test_reading_again_with_the_same_code_changes_nothing(laid: World) -> None:
    before, version = laid.star(), laid.settings.published_file.resolve()
    done = replay.reprocess(laid.settings, *SPAN)
    assert (done.documents, done.behind, done.changed, done.loads) == (4, 0, 0, [])
    assert laid.settings.published_file.resolve() == version
    assert laid.star() == before
    assert not list((laid.settings.warehouse / "staging").glob("*"))


def test_changed_code_replaces_only_what_differs_and_says_what(laid: World, monkeypatch: pytest.MonkeyPatch) -> None:
    before = dict(laid.query("SELECT sha256, load_id FROM meta.source_file WHERE source_kind = 'report'"))
    (sha,) = laid.query("SELECT sha256 FROM meta.source_file WHERE landing_path = 'reports/0.txt'")[0]
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
    dry = replay.reprocess(laid.settings, *SPAN, is_dry_run=True)
    assert (dry.behind, dry.changed, dry.loads) == (4, 1, [])
    assert dict(laid.query("SELECT sha256, load_id FROM meta.source_file WHERE source_kind = 'report'")) == before
    done = replay.reprocess(laid.settings, *SPAN)
    assert (done.changed, len(done.loads)) == (1, 1)
    assert done.changes == dry.changes
    said = {(change["file"], change["table"]): change for change in done.changes}
    assert said[("reports/0.txt", "fact_recommendation")]["removed"] == 1
    assert {file for file, _ in said} == {"reports/0.txt"}
    rows = laid.query("SELECT sha256, load_id, parser_version FROM meta.source_file WHERE source_kind = 'report'")
    assert {row[0] for row in rows if row[1] != before[row[0]]} == {sha}
    assert {row[2] for row in rows} == {"newer code"}
    # What was read again and found the same was read by that code too, wherever that is written.
    told = laid.query("SELECT DISTINCT parser_version FROM star.dim_source WHERE landing_path LIKE 'reports/%'")
    assert told == [("newer code",)]
    again = replay.reprocess(laid.settings, *SPAN)
    assert (again.behind, again.changed, again.loads) == (0, 0, [])


def newer_code(monkeypatch: pytest.MonkeyPatch, change: Callable[[FileVersion, Any, dict[str, Any]], None]) -> None:
    """Have documents read as if by other code, which does to what was read as it is told."""
    unchanged = documents.lay_out_reports

    def lay_out(file, parsed, row):
        change(file, parsed, row)
        return unchanged(file, parsed, row)

    monkeypatch.setattr(documents, "lay_out_reports", lay_out)
    for module in (documents, replay):
        if hasattr(module, "parser_version"):
            monkeypatch.setattr(module, "parser_version", lambda: "newer code")


def test_facts_added_removed_and_altered_are_counted_by_document(laid: World, monkeypatch: pytest.MonkeyPatch) -> None:
    before = laid.query("SELECT count(*) FROM star.fact_recommendation")

    def of_newer_code(file, parsed, row):
        if file.path == "reports/0.txt":
            found = parsed.reports[0].recommendations
            last = found[-1]
            found[:] = [replace(found[0], text="made up: worded otherwise"), *found[2:]]  # one altered, one gone
            found.extend(replace(last, number=str(90 + n), text=f"made up: new {n}") for n in range(3))

    newer_code(monkeypatch, of_newer_code)
    done = replay.reprocess(laid.settings, *SPAN)
    told = {(c["file"], c["table"]): (c["added"], c["removed"], c["altered"]) for c in done.changes}
    counted = laid.query("SELECT sum(rows_added), sum(rows_removed) FROM meta.reprocess_change")
    after = laid.query("SELECT count(*) FROM star.fact_recommendation")
    assert {file for file, _ in told} == {"reports/0.txt"}
    added, removed, altered = told[("reports/0.txt", "fact_recommendation")]
    assert added - removed == after[0][0] - before[0][0] == 2
    assert altered >= 1
    assert counted[0] == (sum(c["added"] for c in done.changes), sum(c["removed"] for c in done.changes))
    assert replay.reprocess(laid.settings, *SPAN).loads == []


def test_a_document_that_newer_code_refuses_goes_with_a_word(laid: World, monkeypatch: pytest.MonkeyPatch) -> None:

    def of_newer_code(file, parsed, row):
        if file.path == "reports/1.txt" or "corrected" in file.path:
            parsed.fault = Fault("made_up", "page 1: found no sense, expected some")

    newer_code(monkeypatch, of_newer_code)
    version = laid.settings.published_file.resolve()
    dry = replay.reprocess(laid.settings, *SPAN, is_dry_run=True)
    assert [document["file"] for document in dry.withdrawn] == ["reports/1.txt", "reports/2 corrected.txt"]
    assert dry.exit_code == 10
    assert laid.settings.published_file.resolve() == version
    kept = {path.name for path in (laid.settings.warehouse / "quarantine").iterdir()}
    done = replay.reprocess(laid.settings, *SPAN)
    assert done.withdrawn == dry.withdrawn
    assert "found no sense" in done.withdrawn[0]["reason"]
    assert {c["table"] for c in done.changes if c["removed"]} >= {"fact_judgement", "dim_inspection"}
    states = dict(laid.query("SELECT landing_path, state FROM meta.source_file WHERE source_kind = 'report'"))
    assert states["reports/1.txt"] == states["reports/2 corrected.txt"] == "quarantined"
    assert states["reports/0.txt"] == "loaded"
    assert len(list((laid.settings.warehouse / "quarantine").iterdir())) == len(kept) + 2
    again = replay.reprocess(laid.settings, *SPAN)
    assert (again.loads, again.withdrawn) == ([], [])
    monkeypatch.undo()  # mended code reads them again, by itself
    laid.load()
    states = dict(laid.query("SELECT landing_path, state FROM meta.source_file WHERE source_kind = 'report'"))
    assert states["reports/2 corrected.txt"] == "loaded"


def test_code_that_refuses_most_documents_publishes_nothing(laid: World, monkeypatch: pytest.MonkeyPatch) -> None:
    before = laid.star()

    def broken_code(file, parsed, row):
        parsed.fault = Fault("made_up", "found nothing at all")

    monkeypatch.setattr(replay, "MOST_WITHDRAWN", 1)
    newer_code(monkeypatch, broken_code)
    with pytest.raises(CheckError, match="3 of 4 loaded documents refused"):
        replay.reprocess(laid.settings, *SPAN)
    assert laid.star() == before


def test_a_document_that_a_check_put_aside_is_not_published_again_and_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from warehouse import merge
    from warehouse.aside import put_aside

    lay_down(world)
    unchecked = merge._put_aside_again
    (sha,) = {hashlib.sha256((world.landing / "reports/0.txt").read_bytes()).hexdigest()}

    def aside(settings, manifest, staged):
        unchecked(settings, manifest, staged)
        put_aside(settings, staged, {sha: ["made_up_check"]})

    monkeypatch.setattr(merge, "_put_aside_again", aside)
    world.load()
    assert world.query(f"SELECT state, error_code FROM meta.source_file WHERE sha256 = '{sha}'") == [
        ("quarantined", "failed_check")
    ]
    assert replay.reprocess(world.settings, *SPAN).loads == []


def statistics_csv(*rows: tuple[str, str, str]) -> str:
    """Return a made-up table of a release: year, category, value."""
    header = "time_period,time_identifier,geographic_level,country_code,country_name,category,rate"
    return "\n".join(
        [header, *(f"{year},Financial year,National,E92000001,England,{name},{rate}" for year, name, rate in rows), ""]
    )


def test_of_published_statistics_too_only_what_differs_is_replaced(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from warehouse import staging

    world.deposit("statistics/2024-01-31/a.csv", statistics_csv(("202122", "Total", "1"), ("202223", "Total", "2")))
    world.deposit("statistics/2025-01-30/b.csv", statistics_csv(("202324", "Total", "3"), ("202425", "Total", "4")))
    world.load()
    loads = dict(world.query("SELECT landing_path, load_id FROM meta.source_file"))
    values = "SELECT period_code, value FROM bi.indicator_value ORDER BY ALL"
    assert [value for _, value in world.query(values)] == [1, 2, 3, 4]
    (sha,) = world.query("SELECT sha256 FROM meta.source_file WHERE landing_path LIKE '%b.csv'")[0]
    parse = documents.parse_batch

    def of_newer_code(settings, manifest, batch, on_progress=None):
        """Alter one value, drop one row and add one, where the children would have."""
        import polars as pl

        def also(file, parsed, row):
            written = staging.written_folder(settings, manifest["load_id"], "observation") / f"{sha}.parquet"
            if file.sha256 == sha and written.exists():
                frame = pl.read_parquet(written)
                altered = pl.when(pl.col("value") == 3).then(30.0).otherwise("value").alias("value")
                frame.with_columns(altered).filter(pl.col("value") != 4).write_parquet(written)
            return unchanged(file, parsed, row)

        monkeypatch.setattr(documents, "lay_out_observations", also)
        try:
            return parse(settings, manifest, batch, on_progress)
        finally:
            monkeypatch.setattr(documents, "lay_out_observations", unchanged)

    unchanged = documents.lay_out_observations
    monkeypatch.setattr(documents, "parse_batch", of_newer_code)
    for module in (documents, replay):
        if hasattr(module, "parser_version"):
            monkeypatch.setattr(module, "parser_version", lambda: "newer code")
    assert replay.reprocess(world.settings, date(2021, 4, 1), date(2022, 3, 31)).changed == 0
    done = replay.reprocess(world.settings, date(2023, 4, 1), date(2025, 3, 31), ["statistics"])
    told = {c["table"]: (c["added"], c["removed"], c["altered"]) for c in done.changes}
    assert told["fact_indicator"] == (0, 1, 1)
    assert {c["file"] for c in done.changes} == {"statistics/2025-01-30/b.csv"}
    assert [value for _, value in world.query(values)] == [1, 2, 30]
    now = dict(world.query("SELECT landing_path, load_id FROM meta.source_file"))
    assert now["statistics/2024-01-31/a.csv"] == loads["statistics/2024-01-31/a.csv"]


def test_what_a_rollback_withdrew_is_not_brought_back_by_a_replay(laid: World, monkeypatch: pytest.MonkeyPatch) -> None:
    laid.deposit("reports/late.txt", report_text("ilacs_2023", "Brackenshire", date(2025, 3, 3)))
    laid.load()
    check = pipeline.check

    def rolled_back_meanwhile(settings, load_id):
        found = check(settings, load_id)
        if not done_once:
            done_once.append(load_id)
            operations.rollback(settings)
        return found

    done_once: list[str] = []
    monkeypatch.setattr(pipeline, "check", rolled_back_meanwhile)
    newer_code(monkeypatch, lambda file, parsed, row: parsed.reports[0].recommendations.pop())
    replay.reprocess(laid.settings, *SPAN)
    paths = {path for (path,) in laid.query("SELECT landing_path FROM meta.source_file")}
    assert done_once and "reports/late.txt" not in paths and "reports/0.txt" in paths
    codes = laid.query("SELECT DISTINCT parser_version FROM meta.source_file WHERE source_kind = 'report'")
    assert ("newer code",) in codes


def test_a_replay_beside_a_nightly_load_loses_neither(laid: World, monkeypatch: pytest.MonkeyPatch) -> None:
    check, came = pipeline.check, []

    def loaded_meanwhile(settings, load_id):
        found = check(settings, load_id)
        if not came:
            came.append(load_id)
            laid.deposit("reports/new.txt", report_text("ilacs_2023", "Brackenshire", date(2025, 3, 3)))
            assert laid.load().files_loaded == 1
        return found

    monkeypatch.setattr(pipeline, "check", loaded_meanwhile)
    newer_code(
        monkeypatch,
        lambda file, parsed, row: parsed.reports[0].recommendations.pop() if file.path == "reports/0.txt" else None,
    )
    before = laid.query("SELECT count(*) FROM star.fact_recommendation")[0][0]
    done = replay.reprocess(laid.settings, *SPAN)
    assert came and len(done.loads) == 1
    states = dict(laid.query("SELECT landing_path, state FROM meta.source_file WHERE source_kind = 'report'"))
    assert states["reports/new.txt"] == states["reports/0.txt"] == "loaded"
    of_new = laid.query(
        "SELECT count(*) FROM star.fact_recommendation JOIN star.dim_source USING (source_key) "
        "WHERE landing_path = 'reports/new.txt'"
    )[0][0]
    assert laid.query("SELECT count(*) FROM star.fact_recommendation")[0][0] == before + of_new - 1


def test_only_documents_of_the_period_and_source_are_read(laid: World) -> None:
    in_2019 = replay.reprocess(laid.settings, date(2019, 1, 1), date(2019, 12, 31))
    assert (in_2019.documents, in_2019.read) == (1, 1)
    assert replay.reprocess(laid.settings, *SPAN, sources=["observations"]).documents == 0
    assert replay.reprocess(laid.settings, *SPAN, only_behind=True).read == 0
    with pytest.raises(UsageError, match="--to"):
        replay.reprocess(laid.settings, SPAN[1], SPAN[0])
    with pytest.raises(UsageError, match="no_such"):
        replay.reprocess(laid.settings, *SPAN, sources=["no_such"])


def test_a_replay_stopped_between_batches_goes_on_where_it_was(laid: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replay, "BATCH_DOCUMENTS", 2)
    monkeypatch.setattr(replay, "parser_version", lambda: "newer code")
    done_before_stop = []

    def stop_at_second(stage, done, total):
        if done >= 2 and done < total:
            raise KeyboardInterrupt
        done_before_stop.append(done)

    with pytest.raises(KeyboardInterrupt):
        replay.reprocess(laid.settings, *SPAN, on_progress=stop_at_second)
    rest = replay.reprocess(laid.settings, *SPAN, only_behind=True)
    assert (rest.documents, rest.behind, rest.read) == (4, 2, 2)
    assert replay.reprocess(laid.settings, *SPAN, only_behind=True).read == 0


def test_everything_is_made_anew_from_the_archive_alone(laid: World) -> None:
    laid.deposit("reports/0.txt", report_text("ilacs_2018", "Brackenshire", date(2019, 5, 13), leadership="good"))
    laid.load()
    (laid.landing / "reports/1.txt").unlink()
    laid.load()
    whole = laid.star()
    for place in laid.settings.warehouse.iterdir():
        if place.name != "archive":
            shutil.rmtree(place) if place.is_dir() else place.unlink()
    shutil.rmtree(laid.settings.published)
    shutil.rmtree(laid.landing)
    summary = replay.rebuild(laid.settings)
    assert summary.state == "published"
    assert laid.star() == whole


def test_an_archive_that_lacks_a_file_is_told(laid: World) -> None:
    kept = next(p for p in (laid.settings.warehouse / "archive").rglob("*") if p.is_file() and p.suffix == "")
    Path(kept).unlink()
    with pytest.raises(WarehouseError, match="missing"):
        replay.rebuild(laid.settings)


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


def test_a_run_takes_a_month_or_two_days_never_both() -> None:
    assert replay.period("2024-02", None, None) == (date(2024, 2, 1), date(2024, 2, 29))
    assert replay.period(None, "2019-01-01", "2019-12-31") == (date(2019, 1, 1), date(2019, 12, 31))
    with pytest.raises(UsageError, match="beside the month 2024-02"):
        replay.period("2024-02", "2019-01-01", "2019-12-31")
    for first, last, wrong in (
        ("2019-01-01", None, "to"),
        (None, "2019-01-01", "from"),
        ("1/2/19", "2019-03-01", "from"),
    ):
        with pytest.raises(UsageError, match=f"^{wrong}: found"):
            replay.period(None, first, last)
    with pytest.raises(UsageError, match="month"):
        replay.period(None, None, None)


def test_changes_are_counted_in_every_table_that_documents_fill(laid: World) -> None:
    from warehouse import store
    from warehouse.changes import _changes_sql, _fact_tables

    connection = store.connect(laid.settings.published_file, laid.settings, read_only=True)
    connection.execute(f"ATTACH {store.literal(laid.settings.published_file.resolve())} AS prev (READ_ONLY)")
    tables = {name: key for name, key, _ in _fact_tables(connection)}
    connection.close()
    filled = laid.query(
        "SELECT table_name FROM duckdb_columns() WHERE schema_name = 'star' AND column_name = 'source_key' "
        "AND table_name NOT LIKE 'wide_%' AND table_name NOT LIKE 'dim_source%' "
        "AND table_name NOT IN ('benchmark_total', 'benchmark_latest')"  # worked out from the facts
    )
    assert {name for (name,) in filled} <= set(tables) | {"dim_inspection"}
    assert all(tables.values()), "each has a key, so that an altered row is told from one added and one removed"
    assert "whole_row" in _changes_sql("L1", "made_up", (), ["a", "b"])


def test_replays_and_rebuilds_are_told_as_lineage_too(laid: World, monkeypatch: pytest.MonkeyPatch) -> None:
    file = laid.root / "lineage.jsonl"
    place = replace(laid.settings, lineage=str(file))
    replay.reprocess(place, *SPAN)
    assert not file.exists(), "nothing differs, so there is nothing to tell"
    newer_code(monkeypatch, lambda file, parsed, row: parsed.reports[0].recommendations.pop())
    replay.reprocess(place, *SPAN, is_dry_run=True)
    assert not file.exists()
    replay.reprocess(place, *SPAN)
    replay.rebuild(place)
    events = [json.loads(line) for line in file.read_text().splitlines()]
    assert [event["eventType"] for event in events] == ["START", "COMPLETE"] * 2
    runs = [event["run"]["runId"] for event in events]
    assert runs[0] == runs[1] != runs[2] == runs[3]
    assert all(event["inputs"] for event in events[::2])


def test_rebuild_and_load_take_turns(laid: World, monkeypatch: pytest.MonkeyPatch) -> None:
    tried = []

    def meanwhile(settings: Settings, load_id: str) -> Any:
        from transforms.errors import WarehouseBusyError

        if not tried:
            tried.append(load_id)
            laid.deposit("reports/new.txt", report_text("ilacs_2023", "Brackenshire", date(2025, 3, 3)))
            with pytest.raises(WarehouseBusyError, match="rebuild"):
                pipeline.load(replace(laid.settings, lock_seconds=0.1))
        return check(settings, load_id)

    check = pipeline.check
    monkeypatch.setattr(pipeline, "check", meanwhile)
    replay.rebuild(laid.settings)
    monkeypatch.undo()
    assert laid.load().files_loaded == 1
    whole = laid.star()
    replay.rebuild(laid.settings)
    assert laid.star() == whole
