"""Where things are in the repository, for the tests about the repository itself."""

from __future__ import annotations

import ast
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LEAVES = (
    "ingestion",
    "identity",
    "governance",
    "ml",
    "quality",
    "activation",
    "dashboards",
)
PACKAGES = ("contract", *LEAVES, "orchestration", "demo")


def tracked(pattern: str) -> list[Path]:
    """Files of the work tree that git tracks or would track, by glob pattern."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", pattern],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return [ROOT / line for line in listed.stdout.splitlines() if (ROOT / line).is_file()]


def python_files(*packages: str) -> list[Path]:
    """Python files of the given top-level packages, all of ours by default."""
    return [path for package in packages or PACKAGES for path in tracked(f"{package}/**.py")]


def imported_modules(path: Path) -> set[str]:
    """Dotted names of every module that the file imports, at any depth."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names.add(node.module)
    return names


def relative(path: Path) -> str:
    """The path as a reader of the repository writes it."""
    return path.relative_to(ROOT).as_posix()
