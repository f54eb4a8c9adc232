"""What is read from a report: plain values that cross from parser processes to the warehouse.

Kept free of Polars: parser processes start fast and stay small.
`page` is 1-based; `evidence` is the words a value was read from, as printed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date


@dataclass(slots=True)
class Judgement:
    """One graded area. `places` names where it was read: grid, heading, sentence, table."""

    area_code: str
    conformed_area_code: str | None
    area_name: str
    grade_code: str
    grade_name: str
    page: int
    evidence: str
    places: tuple[str, ...] = ()


@dataclass(slots=True)
class Recommendation:
    """One recommendation, area for improvement or priority action."""

    kind: str  # recommendation | area_for_improvement | priority_action
    text: str
    page: int
    number: str | None = None
    section: str | None = None  # heading it stands under, as printed
    addressed_to: str = "local_authority"  # local_authority | lscb | partnership | named body
    paragraphs: tuple[str, ...] = ()  # paragraph numbers it cites
    is_incomplete: bool = False  # a line of it is evidently missing from the text


@dataclass(slots=True)
class Paragraph:
    """One paragraph of the report's body under its section heading."""

    text: str
    page: int
    number: str | None = None
    section: str | None = None
    is_incomplete: bool = False  # a line of it is evidently missing from the text


@dataclass(slots=True)
class Person:
    """One member of the inspection team, in printed order."""

    role: str  # lead_inspector | deputy_lead_inspector | inspector | quality_assurance | ...
    name: str
    page: int
    title: str | None = None  # "His Majesty's Inspector", "HMI", "Senior HMI"
    organisation: str | None = None


@dataclass(slots=True)
class Tenure:
    """What the report says of who holds an office and since when."""

    office: str  # director_of_childrens_services | lscb_chair
    statement: str
    page: int
    since: date | None = None
    since_precision: str | None = None  # day | month | year
    is_interim: bool | None = None
    name: str | None = None


@dataclass(slots=True)
class PreviousInspection:
    """An earlier inspection as the text states it. Not corrected: reports are sometimes wrong."""

    statement: str
    page: int
    what: str | None = None  # as worded
    conformed_area_code: str | None = None
    date: date | None = None
    date_precision: str | None = None  # day | month | year
    grade_code: str | None = None


@dataclass(slots=True)
class Figure:
    """One figure stated in a sentence."""

    value: float
    unit: str  # count | percent | rate_per_10k | days | years | ...
    sentence: str
    page: int
    subject: str | None = None  # what is counted, in the report's words
    period: str | None = None  # as worded
    comparator: str | None = None  # england | statistical_neighbours | region | previous | None
    value_as_printed: str = ""
    indicator_code: str | None = None  # only where the rule that says so is certain


@dataclass(slots=True)
class Problem:
    """Something that was not as expected.

    A `blocking` problem sends the file to quarantine; a `warning` is recorded beside the facts.
    """

    code: str  # snake_case, e.g. missing_area, places_disagree, no_published_date
    severity: str  # blocking | warning
    message: str  # place, found, expected
    page: int | None = None
    found: str | None = None
    expected: str | None = None
    place: str | None = None  # where there are no pages: sheet, row and column, or line


@dataclass(slots=True)
class AuthorityRef:
    """One authority as resolved in the register, in force on the day of the inspection."""

    la_code: str
    gss_code: str | None
    authority_name: str
    as_printed: str


@dataclass(slots=True)
class Report:
    """One inspection report. A file usually holds one; a joint report names several authorities."""

    framework_code: str
    inspection_type: str
    authorities: list[AuthorityRef] = field(default_factory=list)
    title: str | None = None
    inspection_start_date: date | None = None
    inspection_end_date: date | None = None
    windows: tuple[tuple[date, date], ...] = ()
    published_date: date | None = None  # printed in the report only; other sources join later
    published_date_page: int | None = None
    people: list[Person] = field(default_factory=list)
    tenures: list[Tenure] = field(default_factory=list)
    judgements: list[Judgement] = field(default_factory=list)
    recommendations: list[Recommendation] = field(default_factory=list)
    paragraphs: list[Paragraph] = field(default_factory=list)
    previous_inspections: list[PreviousInspection] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def lead_inspector(self) -> str | None:
        """Name of the first lead inspector, or None."""
        return next((p.name for p in self.people if p.role == "lead_inspector"), None)

    @property
    def is_blocked(self) -> bool:
        """Whether any problem keeps the file out of the star."""
        return any(p.severity == "blocking" for p in self.problems)
