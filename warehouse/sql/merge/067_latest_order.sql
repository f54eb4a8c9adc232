-- Runs when: SELECT rows_out_of_order > 0.2 * (SELECT count(*) FROM star.benchmark_latest) FROM meta.storage WHERE table_name = 'star.benchmark_latest'
-- The profile of an authority lies together, but for the slices replaced since: a fifth of the table at most.

CREATE OR REPLACE TEMP TABLE sorted_latest AS
FROM star.benchmark_latest ORDER BY authority_key, indicator_key;
DELETE FROM star.benchmark_latest;
INSERT INTO star.benchmark_latest FROM sorted_latest;
DROP TABLE sorted_latest;
UPDATE meta.storage SET rows_out_of_order = 0 WHERE table_name = 'star.benchmark_latest';
