"""SLAC: inspections of safeguarding and looked after children services, 2009 to 2012.

One report judges two services on the four-point scale with "adequate", each with an overall
effectiveness, a capacity for improvement and up to ten further grades. Many labels stand in both
halves ("Overall effectiveness", "Quality of provision"): which half a grade belongs to is told by
the last part heading before it. A grade stands behind its heading in the body, as
"Grade 3 (Adequate)", and in the closing table "Record of main findings".

The overall effectiveness of safeguarding conforms to `safeguarding`, that of services for looked
after children to `children_in_care`. Re-inspections judge one half alone.
"""

from __future__ import annotations

import re
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING

from transforms.reading.grades import Letters, Reading, letters, scale_of
from transforms.reports.framework import (
    ADEQUATE,
    GOOD,
    INADEQUATE,
    OUTSTANDING,
    Area,
    Framework,
    Statement,
    front_letters,
)
from transforms.reports.model import Problem

if TYPE_CHECKING:
    from transforms.reading.tidy import Text
    from transforms.reports.model import Report

_GRADES = (OUTSTANDING, GOOD, ADEQUATE, INADEQUATE)
_RECORD = letters("Record of main findings")

# Labels as letters, to the code of the area within its half.
_LABELS = {
    "overall_effectiveness": ("overalleffectiveness", "theoveralleffectiveness"),
    "capacity_for_improvement": ("capacityforimprovement", "capacitytoimprove", "thecapacityforimprovement"),
    "leadership_and_management": ("leadershipandmanagement",),
    "ambition_and_prioritisation": ("ambitionandprioritisation",),
    "performance_management": ("performancemanagementandqualityassurance", "performancemanagement"),
    "partnership_working": ("partnershipworking", "partnerships"),
    "quality_of_provision": ("qualityofprovision", "thequalityofprovision"),
    "equality_and_diversity": ("equalityanddiversity",),
    "value_for_money": ("valueformoney",),
    "user_engagement": ("userengagement",),
    "outcomes": ("outcomesforchildrenandyoungpeople",),
}
_SAFEGUARDING_LABELS = {
    **_LABELS,
    "outcomes": ("safeguardingoutcomesforchildrenandyoungpeople", "safeguardingoutcomes"),
    "safe_and_feel_safe": ("childrenandyoungpeoplearesafeandfeelsafe",),
    "health_contribution": ("thecontributionofhealthagenciestokeepingchildrenandyoungpeoplesafe",),
    "workforce_and_resources": ("effectivenessoftheserviceresponsibilities", "workforcedevelopment"),
}
_LOOKED_AFTER_LABELS = {
    **_LABELS,
    "being_healthy": ("beinghealthy",),
    "staying_safe": ("stayingsafe",),
    "enjoying_and_achieving": ("enjoyingandachieving",),
    "positive_contribution": ("makingapositivecontributionincludinguserengagement", "makingapositivecontribution"),
    "economic_wellbeing": ("economicwellbeing", "achievingeconomicwellbeing"),
}
_NAMES = {
    "overall_effectiveness": "Overall effectiveness",
    "capacity_for_improvement": "Capacity for improvement",
    "leadership_and_management": "Leadership and management",
    "ambition_and_prioritisation": "Ambition and prioritisation",
    "performance_management": "Performance management and quality assurance",
    "partnership_working": "Partnership working",
    "quality_of_provision": "Quality of provision",
    "equality_and_diversity": "Equality and diversity",
    "value_for_money": "Value for money",
    "user_engagement": "User engagement",
    "outcomes": "Outcomes for children and young people",
    "safe_and_feel_safe": "Children and young people are safe and feel safe",
    "health_contribution": "The contribution of health agencies to keeping children and young people safe",
    "workforce_and_resources": "Workforce and resources",
    "being_healthy": "Being healthy",
    "staying_safe": "Staying safe",
    "enjoying_and_achieving": "Enjoying and achieving",
    "positive_contribution": "Making a positive contribution, including user engagement",
    "economic_wellbeing": "Economic well-being",
}
# Part headings, whole lines: what follows belongs to that half.
_HALVES = (
    (
        re.compile(r"(?:theinspectionof)?safeguardingservices|safeguardingoutcomes(?:forchildrenandyoungpeople)?"),
        "safeguarding",
    ),
    (
        re.compile(
            r"(?:theinspectionof)?(?:servicesfor)?(?:lookedafterchildren|childrenlookedafter)"
            r"(?:andyoungpeople)?(?:services)?"
            r"|outcomesforlookedafterchildren(?:andcareleavers)?|outcomesforchildrenlookedafterandcareleavers"
            r"|howgoodareoutcomesforlookedafterchildrenandcareleavers"
        ),
        "looked_after",
    ),
)
_CONFORMED = {
    ("safeguarding", "overall_effectiveness"): "safeguarding",
    ("looked_after", "overall_effectiveness"): "children_in_care",
}
_SENTENCES = {
    "safeguarding": r"theoveralleffectivenessof(?:the)?safeguardingservices(?:for[a-z]{6,40}?)?(?:in[a-z]{3,40}?)?",
    "looked_after": r"theoveralleffectivenessof(?:the)?servicesfor(?:lookedafterchildren|childrenlookedafter)"
    r"(?:andyoungpeople|andcareleavers)?(?:in[a-z]{3,40}?)?",
}
_IS = r"(?:is|are)(?:judged)?(?:tobe|as)?"


