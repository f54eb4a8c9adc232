"""The engine that runs checks, what it reports, and the page that shows it."""

# ruff: noqa: S608 - SQL of our own

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace
from datetime import date, datetime
from html.parser import HTMLParser
from importlib import resources
from pathlib import Path

import duckdb
import pytest

from expectations.check import MOST_FAILING_ROWS, Check, CheckReport, CheckResult, RunContext, SkippedCheck, literal
from expectations.page import MOST_ROWS_SHOWN, render_page
from expectations.runner import _refuse_exception, run_checks
from transforms.errors import CheckEngineError

CONTEXT = RunContext("load-1", "star", today=date(2024, 6, 1), checked_at=datetime(2024, 6, 1, 2, 0))
BIG = 2**60


def check(kind: str, id: str = "", table: str = "star.item", severity: str = "blocking", **rest: object) -> Check:
    fields: dict[str, object] = {"show": ("key",), **rest}
    return Check(id or kind, table, "star", severity, "because", kind=kind, **fields)  # type: ignore[arg-type]


# Every kind twice: once in a way the made-up table below keeps, once in a way it breaks.
KEPT = (
    check("unique", "unique_kept", columns=("key",)),
    check("unique", "unique_pair_kept", columns=("key", "grade")),
    check("unique", "unique_nulls_kept", columns=("empty",)),
    check("not_null", "not_null_kept", columns=("key", "grade")),
    check("in_set", "in_set_kept", columns=("maybe",), values=("it's",)),
    check("between", "between_kept", columns=("rank",), low=1, high=4),
    check("between", "between_dates_kept", columns=("starts",), low=date(2020, 1, 1)),
    check("ordered", "ordered_kept", columns=("starts", "ends", "empty_date")),
    check("rows", "rows_kept", sql="grade IN ('10:30', 'a{b}', '100%', 'x:y')"),
    check("rows", "rows_today_kept", sql="starts > $today"),
    check("query", "query_kept", sql="SELECT key FROM star.item WHERE grade = 'a:b{c}' OR grade LIKE '1%:%'"),
    check("row_count", "row_count_kept", low=1, high=10_000),
)
BROKEN = (
    (check("unique", "unique_broken", columns=("grade",), show=("grade",)), 2998, 2),
    (check("unique", "unique_pair_broken", columns=("grade", "rank"), show=("grade", "rank")), 2992, 8),
    (check("not_null", "not_null_broken", columns=("key", "maybe")), 1, 1),
    (check("in_set", "in_set_broken", columns=("grade",), values=("good",)), 1500, MOST_FAILING_ROWS),
    (check("between", "between_broken", columns=("rank",), low=2, severity="warning"), 600, 600),
    (check("ordered", "ordered_broken", columns=("ends", "starts")), 3000, MOST_FAILING_ROWS),
    (check("rows", "rows_broken", sql="key NOT IN (SELECT key FROM star.other)"), 2999, MOST_FAILING_ROWS),
    (check("query", "query_broken", sql="SELECT i.key FROM star.item i JOIN star.other o USING (key)"), 1, 1),
    (check("row_count", "row_count_broken", low=3010, show=()), 10, 0),
)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("checked") / "checked.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            f"""
            CREATE SCHEMA star;
            CREATE TABLE star.item AS SELECT {BIG} + i AS key, if(i % 2 = 0, 'good', 'poor') AS grade,
                i % 5 + 1 AS rank, if(i = 7, NULL, 'it''s') AS maybe, NULL::INTEGER AS empty,
                DATE '2020-01-01' + i::INTEGER AS starts, DATE '2020-01-03' + i::INTEGER AS ends,
                NULL::DATE AS empty_date FROM range(3000) t(i);
            UPDATE star.item SET rank = 4 WHERE rank = 5;
            UPDATE star.item SET starts = DATE '2020-01-01' WHERE starts > DATE '2024-06-01';
            CREATE TABLE star.other AS SELECT {BIG} + 2 AS key;
            CREATE TABLE star.nothing AS SELECT * FROM star.item LIMIT 0;
            """
        )
    return path


@pytest.fixture(scope="module")
def report(database: Path) -> CheckReport:
    return run_checks(database, [*KEPT, *(c for c, _, _ in BROKEN)], context=CONTEXT)


@pytest.mark.parametrize("kept", KEPT, ids=lambda c: c.id)
def test_a_check_that_holds_finds_nothing(kept: Check, report: CheckReport) -> None:
    result = next(r for r in report.results if r.check_id == kept.id)
    assert (result.success, result.unexpected_count, result.failing_rows) == (True, 0, ())


@pytest.mark.parametrize(("broken", "count", "rows"), BROKEN, ids=lambda v: getattr(v, "id", ""))
def test_broken(broken: Check, count: int, rows: int, report: CheckReport) -> None:
    result = next(r for r in report.results if r.check_id == broken.id)
    assert (result.success, result.unexpected_count) == (False, count)
    assert len(result.failing_rows) == rows
    for row in result.failing_rows:
        assert tuple(row) == broken.show


def test_severity_is_ours_alone(report: CheckReport) -> None:
    assert [r.check_id for r in report.warnings] == ["between_broken"]
    assert {r.check_id for r in report.blocking_failures} == {c.id for c, _, _ in BROKEN} - {"between_broken"}
    assert [r.severity for r in report.failures][-1] == "warning"


def test_keys_too_big_for_a_browser_stay_exact(report: CheckReport) -> None:
    row = next(r for r in report.results if r.check_id == "not_null_broken").failing_rows[0]
    assert row == {"key": str(BIG + 7)}
    json.dumps(report.rows(), default=str)


def test_empty_table_passes_every_kind(database: Path) -> None:
    checks = [replace(c, table="star.nothing") for c in KEPT if c.kind not in ("query", "row_count")]
    assert run_checks(database, checks, context=CONTEXT).failures == ()


def test_checks_of_another_stage_are_passed_over(database: Path) -> None:
    staged = replace(KEPT[0], stage="staged")
    assert run_checks(database, [staged], context=CONTEXT).results == ()


def test_file_is_let_go(database: Path, report: CheckReport) -> None:
    with duckdb.connect(str(database)) as connection:
        connection.execute("CREATE TABLE written AS SELECT 1")
        assert connection.execute("SELECT count(*) FROM written").fetchall() == [(1,)]
        connection.execute("DROP TABLE written")


def test_attached_database_is_compared_with(database: Path, tmp_path: Path) -> None:
    earlier = tmp_path / "it's earlier.duckdb"
    earlier.write_bytes(database.read_bytes())
    lost = check(
        "query",
        "lost",
        needs=("prev.star.item",),
        sql="SELECT key FROM prev.star.item WHERE key NOT IN (SELECT key FROM star.other)",
    )
    gone = replace(lost, id="gone", needs=("prev.star.absent",))
    found = run_checks(database, [lost, gone], context=replace(CONTEXT, attach={"prev": earlier}))
    assert [(r.check_id, r.unexpected_count) for r in found.failures] == [("lost", 2999)]
    assert [(s.check_id, s.reason) for s in found.skipped] == [("gone", "nothing to compare with: no prev.star.absent")]


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (check("rows", sql="no_such_column = 1"), "no_such_column"),
        (check("query", sql="SELECT key FROM star.no_such_table"), "no_such_table"),
        (check("query", sql="SELEC key"), "syntax error"),
        (check("in_set", columns=("no_such_column",), values=(1,)), "no_such_column"),
        (check("rows", sql="CAST(maybe AS DATE) IS NULL", show=()), "message withheld"),
    ],
)
def test_engine_error_is_not_a_data_error(broken: Check, words: str, database: Path) -> None:
    with pytest.raises(CheckEngineError, match=words) as caught:
        run_checks(database, [KEPT[0], broken], context=CONTEXT)
    assert "it's" not in str(caught.value)


@pytest.mark.parametrize(
    "info",
    [
        {"raised_exception": True, "exception_message": "flat", "exception_traceback": ""},
        {"metric a": {"raised_exception": False}, "metric b": {"raised_exception": True, "exception_message": "keyed"}},
    ],
)
def test_swallowed_exception_is_raised(info: dict[str, object]) -> None:
    with pytest.raises(CheckEngineError, match="flat|keyed"):
        _refuse_exception(KEPT[0], info)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ([replace(KEPT[0], table="star.absent")], "tables that are absent: star.absent"),
        ([KEPT[0], KEPT[0]], "declared twice: unique_kept"),
    ],
)
def test_wrong_declarations_are_engine_errors(wrong: list[Check], words: str, database: Path) -> None:
    with pytest.raises(CheckEngineError, match=words):
        run_checks(database, wrong, context=CONTEXT)


def test_unopenable_file_is_an_engine_error(tmp_path: Path) -> None:
    with pytest.raises(CheckEngineError, match="no such file"):
        run_checks(tmp_path / "absent.duckdb", KEPT, context=CONTEXT)
    (tmp_path / "other.duckdb").write_bytes(b"not a database" * 1000)
    with pytest.raises(CheckEngineError, match="other.duckdb"):
        run_checks(tmp_path / "other.duckdb", KEPT, context=CONTEXT)


def test_thirty_checks_of_a_table_take_few_queries(database: Path) -> None:
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    checks = [
        *(check("rows", f"rows_{i}", sql=f"rank > {i + 10}") for i in range(10)),
        *(check("not_null", f"not_null_{i}", columns=("key",)) for i in range(5)),
        *(check("between", f"between_{i}", columns=("rank",), low=-i, high=9) for i in range(10)),
        *(check("ordered", f"ordered_{i}", columns=("starts", "ends")) for i in range(3)),
        check("unique", "unique_key", columns=("key",)),
        check("unique", "unique_pair", columns=("key", "grade")),
    ]
    queries: list[str] = []

    def count(connection, cursor, statement, parameters, context, many) -> None:  # type: ignore[no-untyped-def]
        queries.append(statement)

    event.listen(Engine, "before_cursor_execute", count)
    try:
        found = run_checks(database, checks, context=CONTEXT)
    finally:
        event.remove(Engine, "before_cursor_execute", count)
    assert len(found.results) == 30
    assert not found.failures
    assert len(queries) <= 11, queries


@pytest.mark.parametrize("module", ["expectations.suites", "expectations.runner", "expectations.page"])
def test_engine_is_not_imported_with(module: str) -> None:
    heavy = ("great_expectations", "sqlalchemy", "duckdb", "polars", "jinja2", "pandas")
    code = f"import sys, {module}; print([m for m in {heavy} if m in sys.modules])"
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root)
    assert done.stdout.strip() == "[]"


def test_what_the_engine_does_not_use_is_not_imported(database: Path) -> None:
    code = (
        "import pathlib, sys, threading\n"
        "from expectations.gx_import import prepared_meanwhile\n"
        "from expectations.runner import RunContext, run_checks\n"
        "from tests.unit.test_expectations import KEPT\n"
        "with prepared_meanwhile():\n"
        "    assert 'great_expectations' not in sys.modules or threading.active_count() > 1\n"
        "assert 'expectations.gx_rules' in sys.modules\n"
        "found = run_checks(pathlib.Path(sys.argv[1]), KEPT, context=RunContext('load-1', 'star'))\n"
        "dear = ('altair.vegalite', 'scipy.stats._distn_infrastructure')\n"
        "print(len(found.results), len(KEPT), [name for name in dear if name in sys.modules])\n"
        "import scipy.stats\n"
        "print(scipy.stats.norm.cdf(0.0))"
    )
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", code, str(database)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=root)
    assert done.stdout.splitlines() == [f"{len(KEPT)} {len(KEPT)} []", "0.5"], done.stderr


def test_engine_is_quiet_in_the_log(database: Path) -> None:
    code = (
        "import logging, pathlib, sys; logging.basicConfig(level=logging.INFO)\n"
        "from expectations.runner import RunContext, run_checks\n"
        "run_checks(pathlib.Path(sys.argv[1]), [], context=RunContext('load-1', 'star'))"
    )
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", code, str(database)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=root)
    assert (done.stdout, done.stderr) == ("", "")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"severity": "fatal"}, "unknown"),
        ({"kind": "regex"}, "unknown"),
        ({"table": "item"}, "schema-qualified"),
        ({"why": ""}, "reason"),
        ({"columns": ()}, "columns"),
        ({"sql": "true"}, "do not fit"),
    ],
)
def test_unsound_entry_is_refused(changes: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        replace(KEPT[0], **changes)


@pytest.mark.parametrize(
    ("value", "sql"),
    [
        (None, "NULL"),
        (True, "TRUE"),
        (3, "3"),
        (0.5, "0.5"),
        ("it's", "'it''s'"),
        (date(2024, 1, 2), "DATE '2024-01-02'"),
    ],
)
def test_a_value_as_sql_literal(value: object, sql: str) -> None:
    assert literal(value) == sql


def test_literal_refuses_what_it_does_not_know() -> None:
    with pytest.raises(TypeError, match="datetime"):
        literal(datetime(2024, 1, 2))


def test_rows_fit_the_table_and_come_back(report: CheckReport) -> None:
    ddl = resources.files("warehouse").joinpath("sql", "schema", "010_meta.sql").read_text("utf-8")
    with duckdb.connect() as connection:
        connection.execute(ddl)
        columns = [r[0] for r in connection.execute("DESCRIBE meta.check_result").fetchall()]
        rows = report.rows()
        names = ", ".join(rows[0])
        marks = ", ".join("?" for _ in rows[0])
        for row in rows:
            connection.execute(f"INSERT INTO meta.check_result ({names}) VALUES ({marks})", list(row.values()))
    assert set(rows[0]) <= set(columns)
    again = CheckReport.from_rows(json.loads(json.dumps(rows, default=str)))
    assert again.results == report.results
    assert (again.load_id, again.stage, again.checked_at) == (report.load_id, report.stage, report.checked_at)


def test_documents_to_blame() -> None:
    def failed(id: str, severity: str, *rows: dict[str, object]) -> CheckResult:
        return CheckResult(id, "staged.item", "staged", severity, False, "rows", len(rows), "because", rows)

    def blamed(*results: CheckResult) -> dict[str, list[str]] | None:
        return CheckReport("load-1", "staged", datetime(2024, 6, 1), results).documents_to_blame()

    one = failed("one", "blocking", {"sha256": "a", "n": 1}, {"sha256": "a", "n": 2}, {"sha256": "b", "n": 1})
    assert blamed() == {}
    assert blamed(one, failed("two", "blocking", {"sha256": "b"})) == {"a": ["one"], "b": ["one", "two"]}
    assert blamed(one, failed("late", "warning", {"n": 1})) == {"a": ["one"], "b": ["one"]}
    assert blamed(one, failed("nobody's", "blocking", {"n": 1})) is None
    assert blamed(failed("counted", "blocking")) is None
    assert blamed(failed("many", "blocking", *({"sha256": str(i)} for i in range(MOST_FAILING_ROWS)))) is None


# --- the page


def made_report(*failed: tuple[str, str], rows: int = 1) -> CheckReport:
    results = [CheckResult("sound", "star.item", "star", "blocking", True, "as expected", 0, "because")]
    results += [
        CheckResult(
            name,
            "star.item",
            "star",
            severity,
            False,
            f"{rows} rows",
            rows,
            "<b>why</b> & so",
            tuple({"key": i, "name": "<script>alert(1)</script>"} for i in range(rows)),
        )
        for name, severity in failed
    ]
    skipped = (SkippedCheck("kept", "star.item", "nothing to compare with"),)
    return CheckReport("load-1", "star", datetime(2024, 6, 1, 2, 0), tuple(results), skipped)


class Resources(HTMLParser):
    """Collects tags, and every attribute that could fetch something."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.fetched: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.fetched += [v or "" for k, v in attrs if k in ("src", "href", "action", "data", "srcset", "poster")]


