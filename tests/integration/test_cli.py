"""The command line: exit codes, what goes to which output, and what starts slowly."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.conftest import CommandLine
from transforms.errors import (
    CheckEngineError,
    CheckError,
    MigrationError,
    SafeguardingError,
    WarehouseBusyError,
    WarehouseError,
)
from warehouse import operations, pipeline
from warehouse.settings import PREFIX, Settings

SLOW_TO_IMPORT = ("airflow", "great_expectations", "pandas", "polars", "pyarrow", "sqlalchemy", "numpy")


def summary(**values: Any) -> pipeline.LoadSummary:
    return pipeline.LoadSummary(load_id="20260101T000000Z-made-up", state="published", **{"exit_code": 0, **values})


def loading(result: pipeline.LoadSummary | BaseException) -> Callable[..., pipeline.LoadSummary]:
    def load(settings: Settings, on_progress: Any = None, trigger: str = "load") -> pipeline.LoadSummary:
        if isinstance(result, BaseException):
            raise result
        return result

    return load


@pytest.mark.parametrize("code", [0, 10])
def test_load_ends_with_the_code_of_its_summary(
    safeguarding: CommandLine, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    quarantined = [{"file": "reports/[bold]x\x1b[2J.pdf", "reason": "empty"}] if code else []
    monkeypatch.setattr(pipeline, "load", loading(summary(exit_code=code, quarantined=quarantined)))
    said = safeguarding("load", "--json")
    assert said.code == code
    assert said.out.count("\n") == 1
    assert said.json["exit_code"] == code
    assert said.json["quarantined"] == quarantined
    for_people = safeguarding("load")
    assert for_people.code == code
    assert "published" in for_people.out
    if quarantined:
        assert "reports/[bold]x" in for_people.out
        assert "\x1b[2J" not in for_people.out


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (CheckError("judgement keys: found 2 alike, expected unique"), 11),
        (CheckEngineError("the checks could not run"), 12),
        (WarehouseError("disk"), 13),
        (WarehouseBusyError("held by process 7"), 13),
        (MigrationError("006 failed"), 13),
        (OSError(28, "No space left on device", "/full/disk"), 13),
        (duckdb.FatalException("Failed to create checkpoint: No space left on device"), 13),
        (sqlite3.OperationalError("database or disk is full"), 13),
    ],
)
def test_load_ends_with_the_code_of_its_error(
    safeguarding: CommandLine, monkeypatch: pytest.MonkeyPatch, error: Exception, code: int
) -> None:
    monkeypatch.setattr(pipeline, "load", loading(error))
    said = safeguarding("load")
    assert (said.code, said.out) == (code, "")
    assert "safeguarding: " in said.err
    assert "Traceback" not in said.err
    for_machines = safeguarding("load", "--json")
    assert for_machines.code == code
    assert for_machines.json["exit_code"] == code
    expected = type(error).__name__ if isinstance(error, SafeguardingError) else "WarehouseError"
    assert for_machines.json["error"] == expected


def test_a_fault_in_the_code_keeps_its_traceback(safeguarding: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "load", loading(duckdb.BinderException("no such column")))
    with pytest.raises(duckdb.BinderException):
        safeguarding("load")


def test_an_interrupted_load_ends_with_130(safeguarding: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "load", loading(KeyboardInterrupt()))
    assert safeguarding("load").code == 130


@pytest.mark.parametrize(
    "words", [(), ("reload",), ("load", "--fast"), ("query",), ("report",), ("query", "SELECT 1", "--csv", "--json")]
)
def test_wrong_usage(safeguarding: CommandLine, words: tuple[str, ...]) -> None:
    said = safeguarding(*words)
    assert said.code == 2
    assert said.err or not words


def test_a_wrong_setting_is_wrong_usage(safeguarding: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"{PREFIX}PROCESSES", "several")
    said = safeguarding("load", "--json")
    assert said.code == 2
    assert f"{PREFIX}PROCESSES: found 'several', expected" in said.err
    assert said.json["exit_code"] == 2


def test_an_empty_landing_zone_is_nothing_new(safeguarding: CommandLine, places: Settings) -> None:
    said = safeguarding("load", "--json")
    assert said.code == 0
    assert said.json["state"] == "unchanged"
    assert not places.published_file.exists()


@pytest.mark.parametrize("words", [("forget", "--la", "990", "--year", "2026"), ("access-log",)])
def test_failures_are_told_in_json_too(safeguarding: CommandLine, words: tuple[str, ...]) -> None:
    said = safeguarding(*words, "--json")
    assert said.code == said.json["exit_code"] != 0
    assert said.json["message"] and said.json["message"].split()[0] in said.err


FOUND = {
    "file": "x.pdf",
    "sha256": "0" * 64,
    "framework": "ilacs",
    "authority": "Made-up",
    "inspection_start_date": "2024-01-08",
    "inspection_end_date": None,
    "published_date": None,
    "lead_inspector": "A Person",
    "judgements": [{"area_code": "overall", "grade_code": "good", "page": 1, "evidence": "Overall effectiveness Good"}],
    "recommendations": [],
    "figures": [],
    "previous_inspections": [],
    "problems": [],
}


@pytest.mark.parametrize(("severity", "code"), [(None, 0), ("warning", 0), ("blocking", 10)])
def test_report_gives_one_json_object_a_file(
    safeguarding: CommandLine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, severity: str | None, code: int
) -> None:
    problems = [{"code": "missing_area", "severity": severity, "message": "m"}] if severity else []
    monkeypatch.setattr(
        operations, "reports", lambda settings, files: ({**FOUND, "file": str(f), "problems": problems} for f in files)
    )
    files = [tmp_path / "a.pdf", tmp_path / "b.pdf"]
    for file in files:
        file.touch()
    said = safeguarding("report", *map(str, files), "--json")
    assert said.code == code
    lines = [json.loads(line) for line in said.out.splitlines()]
    assert [line["file"] for line in lines] == [str(file) for file in files]
    assert set(FOUND) <= set(lines[0])
    for_people = safeguarding("report", str(files[0]))
    assert for_people.code == code
    assert "overall" in for_people.out
    assert "good" in for_people.out


def test_report_of_no_file_is_wrong_usage(safeguarding: CommandLine) -> None:
    said = safeguarding("report", "nowhere.pdf")
    assert said.code == 2
    assert "nowhere.pdf" in said.err


def test_report_of_a_bad_file_says_what_is_wrong(safeguarding: CommandLine, tmp_path: Path) -> None:
    page = tmp_path / "page.pdf"
    page.write_bytes(b"<!DOCTYPE html><html><body>Page not found</body></html>")
    said = safeguarding("report", str(page), "--json")
    assert said.code == 10
    assert said.json["judgements"] == []
    assert [problem["severity"] for problem in said.json["problems"]] == ["blocking"]


@pytest.fixture
def published(places: Settings) -> Settings:
    places.published.mkdir()
    with duckdb.connect(str(places.published_file)) as connection:
        connection.execute("CREATE TABLE t AS SELECT 'Good' AS grade UNION ALL SELECT '=1+1' ORDER BY 1")
    return places


def test_a_query_is_answered_as_table_csv_and_json(safeguarding: CommandLine, published: Settings) -> None:
    assert "Good" in safeguarding("query", "FROM t").out
    assert safeguarding("query", "FROM t ORDER BY 1 DESC", "--csv").out == "grade\nGood\n'=1+1\n"
    assert safeguarding("query", "FROM t ORDER BY 1 DESC", "--json").json == [
        {"grade": "Good"},
        {"grade": "=1+1"},
    ]


def test_query_that_is_refused(safeguarding: CommandLine, published: Settings) -> None:
    said = safeguarding("query", "FROM nowhere")
    assert (said.code, said.out) == (2, "")
    assert "safeguarding: SQL: Catalog Error" in said.err


def test_query_before_anything_is_published(safeguarding: CommandLine) -> None:
    said = safeguarding("query", "SELECT 1")
    assert said.code == 13
    assert "nothing has been published yet" in said.err


def test_long_answers_say_that_they_are_cut(safeguarding: CommandLine, published: Settings) -> None:
    assert "the first 1000 rows" in safeguarding("query", "FROM range(1001)").err
    assert safeguarding("query", "FROM range(1000)").err == ""


def test_a_reader_that_has_had_enough(in_child: CommandLine, published: Settings) -> None:
    said = in_child(
        "import subprocess, sys; c = subprocess.Popen([sys.executable, '-m', 'warehouse.cli', 'query', "
        "'FROM range(3000000)', '--csv'], stdout=subprocess.PIPE, stderr=subprocess.PIPE); "
        "c.stdout.readline(); c.stdout.close(); e = c.stderr.read(); c.wait(); sys.stderr.buffer.write(e)"
    )
    assert said.err == ""


@pytest.mark.parametrize(
    "words", [("--help",), ("query", "SELECT grade FROM t"), ("status",), ("load",), ("rollback",)]
)
def test_nothing_slow_is_imported_where_nothing_is_loaded(
    in_child: CommandLine, published: Settings, words: tuple[str, ...]
) -> None:
    if words != ("query", "SELECT grade FROM t"):
        published.published_file.unlink()
    said = in_child(
        "import atexit, sys; from warehouse import cli; sys.argv[0] = 'safeguarding'\n"
        f"atexit.register(lambda: print([m for m in {SLOW_TO_IMPORT!r} if m in sys.modules]))\n"
        "cli.main()",
        *words,
    )
    assert said.out.splitlines()[-1:] == ["[]"], said.err


def test_status_and_rollback_before_the_first_load(safeguarding: CommandLine) -> None:
    status = safeguarding("status", "--json")
    assert status.code == 0
    assert status.json["published_file"] is None
    assert safeguarding("status").code == 0
    rollback = safeguarding("rollback", "--json")
    assert rollback.code == 13
    assert rollback.json["error"] == "WarehouseError"


@pytest.mark.airflow
@pytest.mark.slow
def test_demo_from_nothing_to_answers(
    in_child: CommandLine, places: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = "import sys; from warehouse import cli; sys.argv[0] = 'safeguarding'; cli.main()"
    monkeypatch.setenv(f"{PREFIX}FETCH", "on")  # not in the demonstration
    said = in_child(run, "demo", timeout=300)
    monkeypatch.delenv(f"{PREFIX}FETCH")
    assert said.code == 0, said.err[-2000:]
    assert str(places.published_file) in said.out
    assert str(places.checks_page) in said.out
    assert "Traceback" not in said.err
    assert "skipped" not in said.err.replace("fetch: skipped", "")
    assert "fetch: skipped" in said.err
    with duckdb.connect(str(places.published_file), read_only=True) as published:
        authorities = published.execute("SELECT DISTINCT authority_name FROM bi.current_judgement").fetchall()
        refused = published.execute("SELECT count(*) FROM meta.source_file WHERE state = 'quarantined'").fetchall()
    assert len(authorities) >= 4
    assert all(name in said.out for (name,) in authorities)
    assert refused[0][0] >= 1
    assert "discover: skipped" in in_child(run, "nightly", timeout=300).err
    (places.landing / ".made-up").unlink()
    others = in_child(run, "demo")
    assert others.code == 2
    assert "expected an empty folder" in others.err
