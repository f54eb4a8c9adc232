-- Runs for each: SELECT DISTINCT batch FROM standing_batch ORDER BY batch
-- Of several releases the latest that contains a value gives it: compared key by key, so that a year dropped
-- from a moving window stays as its last release had it.

-- A return for two authorities and the values of each of the two tell of the same children: a later release that
-- gives them the other way takes the place of both ways. Those of one release stand beside each other.
CREATE OR REPLACE TEMP TABLE overtaken_value AS
WITH unit AS (
    SELECT authority_key AS joint_key, authority_key, true AS is_joint
    FROM star.dim_authority WHERE authority_type = 'joint return'
    UNION
    SELECT j.authority_key, m.authority_key, false
    FROM (
        SELECT authority_key, unnest(string_split(la_code, ' / ')) AS la_code
        FROM star.dim_authority WHERE authority_type = 'joint return') AS j
    JOIN (FROM star.dim_authority WHERE geographic_level = 'authority' AND authority_type IS DISTINCT FROM 'joint return')
        AS m USING (la_code)
)
SELECT row_id
FROM (
    SELECT
        f.rowid AS row_id, r.age, u.is_joint, max(CASE WHEN u.is_joint THEN r.age END) OVER unit_values AS joint_age,
        max(CASE WHEN NOT u.is_joint THEN r.age END) OVER unit_values AS member_age
    FROM star.fact_indicator AS f
    JOIN unit AS u ON u.authority_key = f.authority_key
    JOIN release_age AS r ON r.source_key = f.source_key AND r.indicator_key = f.indicator_key
    WHERE f.indicator_key IN (SELECT indicator_key FROM standing_batch WHERE batch = getvariable('batch'))
    WINDOW unit_values AS (
        PARTITION BY f.indicator_key, r.source_collection, f.breakdown_key, f.period_key, u.joint_key)
)
WHERE CASE WHEN is_joint THEN member_age > age ELSE joint_age > age END;

CREATE OR REPLACE TEMP TABLE standing_value AS
SELECT
    f.rowid AS row_id, f.is_latest AS was_latest,
    row_number() OVER (
        PARTITION BY f.indicator_key, r.source_collection, f.breakdown_key, f.period_key, f.authority_key
        ORDER BY r.age DESC) = 1 AS is_latest
FROM star.fact_indicator AS f
JOIN release_age AS r ON r.source_key = f.source_key AND r.indicator_key = f.indicator_key
WHERE f.indicator_key IN (SELECT indicator_key FROM standing_batch WHERE batch = getvariable('batch'));
UPDATE standing_value AS s SET is_latest = false FROM overtaken_value AS o WHERE o.row_id = s.row_id;
UPDATE star.fact_indicator AS f SET is_latest = s.is_latest
FROM standing_value AS s
WHERE s.row_id = f.rowid AND s.is_latest <> s.was_latest;
DROP TABLE standing_value;
DROP TABLE overtaken_value;
