"""Rows of a table keyed by period, place and combination of filter items; those that cannot be, named.

Periods and places are resolved once for each distinct way they are printed. Of rows alike in
everything the first is kept; rows alike in key but not in values are all left out, since
nothing says which of them stands.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from transforms.authorities import Register
from transforms.reports.model import Problem
from transforms.statistics.indicators import Publication
from transforms.statistics.layout import PLACE_ROLES, Layout
from transforms.statistics.periods import Period, read_period
from transforms.statistics.places import Place, PlaceCells, Unplaced, find_place
from transforms.statistics.tables import rows_text, warning

_MOST_NAMED = 500  # problems of one rule listed singly
_REPORTING = "reporting year"
_PERIOD = {
    "period": pl.UInt32,
    "period_code": pl.String,
    "period_kind": pl.String,
    "period_start": pl.Date,
    "period_end": pl.Date,
}
_PLACE = {
    "place": pl.UInt32,
    "place_key": pl.String,
    "geographic_level": pl.String,
    "la_code": pl.String,
    "gss_code": pl.String,
    "place_name": pl.String,
}


@dataclass(slots=True)
class Keyed:
    """Rows that can be keyed.

    Attributes:
        rows: `source_row`, `period`, `place`, `combination` and the columns of values.
        periods, places: described by those numbers.
    """

    rows: pl.DataFrame
    periods: pl.DataFrame
    places: pl.DataFrame
    problems: list[Problem] = field(default_factory=list)

    def period_codes(self) -> list[str]:
        """Codes of the periods that rows have, in order."""
        used = self.periods.filter(pl.col("period").is_in(self.rows["period"].unique().implode()))
        return used["period_code"].unique().sort().to_list()

    def levels(self) -> dict[str, int]:
        """Rows by geographic level."""
        counted = self.rows.select("place").join(self.places, on="place").group_by("geographic_level").len()
        return dict(counted.sort("geographic_level").iter_rows())


def key_rows(frame: pl.DataFrame, layout: Layout, publication: Publication | None, register: Register) -> Keyed:
    """Key the rows of a table.

    Args:
        frame: the layout's frame with `combination`.
        layout: of the table.
        publication: decides what a reporting year is; None: the year to 31 March, and said so.
        register: authorities.
    """
    problems: list[Problem] = []
    timed, periods = _time(frame, layout, publication, problems)
    placed, places = _place(timed, layout, periods, register, problems)
    lean = placed.select("source_row", "period", "place", "place_key", "combination", *layout.indicators)
    rows = _without_repeats(lean, layout, problems).drop("place_key")
    return Keyed(rows, periods, places, problems)


def _time(
    frame: pl.DataFrame, layout: Layout, publication: Publication | None, problems: list[Problem]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    columns = [role for role in ("time_period", "time_identifier") if role in layout.roles]
    distinct = frame.group_by(columns, maintain_order=True).agg(rows=pl.len(), first=pl.col("source_row").head(21))
    year_ends = publication.year_ends if publication else "03-31"
    year_names: frozenset[str] = publication.year_names if publication else frozenset()
    described: list[tuple[object, ...]] = []
    known: list[tuple[object, ...]] = []
    numbers: dict[Period, int] = {}
    read: list[tuple[str, Period]] = []
    for number, row in enumerate(distinct.iter_rows(named=True)):
        printed, identifier = row["time_period"], row.get("time_identifier", "")
        period: Period | None = read_period(printed, identifier, year_ends, year_names)
        if period is None:
            found = f"{printed!r} {identifier}".strip()
            problems.append(
                warning("not_a_period", rows_text(row["first"], row["rows"]), found, "a period and its kind")
            )
            continue
        if period not in numbers:  # one period may be printed in more than one way
            numbers[period] = number
            described.append((number, period.code, period.kind, period.start, period.end))
        read.append((identifier.strip().lower(), period))
        known.append((*(row[name] for name in columns), numbers[period]))
    problems.extend(_assumed(read, publication))
    schema: dict[str, Any] = {**dict.fromkeys(columns, pl.String), "period": pl.UInt32}
    timed = frame.join(pl.DataFrame(known, schema=schema, orient="row"), on=columns, how="inner", maintain_order="left")
    return timed, pl.DataFrame(described, schema=_PERIOD, orient="row")


def _assumed(read: list[tuple[str, Period]], publication: Publication | None) -> list[Problem]:
    """Say which kind of year was taken for granted, by identifier and the period it was read as."""
    problems = []
    if any(not identifier and len(period.code) == 6 for identifier, period in read):
        found = "two years without an identifier, read as an academic year"
        problems.append(warning("year_assumed", "time_period", found, "a time_identifier"))
    if publication is None and any(
        identifier == _REPORTING or (not identifier and len(period.code) == 4) for identifier, period in read
    ):
        found = "a reporting year of no known publication, read as the year to 31 March"
        problems.append(warning("year_assumed", "time_period", found, "a publication that is known"))
    for name in sorted({identifier for identifier, _ in read} & (publication.year_names if publication else set())):
        found = f"{name}, read as the year of the collection"
        problems.append(warning("year_assumed", "time_identifier", found, "Reporting year"))
    return problems


def _place(
    frame: pl.DataFrame, layout: Layout, periods: pl.DataFrame, register: Register, problems: list[Problem]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    roles = ["geographic_level", *(role for role in PLACE_ROLES if role in layout.roles)]
    # Where only a name is given, the day decides whose it was.
    is_coded = pl.any_horizontal(pl.lit(False), *(pl.col(r) != "" for r in ("la_code", "gss_code") if r in roles))
    frame = frame.with_columns(named_in=pl.when(is_coded).then(None).otherwise(pl.col("period")))
    columns = [*roles, "named_in"]
    ends = dict(periods.select("period", "period_end").iter_rows())
    distinct = frame.group_by(columns, maintain_order=True).agg(rows=pl.len(), first=pl.col("source_row").head(21))
    described: list[tuple[object, ...]] = []
    known: list[tuple[object, ...]] = []
    unplaced: dict[Unplaced, tuple[list[int], int]] = {}
    for number, row in enumerate(distinct.iter_rows(named=True)):
        cells = {role: row[role] for role in roles if role != "geographic_level"}
        place = find_place(PlaceCells(row["geographic_level"], **cells), register, ends.get(row["named_in"]))
        if isinstance(place, Unplaced):
            rows, total = unplaced.get(place, ([], 0))
            unplaced[place] = (sorted([*rows, *row["first"]])[:21], total + row["rows"])
            continue
        described.append((number, _key(place), place.geographic_level, place.la_code, place.gss_code, place.name))
        known.append((*(row[name] for name in columns), number, _key(place)))
    _name_unplaced(unplaced, problems)
    schema: dict[str, Any] = {**dict.fromkeys(roles, pl.String), "named_in": pl.UInt32}
    schema |= {"place": pl.UInt32, "place_key": pl.String}
    known_places = pl.DataFrame(known, schema=schema, orient="row")
    placed = frame.join(known_places, on=columns, how="inner", nulls_equal=True, maintain_order="left")
    return placed, pl.DataFrame(described, schema=_PLACE, orient="row").drop("place_key")


def _key(place: Place) -> str:
    return f"{place.geographic_level} {place.la_code or place.gss_code}"


def _name_unplaced(unplaced: dict[Unplaced, tuple[list[int], int]], problems: list[Problem]) -> None:
    by_rule: dict[str, list[tuple[Unplaced, list[int], int]]] = defaultdict(list)
    for place, (rows, total) in unplaced.items():
        by_rule[place.rule].append((place, rows, total))
    for rule, found in by_rule.items():
        for place, rows, total in found[:_MOST_NAMED]:
            problems.append(warning(rule, rows_text(rows, total), place.found, place.expected))
        if len(found) > _MOST_NAMED:
            more = sum(total for _, _, total in found[_MOST_NAMED:])
            text = f"{len(found) - _MOST_NAMED} more places in {more} rows"
            problems.append(warning(rule, "place columns", text, "places of the register"))


def _without_repeats(rows: pl.DataFrame, layout: Layout, problems: list[Problem]) -> pl.DataFrame:
    key = ["period", "place_key", "combination"]
    if not rows.select(pl.struct(key).is_duplicated().any()).item():
        return rows
    first = rows.unique([*key, *layout.indicators], keep="first", maintain_order=True)
    again = rows.join(first.select("source_row"), on="source_row", how="anti")["source_row"].to_list()
    if again:
        problems.append(warning("duplicate_row", rows_text(again), "rows given before", "each row once"))
    conflicting = first.filter(pl.struct(key).is_duplicated())["source_row"].sort().to_list()
    if conflicting:
        problems.append(
            warning(
                "conflicting_rows",
                rows_text(conflicting),
                "other values for the same period, place and filters",
                "one row for each",
            )
        )
    return first.filter(~pl.struct(key).is_duplicated())
