"""The ministry's spending workbooks (revenue outturn), laid out as a tidy table.

One sheet holds what every council spent: lines of title, a header with E-code, ONS Code and
Local authority, a row an authority, England, then a second table of the totals of each class of
council under the header once more. A hidden row at the end bears a short code for each column:
codes stay while wordings change, so columns are named by them where they stand and the heading does
not contradict them (`spending_codes`). Amounts are in thousands of pounds. `[x]` is a return that did
not come; a note, or `[n]`, in place of an amount says that there is none.

Workbooks of other years word the header and the lines of title in other ways, and head columns in two
rows, the upper one over several columns. What says that it is in another unit (a column per head or in
per cent, lines that name millions too) is no amount here. A header in other words, or a line with
another year or unit, below the table begins another one, which is not read.

A column of words, or an empty one, after the first amounts may be where a list beside the table begins,
whose rows are of others: columns behind it are read where they have a code or, behind an empty one,
amounts in the rows of the table.

Councils without children's services (districts, police, fire, parks) are no places here: their
rows and those of class totals are left out and counted.

Source: notes of the workbooks; reference, section "Sources that are not EES".
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

import polars as pl

from transforms.errors import LayoutError
from transforms.reports.model import Problem
from transforms.spreadsheets import Cell, Sheet, letters, read_sheets, spreadsheet_kind
from transforms.statistics.layout import normal
from transforms.statistics.spending_codes import contradictions, sums_that_fail, without_formula
from transforms.statistics.tables import Table, rows_text, warning

UNIT = "gbp_thousand"
SheetRead = tuple[str, Table, dict[str, str], dict[str, str]]
# Headings that tell what a row is of, by the names they go under.
_MARK_NAMES = {
    "e_code": ("e_code", "ecode", "lgf_code", "lgf_e_code"),
    "ons_code": ("ons_code", "ons_gss_code", "ons_geography_code", "gss_code"),
    "local_authority": (
        "local_authority", "local_authority_name", "name_of_local_authority", "la_name", "la", "authority",
        "authority_name",
    ),
    "class": ("class", "la_class", "authority_class", "local_authority_class", "type", "authority_type", "la_type"),
}  # fmt: skip
_MARK_OF = {name: mark for mark, names in _MARK_NAMES.items() for name in names}
_MARKS = set(_MARK_NAMES)
_ABOUT = set(_MARK_OF) | {"notes", "detailed_class", "certification", "region", "status"}
_OTHER_CLASSES = {"SD": "district councils", "O": "police, fire, parks, waste and combined authorities"}
_OF_CHILDRENS_SERVICES = ("E06", "E08", "E09", "E10")
_MOST_TITLE_LINES = 30
_ENGLAND = "E92000001"
_YEAR = re.compile(r"\b(20\d\d)\s*(?:[-/\u2013]|to)\s*((?:20)?\d\d)\b(?![-/]\d)")
_DAYS_OF_YEAR = re.compile(r"(?:1 )?April (20\d\d)\s*(?:[-\u2013]|to)\s*(?:31 )?March (20\d\d)", re.IGNORECASE)
_END_OF_YEAR = re.compile(r"years? end(?:ed|ing)(?: on)?(?: 31)? March (20\d\d)", re.IGNORECASE)
_IN_NAME = re.compile(r"(?<!\d)(20\d\d)[-_ ]?(\d\d)(?!\d)")
_UPDATED = re.compile(r"(?:last updated|published)[^\d]{0,20}(\d{1,2} [A-Za-z]+ 20\d\d)", re.IGNORECASE)
_NOTE = re.compile(r"\s*(?:\[(?:note )?\d+\]|\((?:note )?\d+\)|\*+$|[\u00b9\u00b2\u00b3]+$)", re.IGNORECASE)
_BUDGET = re.compile(r"\bbudgets?\b|\bforecasts?\b", re.IGNORECASE)
_NO_AMOUNT = re.compile(r"\[(?:note \d+|n)\]", re.IGNORECASE)
_THOUSAND = re.compile(r"£\s*(?:thousand|['\u2018\u2019]?000|k\b)|thousands? of pounds", re.IGNORECASE)
_OTHER_UNIT = re.compile(
    r"£\s*(?:million|m\b|billion|bn\b|per\b)|(?:m|b)illions? of pounds|"
    r"\bper (?:head|capita|person|child|resident|dwelling)\b",
    re.IGNORECASE,
)
# Headings of columns of something else than thousands of pounds.
_OTHER_MEASURE = re.compile(
    r"%|\bper ?cent(?:age)?\b|\bproportion\b|\bshare\b|\bper (?:\d|head|capita|person|child|resident)|"
    r"£\s*(?:m\b|million|billion)|\(£\)|£$|\bnumbers? of\b|\bpopulation\b|"
    r"\brate\b|\bheadcount\b|\bfte\b|\brank\b|\bindex\b",
    re.IGNORECASE,
)
# Headings of columns without a code that are of no amount of the year.
_NO_OUTTURN = re.compile(
    r"\b(?:change|difference|variance|increase|decrease)\b|\b(?:budget|forecast|estimated?|previous|prior)\b|"
    r"\bnumber$|\border$|\byear$|\bprices\b",
    re.IGNORECASE,
)
_CLASS = re.compile(r"[A-Z]\d\d")
_WORDS = re.compile(r"[A-Za-z]{3}|^[A-Z]\d{3}")
_CODE = re.compile(r"[A-Z]{2,4}\d?-[A-Za-z0-9-]+")
_PLACE = ("time_period", "time_identifier", "geographic_level", "country_code", "new_la_code", "la_name")


def recognise(data: bytes) -> bool:
    """Whether bytes are a workbook with such a sheet.

    Raises:
        UnreadableFileError: a spreadsheet that cannot be opened.
    """
    return spreadsheet_kind(data) is not None and any(
        _header_row(sheet) is not None for sheet in read_sheets(data) if not sheet.is_hidden
    )


def read_workbook(data: bytes) -> tuple[list[SheetRead], date | None]:
    """Lay out every sheet of amounts.

    Returns:
        Name of the sheet, its table, and wording and letters of its columns by name; and the day of the last
        update. Hidden sheets are not read, and named.

    Raises:
        UnreadableFileError: it cannot be opened.
        LayoutError: no year or no unit stands above the amounts, or there is no such sheet.
    """
    found: list[SheetRead] = []
    refused: list[LayoutError] = []
    updated: date | None = None
    every = read_sheets(data)
    for sheet in (sheet for sheet in every if not sheet.is_hidden):
        updated = updated or _updated(sheet)
        header = _header_row(sheet)
        if header is not None:
            try:
                found.append(_lay_out(sheet, header))
            except LayoutError as error:
                refused.append(error)
    if found and (hidden := ", ".join(sheet.name for sheet in every if sheet.is_hidden)):
        found[0][1].problems.append(warning("sheet_hidden", "workbook", f"hidden sheets {hidden}", "sheets to be seen"))
    found = _told_once(found, refused)
    if refused and not found:
        raise refused[0]
    for reason in map(str, refused):
        found[0][1].problems.append(warning("table_not_read", "workbook", reason, "sheets of amounts of one kind"))
    if not found:
        raise LayoutError("workbook: found no sheet with E-code, ONS Code and Local authority, expected one")
    return found, updated


def _told_once(found: list[SheetRead], refused: list[LayoutError]) -> list[SheetRead]:
    """Leave out sheets that give columns of one code and year once more: both where their amounts differ."""
    kept: list[SheetRead] = []
    doubtful: list[SheetRead] = []
    for sheet in found:
        before = next((other for other in (*kept, *doubtful) if _shared(sheet, other)), None)
        if before is None:
            kept.append(sheet)
            continue
        differ = any(_printed_of(sheet, name) != _printed_of(before, name) for name in _shared(sheet, before))
        stated = f"found columns of sheet {before[0]} once more" + (", with other amounts" if differ else "")
        refused.append(LayoutError(f"sheet {sheet[0]}: {stated}, expected each code and year once"))
        if differ:
            doubtful.append(before)
            kept = [other for other in kept if other is not before]
    return kept


def _shared(one: SheetRead, other: SheetRead) -> set[str]:
    """Names that are codes, of columns that two sheets give for one year."""
    years = [sheet[1].frame["c0"].unique().to_list() for sheet in (one, other)]
    names = [
        {name for name, title in sheet[2].items() if name != normal(without_formula(title))} for sheet in (one, other)
    ]
    return names[0] & names[1] if years[0] == years[1] else set()


def _printed_of(sheet: SheetRead, name: str) -> list[tuple[str, ...]]:
    """Places and amounts of one column, in order of the places."""
    table = sheet[1]
    columns = [f"c{table.header.index(wanted)}" for wanted in ("new_la_code", "la_name", name)]
    return sorted(table.frame.select(columns).rows())


def _header_row(sheet: Sheet) -> int | None:
    for number, row in enumerate(sheet.rows[:_MOST_TITLE_LINES]):
        if _is_header(row):
            return number
    return None


def _is_header(row: Sequence[Cell]) -> bool:
    return {_MARK_OF.get(normal(_NOTE.sub("", cell))) for cell in row if isinstance(cell, str)} >= _MARKS


def _lay_out(sheet: Sheet, header: int) -> SheetRead:
    """Rows of authorities and England below a header, as text, with what had to be left out."""
    title = " ".join(str(cell) for row in sheet.rows[:header] for cell in row if cell != "")
    year = _year_of(sheet, header)
    _check_unit(sheet, header, title)
    printed = _headings(sheet, header)
    at = _marks(sheet, header, printed)
    read = _columns(sheet, header, printed, year, at["ons_code"])
    names = {n: normal(read.codes.get(n) or without_formula(printed[n])) for n in read.amounts}
    kept, left, end = _rows(sheet, header, at, year)
    columns = [*_PLACE, *names.values()]
    lines = [[year, *place, *(_amount(sheet.rows[number - 1], n) for n in names)] for number, place in kept.items()]
    schema = {f"c{number}": pl.String for number in range(len(columns))}
    frame = pl.DataFrame(lines, schema=schema, orient="row").with_columns(
        pl.Series("source_row", list(kept), dtype=pl.UInt32)
    )
    problems = [
        warning("not_of_childrens_services", f"sheet {sheet.name}", f"{count} {what}", "authorities and England")
        for what, count in left.items()
        if count
    ]
    problems += _unnamed(sheet, header, printed)
    problems += _doubtful(sheet, printed, {n: read.codes.get(n, "") for n in read.amounts}, list(kept))
    problems += _not_read(sheet, printed, read, end)
    table = Table(columns, frame.select("source_row", *schema), len(kept) + sum(left.values()), problems)
    return sheet.name, table, {names[n]: printed[n] for n in names}, {names[n]: letters(n) for n in names}


class _Columns(NamedTuple):
    """Columns of a sheet by number: amounts that are read, codes, what stands beside, what each contradiction wants."""

    amounts: list[int]
    codes: dict[int, str]
    beside: list[int]
    against: dict[int, str]


def _columns(sheet: Sheet, header: int, printed: list[str], year: str, ons_code: int) -> _Columns:
    """Tell the amounts of the table and the year from what stands beside them.

    Raises:
        LayoutError: every code contradicts its heading.
    """
    headed = {n: name for n, name in enumerate(printed) if name and normal(name) not in _ABOUT}
    codes = _codes(sheet, header, list(headed))
    amounts, beside = _of_the_table(sheet, header, headed, codes, ons_code)
    beside += [n for n in amounts if _years_in(printed[n]) - {year}]
    amounts = [n for n in amounts if n not in beside]
    against = contradictions({n: printed[n] for n in amounts}, codes)
    if against and len(against) == len(amounts):
        n, place = min(against), f"sheet {sheet.name}, column {letters(min(against))}"
        found = f"code {codes[n]} under {printed[n][:120]!r}, and others"
        raise LayoutError(f"{place}: found {found}, expected {against[n]}: no code goes with its heading")
    return _Columns([n for n in amounts if n not in against], codes, beside, against)


def _not_read(sheet: Sheet, printed: list[str], read: _Columns, end: int | None) -> list[Problem]:
    """Name a table below, in row `end`, and the columns that are not read."""
    problems = []
    if end is not None:
        place, found = f"sheet {sheet.name}, row {end}", "another table below"
        problems.append(warning("table_not_read", place, found, "one table, then totals of classes under its header"))
    for n, expected in read.against.items():
        place, found = f"sheet {sheet.name}, column {letters(n)}", f"code {read.codes[n]} under {printed[n][:120]!r}"
        problems.append(warning("code_contradicts_heading", place, found, expected))
    for n in read.beside:
        place = f"sheet {sheet.name}, column {letters(n)}"
        problems.append(warning("column_not_read", place, printed[n][:120], "amounts of the rows of the table"))
    return problems


def _marks(sheet: Sheet, header: int, printed: list[str]) -> dict[str, int]:
    """Columns that tell what a row is of.

    Raises:
        LayoutError: one is there twice, as where two tables stand side by side.
    """
    at: dict[str, int] = {}
    for n, name in enumerate(printed):
        mark = _MARK_OF.get(normal(name))
        if mark is None:
            continue
        if mark in at:
            found = f"{name} in columns {letters(at[mark])} and {letters(n)}"
            raise LayoutError(f"sheet {sheet.name}, row {header + 1}: found {found}, expected one table in a sheet")
        at[mark] = n
    return at


def _check_unit(sheet: Sheet, header: int, title: str) -> None:
    """Check that amounts are in thousands of pounds and nothing else.

    Raises:
        LayoutError: no unit is said, or another one too.
    """
    other = _OTHER_UNIT.search(title)
    if not _THOUSAND.search(title) or other:
        found = f"also {other[0]}" if other and _THOUSAND.search(title) else "no unit"
        raise LayoutError(f"sheet {sheet.name}, rows 1 to {header}: found {found}, expected thousands of pounds")


def _headings(sheet: Sheet, header: int) -> list[str]:
    """Headings by column; words of a row above or below that has words over or under amounts are put to them."""
    printed = [_NOTE.sub("", str(cell)).strip() for cell in sheet.rows[header]]
    about = max(n for n, name in enumerate(printed) if normal(name) in _ABOUT)
    above = _spanning(sheet.rows[header - 1], about) if header else []
    repeated = len({name for name in printed if name}) < sum(bool(name) for name in printed)
    if above and repeated:
        return [*printed[: about + 1], *_together(above, printed[about + 1 :])]
    below = _spanning(sheet.rows[header + 1], about) if header + 1 < len(sheet.rows) else []
    if below and not any(_text(sheet.rows[header + 1], n) for n in range(about + 1)):
        return [*printed[: about + 1], *_together(printed[about + 1 :], below)]
    return printed


def _spanning(row: Sequence[Cell], about: int) -> list[str]:
    """Words over or under columns of amounts; none where a row has amounts or codes there."""
    cells = row[about + 1 :]
    texts = [_NOTE.sub("", str(cell)).strip() for cell in cells]
    if any(not isinstance(cell, str) for cell in cells) or any(_CODE.fullmatch(text) for text in texts):
        return []
    return texts if sum(bool(text) for text in texts) > 1 else []


def _together(upper: Sequence[str], lower: Sequence[str]) -> list[str]:
    found, current = [], ""
    for n in range(max(len(upper), len(lower))):
        over, under = (texts[n] if n < len(texts) else "" for texts in (upper, lower))
        current = over or (current if under else "")
        found.append(f"{current} - {under}" if current and under else current or under)
    return found


def _rows(
    sheet: Sheet, header: int, at: dict[str, int], year: str
) -> tuple[dict[int, list[str]], Counter[str], int | None]:
    """Rows of authorities and England by number, each as the cells that tell its place.

    Returns:
        The rows, what is left out, and the number of the row where another table begins.
    """
    kept: dict[int, list[str]] = {}
    left: Counter[str] = Counter()
    for number, row in enumerate(sheet.rows[header + 1 :], start=header + 2):
        if _begins_another(sheet, header, number - 1, year):
            return kept, left, number
        if _is_header(row):  # class totals follow: sums of the rows above, under the first letters of an ONS code
            continue
        code, kind, name = (_text(row, at[mark]) for mark in ("ons_code", "class", "local_authority"))
        code, name = _NOTE.sub("", code), _NOTE.sub("", name)
        is_england = code.upper() == _ENGLAND or normal(kind) in ("eng", "england") or normal(name) == "england"
        if (others := _other_rows(code, kind, name, is_england)) is not None:
            # A row without a code is told only if it has amounts: others are blank, or notes.
            left[f"rows of {others}"] += bool(code) or is_england or any(isinstance(cell, float) for cell in row)
        elif is_england:
            kept[number] = ["Financial year", "National", _ENGLAND, "", ""]
        else:
            kept[number] = ["Financial year", "Local authority", "", code, name.removesuffix(" UA").removesuffix(" CC")]
    return kept, left, None


def _other_rows(code: str, kind: str, name: str, is_england: bool) -> str | None:
    """What a row is of that is left out; None for England and for authorities with children's services."""
    if is_england and (normal(name) != "england" or code.upper() not in (_ENGLAND, "ENG", "")):
        return "totals of a part of England"
    if _CLASS.fullmatch(code):
        return "class totals"
    if not code and not is_england:
        return "amounts without an ONS code"
    return None if code.upper().startswith(_OF_CHILDRENS_SERVICES) else _OTHER_CLASSES.get(kind)


