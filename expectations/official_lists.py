"""Checks of official lists of inspection outcomes: what was parsed from them, and their star tables."""

# ruff: noqa: S608 - the SQL is made of names declared here, never of data

from __future__ import annotations

from expectations.check import Check
from expectations.derive import Reference, Table

_CELL = ("sheet", "row_number", "column_letters")
_STAGED_CELL = ("sha256", "sheet", "row", "column")
_FACTS = ("star.fact_official_outcome",)
_STATUSES = ("agree", "differ", "only_in_report", "only_in_list")

TABLES_STAGED = (
    Table(
        "staged.official_outcome",
        (_STAGED_CELL,),
        (*_STAGED_CELL, "la_code", "framework_code"),
        present=("la_code", "framework_code"),
        texts=("authority_as_printed", "area_name", "grade_name"),
        references=(
            Reference(("sha256",), "staged.source_file"),
            Reference(("la_code",), "staged.authority"),
            Reference(("framework_code",), "staged.framework"),
            Reference(("framework_code", "area_code"), "staged.judgement_area"),
            Reference(("framework_code", "grade_code"), "staged.grade"),
        ),
        may_be_empty=True,
    ),
)

TABLES_STAR = (
    Table(
        "star.dim_listed_inspection",
        (("listed_inspection_key",),),
        ("listed_inspection_key", "la_code", "framework_code", "inspection_start_date", "published_date"),
        texts=("inspection_type",),
        references=(
            Reference(("authority_key",), "star.dim_authority", unknown="warning"),
            Reference(("framework_key",), "star.dim_framework", unknown="blocking"),
            Reference(("inspection_key",), "star.dim_inspection"),
            Reference(("source_key",), "star.dim_source", unknown="blocking"),
        ),
        may_be_empty=True,
    ),
    Table(
        "star.fact_official_outcome",
        (("source_key", *_CELL),),
        ("source_key", *_CELL, "la_code", "framework_code"),
        texts=("area_as_printed", "grade_as_printed"),
        references=(
            Reference(("listed_inspection_key",), "star.dim_listed_inspection"),
            Reference(("authority_key",), "star.dim_authority", unknown="warning"),
            Reference(("framework_key",), "star.dim_framework", unknown="blocking"),
            Reference(("judgement_area_key",), "star.dim_judgement_area"),
            Reference(("grade_key",), "star.dim_grade"),
            Reference(("source_key",), "star.dim_source", unknown="blocking"),
        ),
        kept_by_source=True,
        may_be_empty=True,
    ),
)

SINGLE_STAGED = (
    Check(
        "staged_official_outcome_dates_in_order",
        "staged.official_outcome",
        "staged",
        "blocking",
        kind="ordered",
        columns=("inspection_start_date", "published_date"),
        show=(*_STAGED_CELL, "la_code", "inspection_start_date", "published_date"),
        why="An inspection starts, then is published: another order means a date was misread.",
        if_rows=("staged.official_outcome",),
    ),
    Check(
        "staged_official_outcome_dated",
        "staged.official_outcome",
        "staged",
        "blocking",
        kind="rows",
        show=(*_STAGED_CELL, "la_code"),
        sql=(
            "(inspection_start_date IS NULL AND published_date IS NULL) "
            "OR inspection_start_date > $today OR published_date > $today"
        ),
        why="Without a day, or with one yet to come, a row tells of no inspection that took place.",
        if_rows=("staged.official_outcome",),
    ),
    Check(
        "staged_official_outcome_graded_or_not",
        "staged.official_outcome",
        "staged",
        "blocking",
        kind="rows",
        show=(*_STAGED_CELL, "area_code", "grade_code"),
        sql="(area_code IS NULL) <> (grade_code IS NULL)",
        why="A grade is of an area, and an area without a grade says nothing.",
        if_rows=("staged.official_outcome",),
    ),
)

