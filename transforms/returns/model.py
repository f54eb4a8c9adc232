"""What a return is, and what one submission of it holds: the types every other module here shares.

Years are those in which a collection ends: 2026 is 1 April 2025 to 31 March 2026. A column or
code that came or went says so itself (`since`, `until`, both inclusive); the specification of one
year is a filter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import polars as pl
import polars.selectors as cs

KINDS = ("text", "code", "date", "integer", "age", "decimal", "flag", "postcode", "timestamp")
ROW = "row_number"
FILE, LINE = "file_number", "line_number"  # of raw frames, where known
PROBLEMS = {
    "problem_code": pl.String,
    "table_name": pl.String,
    "column_name": pl.String,
    ROW: pl.UInt32,
    FILE: pl.UInt32,
    "message": pl.String,
}
CHILDREN = pl.Categories("child", "returns")  # identifiers of children, so that joins compare numbers


class MissingInput(Exception):  # noqa: N818 - not an error: it becomes the verdict "not run: needs ..."
    """Something a rule or an indicator needs was not given."""

    def __init__(self, needs: str) -> None:
        super().__init__(needs)
        self.needs = needs


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


def as_text(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Write values as a file would have them: dates as day/month/year, all else as it prints; lists stay."""
    days = cs.date() | cs.datetime()
    rest = cs.all() - days - cs.string() - cs.by_name(ROW, require_all=False) - cs.list()
    return frame.with_columns(days.dt.strftime("%d/%m/%Y"), rest.cast(pl.String))


@dataclass(slots=True)
class ReturnData:
    """One submission of a return, and beside it what its rules may ask for.

    Every frame has the column `row_number` (UInt32, 0-based, in document order of its table). Typed
    frames hold the columns that were present in the files, and no others: dates are `Date`, numbers
    `Int64` or `Float64`, flags `Boolean`, the child's identifier `Categorical` (`CHILDREN`), all else
    trimmed text in upper case where the column holds codes; what could not be read is null. A code
    that is not valid stays as it came, for the rules to judge, unless the specification lists the
    spellings a code arrives in: then it is null. Raw frames hold the same rows as text, blank as
    null, and beside them `file_number` and `line_number`; a table may lack one (see `text`).

    Attributes:
        return_code: of its kind.
        year: collection year.
        la_code: DfE code of the authority; None where neither place nor content tells.
        start, end: of the collection period, both included.
        typed, raw: frames by table name.
        previous: the submission of the year before.
        references: other frames by name: `postcodes`, `providers`.
        holidays: bank holidays of England and Wales.
        problems: where it departs from its specification, of the schema `PROBLEMS`; never a value.
        files: names of the files it was read from; `file_number` of raw frames counts them from 0.
    """

    return_code: str
    year: int
    start: date
    end: date
    typed: Mapping[str, pl.DataFrame]
    raw: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    la_code: str | None = None
    previous: ReturnData | None = None
    references: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    holidays: tuple[date, ...] = ()
    problems: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=PROBLEMS))
    files: tuple[str, ...] = ()
    _derived: dict[str, pl.LazyFrame] = field(default_factory=dict)

    def __getitem__(self, name: str) -> pl.LazyFrame:
        """Return a typed table.

        Raises:
            MissingInput: the submission does not have it.
        """
        if name not in self.typed:
            raise MissingInput(f"table {name}")
        return self.typed[name].lazy()

    def __contains__(self, name: str) -> bool:
        return name in self.typed

    def text(self, name: str) -> pl.LazyFrame:
        """Return a table as text, exactly as it came but for blanks around it.

        Where the text was not kept, the values are written as a file would have them.

        Raises:
            MissingInput: the submission does not have it.
        """
        return self.raw[name].lazy() if name in self.raw else as_text(self[name])

    @property
    def last(self) -> ReturnData:
        """The submission of the year before.

        Raises:
            MissingInput: there is none.
        """
        if self.previous is None:
            raise MissingInput("the return of the year before")
        return self.previous

    def reference(self, name: str) -> pl.LazyFrame:
        """Return reference data.

        Raises:
            MissingInput: it was not given.
        """
        if name not in self.references:
            raise MissingInput(f"reference data: {name}")
        return self.references[name].lazy()

    def derived(self, name: str, make: Callable[[ReturnData], pl.LazyFrame]) -> pl.LazyFrame:
        """Return a frame that several rules share; it is computed once and held."""
        if name not in self._derived:
            self._derived[name] = make(self).collect().lazy()
        return self._derived[name]
