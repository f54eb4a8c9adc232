-- Replace the slices of the inspections whose document came with this load.

DELETE FROM star.dim_inspection WHERE inspection_key IN (FROM replaced);
DELETE FROM star.fact_judgement WHERE inspection_key IN (FROM replaced);
DELETE FROM star.fact_recommendation WHERE inspection_key IN (FROM replaced);
DELETE FROM star.fact_paragraph WHERE inspection_key IN (FROM replaced);
DELETE FROM star.fact_report_figure WHERE inspection_key IN (FROM replaced);
DELETE FROM star.fact_tenure WHERE inspection_key IN (FROM replaced);
DELETE FROM star.fact_stated_previous_inspection WHERE inspection_key IN (FROM replaced);
DELETE FROM star.bridge_inspection_inspector WHERE inspection_key IN (FROM replaced);

-- One row for each inspection to load: its claim, the authority in force on its day, its document.
CREATE OR REPLACE TEMP TABLE loading AS
SELECT
    c.*,
    coalesce(a.authority_key, 0) AS authority_key,
    star_key('source|' || c.sha256) AS source_key
FROM staged_claim AS c
JOIN holding AS h USING (inspection_key, sha256, report_no)
LEFT JOIN star.dim_authority AS a
    ON a.la_code = c.la_code
    AND a.geographic_level = 'authority'
    AND a.valid_from <= coalesce(c.inspection_start_date, c.published_date)
    AND a.valid_to > coalesce(c.inspection_start_date, c.published_date);

INSERT INTO star.dim_inspection
SELECT
    inspection_key, authority_key, star_key('framework|' || framework_code), source_key, la_code, framework_code,
    inspection_type, title, authority_as_printed, joint_la_codes, inspection_start_date, inspection_end_date,
    inspection_windows, published_date, published_date_source, published_date, published_date_source,
    lead_inspector, deputy_lead_inspector, inspection_team, 0, 'report', getvariable('load_id')
FROM loading;

INSERT INTO star.fact_judgement
SELECT
    l.inspection_key, star_key('area|' || j.framework_code || '|' || j.area_code),
    star_key('grade|' || j.framework_code || '|' || j.grade_code), l.authority_key, j.area_name, j.grade_name,
    j.page, j.evidence, j.places, 'report', l.source_key, getvariable('load_id')
FROM staging.staged.judgement AS j
JOIN loading AS l USING (sha256, report_no)
ORDER BY ALL;

INSERT INTO star.fact_recommendation
SELECT
    l.inspection_key, l.authority_key, r.sequence, r.kind, r.number, r.section, r.addressed_to, r.text,
    coalesce(r.is_incomplete, false), r.paragraphs, r.page, l.source_key, getvariable('load_id')
FROM staging.staged.recommendation AS r
JOIN loading AS l USING (sha256, report_no)
ORDER BY l.inspection_key, r.sequence;

INSERT INTO star.fact_paragraph
SELECT
    l.inspection_key, p.sequence, p.number, p.section, p.text, coalesce(p.is_incomplete, false), p.page, l.source_key,
    getvariable('load_id')
FROM staging.staged.paragraph AS p
JOIN loading AS l USING (sha256, report_no)
ORDER BY l.inspection_key, p.sequence;

INSERT INTO star.fact_report_figure
SELECT
    l.inspection_key, l.authority_key, f.sequence, f.indicator_code, f.subject, f.value, f.value_as_printed, f.unit,
    f.period, f.comparator, f.sentence, f.page, l.source_key, getvariable('load_id')
FROM staging.staged.report_figure AS f
JOIN loading AS l USING (sha256, report_no)
ORDER BY l.inspection_key, f.sequence;

INSERT INTO star.fact_tenure
SELECT
    l.inspection_key, l.authority_key, t.sequence, t.office, t.name, t.since, t.since_precision, t.is_interim,
    t.statement, t.page, l.source_key, getvariable('load_id')
FROM staging.staged.tenure AS t
JOIN loading AS l USING (sha256, report_no)
ORDER BY l.inspection_key, t.sequence;

INSERT INTO star.fact_stated_previous_inspection
SELECT
    l.inspection_key, l.authority_key, p.sequence, p.what, p.conformed_area_code, p.date, p.date_precision,
    p.grade_code, p.statement, 0, NULL, NULL, p.page, l.source_key, getvariable('load_id')
FROM staging.staged.previous_inspection AS p
JOIN loading AS l USING (sha256, report_no)
ORDER BY l.inspection_key, p.sequence;

INSERT INTO star.bridge_inspection_inspector
SELECT
    l.inspection_key, i.sequence, i.role, i.name, i.title, i.organisation, i.page, l.source_key,
    getvariable('load_id')
FROM staging.staged.inspector AS i
JOIN loading AS l USING (sha256, report_no)
ORDER BY l.inspection_key, i.sequence;
