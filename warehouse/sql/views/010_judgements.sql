-- Views are the public interface: wide, plain names, no keys needed. Made anew with every version.

-- Grain: one graded judgement, as its report states it or, where no loaded report does, as the latest
-- official list does.
CREATE OR REPLACE VIEW bi.judgement_history AS
SELECT * EXCLUDE (is_latest) FROM star.wide_judgement;
COMMENT ON VIEW bi.judgement_history IS 'Every graded judgement of every inspection, with the previous grade of the same area and where it was read: in its report or, without one, in an official list.';

-- Grain: current authority x area.
CREATE OR REPLACE VIEW bi.current_judgement AS
SELECT * EXCLUDE (is_latest) FROM star.wide_judgement WHERE is_latest;
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
