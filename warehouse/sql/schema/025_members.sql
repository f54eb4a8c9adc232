-- The unknown members, and the days from 2005 to 2040.
INSERT INTO star.dim_authority (authority_key, authority_name, geographic_level, valid_from, valid_to, is_current)
VALUES (0, 'Unknown', 'unknown', DATE '1900-01-01', DATE '9999-12-31', false);
INSERT INTO star.dim_framework (framework_key, framework_code, framework_name, family)
VALUES (0, 'unknown', 'Unknown', 'unknown');
INSERT INTO star.dim_judgement_area (judgement_area_key, framework_code, area_code, area_name, is_required)
VALUES (0, 'unknown', 'unknown', 'Unknown', false);
INSERT INTO star.dim_grade (grade_key, framework_code, grade_code, grade_name)
VALUES (0, 'unknown', 'unknown', 'Unknown');
INSERT INTO star.dim_source (source_key, sha256, document_name, state, load_id)
VALUES (0, 'unknown', 'Unknown', 'current', 'none');
INSERT INTO star.dim_inspection (
    inspection_key, authority_key, framework_key, source_key, framework_code, inspection_type, source, load_id)
VALUES (0, 0, 0, 0, 'unknown', 'unknown', 'unknown', 'none');

INSERT INTO star.dim_date (date_key) VALUES (0);
INSERT INTO star.dim_date
SELECT
    year(day) * 10000 + month(day) * 100 + dayofmonth(day), day, year(day), quarter(day), month(day), monthname(day),
    isodow(day),
    CASE WHEN month(day) >= 4
        THEN year(day) || '-' || right((year(day) + 1)::VARCHAR, 2)
        ELSE (year(day) - 1) || '-' || right(year(day)::VARCHAR, 2) END,
    CASE WHEN month(day) >= 9
        THEN year(day) || '/' || right((year(day) + 1)::VARCHAR, 2)
        ELSE (year(day) - 1) || '/' || right(year(day)::VARCHAR, 2) END
FROM (SELECT generate_series::DATE AS day FROM generate_series(DATE '2005-01-01', DATE '2040-12-31', INTERVAL 1 DAY));