def test_page_needs_no_network_and_escapes_everything() -> None:
    summary = {
        "load_id": "<i>load</i>",
        "quarantined": [{"file": "<script>x</script>.pdf", "reason": "found <html>, expected a PDF"}],
        "rejects": [{"landing_path": "a&b.pdf", "place": None, "rule": "r", "message": "<img src=x>"}],
        "facts": {"<u>File</u>": '"><script>'},
    }
    html = render_page(made_report(("one", "blocking")), summary)
    parsed = Resources()
    parsed.feed(html)
    assert not {"script", "img", "iframe", "b", "i", "u"} & set(parsed.tags)
    assert all(v.startswith("#") or v == "data:," for v in parsed.fetched), parsed.fetched
    assert not re.search(r"https?:|//[a-z]|@import|url\(", html)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "&lt;script&gt;x&lt;/script&gt;.pdf" in html
    assert "nothing to compare with" in html


@pytest.mark.parametrize(
    ("failed", "summary", "verdict"),
    [
        ((), {}, "✓ Passed"),
        ((("late", "warning"),), {}, "✓ Passed with warnings"),
        ((("late", "warning"), ("wrong", "blocking")), {}, "✕ Refused"),
        ((), {"error": "engine broke"}, "✕ Not checked"),
    ],
)
def test_verdict_comes_first(failed: tuple[tuple[str, str], ...], summary: dict[str, object], verdict: str) -> None:
    html = render_page(made_report(*failed), summary)
    heading = re.search(r"<h1>(.*?)</h1>", html)
    assert heading is not None
    assert heading.group(1).strip() == verdict
    assert html.index("<h1>") < html.index("<h2>")
    if len(failed) == 2:
        assert html.index(">wrong<") < html.index(">late<")


