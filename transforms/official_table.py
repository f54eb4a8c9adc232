"""One table of an official list, read row by row into statements.

A line tells of one inspection of an authority, or of several, each in a block of columns of its own
(`transforms.official_headers`); it is a row, or the rows of one inspection in a list with a row for each
judgement (`transforms.official_lines`). What cannot be told for certain is left out and named with its place.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING

from transforms.official_cells import (
    EARLIEST,
    FAMILY,
    LAG,
    LONGEST,
    NEAR,
    NO_RANK,
    NOTHING,
    RANKS,
    SAME,
    Days,
    area_of,
    grade_of,
    is_filled,
    is_withheld,
    read_day,
    text_of,
    wordings,
)
from transforms.official_headers import Block, Heading
from transforms.official_lines import Line, lines_of, warning
from transforms.official_wordings import framework_named, heading_words, is_unsure, says_again, words
from transforms.reports import frameworks
from transforms.reports.framework import Framework, Grade
from transforms.reports.model import Problem
from transforms.spreadsheets import Cell, Sheet, letters

if TYPE_CHECKING:
    from transforms.authorities import Authority, Register


def _kind_of_ilacs(kind: str) -> re.Pattern[str]:
    services = r"(?:\bilacs\b|\b(?:la|local authority) children s services\b)"
    return re.compile(rf"{services}.*\b{kind}\b|\b{kind}\b.*{services}|^{kind}(?: inspection)?$")


# Kinds of inspection and visit as lists name them; the first that matches is meant.
_KINDS = (
    (re.compile(r"focus+ed"), "ilacs_visit", "focused_visit"),
    (re.compile(r"monitoring"), "ilacs_visit", "monitoring_visit"),
    (re.compile(r"assurance"), "ilacs_visit", "assurance_visit"),
    (re.compile(r"joint targeted|\bjtai\b"), "jtai", "joint_inspection"),
    (_kind_of_ilacs("short"), "ilacs", "short"),
    (_kind_of_ilacs("standard"), "ilacs", "standard"),
    (re.compile(r"\blscb\b|safeguarding children board"), "lscb", "lscb_review"),
)
_OF_CELLS = frozenset(
    ("unknown_area", "unknown_grade", "grades_disagree")
)  # problems that leave out no whole inspection
_PLAIN_KIND = re.compile(r"(?:full |graded |local authority |la |children s services )*inspection")
_NUMBERS = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-]\d{2,4}\b")
_GSS = re.compile(r"[A-Z]\d{8}")


@dataclass(slots=True)
class Statement:
    """One grade as one cell states it, or one inspection without grades.

    Attributes:
        sheet, row, column: of the cell, as a person counts them; the column in letters.
        area_code, grade_code: of the framework; None for an inspection without grades.
        inspection_type: None where the list does not say.
    """

    sheet: str
    row: int
    column: str
    framework_code: str
    inspection_type: str | None
    la_code: str
    authority_as_printed: str
    code_as_printed: str | None
    inspection_start_date: date | None
    published_date: date | None
    area_code: str | None = None
    conformed_area_code: str | None = None
    area_name: str | None = None
    grade_code: str | None = None
    grade_name: str | None = None


@dataclass(slots=True)
class OfficialList:
    """What one list states.

    Attributes:
        kind: `ods`, `xlsx` or `csv`.
        title: the first words that name a year.
        published_date: of the list itself, where its cover says.
        as_at_date: the latest day "as at" which it says to be, where it says.
        problems: rows that could not be read, and the sheets that were not.
    """

    sha256: str
    kind: str
    title: str | None = None
    published_date: date | None = None
    as_at_date: date | None = None
    statements: list[Statement] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


class OutcomeTable:
    """One table of a sheet, read row by row into the statements of its list."""

    def __init__(self, sheet: Sheet, heading: Heading, register: Register, found: OfficialList) -> None:
        self.sheet = sheet
        self.heading = heading
        self.register = register
        self.found = found
        self.by_code = {f.code: f for f in frameworks()}
        self.lines: list[Line] = []
        self.below: list[list[Cell]] = []
        self.month_first: dict[int, bool] = {}
        self.ranked: dict[int, bool] = {}
        self.alike: dict[tuple[int, ...], bool] = {}

    def read(self, end: int) -> None:
        """Read the rows below the heading, up to a row number."""
        self.heading, self.lines = lines_of(self.sheet, self.heading, end, self.found.problems)
        self.below = [line.cells for line in self.lines]
        if self._is_of_others():
            return
        before = len(self.found.statements)
        for line in self.lines:
            row = line.cells
            names = list(dict.fromkeys(name for n in self.heading.authorities if (name := text_of(row, n))))
            for block in line.blocks:
                filled = [column for column in block.columns if is_filled(row, column)]
                if not filled:
                    continue
                if names or _codes(row, self.heading):
                    self._read_inspection(line, block, names)
                else:
                    self._reject("unknown_place", line, filled[0], text_of(row, filled[0]), "an authority beside it")
        self._drop_too_near(before)
        self._name_unread()

    def _is_of_others(self) -> bool:
        """Whether most codes of a column are of no authority or region: then the rows are of providers."""
        for column in self.heading.codes:
            codes = [text for row in self.below if words(text := text_of(row, column)) not in NOTHING]
            unknown = [code for code in codes if not self._is_of_a_place(code)]
            if len(unknown) > len(codes) / 2:
                place = f"sheet {self.sheet.name}, column {letters(column)}"
                found, expected = f"{len(unknown)} of {len(codes)} codes of no authority", "codes of authorities"
                message = f"{place}: found {found}, expected {expected}; table not read"
                self.found.problems.append(warning("table_not_read", message, place, found, expected))
                return True
        return False

    def _is_of_a_place(self, code: str) -> bool:
        known = self.register.by_gss(code) or self.register.by_la_code(code) or self.register.by_urn(code)
        return known is not None

    def _drop_too_near(self, before: int) -> None:
        """Leave out graded inspections of one authority within weeks of each other: these are of something else."""
        days: dict[tuple[str, str, str | None], dict[date, Statement]] = {}
        own = self.found.statements[before:]
        for s in own:
            if s.grade_code is not None and (day := s.inspection_start_date or s.published_date):
                days.setdefault((s.la_code, s.framework_code, s.inspection_type), {}).setdefault(day, s)
        near = set()
        for of, known in days.items():
            pairs = [(one, other) for one, other in pairwise(sorted(known)) if SAME < other - one < NEAR]
            if pairs:
                near.add(of)
                one, other = pairs[0]
                place = f"sheet {self.sheet.name}, row {known[other].row}"
                stated = f"inspections of {known[other].authority_as_printed} on {one} and {other}"
                message = f"{place}: found {stated}, expected months between; none of this authority taken"
                self.found.problems.append(warning("inspections_too_near", message, place, stated, "months between"))
        kept = [s for s in own if (s.la_code, s.framework_code, s.inspection_type) not in near]
        self.found.statements[before:] = kept

    def _name_unread(self) -> None:
        """Name columns of grades that no block has: of an area or an inspection that headings do not tell."""
        read = {column for line in self.lines for block in line.blocks for column in block.areas}
        has_ranks = any(
            text_of(row, column) in RANKS and self._is_of_ranks(column) for row in self.below for column in read
        )
        for column, heading in enumerate(self.heading.texts):
            rows = [r for r in self.below if heading and column not in read and is_filled(r, column)]
            known = {*wordings(), *RANKS} if has_ranks or is_unsure(heading) else wordings()
            grades = sum(words(text_of(row, column)) in known for row in rows)
            if grades > len(rows) / 2:
                place = f"sheet {self.sheet.name}, column {letters(column)}"
                found, expected = f"{grades} grades under {heading[:120]!r}", "an area and a day of the inspection"
                message = f"{place}: found {found}, expected {expected}; column not read"
                self.found.problems.append(warning("column_not_read", message, place, found, expected))

    def _read_inspection(self, line: Line, block: Block, names: list[str]) -> None:
        """Read one inspection of one authority: its days, its kind, its grades."""
        started, published = (self._days(line, columns) for columns in (block.started, block.published))
        if len(started) > 1 or len(published) > 1:
            stated = " / ".join(sorted(str(day or "no day") for day in started | published))
            expected = "one day of inspection and one of publication"
            self._reject("days_disagree", line, block.columns[0], stated, expected)
            return
        self._read_graded(line, block, names, next(iter(started), None), next(iter(published), None))

    def _are_days_sound(self, line: Line, block: Block, started: date | None, published: date | None) -> bool:
        """Whether an inspection can have been and be told of by this list on these days; names what cannot."""
        if started and published and not started <= published <= started + LONGEST:
            code = "dates_reversed" if published < started else "dates_far_apart"
            expected = f"publication within a year of {started}"
            self._reject(code, line, block.published[0], str(published), expected)
            return False
        latest = max(day for day in (started, published) if day)
        as_at = self.found.as_at_date
        known = self.found.published_date and max(self.found.published_date, as_at + LONGEST if as_at else EARLIEST)
        if known and latest > known:
            column = (block.published if latest == published else block.started)[0]
            self._reject("date_after_list", line, column, str(latest), f"a day before the list came out, by {known}")
            return False
        return True

    def _read_graded(
        self, line: Line, block: Block, names: list[str], started: date | None, published: date | None
    ) -> None:
        """Read one inspection whose days are known."""
        row = line.cells
        if started is None and published is None:
            grades = [c for c in block.areas if is_filled(row, c)]
            if grades:
                cell = text_of(row, grades[0])
                self._reject("no_date", line, grades[0], cell, "a day of inspection or publication beside it")
            return
        if not self._are_days_sound(line, block, started, published):
            return
        authority = self._authority(line, names, started, published)
        kind = self._kind(line, block, started, published)
        if authority is None or kind is None:
            return
        framework, inspection_type = kind
        statement = Statement(
            self.sheet.name,
            line.number + 1,
            "",
            framework.code,
            inspection_type,
            authority.la_code or "",
            next(iter(names), ""),
            next(iter(_codes(row, self.heading)), None),
            started,
            published,
        )
        self._read_grades(line, block, framework, statement)

    def _read_grades(self, line: Line, block: Block, framework: Framework, of: Statement) -> None:
        row = line.cells
        filled = {column: what for column, what in block.areas.items() if is_filled(row, column)}
        if not filled and of.inspection_type is None:
            expected = "a grade, or the kind of inspection or visit"
            self._reject("no_grade", line, block.columns[0], "no grade", expected)
            return
        if filled and not line.is_of_rows and _lacks_overall(row, block, framework, of):
            graded = min(filled)
            expected = "an overall grade beside those of areas, which may have slipped by a column"
            self._reject("overall_missing", line, graded, text_of(row, graded), expected)
            return
        judged = {role for column, (role, _) in filled.items() if self._grade(framework, row, column)}
        care_leavers = [column for column, (role, _) in block.areas.items() if role == "care_leavers"]
        unsaid = [column for column in care_leavers if is_withheld(row, column) or column in filled]
        days = Days(of.inspection_start_date, of.published_date, bool(care_leavers) and not unsaid)
        for what in dict.fromkeys(filled.values()):
            columns = [column for column in filled if filled[column] == what]
            grades = {column: grade for column in columns if (grade := self._grade(framework, row, column))}
            alike = [column for column, other in block.areas.items() if other == what]
            column = next(iter(grades), columns[0])
            printed, heading = text_of(row, column), self.heading.texts[column]
            named = framework_named(heading_words(heading))
            area = None
            if named in (None, framework.code):
                area = area_of(framework, what[0], what[1] or block.half, days, judged, heading)
            if area is None:
                self._reject("unknown_area", line, column, heading, f"an area of {framework.name}")
            elif not grades:
                self._reject("unknown_grade", line, column, printed, f"a grade of {framework.name}")
            elif (
                len({grade.code for grade in grades.values()}) > 1
                or len(grades) < len(columns)
                or (len(columns) < len(alike) and not self._never_differ(alike))
            ):
                stated = " / ".join(text_of(row, other) or "no grade" for other in alike)
                self._reject("grades_disagree", line, column, stated, f"one grade of {area.name}")
            else:
                number, at = line.place(column)
                self.found.statements.append(
                    replace(
                        of,
                        row=number,
                        column=at,
                        area_code=area.code,
                        conformed_area_code=area.conformed,
                        area_name=heading,
                        grade_code=grades[column].code,
                        grade_name=printed,
                    )
                )
        if not filled:
            first = block.started if of.inspection_start_date else block.published
            of.column = line.place(next(iter(first), 0))[1]
            self.found.statements.append(of)

    def _grade(self, framework: Framework, row: Sequence[Cell], column: int) -> Grade | None:
        """The grade a cell states; a number is one only where the whole column has numbers of grades."""
        text = text_of(row, column)
        return grade_of(framework, text) if not text.isdigit() or self._is_of_ranks(column) else None

    def _source(self, column: int) -> int:
        """Column of the sheet in which the cells of a column of lines stand."""
        return next((line.places[column][1] for line in self.lines if column in line.places), column)

    def _is_of_ranks(self, column: int) -> bool:
        """Whether a column of the sheet, wherever its cells stand in lines, has numbers of grades and nothing else."""
        source = self._source(column)
        if source not in self.ranked:
            cells = [(line.cells, n) for line in self.lines for n, (_, at) in line.places.items() if at == source]
            cells = cells or [(row, source) for row in self.below]
            told = {text_of(row, n) for row, n in cells if is_filled(row, n)}
            self.ranked[source] = told <= {*RANKS, NO_RANK} and bool(told & RANKS)
        return self.ranked[source]

    def _never_differ(self, columns: list[int]) -> bool:
        """Whether columns of one meaning never say different things: then one may stand for the other."""
        key = tuple(columns)
        if key not in self.alike:
            of_rows: dict[tuple[int, int], set[date | str]] = {}
            sources = {self._source(column) for column in columns}
            for number, line in enumerate(self.lines):
                # Of grades in several columns of a list with a row for each judgement, those of all its rows count.
                told = line.places if len(sources) > 1 and line.is_of_rows else columns
                for n in told:
                    if is_filled(line.cells, n):
                        row = line.places[n][0] if told is line.places else 0
                        said = read_day(line.cells[n]) or words(text_of(line.cells, n))
                        of_rows.setdefault((number, row), set()).add(said)
            self.alike[key] = all(len(said) <= 1 for said in of_rows.values())
        return self.alike[key]

    def _days(self, line: Line, columns: list[int]) -> set[date | None]:
        """Days that columns of one meaning hold in a row: one, as a rule; None among others for one that is missing."""
        if len(columns) > 1:  # a second column may be no day at all, as the address of what was published
            columns = [n for n in columns if any(n < len(other) and read_day(other[n]) for other in self.below)]
        days: set[date | None] = {day for column in columns if (day := self._day(line, column))}
        is_whole = all(is_filled(line.cells, column) for column in columns)
        return days | {None} if days and not is_whole and not self._never_differ(columns) else days

    def _day(self, line: Line, column: int) -> date | None:
        row = line.cells
        if not is_filled(row, column):
            return None
        day = read_day(row[column])
        if day is None:
            self._reject("unreadable_date", line, column, text_of(row, column), "a day")
        elif self._is_month_first(column) and _NUMBERS.match(text_of(row, column)):
            expected = "the day first, as not everywhere in this column"
            self._reject("unreadable_date", line, column, text_of(row, column), expected)
            return None
        return day

    def _is_month_first(self, column: int) -> bool:
        """Whether a column has days that are none unless the month stands first: then no other tells which it is."""
        if column not in self.month_first:
            texts = [text_of(row, column) for row in self.below]
            days = [(int(m[1]), int(m[2])) for text in texts if (m := _NUMBERS.match(text))]
            self.month_first[column] = any(first <= 12 < second <= 31 for first, second in days)
        return self.month_first[column]

    def _authority(
        self, line: Line, names: list[str], started: date | None, published: date | None
    ) -> Authority | None:
        """The authority a row is of, by its codes and its names, in force when it was inspected."""
        days = [started] if started else [published, published - LAG] if published else []
        codes = _codes(line.cells, self.heading)
        stated, column = " / ".join([*names, *codes]), self.heading.authorities[0]
        for day in days:
            known = {a.la_code: a for code in codes if (a := self._by_code(code, day))}
            for name in names:
                named = self.register.by_name(name, day)
                if named is not None and named.la_code is not None:
                    known.setdefault(named.la_code, named)
            if len(known) == 1:
                return next(iter(known.values()))
            if known:
                self._reject("place_disagrees", line, column, stated, "code and name of one authority")
                return None
        day_text = (started or published or EARLIEST).isoformat()
        self._reject("unknown_place", line, column, stated, f"an authority in force on {day_text}")
        return None

    def _by_code(self, code: str, day: date) -> Authority | None:
        """The version in force on a day of whatever a code names; it may be a later version's."""
        if _GSS.fullmatch(code):
            known = self.register.by_gss(code)
        elif len(code) == 3:
            known = self.register.by_la_code(code)
        else:
            known = self.register.by_urn(code)
        return self.register.by_la_code(known.la_code, day) if known and known.la_code else None

    def _kind(
        self, line: Line, block: Block, started: date | None, published: date | None
    ) -> tuple[Framework, str | None] | None:
        """Framework and kind of inspection: as the row says, else as the headings do, else by its day."""
        filled = [text for column in block.kinds if (text := text_of(line.cells, column))]
        printed = " ".join(sorted(filled, key=lambda text: framework_named(words(text)) is None))
        said = words(printed)
        for pattern, code, kind in _KINDS:
            if pattern.search(said):
                return self.by_code[code], kind
        day = started or (published - LAG if published else EARLIEST)
        named = framework_named(said) or block.framework
        if said and named is None and not says_again(said) and not _PLAIN_KIND.fullmatch(said):
            self._reject("unknown_type", line, block.kinds[0], printed, "a kind of inspection or visit")
            return None
        framework = self.by_code[named] if named else self._by_day(block, day)
        if framework is None or not _can_be_of(framework, started, published):
            found = f"{framework.name} on {day}" if framework else day.isoformat()
            self._reject("unknown_framework", line, None, found, "a framework in force on that day")
            return None
        again = block.is_again or says_again(said)
        return framework, _type_of(framework, again, is_said=bool(named))

    def _by_day(self, block: Block, day: date) -> Framework | None:
        """The framework whose areas the headings name; another where that was not in force."""
        worded = self.by_code.get(block.worded_by or self.heading.worded_by or "")
        if worded is not None and _in_force(worded, day):
            return worded
        wanted = {role for role, _ in block.areas.values()} - {"overall"}
        fitting = [
            f
            for f in self.by_code.values()
            if f.family == FAMILY and _in_force(f, day) and len(wanted & {a.conformed for a in f.areas}) >= 3
        ]
        return fitting[0] if len(fitting) == 1 else None

    def _reject(self, code: str, line: Line, column: int | None, found: str, expected: str) -> None:
        number, at = line.place(column)
        place = f"sheet {self.sheet.name}, row {number}" + (f", column {at}" if at else "")
        rows = "row" if code in _OF_CELLS else line.rows()
        message = f"{place}: found {found[:120]!r}, expected {expected}; {rows} not taken"
        self.found.problems.append(warning(code, message, place, found[:120], expected))


