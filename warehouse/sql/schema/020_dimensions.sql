-- Dimensions. Surrogate keys are hashes or codes of natural keys, so any load order gives the same keys.
-- Key 0 is the unknown member.

-- Grain: one version of an authority, region or country (SCD2).
CREATE TABLE star.dim_authority (
    authority_key BIGINT NOT NULL,
    la_code VARCHAR,
    gss_code VARCHAR,
    ofsted_urn VARCHAR,
    authority_name VARCHAR NOT NULL,
    authority_type VARCHAR,
    region_code VARCHAR,
    region_name VARCHAR,
    subregion_code VARCHAR,
    subregion_name VARCHAR,
    geographic_level VARCHAR NOT NULL CHECK (geographic_level IN ('authority', 'region', 'country', 'unknown')),
    opening_change VARCHAR,
    predecessor_la_codes VARCHAR,
    successor_la_codes VARCHAR,
    is_made_up BOOLEAN NOT NULL DEFAULT false,
    valid_from DATE NOT NULL,
    valid_to DATE NOT NULL,
    is_current BOOLEAN NOT NULL
);
COMMENT ON TABLE star.dim_authority IS 'One version of an authority, region or country, valid from (inclusive) to (exclusive).';
COMMENT ON COLUMN star.dim_authority.la_code IS 'Department for Education code, three digits, as text.';
COMMENT ON COLUMN star.dim_authority.gss_code IS 'Office for National Statistics code, nine characters.';
COMMENT ON COLUMN star.dim_authority.predecessor_la_codes IS 'Codes of the authorities it took over from, separated by semicolons.';
COMMENT ON COLUMN star.dim_authority.is_made_up IS 'True for invented authorities of sample data.';

-- Grain: one day.
CREATE TABLE star.dim_date (
    date_key BIGINT NOT NULL,
    date DATE,
    year INTEGER,
    quarter INTEGER,
    month INTEGER,
    month_name VARCHAR,
    day_of_week INTEGER,
    financial_year VARCHAR,
    academic_year VARCHAR
);
COMMENT ON TABLE star.dim_date IS 'One day; date_key is yyyymmdd, 0 unknown.';
COMMENT ON COLUMN star.dim_date.financial_year IS 'Year from 1 April, as 2024-25.';
COMMENT ON COLUMN star.dim_date.academic_year IS 'Year from 1 September, as 2024/25.';

-- Grain: one inspection framework.
CREATE TABLE star.dim_framework (
    framework_key BIGINT NOT NULL,
    framework_code VARCHAR NOT NULL,
    framework_name VARCHAR NOT NULL,
    inspectorate VARCHAR,
    valid_from DATE,
    valid_to DATE,
    family VARCHAR NOT NULL,
    judges VARCHAR,
    source VARCHAR
);
COMMENT ON TABLE star.dim_framework IS 'One inspection framework and its years in force.';
COMMENT ON COLUMN star.dim_framework.family IS 'childrens_services or area_send: inspections of one family follow each other.';
COMMENT ON COLUMN star.dim_framework.judges IS 'Areas it judges, in its own words; empty for letters without grades.';

-- Grain: one area as one framework words it.
CREATE TABLE star.dim_judgement_area (
    judgement_area_key BIGINT NOT NULL,
    framework_code VARCHAR NOT NULL,
    area_code VARCHAR NOT NULL,
    area_name VARCHAR NOT NULL,
    conformed_area_code VARCHAR,
    is_required BOOLEAN NOT NULL,
    valid_from DATE,
    valid_to DATE
);
COMMENT ON TABLE star.dim_judgement_area IS 'A judged area as its framework words it, with its code across frameworks.';
COMMENT ON COLUMN star.dim_judgement_area.is_required IS 'Every inspection in its years must have a judgement on it.';

-- Grain: one grade of one framework.
CREATE TABLE star.dim_grade (
    grade_key BIGINT NOT NULL,
    framework_code VARCHAR NOT NULL,
    grade_code VARCHAR NOT NULL,
    grade_name VARCHAR NOT NULL,
    grade_rank INTEGER
);
COMMENT ON TABLE star.dim_grade IS 'A grade as its framework words it; rank 1 (best) to 4 on the four-point scale, null on another scale.';

-- Grain: one document or file version.
CREATE TABLE star.dim_source (
    source_key BIGINT NOT NULL,
    sha256 VARCHAR NOT NULL,
    document_name VARCHAR NOT NULL,
    landing_path VARCHAR,
    media_type VARCHAR,
    byte_size BIGINT,
    page_count INTEGER,
    title VARCHAR,
    publisher VARCHAR,
    publication VARCHAR,
    licence VARCHAR,
    source_url VARCHAR,
    provider_urn VARCHAR,
    published_date DATE,
    published_date_source VARCHAR,
    retrieved_at TIMESTAMP,
    received_at TIMESTAMP,
    parser_version VARCHAR,
    state VARCHAR NOT NULL,
    load_id VARCHAR NOT NULL
);
COMMENT ON TABLE star.dim_source IS 'One document or file version, known by the sha256 of its bytes.';
COMMENT ON COLUMN star.dim_source.state IS 'current, or superseded by a later document of the same inspection.';

-- Grain: one inspection or visit of one authority.
CREATE TABLE star.dim_inspection (
    inspection_key BIGINT NOT NULL,
    authority_key BIGINT NOT NULL,
    framework_key BIGINT NOT NULL,
    source_key BIGINT NOT NULL,
    la_code VARCHAR,
    framework_code VARCHAR NOT NULL,
    inspection_type VARCHAR NOT NULL,
    title VARCHAR,
    authority_as_printed VARCHAR,
    joint_la_codes VARCHAR,
    inspection_start_date DATE,
    inspection_end_date DATE,
    inspection_windows VARCHAR,
    document_published_date DATE,
    document_published_date_source VARCHAR,
    published_date DATE,
    published_date_source VARCHAR CHECK (published_date_source IN ('printed', 'metadata', 'file_name', 'official_list')),
    lead_inspector VARCHAR,
    deputy_lead_inspector VARCHAR,
    inspection_team VARCHAR,
    previous_inspection_key BIGINT NOT NULL DEFAULT 0,
    source VARCHAR NOT NULL DEFAULT 'report' CHECK (source IN ('report', 'official_list', 'unknown')),
    load_id VARCHAR NOT NULL
);
COMMENT ON TABLE star.dim_inspection IS 'One inspection or visit of one authority; a joint inspection has a row for each authority.';
COMMENT ON COLUMN star.dim_inspection.joint_la_codes IS 'Codes of all authorities of a joint inspection, separated by semicolons; null otherwise.';
COMMENT ON COLUMN star.dim_inspection.inspection_windows IS 'All windows of inspection, as start/end pairs separated by semicolons.';
COMMENT ON COLUMN star.dim_inspection.published_date IS 'Printed in the report, else from its metadata file, its name, or the official list.';
COMMENT ON COLUMN star.dim_inspection.previous_inspection_key IS 'Previous graded inspection of the same family and authority or its predecessor; 0 if none is known.';
