"""The consent ledger."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The consent ledger."""
    _create_consent_entries()
    _create_ledger_intakes()
    _forbid_changes()


def _create_consent_entries() -> None:
    op.create_table(
        "consent_entries",
        sa.Column("entry_id", sa.String(length=40), nullable=False),
        sa.Column("customer_key", sa.String(length=200), nullable=True),
        sa.Column("source_system", sa.String(length=100), nullable=True),
        sa.Column("address_hash", sa.String(length=64), nullable=True),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("act", sa.String(length=40), nullable=False),
        sa.Column("source", sa.String(length=100), nullable=False),
        sa.Column("source_key", sa.String(length=400), nullable=False),
        sa.Column("occurred_at", sa.DateTime(), nullable=False),
        sa.Column("known_at", sa.DateTime(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("entry_id"),
        sa.UniqueConstraint("source", "source_key", name="uq_consent_entries_source"),
    )
    op.create_index(
        "ix_consent_entries_address_hash", "consent_entries", ["address_hash"], unique=False
    )
    op.create_index(
        "ix_consent_entries_customer_key", "consent_entries", ["customer_key"], unique=False
    )


def _create_ledger_intakes() -> None:
    op.create_table(
        "ledger_intakes",
        sa.Column("intake", sa.String(length=40), nullable=False),
        sa.Column("taken_at", sa.DateTime(), nullable=False),
        sa.Column("entry_count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("intake"),
    )


def _forbid_changes() -> None:
    """The ledger is append-only, whoever opens the database."""
    message = "consent_entries is append-only"
    if op.get_bind().dialect.name == "sqlite":
        for act in ("update", "delete"):
            op.execute(
                f"create trigger consent_entries_no_{act} before {act} on consent_entries "
                f"begin select raise(abort, '{message}'); end"
            )
    elif op.get_bind().dialect.name == "postgresql":
        op.execute(
            "create function consent_entries_refuse() returns trigger language plpgsql as "
            f"$$ begin raise exception '{message}'; end $$"
        )
        op.execute(
            "create trigger consent_entries_no_change before update or delete on consent_entries "
            "for each row execute function consent_entries_refuse()"
        )
