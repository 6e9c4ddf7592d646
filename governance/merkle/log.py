"""Writing to the log of commitments: one writer at a time, entry and leaf in one transaction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, insert, select

from governance.merkle.record import committed, fresh_salts
from governance.tables import consent_entries, ledger_leaves

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine


@dataclass
class Writer:
    """The log inside one transaction. size: how many leaves it has, erased ones included."""

    connection: Connection
    size: int

    def add(self, entries: Sequence[Mapping[str, object]]) -> None:
        """Number, salt and insert entries, with the leaf of each."""
        salts = fresh_salts(len(entries))
        numbers = range(self.size, self.size + len(entries))
        rows = [
            {**entry, "sequence": number, "salt": salt}
            for entry, number, salt in zip(entries, numbers, salts, strict=True)
        ]
        leaves = [
            {"sequence": row["sequence"], "commitment": committed(number, row, salt)}
            for row, number, salt in zip(rows, numbers, salts, strict=True)
        ]
        if rows:
            self.connection.execute(insert(consent_entries), rows)
            self.connection.execute(insert(ledger_leaves), leaves)
            self.size += len(rows)


@contextmanager
def writing(engine: Engine) -> Iterator[Writer]:
    """The only writer of the log while the block runs; everything in it is one transaction."""
    with engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("begin immediate")
        elif connection.dialect.name == "postgresql":
            connection.exec_driver_sql("lock table ledger_leaves in share row exclusive mode")
        last = connection.scalar(select(func.max(ledger_leaves.c.sequence)))
        yield Writer(connection, 0 if last is None else last + 1)
