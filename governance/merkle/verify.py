"""Whether the consent ledger is what was signed: the first number at which it is not, and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, insert, select

from contract.errors import ConfigError
from governance.merkle.keeper import Keeper, keeper_of
from governance.merkle.log import writing
from governance.merkle.snapshot import Snapshot, snapshot
from governance.merkle.tree import Frontier
from governance.merkle.walk import Finding, Start, Walk
from governance.tables import consent_entries, ledger_erased, ledger_leaves, ledger_verifications

if TYPE_CHECKING:
    from sqlalchemy import Engine

_FINDING_LENGTH = 400
# A ledger of no more leaves than this is read as a whole at every run: it takes a second or two.
SMALL = 50_000
FULL_EVERY = timedelta(days=7)


@dataclass(frozen=True)
class Verification:
    """since: the number from which entries were read again; findings: by number, none when well."""

    since: int
    tree_size: int
    root: str
    findings: tuple[Finding, ...]

    @property
    def first(self) -> Finding | None:
        """The first entry that is not as it was signed."""
        return self.findings[0] if self.findings else None

    def as_metadata(self) -> dict[str, int | str]:
        """The figures, named as everywhere."""
        return {
            "ledger_leaves": self.tree_size,
            "ledger_root": self.root,
            "verified_from": self.since,
            "ledger_findings": len(self.findings),
        }


def verify(engine: Engine, *, now: datetime, is_full: bool = True) -> Verification:
    """Compare entries, leaves, checkpoints and log file; note the result for the gate.

    Not full: entries are read again from where the last verification found all well, and counted
    before that. What a killed append left undone is done first, and so is a first checkpoint.
    Raises ConfigError for an engine without a keeper of its log.
    """
    keeper = keeper_of(engine)
    if keeper is None:
        raise ConfigError("This state database was opened without its log: open it with its home.")
    with writing(engine, now=now):
        pass
    with snapshot(engine, keeper) as taken:
        found, walk = _verified(taken, keeper, Start() if is_full else _last_well(taken, keeper))
        if found.since and found.findings:  # the first one may lie further back
            found, walk = _verified(taken, keeper, Start())
    _note(engine, found, walk, now)
    return found


def verify_as_due(engine: Engine, *, now: datetime, small: int = SMALL) -> Verification:
    """What every run does: all of a small ledger, and all of a large one once in seven days.

    In between only what is new is read again, so a change to an old entry is found within a week.
    """
    return verify(engine, now=now, is_full=_is_full_due(engine, now, small))


def _is_full_due(engine: Engine, now: datetime, small: int) -> bool:
    done = ledger_verifications.c
    with engine.connect() as connection:
        size = connection.scalar(select(func.count()).select_from(ledger_leaves)) or 0
        last = connection.scalar(select(func.max(done.verified_at)).where(done.since == 0))
    # A clock that was turned back by a week proves nothing about what was read since.
    return size <= small or last is None or abs(now - last) >= FULL_EVERY


def _note(engine: Engine, found: Verification, walk: Walk, now: datetime) -> None:
    first = found.first
    row = {
        "verified_at": now,
        "since": found.since,
        "tree_size": found.tree_size,
        "nodes": walk.frontier.written(),
        "log_bytes": walk.log_bytes,
        "first_bad": first.sequence if first else None,
        "finding": str(first)[:_FINDING_LENGTH] if first else None,
    }
    with engine.begin() as connection:
        connection.execute(insert(ledger_verifications).values(**row))


def _last_well(taken: Snapshot, keeper: Keeper) -> Start:
    """Where the newest verification ended, if it was well and a checkpoint still signs its root."""
    done = ledger_verifications
    newest = select(done).order_by(done.c.verification_id.desc()).limit(1)
    row = taken.connection.execute(newest).first()
    if row is None or row.first_bad is not None:
        return Start()
    signed = next((one for one in taken.checkpoints if one.tree_size == row.tree_size), None)
    try:
        frontier = Frontier.read(row.tree_size, row.nodes)
    except ValueError:
        return Start()
    if signed and signed.root == frontier.root().hex() and keeper.public.signed(signed):
        return Start(frontier, signed, row.log_bytes)
    return Start()


def _verified(taken: Snapshot, keeper: Keeper, start: Start) -> tuple[Verification, Walk]:
    since = start.frontier.size
    walk = Walk(taken, keeper, start)
    findings = {
        *_counted(taken, since), *walk.findings(), *_loose(taken), *_keys(taken, keeper)
    }  # fmt: skip
    root = walk.frontier.root().hex()
    return Verification(since, taken.size, root, tuple(sorted(findings))), walk


def _counted(taken: Snapshot, since: int) -> Iterator[Finding]:
    """Before `since` only the numbers are counted: every leaf has its entry or was erased."""
    entries, erased, leaves = (
        taken.connection.scalar(
            select(func.count()).select_from(table).where(table.c.sequence < since)
        )
        or 0
        for table in (consent_entries, ledger_erased, ledger_leaves)
    )
    if (entries + erased, leaves) != (since, since):
        yield Finding(0, f"{leaves} leaves and {entries} entries, {erased} erased, of {since}")


def _loose(taken: Snapshot) -> Iterator[Finding]:
    """Entries that no leaf commits to, and marks of erasure that no erasure made."""
    numbers = consent_entries.c.sequence
    loose = select(numbers).where(numbers.is_(None) | (numbers >= taken.size) | (numbers < 0))
    for number in taken.connection.scalars(loose):
        at = max(0, min(number, taken.size)) if isinstance(number, int) else taken.size
        yield Finding(at, "inserted: no leaf commits to it")
    marked = set(taken.connection.scalars(select(ledger_erased.c.sequence)))
    for number in sorted(marked - taken.erased):
        yield Finding(number, "marked as erased, and no signed erasure lists it")
    for number in sorted(taken.erased - marked):
        yield Finding(number, "the mark of its erasure was removed")


def _keys(taken: Snapshot, keeper: Keeper) -> Iterator[Finding]:
    """Whether what signs next is the key under which the log was begun."""
    try:
        is_same = keeper.signer.public.raw == keeper.public.raw
    except ConfigError:
        is_same = False
    if not is_same:
        yield Finding(taken.size, "the signing key is gone or another one: nothing new is signed")
