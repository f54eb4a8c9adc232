-- Submissions of local returns: which came, and which stands for its authority, return and year.

DELETE FROM meta.return_submission WHERE sha256 IN (SELECT sha256 FROM staged_document);
INSERT INTO meta.return_submission
SELECT
    star_key('source|' || r.sha256), r.sha256, r.la_code, r.return_code, r.year, r.period_start, r.period_end,
    coalesce(s.published_date, s.received_at::DATE), s.received_at, r.file_count, r.based_on, false,
    getvariable('load_id')
FROM staging.staged.return_submission AS r
JOIN staging.staged.source_file AS s ON s.sha256 = r.sha256 AND s.state = 'loaded';

DELETE FROM meta.return_rule WHERE sha256 IN (SELECT sha256 FROM staged_document);
INSERT INTO meta.return_rule
SELECT r.*, getvariable('load_id')
FROM staging.staged.return_rule AS r
WHERE r.sha256 IN (SELECT sha256 FROM meta.return_submission);

-- A submission stands or falls whole: a value the later one does not give is not there any more.
CREATE OR REPLACE TEMP TABLE standing_return AS
SELECT
    sha256, first_value(sha256) OVER (
        PARTITION BY la_code, return_code, year ORDER BY vintage_date DESC, received_at DESC, sha256) AS standing_sha256
FROM meta.return_submission;
UPDATE meta.return_submission AS r SET is_current = (s.sha256 = s.standing_sha256)
FROM standing_return AS s
WHERE s.sha256 = r.sha256 AND r.is_current <> (s.sha256 = s.standing_sha256);

UPDATE meta.source_file AS f SET
    state = CASE WHEN s.sha256 = s.standing_sha256 THEN 'loaded' ELSE 'superseded' END,
    superseded_by_sha256 = CASE WHEN s.sha256 <> s.standing_sha256 THEN s.standing_sha256 END,
    reason = CASE WHEN s.sha256 <> s.standing_sha256 THEN 'a later submission of the same authority, return and year' END
FROM standing_return AS s
WHERE s.sha256 = f.sha256 AND f.state IN ('loaded', 'superseded')
    AND f.superseded_by_sha256 IS DISTINCT FROM CASE WHEN s.sha256 <> s.standing_sha256 THEN s.standing_sha256 END;
UPDATE star.dim_source AS d SET state = CASE WHEN s.sha256 = s.standing_sha256 THEN 'current' ELSE 'superseded' END
FROM standing_return AS s
WHERE s.sha256 = d.sha256 AND d.state <> CASE WHEN s.sha256 = s.standing_sha256 THEN 'current' ELSE 'superseded' END;
UPDATE star.dim_source SET document_name = title
WHERE sha256 IN (SELECT sha256 FROM staging.staged.return_submission) AND title IS NOT NULL;

-- A return refused for want of a key, and read now: its refusal goes.
CREATE OR REPLACE TEMP TABLE refusal_past AS
SELECT f.sha256
FROM meta.source_file AS f
JOIN staging.staged.source_file AS s ON s.landing_path = f.landing_path AND s.sha256 <> f.sha256
WHERE f.source_kind = 'return' AND f.state = 'quarantined' AND f.error_code = 'refused'
    AND f.load_id <> getvariable('load_id');
DELETE FROM meta.reject WHERE sha256 IN (FROM refusal_past);
DELETE FROM meta.source_file WHERE sha256 IN (FROM refusal_past);

CREATE OR REPLACE TEMP TABLE local_indicator AS
SELECT
    star_key('indicator|' || indicator_code) AS indicator_key,
    star_key('indicator|' || published_indicator_code) AS published_indicator_key,
    indicator_code, published_indicator_code
FROM staging.staged.local_indicator;
DELETE FROM star.bridge_local_indicator
WHERE EXISTS ((FROM local_indicator EXCEPT FROM star.bridge_local_indicator)
    UNION ALL (FROM star.bridge_local_indicator EXCEPT FROM local_indicator));
INSERT INTO star.bridge_local_indicator
FROM local_indicator WHERE NOT EXISTS (FROM star.bridge_local_indicator) ORDER BY ALL;
