"""What a return is: its tables, columns and codes, with the years in which each holds.

Years are those in which a collection ends: 2026 is 1 April 2025 to 31 March 2026. A column or
code that came or went says so itself (`since`, `until`, both inclusive); the specification of one
year is a filter. Entries are plain values, so that whoever asks what there is imports no engine;
what a submission holds is in `transforms.returns.model`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

KINDS = ("text", "code", "date", "integer", "age", "decimal", "flag", "postcode", "timestamp")

# Names under which people are identified in any return, should an entry not say so itself.
_IDENTIFIES = re.compile(
    r"^(child|child_?id|lachildid|child unique id|(former)?upn|sw_?id|sweno|swe_?no|.*unique id)$", re.IGNORECASE
)
_PERSONAL_DAY = re.compile(r"(^|[^a-z])dob($|[^a-z])|birth|death", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Code:
    """One value a column may hold, with the years in which it is valid.

    Attributes:
        code: as typed frames hold it; of a flag `yes`, `no` or `unknown`.
        label: its meaning.
        seen: other spellings it arrives in, as `values.normal` writes them.
    """

    code: str
    label: str = ""
    since: int | None = None
    until: int | None = None
    seen: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    Attributes:
        name: as the specification writes it.
        kind: one of `KINDS`; decides the type of the typed frame.
        is_required: whether a row must have a value.
        codes: values allowed, for kind `code`; none where any will do.
        aliases: other headers or element names it arrives under.
        pattern: regular expression for headers of it that no name or alias gives.
        low, high: bounds of a number, both included.
        is_identifier: whether it identifies a person and may leave only as a keyed hash.
    """

    name: str
    kind: str = "text"
    is_required: bool = False
    codes: tuple[Code, ...] = ()
    aliases: tuple[str, ...] = ()
    since: int | None = None
    until: int | None = None
    low: float | None = None
    high: float | None = None
    is_identifier: bool = False
    pattern: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a return.

    Attributes:
        name: as rules cite it, e.g. `Episodes`.
        columns: in the order of the specification.
        key: columns that together name one row.
        marks: columns whose presence tells this table from the others of the return.
    """

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    marks: tuple[str, ...] = ()
    since: int | None = None
    until: int | None = None

    def columns_of(self, year: int) -> tuple[Column, ...]:
        """Return the columns of one collection year."""
        return tuple(column for column in self.columns if is_valid(column, year))


@dataclass(frozen=True, slots=True)
class Block:
    """One element of an XML form, within the element above it.

    Attributes:
        tag: its name.
        table: of which each occurrence is a row; empty where it only holds others.
        number: column that numbers its occurrences within the record, from 1, for its rows and those below.
        is_value: whether its text is the row's value, in the column of the same name.
        blocks: elements within it.
    """

    tag: str
    table: str = ""
    number: str = ""
    is_value: bool = False
    blocks: tuple[Block, ...] = ()


@dataclass(frozen=True, slots=True)
class XmlForm:
    """How a return looks as XML.

    Attributes:
        root: names the document element may have.
        collection: what the header calls the collection; empty where there is no header.
        records: elements read one by one.
        child: column that tells of whom all rows of a record are; empty where records stand alone.
        shared: further columns that the rows of a record share, for a form read by its leaves.
        by_leaves: whether rows are told by the names of leaves alone, whatever the elements around
            them are called; `records` then have no blocks.
        presence: by table, a leaf that says with `1` or `true` that there is a row.
        if_seen: tables that may be missing from the form, and are empty only where they are seen.
    """

    root: tuple[str, ...]
    records: tuple[Block, ...]
    collection: str = ""
    child: str = ""
    shared: tuple[str, ...] = ()
    by_leaves: bool = False
    presence: tuple[tuple[str, str], ...] = ()
    if_seen: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Return:
    """One kind of return.

    Attributes:
        code: `ssda903`, `cin_census`, `annex_a`, `csww`.
        title: its name for people.
        tables: all of them, whatever the year.
        child_columns: names under which tables hold the authority's identifier of a child.
        period: collection year to its first and last day.
    """

    code: str
    title: str
    tables: tuple[Table, ...]
    period: Callable[[int], tuple[date, date]]
    child_columns: tuple[str, ...] = ("CHILD",)
    since: int | None = None
    until: int | None = None
    xml: XmlForm | None = None
    year_columns: tuple[str, ...] = ()
    snapshot: bool = False

    def table(self, name: str) -> Table:
        """Return the table of that name."""
        return next(table for table in self.tables if table.name == name)


def is_valid(entry: Any, year: int) -> bool:
    """Whether an entry with `since` and `until` holds in a year."""
    return (entry.since is None or entry.since <= year) and (entry.until is None or year <= entry.until)


def is_identifier(column: Column) -> bool:
    """Whether a column identifies a person."""
    return column.is_identifier or bool(_IDENTIFIES.match(column.name))


def is_personal_day(column: Column) -> bool:
    """Whether a column holds a day of birth or death."""
    return column.kind in ("date", "timestamp") and bool(_PERSONAL_DAY.search(column.name))
