-- Grain: one inspection or visit of one authority.
CREATE OR REPLACE VIEW bi.inspection AS
SELECT
    i.inspection_key, a.la_code, a.gss_code, a.authority_name, a.region_name, i.framework_code, fw.framework_name,
    fw.inspectorate, i.inspection_type, i.title, i.joint_la_codes, i.inspection_start_date, i.inspection_end_date,
    i.inspection_windows, i.published_date, i.published_date_source, i.lead_inspector, i.deputy_lead_inspector,
    i.inspection_team, p.inspection_start_date AS previous_inspection_start_date,
    p.framework_code AS previous_framework_code, s.document_name, s.sha256 AS document_sha256, s.source_url,
    s.provider_urn, s.page_count, i.source, i.load_id
FROM star.dim_inspection AS i
JOIN star.dim_authority AS a ON a.authority_key = i.authority_key
JOIN star.dim_framework AS fw ON fw.framework_key = i.framework_key
JOIN star.dim_source AS s ON s.source_key = i.source_key
LEFT JOIN star.dim_inspection AS p ON p.inspection_key = i.previous_inspection_key AND i.previous_inspection_key <> 0
WHERE i.inspection_key <> 0;
COMMENT ON VIEW bi.inspection IS 'One row per inspection or visit of one authority, graded or not.';

-- Grain: one recommendation of one inspection.
CREATE OR REPLACE VIEW bi.recommendation AS
SELECT
    i.la_code, i.gss_code, i.authority_name, i.region_name, i.framework_code, i.inspection_type,
    i.inspection_start_date, i.inspection_end_date, i.published_date, r.sequence AS recommendation_sequence, r.kind,
    r.number_as_printed, r.section, r.addressed_to, r.text AS recommendation_text, r.is_incomplete,
    r.paragraphs_cited, r.evidence_page, i.lead_inspector, i.document_name, i.document_sha256, r.load_id
FROM star.fact_recommendation AS r
JOIN bi.inspection AS i USING (inspection_key);
COMMENT ON VIEW bi.recommendation IS 'Every recommendation, area for improvement and priority action, with its inspection.';

-- Grain: one paragraph of one report.
CREATE OR REPLACE VIEW bi.report_paragraph AS
SELECT
    i.la_code, i.authority_name, i.region_name, i.framework_code, i.inspection_type, i.inspection_start_date,
    i.published_date, p.sequence AS paragraph_sequence, p.number_as_printed, p.section,
    p.text AS paragraph_text, p.is_incomplete, p.evidence_page, i.document_name, i.document_sha256, p.load_id
FROM star.fact_paragraph AS p
JOIN bi.inspection AS i USING (inspection_key);
COMMENT ON VIEW bi.report_paragraph IS 'The text of reports by paragraph under its heading; search it with ILIKE.';

-- Grain: one figure stated in one report.
CREATE OR REPLACE VIEW bi.report_figure AS
SELECT
    i.la_code, i.gss_code, i.authority_name, i.region_name, i.framework_code, i.inspection_start_date,
    i.published_date, f.sequence AS figure_sequence, f.indicator_code, f.subject, f.value, f.value_as_printed, f.unit,
    f.period_as_worded, f.comparator, f.sentence, f.evidence_page, p.value AS published_value,
    CASE
        WHEN p.value IS NULL THEN 'no_published_value'
        WHEN f.value = p.value THEN 'agrees'
        -- Counts were published to the nearest 5 at the time, rates to a whole number.
        WHEN f.unit = 'count' AND f.value = 5 * round(p.value / 5) THEN 'agrees'
        WHEN f.unit = 'rate_per_10k' AND abs(f.value - p.value) <= 0.5 THEN 'agrees'
        ELSE 'differs'
    END AS agreement,
    p.period_code AS published_period_code, p.vintage_date AS published_vintage_date, i.document_name,
    i.document_sha256, f.load_id
FROM star.fact_report_figure AS f
JOIN bi.inspection AS i USING (inspection_key)
LEFT JOIN (
    SELECT
        la_code, indicator_code, period_end, max(value) AS value, max(period_code) AS period_code,
        max(vintage_date) AS vintage_date
    FROM star.benchmark_total
    JOIN star.dim_indicator USING (indicator_key)
    JOIN star.dim_authority USING (authority_key)
    JOIN star.dim_period USING (period_key)
    JOIN star.bridge_release_indicator USING (source_key, indicator_key)
    WHERE indicator_code IN (SELECT indicator_code FROM star.fact_report_figure)
    GROUP BY la_code, indicator_code, period_end
    HAVING count(*) = 1
) AS p
    ON f.comparator IS NULL AND p.la_code = i.la_code AND p.indicator_code = f.indicator_code
    AND p.period_end = coalesce(
        try_strptime(regexp_extract(f.period_as_worded, '\d{1,2} [A-Z][a-z]+ \d{4}'), '%d %B %Y')::DATE,
        last_day(try_strptime('1 ' || regexp_extract(f.period_as_worded, '[A-Z][a-z]+ \d{4}'), '%d %B %Y')::DATE));
