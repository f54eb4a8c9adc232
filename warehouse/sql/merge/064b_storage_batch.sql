-- Slices replaced one by one end up behind one another: when they are a fifth of the table, it is sorted anew, ten
-- million values at a time, by the indicators they are of.

CREATE OR REPLACE TEMP TABLE storage_batch AS
WITH size AS (
    SELECT i.indicator_key, i.indicator_code, sum(r.observation_count) AS observations
    FROM star.bridge_release_indicator AS r
    JOIN star.dim_indicator AS i USING (indicator_key)
    WHERE (SELECT rows_out_of_order FROM meta.storage WHERE table_name = 'star.fact_indicator')
        > 0.2 * (SELECT count(*) FROM star.fact_indicator)
    GROUP BY ALL
)
SELECT
    indicator_key, row_number() OVER (ORDER BY indicator_code) AS place,
    (sum(observations) OVER (ORDER BY indicator_code) // 10000000)::INTEGER AS batch
FROM size;
