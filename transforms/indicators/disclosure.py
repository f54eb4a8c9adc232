"""Suppression of small numbers, so that no published value tells of one to five people.

Primary: counts of one to five, and numbers whose remainder of a whole is one to five. Secondary: as
many further numbers, the smallest first, as it takes until none of the first can be derived from
totals, from other indicators that share a count, from longer periods, or from what was published
before. A value whose numerator or denominator is suppressed is suppressed; 0 stays 0.

Source: DfE children in need statistics, methodology (counts 1 to 5); the same threshold is inferred for
children looked after and the workforce.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

import polars as pl

from transforms.indicators.compute import NOT_APPLICABLE, NOT_AVAILABLE, SUPPRESSED
from transforms.indicators.derivable import CELL, REMAINDER, Leak, Solved, find_leaks, leaks_beside
from transforms.indicators.linkage import SMALL, Cell, Linkage, Remainder, Row, Sum, declared, link
from transforms.indicators.model import TOTAL, Indicator

Touching = dict[Cell, dict[int, Sum | Remainder]]


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
    truth = dict(linkage.known)
    hidden = _primary(linkage)
    before = link(earlier, entries) if earlier is not None and earlier.height else None
    if before is not None:
        hidden |= {cell for cell, value in before.known.items() if value is None and truth.get(cell)}
    _secondary(linkage, truth, hidden, before)
    return _apply(frame, linkage, hidden)


def _is_small(value: float | None) -> bool:
    return value is not None and 0 < value <= SMALL


def _primary(linkage: Linkage) -> set[Cell]:
    known = linkage.known
    hidden = {cell for cell, value in known.items() if _is_small(value)}
    for remainder in linkage.remainders:
        if any(cell in linkage.amounts for cell in remainder.cells):
            continue
        left = sum(known[cell] or 0.0 for cell in remainder.wholes)
        left -= sum(known[part] or 0.0 for part in remainder.parts)
        if _is_small(left):
            hidden.add(_way_of(known, remainder))
    return hidden | _amounts_of(linkage, hidden)


def _way_of(known: Mapping[Cell, float | None], remainder: Remainder) -> Cell:
    """Return what is hidden of a remainder of few: what it names, else a part, else a whole; never a 0."""
    named = (remainder.gives_way,) if remainder.gives_way is not None else ()
    cells: tuple[Cell, ...] = (*named, *remainder.parts, *remainder.wholes)
    return next(cell for cell in cells if known[cell])


def _amounts_of(linkage: Linkage, hidden: set[Cell]) -> set[Cell]:
    """Return sums of days or scores that stand over a hidden number of people."""
    return {
        row.numerator
        for row in linkage.rows
        if row.is_amount and row.numerator and row.denominator in hidden and linkage.known[row.numerator]
    }


def _secondary(linkage: Linkage, truth: Mapping[Cell, float | None], hidden: set[Cell], before: Linkage | None) -> None:
    """Hide further cells until nothing can be derived."""
    solved: Solved = {}
    touching = _touching(linkage)
    while True:
        while more := _alone(linkage, truth, hidden):
            hidden |= more
            hidden |= _amounts_of(linkage, hidden)
        for cell, value in truth.items():
            linkage.known[cell] = None if cell in hidden else value
        leaks = find_leaks(linkage, is_whole=False, solved=solved) or find_leaks(linkage, solved=solved)
        if before is not None:
            leaks += leaks_beside(linkage, before, solved)
        linkage.known.update(truth)
        added = {cell for leak in leaks for cell in _against(linkage, touching, truth, hidden, leak)}
        if not added:
            return
        hidden |= added


def _alone(linkage: Linkage, truth: Mapping[Cell, float | None], hidden: set[Cell]) -> set[Cell]:
    """Return a cell for each sum that has exactly one hidden: the smallest part that is not 0, else the whole.

    Where the whole gives way it is taken first. Of a number and its multiple both are hidden.
    """
    found: set[Cell] = set()
    for entry in linkage.sums:
        if not entry.is_complete:
            continue
        out = [cell for cell in (entry.whole, *entry.parts) if cell in hidden]
        if len(out) == 1 and not found.intersection((entry.whole, *entry.parts)):
            choices = [entry.parts, (entry.whole,)]
            for cells in reversed(choices) if entry.whole_gives_way else choices:
                if chosen := _smallest(truth, hidden, cells):
                    found |= set(chosen)
                    break
    for pair in linkage.multiples:
        if len(hidden.intersection(pair)) == 1:
            found |= {cell for cell in pair if cell not in hidden and truth.get(cell)}
    return found


def _smallest(truth: Mapping[Cell, float | None], hidden: set[Cell], cells: Iterable[Cell]) -> list[Cell]:
    open_cells = [cell for cell in cells if cell not in hidden and truth.get(cell)]
    return sorted(open_cells, key=lambda cell: (truth[cell] or 0.0, cell))[:1]


def _touching(linkage: Linkage) -> Touching:
    """Return the sums and remainders that each cell stands in, in their order: the sums first."""
    found: Touching = defaultdict(dict)
    relations: list[Sum | Remainder] = [*linkage.sums, *linkage.remainders]
    for n, relation in enumerate(relations):
        for cell in relation.cells:
            found[cell][n] = relation
    return found


def _near(touching: Touching, cells: Iterable[Cell]) -> list[Sum | Remainder]:
    """Return the sums and remainders that any of the cells stands in, in their order."""
    found = {n: relation for cell in cells for n, relation in touching.get(cell, {}).items()}
    return [found[n] for n in sorted(found)]


def _against(
    linkage: Linkage, touching: Touching, truth: Mapping[Cell, float | None], hidden: set[Cell], leak: Leak
) -> list[Cell]:
    """Choose what to hide so that a number can no longer be derived.

    First a number of what bounds it by itself. Else a part of a sum the number stands in, then its whole, then a
    number it is taken from; if all of those are hidden, the same one step further away.
    """
    for bound in _bounding(linkage, touching, truth, hidden, leak):
        way = [bound.gives_way] if isinstance(bound, Remainder) and bound.gives_way is not None else []
        for cells in (way, [cell for cell in bound.cells if cell.breakdown != TOTAL], bound.cells):
            if chosen := _smallest(truth, hidden, cells):
                return chosen
    near = set(leak.cells)
    seen: set[Cell] = set()
    while near - seen:
        seen |= near
        relations = _near(touching, near)
        sums = [entry for entry in relations if isinstance(entry, Sum)]
        near_remainders = [entry for entry in relations if isinstance(entry, Remainder)]
        yielding = [entry.whole for entry in sums if entry.whole_gives_way]
        yielding += [entry.gives_way for entry in near_remainders if entry.gives_way is not None]
        parts = [cell for entry in sums for cell in entry.parts]
        wholes = [entry.whole for entry in sums]
        others = [cell for entry in near_remainders for cell in (*entry.parts, *entry.wholes)]
        detailed = [cell for cell in others if cell.breakdown != TOTAL]
        of_wholes = [cell for cell in wholes if cell.breakdown != TOTAL]
        for cells in (yielding, parts, of_wholes, detailed, wholes, others, list(near)):
            if chosen := _smallest(truth, hidden, cells):
                return chosen
        near = near | set(parts) | set(wholes) | set(others)
    return []


def _bounding(
    linkage: Linkage, touching: Touching, truth: Mapping[Cell, float | None], hidden: set[Cell], leak: Leak
) -> list[Sum | Remainder]:
    """Return the sums and remainders that keep a number of few from being more than five, the closest first."""
    found: list[tuple[float, int, Sum | Remainder]] = []
    of = leak.cells[0]
    if linkage.amounts.intersection(leak.cells):
        return []
    for n, bound in touching.get(of, {}).items():
        wholes = (bound.whole,) if isinstance(bound, Sum) else bound.wholes
        is_own = leak.kind == REMAINDER and set(bound.cells) == set(leak.cells)
        if not (is_own or (leak.kind == CELL and of in bound.parts)) or hidden.intersection(wholes):
            continue
        most = sum(truth[cell] or 0.0 for cell in wholes)
        for part in bound.parts:
            if is_own or part != of:  # hidden ones are 1 at least
                most -= 1.0 if part in hidden else (truth[part] or 0.0)
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