def _lacks_overall(row: Sequence[Cell], block: Block, framework: Framework, of: Statement) -> bool:
    """Whether the overall grade of an inspection is blank although it has a column and was given on that day."""
    columns = [column for column, (role, half) in block.areas.items() if role == "overall" and not half]
    day = of.inspection_start_date or of.published_date or EARLIEST
    is_blank = all(column >= len(row) or not str(row[column]).strip() for column in columns)
    return bool(columns) and is_blank and any(a.conformed == "overall" and a.holds_on(day) for a in framework.areas)


def _type_of(framework: Framework, again: bool, is_said: bool) -> str | None:
    """Kind of inspection where no words of the row say it."""
    types = framework.inspection_types
    if "re_inspection" in types:
        return "re_inspection" if again else types[0] if is_said else None
    return types[0] if len(types) == 1 else None


def _can_be_of(framework: Framework, started: date | None, published: date | None) -> bool:
    """Whether an inspection of these days can be one under a framework."""
    if started is not None:
        return _in_force(framework, started)
    until = framework.until
    return published is None or (framework.since <= published and (until is None or published < until + LONGEST))


def _in_force(framework: Framework, day: date) -> bool:
    return framework.since <= day and (framework.until is None or day < framework.until)


def _codes(row: Sequence[Cell], heading: Heading) -> list[str]:
    return [text for column in heading.codes if words(text := text_of(row, column)) not in NOTHING]