def _title(text: Text) -> str:
    """Letters of the front up to the dates, where only the title and the authority stand."""
    front = front_letters(text)[:3000]
    found = re.search("inspectiondate|reportinginspector|leadinspector|agegroup", front)
    return front[: found.start()] if found else front[:400]


def recognise(text: Text) -> float:
    """Certain with a title of safeguarding services, or of looked after children in the manner of that time."""
    title = _title(text)
    both = re.search(r"inspectionofsafeguarding(?:andlookedafterchildren|andchildrenlookedafter)?(?:services)?", title)
    again = re.search(r"reinspectionof(?:servicesfor)?(?:safeguarding|lookedafterchildren|childrenlookedafter)", title)
    if not both and not again:
        return 0.0
    front = front_letters(text)[:3000]
    signs = sum(word in front for word in ("reportinginspector", "agegroup", "inspectiondate", "published"))
    return min(0.7 + 0.1 * signs, 1.0) if signs > 1 else 0.7  # minutes too say when it was published


def type_of(text: Text, report: Report) -> str:
    """A re-inspection says so in its title."""
    return "re_inspection" if "reinspection" in _title(text) else "inspection"


def _halves_named(text: Text) -> set[str]:
    """Halves that the title names; both where it names neither."""
    title = _title(text)
    named = {"safeguarding"} if "safeguarding" in title else set()
    if "lookedafter" in title:
        named.add("looked_after")
    return named or {"safeguarding", "looked_after"}


def waived(text: Text) -> frozenset[str]:
    """The half that the title of a re-inspection does not name."""
    missing = {"safeguarding", "looked_after"} - _halves_named(text)
    return frozenset(f"{half}_overall_effectiveness" for half in missing)


def _areas() -> tuple[Area, ...]:
    found = []
    for half, labels in (("safeguarding", _SAFEGUARDING_LABELS), ("looked_after", _LOOKED_AFTER_LABELS)):
        found += [
            Area(
                f"{half}_{code}",
                f"{'Safeguarding services' if half == 'safeguarding' else 'Services for looked after children'}: "
                f"{_NAMES[code]}",
                _CONFORMED.get((half, code)),
                (),  # the label alone does not tell which half it stands in: `read_grades` does
                required=code == "overall_effectiveness",
                in_grid=False,
            )
            for code in labels
        ]
    return tuple(found)


def _pattern() -> tuple[re.Pattern[str], dict[str, str]]:
    """Labels of both halves, longest first, and the code each stands for."""
    codes = {
        label: code
        for labels in (_SAFEGUARDING_LABELS, _LOOKED_AFTER_LABELS)
        for code in labels
        for label in labels[code]
    }
    words = "|".join(sorted(codes, key=len, reverse=True))
    scale = scale_of(_GRADES)
    return re.compile(f"(?P<label>{words})(?:grade)?(?P<grade>{scale.pattern})"), codes


_GRADED, _CODES = _pattern()
_BODY_GRADE = re.compile(f"grade(?:{scale_of(_GRADES).pattern})")
_ROW_GRADE = re.compile(f"(?:grade)?(?:{scale_of(_GRADES).pattern})(?:grade)?")
_ANY_LABEL = re.compile("|".join(sorted(_CODES, key=len, reverse=True)))


def read_grades(text: Text, framework: Framework) -> list[Reading]:
    """Graded headings of the body and rows of the closing record, each in its half.

    Where the part headings of a half are lost, its labels cannot be told from the other half's:
    readings there only confirm or contradict others.
    """
    letter = Letters(text)
    record = letter.all.rfind(_RECORD)
    record = record if record >= 0 else len(letter.all)
    named = _halves_named(text)
    body = [(at, half) for at, half in _part_headings(letter) if at < record]
    rows = [(m.start(), half) for pattern, half in _HALVES for m in pattern.finditer(letter.all, record)]
    found = []
    for place, halves, start, end in (
        ("heading", body, 0, record),
        ("record", sorted(rows), record, len(letter.all)),
    ):
        matches = _graded(letter, start, end)
        if place == "record" and not _take_turns(letter, record, matches):
            continue
        certain = named <= {half for _, half in halves} and _is_sound(letter, place, halves, end, matches)
        certain = certain and (place != "record" or _begin_whole(halves, matches))
        for match in matches:
            half = next((name for at, name in reversed(halves) if at <= match.start()), None)
            reading = _reading(letter, framework, match, half, place, certain)
            if reading is not None:
                found.append(reading)
    doubtful = _doubtful(found)
    for reading in found:
        reading.certain = reading.certain and reading.area not in doubtful
    return found


def _graded(letter: Letters, start: int, end: int) -> list[re.Match[str]]:
    """Labels at the start of a line with a grade, and nothing but its number, behind them."""
    return [
        m
        for m in _GRADED.finditer(letter.all, start, end)
        if letter.is_edge(m.start()) and (letter.is_edge(m.end()) or not _rest(letter, m.end()))
    ]


