"""From which column of which table a column comes: read from the compiled SQL, kept on disk.

The trace of one model is a pure function of its SQL and of the columns of what it reads, so it is
kept under the digest of both and read back until one of them changes.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dagster as dg

from orchestration.built import digest_of
from orchestration.tables import Relation

if TYPE_CHECKING:
    from sqlglot.lineage import Node

# column → [(schema, table, column)]
Trace = dict[str, list[tuple[str, str, str]]]


@dataclass(frozen=True)
class LineageBook:
    """Traces kept in a folder of the home; schemas as they stand in the warehouse."""

    folder: Path
    schemas: Mapping[Relation, Mapping[str, str]]

    def trace(self, sql: str, parents: Iterable[Relation]) -> Trace:
        """Column → the columns it is made of, in the tables that the SQL reads."""
        known = {parent: dict(self.schemas.get(parent, {})) for parent in sorted(parents)}
        path = self.folder / f"{digest_of(sql, [[*k, v] for k, v in known.items()])}.json"
        if path.exists():
            kept = json.loads(path.read_text())
            return {c: [(s, t, n) for s, t, n in deps] for c, deps in kept.items()}
        traced = _trace(sql, known)
        self.folder.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(traced))
        return traced


def _trace(sql: str, known: Mapping[Relation, Mapping[str, str]]) -> Trace:
    import sqlglot
    from sqlglot.errors import SqlglotError
    from sqlglot.lineage import lineage
    from sqlglot.optimizer import qualify
    from sqlglot.optimizer.scope import build_scope

    schema: dict[str, Any] = {}
    for (layer, table), columns in known.items():
        schema.setdefault(layer, {})[table] = dict(columns)
    try:
        tree: Any = sqlglot.parse_one(sql, dialect="duckdb")
        for table in tree.find_all(sqlglot.exp.Table):
            table.set("catalog", None)
        tree = qualify.qualify(
            tree, dialect="duckdb", schema=schema, validate_qualify_columns=False
        )
        scope = build_scope(tree)
        # Untrimmed: to show each step on its own, sqlglot would copy the whole query for it.
        nodes = lineage(None, tree, dialect="duckdb", scope=scope, copy=False, trim_selects=False)
        return {name: sorted(_leaves(node)) for name, node in nodes.items()}
    except SqlglotError:
        return {}  # lineage is a help to read the graph; a model is never refused for it


def _leaves(node: "Node") -> set[tuple[str, str, str]]:
    from sqlglot import exp

    found: set[tuple[str, str, str]] = set()
    for step in node.walk():
        if not step.downstream and isinstance(step.source, exp.Table):
            column = step.name.rsplit(".", 1)[-1].strip('"')
            if column != "*":
                found.add((step.source.db, step.source.name, column))
    return found


def as_metadata(trace: Trace, keys: Mapping[Relation, dg.AssetKey]) -> dg.TableColumnLineage:
    """The trace as Dagster shows it; tables without an asset are left out."""
    return dg.TableColumnLineage(
        deps_by_column={
            column: [
                dg.TableColumnDep(asset_key=keys[schema, table], column_name=name)
                for schema, table, name in deps
                if (schema, table) in keys
            ]
            for column, deps in trace.items()
        }
    )


def straight(
    columns: Mapping[str, Iterable[tuple[str, str]]],
) -> dg.TableColumnLineage:
    """Lineage of a table that Python writes: column → [(asset key as `layer/table`, column)]."""
    return dg.TableColumnLineage(
        deps_by_column={column: list(_deps(sources)) for column, sources in columns.items()}
    )


def _deps(sources: Iterable[tuple[str, str]]) -> Iterator[dg.TableColumnDep]:
    for key, column in sources:
        yield dg.TableColumnDep(asset_key=dg.AssetKey(key.split("/")), column_name=column)
