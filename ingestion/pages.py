"""Pages of a source as Parquet parts in the working folder: one schema policy for all of them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from ingestion.errors import ContractBroken

# Pages of dictionaries are small; one part holds many.
PART_ROWS = 50_000
SOURCE_TYPE = b"source_type"  # metadata of a field: its type at the source, where it lands as text
TEXT, NESTED = "text", "nested"

# The first family with a beginning that fits, so the order matters: interval is no integer.
_FAMILIES = {
    "timestamp": ("timestamp",),
    "time": ("time", "interval", "duration"),
    "date": ("date",),
    "integer": ("int", "uint", "smallint", "bigint"),
    "number": ("float", "double", "half", "decimal", "numeric", "real", "money"),
    "text": ("string", "large_string", "text", "character", "varchar", "char", "uuid", "citext"),
    "boolean": ("bool",),
    "nested": ("list", "large_list", "struct", "map", "json", "nested"),
    "bytes": ("binary", "large_binary", "bytea", "fixed_size_binary"),
}


@dataclass
class Parts:
    """The parts that one table's pages became. columns: name to type, None while unknown."""

    folder: Path
    table: str
    columns: dict[str, str] = field(default_factory=dict)
    paths: list[Path] = field(default_factory=list)
    row_count: int = 0
    page_count: int = 0
    is_json: bool = False
    _waiting: list[dict[str, str | None]] = field(default_factory=list)

    def add(self, page: "pa.Table | list[dict[str, Any]]") -> None:
        """Keep a page. Raises ContractBroken when a column changes its type between pages."""
        self.page_count += 1
        if isinstance(page, pa.Table):
            self._note({f.name: _type_of(f) for f in page.schema if not pa.types.is_null(f.type)})
            self._write(_flat(page))
            return
        self.is_json = True
        self._waiting += [self._texts(row) for row in page]
        if len(self._waiting) >= PART_ROWS:
            self.flush()

    def flush(self) -> None:
        """Write the dictionaries that wait for a part."""
        if not self._waiting:
            return
        names = list(dict.fromkeys(name for row in self._waiting for name in row))
        arrays = [pa.array([row.get(name) for row in self._waiting], pa.string()) for name in names]
        self._waiting = []
        self._write(pa.Table.from_arrays(arrays, names=names))

    def _texts(self, row: dict[str, Any]) -> dict[str, str | None]:
        kinds = {
            name: NESTED if isinstance(value, dict | list) else TEXT
            for name, value in row.items()
            if value is not None
        }
        self._note(kinds)
        return {str(name): _text(value) for name, value in row.items()}

    def _note(self, types: Mapping[str, str]) -> None:
        for name, kind in types.items():
            if self.columns.setdefault(name, kind) != kind:
                refuse_retyped(self.table, {name: self.columns[name]}, {name: kind})

    def _write(self, rows: pa.Table) -> None:
        self.row_count += rows.num_rows
        if not rows.num_rows and self.paths:
            return
        path = self.folder / f"{self.table}-{len(self.paths):06d}.parquet"
        pq.write_table(rows, path)
        self.paths.append(path)


def new_columns(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """Columns that the table has only since."""
    return [name for name in now if before and name not in before]


def refuse_lost(table: str, before: Mapping[str, str], now: Mapping[str, str]) -> None:
    """Raises ContractBroken when a column that landed before is there no more."""
    lost = [name for name in before if name not in now]
    if lost:
        raise ContractBroken(
            f"table {table} has lost {', '.join(lost)}. It is not read until that is back, or "
            "until a full extraction takes the table as it is now."
        )


def refuse_retyped(table: str, before: Mapping[str, str], now: Mapping[str, str]) -> None:
    """Raises ContractBroken when a column now holds another kind of value."""
    for name, kind in before.items():
        if name in now and family(kind) != family(now[name]):
            raise ContractBroken(
                f"table {table}: column {name} was {kind} and is {now[name]}. It is not read until "
                "that is undone, or until a full extraction takes the table as it is now."
            )


def family(kind: str) -> str:
    """What kind of value a type holds; a wider type of the same family is no change."""
    if kind.endswith("[]"):
        return "nested"
    for name, begins in _FAMILIES.items():
        if kind.startswith(begins):
            return name
    return kind


def _type_of(found: pa.Field) -> str:
    metadata = found.metadata or {}
    return metadata[SOURCE_TYPE].decode() if SOURCE_TYPE in metadata else str(found.type)


def _flat(rows: pa.Table) -> pa.Table:
    """The table with nested columns as JSON text, for one text survives every change inside."""
    for position, found in enumerate(rows.schema):
        if pa.types.is_nested(found.type):
            texts = [_text(value) for value in rows.column(position).to_pylist()]
            rows = rows.set_column(position, found.name, pa.array(texts, pa.string()))
        elif pa.types.is_null(found.type):
            rows = rows.set_column(position, found.name, pa.nulls(rows.num_rows, pa.string()))
    return rows


def _text(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list | float):
        value = json.dumps(value, ensure_ascii=False, default=str)
    text = str(value)
    # JSON's escapes can write half of a character, which is no text.
    return text if text.isascii() else text.encode(errors="replace").decode()
