"""Checks of published indicators: a release against itself, its totals, its years and the release before.

The table of facts is large: checks of it look at the rows this load brought, never at all of it.
"""

# ruff: noqa: S608 - the SQL is made of names declared here, never of data

from __future__ import annotations

from expectations.check import Check
from expectations.derive import Reference, Table

_FACTS = ("star.fact_indicator",)
_SERIES = ("indicator_code", "period_code", "source_key")

# The rows of this load with what they are values of.
_LOADED = (
    "star.fact_indicator f JOIN star.dim_indicator i USING (indicator_key) JOIN star.dim_period p USING (period_key) "
    "JOIN star.dim_authority a ON a.authority_key = f.authority_key "
    "JOIN star.dim_value_status v USING (value_status_code) "
    "WHERE f.load_id = $load_id"
)

# One count less another, told by its column or item: as the children placed in an area less those placed out of it.
_NET = r"(^|[=_]|\. )net([ _]|$)"

TABLES_STAR = (
    Table(
        "star.dim_indicator",
        (("indicator_key",), ("indicator_code",)),
        ("indicator_code",),
        texts=("indicator_code", "indicator_name"),
    ),
    Table(
        "star.dim_period",
        (("period_key",), ("period_kind", "period_code", "period_start", "period_end")),
        ("period_kind", "period_code"),
        texts=("period_code",),
    ),
    Table("star.dim_breakdown", (("breakdown_key",), ("breakdown",)), ("breakdown",), texts=("breakdown",)),
    Table(
        "star.bridge_release_indicator",
        (("source_key", "indicator_key"),),
        ("source_key", "indicator_key"),
        references=(
            Reference(("source_key",), "star.dim_source", unknown="blocking"),
            Reference(("indicator_key",), "star.dim_indicator", unknown="blocking"),
        ),
        may_be_empty=True,
    ),
    Table(
        "star.bridge_statistical_neighbour",
        (("model_year", "la_code", "neighbour_la_code"), ("model_year", "la_code", "neighbour_rank")),
        ("model_year", "la_code", "neighbour_la_code"),
    ),
)


# Tables that print England alone, for years before any that a table by place has: asides to those, not releases that
# come before or after them. A release that was cut short has no more years than the one before, and is none.
ASIDE = (
    "(WITH local AS (SELECT DISTINCT f.source_key, f.indicator_key FROM star.fact_indicator f "
    "JOIN star.dim_authority a USING (authority_key) WHERE a.geographic_level <> 'country' AND f.indicator_key IN ("
    "SELECT indicator_key FROM star.bridge_release_indicator GROUP BY indicator_key, source_collection "
    "HAVING count(DISTINCT first_period_end) > 1)), "
    "told AS (SELECT b.*, l.source_key IS NOT NULL AS is_local FROM star.bridge_release_indicator b "
    "LEFT JOIN local l USING (source_key, indicator_key)) "
    "SELECT source_key, indicator_key FROM (SELECT *, min(first_period_end) FILTER (is_local) "
    "OVER (PARTITION BY indicator_key, source_collection) AS begins FROM told) "
    "WHERE NOT is_local AND first_period_end < begins)"
)


def with_file(sql: str) -> str:
    """Query of wrong rows with `source_key`, to which the file is added that a person has to open."""
    return (
        f"SELECT q.*, s.landing_path AS file FROM ({sql}) q LEFT JOIN star.dim_source s ON s.source_key = q.source_key"
    )


def _adds_up(level: str, place: str, member: str) -> str:
    """Totals of counts in a release to which its authorities do not add up, or which those with a value exceed.

    Printed totals of regions and England are rounded to 10; half of that is allowed for.
    """
    return (
        f"WITH loaded AS (SELECT f.source_key, i.indicator_code, p.period_code, p.period_kind, a.geographic_level, "
        f"f.value, v.value_status, {place} AS place, {member} AS member FROM {_LOADED} AND i.unit = 'count' "
        "AND f.breakdown_key IN (SELECT breakdown_key FROM star.dim_breakdown WHERE is_total)), "
        "below AS (SELECT source_key, indicator_code, period_code, period_kind, member AS place, sum(value) AS added, "
        "count(*) FILTER (value IS NULL AND value_status <> 'not_applicable') AS missing "
        "FROM loaded WHERE geographic_level = 'authority' GROUP BY ALL) "
        "SELECT source_key, indicator_code, period_code, place, value AS printed, added FROM loaded "
        "JOIN below USING (source_key, indicator_code, period_code, period_kind, place) "
        f"WHERE geographic_level = '{level}' AND (added > value + 5 OR missing = 0 AND added < value - 5)"
    )


