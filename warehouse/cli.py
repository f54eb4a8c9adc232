"""The command line: `safeguarding`.

Exit codes: 0 all loaded; 10 something was quarantined and the rest is published; 11 a blocking
check failed and nothing is published; 12 the checks could not run; 13 the warehouse could not be
read or written; 14 something could not be fetched; 2 wrong usage; 130 interrupted; 143 told to end
(SIGTERM).

Results go to standard output, everything else to standard error. Whatever is slow to import
(Polars, Great Expectations, Airflow) is imported by the stage that needs it, never here.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from transforms.errors import InputError, SafeguardingError, UsageError
from warehouse.faults import as_ours
from warehouse.settings import Settings

INTERRUPTED, TOLD_TO_END = 130, 143
_ANSWERS_IN_ROWS = {"query", "report"}  # one JSON object a row or a file; all others tell failures in JSON too

app = typer.Typer(
    name="safeguarding",
    help="Inspections and statistics of children's services, loaded into a checked warehouse.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Say on standard error what each stage did.")]


@app.command()
def load(as_json: AsJson = False, verbose: Verbose = False) -> None:
    """Load everything new in the landing zone, in this process, without Airflow."""
    from warehouse import pipeline

    _log(verbose)
    settings = Settings.load()
    with _progress(wanted=not as_json and not verbose) as on_progress:
        summary = pipeline.load(settings, on_progress=on_progress)
    _print_load(summary.as_dict(), as_json, title="Load")
    raise typer.Exit(summary.exit_code)


@app.command()
def nightly(as_json: AsJson = False, verbose: Verbose = False) -> None:
    """Run the nightly Airflow DAG once, in this process, on an embedded metadata database."""
    from warehouse import nightly as runner

    _log(verbose)
    run = runner.run(Settings.load(), verbose=verbose)
    _print_load(run.as_dict(), as_json, title="Nightly load")
    raise typer.Exit(run.exit_code)


@app.command()
def fetch(
    source: Annotated[list[str] | None, typer.Option(help="Only this one: ofsted or statistics.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read lists only; fetch and record nothing.")] = False,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Fetch new reports and statistics into the landing zone; off unless SAFEGUARDING_FETCH is set."""
    from warehouse.fetch import run

    _log(verbose)
    with _progress(wanted=not as_json and not verbose) as on_progress:
        summary = run.fetch(Settings.load(), source or (), dry_run=dry_run, on_progress=on_progress)
    _print(summary.as_dict(), as_json, title="Fetch")
    raise typer.Exit(summary.exit_code)


@app.command()
def demo(verbose: Verbose = False) -> None:
    """Load a small made-up landing zone through the nightly DAG and show the answers."""
    from warehouse import demo as runner

    _log(verbose)
    raise typer.Exit(runner.run(verbose=verbose))


@app.command()
def report(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Inspection reports.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a file, one a line.")] = False,
    verbose: Verbose = False,
) -> None:
    """Parse inspection reports and print what was found; nothing is loaded."""
    from warehouse import operations, show

    _log(verbose)
    for file in files:
        if not file.is_file():
            raise UsageError(f"{show.plain(file)}: not a file")
    refused = False
    console = show.out()
    for found in operations.reports(Settings.load(), files):
        refused |= any(problem.get("severity") == "blocking" for problem in found["problems"])
        if as_json:
            sys.stdout.write(_dump(found) + "\n")
        else:
            show.report(console, found)
    raise typer.Exit(InputError.exit_code if refused else 0)


