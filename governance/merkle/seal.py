"""Signing what is appended, after a look that the log still ends as it was signed last."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import delete, func, insert, select

from contract.errors import ConfigError
from governance.merkle.checkpoint import Checkpoint
from governance.merkle.log_file import Tail
from governance.merkle.record import naive_utc
from governance.merkle.tree import Frontier, leaf_hash
from governance.tables import (
    ledger_checkpoints,
    ledger_frontier,
    ledger_leaves,
    ledger_verifications,
)

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from governance.merkle.keeper import Keeper

_log = structlog.get_logger(__name__)


class LogBrokenError(Exception):
    """The log does not end as its last checkpoint says."""


@dataclass
class Seal:
    """The end of the log in one transaction, to be signed and then filed."""

    keeper: Keeper
    connection: Connection
    frontier: Frontier
    tail: Tail
    last: Checkpoint | None
    lines: list[str] = field(default_factory=list)  # for the file, once the transaction stands

    @classmethod
    def opened(
        cls, keeper: Keeper, connection: Connection, size: int, now: datetime
    ) -> Seal | None:
        """The seal of a log of `size` leaves. None when the log does not end as it was signed.

        Entries are then still taken in, because a withdrawal must never be lost, and no checkpoint
        covers them: `habitue consent verify` says where the log was changed.
        """
        try:
            last = newest_checkpoint(connection)
            if last is None:
                return _first(keeper, connection, now)
            frontier = _proven_frontier(keeper, connection, last, size)
            tail = _completed(keeper, connection, last)
        except (LogBrokenError, ConfigError) as error:
            _log.error("consent log is not as signed: appended unsigned", found=str(error))
            return None
        return cls(keeper, connection, frontier, tail, last)

    def sign(self, commitments: list[str], now: datetime) -> None:
        """A checkpoint over everything up to these new leaves, where there are any."""
        if commitments:
            leaves = [leaf_hash(one) for one in commitments]
            self.frontier.push(leaves)
            self.lines += [leaf.hex() for leaf in leaves]
            self.add_checkpoint(now)

    def add_checkpoint(self, now: datetime) -> None:
        """Sign the log as it is and keep the checkpoint in the database."""
        checkpoint = self.keeper.signer.sign(
            Checkpoint(
                tree_size=self.frontier.size,
                previous_size=self.last.tree_size if self.last else None,
                root=self.frontier.root().hex(),
                signed_at=naive_utc(now).isoformat(" ", "microseconds"),
                key_id="",
            )
        )
        self.connection.execute(insert(ledger_checkpoints).values(**vars(checkpoint)))
        self.connection.execute(delete(ledger_frontier))
        self.connection.execute(
            insert(ledger_frontier).values(
                tree_size=self.frontier.size, nodes=self.frontier.written()
            )
        )
        self.lines.append(checkpoint.line())
        self.last = checkpoint

    def file(self) -> None:
        """Write down in the file what the database now holds for good."""
        if self.lines:
            self.tail = self.keeper.file.extend(self.tail, self.lines)
        if not self.keeper.has_begun:
            self.keeper.begin()


def newest_checkpoint(connection: Connection) -> Checkpoint | None:
    """The last signed head of the log; None before the first."""
    newest = select(ledger_checkpoints).order_by(ledger_checkpoints.c.tree_size.desc()).limit(1)
    row = connection.execute(newest).mappings().first()
    return Checkpoint(**row) if row else None


def leaves_between(connection: Connection, start: int, end: int) -> list[bytes]:
    """Leaf hashes of the numbers from `start` to before `end`."""
    leaves = ledger_leaves.c
    wanted = (
        select(leaves.commitment)
        .where(leaves.sequence >= start, leaves.sequence < end)
        .order_by(leaves.sequence)
    )
    return [leaf_hash(one) for one in connection.scalars(wanted)]


def _first(keeper: Keeper, connection: Connection, now: datetime) -> Seal:
    """Sign what stands in the log before signing begins; once only."""
    tail = keeper.file.tail()
    verified = connection.scalar(select(func.count()).select_from(ledger_verifications))
    if keeper.has_begun or tail.end or verified:
        raise LogBrokenError("no checkpoint in the database, and there were some")
    seal = Seal(keeper, connection, Frontier(), tail, None)
    leaves = leaves_between(connection, 0, 2**31 - 1)
    seal.frontier.push(leaves)
    seal.lines += [leaf.hex() for leaf in leaves]
    seal.add_checkpoint(now)
    return seal


def _proven_frontier(
    keeper: Keeper, connection: Connection, last: Checkpoint, size: int
) -> Frontier:
    """The frontier that the last checkpoint signs, recomputed when the kept one is not that."""
    if keeper.signer.public.raw != keeper.public.raw or not keeper.public.signed(last):
        raise LogBrokenError(f"the checkpoint at {last.tree_size} is not signed by this key")
    if last.tree_size != size:
        raise LogBrokenError(f"{size} leaves, the last checkpoint signs {last.tree_size}")
    row = connection.execute(select(ledger_frontier)).first()
    try:
        frontier = Frontier.read(size, row.nodes if row else "")
    except ValueError:
        frontier = Frontier()
    if frontier.root().hex() != last.root:
        frontier = Frontier()
        frontier.push(leaves_between(connection, 0, size))
    if frontier.root().hex() != last.root:
        raise LogBrokenError(f"the leaves do not have the root signed at {size}")
    return frontier


def _completed(keeper: Keeper, connection: Connection, last: Checkpoint) -> Tail:
    """The end of the log file, once what a killed append did not write is written."""
    tail = keeper.file.tail()
    if tail.checkpoint == last:
        return tail
    written = tail.checkpoint.tree_size if tail.checkpoint else None
    if written != last.previous_size or (written is None and tail.end):
        raise LogBrokenError(
            f"the log file ends at {written or 0}, the database at {last.tree_size}"
        )
    leaves = leaves_between(connection, written or 0, last.tree_size)
    return keeper.file.extend(tail, [*(leaf.hex() for leaf in leaves), last.line()])
