"""The series of one table: each combination of filter items and each column of values, described.

A series says what its values are: conformed indicator or own name, unit, breakdown, and which
columns of the same row are numerator and denominator. Rows that no entry claims take from the
claimed rows of the same column what its name does not tell. Built once for each combination, never
for each row.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from transforms.reports.model import Problem
from transforms.statistics.indicators import (
    TOTAL,
    Claim,
    Doubt,
    Publication,
    find_claims,
    item_unit,
    tells_percent,
    totals_among,
    unit_of,
)
from transforms.statistics.layout import Layout
from transforms.statistics.renamed import items_today, names_today, table_today
from transforms.statistics.symbols import is_duration
from transforms.statistics.tables import warning

_BLANK = "(blank)"
# Characters that nobody sees, and those that are printed in more than one form.
_FORMS = (("[\u00ad\u200b-\u200d\u2060\ufeff]", ""), (r"\s+", " "), ("[\u2018\u2019]", "'"), ("[\u201c\u201d]", '"'),
          ("[\u2010-\u2015]", "-"))  # fmt: skip
_SERIES = {
    "combination": pl.UInt32,
    "column": pl.String,
    "source_column": pl.String,
    "indicator_code": pl.String,
    "is_conformed": pl.Boolean,
    "indicator_name": pl.String,
    "unit": pl.String,
    "breakdown": pl.String,
    "numerator_column": pl.String,
    "denominator_column": pl.String,
    "is_elsewhere": pl.Boolean,
}


@dataclass(frozen=True, slots=True)
class Own:
    """How the columns of a table are named and described where no entry claims them.

    Attributes:
        name: slug of the table.
        titles, units: by column, where the layout says more than its header.
        fractions: column to its numerator and denominator columns, as far as there are any.
    """

    name: str
    titles: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    fractions: Mapping[str, tuple[str | None, str | None]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Kin:
    """What the conformed rows of a table tell of its other rows, by column.

    Attributes:
        units: of columns that are claimed in one unit.
        sums: columns that a claimed mean score is worked out from: sums of scores, whatever they are called.
        fractions: numerator and denominator columns, where every claim of the column has the same two.
    """

    units: Mapping[str, str]
    sums: frozenset[str]
    fractions: Mapping[str, tuple[str | None, str | None]]


def combinations_of(layout: Layout) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Number the combinations of filter items.

    Items that differ in capitals, blanks, the form of quotes and dashes or characters that nobody sees are one.

    Returns:
        The layout's frame with `combination`, and a frame of the combinations with their items.
    """
    if not layout.filters:
        frame = layout.frame.with_columns(combination=pl.lit(0, pl.UInt32))
        return frame, pl.DataFrame({"combination": [0]}, schema={"combination": pl.UInt32})
    printed = layout.frame.group_by(layout.filters, maintain_order=True).agg(pl.len().alias("rows of it"))
    worded = printed.select(_worded(name).alias(f"{name} worded") for name in layout.filters)
    names = dict(zip(worded.columns, layout.filters, strict=True))
    distinct = worded.unique(maintain_order=True).with_row_index("combination")
    numbers = pl.concat([printed, worded], how="horizontal").join(distinct, on=worded.columns, how="left")
    numbers = numbers.select(*layout.filters, "combination")
    return layout.frame.join(numbers, on=layout.filters, how="left"), distinct.rename(names)


def _worded(name: str) -> pl.Expr:
    """Items of one filter in one form, in the capitals that most rows have."""
    item = pl.col(name)
    for printed, form in _FORMS:
        item = item.str.replace_all(printed, form)
    item = item.str.strip_chars()
    rows = pl.col("rows of it").sum().over(item)
    return item.sort_by(rows, item, descending=[True, False]).first().over(item.str.to_lowercase())


def find_series(
    layout: Layout, frame: pl.DataFrame, combinations: pl.DataFrame, publication: Publication | None, own: Own
) -> tuple[pl.DataFrame, list[str], list[Problem]]:
    """Describe every series of a table.

    Args:
        layout: of the table.
        frame: its rows, numbered by combination, and `combinations` (`combinations_of`).
        combinations: items of the filters.
        publication: that the table belongs to, None where unknown.
        own: names and units that the layout gives.

    Returns:
        One row for each combination and column, the columns no entry claims anywhere, and problems
        where a table leaves it open which column is which indicator.
    """
    items = {row[0]: [str(item) for item in row[1:]] for row in combinations.iter_rows()}
    labels = {name: described.label for name, described in layout.described.items()}
    slug = publication.publication if publication else None
    claims, doubts = find_claims(slug, layout.indicators, items, labels)
    today = _as_today(layout, combinations, table_today(own.name))
    named = {current: name for name, current in names_today("filter", table_today(own.name), layout.filters).items()}
    default = {name: layout.described[named[name]].default for name in named if named[name] in layout.described}
    totals = {name: totals_among(today[name].unique(), default.get(name, "")) for name in named}
    has_percent = any(tells_percent(today[name].unique()) for name in named)
    columns = _own(layout, publication, own, _kin(claims.values()), has_percent)
    broken_down = today.select("combination", _breakdown(totals).alias("own_breakdown"))
    base = _in_units(broken_down.join(columns, how="cross"), layout, frame, items, publication, own)
    worded = {row[0]: row[1:] for row in today.iter_rows()}
    claimed = pl.DataFrame(
        [_claimed(key, claim, totals, worded[key[0]]) for key, claim in claims.items()],
        schema={n: _SERIES[n] for n in _SERIES if n not in ("source_column", "is_conformed")},
        orient="row",
    )
    series = _with_own(base.join(claimed, on=["combination", "column"], how="left"))
    used = {column for _, column in claims}
    unmapped = [name for name in layout.indicators if name not in used]
    return series, unmapped, [*(_problem_of(doubt, layout) for doubt in doubts), *_without_total(claimed)]


