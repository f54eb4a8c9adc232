-- Runs for each: SELECT DISTINCT batch FROM touched_batch ORDER BY batch
-- Totals of the latest release of each touched indicator, with what they are compared with: the published region
-- and England, rank and quartile band among authorities with a value, change and trend. All by key and by small
-- numbers that stand for a series, a place and a kind of period: words cost three times as much.
-- Source: the department's Local Authority Interactive Tool, whose results these formulas repeat.

-- One series is one indicator of one source collection; a run of it is what is in one unit.
CREATE OR REPLACE TEMP TABLE release AS
SELECT
    r.source_key, r.indicator_key, i.polarity, r.unit, i.has_quartiles,
    dense_rank() OVER (ORDER BY r.indicator_key, r.source_collection) AS series_no,
    dense_rank() OVER (ORDER BY r.indicator_key, r.source_collection, r.unit) AS run_no
FROM star.bridge_release_indicator AS r
JOIN star.dim_indicator AS i USING (indicator_key)
WHERE r.indicator_key IN (SELECT indicator_key FROM touched_batch WHERE batch = getvariable('batch'))
    -- What one authority works out from its own returns is no benchmark: see bi.local_indicator_comparison.
    AND r.source_key NOT IN (SELECT source_key FROM meta.return_submission);

-- Versions of an authority are one place. A region is known by its own code, an authority by that of its region.
CREATE OR REPLACE TEMP TABLE place AS
SELECT
    authority_key, geographic_level, dense_rank() OVER (ORDER BY la_code) AS place_no,
    CASE geographic_level WHEN 'region' THEN gss_code ELSE region_code END AS region_code, subregion_code
FROM star.dim_authority;

CREATE OR REPLACE TEMP TABLE period AS
SELECT
    period_key, period_end, dense_rank() OVER (ORDER BY period_kind) AS kind_no,
    CASE period_kind WHEN 'quarter' THEN INTERVAL 3 MONTH WHEN 'month' THEN INTERVAL 1 MONTH
        ELSE INTERVAL 1 YEAR END AS step
FROM star.dim_period;

CREATE OR REPLACE TEMP TABLE total AS
SELECT
    f.indicator_key, r.series_no, r.run_no, f.period_key, p.period_end, p.kind_no, a.authority_key, a.place_no,
    a.geographic_level, f.source_key, f.value, f.numerator, f.denominator, f.value_status_code, r.polarity, r.unit,
    f.vintage_date, c.is_joint, c.is_added
FROM star.fact_indicator AS f
JOIN release AS r ON r.source_key = f.source_key AND r.indicator_key = f.indicator_key
JOIN compared_place AS c ON c.reported_key = f.authority_key
JOIN place AS a ON a.authority_key = c.authority_key
JOIN period AS p ON p.period_key = f.period_key
WHERE f.is_latest AND f.breakdown_key IN (SELECT breakdown_key FROM star.dim_breakdown WHERE is_total)
    AND f.indicator_key IN (SELECT indicator_key FROM touched_batch WHERE batch = getvariable('batch'));

-- Where a member of a joint return has values of its own, those stand.
DELETE FROM total
WHERE is_joint AND (series_no, period_key, place_no) IN (
    SELECT (series_no, period_key, place_no) FROM total
    WHERE NOT is_joint AND place_no IN (SELECT place_no FROM total WHERE is_joint));

-- The latest period is the last one printed, even where all its values are missing.
CREATE OR REPLACE TEMP TABLE latest_period AS
SELECT series_no, max(period_end) AS period_end
FROM total WHERE geographic_level = 'authority' GROUP BY series_no;