def _begins_another(sheet: Sheet, header: int, number: int, year: str) -> bool:
    """Whether a row below a table begins another: a header in other words, or a line with another year or unit."""
    row = sheet.rows[number]
    if _is_header(row):
        first, again = ([normal(_NOTE.sub("", str(cell))) for cell in cells] for cells in (sheet.rows[header], row))
        amounts = [pair for pair in zip(first, again, strict=False) if all(pair) and not set(pair) & _ABOUT]
        return any(one != other for one, other in amounts)
    texts = [cell for cell in row if cell != ""]
    if len(texts) != 1 or not isinstance(texts[0], str):
        return False
    named = _years_in(texts[0])
    return bool(_OTHER_UNIT.search(texts[0]) or (texts[0].lower().startswith("table") and named - {year}))


def _years_in(line: str) -> set[str]:
    """Financial years that a line names, as six digits; a span of several as its first and last year."""
    found = {f"{first}{last[-2:]}" for first, last in _YEAR.findall(_DAYS_OF_YEAR.sub(" ", line))}
    found |= {f"{first}{last[-2:]}" for first, last in _DAYS_OF_YEAR.findall(line)}
    return found | {f"{int(last) - 1}{last[-2:]}" for last in _END_OF_YEAR.findall(line)}


def _year_of(sheet: Sheet, header: int) -> str:
    """Financial year as six digits: the one that the first line to name any names, however often others follow.

    Raises:
        LayoutError: none does, or that line names more than one, or the name of the sheet another.
    """
    named = [_years_in(" ".join(str(cell) for cell in row if cell != "")) for row in sheet.rows[:header]]
    years = sorted(next((found for found in named if found), set()))
    first_line = next((n for n, found in enumerate(named) if found), 0)
    said = " ".join(str(cell) for cell in sheet.rows[first_line]) if header else ""
    if years and (budget := _BUDGET.search(said)) and "outturn" not in said.lower():
        place = f"sheet {sheet.name}, row {first_line + 1}"
        raise LayoutError(f"{place}: found {budget[0]!r}, expected outturn: what was spent")
    in_name = {f"{first}{last}" for first, last in _IN_NAME.findall(sheet.name) if _follow(f"{first}{last}")}
    years += sorted(in_name - set(years)) if years else []
    if len(years) != 1 or not _follow(years[0]):
        found = f"financial years {', '.join(years)}" if years else "no financial year"
        raise LayoutError(f"sheet {sheet.name}, rows 1 to {header}: found {found}, expected one as 2024-25")
    return years[0]


