"""What stands in the warehouse, for metadata: columns and row counts of built tables."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import dagster as dg

if TYPE_CHECKING:
    import duckdb

Relation = tuple[str, str]


@dataclass(frozen=True)
class Table:
    """One relation: column name → type, and its rows (None for a view, which is not counted)."""

    columns: Mapping[str, str]
    rows: int | None


def read_schemas(con: "duckdb.DuckDBPyConnection") -> dict[Relation, dict[str, str]]:
    """(schema, table) → column → type, for everything in the warehouse."""
    rows = con.execute(
        "select table_schema, table_name, column_name, data_type"
        " from information_schema.columns order by table_schema, table_name, ordinal_position"
    ).fetchall()
    schemas: dict[Relation, dict[str, str]] = {}
    for schema, table, column, data_type in rows:
        schemas.setdefault((schema, table), {})[column] = data_type
    return schemas


def read_tables(
    con: "duckdb.DuckDBPyConnection", relations: Iterable[Relation]
) -> dict[Relation, Table]:
    """The named relations that exist."""
    wanted = set(relations)
    schemas = read_schemas(con)
    views = set(con.execute("select schema_name, view_name from duckdb_views()").fetchall())
    counts = {
        relation: con.execute(f'select count(*) from "{relation[0]}"."{relation[1]}"').fetchall()
        for relation in wanted & set(schemas)
        if relation not in views
    }
    return {
        relation: Table(schemas[relation], counts[relation][0][0] if relation in counts else None)
        for relation in wanted & set(schemas)
    }


def column_schema(
    columns: Mapping[str, str], descriptions: Mapping[str, str] | None = None
) -> dg.TableSchema:
    """Columns as the UI shows them."""
    said = descriptions or {}
    return dg.TableSchema(
        columns=[
            dg.TableColumn(name, data_type, description=said.get(name) or None)
            for name, data_type in columns.items()
        ]
    )


def table_metadata(table: Table, descriptions: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Row count and column schema, under the names that the UI knows."""
    metadata: dict[str, Any] = {"dagster/column_schema": column_schema(table.columns, descriptions)}
    if table.rows is not None:
        metadata["dagster/row_count"] = table.rows
    return metadata
