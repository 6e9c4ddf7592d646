"""Keep requests of erasure, their receipts and the suppression list."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Three tables: who must not come back, each erasure, and each of its steps."""
    op.create_table(
        "suppressions",
        sa.Column("kind", sa.String(20), primary_key=True),
        sa.Column("keyed_hash", sa.String(64), primary_key=True),
        sa.Column("since", sa.DateTime, nullable=False),
        sa.Column("reason", sa.String(40), nullable=False),
    )
    op.create_table(
        "erasures",
        sa.Column("erasure_id", sa.String(40), primary_key=True),
        sa.Column("keyed_hash", sa.String(64), nullable=False),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("requested_by", sa.String(100), nullable=False),
        sa.Column("because", sa.String(400), nullable=False),
        sa.Column("started_at", sa.DateTime, nullable=False),
        sa.Column("finished_at", sa.DateTime),
        sa.Column("identifiers", sa.LargeBinary),
    )
    op.create_index("ix_erasures_keyed_hash", "erasures", ["keyed_hash"])
    op.create_table(
        "erasure_steps",
        sa.Column(
            "erasure_id", sa.String(40), sa.ForeignKey("erasures.erasure_id"), primary_key=True
        ),
        sa.Column("place", sa.String(100), primary_key=True),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("evidence", sa.Text, nullable=False),
        sa.Column("done_at", sa.DateTime),
    )
