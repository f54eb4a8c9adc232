-- Runs when: SELECT EXISTS (FROM staging.staged.observation) OR EXISTS (FROM removed_release)
-- Values of indicators: the rows of each document are replaced when it is read again. Staged files are sorted
-- and come in the order of their first indicator, so rows are stored in sorted order without sorting here.

DELETE FROM star.fact_indicator WHERE source_key IN (FROM removed_release);
DELETE FROM star.bridge_release_indicator WHERE source_key IN (FROM removed_release);

CREATE OR REPLACE TEMP TABLE staged_release_indicator AS
WITH found AS (
    SELECT
        sha256, indicator_code, min(publication) AS source_collection, min(indicator_name) AS indicator_name,
        min(unit) AS unit, bool_or(is_conformed) AS is_conformed, count(*) AS observation_count,
        count("value") AS reported_count, min(period_end) AS first_period_end, max(period_end) AS last_period_end
    FROM staging.staged.observation
    GROUP BY sha256, indicator_code
)
SELECT
    f.*, star_key('source|' || f.sha256) AS source_key, star_key('indicator|' || f.indicator_code) AS indicator_key,
    coalesce(s.published_date, s.received_at::DATE) AS vintage_date,
    CASE WHEN s.published_date IS NULL THEN 'first_seen' ELSE coalesce(s.published_date_source, 'file') END
        AS vintage_date_source,
    s.received_at
FROM found AS f
JOIN staging.staged.source_file AS s ON s.sha256 = f.sha256 AND s.state = 'loaded';

INSERT INTO star.bridge_release_indicator
SELECT
    source_key, indicator_key, source_collection, vintage_date, vintage_date_source, received_at, indicator_name,
    unit, is_conformed, observation_count, reported_count, first_period_end, last_period_end, getvariable('load_id')
FROM staged_release_indicator
ORDER BY indicator_code, vintage_date, source_key;
INSERT INTO touched_indicator SELECT DISTINCT indicator_key FROM staged_release_indicator;

CREATE OR REPLACE TEMP TABLE staged_period AS
SELECT *, star_key(concat_ws('|', 'period', period_kind, period_code, period_start, period_end)) AS period_key
FROM (SELECT DISTINCT period_code, period_kind, period_start, period_end FROM staging.staged.observation);
INSERT INTO star.dim_period
SELECT period_key, period_code, period_kind, period_start, period_end
FROM staged_period
WHERE period_key NOT IN (SELECT period_key FROM star.dim_period)
ORDER BY ALL;

CREATE OR REPLACE TEMP TABLE staged_breakdown AS
SELECT breakdown, star_key('breakdown|' || breakdown) AS breakdown_key
FROM (SELECT DISTINCT breakdown FROM staging.staged.observation);
INSERT INTO star.dim_breakdown
SELECT breakdown_key, breakdown, breakdown = 'Total'
FROM staged_breakdown
WHERE breakdown_key NOT IN (SELECT breakdown_key FROM star.dim_breakdown)
ORDER BY ALL;

-- Authorities by DfE code, in the version in force at the end of the period: else the one nearest to it, for
-- releases give rows of authorities before they began and after they ended. Regions and England by ONS code.
CREATE OR REPLACE TEMP TABLE staged_place AS
WITH place AS (
    SELECT DISTINCT geographic_level, coalesce(la_code, '') AS la_code, coalesce(gss_code, '') AS gss_code, period_end
    FROM staging.staged.observation
)
SELECT p.*, a.authority_key
FROM place AS p
JOIN star.dim_authority AS a
    ON a.geographic_level = p.geographic_level
    AND CASE WHEN p.geographic_level = 'authority' THEN a.la_code = p.la_code ELSE a.gss_code = p.gss_code END
QUALIFY row_number() OVER (
    PARTITION BY p.geographic_level, p.la_code, p.gss_code, p.period_end
    ORDER BY
        CASE WHEN a.valid_from > p.period_end THEN a.valid_from - p.period_end
            WHEN a.valid_to <= p.period_end THEN p.period_end - a.valid_to + 1 ELSE 0 END,
        a.valid_from DESC) = 1;

INSERT INTO meta.reject
SELECT
    getvariable('load_id'), o.sha256, s.landing_path, 'observation', 'unknown_place', 'warning',
    concat(count(*), ' rows, first ', min(o.source_row)), any_value(o.place_name),
    'an authority, region or country of the register',
    concat('found ', min(o.place_name), ' (', concat_ws(', ', o.la_code, o.gss_code), '), expected a place of the register')
