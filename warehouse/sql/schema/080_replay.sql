-- What replaying the archive found: the content of each document as it was laid out, and what changed.
ALTER TABLE meta.source_file ADD COLUMN content_sha256 VARCHAR;
COMMENT ON COLUMN meta.source_file.content_sha256 IS 'Hash of the rows the document gave; equal hashes mean equal facts.';

-- Grain: one published table x one document x one load that read it again.
CREATE TABLE meta.reprocess_change (
    load_id VARCHAR NOT NULL,
    sha256 VARCHAR NOT NULL,
    landing_path VARCHAR,
    table_name VARCHAR NOT NULL,
    rows_added BIGINT NOT NULL,
    rows_removed BIGINT NOT NULL,
    rows_altered BIGINT NOT NULL
);
COMMENT ON TABLE meta.reprocess_change IS 'What reading archived documents again changed: one row per load, document and table.';
COMMENT ON COLUMN meta.reprocess_change.table_name IS 'Table of the star whose rows changed.';
COMMENT ON COLUMN meta.reprocess_change.rows_altered IS 'Rows of the same key with other values.';
