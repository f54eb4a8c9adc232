"""Proof that no small number is published, or can be derived from what is published beside it.

The reader is taken to know everything: the published numbers, which of them add up, that a suppressed
count is not 0 (0 is published), and that no remainder is negative. A suppressed number is derivable if
only one value of it fits. Solutions that fit are sought; where two differ in a number, it is safe. What
is left is bounded from below and above by integer programming, which settles it.

Secondary suppression hides numbers above five too; deriving one of those tells nothing about anybody
and is no leak. A sum of days or scores is, whatever its size: it may be one child's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from transforms.indicators.linkage import SMALL, Cell, Linkage, declared, link
from transforms.indicators.model import Indicator

Values = NDArray[np.float64]
LEAKS = {
    "la_code": pl.String,
    "period_code": pl.String,
    "return_code": pl.String,
    "count_name": pl.String,
    "breakdown": pl.String,
    "kind": pl.String,
}
CELL, REMAINDER, SPLIT, INCONSISTENT = "count", "remainder", "given_elsewhere", "inconsistent"
_TRIALS = 6  # random directions in which solutions are sought before numbers are settled one by one
_CLOSE = 1e-4


class Leak(NamedTuple):
    """A number that only one value fits, and the cells it is made of."""

    kind: str
    cells: tuple[Cell, ...]


class _Form(NamedTuple):
    """A linear form of unknown cells: coefficients by position, and a constant."""

    kind: str
    cells: tuple[Cell, ...]
    coefficients: dict[int, float]
    constant: float
    is_amount: bool


def derivable(
    frame: pl.DataFrame,
    entries: Mapping[str, Indicator] | None = None,
    earlier: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Find small numbers that a suppressed frame gives, or that can be derived from it.

    Args:
        frame: of the columns of `compute.RESULT`, as it is to be published.
        entries: the indicators it holds, by code; the declared ones if not given.
        earlier: what was published before of the same periods; what it gave is known still. What it
            gives away by itself is none of the frame's.

    Returns:
        Rows of `LEAKS`, one a number, without its value; none if nothing can be derived.
    """
    entries = entries if entries is not None else declared()
    leaks = find_leaks(link(frame, entries))
    if earlier is not None and earlier.height:
        leaks += leaks_beside(link(frame, entries), link(earlier, entries))
    rows = {(*leak.cells[0], leak.kind): None for leak in leaks}
    return pl.DataFrame(list(rows), schema=LEAKS, orient="row")


def _shown(linkage: Linkage) -> list[Leak]:
    """Return small numbers, and small remainders of numbers, that are all given."""
    small = [Leak(CELL, (cell,)) for cell, value in linkage.known.items() if value is not None and 0 < value <= SMALL]
    for entry in linkage.remainders:
        values = [linkage.known[cell] for cell in (entry.whole, *entry.parts)]
        if None in values or linkage.amounts.intersection((entry.whole, *entry.parts)):
            continue
        left = (values[0] or 0.0) - sum(value or 0.0 for value in values[1:])
        if 0 < left <= SMALL:
            small.append(Leak(REMAINDER, (*entry.parts, entry.whole)))
    return small


def overlaid(linkage: Linkage, earlier: Linkage) -> Linkage:
    """Return what is known of cells when what was published before is known too."""
    for cell, value in earlier.known.items():
        if cell in linkage.known and linkage.known[cell] is None:
            linkage.known[cell] = value
    return linkage


def leaks_beside(linkage: Linkage, earlier: Linkage) -> list[Leak]:
    """Return what can be derived from both together and not from what was published before alone.

    What that alone gives is out, and nothing that is hidden now takes it back.
    """
    found = [leak for leak in find_leaks(overlaid(linkage, earlier)) if leak.kind != INCONSISTENT]
    given = {(leak.kind, leak.cells[0]) for leak in find_leaks(earlier)} if found else set()
    return [leak for leak in found if (leak.kind, leak.cells[0]) not in given]


def find_leaks(linkage: Linkage) -> list[Leak]:
    """Return what can be derived, in no order that matters."""
    leaks = [Leak(SPLIT, (cell,)) for cell in linkage.split] + _shown(linkage)
    for pair in linkage.multiples:
        hidden = tuple(cell for cell in pair if linkage.known[cell] is None)
        if len(hidden) == 1:
            leaks.append(Leak(SPLIT, hidden))
    for unknown in _components(linkage):
        leaks += _Component(linkage, unknown).leaks()
    return leaks


def _relations(linkage: Linkage) -> Iterable[tuple[Cell, tuple[Cell, ...]]]:
    yield from ((entry.whole, entry.parts) for entry in linkage.sums)
    yield from ((entry.whole, entry.parts) for entry in linkage.remainders)


def _components(linkage: Linkage) -> list[list[Cell]]:
    """Group unknown cells that relations tie together; nothing ties cells of two groups."""
    parent = {cell: cell for cell, value in linkage.known.items() if value is None}

    def root(cell: Cell) -> Cell:
        while parent[cell] != cell:
            parent[cell] = parent[parent[cell]]
            cell = parent[cell]
        return cell

    for whole, parts in _relations(linkage):
        tied = [cell for cell in (whole, *parts) if cell in parent]
        for other in tied[1:]:
            parent[root(other)] = root(tied[0])
    groups: dict[Cell, list[Cell]] = {}
    for cell in parent:
        groups.setdefault(root(cell), []).append(cell)
    return list(groups.values())


