"""Names that the publisher changed between releases, so that a series under its own name is one.

`seeds/renamed.csv` has one entry a change: of a table, of a column of values or of a filter, with the tables
it is true of and the release in which the name of today was first seen. `seeds/label.csv` has changed wordings
of items; where it names tables, breakdowns of those bear the wording of today. Nothing is taken for a change that
is not declared there; `bi.probable_rename` lists what looks like one.

A name is changed only where that leaves every name of the table apart: a table that has the name of today as
well is not one of before. So the order of entries, of releases and of loads decides nothing.

Source: releases of the same file; reference, section "Releases and revisions".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache

from transforms.statistics.indicators import label_patterns, seed_rows

KINDS = ("table", "column", "filter")


@dataclass(frozen=True, slots=True)
class Renamed:
    """One name that changed.

    Attributes:
        kind: of what it is the name (`KINDS`).
        tables: names of the tables it is true of, today's; `*` stands for anything.
        former, current: normalised names.
    """

    kind: str
    tables: tuple[str, ...]
    former: str
    current: str


@cache
def renamed() -> tuple[Renamed, ...]:
    """Return every change of a name, as declared."""
    return tuple(
        Renamed(row["kind"], tuple(row["tables"].split(";")), row["former"], row["current"])
        for row in seed_rows("renamed")
    )


def table_today(name: str) -> str:
    """Name a table has today.

    Args:
        name: of the table (`transforms.statistics.releases.stem`).
    """
    return next((r.current for r in renamed() if r.kind == "table" and r.former == name), name)


def names_today(kind: str, table: str, names: Iterable[str]) -> dict[str, str]:
    """Names that the columns of a table have today, by the names they have in it.

    Args:
        kind: `column` of values or `filter`.
        table: its name of today.
        names: normalised, all of that kind.
    """
    known = list(names)
    changes = {
        r.former: r.current
        for r in renamed()
        if r.kind == kind and r.former in known and any(fnmatchcase(table, mark) for mark in r.tables)
    }
    while True:
        today = {name: changes.get(name, name) for name in known}
        borne = Counter(today.values())
        clash = [name for name in changes if borne[today[name]] > 1]
        if not clash:
            return today
        for name in clash:
            del changes[name]


def items_today(table: str, items: Iterable[str]) -> dict[str, str]:
    """Wordings that the items of one filter have today, by the wordings they have in a table.

    Args:
        table: its name of today.
        items: all of the filter, as printed.
    """
    patterns = [(p, c) for p, c, tables in label_patterns() if any(fnmatchcase(table, mark) for mark in tables)]
    today = {}
    for item in items:
        worded = item
        for pattern, wording in patterns:
            worded = pattern.sub(wording, worded)
        today[item] = worded
    borne = Counter(today.values())
    return {item: worded if borne[worded] == 1 else item for item, worded in today.items()}
