"""People taken out of the state database: every table, whichever part of the product owns it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import MetaData, String, Table, and_, delete, or_

if TYPE_CHECKING:
    from sqlalchemy import Column, ColumnElement, Connection, Engine

    from governance.erasure.identifiers import Identifiers

# The ledger erases its own entries; the list, the erasures and their proofs stay on purpose.
_KEPT = frozenset(
    {
        "alembic_version", "consent_entries", "erasures", "erasure_steps", "ledger_checkpoints",
        "ledger_erased", "ledger_frontier", "ledger_intakes", "ledger_leaves",
        "ledger_verifications", "suppressions",
    }
)  # fmt: skip
_CHUNK = 200  # bound values of one statement


def wipe_state(engine: Engine, person: Identifiers, key: bytes) -> dict[str, int]:
    """Delete the rows about the person; table → how many. Freed pages are overwritten."""
    metadata = MetaData()
    metadata.reflect(engine)
    words = sorted(person.words(key))
    numbers = sorted(person.numbers())
    found = {}
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("pragma secure_delete = on")
        # Children before parents: rows of a plan before the plan.
        for table in reversed(metadata.sorted_tables):
            if table.name not in _KEPT:
                count = _wipe_table(connection, table, person, (words, numbers))
                if count:
                    found[table.name] = count
        connection.commit()
    shrink(engine)
    return found


def shrink(engine: Engine) -> None:
    """Give freed pages back, so that no old page and no log of changes holds what was deleted."""
    if engine.dialect.name != "sqlite":
        return
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("vacuum")
        connection.exec_driver_sql("pragma wal_checkpoint(truncate)")


def _wipe_table(
    connection: Connection,
    table: Table,
    person: Identifiers,
    texts: tuple[list[str], list[str]],
) -> int:
    words, numbers = texts
    columns = [column for column in table.columns if isinstance(column.type, String)]
    count = 0
    for start in range(0, max(len(words), 1), _CHUNK):
        chunk = words[start : start + _CHUNK]
        conditions: list[ColumnElement[bool]] = []
        for column in columns:
            conditions += _conditions(column, chunk, numbers)
            # A row that says whose it is by an id need not be read for it.
            if "customer_id" not in table.columns and column.name.endswith("_json"):
                conditions += [column.contains(word, autoescape=True) for word in chunk]
        conditions += _keys(table, person)
        if conditions:
            count += connection.execute(delete(table).where(or_(*conditions))).rowcount
    return count


def _conditions(
    column: Column[str], words: list[str], numbers: list[str]
) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [column.in_(words)] if words else []
    if column.name in {"phone", "address", "value"} and numbers:
        found.append(column.in_(numbers))
    return found


def _keys(table: Table, person: Identifiers) -> list[ColumnElement[bool]]:
    names = set(table.columns.keys())
    if not {"customer_key", "source_system"} <= names:
        return []
    return [
        and_(table.c.source_system == system, table.c.customer_key == key)
        for system, key in person.records
    ]
