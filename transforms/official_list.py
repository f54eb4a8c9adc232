"""The inspectorate's tables of local authority inspection outcomes: a spreadsheet to statements.

One statement is one grade of one area in one cell: the same inspection may be stated on several
sheets of one list and in the lists of many years, and not always alike. Nothing is settled here;
which statement stands is decided over all lists together (`warehouse/sql/merge`).

Lists word every middle grade "requires improvement to be good", also those given as "adequate"
before 2013: the word is kept as printed and the grade is the one of that rank on the scale of
the framework. A dash or an empty cell is no judgement and gives no row. An inspection or visit
without any grade gives one row without area: its dates are worth having.

Runs in a reading process: imports neither Polars nor a database.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

from transforms.errors import UnknownSourceError
from transforms.official_headers import Block, Heading, framework_named, read_heading, says_again, words
from transforms.reports import frameworks
from transforms.reports.framework import Area, Framework, Grade
from transforms.reports.model import Problem
from transforms.spreadsheets import Cell, Sheet, read_sheets, spreadsheet_kind

if TYPE_CHECKING:
    from transforms.authorities import Authority, Register

FAMILY = "childrens_services"
_COVER_ROWS = 60
_EPOCH = date(1899, 12, 30)  # day 0 of spreadsheets
_EARLIEST, _LATEST = date(2005, 1, 1), date(2100, 1, 1)
# From the first day of an inspection to publication: usual, rarely more, never more.
_LAG, _LONG, _LONGEST = timedelta(days=60), timedelta(days=183), timedelta(days=365)

# Kinds of inspection and visit as lists name them; the first that matches is meant.
_KINDS = (
    (re.compile(r"focus+ed"), "ilacs_visit", "focused_visit"),
    (re.compile(r"monitoring"), "ilacs_visit", "monitoring_visit"),
    (re.compile(r"assurance"), "ilacs_visit", "assurance_visit"),
    (re.compile(r"joint targeted|\bjtai\b"), "jtai", "joint_inspection"),
    (re.compile(r"\bilacs\b.*short|^short(?: inspection)?$"), "ilacs", "short"),
    (re.compile(r"\bilacs\b.*standard|^standard(?: inspection)?$"), "ilacs", "standard"),
    (re.compile(r"\blscb\b|safeguarding children board"), "lscb", "lscb_review"),
)
_PLAIN_KIND = re.compile(r"(?:full |graded |local authority |la |children s services )*inspection")
_NOTHING = frozenset(
    (
        "", "not judged", "no judgement", "not inspected", "not yet inspected", "no inspection", "not applicable",
        "n a", "na", "none", "null", "nan", "z", "x",
    )
)  # fmt: skip
_WITHHELD = re.compile(r"\[?[a-z]\]?")
_NOTE = re.compile(r"\s*(?:\[[^\]]*\]|\*+|\((?:note|see)[^)]*\))\s*$")
_AS_AT = re.compile(r"as at (\d{1,2}(?:st|nd|rd|th)? [A-Za-z]+ \d{4})")
_YEAR = re.compile(r"\b20\d\d\b")
_PUBLISHED_ON = re.compile(r"(?:date )?published(?: on)?|publication date|release date")
_DAY_FORMS = ("%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%d %B %Y", "%d %b %Y", "%d-%b-%Y", "%d-%b-%y", "%d/%m/%y")
_NUMBERS = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-]\d{2,4}")
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}")
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
        kind: `ods` or `xlsx`.
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


def recognise(data: bytes) -> str | None:
    """Say why bytes are no list of outcomes of authorities, or return None if they are one.

    Raises:
        UnreadableFileError: a spreadsheet that cannot be opened.
    """
    if spreadsheet_kind(data) is None:
        return "it is no spreadsheet with tables of inspection outcomes"
    if any(_headings(sheet) for sheet in read_sheets(data) if not sheet.is_hidden):
        return None
    return "it is a spreadsheet without a table of inspection outcomes of local authorities"


def read_official_list(data: bytes, sha256: str, register: Register) -> OfficialList:
    """Read every table of inspections of authorities in one spreadsheet.

    Args:
        data: the whole file.
        sha256: of `data`.
        register: authorities.

    Returns:
        Statements in printed order; problems name sheet, row, what was found and expected.

    Raises:
        UnreadableFileError: it cannot be opened.
        UnknownSourceError: it holds no such table.
    """
    kind = spreadsheet_kind(data)
    every = read_sheets(data) if kind else []
    sheets = [sheet for sheet in every if not sheet.is_hidden]
    found = OfficialList(sha256, kind or "", *_cover(sheets))
    unread = []
    for sheet in sheets:
        headings = _headings(sheet)
        if not headings:
            unread.append(sheet.name)
        ends = [*(heading.row for heading in headings), len(sheet.rows)][1:]
        for heading, end in zip(headings, ends, strict=False):
            _Table(sheet, heading, register, found).read(end)
    if hidden := ", ".join(sheet.name for sheet in every if sheet.is_hidden):
        message = f"hidden sheets not read, as what is published can be seen: {hidden}"
        found.problems.append(_warning("sheet_hidden", message, None, hidden))
    if len(unread) == len(sheets):
        raise UnknownSourceError(
            f"file: found {len(sheets)} sheets without a table of inspections of authorities, expected at least one"
        )
    if unread:
        named = ", ".join(unread)
        message = f"sheets not read, as they list no inspections of authorities: {named}"
        found.problems.append(_warning("sheets_not_read", message, None, named))
    return found


def _headings(sheet: Sheet) -> list[Heading]:
    found = []
    for number, row in enumerate(sheet.rows):
        above = sheet.rows[number - 1] if number else ()
        heading = read_heading(row, number, above)
        if heading is not None:
            found.append(heading)
    return found


def _cover(sheets: Sequence[Sheet]) -> tuple[str | None, date | None, date | None]:
    """Title, day of publication and latest "as at" day of a list, from the tops of its sheets."""
    title: str | None = None
    published: date | None = None
    as_at: list[date] = []
    for number, sheet in enumerate(sheets):
        for row in sheet.rows[:_COVER_ROWS] if number < 3 else sheet.rows[:3]:
            texts = [cell for cell in row if cell != ""]
            for cell in (c for c in texts if isinstance(c, str)):
                if title is None and _YEAR.search(cell):
                    title = " ".join(cell.split())[:300]
                as_at += [day for match in _AS_AT.findall(cell) if (day := read_day(match))]
            if published is None and len(texts) >= 2 and _PUBLISHED_ON.fullmatch(words(texts[0])):
                published = read_day(texts[1])
    return title, published, max(as_at, default=None)


def read_day(cell: Cell) -> date | None:
    """Return the day a cell holds: a date, a spreadsheet's day number, or text in a usual form."""
    day: date | None = None
    if isinstance(cell, datetime):
        day = cell.date()
    elif isinstance(cell, date):
        day = cell
    elif isinstance(cell, float) and 36_000 <= cell <= 73_000:
        day = _EPOCH + timedelta(days=int(cell))
    elif isinstance(cell, str):
        day = _day_of_text(cell)
    return day if day and _EARLIEST <= day <= _LATEST else None


