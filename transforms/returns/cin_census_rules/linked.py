"""Rows of one table beside those of another, and other frames and patterns that many rules of the census share.

A child is known by `LAchildID`, an episode of need by `CINdetailsID` within it, an assessment and a
plan by `AssessmentID` and `CPPID` within that. A child without an identifier cannot be told from
another without one: where there is a single one its rows belong together, where there are several
they are linked to nothing (rule 8500 cites them). Nor are those of an identifier that stands for so
many rows that it can only be a placeholder (rule 8510 cites it).

Rules on the whole return cite the one row of `Header`, since no other row is at fault.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date

import polars as pl

from transforms.returns.model import ROW, MissingInput, ReturnData
from transforms.returns.rule import Found, Rule

CHILD = ("LAchildID",)
EPISODE = ("LAchildID", "CINdetailsID")
PLAN = ("LAchildID", "CINdetailsID", "CPPID")
ASSESSMENT = ("LAchildID", "CINdetailsID", "AssessmentID")

Condition = pl.Expr | Callable[[ReturnData], pl.Expr]

# Columns of the tables looked up that rules on rows of other tables ask for.
_CARRIED = {
    "ChildIdentifiers": ("PersonBirthDate", "ExpectedPersonBirthDate", "PersonDeathDate"),
    "CINdetails": ("CINreferralDate", "CINclosureDate", "ReasonForClosure", "DateOfInitialCPC", "ReferralNFA"),
    "ChildProtectionPlans": ("CPPstartDate", "CPPendDate"),
}
_LONG_AGO = date(1, 1, 1)
_MOST_ALIKE = 30  # rows of one child, or of one episode, in any table


def of(table: str, column: str) -> pl.Expr:
    """Return a column of the table looked up, in a frame of `beside`."""
    return pl.col(f"{table}.{column}")


def resolve(condition: Condition, data: ReturnData) -> pl.Expr:
    """Return the expression of a condition that may depend on the collection period."""
    return condition if isinstance(condition, pl.Expr) else condition(data)


def keys_of(data: ReturnData, tables: Iterable[str], keys: Sequence[str]) -> list[str]:
    """Return those of the keys that all tables have: the finest on which their rows can be linked."""
    schemas = [data[table].collect_schema() for table in tables]
    return [key for key in keys if all(key in schema for schema in schemas)] or [keys[0]]


def has_one_nameless(data: ReturnData) -> bool:
    """Whether exactly one child has no identifier, so that rows without one belong together."""
    if "ChildIdentifiers" not in data:
        return False
    nameless = data["ChildIdentifiers"].select(pl.col("LAchildID").is_null().sum())
    return bool(data.derived("nameless", lambda _: nameless).collect().item() == 1)


def told_apart(rows: pl.LazyFrame, keys: Sequence[str]) -> pl.LazyFrame:
    """Return the rows whose keys are shared by no more of them than belong to one child or episode."""
    return rows.filter(pl.len().over(keys) <= _MOST_ALIKE)


def beside(data: ReturnData, table: str, other: str, keys: Sequence[str] = EPISODE) -> pl.LazyFrame:
    """Return the rows of a table beside the rows of another that they belong to.

    Args:
        data: the submission.
        table: whose columns keep their names.
        other: whose columns are named `<other>.<column>`, its row number too.
        keys: on which they belong together, as far as both tables have them.

    Returns:
        One row for each pair; a row that belongs to none is left out.
    """

    def make(data: ReturnData) -> pl.LazyFrame:
        shared = keys_of(data, (table, other), keys)
        right = data[other]
        carried = [name for name in _CARRIED[other] if name in right.collect_schema()]
        renamed = [pl.col(name).alias(f"{other}.{name}") for name in (ROW, *carried)]
        right = told_apart(right, shared).select(*shared, *renamed)
        return data[table].join(right, on=shared, how="inner", nulls_equal=has_one_nameless(data))

    return data.derived(f"{table} beside {other} by {','.join(keys)}", make)


def pair(
    code: str,
    message: str,
    tables: tuple[str, str],
    fields: Iterable[str],
    condition: Condition,
    keys: Sequence[str] = EPISODE,
    **more: object,
) -> Rule:
    """Declare a rule on rows of one table beside those of another, citing both.

    Args:
        code: as of `Rule`.
        message: as of `Rule`.
        tables: the table, and the one looked up.
        fields: as of `Rule`.
        condition: true of a pair that breaks it; columns of the table looked up by `of`.
        keys: as of `beside`.
        more: further attributes of `Rule`.
    """
    table, other = tables

    def find(data: ReturnData) -> Found:
        return cited(beside(data, table, other, keys).filter(resolve(condition, data)), table, other)

    return Rule(code, message, tuple(fields), tables, find, **more)  # type: ignore[arg-type]


def cited(pairs: pl.LazyFrame, table: str, other: str) -> Found:
    """Return the rows of both tables that stand in pairs of `beside`."""
    found = pairs.select(ROW, f"{other}.{ROW}").collect().lazy()
    return {table: found, other: found.select(pl.col(f"{other}.{ROW}").alias(ROW))}


def among(frame: pl.LazyFrame, rows: pl.LazyFrame, keys: Sequence[str]) -> pl.LazyFrame:
    """Return the rows of a frame whose keys occur in another."""
    return frame.join(rows.select(keys), on=list(keys), how="semi", nulls_equal=True)


def outside(frame: pl.LazyFrame, rows: pl.LazyFrame, keys: Sequence[str]) -> pl.LazyFrame:
    """Return the rows of a frame whose keys do not occur in another."""
    return frame.join(rows.select(keys), on=list(keys), how="anti", nulls_equal=True)


def named(keys: Iterable[str]) -> pl.Expr:
    """Return whether a row has all keys, so that it can be compared with others of the same."""
    return pl.all_horizontal([pl.col(key).is_not_null() for key in keys])


def crowded(rows: pl.LazyFrame, is_open: pl.Expr, keys: Sequence[str]) -> pl.LazyFrame:
    """Return the open rows of the groups in which more than one is open; today's validator cites all their rows."""
    opened = is_open.cast(pl.UInt32).sum().over(keys)
    return rows.filter(named(keys)).filter(is_open & (opened > 1))