def _with_own(joined: pl.DataFrame) -> pl.DataFrame:
    """Describe a series as the indicator that claims it, or else in the table's own words."""
    is_conformed = pl.col("indicator_code").is_not_null()

    def either(name: str, other: str) -> pl.Expr:
        return pl.when(is_conformed).then(pl.col(name)).otherwise(pl.col(other)).alias(name)

    return joined.select(
        "combination",
        "column",
        "source_column",
        either("indicator_code", "own_code"),
        is_conformed.alias("is_conformed"),
        either("indicator_name", "own_name"),
        either("unit", "own_unit"),
        either("breakdown", "own_breakdown"),
        either("numerator_column", "own_numerator"),
        either("denominator_column", "own_denominator"),
        pl.col("is_elsewhere").fill_null(False),
    )


def _without_total(claimed: pl.DataFrame) -> list[Problem]:
    """Conformed indicators of which a table has parts only: nothing of them can be compared."""
    parts = claimed.group_by("indicator_code").agg(
        has_total=(pl.col("breakdown") == TOTAL).any(), part=pl.col("breakdown").min()
    )
    return [
        warning("no_total", f"indicator {code}", f"parts only, as {part}", "rows of all children, or of a known total")
        for code, has_total, part in parts.sort("indicator_code").iter_rows()
        if not has_total
    ]


def _as_today(layout: Layout, combinations: pl.DataFrame, table: str) -> pl.DataFrame:
    """Combinations as the table of today has them: names of filters and wordings of items."""
    worded = combinations
    for name in layout.filters:
        items = items_today(table, combinations[name].unique())
        changed = {item: wording for item, wording in items.items() if item != wording}
        worded = worded.with_columns(pl.col(name).replace(changed)) if changed else worded
    return worded.rename(names_today("filter", table, layout.filters))


def _kin(claims: Iterable[Claim]) -> _Kin:
    units: dict[str, set[str]] = {}
    fractions: dict[str, set[tuple[str | None, str | None]]] = {}
    sums = set()
    for claim in claims:
        fraction = (claim.numerator_column, claim.denominator_column)
        units.setdefault(claim.column, set()).add(claim.indicator.unit)
        fractions.setdefault(claim.column, set()).add(fraction)
        if claim.indicator.unit == "score" and None not in fraction:
            sums.add(str(claim.numerator_column))
    return _Kin(
        {name: one for name, (one, *more) in units.items() if not more},
        frozenset(sums),
        {name: one for name, (one, *more) in fractions.items() if not more and None not in one},
    )


def _own(layout: Layout, publication: Publication | None, own: Own, kin: _Kin, has_percent: bool) -> pl.DataFrame:
    """Every column of values under its own name, the one it has today."""
    table = table_today(own.name)
    today = names_today("column", table, layout.indicators)
    units = _units(layout, publication.rate_unit if publication else "rate", own, kin, has_percent)
    fractions = {**kin.fractions, **own.fractions}
    return pl.DataFrame(
        {
            "column": layout.indicators,
            "source_column": [layout.printed[name] for name in layout.indicators],
            "own_code": [f"{table}.{today[name]}" for name in layout.indicators],
            "own_name": [_title(layout, name, own) for name in layout.indicators],
            "own_unit": [units[name] for name in layout.indicators],
            "own_numerator": [fractions.get(name, (None, None))[0] for name in layout.indicators],
            "own_denominator": [fractions.get(name, (None, None))[1] for name in layout.indicators],
        },
        schema_overrides={"own_numerator": pl.String, "own_denominator": pl.String},
    )


