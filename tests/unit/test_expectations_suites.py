"""Every declared check passes on sound rows and fails on one broken example of its own.

The sound rows are made up. An entry without an example that breaks it fails here.
"""

# ruff: noqa: S608, E501 - SQL of our own, one row a line

from __future__ import annotations

import re
from datetime import date, datetime
from importlib import resources
from pathlib import Path

import duckdb
import pytest

from expectations.check import Check, RunContext
from expectations.runner import run_checks
from expectations.suites import CHECKS
from transforms import shapes

SHA = "a" * 64
LATER = "b" * 64
RETURN = "c" * 64
BY_ID = {check.id: check for check in CHECKS}
CONTEXTS = {
    stage: RunContext("load-2", stage, today=date(2024, 6, 1), checked_at=datetime(2024, 6, 1, 2, 0))
    for stage in ("staged", "star")
}
SQL_TYPES = {
    "String": "VARCHAR",
    "Int64": "BIGINT",
    "Float64": "DOUBLE",
    "Date": "DATE",
    "Boolean": "BOOLEAN",
    "Datetime(time_unit='us', time_zone=None)": "TIMESTAMP",
}

STAGED_ROWS = f"""
CREATE TABLE staged.authority (la_code VARCHAR);
INSERT INTO staged.authority VALUES ('991'), ('992');
CREATE TABLE staged.framework (framework_code VARCHAR, valid_from DATE, valid_to DATE);
INSERT INTO staged.framework VALUES ('fw', '2018-01-01', NULL), ('other', '2009-01-01', '2013-01-01');
CREATE TABLE staged.judgement_area
    (framework_code VARCHAR, area_code VARCHAR, is_required BOOLEAN, valid_from DATE, valid_to DATE);
INSERT INTO staged.judgement_area VALUES
    ('fw', 'overall', true, NULL, '9999-12-31'), ('fw', 'care_leavers', true, '2023-01-01', '9999-12-31'),
    ('fw', 'both', true, NULL, '2023-01-01'), ('fw', 'board', true, NULL, '9999-12-31'),
    ('other', 'overall', true, NULL, '9999-12-31');
CREATE TABLE staged.grade (framework_code VARCHAR, grade_code VARCHAR);
INSERT INTO staged.grade VALUES ('fw', 'good'), ('other', 'adequate');
INSERT INTO staged.source_file BY NAME SELECT 'reports/a.pdf' AS landing_path, '{SHA}' AS sha256, 'report' AS source_kind,
    10 AS byte_size, TIMESTAMP '2024-05-01' AS received_at, 'loaded' AS state, 9 AS page_count;
INSERT INTO staged.source_file BY NAME SELECT 'reports/z.pdf' AS landing_path, '{LATER}' AS sha256,
    'report' AS source_kind, 10 AS byte_size, TIMESTAMP '2024-05-01' AS received_at, 'quarantined' AS state,
    'page 1: found nothing' AS reason;
INSERT INTO staged.inspection BY NAME SELECT '{SHA}' AS sha256, 1 AS report_no, '991' AS la_code,
    'fw' AS framework_code, 'standard' AS inspection_type, 'Lead Person' AS lead_inspector,
    'Made Up Borough' AS authority_as_printed, DATE '2024-03-04' AS inspection_start_date,
    DATE '2024-03-15' AS inspection_end_date, DATE '2024-05-01' AS published_date,
    'printed' AS published_date_source, TIMESTAMP '2024-05-01' AS received_at;
INSERT INTO staged.judgement BY NAME SELECT '{SHA}' AS sha256, 1 AS report_no, 'fw' AS framework_code,
    unnest(['overall', 'care_leavers']) AS area_code, 'overall' AS conformed_area_code, 'Area' AS area_name,
    'good' AS grade_code, 'Good' AS grade_name, 1 AS page, 'is good' AS evidence;
INSERT INTO staged.reject BY NAME SELECT '{SHA}' AS sha256, 'reports/a.pdf' AS landing_path, 'area_waived' AS rule,
    'warning' AS severity, 'board' AS found, 'not judged' AS message;
INSERT INTO staged.recommendation BY NAME SELECT '{SHA}' AS sha256, 1 AS report_no, 1 AS sequence,
    'recommendation' AS kind, 'Do it' AS text, 2 AS page;
INSERT INTO staged.paragraph BY NAME SELECT '{SHA}' AS sha256, 1 AS report_no, 1 AS sequence, 'Words' AS text, 2 AS page;
INSERT INTO staged.inspector BY NAME SELECT '{SHA}' AS sha256, 1 AS report_no, 1 AS sequence,
    'lead_inspector' AS role, 'Lead Person' AS name, 1 AS page;
INSERT INTO staged.tenure BY NAME SELECT '{SHA}' AS sha256, 1 AS report_no, 1 AS sequence, 'lscb_chair' AS office,
    'since May' AS statement, 'month' AS since_precision, 2 AS page;
INSERT INTO staged.previous_inspection BY NAME SELECT '{SHA}' AS sha256, 1 AS report_no, 1 AS sequence,
    'in 2019' AS statement, 'year' AS date_precision, 'overall' AS conformed_area_code, 2 AS page;
INSERT INTO staged.report_figure BY NAME SELECT '{SHA}' AS sha256, 1 AS report_no, 1 AS sequence, 5.0 AS value,
    '5' AS value_as_printed, 'count' AS unit, 'Five.' AS sentence, 2 AS page;
INSERT INTO staged.official_outcome BY NAME SELECT '{SHA}' AS sha256, 'History' AS sheet, 4 AS row, 'G' AS column,
    'fw' AS framework_code, '991' AS la_code, 'Made Up Borough' AS authority_as_printed,
    DATE '2024-03-04' AS inspection_start_date, DATE '2024-05-01' AS published_date, 'overall' AS area_code,
    'Overall' AS area_name, 'good' AS grade_code, 'Good' AS grade_name, TIMESTAMP '2024-05-01' AS received_at;
INSERT INTO staged.return_submission BY NAME SELECT '{SHA}' AS sha256, '991' AS la_code, 'ssda903' AS return_code,
    2024 AS year, DATE '2023-04-01' AS period_start, DATE '2024-03-31' AS period_end, 1 AS file_count, 'x' AS based_on;
INSERT INTO staged.return_rule BY NAME SELECT '{SHA}' AS sha256, '991' AS la_code, 'ssda903' AS return_code,
    2024 AS year, unnest(['101', '102']) AS rule_code, 'error' AS severity, 'failed' AS state,
    unnest([6, NULL]) AS findings, unnest(['6', 'c']) AS findings_shown;
CREATE TABLE staged.observation (sha256 VARCHAR, indicator_code VARCHAR, period_code VARCHAR, breakdown VARCHAR,
    value DOUBLE, numerator DOUBLE, value_status VARCHAR, unit VARCHAR);
INSERT INTO staged.observation VALUES ('{SHA}', 'made_1', '2024', 'Total', 6, 6, 'reported', 'count'),
    ('{SHA}', 'made_1', '2024', 'age=1', NULL, NULL, 'suppressed', 'count');
"""

