"""Conformed rates that are not published, computed from counts and populations that are.

rate = scale x numerator / denominator of the mid-year before, rounded half up to the declared
decimal places: the official tool's rates of the same name are reproduced by it exactly. A
numerator or population that is not reported gives no rate, but its status.

Source: reference, section "Rates, exactly".
"""

from __future__ import annotations

import polars as pl

from transforms.statistics.indicators import indicators
from transforms.statistics.symbols import REPORTED

_PLACE = ("geographic_level", "la_code", "gss_code")
_TIME = ("period_code", "period_kind", "period_start", "period_end")


def compute_rates(observations: pl.DataFrame) -> pl.DataFrame:
    """Compute every declared rate that has a scale.

    Args:
        observations: OBSERVATION rows of one vintage: at most one of an indicator, place, period
            and breakdown. Populations are of the day in the middle of the year (`period_end`).

    Returns:
        `indicator_code`, place and period columns, `place_name`, `breakdown` (Total), `value`,
        `value_status`, `numerator`, `denominator`.
    """
    totals = observations.filter(pl.col("breakdown") == "Total").with_columns(
        # Regions and England have no DfE code; authorities keep theirs when the GSS code changes.
        place_key=pl.coalesce("la_code", "gss_code")
    )
    frames = []
    for entry in indicators():
        if entry.scale is None:
            continue
        counts = totals.filter(pl.col("indicator_code") == entry.numerator_code).drop("numerator", "denominator")
        people = totals.filter(pl.col("indicator_code") == entry.denominator_code).select(
            "geographic_level", "place_key", pl.col("period_end").dt.year().alias("mid_year"),
            denominator=pl.col("value"), denominator_status=pl.col("value_status"),
        )  # fmt: skip
        joined = counts.with_columns(mid_year=pl.col("period_end").dt.year() - 1).join(
            people, on=["geographic_level", "place_key", "mid_year"], how="left"
        )
        exact = entry.scale * pl.col("value") / pl.when(pl.col("denominator") > 0).then(pl.col("denominator"))
        step = 10.0**entry.decimal_places
        status = (
            pl.when(pl.col("value_status") != REPORTED)
            .then(pl.col("value_status"))
            .otherwise(pl.col("denominator_status").fill_null("not_available"))
        )
        frames.append(
            joined.select(
                pl.lit(entry.indicator_code).alias("indicator_code"), *_PLACE, *_TIME, "place_name", "breakdown",
                # A hair up, so that what is a half in decimals rounds up although binary puts it below.
                ((exact * step + 0.5 + 1e-9).floor() / step).round(entry.decimal_places).alias("rate"),
                status.alias("value_status"), pl.col("value").alias("numerator"), "denominator",
            ).rename({"rate": "value"})
        )  # fmt: skip
    return pl.concat(frames)
