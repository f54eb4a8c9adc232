-- Statistical neighbours as declared; rows that did not change are not touched.

CREATE OR REPLACE TEMP TABLE neighbour AS
WITH latest AS (
    SELECT la_code, arg_max(authority_key, valid_from) AS authority_key
    FROM star.dim_authority WHERE geographic_level = 'authority' GROUP BY la_code
)
SELECT
    n.model_year, coalesce(a.authority_key, 0) AS authority_key,
    coalesce(b.authority_key, 0) AS neighbour_authority_key, n.la_code, n.neighbour_la_code, n.neighbour_rank,
    n.closeness
FROM staging.staged.statistical_neighbour AS n
LEFT JOIN latest AS a ON a.la_code = n.la_code
LEFT JOIN latest AS b ON b.la_code = n.neighbour_la_code;

CREATE OR REPLACE TEMP TABLE changed_neighbour AS
(FROM neighbour EXCEPT FROM star.bridge_statistical_neighbour)
UNION ALL (FROM star.bridge_statistical_neighbour EXCEPT FROM neighbour);
DELETE FROM star.bridge_statistical_neighbour WHERE EXISTS (FROM changed_neighbour);
INSERT INTO star.bridge_statistical_neighbour
SELECT * FROM neighbour WHERE NOT EXISTS (FROM star.bridge_statistical_neighbour)
ORDER BY model_year, la_code, neighbour_rank;

-- A joint return stands for its members, in the facts as one unit. Compared, each member bears its values, as in the
-- official tool; only the first is added up, so that nothing counts twice.
CREATE OR REPLACE TEMP TABLE compared_place AS
SELECT authority_key AS reported_key, authority_key, false AS is_joint, true AS is_added
FROM star.dim_authority
WHERE authority_type IS DISTINCT FROM 'joint return'
UNION ALL
SELECT j.authority_key, m.authority_key, true, j.la_code = j.first_la_code
FROM (
    SELECT authority_key, unnest(string_split(la_code, ' / ')) AS la_code, split_part(la_code, ' / ', 1) AS first_la_code
    FROM star.dim_authority WHERE authority_type = 'joint return') AS j
JOIN (
    SELECT la_code, arg_max(authority_key, valid_from) AS authority_key
    FROM star.dim_authority WHERE geographic_level = 'authority' GROUP BY la_code) AS m USING (la_code);

-- Documents whose indicator values came before and are read again or refused now: their rows go.
CREATE OR REPLACE TEMP TABLE removed_release AS
SELECT DISTINCT source_key FROM star.bridge_release_indicator
WHERE source_key IN (SELECT star_key('source|' || sha256) FROM staged_document);
CREATE OR REPLACE TEMP TABLE touched_indicator AS
SELECT DISTINCT indicator_key FROM star.bridge_release_indicator WHERE source_key IN (FROM removed_release) OR EXISTS (FROM changed_neighbour);
CREATE OR REPLACE TEMP TABLE standing_batch (indicator_key BIGINT, batch INTEGER);
CREATE OR REPLACE TEMP TABLE loading_indicator (indicator_key BIGINT, batch INTEGER);
