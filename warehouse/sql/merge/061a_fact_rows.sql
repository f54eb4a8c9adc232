-- Runs for each committed: SELECT DISTINCT batch FROM loading_indicator ORDER BY batch
-- Values of the documents of one batch, in the order in which they are staged.

-- Each thread leaves a half-filled row group behind. Among millions of rows they do not count; a smaller batch is
-- written by one thread, else the next change would write most of it again to fill them.
SET VARIABLE threads = current_setting('threads');
SET VARIABLE writers = (
    SELECT CASE WHEN sum(observation_count) > 2000000 THEN getvariable('threads') ELSE 1 END
    FROM loading_indicator
    WHERE batch = getvariable('batch'));
SET threads = getvariable('writers');
INSERT INTO star.fact_indicator
SELECT
    o.indicator_key, o.breakdown_key, o.period_key, a.authority_key, o."value", o.numerator, o.denominator,
    coalesce(s.value_status_code, 0::UTINYINT), o.source_key, i.vintage_date, i.is_only, getvariable('load_id')
FROM staging.staged.observation AS o
JOIN loading_indicator AS i
    ON i.source_key = o.source_key AND i.indicator_key = o.indicator_key AND i.batch = getvariable('batch')
JOIN staged_place AS a ON a.place_key = o.place_key AND a.authority_key <> 0
LEFT JOIN star.dim_value_status AS s ON s.value_status = o.value_status;
SET threads = getvariable('threads');