class _Component:
    """Unknown cells that hang together, and what is known of them as linear constraints."""

    def __init__(self, linkage: Linkage, unknown: Sequence[Cell]) -> None:
        self.linkage = linkage
        self.unknown = unknown
        self.place = {cell: n for n, cell in enumerate(unknown)}
        self.equal: list[_Form] = []
        self.positive: list[_Form] = []
        for entry in linkage.sums:
            form = self._form(CELL, entry.whole, entry.parts)
            if form.coefficients:
                (self.equal if entry.is_complete else self.positive).append(form)
        remainders = (self._form(REMAINDER, entry.whole, entry.parts) for entry in linkage.remainders)
        self.positive += [form for form in remainders if form.coefficients]
        self.targets = [self._cell(cell) for cell in unknown] + [f for f in self.positive if f.kind == REMAINDER]
        self.least = np.full(len(self.targets), np.inf)
        self.most = np.full(len(self.targets), -np.inf)

    def _form(self, kind: str, whole: Cell, parts: tuple[Cell, ...]) -> _Form:
        coefficients: dict[int, float] = {}
        constant = 0.0
        for sign, cell in [(1.0, whole), *((-1.0, part) for part in parts)]:
            value = self.linkage.known.get(cell)
            if value is not None:
                constant += sign * value
            elif cell in self.place:
                at = self.place[cell]
                coefficients[at] = coefficients.get(at, 0.0) + sign
        coefficients = {at: c for at, c in coefficients.items() if c}
        is_amount = any(cell in self.linkage.amounts for cell in (whole, *parts))
        # The cell that stands for a remainder is the part: it is what would have to be suppressed.
        return _Form(kind, (parts[0], whole, *parts[1:]), coefficients, constant, is_amount)

    def _cell(self, cell: Cell) -> _Form:
        return _Form(CELL, (cell,), {self.place[cell]: 1.0}, 0.0, cell in self.linkage.amounts)

    def leaks(self) -> list[Leak]:
        """Return what in this component only one value fits."""
        if not self._search():
            return [Leak(INCONSISTENT, tuple(self.unknown))]
        leaks = [Leak(form.kind, form.cells) for n, form in enumerate(self.targets) if self._is_settled(n)]
        return leaks + self._full()

    def _is_settled(self, n: int) -> bool:
        form = self.targets[n]
        if not self._is_narrow(n):
            return False
        if form.is_amount:
            return form.kind == CELL
        return 0 < round(float(self.least[n])) <= SMALL

    def _is_narrow(self, n: int) -> bool:
        width = float(self.most[n] - self.least[n])
        return width < (_CLOSE if self.targets[n].is_amount else 0.5)

    def _full(self) -> list[Leak]:
        """Return sums whose unknown parts are all five: whoever knows the rules of suppression sees it."""
        leaks = []
        for form in self.equal:
            parts = [self.unknown[at] for at, c in form.coefficients.items() if c < 0]
            only_parts = len(parts) == len(form.coefficients) > 1 and not form.is_amount
            if only_parts and abs(form.constant - SMALL * len(parts)) < _CLOSE:
                leaks.append(Leak(CELL, tuple(parts)))
        return leaks

    def _search(self) -> bool:
        """Seek solutions until every target has two values or is bounded; False if there is none at all."""
        solver = _Solver(self)
        size = len(self.unknown)
        chance = np.random.default_rng(size)
        for trial in range(_TRIALS):
            weights = np.ones(size) if trial < 2 else chance.choice([-1.0, 1.0], size)
            solution = solver.minimise(weights if trial % 2 == 0 else -weights)
            if solution is None:
                return False
            self._see(solution)
        for n, form in enumerate(self.targets):
            if not self._is_narrow(n):
                continue
            for sign in (1.0, -1.0):
                weights = np.zeros(size)
                for at, c in form.coefficients.items():
                    weights[at] = sign * c
                solution = solver.minimise(weights)
                if solution is None:
                    return False
                self._see(solution)
        return True

    def _see(self, solution: Values) -> None:
        for n, form in enumerate(self.targets):
            value = form.constant + sum(c * solution[at] for at, c in form.coefficients.items())
            self.least[n] = min(self.least[n], value)
            self.most[n] = max(self.most[n], value)


class _Solver:
    """Integer programme of one component."""

    def __init__(self, component: _Component) -> None:
        from scipy.optimize import Bounds, LinearConstraint
        from scipy.sparse import csr_array

        size = len(component.unknown)
        forms = component.equal + component.positive
        counts = np.array([cell not in component.linkage.amounts for cell in component.unknown])
        reach = 10.0 + 10.0 * sum(abs(form.constant) for form in forms)
        self.bounds = Bounds(np.where(counts, 1.0, 0.0), np.full(size, reach + SMALL))
        self.integrality = counts.astype(int)
        entries = [(n, at, c) for n, form in enumerate(forms) for at, c in form.coefficients.items()]
        self.constraints = []
        if forms:
            rows, columns, values = zip(*entries, strict=True)
            matrix = csr_array((values, (rows, columns)), shape=(len(forms), size))
            # Sums of FTE come to six places: what is equal is equal within a little.
            slack = np.array([1e-5 if form.is_amount else 0.0 for form in forms])
            low = np.array([-form.constant for form in forms])
            high = np.where(np.arange(len(forms)) < len(component.equal), low, np.inf)
            self.constraints = [LinearConstraint(matrix, low - slack, high + slack)]

    def minimise(self, weights: Values) -> Values | None:
        """Return the solution that makes a weighted sum least; None if nothing fits."""
        from scipy.optimize import milp

        found = milp(weights, integrality=self.integrality, bounds=self.bounds, constraints=self.constraints)
        return None if found.x is None else np.asarray(found.x)
