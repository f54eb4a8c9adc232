"""Checks of inspection reports: what was parsed from them, and the star tables they feed."""

# ruff: noqa: S608 - the SQL is made of names declared here, never of data

from __future__ import annotations

from expectations.check import Check
from expectations.derive import Reference, Table

# Codes across frameworks, as the warehouse contract names them.
CONFORMED_AREAS = (
    "overall",
    "leadership",
    "help_and_protection",
    "children_in_care",
    "care_leavers",
    "adoption",
    "lscb",
    "safeguarding",
    "send",
)
DATE_SOURCES = ("printed", "metadata", "file_name", "official_list")
RECOMMENDATION_KINDS = ("recommendation", "area_for_improvement", "priority_action")
OFFICES = ("director_of_childrens_services", "lscb_chair")
PRECISIONS = ("day", "month", "year")

_BY_DOCUMENT = ("sha256", "report_no")
_OF_REPORT = Reference(_BY_DOCUMENT, "staged.inspection")
_STAGED_DOCUMENT = ("sha256", "staged.source_file")

TABLES_STAGED = (
    Table(
        "staged.source_file",
        (("sha256", "landing_path"),),
        ("sha256", "landing_path"),
        present=("landing_path", "source_kind", "byte_size", "received_at", "state"),
        texts=("landing_path",),
    ),
    Table(
        "staged.inspection",
        ((*_BY_DOCUMENT, "la_code"),),
        (*_BY_DOCUMENT, "la_code", "framework_code"),
        present=("la_code", "framework_code", "inspection_type"),
        texts=("authority_as_printed", "lead_inspector"),
        references=(
            Reference(("sha256",), "staged.source_file"),
            Reference(("la_code",), "staged.authority"),
            Reference(("framework_code",), "staged.framework"),
        ),
    ),
    Table(
        "staged.judgement",
        ((*_BY_DOCUMENT, "area_code"),),
        (*_BY_DOCUMENT, "area_code", "grade_code"),
        present=("area_code", "grade_code", "page", "evidence"),
        texts=("area_name", "grade_name", "evidence"),
        references=(
            _OF_REPORT,
            Reference(("framework_code", "area_code"), "staged.judgement_area"),
            Reference(("framework_code", "grade_code"), "staged.grade"),
        ),
        page="page",
        document=_STAGED_DOCUMENT,
    ),
    *(
        Table(
            f"staged.{name}",
            ((*_BY_DOCUMENT, "sequence"),),
            (*_BY_DOCUMENT, "sequence"),
            present=texts,
            texts=texts,
            references=(_OF_REPORT,),
            page="page",
            document=_STAGED_DOCUMENT,
        )
        for name, texts in (
            ("recommendation", ("kind", "text")),
            ("paragraph", ("text",)),
            ("inspector", ("role", "name")),
            ("tenure", ("office", "statement")),
            ("previous_inspection", ("statement",)),
            ("report_figure", ("value_as_printed", "unit", "sentence")),
        )
    ),
)

_INSPECTION = Reference(("inspection_key",), "star.dim_inspection", unknown="blocking")
_AUTHORITY = Reference(("authority_key",), "star.dim_authority", unknown="warning")
_SOURCE = Reference(("source_key",), "star.dim_source", unknown="blocking")
_SEQUENCE = ("inspection_key", "sequence")

