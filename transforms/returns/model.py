"""What one submission of a return holds: the types that rules, indicators and readers share.

What a return is, with its tables, columns and codes, is declared in `transforms.returns.entry`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

import polars as pl
import polars.selectors as cs

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
