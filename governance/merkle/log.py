"""Writing to the log of commitments: one writer at a time, entry and leaf in one transaction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from contract.crash_points import reach
from governance.merkle.keeper import keeper_of
from governance.merkle.record import FIELDS, canonical, commitment, fresh_salts, written
from governance.merkle.seal import Seal
from governance.tables import ledger_leaves

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine


@dataclass
class Writer:
    """The log inside one transaction. size: how many leaves it has, erased ones included."""

    connection: Connection
    size: int
    added: list[str] = field(default_factory=list)  # commitments of this transaction, in order

    def add(self, entries: Sequence[Sequence[object]]) -> None:
        """Number, salt and insert entries, with the leaf of each. Values in the order of FIELDS.

        Straight to the driver, as the text that is committed to: SQLAlchemy's own types would
        take as long as everything else together.
        """
        rows: list[tuple[object, ...]] = []
        leaves: list[tuple[object, ...]] = []
        salts = fresh_salts(len(entries))
        for number, (entry, salt) in enumerate(zip(entries, salts, strict=True), self.size):
            texts = written(entry)
            committed = commitment(salt, canonical(number, texts))
            rows.append((*texts, number, salt))
            leaves.append((number, committed))
            self.added.append(committed)
        if rows:
            _insert(self.connection, "consent_entries", (*FIELDS, "sequence", "salt"), rows)
            _insert(self.connection, "ledger_leaves", ("sequence", "commitment"), leaves)
            self.size += len(rows)


def _insert(
    connection: Connection, table: str, names: Sequence[str], rows: list[tuple[object, ...]]
) -> None:
    mark = "?" if connection.dialect.paramstyle == "qmark" else "%s"
    marks = ", ".join([mark] * len(names))
    listed = ", ".join(names)
    connection.exec_driver_sql(f"insert into {table} ({listed}) values ({marks})", rows)


@contextmanager
def writing(engine: Engine, *, now: datetime) -> Iterator[Writer]:
    """The only writer of the log while the block runs; everything in it is one transaction.

    What was added is signed in the same transaction and filed after it. A kill in between leaves
    the file one checkpoint behind, which the next writer makes up for.
    """
    keeper = keeper_of(engine)
    with keeper.held() if keeper else nullcontext():
        with engine.begin() as connection:
            _lock(connection)
            writer = Writer(connection, tree_size(connection))
            seal = Seal.opened(keeper, connection, writer.size, now) if keeper else None
            yield writer
            if seal:
                seal.sign(writer.added, now)
        reach("ledger.committed")
        if seal:
            seal.file()


def tree_size(connection: Connection) -> int:
    """How many leaves the log has."""
    last = connection.scalar(select(func.max(ledger_leaves.c.sequence)))
    return 0 if last is None else last + 1


def _lock(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("begin immediate")
    elif connection.dialect.name == "postgresql":
        connection.exec_driver_sql("lock table ledger_leaves in share row exclusive mode")