def _in_units(
    base: pl.DataFrame,
    layout: Layout,
    frame: pl.DataFrame,
    items: Mapping[int, Sequence[str]],
    publication: Publication | None,
    own: Own,
) -> pl.DataFrame:
    """Tell apart what one column holds in more than one unit: a series has one.

    Counts, percentages, means and durations may stand below each other in a column called a number. Values whose
    items or cells say another unit are a series with a name of its own, `<file>.<column>_in_<unit>` (with `_told`
    behind it where a column of the table is named so).
    """
    rate_unit = publication.rate_unit if publication else "rate"
    said = {item: item_unit(item, rate_unit) for item in {item for of in items.values() for item in of}}
    durations = {name: _with_durations(layout, frame, name) for name in layout.indicators}
    if not any(said.values()) and not any(durations.values()):
        return base
    rows = []
    for name, timed in durations.items():
        of_time = {item for number in timed for item in items[number] if said[item]}
        for number, of in items.items():
            is_timed = number in timed or not of_time.isdisjoint(of)
            rows.append((number, name, "years" if is_timed else next(filter(None, map(said.get, of)), None)))
    schema = {"combination": pl.UInt32, "column": pl.String, "told_unit": pl.String}
    told = base.join(pl.DataFrame(rows, schema=schema, orient="row"), on=["combination", "column"], how="left")
    is_open = pl.col("own_unit").is_in(["count", "unknown"]) & ~pl.col("column").is_in(list(own.units))
    unit = pl.when(is_open).then(pl.coalesce("told_unit", "own_unit")).otherwise(pl.col("own_unit"))
    told = told.with_columns(unit=unit)
    is_one = (pl.col("own_unit") == "unknown") & (pl.col("unit").n_unique().over("column") == 1)
    is_apart = (pl.col("unit") != pl.col("own_unit")) & ~is_one
    shown = pl.when(pl.col("unit") == "unknown").then(pl.lit("unknown_unit")).otherwise(pl.col("unit"))
    apart = pl.col("own_code") + "_in_" + shown
    apart = pl.when(apart.is_in(told["own_code"].unique().to_list())).then(apart + "_told").otherwise(apart)
    return told.with_columns(
        own_code=pl.when(is_apart).then(apart).otherwise(pl.col("own_code")),
        own_name=pl.when(is_apart).then(pl.col("own_name") + ", in " + shown).otherwise(pl.col("own_name")),
        own_unit=pl.col("unit"),
    ).drop("unit", "told_unit")


def _with_durations(layout: Layout, frame: pl.DataFrame, name: str) -> set[int]:
    """Combinations of items in whose rows a column holds durations."""
    if not layout.seen[name].has_durations:
        return set()
    is_one = is_duration(pl.col(name), layout.seen[name].tells_durations)
    return set(frame.filter(is_one)["combination"].unique())


def _problem_of(doubt: Doubt, layout: Layout) -> Problem:
    named = ", ".join(layout.printed[name] for name in doubt.columns)
    place = f"column {named}" if len(doubt.columns) == 1 else f"columns {named}"
    found = f"{len(doubt.columns)} columns" if len(doubt.columns) > 1 else f"{len(doubt.codes)} indicators"
    expected = f"one for {', '.join(doubt.codes)}, left under its own name"
    return warning("indicator_in_doubt", place, found, expected)


def _claimed(
    key: tuple[int, str], claim: Claim, totals: Mapping[str, frozenset[str]], items: Sequence[str]
) -> tuple[object, ...]:
    entry = claim.indicator
    rest = sorted(
        f"{name}={item or _BLANK}"
        for position, (name, item) in enumerate(zip(totals, items, strict=True))
        if position not in claim.consumed and item not in totals[name] and (item or totals[name])
    )
    return (
        key[0],
        key[1],
        entry.indicator_code,
        entry.name,
        entry.unit,
        " | ".join(rest) or TOTAL,
        claim.numerator_column,
        claim.denominator_column,
        entry.is_elsewhere,
    )


def _breakdown(totals: Mapping[str, frozenset[str]]) -> pl.Expr:
    """`name=item | name=item` by name, totals and blanks left out; a blank beside a total is named."""
    if not totals:
        return pl.lit(TOTAL)
    parts = []
    for name in sorted(totals):
        item = pl.col(name)
        shown = pl.when(item == "").then(pl.lit(_BLANK)).otherwise(item) if totals[name] else item
        is_total = item.is_in(list(totals[name]))
        parts.append(pl.when(is_total | (shown == "")).then(None).otherwise(pl.lit(f"{name}=") + shown))
    text = pl.concat_list(parts).list.drop_nulls().list.join(" | ")
    return pl.when(text == "").then(pl.lit(TOTAL)).otherwise(text)


def _title(layout: Layout, name: str, own: Own) -> str:
    described = layout.described.get(name)
    return own.titles.get(name) or (described.label if described else "") or layout.printed[name]


def _units(layout: Layout, rate_unit: str, own: Own, kin: _Kin, has_percent: bool) -> dict[str, str]:
    """Units of columns under their own names; whole numbers are no counts where rows may hold percentages."""
    units = {}
    for name in layout.indicators:
        described, seen = layout.described.get(name), layout.seen[name]
        told = (described.unit if described else "") or ("%" if "%" in layout.printed[name] else "")
        unit = unit_of(name, told, rate_unit, not seen.has_fractions and not has_percent)
        if unit == "unknown":
            unit = kin.units.get(name, unit)
        if name in kin.sums and unit in ("count", "unknown"):
            unit = "score"
        units[name] = own.units.get(name) or unit
    return units