-- Quartiles by linear interpolation (type 7), over all authorities with a value.
CREATE OR REPLACE TEMP TABLE spread AS
SELECT
    series_no, period_key, count(value)::INTEGER AS ranked_authorities,
    quantile_cont(value, [0.25, 0.5, 0.75]) AS quarters,
    round(CASE CASE WHEN min(run_no) = max(run_no) THEN any_value(unit) END  -- of two units nothing is added up
        WHEN 'percent' THEN 100 * star.exact_sum(CASE WHEN is_added THEN numerator END)
            / nullif(star.exact_sum(CASE WHEN is_added THEN denominator END), 0)
        WHEN 'rate_per_10k' THEN 10000 * star.exact_sum(CASE WHEN is_added THEN numerator END)
            / nullif(star.exact_sum(CASE WHEN is_added THEN denominator END), 0)
        WHEN 'count' THEN star.exact_sum(CASE WHEN is_added THEN value END)
        WHEN 'fte' THEN star.exact_sum(CASE WHEN is_added THEN value END)
        WHEN 'gbp_thousand' THEN star.exact_sum(CASE WHEN is_added THEN value END)
    END, 9) AS computed,
    count(*) FILTER (value IS NULL AND value_status_code <> not_applicable
        OR unit IN ('percent', 'rate_per_10k') AND value IS NOT NULL
            AND (numerator IS NULL OR denominator IS NULL)) AS missing
FROM total
CROSS JOIN (SELECT value_status_code AS not_applicable FROM star.dim_value_status WHERE value_status = 'not_applicable')
WHERE geographic_level = 'authority'
GROUP BY series_no, period_key;

-- England: the published value; worked out from authorities only where no figure for England is published,
-- and marked so. From rates without their counts nothing can be worked out.
CREATE OR REPLACE TEMP TABLE national AS
SELECT
    p.* EXCLUDE (computed, missing),
    CASE WHEN e.published THEN e.value ELSE p.computed END AS england_value,
    CASE WHEN e.published THEN 'published' WHEN p.computed IS NULL THEN NULL
        WHEN p.missing = 0 THEN 'computed' ELSE 'computed_incomplete' END AS england_value_source
FROM spread AS p
LEFT JOIN (
    SELECT series_no, period_key, max(value) AS value, true AS published
    FROM total WHERE geographic_level = 'country' GROUP BY ALL
) AS e USING (series_no, period_key);

CREATE OR REPLACE TEMP TABLE regional AS
SELECT series_no, period_key, any_value(period_end) AS period_end, region_code, max(value) AS value
FROM total JOIN place USING (authority_key)
WHERE total.geographic_level = 'region'
GROUP BY series_no, period_key, region_code;

-- A London authority is compared with Inner or Outer London; where that has no value in the latest period,
-- with London in all periods.
CREATE OR REPLACE TEMP TABLE compared_region AS
WITH own AS (
    SELECT DISTINCT l.series_no, r.region_code AS subregion_code
    FROM latest_period AS l
    JOIN regional AS r USING (series_no, period_end)
    WHERE r.value IS NOT NULL
)
SELECT
    l.series_no, a.authority_key, o.subregion_code IS NOT NULL AS with_subregion,
    coalesce(o.subregion_code, a.region_code) AS region_code
FROM latest_period AS l
CROSS JOIN place AS a
LEFT JOIN own AS o ON o.series_no = l.series_no AND o.subregion_code = a.subregion_code
WHERE a.geographic_level = 'authority';

CREATE OR REPLACE TEMP TABLE series AS
SELECT
    t.*,
    lag(value) OVER years AS previous_value, lag(period_key) OVER years AS previous_key,
    lag(period_end) OVER years AS previous_end,
    regr_slope(value, datediff('month', DATE '2000-01-01', period_end) / 12) OVER recent AS trend_per_year,
    CASE WHEN value IS NOT NULL AND polarity <> 'none' THEN rank() OVER (
        PARTITION BY series_no, period_key
        ORDER BY CASE polarity WHEN 'high' THEN -value ELSE value END NULLS LAST) END AS rank
FROM total AS t
WHERE geographic_level = 'authority'
WINDOW
    -- One year under two codes follows itself only, and the year after it the one published last.
    -- Between values in different units, or of an authority and of a return for two, nothing is measured.
    years AS (
        PARTITION BY run_no, is_joint, kind_no, place_no ORDER BY period_end, vintage_date, period_key),
    recent AS (PARTITION BY run_no, is_joint, kind_no, place_no ORDER BY period_end
        RANGE BETWEEN INTERVAL 4 YEAR PRECEDING AND CURRENT ROW);

