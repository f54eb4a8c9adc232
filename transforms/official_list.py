"""The inspectorate's tables of local authority inspection outcomes: a spreadsheet or CSV to statements.

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
from datetime import date, timedelta
from itertools import combinations
from typing import TYPE_CHECKING

from transforms.delimited import SEPARATORS, decode, read_rows
from transforms.errors import UnknownSourceError, UnreadableFileError
from transforms.official_cells import LONG, NEAR, is_filled, read_day, text_of, wordings
from transforms.official_headers import Heading, begins_table, is_of_providers, read_headings
from transforms.official_lines import warning
from transforms.official_table import OfficialList, OutcomeTable, Statement
from transforms.official_wordings import heading_words, of_providers, role_of, words
from transforms.spreadsheets import Sheet, letters, read_sheets, spreadsheet_kind

if TYPE_CHECKING:
    from transforms.authorities import Register

__all__ = ["OfficialList", "Statement", "read_official_list", "recognise"]

TEXT_SHEET = "CSV"  # name of the only sheet of a text
_OF_STATISTICS = frozenset(("time period", "geographic level"))  # columns of tables of published statistics
_LOOKED_AT = 262_144  # bytes of a text in which the first heading must stand
_COVER_ROWS = 60
_LONGEST_TITLE = 150
_MOST_ABOUT = 4  # texts of a row among which the name of its authority is looked for
_FEWEST_GRADED = 3  # rows with a grade of an authority that are no chance
_AS_AT = re.compile(r"(?<!next )\b(?:as )?at (\d{1,2}(?:st|nd|rd|th)? [A-Za-z]+ \d{4})", re.IGNORECASE)
_YEAR = re.compile(r"\b20\d\d\b")
_PUBLISHED_ON = re.compile(r"(?:date )?(?:first )?published(?: on)?|publication date|date of publication|release date")


def recognise(data: bytes) -> str | None:
    """Say why bytes are no list of outcomes of authorities, or return None if they are one.

    Raises:
        UnreadableFileError: a spreadsheet that cannot be opened.
    """
    if spreadsheet_kind(data) is None:
        return (
            None if _text_sheet(data, _COVER_ROWS) else "it is no spreadsheet or CSV with tables of inspection outcomes"
        )
    if any(_headings(sheet) for sheet in read_sheets(data) if not sheet.is_hidden):
        return None
    return "it is a spreadsheet without a table of inspection outcomes of local authorities"


def read_official_list(data: bytes, sha256: str, register: Register) -> OfficialList:
    """Read every table of inspections of authorities in one spreadsheet or CSV.

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
    text = None if kind else _text_sheet(data)
    every = read_sheets(data) if kind else [text] if text else []
    sheets = [sheet for sheet in every if not sheet.is_hidden]
    found = OfficialList(sha256, kind or "csv", *_cover(sheets))
    unread = [sheet.name for sheet in sheets if not _read_sheet(sheet, register, found, is_text=sheet is text)]
    _drop_contradicted(found)
    if hidden := ", ".join(sheet.name for sheet in every if sheet.is_hidden):
        message = f"hidden sheets not read, as what is published can be seen: {hidden}"
        found.problems.append(warning("sheet_hidden", message, None, hidden))
    if len(unread) == len(sheets):
        raise UnknownSourceError(
            f"file: found {len(sheets)} sheets without a table of inspections of authorities, expected at least one"
        )
    if unread:
        named = ", ".join(unread)
        message = f"sheets not read, as they list no inspections of authorities: {named}"
        found.problems.append(warning("sheets_not_read", message, None, named))
    return found


def _read_sheet(sheet: Sheet, register: Register, found: OfficialList, *, is_text: bool) -> bool:
    """Read every table of a sheet; whether there is one. What has grades outside of them is named."""
    headings = _headings(sheet)
    rows = {heading.row for heading in headings}
    _name_grades(sheet, min(rows, default=len(sheet.rows)), register, found)
    others = [n for n, row in enumerate(sheet.rows) if not rows & {n, n + 1, n + 2} and begins_table(row)]
    for heading in headings:
        end = min((row for row in (*rows, *others) if row > heading.row), default=len(sheet.rows))
        if heading.unsure:
            _name_table(found, sheet, heading.row, heading.unsure, "one form of list")
            continue
        if is_text:
            _drop_ragged(sheet, heading.row, end, found)
        OutcomeTable(sheet, heading, register, found).read(end)
        if heading is next(other for other in headings if other.row == heading.row):
            _name_headless(sheet, [other for other in headings if other.row == heading.row], end, found)
    for row in others if headings else ():
        _name_table(found, sheet, row, "the heading of another table", "a table of inspections of authorities")
    return bool(headings)


