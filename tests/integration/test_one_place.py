"""Adding a framework or a check is one edit in one place: a fake of each goes from inbox to published."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.conftest import World

ROOT = Path(__file__).resolve().parents[2]

FRAMEWORK = '''"""A made-up framework."""

from datetime import date

from transforms.reports.framework import GOOD, INADEQUATE, Area, Framework, Statement

FRAMEWORKS = (
    Framework(
        code="lighthouse", name="Lighthouse review", inspectorate="Nobody", since=date(2020, 1, 1), until=None,
        inspection_types=("review",), recognise=lambda text: float("lighthouse review" in text.flow_key),
        areas=(Area("lamp", "The lamp", None, ("the lamp",)),), grades=(GOOD, INADEQUATE),
        statements=(Statement("lamp", r"thelampis", place="sentence", starts="sentence", ends="sentence"),),
    ),
)
'''
REPORT = """Lighthouse review of Brackenshire local authority
Inspection dates: 10 to 14 June 2024
Brackenshire local authority keeps a light.

The lamp is good.

1. The keeper of Brackenshire is awake and the light is seen by all who pass.
"""
CHECK = """
CHECKS = (
    *CHECKS,
    Check(
        "lamps_are_lit", "star.fact_judgement", "star", "warning", "a dark lamp helps nobody", "rows",
        sql="grade_as_printed = 'Dark'",
    ),
)
"""


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the project's packages, to be edited."""
    for package in ("transforms", "expectations", "warehouse"):
        shutil.copytree(ROOT / package, tmp_path / "copy" / package, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path / "copy"


def test_a_framework_and_a_check_are_one_edit_each(world: World, copy: Path) -> None:
    (copy / "transforms" / "reports" / "lighthouse.py").write_text(FRAMEWORK)
    suites = copy / "expectations" / "suites.py"
    suites.write_text(suites.read_text("utf-8") + CHECK)
    world.deposit("reports/lamp.txt", REPORT)
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-P", "-m", "warehouse.cli", "load", "--json"],
        env={**os.environ, **world.settings.environ(), "PYTHONPATH": str(copy)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr[-3000:]
    assert world.query("SELECT framework_code, authority_name, area_name, grade_code FROM bi.judgement_history") == [
        ("lighthouse", "Brackenshire", "The lamp", "good")
    ]
    assert world.query("SELECT success FROM meta.check_result WHERE check_id = 'lamps_are_lit'") == [(True,)]
    assert world.query("SELECT framework_name FROM star.dim_framework WHERE framework_code = 'lighthouse'") == [
        ("Lighthouse review",)
    ]
