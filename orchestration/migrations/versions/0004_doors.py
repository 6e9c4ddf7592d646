"""Keep with each consent entry the door, the wording that was shown and the proof."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add door, wording_key and proof."""
    for name, length in {"door": 40, "wording_key": 200, "proof": 400}.items():
        op.add_column("consent_entries", sa.Column(name, sa.String(length=length), nullable=True))
