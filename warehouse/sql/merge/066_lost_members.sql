-- Runs when: SELECT EXISTS (FROM lost_period) OR EXISTS (FROM lost_breakdown)
-- Members that lost their last fact go too, so that the order of loads leaves no trace.

DELETE FROM star.dim_period WHERE period_key IN (
    FROM lost_period EXCEPT SELECT period_key FROM star.fact_indicator WHERE period_key IN (FROM lost_period));
DELETE FROM star.dim_breakdown WHERE breakdown_key IN (
    FROM lost_breakdown
    EXCEPT SELECT breakdown_key FROM star.fact_indicator WHERE breakdown_key IN (FROM lost_breakdown));
