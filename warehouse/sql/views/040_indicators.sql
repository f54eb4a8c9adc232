-- Grain: authority x indicator x period x breakdown x source collection x vintage.
CREATE OR REPLACE VIEW bi.indicator_value AS
SELECT
    a.la_code, a.gss_code, a.authority_name, a.geographic_level, a.region_name, i.indicator_code, i.indicator_name,
    r.unit, i.polarity, i.is_conformed, p.period_code, p.period_kind, p.period_start, p.period_end, b.breakdown,
    f.value, f.numerator, f.denominator, v.value_status, r.is_computed, r.source_collection, s.document_name,
    s.sha256 AS document_sha256, f.vintage_date, r.vintage_date_source, r.release_order, f.is_latest, f.load_id
FROM star.fact_indicator AS f
JOIN star.dim_indicator AS i ON i.indicator_key = f.indicator_key
JOIN star.dim_breakdown AS b ON b.breakdown_key = f.breakdown_key
JOIN star.dim_period AS p ON p.period_key = f.period_key
JOIN star.dim_authority AS a ON a.authority_key = f.authority_key
JOIN star.dim_value_status AS v ON v.value_status_code = f.value_status_code
JOIN star.bridge_release_indicator AS r ON r.source_key = f.source_key AND r.indicator_key = f.indicator_key
JOIN star.dim_source AS s ON s.source_key = f.source_key;
COMMENT ON VIEW bi.indicator_value IS 'Every published value of every release; filter on is_latest for the series as it stands.';

-- Grain: authority x indicator x period x source collection; by the mean of the 2025 model, worked out by each load.
CREATE OR REPLACE VIEW bi.indicator_benchmark AS
SELECT
    a.la_code, a.gss_code, a.authority_name, a.region_name, i.indicator_code, i.indicator_name, r.unit,
    r.source_collection, p.period_code, p.period_kind, p.period_start, p.period_end, t.value, v.value_status,
    t.region_value,
    CASE WHEN t.compared_with_subregion THEN a.subregion_name ELSE a.region_name END AS compared_region_name,
    t.england_value, t.england_value_source, t.statistical_neighbour_value,
    t.statistical_neighbours_counted::BIGINT AS statistical_neighbours_counted,
    'mean' AS statistical_neighbour_method, 2025 AS statistical_neighbour_model, t.rank::BIGINT AS rank,
    t.ranked_authorities::BIGINT AS ranked_authorities, t.quartile, t.change_from_previous,
    b.period_code AS previous_period_code,
    CASE sign(t.change_from_previous) WHEN 1 THEN 'up' WHEN -1 THEN 'down' WHEN 0 THEN 'same' END AS trend,
    t.trend_per_year, i.polarity, t.is_latest_period, r.vintage_date
FROM star.benchmark_total AS t
JOIN star.dim_indicator AS i ON i.indicator_key = t.indicator_key
JOIN star.dim_authority AS a ON a.authority_key = t.authority_key
JOIN star.dim_period AS p ON p.period_key = t.period_key
JOIN star.dim_value_status AS v ON v.value_status_code = t.value_status_code
JOIN star.bridge_release_indicator AS r ON r.source_key = t.source_key AND r.indicator_key = t.indicator_key
LEFT JOIN star.dim_period AS b ON b.period_key = t.previous_period_key;
COMMENT ON VIEW bi.indicator_benchmark IS 'Totals of the latest release beside region, England and statistical neighbours (mean of the 2025 model; bi.indicator_benchmark_by(2021, ''median'') for others), with rank, quartile band, change and trend.';

-- The same by model year and by mean or median, worked out when asked.
CREATE OR REPLACE MACRO bi.indicator_benchmark_by(model, method) AS TABLE
SELECT
    w.* REPLACE (
        CASE method
            WHEN 'mean' THEN n.mean_value
            WHEN 'median' THEN n.median_value
            ELSE error('method: expected mean or median')
        END AS statistical_neighbour_value,
        coalesce(n.neighbours_counted, 0) AS statistical_neighbours_counted,
        method AS statistical_neighbour_method, model AS statistical_neighbour_model)
