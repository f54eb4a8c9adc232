-- Runs for each committed: SELECT DISTINCT batch FROM storage_batch ORDER BY batch
CREATE OR REPLACE TEMP TABLE sorted_fact AS
SELECT f.*
FROM star.fact_indicator AS f
JOIN storage_batch AS i ON i.indicator_key = f.indicator_key AND i.batch = getvariable('batch')
JOIN (SELECT breakdown_key, row_number() OVER (ORDER BY NOT is_total, breakdown) AS place FROM star.dim_breakdown) AS b
    USING (breakdown_key)
JOIN (SELECT period_key, row_number() OVER (ORDER BY period_end, period_code, period_kind) AS place
      FROM star.dim_period) AS p USING (period_key)
ORDER BY i.place, b.place, p.place, f.authority_key, f.vintage_date, f.source_key;
DELETE FROM star.fact_indicator
WHERE indicator_key IN (SELECT indicator_key FROM storage_batch WHERE batch = getvariable('batch'));
INSERT INTO star.fact_indicator FROM sorted_fact;
DROP TABLE sorted_fact;
UPDATE meta.storage SET rows_out_of_order = 0 WHERE table_name = 'star.fact_indicator';
