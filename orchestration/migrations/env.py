"""Alembic's entry: upgrades the open connection that orchestration/state.py hands over."""

from __future__ import annotations

from alembic import context

from activation.tables import metadata as activation_metadata
from governance.tables import metadata as governance_metadata

connection = context.config.attributes["connection"]
# render_as_batch: SQLite cannot alter a table in place.
context.configure(
    connection=connection,
    target_metadata=[governance_metadata, activation_metadata],
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