STAR_ROWS = f"""
INSERT INTO meta.load BY NAME
    SELECT unnest(['load-1', 'load-2']) AS load_id, TIMESTAMP '2024-05-01' AS started_at, 'published' AS state;
INSERT INTO meta.source_file BY NAME SELECT unnest(['{SHA}', '{LATER}']) AS sha256, 'reports/a.pdf' AS landing_path,
    'report' AS source_kind, 10 AS byte_size, TIMESTAMP '2024-05-01' AS first_seen_at, 'load-1' AS load_id,
    'loaded' AS state, 'p1' AS parser_version;
INSERT INTO meta.reject BY NAME SELECT 'load-1' AS load_id, unnest(['{SHA}', '{LATER}']) AS sha256,
    'reports/a.pdf' AS landing_path, 'area_waived' AS rule, 'warning' AS severity, 'board' AS found, 'why' AS message;
INSERT INTO meta.inspection_document BY NAME SELECT unnest([1, 2]) AS inspection_key,
    unnest(['{SHA}', '{LATER}']) AS sha256, 1 AS report_no, '991' AS la_code, 'fw' AS framework_code,
    TIMESTAMP '2024-05-01' AS received_at, true AS is_current;
INSERT INTO star.dim_authority BY NAME SELECT unnest([1, 2]) AS authority_key, unnest(['991', '992']) AS la_code,
    unnest(['E99000001', 'E99000002']) AS gss_code, 'Made Up Borough' AS authority_name,
    'authority' AS geographic_level, DATE '2009-04-01' AS valid_from, DATE '9999-12-31' AS valid_to, true AS is_current;
INSERT INTO star.dim_framework BY NAME SELECT unnest([1, 2]) AS framework_key, unnest(['fw', 'other']) AS framework_code,
    'Framework' AS framework_name, 'childrens_services' AS family, DATE '2018-01-01' AS valid_from;
INSERT INTO star.dim_judgement_area BY NAME SELECT unnest([1, 2, 3]) AS judgement_area_key,
    unnest(['fw', 'other', 'fw']) AS framework_code, unnest(['overall', 'overall', 'board']) AS area_code,
    'Area' AS area_name, unnest(['overall', 'overall', NULL]) AS conformed_area_code, true AS is_required,
    DATE '9999-12-31' AS valid_to;
INSERT INTO star.dim_grade BY NAME SELECT unnest([1, 2]) AS grade_key, unnest(['fw', 'other']) AS framework_code,
    'good' AS grade_code, 'Good' AS grade_name, 2 AS grade_rank;
INSERT INTO star.dim_source BY NAME SELECT unnest([1, 2]) AS source_key, unnest(['{SHA}', '{LATER}']) AS sha256,
    'a.pdf' AS document_name, 9 AS page_count, 'p1' AS parser_version, 'current' AS state, 'load-1' AS load_id;
INSERT INTO star.dim_inspection BY NAME SELECT unnest([1, 2]) AS inspection_key, 1 AS authority_key, 1 AS framework_key,
    unnest([1, 2]) AS source_key, '991' AS la_code, 'fw' AS framework_code, 'standard' AS inspection_type,
    unnest([DATE '2020-03-04', DATE '2024-03-04']) AS inspection_start_date,
    unnest([DATE '2020-03-15', DATE '2024-03-15']) AS inspection_end_date,
    unnest([DATE '2020-05-01', DATE '2024-05-01']) AS published_date, 'Lead Person' AS lead_inspector,
    unnest([0, 1]) AS previous_inspection_key, 'load-1' AS load_id;
INSERT INTO star.fact_judgement BY NAME SELECT unnest([1, 2]) AS inspection_key, 1 AS judgement_area_key,
    1 AS grade_key, 1 AS authority_key, 'Area' AS area_as_printed, 'Good' AS grade_as_printed, 1 AS evidence_page,
    'is good' AS evidence_text, unnest([1, 2]) AS source_key, 'load-1' AS load_id;
INSERT INTO star.dim_listed_inspection BY NAME SELECT unnest([7, 8]) AS listed_inspection_key,
    unnest([1, 0]) AS inspection_key, 1 AS authority_key, 1 AS framework_key, '991' AS la_code, 'fw' AS framework_code,
    'standard' AS inspection_type, unnest([DATE '2020-03-04', DATE '2022-03-04']) AS inspection_start_date,
    unnest([DATE '2020-05-01', DATE '2022-05-01']) AS published_date, 1 AS source_key, 'load-1' AS load_id;
INSERT INTO star.fact_official_outcome BY NAME SELECT listed_inspection_key, inspection_key, authority_key,
    framework_key, 1 AS judgement_area_key, 1 AS grade_key, la_code, framework_code,
    'Made Up Borough' AS authority_as_printed, inspection_start_date, published_date, 'Overall' AS area_as_printed,
    'Good' AS grade_as_printed, 'History' AS sheet, listed_inspection_key AS row_number, 'G' AS column_letters,
    TIMESTAMP '2024-05-01' AS received_at, true AS is_latest, source_key, load_id FROM star.dim_listed_inspection;
"""
_FACT = "INSERT INTO star.{} BY NAME SELECT 1 AS inspection_key, 1 AS sequence, 2 AS evidence_page, 1 AS source_key, \
'load-1' AS load_id, {};"
STAR_ROWS += "".join(
    _FACT.format(table, rest)
    for table, rest in (
        ("fact_recommendation", "1 AS authority_key, 'recommendation' AS kind, 'Do it' AS text"),
        ("fact_paragraph", "'Words' AS text"),
        (
            "fact_report_figure",
            "1 AS authority_key, 5.0 AS value, '5' AS value_as_printed, 'count' AS unit, 'Five.' AS sentence",
        ),
        ("fact_tenure", "1 AS authority_key, 'lscb_chair' AS office, 'since May' AS statement"),
        ("bridge_inspection_inspector", "'lead_inspector' AS role, 'Lead Person' AS inspector_name"),
        ("fact_stated_previous_inspection", "1 AS authority_key, 'in 2019' AS statement"),
    )
)

