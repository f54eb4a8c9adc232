"""How an inspection framework is declared: what it judges, on which scale, in which years.

One module of this folder declares one or more `Framework` entries in `FRAMEWORKS`.
Years live on the item: an area or grade says since and until when it holds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transforms.reading.tidy import Text


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
        labels: wordings by which it is recognised in grids and headings.
        since, until: holds for inspections that begin on or after / before that day.
        required: its absence blocks the file.
    """

    code: str
    name: str
    conformed: str | None
    labels: tuple[str, ...]
    since: date | None = None
    until: date | None = None
    required: bool = True

    def holds_on(self, day: date | None) -> bool:
        """Whether the area is judged in an inspection that begins on `day`."""
        if day is None:
            return self.since is None
        return (self.since is None or day >= self.since) and (self.until is None or day < self.until)


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
        source: the published document that sets it out.
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
    source: str = ""
    notes: tuple[str, ...] = field(default=())

    def areas_on(self, day: date | None) -> tuple[Area, ...]:
        """Areas judged in an inspection that begins on `day`."""
        return tuple(a for a in self.areas if a.holds_on(day))
