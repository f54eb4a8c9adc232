"""A stock of one year, who came and who went give the stock of the next: what that tells is weighed. Rows are made up.

The reader here adds and subtracts by what the indicators say they count; nothing is read from what is declared.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

import polars as pl
import pytest

from tests import made_up_lives
from tests.made_returns import made
from tests.unit.transforms.indicators.plain import broken
from tests.unit.transforms.indicators.test_disclosure import declare, frame
from transforms.indicators import indicators
from transforms.indicators.compute import compute
from transforms.indicators.derivable import derivable
from transforms.indicators.disclosure import suppress
from transforms.indicators.model import COUNT, DAYS, TOTAL, Flow, Indicator, Leftover, parts_of, same

YEARS = (2024, 2025, 2026)
POPULATION = {year: 100_000.0 for year in range(2020, 2027)}
FEW = range(1, 6)
SEXES = ("Sex | Female", "Sex | Male", "Sex | Not known")
GROUPS = (
    "Ethnic group | White",
    "Ethnic group | Mixed or multiple",
    "Ethnic group | Asian or Asian British",
    "Ethnic group | Black, African, Caribbean or Black British",
    "Ethnic group | Other ethnic groups",
    "Ethnic group | Not known",
)
PLACES = (TOTAL, *SEXES, *GROUPS)
Term = tuple[int, str, int]  # sign, number, years after the first of the two
Numbers = Mapping[tuple[str, int, str], float | None]

# Where each number stands: the numerator (n) or denominator (d) of any of these.
STANDS = {
    "ssda903": {
        "stock": "CLA1N.n CLA1.n CLA4.d",
        "came": "CLA2N.n CLA2.n",
        "went": "CLA3N.n CLA3.n AD.d SGO.d HOMEP.d HOMEU.d",
        "in year": "CLA13.d CLA15.d",
        "all year": "H1.d",
    },
    "cin_census": {
        "plans": "CPP1N.n CPP1.n CPP5.d",
        "begun": "CPP2SN.n CPP2S.n CPP3.d",
        "ended": "CPP2EN.n CPP2E.n CPP4.d",
        "need": "CIN1N.n CIN1.n",
        "referred": "CIN2N.n CIN2.n CIN3.d CIN4.d CIN5.d",
        "no action": "CIN3.n",
        "closed": "CIN1E.d",
    },
}
EVEN: dict[str, list[list[Term]]] = {
    "ssda903": [[(1, "stock", 0), (1, "came", 1), (-1, "went", 1), (-1, "stock", 1)]],
    "cin_census": [
        [(1, "plans", 0), (1, "begun", 1), (-1, "ended", 1), (-1, "plans", 1)],
        [(1, "need", 0), (1, "referred", 1), (-1, "no action", 1), (-1, "closed", 1), (-1, "need", 1)],
    ],
}
PEOPLE: dict[str, list[list[Term]]] = {
    "ssda903": [
        [(1, "stock", 0), (1, "came", 1), (-1, "in year", 1)],  # left and came back
        [(1, "in year", 1), (-1, "stock", 0)],  # new
        [(1, "stock", 0), (-1, "all year", 1)],  # left of those there
        [(1, "all year", 1), (1, "went", 1), (-1, "stock", 0)],  # new and left
    ],
    "cin_census": [[(1, "need", 0), (1, "referred", 1), (-1, "no action", 1), (-1, "need", 1)]],  # closed, by sex
}


def read(found: pl.DataFrame, kind: str) -> dict[tuple[str, int, str], float | None]:
    """Return numbers by name, year and breakdown: None where nothing tells them."""
    told = {}
    for code, period, place, above, below in found.select(
        "indicator_code", "period_code", "breakdown", "numerator", "denominator"
    ).iter_rows():
        told[f"{code}.n", period, place], told[f"{code}.d", period, place] = above, below
    numbers: dict[tuple[str, int, str], float | None] = {}
    for name, stands in STANDS[kind].items():
        for year in YEARS:
            for place in PLACES:
                keys = [(where, str(year), place) for where in stands.split() if (where, str(year), place) in told]
                if keys:
                    numbers[name, year, place] = next((told[k] for k in keys if told[k] is not None), None)
    return numbers


def added(numbers: Numbers, terms: Sequence[Term], year: int, place: str) -> list[tuple[int, tuple[str, int, str]]]:
    cells = [(sign, (name, year - 1 + after, place)) for sign, name, after in terms]
    return cells if all(cell in numbers for _, cell in cells) else []


def worked_out(whole: pl.DataFrame, told: pl.DataFrame, kind: str) -> list[tuple[str, int, str]]:
    """Return hidden numbers of few that the other numbers of a balance give, or hidden differences of few that show."""
    true, seen = read(whole, kind), read(told, kind)
    found = []
    for year in YEARS[1:]:
        for place in PLACES:
            for terms in EVEN[kind]:
                cells = added(seen, terms, year, place)
                unknown = [(sign, cell) for sign, cell in cells if seen[cell] is None]
                if len(unknown) == 1 and true[unknown[0][1]] in FEW:
                    sign, cell = unknown[0]
                    guess = -sign * sum(s * (seen[c] or 0.0) for s, c in cells if c != cell)
                    found += [cell] if guess == true[cell] else []
            for terms in PEOPLE[kind]:
                cells = added(seen, terms, year, place)
                if cells and all(seen[cell] is not None for _, cell in cells):
                    left = sum(sign * (seen[cell] or 0.0) for sign, cell in cells)
                    found += [("difference", year, place)] if left in FEW else []
    return found


def computed(kind: str, seed: int, children: int, years: Sequence[int] = YEARS) -> pl.DataFrame:
    lives = made_up_lives.looked_after if kind == "ssda903" else made_up_lives.in_need_over
    tables = lives(seed, children, YEARS)
    history = [made(kind, year, tables[year], is_measured=kind == "ssda903") for year in years]
    return compute(history, POPULATION)


def loaded(kind: str, seed: int, children: int, order: Sequence[int], entries: Mapping[str, Indicator]) -> pl.DataFrame:
    """Return what is published after a load a year: years after it are worked out again, the others stay."""
    published: pl.DataFrame | None = None
    for n, year in enumerate(order):
        whole = computed(kind, seed, children, sorted(order[: n + 1]))
        new = suppress(whole, entries, published).filter(pl.col("return_year") >= year)
        kept = published.filter(pl.col("return_year") < year) if published is not None else new.clear()
        published = pl.concat([kept, new])
    assert published is not None
    return published


DECLARED = {entry.code: entry for entry in indicators()}
WITHIN_A_YEAR = {
    code: dataclasses.replace(
        entry,
        flows=(),
        leaves=tuple(one for one in entry.leaves if not one.wholes_before and not one.parts_before),
    )
    for code, entry in DECLARED.items()
}


@pytest.mark.parametrize(
    ("kind", "seed", "children"),
    [
        ("cin_census", 1, 1000),
        ("cin_census", 2, 1000),
        pytest.param("ssda903", 3, 400, marks=pytest.mark.slow),
    ],
)
def test_what_two_years_tell_is_worked_out_unless_it_is_weighed(kind: str, seed: int, children: int) -> None:
    whole = computed(kind, seed, children)
    before = loaded(kind, seed, children, YEARS, WITHIN_A_YEAR)
    assert worked_out(whole, before, kind) != []  # else nothing is shown
    assert derivable(before, WITHIN_A_YEAR).height == 0 < derivable(before).height
    told = loaded(kind, seed, children, YEARS, DECLARED)
    assert worked_out(whole, told, kind) == []
    assert derivable(told).height == 0
    counts = [one["value"].count() for one in (before, told)]
    assert counts[1] > 0.9 * counts[0]  # and little more is withheld for it


@pytest.mark.parametrize("order", [(2026, 2025, 2024), (2024, 2026, 2025), (2025, 2024, 2026)])
@pytest.mark.parametrize("seed", [1, 2])
def test_no_order_of_loads_tells_it(seed: int, order: Sequence[int]) -> None:
    told = loaded("cin_census", seed, 1000, order, DECLARED)
    assert worked_out(computed("cin_census", seed, 1000), told, "cin_census") == []
    assert derivable(told).height == 0


@pytest.mark.slow
def test_no_order_of_loads_tells_it_of_children_looked_after() -> None:
    told = loaded("ssda903", 3, 400, (2024, 2026, 2025), DECLARED)
    assert worked_out(computed("ssda903", 3, 400), told, "ssda903") == []
    assert derivable(told).height == 0


@pytest.mark.parametrize("seed", [1, 2])
def test_what_older_code_published_is_closed_when_all_is_worked_out_again(seed: int) -> None:
    before = loaded("cin_census", seed, 1000, YEARS, WITHIN_A_YEAR)
    assert derivable(before).height > 0
    whole = computed("cin_census", seed, 1000)
    again = suppress(whole, DECLARED, before)
    assert derivable(again).height == 0
    assert worked_out(whole, again, "cin_census") == []


@pytest.mark.parametrize("seed", [4, 5, 6])
def test_plans_and_children_in_need_balance_to_the_child(seed: int) -> None:
    whole = computed("cin_census", seed, 300)
    numbers = read(whole, "cin_census")
    sums = [
        sum(sign * (numbers[cell] or 0.0) for sign, cell in cells)
        for terms in EVEN["cin_census"]
        for year in YEARS[1:]
        for place in PLACES
        if (cells := added(numbers, terms, year, place))
    ]
    assert len(sums) == 22  # plans in all and by sex and group; need in all
    assert set(sums) == {0.0}
    assert broken(whole, is_clean=True) == []


@pytest.mark.parametrize("seed", [4, 5, 6])
def test_children_looked_after_balance_but_for_second_comings(seed: int) -> None:
    """Each child counts once however often it comes and goes: out by those new who came back, or back who left."""
    tables = made_up_lives.looked_after(seed, 300, YEARS)
    whole = computed("ssda903", seed, 300)
    assert broken(whole, is_clean=True) == []
    numbers = read(whole, "ssda903")
    out = []
    for year in YEARS[1:]:
        rows = tables[year]["Episodes"]
        there = {row["CHILD"] for row in tables[year - 1]["Episodes"] if row["DEC"] is None}
        came = {row["CHILD"] for row in rows if row["RNE"] == "S" and row["DECOM"].toordinal() > _last(year - 1)}
        went = {row["CHILD"] for row in rows if row["REC"] not in (None, "X1")}
        stays = {row["CHILD"] for row in rows if row["DEC"] is None}
        twice = len((there & came & went) - stays) - len((came & went & stays) - there)
        cells = added(numbers, EVEN["ssda903"][0], year, TOTAL)
        out.append((sum(sign * (numbers[cell] or 0.0) for sign, cell in cells), twice))
    assert all(left == twice for left, twice in out), out
    assert any(twice for _, twice in out) or seed != 4


def _last(year: int) -> int:
    from datetime import date

    return date(year, 3, 31).toordinal()


SEX = parts_of("Sex", "F", "M", "U", lasts=True)
AGE = parts_of("Age", "young", "old")
STOCK = declare("S", COUNT, counts=("stock", ""), dimensions=(SEX, AGE))
CAME = declare("C", COUNT, counts=("came", ""), dimensions=(SEX, AGE))
WENT = declare("W", COUNT, counts=("went", ""), dimensions=(SEX, AGE), flows=(Flow("stock", ("came",), ("went",)),))
MADE = {"S": STOCK, "C": CAME, "W": WENT}


def by_sex(year: int, **counts: tuple[float | None, ...]) -> pl.DataFrame:
    """Return numbers of one year by indicator: in all, of F and of M; nobody is neither."""
    rows = [
        row
        for code, (both, f, m) in counts.items()
        for row in ((code, TOTAL, both, None), (code, "Sex | F", f, None), (code, "Sex | M", m, None))
    ]
    nobody = [(code, "Sex | U", 0.0, None) for code in counts]
    return frame([*rows, *nobody], str(year)).with_columns(pl.lit(year, pl.Int32).alias("return_year"))


FIRST = by_sex(2025, S=(100, 40, 60))
SECOND = by_sex(2026, S=(116, 50, 66), C=(30, 13, 17), W=(14, 3, 11))  # 40 + 13 - 3 = 50


def test_three_of_a_stock_in_a_breakdown_give_the_fourth() -> None:
    hidden = pl.when((pl.col("indicator_code") == "W") & pl.col("breakdown").is_in(["Sex | F", "Sex | M"]))
    told = pl.concat([FIRST, SECOND]).with_columns(
        hidden.then(None).otherwise(name).alias(name) for name in ("numerator", "value", "value_unrounded")
    )
    found = derivable(told, MADE)
    assert set(found["breakdown"]) == {"Sex | F"}
    assert set(found["kind"]) == {"balance"}
    blind = {code: dataclasses.replace(entry, flows=()) for code, entry in MADE.items()}
    assert derivable(told, blind).height == 0


def test_the_later_year_gives_way_and_what_was_told_stays() -> None:
    first = suppress(FIRST, MADE)
    assert first["numerator"].null_count() == 0
    both = suppress(pl.concat([FIRST, SECOND]), MADE, earlier=first)
    shown = both.filter(pl.col("numerator").is_null()).select("return_year", "indicator_code", "breakdown").rows()
    assert set(year for year, _, _ in shown) == {2026}
    assert derivable(both, MADE, earlier=first).height == 0
    # F and M of those who went, and of those who came: nothing else, and nothing in all.
    assert {row[1:] for row in shown} == {(code, f"Sex | {sex}") for code in "WC" for sex in "FM"}


def test_a_year_before_that_comes_last_gives_way_itself() -> None:
    second = suppress(SECOND, MADE)
    both = suppress(pl.concat([FIRST, SECOND]), MADE, earlier=second)
    assert derivable(both, MADE, earlier=second).height == 0
    now = both.filter(pl.col("return_year") == 2026)
    assert now["numerator"].null_count() == second["numerator"].null_count() == 2


def test_a_return_sent_again_does_not_tell_it() -> None:
    first = suppress(FIRST, MADE)
    told = pl.concat([first, suppress(pl.concat([FIRST, SECOND]), MADE, first).filter(pl.col("return_year") == 2026)])
    again = by_sex(2026, S=(117, 50, 67), C=(31, 13, 18), W=(14, 3, 11))
    both = suppress(pl.concat([FIRST, again]), MADE, earlier=told)
    assert derivable(both, MADE).height == 0
    assert derivable(both, MADE, earlier=told).height == 0


def test_age_does_not_last_from_year_to_year() -> None:
    """By age a stock and its changes do not balance: nothing follows, and nothing more is hidden."""

    def by_age(year: int, **counts: tuple[float, float]) -> pl.DataFrame:
        rows = [
            row
            for code, (young, old) in counts.items()
            for row in (
                (code, TOTAL, young + old, None),
                (code, "Age | young", young, None),
                (code, "Age | old", old, None),
            )
        ]
        return frame(rows, str(year))

    rows = pl.concat([by_age(2025, S=(40, 60)), by_age(2026, S=(50, 66), C=(13, 17), W=(3, 11))])
    assert suppress(rows, MADE)["numerator"].null_count() == 2


def test_a_balance_the_numbers_speak_against_is_not_believed() -> None:
    """In all the stock is out by 20: nobody can lean on it, and what is hidden stays hidden."""
    second = by_sex(2026, S=(136, 60, 76), C=(30, 13, 17), W=(14, 3, 11))
    result = suppress(pl.concat([FIRST, second]), MADE)
    assert derivable(result, MADE).height == 0
    assert result.filter(pl.col("breakdown") == TOTAL)["numerator"].null_count() == 0


def test_what_two_years_leave_of_one_another_is_a_count() -> None:
    """60 a year ago, 57 of them there all year: 3 have left."""
    through = declare("T", COUNT, counts=("through", ""), dimensions=(SEX,))
    through = dataclasses.replace(
        through, leaves=(Leftover((), same("through"), holds_always=False, wholes_before=same("stock")),)
    )
    entries = {"S": STOCK, "T": through}
    before = by_sex(2025, S=(100, 40, 60))
    after = by_sex(2026, T=(87, 30, 57))
    assert set(derivable(pl.concat([before, after]), entries)["kind"]) == {"remainder"}
    result = suppress(pl.concat([before, after]), entries, earlier=before)
    assert derivable(result, entries, earlier=before).height == 0
    assert result.filter(pl.col("period_code") == "2025")["numerator"].null_count() == 0


def test_days_that_follow_from_what_was_told_are_not_hidden_in_vain() -> None:
    """Two years were told; in the third one child waited 0 days, which is shown: three years' days are no news."""
    one = declare("A", DAYS, "adopted", counts=("sum", "adopted"), is_amount=True)
    three = declare("A3", DAYS, "adopted", counts=("sum3", "adopted3"), is_amount=True, years=3, years_of="A")
    entries = {"A": one, "A3": three}
    told = pl.concat([frame([("A", TOTAL, 971.0, 9)], "2024"), frame([("A", TOTAL, 1531.0, 6)], "2025")])
    new = pl.concat([frame([("A", TOTAL, 0.0, 1)]), frame([("A3", TOTAL, 2502.0, 16)])])
    result = suppress(pl.concat([told, new]), entries, earlier=told)
    published = pl.concat([told, result.filter(pl.col("period_code") == "2026")])
    assert derivable(published, entries).height == 0
    assert published.filter(pl.col("period_code") == "2026")["denominator"].to_list() == [None, None]
    assert published.filter(pl.col("period_code") == "2026")["value"].to_list() == [None, None]
