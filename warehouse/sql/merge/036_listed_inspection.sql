-- Runs when: SELECT EXISTS (FROM star.dim_listed_inspection) OR EXISTS (FROM star.dim_inspection WHERE published_date_source = 'official_list')
-- Official lists and reports brought together, over all of both and written only where it changed.

-- Inspections of reports a listed one may be: the same authority, and its first day within the days of the
-- inspection, or, under the same framework with graded areas, within weeks of them (a list may give the day of
-- the notice). Where a list gives the day of publication only: within a fortnight of the report's own, or,
-- under the same framework, in the months after the inspection ended.
CREATE OR REPLACE TEMP TABLE same_inspection AS
SELECT
    l.listed_inspection_key, i.inspection_key, l.framework_code = i.framework_code AS is_same_framework,
    CASE
        WHEN l.inspection_start_date IS NOT NULL THEN abs(l.inspection_start_date - i.inspection_start_date)
        WHEN i.document_published_date IS NOT NULL THEN abs(l.published_date - i.document_published_date)
        ELSE abs(l.published_date - coalesce(i.inspection_end_date, i.inspection_start_date) - 50)
    END AS distance
FROM star.dim_listed_inspection AS l
JOIN star.dim_framework AS lf ON lf.framework_code = l.framework_code
JOIN star.dim_inspection AS i ON i.la_code = l.la_code AND i.source = 'report'
JOIN star.dim_framework AS f ON f.framework_key = i.framework_key AND f.family = lf.family
WHERE CASE
    WHEN l.inspection_start_date IS NOT NULL AND i.inspection_start_date IS NOT NULL THEN
        l.inspection_start_date BETWEEN i.inspection_start_date - 3
            AND coalesce(i.inspection_end_date, i.inspection_start_date) + 3
        OR l.framework_code = i.framework_code
            AND abs(l.inspection_start_date - i.inspection_start_date) <= 40
            AND l.framework_code IN (SELECT framework_code FROM star.dim_judgement_area)
    WHEN abs(l.published_date - i.document_published_date) <= 14 THEN true
    ELSE l.framework_code = i.framework_code
        AND l.published_date - coalesce(i.inspection_end_date, i.inspection_start_date) BETWEEN 0 AND 240
END;

CREATE OR REPLACE TEMP TABLE paired AS
SELECT listed_inspection_key, inspection_key
FROM same_inspection
WHERE is_same_framework
QUALIFY row_number() OVER (PARTITION BY listed_inspection_key ORDER BY distance, inspection_key) = 1
    AND row_number() OVER (PARTITION BY inspection_key ORDER BY distance, listed_inspection_key) = 1;

-- The authority in force on the day; where only the day of publication is known, it may be dissolved by then.
CREATE OR REPLACE TEMP TABLE listed_place AS
SELECT
    l.listed_inspection_key, coalesce(any_value(p.inspection_key), 0) AS inspection_key,
    coalesce(max(a.authority_key), 0) AS authority_key
FROM star.dim_listed_inspection AS l
LEFT JOIN paired AS p ON p.listed_inspection_key = l.listed_inspection_key
LEFT JOIN star.dim_authority AS a
    ON a.la_code = l.la_code AND a.geographic_level = 'authority'
    AND (coalesce(l.inspection_start_date, l.published_date) >= a.valid_from
            AND coalesce(l.inspection_start_date, l.published_date) < a.valid_to
        OR l.inspection_start_date IS NULL
            AND l.published_date - 60 >= a.valid_from AND l.published_date - 60 < a.valid_to)
GROUP BY l.listed_inspection_key;

UPDATE star.dim_listed_inspection AS l SET inspection_key = p.inspection_key, authority_key = p.authority_key
FROM listed_place AS p
WHERE p.listed_inspection_key = l.listed_inspection_key
    AND (p.inspection_key, p.authority_key) IS DISTINCT FROM (l.inspection_key, l.authority_key);

-- The report that judges the same area: of the inspection itself, else of another report of those days,
-- as where the review of a board came apart from the inspection it belongs to.
CREATE OR REPLACE TEMP TABLE judged_in_report AS
SELECT s.listed_inspection_key, a.conformed_area_code, s.inspection_key
FROM same_inspection AS s
JOIN star.fact_judgement AS j USING (inspection_key)
JOIN star.dim_judgement_area AS a USING (judgement_area_key)
WHERE a.conformed_area_code IS NOT NULL
QUALIFY row_number() OVER (
    PARTITION BY s.listed_inspection_key, a.conformed_area_code
    ORDER BY s.is_same_framework DESC, s.distance, s.inspection_key) = 1;

CREATE OR REPLACE TEMP TABLE outcome_now AS
SELECT
    f.source_key, f.sheet, f.row_number, f.column_letters, l.authority_key,
    coalesce(r.inspection_key, 0) AS inspection_key
FROM star.fact_official_outcome AS f
JOIN star.dim_listed_inspection AS l USING (listed_inspection_key)
JOIN star.dim_judgement_area AS a USING (judgement_area_key)
LEFT JOIN judged_in_report AS r
    ON r.listed_inspection_key = f.listed_inspection_key AND r.conformed_area_code = a.conformed_area_code;

UPDATE star.fact_official_outcome AS f SET authority_key = n.authority_key, inspection_key = n.inspection_key
FROM outcome_now AS n
WHERE n.source_key = f.source_key AND n.sheet = f.sheet AND n.row_number = f.row_number
    AND n.column_letters = f.column_letters
    AND (n.authority_key, n.inspection_key) IS DISTINCT FROM (f.authority_key, f.inspection_key);

-- Last in the order of trust for the day of publication.
CREATE OR REPLACE TEMP TABLE published_now AS
SELECT
    i.inspection_key, coalesce(i.document_published_date, l.published_date) AS published_date,
    CASE
        WHEN i.document_published_date IS NOT NULL THEN i.document_published_date_source
        WHEN l.published_date IS NOT NULL THEN 'official_list'
    END AS published_date_source
FROM star.dim_inspection AS i
LEFT JOIN star.dim_listed_inspection AS l
    ON l.inspection_key = i.inspection_key
    AND l.published_date >= coalesce(i.inspection_end_date, i.inspection_start_date, l.published_date)
WHERE i.inspection_key <> 0;

UPDATE star.dim_inspection AS i
SET published_date = n.published_date, published_date_source = n.published_date_source
FROM published_now AS n
WHERE n.inspection_key = i.inspection_key
    AND (n.published_date, n.published_date_source) IS DISTINCT FROM (i.published_date, i.published_date_source);
