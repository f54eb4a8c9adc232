"""Which parsed reports may enter the star: the last word before a document is laid into rows.

A report that is blocked, or breaks what every fact must keep, sends its document to quarantine.
What is merely uncertain is taken out of the report and recorded as a warning.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from transforms.reports.framework import Framework
from transforms.reports.model import Problem, Report


@dataclass(frozen=True, slots=True)
class StatedDate:
    """A publication date that did not stand in the report, and where it came from.

    `source` is `metadata` (the file beside the report) or `file_name`.
    """

    day: date
    source: str


def admit(
    reports: list[Report], stated: list[StatedDate], frameworks: Mapping[str, Framework], today: date
) -> tuple[StatedDate | None, list[Problem]]:
    """Decide whether the reports of one document may be loaded.

    Args:
        reports: what was read from it; doubtful parts are taken out in place.
        stated: publication dates from beside the report, the most trusted first.
        frameworks: the registry, by code.
        today: no report can speak of later days.

    Returns:
        The publication date to use where a report prints none, and all problems. The document
        may be loaded if none of them is blocking.
    """
    problems: list[Problem] = []
    if not reports:
        problems.append(_blocking("no_report", "the file: found no report, expected at least one"))
    chosen: StatedDate | None = None
    for report in reports:
        problems.extend(report.problems)
        chosen = _published(report, stated, problems)
        _require_dates(report, chosen, frameworks.get(report.framework_code), today, problems)
        _require_authority(report, problems)
        _require_scale(report, frameworks.get(report.framework_code), problems)
    return chosen, problems


def _published(report: Report, stated: list[StatedDate], problems: list[Problem]) -> StatedDate | None:
    """Choose the publication date; one before the end of the inspection cannot be right."""
    last = report.inspection_end_date or report.inspection_start_date
    if report.published_date and last and report.published_date < last:
        problems.append(
            _warning(
                "published_before_end",
                f"page {report.published_date_page or 1}: found publication on {report.published_date}, "
                f"expected {last} or later; left out",
            )
        )
        report.published_date = None
    for candidate in stated:
        if last and candidate.day < last:
            problems.append(
                _warning(
                    "published_before_end",
                    f"{candidate.source}: found publication on {candidate.day}, expected {last} or later; left out",
                )
            )
            continue
        return candidate
    return None


def _require_dates(
    report: Report, chosen: StatedDate | None, framework: Framework | None, today: date, problems: list[Problem]
) -> None:
    start, end = report.inspection_start_date, report.inspection_end_date
    published = report.published_date or (chosen.day if chosen else None)
    if start is None and published is None:
        problems.append(_blocking("no_date", "the report: found no date of inspection or publication, expected one"))
        return
    later = [day for day in (start, end, report.published_date) if day and day > today]
    if later:
        problems.append(_blocking("in_future", f"the report: found {later[0]}, expected no day after {today}"))
    if start and start == report.published_date:
        problems.append(
            _blocking(
                "published_at_start", f"the report: found {start} for its publication and for the first day inspected"
            )
        )
    day = start or published
    if start and end and end < start:
        problems.append(_blocking("dates_reversed", f"the report: found {start} to {end}, expected start before end"))
    if day and framework and not (framework.since <= day and (framework.until is None or day < framework.until)):
        until = framework.until or "today"
        problems.append(
            _blocking(
                "outside_framework",
                f"the report: found {day}, expected a day from {framework.since} to {until} for {framework.name}",
            )
        )


def _require_authority(report: Report, problems: list[Problem]) -> None:
    if not report.authorities:
        problems.append(_blocking("no_authority", "the report: found no known authority, expected one by name"))


def _require_scale(report: Report, framework: Framework | None, problems: list[Problem]) -> None:
    """Refuse a grade or area its framework does not have: a fault of ours, never to be published."""
    if framework is None:
        problems.append(
            _blocking("unknown_framework", f"the report: found framework {report.framework_code}, expected a known one")
        )
        return
    grades = {grade.code for grade in framework.grades}
    areas = {area.code for area in framework.areas_on(report.inspection_start_date)}
    for judgement in report.judgements:
        if judgement.grade_code not in grades or judgement.area_code not in areas:
            problems.append(
                _blocking(
                    "off_scale",
                    f"page {judgement.page}: found {judgement.area_code} {judgement.grade_code}, "
                    f"expected an area and grade of {framework.name}",
                )
            )


def _blocking(code: str, message: str) -> Problem:
    return Problem(code=code, severity="blocking", message=message)


def _warning(code: str, message: str) -> Problem:
    return Problem(code=code, severity="warning", message=message)
