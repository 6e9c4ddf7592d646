"""Number the effects on a person, so that an unanswered one is known to be still open."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add plan_rows.effect_number."""
    column = sa.Column("effect_number", sa.Integer(), nullable=False, server_default="0")
    op.add_column("plan_rows", column)
