"""The files of one submission to typed tables, with everything in them that is not as specified.

Files of one table are put one below the other; `file_number` and `line_number` of the raw frames
keep where a row came from.

`of_frames` does the same for tables held in memory, by table name, as text or as values::

    episodes = pl.DataFrame({"CHILD": ["a1"], "DECOM": ["01/05/2025"], "DEC": [None], "RNE": ["S"]})
    data = of_frames("ssda903", {"Episodes": episodes}, year=2026)
    run = run_rules(data, rules_of("ssda903"))

so that rules can be tried on a few rows, and their findings compared with those of other tools.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

import polars as pl

from transforms.errors import UsageError
from transforms.returns.calendar import bank_holidays, year_to
from transforms.returns.entry import Block, Column, Return, Table, is_valid
from transforms.returns.headings import Problem, key_of, known_headings, missing_columns
from transforms.returns.model import FILE, LINE, PROBLEMS, ROW, ReturnData, as_text
from transforms.returns.reading import FileRead, entry_of
from transforms.returns.values import INVALID, MESSAGES, MONTH_FIRST, typed

_PLACES = (ROW, FILE, LINE)
_AS_WRITTEN = ("code", "postcode")
_NAMING = ("integer",)  # kinds of key columns that are numbers only where a reader has counted


def assemble(
    return_code: str,
    files: Sequence[FileRead],
    year: int,
    la_code: str | None = None,
    previous: ReturnData | None = None,
    references: Mapping[str, pl.DataFrame] | None = None,
    day: date | None = None,
) -> ReturnData:
    """Join the files of one submission and read their text as values.

    Args:
        return_code: kind of return; all files are of it.
        files: in the order in which their rows are to be counted.
        year: collection year.
        la_code: DfE code of the authority, where place or content tells it.
        previous: the submission of the year before.
        references: other frames by name, as rules ask for them.
        day: of which lists of one day tell, where their place says so; else what the files say.

    Returns:
        The submission, its problems among it.

    Raises:
        UsageError: a file is of another return, or there is none.
    """
    entry = entry_of(return_code)
    if not files or any(file.return_code != return_code for file in files):
        raise UsageError(f"submission: found files of other returns or none, expected files of {return_code}")
    raw, problems = _joined(entry, files, year)
    typed_tables = {name: typed_table(entry.table(name), text, year) for name, text in raw.items()}
    problems += [found for _, found in typed_tables.values()]
    start, end = _period(entry, files, year, day)
    problems.append(_against_previous(entry, raw, previous))
    return ReturnData(
        return_code,
        year,
        start,
        end,
        {name: frame for name, (frame, _) in typed_tables.items()},
        raw,
        la_code=la_code,
        previous=previous,
        references=dict(references or {}),
        holidays=bank_holidays(),
        problems=_together(problems),
        files=tuple(file.name for file in files),
    )


def of_frames(
    return_code: str,
    frames: Mapping[str, pl.DataFrame],
    year: int,
    la_code: str | None = None,
    previous: ReturnData | None = None,
    references: Mapping[str, pl.DataFrame] | None = None,
) -> ReturnData:
    """Build a submission from tables held in memory, each value as it stands there.

    Dates and numbers are read as those of files are. What files leave to the reader is left alone: no
    code is put into upper case, empty text is not blank, and rows are linked by whatever names them.

    Args:
        return_code: kind of return.
        frames: by table name; columns by any heading the specification knows, in any type. Others are
            kept as they are, for rules that read values derived elsewhere. Rows are numbered as they
            stand.
        year: collection year; its period, unless a header gives another day of reference.
        la_code: as of `assemble`.
        previous: as of `assemble`.
        references: as of `assemble`.

    Returns:
        The submission; tables that were not given are missing from it, not empty.

    Raises:
        UsageError: a table is none of this return's.
    """
    entry = entry_of(return_code)
    known = {table.name for table in entry.tables}
    if not known.issuperset(frames):
        raise UsageError(f"submission: found tables {', '.join(sorted(set(frames) - known))}, expected those of it")
    tables = {name: _as_it_stands(entry.table(name), frame, year) for name, frame in frames.items()}
    typed_tables = {name: values for name, (values, _) in tables.items()}
    day = _reference_day(typed_tables)
    return ReturnData(
        return_code,
        year,
        *(entry.period(year) if day is None else year_to(day)),
        typed_tables,
        {name: text for name, (_, text) in tables.items()},
        la_code=la_code,
        previous=previous,
        references=dict(references or {}),
        holidays=bank_holidays(),
    )


def _reference_day(tables: Mapping[str, pl.DataFrame]) -> date | None:
    """Return the first day of reference that a header gives, or None."""
    header = tables.get("Header", pl.DataFrame())
    days = header["ReferenceDate"].drop_nulls().to_list() if "ReferenceDate" in header.columns else []
    return days[0] if days else None


def _as_it_stands(table: Table, frame: pl.DataFrame, year: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return values and text of one table."""
    headings = known_headings(table)
    names: dict[str, str] = {}
    for heading in frame.columns:
        column = headings.get(key_of(heading))
        if column is not None and column.name not in {*frame.columns, *names.values()}:
            names[heading] = column.name
    frame = frame.drop(ROW, strict=False).rename(names).with_row_index(ROW)
    text = as_text(frame.lazy()).collect()
    columns = {column.name: column for column in table.columns if column.name in frame.columns}
    read = [
        typed(text[name], column, year)[0]
        for name, column in columns.items()
        if column.kind not in _AS_WRITTEN and not (column.kind in _NAMING and name in table.key)
    ]
    return text.with_columns(read), text