COMMENT ON VIEW bi.report_figure IS 'Every figure stated in the text of a report, with its sentence and page, beside the value published for that day where the indicator is certain.';

-- Grain: one member of one inspection team.
CREATE OR REPLACE VIEW bi.inspection_team AS
SELECT
    i.la_code, i.authority_name, i.framework_code, i.inspection_type, i.inspection_start_date, i.published_date,
    t.sequence AS team_sequence, t.role, t.inspector_name, t.inspector_title, t.organisation, t.evidence_page,
    i.document_name, i.document_sha256, t.load_id
FROM star.bridge_inspection_inspector AS t
JOIN bi.inspection AS i USING (inspection_key);
COMMENT ON VIEW bi.inspection_team IS 'Who inspected: lead, deputy and team, in printed order.';

-- Grain: one statement about an office in one report.
CREATE OR REPLACE VIEW bi.tenure AS
SELECT
    i.la_code, i.authority_name, i.framework_code, i.inspection_start_date, i.published_date, t.office,
    t.holder_name, t.since_date, t.since_precision, t.is_interim, t.statement, t.evidence_page, i.document_name,
    i.document_sha256, t.load_id
FROM star.fact_tenure AS t
JOIN bi.inspection AS i USING (inspection_key);
COMMENT ON VIEW bi.tenure IS 'Since when directors of children''s services and safeguarding board chairs held office, as reports say.';

-- Grain: one earlier inspection mentioned in one report.
CREATE OR REPLACE VIEW bi.stated_previous_inspection AS
SELECT
    i.la_code, i.authority_name, i.framework_code, i.inspection_start_date, i.published_date, p.what_as_worded,
    p.conformed_area_code AS area_code, p.stated_date, p.stated_date_precision, p.grade_code AS stated_grade_code,
    p.known_grade_code, p.agreement, k.inspection_start_date AS known_inspection_start_date, p.statement,
    p.evidence_page, i.document_name, i.document_sha256, p.load_id
FROM star.fact_stated_previous_inspection AS p
JOIN bi.inspection AS i USING (inspection_key)
LEFT JOIN star.dim_inspection AS k ON k.inspection_key = p.known_inspection_key AND p.known_inspection_key <> 0;
COMMENT ON VIEW bi.stated_previous_inspection IS 'Earlier inspections as reports state them, beside what is known: reports are sometimes wrong.';

-- Grain: one thing found not as expected in one document.
CREATE OR REPLACE VIEW bi.problem AS
SELECT
    r.landing_path, r.sha256 AS document_sha256, f.state AS document_state, r.table_name, r.rule, r.severity, r.place,
    r.found, r.expected, r.message, r.load_id
FROM meta.reject AS r
LEFT JOIN (SELECT sha256, arg_min(state, landing_path) AS state FROM meta.source_file GROUP BY sha256) AS f
    USING (sha256);
COMMENT ON VIEW bi.problem IS 'What was found not as expected, by document: blocking ones kept it out, warnings are doubts.';

-- Grain: one source kind.
CREATE OR REPLACE VIEW meta.freshness AS
SELECT
    f.source_kind,
    count(DISTINCT f.sha256) FILTER (f.state = 'loaded') AS documents_loaded,
    count(DISTINCT f.sha256) FILTER (f.state = 'superseded') AS documents_superseded,
    count(DISTINCT f.sha256) FILTER (f.state = 'quarantined') AS documents_quarantined,
    max(f.first_seen_at) AS last_arrival_at,
    -- An official list may give a report the date that it does not print.
    greatest(max(s.published_date),
        CASE WHEN f.source_kind = 'report' THEN (SELECT max(published_date) FROM star.dim_inspection) END)
        AS latest_published_date
FROM meta.source_file AS f
LEFT JOIN star.dim_source AS s USING (sha256)
GROUP BY f.source_kind;
COMMENT ON VIEW meta.freshness IS 'How much of each source is loaded and when the last file of it arrived.';
