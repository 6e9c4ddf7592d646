"""Small files, small functions. The list of exceptions should stay empty."""

from __future__ import annotations

import ast
from pathlib import Path

from repository import python_files, relative, tracked

EXCEPTIONS: dict[str, str] = {
    "dbt_project/models/marts/customer_360.yml": "one entry per column of the widest table",
    "dbt_project/models/sources/raw_files.yml": "generated from contract/entities",
}
PYTHON_LINES, FUNCTION_LINES, SQL_LINES, YML_LINES, PARAMETERS = 300, 50, 120, 150, 5


def line_count(path: Path) -> int:
    return len(path.read_text().splitlines())


def too_long(files: list[Path], limit: int) -> dict[str, int]:
    lengths = {relative(f): line_count(f) for f in files}
    return {f: n for f, n in lengths.items() if n > limit and f not in EXCEPTIONS}


def test_python_files_stay_short() -> None:
    assert too_long([*python_files(), *tracked("tests/**.py")], PYTHON_LINES) == {}


def test_dbt_models_stay_short() -> None:
    assert too_long(tracked("dbt_project/models/**.sql"), SQL_LINES) == {}


def test_model_descriptions_stay_short() -> None:
    assert too_long(tracked("dbt_project/models/**.yml"), YML_LINES) == {}


def functions(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [
        n
        for n in ast.walk(ast.parse(path.read_text()))
        if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of the function without its docstring and decorators."""
    first = function.body[0]
    is_doc = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    doc = (first.end_lineno or 0) - first.lineno + 1 if is_doc else 0
    return (function.end_lineno or 0) - function.lineno + 1 - doc


def test_functions_stay_short() -> None:
    long = {
        f"{relative(f)}:{fn.name}": body_lines(fn)
        for f in python_files()
        for fn in functions(f)
        if body_lines(fn) > FUNCTION_LINES
    }
    assert long == {}


def test_every_exception_is_still_needed() -> None:
    stale = [f for f in EXCEPTIONS if not tracked(f) or line_count(tracked(f)[0]) <= YML_LINES]
    assert stale == []
