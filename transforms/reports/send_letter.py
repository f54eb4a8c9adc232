"""Joint local area SEND inspections of 2016 to 2022: letters by Ofsted and the CQC.

A letter gives no grade. It says that a written statement of action is required, in two
places: the determination by the Chief Inspector near the start, and the list of significant
weaknesses at the end. Where none is required, the letter says nothing of it at all: that is read
only from a letter that is whole (it has its opening, its sentence on what the letter holds, and
its close) and names neither a statement nor a significant weakness anywhere.

A revisit decides whether the area has made sufficient progress. It is an area of its own.
"""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

from transforms.reading.grades import Letters, Reading
from transforms.reports.framework import Area, Framework, Grade, Statement, front_letters, is_addressed_or_dated
from transforms.reports.model import Problem

if TYPE_CHECKING:
    from transforms.reading.tidy import Text
    from transforms.reports.model import Report

REQUIRED = Grade(
    "written_statement_of_action_required",
    "Written statement of action required",
    None,
    (
        "written statement of action is required",
        "written statement of action (WSoA) is required",
        "written statement of action was required",
        "written statement of action to Ofsted that explains",
    ),
)
NOT_REQUIRED = Grade(
    "written_statement_of_action_not_required",
    "Written statement of action not required",
    None,
    (
        "written statement of action is not required",
        "written statement of action (WSoA) is not required",
    ),
)
SUFFICIENT = Grade("sufficient_progress", "Sufficient progress", None, ("sufficient progress",))
IN_PART = Grade("sufficient_progress_in_part", "Sufficient progress in part", None, ("sufficient progress in part",))
INSUFFICIENT = Grade("insufficient_progress", "Not sufficient progress", None, ("insufficient progress",))

_TITLE = re.compile(r"joint(?:local)?areasend(?:re)?(?:inspection|visit)")
_LETTER = re.compile(r"conductedajointinspection|jointinspectionofthe(?:local)?area|revisitedthe(?:local)?area")
_PROGRESS = re.compile(
    r"(?P<negative>not(?:yet)?|insufficient)?(?:made|making)?sufficientprogress(?=inaddressing|toimprove|inimproving|inrelation|against)"
)
_NUMBER = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
# What a sentence says it has reached: a number of all, digits of which letters do not tell, or some only.
_REACH = re.compile(
    rf"in(?:addressing|improving|relationto)(?:only|just)?(?:(?P<some>some|most|several|many|allbut|themajority|partof)"
    rf"|(?P<count>{_NUMBER})?(?:out)?of(?:the|its|these|those)?(?P<all>{_NUMBER})?)"
)
_SIGNIFICANT = (
    "writtenstatement",
    "wsoa",
    "significantweakness",
    "significantareasofweakness",
    "significantconcernsabout",
)
_OUTLINES = re.compile(r"this(?:letter|report)outlinesourfindings?fromtheinspection")
_REVISIT_TITLE = re.compile(r"jointareasendrevisit|jointlocalareasendrevisit|jointlocalareasendreinspection")


def _is_revisit(front: str) -> bool:
    return _REVISIT_TITLE.search(front) is not None or "revisitedthearea" in front or "revisitedthelocalarea" in front


def recognise(text: Text) -> float:
    """Certain with the title of the letter, its opening sentence, and an address or dates."""
    front = front_letters(text)
    if "send" not in front or "localareapartnership" in front:
        return 0.0
    if not is_addressed_or_dated(text):
        return 0.5
    return 0.6 * bool(_TITLE.search(front)) + 0.4 * bool(_LETTER.search(front))


def type_of(text: Text, report: Report) -> str:
    """First inspection of the area, or the revisit after a written statement of action."""
    return "revisit" if _is_revisit(front_letters(text)) else "joint_inspection"


def waived(text: Text) -> frozenset[str]:
    """A revisit decides on progress, not on a statement."""
    return frozenset({"send"}) if _is_revisit(front_letters(text)) else frozenset()


def require_progress(text: Text, report: Report) -> None:
    """Block a revisit of which it could not be read whether progress was sufficient."""
    if report.inspection_type == "revisit" and not report.judgements:
        report.problems.append(
            Problem(
                "missing_area",
                "blocking",
                "send_progress: no certain statement found on whether progress was sufficient",
                expected="Progress in addressing significant weaknesses",
            )
        )


def read_outcome(text: Text, framework: Framework) -> list[Reading]:
    """Progress of a revisit, or the certain absence of any requirement."""
    letter = Letters(text)
    if _is_revisit(front_letters(text)):
        return _progress(letter)
    if any(word in letter.all for word in _SIGNIFICANT):
        return []
    outlines = _OUTLINES.search(letter.all)
    opening = _LETTER.search(letter.all)
    close = letter.all.find("yourssincerely")
    if outlines is None or opening is None or close < outlines.start():
        return []
    return [Reading("send", NOT_REQUIRED.code, "whole_letter", outlines.start(), outlines.end(), NOT_REQUIRED.name)]


def _progress(letter: Letters) -> list[Reading]:
    """One reading from all statements of progress: every weakness, some, or none."""
    found = list(_PROGRESS.finditer(letter.all))
    # What the visit was for ("to decide whether the area has made ...") is no finding.
    found = [m for m in found if "whether" not in letter.all[max(m.start() - 60, 0) : m.start()]]
    if not found:
        return []
    negative = [m for m in found if m["negative"]]
    grade = SUFFICIENT if not negative else INSUFFICIENT if len(negative) == len(found) else IN_PART
    quoted = (negative or found)[0]
    certain = True
    if grade is SUFFICIENT and (reach := _REACH.match(letter.all, quoted.end())):
        certain = bool(reach["some"] or (reach["count"] and reach["all"]))
        grade = SUFFICIENT if reach["count"] and reach["count"] == reach["all"] else IN_PART
    return [Reading("send_progress", grade.code, "sentence", quoted.start(), quoted.end(), grade.name, certain)]


FRAMEWORKS = (
    Framework(
        code="send_letter",
        name="Joint local area SEND inspections",
        inspectorate="Ofsted and CQC",
        since=date(2016, 5, 1),
        until=date(2023, 1, 1),
        inspection_types=("joint_inspection", "revisit"),
        recognise=recognise,
        addressed_to="partnership",
        areas=(
            Area("send", "Written statement of action", "send", (), in_grid=False),
            Area(
                "send_progress",
                "Progress in addressing significant weaknesses",
                None,
                (),
                required=False,
                in_grid=False,
            ),
        ),
        grades=(REQUIRED, NOT_REQUIRED, SUFFICIENT, IN_PART, INSUFFICIENT),
        family="area_send",
        source="Ofsted and CQC, The framework for the inspection of local areas' effectiveness in identifying and "
        "meeting the needs of children and young people who have special educational needs and/or disabilities",
        notes=("A requirement or its absence, no points of a scale: no rank.",),
        statements=(
            Statement(
                "send",
                "hasdeterminedthata(?:joint)?",
                place="determination",
                starts="anywhere",
                ends="anywhere",
            ),
            Statement(
                "send",
                "required(?:jointly)?toproduceandsubmita",
                place="weaknesses",
                starts="anywhere",
                ends="anywhere",
            ),
        ),
        wins=("determination",),
        waived=waived,
        type_of=type_of,
        read=read_outcome,
        finish=require_progress,
    ),
)
