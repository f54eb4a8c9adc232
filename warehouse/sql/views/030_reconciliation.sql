-- Grain: one area of one inspection, as its report and the latest official list state it.
CREATE OR REPLACE VIEW bi.judgement_reconciliation AS
WITH reported AS (
    SELECT
        f.inspection_key, a.conformed_area_code AS area_code, min(f.authority_key) AS authority_key,
        min(g.grade_code) AS grade_code, min(g.grade_rank) AS grade_rank, min(f.grade_as_printed) AS grade_name,
        min(f.evidence_page) AS evidence_page, min(f.source_key) AS source_key
    FROM star.fact_judgement AS f
    JOIN star.dim_judgement_area AS a USING (judgement_area_key)
    JOIN star.dim_grade AS g USING (grade_key)
    JOIN star.dim_framework AS fw ON fw.framework_code = a.framework_code
    WHERE a.conformed_area_code IS NOT NULL AND fw.family = 'childrens_services'
    GROUP BY ALL
),
listed AS (
    SELECT
        f.listed_inspection_key, f.inspection_key, a.conformed_area_code AS area_code, f.authority_key, f.framework_code,
        l.inspection_type, l.inspection_start_date, l.published_date, g.grade_code, g.grade_rank,
        f.grade_as_printed AS grade_name, f.sheet, f.row_number, f.column_letters, f.source_key
    FROM star.fact_official_outcome AS f
    JOIN star.dim_listed_inspection AS l USING (listed_inspection_key)
    JOIN star.dim_judgement_area AS a USING (judgement_area_key)
    JOIN star.dim_grade AS g USING (grade_key)
    WHERE f.is_latest AND a.conformed_area_code IS NOT NULL
),
stated_areas AS (
    SELECT DISTINCT framework_code, area_code FROM listed
)
SELECT
    au.la_code, au.authority_name, coalesce(i.framework_code, l.framework_code) AS framework_code,
    coalesce(i.inspection_type, l.inspection_type) AS inspection_type,
    coalesce(i.inspection_start_date, l.inspection_start_date) AS inspection_start_date,
    coalesce(i.document_published_date, l.published_date, i.published_date) AS published_date,
    coalesce(r.area_code, l.area_code) AS area_code,
    r.grade_code AS report_grade_code, r.grade_name AS report_grade_name,
    l.grade_code AS list_grade_code, l.grade_name AS list_grade_name,
    CASE
        WHEN r.inspection_key IS NULL THEN 'only_in_list'
        WHEN l.listed_inspection_key IS NOT NULL THEN
            CASE WHEN r.grade_rank IS NOT DISTINCT FROM l.grade_rank THEN 'agree' ELSE 'differ' END
        -- A list prints a dash for what was not judged, which is no statement.
        WHEN r.grade_code = 'not_judged' AND d.listed_inspection_key IS NOT NULL THEN 'agree'
        ELSE 'only_in_report'
    END AS status,
    d.listed_inspection_key IS NOT NULL OR l.listed_inspection_key IS NOT NULL AS is_inspection_listed,
    l.listed_inspection_key IS NOT NULL OR EXISTS (
        SELECT 1 FROM stated_areas AS s
        WHERE s.framework_code = i.framework_code AND s.area_code = r.area_code) AS is_area_listed,
    rs.document_name AS report_document_name, rs.sha256 AS report_document_sha256, r.evidence_page,
    ls.document_name AS list_document_name, ls.sha256 AS list_document_sha256,
    CASE WHEN l.sheet IS NOT NULL THEN
        concat('sheet ', l.sheet, ', row ', l.row_number, ', column ', l.column_letters) END AS list_place
FROM reported AS r
FULL JOIN listed AS l ON l.inspection_key = r.inspection_key AND l.area_code = r.area_code
LEFT JOIN star.dim_inspection AS i ON i.inspection_key = r.inspection_key
LEFT JOIN star.dim_listed_inspection AS d ON d.inspection_key = r.inspection_key
LEFT JOIN star.dim_authority AS au ON au.authority_key = coalesce(r.authority_key, l.authority_key)
LEFT JOIN star.dim_source AS rs ON rs.source_key = r.source_key
LEFT JOIN star.dim_source AS ls ON ls.source_key = l.source_key;
COMMENT ON VIEW bi.judgement_reconciliation IS 'Every judgement of children''s services on an area known across frameworks, as its report and the latest official list state it, and whether they agree by rank.';
