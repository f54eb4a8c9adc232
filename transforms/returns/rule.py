"""What a validation rule is, and the one engine that runs them.

A rule is a declaration: code, severity, message, fields and tables, and one vectorised way to find
the rows that break it. Each rule runs alone on the untouched data, so that no result depends on
another or on order. A rule whose input is missing is "not run", never "passed"; one that fails for a
reason of its own is an engine error that names the rule, never a verdict on the data.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import polars as pl

from transforms.returns.entry import is_valid
from transforms.returns.model import ROW, MissingInput, ReturnData

ERROR, QUERY = "error", "query"
PASSED, FAILED, NOT_RUN, BROKEN = "passed", "failed", "not_run", "broken"

Found = Mapping[str, pl.LazyFrame]  # by table: frames that have at least the column `row_number`
Find = Callable[[ReturnData], Found]

FINDINGS = {"rule_code": pl.String, "table_name": pl.String, ROW: pl.UInt32}


@dataclass(frozen=True, slots=True)
class Rule:
    """One validation rule of the department, for the years in which it reads as it does.

    Attributes:
        code: the department's.
        message: what is wrong, in plain words of our own.
        fields: columns to look at.
        tables: tables it reads and cites rows of.
        find: the rows that break it, by table.
        severity: `error`, or `query` where the department asks for an explanation only.
        needs: what it needs beside this year's tables: `previous_year`, `postcodes`, `providers`,
            `authority`.
        since, until: first and last collection year, both included.
    """

    code: str
    message: str
    fields: tuple[str, ...]
    tables: tuple[str, ...]
    find: Find
    severity: str = ERROR
    needs: tuple[str, ...] = ()
    since: int | None = None
    until: int | None = None


def where(
    code: str,
    message: str,
    table: str,
    fields: Iterable[str],
    condition: pl.Expr | Callable[[ReturnData], pl.Expr],
    **more: object,
) -> Rule:
    """Declare a rule on single rows of one table.

    Args:
        code: as of `Rule`.
        message: as of `Rule`.
        table: the one it reads and cites.
        fields: as of `Rule`.
        condition: true of a row that breaks it; null counts as not broken. A function where it
            depends on the collection period.
        more: further attributes of `Rule`.
    """

    def find(data: ReturnData) -> Found:
        broken = condition if isinstance(condition, pl.Expr) else condition(data)
        return {table: data[table].filter(broken)}

    return Rule(code, message, tuple(fields), (table,), find, **more)  # type: ignore[arg-type]


def rule(
    code: str, message: str, tables: Iterable[str], fields: Iterable[str], **more: object
) -> Callable[[Find], Rule]:
    """Declare a rule by the function below it, for rules that compare rows or tables."""

    def declare(find: Find) -> Rule:
        return Rule(code, message, tuple(fields), tuple(tables), find, **more)  # type: ignore[arg-type]

    return declare


@dataclass(slots=True)
class Verdict:
    """How one rule ended.

    Attributes:
        state: `passed`, `failed`, `not_run` (then `needs` says what was missing) or `broken`.
        rows: findings of it.
    """

    rule: Rule
    state: str
    rows: int = 0
    needs: str = ""


@dataclass(slots=True)
class RuleRun:
    """What a run of rules found.

    Attributes:
        verdicts: one a rule, in the order of the rules.
        findings: rule_code, table_name, row_number; each once, in the order of the rules.
    """

    verdicts: list[Verdict] = field(default_factory=list)
    findings: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=FINDINGS))


def run_rules(data: ReturnData, rules: Iterable[Rule]) -> RuleRun:
    """Run the rules of the submission's year.

    Args:
        data: one submission; it is not changed.
        rules: of its kind of return; those of other years are passed over.

    Returns:
        A verdict for each rule of the year, and the rows that break them.
    """
    run, found = RuleRun(), []
    for entry in rules:
        if not is_valid(entry, data.year):
            continue
        verdict, rows = _run(data, entry)
        run.verdicts.append(verdict)
        found.extend(rows)
    if found:
        run.findings = pl.concat(found)
    return run


def _run(data: ReturnData, entry: Rule) -> tuple[Verdict, list[pl.DataFrame]]:
    found: list[pl.DataFrame] = []
    try:
        for table, rows in entry.find(data).items():
            numbers = rows.select(pl.col(ROW).cast(pl.UInt32)).unique().sort(ROW).collect()
            if numbers.height:
                found.append(
                    numbers.select(pl.lit(entry.code).alias("rule_code"), pl.lit(table).alias("table_name"), ROW)
                )
        verdict = Verdict(entry, FAILED if found else PASSED, sum(frame.height for frame in found))
    except MissingInput as missing:
        verdict, found = Verdict(entry, NOT_RUN, needs=missing.needs), []
    except pl.exceptions.ColumnNotFoundError as missing:
        verdict, found = Verdict(entry, NOT_RUN, needs=_column_in(str(missing))), []
    except pl.exceptions.PolarsError as error:
        verdict, found = Verdict(entry, BROKEN, needs=type(error).__name__), []
    return verdict, found


def _column_in(message: str) -> str:
    """Name the missing column; what Polars says besides is about the query, not for depositors."""
    quoted = re.search(r'"([^"]+)"', message)
    name = quoted[1] if quoted else message.splitlines()[0].strip()
    return f"column {name.removesuffix(' as given')}"
