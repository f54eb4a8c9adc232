-- Views are the public interface: wide, plain names, no keys needed. Made anew with every version.

-- Grain: one graded judgement, as its report states it or, where no loaded report does, as the latest
-- official list does.
CREATE OR REPLACE VIEW bi.judgement_history AS
WITH judgement AS (
    SELECT
        f.inspection_key, a.la_code, a.gss_code, a.authority_name, a.region_name, i.framework_code,
        fw.family, i.inspection_type, i.inspection_start_date, i.inspection_end_date, i.published_date,
        coalesce(ja.conformed_area_code, ja.area_code) AS area_code,
        ja.conformed_area_code, ja.area_code AS framework_area_code, f.area_as_printed AS area_name,
        g.grade_code, f.grade_as_printed AS grade_name, g.grade_rank, i.lead_inspector,
        s.document_name, s.sha256 AS document_sha256, s.source_url, i.published_date_source,
        f.evidence_page, f.evidence_text, f.evidence_places, f.source, f.load_id
    FROM star.fact_judgement AS f
    JOIN star.dim_inspection AS i USING (inspection_key)
    JOIN star.dim_framework AS fw ON fw.framework_key = i.framework_key
    JOIN star.dim_authority AS a ON a.authority_key = f.authority_key
    JOIN star.dim_judgement_area AS ja USING (judgement_area_key)
    JOIN star.dim_grade AS g USING (grade_key)
    JOIN star.dim_source AS s ON s.source_key = f.source_key
    UNION ALL
    SELECT
        f.listed_inspection_key, a.la_code, a.gss_code, a.authority_name, a.region_name, i.framework_code,
        fw.family, i.inspection_type, i.inspection_start_date, NULL, i.published_date,
        coalesce(ja.conformed_area_code, ja.area_code), ja.conformed_area_code, ja.area_code, f.area_as_printed,
        g.grade_code, f.grade_as_printed, g.grade_rank, NULL, s.document_name, s.sha256, s.source_url,
        CASE WHEN i.published_date IS NOT NULL THEN 'official_list' END, NULL,
        concat('sheet ', f.sheet, ', row ', f.row_number, ', column ', f.column_letters), 'official_list',
        'official_list', f.load_id
    FROM star.fact_official_outcome AS f
    JOIN star.dim_listed_inspection AS i USING (listed_inspection_key)
    JOIN star.dim_framework AS fw ON fw.framework_key = f.framework_key
    JOIN star.dim_authority AS a ON a.authority_key = f.authority_key
    JOIN star.dim_judgement_area AS ja USING (judgement_area_key)
    JOIN star.dim_grade AS g USING (grade_key)
    JOIN star.dim_source AS s ON s.source_key = f.source_key
    WHERE f.is_latest AND f.inspection_key = 0 AND f.judgement_area_key <> 0
),
compared AS (
    SELECT
        inspection_key, framework_area_code,
        lag(grade_code) OVER earlier AS previous_grade_code,
        lag(grade_rank) OVER earlier AS previous_grade_rank,
        lag(inspection_start_date) OVER earlier AS previous_inspection_start_date,
        lag(framework_code) OVER earlier AS previous_framework_code
    FROM judgement
    WHERE conformed_area_code IS NOT NULL AND grade_code <> 'not_judged'
    WINDOW earlier AS (
        PARTITION BY la_code, family, conformed_area_code
        ORDER BY coalesce(inspection_start_date, published_date), published_date, inspection_key, framework_area_code)
)
SELECT
    j.la_code, j.gss_code, j.authority_name, j.region_name, j.framework_code, j.inspection_type,
    j.inspection_start_date, j.inspection_end_date, j.published_date, j.area_code, j.area_name, j.grade_code,
    j.grade_name, j.grade_rank, c.previous_grade_code,
    CASE
        WHEN c.inspection_key IS NULL THEN NULL
        WHEN c.previous_grade_code IS NULL THEN 'first'
        WHEN j.grade_rank < c.previous_grade_rank THEN 'improved'
        WHEN j.grade_rank > c.previous_grade_rank THEN 'declined'
        WHEN j.grade_rank = c.previous_grade_rank THEN 'same'
        WHEN j.framework_code = c.previous_framework_code AND j.grade_code = c.previous_grade_code THEN 'same'
    END AS change,
    c.previous_inspection_start_date, c.previous_framework_code, j.lead_inspector, j.document_name,
    j.document_sha256, j.source_url, j.published_date_source, j.evidence_page, j.evidence_text, j.evidence_places,
    j.source, j.framework_area_code, j.load_id