STAR_ROWS += """
INSERT INTO star.dim_indicator SELECT k, 'made_' || k, 'Made up', NULL, NULL, NULL,
    CASE k WHEN 1 THEN 'count' ELSE 'percent' END, 'low', 1, true, false, true, 'made-up' FROM range(1, 3) AS t(k);
INSERT INTO star.dim_period SELECT k, (2020 + k)::VARCHAR, 'financial_year', make_date(2019 + k, 4, 1),
    make_date(2020 + k, 3, 31) FROM range(1, 4) AS t(k);
INSERT INTO star.dim_breakdown VALUES (1, 'Total', true);
INSERT INTO star.dim_authority BY NAME SELECT unnest([8, 9]) AS authority_key, unnest(['E12000099', 'E92000001'])
    AS gss_code, 'Whole' AS authority_name, unnest(['region', 'country']) AS geographic_level,
    DATE '2009-01-01' AS valid_from, DATE '9999-12-31' AS valid_to, true AS is_current;
UPDATE star.dim_authority SET region_code = 'E12000099' WHERE authority_key IN (1, 2);
INSERT INTO meta.load BY NAME SELECT 'load-0' AS load_id, TIMESTAMP '2024-05-01' AS started_at, 'published' AS state;
INSERT INTO star.bridge_release_indicator SELECT s, i, 'made-up', make_date(2021 + s, 1, 1), 'file',
    TIMESTAMP '2024-05-01', 'Made up', 'count', true, 12, 12, NULL, NULL, 'load-' || s,
    NULL, false
    FROM range(1, 3) AS t(s), range(1, 3) AS u(i);
INSERT INTO star.fact_indicator SELECT i, 1, p, a, CASE WHEN i = 2 THEN 50 WHEN a > 2 THEN 40 ELSE 20 END,
    CASE i WHEN 2 THEN 1 END, CASE i WHEN 2 THEN 2 END, 1, 2, DATE '2023-01-01', true, 'load-2'
    FROM range(1, 3) AS t(i), range(1, 4) AS u(p), (VALUES (1), (2), (8), (9)) AS v(a);
INSERT INTO star.benchmark_total BY NAME SELECT 1 AS indicator_key, 1 AS period_key, 1 AS authority_key,
    2 AS source_key, 20 AS value, 1 AS value_status_code, false AS compared_with_subregion,
    0 AS statistical_neighbours_counted, 1 AS rank, 2 AS ranked_authorities, false AS is_latest_period;
INSERT INTO star.bridge_statistical_neighbour VALUES (2025, 1, 2, '991', '992', 1, 'close');
"""

