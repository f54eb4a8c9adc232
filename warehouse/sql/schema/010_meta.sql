-- What happened and why: loads, file versions, rejected rows, check results.
-- Grain of each table stands before it.
CREATE SCHEMA IF NOT EXISTS meta;
CREATE SCHEMA IF NOT EXISTS star;
CREATE SCHEMA IF NOT EXISTS bi;

-- Grain: one load that reached a published version, or failed before this one did.
CREATE TABLE meta.load (
    load_id VARCHAR NOT NULL,
    started_at TIMESTAMP NOT NULL,
    finished_at TIMESTAMP,
    state VARCHAR NOT NULL CHECK (state IN ('running', 'published', 'unchanged', 'blocked', 'failed', 'rolled_back')),
    exit_code INTEGER,
    trigger VARCHAR,
    code_version VARCHAR,
    parser_version VARCHAR,
    register_version VARCHAR,
    files_new INTEGER,
    files_loaded INTEGER,
    files_quarantined INTEGER,
    files_superseded INTEGER,
    rows_in BIGINT,
    rows_out BIGINT,
    rejects BIGINT,
    seconds DOUBLE,
    message VARCHAR
);
COMMENT ON TABLE meta.load IS 'One row per load, also those that published nothing.';
COMMENT ON COLUMN meta.load.load_id IS 'Identifier of the load: start in UTC and a random suffix; sorts by time.';
COMMENT ON COLUMN meta.load.state IS 'running, published, unchanged (nothing new), blocked (a check failed), failed, rolled_back.';
COMMENT ON COLUMN meta.load.trigger IS 'What started it: load, nightly, demo, reprocess.';
COMMENT ON COLUMN meta.load.code_version IS 'Version of the installed package.';
COMMENT ON COLUMN meta.load.parser_version IS 'Content hash of the code that reads documents.';
COMMENT ON COLUMN meta.load.register_version IS 'Content hash of the register of authorities in use.';

-- Grain: one file version seen at one landing path (path x sha256).
CREATE TABLE meta.source_file (
    landing_path VARCHAR NOT NULL,
    sha256 VARCHAR NOT NULL,
    sidecar_sha256 VARCHAR NOT NULL DEFAULT '',
    source_kind VARCHAR NOT NULL,
    byte_size BIGINT NOT NULL,
    modified_at TIMESTAMP,
    first_seen_at TIMESTAMP NOT NULL,
    load_id VARCHAR NOT NULL,
    state VARCHAR NOT NULL CHECK (state IN ('loaded', 'unchanged', 'superseded', 'quarantined')),
    reason VARCHAR,
    error_code VARCHAR,
    superseded_by_sha256 VARCHAR,
    parser_version VARCHAR,
    register_version VARCHAR,
    page_count INTEGER
);
COMMENT ON TABLE meta.source_file IS 'One row per file version and landing path, with what became of it.';
COMMENT ON COLUMN meta.source_file.landing_path IS 'Path relative to the landing zone.';
COMMENT ON COLUMN meta.source_file.sidecar_sha256 IS 'Hash of the JSON file beside it, empty if there is none.';
COMMENT ON COLUMN meta.source_file.state IS 'loaded, unchanged (same bytes as another path), superseded (a later document of the same inspection), quarantined.';
COMMENT ON COLUMN meta.source_file.reason IS 'Why, in words: place, found, expected.';

-- Grain: one thing found not as expected in one document; blocking ones kept the document out.
CREATE TABLE meta.reject (
    load_id VARCHAR NOT NULL,
    sha256 VARCHAR NOT NULL,
    landing_path VARCHAR NOT NULL,
    table_name VARCHAR,
    rule VARCHAR NOT NULL,
    severity VARCHAR NOT NULL CHECK (severity IN ('blocking', 'warning')),
    place VARCHAR,
    found VARCHAR,
    expected VARCHAR,
    message VARCHAR NOT NULL
);
COMMENT ON TABLE meta.reject IS 'One row per rejected row or recorded doubt, with its place in the file.';
COMMENT ON COLUMN meta.reject.severity IS 'blocking: kept out of the star; warning: loaded, with a doubt recorded.';
COMMENT ON COLUMN meta.reject.place IS 'Page, sheet or row in the file.';

-- Grain: one check of one stage of one load.
CREATE TABLE meta.check_result (
    load_id VARCHAR NOT NULL,
    stage VARCHAR NOT NULL,
    check_id VARCHAR NOT NULL,
    table_name VARCHAR NOT NULL,
    severity VARCHAR NOT NULL,
    success BOOLEAN NOT NULL,
    unexpected_count BIGINT,
    observed VARCHAR,
    why VARCHAR,
    failing_rows VARCHAR,
    seconds DOUBLE,
    checked_at TIMESTAMP NOT NULL
);
COMMENT ON TABLE meta.check_result IS 'One row per check run: what was checked, how it went, and why it matters.';
COMMENT ON COLUMN meta.check_result.failing_rows IS 'JSON: keys of failing rows, a sample; never values about one child.';

-- Grain: one document's claim to be the record of one inspection.
CREATE TABLE meta.inspection_document (
    inspection_key BIGINT NOT NULL,
    sha256 VARCHAR NOT NULL,
    report_no INTEGER NOT NULL,
    la_code VARCHAR NOT NULL,
    framework_code VARCHAR NOT NULL,
    inspection_start_date DATE,
    published_date DATE,
    received_at TIMESTAMP NOT NULL,
    modified_at TIMESTAMP,
    is_current BOOLEAN NOT NULL
);
COMMENT ON TABLE meta.inspection_document IS 'Every document of an inspection; the latest published (then latest received) one is current and gives the facts.';
