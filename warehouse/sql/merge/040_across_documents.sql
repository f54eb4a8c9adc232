-- What follows from several documents together. Computed over all inspections each time, which are few,
-- and written only where it changed: so the order of loads cannot matter.

-- The authority in force on the day, should the register have changed.
CREATE OR REPLACE TEMP TABLE authority_on_day AS
SELECT i.inspection_key, coalesce(max(a.authority_key), 0) AS authority_key
FROM star.dim_inspection AS i
LEFT JOIN star.dim_authority AS a
    ON a.la_code = i.la_code
    AND a.geographic_level = 'authority'
    AND a.valid_from <= coalesce(i.inspection_start_date, i.document_published_date)
    AND a.valid_to > coalesce(i.inspection_start_date, i.document_published_date)
GROUP BY ALL;

UPDATE star.dim_inspection AS i SET authority_key = d.authority_key
FROM authority_on_day AS d
WHERE d.inspection_key = i.inspection_key AND d.authority_key <> i.authority_key;
UPDATE star.fact_judgement AS f SET authority_key = d.authority_key
FROM authority_on_day AS d WHERE d.inspection_key = f.inspection_key AND d.authority_key <> f.authority_key;
UPDATE star.fact_recommendation AS f SET authority_key = d.authority_key
FROM authority_on_day AS d WHERE d.inspection_key = f.inspection_key AND d.authority_key <> f.authority_key;
UPDATE star.fact_report_figure AS f SET authority_key = d.authority_key
FROM authority_on_day AS d WHERE d.inspection_key = f.inspection_key AND d.authority_key <> f.authority_key;
UPDATE star.fact_tenure AS f SET authority_key = d.authority_key
FROM authority_on_day AS d WHERE d.inspection_key = f.inspection_key AND d.authority_key <> f.authority_key;
UPDATE star.fact_stated_previous_inspection AS f SET authority_key = d.authority_key
FROM authority_on_day AS d WHERE d.inspection_key = f.inspection_key AND d.authority_key <> f.authority_key;

-- The previous graded inspection of the same authority that judged something this one judges too
-- (for letters without grades: any graded inspection of the same family).
CREATE OR REPLACE TEMP TABLE judged AS
SELECT i.inspection_key, i.la_code, fw.family, i.inspection_start_date AS day, i.source_key
FROM star.dim_inspection AS i
JOIN star.dim_framework AS fw USING (framework_key)
WHERE EXISTS (SELECT 1 FROM star.fact_judgement AS f WHERE f.inspection_key = i.inspection_key);

CREATE OR REPLACE TEMP TABLE previous AS
SELECT i.inspection_key, coalesce(arg_max(p.inspection_key, (p.day, p.inspection_key)), 0) AS previous_inspection_key
FROM star.dim_inspection AS i
JOIN star.dim_framework AS fw USING (framework_key)
LEFT JOIN judged AS p
    ON p.la_code = i.la_code AND p.family = fw.family AND p.day < i.inspection_start_date
GROUP BY i.inspection_key;

UPDATE star.dim_inspection AS i SET previous_inspection_key = p.previous_inspection_key
FROM previous AS p
WHERE p.inspection_key = i.inspection_key AND p.previous_inspection_key <> i.previous_inspection_key;

-- What a report says of an earlier inspection, beside what is known of it.
CREATE OR REPLACE TEMP TABLE stated AS
WITH known AS (
    SELECT
        s.inspection_key, s.sequence, s.grade_code AS stated_grade_code,
        arg_max(k.inspection_key, (k.inspection_start_date, k.inspection_key)) AS known_inspection_key
    FROM star.fact_stated_previous_inspection AS s
    JOIN star.dim_inspection AS i ON i.inspection_key = s.inspection_key
    JOIN star.dim_inspection AS k
        ON k.la_code = i.la_code
        AND k.inspection_key <> i.inspection_key
        AND (i.inspection_start_date IS NULL OR k.inspection_start_date < i.inspection_start_date)
        AND CASE s.stated_date_precision
            WHEN 'day' THEN s.stated_date BETWEEN k.inspection_start_date
                AND coalesce(k.inspection_end_date, k.inspection_start_date)
            WHEN 'month' THEN date_trunc('month', s.stated_date) IN (
                date_trunc('month', k.inspection_start_date), date_trunc('month', k.inspection_end_date),
                date_trunc('month', k.published_date))
            WHEN 'year' THEN year(s.stated_date) IN (year(k.inspection_start_date), year(k.published_date))
            ELSE false
        END
    GROUP BY ALL
)
SELECT
    k.inspection_key, k.sequence, k.known_inspection_key, g.grade_code AS known_grade_code,
    CASE
        WHEN k.stated_grade_code IS NULL OR g.grade_code IS NULL THEN 'unknown'
        WHEN sg.grade_rank IS NOT DISTINCT FROM g.grade_rank AND g.grade_rank IS NOT NULL THEN 'agrees'
        WHEN k.stated_grade_code = g.grade_code THEN 'agrees'
        ELSE 'differs'
    END AS agreement
