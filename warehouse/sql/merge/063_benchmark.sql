-- Runs when: SELECT EXISTS (FROM touched_indicator)
-- Totals of the latest release of each touched indicator laid out wide, with what they are compared with:
-- the published region and England, rank and quartile band among authorities with a value, change and trend.
-- Source: the department's Local Authority Interactive Tool, whose results these formulas repeat.

CREATE OR REPLACE TEMP TABLE total AS
SELECT
    i.indicator_key, r.source_collection, d.period_code, d.period_kind, d.period_start, d.period_end,
    a.authority_key, a.geographic_level, a.la_code, a.gss_code, a.region_code, a.subregion_code, f.value,
    f.numerator, f.denominator, s.value_status, f.vintage_date, i.polarity, i.unit, i.has_quartiles,
    c.is_joint, c.is_added
FROM star.fact_indicator AS f
JOIN star.dim_breakdown AS b ON b.breakdown_key = f.breakdown_key AND b.is_total
JOIN star.dim_indicator AS i ON i.indicator_key = f.indicator_key
JOIN star.bridge_release_indicator AS r ON r.source_key = f.source_key AND r.indicator_key = f.indicator_key
JOIN star.dim_period AS d ON d.period_key = f.period_key
JOIN compared_place AS c ON c.reported_key = f.authority_key
JOIN star.dim_authority AS a ON a.authority_key = c.authority_key
JOIN star.dim_value_status AS s ON s.value_status_code = f.value_status_code
WHERE f.is_latest AND f.indicator_key IN (FROM touched_indicator)
    -- What one authority works out from its own returns is no benchmark: see bi.local_indicator_comparison.
    AND f.source_key NOT IN (SELECT source_key FROM meta.return_submission);
-- Where a member of a joint return has values of its own, those stand.
DELETE FROM total
WHERE is_joint AND (indicator_key, source_collection, period_kind, period_code, la_code) IN (
    SELECT (indicator_key, source_collection, period_kind, period_code, la_code) FROM total
    WHERE NOT is_joint AND la_code IN (SELECT la_code FROM total WHERE is_joint));

-- The latest period is the last one printed, even where all its values are missing.
CREATE OR REPLACE TEMP TABLE latest_period AS
SELECT indicator_key, source_collection, max(period_end) AS period_end
FROM total WHERE geographic_level = 'authority' GROUP BY ALL;

-- Quartiles by linear interpolation (type 7), over all authorities with a value.
CREATE OR REPLACE TEMP TABLE spread AS
SELECT
    indicator_key, source_collection, period_code, period_kind, period_end,
    count(value) AS ranked_authorities, quantile_cont(value, [0.25, 0.5, 0.75]) AS quarters,
    round(CASE any_value(unit)
        WHEN 'percent' THEN 100 * sum(numerator) FILTER (is_added) / nullif(sum(denominator) FILTER (is_added), 0)
        WHEN 'rate_per_10k' THEN 10000 * sum(numerator) FILTER (is_added) / nullif(sum(denominator) FILTER (is_added), 0)
        WHEN 'count' THEN sum(value) FILTER (is_added) WHEN 'fte' THEN sum(value) FILTER (is_added)
        WHEN 'gbp_thousand' THEN sum(value) FILTER (is_added)
    END, 9) AS computed,
    count(*) FILTER (value IS NULL AND value_status <> 'not_applicable'
        OR unit IN ('percent', 'rate_per_10k') AND value IS NOT NULL
            AND (numerator IS NULL OR denominator IS NULL)) AS missing
FROM total
WHERE geographic_level = 'authority'
GROUP BY ALL;

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
    SELECT indicator_key, source_collection, period_code, period_kind, max(value) AS value, true AS published
    FROM total WHERE geographic_level = 'country' GROUP BY ALL
) AS e USING (indicator_key, source_collection, period_code, period_kind);

CREATE OR REPLACE TEMP TABLE regional AS
SELECT indicator_key, source_collection, period_code, period_kind, period_end, gss_code, max(value) AS value
FROM total WHERE geographic_level = 'region' GROUP BY ALL;

-- A London authority is compared with Inner or Outer London; where that has no value in the latest period,
-- with London in all periods.
CREATE OR REPLACE TEMP TABLE compared_with AS
SELECT l.indicator_key, l.source_collection, r.gss_code AS subregion_code
FROM latest_period AS l
JOIN regional AS r USING (indicator_key, source_collection, period_end)
WHERE r.value IS NOT NULL
GROUP BY ALL;

CREATE OR REPLACE TEMP TABLE series AS
SELECT
    t.*,
    lag(value) OVER years AS previous_value, lag(period_code) OVER years AS previous_code,
    lag(period_end) OVER years AS previous_end,
    regr_slope(value, datediff('month', DATE '2000-01-01', period_end) / 12) OVER recent AS trend_per_year,
    CASE WHEN value IS NOT NULL AND polarity <> 'none' THEN rank() OVER (
        PARTITION BY indicator_key, source_collection, period_kind, period_code
        ORDER BY CASE polarity WHEN 'high' THEN -value ELSE value END NULLS LAST) END AS rank
