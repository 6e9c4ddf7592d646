"""The columns that segments and destinations may use: the marts' own yml files say which."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from contract.errors import ConfigError

PERSON_MART = "customer_360"
# Written in C, where PyYAML was built with it: a run reads thirty of these files.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_KINDS = {
    "bool": "boolean",
    "date": "date",
    "timestamp": "timestamp",
    "text": "text",
    "varchar": "text",
    "string": "text",
    "char": "text",
    "uuid": "text",
    "tinyint": "number",
    "smallint": "number",
    "int": "number",
    "bigint": "number",
    "hugeint": "number",
    "decimal": "number",
    "numeric": "number",
    "double": "number",
    "float": "number",
    "real": "number",
}


@dataclass(frozen=True)
class Column:
    """One documented column of a mart. kind: text, number, boolean, date or timestamp.

    is_whole: a number without decimals, by its SQL type.
    """

    name: str
    kind: str
    label: Mapping[str, str]
    description: str = ""
    privacy: str = "direct"
    origin: str = "observed"
    description_fr: str = ""
    is_whole: bool = False


Marts = Mapping[str, Mapping[str, Column]]


def load_columns(models_dir: Path) -> Marts:
    """Mart name → its columns, from every yml file of the folder.

    Raises ConfigError for a column without a data type that we know.
    """
    marts: dict[str, dict[str, Column]] = {}
    for path in sorted(models_dir.glob("*.yml")):
        content = yaml.load(path.read_text(encoding="utf-8"), _LOADER) or {}  # noqa: S506 - safe
        for model in content.get("models", []):
            columns = model.get("columns", [])
            marts[model["name"]] = {line["name"]: _column(path, line) for line in columns}
    return marts


def kind_of(data_type: str) -> str | None:
    """Our word for a SQL type; None for one that cannot be compared."""
    name = data_type.lower().split("(")[0].strip()
    if name.endswith("]"):
        return None
    if name.startswith("timestamp"):
        return "timestamp"
    if name.startswith("bool"):
        return "boolean"
    return _KINDS.get(name) or _KINDS.get(name.removesuffix("eger"))


def is_whole(data_type: str) -> bool:
    """Whether a SQL type holds whole numbers only."""
    name = data_type.lower().replace(" ", "")
    return "int" in name or name.endswith(",0)")


def _column(path: Path, line: Mapping[str, Any]) -> Column:
    name = str(line["name"])
    kind = kind_of(str(line.get("data_type", "")))
    if kind is None:
        raise ConfigError(
            f"{path.name}: column '{name}' has data_type {line.get('data_type')!r}. "
            "Write a plain one (text, bigint, decimal(18,2), boolean, date, timestamp …)."
        )
    meta = {**line.get("meta", {}), **line.get("config", {}).get("meta", {})}
    words = name.replace("_", " ")
    label = {lang: str(meta.get("label", {}).get(lang) or words) for lang in ("en", "fr")}
    return Column(
        name=name,
        kind=kind,
        label=label,
        description=" ".join(str(line.get("description", "")).split()),
        privacy=str(meta.get("privacy", "direct")),
        origin=str(meta.get("origin", "observed")),
        description_fr=" ".join(str(meta.get("description_fr", "")).split()),
        is_whole=is_whole(str(line["data_type"])),
    )
