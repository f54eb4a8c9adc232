"""How an inspection framework is declared: what it judges, on which scale, in which years.

One module of this folder declares one or more `Framework` entries in `FRAMEWORKS`.
Years live on the item: an area or grade says since and until when it holds.

Places where a grade stands are declared, not programmed:

`Grid`       a printed table or list of labels and grades, read by order and by position;
`Statement`  a form of words that ends where the grade begins, as a heading or in a sentence;
`Zone`       a stretch of text whose grades are of something else (previous inspections, the
             scale itself) and are never read.

Wordings are compared as letters only (`transforms.reading.grades.letters`): lower case, no
spaces, digits, apostrophes or other marks. So declared wordings hold for damaged texts, split
and joined words, line breaks and footnote marks alike. Statement leads are regular expressions
over such letters.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transforms.reading.grades import Reading
    from transforms.reading.tidy import Text
    from transforms.reports.model import Report


@dataclass(frozen=True, slots=True)
class Grade:
    """One point of a scale, with the ways it is printed. `rank` is null off the four-point scale."""

    code: str
    name: str
    rank: int | None
    wordings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Area:
    """One thing a framework judges.

    Attributes:
        code: within the framework, snake_case of its own words.
        name: as the framework words it.
        conformed: code across frameworks, None where there is no counterpart.
        labels: wordings by which it is recognised in grids.
        headings: wordings of its heading in the body, where they differ from the labels.
        since, until: holds for inspections that begin on or after / before that day.
        required: its absence blocks the file.
        in_grid: it has a row in the printed grid (in the order of `Framework.areas`).
    """

    code: str
    name: str
    conformed: str | None
    labels: tuple[str, ...]
    since: date | None = None
    until: date | None = None
    required: bool = True
    in_grid: bool = True
    headings: tuple[str, ...] = ()

    def holds_on(self, day: date | None) -> bool:
        """Whether the area is judged in an inspection that begins on `day`."""
        if day is None:
            return self.since is None
        return (self.since is None or day >= self.since) and (self.until is None or day < self.until)


@dataclass(frozen=True, slots=True)
class Grid:
    """A printed table or list of areas with their grades.

    Attributes:
        place: name of the place in `Judgement.places`.
        opens: wordings (any of them) that stand above it; empty if nothing does. Where none is
            found the first label opens it.
        where: `front`, or `back` for the last occurrence of `opens` in the document.
        reach: letters after the opening within which the grid must lie.
        beside: regular expression over letters that may stand before or behind a grade
            in its cell, as in "Grade 4 (inadequate)".
    """

    place: str = "grid"
    opens: tuple[str, ...] = ()
    where: str = "front"
    reach: int = 1600
    beside: str = ""


@dataclass(frozen=True, slots=True)
class Statement:
    """A form of words after which a grade is stated.

    Attributes:
        area: code of the area it grades.
        lead: regular expression over letters; the grade's letters follow it directly. It should
            begin with plain letters: those are looked for first, which is fast.
        place: name of the place in `Judgement.places`: heading, sentence, ...
        starts: where the lead must begin: `line`, `sentence` (a line or after a full stop) or `anywhere`.
        ends: where the grade must end: `line`, `sentence` (a line or before punctuation or
            one of `then`) or `anywhere` (any end of a word).
        then: letters that may follow the grade within a sentence.
        where: `front` (page 1, or before the first section), `body` (after it) or `anywhere`.
        certain: a reading of its own; otherwise it only confirms or contradicts others.
        only: grade codes this form of words can state; empty for all.
        before: regular expression over letters that must stand before the lead and belong to it;
            make it optional where they may be missing.
    """

    area: str
    lead: str
    place: str = "heading"
    starts: str = "line"
    ends: str = "line"
    then: tuple[str, ...] = ()
    where: str = "anywhere"
    certain: bool = True
    only: tuple[str, ...] = ()
    before: str = ""


@dataclass(frozen=True, slots=True)
class Zone:
    """Text whose grades belong to something else.

    Attributes:
        opens: regular expression over letters.
        closes: regular expression over letters; the zone ends before it.
        reach: letters after which it ends at the latest.
        heading: `opens` must be whole lines.
        to_end: the zone runs to the end of the document if nothing closes it.
    """

    opens: str
    closes: str
    reach: int = 1500
    heading: bool = False
    to_end: bool = False


@dataclass(frozen=True, slots=True)
class Framework:
    """One inspection framework.

    Attributes:
        code: snake_case, e.g. `ilacs`, `sif`.
        name: as the inspectorate names it.
        inspectorate: `Ofsted`, `Ofsted and CQC`, ...
        since, until: first and last day (exclusive) on which an inspection under it began.
        inspection_types: codes of the kinds of inspection or visit it has.
        areas, grades: what it judges and on which scale; empty for letters without grades.
        recognise: confidence 0 (no) to 1 (certain) that a text is of this framework,
            from the words of the text alone.
        takes_days: no inspection under it takes a single day.
        family: `childrens_services` or `area_send`; inspections of one family follow each other.
        source: the published document that sets it out.
        grids, statements, zones: where grades stand, and where they must not be read.
        wins: places in the order in which they decide when places disagree; a disagreement
            that none of these decides blocks the file.
        waived: codes of required areas that this text shows were not judged.
        type_of: the kind of inspection, from the text and the report read so far (dates are
            there); None takes the first of `inspection_types`.
        read: for odd layouts, reads grades itself, in addition to what is declared.
        finish: last touches on the report when all readers are done.
        addressed_to: whom its recommendations address where the text names no one.
        bound_behind: codes of frameworks whose reports may have one of this bound behind them in one file.
    """

    code: str
    name: str
    inspectorate: str
    since: date
    until: date | None
    inspection_types: tuple[str, ...]
    recognise: Callable[[Text], float]
    areas: tuple[Area, ...] = ()
    grades: tuple[Grade, ...] = ()
    family: str = "childrens_services"
    takes_days: bool = False
    source: str = ""
    notes: tuple[str, ...] = field(default=())
    grids: tuple[Grid, ...] = ()
    statements: tuple[Statement, ...] = ()
    zones: tuple[Zone, ...] = ()
    wins: tuple[str, ...] = ()
    waived: Callable[[Text], frozenset[str]] | None = None
    type_of: Callable[[Text, Report], str] | None = None
    read: Callable[[Text, Framework], list[Reading]] | None = None
    finish: Callable[[Text, Report], None] | None = None
    addressed_to: str = "local_authority"
    bound_behind: tuple[str, ...] = ()

    def areas_on(self, day: date | None) -> tuple[Area, ...]:
        """Areas judged in an inspection that begins on `day`."""
        return tuple(a for a in self.areas if a.holds_on(day))


# What may stand between the words for an area and its grade: never a past tense, which tells of
# an earlier inspection; never "to be" alone, which is the tail of "requires improvement to be good"
# whose head is lost. "Judgement grade" is the head of a column that some readers put there.
IS = (
    r"(?:(?:key)?judge?ment(?:and)?grade|judge?ment)?"
    r"(?:(?:is|are)?(?:that)?(?:it|they|this|these)?(?:is|are)?(?:(?:judged|graded)(?:tobe|as)?)?)"
)
# What may follow a grade where a heading or a sentence goes on.
AFTER = ("because", "summary", "keyfindings", "inspectionfindings", "executivesummary", "andisnotyetgood", "priority")


def front_letters(text: Text) -> str:
    """The front of a report as letters only, for recognition."""
    lines = text.front or text.lines[:60]
    words = " ".join([line.key for line in lines])
    return words.encode("ascii", "ignore").translate(None, b" 0123456789").decode("ascii")


# Whom councils and schools write to, but no inspectorate.
_ADDRESS = re.compile(
    r"\bDear\b(?! (?i:residents?|parents?|famil(?:y|ies)|carers?|colleagues?|head ?teachers?|governors?|councillors?"
    r"|members?)\b)|\bYours sincerely\b"
)
_DATED = re.compile(r"(?:inspection|visit)s?dates?|dates?of(?:the)?(?:joint)?(?:inspection|visit|review)")
# Not the words of a sentence: "the report published today", "Report published by Ofsted".
_PUBLISHED = re.compile(r"\bReport ?published(?! ?(?:by|today|yesterday|this|last|earlier|here|online)\b)")


def is_dated(text: Text) -> bool:
    """Whether the front of a text has a report's label of dates, as minutes, news and guidance have not."""
    published = any(_PUBLISHED.search(line.text) for line in text.front or text.lines[:60])
    return published or _DATED.search(front_letters(text)) is not None


