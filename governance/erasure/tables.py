"""Tables of erasures in the state database."""

from __future__ import annotations

from sqlalchemy import (
    Column,
    DateTime,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

metadata = MetaData()

# One row per value that must not come back; kind: contract.suppression.KINDS.
suppressions = Table(
    "suppressions",
    metadata,
    Column("kind", String(20), primary_key=True),
    Column("keyed_hash", String(64), primary_key=True),
    Column("since", DateTime, nullable=False),
    Column("reason", String(40), nullable=False),
)

# One row per erasure of one person. identifiers: encrypted, null once nothing waits any more.
erasures = Table(
    "erasures",
    metadata,
    Column("erasure_id", String(40), primary_key=True),
    Column("keyed_hash", String(64), nullable=False),
    Column("reason", String(40), nullable=False),
    Column("requested_by", String(100), nullable=False),
    Column("because", String(400), nullable=False),
    Column("started_at", DateTime, nullable=False),
    Column("finished_at", DateTime),
    Column("identifiers", LargeBinary),
    Index("ix_erasures_keyed_hash", "keyed_hash"),
)

# One row per erasure and place; state: waiting or done.
erasure_steps = Table(
    "erasure_steps",
    metadata,
    Column("erasure_id", String(40), ForeignKey("erasures.erasure_id"), primary_key=True),
    Column("place", String(100), primary_key=True),
    Column("state", String(20), nullable=False),
    Column("evidence", Text, nullable=False),
    Column("done_at", DateTime),
)