def _day_of_text(cell: str) -> date | None:
    text = re.sub(r"(?<=\d)(?:st|nd|rd|th)\b", "", " ".join(_NOTE.sub("", cell).split()))
    iso = _ISO.match(text)
    try:
        if iso:
            return date.fromisoformat(iso[0])
    except ValueError:
        return None
    for form in _DAY_FORMS:
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 - a day, not a moment
        except ValueError:
            continue
    return None


class _Table:
    """One table of a sheet, read row by row into the statements of its list."""

    def __init__(self, sheet: Sheet, heading: Heading, register: Register, found: OfficialList) -> None:
        self.sheet = sheet
        self.heading = heading
        self.register = register
        self.found = found
        self.by_code = {f.code: f for f in frameworks()}
        self.month_first: dict[int, bool] = {}

    def read(self, end: int) -> None:
        """Read the rows below the heading, up to a row number."""
        for number in range(self.heading.row + 1, end):
            row = self.sheet.rows[number]
            names = list(dict.fromkeys(name for n in self.heading.authorities if (name := _text(row, n))))
            for block in self.heading.blocks:
                filled = [column for column in block.columns if _is_filled(row, column)]
                if not filled:
                    continue
                if names or _codes(row, self.heading):
                    self._read_inspection(row, number, block, names)
                else:
                    self._reject("unknown_place", number, filled[0], _text(row, filled[0]), "an authority beside it")
        self._name_unread(end)

    def _name_unread(self, end: int) -> None:
        """Name columns of grades that no block has: of an area or an inspection that headings do not tell."""
        read = {column for block in self.heading.blocks for column in block.areas}
        for column, heading in enumerate(self.heading.texts):
            rows = [
                r for r in self.sheet.rows[self.heading.row + 1 : end] if column not in read and _is_filled(r, column)
            ]
            grades = sum(words(_text(row, column)) in _wordings() for row in rows)
            if grades > len(rows) / 2:
                place = f"sheet {self.sheet.name}, column {_letters(column)}"
                found, expected = f"{grades} grades under {heading[:120]!r}", "an area and a day of the inspection"
                message = f"{place}: found {found}, expected {expected}; column not read"
                self.found.problems.append(_warning("column_not_read", message, place, found, expected))

    def _read_inspection(self, row: Sequence[Cell], number: int, block: Block, names: list[str]) -> None:
        """Read one inspection of one authority: its days, its kind, its grades."""
        started, published = (self._days(row, number, columns) for columns in (block.started, block.published))
        if len(started) > 1 or len(published) > 1:
            stated = " / ".join(str(day) for day in sorted(started | published))
            expected = "one day of inspection and one of publication"
            self._reject("days_disagree", number, block.columns[0], stated, expected)
            return
        self._read_graded(row, number, block, names, next(iter(started), None), next(iter(published), None))

    def _read_graded(
        self,
        row: Sequence[Cell],
        number: int,
        block: Block,
        names: list[str],
        started: date | None,
        published: date | None,
    ) -> None:
        """Read one inspection whose days are known."""
        if started is None and published is None:
            grades = [c for c in block.areas if _is_filled(row, c)]
            if grades:
                cell = _text(row, grades[0])
                self._reject("no_date", number, grades[0], cell, "a day of inspection or publication beside it")
            return
        if started and published and published < started:
            expected = f"publication on {started} or later"
            self._reject("dates_reversed", number, block.published[0], str(published), expected)
            return
        authority = self._authority(row, number, names, started, published)
        kind = self._kind(row, number, block, started, published)
        if authority is None or kind is None:
            return
        framework, inspection_type = kind
        statement = Statement(
            self.sheet.name,
            number + 1,
            "",
            framework.code,
            inspection_type,
            authority.la_code or "",
            next(iter(names), ""),
            next(iter(_codes(row, self.heading)), None),
            started,
            published,
        )
        self._read_grades(row, number, block, framework, statement)

    def _read_grades(self, row: Sequence[Cell], number: int, block: Block, framework: Framework, of: Statement) -> None:
        filled = {column: what for column, what in block.areas.items() if _is_filled(row, column)}
        judged = {role for column, (role, _) in filled.items() if grade_of(framework, _text(row, column))}
        care_leavers = [column for column, (role, _) in block.areas.items() if role == "care_leavers"]
        days = Days(
            of.inspection_start_date,
            of.published_date,
            bool(care_leavers) and not any(_is_withheld(row, column) for column in care_leavers),
        )
        for what in dict.fromkeys(filled.values()):
            columns = [column for column in filled if filled[column] == what]
            grades = {column: grade for column in columns if (grade := grade_of(framework, _text(row, column)))}
            column = next(iter(grades), columns[0])
            printed, heading = _text(row, column), self.heading.texts[column]
            area = area_of(framework, what[0], what[1] or block.half, days, judged, heading)
            if area is None:
                self._reject("unknown_area", number, column, heading, f"an area of {framework.name}")
            elif not grades:
                self._reject("unknown_grade", number, column, printed, f"a grade of {framework.name}")
            elif len({grade.code for grade in grades.values()}) > 1:
                stated = " / ".join(_text(row, other) for other in grades)
                self._reject("grades_disagree", number, column, stated, f"one grade of {area.name}")
            else:
                self.found.statements.append(
                    replace(
                        of,
                        column=_letters(column),
                        area_code=area.code,
                        conformed_area_code=area.conformed,
                        area_name=heading,
                        grade_code=grades[column].code,
                        grade_name=printed,
                    )
                )
        if not filled:
            first = block.started if of.inspection_start_date else block.published
            of.column = _letters(next(iter(first), 0))
            self.found.statements.append(of)

    def _days(self, row: Sequence[Cell], number: int, columns: list[int]) -> set[date]:
        """Days that columns of one meaning hold in a row: one, as a rule."""
        if len(columns) > 1:  # a second column may be no day at all, as the address of what was published
            below = self.sheet.rows[self.heading.row + 1 :]
            columns = [n for n in columns if any(n < len(other) and read_day(other[n]) for other in below)]
        return {day for column in columns if (day := self._day(row, number, column))}

    def _day(self, row: Sequence[Cell], number: int, column: int) -> date | None:
        if not _is_filled(row, column):
            return None
        day = read_day(row[column])
        if day is None:
            self._reject("unreadable_date", number, column, _text(row, column), "a day")
        elif self._is_month_first(column) and _NUMBERS.fullmatch(_text(row, column)):
            expected = "the day first, as not everywhere in this column"
            self._reject("unreadable_date", number, column, _text(row, column), expected)
            return None
        return day

    def _is_month_first(self, column: int) -> bool:
        """Whether a column has days that are none unless the month stands first: then no other tells which it is."""
        if column not in self.month_first:
            texts = [_text(row, column) for row in self.sheet.rows[self.heading.row + 1 :]]
            days = [(int(m[1]), int(m[2])) for text in texts if (m := _NUMBERS.fullmatch(text))]
            self.month_first[column] = any(first <= 12 < second <= 31 for first, second in days)
        return self.month_first[column]

    def _authority(
        self, row: Sequence[Cell], number: int, names: list[str], started: date | None, published: date | None
    ) -> Authority | None:
        """The authority a row is of, by its codes and its names, in force when it was inspected."""
        days = [started] if started else [published, published - _LAG] if published else []
        codes = _codes(row, self.heading)
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
                self._reject("place_disagrees", number, column, stated, "code and name of one authority")
                return None
        day_text = (started or published or _EARLIEST).isoformat()
        self._reject("unknown_place", number, column, stated, f"an authority in force on {day_text}")
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
        self, row: Sequence[Cell], number: int, block: Block, started: date | None, published: date | None
    ) -> tuple[Framework, str | None] | None:
        """Framework and kind of inspection: as the row says, else as the headings do, else by its day."""
        filled = [text for column in block.kinds if (text := _text(row, column))]
        printed = " ".join(sorted(filled, key=lambda text: framework_named(words(text)) is None))
        said = words(printed)
        for pattern, code, kind in _KINDS:
            if pattern.search(said):
                return self.by_code[code], kind
        day = started or (published - _LAG if published else _EARLIEST)
        named = framework_named(said) or block.framework
        if said and named is None and not says_again(said) and not _PLAIN_KIND.fullmatch(said):
            self._reject("unknown_type", number, block.kinds[0], printed, "a kind of inspection or visit")
            return None
        framework = self.by_code[named] if named else self._by_day(block, day)
        if framework is None:
            self._reject("unknown_framework", number, None, day.isoformat(), "a framework in force on that day")
            return None
        again = block.is_again or says_again(said)
        return framework, _type_of(framework, again, is_said=bool(named))

    def _by_day(self, block: Block, day: date) -> Framework | None:
        """The framework whose areas the headings name; another where that was not in force."""
        worded = self.by_code.get(self.heading.worded_by or "")
        if worded is not None and _in_force(worded, day):
            return worded
        wanted = {role for role, _ in block.areas.values()} - {"overall"}
        fitting = [
            f
            for f in self.by_code.values()
            if f.family == FAMILY and _in_force(f, day) and len(wanted & {a.conformed for a in f.areas}) >= 3
        ]
        return fitting[0] if len(fitting) == 1 else None

    def _reject(self, code: str, number: int, column: int | None, found: str, expected: str) -> None:
        place = f"sheet {self.sheet.name}, row {number + 1}"
        if column is not None:
            place += f", column {_letters(column)}"
        message = f"{place}: found {found[:120]!r}, expected {expected}; row not taken"
        self.found.problems.append(_warning(code, message, place, found[:120], expected))