SINGLE_STAR = (
    Check(
        "fact_official_outcome_one_latest",
        "star.fact_official_outcome",
        "star",
        "blocking",
        kind="query",
        show=("listed_inspection_key", "judgement_area_key", "standing"),
        sql=(
            "SELECT listed_inspection_key, judgement_area_key, count(*) FILTER (is_latest) AS standing "
            "FROM star.fact_official_outcome GROUP BY ALL HAVING standing <> 1"
        ),
        why="Of all lists one statement stands on each area of an inspection.",
        if_rows=_FACTS,
    ),
    Check(
        "fact_official_outcome_report_known",
        "star.fact_official_outcome",
        "star",
        "blocking",
        kind="rows",
        show=("source_key", *_CELL, "inspection_key"),
        sql="inspection_key <> 0 AND inspection_key NOT IN (SELECT inspection_key FROM star.fact_judgement)",
        why="A statement is only left out of the history because a report judges the same area.",
        if_rows=_FACTS,
    ),
    Check(
        "fact_official_outcome_lists_agree",
        "star.fact_official_outcome",
        "star",
        "warning",
        kind="query",
        show=("la_code", "framework_code", "listed_inspection_key", "judgement_area_key", "grades"),
        sql=(
            "SELECT la_code, framework_code, listed_inspection_key, judgement_area_key, "
            "count(DISTINCT grade_key) AS grades FROM star.fact_official_outcome "
            "WHERE judgement_area_key <> 0 GROUP BY ALL HAVING grades > 1"
        ),
        why="Lists, or sheets of one list, give the same area of one inspection different grades.",
        if_rows=_FACTS,
    ),
    Check(
        "dim_listed_inspection_days_agree",
        "star.fact_official_outcome",
        "star",
        "warning",
        kind="query",
        show=("la_code", "framework_code", "listed_inspection_key", "first_days", "published_days"),
        sql=(
            "SELECT la_code, framework_code, listed_inspection_key, "
            "count(DISTINCT inspection_start_date) AS first_days, count(DISTINCT published_date) AS published_days "
            "FROM star.fact_official_outcome GROUP BY ALL HAVING first_days > 1 OR published_days > 1"
        ),
        why="Lists give one inspection different days: one of them is wrong, or they are two inspections.",
        if_rows=_FACTS,
    ),
    Check(
        "dim_listed_inspection_dates_in_order",
        "star.dim_listed_inspection",
        "star",
        "blocking",
        kind="ordered",
        columns=("inspection_start_date", "published_date"),
        show=("listed_inspection_key", "la_code", "inspection_start_date", "published_date"),
        why="An inspection starts, then is published.",
        if_rows=_FACTS,
    ),
    Check(
        "judgement_history_lists_once",
        "bi.judgement_history",
        "star",
        "blocking",
        kind="query",
        show=("in_view", "in_table"),
        sql=(
            "SELECT (SELECT count(*) FROM bi.judgement_history WHERE source = 'official_list') AS in_view, "
            "(SELECT count(*) FROM star.fact_official_outcome "
            "WHERE is_latest AND inspection_key = 0 AND judgement_area_key <> 0) AS in_table "
            "WHERE in_view <> in_table"
        ),
        why="The view shows each standing statement that no report repeats once.",
        if_rows=_FACTS,
    ),
    Check(
        "judgement_reconciliation_agrees",
        "star.fact_official_outcome",
        "star",
        "warning",
        kind="query",
        show=(
            "la_code",
            "framework_code",
            "inspection_start_date",
            "published_date",
            "area_code",
            "report_grade_code",
            "list_grade_code",
            "status",
        ),
        sql=(
            "SELECT la_code, framework_code, inspection_start_date, published_date, area_code, report_grade_code, "
            "list_grade_code, status FROM bi.judgement_reconciliation "
            f"WHERE status = 'differ' OR status NOT IN {_STATUSES}"
        ),
        why="The report and the official list give one area of an inspection different grades: one of them is wrong.",
        if_rows=_FACTS,
    ),
)