def test_page_without_any_report_says_so() -> None:
    html = render_page([], {"load_id": "load-9", "error": "no database"})
    assert "Not checked" in html
    assert "no database" in html
    assert "load-9" in html


def test_page_names_the_documents_of_failing_rows() -> None:
    rows = ({"sha256": "ab" * 32, "report_no": 1}, {"sha256": "cd" * 32, "report_no": 1})
    result = CheckResult("one", "staged.item", "staged", "warning", False, "2 rows", 2, "because", rows)
    report = CheckReport("load-1", "staged", datetime(2024, 6, 1), (result,))
    html = render_page(report, {"documents": {"ab" * 32: "reports/<a>.pdf"}})
    assert "reports/&lt;a&gt;.pdf" in html
    assert "cd" * 32 in html


def test_page_shows_only_the_first_rows() -> None:
    html = render_page(made_report(("many", "blocking"), rows=MOST_ROWS_SHOWN + 5))
    assert html.count("alert(1)") == MOST_ROWS_SHOWN
    assert f"First {MOST_ROWS_SHOWN} of {MOST_ROWS_SHOWN + 5}" in html


def test_page_gathers_rules_that_could_not_run_by_what_they_need() -> None:
    def rule(code: str, *states: tuple[str, str]) -> CheckResult:
        rows = tuple({"la_code": "990", "year": 2026, "state": state, "needs": needs} for state, needs in states)
        passed = not rows
        return CheckResult(code, "staged.return_rule", "staged", "warning", passed, f"{code}!", len(rows), "due", rows)

    results = (
        rule("sound"),
        rule("lacking_1", ("not_run", "table <OC3>")),
        rule("lacking_2", ("not_run", "table <OC3>")),
        rule("alone", ("not_run", "postcodes")),
        rule("broken", ("not_run", "postcodes"), ("failed", "")),
    )
    html = render_page(CheckReport("load-1", "staged", datetime(2024, 6, 1), results))
    assert re.findall(r"<dt>([A-Z][\w ]+)</dt><dd>(\d+)</dd>", html)[:5] == [
        ("Checks run", "2"), ("Passed", "1"), ("Blocking failures", "0"), ("Warnings", "1"), ("Rules not run", "3"),
    ]  # fmt: skip
    failed, wanting = html.partition('<section id="wanting">')[::2]
    assert "broken" in failed and "lacking_1" not in failed and "alone" not in failed
    rows = re.findall(r"<tr><td>([^<]+)</td><td>([^<]+)</td><td><details><summary>(\d+) rules?<", wanting)
    assert rows == [("table &lt;OC3&gt;", "990, 2026", "2"), ("postcodes", "990, 2026", "1")]
    assert html.count("– not run") == 3


def test_checks_keep_to_the_limits_of_the_rest(database: Path) -> None:
    """Without them DuckDB takes four fifths of the machine."""
    sql = (
        "SELECT 1 AS key WHERE current_setting('threads') <> 1 OR current_setting('memory_limit') <> '95.3 MiB' "
        "OR current_setting('temp_directory') <> '/made/up'"
    )
    asked = [check("query", sql=sql)]
    config = {"threads": "1", "memory_limit": "100MB", "temp_directory": "/made/up"}
    assert run_checks(database, asked, context=replace(CONTEXT, config=config)).results[0].success
    assert not run_checks(database, asked, context=CONTEXT).results[0].success
