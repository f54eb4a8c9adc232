-- Sums and means that come out the same to the last digit in whatever order rows are added: a rebuild, a load and
-- a backfill add in different ones, and a mean that lies between two roundings would show which it was. Numbers
-- too large for twelve places of decimals are added as they are.
CREATE SCHEMA IF NOT EXISTS star;
CREATE OR REPLACE MACRO star.exact_sum(x) AS
    CASE WHEN count(try_cast(x AS DECIMAL(35, 12))) = count(x)
        THEN sum(try_cast(x AS DECIMAL(35, 12)))::DOUBLE ELSE sum(x) END;
CREATE OR REPLACE MACRO star.exact_mean(x) AS star.exact_sum(x) / nullif(count(x), 0);