FROM known AS k
JOIN star.fact_stated_previous_inspection AS s USING (inspection_key, sequence)
LEFT JOIN (
    SELECT f.inspection_key, a.conformed_area_code, min(gr.grade_code) AS grade_code, min(gr.grade_rank) AS grade_rank
    FROM star.fact_judgement AS f
    JOIN star.dim_judgement_area AS a USING (judgement_area_key)
    JOIN star.dim_grade AS gr USING (grade_key)
    GROUP BY ALL
) AS g
    ON g.inspection_key = k.known_inspection_key
    AND g.conformed_area_code = coalesce(s.conformed_area_code, 'overall')
LEFT JOIN (SELECT grade_code, max(grade_rank) AS grade_rank FROM star.dim_grade GROUP BY grade_code) AS sg
    ON sg.grade_code = k.stated_grade_code;

UPDATE star.fact_stated_previous_inspection AS f
SET known_inspection_key = coalesce(s.known_inspection_key, 0),
    known_grade_code = s.known_grade_code,
    agreement = coalesce(s.agreement, 'unknown')
FROM (
    SELECT f.inspection_key, f.sequence, s.known_inspection_key, s.known_grade_code, s.agreement
    FROM star.fact_stated_previous_inspection AS f
    LEFT JOIN stated AS s USING (inspection_key, sequence)
) AS s
WHERE s.inspection_key = f.inspection_key AND s.sequence = f.sequence
    AND (f.known_inspection_key, f.known_grade_code, f.agreement)
        IS DISTINCT FROM (coalesce(s.known_inspection_key, 0), s.known_grade_code, coalesce(s.agreement, 'unknown'));

-- Which documents hold any inspection; the others stay traceable as superseded.
CREATE OR REPLACE TEMP TABLE standing AS
SELECT
    d.sha256,
    bool_or(d.is_current) AS holds,
    min(h.sha256) FILTER (NOT d.is_current) AS superseded_by
FROM meta.inspection_document AS d
LEFT JOIN meta.inspection_document AS h ON h.inspection_key = d.inspection_key AND h.is_current
GROUP BY d.sha256;

UPDATE star.dim_source AS t SET state = CASE WHEN s.holds THEN 'current' ELSE 'superseded' END
FROM standing AS s
WHERE s.sha256 = t.sha256 AND t.state <> CASE WHEN s.holds THEN 'current' ELSE 'superseded' END;

UPDATE meta.source_file AS t
SET state = CASE WHEN s.holds THEN 'loaded' ELSE 'superseded' END,
    superseded_by_sha256 = CASE WHEN NOT s.holds THEN s.superseded_by END,
    reason = CASE WHEN NOT s.holds THEN 'a later document of the same inspection is shown' END
FROM standing AS s
WHERE s.sha256 = t.sha256
    AND t.state IN ('loaded', 'superseded')
    AND (t.state, t.superseded_by_sha256) IS DISTINCT FROM (
        CASE WHEN s.holds THEN 'loaded' ELSE 'superseded' END, CASE WHEN NOT s.holds THEN s.superseded_by END);

-- Where a document was published and under which terms, by the framework it reports under.
CREATE OR REPLACE TEMP TABLE published_in AS
SELECT
    d.sha256, min(fw.inspectorate) AS publisher, min(fw.framework_name) AS publication,
    CASE WHEN min(coalesce(d.published_date, d.inspection_start_date)) >= DATE '2017-01-01'
        THEN 'Open Government Licence v3.0' ELSE 'Crown copyright' END AS licence
FROM meta.inspection_document AS d
JOIN star.dim_framework AS fw USING (framework_code)
GROUP BY d.sha256;

UPDATE star.dim_source AS t SET publisher = p.publisher, publication = p.publication, licence = p.licence
FROM published_in AS p
WHERE p.sha256 = t.sha256
    AND (t.publisher, t.publication, t.licence) IS DISTINCT FROM (p.publisher, p.publication, p.licence);
