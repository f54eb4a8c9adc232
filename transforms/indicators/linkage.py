"""How counts hang together: which numbers of a computed frame are one count, and which add up to which.

Whoever sees a published frame can subtract. This module says from what: cells (a count, for one
authority, period and breakdown), sums that hold between cells, remainders, differences of cells that are
counts of people too, and balances, such as a stock and what changed it in a year. `suppress` and
`derivable` both reason over it, and over nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import polars as pl

from transforms.indicators import indicators
from transforms.indicators.model import TOTAL, Dimension, Flow, Indicator, Leftover

SMALL = 5


class Cell(NamedTuple):
    """One count: whose, when, of which return, its name and breakdown."""

    la_code: str
    period_code: str
    return_code: str
    name: str
    breakdown: str


class Sum(NamedTuple):
    """A whole and its parts; `is_complete` where no part is left out of the frame.

    `whole_gives_way` where the whole, not a part, is to be hidden so that a part cannot be found.
    """

    whole: Cell
    parts: tuple[Cell, ...]
    is_complete: bool
    whole_gives_way: bool = False

    @property
    def cells(self) -> tuple[Cell, ...]:
        """All it is made of."""
        return (self.whole, *self.parts)


class Remainder(NamedTuple):
    """What wholes leave when parts are taken away: a count of people that stands nowhere itself.

    `gives_way` is hidden if it leaves few: a part that is not 0 if none is named. `holds_always`
    where no rows can make it negative; `follows` where others say so already. `is_bound` where a reader
    is taken to lean on its being 0 or more although not all of it is told.
    """

    wholes: tuple[Cell, ...]
    parts: tuple[Cell, ...]
    gives_way: Cell | None = None
    holds_always: bool = True
    follows: bool = False
    is_bound: bool = True

    @property
    def cells(self) -> tuple[Cell, ...]:
        """All it is made of."""
        return (*self.wholes, *self.parts)


class Balance(NamedTuple):
    """Cells that come to the same on either side in rows without faults; what they differ by is no count."""

    wholes: tuple[Cell, ...]
    parts: tuple[Cell, ...]

    @property
    def cells(self) -> tuple[Cell, ...]:
        """All it is made of."""
        return (*self.wholes, *self.parts)


Relation = Sum | Remainder | Balance


@dataclass(slots=True)
class Row:
    """Cells of one row of the frame; a population below the line is no cell."""

    numerator: Cell | None
    denominator: Cell | None
    is_amount: bool


@dataclass(slots=True)
class Linkage:
    """Cells of a frame and what holds between them.

    Attributes:
        known: value of each cell that the frame gives; None for one that every row suppresses.
        amounts: cells that are sums of days, scores or FTE, not counts.
        rows: as the frame's, in order.
        sums, remainders, balances: relations between cells, each once.
        multiples: pairs of cells of which one is a fixed multiple of the other.
        split: cells that one row suppresses and another gives, itself or by a value.
    """

    known: dict[Cell, float | None] = field(default_factory=dict)
    amounts: set[Cell] = field(default_factory=set)
    rows: list[Row] = field(default_factory=list)
    sums: list[Sum] = field(default_factory=list)
    remainders: list[Remainder] = field(default_factory=list)
    balances: list[Balance] = field(default_factory=list)
    multiples: list[tuple[Cell, Cell]] = field(default_factory=list)
    split: set[Cell] = field(default_factory=set)


def declared() -> Mapping[str, Indicator]:
    """Return the declared indicators by code."""
    return {entry.code: entry for entry in indicators()}


def link(frame: pl.DataFrame, entries: Mapping[str, Indicator]) -> Linkage:
    """Find the cells of a frame, suppressed or not, and the relations declared between them.

    Args:
        frame: of the columns of `compute.RESULT`; rows without any value (not available) have no cells.
        entries: the indicators it holds, by code.
    """
    linkage = Linkage()
    for row in frame.iter_rows(named=True):
        linkage.rows.append(_add_row(linkage, row, entries[row["indicator_code"]]))
    sums: dict[Sum, None] = {}
    remainders: dict[Remainder, None] = {}
    balances: dict[Balance, None] = {}
    for (row, cells), entry in zip(
        zip(frame.iter_rows(named=True), linkage.rows, strict=True),
        (entries[code] for code in frame["indicator_code"]),
        strict=True,
    ):
        _relate(linkage, entry, row, cells, entries, sums, remainders)
        if cells.numerator is not None and _lasts(entry, row["breakdown"]):
            for flow in entry.flows:
                _add_flow(linkage, flow, cells.numerator, balances)
    linkage.sums, linkage.remainders, linkage.balances = list(sums), list(_nested(remainders)), list(balances)
    return linkage


def _add_row(linkage: Linkage, row: Mapping[str, Any], entry: Indicator) -> Row:
    if row["value_status"] == "not_available":
        return Row(None, None, False)
    cells = _cells_of(linkage, row, entry)
    hidden = [c for c in (cells.numerator, cells.denominator) if c is not None and linkage.known[c] is None]
    if row["value"] is not None and hidden:
        linkage.split.update(hidden)  # a value and one of its two numbers give the other
    return cells


def _cells_of(linkage: Linkage, row: Mapping[str, Any], entry: Indicator) -> Row:
    place = (row["la_code"] or "", row["period_code"], entry.return_code)
    numerator = Cell(*place, entry.numerator_count, row["breakdown"])
    _learn(linkage, numerator, row["numerator"])
    if entry.is_amount:
        linkage.amounts.add(numerator)
    if entry.has_population or not entry.denominator:
        return Row(numerator, None, entry.is_amount)
    denominator = Cell(*place, entry.denominator_count, TOTAL if entry.is_mix else row["breakdown"])
    _learn(linkage, denominator, row["denominator"])
    if not entry.has_headcount:
        linkage.amounts.add(denominator)
    return Row(numerator, denominator, entry.is_amount)


def _learn(linkage: Linkage, cell: Cell, value: float | None) -> None:
    before = linkage.known.get(cell)
    if cell in linkage.known and (before is None) != (value is None):
        linkage.split.add(cell)
    linkage.known[cell] = value if value is not None else before


def _relate(
    linkage: Linkage,
    entry: Indicator,
    row: Mapping[str, Any],
    cells: Row,
    entries: Mapping[str, Indicator],
    sums: dict[Sum, None],
    remainders: dict[Remainder, None],
) -> None:
    above, below = cells.numerator, cells.denominator
    if above is None:
        return
    if entry.is_part and below is not None:
        remainders[Remainder((below,), (above,))] = None
    for name in entry.within:
        if (other := above._replace(name=name)) in linkage.known:
            remainders[Remainder((other,), (above,))] = None
    rest = tuple(above._replace(name=name) for name in entry.rest)
    if rest and below is not None and all(cell in linkage.known for cell in rest):
        remainders[Remainder((below,), (above, *rest))] = None
    for name in entry.within_whole:
        if (other := above._replace(name=name)) in linkage.known:
            remainders[Remainder((other,), (above,), gives_way=other)] = None
    if below is not None:
        _relate_below(linkage, entry, below, sums, remainders)
    for leftover in entry.leaves:
        is_of_two_years = bool(leftover.wholes_before or leftover.parts_before)
        if not is_of_two_years or _lasts(entry, row["breakdown"]):
            _add_leftover(linkage, leftover, above, remainders)
    is_total = row["breakdown"] == TOTAL
    for name in (*entry.below_within, *(entry.total_within if is_total else ())):
        if below is not None and (other := below._replace(name=name)) in linkage.known:
            remainders[Remainder((other,), (below,))] = None
    if not is_total:
        return
    for dimension in entry.dimensions:
        for cell in (above,) if entry.is_mix or below is None else (above, below):
            _add_sums(linkage, cell, dimension, sums)
    for whole, cells_of in ((above, entry.adds), (below, entry.below_adds)):
        if whole is not None and cells_of:
            parts = tuple(whole._replace(name=name, breakdown=breakdown) for name, breakdown in cells_of)
            _add_sum(linkage, whole, parts, sums)
    if entry.years_of and entry.years_of in entries:
        _add_years(linkage, entry, entries[entry.years_of], above, below, sums)


def _relate_below(
    linkage: Linkage, entry: Indicator, below: Cell, sums: dict[Sum, None], remainders: dict[Remainder, None]
) -> None:
    """Add what holds of a denominator in every breakdown, or in the breakdowns that are named."""
    if entry.below_sums:
        parts = tuple(below._replace(name=name) for name in entry.below_sums)
        _add_sum(linkage, below, parts, sums, whole_gives_way=True)
    if entry.below_multiple and (other := below._replace(name=entry.below_multiple)) in linkage.known:
        linkage.multiples.append((other, below))
    for name, breakdown in entry.below_same:
        if breakdown == below.breakdown:
            _add_sum(linkage, below._replace(name=name), (below,), sums)
    for name, breakdown in entry.below_within_at:
        if breakdown == below.breakdown and (other := below._replace(name=name)) in linkage.known:
            remainders[Remainder((other,), (below,))] = None
    for name in entry.below_within_years:
        wholes = tuple(below._replace(name=name, period_code=year) for year in _years(entry, below))
        if all(cell in linkage.known for cell in wholes):
            remainders[Remainder(wholes, (below,), holds_always=False)] = None


def _add_leftover(linkage: Linkage, leftover: Leftover, at: Cell, remainders: dict[Remainder, None]) -> None:
    before = _year_before(at)
    wholes, parts = (
        tuple(
            place._replace(name=name, breakdown=breakdown or at.breakdown)
            for place, cells in ((at, of_year), (before, of_before))
            for name, breakdown in cells
        )
        for of_year, of_before in (
            (leftover.wholes, leftover.wholes_before),
            (leftover.parts, leftover.parts_before),
        )
    )
    cells = (*wholes, *parts)
    if all(cell in linkage.known for cell in cells):
        way = next((cell for cell in cells if cell.name == leftover.gives_way), None)
        # What 0s of a later year would narrow of an earlier one could not be taken back: no bound over two years.
        is_bound = not (leftover.wholes_before or leftover.parts_before)
        remainders[Remainder(wholes, parts, way, leftover.holds_always, leftover.follows, is_bound)] = None


def _lasts(entry: Indicator, breakdown: str) -> bool:
    """Whether those in a breakdown stay in it from one year to the next."""
    return breakdown == TOTAL or any(d.lasts and breakdown in map(d.label, d.values) for d in entry.dimensions)


def _year_before(cell: Cell) -> Cell:
    """Return the same count of the return a year earlier; of a period that is no year there is none."""
    code = cell.period_code
    return cell._replace(period_code=str(int(code) - 1) if code.isdecimal() else "")


def _add_flow(linkage: Linkage, flow: Flow, at: Cell, balances: dict[Balance, None]) -> None:
    stock = at._replace(name=flow.stock)
    wholes = (_year_before(stock), *(at._replace(name=name) for name in flow.came))
    parts = (stock, *(at._replace(name=name) for name in flow.went))
    if all(cell in linkage.known for cell in (*wholes, *parts)):
        balances[Balance(wholes, parts)] = None


def _nested(remainders: Mapping[Remainder, None]) -> dict[Remainder, None]:
    """Return remainders together with those of a part of a part: what is in between may be hidden."""
    found = dict(remainders)
    simple = [r for r in remainders if r.is_bound and len(r.wholes) == len(r.parts) == 1]
    of: dict[Cell, list[Remainder]] = {}
    for remainder in simple:
        of.setdefault(remainder.wholes[0], []).append(remainder)
    seen = {r.cells for r in simple}
    for remainder in simple:  # grows while it is gone through: parts of parts of parts too
        for inner in of.get(remainder.parts[0], ()):
            if remainder.wholes == inner.parts or (*remainder.wholes, *inner.parts) in seen:
                continue
            holds = remainder.holds_always and inner.holds_always
            outer = Remainder(remainder.wholes, inner.parts, inner.gives_way, holds, follows=True)
            seen.add(outer.cells)
            simple.append(outer)
            found[outer] = None
    return found


def _add_sums(linkage: Linkage, total: Cell, dimension: Dimension, sums: dict[Sum, None]) -> None:
    for whole, parts in dimension.sums:
        head = total if whole == TOTAL else total._replace(breakdown=dimension.label(whole))
        _add_sum(linkage, head, tuple(total._replace(breakdown=dimension.label(part)) for part in parts), sums)


def _add_sum(
    linkage: Linkage, whole: Cell, parts: tuple[Cell, ...], sums: dict[Sum, None], whole_gives_way: bool = False
) -> None:
    there = tuple(part for part in parts if part in linkage.known)
    if whole in linkage.known and there:
        sums[Sum(whole, there, len(there) == len(parts), whole_gives_way)] = None


def _years(entry: Indicator, cell: Cell) -> list[str]:
    """Return the codes of the years that an indicator spans in the period of a cell."""
    return [str(int(cell.period_code) - back) for back in range(entry.years)]


def _add_years(
    linkage: Linkage, entry: Indicator, yearly: Indicator, above: Cell, below: Cell | None, sums: dict[Sum, None]
) -> None:
    """Add that a count of several years is the sum of the counts of its years."""
    years = _years(entry, above)
    pairs = [(above, yearly.numerator_count), (below, yearly.denominator_count)]
    for cell, name in pairs:
        if cell is not None:
            _add_sum(linkage, cell, tuple(cell._replace(period_code=y, name=name) for y in years), sums)
