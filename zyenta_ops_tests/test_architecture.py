"""The rules of the codebase that no linter knows: layers, sizes, and what may cost start-up time.

The size budgets are those of the Python projects this one is modelled on: most files fit two
screens, most functions one.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "zyenta_ops"
GENERATED = PACKAGE / "persistence" / "migrations" / "versions"

MAX_FILE_LINES, MOST_FILE_LINES, MEDIAN_FILE_LINES = 400, 250, 150
MAX_FUNCTION_LINES, MOST_FUNCTION_LINES = 80, 40
MEANINGLESS_NAMES = {"utils", "helpers", "common", "base", "misc", "manager"}
HEAVY = {
    "alembic",
    "boto3",
    "cryptography",
    "httpx",
    "ijson",
    "jinja2",
    "matplotlib",
    "pandas",
    "rich",
    "sqlalchemy",
    "stamina",
    "stripe",
}


@cache
def sources() -> dict[Path, ast.Module]:
    """Every module of the package that people write, parsed."""
    return {
        path: ast.parse(path.read_text())
        for path in sorted(PACKAGE.rglob("*.py"))
        if GENERATED not in path.parents
    }


def functions() -> Iterator[tuple[str, int]]:
    """Every function as (where it is, number of lines)."""
    for path, tree in sources().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                assert node.end_lineno is not None
                where = f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
                yield where, node.end_lineno - node.lineno + 1


def share_within(sizes: list[int], budget: int) -> float:
    return sum(size <= budget for size in sizes) / len(sizes)


def test_imports_keep_the_contracts_of_setup_cfg() -> None:
    # A process of its own: the linter turns off the loggers of whoever calls it.
    linter = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run(
        [linter, "--config", "setup.cfg", "--no-cache"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout


def test_files_are_short() -> None:
    sizes = {path: len(path.read_text().splitlines()) for path in sources()}
    too_long = {path.name: size for path, size in sizes.items() if size > MAX_FILE_LINES}
    assert too_long == {}
    written = [size for size in sizes.values() if size]
    assert share_within(written, MOST_FILE_LINES) >= 0.9
    assert median(written) <= MEDIAN_FILE_LINES


def test_functions_are_short() -> None:
    sizes = dict(functions())
    assert {where: size for where, size in sizes.items() if size > MAX_FUNCTION_LINES} == {}
    assert share_within(list(sizes.values()), MOST_FUNCTION_LINES) >= 0.9


def test_every_module_says_what_it_is_for() -> None:
    silent = [str(path) for path, tree in sources().items() if ast.get_docstring(tree) is None]
    assert silent == []


def test_no_module_has_a_name_that_says_nothing() -> None:
    names = {path.stem for path in sources()} | {path.parent.name for path in sources()}
    assert names & MEANINGLESS_NAMES == set()


def test_only_settings_read_the_environment() -> None:
    readers = {
        str(path.relative_to(PACKAGE))
        for path, tree in sources().items()
        if _reads_environment(tree)
    }
    assert readers == {"settings.py"}


def _reads_environment(tree: ast.Module) -> bool:
    nodes = list(ast.walk(tree))
    # os.environ["NAME"] = … sets a variable for processes to come.
    written = [
        node.value
        for node in nodes
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store)
    ]
    return any(_is_environment(node) and node not in written for node in nodes)


def _is_environment(node: ast.AST) -> bool:
    names = {"environ", "environb", "getenv", "getenvb"}
    if isinstance(node, ast.ImportFrom):
        return node.module == "os" and any(name.name in names for name in node.names)
    return (
        isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "os"
        and node.attr in names
    )


def test_nothing_becomes_a_float_in_the_domain() -> None:
    made = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path, tree in sources().items()
        if path.is_relative_to(PACKAGE / "domain")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        if isinstance(node.func, ast.Name) and node.func.id == "float"
    ]
    assert made == []


def test_loading_the_definitions_imports_no_heavy_library() -> None:
    assert _imported_by("zyenta_ops.definitions") - _imported_by("dagster") == set()


def test_help_does_not_wait_for_dagster() -> None:
    assert "dagster" not in _imported_by("zyenta_ops.cli")


def _imported_by(module: str) -> set[str]:
    """The top-level modules among HEAVY and dagster that importing a module brings along."""
    code = f"import sys, {module}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    output = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=True
    )
    return set(output.stdout.split()) & (HEAVY | {"dagster"})
