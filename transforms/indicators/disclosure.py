"""Suppression of small numbers, so that no published value tells of one to five people.

Primary: counts of one to five, and numbers whose remainder of a whole is one to five. Secondary: as
many further numbers, the smallest first, as it takes until none of the first can be derived from
totals, from other indicators that share a count, from longer periods, from a stock of the year before
and what changed it, or from what was published before. What was told before is hidden last. A value whose
numerator or denominator is suppressed is suppressed; 0 stays 0.

Source: DfE children in need statistics, methodology (counts 1 to 5); the same threshold is inferred for
children looked after and the workforce.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import polars as pl

from transforms.indicators.compute import NOT_APPLICABLE, NOT_AVAILABLE, SUPPRESSED
from transforms.indicators.derivable import BALANCE, CELL, REMAINDER, Leak, Solved, find_leaks, leaks_beside
from transforms.indicators.linkage import SMALL, Balance, Cell, Linkage, Relation, Remainder, Row, Sum, declared, link
from transforms.indicators.model import TOTAL, Indicator

Touching = dict[Cell, dict[int, Relation]]


def suppress(
    frame: pl.DataFrame,
    entries: Mapping[str, Indicator] | None = None,
    earlier: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Suppress a computed frame.

    All that is to be published of an authority goes in at once: numbers left out cannot be weighed.

    Args:
        frame: of the columns of `compute.RESULT`, computed and whole.
        entries: the indicators it holds, by code; the declared ones if not given.
        earlier: what was published before of the same periods, suppressed: what was hidden then stays
            hidden.

    Returns:
        The same rows; suppressed numbers are null and their status is `suppressed`.
    """
    entries = entries if entries is not None else declared()
    linkage = link(frame, entries)
    before = link(earlier, entries) if earlier is not None and earlier.height else None
    work = _Work(linkage, dict(linkage.known), _touching(linkage), _told(linkage, before))
    work.hidden |= _primary(work)
    if before is not None:
        work.hidden |= {cell for cell, value in before.known.items() if value is None and work.truth.get(cell)}
    _secondary(work, before)
    return _apply(frame, linkage, work.hidden)


@dataclass(slots=True)
class _Work:
    """Cells to be hidden, and what they are chosen by.

    Attributes:
        linkage: cells and what holds between them.
        truth: value of each cell.
        touching: relations that each cell stands in.
        told: cells that were published before as they are: to hide one is of use only to who did not see it.
        hidden: cells chosen so far.
    """

    linkage: Linkage
    truth: Mapping[Cell, float | None]
    touching: Touching
    told: set[Cell]
    hidden: set[Cell] = field(default_factory=set)

    def smallest(self, cells: Iterable[Cell], newest: bool = False) -> list[Cell]:
        """Return the smallest of the cells that may still be hidden, rather one that was not told before.

        Args:
            cells: to choose from; a 0 is never hidden.
            newest: whether a later year goes before a smaller number.
        """
        open_cells = [cell for cell in cells if cell not in self.hidden and self.truth.get(cell)]
        return sorted(open_cells, key=lambda cell: self._order(cell, newest))[:1]

    def _order(self, cell: Cell, newest: bool) -> tuple[bool, int, float, Cell]:
        year = int(cell.period_code) if newest and cell.period_code.isdecimal() else 0
        return cell in self.told, -year, self.truth[cell] or 0.0, cell


def _told(linkage: Linkage, before: Linkage | None) -> set[Cell]:
    """Return cells that were published before as they are, or follow from such and from zeros."""
    if before is None:
        return set()
    known = linkage.known
    told = {cell for cell, value in known.items() if value is not None and before.known.get(cell) == value}
    told |= {cell for cell, value in known.items() if value == 0}
    sums = [entry for entry in linkage.sums if entry.is_complete]
    while more := {out[0] for entry in sums if len(out := [cell for cell in entry.cells if cell not in told]) == 1}:
        told |= more
    return {cell for cell in told if known[cell]}


def _is_small(value: float | None) -> bool:
    return value is not None and 0 < value <= SMALL


def _primary(work: _Work) -> set[Cell]:
    linkage = work.linkage
    known = linkage.known
    hidden = {cell for cell, value in known.items() if _is_small(value)}
    for remainder in linkage.remainders:
        if any(cell in linkage.amounts for cell in remainder.cells):
            continue
        left = sum(known[cell] or 0.0 for cell in remainder.wholes)
        left -= sum(known[part] or 0.0 for part in remainder.parts)
        if _is_small(left):
            hidden.add(_way_of(work, remainder))
    return hidden | _amounts_of(work, hidden)