FROM staging.staged.observation AS o
JOIN staging.staged.source_file AS s ON s.sha256 = o.sha256 AND s.state = 'loaded'
ANTI JOIN staged_place AS p
    ON p.geographic_level = o.geographic_level AND p.la_code = coalesce(o.la_code, '')
    AND p.gss_code = coalesce(o.gss_code, '') AND p.period_end IS NOT DISTINCT FROM o.period_end
GROUP BY o.sha256, s.landing_path, o.geographic_level, o.la_code, o.gss_code;

-- How many releases of its collection give an indicator: where there is one, each of its values is the latest.
CREATE OR REPLACE TEMP TABLE release_count AS
SELECT indicator_key, source_collection, count(DISTINCT source_key) AS releases
FROM star.bridge_release_indicator
WHERE indicator_key IN (FROM touched_indicator)
GROUP BY ALL;
CREATE OR REPLACE TEMP TABLE loading_indicator AS
SELECT i.*, c.releases = 1 AS is_only
FROM staged_release_indicator AS i
JOIN release_count AS c USING (indicator_key, source_collection);

INSERT INTO star.fact_indicator
SELECT
    i.indicator_key, b.breakdown_key, p.period_key, a.authority_key, o."value", o.numerator, o.denominator,
    coalesce(s.value_status_code, 0::UTINYINT), i.source_key, i.vintage_date, i.is_only, getvariable('load_id')
FROM staging.staged.observation AS o
JOIN loading_indicator AS i ON i.sha256 = o.sha256 AND i.indicator_code = o.indicator_code
JOIN staged_breakdown AS b ON b.breakdown = o.breakdown
JOIN staged_period AS p
    ON p.period_code = o.period_code AND p.period_kind = o.period_kind
    AND p.period_start IS NOT DISTINCT FROM o.period_start AND p.period_end IS NOT DISTINCT FROM o.period_end
JOIN staged_place AS a
    ON a.geographic_level = o.geographic_level AND a.la_code = coalesce(o.la_code, '')
    AND a.gss_code = coalesce(o.gss_code, '') AND a.period_end IS NOT DISTINCT FROM o.period_end
LEFT JOIN star.dim_value_status AS s ON s.value_status = o.value_status;

-- Of several releases the latest that contains a value gives it: compared key by key, so that a year dropped
-- from a moving window stays as its last release had it. Two of one day: the one received later.
CREATE OR REPLACE TEMP TABLE standing_value AS
SELECT
    f.rowid AS row_id, f.is_latest AS was_latest,
    row_number() OVER (
        PARTITION BY f.indicator_key, r.source_collection, f.breakdown_key, f.period_key, f.authority_key
        ORDER BY r.vintage_date DESC, r.received_at DESC, r.source_key) = 1 AS is_latest
FROM star.fact_indicator AS f
JOIN star.bridge_release_indicator AS r ON r.source_key = f.source_key AND r.indicator_key = f.indicator_key
WHERE f.indicator_key IN (
    SELECT indicator_key FROM release_count WHERE releases > 1
    UNION SELECT indicator_key FROM star.bridge_release_indicator AS b
    WHERE EXISTS (FROM removed_release) AND b.indicator_key IN (FROM touched_indicator));
UPDATE star.fact_indicator AS f SET is_latest = s.is_latest
FROM standing_value AS s
WHERE s.row_id = f.rowid AND s.is_latest <> s.was_latest;
DROP TABLE standing_value;

-- Members that lost their last fact go too, so that the order of loads leaves no trace.
DELETE FROM star.dim_period WHERE period_key <> 0 AND EXISTS (FROM removed_release)
    AND period_key NOT IN (SELECT period_key FROM star.fact_indicator);
DELETE FROM star.dim_breakdown WHERE breakdown_key <> 0 AND EXISTS (FROM removed_release)
    AND breakdown_key NOT IN (SELECT breakdown_key FROM star.fact_indicator);

UPDATE meta.storage SET rows_out_of_order = rows_out_of_order
    + (SELECT coalesce(sum(observation_count), 0) FROM staged_release_indicator)
WHERE table_name = 'star.fact_indicator'
    AND (SELECT count(*) FROM star.fact_indicator)
        > (SELECT coalesce(sum(observation_count), 0) FROM staged_release_indicator);
