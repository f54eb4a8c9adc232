"""A world of its own for each test: landing zone, warehouse, published folder, made-up reports."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from warehouse import pipeline
from warehouse.samples.content import authority_named, draw_truth
from warehouse.samples.landing import make_landing
from warehouse.samples.render import render_text
from warehouse.settings import Settings


@dataclass
class World:
    """One landing zone and what becomes of it."""

    root: Path
    settings: Settings

    @property
    def landing(self) -> Path:
        return self.settings.landing

    def deposit(self, name: str, content: str | bytes, *, age: float = 60.0) -> Path:
        """Lay a file into the landing zone, as old as it must be to count as settled."""
        path = self.landing / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        stamp = path.stat().st_mtime - age
        os.utime(path, (stamp, stamp))
        return path

    def copy(self, root: Path) -> World:
        """Return a world in another folder with all that this one holds, so that each goes its own way from there."""
        of = {name: root / getattr(self.settings, name).name for name in ("landing", "warehouse", "published")}
        for name, place in of.items():
            if getattr(self.settings, name).exists():
                shutil.copytree(getattr(self.settings, name), place, symlinks=True)
        return World(root, replace(self.settings, **of))

    def load(self) -> pipeline.LoadSummary:
        return pipeline.load(self.settings)

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        import duckdb

        connection = duckdb.connect(str(self.settings.published_file), read_only=True)
        try:
            return connection.execute(sql).fetchall()
        finally:
            connection.close()

    def star(self) -> dict[str, list[tuple[Any, ...]]]:
        """Return the content of the star and the BI views, loads and times of arrival left out."""
        import duckdb

        # One connection for all of them: opening the file takes far longer than most of its tables.
        connection = duckdb.connect(str(self.settings.published_file), read_only=True)
        try:
            tables = connection.execute(
                "SELECT schema_name || '.' || table_name FROM duckdb_tables() WHERE schema_name = 'star' "
                "UNION ALL SELECT 'bi.' || view_name FROM duckdb_views() WHERE schema_name = 'bi' ORDER BY 1"
            ).fetchall()
            answer = {}
            for (name,) in tables:
                columns = [row[0] for row in connection.execute(f"DESCRIBE {name}").fetchall()]
                out = [c for c in ("load_id", "received_at") if c in columns]
                exclude = f"EXCLUDE ({', '.join(out)})" if out else ""
                answer[name] = connection.execute(f"SELECT * {exclude} FROM {name} ORDER BY ALL").fetchall()
            return answer
        finally:
            connection.close()


def report_text(layout: str, place: str, start: date, seed: int = 1, **grades: str) -> str:
    """Return the text of one made-up report."""
    return render_text(draw_truth(layout, seed, authority_named(place), start, grades))


def empty_world(root: Path) -> World:
    """Return a world in a folder, with nothing but a register that knows the made-up authorities."""
    settings = Settings.load(
        {
            "SAFEGUARDING_LANDING": str(root / "landing"),
            "SAFEGUARDING_WAREHOUSE": str(root / "warehouse"),
            "SAFEGUARDING_PUBLISHED": str(root / "published"),
            "SAFEGUARDING_SETTLE_SECONDS": "0",
        }
    )
    made = World(root, settings)
    sample = root / "sample"
    make_landing(sample)
    for path in (sample / "reference").iterdir():
        made.deposit(f"reference/{path.name}", path.read_bytes())
    return made


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A world whose register knows the made-up authorities."""
    return empty_world(tmp_path)
