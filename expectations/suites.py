"""Every check there is, declared. To add one: an entry with a passing and a failing example.

`TABLES_*` say what holds of each table, and most checks follow from that; `SINGLE_*` are those of
one table or rule only. Entries of one source stand in a module of that source; here are those of
the dimensions all sources share, and `CHECKS`, which is all of them. Severity: `blocking` where a
published answer would be wrong or could not be traced, `warning` where it is right but late,
incomplete or in need of a look.

Nothing here imports the check engine: entries are plain values.
"""

# ruff: noqa: S608 - the SQL is made of names declared here, never of data

from __future__ import annotations

from expectations import indicators, official_lists, releases, reports, returns
from expectations.check import Check
from expectations.derive import Table, checks_of

GEOGRAPHIC_LEVELS = ("authority", "region", "country")

# Names of columns in returns about single children. None may reach a published file, whatever
# it holds. Source: the CSV and XML item names of SSDA903, CIN Census, Annex A and school census.
CHILD_COLUMNS = tuple(
    """
    child child_id childid child_unique_id child_key la_child_id lachildid unique_child_id
    child_name child_first_name child_last_name person_id personid case_id client_id upn former_upn
    formerupn unique_pupil_number uln nhs_number national_insurance_number dob birth_date
    date_of_birth birthdate personbirthdate expected_date_of_birth mc_dob forename forenames
    first_name surname family_name given_name full_name postcode home_post home_postcode pl_post
    placement_postcode address uprn social_worker allocated_social_worker sw_id worker_id email
    telephone
    """.split()
)

TABLES_STAR = (
    Table(
        "star.dim_authority",
        (("authority_key",), ("geographic_level", "la_code", "gss_code", "valid_from")),
        ("la_code", "authority_name", "valid_from"),
        texts=("authority_name",),
    ),
    Table("star.dim_source", (("source_key",), ("sha256",)), ("sha256", "document_name"), texts=("document_name",)),
)

_UNKNOWN_MEMBERS = (
    ("dim_authority", "authority_key"),
    ("dim_framework", "framework_key"),
    ("dim_grade", "grade_key"),
    ("dim_judgement_area", "judgement_area_key"),
    ("dim_source", "source_key"),
    ("dim_inspection", "inspection_key"),
)

