"""What every published table and column is, and how personal each column is.

Marts are described by the yml beside each dbt model; what Python writes is described in
`tables.yml` beside this module, in the same shape.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from contract.errors import ConfigError

PRIVACY = ("public", "quasi", "direct")
OWN_TABLES = Path(__file__).with_name("tables.yml")


@dataclass(frozen=True)
class ColumnDocument:
    """One column: privacy is public, quasi or direct; labels are what a marketer reads."""

    name: str
    privacy: str
    description: str
    label_en: str
    label_fr: str
    origin: str


@dataclass(frozen=True)
class TableDocument:
    """One table, named as in SQL (`marts.rfm`), with its columns by name."""

    name: str
    description: str
    columns: Mapping[str, ColumnDocument]


def load_documents(marts: Path) -> dict[str, TableDocument]:
    """Every table that may be published, by its SQL name: the dbt marts, our own tables, and the
    models of core whose yml says meta.is_published.

    marts: the folder of the dbt models, one yml beside each.
    Raises ConfigError for a file without columns or a column without a privacy tag.
    """
    documents = {}
    for path in sorted(marts.rglob("*.yml")):
        for model in _models(path):
            document = _table(path, "marts." + str(model.get("name")), model)
            documents[document.name] = document
    for path in sorted((marts.parent / "core").glob("*.yml")):
        for model in _models(path):
            if ((model.get("config") or {}).get("meta") or {}).get("is_published"):
                document = _table(path, "core." + str(model.get("name")), model)
                documents[document.name] = document
    for name, table in yaml.safe_load(OWN_TABLES.read_text(encoding="utf-8")).items():
        documents[name] = _table(OWN_TABLES, name, table)
    return documents


def _models(path: Path) -> list[dict[str, Any]]:
    content = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    models: list[dict[str, Any]] = content.get("models") or []
    return models


def _table(path: Path, name: str, content: Mapping[str, Any]) -> TableDocument:
    columns = content.get("columns")
    if not columns:
        raise ConfigError(f"{path.name}: {name}: no columns. Describe each with its privacy tag.")
    listed = (
        columns if isinstance(columns, list) else [{"name": k, **v} for k, v in columns.items()]
    )
    described = [_column(path, name, column) for column in listed]
    return TableDocument(
        name, _one_line(content.get("description")), {column.name: column for column in described}
    )


def _column(path: Path, table: str, content: Mapping[str, Any]) -> ColumnDocument:
    name = str(content["name"])
    meta = (content.get("config") or {}).get("meta") or content.get("meta") or content
    privacy = meta.get("privacy")
    if privacy not in PRIVACY:
        raise ConfigError(
            f"{path.name}: {table}.{name}: meta.privacy is {privacy!r}. "
            f"Say {', '.join(PRIVACY[:-1])} or {PRIVACY[-1]}: an untagged column is not published."
        )
    label = meta.get("label") or {}
    return ColumnDocument(
        name=name,
        privacy=privacy,
        description=_one_line(content.get("description")),
        label_en=str(label.get("en", name)),
        label_fr=str(label.get("fr", name)),
        origin=str(meta.get("origin", "observed")),
    )


def _one_line(text: object) -> str:
    return " ".join(str(text or "").split())


def require_documented(
    documents: Mapping[str, TableDocument], built: Mapping[str, Iterable[str]]
) -> None:
    """Refuse a built table or column that nobody described.

    built: SQL name of a table → its columns. Raises ConfigError listing all that is missing.
    """
    missing = [name for name in sorted(built) if name not in documents]
    missing += [
        f"{name}.{column}"
        for name in sorted(built)
        if name in documents
        for column in built[name]
        if column not in documents[name].columns
    ]
    if missing:
        raise ConfigError(
            f"Not published: no privacy tag for {', '.join(missing)}. "
            "Describe it in the yml of its model (config.meta.privacy: public, quasi or direct) "
            f"or, when Python writes the table, in {OWN_TABLES.name}."
        )
