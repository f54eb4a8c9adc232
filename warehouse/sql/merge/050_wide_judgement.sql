-- Every judgement laid out wide once, for readers: each BI query then reads one small table instead of
-- joining seven. Worked out over all judgements, which are few, and written only if anything changed.

CREATE OR REPLACE TEMP TABLE wide AS
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
),
history AS (
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
    LEFT JOIN compared AS c USING (inspection_key, framework_area_code)
)
SELECT
    *,
    grade_code <> 'not_judged'
    AND la_code IN (SELECT la_code FROM star.dim_authority WHERE is_current AND geographic_level = 'authority')
    AND row_number() OVER (
        PARTITION BY la_code, area_code, grade_code = 'not_judged'
        ORDER BY coalesce(inspection_start_date, published_date) DESC, published_date DESC, document_sha256,
            framework_area_code) = 1 AS is_latest
FROM history;

DELETE FROM star.wide_judgement WHERE EXISTS (
    (FROM wide EXCEPT ALL FROM star.wide_judgement) UNION ALL (FROM star.wide_judgement EXCEPT ALL FROM wide));
INSERT INTO star.wide_judgement
SELECT * FROM wide WHERE NOT EXISTS (FROM star.wide_judgement)
ORDER BY la_code, area_code, inspection_start_date, published_date, framework_area_code;
