-- Which documents came, which inspection each claims to record, and which claim holds.

CREATE OR REPLACE TEMP TABLE staged_document AS
SELECT DISTINCT sha256, source_kind FROM staging.staged.source_file WHERE state <> 'unchanged';

CREATE OR REPLACE TEMP TABLE staged_claim AS
SELECT
    star_key('inspection|' || i.la_code || '|' || i.framework_code || '|'
        || coalesce(i.inspection_start_date::VARCHAR, 'document ' || i.sha256)) AS inspection_key,
    i.*
FROM staging.staged.inspection AS i;

CREATE OR REPLACE TEMP TABLE touched AS
SELECT inspection_key FROM meta.inspection_document WHERE sha256 IN (SELECT sha256 FROM staged_document)
UNION
SELECT inspection_key FROM staged_claim;

DELETE FROM meta.inspection_document WHERE sha256 IN (SELECT sha256 FROM staged_document);
INSERT INTO meta.inspection_document
SELECT
    inspection_key, sha256, report_no, la_code, framework_code, inspection_start_date,
    published_date, received_at, modified_at, false
FROM staged_claim
QUALIFY row_number() OVER (PARTITION BY inspection_key, sha256 ORDER BY report_no) = 1;

-- The latest published document holds; where that does not tell them apart, the latest received.
-- The hash comes last only so that no load order can matter.
CREATE OR REPLACE TEMP TABLE holding AS
SELECT inspection_key, sha256, report_no, la_code
FROM meta.inspection_document
WHERE inspection_key IN (SELECT inspection_key FROM touched)
QUALIFY row_number() OVER (
    PARTITION BY inspection_key
    ORDER BY published_date DESC NULLS LAST, received_at DESC, modified_at DESC NULLS LAST, sha256
) = 1;

UPDATE meta.inspection_document AS d
SET is_current = EXISTS (
    SELECT 1 FROM holding AS h WHERE h.inspection_key = d.inspection_key AND h.sha256 = d.sha256)
WHERE d.inspection_key IN (SELECT inspection_key FROM touched);

-- Slices to replace: their holder came with this load, or nobody holds them any more.
CREATE OR REPLACE TEMP TABLE replaced AS
SELECT t.inspection_key
FROM touched AS t
LEFT JOIN holding AS h USING (inspection_key)
WHERE h.sha256 IS NULL OR h.sha256 IN (SELECT sha256 FROM staged_document);

DELETE FROM star.dim_source WHERE sha256 IN (SELECT sha256 FROM staged_document);
INSERT INTO star.dim_source
SELECT
    star_key('source|' || sha256), sha256, regexp_extract(landing_path, '[^/]*$'), landing_path, media_type, byte_size,
    page_count, title, publisher, publication, licence, source_url, provider_urn, published_date, published_date_source,
    retrieved_at, received_at, parser_version, 'current', getvariable('load_id')
FROM staging.staged.source_file
WHERE state = 'loaded';

DELETE FROM meta.source_file AS f WHERE EXISTS (
    SELECT 1 FROM staging.staged.source_file AS s
    WHERE s.sha256 = f.sha256 AND (s.state <> 'unchanged' OR s.landing_path = f.landing_path));
INSERT INTO meta.source_file
SELECT
    landing_path, sha256, sidecar_sha256, source_kind, byte_size, modified_at, first_seen_at, getvariable('load_id'),
    state, reason, error_code, NULL, parser_version, register_version, page_count, content_sha256,
    metadata_sha256
FROM staging.staged.source_file;

DELETE FROM meta.reject WHERE sha256 IN (SELECT sha256 FROM staged_document);
INSERT INTO meta.reject
SELECT
    getvariable('load_id'), sha256, landing_path, table_name, rule, severity, place, found, expected, message
FROM staging.staged.reject;
