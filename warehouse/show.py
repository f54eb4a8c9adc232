"""How results look to a person: Rich tables on a terminal, plain lines in a log.

Values from files are shown as text only: no markup in them is obeyed, and control characters
are replaced, so that a file name cannot drive anyone's terminal.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

MOST_ROWS = 1_000

Progress = Callable[[str, int, int], None]


def out() -> Console:
    """Return the console for results."""
    return Console(file=sys.stdout, highlight=False, soft_wrap=not sys.stdout.isatty())


def plain(value: Any) -> str:
    """Return one value as a single printable line."""
    if value is None:
        return ""
    text = str(value)
    return text if text.isprintable() else "".join(c if c.isprintable() else " " for c in text)


def table(
    title: str | None, columns: Sequence[str], rows: Iterable[Sequence[Any]], *, most: int = MOST_ROWS
) -> tuple[Table, int]:
    """Lay rows out as a table.

    Args:
        title: shown above it, or None.
        columns: headings.
        rows: read only as far as they are shown.
        most: rows shown.

    Returns:
        The table and the number of rows in it; one more row than `most` is read to know
        whether any are left, and the caption says so.
    """
    made = Table(title=Text(title) if title else None, title_justify="left", caption_justify="left")
    for column in columns:
        made.add_column(Text(plain(column)), overflow="fold")
    shown = 0
    for row in rows:
        if shown == most:
            made.caption = f"the first {most} rows; --csv or --json gives all of them"
            break
        made.add_row(*(Text(plain(value)) for value in row))
        shown += 1
    return made, shown


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
    made, _ = table(title, [c.replace("_", " ") for c in columns], ([row.get(c) for c in columns] for row in found))
    console.print(made)


def summary(console: Console, values: Mapping[str, Any], *, title: str) -> None:
    """Print a summary: single values as facts, lists of mappings as tables."""
    lists = {n: v for n, v in values.items() if isinstance(v, (list, tuple)) and v and isinstance(v[0], Mapping)}
    nested = {n: v for n, v in values.items() if isinstance(v, Mapping)}
    facts(console, {n: v for n, v in values.items() if n not in lists and n not in nested}, title=title)
    for name, value in nested.items():
        facts(console, value, title=name.replace("_", " "))
    for name, value in lists.items():
        records(console, name.replace("_", " "), value)


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
        console.print(table(None, ["area", "grade", "page", "read from"], rows)[0])
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