SINGLE_STAR = (
    *(
        Check(
            f"{table}_unknown_member",
            f"star.{table}",
            "star",
            "blocking",
            kind="query",
            show=(key,),
            sql=f"SELECT 0 AS {key} WHERE (SELECT count(*) FROM star.{table} WHERE {key} = 0) <> 1",
            why="Rows that refer to 0 would drop out of every joined answer.",
        )
        for table, key in _UNKNOWN_MEMBERS
    ),
    Check(
        "dim_authority_versions_apart",
        "star.dim_authority",
        "star",
        "blocking",
        kind="query",
        show=("la_code", "geographic_level", "valid_from", "valid_to"),
        sql=(
            "SELECT a.la_code, a.geographic_level, a.valid_from, a.valid_to FROM star.dim_authority a "
            "JOIN star.dim_authority b ON a.la_code = b.la_code AND a.geographic_level = b.geographic_level "
            "AND a.authority_key <> b.authority_key AND a.valid_from < b.valid_to AND b.valid_from < a.valid_to"
        ),
        why="On any day one version of an authority is in force; two would double its figures.",
    ),
    Check(
        "dim_authority_versions_sound",
        "star.dim_authority",
        "star",
        "blocking",
        kind="rows",
        show=("la_code", "geographic_level", "valid_from", "valid_to", "is_current"),
        sql="authority_key <> 0 AND (valid_from >= valid_to OR is_current <> (valid_to = DATE '9999-12-31') "
        "AND authority_type IS DISTINCT FROM 'joint return')",
        why="A version starts before it ends, and only an open one is current.",
    ),
    Check(
        "dim_authority_codes_sound",
        "star.dim_authority",
        "star",
        "blocking",
        kind="rows",
        show=("la_code", "gss_code", "authority_name"),
        sql=(
            "authority_key <> 0 AND authority_type IS DISTINCT FROM 'joint return' "
            "AND (geographic_level = 'authority' AND la_code IS NULL "
            "OR NOT regexp_full_match(la_code, '[0-9]{3}') "
            "OR NOT is_made_up AND NOT regexp_full_match(gss_code, '[A-Z][0-9]{8}'))"
        ),
        why="Other publications are joined by these codes: three digits, and a letter with eight digits.",
    ),
    Check(
        "dim_authority_level_known",
        "star.dim_authority",
        "star",
        "blocking",
        kind="rows",
        show=("la_code", "geographic_level"),
        sql=f"authority_key <> 0 AND geographic_level NOT IN {GEOGRAPHIC_LEVELS}",
        why="Totals are taken over one level at a time.",
    ),
    Check(
        "dim_authority_present",
        "star.dim_authority",
        "star",
        "blocking",
        kind="row_count",
        low=2,
        why="Without the register of authorities nothing can be placed.",
    ),
    Check(
        "dim_source_sha256_sound",
        "star.dim_source",
        "star",
        "blocking",
        kind="rows",
        show=("source_key", "sha256"),
        sql=(
            "source_key <> 0 AND (NOT regexp_full_match(sha256, '[0-9a-f]{64}') "
            "OR sha256 NOT IN (SELECT sha256 FROM meta.source_file))"
        ),
        why="Every fact is traced through this hash to the file that was received.",
    ),
    Check(
        "dim_source_state_known",
        "star.dim_source",
        "star",
        "blocking",
        kind="rows",
        show=("sha256", "state"),
        sql="source_key <> 0 AND state NOT IN ('current', 'superseded')",
        why="Readers tell current documents from superseded ones by it.",
    ),
    Check(
        "dim_source_kept",
        "star.dim_source",
        "star",
        "blocking",
        kind="query",
        show=("sha256",),
        needs=("prev.star.dim_source",),
        sql=(
            "SELECT b.sha256 FROM prev.star.dim_source b WHERE b.sha256 NOT IN (SELECT sha256 FROM star.dim_source) "
            "AND b.sha256 NOT IN (SELECT sha256 FROM meta.source_file "
            "WHERE state IN ('quarantined', 'superseded') AND coalesce(trim(reason), '') <> '')"
        ),
        why="A document once published stays traceable unless it was put aside with a reason.",
    ),
    Check(
        "no_child_level_columns",
        "information_schema.columns",
        "star",
        "blocking",
        kind="rows",
        show=("table_schema", "table_name", "column_name"),
        sql=(
            "table_catalog = current_database() AND lower(column_name) IN "
            f"{tuple(sorted({*CHILD_COLUMNS, *returns.child_columns()}))}"
        ),
        why="Nothing about one child is ever in the published file.",
    ),
)

# All of them, in the order of the page. A runner takes those of its stage.
CHECKS: tuple[Check, ...] = (
    *(
        check
        for table in (*reports.TABLES_STAGED, *official_lists.TABLES_STAGED, *returns.TABLES_STAGED)
        for check in checks_of(table, "staged")
    ),
    *reports.SINGLE_STAGED,
    *official_lists.SINGLE_STAGED,
    *returns.SINGLE_STAGED,
    *(
        check
        for table in (
            *TABLES_STAR,
            *reports.TABLES_STAR,
            *official_lists.TABLES_STAR,
            *indicators.TABLES_STAR,
            *returns.TABLES_STAR,
        )
        for check in checks_of(table, "star")
    ),
    *SINGLE_STAR,
    *reports.SINGLE_STAR,
    *official_lists.SINGLE_STAR,
    *indicators.SINGLE_STAR,
    *releases.SINGLE_STAR,
    *returns.SINGLE_STAR,
)
