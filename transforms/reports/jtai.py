"""Joint targeted area inspections: letters to the partners of an area, without grades.

Ofsted, the CQC, the inspectorate of constabulary and sometimes that of probation look at one
theme since 2016. The letter names strengths, areas for improvement and, since 2022, areas for
priority action, and asks one body for a written statement of proposed action.
"""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

from transforms.reports.framework import Framework, front_letters, is_addressed_or_dated

if TYPE_CHECKING:
    from transforms.reading.tidy import Text

_TITLE = re.compile(r"jointtargetedareainspection(?:s)?(?:jtai)?(?:of|in|for|on|to|into)")
_PARTNERS = (
    "carequalitycommission",
    "inspectorateofconstabulary",
    "hmicfrs",
    "hmic",
    "inspectorateofprobation",
    "hmiprobation",
)


def recognise(text: Text) -> float:
    """Certain with the title, an address or dates, and a partner inspectorate or the letter's opening."""
    front = front_letters(text)
    match = _TITLE.search(front)
    if match is None or "judgementgrade" in front or "impactofleaders" in front:
        return 0.0
    if not is_addressed_or_dated(text):
        return 0.5
    early = match.start() < 1500
    partners = any(name in front for name in _PARTNERS)
    opening = "thislettersummarisesthefindings" in front or "multiagencyresponse" in front
    return 0.5 * early + 0.25 * partners + 0.25 * opening


FRAMEWORKS = (
    Framework(
        code="jtai",
        name="Joint targeted area inspections",
        inspectorate="Ofsted, CQC, HMICFRS and HMI Probation",
        since=date(2016, 1, 1),
        until=None,
        takes_days=True,
        inspection_types=("joint_inspection",),
        recognise=recognise,
        addressed_to="partnership",
        source="Ofsted, CQC, HMICFRS and HMI Probation, Joint targeted area inspections: framework and guidance",
        notes=("Letters without grades: no judgements.",),
    ),
)