def _follow(year: str) -> bool:
    """Whether the two years of a financial year follow each other."""
    return (int(year[:4]) + 1) % 100 == int(year[4:])


def _doubtful(sheet: Sheet, printed: list[str], codes: dict[int, str], kept: list[int]) -> list[Problem]:
    """Name columns without a code among others with one, blank amounts, and totals that are not their sum."""
    place, rows = f"sheet {sheet.name}, column", {number: sheet.rows[number - 1] for number in kept}
    problems = [
        warning(
            "column_without_code", f"{place} {letters(n)}", f"no code under {printed[n][:120]!r}", "one, as beside it"
        )
        for n, code in codes.items()
        if not code and any(codes.values())
    ]
    blank = {n: [number for number, row in rows.items() if not _text(row, n)] for n in codes}
    for n, numbers in ((n, numbers) for n, numbers in blank.items() if numbers):
        found = f"{len(numbers)} blank cells under {printed[n][:120]!r}, {rows_text(numbers)}"
        problems.append(warning("blank_amount", f"{place} {letters(n)}", found, "an amount or a symbol"))
    for n, numbers in sums_that_fail(codes, rows).items():
        found = f"totals {printed[n][:120]!r} that are not their sum, {rows_text(numbers)}"
        problems.append(warning("sum_fails", f"{place} {letters(n)}", found, "the sum of the columns it is made of"))
    return problems


