"""Runs declared checks with Great Expectations where the data lies: tables in, CheckReport out.

The only module that uses Great Expectations. What measuring it decided:

* Importing it takes seconds, so that happens inside `run_checks`, once, for all tables.
* Results are asked for as a bare yes or no first, which answers most checks of a table in one
  query; only what failed is run again for counts.
* It caps failing values, so failing rows come from our own SQL made from the same statement.
* An exception it swallowed into a result is `CheckEngineError`: never a verdict on the data.
* Its own severities do not decide success; ours do.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from time import perf_counter
from typing import Any

from expectations.check import (
    Check,
    CheckReport,
    CheckResult,
    RunContext,
    SkippedCheck,
    identifier,
    literal,
)
from expectations.gx_import import prepare
from transforms.errors import CheckEngineError

__all__ = ["CheckReport", "CheckResult", "RunContext", "SkippedCheck", "run_checks"]

Verdict = tuple[bool, int | None, int | None]
"""Success, wrong rows, rows in all; the counts are None where only a yes or no was asked for."""

_WHOLE = "all"  # the one batch of a table: all of it


def run_checks(database: Path, checks: Sequence[Check], *, context: RunContext) -> CheckReport:
    """Run the checks of one stage on one database.

    Args:
        database: DuckDB file, opened read-only. No connection of this process may have it open
            in another mode.
        checks: declared checks; those of another stage than the context's are passed over.
        context: load, stage, databases to attach, day of the run.

    Returns:
        One result per check that could apply, in the order given, and what was skipped and why.

    Raises:
        CheckEngineError: a file could not be opened, a checked table is absent, or a check could
            not be carried out. Says nothing about the data.
    """
    started = perf_counter()
    wanted = [c for c in checks if c.stage == context.stage]
    repeated = {c.id for c in wanted if sum(o.id == c.id for o in wanted) > 1}
    if repeated:
        raise CheckEngineError(f"{database}: found checks declared twice: {', '.join(sorted(repeated))}")
    for path in (database, *context.attach.values()):
        if not path.is_file():
            raise CheckEngineError(f"{path}: found no such file, expected a database to check")
    with _session(database, context) as session:
        runnable, skipped = session.sort_out(wanted)
        results = session.results(runnable)
    return CheckReport(
        load_id=context.load_id,
        stage=context.stage,
        checked_at=context.checked_at,
        results=tuple(results[c.id] for c in runnable),
        skipped=tuple(skipped),
        seconds=perf_counter() - started,
    )


@contextmanager
def _session(database: Path, context: RunContext) -> Iterator[_Session]:
    """Open the database through Great Expectations and let every file go at the end."""
    prepare()
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    from expectations import gx_dialect

    gx_dialect.register()
    try:
        project = gx.get_context(mode="ephemeral")
        project.variables.progress_bars = ProgressBarsConfig(globally=False)
        source = project.data_sources.add_sql(
            "warehouse",
            connection_string=f"duckdb+gx:///{database}",
            kwargs={"connect_args": {"read_only": True, "config": dict(context.config)}},
            create_temp_table=False,
        )
        engines = [source.get_engine(), source.get_execution_engine().engine]
    except Exception as error:
        raise CheckEngineError(f"{database}: could not be opened for checking: {_brief(error)}") from error
    try:
        # One connection stays open throughout: what it attaches lasts as long as it does.
        with engines[1].connect() as connection:
            _attach(connection, context.attach)
            yield _Session(gx, project, source, connection, context)
    except CheckEngineError:
        raise
    except Exception as error:
        raise CheckEngineError(f"{database}: checks could not be run: {_brief(error)}") from error
    finally:
        for engine in engines:
            engine.dispose()


def _attach(connection: Any, databases: Mapping[str, Path]) -> None:
    for name, path in databases.items():
        connection.exec_driver_sql(f"ATTACH {literal(str(path))} AS {identifier(name)} (READ_ONLY)")


class _Session:
    """One open database and the one Great Expectations context over it."""

    def __init__(self, gx: Any, project: Any, source: Any, connection: Any, context: RunContext) -> None:
        self._gx = gx
        self._project = project
        self._source = source
        self._connection = connection
        self._context = context
        self._batches: dict[str, Any] = {}
        self._empty: dict[str, bool] = {}

    def sort_out(self, checks: Sequence[Check]) -> tuple[list[Check], list[SkippedCheck]]:
        """Part checks that can run from those whose other tables are absent.

        Raises:
            CheckEngineError: the table a check is about is absent.
        """
        present = self._tables()
        absent = sorted({c.table for c in checks} - present)
        if absent:
            raise CheckEngineError(f"checks need tables that are absent: {', '.join(absent)}")
        runnable: list[Check] = []
        skipped: list[SkippedCheck] = []
        for check in checks:
            lacking = [t for t in check.needs if t not in present]
            if lacking:
                skipped.append(SkippedCheck(check.id, check.table, f"nothing to compare with: no {', '.join(lacking)}"))
            elif check.if_rows and all(self._is_empty(table) for table in check.if_rows):
                skipped.append(SkippedCheck(check.id, check.table, f"nothing to check: no rows in {check.if_rows[0]}"))
            else:
                runnable.append(check)
        return runnable, skipped

    def _is_empty(self, table: str) -> bool:
        if table not in self._empty:
            query = f"SELECT NOT EXISTS (FROM {identifier(table)})"  # noqa: S608 - names declared in this package
            self._empty[table] = bool(self._connection.exec_driver_sql(query).scalar())
        return self._empty[table]

    def _tables(self) -> set[str]:
        """Return names of all tables and views, those of attached databases with its name before them."""
        rows = self._connection.exec_driver_sql(
            "SELECT database_name, current_database(), schema_name || '.' || table_name FROM duckdb_tables() "
            "UNION ALL "
            "SELECT database_name, current_database(), schema_name || '.' || view_name FROM duckdb_views()"
        ).fetchall()
        return {name if home in (own, "system") else f"{home}.{name}" for home, own, name in rows}

    def results(self, checks: Sequence[Check]) -> dict[str, CheckResult]:
        """Run all checks: verdicts first, then counts and rows of what failed."""
        # A query names its own tables, so all queries go through one batch: each costs setting up.
        groups: dict[str, list[Check]] = defaultdict(list)
        for check in checks:
            groups["queries" if check.kind == "query" else check.table].append(check)
        self._define(dict.fromkeys(group[0].table for group in groups.values()))
        results: dict[str, CheckResult] = {}
        for group in groups.values():
            table = group[0].table
            started = perf_counter()
            verdicts = self._verdicts(table, group, "BOOLEAN_ONLY")
            failed = [c for c in group if not verdicts[c.id][0]]
            if failed:
                verdicts.update(self._verdicts(table, failed, "SUMMARY"))
            share = (perf_counter() - started) / len(group)
            for check in group:
                results[check.id] = self._result(check, verdicts[check.id], share)
        return results

    def _verdicts(self, table: str, checks: Sequence[Check], result_format: str) -> dict[str, Verdict]:
        """Ask Great Expectations about one group of checks, through the batch of one table."""
        expectations = [e for c in checks for e in _expectations(self._gx, c, self._context)]
        suite = self._gx.ExpectationSuite(f"{table} {result_format}", expectations=expectations)
        validated = self._batches[table].validate(suite, result_format=result_format)
        found: dict[str, list[Any]] = defaultdict(list)
        for result in validated.results:
            found[result.expectation_config.meta["check_id"]].append(result)
        asked: dict[str, int] = defaultdict(int)
        for expectation in expectations:
            asked[expectation.meta["check_id"]] += 1
        for check in checks:
            for result in found[check.id]:
                _refuse_exception(check, result.exception_info)
            if len(found[check.id]) != asked[check.id]:
                raise CheckEngineError(
                    f"check {check.id} on {check.table}: found {len(found[check.id])} results, "
                    f"expected {asked[check.id]}"
                )
        return {c.id: _combine(c, found[c.id]) for c in checks}

    def _define(self, tables: Iterable[str]) -> None:
        """Make batches of tables, all at once: each definition writes out the whole project, which nobody reads."""
        from great_expectations.core.batch_definition import BatchDefinition
        from great_expectations.datasource.fluent.sql_datasource import TableAsset

        split = {table: table.split(".") for table in tables}
        self._source.assets = [
            TableAsset(
                name=table, table_name=name, schema_name=schema, batch_definitions=[BatchDefinition(name=_WHOLE)]
            )
            for table, (schema, name) in split.items()
        ]
        self._project.update_datasource(self._source)
        for table in split:
            self._batches[table] = self._source.get_asset(table).get_batch_definition(_WHOLE).get_batch()

    def _result(self, check: Check, verdict: Verdict, seconds: float) -> CheckResult:
        success, wrong, total = verdict
        rows = () if success else self._failing_rows(check)
        wrong = 0 if success else wrong or 0
        return CheckResult(
            check_id=check.id,
            table=check.table,
            stage=check.stage,
            severity=check.severity,
            success=success,
            observed=_observed(check, success, wrong, total),
            unexpected_count=wrong,
            why=check.why,
            failing_rows=rows,
            seconds=round(seconds, 6),
        )

    def _failing_rows(self, check: Check) -> tuple[dict[str, Any], ...]:
        """Fetch the shown columns of wrong rows.

        Raises:
            CheckEngineError: the check failed but its own SQL finds no row: the two disagree.
        """
        sql = check.failing_sql(self._context)
        if sql is None:
            return ()
        rows = self._connection.exec_driver_sql(sql).mappings().all()
        if not rows:
            raise CheckEngineError(f"check {check.id} on {check.table}: failed, but its SQL finds no wrong row")
        return tuple({k: _jsonable(v) for k, v in row.items()} for row in rows)


def _expectations(gx: Any, check: Check, context: RunContext) -> list[Any]:
    """Return the expectations that together say what one check says."""
    from expectations.gx_rules import ExpectKeysToBeUnique, ExpectNoRowsWhere, ExpectQueryToSelectNothing

    e = gx.expectations
    meta = {"check_id": check.id}
    columns = list(check.columns)
    match check.kind:
        case "unique":
            return [ExpectKeysToBeUnique(keys=columns, meta=meta)]
        case "not_null":
            return [e.ExpectColumnValuesToNotBeNull(column=c, meta=meta) for c in columns]
        case "in_set":
            return [e.ExpectColumnValuesToBeInSet(column=columns[0], value_set=list(check.values), meta=meta)]
        case "between":
            return [
                e.ExpectColumnValuesToBeBetween(column=columns[0], min_value=check.low, max_value=check.high, meta=meta)
            ]
        case "row_count":
            return [e.ExpectTableRowCountToBeBetween(min_value=check.low, max_value=check.high, meta=meta)]
        case "query":
            return [ExpectQueryToSelectNothing(query_text=check.bound_sql(context), meta=meta)]
    return [ExpectNoRowsWhere(condition=check.condition(context), meta=meta)]


def _refuse_exception(check: Check, info: Any) -> None:
    """Raise if a result holds an exception; the information is flat or keyed by metric."""
    if not isinstance(info, Mapping):
        return
    parts = [info] if "raised_exception" in info else [v for v in info.values() if isinstance(v, Mapping)]
    for part in parts:
        if part.get("raised_exception"):
            # The engine's message may quote values, which must not leave tables about children.
            message = _first_line(str(part.get("exception_message"))) if check.show else "message withheld"
            raise CheckEngineError(f"check {check.id} on {check.table}: could not be carried out: {message}")


def _combine(check: Check, results: Sequence[Any]) -> Verdict:
    """Make one verdict of the results of one check."""
    success = all(bool(r.success) for r in results)
    wrong: int | None = None
    total: int | None = None
    for result in results:
        values = result.result or {}
        total = values.get("element_count", total)
        count = values.get("unexpected_count", values.get("observed_value"))
        if count is not None:
            wrong = (wrong or 0) + int(count)
    if check.kind == "row_count" and wrong is not None:
        low, high = check.low, check.high
        total = wrong
        short = max(0, low - wrong) if isinstance(low, int) else 0
        over = max(0, wrong - high) if isinstance(high, int) else 0
        wrong = short + over
    return success, wrong, total


def _observed(check: Check, success: bool, wrong: int, total: int | None) -> str:
    """Say in words what was found."""
    if check.kind == "row_count" and total is not None:
        return f"{total} rows"
    if success:
        return "as expected"
    if total is not None:
        return f"{wrong} of {total} rows"
    return "1 row" if wrong == 1 else f"{wrong} rows"


def _jsonable(value: Any) -> Any:
    """Return a value JSON can hold; keys beyond a browser's whole numbers stay exact as text."""
    match value:
        case None | bool() | str() | float():
            return value
        case int():
            return value if abs(value) < 2**53 else str(value)
        case Decimal():
            return float(value)
        case datetime() | date():
            return value.isoformat()
    return str(value)


def _first_line(message: str) -> str:
    return next((line.strip() for line in message.splitlines() if line.strip()), "no message")[:300]


def _brief(error: BaseException) -> str:
    return f"{type(error).__name__}: {_first_line(str(error))}"
