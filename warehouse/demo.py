"""The demonstration: a made-up landing zone, loaded by the nightly DAG, and a few answers.

Everything lies under `var/demo` unless the settings name other places, so that made-up reports
never mix with real ones. A landing zone that holds anything else is left alone.
"""

from __future__ import annotations

import os
import secrets
import shlex
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.text import Text

from transforms.errors import InputError, UsageError
from warehouse import nightly, query, show
from warehouse.keys import HASH_KEY, RESTRICTED_KEY, write_private
from warehouse.samples.returns import YEARS, write_returns
from warehouse.settings import OFF, PREFIX, Settings

PLACE = Path("var/demo")
# Marks a landing zone as made up, and says while it is being made; the scan passes over names that begin with a dot.
MARK, BEGUN = ".made-up", "begun"
AREAS = ("overall", "leadership", "help_and_protection", "children_in_care", "care_leavers", "lscb", "send")
JUDGEMENTS = f"""
    SELECT authority_name AS authority, max(inspection_end_date) AS inspected,
           {", ".join(f"max(grade_code) FILTER (area_code = '{area}') AS {area}" for area in AREAS)}
    FROM bi.current_judgement WHERE area_code IN {AREAS}
    GROUP BY authority_name ORDER BY authority_name
"""  # noqa: S608 - only the names above
RETURNS = """
    SELECT return_code AS return, year, count(*) FILTER (state = 'passed') AS rules_passed,
           count(*) FILTER (state = 'failed') AS rules_failed, count(*) FILTER (state = 'not_run') AS rules_not_run
    FROM bi.return_rule GROUP BY ALL ORDER BY ALL
"""
LOCAL = f"""
    SELECT authority_name AS authority, period_code AS year, indicator_name AS indicator, local_value AS value, unit,
           local_value_status AS status
    FROM bi.local_indicator_comparison
    WHERE breakdown = 'Total' AND local_value IS NOT NULL AND period_end = DATE '{YEARS[-1]}-03-31'
    ORDER BY indicator_code LIMIT 8
"""  # noqa: S608 - only the year above
HISTORY = """
    SELECT authority_name AS authority, inspection_end_date AS inspected, framework_code AS framework,
           grade_code AS overall, previous_grade_code AS before, change
    FROM bi.judgement_history WHERE area_code = 'overall' AND source = 'report'
    ORDER BY authority_name, inspection_end_date
"""
LOADED = """
    SELECT dim_framework.framework_code AS framework, count(*) AS inspections, min(inspection_start_date) AS first,
           max(inspection_end_date) AS last
    FROM star.dim_inspection JOIN star.dim_framework USING (framework_key)
    WHERE inspection_key <> 0
    GROUP BY ALL ORDER BY ALL
"""
RETURNS_OF = "990"  # Brackenshire
NEXT = (
    """query "SELECT authority_name, area_code, grade_code, change FROM bi.judgement_history\"""",
    "status",
    "report {report}",
    f"findings --la {RETURNS_OF} --return ssda903 --year {YEARS[-1]}",
    "load",
)


def run(*, verbose: bool = False) -> int:
    """Make the sample landing zone, load it and show what came out.

    Args:
        verbose: show Airflow's own words while it runs.

    Returns:
        0, also with files quarantined: the sample holds bad ones on purpose. Otherwise the
        exit code of the load that failed.

    Raises:
        UsageError: the landing zone set holds files that are not the sample's.
    """
    with _own_places():
        settings = replace(Settings.load(), fetch=OFF)  # made-up and real reports never lie together
        console = show.out()
        _make_landing(settings.landing)
        _make_keys(settings.warehouse / "made-up-keys")
        console.print(Text(f"Made-up landing zone: {settings.landing}\nLoading it with the nightly DAG ..."))
        sys.stdout.flush()
        ended = nightly.run(settings, trigger="demo", verbose=verbose)
        if ended.exit_code not in (0, InputError.exit_code):
            console.print(Text(f"The load failed in {ended.failed_task}: {ended.error}; see {ended.log_file}"))
            return ended.exit_code
        _show(console, settings, ended)
    return 0


@contextmanager
def _own_places() -> Iterator[None]:
    """Set every place that is not set to one under `var/demo`."""
    before = dict(os.environ)
    for name in ("landing", "warehouse", "published"):
        os.environ.setdefault(PREFIX + name.upper(), str(PLACE / name))
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _make_landing(landing: Path) -> None:
    """Render the sample once, whole; refuse a folder in which other things lie."""
    mark = landing / MARK
    is_ours = mark.exists()
    if is_ours and mark.read_text("utf-8") != BEGUN:
        return
    if not is_ours and landing.exists() and any(landing.iterdir()):
        raise UsageError(f"{PREFIX}LANDING: found files in {landing}, expected an empty folder for made-up reports")
    from warehouse import samples

    landing.mkdir(parents=True, exist_ok=True)
    mark.write_text(BEGUN, "utf-8")
    samples.make_landing(landing)
    write_returns(landing, RETURNS_OF)
    mark.write_text("", "utf-8")


def _make_keys(folder: Path) -> None:
    """Draw keys of the restricted store for the demonstration, once, unless others are set."""
    if any(name.startswith((f"{PREFIX}{RESTRICTED_KEY}", f"{PREFIX}{HASH_KEY}")) for name in os.environ):
        return
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name in (RESTRICTED_KEY, HASH_KEY):
        path = folder / name.lower()
        if not path.exists():
            write_private(path, secrets.token_urlsafe(48) + "\n")
        os.environ[f"{PREFIX}{name}_FILE"] = str(path)


def _show(console: Console, settings: Settings, ended: nightly.NightlyRun) -> None:
    """Print what was loaded, some current judgements, what was refused, and where to look next."""
    if ended.load.get("state") == "unchanged":
        console.print(Text("Nothing was new: the sample had been loaded before.\n"))
    answers = {
        "Loaded": LOADED,
        "Current judgements of made-up authorities": JUDGEMENTS,
        "Overall effectiveness across frameworks": HISTORY,
        "Made-up returns held against the department's rules": RETURNS,
        "Some indicators worked out from them": LOCAL,
    }
    for title, sql in answers.items():
        with query.ask(settings, sql) as answer:
            rows = ([query.as_text(value).replace("_", " ") for value in row] for row in answer.rows)
            headings = [column.replace("_", " ") for column in answer.columns]
            console.print(show.table(title, headings, rows))
    refused = "SELECT landing_path, reason FROM meta.source_file WHERE state = 'quarantined' ORDER BY landing_path"
    with query.ask(settings, refused) as answer:
        console.print(show.table("Quarantined: kept, told, not loaded", ["file", "reason"], answer.rows))
    report = next(iter(sorted((settings.landing / "reports").rglob("*.pdf"))), None)
    console.print(Text(f"\nPublished file    {settings.published_file}"))
    console.print(Text(f"Page of checks    {settings.checks_page}"))
    console.print(Text(f"Log of the run    {ended.log_file}\n\nTry next:"))
    for name in ("landing", "warehouse", "published"):
        console.print(Text(f"  export {PREFIX}{name.upper()}={getattr(settings, name)}"))
    for name in (f"{PREFIX}{RESTRICTED_KEY}_FILE", f"{PREFIX}{HASH_KEY}_FILE"):
        if name in os.environ:
            console.print(Text(f"  export {name}={os.environ[name]}"), soft_wrap=True)
    command = "safeguarding" if shutil.which("safeguarding") else Path(sys.executable).with_name("safeguarding")
    for words in NEXT:
        console.print(Text(f"  {command} {words.format(report=shlex.quote(str(report)))}"), soft_wrap=True)