def is_addressed_or_dated(text: Text) -> bool:
    """Whether the front of a text has the address or close of a letter, or a report's label of dates.

    Minutes, news and guidance that quote a report's title and its sentences have none of them.
    """
    return any(_ADDRESS.search(line.text) for line in text.front or text.lines[:60]) or is_dated(text)


# The four-point scale as printed since 2013. Longer wordings are tried first, so that
# "requires improvement to be good" is never read as "good".
OUTSTANDING = Grade("outstanding", "Outstanding", 1, ("outstanding",))
GOOD = Grade("good", "Good", 2, ("good",))
REQUIRES_IMPROVEMENT = Grade(
    "requires_improvement",
    "Requires improvement to be good",
    3,
    (
        "requires improvement to be good",
        "require improvement to be good",
        "requiring improvement to be good",
        "required improvement to be good",
        "requires improvement",
        "require improvement",
        "requiring improvement",
    ),
)
ADEQUATE = Grade("adequate", "Adequate", 3, ("adequate",))
INADEQUATE = Grade("inadequate", "Inadequate", 4, ("inadequate",))
NOT_JUDGED = Grade(
    "not_judged",
    "Not judged",
    None,
    ("not judged", "no judgement made", "no judgement", "not inspected", "not applicable", "not graded"),
)
FOUR_POINT = (OUTSTANDING, GOOD, REQUIRES_IMPROVEMENT, INADEQUATE, NOT_JUDGED)