def overlapping(
    rows: pl.LazyFrame, start: str, end: pl.Expr, keys: Sequence[str], *, is_end_within: bool = True
) -> pl.LazyFrame:
    """Return the rows that start within the time of another of the same group, and those others.

    Each row is compared with the latest end of all that started before it, not with every other,
    so that the cost grows with the number of rows only.

    Args:
        rows: with the keys, the start and whatever the end is made of.
        start: column; a row without one is left out.
        end: last day of a row; null where nothing can fall within it.
        keys: of the group.
        is_end_within: whether the last day itself belongs to the time.
    """
    frame = (
        rows.filter(named((*keys, start)))
        .select(ROW, *keys, pl.col(start).alias("_start"), end.fill_null(_LONG_AGO).alias("_end"))
        .sort(*keys, "_start", "_end")
    )
    if not is_end_within:
        frame = frame.with_columns(pl.col("_end").dt.offset_by("-1d"))
    same = [pl.col(key) == pl.col(key).shift(1) for key in keys]
    follows = pl.all_horizontal(same).fill_null(False)
    ties = follows & (pl.col("_start") == pl.col("_start").shift(1))
    frame = frame.with_columns(
        _ties=ties,
        _tied=ties.shift(-1, fill_value=False),
        _next=pl.when(follows.shift(-1, fill_value=False)).then(pl.col("_start").shift(-1)),
        _before=pl.col("_end").cum_max().shift(1).over(keys),
        _longest=pl.col("_end").last().over(*keys, "_start"),
    )
    longest = pl.col("_tied") & (pl.col("_longest") >= pl.col("_start"))
    starts_within = (pl.col("_before") >= pl.col("_start")) | longest
    holds_another = (pl.col("_next") <= pl.col("_end")) | (pl.col("_ties") & (pl.col("_start") <= pl.col("_end")))
    return frame.filter(starts_within.fill_null(False) | holds_another.fill_null(False)).select(ROW)


