-- How loads go: how long against how long they usually take, and which documents older code has read.

-- Grain: one load that was published.
CREATE OR REPLACE VIEW meta.load_pace AS
WITH usual AS (
    SELECT l.load_id, median(u.seconds) AS usual_seconds, count(u.load_id) AS compared_loads
    FROM meta.load AS l
    LEFT JOIN meta.load AS u
        ON u.state = 'published' AND u.started_at < l.started_at AND u.started_at >= l.started_at - INTERVAL 60 DAY
        AND u.trigger IS NOT DISTINCT FROM l.trigger
    GROUP BY l.load_id
)
SELECT
    l.load_id, l.trigger, l.started_at, l.finished_at, l.files_new, l.seconds, u.usual_seconds, u.compared_loads,
    round(l.seconds / nullif(u.usual_seconds, 0), 2) AS times_usual,
    u.compared_loads >= 5 AND l.seconds > 3 * u.usual_seconds AND l.seconds > 30 AS is_slow
FROM meta.load AS l
JOIN usual AS u USING (load_id)
WHERE l.state = 'published';
COMMENT ON VIEW meta.load_pace IS 'How long each published load took, against the loads of the same trigger in the sixty days before it.';

-- Grain: one document that is loaded, superseded or quarantined.
CREATE OR REPLACE VIEW meta.document_version AS
SELECT
    f.landing_path, f.sha256, f.source_kind, f.state, f.parser_version, f.register_version, f.load_id,
    coalesce((f.parser_version, f.register_version) IS DISTINCT FROM (n.parser_version, n.register_version), true)
        AS is_behind
FROM meta.source_file AS f
CROSS JOIN (
    SELECT arg_max(parser_version, load_id) AS parser_version, arg_max(register_version, load_id) AS register_version
    FROM meta.load WHERE parser_version IS NOT NULL
) AS n
WHERE f.state <> 'unchanged' AND f.source_kind NOT IN ('reference', 'provider_list');
COMMENT ON VIEW meta.document_version IS 'Which code read each document; those behind the code of the latest load can be read again by reprocess.';
