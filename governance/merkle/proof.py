"""Proofs for others: that an entry is in the signed log, that a log goes on an older one."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import String, select, type_coerce

from contract.errors import ConfigError
from governance.merkle.checkpoint import Checkpoint
from governance.merkle.record import FIELDS, canonical, written
from governance.merkle.seal import leaves_between, newest_checkpoint
from governance.merkle.tree import Tree
from governance.tables import consent_entries, ledger_checkpoints

if TYPE_CHECKING:
    from sqlalchemy import Connection


def prove_entry(connection: Connection, entry_id: str) -> dict[str, Any]:
    """What check_proof.py needs to see that an entry is in the newest signed log.

    Holds the entry and its salt: who is given it can read it. Raises ConfigError when there is no
    such entry or nothing signs it.
    """
    names = [type_coerce(consent_entries.c[name], String).label(name) for name in FIELDS]
    statement = select(consent_entries.c.sequence, consent_entries.c.salt, *names).where(
        consent_entries.c.entry_id == entry_id
    )
    row = connection.execute(statement).first()
    if row is None:
        raise ConfigError(f"No entry '{entry_id}' in the ledger; it may have been erased.")
    sequence, salt, *values = row
    checkpoint = newest_signed(connection)
    if sequence is None or sequence >= checkpoint.tree_size:
        raise ConfigError(f"Entry '{entry_id}' is signed by no checkpoint: verify the ledger.")
    tree = Tree(leaves_between(connection, 0, checkpoint.tree_size))
    return {
        "format": "habitue consent proof 1",
        "record": canonical(sequence, written(values)),
        "salt": salt,
        "path": [step.hex() for step in tree.inclusion(sequence)],
        "checkpoint": asdict(checkpoint),
    }


def prove_extension(connection: Connection, old_size: int) -> dict[str, Any]:
    """What check_proof.py needs to see that the newest signed log begins with an older one.

    old_size: of a checkpoint before the newest. Raises ConfigError when there is none.
    """
    wanted = select(ledger_checkpoints).where(ledger_checkpoints.c.tree_size == old_size)
    row = connection.execute(wanted).mappings().first()
    checkpoint = newest_signed(connection)
    if row is None or not 0 < old_size < checkpoint.tree_size:
        raise ConfigError(f"No checkpoint over {old_size} entries before the newest one.")
    tree = Tree(leaves_between(connection, 0, checkpoint.tree_size))
    return {
        "format": "habitue consent extension 1",
        "old": asdict(Checkpoint(**row)),
        "path": [step.hex() for step in tree.consistency(old_size)],
        "checkpoint": asdict(checkpoint),
    }


def newest_signed(connection: Connection) -> Checkpoint:
    """The newest checkpoint. Raises ConfigError when there is none."""
    checkpoint = newest_checkpoint(connection)
    if checkpoint is None:
        raise ConfigError("The consent ledger is not signed yet: `habitue consent verify` does it.")
    return checkpoint


def extends(connection: Connection, kept: Checkpoint) -> bool:
    """Whether the log still begins with what a checkpoint kept elsewhere signs.

    The kept one must be signed by the log's key; the caller sees to that.
    """
    leaves = leaves_between(connection, 0, kept.tree_size)
    return len(leaves) == kept.tree_size and Tree(leaves).root().hex() == kept.root