def typed_table(table: Table, raw: pl.DataFrame, year: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Read one table of text, or the next piece of one.

    Args:
        table: its specification.
        raw: text with `row_number`, and maybe `file_number` and `line_number`.
        year: collection year.

    Returns:
        The typed frame, with `row_number` and the columns there are; and problems by row, of the
        schema `PROBLEMS`.
    """
    series = [raw[ROW]]
    problems: list[pl.DataFrame] = []
    for column in table.columns:
        if column.name not in raw.columns:
            continue
        text = raw[column.name]
        values, wrong = typed(text, column, year)
        series.append(text if values.dtype == pl.String and values.equals(text) else values)  # held once
        if wrong is not None:
            problems += _wrong(table, column, raw, wrong)
        if column.is_required and is_valid(column, year) and raw[column.name].null_count():
            blank = raw.filter(pl.col(column.name).is_null())
            problems.append(_by_row(table, column.name, blank, "blank_required", "found nothing, expected a value"))
    return pl.DataFrame(series), _together(problems)


def _joined(entry: Return, files: Sequence[FileRead], year: int) -> tuple[dict[str, pl.DataFrame], list[pl.DataFrame]]:
    """Put the files of each table one below the other and number the rows; say what is missing."""
    problems = [_of_file(file.problems, number) for number, file in enumerate(files)]
    wholes = sum(file.is_whole for file in files)
    if wholes > 1:
        message = f"found {wholes} files that are each a whole return, expected one; they are read as parts of one"
        problems.append(_of_file([Problem("several_whole_returns", message)]))
    above = _numbers_above(entry, files)
    tables: dict[str, pl.DataFrame] = {}
    for table in entry.tables:
        parts = [
            file.tables[table.name].with_columns(
                pl.lit(number, pl.UInt32).alias(FILE), *_raised(file.tables[table.name], above[number])
            )
            for number, file in enumerate(files)
            if table.name in file.tables
        ]
        if not parts:
            continue
        frame = pl.concat(parts, how="diagonal") if len(parts) > 1 else parts[0]
        if not is_valid(table, year):
            if frame.is_empty():
                continue
            message = "found rows of a table that is not collected in this year"
            problems.append(_of_file([Problem("table_not_of_year", message, table.name)]))
        if LINE not in frame.columns:
            frame = frame.with_columns(pl.lit(None, pl.UInt32).alias(LINE))
        frame, found = _of_year(table, frame, year)
        present = [name for name in (column.name for column in table.columns) if name in frame.columns]
        tables[table.name] = frame.with_row_index(ROW).select(*_PLACES, *present)
        problems += [
            _of_file([*found, *missing_columns(entry, table, present, year)]),
            _repeats(table, tables[table.name]),
        ]
    return tables, problems


def _numbers_above(entry: Return, files: Sequence[FileRead]) -> list[dict[str, int]]:
    """Return, by file, what to add to the numbers given within it, so that they stay keys across files."""
    names = _numbered(entry.xml.records) if entry.xml else frozenset[str]()
    above: list[dict[str, int]] = [dict.fromkeys(names, 0)]
    for file in files[:-1]:
        most = dict.fromkeys(names, 0)
        for frame in file.tables.values():
            for name in names.intersection(frame.columns):
                most[name] = max(most[name], frame.select(pl.col(name).cast(pl.Int64).max()).item() or 0)
        above.append({name: above[-1][name] + most[name] for name in names})
    return above


def _numbered(blocks: Iterable[Block]) -> frozenset[str]:
    return frozenset(
        name for block in blocks for name in (_numbered(block.blocks) | ({block.number} if block.number else set()))
    )


def _raised(frame: pl.DataFrame, above: Mapping[str, int]) -> Iterator[pl.Expr]:
    for name, number in above.items():
        if number and name in frame.columns:
            yield (pl.col(name).cast(pl.Int64) + number).cast(pl.String)


def _of_year(table: Table, frame: pl.DataFrame, year: int) -> tuple[pl.DataFrame, list[Problem]]:
    """Leave out columns of other years that hold nothing; report those that hold something."""
    problems = []
    for column in table.columns:
        if column.name in frame.columns and not is_valid(column, year) and is_valid(table, year):
            if frame[column.name].null_count() == frame.height:
                frame = frame.drop(column.name)
            else:
                message = "found values in a column that is not collected in this year"
                problems.append(Problem("column_not_of_year", message, table.name, column.name))
    return frame, problems


def _repeats(table: Table, frame: pl.DataFrame) -> pl.DataFrame:
    """Report rows that repeat an earlier one in every column."""
    names = [name for name in frame.columns if name not in _PLACES]
    if not names or frame.height < 2:
        return _no_problems()
    # Few rows share their hash with another; only these are compared cell by cell.
    alike = frame.filter(frame.select(names).hash_rows().is_duplicated())
    again = alike.filter(~pl.struct(names).is_first_distinct()) if alike.height else alike
    return _by_row(table, "", again, "repeated_row", "found a row that repeats an earlier one in every column")


def _against_previous(entry: Return, raw: Mapping[str, pl.DataFrame], previous: ReturnData | None) -> pl.DataFrame:
    """Report tables that hold the same rows in both years: one file was given as both."""
    if previous is None:
        return _no_problems()
    same = []
    for table in entry.tables:
        now, before = raw.get(table.name), previous.raw.get(table.name)
        if now is None or before is None or not now.height:
            continue
        if now.drop(_PLACES, strict=False).equals(before.drop(_PLACES, strict=False)):
            message = "found the same rows in this year and the year before, expected a file of each"
            same.append(Problem("same_as_previous_year", message, table.name))
    return _of_file(same)


def _period(entry: Return, files: Iterable[FileRead], year: int, day: date | None) -> tuple[date, date]:
    days = [day] if day else [file.day for file in files if file.day is not None]
    return year_to(max(days)) if entry.snapshot and days else entry.period(year)


def _wrong(table: Table, column: Column, raw: pl.DataFrame, wrong: pl.Series) -> Iterator[pl.DataFrame]:
    """Yield the problems of one column, one frame a reason."""
    marked = raw.select(*(name for name in (ROW, FILE) if name in raw.columns), wrong.alias("reason"))
    marked = marked.filter(pl.col("reason").is_not_null())
    for reason in marked["reason"].unique().sort().to_list():
        message = MESSAGES[reason].format(kind=f"a value of kind {column.kind}")
        if reason == INVALID and any(code.seen for code in column.codes):
            message = "found a spelling of no known category, expected one of the list; the value is left out"
        yield _by_row(table, column.name, marked.filter(pl.col("reason") == reason), reason, message)
    if MONTH_FIRST in marked["reason"]:
        message = "found dates that read only with the month first; the others of the column were read day first"
        yield _of_file([Problem("ambiguous_dates", message, table.name, column.name)])


def _by_row(table: Table, column: str, rows: pl.DataFrame, code: str, message: str) -> pl.DataFrame:
    return rows.select(
        pl.lit(code).alias("problem_code"),
        pl.lit(table.name).alias("table_name"),
        pl.lit(column or None, pl.String).alias("column_name"),
        pl.col(ROW),
        pl.col(FILE) if FILE in rows.columns else pl.lit(None, pl.UInt32).alias(FILE),
        pl.lit(message).alias("message"),
    )


def _of_file(problems: Sequence[Problem], file: int | None = None) -> pl.DataFrame:
    rows = [(p.code, p.table or None, p.column or None, None, file, p.message) for p in problems]
    return pl.DataFrame(rows, schema=PROBLEMS, orient="row")


def _together(problems: Sequence[pl.DataFrame]) -> pl.DataFrame:
    return pl.concat([_no_problems(), *(frame for frame in problems if frame.height)])


def _no_problems() -> pl.DataFrame:
    return pl.DataFrame(schema=PROBLEMS)