TABLES_STAR = (
    Table(
        "star.dim_framework",
        (("framework_key",), ("framework_code",)),
        ("framework_code",),
        texts=("framework_code", "framework_name"),
    ),
    Table(
        "star.dim_judgement_area",
        (("judgement_area_key",), ("framework_code", "area_code")),
        ("framework_code", "area_code"),
        texts=("area_name",),
    ),
    Table("star.dim_grade", (("grade_key",), ("framework_code", "grade_code")), ("framework_code", "grade_code")),
    Table(
        "star.dim_inspection",
        (("inspection_key",),),
        ("inspection_key", "la_code", "inspection_start_date"),
        texts=("inspection_type", "lead_inspector"),
        references=(
            _AUTHORITY,
            _SOURCE,
            Reference(("framework_key",), "star.dim_framework", unknown="blocking"),
            Reference(("previous_inspection_key",), "star.dim_inspection", to=("inspection_key",)),
        ),
        kept_by_source=True,
    ),
    Table(
        "star.fact_judgement",
        (("inspection_key", "judgement_area_key"),),
        ("inspection_key", "judgement_area_key"),
        texts=("area_as_printed", "grade_as_printed"),
        references=(
            _INSPECTION,
            _AUTHORITY,
            _SOURCE,
            Reference(("judgement_area_key",), "star.dim_judgement_area", unknown="blocking"),
            Reference(("grade_key",), "star.dim_grade", unknown="blocking"),
        ),
        page="evidence_page",
        kept_by_source=True,
    ),
    *(
        Table(
            f"star.{name}",
            (_SEQUENCE,),
            _SEQUENCE,
            texts=texts,
            references=(_INSPECTION, _SOURCE, *more),
            page="evidence_page",
            kept_by_source=True,
        )
        for name, texts, more in (
            ("fact_recommendation", ("kind", "text"), (_AUTHORITY,)),
            ("fact_paragraph", ("text",), ()),
            ("fact_report_figure", ("value_as_printed", "unit", "sentence"), (_AUTHORITY,)),
            ("fact_tenure", ("office", "statement"), (_AUTHORITY,)),
            ("bridge_inspection_inspector", ("role", "inspector_name"), ()),
            (
                "fact_stated_previous_inspection",
                ("statement",),
                (_AUTHORITY, Reference(("known_inspection_key",), "star.dim_inspection", to=("inspection_key",))),
            ),
        )
    ),
)

# Inspections as staged, one row a report.
_STAGED_REPORTS = "(SELECT DISTINCT sha256, report_no, framework_code, inspection_start_date FROM staged.inspection)"

