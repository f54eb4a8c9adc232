"""Checks of a release against the releases before it and the years beside it: unit, scale, places, order, codes.

What a release says of itself may be sound and yet not fit what stands beside it: a percentage printed as a share,
counts in thousands, a place left out of one year. Each of these is told here; nothing is put right by guessing.
"""

# ruff: noqa: S608 - the SQL is made of names declared here, never of data

from __future__ import annotations

from expectations.check import Check
from expectations.indicators import ASIDE, with_file

_FACTS = ("star.fact_indicator",)
_TOTAL = "f.breakdown_key IN (SELECT breakdown_key FROM star.dim_breakdown WHERE is_total)"
# As releases follow each other (warehouse/sql/merge/061). Submissions of authorities are no releases of one another.
_ORDER = "ORDER BY vintage_date, coalesce(release_order, ''), received_at, source_key"
_SERIES = "PARTITION BY indicator_key, source_collection"
_RELEASES = (
    "(FROM star.bridge_release_indicator WHERE source_key NOT IN (SELECT source_key FROM meta.return_submission))"
)
_FOLLOWING = (
    "(SELECT *, lag(source_key) OVER releases AS source_before, lag(load_id) OVER releases AS load_before, "
    "lag(unit) OVER releases AS unit_before, lag(last_period_end) OVER releases AS last_before "
    f"FROM (SELECT r.*, (source_key, indicator_key) IN {ASIDE} AS is_aside FROM {_RELEASES} r) "
    f"WINDOW releases AS ({_SERIES}, is_aside {_ORDER}))"
)
# Values of the same children hardly change by half from one year or release to the next, and no national series of
# the files at hand by a factor of two; other units differ by 10, 100 or 1000.
_LEAP = "count(*) >= 10 AND times NOT BETWEEN 1.0 / 6 AND 6"

_UNIT = (
    f"SELECT i.indicator_code, r.source_key, r.vintage_date, r.unit_before, r.unit FROM {_FOLLOWING} r "
    "JOIN star.dim_indicator i USING (indicator_key) WHERE r.unit <> r.unit_before "
    "AND $load_id IN (r.load_id, r.load_before)"
)

# A name that another series bore in the release before, and a series that bore another: two have changed places.
_NAMES = (
    "WITH named AS MATERIALIZED (SELECT r.*, lag(indicator_name) OVER releases AS name_before, "
    "lag(load_id) OVER releases AS load_before "
    f"FROM {_RELEASES} r WHERE NOT is_conformed WINDOW releases AS ({_SERIES} {_ORDER})) "
    "SELECT DISTINCT i.indicator_code, n.source_key, n.indicator_name AS name, n.name_before, "
    "o.indicator_code AS named_so_before FROM named n JOIN named b ON b.source_key = n.source_key "
    "AND b.source_collection = n.source_collection AND b.indicator_key <> n.indicator_key "
    "AND b.name_before = n.indicator_name AND b.indicator_name <> b.name_before "
    "JOIN star.dim_indicator i ON i.indicator_key = n.indicator_key "
    "JOIN star.dim_indicator o ON o.indicator_key = b.indicator_key "
    "WHERE n.indicator_name <> n.name_before AND $load_id IN (n.load_id, n.load_before)"
)

# The last period that the release before gives, as both give it.
_VALUES = (
    f"WITH pair AS MATERIALIZED (SELECT * FROM {_FOLLOWING} WHERE $load_id IN (load_id, load_before)), "
    "former AS MATERIALIZED (SELECT r.source_key, f.indicator_key, f.period_key, f.authority_key, f.value "
    "FROM star.fact_indicator f JOIN pair r ON r.source_before = f.source_key AND r.indicator_key = f.indicator_key "
    "JOIN star.dim_period p ON p.period_key = f.period_key AND p.period_end = r.last_before "
    f"WHERE f.value > 0 AND {_TOTAL}) "
    "SELECT i.indicator_code, p.period_code, f.source_key, round(exp(avg(ln(f.value / o.value))), 4) AS times "
    "FROM star.fact_indicator f JOIN former o USING (source_key, indicator_key, period_key, authority_key) "
    "JOIN star.dim_indicator i USING (indicator_key) JOIN star.dim_period p USING (period_key) "
    f"WHERE f.value > 0 AND {_TOTAL} GROUP BY ALL HAVING {_LEAP}"
)

