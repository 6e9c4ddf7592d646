"""Number the consent entries and keep the log of commitments that proves them.

An entry can be removed once its number stands in ledger_erased, and in no other way.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from governance.merkle.record import FIELDS, canonical, commitment, fresh_salts, written

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_KEPT = ("ledger_leaves", "ledger_erased", "ledger_checkpoints")


def upgrade() -> None:
    """Add numbers, salts and the log, fill them, and open the one way to erase an entry."""
    op.add_column("consent_entries", sa.Column("sequence", sa.Integer(), nullable=True))
    op.add_column("consent_entries", sa.Column("salt", sa.String(length=32), nullable=True))
    _create_log()
    _create_heads()
    _drop_old_triggers()
    _number_what_is_there()
    op.create_index("uq_consent_entries_sequence", "consent_entries", ["sequence"], unique=True)
    _guard()


def _create_log() -> None:
    number = sa.Column("sequence", sa.Integer(), autoincrement=False, nullable=False)
    op.create_table(
        "ledger_leaves",
        number.copy(),
        sa.Column("commitment", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("sequence"),
    )
    op.create_table("ledger_erased", number.copy(), sa.PrimaryKeyConstraint("sequence"))


def _create_heads() -> None:
    op.create_table(
        "ledger_checkpoints",
        sa.Column("tree_size", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("previous_size", sa.Integer(), nullable=True),
        sa.Column("root", sa.String(length=64), nullable=False),
        sa.Column("signed_at", sa.String(length=26), nullable=False),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.Column("signature", sa.String(length=128), nullable=False),
        sa.PrimaryKeyConstraint("tree_size"),
    )
    op.create_table(
        "ledger_frontier",
        sa.Column("tree_size", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("nodes", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tree_size"),
    )
    op.create_table(
        "ledger_verifications",
        sa.Column("verification_id", sa.Integer(), nullable=False),
        sa.Column("verified_at", sa.DateTime(), nullable=False),
        sa.Column("tree_size", sa.Integer(), nullable=False),
        sa.Column("nodes", sa.Text(), nullable=False),
        sa.Column("log_bytes", sa.Integer(), nullable=False),
        sa.Column("first_bad", sa.Integer(), nullable=True),
        sa.Column("finding", sa.String(length=400), nullable=True),
        sa.PrimaryKeyConstraint("verification_id"),
    )


def _number_what_is_there() -> None:
    """In the order in which the ledger took them in."""
    connection = op.get_bind()
    names = ", ".join(FIELDS)
    entries = connection.execute(
        sa.text(f"select {names} from consent_entries order by recorded_at, entry_id")
    ).all()
    numbered = [
        {"id": entry.entry_id, "sequence": number, "salt": salt,
         "commitment": commitment(salt, canonical(number, written(entry)))}
        for number, (entry, salt) in enumerate(
            zip(entries, fresh_salts(len(entries)), strict=True)
        )
    ]  # fmt: skip
    if numbered:
        connection.execute(
            sa.text("update consent_entries set sequence = :sequence, salt = :salt"
                    " where entry_id = :id"), numbered)  # fmt: skip
        connection.execute(sa.text("insert into ledger_leaves values (:sequence, :commitment)"),
                           numbered)  # fmt: skip


def _drop_old_triggers() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for act in ("update", "delete"):
            op.execute(f"drop trigger consent_entries_no_{act}")
    elif op.get_bind().dialect.name == "postgresql":
        op.execute("drop trigger consent_entries_no_change on consent_entries")


def _guard() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _guard_sqlite()
    elif op.get_bind().dialect.name == "postgresql":
        _guard_postgresql()


def _guard_sqlite() -> None:
    refuse = "begin select raise(abort, '{table} is append-only'); end"
    for table in ("consent_entries", *_KEPT):
        for act in ("update", "delete"):
            unless = (
                "when not exists (select 1 from ledger_erased where sequence = old.sequence) "
                if (table, act) == ("consent_entries", "delete")
                else ""
            )
            op.execute(
                f"create trigger {table}_no_{act} before {act} on {table} {unless}"
                + refuse.format(table=table)
            )


def _guard_postgresql() -> None:
    op.execute(
        "create or replace function consent_entries_refuse() returns trigger language plpgsql as "
        "$$ begin if tg_op = 'DELETE' and exists (select 1 from ledger_erased where sequence = "
        "old.sequence) then return old; end if; "
        "raise exception 'consent_entries is append-only'; end $$"
    )
    op.execute(
        "create function ledger_log_refuse() returns trigger language plpgsql as "
        "$$ begin raise exception '% is append-only', tg_table_name; end $$"
    )
    for table in ("consent_entries", *_KEPT):
        refuse = "consent_entries_refuse" if table == "consent_entries" else "ledger_log_refuse"
        op.execute(
            f"create trigger {table}_no_change before update or delete on {table} "
            f"for each row execute function {refuse}()"
        )