def _warning(code: str, message: str, place: str | None, found: str, expected: str | None = None) -> Problem:
    return Problem(code, "warning", message, None, found, expected, place)


@dataclass(frozen=True, slots=True)
class Days:
    """When an inspection was, and whether a row leaves no room for a judgement of care leavers that it does not show.

    Attributes:
        started, published: first day and day of publication, where known.
        shows_care_leavers: there is a column for them, and what it holds is not withheld.
    """

    started: date | None
    published: date | None
    shows_care_leavers: bool


def area_of(
    framework: Framework, role: str, half: str | None, days: Days, judged: set[str], heading: str
) -> Area | None:
    """Return the area of a framework that a column grades.

    Args:
        framework: of the inspection.
        role: the area's code across frameworks.
        half: where services were judged in two halves.
        days: decide between an area and its successor.
        judged: roles graded in the same row.
        heading: of the column.

    Returns:
        None where there is no such area, or no telling which of an area and its successor is meant.
    """
    if role == "overall":
        wanted = f"{half}_overall_effectiveness" if half else "overall_effectiveness"
        found = [a for a in framework.areas if a.conformed == role or a.code == wanted]
    else:
        found = [a for a in framework.areas if a.conformed == role]
    if days.started is not None:
        found = [a for a in found if a.holds_on(days.started)]
    if len(found) > 1:
        return _by_publication(found, days, judged, heading)
    return found[0] if found else None


