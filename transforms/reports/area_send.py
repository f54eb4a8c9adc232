"""Area SEND inspections of local area partnerships, framework of 2023, by Ofsted and the CQC.

The outcome is one of three sentences under "Inspection outcome" on page 1; there is no grade
word and no table. The sentences after it say what follows (the next inspection in five or three
years, or a monitoring inspection and a priority action plan) and so state the outcome again:
they confirm or contradict it, but never stand for it, since three years follows two outcomes.

A monitoring inspection after the worst outcome says only whether effective action was taken. It
is an area of its own, so that it never counts as the outcome of a full inspection.
"""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

from transforms.reading.grades import Letters, Reading
from transforms.reports.framework import Area, Framework, Grade, Statement, front_letters, is_dated
from transforms.reports.model import Problem

if TYPE_CHECKING:
    from transforms.reading.tidy import Text
    from transforms.reports.model import Report

_UNDATED = 0.7  # what others write of an inspection, or of such inspections
_FRONT_LETTERS = 6000  # the outcome stands well within them, also where pages are lost

TYPICALLY_POSITIVE = Grade(
    "typically_positive",
    "Typically positive experiences and outcomes",
    None,
    (
        "typically lead to positive experiences and outcomes",
        "typically leads to positive experiences and outcomes",
        "typically lead to positive outcomes and experiences",
    ),
)
INCONSISTENT = Grade(
    "inconsistent",
    "Inconsistent experiences and outcomes",
    None,
    (
        "lead to inconsistent experiences and outcomes",
        "leads to inconsistent experiences and outcomes",
        "lead to inconsistent outcomes and experiences",
    ),
)
FAILINGS = Grade(
    "widespread_systemic_failings",
    "Widespread and/or systemic failings",
    None,
    (
        "widespread and/or systemic failings leading to significant concerns",
        "widespread or systemic failings leading to significant concerns",
        "widespread and systemic failings leading to significant concerns",
        "widespread and/or systemic failings that lead to significant concerns",
    ),
)
EFFECTIVE = Grade(
    "effective_action",
    "Effective action taken",
    None,
    ("taken effective action", "taking effective action"),
)
NOT_EFFECTIVE = Grade(
    "effective_action_not_taken",
    "Effective action not taken",
    None,
    ("not taken effective action", "not yet taken effective action", "not taking effective action"),
)

_NEXT = (
    r"next(?:full)?(?:area)?(?:send)?(?:re)?inspection(?:will)?(?:be|takeplace|betakeplace)*within(?:approximately)?"
)
_FIVE_YEARS = re.compile(_NEXT + "(?:five)?years")
_THREE_YEARS = re.compile(_NEXT + "threeyears")
_PLAN = re.compile("amonitoringinspectionwill(?:be|take)|prepareandsubmita(?:jointly)?(?:agreed)?priorityactionplan")
_ACTION = re.compile(r"[^.]*\bpartnership\b[^.]*\btak(?:en|ing) effective action\b[^.]*")
_IN_PART = re.compile(
    r"\b(?:some|several|most|many|part|partly|partially|majority|not|but|however|except|although)\b"
    r"|\b(?:one|two|three|four|five|six|\d) (?:out )?of\b|\bin (?:one|two|three|four|five|\d)\b",
    re.IGNORECASE,
)
_DIGIT_YEARS = re.compile(r"within approximately (\d) years|within (\d) years")


def _is_monitoring(front: str) -> bool:
    return "areasendmonitoringinspection" in front or "areasendmonitoringvisit" in front


def recognise(text: Text) -> float:
    """Certain with the title, an outcome heading or the partnership's name for itself, and the label of the dates."""
    front = front_letters(text)
    if "areasend" not in front or "jointlocalareasendinspection" in front:
        return 0.0
    score = 0.5 if re.search("areasend(?:full|monitoring)?(?:re)?inspection", front) else 0.0
    score += 0.3 * ("localareapartnership" in front)
    score += 0.2 * ("inspectionoutcome" in front or "specialeducationalneeds" in front)
    return min(score, 1.0 if is_dated(text) else _UNDATED)


