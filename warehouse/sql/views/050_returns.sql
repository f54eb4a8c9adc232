-- Grain: authority x indicator x period x breakdown, where a return gives a value.
CREATE OR REPLACE VIEW bi.local_indicator_comparison AS
WITH local AS (
    SELECT
        f.indicator_key, f.breakdown_key, f.period_key, f.source_key, f.authority_key, f.value, f.numerator,
        f.denominator, f.value_status_code, f.vintage_date, r.la_code, r.return_code, r.year
    FROM star.fact_indicator AS f
    JOIN meta.return_submission AS r ON r.source_key = f.source_key AND r.is_current
),
published AS (
    SELECT
        l.indicator_key, f.indicator_key AS published_indicator_key, b.breakdown, p.period_end, a.la_code, f.value,
        f.numerator, f.denominator, f.value_status_code, f.vintage_date, c.source_collection, s.document_name
    FROM star.bridge_local_indicator AS l
    JOIN star.fact_indicator AS f ON f.indicator_key = l.published_indicator_key AND f.is_latest
    JOIN star.dim_breakdown AS b ON b.breakdown_key = f.breakdown_key
    JOIN star.dim_period AS p ON p.period_key = f.period_key
    JOIN star.dim_authority AS a ON a.authority_key = f.authority_key AND a.geographic_level = 'authority'
    JOIN star.bridge_release_indicator AS c ON c.source_key = f.source_key AND c.indicator_key = f.indicator_key
    JOIN star.dim_source AS s ON s.source_key = f.source_key
    WHERE f.source_key NOT IN (SELECT source_key FROM meta.return_submission)
)
SELECT
    l.la_code, a.gss_code, a.authority_name, a.region_name, i.indicator_code, i.indicator_name, i.unit, i.polarity,
    p.period_code, p.period_start, p.period_end, b.breakdown, l.value AS local_value, l.numerator AS local_numerator,
    l.denominator AS local_denominator, v.value_status AS local_value_status, l.return_code,
    l.vintage_date AS local_vintage_date, j.indicator_code AS published_indicator_code,
    d.value AS published_value, d.numerator AS published_numerator, d.denominator AS published_denominator,
    w.value_status AS published_value_status, d.source_collection AS published_source_collection,
    d.document_name AS published_document_name, d.vintage_date AS published_vintage_date,
    -- Rounded where binary noise begins: 7.1 less 7.0 is 0.1.
    round(l.value - d.value, 9) AS difference
FROM local AS l
JOIN star.dim_authority AS a ON a.authority_key = l.authority_key
JOIN star.dim_indicator AS i ON i.indicator_key = l.indicator_key
JOIN star.dim_period AS p ON p.period_key = l.period_key
JOIN star.dim_breakdown AS b ON b.breakdown_key = l.breakdown_key
JOIN star.dim_value_status AS v ON v.value_status_code = l.value_status_code
LEFT JOIN published AS d
    ON d.indicator_key = l.indicator_key AND d.la_code = l.la_code AND d.period_end = p.period_end
    AND d.breakdown = b.breakdown
LEFT JOIN star.dim_indicator AS j ON j.indicator_key = d.published_indicator_key
LEFT JOIN star.dim_value_status AS w ON w.value_status_code = d.value_status_code;
COMMENT ON VIEW bi.local_indicator_comparison IS 'Every value worked out from the current local returns, beside the published one for the same authority, period and breakdown, with the difference (local less published).';

-- Grain: one rule of the department on one current submission.
CREATE OR REPLACE VIEW bi.return_rule AS
SELECT
    r.la_code, a.gss_code, a.authority_name, r.return_code, r.year, s.vintage_date, r.rule_code, r.severity, r.state,
    r.findings, r.findings_shown, r.needs, r.fields, r.message
FROM meta.return_rule AS r
JOIN meta.return_submission AS s ON s.sha256 = r.sha256 AND s.is_current
LEFT JOIN star.dim_authority AS a ON a.la_code = r.la_code AND a.geographic_level = 'authority' AND a.is_current;
COMMENT ON COLUMN bi.return_rule.year IS 'Year in which the collection ends.';
COMMENT ON COLUMN bi.return_rule.severity IS 'error, or query where the department asks for an explanation only.';
COMMENT ON COLUMN bi.return_rule.state IS 'passed, failed, not_run (something it needs was not given), broken (a fault of the rule itself).';
COMMENT ON COLUMN bi.return_rule.message IS 'What is wrong with a row that breaks the rule.';
COMMENT ON COLUMN bi.local_indicator_comparison.indicator_code IS 'Indicator worked out from the return, as the reference numbers it.';
COMMENT ON COLUMN bi.local_indicator_comparison.published_indicator_code IS 'Published indicator it stands beside; empty where none is published for that authority, period and breakdown.';
COMMENT ON VIEW bi.return_rule IS 'How each rule of the department ended on the current submission of each return; which rows break it is in the restricted store.';
