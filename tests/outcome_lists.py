"""Made-up lists of inspection outcomes in the layouts they come in, and what is read of them."""

from __future__ import annotations

from datetime import date

from tests.sheets import Value, ods
from transforms.authorities import Register
from transforms.official_list import OfficialList, read_official_list

GOOD, RI, POOR = "Good", "Requires improvement to be good", "Inadequate"
HEAD = [
    "Web link", "Local authority area code", "Local authority name", "Ofsted region", "Inspection date",
    "Publication date", "Inspection type", "Overall effectiveness",
    "The impact of leaders on social work practice with children and families",
    "The experiences and progress of children who need help and protection",
    "The experiences and progress of children in care", "The experiences and progress of care leavers",
]  # fmt: skip
LEEDS = [
    "page", "E08000035", "Leeds", "North", date(2024, 3, 4), date(2024, 5, 1), "ILACS Standard Inspection",
    GOOD, GOOD, RI, GOOD, POOR,
]  # fmt: skip
WIDE = [
    "Web link", "Local authority name", "LA region",
    "Safeguarding & Looked After Children (SLAC) Inspection publication date",
    "SLAC Safeguarding Overall effectiveness (OE)", "SLAC Looked After Children Overall Effectiveness (OE)",
    "SLAC re-inspection of services for Children Looked After publication date",
    "SLAC re-inspection of services Children Looked After OE", "Child Protection Re-Inspection (CPRI) publication date",
    "CPRI Overall Effectiveness (OE)", "Targeted Looked After Children (TLAC) inspection publication date",
    "TLAC Overall Effectiveness (OE)",
    "Single Inspection of LA Children's Services (SIF)  First SIF publication date",
    " First SIF Overall Judgement\n(OE)", " First SIF CLA Sub: Adoption Performance", "LSCB Overall Effectiveness ",
    "Single Inspection of LA Children's Services (SIF) SIF Re-inspection publication date",
    " SIF Re-inspection Overall Judgement\n(OE)", "First ILACS framework inspection type",
    "First ILACS framework publication date", "First ILACS framework overall effectiveness",
    "Second ILACS framework inspection type", "Second ILACS framework publication date",
    "Second ILACS framework overall effectiveness", "Second ILACS framework experiences and progress of care leavers",
]  # fmt: skip
DUDLEY = [
    "page", "Dudley", "West Midlands", date(2011, 3, 4), RI, GOOD, date(2012, 5, 6), RI, date(2013, 7, 8), POOR,
    date(2013, 8, 9), RI, date(2016, 4, 1), POOR, " -", RI, date(2017, 11, 12), RI, "ILACS Standard Inspection",
    date(2019, 2, 3), GOOD, "ILACS Short Inspection", date(2023, 6, 7), GOOD, GOOD,
]  # fmt: skip


def read(register: Register, *rows: list[Value], name: str = "Some sheet") -> OfficialList:
    return read_official_list(ods({name: list(rows)}), "a" * 64, register)


def graded(found: OfficialList) -> dict[tuple[str, str | None, str | None], str | None]:
    return {(s.framework_code, s.inspection_type, s.area_code): s.grade_code for s in found.statements}


def codes(found: OfficialList) -> list[str]:
    return [problem.code for problem in found.problems]