# Printed rates and mean scores that are not their numerator over their denominator, beyond what rounding explains:
# half of the last place of the rate, and of both counts (one decimal where a column has any; counts of regions and
# England are rounded to 10). A printed rate of a region or England may leave out the authorities of which one of the
# two is missing although the printed counts hold them: it then lies between the rate of all and that of the others.
_RATES = (
    # Few rates are off by more than their own rounding: only those are looked at closely.
    "WITH suspect AS MATERIALIZED (SELECT f.source_key, f.indicator_key, f.period_key, f.breakdown_key, f.value, "
    "f.numerator AS n, f.denominator AS d, i.indicator_code, p.period_code, a.geographic_level, a.la_code, "
    "a.gss_code, CASE i.unit WHEN 'percent' THEN 100 WHEN 'score' THEN 1 ELSE 10000 END AS scale, "
    "scale * n / d AS worked_out, "
    "1e-6 + CASE WHEN f.value = round(f.value) THEN 0.5 WHEN f.value = round(f.value, 1) THEN 0.05 ELSE 0.005 END "
    f"AS printed_half FROM {_LOADED} AND i.unit IN ('percent', 'rate_per_10k', 'score') "
    "AND f.denominator > 0 "
    "AND abs(f.value - worked_out) > printed_half), "
    # Through the list of releases, whose size bounds what DuckDB expects: else it would hold all facts in memory.
    "given AS MATERIALIZED (SELECT f.source_key, f.indicator_key, f.period_key, f.breakdown_key, f.authority_key, "
    "f.numerator, f.denominator FROM star.fact_indicator f JOIN (FROM star.bridge_release_indicator "
    "SEMI JOIN suspect USING (source_key, indicator_key)) USING (source_key, indicator_key)), "
    "parts AS (SELECT source_key, indicator_key, "
    "CASE WHEN bool_or(numerator <> round(numerator)) THEN 0.05 END AS n_half, "
    "CASE WHEN bool_or(denominator <> round(denominator)) THEN 0.05 END AS d_half FROM given GROUP BY ALL), "
    "allowed AS (SELECT *, CASE geographic_level WHEN 'authority' THEN 0 ELSE 5 END AS whole_half, "
    "printed_half + scale / d * (coalesce(n_half, whole_half) + abs(n) / d * coalesce(d_half, whole_half)) "
    "AS allowance FROM suspect LEFT JOIN parts USING (source_key, indicator_key)), "
    "odd AS (SELECT * FROM allowed WHERE abs(value - worked_out) > allowance), "
    "others AS (SELECT o.source_key, o.indicator_key, o.period_key, o.breakdown_key, o.gss_code, any_value(o.scale) "
    "* sum(m.numerator) FILTER (m.denominator IS NOT NULL) / sum(m.denominator) FILTER (m.numerator IS NOT NULL) "
    "AS of_others FROM odd o JOIN given m USING (source_key, indicator_key, period_key, breakdown_key) "
    "JOIN star.dim_authority w ON w.authority_key = m.authority_key "
    "WHERE o.geographic_level <> 'authority' AND w.geographic_level = 'authority' "
    "AND (o.geographic_level = 'country' OR o.gss_code IN (w.region_code, w.subregion_code)) GROUP BY ALL "
    "HAVING count(*) FILTER (m.numerator IS NULL OR m.denominator IS NULL) > 0) "
    "SELECT indicator_code, period_code, source_key, la_code, gss_code, value, worked_out FROM odd "
    "LEFT JOIN others USING (source_key, indicator_key, period_key, breakdown_key, gss_code) "
    "WHERE of_others IS NULL OR value NOT BETWEEN least(worked_out, of_others) - allowance "
    "AND greatest(worked_out, of_others) + allowance"
)