def _by_publication(found: list[Area], days: Days, judged: set[str], heading: str) -> Area | None:
    """Return the one of an area and its successor that was judged, of an inspection whose first day is not known.

    Care leavers are graded apart since their judgement is one of its own; reports come out weeks or
    months after an inspection.
    """
    earlier, later = found[0], found[-1]
    change, published = later.since, days.published
    if change is None or published is None or "care_leavers" in judged or published >= change + _LONGEST:
        return later
    is_shown = days.shows_care_leavers and published < change + _LONG
    return earlier if published < change or is_shown or "care leavers" in words(heading) else None


def grade_of(framework: Framework, printed: str) -> Grade | None:
    """Return the grade of a framework for a printed one: by its words, or by its rank where relabelled."""
    said = words(printed)
    grade = _wordings().get(said)
    rank = grade.rank if grade else int(said) if said in ("1", "2", "3", "4") else None
    exact = next((g for g in framework.grades if grade is not None and g.code == grade.code), None)
    return exact or next((g for g in framework.grades if rank is not None and g.rank == rank), None)


@cache
def _wordings() -> dict[str, Grade]:
    """Every grade of every framework by the words it is printed in."""
    return {wording: g for f in frameworks() if f.family == FAMILY for g in f.grades for wording in g.wordings}