def _way_of(work: _Work, remainder: Remainder) -> Cell:
    """Return what is hidden of a remainder of few: what it names, else a part, else a whole; never a 0.

    What was told before comes last.
    """
    named = (remainder.gives_way,) if remainder.gives_way is not None else ()
    cells: list[Cell] = [cell for cell in (*named, *remainder.parts, *remainder.wholes) if work.truth[cell]]
    return next((cell for cell in cells if cell not in work.told), cells[0])


def _amounts_of(work: _Work, hidden: set[Cell]) -> set[Cell]:
    """Return sums of days or scores that stand over a hidden number of people, unless they were told before."""
    return {
        row.numerator
        for row in work.linkage.rows
        if row.is_amount and row.numerator and row.denominator in hidden and work.truth[row.numerator]
    } - work.told


def _secondary(work: _Work, before: Linkage | None) -> None:
    """Hide further cells until nothing can be derived."""
    solved: Solved = {}
    linkage, hidden = work.linkage, work.hidden
    while True:
        while more := _alone(work) or _unbalanced(work):
            hidden |= more
            hidden |= _amounts_of(work, hidden)
        _as_hidden(work)
        leaks: list[Leak] = []
        is_beside = False
        for is_whole in (False, True):  # what shows at sight is seen to before anything is solved
            leaks = leaks or find_leaks(linkage, is_whole, solved)
            if before is not None and not leaks:
                leaks = leaks_beside(linkage, before, solved, is_whole)
                _as_hidden(work)
                is_beside = True
        linkage.known.update(work.truth)
        added = {cell for leak in leaks for cell in _against(work, leak)}
        if is_beside and leaks:  # who saw what was told before is not kept from it
            added -= work.told
        if not added:
            return
        hidden |= added


def _as_hidden(work: _Work) -> None:
    """Let the linkage know what is not hidden, and nothing else."""
    for cell, value in work.truth.items():
        work.linkage.known[cell] = None if cell in work.hidden else value


def _alone(work: _Work) -> set[Cell]:
    """Return a cell for each sum that has exactly one hidden: the smallest part that is not 0, else the whole.

    Where the whole gives way it is taken first. Of a number and its multiple both are hidden.
    """
    found: set[Cell] = set()
    for entry in work.linkage.sums:
        if not entry.is_complete:
            continue
        out = [cell for cell in entry.cells if cell in work.hidden]
        if len(out) == 1 and not found.intersection(entry.cells):
            choices = [entry.parts, (entry.whole,)]
            for cells in reversed(choices) if entry.whole_gives_way else choices:
                if chosen := work.smallest(cells):
                    found |= set(chosen)
                    break
    for pair in work.linkage.multiples:
        if len(work.hidden.intersection(pair)) == 1:
            found |= {cell for cell in pair if cell not in work.hidden and work.truth.get(cell)}
    return found


def _unbalanced(work: _Work) -> set[Cell]:
    """Return a cell for each balance that has exactly one hidden, of the later year.

    A balance may be out by a few whom faults or second comings make; even so what is missing is all but told.
    """
    found: set[Cell] = set()
    for balance in work.linkage.balances:
        out = work.hidden.intersection(balance.cells)
        unseen = out - work.told
        if len(unseen) == 1 and not found.intersection(balance.cells):
            chosen = work.smallest(balance.cells, newest=True)
            if chosen and (len(out) == 1 or chosen[0] not in work.told):
                found |= set(chosen)
    return found


def _touching(linkage: Linkage) -> Touching:
    """Return the relations that each cell stands in, in their order: the sums first."""
    found: Touching = defaultdict(dict)
    relations: list[Relation] = [*linkage.sums, *linkage.remainders, *linkage.balances]
    for n, relation in enumerate(relations):
        for cell in relation.cells:
            found[cell][n] = relation
    return found


def _near(touching: Touching, cells: Iterable[Cell]) -> list[Relation]:
    """Return the relations that any of the cells stands in, in their order."""
    found = {n: relation for cell in cells for n, relation in touching.get(cell, {}).items()}
    return [found[n] for n in sorted(found)]


