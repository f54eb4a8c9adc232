"""Focused visits and monitoring visits to children's services: letters without grades.

Focused visits came with ILACS in 2018; monitoring visits follow an inadequate judgement, since
2016 (then under the single inspection framework). A letter names what was looked at, findings,
areas for priority action and what needs to improve. The grade it mentions is that of the
inspection before and is never a judgement of the visit.
"""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

from transforms.reports.framework import Framework, front_letters, is_addressed_or_dated

if TYPE_CHECKING:
    from transforms.reading.tidy import Text
    from transforms.reports.model import Report

_SUMMARISES = re.compile(
    r"this(?:letter|report)(?:summarises|containsthe|setsout)(?:the)?findings?of(?:the|a|an|our|ofsteds|your)?(?:\w{0,30}?)"
    r"(?P<kind>focusedvisit|monitoringvisit|assurancevisit)"
)
_ANNOUNCES = re.compile(r"(?:focusedvisit|monitoringvisit|assurancevisit)(?:to|of|at).{2,60}?childrensservices")
_TITLE = re.compile(r"(?P<kind>focusedvisit|monitoringvisit|assurancevisit)(?:to|of|at|in)")
_KINDS = {
    "focusedvisit": "focused_visit",
    "monitoringvisit": "monitoring_visit",
    "assurancevisit": "assurance_visit",
}
_TITLE_LINES = 40
_UNDATED = 0.7  # what others write of a visit


def _title(text: Text) -> str | None:
    """Kind of visit that a line of its own announces, as letters."""
    for line in text.front[:_TITLE_LINES]:
        words = line.key.replace(" ", "").lstrip("0123456789")
        words = words.removeprefix("ofsted").removeprefix("covid19").removeprefix("covid")
        match = _TITLE.match(words)
        if match:
            return match["kind"]
    return None


def summarises_visit(front: str) -> bool:
    """Whether a front, as letters, says that it is of a visit: a grid in it is of the inspection before."""
    return _SUMMARISES.search(front) is not None


def recognise(text: Text) -> float:
    """Certain with the title line, the sentence that says what the letter summarises, and an address or dates."""
    front = front_letters(text)
    if "visit" not in front or ("judgementgrade" in front and not summarises_visit(front)):
        return 0.0
    score = 0.5 * (_title(text) is not None) or 0.4 * (_ANNOUNCES.search(front) is not None)
    score += 0.4 * (_SUMMARISES.search(front) is not None)
    score += 0.1 * any(words in front for words in ("dear", "dateofvisit", "visitdate", "yourssincerely"))
    return min(score, 1.0 if is_addressed_or_dated(text) else _UNDATED)


def type_of(text: Text, report: Report) -> str:
    """Kind of visit, from the letter's sentence, else from its title."""
    match = _SUMMARISES.search(front_letters(text))
    return _KINDS[match["kind"] if match else _title(text) or "focusedvisit"]


FRAMEWORKS = (
    Framework(
        code="ilacs_visit",
        name="Focused visits and monitoring visits to local authority children's services",
        inspectorate="Ofsted",
        since=date(2016, 1, 1),
        until=None,
        inspection_types=("focused_visit", "monitoring_visit", "assurance_visit"),
        recognise=recognise,
        source="Ofsted, Inspecting local authority children's services: the framework; monitoring visits before 2018 "
        "under the guidance on monitoring local authority children's services judged inadequate",
        notes=("Letters without grades: no judgements; findings and what needs to improve are read.",),
        type_of=type_of,
    ),
)
