"""Generates the dbt source of the raw tables from the canonical entities."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from contract.entity import Entity, load_entities
from ingestion.raw_tables import load_columns

TARGET = Path("dbt_project/models/sources/raw_files.yml")

_HEADER = """\
# Generated from contract/entities/*.yml by `python -m ingestion.dbt_sources`; edit those instead.
"""
_LOAD_DESCRIPTIONS = {
    "source_system": "System that delivered the row.",
    "source_key": "Values of the entity's key, joined by '|'.",
    "content_hash": "MD5 of the columns beside the key; another content is another version.",
    "known_at": "When the source first stated the row (UTC).",
    "loaded_at": "When the row was loaded (UTC).",
    "is_deleted": "Whether the source took the row out: its last content, ended at known_at.",
    "load_id": "Load that brought the row; see raw_control.loads.",
    "file_name": "File the row came from.",
    "file_line": "Line of the file, or row number in a Parquet file, counted from 1.",
}


def render(entities: Mapping[str, Entity]) -> str:
    """The text of the dbt source yml: one table per entity, every column with its type."""
    source = {
        "name": "raw_files",
        "schema": "raw_files",
        "description": "Rows of declared files, as delivered, one table per canonical entity.",
        "tables": [_table(entity) for entity in entities.values()],
    }
    body = yaml.safe_dump(
        {"version": 2, "sources": [source]}, sort_keys=False, allow_unicode=True, width=100
    )
    return _HEADER + body


def write(target: Path, entities: Mapping[str, Entity]) -> None:
    """Write the dbt source yml."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(render(entities), encoding="utf-8")


def _said_of(load_column: str) -> str:
    if load_column in _LOAD_DESCRIPTIONS:
        return _LOAD_DESCRIPTIONS[load_column]
    return f"System whose keys {load_column.removesuffix('_system')}_key holds."


def _table(entity: Entity) -> dict[str, Any]:
    columns = [
        {"name": column.name, "data_type": column.sql_type, "description": column.description,
         "config": {"meta": {"privacy": column.privacy}}}
        for column in entity.columns
    ]  # fmt: skip
    columns += [
        {"name": name, "data_type": kind, "description": _said_of(name)}
        for name, kind in load_columns(entity).items()
    ]
    return {
        "name": entity.name,
        "description": entity.description,
        "config": {
            "meta": {
                "changes": entity.changes,
                "key": list(entity.key),
                "dagster": {"asset_key": ["raw_files", entity.name]},
            }
        },
        "columns": columns,
    }


if __name__ == "__main__":
    write(Path(__file__).parent.parent / TARGET, load_entities())