# Places of the last period of the release before that have no row in the last period of this one, though in force.
_LEFT_OUT = (
    f"WITH pair AS MATERIALIZED (SELECT * FROM {_FOLLOWING} WHERE $load_id IN (load_id, load_before) "
    "AND source_before IS NOT NULL AND last_period_end >= last_before), "
    "before AS MATERIALIZED (SELECT r.source_key, r.indicator_key, r.last_period_end, a.geographic_level, "
    "coalesce(a.la_code, a.gss_code) AS place FROM star.fact_indicator f "
    "JOIN pair r ON r.source_before = f.source_key AND r.indicator_key = f.indicator_key "
    "JOIN star.dim_period p ON p.period_key = f.period_key AND p.period_end = r.last_before "
    f"JOIN star.dim_authority a ON a.authority_key = f.authority_key WHERE {_TOTAL}), "
    "now AS MATERIALIZED (SELECT r.source_key, r.indicator_key, a.geographic_level, "
    "coalesce(a.la_code, a.gss_code) AS place FROM star.fact_indicator f "
    "JOIN pair r ON r.source_key = f.source_key AND r.indicator_key = f.indicator_key "
    "JOIN star.dim_period p ON p.period_key = f.period_key AND p.period_end = r.last_period_end "
    f"JOIN star.dim_authority a ON a.authority_key = f.authority_key WHERE {_TOTAL}) "
    "SELECT i.indicator_code, b.source_key, b.place FROM before b "
    # Of a level that the release does not tell of at all, nothing was left out.
    "SEMI JOIN now l USING (source_key, indicator_key, geographic_level) "
    "ANTI JOIN now n USING (source_key, indicator_key, geographic_level, place) "
    "JOIN star.dim_indicator i ON i.indicator_key = b.indicator_key "
    "WHERE b.place IN (SELECT coalesce(la_code, gss_code) FROM star.dim_authority WHERE valid_to > b.last_period_end "
    "AND authority_type IS DISTINCT FROM 'joint return')"
)

_YEARS = (
    "SELECT i.indicator_code, b.period_code AS period_before, p.period_code, min(t.source_key) AS source_key, "
    "round(exp(avg(ln(t.value / (t.value - t.change_from_previous)))), 4) AS times "
    "FROM star.benchmark_total t JOIN star.dim_indicator i USING (indicator_key) "
    "JOIN star.dim_period p ON p.period_key = t.period_key "
    "JOIN star.dim_period b ON b.period_key = t.previous_period_key "
    "JOIN star.bridge_release_indicator r ON r.source_key = t.source_key AND r.indicator_key = t.indicator_key "
    "WHERE t.value > 0 AND t.value - t.change_from_previous > 1e-6 AND t.indicator_key IN ("
    "SELECT indicator_key FROM star.bridge_release_indicator WHERE load_id = $load_id) "
    f"GROUP BY i.indicator_code, r.source_collection, b.period_code, p.period_code, p.period_kind HAVING {_LEAP}"
)

_SHARES = (
    "SELECT i.indicator_code, f.source_key, max(abs(f.value)) AS greatest FROM star.fact_indicator f "
    "JOIN star.dim_indicator i USING (indicator_key) "
    f"WHERE f.load_id = $load_id AND i.unit = 'percent' AND {_TOTAL} GROUP BY ALL "
    "HAVING greatest BETWEEN 0.5 AND 1 AND count(*) FILTER (f.value <> round(f.value)) >= 10"
)

