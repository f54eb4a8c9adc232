"""The reading and checking of local returns in a child: the work that needs Polars.

As in `statistics_worker`, Polars and Arrow are imported at the top and told to use one thread: a
child measures the memory a file takes from after its imports. Files are opened here, not handed
over: a census is read piece by piece and never held whole. With one thread only, Polars 2.1 does not
panic when it groups by Categorical identifiers; were it to panic yet, that is told of the file.
"""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Any

for _name in ("POLARS_MAX_THREADS", "OMP_NUM_THREADS", "ARROW_IO_THREADS"):
    os.environ[_name] = "1"
os.environ["ARROW_DEFAULT_MEMORY_POOL"] = "system"

import polars as pl  # noqa: E402

from transforms.errors import UnreadableFileError  # noqa: E402
from transforms.returns import rules_of  # noqa: E402
from transforms.returns.assembling import assemble  # noqa: E402
from transforms.returns.model import FILE, LINE, ROW, ReturnData  # noqa: E402
from transforms.returns.reading import FileRead, entry_of, read_file  # noqa: E402
from transforms.returns.rule import RuleRun, run_rules  # noqa: E402
from warehouse.extract_worker import Limits  # noqa: E402

MOST_BYTES = 4 << 30
# A census of a million children takes about a minute and a gigabyte.
LIMITS = Limits(memory_bytes=3 << 30, cpu_seconds=300, wall_seconds=600.0)
CHECK_LIMITS = Limits(memory_bytes=8 << 30, cpu_seconds=3600, wall_seconds=7200.0)

RULE = ("rule_code", "severity", "state", "rows", "needs", "message")
PROBLEM = ("problem_code", "table_name", "column_name", "file", "rows", "first_row", "message")


def read_return(path: str, name: str) -> FileRead:
    """Read one file of a return.

    Args:
        path: where it lies.
        name: what to call it.

    Raises:
        InputError: it cannot be read, or is of no return.
    """
    try:
        _check_file(path)
        return read_file(Path(path), name)
    except OSError as error:
        raise UnreadableFileError(f"file: found {error.strerror or error}, expected a file that can be read") from error


def check_submission(
    return_code: str,
    files: Sequence[FileRead],
    year: int,
    la_code: str | None,
    before: Sequence[FileRead],
    providers: bytes | None,
) -> dict[str, Any]:
    """Hold one submission against its specification and the department's rules.

    Args:
        return_code: kind of return.
        files: of this year, as they were read.
        year: collection year.
        la_code: of the authority, where known.
        before: files of the year before.
        providers: an Arrow stream of Ofsted's lists.

    Returns:
        `facts`; `problems` and `rules`, rows of `PROBLEM` and `RULE`; `fields` by rule; `findings`, an Arrow
        stream of rule_code, table_name, row_number, file and line_number. No value of a row.
    """
    references = {"providers": pl.read_ipc_stream(io.BytesIO(providers))} if providers else {}
    previous = assemble(return_code, before, year - 1) if before else None
    data = assemble(return_code, files, year, la_code, previous, references)
    run = run_rules(data, rules_of(return_code))
    stream = io.BytesIO()
    _findings(data, run).write_ipc_stream(stream, compression="zstd")
    return {
        "facts": _facts(data),
        "problems": _problems(data),
        "rules": [(v.rule.code, v.rule.severity, v.state, v.rows, v.needs, v.rule.message) for v in run.verdicts],
        "fields": {v.rule.code: ", ".join(v.rule.fields) for v in run.verdicts},
        "findings": stream.getvalue(),
    }


def _facts(data: ReturnData) -> dict[str, Any]:
    return {
        "return_code": data.return_code,
        "title": entry_of(data.return_code).title,
        "year": data.year,
        "period": f"{data.start.isoformat()} to {data.end.isoformat()}",
        "la_code": data.la_code,
        "files": list(data.files),
        "tables": {name: frame.height for name, frame in data.typed.items()},
        "files_of_previous_year": list(data.previous.files) if data.previous else [],
    }


def _problems(data: ReturnData) -> list[tuple[Any, ...]]:
    names = _names(data)
    alike = ["problem_code", "table_name", "column_name", FILE, "message"]
    counted = data.problems.group_by(alike, maintain_order=True).agg(
        pl.col(ROW).count().alias("rows"), pl.col(ROW).min().alias("first_row")
    )
    return counted.join(names, on=FILE, how="left", maintain_order="left").select(PROBLEM).rows()


def _names(data: ReturnData) -> pl.DataFrame:
    schema = {FILE: pl.UInt32, "file": pl.String}
    return pl.DataFrame({FILE: range(len(data.files)), "file": data.files}, schema=schema)


def _findings(data: ReturnData, run: RuleRun) -> pl.DataFrame:
    """Return the rows that break a rule, with the place each has in its file."""
    names = _names(data)
    nothing = pl.DataFrame(schema={"table_name": pl.String, ROW: pl.UInt32, FILE: pl.UInt32, LINE: pl.UInt32})
    places = [
        data.raw[table].select(pl.lit(table).alias("table_name"), ROW, FILE, LINE)
        for table in run.findings["table_name"].unique(maintain_order=True)
        if table in data.raw
    ]
    placed = run.findings.join(pl.concat([nothing, *places]), on=["table_name", ROW], how="left", maintain_order="left")
    named = placed.join(names, on=FILE, how="left", maintain_order="left")
    return named.select("rule_code", "table_name", ROW, "file", LINE)


def read_provider_lists(paths: tuple[str, ...]) -> bytes:
    """Read Ofsted's lists of providers; return one frame as an Arrow stream.

    Raises:
        InputError: one cannot be read, or lists no providers.
    """
    from transforms.returns.providers import read_providers
    from transforms.spreadsheets import read_sheets

    sheets = []
    for path in paths:
        _check_file(path)
        sheets += read_sheets(Path(path).read_bytes())
    stream = io.BytesIO()
    read_providers(sheets).write_ipc_stream(stream)
    return stream.getvalue()


def _check_file(path: str) -> None:
    """Refuse what is no regular file, or too large.

    Raises:
        UnreadableFileError: it is one of these.
        OSError: it cannot be looked at.
    """
    found = Path(path).stat()
    if not stat.S_ISREG(found.st_mode):
        raise UnreadableFileError("file: found no regular file, expected one")
    if found.st_size > MOST_BYTES:
        raise UnreadableFileError(f"file: found {found.st_size:,} bytes, expected at most {MOST_BYTES:,}")
