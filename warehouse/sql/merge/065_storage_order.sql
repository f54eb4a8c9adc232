-- Runs when: SELECT rows_out_of_order > 0.2 * (SELECT count(*) FROM star.fact_indicator) FROM meta.storage WHERE table_name = 'star.fact_indicator'
-- Slices replaced one by one end up behind one another: when they are a fifth of the table, it is sorted anew.

CREATE OR REPLACE TEMP TABLE sorted_fact AS
SELECT f.*
FROM star.fact_indicator AS f
JOIN (SELECT indicator_key, row_number() OVER (ORDER BY indicator_code) AS place FROM star.dim_indicator) AS i
    USING (indicator_key)
JOIN (SELECT breakdown_key, row_number() OVER (ORDER BY NOT is_total, breakdown) AS place FROM star.dim_breakdown) AS b
    USING (breakdown_key)
JOIN (SELECT period_key, row_number() OVER (ORDER BY period_end, period_code, period_kind) AS place
      FROM star.dim_period) AS p USING (period_key)
ORDER BY i.place, b.place, p.place, f.authority_key, f.vintage_date, f.source_key;
DELETE FROM star.fact_indicator;
INSERT INTO star.fact_indicator FROM sorted_fact;
DROP TABLE sorted_fact;
UPDATE meta.storage SET rows_out_of_order = 0 WHERE table_name = 'star.fact_indicator';
