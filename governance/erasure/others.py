"""Whose rows stay although a value of an erased person stands on them: those of other people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from contract.sql import quote
from contract.suppression import Suppressions, identifying_columns, other_hash
from governance.erasure.people import RESOLVED

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from contract.entity import Entity


def hashes_of_others(
    con: DuckDBPyConnection, entities: Mapping[str, Entity], suppressions: Suppressions
) -> set[tuple[str, str]]:
    """What is to be noted of their records, before anything is erased.

    Somebody else: a record that the warehouse resolves, and that is not being erased. A row under
    any other key may be the person's own, of an account that nobody has met yet.
    """
    found = set()
    for entity in entities.values():
        columns = identifying_columns(entity)
        if "customer_key" not in columns:
            continue
        for name in columns.keys() - {"customer_key"}:
            for system, key in _on_rows_with(con, entity, name, suppressions):
                found.add(other_hash(system, key, suppressions.key))
    known = {digest for kind, digest in suppressions.since if kind == "record"}
    return {(kind, digest) for kind, digest in found if digest not in known}


def _on_rows_with(
    con: DuckDBPyConnection, entity: Entity, name: str, suppressions: Suppressions
) -> Iterator[tuple[str, str]]:
    """(system, key) of the records on whose rows the column holds a value of somebody erased."""
    table, kinds = f"raw_files.{quote(entity.name)}", identifying_columns(entity)[name]
    listed = con.execute(
        f"select distinct {quote(name)}, source_system from {table}"
        f" where {quote(name)} is not null and customer_key is not null"
    ).fetchall()
    values = suppressions.forgotten_among(kinds, listed)
    if not values:
        return
    con.execute("create or replace temp table forgotten (value varchar, owner varchar)")
    con.executemany("insert into forgotten values (?, ?)", values)
    yield from con.execute(
        f"""select distinct rows.customer_system, rows.customer_key from {table} as rows
        semi join forgotten on rows.{quote(name)} = forgotten.value
            and rows.source_system is not distinct from forgotten.owner
        semi join {RESOLVED} as resolved on rows.customer_system = resolved.source_system
            and rows.customer_key = resolved.customer_key"""
    ).fetchall()
