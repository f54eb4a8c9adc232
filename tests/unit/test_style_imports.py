"""Imports run one way, dags to warehouse to expectations to transforms, and keep light what must be light."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LAYERS = ("transforms", "expectations", "warehouse", "dags")  # each may import those before it
MODULES = sorted(path for layer in LAYERS for path in (ROOT / layer).rglob("*.py"))

# What a layer leaves to those above it; `readers.py` alone opens PDF and HTML.
FORBIDDEN = {
    "transforms": {"duckdb", "great_expectations", "airflow", "sqlalchemy", "requests", "urllib", "socket", "http"},
    "expectations": {"airflow", "requests", "urllib", "socket", "http"},
    "warehouse": {"airflow", "requests", "urllib", "socket", "http", "httpx"},
    "dags": {"duckdb", "great_expectations", "polars", "pyarrow"},
}
PARSER_FOLDERS = ("transforms/reading", "transforms/reports")
GX_MODULES = "expectations/"


def imports(path: Path, *, top_level: bool = False) -> Iterator[str]:
    """Yield the dotted names a module imports; those under TYPE_CHECKING count for direction only."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes = list(_unconditional(tree)) if top_level else list(ast.walk(tree))
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: a relative import"
            yield node.module or ""


def _unconditional(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield what runs when a module is imported: no function bodies, no type checking."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            continue
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        yield node
        yield from _unconditional(node)


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_imports_run_one_way(path: Path) -> None:
    layer = LAYERS.index(path.relative_to(ROOT).parts[0])
    above = set(LAYERS[layer + 1 :]) | {"tests", "bench"}
    assert not [name for name in imports(path) if name.split(".")[0] in above]


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_layers_leave_to_others_what_is_theirs(path: Path) -> None:
    layer = path.relative_to(ROOT).parts[0]
    # The writer's lock names the host that holds it; one module runs Airflow and one is run by it;
    # people are told by mail and webhook.
    allowed = {
        "warehouse/store.py": {"socket"},
        "warehouse/nightly.py": {"airflow"},
        "warehouse/triggers.py": {"airflow"},
        "warehouse/alerts.py": {"httpx", "smtplib"},
        "warehouse/service.py": {"httpx"},  # asks its own API server whether it is well
    }.get(named(path), set())
    if named(path).startswith("warehouse/fetch/"):
        allowed = {"httpx"}  # the one place that asks other machines
    assert not [name for name in imports(path) if name.split(".")[0] in FORBIDDEN[layer] - allowed]


@pytest.mark.parametrize("path", [p for p in MODULES if not named(p).startswith(GX_MODULES)], ids=named)
def test_great_expectations_has_one_home(path: Path) -> None:
    assert not [name for name in imports(path) if name.split(".")[0] == "great_expectations"]


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_great_expectations_and_airflow_are_imported_late(path: Path) -> None:
    at_top = {name.split(".")[0] for name in imports(path, top_level=True)}
    # The triggerer itself imports the trigger, and nothing else of ours does but the DAG.
    allowed = {"airflow"} if path.parent.name == "dags" or named(path) == "warehouse/triggers.py" else set()
    late = {"great_expectations", "airflow", "pandas"} - allowed
    gx_code = {"expectations/gx_rules.py", "expectations/gx_dialect.py"}  # themselves imported late
    assert named(path) in gx_code or not at_top & late


@pytest.mark.parametrize("path", [p for p in MODULES if named(p).startswith(PARSER_FOLDERS)], ids=named)
def test_parsers_need_the_standard_library_alone(path: Path) -> None:
    known = sys.stdlib_module_names | {"transforms", "__future__"}
    allowed = {"lxml", "pypdfium2"} if path.name == "readers.py" else set()
    assert not [name for name in imports(path) if name.split(".")[0] not in known | allowed]


def test_transforms_keep_no_clock() -> None:
    clocks = {"now", "today", "utcnow", "time_ns", "perf_counter"}
    for path in (p for p in MODULES if named(p).startswith("transforms/")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                assert node.func.attr not in clocks, f"{named(path)}:{node.lineno}"


@pytest.mark.parametrize("layer", LAYERS[:3])
def test_top_packages_hold_a_docstring_only(layer: str) -> None:
    (statement,) = ast.parse((ROOT / layer / "__init__.py").read_text(encoding="utf-8")).body
    assert isinstance(statement, ast.Expr)


def test_dags_is_no_package() -> None:
    assert not list((ROOT / "dags").rglob("__init__.py"))


def test_modules_stay_short() -> None:
    long = {named(path): count for path in MODULES if (count := len(path.read_text("utf-8").splitlines())) > 600}
    assert not long


@pytest.mark.parametrize("module", ["transforms.errors", "warehouse.settings", "warehouse.cli", "warehouse.pipeline"])
def test_light_modules_stay_light(module: str) -> None:
    heavy = ("airflow", "great_expectations", "pandas", "polars", "pyarrow", "numpy", "duckdb")
    code = f"import sys, {module}; print([m for m in {heavy!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# What makes, groups or joins Categorical columns: with more than one thread Polars 2.1 now and then panics at it.
ONE_THREAD = {"assemble", "of_frames", "typed_table", "run_rules", "compute", "read_tables", "read_statistics"}
ONE_THREAD_WORKERS = ("warehouse.check_worker", "warehouse.returns_worker", "warehouse.statistics_worker")


def test_categorical_columns_are_worked_on_in_children_of_one_thread_only() -> None:
    makers = {named(p).split("/")[1] for p in MODULES if "pl.Categorical(" in p.read_text("utf-8")}
    assert makers == {"returns", "statistics"}  # another one must be thought of here
    users = set()
    for path in (p for p in MODULES if not named(p).startswith("transforms/")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("transforms."):
                if ONE_THREAD & {alias.name for alias in node.names}:
                    users.add(named(path).removesuffix(".py").replace("/", "."))
    assert users == set(ONE_THREAD_WORKERS)


@pytest.mark.parametrize("module", ONE_THREAD_WORKERS)
def test_such_a_child_has_one_thread(module: str) -> None:
    # As `warehouse.extract` starts it: its own module is the first that imports Polars.
    code = f"import os; os.environ.pop('POLARS_MAX_THREADS', None); import warehouse.extract_worker, {module}"
    code += "; import polars; print(polars.thread_pool_size())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "1"
