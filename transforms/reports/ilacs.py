"""ILACS: inspections of local authority children's services, standard and short, since 2018.

The grid "Judgement / Grade" on page 1 has four rows, five for inspections that began in 2023 or
later, when care leavers became a judgement of their own. From April 2026 there is no judgement
of overall effectiveness. Each area but the overall one is headed again in the body, with its
grade behind a colon.

Whether an inspection was standard or short is printed nowhere: a first window of seven days or
fewer is a short one.
"""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

from transforms.reports import ilacs_letter
from transforms.reports.framework import FOUR_POINT, Area, Framework, Grid, Statement, is_addressed_or_dated

if TYPE_CHECKING:
    from transforms.reading.tidy import Text
    from transforms.reports.model import Report

_CARE_LEAVERS_APART = date(2023, 1, 1)
_NO_OVERALL = date(2026, 4, 1)
_SHORT_DAYS = 7
_UNDATED = 0.7  # what others write of an inspection

_LEADERS = "theimpactofleadersonsocialworkpracticewithchildrenandfamilies"
_HELP = "theexperiencesandprogressofchildrenwhoneedhelpandprotection"
_CARE = "theexperiencesandprogressofchildrenincare"
_LEAVERS = "theexperiencesandprogressofcareleavers"

_TITLE = re.compile(
    r"inspection of .{0,80}childrens (?:social care )?services|inspection of childrens social care services"
)
_LETTER = re.compile(r"^dear |focused visit|monitoring visit")


_LABELS = (_LEADERS, _HELP, _CARE, _LEAVERS, "overalleffectiveness")
_LABEL_STARTS = ("theimpactofleaders", "theexperiencesandprogressofchildren", "careleavers", "overalleffectiveness")


def recognise(text: Text) -> float:
    """Certain with the title, the labels of the grid and that of the dates; never for letters."""
    front = " ".join([line.key for line in text.front]) or " ".join([line.key for line in text.lines[:60]])
    squashed = front.replace(" ", "")
    score = 0.0
    if _TITLE.search(front) or "childrensservices" in squashed or "childrenssocialcareservices" in squashed:
        score += 0.3
    has_grid = "judgementgrade" in squashed or "judgmentgrade" in squashed
    if has_grid:
        score += 0.2
    # A reader may put a grade between the words of its label: then the first words of it must do.
    wanted = _LABEL_STARTS if has_grid and _LABEL_STARTS[0] in squashed else _LABELS
    labels = sum(label in squashed for label in wanted)
    score += 0.2 * labels
    if (_LETTER.search(front[:600]) and labels < 3) or ilacs_letter.summarises_visit(squashed):
        score = 0.0
    return min(score, 1.0 if is_addressed_or_dated(text) else _UNDATED)


def type_of(text: Text, report: Report) -> str:
    """Short if the first window took seven days or fewer, else standard."""
    if report.windows:
        start, end = report.windows[0]
    elif report.inspection_start_date and report.inspection_end_date:
        start, end = report.inspection_start_date, report.inspection_end_date
    else:
        return "standard"
    return "short" if (end - start).days + 1 <= _SHORT_DAYS else "standard"


FRAMEWORKS = (
    Framework(
        code="ilacs",
        name="Inspection of local authority children's services",
        inspectorate="Ofsted",
        since=date(2018, 1, 1),
        until=None,
        takes_days=True,
        inspection_types=("standard", "short"),
        recognise=recognise,
        areas=(
            Area(
                "leadership",
                "The impact of leaders on social work practice with children and families",
                "leadership",
                ("The impact of leaders on social work practice with children and families",),
            ),
            Area(
                "help_and_protection",
                "The experiences and progress of children who need help and protection",
                "help_and_protection",
                ("The experiences and progress of children who need help and protection",),
            ),
            Area(
                "children_in_care_and_care_leavers",
                "The experiences and progress of children in care and care leavers",
                "children_in_care",
                ("The experiences and progress of children in care and care leavers",),
                until=_CARE_LEAVERS_APART,
            ),
            Area(
                "children_in_care",
                "The experiences and progress of children in care",
                "children_in_care",
                ("The experiences and progress of children in care",),
                since=_CARE_LEAVERS_APART,
            ),
            Area(
                "care_leavers",
                "The experiences and progress of care leavers",
                "care_leavers",
                ("The experiences and progress of care leavers",),
                since=_CARE_LEAVERS_APART,
            ),
            Area("overall", "Overall effectiveness", "overall", ("Overall effectiveness",), until=_NO_OVERALL),
        ),
        grades=FOUR_POINT,
        source="Ofsted, Inspecting local authority children's services: the framework",
        grids=(Grid(opens=("judgement grade", "judgment grade")),),
        statements=(
            Statement("leadership", _LEADERS, where="anywhere"),
            Statement("help_and_protection", _HELP),
            Statement("children_in_care_and_care_leavers", _CARE + "andcareleavers"),
            Statement("children_in_care", _CARE),
            Statement("care_leavers", _LEAVERS),
        ),
        wins=("grid",),
        type_of=type_of,
    ),
)
