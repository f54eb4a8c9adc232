-- Grain: one series that ended before another one of the same collection began and that gives the same values.
-- Compared are totals of England and the regions in the years that both have: of a series with a value in few of
-- them, or with few values that differ, nothing is said. Each series stands beside the one it agrees with most.
CREATE OR REPLACE VIEW bi.probable_rename AS
WITH area AS (SELECT authority_key FROM star.dim_authority WHERE geographic_level IN ('country', 'region')),
published AS MATERIALIZED (
    SELECT
        f.indicator_key, f.breakdown_key, r.source_collection, r.unit, f.period_key, f.authority_key, f.value,
        f.vintage_date, f.is_latest, r.is_conformed
    FROM star.fact_indicator AS f
    JOIN area USING (authority_key)
    JOIN star.bridge_release_indicator AS r USING (source_key, indicator_key)
    WHERE NOT r.is_computed
),
series AS MATERIALIZED (
    SELECT
        indicator_key, breakdown_key, source_collection, arg_max(unit, vintage_date) AS unit,
        bool_or(is_conformed) AS is_conformed, min(vintage_date) AS first_vintage_date,
        max(vintage_date) AS last_vintage_date
    FROM published
    GROUP BY indicator_key, breakdown_key, source_collection
),
named AS MATERIALIZED (
    SELECT
        s.*, i.indicator_code, b.breakdown, split_part(i.indicator_code, '.', 1) AS table_name,
        split_part(i.indicator_code, '.', 2) AS column_name
    FROM series AS s
    JOIN star.dim_indicator AS i USING (indicator_key)
    JOIN star.dim_breakdown AS b USING (breakdown_key)
),
standing AS MATERIALIZED (
    SELECT indicator_key, breakdown_key, source_collection, period_key, authority_key, value
    FROM published
    WHERE is_latest AND value <> 0
),
ended AS (
    SELECT n.*, s.period_key, s.authority_key, s.value
    FROM named AS n
    JOIN standing AS s USING (indicator_key, breakdown_key, source_collection)
    WHERE EXISTS (
        FROM named AS later
        WHERE later.source_collection = n.source_collection AND later.first_vintage_date > n.last_vintage_date)
),
began AS (
    SELECT n.*, s.period_key, s.authority_key, s.value
    FROM named AS n
    JOIN standing AS s USING (indicator_key, breakdown_key, source_collection)
    WHERE EXISTS (
        FROM named AS earlier
        WHERE earlier.source_collection = n.source_collection AND earlier.last_vintage_date < n.first_vintage_date)
),
pair AS MATERIALIZED (
    SELECT
        e.indicator_key AS former_key, e.breakdown_key AS former_breakdown_key, b.indicator_key, b.breakdown_key,
        e.source_collection, any_value(e.unit) AS former_unit, any_value(b.unit) AS unit, count(*) AS values_equal,
        count(DISTINCT b.value) AS values_distinct
    FROM ended AS e
    JOIN began AS b
        ON b.source_collection = e.source_collection AND b.period_key = e.period_key
        AND b.authority_key = e.authority_key AND b.value = e.value AND b.first_vintage_date > e.last_vintage_date
        AND (b.is_conformed OR e.is_conformed OR b.table_name = e.table_name OR b.column_name = e.column_name)
    GROUP BY ALL
    HAVING count(*) >= 8 AND count(DISTINCT b.value) >= 4
),
compared AS (
    SELECT p.*, count(*) AS values_compared
    FROM pair AS p
    JOIN standing AS e
        ON e.indicator_key = p.former_key AND e.breakdown_key = p.former_breakdown_key
        AND e.source_collection = p.source_collection
    JOIN standing AS b
        ON b.indicator_key = p.indicator_key AND b.breakdown_key = p.breakdown_key
        AND b.source_collection = p.source_collection AND b.period_key = e.period_key
        AND b.authority_key = e.authority_key
    GROUP BY ALL
)
SELECT
    c.source_collection, e.indicator_code AS former_indicator_code, e.breakdown AS former_breakdown,
    e.last_vintage_date AS ended_vintage_date, b.indicator_code, b.breakdown,
    b.first_vintage_date AS began_vintage_date, c.values_compared, c.values_equal,
    100 * c.values_equal / c.values_compared AS equal_pct
FROM compared AS c
JOIN named AS e
    ON e.indicator_key = c.former_key AND e.breakdown_key = c.former_breakdown_key
    AND e.source_collection = c.source_collection
JOIN named AS b
    ON b.indicator_key = c.indicator_key AND b.breakdown_key = c.breakdown_key
    AND b.source_collection = c.source_collection
WHERE c.values_equal >= 0.5 * c.values_compared
QUALIFY
    rank() OVER (
        PARTITION BY c.source_collection, c.former_key, c.former_breakdown_key ORDER BY c.values_equal DESC) = 1
    AND rank() OVER (
        PARTITION BY c.source_collection, c.indicator_key, c.breakdown_key ORDER BY c.values_equal DESC) = 1;
COMMENT ON VIEW bi.probable_rename IS 'A series that ended in one release and one that began in a later release of the collection with equal values in the years of both: probably one series under two names. It is joined by a line in transforms/seeds.';
