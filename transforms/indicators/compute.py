"""The one engine of indicators: submissions of one authority in, values by period and breakdown out.

It knows no indicator and no return by name. A value is rounded once, half up, at the end; what cannot be computed
says so by its status, never by a number.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta

import polars as pl

from transforms.indicators import indicators_of
from transforms.indicators.model import BESIDE, PERCENT, SCALES, TOTAL, Indicator, Measured, Scope
from transforms.returns.model import MissingInput, ReturnData
from transforms.returns.reading import entry_of

REPORTED, NOT_APPLICABLE, NOT_AVAILABLE = "reported", "not_applicable", "not_available"
LOW, UNRELIABLE, SUPPRESSED = "low", "unreliable", "suppressed"

RESULT = {
    "indicator_code": pl.String,
    "la_code": pl.String,
    "period_code": pl.String,
    "period_start": pl.Date,
    "period_end": pl.Date,
    "breakdown": pl.String,
    "numerator": pl.Float64,
    "denominator": pl.Float64,
    "value": pl.Float64,
    "value_unrounded": pl.Float64,
    "value_status": pl.String,
    "note": pl.String,
    "return_year": pl.Int32,
}
_MILLIONTHS = 1_000_000  # FTE is given to six places
_FAILING_RULE = "A rule of the department fails on a field this rests on."


def compute(
    history: Sequence[ReturnData],
    population: Mapping[int, float] | None = None,
    entries: Iterable[Indicator] | None = None,
    unreliable: Mapping[int, Collection[str]] | None = None,
) -> pl.DataFrame:
    """Compute every indicator of one return for one authority and every year at hand.

    Args:
        history: submissions of one kind of return by one authority, at most one a year: where a
            year was sent again, the one that stands. A submission's `previous` fills a year that is
            not among them, for looking back only.
        population: children aged 0 to 17 of the authority by year of the mid-year estimate.
        entries: indicators to compute; all of the return if not given.
        unreliable: by collection year, codes of indicators whose values are to be marked so
            (`reliability.unreliable_codes`).

    Returns:
        Rows of `RESULT`, one an indicator, period and breakdown, unsuppressed: they must not leave
        the restricted store before `disclosure.suppress`.

    Raises:
        ValueError: submissions of several kinds, authorities, or twice one year.
    """
    _refuse_mixed(history)
    at_hand = {data.previous.year: data.previous for data in history if data.previous is not None}
    at_hand |= {data.year: data for data in history}
    frames = []
    scopes: dict[int, Scope] = {}
    for data in sorted(history, key=lambda data: data.year):
        scope = scopes.setdefault(data.year, Scope(data, at_hand, data.start, data.end, _years=scopes))
        doubted = (unreliable or {}).get(data.year, ())
        for entry in entries if entries is not None else indicators_of(data.return_code):
            for code, part in _periods(entry, scope):
                frames.append(_values(entry, part, code, population or {}, entry.code in doubted))
    return pl.concat(frames) if frames else pl.DataFrame(schema=RESULT)


def _refuse_mixed(history: Sequence[ReturnData]) -> None:
    if len({(data.return_code, data.la_code) for data in history}) > 1:
        raise ValueError("history: found several returns or authorities, expected one")
    if len({data.year for data in history}) < len(history):
        raise ValueError("history: found a year twice, expected the submission that stands")


def _periods(entry: Indicator, scope: Scope) -> list[tuple[str, Scope]]:
    data = scope.data
    if entry_of(data.return_code).snapshot:
        return [(data.end.isoformat(), scope)]
    if not entry.is_quarterly:
        return [(str(data.year), scope)]
    firsts = [_months_on(data.start, 3 * n) for n in range(5)]
    return [(f"{data.year}Q{n + 1}", scope.window(firsts[n], firsts[n + 1] - timedelta(days=1))) for n in range(4)]


def _months_on(day: date, months: int) -> date:
    years, month = divmod(day.month - 1 + months, 12)
    return day.replace(year=day.year + years, month=month + 1)


def mid_year(day: date) -> int:
    """Return the year of the mid-year estimate inside the reporting year (April to March) of a day."""
    return day.year if (day.month, day.day) >= (4, 1) else day.year - 1


def _values(
    entry: Indicator, scope: Scope, period_code: str, population: Mapping[int, float], is_doubted: bool
) -> pl.DataFrame:
    try:
        measured = entry.measure(scope)
        if not isinstance(measured, Measured):
            measured = Measured(measured)
        sums = _add_up(entry, measured.rows)
        if entry.has_population:
            year = mid_year(scope.end)
            if year not in population:
                raise MissingInput(f"the population aged 0 to 17 of mid-{year}")
            sums = sums.with_columns(pl.lit(float(population[year])).alias("denominator"))
    except MissingInput as missing:
        return _unavailable(entry, scope, period_code, missing.needs)
    except pl.exceptions.ColumnNotFoundError as missing:
        quoted = re.search(r'"([^"]+)"', str(missing))
        return _unavailable(entry, scope, period_code, f"column {quoted[1]}" if quoted else "a column")
    is_unreliable = measured.is_unreliable or is_doubted
    notes = [measured.note, _FAILING_RULE if is_doubted else ""]
    return _place(entry, scope, period_code, _with_value(entry, sums, is_unreliable), " ".join(filter(None, notes)))


def _unavailable(entry: Indicator, scope: Scope, period_code: str, needs: str) -> pl.DataFrame:
    blank = pl.lit(None, pl.Float64)
    row = pl.DataFrame({"breakdown": [TOTAL]}).with_columns(
        blank.alias("numerator"),
        blank.alias("denominator"),
        blank.alias("value"),
        blank.alias("value_unrounded"),
        pl.lit(NOT_AVAILABLE).alias("value_status"),
    )
    return _place(entry, scope, period_code, row, f"Not computed: needs {needs}.")


def _place(entry: Indicator, scope: Scope, period_code: str, values: pl.DataFrame, note: str) -> pl.DataFrame:
    start = scope.start.replace(year=scope.start.year - entry.years + 1)
    return values.with_columns(
        pl.lit(entry.code).alias("indicator_code"),
        pl.lit(scope.data.la_code, pl.String).alias("la_code"),
        pl.lit(period_code).alias("period_code"),
        pl.lit(start).alias("period_start"),
        pl.lit(scope.end).alias("period_end"),
        pl.lit(note).alias("note"),
        pl.lit(scope.data.year, pl.Int32).alias("return_year"),
    ).select(pl.col(name).cast(dtype) for name, dtype in RESULT.items())


def _add_up(entry: Indicator, rows: pl.LazyFrame) -> pl.DataFrame:
    """Sum numerators and denominators in all and by value of each dimension, in one pass over the rows."""
    names = rows.collect_schema().names()
    dimensions = [dimension for dimension in entry.dimensions if dimension.name in names]
    has_denominator = "denominator" in names
    sums = [
        pl.col("numerator").cast(pl.Float64).sum(),
        (pl.col("denominator").cast(pl.Float64).sum() if has_denominator else pl.lit(None, pl.Float64)).alias(
            "denominator"
        ),
    ]
    keys = [dimension.name for dimension in dimensions] + ([BESIDE] if BESIDE in names else [])
    small = rows.group_by(keys).agg(sums).collect() if keys else rows.select(sums).collect()
    whole = small.filter(~pl.col(BESIDE)) if BESIDE in names else small
    total = whole.select(
        pl.lit(TOTAL).alias("breakdown"),
        pl.col("numerator").sum(),
        pl.col("denominator").sum() if has_denominator else pl.lit(None, pl.Float64).alias("denominator"),
    )
    frames = [total]
    for dimension in dimensions:
        by_value = small.group_by(dimension.name).agg(
            pl.col("numerator").sum(),
            pl.col("denominator").sum() if has_denominator else pl.lit(None, pl.Float64).first().alias("denominator"),
        )
        listed = pl.DataFrame({dimension.name: dimension.values}, schema={dimension.name: pl.String})
        counted = listed.join(by_value, on=dimension.name, how="left", maintain_order="left")
        below = pl.lit(total["denominator"][0], pl.Float64) if entry.is_mix else pl.col("denominator").fill_null(0.0)
        if not has_denominator:
            below = pl.lit(None, pl.Float64)
        frames.append(
            counted.select(
                pl.format("{} | {}", pl.lit(dimension.name), dimension.name).alias("breakdown"),
                pl.col("numerator").fill_null(0.0),
                below.alias("denominator"),
            )
        )
    return pl.concat(frames)


def _with_value(entry: Indicator, sums: pl.DataFrame, is_unreliable: bool) -> pl.DataFrame:
    """Add value and status to numerators and denominators, rounding half up on whole numbers."""
    scale = SCALES.get(entry.unit, 1) * entry.yearly
    is_count = sums["denominator"].null_count() == sums.height
    places = 10**entry.decimals
    above = (pl.col("numerator") * _MILLIONTHS).round().cast(pl.Int64)
    below = pl.lit(_MILLIONTHS, pl.Int64) if is_count else (pl.col("denominator") * _MILLIONTHS).round().cast(pl.Int64)
    usable = below != 0
    rounded = (2 * above * scale * places + below).floordiv(2 * below) / places
    # Polars divides by one number as by a product: 333 / 10 is 33.300000000000004 before it is rounded.
    rounded = rounded.round(entry.decimals)
    exact = pl.col("numerator") * scale / (1.0 if is_count else pl.col("denominator"))
    is_low = pl.lit(entry.unit == PERCENT and entry.decimals == 0) & (rounded == 0) & (pl.col("numerator") > 0)
    status = (
        pl.when(~usable)
        .then(pl.lit(NOT_APPLICABLE))
        .when(pl.lit(is_unreliable))
        .then(pl.lit(UNRELIABLE))
        .when(is_low)
        .then(pl.lit(LOW))
        .otherwise(pl.lit(REPORTED))
    )
    return sums.with_columns(
        pl.when(usable).then(rounded).alias("value"),
        pl.when(usable).then(exact).alias("value_unrounded"),
        status.alias("value_status"),
    )