FROM judgement AS j
LEFT JOIN compared AS c USING (inspection_key, framework_area_code);
COMMENT ON VIEW bi.judgement_history IS 'Every graded judgement of every inspection, with the previous grade of the same area and where it was read: in its report or, without one, in an official list.';

-- Grain: current authority x area.
CREATE OR REPLACE VIEW bi.current_judgement AS
SELECT h.*
FROM bi.judgement_history AS h
WHERE h.grade_code <> 'not_judged'
    AND h.la_code IN (
        SELECT la_code FROM star.dim_authority WHERE is_current AND geographic_level = 'authority')
QUALIFY row_number() OVER (
    PARTITION BY h.la_code, h.area_code
    ORDER BY coalesce(h.inspection_start_date, h.published_date) DESC, h.published_date DESC, h.document_sha256
) = 1;
COMMENT ON VIEW bi.current_judgement IS 'The latest judgement of each current authority on each area; areas of older frameworks stay with their date.';

-- Grain: current authority.
CREATE OR REPLACE VIEW bi.authority_profile AS
SELECT
    a.la_code, a.gss_code, a.authority_name, a.authority_type, a.region_name,
    max(j.grade_code) FILTER (j.area_code = 'overall') AS overall_grade_code,
    max(j.inspection_start_date) FILTER (j.area_code = 'overall') AS overall_inspection_start_date,
    max(j.grade_code) FILTER (j.area_code = 'leadership') AS leadership_grade_code,
    max(j.grade_code) FILTER (j.area_code = 'help_and_protection') AS help_and_protection_grade_code,
    max(j.grade_code) FILTER (j.area_code = 'children_in_care') AS children_in_care_grade_code,
    max(j.grade_code) FILTER (j.area_code = 'care_leavers') AS care_leavers_grade_code,
    max(j.grade_code) FILTER (j.area_code = 'send') AS send_grade_code,
    max(j.inspection_start_date) FILTER (j.area_code = 'send') AS send_inspection_start_date,
    any_value(v.last_inspection_date) AS last_inspection_date,
    any_value(v.last_inspection_type) AS last_inspection_type,
    any_value(v.inspection_count) AS inspection_count
FROM star.dim_authority AS a
LEFT JOIN bi.current_judgement AS j ON j.la_code = a.la_code
LEFT JOIN (
    SELECT
        la_code,
        max(coalesce(inspection_start_date, published_date)) AS last_inspection_date,
        arg_max(inspection_type, coalesce(inspection_start_date, published_date)) AS last_inspection_type,
        count(*) AS inspection_count
    FROM (
        SELECT la_code, inspection_start_date, published_date, inspection_type
        FROM star.dim_inspection WHERE inspection_key <> 0
        UNION ALL
        SELECT la_code, inspection_start_date, published_date, coalesce(inspection_type, framework_code)
        FROM star.dim_listed_inspection WHERE inspection_key = 0)
    GROUP BY la_code
) AS v ON v.la_code = a.la_code
WHERE a.is_current AND a.geographic_level = 'authority'
GROUP BY ALL;
COMMENT ON VIEW bi.authority_profile IS 'One row per current authority: latest judgements and date of last inspection.';
