"""From a dropped file to its published row, with the whole stack running: `python -m bench --latency N`."""

from __future__ import annotations

import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

_PATIENCE = 180.0


def measure(landing: Path, published: Path, environ: Mapping[str, str], drops: int) -> dict[str, Any]:
    """Start the stack, drop made-up reports one after another, and time each until it can be queried.

    Args:
        landing: empty landing zone.
        published: folder of the published file.
        environ: variables that point the stack at both.
        drops: how many files.

    Returns:
        Seconds: each drop, median, p95 and the longest.
    """
    from warehouse.samples.content import authority_named, draw_truth
    from warehouse.samples.landing import make_landing
    from warehouse.samples.render import render_text

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environ = {**environ, "SAFEGUARDING_SERVICE_PORT": str(port)}
    sample = landing.parent / "sample"
    make_landing(sample)
    (sample / "reference").rename(landing / "reference")
    _command(environ, "load")
    _command(environ, "up")
    seconds = []
    try:
        for number in range(drops):
            start = date(2019, 1, 7) + timedelta(weeks=number)
            text = render_text(draw_truth("ilacs_2018", number, authority_named("Brackenshire"), start, {}))
            seconds.append(_drop(landing / "reports" / f"{number}.txt", text, published / "safeguarding.duckdb", start))
            sys.stderr.write(f"drop {number + 1}: {seconds[-1]:.1f} s\n")
    finally:
        _command(environ, "down")
    ordered = sorted(seconds)
    return {
        "drops": [round(value, 2) for value in seconds],
        "median": round(statistics.median(ordered), 2),
        "p95": round(ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))], 2),
        "longest": round(ordered[-1], 2),
    }


def _drop(path: Path, text: str, published: Path, start: date) -> float:
    """Drop one report; return seconds until its inspection is published."""
    import duckdb

    path.write_text(text, "utf-8")
    dropped = time.perf_counter()
    sql = f"SELECT count(*) FROM bi.inspection WHERE inspection_start_date = DATE '{start.isoformat()}'"  # noqa: S608
    seen = ""
    while time.perf_counter() - dropped < _PATIENCE:
        version = str(published.readlink()) if published.exists() else ""
        if version != seen:
            seen = version
            connection = duckdb.connect(str(published), read_only=True)
            (found,) = connection.execute(sql).fetchone() or (0,)
            connection.close()
            if found:
                return time.perf_counter() - dropped
        time.sleep(0.05)
    raise SystemExit(f"{path.name}: not published within {_PATIENCE:g} s")


def _command(environ: Mapping[str, str], name: str) -> None:
    subprocess.run([sys.executable, "-m", "warehouse.cli", name], env=dict(environ), check=True, capture_output=True)  # noqa: S603
