-- Totals by key instead of laid out wide: names belong to the dimensions, so a changed name moves no rows, and a
-- slice of these narrow rows is quick to replace. Filled from the facts by the load that finds them empty.

DROP TABLE star.wide_indicator_total;
DROP TABLE star.wide_latest_indicator;

-- Grain: authority x indicator x period x source collection; totals as of the latest release containing them.
CREATE TABLE star.fact_indicator_total (
    indicator_key BIGINT NOT NULL,
    period_key BIGINT NOT NULL,
    authority_key BIGINT NOT NULL,
    source_key BIGINT NOT NULL,
    value DOUBLE,
    value_status_code UTINYINT NOT NULL,
    region_value DOUBLE,
    compared_with_subregion BOOLEAN NOT NULL,
    england_value DOUBLE,
    england_value_source VARCHAR,
    statistical_neighbour_value DOUBLE,
    statistical_neighbours_counted INTEGER NOT NULL,
    rank INTEGER,
    ranked_authorities INTEGER NOT NULL,
    quartile VARCHAR,
    change_from_previous DOUBLE,
    previous_period_key BIGINT,
    trend_per_year DOUBLE,
    is_latest_period BOOLEAN NOT NULL
);
COMMENT ON TABLE star.fact_indicator_total IS 'Totals of the latest release with what they are compared with, in the order of indicator_key and period; worked out from the facts by each load. bi.indicator_benchmark names everything.';
COMMENT ON COLUMN star.fact_indicator_total.compared_with_subregion IS 'Whether region_value is that of Inner or Outer London.';
COMMENT ON COLUMN star.fact_indicator_total.previous_period_key IS 'The period before that the change is measured from.';

-- Grain: authority x indicator x source collection, latest period only; in the order of authorities, for profiles.
CREATE TABLE star.fact_indicator_latest AS FROM star.fact_indicator_total;
COMMENT ON TABLE star.fact_indicator_latest IS 'The rows of fact_indicator_total of each indicator''s latest period, by authority.';
COMMENT ON COLUMN star.fact_indicator_latest.compared_with_subregion IS 'Whether region_value is that of Inner or Outer London.';
COMMENT ON COLUMN star.fact_indicator_latest.previous_period_key IS 'The period before that the change is measured from.';

INSERT INTO meta.storage VALUES ('star.fact_indicator_total', 0), ('star.fact_indicator_latest', 0);
