-- Commits when: SELECT sum(observation_count) > 2000000 FROM star.bridge_release_indicator WHERE load_id = getvariable('load_id')
-- Indicators: those declared, and those that documents give under their own names; a name or unit that
-- documents word differently is taken from the latest. Written only where it changed.

CREATE OR REPLACE TEMP TABLE indicator AS
WITH given AS (
    SELECT
        indicator_key, arg_max(indicator_name, (vintage_date, source_key)) AS indicator_name,
        arg_max(unit, (vintage_date, source_key)) AS unit, bool_or(is_conformed) AS is_conformed,
        string_agg(DISTINCT source_collection, '; ' ORDER BY source_collection) AS source_collections
    FROM star.bridge_release_indicator
    GROUP BY indicator_key
),
code AS (
    SELECT indicator_key, indicator_code FROM star.dim_indicator WHERE indicator_key <> 0
    UNION SELECT star_key('indicator|' || indicator_code), indicator_code FROM staging.staged.indicator
    UNION SELECT indicator_key, any_value(indicator_code) FROM staging.staged.observation GROUP BY indicator_key
)
SELECT
    c.indicator_key, c.indicator_code, coalesce(d.indicator_name, g.indicator_name) AS indicator_name, d.definition,
    d.numerator, d.denominator, coalesce(d.unit, g.unit) AS unit, coalesce(d.polarity, 'none') AS polarity,
    d.decimal_places, coalesce(d.has_quartiles, true) AS has_quartiles, coalesce(d.is_headline, false) AS is_headline,
    d.indicator_code IS NOT NULL OR coalesce(g.is_conformed, false) AS is_conformed,
    -- Until a release or return gives it: the one it is declared of.
    coalesce(g.source_collections, d.source_collection) AS source_collections
FROM code AS c
LEFT JOIN staging.staged.indicator AS d ON d.indicator_code = c.indicator_code
LEFT JOIN given AS g ON g.indicator_key = c.indicator_key
WHERE d.indicator_code IS NOT NULL OR g.indicator_key IS NOT NULL;

INSERT INTO touched_indicator
SELECT indicator_key FROM (
    SELECT * EXCLUDE source_collections FROM star.dim_indicator WHERE indicator_key <> 0
    EXCEPT SELECT * EXCLUDE source_collections FROM indicator);
DELETE FROM star.dim_indicator WHERE indicator_key IN (
    SELECT indicator_key FROM (FROM star.dim_indicator WHERE indicator_key <> 0 EXCEPT FROM indicator));
INSERT INTO star.dim_indicator (FROM indicator EXCEPT FROM star.dim_indicator) ORDER BY indicator_code;

-- Places decide what is compared: where they changed, or totals are laid out anew, all of it is worked out again.
INSERT INTO touched_indicator
SELECT DISTINCT indicator_key FROM star.bridge_release_indicator
WHERE EXISTS (FROM changed_place) OR NOT EXISTS (FROM star.benchmark_total);

-- In batches that fit in memory, in the order in which totals are stored. Totals are counted, not all values: a
-- quarter of a million with all that they are compared with take some 150 MB.
CREATE OR REPLACE TEMP TABLE touched_batch AS
WITH counted AS (
    SELECT indicator_key, count(*) AS totals
    FROM star.fact_indicator
    WHERE is_latest AND indicator_key IN (FROM touched_indicator)
        AND breakdown_key IN (SELECT breakdown_key FROM star.dim_breakdown WHERE is_total)
    GROUP BY indicator_key
),
size AS (
    SELECT indicator_key, coalesce(totals, 0) AS totals
    FROM (SELECT DISTINCT indicator_key FROM touched_indicator)
    LEFT JOIN counted USING (indicator_key)
)
SELECT indicator_key, (sum(totals) OVER (ORDER BY indicator_key) // 250000)::INTEGER AS batch FROM size;
DELETE FROM star.benchmark_total WHERE indicator_key IN (FROM touched_indicator);
DELETE FROM star.benchmark_latest WHERE indicator_key IN (FROM touched_indicator);