def _against(work: _Work, leak: Leak) -> list[Cell]:
    """Choose what to hide so that a number can no longer be derived.

    First a number of what bounds it by itself. Else a part of a sum the number stands in, then its whole, then a
    number it is taken from or balanced by; if all of those are hidden, the same one step further away. What was told
    before is hidden only where nothing else is left.
    """
    if leak.kind == BALANCE:
        return work.smallest(leak.cells, newest=True)
    for bound in _bounding(work, leak):
        way = [bound.gives_way] if isinstance(bound, Remainder) and bound.gives_way is not None else []
        for cells in (way, [cell for cell in bound.cells if cell.breakdown != TOTAL], bound.cells):
            if (chosen := work.smallest(cells)) and chosen[0] not in work.told:
                return chosen
    near = set(leak.cells)
    seen: set[Cell] = set()
    last: list[Cell] = []
    while near - seen:
        seen |= near
        relations = _near(work.touching, near)
        for cells in _choices(relations, near):
            if chosen := work.smallest(cells):
                if chosen[0] not in work.told:
                    return chosen
                last = last or chosen
        near = near | {cell for relation in relations for cell in relation.cells}
    return last


def _choices(relations: Iterable[Relation], near: Iterable[Cell]) -> Iterator[list[Cell]]:
    """Yield cells of relations in the order in which they are to give way."""
    sums = [entry for entry in relations if isinstance(entry, Sum)]
    near_remainders = [entry for entry in relations if isinstance(entry, Remainder)]
    parts = [cell for entry in sums for cell in entry.parts]
    wholes = [entry.whole for entry in sums]
    others = [cell for entry in near_remainders for cell in (*entry.parts, *entry.wholes)]
    balanced = [cell for entry in relations if isinstance(entry, Balance) for cell in entry.cells]
    yield [entry.whole for entry in sums if entry.whole_gives_way] + [
        entry.gives_way for entry in near_remainders if entry.gives_way is not None
    ]
    yield parts
    yield [cell for cell in wholes if cell.breakdown != TOTAL]
    yield [cell for cell in (*others, *balanced) if cell.breakdown != TOTAL]
    yield wholes
    yield others + balanced
    yield list(near)


def _bounding(work: _Work, leak: Leak) -> list[Sum | Remainder]:
    """Return the sums and remainders that keep a number of few from being more than five, the closest first."""
    found: list[tuple[float, int, Sum | Remainder]] = []
    of = leak.cells[0]
    if work.linkage.amounts.intersection(leak.cells):
        return []
    for n, bound in work.touching.get(of, {}).items():
        if isinstance(bound, Balance) or (isinstance(bound, Remainder) and not bound.is_bound):
            continue
        wholes = (bound.whole,) if isinstance(bound, Sum) else bound.wholes
        is_own = leak.kind == REMAINDER and set(bound.cells) == set(leak.cells)
        if not (is_own or (leak.kind == CELL and of in bound.parts)) or work.hidden.intersection(wholes):
            continue
        most = sum(work.truth[cell] or 0.0 for cell in wholes)
        for part in bound.parts:
            if is_own or part != of:  # hidden ones are 1 at least
                most -= 1.0 if part in work.hidden else (work.truth[part] or 0.0)
        if most <= SMALL:
            found.append((most, n, bound))
    return [bound for _, _, bound in sorted(found, key=lambda one: one[:2])]


def _apply(frame: pl.DataFrame, linkage: Linkage, hidden: set[Cell]) -> pl.DataFrame:
    above = pl.Series("above", [row.numerator in hidden for row in linkage.rows], dtype=pl.Boolean)
    below = pl.Series("below", [row.denominator in hidden for row in linkage.rows], dtype=pl.Boolean)
    small = pl.Series("small", [_leaves_few(linkage, row) for row in linkage.rows], dtype=pl.Boolean)
    is_out = pl.col("above") | pl.col("below") | pl.col("small")
    keeps = pl.col("value_status").is_in([NOT_AVAILABLE, NOT_APPLICABLE])
    return (
        frame.with_columns(above, below, small)
        .with_columns(
            pl.when(~pl.col("above")).then("numerator").alias("numerator"),
            pl.when(~pl.col("below")).then("denominator").alias("denominator"),
            pl.when(~is_out).then("value").alias("value"),
            pl.when(~is_out).then("value_unrounded").alias("value_unrounded"),
            pl.when(is_out & ~keeps).then(pl.lit(SUPPRESSED)).otherwise("value_status").alias("value_status"),
        )
        .drop("above", "below", "small")
    )


def _leaves_few(linkage: Linkage, row: Row) -> bool:
    """Whether a share stands over one to five people: its value is suppressed even where it is 0."""
    below = row.denominator
    return below is not None and below not in linkage.amounts and _is_small(linkage.known.get(below))
