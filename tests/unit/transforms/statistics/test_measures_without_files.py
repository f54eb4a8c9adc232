"""Measures of the official tool of which there is no file: made-up files in every dress a release may have."""

from __future__ import annotations

import csv
import io
import random
import re
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from tests.made_measures import FORMER, SYMBOLS, TODAY, DataSet, places, rows_of
from tests.statistics_files import TIME_AND_PLACE, read, text_of, zipped
from transforms.authorities import Register, load_register

Rows = list[list[str]]
Change = Callable[[DataSet, Rows, random.Random], bytes]
AT = len(TIME_AND_PLACE)
NUMBER = re.compile(r"-?\d+(\.\d+)?")
MOSTLY = 0.3


@pytest.fixture(scope="module")
def register() -> Register:
    return load_register()


@pytest.fixture(scope="module")
def some_places() -> list[tuple[str, ...]]:
    return [place for n, place in enumerate(places()) if n < 12 or n % 12 == 0]


def as_csv(header: list[str], rows: Rows) -> bytes:
    return text_of(header, rows).encode()


def cells(change: Callable[[str, random.Random], str], share: bool = False) -> Change:
    """Change values, or only those of columns of percentages."""

    def changed(made: DataSet, rows: Rows, draw: random.Random) -> bytes:
        at = [n for n, name in enumerate(made.header) if n >= AT + len(made.filters)]
        at = [n for n in at if not share or "percent" in made.header[n] or made.header[n].startswith("pt_")]
        return as_csv(made.header, [[change(c, draw) if n in at else c for n, c in enumerate(row)] for row in rows])

    return changed


def items(change: Callable[[str, random.Random], str]) -> Change:
    def changed(made: DataSet, rows: Rows, draw: random.Random) -> bytes:
        last = AT + len(made.filters)
        return as_csv(made.header, [[*row[:AT], *(change(c, draw) for c in row[AT:last]), *row[last:]] for row in rows])

    return changed


def place(name: str, change: Callable[[str], str]) -> Change:
    def changed(made: DataSet, rows: Rows, draw: random.Random) -> bytes:
        at = made.header.index(name)
        return as_csv(made.header, [[change(c) if n == at else c for n, c in enumerate(row)] for row in rows])

    return changed


def without(*names: str) -> Change:
    def changed(made: DataSet, rows: Rows, draw: random.Random) -> bytes:
        kept = [n for n, name in enumerate(made.header) if name not in names]
        return as_csv([made.header[n] for n in kept], [[row[n] for n in kept] for row in rows])

    return changed


def broken_down(*parts: tuple[str, ...], named: tuple[str, ...]) -> Change:
    """One more filter or two: the first part is the whole, the others have values of their own."""

    def changed(made: DataSet, rows: Rows, draw: random.Random) -> bytes:
        out = []
        for row in rows:
            for n, part in enumerate(parts):
                values = row[AT + len(made.filters) :] if n == 0 else ["5"] * len(made.values)
                out.append([*row[:AT], *part, *row[AT : AT + len(made.filters)], *values])
        return as_csv([*TIME_AND_PLACE, *named, *made.filters, *made.values], out)

    return changed


def reordered(made: DataSet, rows: Rows, draw: random.Random) -> bytes:
    order = list(range(len(made.header)))
    draw.shuffle(order)
    return as_csv([made.header[n] for n in order], [[row[n] for n in order] for row in rows])


def tabbed(made: DataSet, rows: Rows, draw: random.Random) -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter="\t", lineterminator="\n").writerows([made.header, *rows])
    return out.getvalue().encode()


def named_twice(made: DataSet, rows: Rows, draw: random.Random) -> bytes:
    return as_csv([*made.header, made.values[0]], [[*row, "7"] for row in rows])


def in_text(change: Callable[[str], bytes]) -> Change:
    return lambda made, rows, draw: change(text_of(made.header, rows))


def number(change: Callable[[str], str]) -> Callable[[str, random.Random], str]:
    return lambda cell, draw: change(cell) if NUMBER.fullmatch(cell) else cell


