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
    any_value(v.inspection_count) AS inspection_count,
    any_value(h.children_in_need_per_10k) AS children_in_need_per_10k,
    any_value(h.child_protection_plans_per_10k) AS child_protection_plans_per_10k,
    any_value(h.children_looked_after_per_10k) AS children_looked_after_per_10k,
    any_value(h.children_looked_after_count) AS children_looked_after_count,
    any_value(h.rereferrals_pct) AS rereferrals_pct, any_value(h.repeat_plans_pct) AS repeat_plans_pct,
    any_value(h.three_placements_pct) AS three_placements_pct,
    any_value(h.care_leavers_suitable_home_pct) AS care_leavers_suitable_home_pct,
    any_value(h.social_care_period_code) AS social_care_period_code,
    any_value(h.agency_workers_pct) AS agency_workers_pct, any_value(h.vacancies_pct) AS vacancies_pct,
    any_value(h.turnover_pct) AS turnover_pct, any_value(h.workforce_period_code) AS workforce_period_code,
    any_value(h.figures_of_earlier_periods) AS figures_of_earlier_periods
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
LEFT JOIN (
    SELECT
        la_code,
        max(value) FILTER (figure = 'children_in_need_per_10k') AS children_in_need_per_10k,
        max(value) FILTER (figure = 'child_protection_plans_per_10k') AS child_protection_plans_per_10k,
        max(value) FILTER (figure = 'children_looked_after_per_10k') AS children_looked_after_per_10k,
        max(value) FILTER (figure = 'children_looked_after_count') AS children_looked_after_count,
        max(value) FILTER (figure = 'rereferrals_pct') AS rereferrals_pct,
        max(value) FILTER (figure = 'repeat_plans_pct') AS repeat_plans_pct,
        max(value) FILTER (figure = 'three_placements_pct') AS three_placements_pct,
        max(value) FILTER (figure = 'care_leavers_suitable_home_pct') AS care_leavers_suitable_home_pct,
        max(period_code) FILTER (NOT is_workforce) AS social_care_period_code,
        max(value) FILTER (figure = 'agency_workers_pct') AS agency_workers_pct,
        max(value) FILTER (figure = 'vacancies_pct') AS vacancies_pct,
        max(value) FILTER (figure = 'turnover_pct') AS turnover_pct,
        max(period_code) FILTER (is_workforce) AS workforce_period_code,
        string_agg(figure || ' ' || period_code, '; ' ORDER BY figure)
            FILTER (value IS NOT NULL AND period_code <> last_code) AS figures_of_earlier_periods
    FROM (
        -- Collections are published at different times of the year: not all figures are of one period.
        SELECT *, max(period_code) OVER (PARTITION BY la_code, is_workforce) AS last_code
        FROM star.benchmark_latest
        JOIN star.dim_indicator USING (indicator_key)
        JOIN star.dim_authority USING (authority_key)
        JOIN star.dim_period USING (period_key)
        JOIN (VALUES
            ('cin', 'children_in_need_per_10k', false), ('cpp_rate', 'child_protection_plans_per_10k', false),
            ('lac', 'children_looked_after_per_10k', false), ('lacnum', 'children_looked_after_count', false),
            ('rereferral', 'rereferrals_pct', false), ('prevregcpr', 'repeat_plans_pct', false),
            ('lacstable_2016on', 'three_placements_pct', false),
            ('careleaveracc', 'care_leavers_suitable_home_pct', false),
            ('work_force_agecy_rate', 'agency_workers_pct', true), ('work_force_vac_rate', 'vacancies_pct', true),
            ('work_force_to_rate', 'turnover_pct', true)
        ) AS h (indicator_code, figure, is_workforce) USING (indicator_code)
        WHERE is_headline
    )
    GROUP BY la_code
) AS h ON h.la_code = a.la_code
WHERE a.is_current AND a.geographic_level = 'authority'
GROUP BY ALL;
COMMENT ON VIEW bi.authority_profile IS 'One row per current authority: latest judgements, date of last inspection and headline indicators at their latest period; all others are in bi.latest_indicator.';
