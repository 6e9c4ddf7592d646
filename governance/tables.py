"""Tables of the consent ledger in the state database. Entries are only ever appended."""

from __future__ import annotations

from sqlalchemy import (
    Column,
    DateTime,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

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
    # Its number in the log of commitments, from 0, and the salt of its commitment (hex).
    Column("sequence", Integer),
    Column("salt", String(32)),
    UniqueConstraint("source", "source_key", name="uq_consent_entries_source"),
    Index("ix_consent_entries_customer_key", "customer_key"),
    Index("ix_consent_entries_address_hash", "address_hash"),
    Index("uq_consent_entries_sequence", "sequence", unique=True),
)

# One row per entry ever appended, kept when the entry is erased: the log of commitments.
ledger_leaves = Table(
    "ledger_leaves",
    metadata,
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("commitment", String(64), nullable=False),  # SHA-256 over salt and record, hex
)

# One row per leaf whose entry was erased; an `erase` entry of the log says the same, signed.
ledger_erased = Table(
    "ledger_erased",
    metadata,
    Column("sequence", Integer, primary_key=True, autoincrement=False),
)

# One row per signed head of the log; the first one signs what stood there before signing began.
ledger_checkpoints = Table(
    "ledger_checkpoints",
    metadata,
    Column("tree_size", Integer, primary_key=True, autoincrement=False),
    Column("previous_size", Integer),  # of the checkpoint before; null: the first
    Column("root", String(64), nullable=False),
    Column("signed_at", String(26), nullable=False),  # as signed: 2026-07-01 06:00:00.000000
    Column("key_id", String(16), nullable=False),
    Column("signature", String(128), nullable=False),
)

# One row: what the next leaves are appended to. Proven by the newest checkpoint, never the proof.
ledger_frontier = Table(
    "ledger_frontier",
    metadata,
    Column("tree_size", Integer, primary_key=True, autoincrement=False),
    Column("nodes", Text, nullable=False),  # roots of the full subtrees, hex, largest first
)

# One row per verification of the log; the newest says whether the gate may trust the ledger.
ledger_verifications = Table(
    "ledger_verifications",
    metadata,
    Column("verification_id", Integer, primary_key=True),
    Column("verified_at", DateTime, nullable=False),
    Column("since", Integer),  # entries were read again from this number on; 0: all of them
    Column("tree_size", Integer, nullable=False),
    Column("nodes", Text, nullable=False),  # the frontier there, for the next one to go on from
    Column("log_bytes", Integer, nullable=False),  # length of the log file that was compared
    Column("first_bad", Integer),  # null: nothing was found
    Column("finding", String(400)),
)

# One row per kind of intake: when the ledger was last brought up to date.
ledger_intakes = Table(
    "ledger_intakes",
    metadata,
    Column("intake", String(40), primary_key=True),
    Column("taken_at", DateTime, nullable=False),
    Column("entry_count", Integer, nullable=False),
)

# One row per record that left a person when they were found to be several (address_hash null), and
# one per address that only such a record had. customer_id: of the person as they were.
departures = Table(
    "departures",
    metadata,
    Column("departure_id", Integer, primary_key=True),
    Column("customer_id", String(40), nullable=False),
    Column("source_system", String(100), nullable=False),
    Column("customer_key", String(200), nullable=False),
    Column("address_hash", String(64)),
    Index("ix_departures_customer_id", "customer_id"),
)