SINGLE_STAGED = (
    Check(
        "staged_required_areas_present",
        "staged.inspection",
        "staged",
        "blocking",
        kind="query",
        show=("sha256", "report_no", "framework_code", "area_code"),
        sql=(
            f"SELECT i.sha256, i.report_no, i.framework_code, a.area_code FROM {_STAGED_REPORTS} i "
            "JOIN staged.judgement_area a ON a.framework_code = i.framework_code AND a.is_required "
            "AND coalesce(i.inspection_start_date >= a.valid_from, a.valid_from IS NULL) "
            "AND coalesce(i.inspection_start_date < a.valid_to, a.valid_to = DATE '9999-12-31') "
            "WHERE NOT EXISTS (SELECT 1 FROM staged.judgement j WHERE j.sha256 = i.sha256 "
            "AND j.report_no = i.report_no AND j.area_code = a.area_code) "
            "AND NOT EXISTS (SELECT 1 FROM staged.reject r WHERE r.sha256 = i.sha256 "
            "AND r.rule = 'area_waived' AND r.found = a.area_code)"
        ),
        why="The framework judges this area in every inspection of those years: a hole would read as no judgement.",
    ),
    Check(
        "staged_area_in_force",
        "staged.judgement",
        "staged",
        "blocking",
        kind="query",
        show=("sha256", "report_no", "area_code"),
        sql=(
            "SELECT j.sha256, j.report_no, j.area_code FROM staged.judgement j "
            f"JOIN {_STAGED_REPORTS} i USING (sha256, report_no) "
            "JOIN staged.judgement_area a ON a.framework_code = j.framework_code AND a.area_code = j.area_code "
            "WHERE i.inspection_start_date < a.valid_from OR i.inspection_start_date >= a.valid_to"
        ),
        why="The framework did not judge this area on that day: the date or the area was misread.",
    ),
    Check(
        "staged_judgement_framework_agrees",
        "staged.judgement",
        "staged",
        "blocking",
        kind="query",
        show=("sha256", "report_no", "area_code", "framework_code"),
        sql=(
            "SELECT j.sha256, j.report_no, j.area_code, j.framework_code FROM staged.judgement j "
            f"JOIN {_STAGED_REPORTS} i USING (sha256, report_no) WHERE j.framework_code <> i.framework_code"
        ),
        why="A judgement belongs to the framework of its inspection, or its grade means something else.",
    ),
    Check(
        "staged_inspection_dates_in_order",
        "staged.inspection",
        "staged",
        "blocking",
        kind="ordered",
        columns=("inspection_start_date", "inspection_end_date", "published_date"),
        show=("sha256", "report_no", "inspection_start_date", "inspection_end_date", "published_date"),
        why="An inspection starts, ends, then is published: another order means a date was misread.",
    ),
    Check(
        "staged_inspection_in_framework_years",
        "staged.inspection",
        "staged",
        "blocking",
        kind="query",
        show=("sha256", "report_no", "framework_code", "inspection_start_date"),
        sql=(
            "SELECT i.sha256, i.report_no, i.framework_code, i.inspection_start_date FROM staged.inspection i "
            "JOIN staged.framework w USING (framework_code) "
            "WHERE i.inspection_start_date < w.valid_from OR i.inspection_start_date >= w.valid_to"
        ),
        why="No inspection under this framework began on that day: the date or the framework was misread.",
    ),
    Check(
        "staged_inspection_not_in_future",
        "staged.inspection",
        "staged",
        "blocking",
        kind="rows",
        show=("sha256", "report_no", "inspection_start_date", "published_date"),
        sql="inspection_start_date > $today OR inspection_end_date > $today",
        why="A report cannot speak of days that are yet to come.",
    ),
    Check(
        "staged_published_date_source_known",
        "staged.inspection",
        "staged",
        "blocking",
        kind="rows",
        show=("sha256", "report_no", "published_date_source"),
        sql=(
            f"published_date_source NOT IN {DATE_SOURCES} "
            "OR (published_date IS NULL) <> (published_date_source IS NULL)"
        ),
        why="How far a date of publication can be trusted depends on where it came from.",
    ),
    Check(
        "staged_no_blocked_document",
        "staged.inspection",
        "staged",
        "blocking",
        kind="rows",
        show=("sha256", "report_no"),
        sql=(
            "sha256 IN (SELECT sha256 FROM staged.reject WHERE severity = 'blocking') "
            "OR sha256 NOT IN (SELECT sha256 FROM staged.source_file WHERE state = 'loaded')"
        ),
        why="A document in quarantine gives no facts.",
    ),
    Check(
        "staged_source_sha256_sound",
        "staged.source_file",
        "staged",
        "blocking",
        kind="rows",
        show=("landing_path", "sha256"),
        sql="NOT regexp_full_match(sha256, '[0-9a-f]{64}')",
        why="Facts are traced to their file by this hash.",
    ),
    Check(
        "staged_reject_has_reason",
        "staged.reject",
        "staged",
        "blocking",
        kind="rows",
        show=("landing_path", "rule"),
        sql="trim(message) = '' OR message IS NULL OR severity NOT IN ('blocking', 'warning')",
        why="Whoever mends the file needs to know what was found and where.",
    ),
    Check(
        "staged_quarantined_have_reason",
        "staged.source_file",
        "staged",
        "blocking",
        kind="rows",
        show=("landing_path", "state"),
        sql=(
            "state NOT IN ('loaded', 'unchanged', 'quarantined', 'superseded') "
            "OR (state = 'quarantined' AND coalesce(trim(reason), '') = '')"
        ),
        why="A file is only put aside with words that say why.",
    ),
    Check(
        "staged_few_quarantined",
        "staged.source_file",
        "staged",
        "warning",
        kind="query",
        show=("quarantined", "files"),
        sql=(
            "SELECT count(*) FILTER (state = 'quarantined') AS quarantined, count(*) AS files "
            "FROM staged.source_file HAVING count(*) >= 10 AND quarantined > 0.2 * files"
        ),
        why="When many files fail at once, the layout or the download has probably changed, not the files.",
    ),
    Check(
        "staged_lead_inspector_present",
        "staged.inspection",
        "staged",
        "warning",
        kind="not_null",
        columns=("lead_inspector",),
        show=("sha256", "report_no", "la_code", "framework_code"),
        why="Nearly every report names who led the inspection.",
    ),
    Check(
        "staged_published_date_present",
        "staged.inspection",
        "staged",
        "warning",
        kind="not_null",
        columns=("published_date",),
        show=("sha256", "report_no", "la_code", "framework_code"),
        why="Without it the order of two reports of one inspection is a guess.",
    ),
    *(
        Check(
            f"staged_{table}_{column}_known",
            f"staged.{table}",
            "staged",
            "blocking",
            kind="in_set",
            columns=(column,),
            values=values,
            show=("sha256", "report_no", column),
            why=why,
        )
        for table, column, values, why in (
            ("recommendation", "kind", RECOMMENDATION_KINDS, "Readers filter recommendations by kind."),
            ("tenure", "office", OFFICES, "Another office has no place in the published table."),
            ("tenure", "since_precision", PRECISIONS, "It says how far the date may be read."),
            ("previous_inspection", "date_precision", PRECISIONS, "It says how far the date may be read."),
            ("previous_inspection", "conformed_area_code", CONFORMED_AREAS, "Areas are compared by these codes only."),
            ("judgement", "conformed_area_code", CONFORMED_AREAS, "Areas are compared by these codes only."),
        )
    ),
)

