"""A load as a whole: what it publishes, and that order, repetition and bad files change nothing else."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from tests.integration.conftest import World, report_text
from transforms.errors import CheckError, WarehouseError
from warehouse import operations, pipeline, store

FIRST = ("ilacs_2018", "Brackenshire", date(2019, 5, 13))
SECOND = ("ilacs_2023", "Brackenshire", date(2024, 6, 10))
OTHER = ("sif_2016", "Caldermouth", date(2016, 2, 1))


def test_a_report_becomes_judgements_with_their_source(world: World) -> None:
    world.deposit("reports/a/one - 20 july 2024.txt", report_text(*SECOND, overall="good", care_leavers="inadequate"))
    summary = world.load()
    assert (summary.state, summary.exit_code, summary.files_quarantined) == ("published", 0, 0)
    rows = world.query(
        "SELECT authority_name, area_code, grade_code, change, published_date_source, document_name, evidence_page, "
        "length(document_sha256) FROM bi.judgement_history WHERE area_code IN ('overall', 'care_leavers') ORDER BY ALL"
    )
    assert [row[:5] for row in rows] == [
        ("Brackenshire", "care_leavers", "inadequate", "first", "file_name"),
        ("Brackenshire", "overall", "good", "first", "file_name"),
    ]
    assert all(row[5:] == ("one - 20 july 2024.txt", 1, 64) for row in rows)
    # The load tells of itself: rows read are those of all shapes, rows out the judgements.
    assert world.query(
        "SELECT rows_in > rows_out, rows_out = (SELECT count(*) FROM star.fact_judgement), "
        "state, seconds > 0 FROM meta.load"
    ) == [(True, True, "published", True)]


def test_history_gives_previous_grade_and_direction_across_frameworks(world: World) -> None:
    world.deposit("reports/a.txt", report_text("sif_2016", "Brackenshire", date(2016, 2, 1), overall="inadequate"))
    world.deposit("reports/b.txt", report_text(*FIRST, overall="requires_improvement"))
    world.deposit("reports/c.txt", report_text(*SECOND, overall="requires_improvement"))
    world.load()
    found = world.query(
        "SELECT framework_code, previous_grade_code, change FROM bi.judgement_history "
        "WHERE area_code = 'overall' ORDER BY inspection_start_date"
    )
    assert found == [
        ("sif", None, "first"),
        ("ilacs", "inadequate", "improved"),
        ("ilacs", "requires_improvement", "same"),
    ]
    assert world.query(
        "SELECT grade_code, inspection_start_date FROM bi.current_judgement WHERE area_code = 'overall'"
    ) == [("requires_improvement", SECOND[2])]


def test_second_run_reads_nothing_and_publishes_nothing(world: World) -> None:
    world.deposit("reports/a.txt", report_text(*FIRST))
    world.load()
    before = world.settings.published_file.resolve()
    found = pipeline.discover(world.settings)
    assert (found.has_work, found.files_opened) == (False, 0)
    summary = world.load()
    assert (summary.state, summary.exit_code) == ("unchanged", 0)
    assert world.settings.published_file.resolve() == before


def test_same_bytes_under_another_name_change_nothing(world: World) -> None:
    text = report_text(*FIRST)
    world.deposit("reports/a.txt", text)
    world.load()
    before = world.settings.published_file.resolve()
    world.deposit("reports/copy of a.txt", text)
    assert world.load().state == "unchanged"
    assert world.settings.published_file.resolve() == before


def test_a_vanished_file_changes_nothing(world: World) -> None:
    path = world.deposit("reports/a.txt", report_text(*FIRST))
    world.deposit("reports/b.txt", report_text(*OTHER))
    world.load()
    before = world.star()
    path.unlink()
    assert world.load().state == "unchanged"
    world.deposit("reports/c.txt", report_text("jtai", "Kestrelham", date(2018, 6, 4)))
    world.load()
    after = world.star()
    assert set(before["star.fact_judgement"]) <= set(after["star.fact_judgement"])


def test_a_corrected_report_supersedes_and_both_stay_traceable(world: World) -> None:
    world.deposit("reports/a.txt", report_text(*SECOND, overall="good"))
    world.load()
    world.deposit("reports/a.txt", report_text(*SECOND, overall="inadequate"))
    summary = world.load()
    assert summary.state == "published"
    assert world.query("SELECT grade_code FROM bi.judgement_history WHERE area_code = 'overall'") == [("inadequate",)]
    states = world.query(
        "SELECT state, superseded_by_sha256 IS NOT NULL FROM meta.source_file WHERE source_kind = 'report' ORDER BY 1"
    )
    assert states == [("loaded", False), ("superseded", True)]
    assert world.query("SELECT count(*) FROM star.dim_source WHERE state = 'superseded'") == [(1,)]


def test_publication_date_decides_which_document_stands_not_arrival(world: World) -> None:
    later = report_text(*SECOND, overall="inadequate")
    world.deposit("reports/b.txt", later)
    world.deposit(
        "reports/b.json", json.dumps({"published_date": "2024-09-30", "retrieved_at": "2024-10-01T00:00:00Z"})
    )
    world.load()
    world.deposit("reports/a.txt", report_text(*SECOND, overall="good"))
    world.deposit(
        "reports/a.json", json.dumps({"published_date": "2024-08-30", "retrieved_at": "2024-10-02T00:00:00Z"})
    )
    world.load()
    assert world.query("SELECT grade_code FROM bi.judgement_history WHERE area_code = 'overall'") == [("inadequate",)]
    assert world.query("SELECT count(*) FROM meta.source_file WHERE state = 'superseded'") == [(1,)]


def test_a_json_file_that_comes_later_gives_the_publication_date(world: World) -> None:
    world.deposit("reports/a.txt", report_text(*SECOND))
    world.load()
    assert world.query("SELECT published_date FROM bi.inspection") == [(None,)]
    world.deposit(
        "reports/a.txt.json", json.dumps({"published_date": "2024-08-30", "source_url": "https://example.org/a"})
    )
    world.load()
    assert world.query("SELECT published_date, published_date_source, source_url FROM bi.inspection") == [
        (date(2024, 8, 30), "metadata", "https://example.org/a")
    ]
    assert world.load().state == "unchanged"


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.thorough)])
def test_any_order_of_loads_gives_the_same_star(world: World, tmp_path: Path, seed: int) -> None:
    files = {
        f"reports/{n}.txt": report_text(layout, place, start, seed=n)
        for n, (layout, place, start) in enumerate(
            [
                FIRST,
                SECOND,
                OTHER,
                ("focused_visit", "Brackenshire", date(2022, 3, 1)),
                ("jtai", "Kestrelham", date(2018, 6, 4)),
            ]
        )
    }
    files["reports/2 corrected.txt"] = report_text(*OTHER, seed=2, overall="inadequate").replace(
        "Report published:", "Report published:"
    )
    stamps = {name: 1_700_000_000 + 1000 * n for n, name in enumerate(sorted(files))}
    sidecars = {
        name: json.dumps({"published_date": f"2025-01-{10 + n:02d}", "retrieved_at": f"2025-02-{10 + n:02d}T00:00:00Z"})
        for n, name in enumerate(sorted(files))
    }
    for name, text in files.items():
        path = world.deposit(name, text)
        os.utime(path, (stamps[name], stamps[name]))
        world.deposit(f"{name}.json", sidecars[name])
    world.load()
    at_once = world.star()

    other = World(tmp_path / "other", _elsewhere(world, tmp_path / "other"))
    for path in (world.landing / "reference").iterdir():
        other.deposit(f"reference/{path.name}", path.read_bytes())
    names = sorted(files)
    random.Random(seed).shuffle(names)
    for name in names:
        path = other.deposit(name, files[name])
        os.utime(path, (stamps[name], stamps[name]))
        other.deposit(f"{name}.json", sidecars[name])
        other.load()
    one_by_one = other.star()
    assert one_by_one.keys() == at_once.keys()
    for name, rows in at_once.items():
        assert one_by_one[name] == rows, name
    assert len(at_once["star.fact_judgement"]) > 10


def _elsewhere(world: World, root: Path):
    from dataclasses import replace

    return replace(world.settings, landing=root / "landing", warehouse=root / "warehouse", published=root / "published")


BAD_FILES = {
    "empty.pdf": b"",
    "error page.pdf": b"<!DOCTYPE html><html><title>Not found</title><body><p>Sorry, no such page.</p></body></html>",
    "truncated.pdf": b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog",
    "rubbish.pdf": bytes(range(256)) * 20,
    "letter.txt": "Dear all,\nthe meeting is on Tuesday. Bring the papers.\nYours, Sam\n" * 20,
    "it's; DROP TABLE star.fact_judgement--.txt": "nothing here",
    "\u202egnp.pdf": b"\x89PNG\r\n\x1a\n",
}


def test_bad_files_are_quarantined_and_all_others_load(world: World) -> None:
    for name, content in BAD_FILES.items():
        world.deposit(f"reports/{name}", content)
    world.deposit("reports/good.txt", report_text(*FIRST))
    world.deposit("reports/sub/good.txt", report_text(*OTHER))
    outside = world.root / "secret.txt"
    outside.write_text(report_text(*SECOND))
    (world.landing / "reports" / "link.txt").symlink_to(outside)
    summary = world.load()
    assert (summary.exit_code, summary.files_loaded) == (10, 3)  # two reports and the reference file
    assert summary.files_quarantined == len(BAD_FILES) + 1
    assert world.query("SELECT count(DISTINCT document_name) FROM bi.inspection") == [(1,)]
    assert world.query("SELECT count(*) FROM bi.inspection") == [(2,)]
    for row in summary.quarantined:
        assert row["reason"] and "\n" not in row["file"]
    link = next(row for row in summary.quarantined if row["file"].endswith("link.txt"))
    assert "out of the landing zone" in link["reason"]
    kept = list((world.settings.warehouse / "quarantine").iterdir())
    assert len(kept) == len(BAD_FILES) + 1
    status = operations.status(world.settings)
    assert len(status["quarantined"]) == len(BAD_FILES) + 1
    assert world.load().exit_code == 0  # nothing new: refused files are not refused again


def test_unfinished_files_wait(world: World) -> None:
    world.deposit("reports/a.txt", report_text(*FIRST))
    world.deposit("reports/b.pdf.part", b"%PDF-1.7 half")
    summary = world.load()
    assert summary.exit_code == 0
    assert [row["file"] for row in summary.waiting] == ["reports/b.pdf.part"]


def test_rollback_puts_the_previous_version_back_and_the_next_load_goes_on(world: World) -> None:
    world.deposit("reports/a.txt", report_text(*FIRST))
    world.load()
    before = world.star()
    world.deposit("reports/b.txt", report_text(*OTHER))
    world.load()
    after = world.star()
    answer = operations.rollback(world.settings)
    assert answer["loaded_again_next"] == ["reports/b.txt"]
    assert world.star() == before
    assert world.load().state == "published"
    assert world.star() == after


def test_rollback_without_an_earlier_version_says_so(world: World) -> None:
    world.deposit("reports/a.txt", report_text(*FIRST))
    world.load()
    with pytest.raises(WarehouseError, match="no earlier version"):
        operations.rollback(world.settings)


READER = """
import sys, duckdb
connection = duckdb.connect(sys.argv[1], read_only=True)
for _ in sys.stdin:
    print(connection.execute("SELECT count(*) FROM bi.judgement_history").fetchone()[0], flush=True)
