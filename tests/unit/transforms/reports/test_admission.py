"""The last word before rows: what may enter the star, what is taken out, what is refused."""

from __future__ import annotations

from datetime import date

import pytest

from transforms.reports import frameworks
from transforms.reports.admission import StatedDate, admit
from transforms.reports.model import AuthorityRef, Judgement, Problem, Report

BY_CODE = {framework.code: framework for framework in frameworks()}
TODAY = date(2026, 11, 23)
SOMEWHERE = [AuthorityRef("301", "E09000002", "Somewhere", "Somewhere")]


def report(**changes: object) -> Report:
    values: dict[str, object] = {
        "framework_code": "ilacs", "inspection_type": "short", "authorities": SOMEWHERE,
        "inspection_start_date": date(2024, 6, 10), "inspection_end_date": date(2024, 6, 14),
        "judgements": [Judgement("overall", "overall", "Overall", "good", "Good", 1, "Good")],
    }  # fmt: skip
    return Report(**{**values, **changes})  # type: ignore[arg-type]


def blocking(problems: list[Problem]) -> list[str]:
    return [problem.code for problem in problems if problem.severity == "blocking"]


def test_a_sound_report_is_admitted_with_the_most_trusted_date() -> None:
    stated = [StatedDate(date(2024, 7, 20), "metadata"), StatedDate(date(2024, 7, 21), "file_name")]
    chosen, problems = admit([report()], stated, BY_CODE, TODAY)
    assert (chosen, problems) == (stated[0], [])


def test_a_publication_before_the_end_is_left_out_and_the_next_source_taken() -> None:
    stated = [StatedDate(date(2024, 6, 12), "metadata"), StatedDate(date(2024, 7, 21), "file_name")]
    chosen, problems = admit([report()], stated, BY_CODE, TODAY)
    assert chosen == stated[1]
    assert [(p.code, p.severity) for p in problems] == [("published_before_end", "warning")]


def test_a_printed_date_before_the_end_is_left_out() -> None:
    early = report(published_date=date(2024, 6, 1), published_date_page=1)
    _, problems = admit([early], [], BY_CODE, TODAY)
    assert early.published_date is None
    assert blocking(problems) == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"inspection_start_date": None, "inspection_end_date": None}, "no_date"),
        ({"inspection_end_date": date(2024, 6, 9)}, "dates_reversed"),
        ({"inspection_start_date": date(2012, 6, 10)}, "outside_framework"),
        ({"inspection_start_date": date(2027, 6, 10), "inspection_end_date": None}, "in_future"),
        ({"authorities": []}, "no_authority"),
        ({"framework_code": "made_up"}, "unknown_framework"),
        ({"judgements": [Judgement("overall", "overall", "Overall", "adequate", "Adequate", 1, "x")]}, "off_scale"),
        ({"problems": [Problem("missing_area", "blocking", "page 1: no grade")]}, "missing_area"),
    ],
)
def test_what_no_fact_may_break_is_refused(changes: dict[str, object], code: str) -> None:
    _, problems = admit([report(**changes)], [], BY_CODE, TODAY)
    assert code in blocking(problems)


def test_a_document_without_a_report_is_refused() -> None:
    assert blocking(admit([], [], BY_CODE, TODAY)[1]) == ["no_report"]


def test_no_inspection_begins_on_the_day_it_is_published() -> None:
    _, problems = admit([report(published_date=date(2024, 6, 10), inspection_end_date=None)], [], BY_CODE, TODAY)
    assert blocking(problems) == ["published_at_start"]
    _, problems = admit([report(published_date=date(2024, 7, 22))], [], BY_CODE, TODAY)
    assert blocking(problems) == []
