"""The few canonical shapes every source becomes, and how what was parsed is laid into them.

One `Shape` is one staged table: its columns and types, and the key its rows must not repeat.
Nothing after parsing knows a framework or a layout; nothing before it knows a database.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl

from transforms.errors import ContractError
from transforms.official_list import OfficialList
from transforms.reports.model import Report

TEXT, WHOLE, NUMBER, DAY, FLAG = pl.String, pl.Int64, pl.Float64, pl.Date, pl.Boolean
MOMENT = pl.Datetime("us")


@dataclass(frozen=True, slots=True)
class Shape:
    """One staged table.

    Attributes:
        name: of the table.
        columns: name to Polars type.
        key: columns that together name one row.
        required: columns that may not be null.
    """

    name: str
    columns: Mapping[str, Any]
    key: tuple[str, ...]
    required: tuple[str, ...] = ()

    def empty(self) -> pl.DataFrame:
        """Return a frame of this shape without rows."""
        return pl.DataFrame(schema=dict(self.columns))

    def conform(self, rows: Iterable[Mapping[str, Any]]) -> pl.DataFrame:
        """Lay rows into this shape.

        Args:
            rows: mappings; a missing column is null, one too many an error.

        Returns:
            A frame with exactly the columns of the shape.

        Raises:
            ContractError: a value of another type, a null where none may be, a repeated key.
        """
        listed = list(rows)
        extra = {name for row in listed for name in row} - set(self.columns)
        if extra:
            raise ContractError(f"{self.name}: found columns {sorted(extra)}, expected only those of its shape")
        try:
            frame = pl.DataFrame(listed, schema=dict(self.columns), orient="row", strict=True)
        except (pl.exceptions.PolarsError, TypeError) as error:
            raise ContractError(f"{self.name}: found {error}, expected the types of its shape") from error
        for name in (*self.key, *self.required):
            if frame[name].null_count():
                raise ContractError(f"{self.name}.{name}: found {frame[name].null_count()} empty, expected none")
        if self.key and frame.select(self.key).is_duplicated().any():
            raise ContractError(f"{self.name}: found repeated keys, expected {self.key} to name one row")
        return frame


DOCUMENT = {"sha256": TEXT, "report_no": WHOLE}
ORDERED = {**DOCUMENT, "sequence": WHOLE}

SOURCE_FILE = Shape(
    "source_file",
    {
        "landing_path": TEXT,
        "sha256": TEXT,
        "sidecar_sha256": TEXT,
        "source_kind": TEXT,
        "byte_size": WHOLE,
        "modified_at": MOMENT,
        "first_seen_at": MOMENT,
        "received_at": MOMENT,
        "state": TEXT,
        "reason": TEXT,
        "error_code": TEXT,
        "parser_version": TEXT,
        "register_version": TEXT,
        "page_count": WHOLE,
        "media_type": TEXT,
        "title": TEXT,
        "publisher": TEXT,
        "publication": TEXT,
        "licence": TEXT,
        "source_url": TEXT,
        "provider_urn": TEXT,
        "published_date": DAY,
        "published_date_source": TEXT,
        "retrieved_at": MOMENT,
        "content_sha256": TEXT,
        "metadata_sha256": TEXT,
    },
    ("sha256", "landing_path"),
    ("sidecar_sha256", "source_kind", "byte_size", "received_at", "state"),
)
INSPECTION = Shape(
    "inspection",
    {
        **DOCUMENT,
        "la_code": TEXT,
        "authority_as_printed": TEXT,
        "joint_la_codes": TEXT,
        "framework_code": TEXT,
        "inspection_type": TEXT,
        "title": TEXT,
        "inspection_start_date": DAY,
        "inspection_end_date": DAY,
        "inspection_windows": TEXT,
        "published_date": DAY,
        "published_date_source": TEXT,
        "lead_inspector": TEXT,
        "deputy_lead_inspector": TEXT,
        "inspection_team": TEXT,
        "received_at": MOMENT,
        "modified_at": MOMENT,
    },
    ("sha256", "report_no", "la_code"),
    ("framework_code", "inspection_type", "received_at"),
)
JUDGEMENT = Shape(
    "judgement",
    {
        **DOCUMENT,
        "framework_code": TEXT,
        "area_code": TEXT,
        "conformed_area_code": TEXT,
        "area_name": TEXT,
        "grade_code": TEXT,
        "grade_name": TEXT,
        "page": WHOLE,
        "evidence": TEXT,
        "places": TEXT,
    },
    ("sha256", "report_no", "area_code"),
    ("framework_code", "area_name", "grade_code", "grade_name", "evidence"),
)
RECOMMENDATION = Shape(
    "recommendation",
    {
        **ORDERED,
        "kind": TEXT,
        "number": TEXT,
        "section": TEXT,
        "addressed_to": TEXT,
        "text": TEXT,
        "is_incomplete": FLAG,
        "paragraphs": TEXT,
        "page": WHOLE,
    },
    ("sha256", "report_no", "sequence"),
    ("kind", "text"),
)
PARAGRAPH = Shape(
    "paragraph",
    {**ORDERED, "number": TEXT, "section": TEXT, "text": TEXT, "is_incomplete": FLAG, "page": WHOLE},
    ("sha256", "report_no", "sequence"),
    ("text",),
)
INSPECTOR = Shape(
    "inspector",
    {**ORDERED, "role": TEXT, "name": TEXT, "title": TEXT, "organisation": TEXT, "page": WHOLE},
    ("sha256", "report_no", "sequence"),
    ("role", "name"),
)
TENURE = Shape(
    "tenure",
    {
        **ORDERED,
        "office": TEXT,
        "name": TEXT,
        "since": DAY,
        "since_precision": TEXT,
        "is_interim": FLAG,
        "statement": TEXT,
        "page": WHOLE,
    },
    ("sha256", "report_no", "sequence"),
    ("office", "statement"),
)
PREVIOUS_INSPECTION = Shape(
    "previous_inspection",
    {
        **ORDERED,
        "what": TEXT,
        "conformed_area_code": TEXT,
        "date": DAY,
        "date_precision": TEXT,
        "grade_code": TEXT,
        "statement": TEXT,
        "page": WHOLE,
    },
    ("sha256", "report_no", "sequence"),
    ("statement",),
)
REPORT_FIGURE = Shape(
    "report_figure",
    {
        **ORDERED,
        "indicator_code": TEXT,
        "subject": TEXT,
        "value": NUMBER,
        "value_as_printed": TEXT,
        "unit": TEXT,
        "period": TEXT,
        "comparator": TEXT,
        "sentence": TEXT,
        "page": WHOLE,
    },
    ("sha256", "report_no", "sequence"),
    ("value", "value_as_printed", "unit", "sentence"),
)
OFFICIAL_OUTCOME = Shape(
    "official_outcome",
    {
        "sha256": TEXT,
        "sheet": TEXT,
        "row": WHOLE,
        "column": TEXT,
        "framework_code": TEXT,
        "inspection_type": TEXT,
        "la_code": TEXT,
        "authority_as_printed": TEXT,
        "code_as_printed": TEXT,
        "inspection_start_date": DAY,
        "published_date": DAY,
        "area_code": TEXT,
        "conformed_area_code": TEXT,
        "area_name": TEXT,
        "grade_code": TEXT,
        "grade_name": TEXT,
        "list_date": DAY,
        "received_at": MOMENT,
    },
    ("sha256", "sheet", "row", "column"),
    ("framework_code", "la_code", "authority_as_printed", "received_at"),
)
# Written as Parquet by `transforms.statistics.reading`, in columns: never conformed row by row.
OBSERVATION = Shape(
    "observation",
    {
        "sha256": TEXT,
        "data_file": TEXT,
        "source_row": WHOLE,
        "source_column": TEXT,
        "publication": TEXT,
        "indicator_code": TEXT,
        "is_conformed": FLAG,
        "indicator_name": TEXT,
        "unit": TEXT,
        "period_code": TEXT,
        "period_kind": TEXT,
        "period_start": DAY,
        "period_end": DAY,
        "geographic_level": TEXT,
        "la_code": TEXT,
        "gss_code": TEXT,
        "place_name": TEXT,
        "breakdown": TEXT,
        "value": NUMBER,
        "value_status": TEXT,
        "value_as_printed": TEXT,
        "numerator": NUMBER,
        "denominator": NUMBER,
    },
    ("sha256", "data_file", "source_row", "source_column"),
    ("indicator_code", "unit", "period_code", "period_start", "geographic_level", "breakdown", "value_status"),
)
REJECT = Shape(
    "reject",
    {
        "sha256": TEXT,
        "landing_path": TEXT,
        "table_name": TEXT,
        "rule": TEXT,
        "severity": TEXT,
        "place": TEXT,
        "found": TEXT,
        "expected": TEXT,
        "message": TEXT,
    },
    (),
    ("sha256", "landing_path", "rule", "severity", "message"),
)
RETURN_SUBMISSION = Shape(
    "return_submission",
    {
        "sha256": TEXT,
        "la_code": TEXT,
        "return_code": TEXT,
        "year": WHOLE,
        "period_start": DAY,
        "period_end": DAY,
        "file_count": WHOLE,
        "based_on": TEXT,
    },
    ("sha256",),
    ("la_code", "return_code", "year", "period_start", "period_end", "file_count", "based_on"),
)
# Counts of rows about children, suppressed before they come here: null and `c` where 1 to 5.
RETURN_RULE = Shape(
    "return_rule",
    {
        "sha256": TEXT,
        "la_code": TEXT,
        "return_code": TEXT,
        "year": WHOLE,
        "rule_code": TEXT,
        "severity": TEXT,
        "state": TEXT,
        "findings": WHOLE,
        "findings_shown": TEXT,
        "needs": TEXT,
        "fields": TEXT,
        "message": TEXT,
    },
    ("sha256", "rule_code"),
    ("la_code", "return_code", "year", "severity", "state", "findings_shown"),
)
TEXT_LINE = Shape(
    "text_line",
    {
        "sha256": TEXT,
        "kind": TEXT,
        "page_count": WHOLE,
        "title": TEXT,
        "text": TEXT,
        "page": WHOLE,
        "x0": NUMBER,
        "y0": NUMBER,
        "x1": NUMBER,
        "y1": NUMBER,
    },
    (),
    ("sha256", "kind", "page_count", "text", "page"),
)

STAGED = (
    SOURCE_FILE,
    INSPECTION,
    JUDGEMENT,
    RECOMMENDATION,
    PARAGRAPH,
    INSPECTOR,
    TENURE,
    PREVIOUS_INSPECTION,
    REPORT_FIGURE,
    OFFICIAL_OUTCOME,
    RETURN_SUBMISSION,
    RETURN_RULE,
    REJECT,
)


def report_rows(sha256: str, reports: Iterable[Report], common: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Lay the reports of one document into rows by staged table.

    Args:
        sha256: of the document.
        reports: what was read from it, none of them blocked.
        common: values of every inspection of the document that the text does not give:
            `received_at`, `modified_at`, and `published_date` with `published_date_source`
            to be used where the report itself prints none.

    Returns:
        Rows by shape name, in printed order.
    """
    rows: dict[str, list[dict[str, Any]]] = {shape.name: [] for shape in STAGED}
    for number, report in enumerate(reports, start=1):
        key = {"sha256": sha256, "report_no": number}
        rows["inspection"].extend({**key, **row} for row in _inspections(report, common))
        rows["judgement"].extend(
            {
                **key,
                "framework_code": report.framework_code,
                "area_code": j.area_code,
                "conformed_area_code": j.conformed_area_code,
                "area_name": j.area_name,
                "grade_code": j.grade_code,
                "grade_name": j.grade_name,
                "page": j.page,
                "evidence": j.evidence,
                "places": _joined(j.places),
            }
            for j in report.judgements
        )
        for name, items, fields in (
            ("recommendation", report.recommendations, RECOMMENDATION),
            ("paragraph", report.paragraphs, PARAGRAPH),
            ("inspector", report.people, INSPECTOR),
            ("tenure", report.tenures, TENURE),
            ("previous_inspection", report.previous_inspections, PREVIOUS_INSPECTION),
            ("report_figure", report.figures, REPORT_FIGURE),
        ):
            own = [column for column in fields.columns if column not in ORDERED]
            rows[name].extend(
                {**key, "sequence": sequence, **{column: _cell(item, column) for column in own}}
                for sequence, item in enumerate(items, start=1)
            )
    return rows


