"""How discovery grows with the number of files that lie in the landing zone: `python -m bench --files N`.

A tenth of N files are laid down and loaded, then all of them. A fiftieth are made-up reports, a twentieth
are files in `reports/` that nobody can read, and the rest lie where no source looks, as in a landing zone
that people also use for other things.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

SHARE_OF_REPORTS, SHARE_OF_BROKEN = 50, 20
RUNS = 5


def measure(
    landing: Path, settings: Any, files: int, command: Callable[..., dict[str, Any]]
) -> dict[str, dict[str, float]]:
    """Load a tenth of so many files, then all of them, and time what looks at them when nothing is new.

    Args:
        landing: empty landing zone.
        settings: of the warehouse it belongs to.
        files: how many in the end.
        command: runs `safeguarding` with arguments and tells its seconds.

    Returns:
        Seconds by what was timed, for each number of files.
    """
    from warehouse.samples.landing import make_landing

    sample = landing.parent / "sample"
    make_landing(sample)
    (sample / "reference").rename(landing / "reference")
    found: dict[str, dict[str, float]] = {}
    laid = 0
    for number in (max(10, files // 10), files):
        while laid < number:
            _lay(landing, laid)
            laid += 1
        time.sleep(settings.settle_seconds)
        found[str(number)] = {"load": command("load", "--json")["seconds"], **_look(settings, command)}
        sys.stderr.write(f"{number} files: {found[str(number)]}\n")
    return found


def _lay(landing: Path, number: int) -> None:
    """Lay down one file, of the sort its number says."""
    from warehouse.samples.content import authority_named, draw_truth
    from warehouse.samples.render import render_text

    sort = "notes"
    text = f"made up: note {number}\n"
    if number % SHARE_OF_REPORTS == 0:
        start = date(2018, 1, 8) + timedelta(days=number // SHARE_OF_REPORTS)
        truth = draw_truth("ilacs_2018", number, authority_named("Brackenshire"), start, {})
        sort, text = "reports", render_text(truth)
    elif number % SHARE_OF_BROKEN == 1:
        sort = "reports"
    path = landing / sort / f"{number // 100:04d}" / f"{number}.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def _look(settings: Any, command: Callable[..., dict[str, Any]]) -> dict[str, float]:
    """Return the least seconds of some runs of all that looks at a landing zone with nothing new in it."""
    from warehouse import operations, pipeline
    from warehouse.watching import Watch

    watch = Watch(settings)
    watch.look()
    timed: dict[str, Callable[[], object]] = {
        "discover": lambda: pipeline.discover(settings),
        "status": lambda: operations.status(settings),
        "look": watch.look,
    }
    seconds = {name: min(_seconds(work) for _ in range(RUNS)) for name, work in timed.items()}
    seconds["nothing_changed"] = min(command("load", "--json")["seconds"] for _ in range(3))
    return {name: round(value, 4) for name, value in seconds.items()}


def _seconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def growth(found: dict[str, dict[str, float]]) -> dict[str, float]:
    """Return microseconds that each further file costs, by what was timed."""
    (few, little), (many, much) = ((int(number), seconds) for number, seconds in found.items())
    return {name: round(1e6 * (much[name] - little[name]) / (many - few), 1) for name in much if name != "load"}