def _unnamed(sheet: Sheet, header: int, printed: list[str]) -> list[Problem]:
    """Name columns that hold amounts without a heading."""
    problems = []
    for n in (n for n, name in enumerate(printed) if not name):
        filled = sum(isinstance(row[n], float) for row in sheet.rows[header + 1 :] if n < len(row))
        if filled:
            place = f"sheet {sheet.name}, column {letters(n)}"
            problems.append(warning("unnamed_column", place, f"{filled} amounts without a heading", "a heading"))
    return problems


def _codes(sheet: Sheet, header: int, headed: list[int]) -> dict[int, str]:
    """Codes of columns from the hidden row, which is the last one with anything under these headings."""
    for row in reversed(sheet.rows[header + 1 :]):
        cells = {n: text for n in headed if (text := _text(row, n))}
        found = {n: text for n, text in cells.items() if _CODE.fullmatch(text)}
        if len(found) > 0.9 * len(cells) > 0:
            return found
        if cells:
            break
    return {}


def _of_the_table(
    sheet: Sheet, header: int, headed: dict[int, str], codes: dict[int, str], code: int
) -> tuple[list[int], list[int]]:
    """Part columns, by number with their headings, into those of the table and those of what stands beside it."""
    below = [row for row in sheet.rows[header + 1 :] if not _is_header(row)]
    amounts: list[int] = []
    beside: list[int] = []
    doubt = ""
    for n in range(min(headed, default=0), max(headed, default=-1) + 1):
        cells = [text for row in below if (text := _text(row, n)) and not _CODE.fullmatch(text)]
        if n not in headed:
            doubt = doubt or ("gap" if amounts and not cells else "")
        elif _OTHER_MEASURE.search(headed[n]) or (n not in codes and _NO_OUTTURN.search(headed[n])):
            beside.append(n)
        elif n in codes:
            amounts.append(n)
            doubt = ""
        elif sum(bool(_WORDS.search(cell)) for cell in cells) > len(cells) / 2:
            beside.append(n)
            doubt = "words" if amounts else ""
        elif not doubt or (doubt == "gap" and _fills_rows_of(amounts[0], n, below, code)):
            amounts.append(n)
        else:
            beside.append(n)
    return amounts, beside


