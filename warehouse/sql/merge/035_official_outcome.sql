-- Runs when: SELECT EXISTS (FROM staging.staged.official_outcome) OR EXISTS (FROM star.fact_official_outcome SEMI JOIN staged_document ON source_key = star_key('source|' || sha256))
-- Official lists: the rows of each list are replaced when it is read again; which rows tell of one
-- inspection and which of them stand is worked out anew over all lists each time one comes, and
-- written only where it changed: so the order of loads cannot matter.

DELETE FROM star.fact_official_outcome WHERE source_key IN (
    SELECT star_key('source|' || sha256) FROM staged_document);
INSERT INTO star.fact_official_outcome
SELECT
    0, 0, 0, star_key('framework|' || framework_code),
    coalesce(star_key('area|' || framework_code || '|' || area_code), 0),
    coalesce(star_key('grade|' || framework_code || '|' || grade_code), 0),
    la_code, framework_code, authority_as_printed, code_as_printed, inspection_type, inspection_start_date,
    published_date, area_name, grade_name, sheet, "row", "column", list_date, received_at, false,
    star_key('source|' || sha256), getvariable('load_id')
FROM staging.staged.official_outcome
ORDER BY ALL;

-- Inspections as told, one row for each pair of days. Visits have no graded areas and come several a year,
-- inspections under one framework never within months of each other.
CREATE OR REPLACE TEMP TABLE told AS
SELECT DISTINCT
    la_code, framework_code,
    NOT EXISTS (
        SELECT 1 FROM star.dim_judgement_area AS a WHERE a.framework_code = o.framework_code) AS is_visit,
    inspection_start_date AS started, published_date AS published
FROM star.fact_official_outcome AS o;

-- Those whose first day is known: days within weeks of each other (visits: three days) are one inspection. Lists
-- differ on its first day: one gives that of the notice or of the second window.
CREATE OR REPLACE TEMP TABLE begun AS
WITH apart AS (
    SELECT *, coalesce(started - lag(started) OVER w > CASE WHEN is_visit THEN 3 ELSE 40 END, true) AS is_next
    FROM told
    WHERE started IS NOT NULL
    WINDOW w AS (PARTITION BY la_code, framework_code ORDER BY started, published)
)
SELECT *, sum(is_next::INTEGER) OVER (
    PARTITION BY la_code, framework_code ORDER BY started, published) AS number
FROM apart;

CREATE OR REPLACE TEMP TABLE anchor AS
SELECT
    la_code, framework_code, number, min(started) AS started, min(published) AS first_published,
    max(published) AS last_published
FROM begun
GROUP BY ALL;

-- Those with a day of publication only: of the inspection published about then or begun in the months before,
-- the nearest; else of their own. Lists are sometimes months apart on the day of publication.
CREATE OR REPLACE TEMP TABLE published_only AS
WITH candidate AS (
    SELECT
        t.la_code, t.framework_code, t.published, a.number,
        CASE
            WHEN a.first_published IS NULL THEN abs(t.published - a.started - 50)
            ELSE least(abs(t.published - a.first_published), abs(t.published - a.last_published))
        END AS distance
    FROM told AS t
    JOIN anchor AS a
        ON a.la_code = t.la_code AND a.framework_code = t.framework_code
        AND (t.published - a.started BETWEEN 0 AND 240
            OR t.published BETWEEN a.first_published - 40 AND a.last_published + 40)
    WHERE t.started IS NULL AND NOT t.is_visit
    QUALIFY row_number() OVER (
        PARTITION BY t.la_code, t.framework_code, t.published
        ORDER BY distance, a.number) = 1
)
SELECT t.*, c.number
FROM told AS t
LEFT JOIN candidate AS c USING (la_code, framework_code, published)
WHERE t.started IS NULL;

