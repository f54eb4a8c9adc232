-- Published statistics: indicators by authority and period, every release kept. No primary keys (they make
-- the file five times larger): uniqueness is a check, and the facts of a document are replaced together.

-- Grain: one reporting period, by kind, code and days.
CREATE TABLE star.dim_period (
    period_key BIGINT NOT NULL,
    period_code VARCHAR NOT NULL,
    period_kind VARCHAR NOT NULL,
    period_start DATE,
    period_end DATE
);
COMMENT ON TABLE star.dim_period IS 'One reporting period: a financial, academic or calendar year, a quarter, or the day of a snapshot.';
INSERT INTO star.dim_period VALUES (0, 'unknown', 'unknown', NULL, NULL);

-- Grain: one indicator.
CREATE TABLE star.dim_indicator (
    indicator_key BIGINT NOT NULL,
    indicator_code VARCHAR NOT NULL,
    indicator_name VARCHAR NOT NULL,
    definition VARCHAR,
    numerator VARCHAR,
    denominator VARCHAR,
    unit VARCHAR NOT NULL,
    polarity VARCHAR NOT NULL CHECK (polarity IN ('high', 'low', 'none')),
    decimal_places INTEGER,
    has_quartiles BOOLEAN NOT NULL,
    is_headline BOOLEAN NOT NULL,
    is_conformed BOOLEAN NOT NULL,
    source_collections VARCHAR
);
COMMENT ON TABLE star.dim_indicator IS 'One indicator: conformed ones as declared, others under their own names.';
COMMENT ON COLUMN star.dim_indicator.numerator IS 'What is counted, in words.';
COMMENT ON COLUMN star.dim_indicator.denominator IS 'What it is a share or rate of, in words.';
INSERT INTO star.dim_indicator VALUES
    (0, 'unknown', 'Unknown', NULL, NULL, NULL, 'unknown', 'none', NULL, false, false, false, NULL);

-- Grain: one combination of characteristics.
CREATE TABLE star.dim_breakdown (
    breakdown_key BIGINT NOT NULL,
    breakdown VARCHAR NOT NULL,
    is_total BOOLEAN NOT NULL
);
COMMENT ON TABLE star.dim_breakdown IS 'One combination of characteristics, as name=value pairs sorted by name; Total is a row of its own.';
INSERT INTO star.dim_breakdown VALUES (0, 'unknown', false);

-- Grain: one reason for a value or for its absence.
CREATE TABLE star.dim_value_status (
    value_status_code UTINYINT NOT NULL,
    value_status VARCHAR NOT NULL,
    symbol VARCHAR,
    meaning VARCHAR NOT NULL
);
COMMENT ON TABLE star.dim_value_status IS 'Why a value is there or not: the symbols of official statistics.';
INSERT INTO star.dim_value_status VALUES
    (0, 'unknown', NULL, 'Not known'),
    (1, 'reported', NULL, 'A published value'),
    (2, 'suppressed', 'c', 'Withheld so that nobody can be told from it'),
    (3, 'not_applicable', 'z', 'Does not apply, or the authority does not exist in that year'),
    (4, 'not_available', 'x', 'Not available'),
    (5, 'low', 'k', 'Rounds to zero but is not zero'),
    (6, 'unreliable', 'u', 'Of low reliability');

-- Grain: authority x neighbour x model year.
CREATE TABLE star.bridge_statistical_neighbour (
    model_year INTEGER NOT NULL,
    authority_key BIGINT NOT NULL,
    neighbour_authority_key BIGINT NOT NULL,
    la_code VARCHAR NOT NULL,
    neighbour_la_code VARCHAR NOT NULL,
    neighbour_rank INTEGER NOT NULL,
    closeness VARCHAR
);
COMMENT ON TABLE star.bridge_statistical_neighbour IS 'The ten authorities most like an authority, by one model. Not symmetric.';

