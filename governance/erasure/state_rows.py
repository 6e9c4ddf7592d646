"""People taken out of the state database: every table, whichever part of the product owns it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, TypeVar

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
Value = TypeVar("Value")


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
    # A row that says whose it is by an id need not be read for it.
    is_read = "customer_id" not in table.columns
    read = [column for column in columns if is_read and column.name.endswith("_json")]
    named = [column for column in columns if column.name in {"phone", "address", "value"}]
    conditions: list[list[ColumnElement[bool]]] = [
        *([_among(column, chunk) for column in columns] for chunk in _chunks(words)),
        *([one.contains(word, autoescape=True) for one in read for word in chunk]
          for chunk in _chunks(words)),
        *([_among(column, chunk) for column in named] for chunk in _chunks(numbers)),
        *(_keys(table, chunk) for chunk in _chunks(list(person.records))),
    ]  # fmt: skip
    return sum(
        connection.execute(delete(table).where(or_(*some))).rowcount for some in conditions if some
    )


def _among(column: Column[str], values: Sequence[str]) -> ColumnElement[bool]:
    return column.in_(values)


def _chunks(values: Sequence[Value]) -> Iterator[Sequence[Value]]:
    """SQLite takes so many bound values, and no deeper an expression."""
    return (values[start : start + _CHUNK] for start in range(0, len(values), _CHUNK))


def _keys(table: Table, records: Sequence[tuple[str, str]]) -> list[ColumnElement[bool]]:
    names = set(table.columns.keys())
    if not {"customer_key", "source_system"} <= names:
        return []
    return [
        and_(table.c.source_system == system, table.c.customer_key == key)
        for system, key in records
    ]
