-- Bring the dimensions that registries declare up to date; rows that did not change are not touched.
-- `staging.staged.*` is the private file of this load; star_key() hashes a natural key.

CREATE OR REPLACE TEMP TABLE changed_place AS
SELECT authority_key, la_code, gss_code, geographic_level, authority_type, region_code, subregion_code
FROM star.dim_authority WHERE authority_key <> 0
EXCEPT
SELECT authority_key, la_code, gss_code, geographic_level, authority_type, region_code, subregion_code
FROM staging.staged.authority;

DELETE FROM star.dim_authority WHERE authority_key IN (
    SELECT authority_key FROM (FROM star.dim_authority WHERE authority_key <> 0 EXCEPT FROM staging.staged.authority));
INSERT INTO star.dim_authority (FROM staging.staged.authority EXCEPT FROM star.dim_authority);

DELETE FROM star.dim_framework WHERE framework_key IN (
    SELECT framework_key FROM (
        FROM star.dim_framework WHERE framework_key <> 0
        EXCEPT
        SELECT star_key('framework|' || framework_code), * FROM staging.staged.framework));
INSERT INTO star.dim_framework (
    SELECT star_key('framework|' || framework_code), * FROM staging.staged.framework
    EXCEPT
    FROM star.dim_framework);

DELETE FROM star.dim_judgement_area WHERE judgement_area_key IN (
    SELECT judgement_area_key FROM (
        FROM star.dim_judgement_area WHERE judgement_area_key <> 0
        EXCEPT
        SELECT star_key('area|' || framework_code || '|' || area_code), * FROM staging.staged.judgement_area));
INSERT INTO star.dim_judgement_area (
    SELECT star_key('area|' || framework_code || '|' || area_code), * FROM staging.staged.judgement_area
    EXCEPT
    FROM star.dim_judgement_area);

DELETE FROM star.dim_grade WHERE grade_key IN (
    SELECT grade_key FROM (
        FROM star.dim_grade WHERE grade_key <> 0
        EXCEPT
        SELECT star_key('grade|' || framework_code || '|' || grade_code), * FROM staging.staged.grade));
INSERT INTO star.dim_grade (
    SELECT star_key('grade|' || framework_code || '|' || grade_code), * FROM staging.staged.grade
    EXCEPT
    FROM star.dim_grade);