-- Grain: one indicator in one document.
CREATE TABLE star.bridge_release_indicator (
    source_key BIGINT NOT NULL,
    indicator_key BIGINT NOT NULL,
    source_collection VARCHAR NOT NULL,
    vintage_date DATE NOT NULL,
    vintage_date_source VARCHAR NOT NULL,
    received_at TIMESTAMP NOT NULL,
    indicator_name VARCHAR NOT NULL,
    unit VARCHAR NOT NULL,
    is_conformed BOOLEAN NOT NULL,
    observation_count BIGINT NOT NULL,
    reported_count BIGINT NOT NULL,
    first_period_end DATE,
    last_period_end DATE,
    load_id VARCHAR NOT NULL
);
COMMENT ON TABLE star.bridge_release_indicator IS 'Which document gives which indicator, for which years and in which release.';

-- Grain: authority x indicator x period x breakdown x source collection x vintage.
-- Stored in the order of indicator, breakdown, period, authority: a trend then lies in one or two row groups.
CREATE TABLE star.fact_indicator (
    indicator_key BIGINT NOT NULL,
    breakdown_key BIGINT NOT NULL,
    period_key BIGINT NOT NULL,
    authority_key BIGINT NOT NULL,
    value DOUBLE,
    numerator DOUBLE,
    denominator DOUBLE,
    value_status_code UTINYINT NOT NULL,
    source_key BIGINT NOT NULL,
    vintage_date DATE NOT NULL,
    is_latest BOOLEAN NOT NULL,
    load_id VARCHAR NOT NULL
);
COMMENT ON TABLE star.fact_indicator IS 'One published value of one release; a symbol is a null value with its status, never a zero.';
COMMENT ON COLUMN star.fact_indicator.value IS 'The published value; null where a symbol was published.';
COMMENT ON COLUMN star.fact_indicator.numerator IS 'Count the value was worked out from, if known.';
COMMENT ON COLUMN star.fact_indicator.denominator IS 'What that count was divided by, if known.';
COMMENT ON COLUMN star.fact_indicator.is_latest IS 'Whether no later release of the collection gives this value again.';

-- Grain: authority x indicator x period x source collection; totals as of the latest release containing them.
CREATE TABLE star.wide_indicator_total (
    indicator_key BIGINT NOT NULL,
    authority_key BIGINT NOT NULL,
    la_code VARCHAR NOT NULL,
    gss_code VARCHAR,
    authority_name VARCHAR NOT NULL,
    region_name VARCHAR,
    compared_region_name VARCHAR,
    indicator_code VARCHAR NOT NULL,
    indicator_name VARCHAR NOT NULL,
    unit VARCHAR NOT NULL,
    polarity VARCHAR NOT NULL,
    source_collection VARCHAR NOT NULL,
    period_code VARCHAR NOT NULL,
    period_kind VARCHAR NOT NULL,
    period_start DATE,
    period_end DATE,
    value DOUBLE,
    value_status VARCHAR NOT NULL,
    region_value DOUBLE,
    england_value DOUBLE,
    england_value_source VARCHAR,
    statistical_neighbour_value DOUBLE,
    statistical_neighbours_counted BIGINT NOT NULL,
    statistical_neighbour_method VARCHAR NOT NULL,
    statistical_neighbour_model INTEGER NOT NULL,
    rank BIGINT,
    ranked_authorities BIGINT NOT NULL,
    quartile VARCHAR,
    change_from_previous DOUBLE,
    previous_period_code VARCHAR,
    trend VARCHAR,
    trend_per_year DOUBLE,
    is_latest_period BOOLEAN NOT NULL,
    vintage_date DATE NOT NULL
);
COMMENT ON TABLE star.wide_indicator_total IS 'Totals of the latest release laid out wide with what they are compared with, by indicator and period; worked out from the facts by each load.';

-- Grain: authority x indicator x source collection, latest period only; sorted by authority, for profiles.
CREATE TABLE star.wide_latest_indicator AS FROM star.wide_indicator_total;
COMMENT ON TABLE star.wide_latest_indicator IS 'The rows of wide_indicator_total of each indicator''s latest period, by authority.';

-- Grain: one large table.
CREATE TABLE meta.storage (
    table_name VARCHAR NOT NULL,
    rows_out_of_order BIGINT NOT NULL
);
COMMENT ON TABLE meta.storage IS 'Rows of large tables appended since they were last written in their sorted order.';
COMMENT ON COLUMN meta.storage.rows_out_of_order IS 'Rows appended since the table was last sorted.';
INSERT INTO meta.storage VALUES ('star.fact_indicator', 0);