def _fills_rows_of(first: int, column: int, rows: Sequence[Sequence[Cell]], code: int) -> bool:
    """Whether a column is filled where the first column of amounts is, and nowhere beside the table."""
    filled = {n for n, row in enumerate(rows) if _text(row, column)}
    wanted = {n for n, row in enumerate(rows) if _text(row, code) and _text(row, first)}
    return filled <= {n for n, row in enumerate(rows) if _text(row, code)} and len(filled) >= 0.9 * len(wanted)


def _text(row: Sequence[Cell], column: int) -> str:
    return str(row[column]).strip() if column < len(row) else ""


def _amount(row: Sequence[Cell], column: int) -> str:
    cell = row[column] if column < len(row) else ""
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    text = str(cell).strip()
    return "[x]" if _NO_AMOUNT.fullmatch(text) else text


def _updated(sheet: Sheet) -> date | None:
    """Day of the last update, as the lines above a table say it."""
    for row in sheet.rows[:_MOST_TITLE_LINES]:
        for cell in row:
            match = _UPDATED.search(cell) if isinstance(cell, str) else None
            if match is None:
                continue
            try:
                return datetime.strptime(match[1], "%d %B %Y").date()  # noqa: DTZ007 - a day, not a moment
            except ValueError:
                continue
    return None
