"""Every published column says how personal it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from contract.errors import ConfigError
from governance.publishing.documents import load_documents, require_documented

ROOT = Path(__file__).parents[3]


def test_the_shipped_marts_and_tables_are_documented() -> None:
    documents = load_documents(ROOT / "dbt_project" / "models" / "marts")
    assert {"marts.customer_360", "segments.members", "ml.scores"} <= documents.keys()
    assert documents["marts.customer_360"].columns["email"].privacy == "direct"
    assert [d.name for d in documents.values() if not d.description] == []
    undescribed = [
        f"{d.name}.{c.name}" for d in documents.values() for c in d.columns.values()
        if not c.description
    ]  # fmt: skip
    assert undescribed == []


def test_a_column_without_a_tag_is_refused_with_its_name(tmp_path: Path) -> None:
    (tmp_path / "m.yml").write_text("models: [{name: m, columns: [{name: age}]}]")
    with pytest.raises(ConfigError, match=r"m\.yml: marts\.m\.age"):
        load_documents(tmp_path)


def test_a_table_nobody_described_is_refused_with_its_name() -> None:
    with pytest.raises(ConfigError, match=r"marts\.unknown"):
        require_documented({}, {"marts.unknown": ["a"]})
