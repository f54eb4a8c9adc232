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

KINDS = ("text", "code", "date", "integer", "decimal", "flag", "postcode", "timestamp")
ROW = "row_number"
CHILDREN = pl.Categories("child", "returns")  # identifiers of children, so that joins compare numbers


class MissingInput(Exception):  # noqa: N818 - not an error: it becomes the verdict "not run: needs ..."
    """Something a rule or an indicator needs was not given."""

    def __init__(self, needs: str) -> None:
        super().__init__(needs)
        self.needs = needs


@dataclass(frozen=True, slots=True)
class Code:
    """One value a column may hold, with the years in which it is valid."""

    code: str
    label: str = ""
    since: int | None = None
    until: int | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    Attributes:
        name: as the specification writes it.
        kind: one of `KINDS`; decides the type of the typed frame.
        is_required: whether a row must have a value.
        codes: values allowed, for kind `code`.
        aliases: other headers or element names it arrives under.
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


def is_valid(entry: Any, year: int) -> bool:
    """Whether an entry with `since` and `until` holds in a year."""
    return (entry.since is None or entry.since <= year) and (entry.until is None or year <= entry.until)


@dataclass(slots=True)
class ReturnData:
    """One submission of a return, and beside it what its rules may ask for.

    Every frame has the column `row_number` (UInt32, 0-based, in document order of its table). Typed
    frames hold the columns that were present in the files, and no others: dates are `Date`, numbers
    `Int64` or `Float64`, flags `Boolean`, the child's identifier `Categorical` (`CHILDREN`), all else
    trimmed text in upper case where the column holds codes; what could not be read is null. Raw
    frames hold the same rows as text, blank as null.

    Attributes:
        return_code: of its kind.
        year: collection year.
        la_code: DfE code of the authority; None where neither place nor content tells.
        start, end: of the collection period, both included.
        typed, raw: frames by table name.
        previous: the submission of the year before.
        references: other frames by name: `postcodes`, `providers`.
        holidays: bank holidays of England and Wales.
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

        Raises:
            MissingInput: the submission does not have it.
        """
        if name not in self.raw:
            raise MissingInput(f"table {name}")
        return self.raw[name].lazy()

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