def type_of(text: Text, report: Report) -> str:
    """Full inspection, or the monitoring inspection that follows widespread failings."""
    return "monitoring_inspection" if _is_monitoring(front_letters(text)) else "full_inspection"


def waived(text: Text) -> frozenset[str]:
    """A monitoring inspection has no outcome of its own: it says whether action was taken."""
    return frozenset({"send"}) if _is_monitoring(front_letters(text)) else frozenset()


def require_action(text: Text, report: Report) -> None:
    """Block a monitoring inspection of which it could not be read whether action was taken, or not in all areas."""
    if report.inspection_type != "monitoring_inspection":
        return
    partly = _action_in_part(text) if any(j.grade_code == EFFECTIVE.code for j in report.judgements) else None
    if partly is not None:
        report.judgements = []
    if not report.judgements:
        report.problems.append(
            Problem(
                "missing_area",
                "blocking",
                "send_monitoring: no certain statement found on whether effective action was taken",
                found=partly,
                expected="Action on areas for priority action",
            )
        )


def _action_in_part(text: Text) -> str | None:
    """A sentence of the front that says of some areas only that effective action was taken, or denies it."""
    end = text.flow.find(" ", _FRONT_LETTERS)
    sentences = _ACTION.findall(text.flow, 0, end if end >= 0 else len(text.flow))
    return next((sentence.strip() for sentence in sentences if _IN_PART.search(sentence)), None)


def read_follow_up(text: Text, framework: Framework) -> list[Reading]:
    """What happens next, as the outcome it implies: to confirm or contradict, never alone."""
    letter = Letters(text)
    if _is_monitoring(front_letters(text)):
        return []
    end = min(_FRONT_LETTERS, len(letter.all))
    plan = _PLAN.search(letter.all, 0, end)
    if plan:
        return [_implied(FAILINGS, plan)]
    three = _THREE_YEARS.search(letter.all, 0, end)
    if three:
        return [_implied(INCONSISTENT, three)]
    match = _FIVE_YEARS.search(letter.all, 0, end)
    if match is None:
        return []
    digits = _DIGIT_YEARS.search(" ".join([line.key for line in letter.lines(match.start(), match.end())]))
    years = (digits[1] or digits[2]) if digits else "5" if match[0].endswith("fiveyears") else ""
    grade = {"5": TYPICALLY_POSITIVE, "3": INCONSISTENT}.get(years)
    return [_implied(grade, match)] if grade else []


def _implied(grade: Grade, match: re.Match[str]) -> Reading:
    return Reading("send", grade.code, "follow_up", match.start(), match.end(), grade.name, certain=False)


FRAMEWORKS = (
    Framework(
        code="area_send",
        name="Area SEND inspections",
        inspectorate="Ofsted and CQC",
        since=date(2023, 1, 1),
        until=None,
        takes_days=True,
        inspection_types=("full_inspection", "monitoring_inspection"),
        recognise=recognise,
        addressed_to="partnership",
        areas=(
            Area(
                "send",
                "Experiences and outcomes of children and young people with SEND",
                "send",
                (),
                in_grid=False,
            ),
            Area("send_monitoring", "Action on areas for priority action", None, (), required=False, in_grid=False),
        ),
        grades=(TYPICALLY_POSITIVE, INCONSISTENT, FAILINGS, NOT_EFFECTIVE, EFFECTIVE),
        family="area_send",
        source="Ofsted and CQC, Area SEND: framework and handbook",
        notes=("Three outcomes that are no points of the four-point scale: no rank.",),
        statements=(
            Statement(
                "send", "arrangements(?:will)?", place="outcome", starts="anywhere", ends="anywhere", where="front"
            ),
            Statement("send", "thereare", place="outcome", starts="anywhere", ends="anywhere", where="front"),
            Statement(
                "send_monitoring",
                "partnership(?:has|have|is)",
                place="outcome",
                starts="anywhere",
                ends="anywhere",
                where="front",
            ),
        ),
        wins=("outcome",),
        waived=waived,
        type_of=type_of,
        read=read_follow_up,
        finish=require_action,
    ),
)