def outcome_rows(found: OfficialList, received_at: datetime) -> dict[str, list[dict[str, Any]]]:
    """Lay the statements of one official list into rows.

    Args:
        found: what was read from it.
        received_at: when it came; decides between lists of one day.

    Returns:
        Rows by shape name, in printed order. `list_date` is the list's own day of publication,
        else the day as at which it stands, else the latest day it tells of.
    """
    own = [name for name in OFFICIAL_OUTCOME.columns if name not in ("sha256", "list_date", "received_at")]
    told = [day for s in found.statements for day in (s.inspection_start_date, s.published_date) if day]
    list_date = found.published_date or found.as_at_date or max(told, default=None)
    common = {"sha256": found.sha256, "list_date": list_date, "received_at": received_at}
    return {"official_outcome": [{**{name: getattr(s, name) for name in own}, **common} for s in found.statements]}


def _inspections(report: Report, common: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
    """Yield one inspection row for each authority the report is about."""
    codes = [authority.la_code for authority in report.authorities]
    windows = "; ".join(f"{start.isoformat()}/{end.isoformat()}" for start, end in report.windows)
    published = (
        {"published_date": report.published_date, "published_date_source": "printed"}
        if report.published_date
        else {name: common[name] for name in ("published_date", "published_date_source")}
    )
    deputies = [p.name for p in report.people if p.role == "deputy_lead_inspector"]
    for authority in report.authorities:
        yield {
            "la_code": authority.la_code,
            "authority_as_printed": authority.as_printed,
            "joint_la_codes": "; ".join(codes) if len(codes) > 1 else None,
            "framework_code": report.framework_code,
            "inspection_type": report.inspection_type,
            "title": report.title,
            "inspection_start_date": report.inspection_start_date,
            "inspection_end_date": report.inspection_end_date,
            "inspection_windows": windows or None,
            **published,
            "lead_inspector": report.lead_inspector,
            "deputy_lead_inspector": deputies[0] if deputies else None,
            "inspection_team": "; ".join(p.name for p in report.people) or None,
            "received_at": common["received_at"],
            "modified_at": common["modified_at"],
        }


def _cell(item: object, column: str) -> Any:
    value = getattr(item, column, None)
    if column == "is_incomplete":
        return bool(value)
    return _joined(value) if isinstance(value, tuple) else value


def _joined(values: Iterable[object]) -> str | None:
    return "; ".join(str(value) for value in values) or None