# Places whose years in force hold more of the periods of a release than it has rows of them. Periods are counted by
# the few spans in which places were in force, rows by place: what is missing is looked up of the places found only.
_PLACES = (
    "WITH life AS MATERIALIZED (SELECT geographic_level, coalesce(la_code, gss_code) AS place, "
    "min(valid_from) AS begins, max(valid_to) AS ends FROM star.dim_authority "
    "WHERE authority_type IS DISTINCT FROM 'joint return' GROUP BY ALL), "
    "given AS (SELECT f.source_key, f.indicator_key, f.period_key, a.geographic_level, "
    "coalesce(a.la_code, a.gss_code) AS place FROM star.fact_indicator f "
    f"JOIN star.dim_authority a USING (authority_key) WHERE f.load_id = $load_id AND {_TOTAL}), "
    "printed AS MATERIALIZED (SELECT DISTINCT g.source_key, g.indicator_key, g.geographic_level, p.period_key, "
    "p.period_kind, p.period_start, p.period_end FROM given g JOIN star.dim_period p USING (period_key)), "
    "expected AS (SELECT source_key, indicator_key, geographic_level, period_kind, begins, ends, count(*) AS periods "
    "FROM printed JOIN (SELECT DISTINCT geographic_level, begins, ends FROM life) USING (geographic_level) "
    "WHERE period_start >= begins AND period_end < ends GROUP BY ALL), "
    "found AS (SELECT g.source_key, g.indicator_key, g.geographic_level, p.period_kind, g.place, l.begins, l.ends, "
    "count(*) AS periods FROM given g JOIN star.dim_period p USING (period_key) "
    "JOIN life l ON l.geographic_level = g.geographic_level AND l.place = g.place "
    "WHERE p.period_start >= l.begins AND p.period_end < l.ends GROUP BY ALL), "
    "short AS MATERIALIZED (SELECT f.* FROM found f JOIN expected e "
    "USING (source_key, indicator_key, geographic_level, period_kind, begins, ends) WHERE f.periods < e.periods), "
    "lacking AS (SELECT s.source_key, s.indicator_key, s.geographic_level, s.place, p.period_key FROM short s "
    "JOIN printed p USING (source_key, indicator_key, geographic_level, period_kind) "
    "WHERE p.period_start >= s.begins AND p.period_end < s.ends) "
    "SELECT i.indicator_code, p.period_code, l.source_key, l.place FROM lacking l "
    "ANTI JOIN (FROM given SEMI JOIN short USING (source_key, indicator_key, place)) g "
    "USING (source_key, indicator_key, geographic_level, place, period_key) "
    "JOIN star.dim_indicator i ON i.indicator_key = l.indicator_key "
    "JOIN star.dim_period p ON p.period_key = l.period_key"
)

_LATE = (
    "SELECT i.indicator_code, r.source_key, r.vintage_date, r.last_period_end, r.others_end FROM (SELECT *, "
    f"max(last_period_end) OVER ({_SERIES} {_ORDER} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS others_end "
    f"FROM {_RELEASES}) r JOIN star.dim_indicator i USING (indicator_key) "
    "WHERE r.vintage_date_source = 'first_seen' AND r.last_period_end < r.others_end AND r.indicator_key IN ("
    "SELECT indicator_key FROM star.bridge_release_indicator WHERE load_id = $load_id)"
)

# A release may come before its last period ends (pupils of an academic year), but not before that has begun.
_DATE = (
    "SELECT i.indicator_code, r.source_key, r.vintage_date, r.last_period_end, r.received_at::DATE AS received "
    f"FROM {_RELEASES} r JOIN star.dim_indicator i USING (indicator_key) WHERE r.load_id = $load_id "
    "AND (r.vintage_date > r.received_at::DATE + 1 OR r.vintage_date <= r.last_period_end - INTERVAL 1 YEAR)"
)

