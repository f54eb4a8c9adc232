-- Runs when: SELECT EXISTS (FROM staging.staged.observation) OR EXISTS (FROM removed_release)
-- Values of indicators: the rows of each document are replaced when it is read again. Staged files are sorted
-- and come in the order of their first indicator, so rows are stored in sorted order without sorting here.

CREATE OR REPLACE TEMP TABLE removed_member AS
SELECT DISTINCT period_key, breakdown_key FROM star.fact_indicator WHERE source_key IN (FROM removed_release);
DELETE FROM star.fact_indicator WHERE source_key IN (FROM removed_release);
DELETE FROM star.bridge_release_indicator WHERE source_key IN (FROM removed_release);

-- Releases of one day follow each other by when they were fetched, as the file beside them says; then by path,
-- numbers in it counting as numbers (1.9 before 1.10) and its ending not at all (`a.csv` before `a (1).csv`). A
-- release without such a file counts as fetched first.
CREATE OR REPLACE TEMP MACRO release_order(retrieved_at, path) AS concat(
    coalesce(strftime(retrieved_at, '%Y-%m-%d %H:%M:%S'), ''), '|',
    list_aggregate(list_transform(regexp_extract_all(regexp_replace(path, '\.[A-Za-z]+$', ''), '[0-9]+|[^0-9]+'),
        lambda part : CASE WHEN regexp_full_match(part, '[0-9]+') THEN lpad(part, 20, '0') ELSE part END),
        'string_agg', ''));
-- How late a release is among those of its collection. Only what lay at one path after the other is told apart
-- by arrival: it replaced the other. So the order of loads decides nothing between files that lie side by side.
CREATE OR REPLACE TEMP VIEW release_age AS
SELECT
    source_key, indicator_key, source_collection, row_number() OVER (
        PARTITION BY indicator_key, source_collection
        ORDER BY vintage_date, coalesce(release_order, ''), received_at, source_key) AS age
FROM star.bridge_release_indicator;

CREATE OR REPLACE TEMP TABLE staged_release_indicator AS
WITH found AS (
    SELECT
        source_key, indicator_key, any_value(sha256) AS sha256, any_value(indicator_code) AS indicator_code,
        any_value(publication) AS source_collection, min(indicator_name) AS indicator_name, min(unit) AS unit,
        bool_or(is_conformed) AS is_conformed, count(*) AS observation_count, count("value") AS reported_count,
        min(period_end) AS first_period_end, max(period_end) AS last_period_end
    FROM staging.staged.observation
    GROUP BY source_key, indicator_key
)
SELECT
    f.*, coalesce(s.published_date, s.received_at::DATE) AS vintage_date,
    CASE WHEN s.published_date IS NULL THEN 'first_seen' ELSE coalesce(s.published_date_source, 'file') END
        AS vintage_date_source,
    s.received_at, release_order(s.retrieved_at, s.landing_path) AS release_order
FROM found AS f
JOIN staging.staged.source_file AS s ON s.sha256 = f.sha256 AND s.state = 'loaded';

INSERT INTO star.bridge_release_indicator BY NAME
SELECT * EXCLUDE (sha256, indicator_code), getvariable('load_id') AS load_id, false AS is_computed
FROM staged_release_indicator
ORDER BY indicator_code, vintage_date, source_key;
INSERT INTO touched_indicator SELECT DISTINCT indicator_key FROM staged_release_indicator;

-- Documents bring the keys of their rows, which name the same things in every load.
INSERT INTO star.dim_period
SELECT period_key, any_value(period_code), any_value(period_kind), any_value(period_start), any_value(period_end)
FROM staging.staged.observation
GROUP BY period_key
HAVING period_key NOT IN (SELECT period_key FROM star.dim_period)
ORDER BY ALL;

INSERT INTO star.dim_breakdown
SELECT breakdown_key, any_value(breakdown), any_value(breakdown) = 'Total'
FROM staging.staged.observation
GROUP BY breakdown_key
HAVING breakdown_key NOT IN (SELECT breakdown_key FROM star.dim_breakdown)
ORDER BY ALL;

-- Authorities by DfE code, in the version in force at the end of the period: else the one nearest to it, for
-- releases give rows of authorities before they began and after they ended. Regions and England by ONS code.
CREATE OR REPLACE TEMP TABLE staged_place AS
WITH place AS (
    SELECT
        place_key, any_value(geographic_level) AS geographic_level, any_value(la_code) AS la_code,
        any_value(gss_code) AS gss_code, any_value(period_end) AS period_end
    FROM staging.staged.observation
    GROUP BY place_key
)
SELECT p.*, coalesce(a.authority_key, 0) AS authority_key
FROM place AS p
LEFT JOIN star.dim_authority AS a
    ON a.geographic_level = p.geographic_level
    AND CASE WHEN p.geographic_level = 'authority' THEN a.la_code = p.la_code ELSE a.gss_code = p.gss_code END
QUALIFY row_number() OVER (
    PARTITION BY p.place_key
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
WHERE o.place_key IN (SELECT place_key FROM staged_place WHERE authority_key = 0)
GROUP BY o.sha256, s.landing_path, o.geographic_level, o.la_code, o.gss_code;

-- How many releases of its collection give an indicator: where there is one, each of its values is the latest.
CREATE OR REPLACE TEMP TABLE release_count AS
SELECT indicator_key, source_collection, count(DISTINCT source_key) AS releases
FROM star.bridge_release_indicator
WHERE indicator_key IN (FROM touched_indicator)
GROUP BY ALL;

-- Documents are written in batches of some ten million values, in the order in which they are staged: DuckDB keeps a
-- part of what is not yet committed in memory.
CREATE OR REPLACE TEMP TABLE loading_indicator AS
WITH document AS (
    SELECT source_key, min(indicator_code) AS first_code, any_value(sha256) AS sha256, sum(observation_count) AS size
    FROM staged_release_indicator
    GROUP BY source_key
),
placed AS (
    SELECT source_key, (sum(size) OVER (ORDER BY first_code, sha256) // 10000000)::INTEGER AS batch FROM document
)
SELECT i.source_key, i.indicator_key, i.vintage_date, i.observation_count, c.releases = 1 AS is_only, p.batch
FROM staged_release_indicator AS i
JOIN release_count AS c USING (indicator_key, source_collection)
JOIN placed AS p USING (source_key);

UPDATE meta.storage SET rows_out_of_order = rows_out_of_order
    + (SELECT coalesce(sum(observation_count), 0) FROM staged_release_indicator)
WHERE table_name = 'star.fact_indicator' AND EXISTS (FROM star.fact_indicator);