STAR_ROWS += f"""
INSERT INTO meta.source_file BY NAME SELECT '{RETURN}' AS sha256, 'returns/991/ssda903/2021' AS landing_path,
    'return' AS source_kind, 10 AS byte_size, TIMESTAMP '2024-05-01' AS first_seen_at, 'load-1' AS load_id,
    'loaded' AS state, 'p1' AS parser_version;
INSERT INTO star.dim_source BY NAME SELECT 3 AS source_key, '{RETURN}' AS sha256, 'SSDA903' AS document_name,
    'p1' AS parser_version, 'current' AS state, 'load-1' AS load_id;
INSERT INTO meta.return_submission SELECT 3, '{RETURN}', '991', 'ssda903', 2021, DATE '2020-04-01',
    DATE '2021-03-31', DATE '2021-06-01', TIMESTAMP '2021-06-01', 1, 'x', true, 'load-2';
INSERT INTO meta.return_rule BY NAME SELECT '{RETURN}' AS sha256, '991' AS la_code, 'ssda903' AS return_code,
    2021 AS year, '101' AS rule_code, 'error' AS severity, 'failed' AS state, 6 AS findings, '6' AS findings_shown,
    'load-2' AS load_id;
INSERT INTO star.bridge_release_indicator SELECT 3, 1, 'ssda903', DATE '2021-06-01', 'first_seen',
    TIMESTAMP '2021-06-01', 'Made up', 'count', true, 1, 1, NULL, NULL, 'load-2', NULL, false;
INSERT INTO star.fact_indicator SELECT 1, 1, 1, 1, 20, 20, NULL, 1, 3, DATE '2021-06-01', true, 'load-2';
INSERT INTO star.bridge_local_indicator VALUES (1, 2, 'made_1', 'made_2');
"""

