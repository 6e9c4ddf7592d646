"""The log at one instant: a read transaction of the database and the length of the log file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import String, and_, func, select, type_coerce

from governance.merkle.checkpoint import Checkpoint
from governance.merkle.numbers import read_numbers
from governance.merkle.record import FIELDS, canonical, commitment, written
from governance.tables import (
    consent_entries,
    ledger_checkpoints,
    ledger_leaves,
    ledger_verifications,
)

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

    from governance.merkle.keeper import Keeper

_ROWS = 5000  # read at a time


@dataclass(frozen=True)
class Leaf:
    """A leaf beside its entry. said: what the entry commits to now; None: there is no entry."""

    sequence: int
    commitment: str
    said: str | None


@dataclass(frozen=True)
class Snapshot:
    """size: leaves; erased: the numbers that whole erasures list; log_end: bytes of the file.

    seen_size: how many leaves there were at any verification.
    """

    connection: Connection
    size: int
    checkpoints: list[Checkpoint]
    erased: set[int]
    log_end: int
    seen_size: int

    def leaves(self, start: int) -> Iterator[Leaf]:
        """Leaves from `start` on in their order, each with its entry's commitment made again."""
        statement = (
            select(ledger_leaves.c.sequence, ledger_leaves.c.commitment, *_ENTRY)
            .select_from(
                ledger_leaves.outerjoin(
                    consent_entries, consent_entries.c.sequence == ledger_leaves.c.sequence
                )
            )
            .where(ledger_leaves.c.sequence >= start)
            .order_by(ledger_leaves.c.sequence)
            .execution_options(yield_per=_ROWS)
        )
        for sequence, committed, salt, *values in self.connection.execute(statement):
            has_entry = values[0] is not None
            said = _said(sequence, salt, values) if has_entry else None
            yield Leaf(sequence, committed, said)


# Times as the database holds them: any change of a character is a change.
_ENTRY = [
    consent_entries.c.salt,
    *(type_coerce(consent_entries.c[name], String).label(name) for name in FIELDS),
]


def _said(sequence: int, salt: str | None, values: list[object]) -> str:
    try:
        return commitment(salt or "", canonical(sequence, written(values)))
    except (ValueError, TypeError):
        return ""  # a salt that is none: no commitment


@contextmanager
def snapshot(engine: Engine, keeper: Keeper) -> Iterator[Snapshot]:
    """The log as it is now, whatever is appended while the block runs."""
    level = "REPEATABLE READ" if engine.dialect.name == "postgresql" else None
    chosen = engine.execution_options(isolation_level=level) if level else engine
    with chosen.connect() as connection:
        with keeper.held():  # no append between the first look at the tables and at the file
            if engine.dialect.name == "sqlite":
                connection.exec_driver_sql("begin")
            last = connection.scalar(select(func.max(ledger_leaves.c.sequence)))
            log_end = keeper.file.length()
        signed = select(ledger_checkpoints).order_by(ledger_checkpoints.c.tree_size)
        yield Snapshot(
            connection=connection,
            size=0 if last is None else last + 1,
            checkpoints=[Checkpoint(**row) for row in connection.execute(signed).mappings()],
            erased=_erased(connection),
            log_end=log_end,
            seen_size=connection.scalar(select(func.max(ledger_verifications.c.tree_size))) or 0,
        )


def _erased(connection: Connection) -> set[int]:
    """What the erasures list that are themselves as their leaves commit to."""
    statement = select(ledger_leaves.c.sequence, ledger_leaves.c.commitment, *_ENTRY).join(
        consent_entries,
        and_(
            consent_entries.c.sequence == ledger_leaves.c.sequence,
            consent_entries.c.act == "erase",
        ),
    )
    erased: set[int] = set()
    for sequence, committed, salt, *values in connection.execute(statement):
        if _said(sequence, salt, values) == committed:
            erased.update(read_numbers(str(values[FIELDS.index("proof")])))
    return erased