# Which of two files of one day stands is decided by when they were fetched and by their paths. One that was laid down
# in place of the other is its correction, and nothing to tell.
_ONE_DAY = (
    "WITH pair AS MATERIALIZED (SELECT a.indicator_key, a.source_key, b.source_key AS other_key, "
    "s.landing_path AS file, o.landing_path AS other_file "
    f"FROM {_RELEASES} a JOIN {_RELEASES} b USING (indicator_key, source_collection, vintage_date) "
    "JOIN star.dim_source s ON s.source_key = a.source_key "
    "JOIN star.dim_source o ON o.source_key = b.source_key AND o.landing_path > s.landing_path "
    "WHERE $load_id IN (a.load_id, b.load_id)), "
    "former AS MATERIALIZED (SELECT p.*, f.breakdown_key, f.period_key, f.authority_key, f.value, f.value_status_code "
    "FROM star.fact_indicator f JOIN pair p USING (source_key, indicator_key)) "
    "SELECT i.indicator_code, g.source_key, g.other_file, count(*) AS values_differing, g.file "
    "FROM star.fact_indicator f JOIN former g ON g.other_key = f.source_key AND g.indicator_key = f.indicator_key "
    "AND g.breakdown_key = f.breakdown_key AND g.period_key = f.period_key AND g.authority_key = f.authority_key "
    "JOIN star.dim_indicator i ON i.indicator_key = f.indicator_key "
    "WHERE (f.value, f.value_status_code) IS DISTINCT FROM (g.value, g.value_status_code) GROUP BY ALL"
)

# An authority that ended and one that took its place, where the first does not live on under its own code.
_HEIRS = (
    "WITH heir AS (SELECT DISTINCT la_code, regexp_extract(trim(unnest(string_split(successor_la_codes, ';'))), "
    "'^[0-9]{3}') AS heir_la_code FROM star.dim_authority WHERE NOT contains(successor_la_codes, la_code)), "
    "gone AS MATERIALIZED (SELECT h.heir_la_code, t.indicator_key, t.period_key, t.source_key, a.la_code, "
    "r.source_collection FROM star.benchmark_total t JOIN star.dim_authority a USING (authority_key) "
    "JOIN heir h USING (la_code) JOIN star.bridge_release_indicator r USING (source_key, indicator_key) "
    "WHERE t.value IS NOT NULL) "
    "SELECT i.indicator_code, p.period_code, g.source_key, g.la_code, g.heir_la_code FROM star.benchmark_total t "
    "JOIN star.dim_authority a USING (authority_key) "
    "JOIN gone g ON g.heir_la_code = a.la_code AND g.indicator_key = t.indicator_key AND g.period_key = t.period_key "
    "JOIN star.bridge_release_indicator r ON r.source_key = t.source_key AND r.indicator_key = t.indicator_key "
    "AND r.source_collection = g.source_collection "
    "JOIN star.dim_indicator i ON i.indicator_key = t.indicator_key "
    "JOIN star.dim_period p ON p.period_key = t.period_key "
    "WHERE t.value IS NOT NULL AND t.indicator_key IN ("
    "SELECT indicator_key FROM star.bridge_release_indicator WHERE load_id = $load_id)"
)

# Few periods share their days: only their rows are looked at.
_CODES = (
    "WITH shared AS (SELECT period_kind, period_start, period_end FROM star.dim_period WHERE period_key <> 0 "
    "GROUP BY ALL HAVING count(*) > 1), "
    "used AS (SELECT f.indicator_key, r.source_collection, p.period_kind, p.period_end, p.period_code, f.source_key, "
    "bool_or(f.load_id = $load_id) AS is_new FROM star.fact_indicator f JOIN star.dim_period p USING (period_key) "
    "JOIN shared USING (period_kind, period_start, period_end) "
    "JOIN star.bridge_release_indicator r USING (source_key, indicator_key) WHERE f.is_latest GROUP BY ALL) "
    "SELECT i.indicator_code, u.period_kind, u.period_code, u.source_key FROM used u "
    "JOIN star.dim_indicator i USING (indicator_key) "
    "WHERE (u.indicator_key, u.source_collection, u.period_kind, u.period_end) IN ("
    "SELECT (indicator_key, source_collection, period_kind, period_end) FROM used GROUP BY ALL "
    "HAVING count(DISTINCT period_code) > 1 AND bool_or(is_new))"
)