@app.command()
def check(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Files of a return, or a folder of them.")],
    year: Annotated[int | None, typer.Option(help="Collection year, as 2026 for 2025/26.")] = None,
    la: Annotated[str | None, typer.Option(metavar="CODE", help="DfE code of the authority, three digits.")] = None,
    previous: Annotated[list[Path] | None, typer.Option(help="Files or folder of the year before.")] = None,
    providers: Annotated[list[Path] | None, typer.Option(help="Ofsted's list of providers, one or more.")] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print the findings as CSV.")] = False,
    as_json: AsJson = False,
    xlsx: Annotated[Path | None, typer.Option(metavar="FILE", help="Write a workbook to send round.")] = None,
) -> None:
    """Check a local return against its specification and the department's rules; nothing is loaded.

    Ends with 0 whatever the rules find, and with 10 where a file cannot be used. No value of any row
    is ever shown.
    """
    if as_csv and as_json:
        raise UsageError("--csv and --json: found both, expected one of them")
    from warehouse import check_output, check_return, show

    _log()
    outcome = check_return.check(paths, year, la, previous or (), providers or ())
    if xlsx is not None:
        check_output.write_workbook(outcome, xlsx)
    if as_json:
        sys.stdout.write(_dump(check_output.as_dict(outcome)) + "\n")
    elif as_csv:
        check_output.write_csv(outcome, sys.stdout)
        check_output.print_refused(show.err(), outcome)
    else:
        check_output.print_all(show.out(), outcome)
    raise typer.Exit(outcome.exit_code)


@app.command()
def status(as_json: AsJson = False) -> None:
    """Show the last loads, files waiting or quarantined with their reasons, and freshness."""
    from warehouse import operations, show

    _log()
    found = operations.status(Settings.load())
    if as_json:
        sys.stdout.write(_dump(found) + "\n")
    else:
        show.status(show.out(), found)


@app.command()
def query(
    sql: Annotated[str, typer.Argument(metavar="SQL", help="A statement, or - to read it from standard input.")],
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV that is safe to open in a spreadsheet.")] = False,
    as_json: AsJson = False,
) -> None:
    """Run SQL on the published warehouse, read-only."""
    from warehouse import query as asking

    if as_csv and as_json:
        raise UsageError("--csv and --json: found both, expected one of them")
    with asking.ask(Settings.load(), sys.stdin.read() if sql == "-" else sql) as answer:
        if as_csv:
            asking.write_csv(answer, sys.stdout)
        elif as_json:
            asking.write_json(answer, sys.stdout)
        elif answer.columns:
            from warehouse import show

            rows = ([asking.as_text(value) for value in row] for row in answer.rows)
            show.out().print(show.table(None, answer.columns, rows))
            if next(rows, None) is not None:
                sys.stderr.write(f"these are the first {show.MOST_ROWS} rows; --csv or --json gives all of them\n")
    sys.stdout.flush()


La = Annotated[str, typer.Option("--la", metavar="CODE", help="DfE code of the authority, three digits.")]
Why = Annotated[str, typer.Option("--why", help="Reason, for the access log; no name or identifier in it.")]


@app.command()
def findings(
    la: La,
    return_code: Annotated[str, typer.Option("--return", metavar="CODE", help="ssda903, cin_census, ...")],
    year: Annotated[int, typer.Option(help="Collection year, as 2026 for 2025/26.")],
    csv_file: Annotated[Path | None, typer.Option("--csv", metavar="FILE", help="Write all findings as CSV.")] = None,
    xlsx: Annotated[Path | None, typer.Option(metavar="FILE", help="Write a workbook to send round.")] = None,
    why: Why = "findings",
) -> None:
    """Show which rows of a loaded return break which rule: file, line and fields, never a value."""
    from warehouse import findings as reading
    from warehouse import show

    _log()
    found = reading.read_findings(Settings.load(), la, return_code, year, why)
    if csv_file is not None:
        reading.write_csv(found, csv_file)
    if xlsx is not None:
        reading.write_workbook(found, xlsx)
    if csv_file is None and xlsx is None:
        console = show.out()
        console.print(show.table(f"Rules: {return_code} {year} of {la}", reading.RULE_COLUMNS, found.rules))
        console.print(show.table("Findings (rows count from 0)", reading.COLUMNS[3:-1], (r[3:-1] for r in found.rows)))
        if len(found.rows) > show.MOST_ROWS:
            sys.stderr.write(f"these are the first {show.MOST_ROWS} rows; --csv or --xlsx gives all of them\n")