# One statement (or several) that makes exactly the kind of row the check is there for.
BROKEN = {
    "fact_indicator_grain_unique": "INSERT INTO star.fact_indicator FROM star.fact_indicator WHERE indicator_key = 1",
    "fact_indicator_one_period_a_code": "UPDATE star.dim_period SET period_code = '2022' WHERE period_code = '2023'",
    "fact_indicator_rows_complete": "DELETE FROM star.fact_indicator WHERE period_key = 3; DELETE FROM meta.reject",
    "fact_indicator_value_or_symbol": "UPDATE star.fact_indicator SET value_status_code = 2 WHERE authority_key = 1",
    "fact_indicator_rate_agrees": "UPDATE star.fact_indicator SET numerator = 3 WHERE authority_key = 1",
    "fact_indicator_adds_up_to_england": "UPDATE star.fact_indicator SET value = 46 WHERE authority_key = 9",
    "fact_indicator_adds_up_to_regions": "UPDATE star.fact_indicator SET value = 46 WHERE authority_key = 8",
    "fact_indicator_percent_in_range": "UPDATE star.fact_indicator SET value = 101 WHERE authority_key = 1",
    "fact_indicator_no_silent_gap": "DELETE FROM star.fact_indicator WHERE period_key = 2",
    "release_rows_against_the_one_before": "UPDATE star.bridge_release_indicator SET observation_count = 5 WHERE source_key = 2",
    "fact_indicator_not_negative": "UPDATE star.fact_indicator SET value = -1 WHERE authority_key = 1",
    "release_unit_as_the_one_before": "UPDATE star.bridge_release_indicator SET unit = 'percent' WHERE source_key = 2",
    "release_names_as_the_one_before": "UPDATE star.bridge_release_indicator SET is_conformed = false, "
    "indicator_name = CASE WHEN source_key = indicator_key THEN 'One' ELSE 'Other' END",
    "release_values_against_the_one_before": "UPDATE star.bridge_release_indicator SET last_period_end = "
    "DATE '2021-03-31' WHERE source_key = 1; INSERT INTO star.fact_indicator SELECT 1, 1, 1, 20 + k, 100.0 ** s, NULL, "
    "NULL, 1, s, DATE '2023-01-01', s = 2, 'load-' || s FROM range(10) AS t(k), range(1, 3) AS u(s)",
    "release_places_as_the_one_before": "UPDATE star.bridge_release_indicator SET last_period_end = DATE '2021-03-31'; "
    "INSERT INTO star.fact_indicator SELECT * REPLACE (1 AS source_key, false AS is_latest, 'load-1' AS load_id) "
    "FROM star.fact_indicator WHERE source_key = 2; "
    "DELETE FROM star.fact_indicator WHERE source_key = 2 AND authority_key = 1",
    "benchmark_total_years_of_one_scale": "INSERT INTO star.benchmark_total BY NAME SELECT 1 AS indicator_key, "
    "2 AS period_key, 20 + k AS authority_key, 2 AS source_key, 100 AS value, 1 AS value_status_code, false AS "
    "compared_with_subregion, 0 AS statistical_neighbours_counted, 2 AS ranked_authorities, 99 AS change_from_previous, "
    "1 AS previous_period_key, false AS is_latest_period FROM range(10) AS t(k)",
    "fact_indicator_percent_not_a_share": "UPDATE star.fact_indicator SET value = 0.6 WHERE indicator_key = 2",
    "fact_indicator_every_place_each_year": "DELETE FROM star.fact_indicator WHERE period_key = 2 AND authority_key = 1",
    "release_order_certain": "UPDATE star.bridge_release_indicator SET vintage_date_source = 'first_seen', "
    "last_period_end = make_date(2025 - source_key::INTEGER, 3, 31)",
    "release_date_possible": "UPDATE star.bridge_release_indicator SET vintage_date = DATE '2205-01-01' "
    "WHERE source_key = 2",
    "releases_of_one_day_agree": "UPDATE star.bridge_release_indicator SET vintage_date = DATE '2023-01-01'; "
    "UPDATE star.dim_source SET landing_path = 'statistics/' || source_key; INSERT INTO star.fact_indicator "
    "SELECT * REPLACE (1 AS source_key, value + 1 AS value, 'load-1' AS load_id) FROM star.fact_indicator "
    "WHERE source_key = 2",
    "benchmark_total_none_beside_its_heir": "UPDATE star.dim_authority SET successor_la_codes = '992; 993' "
    "WHERE authority_key = 1; INSERT INTO star.benchmark_total SELECT * REPLACE (2 AS authority_key, 2 AS rank) "
    "FROM star.benchmark_total",
    "fact_indicator_one_code_a_period": "INSERT INTO star.dim_period SELECT * REPLACE (9 AS period_key, '202122' AS "
    "period_code) FROM star.dim_period WHERE period_key = 2; INSERT INTO star.fact_indicator "
    "SELECT * REPLACE (9 AS period_key) FROM star.fact_indicator WHERE period_key = 2",
    "staged_return_rule_no_small_count": "UPDATE staged.return_rule SET findings = 3, findings_shown = 'c'",
    "staged_return_value_no_small_count": "UPDATE staged.observation SET value = 3, value_status = 'reported'",
    "return_submission_one_current": "UPDATE meta.return_submission SET is_current = false",
    "return_values_stand_with_their_submission": "UPDATE star.fact_indicator SET is_latest = false WHERE source_key = 3",
    "return_values_of_one_submission": "UPDATE meta.return_submission SET is_current = false",
    "return_values_no_small_count": "UPDATE star.fact_indicator SET numerator = 5 WHERE source_key = 3",
    "return_rule_no_small_count": "UPDATE meta.return_rule SET findings_shown = '1'",
    "no_small_number_derivable": "INSERT INTO meta.disclosure_risk BY NAME SELECT '991' AS la_code, 'ssda903' AS return_code, 'count' AS reason",
    "no_trace_of_restricted_store": "INSERT INTO meta.restricted_trace VALUES ('meta.reject', 'message', 'hash')",
    "benchmark_total_grain_unique": "INSERT INTO star.benchmark_total SELECT * REPLACE (1 AS source_key) "
    "FROM star.benchmark_total",
    "benchmark_total_ranks_sound": "UPDATE star.dim_indicator SET polarity = 'none'",
    "staged_required_areas_present": "DELETE FROM staged.judgement WHERE area_code = 'care_leavers'",
    "staged_area_in_force": "UPDATE staged.judgement SET area_code = 'both' WHERE area_code = 'care_leavers'",
    "staged_judgement_framework_agrees": "UPDATE staged.judgement SET framework_code = 'other'",
    "staged_inspection_dates_in_order": "UPDATE staged.inspection SET published_date = DATE '2024-03-01'",
    "staged_inspection_in_framework_years": "UPDATE staged.inspection SET inspection_start_date = DATE '2017-12-31'",
    "staged_inspection_not_in_future": "UPDATE staged.inspection SET inspection_end_date = DATE '2024-06-02'",
    "staged_published_date_source_known": "UPDATE staged.inspection SET published_date_source = NULL",
    "staged_no_blocked_document": "UPDATE staged.reject SET severity = 'blocking'",
    "staged_source_sha256_sound": "UPDATE staged.source_file SET sha256 = upper(sha256)",
    "staged_reject_has_reason": "UPDATE staged.reject SET message = ' '",
    "staged_quarantined_have_reason": "UPDATE staged.source_file SET reason = NULL",
    "staged_few_quarantined": "INSERT INTO staged.source_file SELECT f.* FROM staged.source_file f, range(6) WHERE state = 'quarantined'; "
    "INSERT INTO staged.source_file SELECT f.* FROM staged.source_file f, range(4) WHERE state = 'loaded'",
    "staged_lead_inspector_present": "UPDATE staged.inspection SET lead_inspector = NULL",
    "staged_published_date_present": "UPDATE staged.inspection SET published_date = NULL",
    "staged_recommendation_kind_known": "UPDATE staged.recommendation SET kind = 'advice'",
    "staged_tenure_office_known": "UPDATE staged.tenure SET office = 'mayor'",
    "staged_tenure_since_precision_known": "UPDATE staged.tenure SET since_precision = 'decade'",
    "staged_previous_inspection_date_precision_known": "UPDATE staged.previous_inspection SET date_precision = 'week'",
    "staged_previous_inspection_conformed_area_code_known": "UPDATE staged.previous_inspection SET conformed_area_code = 'all'",
    "staged_judgement_conformed_area_code_known": "UPDATE staged.judgement SET conformed_area_code = 'all'",
    "staged_official_outcome_dates_in_order": "UPDATE staged.official_outcome SET published_date = DATE '2024-03-01'",
    "staged_official_outcome_dated": "UPDATE staged.official_outcome SET published_date = DATE '2024-06-02'",
    "staged_official_outcome_graded_or_not": "UPDATE staged.official_outcome SET grade_code = NULL",
    "fact_official_outcome_one_latest": "UPDATE star.fact_official_outcome SET is_latest = false WHERE row_number = 7",
    "fact_official_outcome_report_known": "UPDATE star.fact_official_outcome SET inspection_key = 99 WHERE row_number = 7",
    "fact_official_outcome_lists_agree": "UPDATE star.fact_official_outcome SET listed_inspection_key = 7, grade_key = row_number - 6",
    "dim_listed_inspection_days_agree": "UPDATE star.fact_official_outcome SET listed_inspection_key = 7",
    "dim_listed_inspection_dates_in_order": "UPDATE star.dim_listed_inspection SET published_date = DATE '2020-03-01'",
    "judgement_history_counts_once": "DELETE FROM star.wide_judgement WHERE source = 'report'",
    "judgement_history_lists_once": "DELETE FROM star.wide_judgement WHERE source = 'official_list'",
    "judgement_reconciliation_agrees": "UPDATE star.dim_grade SET grade_rank = 3 WHERE grade_key = 2; "
    "UPDATE star.fact_official_outcome SET grade_key = 2",
    "dim_authority_versions_apart": "INSERT INTO star.dim_authority BY NAME SELECT * REPLACE (9 AS authority_key, DATE '2015-04-01' AS valid_from) "
    "FROM star.dim_authority WHERE authority_key = 1",
    "dim_authority_versions_sound": "UPDATE star.dim_authority SET is_current = false WHERE authority_key = 1",
    "dim_authority_codes_sound": "UPDATE star.dim_authority SET la_code = '99' WHERE authority_key = 1",
    "dim_authority_level_known": "UPDATE star.dim_authority SET geographic_level = 'unknown' WHERE authority_key = 1",
    "dim_authority_present": "DELETE FROM star.dim_authority WHERE authority_key <> 0",
    "dim_judgement_area_conformed": "UPDATE star.dim_judgement_area SET conformed_area_code = 'all'",
    "dim_grade_rank_on_scale": "UPDATE star.dim_grade SET grade_rank = 5",
    "dim_source_sha256_sound": "DELETE FROM meta.source_file",
    "dim_source_state_known": "UPDATE star.dim_source SET state = 'gone'",
    "dim_source_kept": "DELETE FROM star.dim_source WHERE source_key = 2",
    "dim_inspection_dates_in_order": "UPDATE star.dim_inspection SET inspection_end_date = DATE '2019-01-01'",
    "dim_inspection_in_framework_years": "UPDATE star.dim_framework SET valid_to = DATE '2024-03-04'",
    "dim_inspection_one_document": "UPDATE star.dim_inspection SET inspection_start_date = DATE '2020-03-04', framework_key = 2 "
    "WHERE inspection_key = 2; UPDATE star.fact_judgement SET judgement_area_key = 2 WHERE inspection_key = 2",
    "dim_inspection_none_too_close": "UPDATE star.dim_inspection SET inspection_start_date = DATE '2020-03-14' WHERE inspection_key = 2",
    "dim_inspection_previous_is_earlier": "UPDATE star.dim_inspection SET previous_inspection_key = 2 WHERE inspection_key = 1",
    "dim_inspection_fresh": "UPDATE star.dim_inspection SET published_date = DATE '2020-05-01'",
    "fact_judgement_required_areas": "DELETE FROM star.fact_judgement WHERE inspection_key = 2",
    "fact_judgement_one_framework": "UPDATE star.fact_judgement SET grade_key = 2",
    "fact_judgement_has_evidence": "UPDATE star.fact_judgement SET evidence_text = '  '",
    "current_judgement_la_code_area_code_unique": "CREATE OR REPLACE VIEW bi.current_judgement AS FROM bi.judgement_history UNION ALL FROM bi.judgement_history",
    "authority_profile_la_code_unique": "CREATE OR REPLACE VIEW bi.authority_profile AS FROM star.dim_authority UNION ALL FROM star.dim_authority",
    "no_child_level_columns": "CREATE TABLE star.fact_child (la_code VARCHAR, Child_ID VARCHAR)",
}


