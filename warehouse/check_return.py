"""`safeguarding check`: what is wrong with a local return, without loading it.

Files are read in child processes, put together to submissions, and each of these is held against its
specification and the department's rules in a child again. What comes out names files, tables,
columns, rows and rules, and never holds a value of a row. Findings are the outcome, not a failure;
only a file whose structure cannot be used is one.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl

from transforms.errors import InputError, LayoutError, UsageError
from transforms.returns.reading import FileRead
from transforms.returns.submissions import Group, group
from warehouse.check_worker import CHECK_LIMITS, LIMITS, PROBLEM, RULE
from warehouse.extract import Fault, Job, read_many
from warehouse.extract_worker import fault_of
from warehouse.places import printable

MOST_FILES = 2_000
_READ = "warehouse.check_worker:read_return"
_READ_PROVIDERS = "warehouse.check_worker:read_provider_lists"
_CHECK = "warehouse.check_worker:check_submission"
_FIRST_YEAR, _LAST_YEAR = 2009, 2100
_LA_CODE = re.compile(r"[0-9]{3}")

FINDING = ("rule_code", "severity", "table_name", "row_number", "file", "line_number", "fields", "message")


@dataclass(slots=True)
class Refused:
    """A file that was not read.

    Attributes:
        is_other: of no return, and merely in the folder: passed over, no failure.
    """

    file: str
    code: str
    message: str
    is_other: bool = False


@dataclass(slots=True)
class Checked:
    """One submission, checked.

    Attributes:
        answer: of `warehouse.check_worker.check_submission`.
        notes: how year and files were told, where that was not plain.
    """

    answer: Mapping[str, Any]
    notes: list[str] = field(default_factory=list)

    def facts(self) -> dict[str, Any]:
        """Return what was checked."""
        return {**self.answer["facts"], "notes": self.notes}

    def problems(self) -> list[dict[str, Any]]:
        """Return departures from the specification, alike ones together: how many rows, and the first of them."""
        return [dict(zip(PROBLEM, row, strict=True)) for row in self.answer["problems"]]

    def rules(self) -> list[dict[str, Any]]:
        """Return the verdict of each rule."""
        return [dict(zip(RULE, row, strict=True)) for row in self.answer["rules"]]

    def findings(self) -> Iterator[tuple[Any, ...]]:
        """Yield rows that break a rule, in the order of `FINDING`; rows count from 0, lines from 1."""
        rules = {rule["rule_code"]: rule for rule in self.rules()}
        fields = self.answer["fields"]
        for code, table, row, file, line in pl.read_ipc_stream(io.BytesIO(self.answer["findings"])).iter_rows():
            rule = rules[code]
            yield code, rule["severity"], table, row, file, line, fields[code], rule["message"]


@dataclass(slots=True)
class Outcome:
    """Everything one command found."""

    checked: list[Checked] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        """0 whatever the findings; 10 where a file was refused or there was nothing to check."""
        failed = any(not file.is_other for file in self.refused)
        return InputError.exit_code if failed or not self.checked else 0


def check(
    paths: Sequence[Path],
    year: int | None = None,
    la_code: str | None = None,
    previous: Sequence[Path] = (),
    providers: Sequence[Path] = (),
) -> Outcome:
    """Check the returns at some paths.

    Args:
        paths: files, or folders with all below them.
        year: collection year; told by the files unless given.
        la_code: DfE code of the authority; told by the files, or their place in a landing zone, unless given.
        previous: files of the year before, where they do not lie beside those of this year.
        providers: Ofsted's lists of providers.

    Raises:
        UsageError: a path is not there, a year or code is none, or there are too many files.
    """
    if year is not None and not _FIRST_YEAR <= year <= _LAST_YEAR:
        raise UsageError(f"--year: found {year}, expected the year in which the collection ends, as 2026")
    if la_code is not None and not _LA_CODE.fullmatch(la_code):
        raise UsageError("--la: expected the three digits of a DfE code")
    outcome = Outcome()
    references = _references(providers, outcome)
    groups = _groups(paths, outcome)
    before = _groups(previous, outcome) if previous else []
    for entry_code, la in dict.fromkeys((found.return_code, found.la_code) for found in groups):
        alike = [found for found in groups if (found.return_code, found.la_code) == (entry_code, la)]
        given = [found for found in before if found.return_code == entry_code and found.la_code in (None, la)]
        found = _check(alike, given, year, la_code or la or _la_code_of(paths), references)
        if isinstance(found, Checked):
            outcome.checked.append(found)
        else:
            names = ", ".join(file.name for one in alike for file in one.files)
            outcome.refused.append(Refused(names, found.code, found.message))
    return outcome


def _check(
    groups: list[Group], before: list[Group], year: int | None, la_code: str | None, references: bytes | None
) -> Checked | Fault:
    """Check one return of one authority, with the year before it where it lies beside it or was given."""
    this, notes = _of_year(groups, year)
    chosen = year or this.year
    if chosen is None:
        message = f"{this.return_code}: found nothing that tells the collection year, expected --year"
        return fault_of(LayoutError(message))
    if this.year is not None and this.year != chosen:
        notes.append(f"the files tell of {this.year}; they were checked as {chosen}, as asked")
    last = _previous(groups, before, this, chosen, notes)
    job = Job(this.return_code, None, (this.return_code, this.files, chosen, la_code, last, references))
    (outcome,) = read_many([job], _CHECK, CHECK_LIMITS)
    return outcome.fault or Checked(outcome.value, notes)


def _la_code_of(paths: Sequence[Path]) -> str | None:
    """Return the authority that the place of the files tells: `returns/<la_code>/...`."""
    found = set()
    for path in paths:
        parts = path.resolve().parts
        found |= {code for above, code in pairwise(parts) if above == "returns" and _LA_CODE.fullmatch(code)}
    return found.pop() if len(found) == 1 else None


def _of_year(groups: list[Group], year: int | None) -> tuple[Group, list[str]]:
    """Choose the group that is this year's: the one asked for, else the latest."""
    asked = [found for found in groups if year is not None and found.year == year]
    chosen = asked[0] if asked else max(groups, key=lambda found: found.year or 0)
    unsure = [found for found in groups if found.year is None and found is not chosen]
    notes = [f"no date in {file.name} tells its year; it was left out" for found in unsure for file in found.files]
    return chosen, notes


