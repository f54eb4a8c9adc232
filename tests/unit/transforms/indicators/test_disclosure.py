"""Suppression of small numbers: what must be hidden, what may be shown, and that nothing hidden can be found.

`derivable` is checked against an enumeration of every table of small whole numbers that fits what is
published: a brute force that shares no code with it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from transforms.indicators.compute import RESULT
from transforms.indicators.derivable import Solved, derivable, find_leaks
from transforms.indicators.disclosure import suppress
from transforms.indicators.linkage import Cell, Linkage, Remainder, Sum
from transforms.indicators.model import COUNT, DAYS, PERCENT, TOTAL, Indicator, Measured, Scope, overlapping, parts_of

Table = Mapping[str, float]


def _nothing(scope: Scope) -> Measured:
    raise AssertionError(scope)


def declare(code: str, unit: str, denominator: str = "", **more: Any) -> Indicator:
    return Indicator(code, code, code, "above", denominator, unit, 0, "none", "made_up", "LAIT", _nothing, (), **more)


SEX = parts_of("Sex", "F", "M", "U")
AREA = parts_of("Area", "N", "S")
CHILDREN = declare("N", COUNT, counts=("all", ""), dimensions=(SEX, AREA))
SHARE = declare("P", PERCENT, "all", counts=("some", "all"), dimensions=(SEX, AREA), is_part=True)
ENTRIES = {"N": CHILDREN, "P": SHARE}


def frame(
    rows: Iterable[tuple[str, str, float | None, float | None]], period: str = "2026", la_code: str = "999"
) -> pl.DataFrame:
    made = []
    for code, breakdown, above, below in rows:
        value = above if below is None else (100.0 * (above or 0) / below if below else None)
        made.append(
            {
                "indicator_code": code,
                "la_code": la_code,
                "period_code": period,
                "breakdown": breakdown,
                "numerator": above,
                "denominator": below,
                "value": value,
                "value_unrounded": value,
                "return_year": 2026,
                "note": "",
                "value_status": "reported" if value is not None else "not_applicable",
            }
        )
    return pl.DataFrame(made, schema=RESULT)


def group(values: Sequence[float], code: str = "N", names: Sequence[str] = ("F", "M", "U")) -> pl.DataFrame:
    parts = [(code, f"Sex | {name}", value, None) for name, value in zip(names, values, strict=True)]
    return frame([(code, TOTAL, sum(values), None), *parts])


def shown(result: pl.DataFrame, code: str = "N") -> list[float | None]:
    return result.filter(pl.col("indicator_code") == code)["numerator"].to_list()


ALONE = {"N": dataclasses.replace(CHILDREN, dimensions=(SEX,))}


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([3, 12, 40], [55, None, None, 40]),  # the page's case
        ([0, 12, 40], [52, 0, 12, 40]),  # 0 stays 0
        ([5, 6, 6], [17, None, None, 6]),
        ([6, 7, 8], [21, 6, 7, 8]),
        ([3, 4, 40], [47, None, None, 40]),  # two hidden hide each other
        ([2, 2, 40], [44, None, None, None]),  # the two would add up to 4: each of 1 to 3, and 4 children in all
        ([1, 4, 40], [45, None, None, None]),
        ([2, 4, 40], [46, None, None, 40]),  # they add up to 6: each of 1 to 5, as their symbols say
        ([1, 1, 40], [42, None, None, None]),  # 1 and 1 would add up to 2: each at least 1, so both known
        ([5, 5, 40], [50, None, None, None]),  # 5 and 5 too, to whoever knows that both are at most 5
        ([3, 0, 0], [None, None, 0, 0]),  # nothing else to hide: the total is small itself
        ([3, 0, 9], [12, None, 0, None]),
    ],
)
def test_a_group(values: list[float], expected: list[float | None]) -> None:
    result = suppress(group(values), ALONE)
    assert shown(result) == expected
    assert derivable(result, ALONE).height == 0


def test_a_hidden_value_has_no_number_and_says_so() -> None:
    result = suppress(group([3, 12, 40]), ALONE).row(1, named=True)
    assert result["value_status"] == "suppressed"
    assert (result["value"], result["value_unrounded"], result["numerator"]) == (None, None, None)


def test_a_share_of_all_but_a_few_is_hidden() -> None:
    entries = {"P": dataclasses.replace(SHARE, dimensions=())}
    result = suppress(frame([("P", TOTAL, 47, 50)]), entries)
    assert result.select("numerator", "denominator", "value").row(0) == (None, 50.0, None)
    assert suppress(frame([("P", TOTAL, 44, 50)]), entries)["value"].to_list() == [88.0]
    assert suppress(frame([("P", TOTAL, 50, 50)]), entries)["value"].to_list() == [100.0]  # all is no remainder


def test_a_share_of_a_few_is_hidden_even_where_it_is_nought() -> None:
    entries = {"P": dataclasses.replace(SHARE, dimensions=())}
    result = suppress(frame([("P", TOTAL, 0, 3)]), entries)
    assert result.select("denominator", "value", "value_status").row(0) == (None, None, "suppressed")


def test_a_count_two_indicators_share_is_hidden_in_both() -> None:
    rows = [("N", TOTAL, 20, None), ("N", "Sex | F", 4, None), ("N", "Sex | M", 16, None), ("N", "Sex | U", 0, None)]
    more = [("P", TOTAL, 8, 20), ("P", "Sex | F", 0, 4), ("P", "Sex | M", 8, 16), ("P", "Sex | U", 0, 0)]
    result = suppress(frame(rows + more), ENTRIES)
    below = result.filter((pl.col("indicator_code") == "P") & (pl.col("breakdown") == "Sex | F"))["denominator"]
    assert below.to_list() == [None]
    assert derivable(result, ENTRIES).height == 0


def test_a_leak_through_another_indicator_is_found() -> None:
    rows = [("N", "Sex | F", None, None), ("P", "Sex | F", 0, 4.0)]
    found = derivable(frame(rows).with_columns(pl.lit("suppressed").alias("value_status")), ENTRIES)
    assert ("all", "Sex | F", "given_elsewhere") in found.select("count_name", "breakdown", "kind").rows()


def test_subtraction_from_a_total_is_found() -> None:
    result = frame(
        [("N", TOTAL, 55, None), ("N", "Sex | F", None, None), ("N", "Sex | M", 12, None), ("N", "Sex | U", 40, None)]
    )
    assert derivable(result, ALONE)["breakdown"].to_list() == ["Sex | F"]


def test_what_is_derivable_does_not_tell_the_value() -> None:
    result = frame(
        [("N", TOTAL, 55, None), ("N", "Sex | F", None, None), ("N", "Sex | M", 12, None), ("N", "Sex | U", 40, None)]
    )
    assert set(derivable(result, ALONE).columns) == {
        "la_code",
        "period_code",
        "return_code",
        "count_name",
        "breakdown",
        "kind",
    }


def test_a_value_that_gives_its_hidden_numerator_is_found() -> None:
    row = frame([("P", TOTAL, 3, 50)]).with_columns(pl.lit(None, pl.Float64).alias("numerator"))
    assert derivable(row, {"P": dataclasses.replace(SHARE, dimensions=())})["kind"].to_list() == ["given_elsewhere"]


def test_sums_over_one_child_are_hidden_and_cannot_be_subtracted() -> None:
    scores = declare("M", DAYS, "scored", counts=("score", "scored"), is_amount=True, dimensions=(SEX,))
    rows = [
        ("M", TOTAL, 410.0, 31),
        ("M", "Sex | F", 17.0, 1),
        ("M", "Sex | M", 200.0, 15),
        ("M", "Sex | U", 193.0, 15),
    ]
    result = suppress(frame(rows), {"M": scores})
    assert result["numerator"].to_list()[1] is None
    assert result["numerator"].null_count() >= 2
    assert derivable(result, {"M": scores}).height == 0


def test_three_years_do_not_give_the_one_that_is_hidden() -> None:
    one = declare("A", DAYS, "adopted", counts=("sum", "adopted"), is_amount=True)
    three = declare("A3", DAYS, "adopted", counts=("sum3", "adopted3"), is_amount=True, years=3, years_of="A")
    rows = [frame([("A", TOTAL, 300.0 * n, n)], period) for period, n in (("2024", 8), ("2025", 3), ("2026", 9))]
    result = suppress(pl.concat([*rows, frame([("A3", TOTAL, 6000.0, 20)])]), {"A": one, "A3": three})
    assert result["denominator"].null_count() >= 2
    assert derivable(result, {"A": one, "A3": three}).height == 0


def test_numbers_within_one_another_leave_no_small_remainder() -> None:
    wide = declare("WIDE", PERCENT, "all", counts=("far", "all"), is_part=True)
    narrow = declare("NARROW", PERCENT, "all", counts=("far_out", "all"), is_part=True, within=("far",))
    entries = {"WIDE": wide, "NARROW": narrow}
    result = suppress(frame([("WIDE", TOTAL, 30, 100), ("NARROW", TOTAL, 27, 100)]), entries)
    assert result["numerator"].null_count() == 1
    assert derivable(result, entries).height == 0


def test_overlapping_values_add_up_to_nothing() -> None:
    factors = declare(
        "F",
        PERCENT,
        "all",
        counts=("f", "f"),
        is_part=True,
        is_mix=True,
        dimensions=(overlapping("Factor", "1A", "2A"),),
    )
    rows = [("F", TOTAL, 40, 40), ("F", "Factor | 1A", 3, 40), ("F", "Factor | 2A", 20, 40)]
    result = suppress(frame(rows), {"F": factors})
    assert result["numerator"].to_list() == [40.0, None, 20.0]


def test_what_was_hidden_before_stays_hidden_and_is_not_found_by_comparing() -> None:
    first = suppress(group([3, 12, 40]), ALONE)
    assert shown(first) == [55, None, None, 40]
    # Sent again: one child more among the smallest of the group, so another would be the next smallest.
    second = suppress(group([3, 50, 40]), ALONE, earlier=first)
    assert shown(second)[1] is None
    assert shown(second)[2] is None  # hidden before
    assert derivable(second, ALONE, earlier=first).height == 0


def test_comparing_two_publications_is_found() -> None:
    before = frame(
        [("N", TOTAL, 55, None), ("N", "Sex | F", None, None), ("N", "Sex | M", 12, None), ("N", "Sex | U", None, None)]
    )
    now = frame(
        [("N", TOTAL, 55, None), ("N", "Sex | F", None, None), ("N", "Sex | M", None, None), ("N", "Sex | U", 40, None)]
    )
    assert derivable(now, ALONE).height == 0
    assert derivable(now, ALONE, earlier=before)["breakdown"].to_list() == ["Sex | F"]


def test_authorities_and_periods_are_apart() -> None:
    both = pl.concat([group([3, 12, 40]), group([6, 7, 8]).with_columns(pl.lit("998").alias("la_code"))])
    result = suppress(both, ALONE)
    assert result.filter(pl.col("la_code") == "998")["numerator"].null_count() == 0


def test_rows_that_are_not_available_or_not_applicable_stay_so() -> None:
    missing = frame([("P", TOTAL, None, None)]).with_columns(pl.lit("not_available").alias("value_status"))
    nothing = frame([("P", "Sex | F", 0, 0)])
    result = suppress(pl.concat([missing, nothing]), ENTRIES)
    assert result["value_status"].to_list() == ["not_available", "not_applicable"]


_small = st.sampled_from([0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 12])


@st.composite
def _tables(draw: st.DrawFn) -> pl.DataFrame:
    """Draw a count by sex and area, and a share of it, that agree with each other."""
    cells = {(s, a): draw(_small) for s in SEX.values for a in AREA.values}
    some = {key: draw(st.integers(0, n)) for key, n in cells.items()}
    rows = []
    for label, keys in [
        (TOTAL, list(cells)),
        *((f"Sex | {s}", [(s, a) for a in AREA.values]) for s in SEX.values),
        *((f"Area | {a}", [(s, a) for s in SEX.values]) for a in AREA.values),
    ]:
        whole, part = sum(cells[k] for k in keys), sum(some[k] for k in keys)
        rows += [("N", label, whole, None), ("P", label, part, whole)]
    return frame(rows)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(_tables())
def test_after_suppression_nothing_is_derivable(table: pl.DataFrame) -> None:
    result = suppress(table, ENTRIES)
    assert derivable(result, ENTRIES).height == 0
    small = (table["numerator"] > 0) & (table["numerator"] <= 5)
    assert result.filter(small)["numerator"].null_count() == small.sum()
    assert result.filter(small)["value"].null_count() == small.sum()
    known = result["numerator"].is_not_null()
    assert result.filter(known)["numerator"].to_list() == table.filter(known)["numerator"].to_list()


LABELS = [TOTAL, *(f"Sex | {name}" for name in SEX.values)]


def _tables_of(known: Mapping[str, float | None], most: int) -> list[tuple[int, ...]]:
    """Enumerate a total and its parts that fit what is known; a hidden number is 1 or more."""
    parts = [range(1, most + 1) if known[label] is None else [int(known[label] or 0)] for label in LABELS[1:]]
    tables = [(sum(values), *values) for values in product(*parts)]
    whole = known[TOTAL]
    return [table for table in tables if whole is None or table[0] == whole]


def _brute(published: pl.DataFrame, most: int) -> dict[tuple[str, str], set[int]] | None:
    """Enumerate a count and a share of it by sex: the values of each hidden number that fit what is published."""
    known: dict[str, dict[str, float | None]] = {"all": {}, "some": {}}
    names = ("indicator_code", "breakdown", "numerator", "denominator")
    for code, breakdown, above, below in published.select(names).iter_rows():
        known["all" if code == "N" else "some"][breakdown] = above
        if code == "P":
            known["all"].setdefault(breakdown, below)
    wholes, parts = _tables_of(known["all"], most), _tables_of(known["some"], most)
    if len(wholes) * len(parts) > 300_000:
        return None
    pairs = [(w, k) for w in wholes for k in parts if all(x <= y for x, y in zip(k, w, strict=True))]
    fits: dict[tuple[str, str], set[int]] = {}
    for at, label in enumerate(LABELS):
        is_hidden = known["all"][label] is None, known["some"][label] is None
        if is_hidden[0]:
            fits["all", label] = {w[at] for w, _ in pairs}
        if is_hidden[1]:
            fits["some", label] = {k[at] for _, k in pairs}
        if any(is_hidden):
            fits["left", label] = {w[at] - k[at] for w, k in pairs}
    return fits


def _tells(values: set[int]) -> bool:
    """Whether three values of one to five fit a hidden number at most: its symbol says that it is one of the five."""
    return min(values) >= 1 and max(values) <= 5 and max(values) - min(values) < 3


def _by_sex(draw: st.DrawFn, cells: st.SearchStrategy[int]) -> pl.DataFrame:
    whole = [draw(cells) for _ in SEX.values]
    part = [draw(st.integers(0, n)) for n in whole]
    rows = [("N", TOTAL, sum(whole), None), ("P", TOTAL, sum(part), sum(whole))]
    for name, n, k in zip(SEX.values, whole, part, strict=True):
        rows += [("N", f"Sex | {name}", n, None), ("P", f"Sex | {name}", k, n)]
    return frame(rows)


@st.composite
def _sexes(draw: st.DrawFn) -> pl.DataFrame:
    return _by_sex(draw, st.sampled_from([0, 1, 2, 3, 5, 6, 7]))


BY_SEX = {"N": ALONE["N"], "P": dataclasses.replace(SHARE, dimensions=(SEX,))}


@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow])
@given(_sexes())
def test_brute_force_finds_no_hidden_number_after_suppression(table: pl.DataFrame) -> None:
    fits = _brute(suppress(table, BY_SEX), 9)
    assume(fits is not None)
    assert fits is not None
    assert not [cell for cell, values in fits.items() if _tells(values)]


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(_sexes(), st.lists(st.tuples(st.booleans(), st.integers(0, 3)), min_size=1, max_size=3))
def test_the_checker_finds_what_brute_force_finds(table: pl.DataFrame, hide: list[tuple[bool, int]]) -> None:
    """Hide numbers at random: what leaves a number less room than one to five is a leak; else only two fives are."""
    cells = {("all" if first else "some", LABELS[at]) for first, at in hide}
    code, label = pl.col("indicator_code"), pl.col("breakdown")
    hidden_all = label.is_in([name for count, name in cells if count == "all"])
    hidden_some = label.is_in([name for count, name in cells if count == "some"]) & (code == "P")
    above = ((code == "N") & hidden_all) | hidden_some
    below = (code == "P") & hidden_all
    assume(not table.filter(above)["numerator"].eq(0).any() and not table.filter(below)["denominator"].eq(0).any())
    published = table.with_columns(
        pl.when(~above).then("numerator").alias("numerator"),
        pl.when(~below).then("denominator").alias("denominator"),
        pl.when(~(above | below)).then("value").alias("value"),
        pl.when(above | below).then(pl.lit("suppressed")).otherwise("value_status").alias("value_status"),
    )
    fits = _brute(published, 22)
    assume(fits is not None)
    assert fits is not None
    known = {cell for cell, values in fits.items() if _tells(values)}
    found = {
        ("left" if kind == "remainder" else name, breakdown)
        for name, breakdown, kind in derivable(published, BY_SEX).select("count_name", "breakdown", "kind").iter_rows()
    }
    assert known <= found
    # Small numbers that are not hidden at all are found too; of hidden ones, beside those, only fives.
    more = {cell for cell in found - known if cell in fits}
    # So are few in all: hidden parts that add up to five or less.
    assert all(cell[0] != "left" and (5 in fits[cell] or max(fits[cell]) < 5) for cell in more)
    shown_small = {
        ("all" if code == "N" else "some", breakdown)
        for code, breakdown, above in published.select("indicator_code", "breakdown", "numerator").iter_rows()
        if above is not None and 0 < above <= 5
    }
    assert shown_small <= found


def test_a_denominator_within_another_leaves_no_small_remainder() -> None:
    """Of 40 care leavers 38 count below the line: two are abroad, and nobody shall read that off."""
    whole = declare("ALL", COUNT, counts=("leavers", ""))
    housed = declare("HOUSED", PERCENT, "housed", counts=("fit", "housed"), is_part=True, below_within=("leavers",))
    entries = {"ALL": whole, "HOUSED": housed}
    result = suppress(frame([("ALL", TOTAL, 40, None), ("HOUSED", TOTAL, 20, 38)]), entries)
    assert result["denominator"].to_list() == [None, None]
    assert derivable(result, entries).height == 0
    told = frame([("ALL", TOTAL, 40, None), ("HOUSED", TOTAL, 20, 38)])
    hide = pl.col("indicator_code") == "HOUSED"
    told = told.with_columns(pl.when(~hide).then(name).alias(name) for name in ("numerator", "value"))
    # The remainder of two needs no arithmetic at all: it is the difference of two published numbers.
    assert derivable(told, entries)["kind"].to_list() == ["remainder"]


def test_the_bands_of_one_count_give_another() -> None:
    ages = parts_of("Age", "0 to 4", "5 to 9", "10 or over")
    every = declare("EVERY", COUNT, counts=("all", ""), dimensions=(ages,))
    young = declare(
        "YOUNG", PERCENT, "young", counts=("fit", "young"), is_part=True, below_adds=(("all", "Age | 0 to 4"),)
    )
    entries = {"EVERY": every, "YOUNG": young}
    rows = [("EVERY", TOTAL, 43, None), ("EVERY", "Age | 0 to 4", 3, None), ("EVERY", "Age | 5 to 9", 20, None)]
    rows += [("EVERY", "Age | 10 or over", 20, None), ("YOUNG", TOTAL, 0, 3)]
    result = suppress(frame(rows), entries)
    assert result["denominator"].to_list()[-1] is None
    assert derivable(result, entries).height == 0


WHOLE, ONE, OTHER, ABOVE = (
    Cell("990", "2026", "ssda903", name, "Total") for name in ("whole", "one", "other", "above")
)


def _tied(
    whole: float, above: float | None = None, *, follows: bool = False, amounts: bool = False, is_complete: bool = True
) -> Linkage:
    """Two hidden parts of a whole, perhaps with a number that the first is no more than."""
    known = {WHOLE: whole, ONE: None, OTHER: None} | ({ABOVE: above} if above is not None else {})
    return Linkage(
        known=known,
        amounts={WHOLE, ONE, OTHER} if amounts else set(),
        sums=[Sum(WHOLE, (ONE, OTHER), is_complete)],
        remainders=[Remainder((ABOVE,), (ONE,), follows=follows)] if above is not None else [],
    )


@pytest.mark.parametrize("is_whole", [True, False])
def test_what_was_found_before_is_taken_only_where_all_is_as_it_was(is_whole: bool) -> None:
    solved: Solved = {}
    states = [
        _tied(40.0), _tied(2.0), _tied(40.0, 1.0), _tied(40.0, 30.0), _tied(40.0, 1.0, follows=True),
        _tied(2.0, amounts=True),
        _tied(2.0, is_complete=False),
    ]  # fmt: skip
    told = [find_leaks(state, is_whole) for state in states]
    assert told[0] == [] and told[1] and told[2] != told[4]
    for _ in range(2):
        assert [find_leaks(state, is_whole, solved) for state in states] == told
        assert [find_leaks(state, not is_whole, solved) for state in states] == [
            find_leaks(state, not is_whole) for state in states
        ]
