"""Values worked out from returns, on their way out of the restricted store: suppressed, then staged.

What must be withheld depends on everything that is published of an authority: indicators share
counts, years add up to longer periods, and what was published once is known for ever. So the values
of all its standing submissions are weighed together, against those in the published version.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from transforms.indicators import indicators
from transforms.indicators.compute import RESULT
from transforms.indicators.derivable import derivable
from transforms.indicators.disclosure import suppress
from transforms.observations import conform, write_sorted
from transforms.shapes import OBSERVATION
from warehouse import restricted, staging, store
from warehouse.keys import Keys
from warehouse.restricted import Access
from warehouse.settings import Settings
from warehouse.standing import Known, known_of, standing

# Of a submission that is withheld whole nothing is known, not even which of its numbers were 0.
_SHOWN = {**RESULT, "sha256": pl.String}
_PUBLISHED = """
SELECT
    i.indicator_code, r.la_code, p.period_code, p.period_start, p.period_end, b.breakdown, f.numerator,
    f.denominator, f.value, NULL::DOUBLE AS value_unrounded, v.value_status, '' AS note, r.year AS return_year,
    r.return_code, r.sha256
FROM star.fact_indicator AS f
JOIN meta.return_submission AS r ON r.source_key = f.source_key
JOIN star.dim_indicator AS i ON i.indicator_key = f.indicator_key
JOIN star.dim_period AS p ON p.period_key = f.period_key
JOIN star.dim_breakdown AS b ON b.breakdown_key = f.breakdown_key
JOIN star.dim_value_status AS v ON v.value_status_code = f.value_status_code
WHERE r.based_on <> 'withheld'
ORDER BY r.vintage_date, r.received_at, r.sha256, i.indicator_code, p.period_end, b.breakdown
"""


def write_values(
    settings: Settings,
    keys: Keys,
    load_id: str,
    new: Sequence[Known],
    held: Mapping[str, pl.DataFrame] | None = None,
) -> None:
    """Suppress the values of submissions and write them where the merge finds them.

    Args:
        settings: places.
        keys: both secrets.
        load_id: of the load.
        new: submissions of this load, whose values are in the restricted store.
        held: values that are not, of the columns of `compute.RESULT`, by sha256: those of a dry run.

    Raises:
        WarehouseError: the store or the published version cannot be read, or staging not written.
    """
    if not new:
        return
    before = _published(settings)
    for la_code in sorted({one.la_code for one in new}):
        own = [one for one in new if one.la_code == la_code]
        access = Access("compute", f"load {load_id}: what may be published", la_code)
        with restricted.opened(settings, keys, access) as kept:
            known = {s.sha256: known_of(s) for s in kept.submissions() if s.la_code == la_code}
            known |= {one.sha256: one for one in own if one.sha256 in (held or {})}
            results = kept.results([sha256 for sha256 in known if sha256 not in (held or {})])
        results = _with_held(results, {sha256: frame for sha256, frame in (held or {}).items() if sha256 in known})
        earlier = before.filter(pl.col("la_code") == la_code)
        _write_authority(settings, load_id, own, list(known.values()), results, earlier)


def _with_held(results: pl.DataFrame, held: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Return values of the store together with those held, in the order the store would give them in."""
    if not held:
        return results
    frames = [frame.with_columns(pl.lit(sha256).alias("sha256")) for sha256, frame in held.items()]
    alike = [frame.select(results.columns).cast(results.schema) for frame in frames]
    return pl.concat([results, *alike]).sort(results.columns, nulls_last=True)


def _published(settings: Settings) -> pl.DataFrame:
    """Return the values of all returns in the published version, as they were computed."""
    current = store.current_version(settings)
    if current is None:
        return _as_computed(pl.DataFrame(schema=_SHOWN))
    connection = store.connect(current, settings, read_only=True)
    try:
        there = connection.execute(
            "SELECT 1 FROM duckdb_tables() WHERE schema_name = 'meta' AND table_name = 'return_submission'"
        ).fetchone()
        sql = _PUBLISHED if there else "SELECT NULL WHERE false"
        frame = connection.execute(sql).pl()
    finally:
        connection.close()
    return _as_computed(frame if there else pl.DataFrame(schema=_SHOWN))


def _as_computed(frame: pl.DataFrame) -> pl.DataFrame:
    """Bring published values into the columns and words of the computation; whose they are stays beside them."""
    words = pl.col("breakdown").str.replace("=", " | ", literal=True, n=1)
    return frame.with_columns(words.alias("breakdown")).select(
        pl.col(name).cast(dtype) for name, dtype in _SHOWN.items()
    )


