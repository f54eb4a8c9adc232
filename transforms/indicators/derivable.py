"""Proof that no small number is published, or can be derived from what is published beside it.

The reader is taken to know everything: the published numbers, which of them add up, that a suppressed
count is not 0 (0 is published), and that no remainder is negative. Where that rests on rows without
faults it is taken to hold as long as the published numbers do not speak against it. A suppressed number
is derivable if only one value of it fits, or three at most that lie within one to five: its symbol says
that it is one of these five. Hidden parts that add up to five or less are few together.

What is missing of a balance of two years follows from the rest of it. Nor may what two years leave of one another
be few where all of it is told. Neither is set against more than its own numbers: what 0s of a later year narrow of
an earlier one could not be taken back.

What sums and remainders bound one by one shows at once. Else solutions that fit are sought; where two lie
apart, the number is safe. What is left is bounded from below and above by integer programming, which settles it.

Secondary suppression hides numbers above five too; deriving one of those tells nothing about anybody
and is no leak. A sum of days or scores is, whatever its size: it may be one child's.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from transforms.indicators.linkage import SMALL, Cell, Linkage, Remainder, Sum, declared, link
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
CELL, REMAINDER, BALANCE = "count", "remainder", "balance"
SPLIT, INCONSISTENT = "given_elsewhere", "inconsistent"
_TRIALS = 6  # random directions in which solutions are sought before numbers are settled one by one
_CLOSE = 1e-4
_FEWEST = 3  # values between one and five that must fit a number beside the first
_NEAR = 0.05  # how far from the best a solution may be that only has to show room
_ROUNDS = 30  # of bounding cells one by one; solutions settle what is left


class Leak(NamedTuple):
    """A number that only one value fits, and the cells it is made of."""

    kind: str
    cells: tuple[Cell, ...]


Solved = dict[Hashable, list[Leak]]
"""What can be derived of cells that hang together, by all that it follows from."""


class _Tied(NamedTuple):
    """Unknown cells that relations tie together, and those relations."""

    unknown: list[Cell]
    sums: list[Sum]
    remainders: list[Remainder]


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
        values = [linkage.known[cell] for cell in entry.cells]
        if None in values or linkage.amounts.intersection(entry.cells):
            continue
        at = len(entry.wholes)
        left = sum(value or 0.0 for value in values[:at]) - sum(value or 0.0 for value in values[at:])
        if 0 < left <= SMALL:
            small.append(Leak(REMAINDER, (*entry.parts, *entry.wholes)))
    return small


def _balanced(linkage: Linkage) -> list[Leak]:
    """Return small numbers that are missing of a balance; the unknown cells come first.

    One that is missing follows from the rest; several on one side are few where they are few together.
    """
    found = []
    for balance in linkage.balances:
        unknown = [cell for cell in balance.cells if linkage.known[cell] is None]
        one_side = next((side for side in (balance.wholes, balance.parts) if set(unknown) <= set(side)), None)
        if not unknown or one_side is None:
            continue
        left = sum(linkage.known[cell] or 0.0 for cell in balance.wholes)
        left -= sum(linkage.known[cell] or 0.0 for cell in balance.parts)
        missing = -left if one_side is balance.wholes else left
        if len(unknown) <= missing <= SMALL:
            found.append(Leak(BALANCE, tuple(dict.fromkeys((*unknown, *balance.cells)))))
    return found


def overlaid(linkage: Linkage, earlier: Linkage) -> Linkage:
    """Return what is known of cells when what was published before is known too."""
    for cell, value in earlier.known.items():
        if cell in linkage.known and linkage.known[cell] is None:
            linkage.known[cell] = value
    return linkage


def leaks_beside(linkage: Linkage, earlier: Linkage, solved: Solved | None = None, is_whole: bool = True) -> list[Leak]:
    """Return what can be derived from both together and not from what was published before alone.

    What that alone gives is out, and nothing that is hidden now takes it back. `solved` and `is_whole` are as of
    `find_leaks`.
    """
    known = overlaid(linkage, earlier)
    found = [leak for leak in find_leaks(known, is_whole, solved) if leak.kind != INCONSISTENT]
    given = {(leak.kind, leak.cells[0]) for leak in find_leaks(earlier, solved=solved)} if found else set()
    return [leak for leak in found if (leak.kind, leak.cells[0]) not in given]


def find_leaks(linkage: Linkage, is_whole: bool = True, solved: Solved | None = None) -> list[Leak]:
    """Return what can be derived, in no order that matters.

    Args:
        linkage: cells, known or not, and what holds between them.
        is_whole: whether all is sought; if not, only what shows without solving anything.
        solved: what was found before of cells that hang together, taken where all of them are as they were
            and added to; for who asks again after hiding a few.
    """
    leaks = [Leak(SPLIT, (cell,)) for cell in linkage.split] + _shown(linkage) + _balanced(linkage)
    for pair in linkage.multiples:
        hidden = tuple(cell for cell in pair if linkage.known[cell] is None)
        if len(hidden) == 1:
            leaks.append(Leak(SPLIT, hidden))
    for tied in _components(linkage):
        leaks += _leaks_of(linkage, tied, is_whole, solved if solved is not None else {})
    return leaks


def _leaks_of(linkage: Linkage, tied: _Tied, is_whole: bool, solved: Solved) -> list[Leak]:
    """Return what can be derived of cells that hang together, sought once for each state they are in."""
    relations: list[Sum | Remainder] = [*tied.sums, *tied.remainders]
    cells = dict.fromkeys(cell for relation in relations for cell in relation.cells)
    amounts = frozenset(linkage.amounts.intersection((*tied.unknown, *cells)))
    values = tuple(linkage.known.get(cell) for cell in cells)
    state = (is_whole, tuple(tied.unknown), tuple(relations), values, amounts)
    if state not in solved:
        component = _Component(linkage, tied, is_whole)
        solved[state] = component.leaks() if is_whole else component.leaks_at_sight()
    return solved[state]


def _components(linkage: Linkage) -> list[_Tied]:
    """Group unknown cells that relations tie together; nothing ties cells of two groups."""
    parent = {cell: cell for cell, value in linkage.known.items() if value is None}

    def root(cell: Cell) -> Cell:
        while parent[cell] != cell:
            parent[cell] = parent[parent[cell]]
            cell = parent[cell]
        return cell

    bounding = [entry for entry in linkage.remainders if entry.is_bound]
    relations: list[Sum | Remainder] = [*linkage.sums, *bounding]
    tying = [
        (relation, tied) for relation in relations if (tied := [cell for cell in relation.cells if cell in parent])
    ]
    for _, tied in tying:
        for other in tied[1:]:
            parent[root(other)] = root(tied[0])
    groups: dict[Cell, _Tied] = {}
    for cell in parent:
        groups.setdefault(root(cell), _Tied([], [], [])).unknown.append(cell)
    for relation, tied in tying:
        group = groups[root(tied[0])]
        if isinstance(relation, Sum):
            group.sums.append(relation)
        else:
            group.remainders.append(relation)
    return list(groups.values())


class _Component:
    """Unknown cells that hang together, and what is known of them as linear constraints."""

    def __init__(self, linkage: Linkage, tied: _Tied, is_whole: bool = True) -> None:
        self.linkage = linkage
        self.unknown = unknown = tied.unknown
        self.place = {cell: n for n, cell in enumerate(unknown)}
        self.equal: list[_Form] = []
        self.positive: list[_Form] = []
        for entry in tied.sums:
            form = self._form(CELL, (entry.whole,), entry.parts)
            if form.coefficients:
                (self.equal if entry.is_complete else self.positive).append(form)
        doubtful: list[_Form] = []
        follow: list[_Form] = []
        for remainder in tied.remainders:
            form = self._form(REMAINDER, remainder.wholes, remainder.parts)
            if form.coefficients:
                (follow if remainder.follows else self.positive if remainder.holds_always else doubtful).append(form)
        self.positive += self._believed(doubtful) if is_whole else doubtful
        lefts = [form for form in (*self.positive, *follow) if form.kind == REMAINDER]
        self.targets = [self._cell(cell) for cell in unknown] + lefts
        self.matrix = _matrix(self.targets, len(unknown))
        self.is_bounded = [False] * len(self.targets)
        self.constants = np.array([form.constant for form in self.targets])
        self.least = np.full(len(self.targets), np.inf)
        self.most = np.full(len(self.targets), -np.inf)

    def _believed(self, doubtful: list[_Form]) -> list[_Form]:
        """Return what a reader takes to hold beside what must hold: in turn, each that does not contradict."""

        def beside(kept: list[_Form], more: list[_Form]) -> list[_Form]:
            if not more or self._is_possible([*self.positive, *kept, *more]):
                return [*kept, *more]
            half = len(more) // 2  # many at a time, for few contradict: what is kept is as if taken one by one
            return beside(beside(kept, more[:half]), more[half:]) if half else kept

        return beside([], doubtful)

    def _is_possible(self, positive: list[_Form]) -> bool:
        solver = _Solver(self, self.equal, positive)
        return solver.minimise(np.ones(len(self.unknown)), is_exact=False) is not None

    def _form(self, kind: str, wholes: tuple[Cell, ...], parts: tuple[Cell, ...]) -> _Form:
        coefficients: dict[int, float] = {}
        constant = 0.0
        for sign, cell in [*((1.0, whole) for whole in wholes), *((-1.0, part) for part in parts)]:
            value = self.linkage.known.get(cell)
            if value is not None:
                constant += sign * value
            elif cell in self.place:
                at = self.place[cell]
                coefficients[at] = coefficients.get(at, 0.0) + sign
        coefficients = {at: c for at, c in coefficients.items() if c}
        is_amount = any(cell in self.linkage.amounts for cell in (*wholes, *parts))
        # The cell that stands for a remainder is the part: it is what would have to be suppressed.
        return _Form(kind, (parts[0], *wholes, *parts[1:]), coefficients, constant, is_amount)

    def _cell(self, cell: Cell) -> _Form:
        return _Form(CELL, (cell,), {self.place[cell]: 1.0}, 0.0, cell in self.linkage.amounts)

    def leaks_at_sight(self) -> list[Leak]:
        """Return what sums and remainders bound one by one, without any solution."""
        self._bound()
        return [Leak(form.kind, form.cells) for n, form in enumerate(self.targets) if self.is_bounded[n]]

    def leaks(self) -> list[Leak]:
        """Return what in this component only one value fits, or too few."""
        if not self._search():
            return [Leak(INCONSISTENT, tuple(self.unknown))]
        return [
            Leak(form.kind, form.cells) for n, form in enumerate(self.targets) if self._is_settled(n)
        ] + self._full()

    def _is_settled(self, n: int) -> bool:
        form = self.targets[n]
        if form.is_amount:
            return form.kind == CELL and self._is_narrow(n)
        return self.is_bounded[n] or _is_close(float(self.least[n]), float(self.most[n]))

    def _bound(self) -> None:
        """Note which numbers sums and remainders bound one by one: what they show needs no solution."""
        reach = _Reach(self)
        spans = [reach.span(form) for form in self.targets]
        self.is_bounded = [
            not form.is_amount and _is_close(*span) for form, span in zip(self.targets, spans, strict=True)
        ]

    def _is_narrow(self, n: int) -> bool:
        width = float(self.most[n] - self.least[n])
        return width < (_CLOSE if self.targets[n].is_amount else 0.5)

    def _is_open(self, n: int) -> bool:
        """Whether the solutions seen so far leave it open that so little room is left."""
        if self.is_bounded[n]:
            return False
        if self.targets[n].is_amount:
            return self.targets[n].kind == CELL and self._is_narrow(n)
        return _is_close(float(self.least[n]), float(self.most[n]))

    def _full(self) -> list[Leak]:
        """Return sums whose unknown parts are few together, or all five: who knows the rules sees each is five."""
        leaks = []
        for form in self.equal:
            parts = [self.unknown[at] for at, c in form.coefficients.items() if c < 0]
            only_parts = len(parts) == len(form.coefficients) > 1 and not form.is_amount
            is_full = abs(form.constant - SMALL * len(parts)) < _CLOSE
            if only_parts and (is_full or form.constant < SMALL + _CLOSE):
                leaks.append(Leak(CELL, tuple(parts)))
        return leaks

    def _search(self) -> bool:
        """Seek solutions until every target has two values or is bounded; False if there is none at all."""
        solver = _Solver(self, self.equal, self.positive)
        self._bound()
        size = len(self.unknown)
        chance = np.random.default_rng(size)
        for trial in range(_TRIALS):
            weights = np.ones(size) if trial < 2 else chance.choice([-1.0, 1.0], size)
            solution = solver.minimise(weights if trial % 2 == 0 else -weights, is_exact=False)
            if solution is None:
                return False
            self._see(solution)
        while not self._has_room(solver):
            pass
        for n, form in enumerate(self.targets):
            for sign in (-1.0, 1.0):
                if self._is_open(n) and not self._try(solver, form.coefficients, sign):
                    return False
        return True

    def _has_room(self, solver: _Solver) -> bool:
        """Seek solutions that give all that is open more room, up or down; True if they do so for one at most."""
        open_targets = [n for n in range(len(self.targets)) if self._is_open(n)]
        for sign in (1.0, -1.0):
            rest = [n for n in open_targets if self._is_open(n)]
            edge = self.least[rest] if sign > 0 else -self.most[rest]
            solution = solver.lift([self.targets[n] for n in rest], sign, edge + _FEWEST) if rest else None
            if solution is not None:
                self._see(solution)
        return sum(map(self._is_open, open_targets)) >= len(open_targets) - 1

    def _try(self, solver: _Solver, coefficients: Mapping[int, float], sign: float, is_exact: bool = True) -> bool:
        """Seek the solution in which a form is least (sign 1) or greatest (-1); False if there is none."""
        weights = np.zeros(len(self.unknown))
        for at, c in coefficients.items():
            weights[at] = sign * c
        solution = solver.minimise(weights, is_exact)
        if solution is not None:
            self._see(solution)
        return solution is not None

    def _see(self, solution: Values) -> None:
        values = self.constants + self.matrix @ solution
        self.least = np.minimum(self.least, values)
        self.most = np.maximum(self.most, values)


def _is_close(least: float, most: float) -> bool:
    """Whether three values of one to five fit at most: that a number is one of the five is what its symbol says."""
    return least > 0.5 and most < SMALL + 0.5 and round(most) - round(least) < _FEWEST


def _matrix(forms: Sequence[_Form], size: int) -> Any:
    from scipy.sparse import csr_array

    entries = [(n, at, c) for n, form in enumerate(forms) for at, c in form.coefficients.items()]
    rows, columns, values = zip(*entries, strict=True) if entries else ((), (), ())
    return csr_array((np.array(values, dtype=np.float64), (rows, columns)), shape=(len(forms), size))


class _Reach:
    """Bounds of unknown cells as each sum and remainder by itself gives them, until none gives more."""

    def __init__(self, component: _Component) -> None:
        amounts = component.linkage.amounts
        self.counts = [cell not in amounts for cell in component.unknown]
        self.least = [1.0 if is_count else 0.0 for is_count in self.counts]
        self.most = [math.inf] * len(component.unknown)
        forms = [(form, True) for form in component.equal] + [(form, False) for form in component.positive]
        for _ in range(_ROUNDS):
            if not any([self._narrows(form, is_equal) for form, is_equal in forms]):
                break

    def span(self, form: _Form) -> tuple[float, float]:
        """Return the least and the greatest value of a form that the bounds allow."""
        least = most = form.constant
        for at, c in form.coefficients.items():
            ends = sorted((c * self.least[at], c * self.most[at]))
            least, most = least + ends[0], most + ends[1]
        return least, most

    def _narrows(self, form: _Form, is_equal: bool) -> bool:
        """Take over what a form that is 0 or more (0, where equal) says of each of its cells."""
        least, most = self.span(form)
        slack = 1e-5 if form.is_amount else 0.0
        has_narrowed = False
        for at, c in form.coefficients.items():
            ends = sorted((c * self.least[at], c * self.most[at]))
            # The cell's own share is at least what the others leave at most, and where equal the reverse.
            low = (-slack - (most - ends[1])) if math.isfinite(most - ends[1]) else -math.inf
            high = (slack - (least - ends[0])) if is_equal and math.isfinite(least - ends[0]) else math.inf
            new = (low / c, high / c) if c > 0 else (high / c, low / c)
            has_narrowed |= self._keep(at, *new)
        return has_narrowed

    def _keep(self, at: int, least: float, most: float) -> bool:
        if self.counts[at]:
            least, most = (
                math.ceil(least - _CLOSE) if math.isfinite(least) else least,
                math.floor(most + _CLOSE) if math.isfinite(most) else most,
            )
        is_new = least > self.least[at] + _CLOSE or most < self.most[at] - _CLOSE
        self.least[at], self.most[at] = max(self.least[at], least), min(self.most[at], most)
        return is_new


class _Solver:
    """Integer programme of one component."""

    def __init__(self, component: _Component, equal: Sequence[_Form], positive: Sequence[_Form]) -> None:
        from scipy.optimize import Bounds, LinearConstraint

        size = len(component.unknown)
        forms = [*equal, *positive]
        counts = np.array([cell not in component.linkage.amounts for cell in component.unknown])
        reach = 10.0 + 10.0 * sum(abs(form.constant) for form in forms)
        self.bounds = Bounds(np.where(counts, 1.0, 0.0), np.full(size, reach + SMALL))
        self.integrality = counts.astype(int)
        self.constraints = []
        if forms:
            matrix = _matrix(forms, size)
            # Sums of FTE come to six places: what is equal is equal within a little.
            slack = np.array([1e-5 if form.is_amount else 0.0 for form in forms])
            low = np.array([-form.constant for form in forms])
            high = np.where(np.arange(len(forms)) < len(equal), low, np.inf)
            self.constraints = [LinearConstraint(matrix, low - slack, high + slack)]

    def minimise(self, weights: Values, is_exact: bool = True) -> Values | None:
        """Return the solution that makes a weighted sum least, or one that comes near; None if nothing fits."""
        from scipy.optimize import milp

        found = milp(
            weights,
            integrality=self.integrality,
            bounds=self.bounds,
            constraints=self.constraints,
            options={} if is_exact else {"mip_rel_gap": _NEAR},
        )
        return None if found.x is None else np.asarray(found.x)

    def lift(self, forms: Sequence[_Form], sign: float, enough: Values) -> Values | None:
        """Return a solution in which forms come to what is enough for each, as many as can; None if none was found.

        Args:
            forms: linear forms of the unknown cells.
            sign: 1, or -1 where their negatives are to be lifted.
            enough: value of each, times its sign, that need not be passed.
        """
        from scipy.optimize import Bounds, LinearConstraint, milp
        from scipy.sparse import block_array, csr_array, identity

        size, more = len(self.integrality), len(forms)
        # Each form has a variable that is no more than it, and no more than what is enough.
        matrices = [*(c.A for c in self.constraints), sign * _matrix(forms, size)]
        lows = [*(c.lb for c in self.constraints), np.array([-sign * form.constant for form in forms])]
        highs = [*(c.ub for c in self.constraints), np.full(more, np.inf)]
        sides = [*(csr_array((c.A.shape[0], more)) for c in self.constraints), -identity(more, format="csr")]
        wide = block_array([[left, right] for left, right in zip(matrices, sides, strict=True)], format="csr")
        found = milp(
            np.concatenate([np.zeros(size), -np.ones(more)]),
            integrality=np.concatenate([self.integrality, [0 if form.is_amount else 1 for form in forms]]),
            bounds=Bounds(
                np.concatenate([self.bounds.lb, np.full(more, -np.inf)]),
                np.concatenate([self.bounds.ub, enough]),
            ),
            constraints=LinearConstraint(wide, np.concatenate(lows), np.concatenate(highs)),
            options={"mip_rel_gap": _NEAR},
        )
        return None if found.x is None else np.asarray(found.x)[:size]
