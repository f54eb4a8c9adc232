"""Where one document holds several reports bound together, and how it is cut.

Known case: the review of a Local Safeguarding Children Board printed behind the inspection of
its authority, with a front page, a date and a grade of its own. Other reports come together only
where somebody joined files: a paper for a committee with the report before it as an appendix.
Whose grades are whose is then not known for sure, so such a file is told, not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from transforms.reading.document import Document, Line
from transforms.reading.words import key, key_lines
from transforms.reports.model import Problem, Report

if TYPE_CHECKING:
    from transforms.reports.framework import Framework

_FAR = 150  # lines: without pages, a second date label nearer than this stands on the same front page
_TITLE_LINES = 10
_INNER_FRONTS = 5  # tried at most
_FRONT_LINES = 40  # of a page, within which the label of the dates or the salutation of a front stands
# Of a line's key.
_DATE_LABEL = re.compile(
    r"(?:dates?(?: s)? of (?:the )?(?:inspection|review|visit)|(?:inspection|review|visit)s? dates?)\b"
)
_SALUTATION = re.compile(r"dear ")
_TITLE = re.compile(r"(?:inspection|review) of |(?:visit|inspection) (?:to|in|at) |joint targeted area|area send")
_END_MATTER = re.compile(r"crown copyright|gov uk|textphone|^[tew] ")


@dataclass(slots=True)
class Part:
    """One report within a document: its lines from `start` to before `end`."""

    start: int
    end: int
    page: int
    report: Report


def later_fronts(document: Document) -> list[int]:
    """Indexes of the lines at which a further report may begin; nearly always none."""
    lines = document.lines
    keys = key_lines([line.text for line in lines])
    labels = [i for i, keyed in enumerate(keys) if "date" in keyed and _DATE_LABEL.match(keyed)]
    if document.page_count > 1:
        labels += [i for i, keyed in enumerate(keys) if _SALUTATION.match(keyed)]
        return list(_fronts_of_pages(lines, sorted(labels)))
    return list(_fronts_without_pages(lines, labels))


def inner_fronts(document: Document) -> list[int]:
    """Indexes of the lines at which a report may begin behind pages of something else, as a paper for a committee."""
    lines = document.lines
    tops: dict[int, int] = {}
    for i, line in enumerate(lines):
        tops.setdefault(line.page, i)
    keys = key_lines([line.text for line in lines])
    labels = [i for i, keyed in enumerate(keys) if _DATE_LABEL.match(keyed) or _SALUTATION.match(keyed)]
    found = [tops[lines[i].page] for i in labels if i - tops[lines[i].page] < _FRONT_LINES]
    return [start for start in dict.fromkeys(found) if start > 0][:_INNER_FRONTS]


def _fronts_of_pages(lines: list[Line], labels: list[int]) -> Iterator[int]:
    """First lines of pages that have such a label near their top, but the first page that has one."""
    # The first label stands near the top, or is lost.
    last = lines[labels[0] if labels and labels[0] < _FAR else 0].page if lines else 0
    tops: dict[int, int] = {}
    for i, line in enumerate(lines):
        tops.setdefault(line.page, i)
    for i in labels:
        page = lines[i].page
        if page != last and i - tops[page] < _FRONT_LINES:
            yield tops[page]
            last = page


def _fronts_without_pages(lines: list[Line], labels: list[int]) -> Iterator[int]:
    last = labels[0] if labels and labels[0] < _FAR else 0
    for i in labels:
        if i - last >= _FAR:
            start = _front_start(lines, i)
            if _TITLE.search(key(" ".join([line.text for line in lines[start:i]]))):
                yield start
                last = i


def _front_start(lines: list[Line], label: int) -> int:
    """First line of the front page on which a date label stands."""
    start = label
    for i in range(label - 1, max(label - _TITLE_LINES, 0) - 1, -1):
        if _END_MATTER.search(key(lines[i].text)):
            break
        start = i
    return start


def cut(document: Document, start: int, end: int) -> Document:
    """The lines from `start` to before `end` as a document; pages keep their numbers."""
    return Document(document.sha256, document.kind, document.page_count, document.lines[start:end], document.title)


def is_same_inspection(one: Report, other: Report) -> bool:
    """Whether two parts tell of one inspection: a title that is repeated. What is not read does not differ."""
    if one.framework_code != other.framework_code:
        return False
    first, second = _codes(one), _codes(other)
    days = {one.inspection_start_date, other.inspection_start_date} - {None}
    return len(days) < 2 and (not first or not second or first == second)


def is_copy(document: Document, one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether two stretches of a document are the same lines: a report that was put in twice."""
    return [line.text for line in document.lines[slice(*one)]] == [line.text for line in document.lines[slice(*other)]]


def strangers(parts: list[Part], frameworks: dict[str, Framework]) -> list[Problem]:
    """Tell the reports that do not belong behind the first of a document."""
    first, *others = parts
    found = []
    for part in others:
        framework = frameworks[part.report.framework_code]
        shared = _codes(first.report) & _codes(part.report) or not _codes(first.report) or not _codes(part.report)
        if first.report.framework_code in framework.bound_behind and shared:
            continue
        names = " and ".join(authority.authority_name for authority in part.report.authorities) or "an unread authority"
        day = part.report.inspection_start_date or "an unread day"
        found.append(
            Problem(
                "several_reports",
                "blocking",
                f"page {part.page}: found a further report ({framework.name}; {names}; {day}), "
                "expected one report in a file: save each as a file of its own",
                page=part.page,
                found=framework.code,
                expected="one report",
            )
        )
    return found


def _codes(report: Report) -> set[str]:
    return {authority.la_code for authority in report.authorities}
