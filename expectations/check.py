"""What a check is, and what a run of checks says: plain values, free of any check engine.

A check names one table and says in one of few ways which of its rows are wrong. From that
one statement come both the verdict of Great Expectations and the SQL that fetches failing
rows, so the two cannot drift apart. Great Expectations caps what it returns, hence our own SQL.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

STAGES = ("staged", "star")
SEVERITIES = ("blocking", "warning")
KINDS = ("unique", "not_null", "in_set", "between", "ordered", "rows", "query", "row_count")

# More keys than this help nobody, and the page and meta.check_result must stay small.
MOST_FAILING_ROWS = 1000


def literal(value: object) -> str:
    """Return one value as a DuckDB literal.

    Args:
        value: text, whole or broken number, truth value, date, or None.

    Raises:
        TypeError: a value of any other type, which has no safe literal here.
    """
    match value:
        case None:
            return "NULL"
        case bool():
            return "TRUE" if value else "FALSE"
        case int() | float():
            return repr(value)
        case str():
            return "'" + value.replace("'", "''") + "'"
        case date() if not isinstance(value, datetime):
            return f"DATE '{value.isoformat()}'"
    raise TypeError(f"no literal for {type(value).__name__}: expected text, number, truth value or date")


def identifier(name: str) -> str:
    """Quote a name, or a dotted name part by part."""
    return ".".join('"' + part.replace('"', '""') + '"' for part in name.split("."))


@dataclass(frozen=True, slots=True)
class Check:
    """One declared check of one table.

    Attributes:
        id: unique, snake_case; what people cite.
        table: schema-qualified table or view the rows belong to.
        stage: `staged` (what was parsed, before the merge) or `star` (as it would be published).
        severity: `blocking` stops the load, `warning` is shown and recorded.
        why: the reason in plain words, shown beside a failure.
        kind: how it says what is wrong; the fields below it that it reads are
            unique: `columns` together. not_null: each of `columns`. in_set: `columns[0]` is one of
            `values`. between: `columns[0]` from `low` to `high`, both included. ordered: `columns`
            never fall from left to right, nulls passed over. rows: `sql` is a condition true of a
            wrong row; any subquery in it must stand alone. query: `sql` selects the wrong rows,
            however many tables that takes. row_count: the table has `low` to `high` rows.
        show: columns of a failing row that may be shown. Empty shows a count only, as it
            must wherever a row is about one child.
        needs: tables that must exist too, such as those of an attached earlier version. Where
            one is absent, the check is skipped and the report says so.
        if_rows: where all these tables are empty, the check is skipped and the report says so:
            a source nobody uses costs no time.

    In `sql`, `$today` stands for the day of the run and `$load_id` for the load.
    """

    id: str
    table: str
    stage: str
    severity: str
    why: str
    kind: str
    columns: tuple[str, ...] = ()
    values: tuple[object, ...] = ()
    low: object = None
    high: object = None
    sql: str = ""
    show: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    if_rows: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse an entry that could not be run as meant."""
        if self.stage not in STAGES or self.severity not in SEVERITIES or self.kind not in KINDS:
            raise ValueError(f"check {self.id}: unknown stage, severity or kind")
        if self.table.count(".") != 1 or not self.why:
            raise ValueError(f"check {self.id}: expected a schema-qualified table and a reason")
        if bool(self.sql) != (self.kind in ("rows", "query")):
            raise ValueError(f"check {self.id}: kind {self.kind} and its sql do not fit")
        if not self.columns and self.kind in ("unique", "not_null", "in_set", "between", "ordered"):
            raise ValueError(f"check {self.id}: kind {self.kind} needs columns")

    def bound_sql(self, context: RunContext) -> str:
        """Return `sql` with the values of the run put in as literals."""
        return self.sql.replace("$today", literal(context.today)).replace("$load_id", literal(context.load_id))

    def condition(self, context: RunContext) -> str:
        """Return the condition that is true of a wrong row; none for unique, query and row_count.

        Raises:
            ValueError: the check is of a kind without one.
        """
        names = [identifier(c) for c in self.columns]
        match self.kind:
            case "not_null":
                return " OR ".join(f"{n} IS NULL" for n in names)
            case "in_set":
                return f"{names[0]} NOT IN ({', '.join(map(literal, self.values))})"
            case "between":
                bounds = ((self.low, "<"), (self.high, ">"))
                return " OR ".join(f"{names[0]} {op} {literal(b)}" for b, op in bounds if b is not None)
            case "ordered":
                return " OR ".join(f"{a} > {b}" for i, a in enumerate(names) for b in names[i + 1 :])
            case "rows":
                return self.bound_sql(context)
        raise ValueError(f"check {self.id}: kind {self.kind} has no condition")

    def failing_sql(
        self, context: RunContext, limit: int = MOST_FAILING_ROWS, only: tuple[str, ...] = ()
    ) -> str | None:
        """Return the SELECT of the wrong rows' shown columns, or None where none may be shown.

        Args:
            context: values of the run.
            limit: rows at most.
            only: of the shown columns those wanted; empty: all.
        """
        if not set(only) <= set(self.show) or not self.show or self.kind == "row_count":
            return None
        shown = ", ".join(identifier(c) for c in only or self.show)
        table = identifier(self.table)
        match self.kind:
            case "unique":
                keys = ", ".join(identifier(c) for c in self.columns)
                # All-null keys are not duplicates of one another: not_null speaks of those.
                some = " OR ".join(f"{identifier(c)} IS NOT NULL" for c in self.columns)
                source = f"{table} WHERE ({some}) QUALIFY count(*) OVER (PARTITION BY {keys}) > 1"
            case "query":
                source = f"({self.bound_sql(context)})"
            case _:
                source = f"{table} WHERE {self.condition(context)}"
        # Made of names and literals declared in this package, never of data.
        return f"SELECT DISTINCT {shown} FROM {source} ORDER BY ALL LIMIT {int(limit)}"  # noqa: S608


