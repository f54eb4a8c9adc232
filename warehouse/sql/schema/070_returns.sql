-- What may be told of local returns: which came, how they stand, how each rule ended. Never a row
-- about one child, and no count of one to five of them.

-- Grain: one submission of one return of one authority, by its hash.
CREATE TABLE meta.return_submission (
    source_key BIGINT NOT NULL,
    sha256 VARCHAR NOT NULL,
    la_code VARCHAR NOT NULL,
    return_code VARCHAR NOT NULL,
    year INTEGER NOT NULL,
    period_start DATE NOT NULL,
    period_end DATE NOT NULL,
    vintage_date DATE NOT NULL,
    received_at TIMESTAMP NOT NULL,
    file_count INTEGER NOT NULL,
    based_on VARCHAR NOT NULL,
    is_current BOOLEAN NOT NULL,
    load_id VARCHAR NOT NULL
);
COMMENT ON TABLE meta.return_submission IS 'One row per submission of a local return that was loaded; the latest of an authority, return and year is current.';
COMMENT ON COLUMN meta.return_submission.year IS 'Year in which the collection ends.';
COMMENT ON COLUMN meta.return_submission.based_on IS 'Hash of all that its results were computed from: files, earlier years, code, population.';
COMMENT ON COLUMN meta.return_submission.is_current IS 'Whether no later submission of the same authority, return and year has come.';

-- Grain: one rule of the department on one submission.
CREATE TABLE meta.return_rule (
    sha256 VARCHAR NOT NULL,
    la_code VARCHAR NOT NULL,
    return_code VARCHAR NOT NULL,
    year INTEGER NOT NULL,
    rule_code VARCHAR NOT NULL,
    severity VARCHAR NOT NULL CHECK (severity IN ('error', 'query')),
    state VARCHAR NOT NULL CHECK (state IN ('passed', 'failed', 'not_run', 'broken')),
    findings BIGINT,
    findings_shown VARCHAR NOT NULL,
    needs VARCHAR,
    fields VARCHAR,
    message VARCHAR,
    load_id VARCHAR NOT NULL
);
COMMENT ON TABLE meta.return_rule IS 'How each rule of the department ended on each submission. Which rows break it is in the restricted store (safeguarding findings).';
COMMENT ON COLUMN meta.return_rule.severity IS 'error, or query where the department asks for an explanation only.';
COMMENT ON COLUMN meta.return_rule.year IS 'Year in which the collection ends.';
COMMENT ON COLUMN meta.return_rule.message IS 'What is wrong with a row that breaks the rule.';
COMMENT ON COLUMN meta.return_rule.findings IS 'Rows that break the rule; null where there are one to five, or the rule was not run.';
COMMENT ON COLUMN meta.return_rule.findings_shown IS 'The same as text: a number, c where it is withheld, or - where the rule was not run.';
COMMENT ON COLUMN meta.return_rule.needs IS 'What a rule that was not run would have needed.';
COMMENT ON COLUMN meta.return_rule.state IS 'passed, failed, not_run (something it needs was not given), broken (a fault of the rule itself).';

-- Grain: one value that could be worked out although it is withheld. Must stay empty: a check stops the load.
CREATE TABLE meta.disclosure_risk (
    la_code VARCHAR,
    return_code VARCHAR NOT NULL,
    period_code VARCHAR,
    count_name VARCHAR,
    breakdown VARCHAR,
    reason VARCHAR NOT NULL
);
COMMENT ON TABLE meta.disclosure_risk IS 'Withheld values of the current returns that could be worked out from what is published. A load that finds one publishes nothing.';

-- Grain: one place in the file that holds something of the restricted store. Must stay empty likewise.
CREATE TABLE meta.restricted_trace (
    table_name VARCHAR NOT NULL,
    column_name VARCHAR NOT NULL,
    kind VARCHAR NOT NULL
);
COMMENT ON COLUMN meta.restricted_trace.kind IS 'hash, identifier, postcode or pupil number.';
COMMENT ON TABLE meta.restricted_trace IS 'Places where an identifier, a hash of one or a postcode was found. A load that finds one publishes nothing.';

-- Grain: an indicator worked out from returns and a published one it stands beside.
CREATE TABLE star.bridge_local_indicator (
    indicator_key BIGINT NOT NULL,
    published_indicator_key BIGINT NOT NULL,
    indicator_code VARCHAR NOT NULL,
    published_indicator_code VARCHAR NOT NULL
);
COMMENT ON TABLE star.bridge_local_indicator IS 'Which published indicator one worked out from local returns is compared with.';
