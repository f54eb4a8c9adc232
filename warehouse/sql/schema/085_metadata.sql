-- The file beside a table that says what its columns are: reading the table again needs it too.
ALTER TABLE meta.source_file ADD COLUMN metadata_sha256 VARCHAR;
COMMENT ON COLUMN meta.source_file.metadata_sha256 IS 'Hash of the file beside it that says what its columns are, empty if there is none.';
