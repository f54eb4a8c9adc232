-- What official lists of inspection outcomes state, beside what reports say.

-- Grain: one inspection or visit of one authority as official lists tell of it, all lists together.
CREATE TABLE star.dim_listed_inspection (
    listed_inspection_key BIGINT NOT NULL,
    inspection_key BIGINT NOT NULL DEFAULT 0,
    authority_key BIGINT NOT NULL,
    framework_key BIGINT NOT NULL,
    la_code VARCHAR NOT NULL,
    framework_code VARCHAR NOT NULL,
    inspection_type VARCHAR,
    inspection_start_date DATE,
    published_date DATE,
    source_key BIGINT NOT NULL,
    load_id VARCHAR NOT NULL
);
COMMENT ON TABLE star.dim_listed_inspection IS 'One inspection or visit as official lists tell of it; made anew with every load from all lists together.';
COMMENT ON COLUMN star.dim_listed_inspection.inspection_key IS 'The same inspection as read from its report; 0 if that is not loaded.';
COMMENT ON COLUMN star.dim_listed_inspection.inspection_start_date IS 'First day, from the latest list that gives one.';
COMMENT ON COLUMN star.dim_listed_inspection.published_date IS 'Day of publication, from the latest list that gives one.';
COMMENT ON COLUMN star.dim_listed_inspection.source_key IS 'Latest list that tells of it.';

-- Grain: authority x framework x inspection x area x list x cell: one grade as one cell of one list states it.
-- An inspection or visit listed without grades has one row with judgement_area_key 0.
CREATE TABLE star.fact_official_outcome (
    listed_inspection_key BIGINT NOT NULL,
    inspection_key BIGINT NOT NULL DEFAULT 0,
    authority_key BIGINT NOT NULL,
    framework_key BIGINT NOT NULL,
    judgement_area_key BIGINT NOT NULL,
    grade_key BIGINT NOT NULL,
    la_code VARCHAR NOT NULL,
    framework_code VARCHAR NOT NULL,
    authority_as_printed VARCHAR NOT NULL,
    code_as_printed VARCHAR,
    inspection_type VARCHAR,
    inspection_start_date DATE,
    published_date DATE,
    area_as_printed VARCHAR,
    grade_as_printed VARCHAR,
    sheet VARCHAR NOT NULL,
    row_number INTEGER NOT NULL,
    column_letters VARCHAR NOT NULL,
    list_date DATE,
    received_at TIMESTAMP NOT NULL,
    is_latest BOOLEAN NOT NULL DEFAULT false,
    source_key BIGINT NOT NULL,
    load_id VARCHAR NOT NULL
);
COMMENT ON TABLE star.fact_official_outcome IS 'One grade as one cell of one official list states it; an inspection listed without grades has one row with area 0.';
COMMENT ON COLUMN star.fact_official_outcome.inspection_key IS 'Inspection whose report judges the same area; 0 if no loaded report does.';
COMMENT ON COLUMN star.fact_official_outcome.inspection_start_date IS 'First day as this row of the list gives it.';
COMMENT ON COLUMN star.fact_official_outcome.published_date IS 'Day of publication as this row of the list gives it.';
COMMENT ON COLUMN star.fact_official_outcome.list_date IS 'Day of the list: its publication, else the day as at which it stands.';
COMMENT ON COLUMN star.fact_official_outcome.is_latest IS 'The statement of the latest list on this inspection and area; earlier ones are kept.';
COMMENT ON COLUMN star.fact_official_outcome.grade_as_printed IS 'The word of the list, which calls every middle grade requires improvement.';
