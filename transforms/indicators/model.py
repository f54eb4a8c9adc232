"""What an indicator is, what it may look at, and what it gives: the types every module here shares.

An indicator is one entry: words, unit, the fields it rests on, the breakdowns its definition allows,
and one function that gives rows with a numerator and a denominator, which the engine adds up. Counts
carry names of their own, so that whoever suppresses small numbers knows which of them are one and the
same, and which add up to which.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import combinations

import polars as pl

from transforms.returns.calendar import working_days
from transforms.returns.model import MissingInput, ReturnData

TOTAL = "Total"
NOT_KNOWN = "Not known"
COUNT, PERCENT, RATE, MEAN, DAYS, FTE = "count", "percent", "rate_per_10k", "mean", "days", "fte"
SCALES = {PERCENT: 100, RATE: 10_000}
COLLECTION_YEAR = "collection_year"
BESIDE = "is_beside"  # a flag of rows that count for a breakdown but not for the total


@dataclass(frozen=True, slots=True)
class Dimension:
    """One characteristic an indicator is broken down by.

    Attributes:
        name: also the column of the rows that holds its values.
        values: all of them, in order; a value that no row has is published as 0.
        sums: wholes and the parts that add up to them. Empty where values overlap.
        lasts: whether everybody keeps their value from one year to the next, but for faults.
    """

    name: str
    values: tuple[str, ...]
    sums: tuple[tuple[str, tuple[str, ...]], ...] = ()
    lasts: bool = False

    def label(self, value: str) -> str:
        """Return the breakdown of a value, as it is published."""
        return f"{self.name} | {value}"


def parts_of(name: str, *values: str, lasts: bool = False) -> Dimension:
    """Declare a dimension of which every row has exactly one value, so that values add up to the total."""
    return Dimension(name, values, ((TOTAL, values),), lasts)


def overlapping(name: str, *values: str) -> Dimension:
    """Declare a dimension of which a row may have several values, or none."""
    return Dimension(name, values)


def within_a_sentence(words: str) -> str:
    """Return words as they read within a sentence: with a small letter, unless they begin with an abbreviation."""
    return words if words[:2].isupper() else words[:1].lower() + words[1:]


@dataclass(slots=True)
class Measured:
    """Rows of an indicator, and what is doubtful about them.

    Attributes:
        rows: `numerator`, `denominator` (numbers, summed by the engine; a missing denominator column
            means there is none) and a text column a dimension.
        note: what to know about the value; never a count.
        is_unreliable: whether the note is a reason not to lean on it.
    """

    rows: pl.LazyFrame
    note: str = ""
    is_unreliable: bool = False


Measure = Callable[["Scope"], "Measured | pl.LazyFrame"]
Cell = tuple[str, str]  # name of a count, breakdown


@dataclass(frozen=True, slots=True)
class Leftover:
    """What counts leave of others: a count of people that is published nowhere, and can be subtracted.

    Cells are names of counts with a breakdown; `SAME` stands for every breakdown that all of them have,
    and with counts of a year before, for every one of these that lasts.

    Attributes:
        wholes: counts that are added.
        parts: counts that are taken away.
        wholes_before, parts_before: the same, of the return a year earlier.
        gives_way: name of the count to be hidden where few are left; the first part if not given.
        holds_always: whether the rules make it so for any rows. If not, only rows without faults do,
            and a reader takes it to hold unless the published numbers speak against it.
        follows: whether others that are declared say that it is not negative.
    """

    wholes: tuple[Cell, ...]
    parts: tuple[Cell, ...]
    gives_way: str = ""
    holds_always: bool = True
    follows: bool = False
    wholes_before: tuple[Cell, ...] = ()
    parts_before: tuple[Cell, ...] = ()


@dataclass(frozen=True, slots=True)
class Flow:
    """What changed a stock in a year: the stock a year before, with whom came and without who went, is the stock.

    In all, and in every breakdown that all the counts have and that lasts. It holds in rows without faults, and
    but for some who came or went twice in a year where people are counted and not occasions.

    Attributes:
        stock: name of a count on the last day of the year.
        came: names of counts of the year that add to it.
        went: names of counts of the year that take from it.
    """

    stock: str
    came: tuple[str, ...]
    went: tuple[str, ...]


SAME = ""


def same(*names: str) -> tuple[Cell, ...]:
    """Return counts in every breakdown that all of a leftover have."""
    return tuple((name, SAME) for name in names)


def apart(whole: str, *names: str) -> tuple[Leftover, ...]:
    """Declare counts of a whole that nobody is in two of: what two or more of them leave is a count too."""
    groups = (group for size in range(2, len(names) + 1) for group in combinations(names, size))
    return tuple(Leftover(same(whole), same(*group), follows=len(group) < len(names)) for group in groups)


def in_bands(name: str, dimension: Dimension, *values: str) -> tuple[Cell, ...]:
    """Return a count in some values of a dimension."""
    return tuple((name, dimension.label(value)) for value in values)


@dataclass(frozen=True, slots=True)
class Indicator:
    """One indicator computed from a return.

    Attributes:
        code: as the reference numbers it, e.g. `CLA5`.
        definition: what it tells, in a sentence.
        numerator, denominator: what is counted, in words; no denominator for counts.
        unit: one of `COUNT`, `PERCENT`, `RATE`, `MEAN`, `DAYS`, `FTE`.
        polarity: `high` or `low` is good, or `none`.
        return_code: of the return it is computed from.
        source: where the rule was read; `INF` in it marks inference that should be confirmed.
        measure: its rows.
        fields: `Table.column` it depends on: a failing error rule on one makes it unreliable.
        dimensions: it may be broken down by.
        published_code: conformed published indicator it stands beside.
        counts: names of its numerator and denominator; indicators that share a name share the count.
        is_part: whether what the numerator counts is among what the denominator counts.
        is_mix: whether breakdowns are shares of the whole total.
        has_population: whether the denominator is the population aged 0 to 17.
        yearly: times a year its count stands for (2 for six months).
        adds: cells of other counts that the numerator's total is the sum of.
        within: names of other counts that the numerator is part of.
        rest: counts that, with the numerator, leave a remainder of the denominator that is a count too.
        below_within: names of counts that the denominator is part of, in every breakdown.
        total_within: the same, where it holds for totals only.
        below_adds: cells of other counts that the denominator's total is the sum of.
        below_sums: names of counts that the denominator is the sum of, in every breakdown.
        below_multiple: name of a count that the denominator is a fixed multiple of: either gives the other.
        below_same: cells of other counts that the denominator of the same breakdown equals.
        below_within_at: cells of other counts that the denominator of the same breakdown is part of.
        within_whole: names of counts that the numerator is part of and that rather give way than it.
        leaves: what its counts, with others of the return, leave of one another.
        flows: stocks that its counts, with others of two years, change.
        below_within_years: yearly counts that the denominator is part of if added up over its years.
        is_amount: whether the numerator is a sum of days, scores or hours, not a count.
        has_headcount: whether the denominator counts people; if not, it is an amount too.
        years: collection years a value spans, ending with its own.
        years_of: code of the one-year form it adds up, where `years` is not 1.
        is_quarterly: whether there is a value a quarter and not one a year.
    """

    code: str
    title: str
    definition: str
    numerator: str
    denominator: str
    unit: str
    decimals: int
    polarity: str
    return_code: str
    source: str
    measure: Measure
    fields: tuple[str, ...]
    dimensions: tuple[Dimension, ...] = ()
    published_code: str | None = None
    counts: tuple[str, str] = ("", "")
    is_part: bool = False
    is_mix: bool = False
    has_population: bool = False
    yearly: int = 1
    adds: tuple[Cell, ...] = ()
    within: tuple[str, ...] = ()
    rest: tuple[str, ...] = ()
    below_within: tuple[str, ...] = ()
    total_within: tuple[str, ...] = ()
    below_adds: tuple[Cell, ...] = ()
    below_sums: tuple[str, ...] = ()
    below_multiple: str = ""
    below_same: tuple[Cell, ...] = ()
    below_within_at: tuple[Cell, ...] = ()
    within_whole: tuple[str, ...] = ()
    leaves: tuple[Leftover, ...] = ()
    flows: tuple[Flow, ...] = ()
    below_within_years: tuple[str, ...] = ()
    is_amount: bool = False
    has_headcount: bool = True
    years: int = 1
    years_of: str = ""
    is_quarterly: bool = False

    @property
    def numerator_count(self) -> str:
        """Name of the count above the line."""
        return self.counts[0] or self.code

    @property
    def denominator_count(self) -> str:
        """Name of the count below the line."""
        return self.counts[1] or f"{self.code} of"


@dataclass(slots=True)
class Scope:
    """What a measure may look at: one submission, the years before it, and the period asked for.

    Attributes:
        data: the submission of the year.
        history: submissions at hand by collection year, its own among them.
        start, end: of the period, both included.
    """

    data: ReturnData
    history: Mapping[int, ReturnData]
    start: date
    end: date
    _held: dict[str, pl.DataFrame] = field(default_factory=dict)
    _years: dict[int, Scope] = field(default_factory=dict)

    def table(self, name: str) -> pl.LazyFrame:
        """Return a table of the submission.

        Raises:
            MissingInput: it has none of that name.
        """
        return self.data[name]

    def years(self, name: str) -> pl.LazyFrame:
        """Return a table over this year and all before it at hand, with the column `collection_year`.

        Raises:
            MissingInput: this year's submission does not have it.
        """
        self.data[name]  # an older one cannot stand in for it
        frames = [
            self.history[year][name].with_columns(pl.lit(year, pl.Int32).alias(COLLECTION_YEAR))
            for year in sorted(self.history)
            if year <= self.data.year and name in self.history[year]
        ]
        return pl.concat(frames, how="diagonal_relaxed")

    def at(self, year: int) -> Scope:
        """Return the scope of another collection year.

        Raises:
            MissingInput: its submission is not at hand.
        """
        if year not in self.history:
            raise MissingInput(f"the return of {year}")
        if year not in self._years:
            data = self.history[year]
            is_own = year == self.data.year
            self._years[year] = self if is_own else Scope(data, self.history, data.start, data.end, _years=self._years)
        return self._years[year]

    def window(self, start: date, end: date) -> Scope:
        """Return a scope of part of the year; `at` its own year leads back to the whole."""
        self._years.setdefault(self.data.year, self)
        return Scope(self.data, self.history, start, end, _years=self._years)

    @property
    def first_start(self) -> date:
        """First day that the submissions at hand tell of without a missing year between."""
        year = self.data.year
        while year - 1 in self.history:
            year -= 1
        return self.history[year].start

    @property
    def has_previous(self) -> bool:
        """Whether the submission of the year before is at hand."""
        return self.data.year - 1 in self.history

    def held(self, name: str, make: Callable[[Scope], pl.LazyFrame]) -> pl.LazyFrame:
        """Return a frame that several indicators share; it is computed once and held."""
        if name not in self._held:
            self._held[name] = make(self).collect()
        return self._held[name].lazy()

    def workdays(self, start: str, end: str) -> pl.Expr:
        """Return the working days from one column to another."""
        return working_days(pl.col(start), pl.col(end), self.data.holidays or None)

    def workdays_to_end(self, start: str) -> pl.Expr:
        """Return the working days from a column to the last day of the period."""
        return working_days(pl.col(start), pl.lit(self.end), self.data.holidays or None)

    def within(self, column: str) -> pl.Expr:
        """Whether a date falls in the period."""
        return pl.col(column).is_between(self.start, self.end)