SINGLE_STAR = (
    Check(
        "dim_judgement_area_conformed",
        "star.dim_judgement_area",
        "star",
        "blocking",
        kind="in_set",
        columns=("conformed_area_code",),
        values=CONFORMED_AREAS,
        show=("framework_code", "area_code", "conformed_area_code"),
        why="Areas are compared across frameworks by these codes only.",
    ),
    Check(
        "dim_grade_rank_on_scale",
        "star.dim_grade",
        "star",
        "blocking",
        kind="between",
        columns=("grade_rank",),
        low=1,
        high=4,
        show=("framework_code", "grade_code", "grade_rank"),
        why="Change is told from the rank: 1 is best, 4 is worst.",
    ),
    Check(
        "dim_inspection_dates_in_order",
        "star.dim_inspection",
        "star",
        "blocking",
        kind="ordered",
        columns=("inspection_start_date", "inspection_end_date", "published_date"),
        show=("inspection_key", "la_code", "inspection_start_date", "inspection_end_date", "published_date"),
        why="An inspection starts, ends, then is published.",
    ),
    Check(
        "dim_inspection_in_framework_years",
        "star.dim_inspection",
        "star",
        "blocking",
        kind="query",
        show=("inspection_key", "la_code", "framework_code", "inspection_start_date"),
        sql=(
            "SELECT i.inspection_key, i.la_code, i.framework_code, i.inspection_start_date "
            "FROM star.dim_inspection i JOIN star.dim_framework w USING (framework_key) "
            "WHERE i.inspection_start_date < w.valid_from OR i.inspection_start_date >= w.valid_to"
        ),
        why="No inspection under this framework began on that day.",
    ),
    Check(
        "dim_inspection_one_document",
        "star.dim_inspection",
        "star",
        "blocking",
        kind="query",
        show=("inspection_key", "la_code", "framework_code", "inspection_start_date", "source_key"),
        sql=(
            "WITH judged AS (SELECT DISTINCT i.inspection_key, i.la_code, w.family, i.framework_code, "
            "i.inspection_start_date, i.source_key, coalesce(a.conformed_area_code, '') AS area "
            "FROM star.dim_inspection i JOIN star.dim_framework w USING (framework_key) "
            "LEFT JOIN star.fact_judgement f ON f.inspection_key = i.inspection_key "
            "LEFT JOIN star.dim_judgement_area a ON a.judgement_area_key = f.judgement_area_key "
            "WHERE i.inspection_key <> 0) "
            "SELECT x.inspection_key, x.la_code, x.framework_code, x.inspection_start_date, x.source_key "
            "FROM judged x JOIN judged y ON x.la_code = y.la_code AND x.family = y.family "
            "AND x.inspection_start_date = y.inspection_start_date AND x.inspection_key <> y.inspection_key "
            "AND x.source_key <> y.source_key AND (x.area = y.area OR x.framework_code = y.framework_code)"
        ),
        why="Two documents that record the same judgements of one authority and day are one inspection told twice.",
    ),
    Check(
        "dim_inspection_none_too_close",
        "star.dim_inspection",
        "star",
        "warning",
        kind="query",
        show=("inspection_key", "la_code", "framework_code", "inspection_start_date"),
        sql=(
            "SELECT a.inspection_key, a.la_code, a.framework_code, a.inspection_start_date "
            "FROM star.dim_inspection a JOIN star.dim_inspection b ON a.la_code = b.la_code "
            "AND a.framework_code = b.framework_code AND a.inspection_type = b.inspection_type "
            "AND a.inspection_key <> b.inspection_key AND a.inspection_key <> 0 AND b.inspection_key <> 0 "
            "AND abs(a.inspection_start_date - b.inspection_start_date) <= 14"
        ),
        why="Two inspections of a kind within a fortnight: perhaps one of them with a date misread.",
    ),
    Check(
        "dim_inspection_previous_is_earlier",
        "star.dim_inspection",
        "star",
        "blocking",
        kind="query",
        show=("inspection_key", "previous_inspection_key"),
        sql=(
            "SELECT i.inspection_key, i.previous_inspection_key FROM star.dim_inspection i "
            "JOIN star.dim_inspection p ON p.inspection_key = i.previous_inspection_key "
            "WHERE i.previous_inspection_key <> 0 AND p.inspection_start_date >= i.inspection_start_date"
        ),
        why="Direction of change is told against an earlier inspection.",
    ),
    Check(
        "dim_inspection_fresh",
        "star.dim_inspection",
        "star",
        "warning",
        kind="query",
        show=("latest_published_date",),
        sql=(
            "SELECT max(published_date) AS latest_published_date FROM star.dim_inspection "
            "HAVING count(published_date) > 0 AND max(published_date) < $today - 120"
        ),
        why="Reports appear most weeks of the year: none for months means they are not being collected.",
    ),
    Check(
        "fact_judgement_required_areas",
        "star.dim_inspection",
        "star",
        "blocking",
        kind="query",
        show=("inspection_key", "la_code", "framework_code", "area_code"),
        sql=(
            "SELECT i.inspection_key, i.la_code, i.framework_code, a.area_code FROM star.dim_inspection i "
            "JOIN star.dim_judgement_area a ON a.framework_code = i.framework_code AND a.is_required "
            "AND coalesce(i.inspection_start_date >= a.valid_from, a.valid_from IS NULL) "
            "AND coalesce(i.inspection_start_date < a.valid_to, a.valid_to = DATE '9999-12-31') "
            "WHERE i.source = 'report' AND NOT EXISTS (SELECT 1 FROM star.fact_judgement f "
            "WHERE f.inspection_key = i.inspection_key AND f.judgement_area_key = a.judgement_area_key) "
            "AND NOT EXISTS (SELECT 1 FROM meta.reject r JOIN star.dim_source s ON s.sha256 = r.sha256 "
            "WHERE s.source_key = i.source_key AND r.rule = 'area_waived' AND r.found = a.area_code)"
        ),
        why="The framework judges this area in every inspection of those years.",
    ),
    Check(
        "fact_judgement_one_framework",
        "star.fact_judgement",
        "star",
        "blocking",
        kind="query",
        show=("inspection_key", "judgement_area_key", "grade_key"),
        sql=(
            "SELECT f.inspection_key, f.judgement_area_key, f.grade_key FROM star.fact_judgement f "
            "JOIN star.dim_inspection i USING (inspection_key) "
            "JOIN star.dim_judgement_area a USING (judgement_area_key) JOIN star.dim_grade g USING (grade_key) "
            "WHERE a.framework_code <> i.framework_code OR g.framework_code <> i.framework_code"
        ),
        why="Area and grade are those of the inspection's own framework, or the grade means something else.",
    ),
    Check(
        "fact_judgement_has_evidence",
        "star.fact_judgement",
        "star",
        "blocking",
        kind="rows",
        show=("inspection_key", "judgement_area_key"),
        sql="source = 'report' AND (evidence_page IS NULL OR coalesce(trim(evidence_text), '') = '')",
        why="A grade without the words it was read from cannot be verified.",
    ),
    *(
        Check(
            f"{view}_counts_once",
            f"bi.{view}",
            "star",
            "blocking",
            kind="query",
            show=("in_view", "in_table"),
            sql=(
                f"SELECT (SELECT count(*) FROM bi.{view}{rows}) AS in_view, (SELECT count(*) FROM {table}) AS in_table "
                "WHERE in_view <> in_table"
            ),
            why="The view shows each row of its table once: no join loses or doubles any.",
        )
        for view, rows, table in (
            ("judgement_history", " WHERE source = 'report'", "star.fact_judgement"),
            ("inspection", "", "star.dim_inspection WHERE inspection_key <> 0"),
            ("recommendation", "", "star.fact_recommendation"),
            ("report_paragraph", "", "star.fact_paragraph"),
            ("report_figure", "", "star.fact_report_figure"),
            ("inspection_team", "", "star.bridge_inspection_inspector"),
            ("tenure", "", "star.fact_tenure"),
            ("stated_previous_inspection", "", "star.fact_stated_previous_inspection"),
        )
    ),
    # A query, not `unique`: each view is evaluated once instead of several times.
    *(
        Check(
            f"{view}_{'_'.join(keys)}_unique",
            f"bi.{view}",
            "star",
            "blocking",
            kind="query",
            show=keys,
            sql=f"SELECT {', '.join(keys)} FROM bi.{view} GROUP BY ALL HAVING count(*) > 1",
            why=why,
        )
        for view, keys, why in (
            ("current_judgement", ("la_code", "area_code"), "An authority has one latest judgement on each area."),
            ("authority_profile", ("la_code",), "One row per current authority."),
        )
    ),
)
