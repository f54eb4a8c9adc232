"""How published values lie in the file: what questions read and a change writes, in rows and blocks."""

import json
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import duckdb
import pytest

from bench import facts
from warehouse import publish, store

ROW_GROUP = store.ROW_GROUP_SIZE
TABLES = ("fact_indicator", "benchmark_total")

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def loads(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The versions after a load of some 400,000 made-up totals, and after one of its 20 documents came again."""
    root = tmp_path_factory.mktemp("values")
    facts.make(root, 400_000, documents=20, breakdowns=1)
    for load in ("first", "second"):
        facts.build(root, load)
    settings = facts.settings_of(root)
    return publish.version_path(settings, "first"), publish.version_path(settings, "second")


def ask(path: Path, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def segments(path: Path, table: str) -> set[tuple[Any, ...]]:
    found = ask(path, f"SELECT column_name, block_id, block_offset FROM pragma_storage_info('star.{table}')")
    return {(column, block, offset) for column, block, offset in found if block is not None and block >= 0}


def scans(plan: dict[str, Any]) -> Counter[str]:
    """Rows read from each table."""
    found: Counter[str] = Counter()
    table = plan.get("extra_info", {}).get("Table", "")
    found[table.rpartition(".")[2]] += plan.get("operator_rows_scanned", 0)
    for child in plan.get("children", []):
        found += scans(child)
    return found


def test_facts_have_no_index(loads: tuple[Path, Path]) -> None:
    assert ask(loads[1], "FROM duckdb_indexes() WHERE table_name LIKE 'fact_indicator%'") == []
    kinds = ask(
        loads[1], "SELECT DISTINCT constraint_type FROM duckdb_constraints() WHERE table_name LIKE 'fact_indicator%'"
    )
    assert kinds == [("NOT NULL",)]


@pytest.mark.parametrize("table", TABLES)
def test_a_change_leaves_what_it_does_not_touch_where_it_is(loads: tuple[Path, Path], table: str) -> None:
    first, second = (segments(path, table) for path in loads)
    assert len(first) > 20
    # One document is a twentieth; it ends in a row group of its own behind the others.
    assert len(first & second) > 0.6 * len(first)
    counts = [ask(path, f"SELECT count(*) FROM star.{table}") for path in loads]
    assert counts[0] == counts[1]


def test_a_change_makes_the_file_hardly_larger(loads: tuple[Path, Path]) -> None:
    first, second = (path.stat().st_size for path in loads)
    # A twentieth of the values, and some blocks of 256 KB that small tables share.
    assert second < 1.08 * first + 4 * 262_144


@pytest.mark.parametrize("table", TABLES)
def test_row_groups_are_full_so_that_none_is_merged_later(loads: tuple[Path, Path], table: str) -> None:
    sizes = ask(
        loads[0],
        f"SELECT sum(count) FROM pragma_storage_info('star.{table}') WHERE column_name = 'indicator_key' "
        "AND segment_type <> 'VALIDITY' GROUP BY row_group_id ORDER BY row_group_id",
    )
    assert len(sizes) > 2
    assert [size for (size,) in sizes[:-1]] == [ROW_GROUP] * (len(sizes) - 1)


@pytest.mark.parametrize(
    ("question", "table", "most"),
    [("trend", "benchmark_total", ROW_GROUP), ("rank", "benchmark_total", ROW_GROUP)],
)
def test_a_question_about_one_indicator_reads_one_row_group(
    loads: tuple[Path, Path], question: str, table: str, most: int
) -> None:
    codes = [row[0] for row in ask(loads[0], "SELECT DISTINCT indicator_code FROM bi.latest_indicator ORDER BY 1")]
    for code in codes[:: len(codes) // 5]:
        sql = facts.QUESTIONS[question].format(code=code, la="383")
        ((_, plan),) = ask(loads[0], f"EXPLAIN (ANALYZE, FORMAT json) {sql}")
        # Where an indicator lies across two row groups, both are read.
        assert 0 < scans(json.loads(plan))[table] <= 2 * most


def test_a_profile_reads_latest_values_only(loads: tuple[Path, Path]) -> None:
    ((_, plan),) = ask(loads[0], f"EXPLAIN (ANALYZE, FORMAT json) {facts.QUESTIONS['profile'].format(la='383')}")
    read = scans(json.loads(plan))
    assert read["fact_indicator"] == read["benchmark_total"] == 0
    assert 0 < read["benchmark_latest"] <= 40_000


def test_latest_values_lie_by_authority(loads: tuple[Path, Path]) -> None:
    keys = ask(loads[0], "SELECT authority_key FROM star.benchmark_latest ORDER BY rowid")
    assert keys == sorted(keys)


def test_a_changed_document_is_worked_out_again_alone(loads: tuple[Path, Path]) -> None:
    """Both versions state the same ranks for the other documents, and each row once."""
    sql = (
        "SELECT indicator_code, la_code, period_code, value, rank, trend, change_from_previous, england_value "
        "FROM bi.indicator_benchmark WHERE indicator_code < 'made_up_00100' ORDER BY ALL"
    )
    assert ask(loads[0], sql) == ask(loads[1], sql)
    twice = "SELECT count(*) - count(DISTINCT (indicator_code, la_code, period_code)) FROM bi.indicator_benchmark"
    assert ask(loads[1], twice) == [(0,)]


def in_batches(patch: pytest.MonkeyPatch, rows: int) -> None:
    """Let the merge write and sort values in batches of so many, not of ten million."""
    real = store.sql_files
    cut = "// 10000000)"
    assert sum(cut in text for _, text in real("merge")) == 2
    patch.setattr(store, "sql_files", lambda folder: [(n, t.replace(cut, f"// {rows})")) for n, t in real(folder)])


def out_of_order(patch: pytest.MonkeyPatch) -> None:
    """Let the next load find its base in disorder, so that it is sorted anew."""
    real = store.start_build

    def start(base: Path | None, build: Path) -> None:
        real(base, build)
        with duckdb.connect(str(build)) as connection:
            connection.execute("UPDATE meta.storage SET rows_out_of_order = 1000000")

    patch.setattr(store, "start_build", start)


def test_values_written_and_sorted_in_batches_are_the_same(tmp_path: Path) -> None:
    stored = "SELECT * EXCLUDE load_id FROM star.fact_indicator ORDER BY rowid"
    asked = "SELECT * EXCLUDE load_id FROM bi.indicator_value ORDER BY ALL"
    found: dict[str, list[Any]] = {}
    facts.make(tmp_path / "whole", 150_000, documents=10)
    shutil.copytree(tmp_path / "whole", tmp_path / "batches")
    for name in ("whole", "batches"):
        settings = facts.settings_of(tmp_path / name)
        with pytest.MonkeyPatch.context() as patch:
            if name == "batches":
                in_batches(patch, 20_000)
            facts.build(tmp_path / name, "first")
            first = publish.version_path(settings, "first")
            out_of_order(patch)
            facts.build(tmp_path / name, "second")
        second = publish.version_path(settings, "second")
        found[name] = [ask(first, stored), ask(second, stored), ask(second, asked)]
        assert ask(second, "SELECT rows_out_of_order FROM meta.storage WHERE table_name = 'star.fact_indicator'") == [
            (0,)
        ]
    assert len(found["whole"][0]) > 100_000
    assert found["whole"] == found["batches"]
    # Sorted anew, a document that came again lies where it lay: indicator, breakdown, period.
    first, second = ([row[:3] for row in rows] for rows in found["whole"][:2])
    assert first == second
