-- Facts read from inspection reports. No primary keys: uniqueness is a check, slices are replaced.

-- Grain: inspection x judgement area.
CREATE TABLE star.fact_judgement (
    inspection_key BIGINT NOT NULL,
    judgement_area_key BIGINT NOT NULL,
    grade_key BIGINT NOT NULL,
    authority_key BIGINT NOT NULL,
    area_as_printed VARCHAR NOT NULL,
    grade_as_printed VARCHAR NOT NULL,
    evidence_page INTEGER,
    evidence_text VARCHAR,
    evidence_places VARCHAR,
    source VARCHAR NOT NULL DEFAULT 'report',
    source_key BIGINT NOT NULL,
    load_id VARCHAR NOT NULL
);
COMMENT ON TABLE star.fact_judgement IS 'One graded judgement of one inspection, with the page and words it was read from.';
COMMENT ON COLUMN star.fact_judgement.evidence_places IS 'Where in the document it was read: grid, heading, sentence; separated by semicolons.';

-- Grain: inspection x recommendation, in printed order.
CREATE TABLE star.fact_recommendation (
    inspection_key BIGINT NOT NULL,
    authority_key BIGINT NOT NULL,
    sequence INTEGER NOT NULL,
    kind VARCHAR NOT NULL,
    number_as_printed VARCHAR,
    section VARCHAR,
    addressed_to VARCHAR,
    text VARCHAR NOT NULL,
    is_incomplete BOOLEAN NOT NULL DEFAULT false,
    paragraphs_cited VARCHAR,
    evidence_page INTEGER,
    source_key BIGINT NOT NULL,
    load_id VARCHAR NOT NULL
);
COMMENT ON TABLE star.fact_recommendation IS 'One recommendation, area for improvement or priority action.';
COMMENT ON COLUMN star.fact_recommendation.kind IS 'recommendation, area_for_improvement or priority_action.';
COMMENT ON COLUMN star.fact_recommendation.is_incomplete IS 'True where the text in hand has evidently lost a part of it.';

-- Grain: inspection x paragraph, in printed order.
CREATE TABLE star.fact_paragraph (
    inspection_key BIGINT NOT NULL,
    sequence INTEGER NOT NULL,
    number_as_printed VARCHAR,
    section VARCHAR,
    text VARCHAR NOT NULL,
    is_incomplete BOOLEAN NOT NULL DEFAULT false,
    evidence_page INTEGER,
    source_key BIGINT NOT NULL,
    load_id VARCHAR NOT NULL
);
COMMENT ON TABLE star.fact_paragraph IS 'One paragraph of a report under its section heading.';

-- Grain: inspection x figure stated in its report.
CREATE TABLE star.fact_report_figure (
    inspection_key BIGINT NOT NULL,
    authority_key BIGINT NOT NULL,
    sequence INTEGER NOT NULL,
    indicator_code VARCHAR,
    subject VARCHAR,
    value DOUBLE NOT NULL,
    value_as_printed VARCHAR NOT NULL,
    unit VARCHAR NOT NULL,
    period_as_worded VARCHAR,
    comparator VARCHAR,
    sentence VARCHAR NOT NULL,
    evidence_page INTEGER,
    source_key BIGINT NOT NULL,
    load_id VARCHAR NOT NULL
);
COMMENT ON TABLE star.fact_report_figure IS 'One figure stated in the text of a report, with its sentence.';

-- Grain: inspection x person of its team, in printed order.
CREATE TABLE star.bridge_inspection_inspector (
    inspection_key BIGINT NOT NULL,
    sequence INTEGER NOT NULL,
    role VARCHAR NOT NULL,
    inspector_name VARCHAR NOT NULL,
    inspector_title VARCHAR,
    organisation VARCHAR,
    evidence_page INTEGER,
    source_key BIGINT NOT NULL,
    load_id VARCHAR NOT NULL
);
COMMENT ON TABLE star.bridge_inspection_inspector IS 'One member of an inspection team.';

-- Grain: inspection x office whose tenure its report states.
CREATE TABLE star.fact_tenure (
    inspection_key BIGINT NOT NULL,
    authority_key BIGINT NOT NULL,
    sequence INTEGER NOT NULL,
    office VARCHAR NOT NULL,
    holder_name VARCHAR,
    since_date DATE,
    since_precision VARCHAR,
    is_interim BOOLEAN,
    statement VARCHAR NOT NULL,
    evidence_page INTEGER,
    source_key BIGINT NOT NULL,
    load_id VARCHAR NOT NULL
);
COMMENT ON TABLE star.fact_tenure IS 'What a report says of who has held an office since when.';
COMMENT ON COLUMN star.fact_tenure.office IS 'director_of_childrens_services or lscb_chair.';

-- Grain: inspection x earlier inspection that its report mentions.
CREATE TABLE star.fact_stated_previous_inspection (
    inspection_key BIGINT NOT NULL,
    authority_key BIGINT NOT NULL,
    sequence INTEGER NOT NULL,
    what_as_worded VARCHAR,
    conformed_area_code VARCHAR,
    stated_date DATE,
    stated_date_precision VARCHAR,
    grade_code VARCHAR,
    statement VARCHAR NOT NULL,
    known_inspection_key BIGINT NOT NULL DEFAULT 0,
    known_grade_code VARCHAR,
    agreement VARCHAR,
    evidence_page INTEGER,
    source_key BIGINT NOT NULL,
    load_id VARCHAR NOT NULL
);
COMMENT ON TABLE star.fact_stated_previous_inspection IS 'An earlier inspection as a report states it, beside what is known of it; reports are sometimes wrong.';
COMMENT ON COLUMN star.fact_stated_previous_inspection.agreement IS 'agrees, differs, or unknown where no such inspection is loaded.';