SINGLE_STAR = (
    Check(
        "fact_indicator_grain_unique",
        "star.fact_indicator",
        "star",
        "blocking",
        kind="query",
        show=("source_key", "indicator_key", "period_key", "authority_key", "file"),
        sql=with_file(
            "SELECT f.source_key, f.indicator_key, f.period_key, f.authority_key, f.breakdown_key "
            "FROM star.fact_indicator f SEMI JOIN (SELECT hash(source_key, indicator_key, breakdown_key, period_key, "
            "authority_key) AS h FROM star.fact_indicator WHERE load_id = $load_id GROUP BY h HAVING count(*) > 1) d "
            "ON d.h = hash(f.source_key, f.indicator_key, f.breakdown_key, f.period_key, f.authority_key) "
            "WHERE f.load_id = $load_id GROUP BY ALL HAVING count(*) > 1"
        ),
        why="A release gives each value of an authority, period and breakdown once; a second one counts twice.",
        if_rows=_FACTS,
    ),
    Check(
        "fact_indicator_one_period_a_code",
        "star.fact_indicator",
        "star",
        "blocking",
        kind="query",
        show=("source_key", "source_collection", "period_kind", "period_code", "file"),
        # Few periods share a code: only their rows are looked at.
        sql=with_file(
            "WITH shared AS (SELECT period_kind, period_code FROM star.dim_period GROUP BY ALL HAVING count(*) > 1), "
            "used AS (SELECT f.source_key, f.load_id, r.source_collection, p.period_kind, p.period_code, p.period_key "
            "FROM star.fact_indicator f JOIN star.dim_period p USING (period_key) "
            "JOIN shared USING (period_kind, period_code) "
            "JOIN star.bridge_release_indicator r USING (source_key, indicator_key) GROUP BY ALL) "
            "SELECT source_key, source_collection, period_kind, period_code FROM used "
            "WHERE load_id = $load_id AND (source_collection, period_kind, period_code) IN ("
            "SELECT (source_collection, period_kind, period_code) FROM used GROUP BY ALL "
            "HAVING count(DISTINCT period_key) > 1)"
        ),
        why="One code of one collection stands for periods of other days: a comparison would show a place twice.",
        if_rows=_FACTS,
    ),
    Check(
        "fact_indicator_rows_complete",
        "star.fact_indicator",
        "star",
        "blocking",
        kind="query",
        show=("source_key", "rows_given", "rows_kept", "file"),
        sql=with_file(
            "SELECT r.source_key, r.rows_given, coalesce(f.rows_kept, 0) AS rows_kept FROM (SELECT source_key, "
            "sum(observation_count) AS rows_given FROM star.bridge_release_indicator WHERE load_id = $load_id "
            "GROUP BY source_key) r LEFT JOIN (SELECT source_key, count(*) AS rows_kept FROM star.fact_indicator "
            "WHERE load_id = $load_id GROUP BY source_key) f USING (source_key) "
            "JOIN star.dim_source s USING (source_key) "
            "WHERE coalesce(f.rows_kept, 0) > r.rows_given OR coalesce(f.rows_kept, 0) < r.rows_given "
            "AND s.sha256 NOT IN (SELECT sha256 FROM meta.reject WHERE rule = 'unknown_place')"
        ),
        why="Each value read is one row; only those of unknown places are left out, and each of these is named.",
        if_rows=_FACTS,
    ),
    Check(
        "fact_indicator_value_or_symbol",
        "star.fact_indicator",
        "star",
        "blocking",
        kind="rows",
        show=("source_key", "indicator_key", "period_key", "authority_key", "value_status_code"),
        # 1: reported; 2: suppressed. A value of low reliability may be printed with its mark.
        sql=(
            "load_id = $load_id AND (value_status_code = 1 AND value IS NULL "
            "OR value_status_code IN (0, 2) AND value IS NOT NULL)"
        ),
        why="A suppressed value is null, never a number; a reported one is a number.",
        if_rows=_FACTS,
    ),
    Check(
        "fact_indicator_rate_agrees",
        "star.fact_indicator",
        "star",
        "warning",
        kind="query",
        show=(*_SERIES, "la_code", "gss_code", "value", "worked_out", "file"),
        sql=with_file(_RATES),
        why="The printed rate is not its numerator over its denominator: a column was taken for another.",
        if_rows=_FACTS,
    ),
    Check(
        "fact_indicator_adds_up_to_england",
        "star.fact_indicator",
        "star",
        "warning",
        kind="query",
        show=(*_SERIES, "printed", "added", "file"),
        sql=with_file(_adds_up("country", "'England'", "'England'")),
        why="Authorities do not add up to the printed England: rows are missing or counted twice.",
        if_rows=_FACTS,
    ),
    Check(
        "fact_indicator_adds_up_to_regions",
        "star.fact_indicator",
        "star",
        "warning",
        kind="query",
        show=(*_SERIES, "place", "printed", "added", "file"),
        sql=with_file(_adds_up("region", "CASE a.geographic_level WHEN 'region' THEN a.gss_code END", "a.region_code")),
        why="Authorities do not add up to the printed region: rows are missing or placed in another region.",
        if_rows=_FACTS,
    ),
    Check(
        "fact_indicator_percent_in_range",
        "star.fact_indicator",
        "star",
        "warning",
        kind="query",
        show=(*_SERIES, "la_code", "value", "file"),
        sql=with_file(
            "SELECT i.indicator_code, p.period_code, f.source_key, a.la_code, f.value "
            f"FROM {_LOADED} AND i.unit = 'percent' AND f.value NOT BETWEEN 0 AND 100"
        ),
        why="A percentage beyond 0 to 100 is another unit, or one of the few measures that can pass 100.",
        if_rows=_FACTS,
    ),
    Check(
        "fact_indicator_not_negative",
        "star.fact_indicator",
        "star",
        "warning",
        kind="query",
        show=(*_SERIES, "la_code", "value", "file"),
        sql=with_file(
            f"SELECT i.indicator_code, p.period_code, f.source_key, a.la_code, f.value FROM {_LOADED} AND f.value < 0 "
            "AND i.unit IN ('count', 'fte', 'rate_per_1k', 'rate_per_10k', 'rate_per_100k', 'cases_per_fte') "
            f"AND NOT regexp_matches(split_part(i.indicator_code, '.', 2), '{_NET}') AND f.breakdown_key NOT IN "
            f"(SELECT breakdown_key FROM star.dim_breakdown WHERE regexp_matches(lower(breakdown), '{_NET}'))"
        ),
        why="Nothing that is counted can be below zero: a sign, a mark for a missing value or another column.",
        if_rows=_FACTS,
    ),
    Check(
        "fact_indicator_no_silent_gap",
        "star.fact_indicator",
        "star",
        "warning",
        kind="query",
        show=("indicator_code", "source_key", "period_before", "period_code", "file"),
        sql=with_file(
            "SELECT indicator_code, source_key, period_before, period_code FROM (SELECT indicator_code, source_key, "
            "period_code, period_end, lag(period_code) OVER w AS period_before, lag(period_end) OVER w AS end_before "
            "FROM (SELECT DISTINCT i.indicator_code, f.source_key, p.period_kind, p.period_code, p.period_end "
            f"FROM {_LOADED} AND p.period_kind NOT IN ('quarter', 'month')) "
            "WINDOW w AS (PARTITION BY indicator_code, source_key, period_kind ORDER BY period_end)) "
            "WHERE period_end > end_before + INTERVAL 13 MONTH"
        ),
        why="A year between two others has no row at all, not even a symbol: was it left out or missed?",
        if_rows=_FACTS,
    ),
    Check(
        "release_rows_against_the_one_before",
        "star.bridge_release_indicator",
        "star",
        "warning",
        kind="query",
        show=("indicator_code", "source_key", "vintage_date", "rows_before", "observation_count", "file"),
        sql=with_file(
            "SELECT i.indicator_code, r.source_key, r.vintage_date, r.rows_before, r.observation_count FROM ("
            "SELECT *, lag(observation_count) OVER releases AS rows_before, lag(load_id) OVER releases AS load_before "
            # Submissions of authorities follow one another without being releases of one another.
            f"FROM (SELECT *, (source_key, indicator_key) IN {ASIDE} AS is_aside FROM star.bridge_release_indicator) "
            "WHERE source_key NOT IN (SELECT source_key FROM meta.return_submission) "
            "WINDOW releases AS (PARTITION BY indicator_key, source_collection, is_aside "
            "ORDER BY vintage_date, coalesce(release_order, ''), received_at, source_key)) r "
            "JOIN star.dim_indicator i USING (indicator_key) "
            # The earlier of the two may come later.
            "WHERE $load_id IN (r.load_id, r.load_before) AND r.observation_count < 0.5 * r.rows_before"
        ),
        why="A release gives less than half the rows of the one before it: cut short, or divided otherwise.",
        if_rows=_FACTS,
    ),
    Check(
        "benchmark_total_grain_unique",
        "star.benchmark_total",
        "star",
        "blocking",
        kind="query",
        show=("indicator_code", "source_collection", "period_code", "la_code", "rows"),
        sql=(
            "SELECT i.indicator_code, d.source_collection, p.period_code, d.la_code, d.rows FROM ("
            "SELECT t.indicator_key, t.period_key, r.source_collection, a.la_code, count(*) AS rows "
            "FROM star.benchmark_total t "
            "JOIN star.bridge_release_indicator r ON r.source_key = t.source_key AND r.indicator_key = t.indicator_key "
            "JOIN star.dim_authority a ON a.authority_key = t.authority_key "
            "GROUP BY ALL HAVING count(*) > 1) d "
            "JOIN star.dim_indicator i USING (indicator_key) JOIN star.dim_period p USING (period_key)"
        ),
        why="An authority has one total of an indicator, period and source collection.",
        if_rows=_FACTS,
    ),
    Check(
        "benchmark_total_ranks_sound",
        "star.benchmark_total",
        "star",
        "blocking",
        kind="query",
        show=("indicator_code", "period_code", "authority_key", "rank", "quartile"),
        sql=(
            "SELECT i.indicator_code, p.period_code, t.authority_key, t.rank, t.quartile "
            "FROM star.benchmark_total t JOIN star.dim_indicator i USING (indicator_key) "
            "JOIN star.dim_period p USING (period_key) "
            "WHERE (t.rank IS NULL) <> (t.value IS NULL OR i.polarity = 'none') OR t.rank > t.ranked_authorities "
            "OR t.quartile IS NOT NULL AND (t.value IS NULL OR i.polarity = 'none')"
        ),
        why="A rank or band is only given where there is a value and high or low is good.",
        if_rows=_FACTS,
    ),
)
