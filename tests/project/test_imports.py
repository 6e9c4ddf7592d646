"""The import rule of the house: leaves know the contract, only orchestration knows the leaves."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from repository import LEAVES, PACKAGES, imported_modules, python_files, relative


def top_level(path: Path) -> set[str]:
    return {name.split(".")[0] for name in imported_modules(path)} & set(PACKAGES)


@pytest.mark.parametrize("leaf", LEAVES)
def test_a_leaf_imports_only_itself_and_the_contract(leaf: str) -> None:
    files = python_files(leaf)
    strays = {relative(f): top_level(f) - {leaf, "contract"} for f in files}
    assert files
    assert {f: s for f, s in strays.items() if s} == {}


def test_the_contract_imports_nobody() -> None:
    strays = {relative(f): top_level(f) - {"contract"} for f in python_files("contract")}
    assert {f: s for f, s in strays.items() if s} == {}


def test_nothing_imports_the_demo() -> None:
    packages = [p for p in PACKAGES if p != "demo"]
    assert [relative(f) for f in python_files(*packages) if "demo" in top_level(f)] == []


def test_only_orchestration_imports_dagster() -> None:
    users = {
        relative(f).split("/")[0]
        for f in python_files()
        if any(name.split(".")[0].startswith("dagster") for name in imported_modules(f))
    }
    assert users == {"orchestration"}


def reads_environment(path: Path) -> bool:
    tree = ast.parse(path.read_text())
    return any(
        (isinstance(n, ast.Attribute) and n.attr in {"environ", "getenv", "environb"})
        or (
            isinstance(n, ast.ImportFrom)
            and n.module == "os"
            and {a.name for a in n.names} & {"environ", "getenv"}
        )
        for n in ast.walk(tree)
    )


def test_only_orchestration_and_the_demo_read_the_environment() -> None:
    packages = [p for p in PACKAGES if p not in {"orchestration", "demo"}]
    assert [relative(f) for f in python_files(*packages) if reads_environment(f)] == []


HEAVY = {"pandas", "sklearn", "great_expectations", "dlt", "plotly", "dagster_dbt", "dbt", "scipy"}


def imports_at_the_top(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.Import):
            names.update(alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names


def test_orchestration_imports_heavy_libraries_inside_functions() -> None:
    """Seconds of imports per command: see DECISIONS.md, in-process execution."""
    allowed = {"orchestration/translator.py": {"dagster_dbt"}}
    found = {
        relative(f): imports_at_the_top(f) & HEAVY - allowed.get(relative(f), set())
        for f in python_files("orchestration")
    }
    assert {f: h for f, h in found.items() if h} == {}