FROM total AS t
WHERE geographic_level = 'authority'
WINDOW
    years AS (PARTITION BY indicator_key, source_collection, period_kind, la_code ORDER BY period_end),
    recent AS (PARTITION BY indicator_key, source_collection, period_kind, la_code ORDER BY period_end
        RANGE BETWEEN INTERVAL 4 YEAR PRECEDING AND CURRENT ROW);

-- The comparison most ask for, at hand; rounded where binary noise begins, which depends on the order of adding.
-- `bi.indicator_benchmark_by` works out others.
CREATE OR REPLACE TEMP TABLE of_neighbours AS
SELECT
    t.indicator_key, t.source_collection, t.period_code, t.period_kind, b.la_code, round(avg(t.value), 9) AS value,
    count(*) AS counted
FROM total AS t
JOIN star.bridge_statistical_neighbour AS b ON b.neighbour_la_code = t.la_code AND b.model_year = 2025
WHERE t.geographic_level = 'authority' AND t.value IS NOT NULL
GROUP BY ALL;

CREATE OR REPLACE TEMP TABLE wide_total AS
SELECT
    s.indicator_key, s.authority_key, s.la_code, a.gss_code, a.authority_name, a.region_name,
    CASE WHEN c.subregion_code IS NOT NULL THEN a.subregion_name ELSE a.region_name END AS compared_region_name,
    i.indicator_code, i.indicator_name, i.unit, i.polarity, s.source_collection, s.period_code, s.period_kind,
    s.period_start, s.period_end, s.value, s.value_status, r.value AS region_value, n.england_value,
    n.england_value_source, m.value AS statistical_neighbour_value, coalesce(m.counted, 0),
    'mean', 2025, s.rank, n.ranked_authorities,
    CASE
        WHEN s.value IS NULL OR s.polarity = 'none' OR NOT s.has_quartiles THEN NULL
        WHEN s.value <= n.quarters[1] THEN CASE s.polarity WHEN 'low' THEN 'A' ELSE 'D' END
        WHEN s.value <= n.quarters[2] THEN CASE s.polarity WHEN 'low' THEN 'B' ELSE 'C' END
        WHEN s.value <= n.quarters[3] THEN CASE s.polarity WHEN 'low' THEN 'C' ELSE 'B' END
        ELSE CASE s.polarity WHEN 'low' THEN 'D' ELSE 'A' END
    END AS quartile,
    -- Rounded where binary noise begins: 7.1 less 7.0 is 0.1.
    CASE WHEN k.follows THEN round(s.value - s.previous_value, 9) END AS change_from_previous,
    CASE WHEN k.follows THEN s.previous_code END AS previous_period_code,
    CASE WHEN k.follows THEN CASE sign(round(s.value - s.previous_value, 9))
        WHEN 1 THEN 'up' WHEN -1 THEN 'down' WHEN 0 THEN 'same' END END AS trend,
    round(CASE WHEN NOT isnan(s.trend_per_year) THEN s.trend_per_year END, 9) AS trend_per_year,
    s.period_end IS NOT DISTINCT FROM l.period_end AS is_latest_period, s.vintage_date
FROM series AS s
JOIN (SELECT *, CASE period_kind WHEN 'quarter' THEN INTERVAL 3 MONTH WHEN 'month' THEN INTERVAL 1 MONTH
        ELSE INTERVAL 1 YEAR END AS step FROM (SELECT DISTINCT period_kind FROM total)) AS e USING (period_kind)
CROSS JOIN LATERAL (SELECT last_day(s.previous_end) = last_day((s.period_end - e.step)::DATE) AS follows) AS k
JOIN star.dim_indicator AS i USING (indicator_key)
JOIN star.dim_authority AS a ON a.authority_key = s.authority_key
JOIN latest_period AS l USING (indicator_key, source_collection)
JOIN national AS n USING (indicator_key, source_collection, period_code, period_kind)
LEFT JOIN of_neighbours AS m
    ON m.indicator_key = s.indicator_key AND m.source_collection = s.source_collection
    AND m.period_code = s.period_code AND m.period_kind = s.period_kind AND m.la_code = s.la_code
LEFT JOIN compared_with AS c
    ON c.indicator_key = s.indicator_key AND c.source_collection = s.source_collection
    AND c.subregion_code = s.subregion_code
LEFT JOIN regional AS r
    ON r.indicator_key = s.indicator_key AND r.source_collection = s.source_collection
    AND r.period_code = s.period_code AND r.period_kind = s.period_kind
    AND r.gss_code = coalesce(c.subregion_code, s.region_code);

DELETE FROM star.wide_indicator_total WHERE indicator_key IN (FROM touched_indicator);
INSERT INTO star.wide_indicator_total
FROM wide_total ORDER BY indicator_key, period_end, authority_key;  -- numbers: words cost three times as much

-- Small, and read by authority: kept in that order.
CREATE OR REPLACE TEMP TABLE latest_total AS
FROM star.wide_latest_indicator WHERE indicator_key NOT IN (FROM touched_indicator)
UNION ALL FROM wide_total WHERE is_latest_period;
DELETE FROM star.wide_latest_indicator;
INSERT INTO star.wide_latest_indicator
FROM latest_total ORDER BY authority_key, indicator_key;
DROP TABLE latest_total;
DROP TABLE wide_total;
DROP TABLE series;
DROP TABLE total;
