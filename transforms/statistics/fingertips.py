"""The layout of the public health data explorer, laid out as a tidy table.

It has GSS codes only; areas, England and deciles of deprivation share one pair of columns
(`Category` tells deciles apart); England stands twice for each period, with and without a
parent; an empty cell with a note instead of a symbol; -1 for the limits of a value not given. A note
that says that a value is suppressed makes the empty cells of its row suppressed.

Source: reference, section "Sources that are not EES".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from transforms.statistics.layout import normal
from transforms.statistics.tables import Table, warning

_MARKS = {"indicator_id", "indicator_name", "area_code", "area_type", "time_period", "value"}
_VALUES = ("value", "count", "denominator")
_SUPPRESSED = r"(?i)suppress|disclosure"
_FILTERS = ("sex", "age", "category_type", "category")
_SCALES = ((100, "percent"), (1_000, "rate_per_1k"), (10_000, "rate_per_10k"), (100_000, "rate_per_100k"))
# By the first letters of the ONS code: words for kinds of area change from year to year.
_LEVELS = {"E92": "National", "E12": "Regional", "E13": "Regional"}


def is_header(cells: Sequence[str]) -> bool:
    """Whether cells are the header of a download of the explorer."""
    return {normal(cell) for cell in cells} >= _MARKS


@dataclass(slots=True)
class Download:
    """One indicator of a download, laid out as a tidy table.

    Attributes:
        name: slug its columns are named by.
        title: name of the indicator.
        unit: of the column `value`, told from count and denominator; `unknown` where they do not tell.
    """

    name: str
    title: str
    unit: str
    table: Table

    @property
    def fraction(self) -> tuple[str | None, str | None]:
        """Columns of the numerator and the denominator of `value`, where a download has them."""
        numerator, denominator = (name if name in self.table.header else None for name in ("count", "denominator"))
        return numerator, denominator


def downloads(table: Table) -> list[Download]:
    """Lay every indicator of a download out as tidy tables are.

    Returns:
        One for each indicator; rows of England with a parent, which only repeat those without
        one, are left out and counted with the first.
    """
    tidy = _as_tidy(table)
    numbers = {name: f"c{number}" for number, name in enumerate(tidy.header)}
    name, title = numbers["indicator_id"], numbers["indicator_name"]
    found: list[Download] = []
    repeated = pl.col(name).str.to_lowercase() == "indicator id"  # the header once more
    rows = tidy.frame.filter(~repeated)
    for (code, text), frame in rows.partition_by(name, title, as_dict=True, maintain_order=True).items():
        header = [n for n in tidy.header if n not in ("indicator_id", "indicator_name")]
        header = [n for n in header if n != "age" or frame[numbers["age"]].n_unique() > 1]
        own = frame.select("source_row", *(pl.col(numbers[n]).alias(f"c{i}") for i, n in enumerate(header)))
        problems = [] if found else tidy.problems
        own_table = Table(header, own, own.height if len(found) else table.row_count, problems)
        found.append(Download(f"public_health_{code}", str(text), _unit(frame, numbers), own_table))
    return found


def _unit(frame: pl.DataFrame, numbers: dict[str, str]) -> str:
    """Unit of the value: what it must be multiplied by to come from count and denominator."""
    if not {"count", "denominator"} <= numbers.keys():
        return "unknown"
    value, count, of = (pl.col(numbers[n]).cast(pl.Float64, strict=False) for n in _VALUES)
    ratios = frame.select((value * of / count).filter((count > 0) & (of > 0)).alias("scale"))["scale"].drop_nulls()
    if ratios.is_empty():
        return "unknown"
    low, high = ratios.quantile(0.02), ratios.quantile(0.98)
    for scale, unit in _SCALES:
        if low is not None and high is not None and 0.98 * scale <= low <= high <= 1.02 * scale:
            return unit
    return "unknown"


def _as_tidy(table: Table) -> Table:
    names: dict[str, str] = {}
    for number, printed in enumerate(table.header):
        names.setdefault(normal(printed), f"c{number}")
    source = dict.fromkeys(("area_name", "sex"), pl.lit(""))  # other columns that may be missing are passed over
    source |= {name: pl.col(column).fill_null("").str.strip_chars() for name, column in names.items()}
    frame = table.frame
    problems = list(table.problems)
    if "parent_code" in source:
        is_repeat = source["area_code"].str.starts_with("E92") & (source["parent_code"] != "")
        own = [source[n] for n in ("time_period", "value", *_FILTERS) if n in source]
        keyed = frame.with_columns(repeats=is_repeat, is_twice=pl.struct(source["area_code"], *own).is_duplicated())
        dropped = keyed.filter("repeats", "is_twice").height
        frame = keyed.filter(~(pl.col("repeats") & pl.col("is_twice"))).drop("repeats", "is_twice")
        if dropped:
            problems.append(warning("england_twice", "Parent Code", f"{dropped} rows of England once more", "one each"))
    limits = [name for name in names if "_ci_" in name]
    level = (
        source["area_code"].str.slice(0, 3).replace_strict(_LEVELS, default="Local authority", return_dtype=pl.String)
    )
    is_area = level == "National"
    is_region = level == "Regional"

    def only(condition: pl.Expr, name: str) -> pl.Expr:
        return pl.when(condition).then(source[name]).otherwise(pl.lit(""))

    period = source["time_period"]
    columns = {
        "time_period": period,
        "time_identifier": pl.when(period.str.contains("/"))
        .then(pl.lit("Financial year"))
        .otherwise(pl.lit("Calendar year")),
        "geographic_level": level,
        "country_code": only(is_area, "area_code"),
        "country_name": only(is_area, "area_name"),
        "region_code": only(is_region, "area_code"),
        "region_name": only(is_region, "area_name").str.replace(r"(?i) region(?: \(statistical\))?$", ""),
        "new_la_code": only(~is_area & ~is_region, "area_code"),
        "la_name": only(~is_area & ~is_region, "area_name").str.strip_suffix(" UA"),
        **{name: source[name] for name in ("indicator_id", "indicator_name", *_FILTERS) if name in names},
        "sex": pl.when(source["sex"].str.to_lowercase() == "persons").then(pl.lit("Total")).otherwise(source["sex"]),
        **{name: _noted(source[name], source) for name in _VALUES if name in source},
        **{name: _noted(_limit(source[name], source["value"]), source) for name in limits},
    }
    tidy = frame.select("source_row", *(e.alias(f"c{n}") for n, e in enumerate(columns.values())))
    return Table(list(columns), tidy, table.row_count, problems)


def _noted(cell: pl.Expr, source: dict[str, pl.Expr]) -> pl.Expr:
    """A cell of values; an empty one is suppressed where the note of its row says so."""
    is_said = source.get("value_note", pl.lit("")).str.contains(_SUPPRESSED) & (source["value"] == "")
    return pl.when(is_said & (cell == "")).then(pl.lit("c")).otherwise(cell)


def _limit(cell: pl.Expr, value: pl.Expr) -> pl.Expr:
    """A confidence limit; -1 beside an empty value stands for none."""
    return pl.when((cell == "-1") & (value == "")).then(pl.lit("")).otherwise(cell)
