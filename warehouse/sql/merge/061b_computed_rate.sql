-- Runs when: SELECT EXISTS (FROM staging.staged.observation) OR EXISTS (FROM removed_release)
-- Commits when: SELECT sum(observation_count) > 2000000 FROM loading_indicator
-- Rates that a release does not print, worked out from its counts and the population of the mid-year before:
-- scale x count / population, rounded half up to the declared places. The official tool's rates of these names
-- are reproduced by it exactly. They belong to the release of the counts and are marked as computed; a release
-- that prints a rate itself is left alone, in whichever of its tables it does, and where no population is known no
-- rate is made up.

CREATE OR REPLACE TEMP TABLE recomputed_rate AS
SELECT
    star_key('indicator|' || indicator_code) AS indicator_key, star_key('indicator|' || numerator_code) AS counted_key,
    star_key('indicator|' || denominator_code) AS people_key, indicator_name, unit, scale,
    10.0 ** decimal_places AS step, decimal_places
FROM staging.staged.indicator
WHERE scale IS NOT NULL
    AND (indicator_key IN (FROM touched_indicator) OR counted_key IN (FROM touched_indicator)
        OR people_key IN (FROM touched_indicator));

DELETE FROM star.fact_indicator WHERE (source_key, indicator_key) IN (
    SELECT (source_key, indicator_key) FROM star.bridge_release_indicator
    WHERE is_computed AND indicator_key IN (SELECT indicator_key FROM recomputed_rate));
DELETE FROM star.bridge_release_indicator
WHERE is_computed AND indicator_key IN (SELECT indicator_key FROM recomputed_rate);
INSERT INTO touched_indicator SELECT indicator_key FROM recomputed_rate;

-- Authorities by DfE code, which stays when the ONS code changes; regions and England by ONS code.
CREATE OR REPLACE TEMP TABLE mid_year AS
SELECT
    f.indicator_key, a.geographic_level, coalesce(a.la_code, a.gss_code) AS place, year(p.period_end) AS mid_year,
    f.value AS people
FROM star.fact_indicator AS f
JOIN release_age AS r ON r.source_key = f.source_key AND r.indicator_key = f.indicator_key
JOIN star.dim_breakdown AS b ON b.breakdown_key = f.breakdown_key AND b.is_total
JOIN star.dim_period AS p ON p.period_key = f.period_key
JOIN star.dim_authority AS a ON a.authority_key = f.authority_key
WHERE f.indicator_key IN (SELECT people_key FROM recomputed_rate)
QUALIFY row_number() OVER (
    PARTITION BY f.indicator_key, a.geographic_level, place, mid_year ORDER BY r.age DESC) = 1;

-- Tables of one release end with the same period. One that came on another day may be a correction: what another
-- table printed before stands with its count only.
CREATE OR REPLACE TEMP TABLE printed_rate AS
SELECT
    f.indicator_key, f.breakdown_key, f.period_key, f.authority_key, f.numerator, f.vintage_date, r.source_collection,
    r.last_period_end
FROM star.fact_indicator AS f
JOIN star.bridge_release_indicator AS r ON r.source_key = f.source_key AND r.indicator_key = f.indicator_key
WHERE f.indicator_key IN (SELECT indicator_key FROM recomputed_rate);

CREATE OR REPLACE TEMP TABLE computed_rate AS
SELECT
    c.indicator_key, f.breakdown_key, f.period_key, f.authority_key,
    -- A hair up, so that what is a half in decimals rounds up although binary puts it below.
    round(floor(c.scale * f.value / m.people * c.step + 0.5 + 1e-9) / c.step, c.decimal_places) AS "value",
    f.value AS numerator, m.people AS denominator, f.value_status_code, f.source_key, f.vintage_date, p.period_end
FROM recomputed_rate AS c
JOIN star.fact_indicator AS f ON f.indicator_key = c.counted_key
JOIN star.dim_breakdown AS b ON b.breakdown_key = f.breakdown_key AND b.is_total
JOIN star.dim_period AS p ON p.period_key = f.period_key
JOIN star.dim_authority AS a ON a.authority_key = f.authority_key
JOIN mid_year AS m
    ON m.indicator_key = c.people_key AND m.geographic_level = a.geographic_level
    AND m.place = coalesce(a.la_code, a.gss_code) AND m.mid_year = year(p.period_end) - 1 AND m.people > 0
JOIN star.bridge_release_indicator AS r ON r.source_key = f.source_key AND r.indicator_key = f.indicator_key
ANTI JOIN star.bridge_release_indicator AS own
    ON own.source_key = f.source_key AND own.indicator_key = c.indicator_key
ANTI JOIN printed_rate AS t
    ON t.indicator_key = c.indicator_key AND t.breakdown_key = f.breakdown_key AND t.period_key = f.period_key
    AND t.authority_key = f.authority_key AND t.source_collection = r.source_collection
    AND t.last_period_end = r.last_period_end
    AND (t.vintage_date = f.vintage_date OR t.numerator IS NOT DISTINCT FROM f.value);
DROP TABLE printed_rate;

INSERT INTO star.fact_indicator
SELECT
    indicator_key, breakdown_key, period_key, authority_key, "value", numerator, denominator, value_status_code,
    source_key, vintage_date, true, getvariable('load_id')
FROM computed_rate
ORDER BY indicator_key, period_end, authority_key, vintage_date, source_key;

INSERT INTO star.bridge_release_indicator BY NAME
SELECT
    f.source_key, c.indicator_key, r.source_collection, r.vintage_date, r.vintage_date_source, r.received_at,
    r.release_order, c.indicator_name, c.unit, true AS is_conformed, true AS is_computed,
    count(*) AS observation_count, count(f.value) AS reported_count, min(f.period_end) AS first_period_end,
    max(f.period_end) AS last_period_end, getvariable('load_id') AS load_id
FROM computed_rate AS f
JOIN recomputed_rate AS c USING (indicator_key)
JOIN star.bridge_release_indicator AS r ON r.source_key = f.source_key AND r.indicator_key = c.counted_key
GROUP BY ALL
ORDER BY c.indicator_key, r.vintage_date, f.source_key;
DROP TABLE computed_rate;

-- Where several releases give an indicator, or one is gone, it must be settled which value stands: in batches that
-- fit in memory.
CREATE OR REPLACE TEMP TABLE standing_batch AS
WITH size AS (
    SELECT indicator_key, sum(observation_count) AS observations
    FROM star.bridge_release_indicator
    WHERE indicator_key IN (SELECT indicator_key FROM release_count WHERE releases > 1)
        OR indicator_key IN (SELECT indicator_key FROM recomputed_rate)
        OR indicator_key IN (FROM touched_indicator) AND EXISTS (FROM removed_release)
    GROUP BY indicator_key
)
SELECT indicator_key, (sum(observations) OVER (ORDER BY indicator_key) // 1000000)::INTEGER AS batch FROM size;
