"""The reading of one submission in a child: from encrypted originals to what may leave it.

Plain rows exist in the memory of this process only. It decrypts the submission and those of earlier
years, runs the rules, computes the indicators on the full data, and hands back rows reduced to what
may be kept, numbers of the rows that break a rule, and values of indicators. All that goes into the
restricted store; nothing of it is published before it is suppressed. The process is given keys of
the files it reads and of the authority's hashes, never the secrets themselves.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path

# Before Polars is imported: each of its threads would reserve a share of the memory a file may take, and
# with more than one Polars 2.1 now and then panics when it groups by Categorical identifiers.
for _name in ("POLARS_MAX_THREADS", "OMP_NUM_THREADS", "ARROW_IO_THREADS"):
    os.environ[_name] = "1"

import polars as pl  # noqa: E402

from transforms.errors import InputError, LayoutError, UnknownSourceError, UnreadableFileError, WarehouseError  # noqa: E402
from transforms.indicators.compute import compute  # noqa: E402
from transforms.indicators.model import TOTAL  # noqa: E402
from transforms.indicators.reliability import unreliable_codes  # noqa: E402
from transforms.reports.model import Problem  # noqa: E402
from transforms.returns import periods, rules_of  # noqa: E402
from transforms.returns.assembling import assemble  # noqa: E402
from transforms.returns.entry import Return  # noqa: E402
from transforms.returns.model import FILE, LINE, ROW, ReturnData  # noqa: E402
from transforms.returns.providers import read_providers  # noqa: E402
from transforms.returns.reading import FileRead, entry_of, packed, read_file  # noqa: E402
from transforms.returns.reduction import hashes_of, reduce_table  # noqa: E402
from transforms.returns.rule import RuleRun, run_rules  # noqa: E402
from transforms.spreadsheets import read_sheets  # noqa: E402
from warehouse.vault import plain  # noqa: E402

SMALLEST = 6  # fewer rows than that are not counted in public
VERDICTS = ("rule_code", "severity", "state", "findings", "needs", "fields", "message")


@dataclass(frozen=True, slots=True)
class Part:
    """One encrypted file of a submission.

    Attributes:
        name: below the submission's folder.
        path: of the encrypted original.
        key: of that file alone.
    """

    name: str
    path: str
    key: bytes


@dataclass(frozen=True, slots=True)
class Task:
    """One submission to read, with those of earlier years.

    Attributes:
        year: by its folder or as told before; None where only its content tells.
        day: that its folder is named by.
        earlier: files of the standing submissions of other years.
        hash_key: of the authority's identifiers.
        population: children aged 0 to 17 by year.
        providers: files with Ofsted's lists of providers.
    """

    sha256: str
    la_code: str
    return_code: str
    year: int | None
    day: date | None
    parts: tuple[Part, ...]
    earlier: Mapping[int, tuple[Part, ...]] = field(default_factory=dict)
    hash_key: bytes = b""
    population: Mapping[int, float] = field(default_factory=dict)
    providers: tuple[str, ...] = ()

    @property
    def when(self) -> str:
        """What its folder is named by."""
        return self.day.isoformat() if self.day else str(self.year or "")


@dataclass(slots=True)
class Returned:
    """What one submission gave. Frames are Arrow streams, to be handed on as plain bytes.

    Attributes:
        tables: reduced rows, by table.
        verdicts: a row a rule, of the columns `VERDICTS`.
        findings: rule_code, table_name, row_number.
        hashes: every hash of an identifier in it, one column `hash`.
        results: of the columns of `transforms.indicators.compute.RESULT`, not suppressed: for the
            restricted store only, for what is suppressed depends on all returns of an authority.
        problems: to be told in public: no name of a column or element that no specification has.
        based_on: filled in by the parent (`warehouse.returns.basis`).
    """

    sha256: str
    year: int
    period_start: date
    period_end: date
    tables: dict[str, bytes]
    verdicts: bytes
    findings: bytes
    hashes: bytes
    results: bytes
    problems: list[Problem]
    based_on: str = ""


def tell_year(task: Task) -> int:
    """Tell the collection year of a submission whose folder names a day.

    Raises:
        InputError: as `read_submission`.
    """
    return _year_of(task, _read_parts(task.return_code, task.parts, task.when)[0])


def read_submission(task: Task) -> Returned:
    """Read, check and compute one submission.

    Raises:
        InputError: a file cannot be read, or is of another return, authority or year than its folder says.
    """
    files, problems = _read_parts(task.return_code, task.parts, task.when)
    year = _year_of(task, files)
    _require_authority(task, files)
    history = _earlier(task, year)
    before = next((data for data in history if data.year == year - 1), None)
    references, more = _references(task.providers)
    data = assemble(task.return_code, files, year, task.la_code, before, references)
    run = run_rules(data, rules_of(task.return_code))
    entry = entry_of(task.return_code)
    reduced = _reduced(entry, data, task.hash_key)
    results = _results(task, [*history, data], run)
    return Returned(
        task.sha256,
        data.year,
        data.start,
        data.end,
        {name: packed(frame) for name, frame in reduced.items()},
        packed(verdicts_of(run)),
        packed(run.findings),
        packed(hashes_of((entry.table(name), frame) for name, frame in reduced.items()).alias("hash").to_frame()),
        packed(results),
        [*problems, *more, *_told(entry, data), *_not_computed(results)],
    )


def _read_parts(return_code: str, parts: Iterable[Part], when: str) -> tuple[list[FileRead], list[Problem]]:
    """Read all files of a submission; one of no return at all is left out and told.

    The name of their folder, `when`, tells lists of one day the day.
    """
    files, problems = [], []
    for part in parts:
        try:
            read = read_file(plain(Path(part.path), part.key), f"{when}/{part.name}")
            read.name = part.name
        except UnknownSourceError as error:
            problems.append(Problem("unknown_file", "warning", f"{part.name}: left out: {error}", place=part.name))
            continue
        except InputError as error:
            raise type(error)(f"{part.name}: {error}") from None
        except WarehouseError:
            expected = "one kept under the present key and unchanged since"
            raise UnreadableFileError(f"{part.name}: found no usable encrypted original, expected {expected}") from None
        if read.return_code != return_code:
            raise LayoutError(f"{part.name}: found {read.return_code}, expected {return_code} as its folder says")
        files.append(read)
    if not files:
        seen = "; ".join(problem.message for problem in problems) or "no file"
        raise UnknownSourceError(f"submission: found no file of {return_code}, expected at least one: {seen}")
    return files, problems


@cache
def _references(providers: tuple[str, ...]) -> tuple[dict[str, pl.DataFrame], tuple[Problem, ...]]:
    """Read what rules need besides; without a readable list they say that they were not run."""
    if not providers:
        return {}, ()
    try:
        sheets = [sheet for path in providers for sheet in read_sheets(Path(path).read_bytes())]
        return {"providers": read_providers(sheets)}, ()
    except (InputError, OSError) as error:
        return {}, (Problem("provider_list", "warning", f"list of providers: {error}", place="list of providers"),)


def _year_of(task: Task, files: Sequence[FileRead]) -> int:
    """Return the collection year: by the folder, which a header must not contradict, else by the content."""
    entry = entry_of(task.return_code)
    if entry.snapshot:
        told = [file.year for file in files if file.year is not None]
        if not told and task.year is None:
            raise LayoutError("submission: found no day of the lists, expected a folder named by it: 2026-03-31")
        return max(told) if told else int(task.year or 0)
    headed = {file.year for file in files if file.year is not None and not entry.year_columns}
    if task.year is not None:
        if headed - {task.year}:
            raise LayoutError(
                f"header: found the year {max(headed - {task.year})}, expected {task.year} as its folder says"
            )
        return task.year
    if headed:
        return max(headed)
    if task.day is None:
        raise LayoutError("submission: found neither year nor day, expected a folder named by one")
    # Sent in the course of a year, or after its end: then no event in it is of the year it was sent in.
    year = periods.collection_year(entry, task.day)
    counts = {y: sum(file.year_counts.get(y, 0) for file in files) for y in (year - 1, year)}
    return year if counts[year] * 100 >= counts[year - 1] else year - 1


def _require_authority(task: Task, files: Sequence[FileRead]) -> None:
    for file in files:
        if file.la_code not in (None, task.la_code):
            message = f"found the authority {file.la_code} in its header, expected {task.la_code} as its folder says"
            raise LayoutError(f"{file.name}: {message}")


def _earlier(task: Task, year: int) -> list[ReturnData]:
    """Read the standing submissions of the years before, oldest first."""
    history: list[ReturnData] = []
    for earlier in sorted(y for y in task.earlier if y < year):
        try:
            files, _ = _read_parts(task.return_code, task.earlier[earlier], str(earlier))
        except InputError as error:
            raise type(error)(f"the return of {earlier}, which is looked back at: {error}") from None
        before = history[-1] if history and history[-1].year == earlier - 1 else None
        history.append(assemble(task.return_code, files, earlier, task.la_code, before))
    return history


def _reduced(entry: Return, data: ReturnData, hash_key: bytes) -> dict[str, pl.DataFrame]:
    def digest(identifier: str) -> str:
        return digest_of(hash_key, identifier)

    names = pl.DataFrame(
        {FILE: range(len(data.files)), "file_name": data.files}, schema={FILE: pl.UInt32, "file_name": pl.String}
    )
    reduced = {}
    for name, frame in data.typed.items():
        places = data.raw[name].select(
            ROW, *(pl.col(n) if n in data.raw[name].columns else pl.lit(None, pl.UInt32).alias(n) for n in (FILE, LINE))
        )
        placed = frame.join(places.join(names, on=FILE, how="left"), on=ROW, how="left", maintain_order="left")
        reduced[name] = reduce_table(placed, entry.table(name), digest)
    return reduced


def digest_of(hash_key: bytes, identifier: str) -> str:
    """Return the keyed hash of an identifier already in its normal form."""
    return hmac.new(hash_key, identifier.encode(), hashlib.sha256).hexdigest()


def verdicts_of(run: RuleRun) -> pl.DataFrame:
    """Lay the verdicts of a run into rows."""
    rows = [
        (v.rule.code, v.rule.severity, v.state, v.rows, v.needs, "; ".join(v.rule.fields), v.rule.message)
        for v in run.verdicts
    ]
    schema = dict.fromkeys(VERDICTS, pl.String) | {"findings": pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _results(task: Task, history: Sequence[ReturnData], run: RuleRun) -> pl.DataFrame:
    """Compute the indicators of the last year of a history."""
    year = history[-1].year
    doubted = unreliable_codes(run.findings, run.verdicts, task.return_code)
    found = compute(history, task.population, unreliable={year: doubted})
    return found.filter(pl.col("return_year") == year)


def _not_computed(results: pl.DataFrame) -> list[Problem]:
    """Tell what to know about values: what was needed and not given, or what is inferred."""
    noted = results.filter((pl.col("breakdown") == TOTAL) & (pl.col("note") != "")).select("indicator_code", "note")
    return [
        Problem("indicator_note", "warning", f"{code}: {note}", place=code)
        for code, note in noted.unique(maintain_order=True).iter_rows()
    ]


def _told(entry: Return, data: ReturnData) -> list[Problem]:
    """Gather what the submission departs in from its specification, told without small numbers.

    Headings and elements that no specification has are not named: they may be anything.
    """
    known = {(table.name, column.name) for table in entry.tables for column in table.columns}
    tables = {table.name for table in entry.tables}
    counted = data.problems.group_by("problem_code", "table_name", "column_name", "message", maintain_order=True).agg(
        pl.len().alias("problems"), pl.col(ROW).count().alias("rows")
    )
    told = []
    for row in counted.iter_rows(named=True):
        table, column = row["table_name"], row["column_name"]
        names = (table if table in tables else None, column if (table, column) in known else None)
        place = ".".join(name for name in names if name)
        rows = row["rows"]
        shown = f"{rows:,} rows" if rows >= SMALLEST else "fewer than 6 rows" if rows else None
        message = without_small_numbers(str(row["message"]))
        told.append(
            Problem(
                row["problem_code"],
                "warning",
                f"{place or 'file'}: {message}" + (f" ({shown})" if shown else ""),
                found=shown,
                place=place or "file",
            )
        )
    return list({(problem.code, problem.message): problem for problem in told}.values())


def without_small_numbers(message: str) -> str:
    """Return a message in which no count of one to five is left."""
    return re.sub(r"(?<![\w.,-])[1-5](?![\w.,-])", "a few", message)