@dataclass(frozen=True, slots=True)
class RunContext:
    """What one run of checks is about.

    Attributes:
        load_id: the load whose data is checked.
        stage: `staged` or `star`; only checks of that stage are run.
        attach: databases to lay beside the checked one, read-only, by schema-like name
            (`prev` is the version published before).
        today: the day freshness is measured from.
        checked_at: UTC, recorded with each result.
        config: settings DuckDB opens the database with, by its names: memory, threads, where to spill.
    """

    load_id: str
    stage: str
    attach: Mapping[str, Path] = field(default_factory=dict)
    today: date = field(default_factory=lambda: datetime.now(UTC).date())
    checked_at: datetime = field(default_factory=lambda: datetime.now(UTC).replace(tzinfo=None, microsecond=0))
    config: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CheckResult:
    """How one check went.

    Attributes:
        observed: what was found, in words, e.g. `3 of 240 rows`.
        unexpected_count: wrong rows in all; for unique those beyond the first of each key, for
            row_count the distance from the nearest bound.
        failing_rows: the shown columns of wrong rows, values fit for JSON; at most
            `MOST_FAILING_ROWS`.
        seconds: even share of the time of the checks it ran together with.
    """

    check_id: str
    table: str
    stage: str
    severity: str
    success: bool
    observed: str
    unexpected_count: int
    why: str
    failing_rows: tuple[dict[str, Any], ...] = ()
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class SkippedCheck:
    """A check that could not apply, and why: say, no earlier version to compare with."""

    check_id: str
    table: str
    reason: str


@dataclass(frozen=True, slots=True)
class CheckReport:
    """All results of one run, in the order the checks were declared."""

    load_id: str
    stage: str
    checked_at: datetime
    results: tuple[CheckResult, ...]
    skipped: tuple[SkippedCheck, ...] = ()
    seconds: float = 0.0

    @property
    def failures(self) -> tuple[CheckResult, ...]:
        """Results of checks that failed, blocking ones first."""
        failed = [r for r in self.results if not r.success]
        return tuple(sorted(failed, key=lambda r: SEVERITIES.index(r.severity)))

    @property
    def blocking_failures(self) -> tuple[CheckResult, ...]:
        """Results that forbid publishing."""
        return tuple(r for r in self.failures if r.severity == "blocking")

    @property
    def warnings(self) -> tuple[CheckResult, ...]:
        """Failed checks that do not forbid publishing."""
        return tuple(r for r in self.failures if r.severity == "warning")

    def documents_to_blame(self) -> dict[str, list[str]] | None:
        """Return the documents whose removal would mend every blocking failure.

        One bad document should be put aside, not keep all others from being published.

        Returns:
            Checks failed by sha256; None where a blocking failure does not name its documents,
            or has more rows than are kept.
        """
        blamed: dict[str, list[str]] = {}
        for result in self.blocking_failures:
            rows = result.failing_rows
            if not rows or len(rows) >= MOST_FAILING_ROWS or "sha256" not in rows[0]:
                return None
            for sha256 in sorted({row["sha256"] for row in rows}):
                blamed.setdefault(sha256, []).append(result.check_id)
        return blamed

    def rows(self) -> list[dict[str, Any]]:
        """Return one row of `meta.check_result` per check run."""
        return [
            {
                "load_id": self.load_id,
                "stage": r.stage,
                "check_id": r.check_id,
                "table_name": r.table,
                "severity": r.severity,
                "success": r.success,
                "unexpected_count": r.unexpected_count,
                "observed": r.observed,
                "why": r.why,
                "failing_rows": json.dumps(r.failing_rows, ensure_ascii=False) if r.failing_rows else None,
                "seconds": r.seconds,
                "checked_at": self.checked_at,
            }
            for r in self.results
        ]

    @classmethod
    def from_rows(cls, rows: Sequence[Mapping[str, Any]]) -> CheckReport:
        """Return the report of one stage from its rows, so that another process can show it.

        Skipped checks leave no row, so they are not restored.
        """
        first = rows[0]
        checked_at = first["checked_at"]
        return cls(
            load_id=first["load_id"],
            stage=first["stage"],
            checked_at=datetime.fromisoformat(checked_at) if isinstance(checked_at, str) else checked_at,
            results=tuple(
                CheckResult(
                    check_id=row["check_id"],
                    table=row["table_name"],
                    stage=row["stage"],
                    severity=row["severity"],
                    success=bool(row["success"]),
                    observed=row["observed"],
                    unexpected_count=row["unexpected_count"],
                    why=row["why"],
                    failing_rows=tuple(json.loads(row["failing_rows"] or "[]")),
                    seconds=row["seconds"],
                )
                for row in rows
            ),
        )

    def summary(self) -> str:
        """Return one line for logs and errors: counts, and the ids of what blocks."""
        line = (
            f"stage={self.stage} checks={len(self.results)} blocking={len(self.blocking_failures)} "
            f"warnings={len(self.warnings)} skipped={len(self.skipped)}"
        )
        ids = ", ".join(f"{r.check_id} ({r.observed})" for r in self.blocking_failures)
        return f"{line}: {ids}" if ids else line
