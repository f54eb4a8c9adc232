-- Runs when: SELECT EXISTS (FROM removed_release)
-- Members that lost their last fact go too, so that the order of loads leaves no trace.

CREATE OR REPLACE TEMP TABLE lost_period AS
SELECT period_key FROM removed_member EXCEPT SELECT period_key FROM staging.staged.observation;
DELETE FROM star.dim_period WHERE period_key IN (
    FROM lost_period EXCEPT SELECT period_key FROM star.fact_indicator WHERE period_key IN (FROM lost_period));

CREATE OR REPLACE TEMP TABLE lost_breakdown AS
SELECT breakdown_key FROM removed_member EXCEPT SELECT breakdown_key FROM staging.staged.observation;
DELETE FROM star.dim_breakdown WHERE breakdown_key IN (
    FROM lost_breakdown
    EXCEPT SELECT breakdown_key FROM star.fact_indicator WHERE breakdown_key IN (FROM lost_breakdown));
