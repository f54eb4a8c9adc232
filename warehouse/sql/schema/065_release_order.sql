-- What tells releases of one day apart, and which rates the warehouse worked out itself.
ALTER TABLE star.bridge_release_indicator ADD COLUMN release_order VARCHAR;
ALTER TABLE star.bridge_release_indicator ADD COLUMN is_computed BOOLEAN DEFAULT false;
COMMENT ON COLUMN star.bridge_release_indicator.release_order IS 'Order among releases of one day: when fetched, then path, numbers as numbers.';
COMMENT ON COLUMN star.bridge_release_indicator.is_computed IS 'Whether the release does not print it: worked out from its counts and the population.';
