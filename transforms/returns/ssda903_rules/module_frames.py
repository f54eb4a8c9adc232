"""Frames and expressions that the rules on the modules beside Episodes and Header share.

A cell is asked two things: whether something stands in it (the text it came as) and what it says
(its typed value). So rules read both side by side: `DATE_INT` is the date, `DATE_INT as given` the
text. What could not be read is filled in, and says nothing.

Rows are paired by child. In a pair of tables the rows of each keep their numbers in a column
`<table> row`, and `cited` turns those into findings.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

import polars as pl

from transforms.returns.model import ROW, MissingInput, ReturnData
from transforms.returns.rule import Found, Rule

FIRST_YEAR = 2023  # of the collections whose rules are known to us
AD1_ITEMS = ("DATE_INT", "DATE_MATCH", "FOSTER_CARE", "NB_ADOPTR", "SEX_ADOPTR", "LS_ADOPTR")
OC3_ITEMS = ("IN_TOUCH", "ACTIV", "ACCOM")
ADOPTED = ("E11", "E12")
PLACED_FOR_ADOPTION = ("A3", "A4", "A5", "A6")

# These are many: only what rules on their order read is sorted.
_KEPT_IN_ORDER = {
    "Episodes": (ROW, "CHILD", "DECOM", "DEC", "RNE", "LS", "REC", "PLACE"),
    "SWEpisodes": (ROW, "CHILD", "SW_DECOM", "SW_DEC", "SW_REASON", "SW_DECOM as given", "SW_DEC as given"),
}

_AS_THE_DEPARTMENT_WRITES = r"^\d{1,2}/\d{1,2}/\d{4}$"
_WITH_PARTS_UNKNOWN = r"^(\d{1,2}|ZZ)/(\d{1,2}|ZZ)/(\d{4}|ZZZZ)$"


def known(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """Leave rules that name no first year out of the years before the first whose rules we know."""
    return tuple(entry if entry.since else replace(entry, since=FIRST_YEAR) for entry in rules)


def given(data: ReturnData, table: str) -> pl.LazyFrame:
    """Return a table with, beside each column, the text it came as; nothing is copied.

    Raises:
        MissingInput: the submission does not have the table.
    """

    def beside(held: ReturnData) -> pl.LazyFrame:
        came_as = held.text(table).select(pl.exclude(ROW).name.suffix(" as given")).collect()
        return pl.concat([held.typed[table], came_as], how="horizontal").lazy()

    if table not in data:
        raise MissingInput(f"table {table}")
    return data.derived(f"{table} as given", beside)


def last_year(data: ReturnData, table: str) -> pl.LazyFrame:
    """Return a table of the submission of the year before, as `given`.

    Raises:
        MissingInput: there is no such submission, or it does not have the table.
    """
    previous = data.last
    try:
        return given(previous, table)
    except MissingInput as missing:
        raise MissingInput(f"{missing.needs} of the year before") from missing


def text(column: str) -> pl.Expr:
    """The text a cell came as."""
    return pl.col(f"{column} as given")


def filled(column: str) -> pl.Expr:
    """Whether anything stands in a cell, readable or not."""
    return text(column).is_not_null()


def blank(column: str) -> pl.Expr:
    """Whether nothing stands in a cell."""
    return text(column).is_null()


def any_filled(columns: Iterable[str]) -> pl.Expr:
    """Whether anything stands in one of several cells."""
    return pl.any_horizontal([filled(column) for column in columns])


def any_blank(columns: Iterable[str]) -> pl.Expr:
    """Whether one of several cells is blank."""
    return pl.any_horizontal([blank(column) for column in columns])


def one_of(column: str, codes: Iterable[str]) -> pl.Expr:
    """Whether a code is one of several: false of a blank cell, so that it can be negated."""
    return pl.col(column).is_in(list(codes)).fill_null(False)


def not_valid(column: str, codes: Iterable[str]) -> pl.Expr:
    """Whether something stands in a cell that is none of the codes."""
    return filled(column) & ~one_of(column, codes)


def not_a_date(column: str) -> pl.Expr:
    """Whether a cell holds no date as the department takes it, day/month/year; true of a blank one.

    We may have read a date that was written in another form; the department will not.
    """
    written = text(column).str.contains(_AS_THE_DEPARTMENT_WRITES).fill_null(False)
    return pl.col(column).is_null() | ~written


def years_before(day: date, years: int) -> date:
    """Return the same day some years before; 28 February for a 29th that the year does not have."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def aged(years: int, on: date) -> pl.Expr:
    """Whether someone born on DOB is at least so many years old on a day."""
    return pl.col("DOB") <= years_before(on, years)


def numbered(frame: pl.LazyFrame, table: str) -> pl.LazyFrame:
    """Name the row numbers of a table after it, before it is paired with another."""
    return frame.rename({ROW: f"{table} row"})


def cited(pairs: pl.LazyFrame, *tables: str) -> Found:
    """Return the rows of several tables that stand in a frame of pairs; it is computed once for all of them."""
    rows = pairs.select([f"{table} row" for table in tables]).collect().lazy()
    return {table: rows.select(pl.col(f"{table} row").alias(ROW)).drop_nulls() for table in tables}


def of_children(frame: pl.LazyFrame, children: pl.LazyFrame) -> pl.LazyFrame:
    """Keep the rows of children who are in another frame."""
    return frame.join(children.select("CHILD"), on="CHILD", how="semi")