def _check(name: str, table: str, show: tuple[str, ...], sql: str, why: str) -> Check:
    return Check(
        name, table, "star", "warning", kind="query", show=(*show, "source_key", "file"), sql=with_file(sql),
        why=why, if_rows=_FACTS,
    )  # fmt: skip


SINGLE_STAR = (
    _check(
        "release_unit_as_the_one_before",
        "star.bridge_release_indicator",
        ("indicator_code", "vintage_date", "unit_before", "unit"),
        _UNIT,
        "A release gives an indicator in another unit than the one before it: the two cannot be compared.",
    ),
    _check(
        "release_names_as_the_one_before",
        "star.bridge_release_indicator",
        ("indicator_code", "name", "name_before", "named_so_before"),
        _NAMES,
        "A series bears the name that another series had in the release before: codes of columns may be swapped.",
    ),
    _check(
        "release_values_against_the_one_before",
        "star.fact_indicator",
        ("indicator_code", "period_code", "times"),
        _VALUES,
        "A release gives values of one year many times greater or smaller than the one before it: another unit.",
    ),
    _check(
        "release_places_as_the_one_before",
        "star.bridge_release_indicator",
        ("indicator_code", "place"),
        _LEFT_OUT,
        "A place of the release before has no row in this one, not even a symbol, though it is in force.",
    ),
    _check(
        "benchmark_total_years_of_one_scale",
        "star.benchmark_total",
        ("indicator_code", "period_before", "period_code", "times"),
        _YEARS,
        "Values are many times greater or smaller than those of the year before: another unit, or two mixed.",
    ),
    _check(
        "fact_indicator_percent_not_a_share",
        "star.fact_indicator",
        ("indicator_code", "greatest"),
        _SHARES,
        "All values of a percentage lie between 0 and 1, the greatest above a half: printed as shares of one.",
    ),
    _check(
        "fact_indicator_every_place_each_year",
        "star.fact_indicator",
        ("indicator_code", "period_code", "place"),
        _PLACES,
        "A place in force all that year has no row of it, not even a symbol, though the release has it in others.",
    ),
    _check(
        "release_order_certain",
        "star.bridge_release_indicator",
        ("indicator_code", "vintage_date", "last_period_end", "others_end"),
        _LATE,
        "No release date is known of a file that ends before others do, and by the day it was seen it is the later "
        "one: lay it into a folder named by its date.",
    ),
    _check(
        "release_date_possible",
        "star.bridge_release_indicator",
        ("indicator_code", "vintage_date", "last_period_end", "received"),
        _DATE,
        "A release bears a date to come, or one from before the last period it tells of: it stands at a wrong place "
        "among the others.",
    ),
    Check(
        "releases_of_one_day_agree",
        "star.fact_indicator",
        "star",
        "warning",
        kind="query",
        show=("indicator_code", "source_key", "file", "other_file", "values_differing"),
        sql=_ONE_DAY,
        why="Two files of one day give different values: a correction beside what it corrects, or two tables of one "
        "name. Which of them stands, their paths decide.",
        if_rows=_FACTS,
    ),
    _check(
        "benchmark_total_none_beside_its_heir",
        "star.benchmark_total",
        ("indicator_code", "period_code", "la_code", "heir_la_code"),
        _HEIRS,
        "An authority that ended has a value beside one that took its place: the same children twice in rank and sum.",
    ),
    _check(
        "fact_indicator_one_code_a_period",
        "star.fact_indicator",
        ("indicator_code", "period_kind", "period_code"),
        _CODES,
        "One period of a series stands under two codes: a comparison shows each place twice.",
    ),
)