def _previous(groups: list[Group], before: list[Group], this: Group, year: int, notes: list[str]) -> list[FileRead]:
    """Return the files of the year before, and note which were left out."""
    given = [file for found in before for file in found.files]
    beside = [file for found in groups if found.year == year - 1 and found is not this for file in found.files]
    years = {found.year for found in groups if found is not this and found.year is not None} - {year - 1}
    notes += [f"files of {other} were left out" for other in sorted(years)]
    told = {found.year for found in before if found.year is not None} - {year - 1}
    notes += [f"files given as the year before tell of {other}" for other in sorted(told)]
    return given or beside


def _groups(paths: Sequence[Path], outcome: Outcome) -> list[Group]:
    files, refused = read_returns(list(_files(paths)))
    outcome.refused += refused
    try:
        groups = group(file for _, file in files)
    except LayoutError as error:
        outcome.refused.append(Refused(", ".join(map(str, paths)), fault_of(error).code, str(error)))
        return []
    hashes = {id(file): sha256 for sha256, file in files}
    for found in groups:
        first: dict[str, FileRead] = {}
        for file in found.files:
            if first.setdefault(hashes[id(file)], file) is not file:
                same = first[hashes[id(file)]].name
                message = f"found the same bytes as in {same}, expected each file once; it was counted once"
                outcome.refused.append(Refused(file.name, "repeated_file", message, is_other=True))
        found.files = list(first.values())
    return groups


def _files(paths: Sequence[Path]) -> Iterator[tuple[Path, str, bool]]:
    """Yield each file, what to call it, and whether it was named itself; those of folders in order of name."""
    names: dict[str, Path] = {}
    for path in paths:
        if path.is_dir():
            below = (found for found in path.rglob("*") if found.is_file() and not _is_hidden(found.relative_to(path)))
            found = [(file, str(file.relative_to(path.parent)), False) for file in sorted(below)]
        elif path.exists():
            found = [(path, path.name, True)]
        else:
            raise UsageError(f"{path}: found nothing there, expected a file or a folder")
        if len(names) + len(found) > MOST_FILES:
            raise UsageError(f"{path}: found more than {MOST_FILES:,} files, expected those of one return")
        for file, written, is_named in found:
            short = printable(written)
            name = short if names.get(short, file) == file else printable(str(file))
            if name not in names:
                names[name] = file
                yield file, name, is_named


def _references(providers: Sequence[Path], outcome: Outcome) -> bytes | None:
    """Read the lists of providers, all of them together, in a child process; return an Arrow stream."""
    files = list(_files(providers))
    if not files:
        return None
    job = Job("providers", None, (tuple(str(path) for path, _, _ in files),))
    for read in read_many([job], _READ_PROVIDERS, LIMITS):
        if read.fault is None:
            return bytes(read.value)
        outcome.refused.append(Refused(", ".join(name for _, name, _ in files), read.fault.code, read.fault.message))
    return None


def _is_hidden(path: Path) -> bool:
    return any(part.startswith((".", "~$")) for part in path.parts)


def read_returns(
    files: Iterable[tuple[Path, str, bool]],
) -> tuple[list[tuple[str, FileRead]], list[Refused]]:
    """Read files in child processes.

    Args:
        files: path, name and whether it was named itself.

    Returns:
        What was read with the sha256 of each, in the order given, and what was not.
    """
    refused: list[Refused] = []
    hashes: dict[str, str] = {}
    jobs: dict[str, tuple[Job, bool]] = {}
    for path, name, is_named in files:
        with path.open("rb") as stream:
            hashes[name] = hashlib.file_digest(stream, "sha256").hexdigest()
        jobs[name] = Job(name, None, (str(path), name)), is_named
    read: dict[str, FileRead] = {}
    for outcome in read_many([job for job, _ in jobs.values()], _READ, LIMITS):
        if outcome.fault is not None:
            is_other = outcome.fault.code == "unknown_source" and not jobs[outcome.id][1]
            refused.append(Refused(outcome.id, outcome.fault.code, outcome.fault.message, is_other))
        else:
            read[outcome.id] = outcome.value
    return [(hashes[name], read[name]) for name in jobs if name in read], refused
