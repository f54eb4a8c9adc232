"""How results look to a person: Rich tables on a terminal, plain lines in a log.

Values from files are shown as text only: no markup in them is obeyed, and control characters
are replaced, so that a file name cannot drive anyone's terminal.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

MOST_ROWS = 1_000
NO_TERMINAL = 240  # columns, where nothing says how wide the output may be

Progress = Callable[[str, int, int], None]


def out() -> Console:
    """Return the console for results."""
    return Console(file=sys.stdout, highlight=False, width=None if sys.stdout.isatty() else NO_TERMINAL)


def err() -> Console:
    """Return the console for what is said beside results."""
    return Console(file=sys.stderr, highlight=False, width=None if sys.stderr.isatty() else NO_TERMINAL)


def plain(value: Any) -> str:
    """Return one value as a single printable line."""
    if value is None:
        return ""
    text = str(value)
    return text if text.isprintable() else "".join(c if c.isprintable() else " " for c in text)


def table(title: str | None, columns: Sequence[str], rows: Iterable[Sequence[Any]], *, most: int = MOST_ROWS) -> Table:
    """Lay rows out as a table.

    Args:
        title: shown above it, or None.
        columns: headings.
        rows: read only as far as they are shown.
        most: rows shown.
    """
    made = Table(title=Text(title) if title else None, title_justify="left")
    for column in columns:
        made.add_column(Text(plain(column)), overflow="fold")
    for row in islice(rows, most):
        made.add_row(*(Text(plain(value)) for value in row))
    return made


def facts(console: Console, values: Mapping[str, Any], *, title: str | None = None) -> None:
    """Print names and values below each other, leaving out what is empty."""
    if title:
        console.print(Text(title, style="bold"))
    kept = {name: value for name, value in values.items() if value not in (None, "", [], {}, ())}
    width = max((len(name) for name in kept), default=0)
    for name, value in kept.items():
        shown = ", ".join(map(plain, value)) if isinstance(value, (list, tuple)) else plain(value)
        console.print(Text(f"  {name.replace('_', ' '):<{width}}  {shown}"))


def records(console: Console, title: str, found: Sequence[Mapping[str, Any]]) -> None:
    """Print a list of alike mappings as a table, or one line if there is none."""
    if not found:
        console.print(Text(f"{title}: none"))
        return
    columns = list(found[0])
    rows = ([row.get(column) for column in columns] for row in found)
    console.print(table(title, [column.replace("_", " ") for column in columns], rows))


def summary(console: Console, values: Mapping[str, Any], *, title: str) -> None:
    """Print a summary: single values as facts, mappings below a heading, lists of mappings as tables."""
    single: dict[str, Any] = {}
    nested: dict[str, Mapping[str, Any]] = {}
    lists: dict[str, Sequence[Mapping[str, Any]]] = {}
    for name, value in values.items():
        if isinstance(value, Mapping):
            nested[name] = value
        elif isinstance(value, (list, tuple)) and value and isinstance(value[0], Mapping):
            lists[name] = value
        else:
            single[name] = value
    facts(console, single, title=title)
    for name, inner in nested.items():
        if inner:
            facts(console, inner, title=name.replace("_", " "))
    for name, found in lists.items():
        records(console, name.replace("_", " "), found)


def load(console: Console, values: Mapping[str, Any], *, title: str) -> None:
    """Print how a load ended: what a person asks first, first.

    Args:
        console: where to.
        values: a load's summary as `load --json` prints it; absent ones are passed over.
        title: what was run.
    """
    state = values.get("state")
    console.print(Text(f"{title}: {state or 'not begun'}", style="bold"))
    files = {name[6:]: count for name, count in values.items() if name.startswith("files_") and count}
    run = values.get("run") or {}
    fetched = (run.get("stages") or {}).get("fetch") or {}
    told = {
        "message": values.get("message"),
        "fetched": ", ".join(f"{count} {name[6:]}" for name, count in fetched.items() if name.startswith("files_")),
        "files": ", ".join(f"{count} {name}" for name, count in files.items()),
        "rows": ", ".join(f"{name} {count}" for name, count in (values.get("tables") or {}).items() if count),
        "checks": f"{values['checks']}, {len(values.get('failed_checks') or [])} failed"
        if values.get("checks")
        else None,
        "published_file": values.get("published_file"),
        "checks_page": values.get("checks_page"),
        "failed_task": run.get("failed_task"),
        "log_file": run.get("log_file"),
        "load": values.get("load_id"),
        "seconds": values.get("seconds"),
    }
    facts(console, told)
    shown = {
        "quarantined": ("file", "reason"),
        "waiting": ("file", "reason"),
        "failed_checks": ("severity", "check_id", "table_name", "observed", "why"),
    }
    for name, columns in shown.items():
        if values.get(name):
            records(console, name.replace("_", " "), [{c: row.get(c) for c in columns} for row in values[name]])


def status(console: Console, values: Mapping[str, Any]) -> None:
    """Print what is published, the last loads, and every file that waits or was refused."""
    single = ("landing_zone", "published_file", "version", "checks_page", "versions_kept")
    facts(console, {name: values.get(name) or ("nothing yet" if name == "published_file" else None) for name in single})
    if values.get("tables"):
        facts(console, values["tables"], title="rows published")
    shown = {
        "loads": ("load_id", "trigger", "finished_at", "state", "exit_code", "files_new", "message"),
        "waiting": ("file", "reason"),
        "quarantined": ("file", "reason"),
    }
    for name, columns in shown.items():
        records(console, name, [{column: row.get(column) for column in columns} for row in values.get(name) or []])
    if values.get("fetches"):
        records(console, "fetches", values["fetches"])
    for name in ("pace", "documents_behind", "freshness"):
        records(console, name.replace("_", " "), values.get(name) or [])


def report(console: Console, found: Mapping[str, Any]) -> None:
    """Print what was read from one report."""
    lists = ("judgements", "recommendations", "figures", "previous_inspections", "problems")
    facts(
        console,
        {
            name: _authority(value) if name == "authority" else value
            for name, value in found.items()
            if name not in lists
        },
        title=plain(found.get("file")),
    )
    judgements = found.get("judgements") or []
    if judgements:
        rows = ([j.get("area_code"), j.get("grade_code"), j.get("page"), j.get("evidence")] for j in judgements)
        console.print(table(None, ["area", "grade", "page", "read from"], rows))
    recommendations = found.get("recommendations") or []
    for number, item in enumerate(recommendations, 1):
        console.print(Text(f"  {plain(item.get('number') or number)}. {plain(item.get('text'))}"))
    previous = found.get("previous_inspections") or []
    for item in previous:
        console.print(
            Text(f"  earlier: {plain(item.get('date'))} {plain(item.get('grade_code'))} {plain(item.get('statement'))}")
        )
    if found.get("figures"):
        console.print(Text(f"  figures stated in the text: {len(found['figures'])} (listed by --json)"))
    for problem in found.get("problems") or []:
        style = "red" if problem.get("severity") == "blocking" else "yellow"
        console.print(
            Text(f"  {problem.get('severity')}: {problem.get('code')}: {plain(problem.get('message'))}", style)
        )


def _authority(value: Any) -> Any:
    """Return the name of an authority, or of each of several."""
    if isinstance(value, Mapping):
        return f"{value.get('authority_name')} ({value.get('la_code')})"
    if isinstance(value, (list, tuple)):
        return [_authority(item) for item in value]
    return value


@contextmanager
def progress(wanted: bool) -> Iterator[Progress | None]:
    """Show a bar on standard error while a load runs, if it is a terminal and one is wanted.

    Yields:
        A function to call with the stage's name, how much is done and how much there is,
        or None where no bar is shown.
    """
    if not wanted or not sys.stderr.isatty():
        yield None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Bar(*columns, console=Console(file=sys.stderr), transient=True) as bar:
        tasks: dict[str, Any] = {}

        def advance(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bar.add_task(plain(stage), total=total or None)
            bar.update(tasks[stage], completed=done, total=total or None)

        yield advance