def _name_headless(sheet: Sheet, headings: Sequence[Heading], end: int, found: OfficialList) -> None:
    """Name columns of grades that have no heading in the row of those of a table: of another table beside it."""
    below = sheet.rows[headings[0].row + 1 : end]
    headed = {column for heading in headings for column, text in enumerate(heading.texts) if text}
    for column in sorted(set(range(max(map(len, below), default=0))) - headed):
        filled = [row for row in below if is_filled(row, column)]
        grades = sum(words(text_of(row, column)) in wordings() for row in filled)
        if grades > len(filled) / 2:
            place = f"sheet {sheet.name}, column {letters(column)}"
            stated, expected = f"{grades} grades", f"a heading in row {headings[0].row + 1}"
            message = f"{place}: found {stated}, expected {expected}; column not read"
            found.problems.append(warning("column_not_read", message, place, stated, expected))


def _name_table(found: OfficialList, sheet: Sheet, row: int, stated: str, expected: str) -> None:
    """Name a table that is not read by the row, from 0, of its heading."""
    place = f"sheet {sheet.name}, row {row + 1}"
    message = f"{place}: found {stated}, expected {expected}; table not read"
    found.problems.append(warning("table_not_read", message, place, stated, expected))


def _text_sheet(data: bytes, most: int | None = None) -> Sheet | None:
    """Delimited text as a sheet, or its first rows; None where these have no heading of such a table."""
    is_wide = data.startswith(
        (b"\xff\xfe", b"\xfe\xff")
    )  # two bytes a letter: a cut between lines is one between bytes
    if data.startswith(b"%PDF-") or (b"\x00" in data[:_LOOKED_AT] and not is_wide):
        return None
    head = data[:_LOOKED_AT]
    try:
        beginning, *_ = decode(head if is_wide or len(data) <= _LOOKED_AT else head.rpartition(b"\n")[0])
    except UnreadableFileError:
        return None
    for separator in SEPARATORS:
        try:
            rows = read_rows(beginning, separator, _COVER_ROWS) if separator in beginning else []
        except UnreadableFileError:
            continue
        first = Sheet(TEXT_SHEET, [[*row] for row in rows])
        if any({words(cell) for cell in row} & _OF_STATISTICS for row in first.rows) or not _headings(first):
            continue
        if most is not None:
            return first
        return Sheet(TEXT_SHEET, [[*row] for row in read_rows(decode(data)[0], separator)])
    return None


def _drop_ragged(sheet: Sheet, heading: int, end: int, found: OfficialList) -> None:
    """Empty and name rows of text with more or fewer cells than their heading: they may have slipped by a column."""
    width = len(sheet.rows[heading])
    for number, row in enumerate(sheet.rows[heading + 1 : end], start=heading + 1):
        filled = sum(bool(str(cell).strip()) for cell in row)
        swallows = any(str(cell).count("\n") and max(map(str(cell).count, SEPARATORS)) >= width - 1 for cell in row)
        if filled > 1 and (len(row) != width or swallows):
            stated = "rows within a cell" if swallows else f"{len(row)} cells"
            place, expected = f"sheet {sheet.name}, row {number + 1}", f"{width} cells as in the heading"
            message = f"{place}: found {stated}, expected {expected}; row not taken"
            found.problems.append(warning("ragged_row", message, place, stated, expected))
            sheet.rows[number] = []


def _name_grades(sheet: Sheet, end: int, register: Register, found: OfficialList) -> None:
    """Name rows above the first table that have grades beside authorities, unless titles say they are of others."""
    if of_providers([sheet.name, *_titles(sheet, min(end, _COVER_ROWS))]) or any(
        map(is_of_providers, sheet.rows[: min(end, _COVER_ROWS)])
    ):
        return
    rows = []
    for number, row in enumerate(sheet.rows[:end], start=1):
        texts = [cell for cell in row if isinstance(cell, str) and cell]
        graded = any(words(text) in wordings() for text in texts)
        if graded and any((named := register.by_name(text)) and named.la_code for text in texts[:_MOST_ABOUT]):
            rows.append(number)
    if len(rows) >= _FEWEST_GRADED:
        stated = f"{len(rows)} rows of authorities with grades under headings that are not known"
        _name_table(found, sheet, rows[0] - 1, stated, "headings of an authority, a day and areas")