def _rest(letter: Letters, end: int) -> str:
    return letter.after(end).lower().replace("grade", "").strip(" ()0123456789.:-")


def _reading(
    letter: Letters, framework: Framework, match: re.Match[str], half: str | None, place: str, certain: bool
) -> Reading | None:
    """One reading, or None where the half does not have the label."""
    code = f"{half}_{_CODES[match['label']]}"
    if half is None or all(area.code != code for area in framework.areas):
        return None
    grade = scale_of(framework.grades).codes[match["grade"]]
    name = letter.printed(match.start("grade"), match.end())
    label = letter.printed(match.start(), match.end("label"))
    return Reading(code, grade, place, match.start(), match.end(), name, certain, label)


def _part_headings(letter: Letters) -> list[tuple[int, str]]:
    """Where each half begins in the body: lines that are its heading, or run on into a label.

    A line of the contents ends in its page number and begins nothing.
    """
    found = []
    offset = 0
    for line in letter.text.lines:
        for pattern, half in _HALVES:
            match = pattern.match(letter.all, offset)
            if match is None:
                continue
            end = match.end()
            alone = letter.is_edge(end) or _ANY_LABEL.match(letter.all, end)
            if alone and not letter.line(end - 1).key[-1:].isdigit():
                found.append((offset, half))
        offset += len(letters(line.key))
    return found


def _doubtful(found: list[Reading]) -> set[str]:
    """Areas that the record grades in the other half only: a heading there strayed from its half."""
    rows = {reading.area for reading in found if reading.place == "record" and reading.certain}
    other = {"safeguarding": "looked_after", "looked_after": "safeguarding"}
    return {
        f"{half}_{code}"
        for half in other
        for code in _LABELS
        if f"{other[half]}_{code}" in rows and f"{half}_{code}" not in rows
    }


def _is_sound(
    letter: Letters, place: str, halves: list[tuple[int, str]], end: int, matches: list[re.Match[str]]
) -> bool:
    """Whether no grade stands without a label, nor, in the record, a label without a grade.

    A grade whose label is lost shows that others may have slipped to labels not their own.
    """
    start = min((at for at, _ in halves), default=end)
    held = [m.span() for m in matches]
    pattern = _ROW_GRADE if place == "record" else _BODY_GRADE
    for orphan in pattern.finditer(letter.all, start, end):
        whole = place != "record" or (letter.is_edge(orphan.start()) and letter.is_edge(orphan.end()))
        if whole and not any(a <= orphan.start() < b for a, b in held):
            return False
    if place != "record":
        return True
    labels = [m for m in _ANY_LABEL.finditer(letter.all, start, end) if letter.is_edge(m.start())]
    return len(labels) == len(matches)


def _begin_whole(halves: list[tuple[int, str]], rows: list[re.Match[str]]) -> bool:
    """Whether each half of the record begins with its overall effectiveness: else rows strayed from their half."""
    firsts = [next((m for m in rows if m.start() > at), None) for at, _ in halves]
    return all(m is None or _CODES[m["label"]] == "overall_effectiveness" for m in firsts)


def _take_turns(letter: Letters, record: int, rows: list[re.Match[str]]) -> bool:
    """Whether every label of the record has its grade directly behind it.

    A table read column by column has one row that looks whole: its last label and first grade.
    """
    labels = [m for m in _ANY_LABEL.finditer(letter.all, record) if letter.is_edge(m.start())]
    starts = {m.start() for m in rows}
    bare = [m for m in labels if m.start() not in starts]
    return len(rows) >= 2 and not any(a.end() == b.start() for a, b in pairwise(bare))


def note_ungraded(text: Text, report: Report) -> None:
    """Say so where the closing record lists more labels than grades were read for."""
    letter = Letters(text)
    record = letter.all.rfind(_RECORD)
    if record < 0:
        return
    listed = sum(1 for m in _ANY_LABEL.finditer(letter.all, record) if letter.is_edge(m.start()))
    if listed > len(report.judgements):
        report.problems.append(
            Problem(
                "ungraded_areas",
                "warning",
                f"record of main findings: {listed} labels, {len(report.judgements)} of them read with a grade",
                page=letter.page(record),
                found=str(len(report.judgements)),
                expected=str(listed),
            )
        )


FRAMEWORKS = (
    Framework(
        code="slac",
        name="Inspection of safeguarding and looked after children services",
        inspectorate="Ofsted and CQC",
        since=date(2009, 4, 1),
        until=date(2012, 12, 1),
        takes_days=True,
        inspection_types=("inspection", "re_inspection"),
        recognise=recognise,
        areas=_areas(),
        grades=_GRADES,
        source="Ofsted, Safeguarding and looked after children services: framework and evaluation schedule",
        statements=tuple(
            Statement(
                f"{half}_overall_effectiveness",
                words + _IS,
                place="sentence",
                starts="sentence",
                ends="sentence",
            )
            for half, words in _SENTENCES.items()
        ),
        waived=waived,
        type_of=type_of,
        read=read_grades,
        finish=note_ungraded,
    ),
)
