"""Made-up published values, as files of the OBSERVATION shape."""

from __future__ import annotations

import io
from collections.abc import Iterable
from datetime import date
from typing import Any

import polars as pl

from transforms.shapes import OBSERVATION

ENGLAND = "E92000001"


def observation(
    place: str, year: int, value: float | None, code: str = "lac", *, status: str | None = None,
    breakdown: str = "Total", **rest: Any,
) -> dict[str, Any]:  # fmt: skip
    """One value of a year to 31 March; the place is a DfE code, or the ONS code of a region or England."""
    level = "authority" if len(place) == 3 else "country" if place == ENGLAND else "region"
    row = {
        "source_row": 1, "source_column": "value", "publication": "made-up", "indicator_code": code,
        "is_conformed": True, "indicator_name": f"Made-up {code}", "unit": "rate_per_10k",
        "period_code": str(year), "period_kind": "financial_year", "period_start": date(year - 1, 4, 1),
        "period_end": date(year, 3, 31), "geographic_level": level,
        "la_code": place if level == "authority" else None, "gss_code": None if level == "authority" else place,
        "place_name": place, "breakdown": breakdown, "value": value,
        "value_status": status or ("reported" if value is not None else "suppressed"),
        "value_as_printed": None, "numerator": None, "denominator": None,
    }  # fmt: skip
    return row | rest


def release(rows: Iterable[dict[str, Any]], published: str | None = None, **noted: str) -> bytes:
    """A Parquet file of these values, with its release date."""
    listed = [{**row, "sha256": "made-up", "source_row": number} for number, row in enumerate(rows, start=1)]
    frame = pl.DataFrame(listed, schema=dict(OBSERVATION.columns), orient="row")
    buffer = io.BytesIO()
    frame.write_parquet(buffer, metadata=({"published_date": published} if published else {}) | noted)
    return buffer.getvalue()