-- The comparison most ask for, at hand; rounded where binary noise begins.
-- `bi.indicator_benchmark_by` works out others.
CREATE OR REPLACE TEMP TABLE of_neighbours AS
SELECT t.series_no, t.period_key, b.place_no, round(star.exact_mean(t.value), 9) AS value, count(*)::INTEGER AS counted
FROM total AS t
JOIN (
    SELECT DISTINCT o.place_no, n.place_no AS neighbour_place_no
    FROM star.bridge_statistical_neighbour
    JOIN (SELECT la_code, place_no FROM star.dim_authority JOIN place USING (authority_key)) AS o USING (la_code)
    JOIN (SELECT la_code AS neighbour_la_code, place_no FROM star.dim_authority JOIN place USING (authority_key)) AS n
        USING (neighbour_la_code)
    WHERE model_year = 2025
) AS b ON b.neighbour_place_no = t.place_no
WHERE t.geographic_level = 'authority' AND t.value IS NOT NULL
GROUP BY t.series_no, t.period_key, b.place_no;

CREATE OR REPLACE TEMP TABLE benchmark AS
SELECT
    s.indicator_key, s.period_key, s.authority_key, s.source_key, s.value, s.value_status_code,
    g.value AS region_value, c.with_subregion, n.england_value, n.england_value_source,
    m.value AS statistical_neighbour_value, coalesce(m.counted, 0) AS statistical_neighbours_counted, s.rank,
    n.ranked_authorities,
    CASE
        WHEN s.value IS NULL OR s.polarity = 'none' OR NOT i.has_quartiles THEN NULL
        WHEN s.value <= n.quarters[1] THEN CASE s.polarity WHEN 'low' THEN 'A' ELSE 'D' END
        WHEN s.value <= n.quarters[2] THEN CASE s.polarity WHEN 'low' THEN 'B' ELSE 'C' END
        WHEN s.value <= n.quarters[3] THEN CASE s.polarity WHEN 'low' THEN 'C' ELSE 'B' END
        ELSE CASE s.polarity WHEN 'low' THEN 'D' ELSE 'A' END
    END AS quartile,
    -- Rounded where binary noise begins: 7.1 less 7.0 is 0.1.
    CASE WHEN k.follows THEN round(s.value - s.previous_value, 9) END AS change_from_previous,
    CASE WHEN k.follows THEN s.previous_key END AS previous_period_key,
    round(CASE WHEN NOT isnan(s.trend_per_year) THEN s.trend_per_year END, 9) AS trend_per_year,
    s.period_end IS NOT DISTINCT FROM l.period_end AS is_latest_period
FROM series AS s
JOIN period AS e ON e.period_key = s.period_key
CROSS JOIN LATERAL (SELECT last_day(s.previous_end) = last_day((s.period_end - e.step)::DATE) AS follows) AS k
JOIN star.dim_indicator AS i ON i.indicator_key = s.indicator_key
JOIN latest_period AS l ON l.series_no = s.series_no
JOIN national AS n ON n.series_no = s.series_no AND n.period_key = s.period_key
JOIN compared_region AS c ON c.series_no = s.series_no AND c.authority_key = s.authority_key
LEFT JOIN of_neighbours AS m
    ON m.series_no = s.series_no AND m.period_key = s.period_key AND m.place_no = s.place_no
LEFT JOIN regional AS g
    ON g.series_no = s.series_no AND g.period_key = s.period_key AND g.region_code = c.region_code;

-- One thread, so that rows go on where the last row group ends: half-filled ones would all be written again when a
-- slice is replaced.
SET VARIABLE threads = current_setting('threads');
SET threads = 1;
INSERT INTO star.benchmark_total
SELECT b.* FROM benchmark AS b JOIN period AS p USING (period_key)
ORDER BY b.indicator_key, p.period_end, b.authority_key;
INSERT INTO star.benchmark_latest FROM benchmark WHERE is_latest_period ORDER BY authority_key, indicator_key;
SET threads = getvariable('threads');
UPDATE meta.storage SET rows_out_of_order = rows_out_of_order + (SELECT count(*) FROM benchmark WHERE is_latest_period)
WHERE table_name = 'star.benchmark_latest';
DROP TABLE benchmark;
DROP TABLE series;
DROP TABLE total;
