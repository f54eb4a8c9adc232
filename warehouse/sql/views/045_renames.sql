-- Grain: one series that ended before another one of the same collection began and that gives the same values.
-- Compared are values of England and the regions in the years that both have: of a series with few of them, or few
-- that differ from each other, nothing is said. Each series stands beside the one it agrees with most.
-- Every step is worked out once and joined to few: left to itself, the engine joins all series to each other.
CREATE OR REPLACE VIEW bi.probable_rename AS
WITH area AS (
    SELECT authority_key, (row_number() OVER (ORDER BY geographic_level, gss_code) - 1) // 3 AS part
    FROM star.dim_authority
    WHERE geographic_level IN ('country', 'region')
),
published AS MATERIALIZED (
    SELECT
        f.indicator_key, f.breakdown_key, r.source_collection, f.period_key, f.authority_key, a.part, f.value,
        f.vintage_date, f.is_latest, r.is_conformed
    FROM star.fact_indicator AS f
    JOIN area AS a USING (authority_key)
    JOIN star.bridge_release_indicator AS r USING (source_key, indicator_key)
    WHERE NOT r.is_computed
),
series AS MATERIALIZED (
    SELECT
        p.indicator_key, p.breakdown_key, p.source_collection, any_value(i.indicator_code) AS indicator_code,
        any_value(b.breakdown) AS breakdown, bool_or(p.is_conformed) AS is_conformed,
        min(p.vintage_date) AS first_vintage_date, max(p.vintage_date) AS last_vintage_date
    FROM published AS p
    JOIN star.dim_indicator AS i USING (indicator_key)
    JOIN star.dim_breakdown AS b USING (breakdown_key)
    GROUP BY p.indicator_key, p.breakdown_key, p.source_collection
),
-- Values of three places of a year: alike in two series hardly ever by chance, and few of them are revised.
spot AS MATERIALIZED (
    SELECT
        indicator_key, breakdown_key, source_collection, period_key, part,
        hash(list({'place': authority_key, 'value': value} ORDER BY authority_key)) AS spot_values
    FROM published
    WHERE is_latest AND value <> 0
    GROUP BY indicator_key, breakdown_key, source_collection, period_key, part
    HAVING min(value) <> max(value)
),
spotted AS MATERIALIZED (
    SELECT s.*, t.period_key, t.part, t.spot_values
    FROM series AS s
    JOIN spot AS t USING (indicator_key, breakdown_key, source_collection)
),
-- Of two series under their own names, those of one table or of one column: it is the rest that was renamed.
candidate AS MATERIALIZED (
    SELECT DISTINCT
        b.source_collection, e.indicator_key AS former_key, e.breakdown_key AS former_breakdown_key,
        e.indicator_code AS former_indicator_code, e.breakdown AS former_breakdown,
        e.last_vintage_date AS ended_vintage_date, b.indicator_key, b.breakdown_key, b.indicator_code, b.breakdown,
        b.first_vintage_date AS began_vintage_date
    FROM spotted AS e
    JOIN spotted AS b USING (source_collection, period_key, part, spot_values)
    WHERE b.first_vintage_date > e.last_vintage_date AND NOT (b.is_conformed AND e.is_conformed)
        AND (
            b.is_conformed OR e.is_conformed
            OR split_part(b.indicator_code, '.', 1) = split_part(e.indicator_code, '.', 1)
            OR split_part(b.indicator_code, '.', 2) = split_part(e.indicator_code, '.', 2))
),
standing AS MATERIALIZED (
    SELECT indicator_key, breakdown_key, source_collection, period_key, authority_key, value
    FROM published
    WHERE is_latest AND value <> 0
),
-- In two steps: else values of all series could be joined to each other first.
former AS MATERIALIZED (
    SELECT c.*, s.period_key, s.authority_key, s.value AS former_value
    FROM candidate AS c
    JOIN standing AS s
        ON s.indicator_key = c.former_key AND s.breakdown_key = c.former_breakdown_key
        AND s.source_collection = c.source_collection
),
compared AS MATERIALIZED (
    SELECT
        f.* EXCLUDE (period_key, authority_key, former_value), count(*) AS values_compared,
        count(*) FILTER (s.value = f.former_value) AS values_equal
    FROM former AS f
    JOIN standing AS s USING (indicator_key, breakdown_key, source_collection, period_key, authority_key)
    GROUP BY ALL
    HAVING values_equal >= 8 AND values_equal >= 0.5 * values_compared
        AND count(DISTINCT s.value) FILTER (s.value = f.former_value) >= 4
)
SELECT
    source_collection, former_indicator_code, former_breakdown, ended_vintage_date, indicator_code, breakdown,
    began_vintage_date, values_compared, values_equal, 100 * values_equal / values_compared AS equal_pct
FROM compared AS c
QUALIFY
    rank() OVER (
        PARTITION BY c.source_collection, c.former_key, c.former_breakdown_key ORDER BY c.values_equal DESC) = 1
    AND rank() OVER (
        PARTITION BY c.source_collection, c.indicator_key, c.breakdown_key ORDER BY c.values_equal DESC) = 1;
COMMENT ON VIEW bi.probable_rename IS 'A series that ended in one release and one that began in a later release of the collection with equal values in the years of both: probably one series under two names. It is joined by a line in transforms/seeds.';
