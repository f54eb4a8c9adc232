"""Questions to the published file: what is refused, and what the output may not do to its reader."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import duckdb
import pytest

from transforms.errors import UsageError, WarehouseError
from warehouse import query
from warehouse.settings import Settings


@pytest.fixture
def published(places: Settings) -> Settings:
    """A published file with one table of three rows."""
    places.published.mkdir()
    with duckdb.connect(str(places.published_file)) as connection:
        connection.execute("CREATE TABLE t AS SELECT range AS n FROM range(3)")
    return places


def answer_as(published: Settings, sql: str, *, as_json: bool = False) -> str:
    out = io.StringIO(newline="")
    with query.ask(published, sql) as answer:
        (query.write_json if as_json else query.write_csv)(answer, out)
    return out.getvalue()


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM glob('/etc/*')",
        "COPY t TO '{place}/out.csv'",
        "EXPORT DATABASE '{place}/out'",
        "ATTACH '{place}/other.duckdb'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "RESET lock_configuration",
        "CREATE TABLE u (n INT)",
        "INSERT INTO t VALUES (9)",
        "DROP TABLE t",
        "SELECT * FROM published_rows",
        "SELECT 1; DELETE FROM t",
        "selec 1",
    ],
)
def test_what_a_question_may_not_do(published: Settings, statement: str) -> None:
    published_rows = [1]  # a local variable that DuckDB could otherwise read as a table  # noqa: F841
    before = published.published_file.read_bytes()
    with pytest.raises(UsageError, match="^SQL: "):
        answer_as(published, statement.format(place=published.published))
    assert published.published_file.read_bytes() == before
    assert [path.name for path in published.published.iterdir()] == ["safeguarding.duckdb"]


def test_an_error_in_a_late_row_is_a_wrong_question_too(published: Settings) -> None:
    late = "SELECT CASE WHEN range = 9000 THEN error('late') ELSE 'x' END FROM range(10000)"
    with pytest.raises(UsageError, match="late"):
        answer_as(published, late)


def test_nothing_published_yet(places: Settings) -> None:
    with pytest.raises(WarehouseError, match="nothing has been published yet"), query.ask(places, "SELECT 1"):
        pass


def test_a_file_that_is_no_database(places: Settings) -> None:
    places.published.mkdir()
    places.published_file.write_bytes(b"not a database" * 1000)
    with pytest.raises(WarehouseError, match=r"safeguarding\.duckdb"), query.ask(places, "SELECT 1"):
        pass


def test_readers_do_not_shut_each_other_out(published: Settings) -> None:
    with query.ask(published, "SELECT n FROM t") as first, query.ask(published, "SELECT count(*) FROM t") as second:
        assert next(second.rows) == (3,)
        assert [row[0] for row in first.rows] == [0, 1, 2]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝"])
def test_a_cell_that_a_spreadsheet_would_run_is_prefixed(start: str) -> None:
    assert query.safe_cell(start + "cmd|' /C calc'!A0") == "'" + start + "cmd|' /C calc'!A0"


@pytest.mark.parametrize("text", ["-5", "+3.25", "-1,234", "-12%", "Good", "a=b", ""])
def test_harmless_text_stays_as_it_is(text: str) -> None:
    assert query.safe_cell(text) == text


def test_csv_is_read_back_as_it_was(published: Settings) -> None:
    sql = """SELECT 'a "quoted", value' AS a, 'two' || chr(10) || 'lines' AS "=b", NULL AS c, -1.5 AS d,
             TRUE AS e, DATE '2024-02-29' AS f, [1, 2] AS g"""
    rows = list(csv.reader(io.StringIO(answer_as(published, sql), newline="")))
    assert rows == [
        ["a", "'=b", "c", "d", "e", "f", "g"],
        ['a "quoted", value', "two\nlines", "", "-1.5", "true", "2024-02-29", "[1, 2]"],
    ]


def test_json_is_one_array_with_every_kind_of_value(published: Settings) -> None:
    sql = """SELECT 1 AS a, 2 AS a, 'nan'::DOUBLE AS b, NULL AS c, 12345678901234567890::HUGEINT AS d,
             TIMESTAMPTZ '2024-06-01 00:00:00+00' AS e, {'x': DATE '2024-01-01'} AS f, 1.25 AS g"""
    found = json.loads(answer_as(published, sql, as_json=True))
    (row,) = found
    assert list(row) == ["a", "a_1", "b", "c", "d", "e", "f", "g"]
    assert row | {"e": None} == {
        "a": 1, "a_1": 2, "b": None, "c": None, "d": 12345678901234567890, "e": None,
        "f": {"x": "2024-01-01"}, "g": 1.25,
    }  # fmt: skip
    assert row["e"].startswith("2024-06-01T")


def test_json_of_no_rows_and_of_many(published: Settings) -> None:
    assert json.loads(answer_as(published, "SELECT 1 AS a WHERE false", as_json=True)) == []
    many = query.ROWS_AT_ONCE * 2 + 1
    assert len(json.loads(answer_as(published, f"SELECT range AS a FROM range({many})", as_json=True))) == many


def test_the_answer_of_a_link_is_that_of_the_file(published: Settings, tmp_path: Path) -> None:
    kept = published.published / "version.duckdb"
    published.published_file.rename(kept)
    published.published_file.symlink_to(kept.name)
    assert answer_as(published, "SELECT count(*) AS n FROM t") == "n\n3\n"