@app.command()
def forget(
    la: La,
    year: Annotated[int | None, typer.Option(help="Collection year, as 2026 for 2025/26.")] = None,
    return_code: Annotated[str | None, typer.Option("--return", metavar="CODE", help="This return only.")] = None,
    child_ids: Annotated[
        str | None,
        typer.Option(
            "--child-id-file", metavar="FILE", help="Identifiers of children, one a line; - reads standard input."
        ),
    ] = None,
    why: Why = "forget",
    as_json: AsJson = False,
) -> None:
    """Delete rows about children, and their originals, for good: a year's, or those of single children."""
    from warehouse import forget as forgetting
    from warehouse.findings import require_keys

    _log()
    if (year is None) == (child_ids is None):
        raise UsageError("forget: expected either --year or --child-id-file")
    settings, keys = Settings.load(), require_keys()
    if child_ids is not None:
        found = forgetting.forget_children(settings, keys, la, _lines(child_ids), why)
    else:
        found = forgetting.forget_submissions(settings, keys, la, int(year or 0), return_code, why)
    _print(found.as_dict(), as_json, title="Forgotten")


def _lines(name: str) -> list[str]:
    """Read lines of a file, or of standard input: what identifies a child is never an argument."""
    try:
        return (sys.stdin.read() if name == "-" else Path(name).read_text("utf-8-sig")).splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"--child-id-file: found {type(error).__name__}, expected a text file, one a line") from None


@app.command("access-log")
def access_log(as_json: AsJson = False) -> None:
    """Show who used the restricted store, when, for what and why; entries that were changed are marked."""
    from warehouse import restricted, show
    from warehouse.findings import require_keys

    _log()
    settings, keys = Settings.load(), require_keys()
    with restricted.opened(settings, keys, restricted.Access("open", "access log")) as kept:
        entries = kept.log()
    if as_json:
        sys.stdout.write(_dump({"entries": entries}) + "\n")
    else:
        show.records(show.out(), "Access log", entries)


@app.command()
def reprocess(
    start: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="First day of the period.")],
    end: Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day, included.")],
    source: Annotated[list[str] | None, typer.Option(help="Only this kind of source, such as report.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change; publish nothing.")] = False,
    behind: Annotated[bool, typer.Option("--behind", help="Only documents that older code has read.")] = False,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Read the archived documents of a period again with today's code, and replace only what differs."""
    from warehouse import replay, show

    _log(verbose)
    with show.progress(wanted=not as_json and not verbose) as on_progress:
        done = replay.reprocess(
            Settings.load(),
            start.date(),
            end.date(),
            source or (),
            is_dry_run=dry_run,
            only_behind=behind,
            on_progress=on_progress,
        )
    _print(done.as_dict(), as_json, title="Read again")
    raise typer.Exit(done.exit_code)


@app.command()
def rebuild(as_json: AsJson = False, verbose: Verbose = False) -> None:
    """Make the published warehouse anew from nothing but the archive."""
    from warehouse import replay, show

    _log(verbose)
    with show.progress(wanted=not as_json and not verbose) as on_progress:
        summary = replay.rebuild(Settings.load(), on_progress)
    _print_load(summary.as_dict(), as_json, title="Rebuilt")
    raise typer.Exit(summary.exit_code)


@app.command()
def rollback(as_json: AsJson = False) -> None:
    """Put the previous published version back."""
    from warehouse import operations

    _log()
    _print(operations.rollback(Settings.load()), as_json, title="Rolled back")


@app.command()
def up() -> None:
    """Start scheduler, DAG processor, triggerer and API server on this machine, and watch the landing zone."""
    from warehouse import service

    _log()
    found = service.up(Settings.load(), say=typer.echo)
    _print(found, False, title="Running")