def example(check: Check) -> str | None:
    """Return SQL that breaks what the check says: of its own, or by the rule it follows from."""
    if check.id in BROKEN:
        return BROKEN[check.id]
    table, show = check.table, check.show
    if check.kind == "unique":
        return f"INSERT INTO {table} SELECT * FROM {table} LIMIT 1"
    if check.id.endswith("_resolved"):
        bad = "99" if show[0].endswith("_key") else "'none'"
        return f"UPDATE {table} SET {show[0]} = {bad} WHERE {show[0]} IS NOT NULL"
    if check.id.endswith("_known") and "= 0" in check.sql:
        return f"UPDATE {table} SET {show[0]} = 0"
    if check.id.endswith("_present"):
        return f"UPDATE {table} SET {check.columns[-1]} = NULL"
    if check.id.endswith("_text_not_blank"):
        column = re.findall(r'trim[(]"(\w+)', check.sql)[-1]
        return f"UPDATE {table} SET {column} = ' '"
    if check.id.endswith("_page_in_document"):
        return f"UPDATE {table} SET {show[-1]} = 10"
    if check.id.endswith("_rows_kept"):
        return f"DELETE FROM {table} WHERE source_key = 1"
    if check.id.endswith("_rows_kept_when_read_anew"):
        return f"DELETE FROM {table} WHERE source_key = 1; UPDATE meta.source_file SET parser_version = 'p2'"
    if check.id.endswith("_load_known"):
        return f"UPDATE {table} SET load_id = 'gone'"
    if check.id.endswith("_follows_inspection"):
        return f"UPDATE {table} SET source_key = 0"
    if check.id.endswith("_counts_once"):
        star = re.findall(r"FROM (star\.\w+)", check.sql)[0]
        key = "authority_key" if "dim_" in star else "inspection_key"
        return f"UPDATE {star} SET {key} = 99"
    if check.id.endswith("_unknown_member"):
        return f"DELETE FROM {table} WHERE {show[0]} = 0"
    return None


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return one sound database per stage."""
    folder = tmp_path_factory.mktemp("sound")
    paths = {stage: folder / f"sound_{stage}.duckdb" for stage in ("staged", "star")}
    with duckdb.connect(str(paths["staged"])) as connection:
        connection.execute("CREATE SCHEMA staged")
        for shape in shapes.STAGED:
            columns = ", ".join(f'"{name}" {SQL_TYPES[str(kind)]}' for name, kind in shape.columns.items())
            connection.execute(f"CREATE TABLE staged.{shape.name} ({columns})")
        connection.execute(STAGED_ROWS)
    with duckdb.connect(str(paths["star"])) as connection:
        for folder_name in ("schema", "views"):
            entries = resources.files("warehouse").joinpath("sql", folder_name).iterdir()
            for entry in sorted((e for e in entries if e.name.endswith(".sql")), key=lambda e: e.name):
                connection.execute(entry.read_text("utf-8"))
        connection.execute(STAR_ROWS)
        # What readers see is worked out from the star by this part of the merge.
        connection.execute(resources.files("warehouse").joinpath("sql/merge/050_wide_judgement.sql").read_text("utf-8"))
    return paths


@pytest.fixture(scope="module")
def opened(sound: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, duckdb.DuckDBPyConnection]:
    """Return a connection per stage whose changes each test rolls back, the star beside its earlier version."""
    earlier = tmp_path_factory.mktemp("earlier") / "prev.duckdb"
    earlier.write_bytes(sound["star"].read_bytes())
    connections = {}
    for stage, path in sound.items():
        working = tmp_path_factory.mktemp(stage) / "working.duckdb"
        working.write_bytes(path.read_bytes())
        connections[stage] = duckdb.connect(str(working))
    connections["star"].execute(f"ATTACH '{earlier}' AS prev (READ_ONLY)")
    return connections


def failing(connection: duckdb.DuckDBPyConnection, check: Check) -> int:
    """Count failing rows by the check's own SQL; for a row count, whether it is out of bounds."""
    sql = check.failing_sql(CONTEXTS[check.stage])
    if sql is None:
        rows = connection.execute(f"SELECT count(*) FROM {check.table}").fetchone()
        return int(rows is not None and rows[0] < check.low)
    return len(connection.execute(sql).fetchall())


