"""What people chose in the preference centre, in the state database. Rows are only ever added."""

from __future__ import annotations

from sqlalchemy import Column, DateTime, Index, MetaData, String, Table

metadata = MetaData()

# One row per choice and source record of the person who chose. kind: topic, frequency or detail;
# name: the topic, messages, or the detail that is corrected; value: yes or no, the most messages
# per week (empty: no limit), or the detail as the person states it. Channels are not here: what a
# person says about being contacted stands in the consent ledger, and only there.
preference_events = Table(
    "preference_events",
    metadata,
    Column("event_id", String(80), primary_key=True),
    Column("source_system", String(100), nullable=False),
    Column("customer_key", String(200), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("name", String(40), nullable=False),
    Column("value", String(400), nullable=False),
    Column("occurred_at", DateTime, nullable=False),
    Column("recorded_at", DateTime, nullable=False),
    Index("ix_preference_events_customer_key", "customer_key"),
)