def _type_of(framework: Framework, again: bool, is_said: bool) -> str | None:
    """Kind of inspection where no words of the row say it."""
    types = framework.inspection_types
    if "re_inspection" in types:
        return "re_inspection" if again else types[0] if is_said else None
    return types[0] if len(types) == 1 else None


def _in_force(framework: Framework, day: date) -> bool:
    return framework.since <= day and (framework.until is None or day < framework.until)


def _text(row: Sequence[Cell], column: int) -> str:
    if column >= len(row):
        return ""
    cell = row[column]
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return " ".join(_NOTE.sub("", str(cell)).split())


def _is_filled(row: Sequence[Cell], column: int | None) -> bool:
    return column is not None and column < len(row) and words(_text(row, column)) not in _NOTHING


def _is_withheld(row: Sequence[Cell], column: int) -> bool:
    """Whether a cell has a mark in place of what it should hold."""
    return column < len(row) and _WITHHELD.fullmatch(str(row[column]).strip().lower()) is not None


def _codes(row: Sequence[Cell], heading: Heading) -> list[str]:
    return [text for column in heading.codes if words(text := _text(row, column)) not in _NOTHING]


def _letters(column: int) -> str:
    """Return a column as spreadsheets name it: A to Z, AA and so on."""
    name, rest = "", column + 1
    while rest:
        rest, digit = divmod(rest - 1, 26)
        name = chr(65 + digit) + name
    return name
