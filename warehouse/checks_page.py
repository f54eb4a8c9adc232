"""The page of check results of a load: what was read, refused, checked and found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from transforms.errors import WarehouseError
from warehouse import store
from warehouse.settings import Settings

if TYPE_CHECKING:
    from expectations.check import CheckReport


def write_page(
    settings: Settings, manifest: dict[str, Any], reports: list[CheckReport], error: str | None = None
) -> None:
    """Write the page of check results of a load, whole or not at all.

    Raises:
        WarehouseError: the page cannot be written.
    """
    from expectations.page import render_page
    from warehouse.staging import load_folder

    staged = store.connect(load_folder(settings, manifest["load_id"]) / "parsed.duckdb", settings, read_only=True)
    try:
        quarantined = staged.execute(
            "SELECT landing_path, reason FROM staged.source_file WHERE state = 'quarantined' ORDER BY landing_path"
        ).fetchall()
        names = ("landing_path", "rule", "severity", "place", "found", "expected", "message")
        rejects = staged.execute(f"SELECT {', '.join(names)} FROM staged.reject ORDER BY ALL").fetchall()
        counted = staged.execute(
            "SELECT count(*) FILTER (state = 'loaded'), (SELECT count(*) FROM staged.inspection), "
            "(SELECT count(*) FROM staged.judgement) FROM staged.source_file"
        ).fetchone()
        paths = staged.execute("SELECT sha256, min(landing_path) FROM staged.source_file GROUP BY sha256").fetchall()
    finally:
        staged.close()
    summary: dict[str, Any] = {
        "load_id": manifest["load_id"],
        "error": error,
        "quarantined": [{"file": path, "reason": reason} for path, reason in quarantined],
        "rejects": [dict(zip(names, row, strict=True)) for row in rejects],
        "documents": dict(paths),
        "facts": dict(zip(("files read", "inspections", "judgements"), counted or (), strict=False)),
    }
    page = render_page(reports, summary)
    beside = settings.checks_page.with_name(f".{settings.checks_page.name}.next")
    try:
        beside.parent.mkdir(parents=True, exist_ok=True)
        beside.write_text(page, "utf-8")
        beside.replace(settings.checks_page)
    except OSError as fault:
        beside.unlink(missing_ok=True)
        raise WarehouseError(f"{settings.checks_page}: found {fault}, expected to write the page of checks") from fault