def test_ids_are_unique() -> None:
    assert len(BY_ID) == len(CHECKS)


def test_examples_name_checks_that_exist() -> None:
    assert set(BROKEN) <= set(BY_ID)


@pytest.mark.parametrize("check_id", BY_ID)
def test_each_check_passes_sound_rows_and_fails_its_example(
    check_id: str, opened: dict[str, duckdb.DuckDBPyConnection]
) -> None:
    check = BY_ID[check_id]
    broken = example(check)
    assert broken is not None, f"{check_id} has no failing example: add one to BROKEN"
    connection = opened[check.stage]
    assert failing(connection, check) == 0
    connection.execute("BEGIN")
    try:
        connection.execute(broken)
        assert failing(connection, check) > 0
    finally:
        connection.execute("ROLLBACK")


@pytest.mark.parametrize(
    ("breakdown", "code", "is_told"),
    [
        ("characteristic=Net gain of made-up children", "made_1", 0),
        ("characteristic=3. Net gain", "made_1", 0),
        ("Total", "made_up.net_change", 0),
        ("characteristic=Network placements", "made_1", 1),
        ("characteristic=Children by internet use", "made_up_net.children", 1),
    ],
)
def test_only_a_net_figure_may_be_below_zero(
    breakdown: str, code: str, is_told: int, opened: dict[str, duckdb.DuckDBPyConnection]
) -> None:
    connection = opened["star"]
    connection.execute("BEGIN")
    try:
        connection.execute("UPDATE star.dim_breakdown SET breakdown = ?", [breakdown])
        connection.execute("UPDATE star.dim_indicator SET indicator_code = ? WHERE indicator_key = 1", [code])
        connection.execute("UPDATE star.fact_indicator SET value = -1 WHERE authority_key = 1 AND indicator_key = 1")
        assert (failing(connection, BY_ID["fact_indicator_not_negative"]) > 0) == bool(is_told)
    finally:
        connection.execute("ROLLBACK")


