"""Keep what people change in the preference centre."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Choices of topic and frequency, and corrections of details."""
    op.create_table(
        "preference_events",
        sa.Column("event_id", sa.String(length=80), nullable=False),
        sa.Column("source_system", sa.String(length=100), nullable=False),
        sa.Column("customer_key", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("value", sa.String(length=400), nullable=False),
        sa.Column("occurred_at", sa.DateTime(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("event_id"),
    )
    op.create_index(
        "ix_preference_events_customer_key", "preference_events", ["customer_key"], unique=False
    )