@app.command()
def down() -> None:
    """Stop what `up` started."""
    from warehouse import service

    _log()
    stopped = service.down(Settings.load())
    sys.stdout.write("stopped\n" if stopped else "it was not running\n")


@app.command(add_help_option=False, context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def airflow(context: typer.Context) -> None:
    """Run Airflow's own command line on the stack of `up`: `safeguarding airflow backfill create --help`."""
    from warehouse import service

    service.airflow(Settings.load(), context.args)


def _told_to_end(*_: object) -> None:
    """Answer SIGTERM: what is under way is undone and recorded, as by an interrupt; what is published stays."""
    sys.stderr.write("safeguarding: told to end\n")
    sys.exit(TOLD_TO_END)


def main() -> None:
    """Run the command line and exit with the contract's codes."""
    signal.signal(signal.SIGTERM, _told_to_end)
    try:
        app()
    except BrokenPipeError:
        # Whoever read our output (`| head`) has had enough; nothing more can be said to them.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except KeyboardInterrupt:
        sys.stderr.write("safeguarding: interrupted\n")
        sys.exit(INTERRUPTED)
    except Exception as error:
        known = as_ours(error)
        if known is None:
            raise  # a fault in the code: its traceback is what mends it
        _fail(known)


def _fail(error: SafeguardingError) -> None:
    """Say in one line what went wrong, for machines too, and exit with the error's code."""
    message = " ".join(str(error).split()) if not str(error).startswith("SQL:") else str(error)
    sys.stderr.write(f"safeguarding: {message}\n")
    if "--json" in sys.argv[2:] and sys.argv[1] not in _ANSWERS_IN_ROWS:
        failure = {"exit_code": error.exit_code, "error": type(error).__name__, "message": message}
        sys.stdout.write(_dump(failure) + "\n")
    sys.exit(error.exit_code)


def _progress(wanted: bool) -> AbstractContextManager[Any]:
    """Return the bar of a load; what draws it is imported only for those who may see it."""
    if not wanted:
        return nullcontext()
    from warehouse import show

    return show.progress(wanted)


def _print(values: Mapping[str, Any], as_json: bool, *, title: str) -> None:
    """Print a result as one JSON object or for a person."""
    if as_json:
        sys.stdout.write(_dump(values) + "\n")
        return
    from warehouse import show

    show.summary(show.out(), values, title=title)


def _print_load(values: Mapping[str, Any], as_json: bool, *, title: str) -> None:
    """Print how a load ended as one JSON object or for a person."""
    if as_json:
        sys.stdout.write(_dump(values) + "\n")
        return
    from warehouse import show

    show.load(show.out(), values, title=title)


def _dump(values: Mapping[str, Any]) -> str:
    """Return one line of JSON; dates and places become text."""
    return json.dumps(values, ensure_ascii=False, default=str)


def _log(verbose: bool = False) -> None:
    """Send log lines to standard error: all stages in a log file or if asked for, else warnings."""
    handler = logging.StreamHandler(sys.stderr)
    # Of the libraries only warnings: what they find worth telling would bury our few lines.
    handler.addFilter(lambda record: record.levelno >= logging.WARNING or record.name.startswith("safeguarding"))
    handler.setFormatter(_OneLine("%(asctime)s %(levelname)s %(message)s"))
    logging.basicConfig(handlers=[handler], level=logging.WARNING)
    logging.getLogger("safeguarding").setLevel(logging.INFO if verbose or not sys.stderr.isatty() else logging.WARNING)


class _OneLine(logging.Formatter):
    """Keeps each message on one line of plain text: what it quotes forges no line and drives no terminal."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the library's name
        """Return the line with control characters written out."""
        said = super().formatMessage(record)
        return "".join(c if c.isprintable() else c.encode("unicode_escape", "backslashreplace").decode() for c in said)


if __name__ == "__main__":
    main()