def _write_authority(
    settings: Settings,
    load_id: str,
    new: Sequence[Known],
    known: Sequence[Known],
    results: pl.DataFrame,
    earlier: pl.DataFrame,
) -> None:
    """Write the values of the new submissions of one authority, those that no longer stand first.

    The published file withholds those. What they showed while they stood, or would have, is known to
    whoever kept it, and counts as published before, unless the published version itself still tells it.
    """
    stands = standing(known)
    current = {one.sha256 for one in stands.values()}
    places = {(one.return_code, one.year) for one in new}
    replaced = [one for one in known if one.sha256 not in current and (one.return_code, one.year) in places]
    new_shas, told = {one.sha256 for one in new}, set(earlier["sha256"])
    before = [earlier.select(list(RESULT))]
    for one in sorted(replaced, key=lambda k: k.order):
        beside = [s.sha256 for place, s in stands.items() if place != (one.la_code, one.return_code, one.year)]
        if one.sha256 in told and one.sha256 not in new_shas:
            continue
        suppressed = _suppressed(results, [*beside, one.sha256], pl.concat(before))
        mine = suppressed.filter(pl.col("sha256") == one.sha256)
        if one.sha256 in new_shas:
            _write(settings, load_id, one, mine)
        if one.sha256 not in told:
            before.append(mine.select(list(RESULT)))
    standing_new = [one for one in new if one.sha256 in current]
    if standing_new:
        suppressed = _suppressed(results, sorted(current), pl.concat(before))
        for one in standing_new:
            _write(settings, load_id, one, suppressed.filter(pl.col("sha256") == one.sha256))


def _suppressed(results: pl.DataFrame, shas: Sequence[str], earlier: pl.DataFrame) -> pl.DataFrame:
    chosen = results.filter(pl.col("sha256").is_in(list(shas)))
    computed = chosen.select(pl.col(name).cast(dtype) for name, dtype in RESULT.items())
    return suppress(computed, earlier=earlier if earlier.height else None).with_columns(chosen["sha256"])


def _write(settings: Settings, load_id: str, one: Known, values: pl.DataFrame) -> None:
    folder = staging.written_folder(settings, load_id, OBSERVATION.name)
    folder.mkdir(parents=True, exist_ok=True)
    write_sorted(conform(observations_of(one, values)), folder / f"{one.sha256}.parquet")


def observations_of(one: Known, values: pl.DataFrame) -> pl.DataFrame:
    """Lay suppressed values of one submission into the OBSERVATION shape.

    Args:
        one: the submission.
        values: of the columns of `compute.RESULT`.
    """
    kind = (
        pl.when(pl.col("is_quarterly"))
        .then(pl.lit("quarter"))
        .when(pl.col("period_code").str.contains("-"))
        .then(pl.lit("snapshot"))
        .when(pl.col("years") > 1)
        .then(pl.lit("reporting_years"))
        .otherwise(pl.lit("reporting_year"))
    )
    # A snapshot is of one day, however far back its lists go.
    start = pl.when(kind == "snapshot").then("period_end").otherwise("period_start")
    text, none = pl.String, None
    return values.join(_named(), on="indicator_code", how="left", maintain_order="left").select(
        pl.lit(one.sha256).alias("sha256"),
        pl.lit("").alias("data_file"),
        pl.int_range(pl.len()).alias("source_row"),
        pl.lit("").alias("source_column"),
        pl.lit(one.return_code).alias("publication"),
        "indicator_code",
        pl.lit(True).alias("is_conformed"),
        "indicator_name",
        "unit",
        "period_code",
        kind.alias("period_kind"),
        start.alias("period_start"),
        "period_end",
        pl.lit("authority").alias("geographic_level"),
        pl.lit(one.la_code).alias("la_code"),
        pl.lit(none, text).alias("gss_code"),
        pl.lit(none, text).alias("place_name"),
        pl.col("breakdown").str.replace(" | ", "=", literal=True, n=1),
        "value",
        "value_status",
        pl.lit(none, text).alias("value_as_printed"),
        "numerator",
        "denominator",
    )


def _named() -> pl.DataFrame:
    """Return name, unit and span of every indicator."""
    schema = {
        "indicator_code": pl.String,
        "indicator_name": pl.String,
        "unit": pl.String,
        "years": pl.Int64,
        "is_quarterly": pl.Boolean,
    }
    rows = [(e.code, e.title, e.unit, e.years, e.is_quarterly) for e in indicators()]
    return pl.DataFrame(rows, schema=schema, orient="row")


def risks(frame: pl.DataFrame) -> list[tuple[str, str, str, str, str, str]]:
    """Find withheld values that could be worked out from what is to be published.

    Args:
        frame: of the columns of the query above: values of all returns in a private file.

    Returns:
        Authority, return, period, count, breakdown and reason of each.
    """
    found = []
    for (la_code,), own in frame.group_by("la_code", maintain_order=True):
        for row in derivable(_as_computed(own).select(list(RESULT))).iter_rows(named=True):
            place = (row["return_code"], row["period_code"], row["count_name"], row["breakdown"], row["kind"])
            found.append((str(la_code), *place))
    return found


def read_back(connection: object) -> pl.DataFrame:
    """Return the values of all returns in a private file, as anyone could read them."""
    frame: pl.DataFrame = connection.execute(_PUBLISHED).pl()  # type: ignore[attr-defined]
    return frame
