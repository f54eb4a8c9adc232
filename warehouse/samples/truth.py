"""What a made-up report says, and how it is set: the two halves a rendering is made from.

A `Truth` is drawn from a seed and holds every fact that a parser should find in the
rendering. A `Style` changes the look alone: two renderings of one truth in two styles
state the same facts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

MADE_UP = "Made-up sample, not a real inspection"


@dataclass(frozen=True, slots=True)
class SampleAuthority:
    """A made-up authority, as in `authorities.csv`.

    Attributes:
        la_code, gss_code: invented codes that no real authority bears.
        name: as in the register.
        printed: as the front of a report prints it, e.g. "Brackenshire County Council".
        ofsted_urn: by which the inspectorate's folders are named.
    """

    la_code: str
    gss_code: str
    name: str
    printed: str
    ofsted_urn: str


@dataclass(frozen=True, slots=True)
class SampleRecommendation:
    """One recommendation; `heading` is the section it is printed under."""

    kind: str
    text: str
    heading: str
    number: str | None = None
    paragraphs: tuple[str, ...] = ()
    addressed_to: str = "local_authority"


@dataclass(frozen=True, slots=True)
class SamplePrevious:
    """One earlier inspection that the text names; `month` is the first of its month."""

    what: str
    conformed_area_code: str
    month: date
    grade_code: str


@dataclass(frozen=True, slots=True)
class SampleFigure:
    """One figure that a sentence states; `heading` is the section it is printed under."""

    value: float
    unit: str
    sentence: str
    heading: str


@dataclass(frozen=True, slots=True)
class SampleJudgement:
    """One graded area: code within the framework, the label the grid prints, the grade."""

    area_code: str
    conformed_area_code: str | None
    label: str
    grade_code: str


@dataclass(frozen=True, slots=True)
class SamplePerson:
    """One member of the inspection team."""

    role: str
    name: str
    title: str | None = None
    organisation: str | None = None


@dataclass(frozen=True, slots=True)
class Truth:
    """Every fact stated in one made-up report."""

    layout: str
    framework_code: str
    inspection_type: str
    authority: SampleAuthority
    start: date
    end: date
    published: date
    prints_published: bool
    judgements: tuple[SampleJudgement, ...] = ()
    people: tuple[SamplePerson, ...] = ()
    recommendations: tuple[SampleRecommendation, ...] = ()
    previous: tuple[SamplePrevious, ...] = ()
    figures: tuple[SampleFigure, ...] = ()
    sections: tuple[tuple[str, tuple[str, ...]], ...] = ()
    topic: str = ""

    @property
    def lead_inspector(self) -> str | None:
        """Name of the lead inspector, or None."""
        return next((p.name for p in self.people if p.role == "lead_inspector"), None)

    def grade(self, area_code: str) -> str:
        """Grade code of one area.

        Raises:
            KeyError: the area is not judged in this report.
        """
        for judgement in self.judgements:
            if judgement.area_code == area_code:
                return judgement.grade_code
        raise KeyError(area_code)


@dataclass(frozen=True, slots=True)
class Style:
    r"""How a report is set. Every combination states the same facts.

    Attributes:
        font: `sans`, `serif` or `embedded` (a TrueType face with its own encoding).
        size: of the body in points.
        columns: of the body, from the second page on.
        grid_order: order in which a table is drawn: `rows`, `columns` or `lines`.
        grade_place: `beside` its label, or `below` it in the same cell.
        grade_align: where a grade stands beside a label of several lines.
        header, footer: whether running lines are printed.
        furniture_first: running lines come before the page's text in content order.
        footnote_mark: a footnote's number is glued to the title.
        hyphenate: long words are split at line ends.
        bullet: the glyph of bullets; `\uf06e` stands for a private-use one.
        apostrophe, dash: the characters used for them.
        dates: form of the inspection window.
        upper_grades: `title` as the frameworks print them, `lower` or `upper`.
        cells_apart: in plain text, every cell of a table stands on lines of its own.
        colon_gap: a space before the colon of labels on the front.
    """

    font: str = "sans"
    size: float = 11.0
    columns: int = 1
    grid_order: str = "rows"
    grade_place: str = "beside"
    grade_align: str = "top"
    header: bool = False
    footer: bool = True
    furniture_first: bool = False
    footnote_mark: bool = False
    hyphenate: bool = False
    bullet: str = "•"
    apostrophe: str = "’"
    dash: str = "–"
    dates: str = "full_to"
    upper_grades: str = "title"
    cells_apart: bool = False
    colon_gap: bool = False
