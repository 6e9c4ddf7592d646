"""Tables of the consent ledger in the state database. Entries are only ever appended."""

from __future__ import annotations

from sqlalchemy import Column, DateTime, Index, Integer, MetaData, String, Table, UniqueConstraint

metadata = MetaData()

# One row per act of a person (or of us, informing them) about being contacted.
# Who it is about: a source record (source_system: whose key), or the keyed hash of a raw address.
consent_entries = Table(
    "consent_entries",
    metadata,
    Column("entry_id", String(40), primary_key=True),
    Column("customer_key", String(200)),
    Column("source_system", String(100)),
    Column("address_hash", String(64)),
    Column("channel", String(20), nullable=False),
    Column("purpose", String(40), nullable=False),
    Column("act", String(40), nullable=False),  # governance.ledger.ACTS
    Column("source", String(100), nullable=False),
    Column("source_key", String(400), nullable=False),
    Column("occurred_at", DateTime, nullable=False),
    Column("known_at", DateTime, nullable=False),
    Column("recorded_at", DateTime, nullable=False),
    Column("door", String(40)),
    Column("wording_key", String(200)),
    Column("proof", String(400)),
    UniqueConstraint("source", "source_key", name="uq_consent_entries_source"),
    Index("ix_consent_entries_customer_key", "customer_key"),
    Index("ix_consent_entries_address_hash", "address_hash"),
)

# One row per kind of intake: when the ledger was last brought up to date.
ledger_intakes = Table(
    "ledger_intakes",
    metadata,
    Column("intake", String(40), primary_key=True),
    Column("taken_at", DateTime, nullable=False),
    Column("entry_count", Integer, nullable=False),
)
