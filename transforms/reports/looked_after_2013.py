"""Targeted inspections of looked after children services, 2013: four-point scale with "adequate".

Each area has a heading in the body with "Grade 4 (inadequate)" on a line of its own, and all of
them stand again in a closing table, "Record of main findings". The scale itself is printed on an
early page with every grade in it, and is never read.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from transforms.reports.framework import (
    ADEQUATE,
    GOOD,
    INADEQUATE,
    NOT_JUDGED,
    OUTSTANDING,
    Area,
    Framework,
    Grid,
    Statement,
    Zone,
    front_letters,
    is_dated,
)

if TYPE_CHECKING:
    from transforms.reading.tidy import Text

_OF_SERVICES = r"(?:of(?:services|provision)?(?:for)?lookedafterchildren(?:andyoungpeople|andcareleavers)?)?"
_GRADE = r"grade"


def recognise(text: Text) -> float:
    """Certain with a title that names looked after children alone, and a label below it."""
    front = front_letters(text)
    if "inspectionoflookedafterchildren" not in front:
        return 0.0
    if "safeguardingandlookedafter" in front or "careleavers" in front[:400]:
        return 0.3
    return 0.9 if "agegroup" in front or is_dated(text) else 0.7


def _heading(area: str, words: str) -> Statement:
    return Statement(area, words + _OF_SERVICES + _GRADE, place="heading")


FRAMEWORKS = (
    Framework(
        code="looked_after_2013",
        name="Targeted inspection of looked after children services",
        inspectorate="Ofsted",
        since=date(2013, 4, 1),
        until=date(2013, 11, 1),
        takes_days=True,
        inspection_types=("targeted",),
        recognise=recognise,
        areas=(
            Area("overall", "Overall effectiveness", "overall", ("Overall effectiveness",)),
            Area("capacity_to_improve", "Capacity to improve", None, ("Capacity to improve",)),
            Area(
                "outcomes",
                "Outcomes for looked after children and young people",
                None,
                (
                    "Outcomes for looked after children and young people",
                    "Outcomes for looked after children",
                ),
            ),
            Area("quality_of_provision", "Quality of provision", None, ("Quality of provision",)),
            Area("leadership", "Leadership and management", "leadership", ("Leadership and management",)),
        ),
        grades=(OUTSTANDING, GOOD, ADEQUATE, INADEQUATE, NOT_JUDGED),
        source="Ofsted, Framework for the inspection of local authority arrangements for looked after children, 2013",
        grids=(Grid("table", opens=("Record of main findings",), where="back", beside="grade"),),
        statements=(
            _heading("overall", "overalleffectiveness"),
            _heading("capacity_to_improve", "capacitytoimprove(?:includingthemanagementofperformance)?"),
            _heading("outcomes", "outcomes(?:forlookedafterchildren(?:andyoungpeople)?)?"),
            _heading("quality_of_provision", "quality(?:ofprovision)?"),
            _heading("leadership", "leadershipandmanagement"),
        ),
        zones=(Zone(r"fourpointscale", r"serviceinformation|overalleffectiveness", reach=900),),
        wins=("table",),
    ),
)
