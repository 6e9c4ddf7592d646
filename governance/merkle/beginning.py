"""Beginning the log again, when it was changed and no backup is well; the old one is kept.

What stands in the ledger then is numbered, committed to and signed anew as it stands: that it was
changed before can be seen in the folder of the ended log, and no more in the new one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import String, bindparam, delete, select, type_coerce, update

from contract.errors import ConfigError
from governance.merkle.checkpoint import Checkpoint
from governance.merkle.keeper import PUBLIC, Keeper, keeper_of
from governance.merkle.log import writing
from governance.merkle.record import FIELDS, canonical, commitment, fresh_salts, written
from governance.tables import (
    consent_entries,
    ledger_checkpoints,
    ledger_erased,
    ledger_frontier,
    ledger_leaves,
    ledger_verifications,
)

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

_LOG = (ledger_leaves, ledger_erased, ledger_checkpoints, ledger_frontier, ledger_verifications)
_GUARDED = ("consent_entries", "ledger_leaves", "ledger_erased", "ledger_checkpoints")


def begin_again(engine: Engine, *, by: str, because: str, now: datetime) -> Path:
    """End the log, begin another over the entries that are there; the folder of the ended one.

    That folder keeps the old file, the checkpoints and erasures of the database, who decided and
    why. Raises ConfigError for an engine without a keeper of its log.
    """
    keeper = keeper_of(engine)
    if keeper is None:
        raise ConfigError("This state database was opened without its log: open it with its home.")
    with keeper.held():
        with engine.begin() as connection:
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql("begin immediate")
            ended = _ended(connection, keeper, {"by": by, "because": because, "at": str(now)})
            with _unguarded(connection):
                for table in _LOG:
                    connection.execute(delete(table))
                connection.execute(delete(consent_entries).where(_IS_ERASURE))
                _number(connection)
        for name in ("log.txt", PUBLIC):
            path = keeper.folder / name
            if path.exists():
                path.rename(ended / name)
    with writing(engine, now=now):  # signs the first checkpoint
        pass
    return ended


_IS_ERASURE = consent_entries.c.act == "erase"


def _ended(connection: Connection, keeper: Keeper, said: dict[str, str]) -> Path:
    """What the database alone knows of the log that ends, in a folder of its own."""
    stamp = said["at"].replace(":", "").replace(" ", "-")
    folder = keeper.folder / f"ended-{stamp}"
    folder.mkdir(parents=True)
    signed = select(ledger_checkpoints).order_by(ledger_checkpoints.c.tree_size)
    erased = select(consent_entries.c.proof).where(_IS_ERASURE)
    kept = {
        **said,
        "checkpoints": [asdict(Checkpoint(**row)) for row in connection.execute(signed).mappings()],
        "leaves": list(
            connection.scalars(
                select(ledger_leaves.c.commitment).order_by(ledger_leaves.c.sequence)
            )
        ),
        "erased": list(connection.scalars(erased)),
    }
    (folder / "database.json").write_text(json.dumps(kept, indent=1), encoding="utf-8")
    return folder


def _number(connection: Connection) -> None:
    """Number and commit to every entry, in the order in which they were taken in."""
    entries = consent_entries.c
    texts = [type_coerce(entries[name], String).label(name) for name in FIELDS]
    rows = connection.execute(
        select(*texts).order_by(entries.recorded_at, entries.sequence, entries.entry_id)
    ).all()
    if not rows:
        return
    salts = fresh_salts(len(rows))
    connection.execute(update(consent_entries).values(sequence=None))
    connection.execute(
        update(consent_entries)
        .where(entries.entry_id == bindparam("wanted"))
        .values(sequence=bindparam("number"), salt=bindparam("new_salt")),
        [
            {"wanted": row.entry_id, "number": number, "new_salt": salt}
            for number, (row, salt) in enumerate(zip(rows, salts, strict=True))
        ],
    )
    connection.execute(
        ledger_leaves.insert(),
        [
            {"sequence": number, "commitment": commitment(salt, canonical(number, written(row)))}
            for number, (row, salt) in enumerate(zip(rows, salts, strict=True))
        ],
    )


@contextmanager
def _unguarded(connection: Connection) -> Iterator[None]:
    """Inside this transaction the tables of the log may be changed."""
    if connection.dialect.name == "sqlite":
        listed = ", ".join(f"'{table}'" for table in _GUARDED)
        guards = connection.exec_driver_sql(
            f"select name, sql from sqlite_master where type = 'trigger' and tbl_name in ({listed})"
        ).all()
        for name, _ in guards:
            connection.exec_driver_sql(f"drop trigger {name}")
        yield
        for _, made in guards:
            connection.exec_driver_sql(made)
        return
    for table in _GUARDED:
        connection.exec_driver_sql(f"alter table {table} disable trigger user")
    yield
    for table in _GUARDED:
        connection.exec_driver_sql(f"alter table {table} enable trigger user")
