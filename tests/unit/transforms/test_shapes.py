"""Rows keep their shape, or the error says what does not."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from transforms.errors import ContractError
from transforms.reports.model import AuthorityRef, Judgement, Person, Recommendation, Report
from transforms.shapes import JUDGEMENT, STAGED, report_rows

ROW = {
    "sha256": "a", "report_no": 1, "framework_code": "ilacs", "area_code": "overall", "area_name": "Overall",
    "grade_code": "good", "grade_name": "Good", "evidence": "Overall Good",
}  # fmt: skip


def test_a_missing_column_is_null_and_one_too_many_an_error() -> None:
    frame = JUDGEMENT.conform([ROW])
    assert frame.columns == list(JUDGEMENT.columns)
    assert frame["page"].to_list() == [None]
    with pytest.raises(ContractError, match="judgement.*colour"):
        JUDGEMENT.conform([{**ROW, "colour": "red"}])


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([{**ROW, "report_no": "one"}], "types"),
        ([{**ROW, "grade_code": None}], "grade_code"),
        ([ROW, ROW], "repeated keys"),
    ],
)
def test_what_breaks_a_shape_is_said(rows: list[dict[str, object]], said: str) -> None:
    with pytest.raises(ContractError, match=said):
        JUDGEMENT.conform(rows)


def test_a_joint_report_gives_one_inspection_for_each_authority() -> None:
    report = Report(
        "ilacs", "standard",
        authorities=[AuthorityRef("940", None, "North", "North"), AuthorityRef("941", None, "West", "West")],
        inspection_start_date=date(2024, 6, 10), inspection_end_date=date(2024, 6, 14),
        windows=((date(2024, 6, 10), date(2024, 6, 14)),),
        people=[Person("lead_inspector", "A Person", 1), Person("deputy_lead_inspector", "B Person", 1)],
        judgements=[Judgement("overall", "overall", "Overall", "good", "Good", 1, "Good", ("grid", "heading"))],
        recommendations=[Recommendation("recommendation", "Do it.", 2, paragraphs=("15", "16"))],
    )  # fmt: skip
    common = {
        "received_at": datetime(2024, 7, 1), "modified_at": None,
        "published_date": date(2024, 7, 5), "published_date_source": "metadata",
    }  # fmt: skip
    rows = report_rows("a" * 64, [report], common)
    assert [
        (r["la_code"], r["joint_la_codes"], r["lead_inspector"], r["deputy_lead_inspector"]) for r in rows["inspection"]
    ] == [
        ("940", "940; 941", "A Person", "B Person"),
        ("941", "940; 941", "A Person", "B Person"),
    ]
    assert rows["inspection"][0]["inspection_windows"] == "2024-06-10/2024-06-14"
    assert rows["judgement"][0]["places"] == "grid; heading"
    assert rows["recommendation"][0]["paragraphs"] == "15; 16"
    for shape in STAGED:
        shape.conform(rows.get(shape.name, ()))


def test_a_printed_publication_date_comes_first() -> None:
    report = Report(
        "sif", "single_inspection", authorities=[AuthorityRef("301", None, "X", "X")], published_date=date(2016, 2, 19)
    )
    common = {
        "received_at": datetime(2024, 7, 1),
        "modified_at": None,
        "published_date": date(2016, 2, 20),
        "published_date_source": "file_name",
    }
    (row,) = report_rows("a", [report], common)["inspection"]
    assert (row["published_date"], row["published_date_source"]) == (date(2016, 2, 19), "printed")