"""


def test_an_open_reader_keeps_its_whole_old_version(world: World) -> None:
    world.deposit("reports/a.txt", report_text(*FIRST))
    world.load()
    reader = subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", READER, str(world.settings.published_file)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )

    def ask() -> int:
        assert reader.stdin and reader.stdout
        reader.stdin.write("\n")
        reader.stdin.flush()
        return int(reader.stdout.readline())

    before = ask()
    world.deposit("reports/b.txt", report_text(*OTHER))
    world.load()
    assert ask() == before
    reader.communicate()
    assert world.query("SELECT count(*) FROM bi.judgement_history")[0][0] > before


def test_a_failed_blocking_check_publishes_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from expectations import suites
    from expectations.check import Check

    world.deposit("reports/a.txt", report_text(*FIRST))
    world.load()
    before = world.settings.published_file.resolve()
    never = Check(
        "never_holds", "star.fact_judgement", "star", "blocking", "to see that it stops the load", "row_count", high=0
    )
    monkeypatch.setattr(suites, "CHECKS", (*suites.CHECKS, never))
    world.deposit("reports/b.txt", report_text(*OTHER))
    with pytest.raises(CheckError, match="never_holds"):
        world.load()
    assert world.settings.published_file.resolve() == before
    assert "never_holds" in world.settings.checks_page.read_text("utf-8")
    monkeypatch.undo()
    assert world.load().state == "published"
    assert world.query("SELECT state FROM meta.load ORDER BY started_at") == [
        ("published",),
        ("blocked",),
        ("published",),
    ]


def test_versions_beyond_those_to_keep_are_removed(world: World) -> None:
    from dataclasses import replace

    from warehouse import publish

    world.settings = replace(world.settings, keep_versions=2)
    for n, (layout, place, start) in enumerate([FIRST, OTHER, SECOND]):
        world.deposit(f"reports/{n}.txt", report_text(layout, place, start))
        world.load()
    kept = publish.versions(world.settings)
    assert len(kept) == 2
    assert world.settings.published_file.resolve() == kept[-1]


def test_the_published_file_is_one_that_older_readers_open(world: World) -> None:
    world.deposit("reports/a.txt", report_text(*FIRST))
    world.load()
    real = world.settings.published_file.resolve()
    assert real.read_bytes()[8:12] == b"DUCK"
    assert int.from_bytes(real.read_bytes()[12:20], "little") == 67
    assert not list(real.parent.glob("*.wal"))
    assert real.stat().st_mode & 0o222 == 0


def test_an_older_file_is_brought_up_to_date(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.deposit("reports/a.txt", report_text(*FIRST))
    real = store.sql_files
    monkeypatch.setattr(store, "sql_files", lambda folder: real(folder)[:-1] if folder == "views" else real(folder))
    world.load()
    monkeypatch.undo()
    assert world.load().state == "published"
    assert world.query("SELECT count(*) FROM bi.inspection") == [(1,)]
    assert world.load().state == "unchanged"


def test_a_file_of_newer_code_is_refused(world: World) -> None:
    import duckdb

    world.deposit("reports/a.txt", report_text(*FIRST))
    world.load()
    real = world.settings.published_file.resolve()
    real.chmod(0o644)
    connection = duckdb.connect(str(real))
    connection.execute("INSERT INTO meta.schema_version VALUES ('999_later.sql', 'x')")
    connection.close()
    world.deposit("reports/b.txt", report_text(*OTHER))
    with pytest.raises(WarehouseError, match="update this code"):
        world.load()


def test_a_build_is_held_against_the_version_it_was_built_upon(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from warehouse import merge, publish

    world.deposit("reports/a.txt", report_text(*FIRST))
    told = world.load().failed_checks
    assert ("staged_published_date_present", "staged.inspection") in {
        (check["check_id"], check["table_name"]) for check in told
    }
    base = world.settings.published_file.resolve()
    world.deposit("reports/b.txt", report_text(*OTHER))
    found = pipeline.discover(world.settings)
    for batch in range(found.batches):
        pipeline.parse(world.settings, found.load_id, batch)
    pipeline.build(world.settings, found.load_id)
    meanwhile = world.root / "meanwhile"
    shutil.copyfile(base, meanwhile)
    publish.switch(world.settings, meanwhile, f"{found.load_id[:-6]}ffffff")
    held = []

    def check(*given: object) -> object:
        held.append(given[-1])
        return real(*given)

    real = merge._check
    monkeypatch.setattr(merge, "_check", check)
    pipeline.check(world.settings, found.load_id)
    assert held == [{"prev": base}]


def test_a_load_whose_files_another_published_meanwhile_ends_unchanged(world: World) -> None:
    world.deposit("reports/a.txt", report_text(*FIRST))
    first = pipeline.discover(world.settings)
    second = pipeline.discover(world.settings)
    for found in (first, second):
        for batch in range(found.batches):
            pipeline.parse(world.settings, found.load_id, batch)
        pipeline.build(world.settings, found.load_id)
        pipeline.check(world.settings, found.load_id)
    assert pipeline.publish(world.settings, first.load_id).state == "published"
    assert pipeline.publish(world.settings, second.load_id).state == "unchanged"


def test_a_load_built_on_an_older_version_is_built_anew(world: World) -> None:
    world.deposit("reports/a.txt", report_text(*FIRST))
    first = pipeline.discover(world.settings)
    pipeline.parse(world.settings, first.load_id, 0)
    pipeline.build(world.settings, first.load_id)
    pipeline.check(world.settings, first.load_id)
    (world.landing / "reports" / "a.txt").unlink()
    world.deposit("reports/b.txt", report_text(*OTHER))
    world.load()
    pipeline.publish(world.settings, first.load_id)
    assert world.query("SELECT count(*) FROM bi.inspection") == [(2,)]


def test_a_changed_parser_reads_kept_texts_and_opens_no_document(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from warehouse import documents

    for n, (layout, place, start) in enumerate([FIRST, OTHER]):
        world.deposit(f"reports/{n}.txt", report_text(layout, place, start))
    world.load()
    before = world.star()
    shutil.rmtree(world.settings.published)
    monkeypatch.setattr(documents, "READ_AND_PARSE", "tests.integration.test_pipeline:refuse_to_read")
    assert world.load().exit_code == 0
    assert world.star() == before


def refuse_to_read(*_: object) -> None:
    raise AssertionError("a document was opened")


def test_replacing_slices_leaves_no_garbage_behind(world: World) -> None:
    for n in range(12):
        start = date(2018 + n // 4, 1 + n, 8)
        world.deposit(f"reports/{n}.txt", report_text("ilacs_2018", "Brackenshire", start, seed=n))
    world.load()
    # Blocks that a replaced slice leaves are used again by the next load; only used ones can pile up.
    asked = "SELECT used_blocks FROM pragma_database_size()"
    ((before,),) = world.query(asked)
    used = []
    for n in range(6):
        world.deposit("reports/0.txt", report_text("ilacs_2018", "Brackenshire", date(2018, 1, 8), seed=100 + n))
        world.load()
        used += world.query(asked)[0]
    # The first replacement lies behind what was there; from then on nothing comes on top.
    assert used[0] <= before + 3, (before, used)
    assert max(used[1:]) <= used[0], (before, used)