FROM bi.indicator_benchmark AS w
LEFT JOIN (
    SELECT
        v.indicator_code, v.source_collection, v.period_code, v.period_kind, b.la_code,
        round(star.exact_mean(v.value), 9) AS mean_value, median(v.value) AS median_value, count(v.value) AS neighbours_counted
    FROM bi.indicator_benchmark AS v
    JOIN star.bridge_statistical_neighbour AS b ON b.neighbour_la_code = v.la_code
    WHERE b.model_year = model
    GROUP BY v.indicator_code, v.source_collection, v.period_code, v.period_kind, b.la_code
) AS n
    ON n.indicator_code = w.indicator_code AND n.source_collection = w.source_collection
    AND n.period_code = w.period_code AND n.period_kind = w.period_kind AND n.la_code = w.la_code;

-- Grain: current authority x indicator x source collection, latest period.
CREATE OR REPLACE VIEW bi.latest_indicator AS
SELECT
    a.la_code, a.gss_code, a.authority_name, a.region_name, i.indicator_code, i.indicator_name, r.unit,
    r.source_collection, p.period_code, p.period_end, t.value, v.value_status, t.region_value, t.england_value,
    t.england_value_source, t.rank::BIGINT AS rank, t.ranked_authorities::BIGINT AS ranked_authorities, t.quartile,
    t.change_from_previous,
    CASE sign(t.change_from_previous) WHEN 1 THEN 'up' WHEN -1 THEN 'down' WHEN 0 THEN 'same' END AS trend,
    i.polarity, r.vintage_date
FROM star.benchmark_latest AS t
JOIN star.dim_indicator AS i ON i.indicator_key = t.indicator_key
JOIN star.dim_authority AS a ON a.authority_key = t.authority_key
JOIN star.dim_period AS p ON p.period_key = t.period_key
JOIN star.dim_value_status AS v ON v.value_status_code = t.value_status_code
JOIN star.bridge_release_indicator AS r ON r.source_key = t.source_key AND r.indicator_key = t.indicator_key
WHERE a.la_code IN (SELECT la_code FROM star.dim_authority WHERE is_current AND geographic_level = 'authority');
COMMENT ON VIEW bi.latest_indicator IS 'The profile of an authority: every indicator at its latest period; quick to ask by la_code.';

-- Grain: one value that a release gave differently from the release before it.
CREATE OR REPLACE VIEW bi.indicator_revision AS
SELECT
    la_code, authority_name, geographic_level, indicator_code, indicator_name, unit, period_code, period_kind,
    period_end, breakdown, source_collection, vintage_date, previous_vintage_date, value, previous_value,
    value - previous_value AS change, 100 * (value - previous_value) / nullif(abs(previous_value), 0) AS change_pct,
    value_status, previous_value_status,
    CASE
        WHEN value IS NULL AND previous_value IS NULL THEN 'other_symbol'
        WHEN value IS NULL THEN 'value_to_symbol'
        WHEN previous_value IS NULL THEN 'symbol_to_value'
        ELSE 'value_changed'
    END AS revision,
    document_name, previous_document_name
FROM (
    SELECT
        *,
        lag(vintage_date) OVER releases AS previous_vintage_date, lag(value) OVER releases AS previous_value,
        lag(value_status) OVER releases AS previous_value_status,
        lag(document_name) OVER releases AS previous_document_name
    FROM bi.indicator_value
    WINDOW releases AS (
        PARTITION BY indicator_code, source_collection, breakdown, period_code, period_kind, period_end,
            geographic_level, la_code, gss_code
        ORDER BY vintage_date, release_order, is_latest, document_sha256)
)
WHERE previous_vintage_date IS NOT NULL
    AND (value, value_status) IS DISTINCT FROM (previous_value, previous_value_status);
COMMENT ON VIEW bi.indicator_revision IS 'What moved between two releases that follow each other: values changed, turned into a symbol or back.';

-- Grain: one indicator that is not mapped to a conformed one.
CREATE OR REPLACE VIEW bi.unmapped_indicator AS
SELECT
    i.indicator_code, i.indicator_name, i.unit, i.source_collections, count(DISTINCT r.source_key) AS releases,
    sum(r.observation_count)::BIGINT AS observations, min(r.first_period_end) AS first_period_end,
    max(r.last_period_end) AS last_period_end, max(r.vintage_date) AS latest_vintage_date
FROM star.dim_indicator AS i
JOIN star.bridge_release_indicator AS r USING (indicator_key)
WHERE NOT i.is_conformed
GROUP BY ALL;
COMMENT ON VIEW bi.unmapped_indicator IS 'Indicators loaded under their own names, not yet mapped to a conformed one.';