def of_others(frame: pl.LazyFrame, children: pl.LazyFrame) -> pl.LazyFrame:
    """Keep the rows of children who are not in another frame."""
    return frame.join(children.select("CHILD"), on="CHILD", how="anti")


def children_with_episodes(data: ReturnData) -> pl.LazyFrame:
    """Return CHILD, each once, of all who have an episode in this year's submission."""
    return data.derived(
        "children with episodes", lambda held: held["Episodes"].select(pl.col("CHILD").drop_nulls().unique())
    )


def in_order(data: ReturnData, table: str, *columns: str) -> pl.LazyFrame:
    """Return a table by child, then by columns (blank last), then as it came; rows without a child are left out."""

    def sort(held: ReturnData) -> pl.LazyFrame:
        by = [pl.col("CHILD").to_physical(), *(pl.col(column) for column in columns), pl.col(ROW)]
        frame = given(held, table).filter(pl.col("CHILD").is_not_null())
        if table in _KEPT_IN_ORDER:
            there = frame.collect_schema()
            frame = frame.select([name for name in _KEPT_IN_ORDER[table] if name in there])
        return frame.sort(by, nulls_last=True)

    return data.derived(f"{table} in order of {', '.join(columns)}", sort)


def _changes(*columns: str) -> pl.Expr:
    return pl.any_horizontal([pl.col(column).ne_missing(pl.col(column).shift(1)) for column in columns])


def follows() -> pl.Expr:
    """Whether the row before is of the same child, in a frame in order."""
    return pl.col("CHILD").eq(pl.col("CHILD").shift(1)).fill_null(False)


def first_of_child(ordered: pl.LazyFrame) -> pl.LazyFrame:
    """Keep the first row of each child of a frame in order."""
    return ordered.filter(_changes("CHILD"))


def last_of_child(ordered: pl.LazyFrame) -> pl.LazyFrame:
    """Keep the last row of each child of a frame in order."""
    return ordered.filter(pl.col("CHILD").ne_missing(pl.col("CHILD").shift(-1)))


def latest_of_child(ordered: pl.LazyFrame, column: str) -> pl.LazyFrame:
    """Keep the latest row of each child of a frame in order of a date: of equals, the one that came first."""
    return last_of_child(ordered.filter(pl.col(column).is_not_null()).filter(_changes("CHILD", column)))


def earliest_of_child(ordered: pl.LazyFrame, column: str) -> pl.LazyFrame:
    """Keep the earliest row of each child of a frame in order of a date: of equals, the one that came first."""
    return first_of_child(ordered.filter(pl.col(column).is_not_null()))


def periods_of_care(data: ReturnData) -> pl.LazyFrame:
    """Return CHILD, `care_from`, `care_to`: stretches of episodes without a day between them.

    `care_to` is null where the last episode of the stretch is open.
    """

    def find(held: ReturnData) -> pl.LazyFrame:
        episodes = in_order(held, "Episodes", "DECOM").select("CHILD", "DECOM", "DEC")
        starts = _changes("CHILD") | (pl.col("DECOM") > pl.col("DEC").shift(1)).fill_null(False)
        return (
            episodes.filter(pl.col("DECOM").is_not_null())
            .with_columns(starts.cum_sum().alias("period"))
            .group_by("period", maintain_order=True)
            .agg(
                pl.col("CHILD").first(),
                pl.col("DECOM").first().alias("care_from"),
                pl.col("DEC").last().alias("care_to"),
            )
            .drop("period")
        )

    return data.derived("periods of care", find)


def by_end(data: ReturnData, table: str, start: str, end: str) -> pl.LazyFrame:
    """Return stretches of time of each child in order of their ends; one without an end stands where it starts."""

    def sort(held: ReturnData) -> pl.LazyFrame:
        by = [pl.col("CHILD").to_physical(), pl.coalesce(end, start), pl.col(start), pl.col(ROW)]
        return given(held, table).filter(pl.col("CHILD").is_not_null()).sort(by, nulls_last=True)

    return data.derived(f"{table} by end", sort)


def outside_care(data: ReturnData, table: str, start: str, end: str) -> pl.LazyFrame:
    """Return stretches of time that fit no period of care of their child.

    One fits where it ended within the period, or where it began within one that is open and is open
    itself, as one is whose end cannot be read. A child without episodes has no period that it could miss.
    """
    stretches = given(data, table).filter(pl.col(start).is_not_null())
    pairs = stretches.join(periods_of_care(data), on="CHILD")
    is_open = pl.col(end).is_null()
    outside = (
        (is_open & (pl.col("care_to").is_not_null() | (pl.col(start) < pl.col("care_from"))))
        | (pl.col(end) > pl.col("care_to"))
        | (pl.col(end) < pl.col("care_from"))
    )
    return pairs.group_by(ROW).agg(outside.fill_null(False).all().alias("outside")).filter("outside")


def in_part(column: str) -> pl.Expr:
    """Read a date of which parts may be unknown (ZZ), as the earliest day it can be; with the year unknown, in 2000.

    Null where it is no date even so. Meant for few cells: it is slow.
    """
    written = text(column).str.to_uppercase()
    earliest = written.str.replace(r"^ZZ/", "01/").str.replace("/ZZ/", "/01/", literal=True)
    earliest = earliest.str.replace(r"/ZZZZ$", "/2000").str.to_date("%d/%m/%Y", strict=False)
    return pl.when(written.str.contains(_WITH_PARTS_UNKNOWN)).then(earliest)