CREATE OR REPLACE TEMP TABLE listed AS
WITH alone AS (
    SELECT
        * EXCLUDE number,
        coalesce(published - lag(published) OVER w > CASE WHEN is_visit THEN 3 ELSE 40 END, true) AS is_next
    FROM published_only
    WHERE number IS NULL
    WINDOW w AS (PARTITION BY la_code, framework_code ORDER BY published)
),
numbered AS (
    SELECT la_code, framework_code, started, published, 'b' || number AS number FROM begun
    UNION ALL
    SELECT la_code, framework_code, started, published, 'b' || number
    FROM published_only WHERE number IS NOT NULL
    UNION ALL
    SELECT la_code, framework_code, started, published, 'p' || sum(is_next::INTEGER) OVER (
        PARTITION BY la_code, framework_code ORDER BY published)
    FROM alone
)
SELECT
    la_code, framework_code, started, published,
    star_key(concat_ws('|', 'listed', la_code, framework_code,
        coalesce(min(started) OVER one, min(published) OVER one))) AS listed_inspection_key
FROM numbered
WINDOW one AS (PARTITION BY la_code, framework_code, number);

UPDATE star.fact_official_outcome AS f SET listed_inspection_key = l.listed_inspection_key
FROM listed AS l
WHERE l.la_code = f.la_code AND l.framework_code = f.framework_code
    AND l.started IS NOT DISTINCT FROM f.inspection_start_date
    AND l.published IS NOT DISTINCT FROM f.published_date
    AND l.listed_inspection_key <> f.listed_inspection_key;

-- The latest list decides; of one list the row that tells most of the inspection.
CREATE OR REPLACE TEMP TABLE stated_last AS
SELECT
    f.*, row_number() OVER latest AS standing, row_number() OVER (PARTITION BY listed_inspection_key
        ORDER BY list_date DESC NULLS LAST, received_at DESC, source_key) AS of_list
FROM star.fact_official_outcome AS f
WINDOW latest AS (
    PARTITION BY f.listed_inspection_key, f.judgement_area_key
    ORDER BY f.list_date DESC NULLS LAST, f.received_at DESC, f.source_key,
        (f.inspection_start_date IS NULL)::INTEGER + (f.published_date IS NULL)::INTEGER
            + (f.inspection_type IS NULL)::INTEGER,
        f.sheet, f.row_number, f.column_letters
);

UPDATE star.fact_official_outcome AS f SET is_latest = (s.standing = 1)
FROM stated_last AS s
WHERE s.source_key = f.source_key AND s.sheet = f.sheet AND s.row_number = f.row_number
    AND s.column_letters = f.column_letters AND f.is_latest <> (s.standing = 1);

CREATE OR REPLACE TEMP TABLE listed_inspection AS
SELECT
    s.listed_inspection_key, s.la_code, s.framework_code,
    arg_max(s.inspection_type, rank) FILTER (s.inspection_type IS NOT NULL) AS inspection_type,
    arg_max(s.inspection_start_date, rank) FILTER (s.inspection_start_date IS NOT NULL) AS started,
    arg_max(s.published_date, rank) FILTER (s.published_date IS NOT NULL) AS published,
    any_value(s.source_key) FILTER (s.of_list = 1) AS source_key,
    any_value(s.load_id) FILTER (s.of_list = 1) AS load_id
FROM (
    SELECT *, (coalesce(list_date, DATE '1900-01-01'), received_at, source_key, sheet, -row_number) AS rank
    FROM stated_last) AS s
GROUP BY s.listed_inspection_key, s.la_code, s.framework_code;

-- Authority and report are found for all of them together (036).
CREATE OR REPLACE TEMP TABLE listed_now AS
SELECT
    listed_inspection_key, star_key('framework|' || framework_code) AS framework_key, la_code, framework_code,
    inspection_type, started AS inspection_start_date, published AS published_date, source_key, load_id
FROM listed_inspection;

DELETE FROM star.dim_listed_inspection WHERE listed_inspection_key IN (
    SELECT listed_inspection_key FROM (
        SELECT * EXCLUDE (inspection_key, authority_key) FROM star.dim_listed_inspection EXCEPT FROM listed_now));
INSERT INTO star.dim_listed_inspection BY NAME
SELECT *, 0 AS inspection_key, 0 AS authority_key FROM listed_now
WHERE listed_inspection_key NOT IN (SELECT listed_inspection_key FROM star.dim_listed_inspection);