def return_level(
    code: str,
    message: str,
    tables: tuple[str, ...],
    fields: Iterable[str],
    is_broken: Callable[[ReturnData], bool],
    **more: object,
) -> Rule:
    """Declare a rule on the return as a whole; it cites the header.

    Args:
        code: as of `Rule`.
        message: as of `Rule`.
        tables: those it reads.
        fields: as of `Rule`.
        is_broken: whether the return breaks it.
        more: further attributes of `Rule`.
    """

    def find(data: ReturnData) -> Found:
        return {"Header": pl.LazyFrame({ROW: [0] if is_broken(data) else []}, schema={ROW: pl.UInt32})}

    return Rule(code, message, tuple(fields), tables, find, **more)  # type: ignore[arg-type]


def not_a_code(column: str, codes: Iterable[str]) -> pl.Expr:
    """Return whether a value, where there is one, is none of the codes."""
    return ~pl.col(column).cast(pl.String).is_in(list(codes))


def of_codes(
    code: str, message: str, table: str, column: str, codes: Iterable[str], *, is_required: bool, **more: object
) -> Rule:
    """Declare a rule on the code a column holds.

    Args:
        code: as of `Rule`.
        message: as of `Rule`.
        table: which one.
        column: which one.
        codes: those allowed.
        is_required: whether a row without one breaks the rule too.
        more: further attributes of `Rule`.
    """
    broken = not_a_code(column, codes).fill_null(is_required)

    def find(data: ReturnData) -> Found:
        return {table: data.text(table).filter(broken)}

    return Rule(code, message, (column,), (table,), find, **more)  # type: ignore[arg-type]


def factors(data: ReturnData) -> pl.LazyFrame:
    """Return the factors of all assessments.

    They come as a table of their own, one row a factor, or as a column of `Assessments` in which each
    row is an assessment with one of its factors, or with a list of them.

    Returns:
        row_number (of `Assessments`), assessment (number that its rows share), factor (as it came).

    Raises:
        MissingInput: there are none in either place.
    """
    return data.derived("factors", _factors)


def _factors(data: ReturnData) -> pl.LazyFrame:
    assessments = data["Assessments"]
    if "AssessmentFactorsList" in data:
        listed = data["AssessmentFactorsList"]
        schema = listed.collect_schema()
        column = "AssessmentFactors" if "AssessmentFactors" in schema else "AssessmentFactor"
        if column not in schema:
            raise MissingInput("column AssessmentFactors")
        keys = keys_of(data, ("Assessments", "AssessmentFactorsList"), ASSESSMENT)
        sent = data.text("AssessmentFactorsList").select(ROW, pl.col(column).cast(pl.String).alias("factor"))
        with_keys = listed.select(ROW, *keys).join(sent, on=ROW).drop(ROW)
        single = told_apart(assessments.select(ROW, *keys), keys)
        both = single.join(with_keys, on=keys, nulls_equal=has_one_nameless(data))
        return both.select(ROW, pl.col(ROW).alias("assessment"), "factor")
    schema = assessments.collect_schema()
    if "AssessmentFactors" not in schema:
        raise MissingInput("table AssessmentFactorsList")
    told_by = (*ASSESSMENT, "AssessmentActualStartDate", "AssessmentAuthorisationDate")
    keys = [key for key in told_by if key in schema] or [ROW]
    factor = pl.col("AssessmentFactors").alias("factor")
    rows = assessments.select(ROW, pl.col(ROW).first().over(keys).alias("assessment"), factor)
    if isinstance(schema["AssessmentFactors"], pl.List):
        rows = rows.explode("factor")
    return rows.with_columns(pl.col("factor").cast(pl.String))
