"""Keep which records left a person, and how much of the ledger each verification read."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One table for links in e-mails from before a parting, one column for verifications."""
    op.create_table(
        "departures",
        sa.Column("departure_id", sa.Integer, primary_key=True),
        sa.Column("customer_id", sa.String(40), nullable=False),
        sa.Column("source_system", sa.String(100), nullable=False),
        sa.Column("customer_key", sa.String(200), nullable=False),
        sa.Column("address_hash", sa.String(64)),
    )
    op.create_index("ix_departures_customer_id", "departures", ["customer_id"])
    op.add_column("ledger_verifications", sa.Column("since", sa.Integer))
