"""The pages tell the truth: what they name exists, what exists is named."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from repository import ROOT, relative, tracked

PAGES = tracked("*.md")
PROMISED = "demo test test-all dev list lint fmt types check bench bench-ml docs clean"


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_a_link_leads_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", page.read_text())
    assert [t for t in targets if not (page.parent / t).exists()] == []


def test_the_makefile_has_the_targets_that_the_readme_and_help_promise() -> None:
    promised = PROMISED.split()
    makefile = (ROOT / "Makefile").read_text()
    documented = set(re.findall(r"^([a-z-]+):.*## ", makefile, re.MULTILINE))
    assert set(promised) - documented == set()


def test_every_test_named_in_the_capabilities_exists() -> None:
    text = (ROOT / "docs" / "capabilities.md").read_text()
    names = set(re.findall(r"`(tests/[\w/.]+?)(?:::(\w+))?`", text))
    missing = [
        f"{path}::{test}"
        for path, test in names
        if not (ROOT / path).exists() or (test and f"def {test}(" not in (ROOT / path).read_text())
    ]
    assert names
    assert missing == []


def direct_dependencies() -> list[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    groups = [project["project"]["dependencies"], *project["dependency-groups"].values()]
    return [re.split(r"[\[=<>~ ]", requirement)[0] for group in groups for requirement in group]


def test_every_direct_dependency_has_its_reason() -> None:
    decisions = (ROOT / "DECISIONS.md").read_text()
    declared = direct_dependencies()
    assert declared
    assert [d for d in declared if f"| `{d}` |" not in decisions] == []
