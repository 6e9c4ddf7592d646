"""Models are one text for DuckDB and Spark; what differs goes through a macro (stack facts, §4)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from repository import relative, tracked

FORBIDDEN = {
    r"\barg_max\s*\(": "max_by",
    r"\barg_min\s*\(": "min_by",
    r"\blist\s*\(": "array_agg",
    r"\bquantile_(cont|disc)\s*\(": "percentile_cont or a macro",
    r"\bregexp_matches\s*\(": "a macro",
    r"\*\s*exclude\b": "name the columns",
    r"\*\s*replace\s*\(": "name the columns",
    r"extract\s*\(\s*(iso)?dow\b": "a macro (Sunday is 0 here and 1 there)",
    r"\bdate_diff\s*\(\s*'": "a macro",
    r"\bgenerate_series\s*\(": "a macro",
    r"\bunnest\s*\(": "a macro",
    r"\bhash\s*\(": "sha256 through a macro: hash() changes between versions",
    r"\bcurrent_date\b|\bnow\s*\(\s*\)|\bcurrent_timestamp\b": "as_of_date()",
    r"\bsafe_cast\b": "try_cast",
    r"\bstruct_pack\b|\brow_to_json\b": "plain columns",
    r"\bpositional join\b|\basof join\b": "a window",
}
MODELS = tracked("dbt_project/models/**.sql") + tracked("dbt_project/tests/**.sql")


def without_comments_and_jinja(sql: str) -> str:
    """The SQL with comments and macro calls blanked, because macros may differ per engine."""
    sql = re.sub(r"\{#.*?#\}|\{\{.*?\}\}|\{%.*?%\}", " ", sql, flags=re.DOTALL)
    return re.sub(r"--[^\n]*", " ", sql).lower()


@pytest.mark.parametrize("path", MODELS, ids=relative)
def test_a_model_uses_no_construct_of_one_engine_only(path: Path) -> None:
    sql = without_comments_and_jinja(path.read_text())
    found = {pattern: instead for pattern, instead in FORBIDDEN.items() if re.search(pattern, sql)}
    assert found == {}


def test_the_scan_can_fail() -> None:
    sql = without_comments_and_jinja("select list(x), {{ f() }} -- list(y)\nfrom t")
    assert [p for p in FORBIDDEN if re.search(p, sql)] == [r"\blist\s*\("]


# Staging and intermediate may pass every column on.
STARLESS = [p for p in MODELS if re.search(r"/models/(core|marts|features)/", p.as_posix())]


@pytest.mark.parametrize("path", STARLESS, ids=relative)
def test_core_and_marts_name_their_columns(path: Path) -> None:
    sql = without_comments_and_jinja(path.read_text())
    stars = re.findall(r"select\s+\*\s+from\s+(\w+)", sql)
    assert [star for star in stars if star != "final"] == []
