-- Runs for each: SELECT DISTINCT batch FROM standing_batch ORDER BY batch
-- Of several releases the latest that contains a value gives it: compared key by key, so that a year dropped
-- from a moving window stays as its last release had it.
CREATE OR REPLACE TEMP TABLE standing_value AS
SELECT
    f.rowid AS row_id, f.is_latest AS was_latest,
    row_number() OVER (
        PARTITION BY f.indicator_key, r.source_collection, f.breakdown_key, f.period_key, f.authority_key
        ORDER BY r.age DESC) = 1 AS is_latest
FROM star.fact_indicator AS f
JOIN release_age AS r ON r.source_key = f.source_key AND r.indicator_key = f.indicator_key
WHERE f.indicator_key IN (SELECT indicator_key FROM standing_batch WHERE batch = getvariable('batch'));
UPDATE star.fact_indicator AS f SET is_latest = s.is_latest
FROM standing_value AS s
WHERE s.row_id = f.rowid AND s.is_latest <> s.was_latest;
DROP TABLE standing_value;