BRACKETS = {symbol: f"[{symbol}]" for symbol in SYMBOLS}
SAME: dict[str, Change] = {
    "plain": lambda made, rows, draw: as_csv(made.header, rows),
    "reordered": reordered,
    "a name twice": named_twice,
    "a filter with a total only": broken_down(("Total",), named=("sex",)),
    "a filter with a total": broken_down(("Total",), ("Male",), ("Female",), named=("sex",)),
    "a filter with all": broken_down(("All children",), ("Boys",), named=("characteristic",)),
    "topic and item": broken_down(("Total", "Total"), ("Sex", "Male"), named=("characteristic_type", "characteristic")),
    "total of each topic": broken_down(("Total", "Total"), ("Sex", "Female"), named=("topic", "breakdown_of")),
    "blanks in items": items(lambda item, draw: f" {item.replace(' ', '  ')} "),
    "hard blanks in some": items(lambda t, draw: t.replace(" ", "\u00a0") if draw.random() < MOSTLY else t),
    "capitals in some": items(lambda item, draw: item.upper() if draw.random() < MOSTLY else item),
    "small letters": items(lambda item, draw: item.lower()),
    "nothing seen": items(lambda item, draw: f"{item}\u200b"),
    "brackets": cells(lambda cell, draw: BRACKETS.get(cell, cell)),
    "old symbols": cells(lambda cell, draw: {"x": ":", "k": "~", "low": "~"}.get(cell, cell)),
    "capital symbols": cells(lambda cell, draw: cell.upper() if cell in SYMBOLS else cell),
    "percent signs": cells(number(lambda cell: f"{cell}%"), share=True),
    "exponents": cells(number(lambda cell: f"{float(cell):.9E}")),
    "decimals": cells(number(lambda cell: f"{float(cell):.6f}")),
    "blanks around values": cells(lambda cell, draw: f" {cell}\u00a0"),
    "no DfE codes": without("old_la_code"),
    "no names": without("la_name", "region_name"),
    "GSS codes only": without("old_la_code", "la_name"),
    "no GSS codes": without("new_la_code"),
    "codes as fractions": place("old_la_code", lambda code: f"{code}.0" if code else ""),
    "no code in a word": place("old_la_code", lambda code: code or "z"),
    "a level in capitals": place("geographic_level", lambda level: level.title().replace(" ", "  ")),
    "kind of year in capitals": place("time_identifier", str.upper),
    "years as fractions": place("time_period", lambda year: f"{year}.0"),
    "years with a stroke": place("time_period", lambda year: f"{year[:4]}/{year[4:]}" if len(year) == 6 else year),
    "calendar years": place("time_identifier", lambda kind: kind.replace("Reporting", "Calendar")),
    "tabs": tabbed,
    "byte order mark": in_text(lambda text: text.encode("utf-8-sig")),
    "two bytes a letter": in_text(lambda text: text.encode("utf-16")),
    "a title above": in_text(lambda text: f"Made-up table\nA note, with commas, in it\n\n{text}".encode()),
    "notes below": in_text(lambda text: f'{text}\nNotes\n1. A note\n"2. Another, with a comma"\n'.encode()),
    "an archive with folders": in_text(
        lambda text: zipped({"release/data/a.csv": text.encode(), "__MACOSX/release/data/._a.csv": b"\x00\x05"})
    ),
}  # fmt: skip
# What cannot be read is left out and told; all that is there is right.
PARTLY: dict[str, tuple[Change, set[str]]] = {
    "thousands": (cells(number(lambda cell: f"1,{cell:0>3}" if cell.isdigit() else cell)), {"thousands_separator"}),
    "notes on values": (cells(lambda c, draw: f"{c} [r]" if NUMBER.fullmatch(c) and draw.random() < MOSTLY else c),
                        {"text_in_value", "unknown_symbol"}),
    "an unknown symbol": (cells(lambda cell, draw: "[e]" if draw.random() < 0.1 else cell), {"unknown_symbol"}),
    "percent signs on counts": (cells(number(lambda cell: f"{cell}%")), {"unit_in_value"}),
    "another minus": (cells(number(lambda cell: cell.replace("-", "\u2212"))), {"text_in_value", "unknown_symbol"}),
    "parts only": (broken_down(("All care leavers we know",), named=("cohort",)), {"no_total"}),
}  # fmt: skip


def wanted(made: DataSet, rows: Rows) -> dict[tuple[str, str, str], tuple[float | None, str]]:
    """What every measure must show by year and place: the cell itself."""
    found = {}
    for code, (of, column) in made.measures.items():
        for row in rows:
            if tuple(row[AT : AT + len(made.filters)]) == of:
                cell = row[made.header.index(column)]
                shown = (None, SYMBOLS[cell]) if cell in SYMBOLS else (float(cell), "reported")
                found[code, row[0], row[7] or row[5] or row[3]] = shown
    return found


def shown(frame: pl.DataFrame) -> dict[tuple[str, str, str], tuple[float | None, str]]:
    """Totals of conformed indicators; one for each year and place."""
    totals = frame.filter("is_conformed", breakdown="Total")
    where = pl.coalesce("la_code", "gss_code")
    rows = totals.select("indicator_code", "period_code", where, "value", "value_status").rows()
    assert len({row[:3] for row in rows}) == len(rows)
    return {row[:3]: row[3:] for row in rows}


@pytest.mark.parametrize("made", [*FORMER, *TODAY], ids=lambda made: f"{made.name}-{made.years[-1]}")
@pytest.mark.parametrize("change", SAME)
def test_every_value_is_that_of_its_cell(
    change: str, made: DataSet, some_places: list[tuple[str, ...]], tmp_path: Path, register: Register
) -> None:
    rows = rows_of(made, some_places)
    data = SAME[change](made, [list(row) for row in rows], random.Random(1))  # noqa: S311 - an order, not a secret
    _, frame = read(data, tmp_path, register, made.name)
    assert shown(frame) == wanted(made, rows)


@pytest.mark.parametrize("made", [*FORMER, *TODAY], ids=lambda made: f"{made.name}-{made.years[-1]}")
@pytest.mark.parametrize("change", PARTLY)
def test_what_is_left_out_is_told_and_the_rest_is_right(
    change: str, made: DataSet, some_places: list[tuple[str, ...]], tmp_path: Path, register: Register
) -> None:
    rows = rows_of(made, some_places)
    dress, codes = PARTLY[change]
    data = dress(made, [list(row) for row in rows], random.Random(1))  # noqa: S311 - an order, not a secret
    found, frame = read(data, tmp_path, register, made.name)
    expected, got = wanted(made, rows), shown(frame)
    assert got.items() <= expected.items()
    assert got == expected or codes & {problem.code for problem in found.problems}