def _drop_contradicted(found: OfficialList) -> None:
    """Leave out grades of one area of one inspection that a list states differently in different places."""
    told: dict[tuple[str, str, str | None], dict[tuple[date | None, date | None, str], list[Statement]]] = {}
    for s in found.statements:
        if s.grade_code is not None:
            alike = told.setdefault((s.la_code, s.framework_code, s.area_code), {})
            alike.setdefault((s.inspection_start_date, s.published_date, s.grade_code), []).append(s)
    contradicted: set[int] = set()
    for alike in told.values():
        for (one, *_), (other, *_) in combinations(alike.values(), 2):
            if one.grade_code == other.grade_code or not _is_same_inspection(one, other):
                continue
            for s in (one, other):
                of = s.inspection_start_date, s.published_date, s.grade_code or ""
                contradicted.update(id(each) for each in alike[of])
            place = f"sheet {other.sheet}, row {other.row}, column {other.column}"
            stated = f"{other.grade_name} / {one.grade_name} in sheet {one.sheet}, row {one.row}"
            message = f"{place}: found {stated}, expected one grade of {other.area_name}; neither taken"
            found.problems.append(warning("list_contradicts_itself", message, place, stated, "one grade"))
    found.statements = [statement for statement in found.statements if id(statement) not in contradicted]


def _is_same_inspection(one: Statement, other: Statement) -> bool:
    """Whether two statements tell of one inspection: days as near as those of two inspections never are."""
    started, published = (
        [day for day in days if day is not None]
        for days in (
            (one.inspection_start_date, other.inspection_start_date),
            (one.published_date, other.published_date),
        )
    )
    if len(started) == 2:
        return abs(started[0] - started[1]) < NEAR
    if len(published) == 2:
        return abs(published[0] - published[1]) < NEAR
    return bool(started and published) and timedelta(0) <= published[0] - started[0] <= LONG


def _headings(sheet: Sheet) -> list[Heading]:
    """Headings of tables of inspections of authorities, in printed order."""
    found = []
    for number in range(len(sheet.rows)):
        headings = read_headings(sheet.rows, number)
        if headings:
            of_others = of_providers([sheet.name, *_titles(sheet, number)])
            found += [h for h in headings if h.is_of_services or not of_others or _names_services(sheet, h)]
    return found


def _names_services(sheet: Sheet, heading: Heading) -> bool:
    """Whether a list with a row for each judgement names an area that only services of authorities have."""
    columns = heading.long.areas if heading.long else ()
    below = (row[n] for row in sheet.rows[heading.row + 1 :] for n in columns if n < len(row))
    return any(isinstance(cell, str) and role_of(heading_words(cell)) == "help_and_protection" for cell in below)


def _titles(sheet: Sheet, number: int) -> list[str]:
    """First and last of the texts that stand alone in the rows between a heading and the table before it."""
    titles = []
    for row in reversed(sheet.rows[:number]):
        texts = [cell for cell in row if cell != ""]
        if len(texts) > 2 and any(not isinstance(cell, str) or read_day(cell) for cell in texts):
            break
        if len(texts) == 1 and isinstance(texts[0], str) and len(texts[0]) <= _LONGEST_TITLE and ". " not in texts[0]:
            titles.append(texts[0])
    return [titles[0], titles[-1]] if titles else []


def _cover(sheets: Sequence[Sheet]) -> tuple[str | None, date | None, date | None]:
    """Title, day of publication and latest "as at" day of a list, from the tops of its sheets."""
    title: str | None = None
    published: date | None = None
    as_at: list[date] = []
    for number, sheet in enumerate(sheets):
        for row in sheet.rows[:_COVER_ROWS] if number < 3 else sheet.rows[:3]:
            texts = [cell for cell in row if cell != ""]
            for cell in (c for c in texts if isinstance(c, str)):
                if title is None and _YEAR.search(cell) and read_day(cell) is None:
                    title = " ".join(cell.split())[:300]
                said = _AS_AT.findall(cell) if len(texts) <= _MOST_ABOUT else []
                as_at += [day for day in map(read_day, said) if day]
            if published is None and len(texts) >= 2 and _PUBLISHED_ON.fullmatch(words(texts[0])):
                published = read_day(texts[1])
    return title, published, max(as_at, default=None)
