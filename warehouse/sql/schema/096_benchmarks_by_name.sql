-- What is worked out from facts is no fact: every table named `fact_` holds what one document gave, with `source_key`
-- and `load_id`.
ALTER TABLE star.fact_indicator_total RENAME TO benchmark_total;
ALTER TABLE star.fact_indicator_latest RENAME TO benchmark_latest;
COMMENT ON TABLE star.benchmark_latest IS 'The rows of benchmark_total of each indicator''s latest period, by authority.';
UPDATE meta.storage SET table_name = replace(table_name, 'fact_indicator', 'benchmark')
WHERE table_name IN ('star.fact_indicator_total', 'star.fact_indicator_latest');