KEPT = [check for check in CHECKS if "_rows_kept" in check.id]
CAUSES = {
    "superseded": (
        "UPDATE meta.inspection_document SET is_current = false; UPDATE meta.source_file SET state = 'superseded'",
        set(),
    ),
    "put aside": ("DELETE FROM meta.inspection_document", {"warning"}),
    "newer code": ("UPDATE meta.source_file SET parser_version = 'p2'", {"warning"}),
    "none": ("SELECT 1", {"blocking"}),
}


@pytest.mark.parametrize("cause", CAUSES)
@pytest.mark.parametrize("table", sorted({check.table for check in KEPT}))
def test_rows_leave_only_with_a_stated_cause(
    table: str, cause: str, opened: dict[str, duckdb.DuckDBPyConnection]
) -> None:
    statement, expected = CAUSES[cause]
    of_table = [c for c in KEPT if c.table == table]
    if cause == "put aside" and not any("inspection_key" in c.sql for c in of_table):
        pytest.skip("its rows belong to no inspection")
    connection = opened["star"]
    connection.execute("BEGIN")
    try:
        connection.execute(f"DELETE FROM {table} WHERE source_key = 1; {statement}")
        assert {c.severity for c in of_table if failing(connection, c)} == expected
    finally:
        connection.execute("ROLLBACK")


@pytest.mark.parametrize("stage", ["staged", "star"])
def test_engine_passes_sound_rows(stage: str, sound: dict[str, Path], tmp_path: Path) -> None:
    earlier = tmp_path / "prev.duckdb"
    earlier.write_bytes(sound["star"].read_bytes())
    attach = {"prev": earlier} if stage == "star" else {}
    context = RunContext("load-2", stage, attach=attach, today=date(2024, 6, 1))
    report = run_checks(sound[stage], CHECKS, context=context)
    assert [(r.check_id, r.observed) for r in report.failures] == []
    assert not report.skipped
    assert {r.check_id for r in report.results} == {c.id for c in CHECKS if c.stage == stage}


def test_first_load_skips_what_compares_with_an_earlier_version(sound: dict[str, Path]) -> None:
    report = run_checks(sound["star"], CHECKS, context=CONTEXTS["star"])
    assert {s.check_id for s in report.skipped} == {c.id for c in CHECKS if c.needs}


@pytest.mark.parametrize(
    "check_id", ["staged_required_areas_present", "staged_judgement_present", "staged_recommendation_kind_known"]
)
def test_engine_agrees_with_the_examples(check_id: str, sound: dict[str, Path], tmp_path: Path) -> None:
    check = BY_ID[check_id]
    report = _run_broken(check, sound, tmp_path)
    assert [r.check_id for r in report.failures] == [check_id]
    assert report.failures[0].failing_rows


def one_of_each_rule() -> list[str]:
    """Return checks of their own, and the first of those that follow from each rule."""
    rules: dict[tuple[str, str, str], str] = {}
    for check in CHECKS:
        own = check.id if check.id in BROKEN else check.why.split()[0]
        rules.setdefault((check.stage, check.kind, own), check.id)
    return list(rules.values())


@pytest.mark.thorough
@pytest.mark.parametrize("check_id", one_of_each_rule())
def test_engine_agrees_with_every_kind_of_example(check_id: str, sound: dict[str, Path], tmp_path: Path) -> None:
    check = BY_ID[check_id]
    result = _run_broken(check, sound, tmp_path).results[0]
    assert not result.success
    assert result.unexpected_count > 0
    assert bool(result.failing_rows) == bool(check.show)


def _run_broken(check: Check, sound: dict[str, Path], tmp_path: Path):  # type: ignore[no-untyped-def]
    path, earlier = tmp_path / "broken.duckdb", tmp_path / "prev.duckdb"
    path.write_bytes(sound[check.stage].read_bytes())
    earlier.write_bytes(sound["star"].read_bytes())
    with duckdb.connect(str(path)) as connection:
        connection.execute(example(check) or "")
    attach = {"prev": earlier} if check.stage == "star" else {}
    return run_checks(path, [check], context=RunContext("load-2", check.stage, attach, date(2024, 6, 1)))
