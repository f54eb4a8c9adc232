"""What is installed is this project, whole, and from a lock file that holds everywhere."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("package", ["transforms", "expectations", "warehouse"])
def test_generic_names_are_ours(package: str) -> None:
    found = importlib.util.find_spec(package)
    assert found is not None
    assert found.origin == str(ROOT / package / "__init__.py")


def test_the_wheel_holds_all_code_and_all_that_rides_along(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*build, "--wheel-dir", str(tmp_path), str(ROOT)], check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    held = set(zipfile.ZipFile(wheel).namelist())
    ours = ("transforms", "expectations", "warehouse")
    wanted = {
        path.relative_to(ROOT).as_posix()
        for package in ours
        for path in (ROOT / package).rglob("*")
        if path.suffix in {".py", ".sql", ".csv", ".j2", ".json"}
    }
    assert wanted <= held
    assert {name.split("/")[0] for name in held if ".dist-info/" not in name} == set(ours)


def test_the_lock_file_names_no_host_and_no_place() -> None:
    code = "\n".join(line for line in LOCK.splitlines() if not line.lstrip().startswith("# via"))
    assert not re.search(r"https?://|file:|--(extra-)?index|--find-links|--trusted|(^|\s)/\w", code, re.MULTILINE)


def test_the_lock_file_fixes_every_version_by_hash() -> None:
    entries = re.findall(
        r"^([A-Za-z0-9._-]+)==\S+(?: ; [^\\\n]+)? \\\n    --hash=sha256:[0-9a-f]{64}", LOCK, re.MULTILINE
    )
    assert len(entries) == len(re.findall(r"^[A-Za-z0-9]", LOCK, re.MULTILINE)) > 100


def test_the_lock_file_holds_all_that_is_declared() -> None:
    declared = (
        PROJECT["project"]["dependencies"] + PROJECT["dependency-groups"]["dev"] + PROJECT["build-system"]["requires"]
    )
    locked = dict(re.findall(r"^([a-z0-9._-]+)==([^\s;\\]+)", LOCK, re.MULTILINE))
    for requirement in declared:
        name, exact = re.match(r"([A-Za-z0-9._-]+)(?:==(\S+))?", requirement).groups()  # type: ignore[union-attr]
        assert name in locked, f"{name}: run `make lock`"
        assert exact is None or locked[name] == exact, f"{name}: run `make lock`"


def test_every_declared_package_is_used() -> None:
    names = {
        "apache-airflow": "airflow",
        "python-calamine": "python_calamine",
        "duckdb-sqlalchemy": "duckdb_sqlalchemy",
        "openlineage-python": "openlineage",
    }
    # DuckDB and Polars hand over frames and times with the first two; the last is run as programs.
    indirect = {"pyarrow", "pytz", "supervisor"}
    code = "\n".join(
        path.read_text("utf-8")
        for layer in ("transforms", "expectations", "warehouse", "dags")
        for path in (ROOT / layer).rglob("*.py")
    )
    for requirement in PROJECT["project"]["dependencies"]:
        name = re.split(r"[=<>]", requirement)[0]
        module = names.get(name, name.replace("-", "_"))
        assert name in indirect or re.search(rf"^\s*(import|from) {module}\b", code, re.MULTILINE), name


def test_it_is_never_uploaded() -> None:
    assert "Private :: Do Not Upload" in PROJECT["project"]["classifiers"]


def test_the_command_is_installed() -> None:
    done = subprocess.run([str(Path(sys.executable).parent / "safeguarding"), "--help"], capture_output=True, text=True)
    assert done.returncode == 0
    for command in ("load", "nightly", "demo", "report", "status", "query", "rollback"):
        assert command in done.stdout


# Two files of one number are in the field, known there by their names, which therefore stay as they are.
SHARED_NUMBERS = {"schema": {"065": ["065_indicator_totals.sql", "065_release_order.sql"]}}


@pytest.mark.parametrize("folder", ["schema", "merge", "views"])
def test_every_sql_file_has_a_number_of_its_own(folder: str) -> None:
    by_number: dict[str, list[str]] = {}
    for path in sorted((ROOT / "warehouse" / "sql" / folder).iterdir()):
        found = re.fullmatch(r"(\d{3}[a-z]?)_[a-z_]+\.sql", path.name)
        assert found, path.name
        by_number.setdefault(found[1], []).append(path.name)
    assert {number: names for number, names in by_number.items() if len(names) > 1} == SHARED_NUMBERS.get(folder, {})
