"""Tables of activation in the state database: segments, scenarios, plans, deliveries, exports."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)

metadata = MetaData()

# One row per segment and run that computed it; the first one (sequence 1) compares with nothing.
segment_runs = Table(
    "segment_runs",
    metadata,
    Column("segment", String(200), primary_key=True),
    Column("sequence", Integer, primary_key=True),
    Column("run_id", String(100), nullable=False),
    Column("as_of_date", Date, nullable=False),
    Column("definition_digest", String(64), nullable=False),
    Column("members_digest", String(64), nullable=False),
    Column("member_count", Integer, nullable=False),
    Column("entered_count", Integer, nullable=False),
    Column("stayed_count", Integer, nullable=False),
    Column("left_count", Integer, nullable=False),
)

# One row per stay of a customer in a segment; left_on is null while it lasts.
segment_members = Table(
    "segment_members",
    metadata,
    Column("segment", String(200), primary_key=True),
    Column("customer_id", String(40), primary_key=True),
    Column("since_sequence", Integer, primary_key=True),
    Column("since_run_id", String(100), nullable=False),
    Column("entered_on", Date, nullable=False),
    Column("left_on", Date),
    Column("left_sequence", Integer),
    Index("ix_segment_members_current", "segment", "left_sequence"),
)

# One row per person and experiment, written at first eligibility and kept for good.
experiment_assignments = Table(
    "experiment_assignments",
    metadata,
    Column("experiment", String(200), primary_key=True),
    Column("customer_id", String(40), primary_key=True),
    Column("arm", String(20), nullable=False),  # control or treated
    Column("control_share", Float, nullable=False),
    Column("assigned_on", Date, nullable=False),
)

# One row per plan: exactly what is to change at a destination for one campaign.
plans = Table(
    "plans",
    metadata,
    Column("plan_id", String(40), primary_key=True),
    Column("digest", String(64), nullable=False),
    Column("campaign", String(200), nullable=False),
    Column("segment", String(200), nullable=False),
    Column("channel", String(20), nullable=False),
    Column("purpose", String(40), nullable=False),
    Column("destination", String(100), nullable=False),
    Column("run_id", String(100), nullable=False),
    Column("as_of_date", Date, nullable=False),
    Column("status", String(20), nullable=False),  # waiting, approved, applied, superseded
    Column("reason", String(400)),
    Column("counts_json", Text, nullable=False),
    Column("approved_by", String(100)),
    Column("approved_at", DateTime),
    Column("created_at", DateTime, nullable=False),
    Index("ix_plans_campaign", "campaign", "destination"),
)

# One row per effect of a plan; the outbox. A row is due until it is acknowledged or cancelled.
plan_rows = Table(
    "plan_rows",
    metadata,
    Column("plan_id", String(40), ForeignKey("plans.plan_id"), primary_key=True),
    Column("row_number", Integer, primary_key=True),
    Column("customer_id", String(40), nullable=False),
    Column("segment", String(200), nullable=False),
    Column("effect", String(10), nullable=False),  # add, change, remove
    Column("effect_number", Integer, nullable=False, server_default="0"),  # of this person
    Column("idempotency_key", String(64), nullable=False),
    Column("payload_digest", String(64), nullable=False),
    Column("payload_json", Text, nullable=False),
    Column("request_json", Text, nullable=False),
    Column("state", String(20), nullable=False),  # due, acknowledged, rejected, cancelled
    Column("attempt_count", Integer, nullable=False),
    Column("reason", String(400)),
    Column("settled_at", DateTime),
    Index("ix_plan_rows_idempotency_key", "idempotency_key"),
    Index("ix_plan_rows_customer", "customer_id"),
)

# One row per person, campaign and destination: what the destination last acknowledged.
deliveries = Table(
    "deliveries",
    metadata,
    Column("campaign", String(200), primary_key=True),
    Column("destination", String(100), primary_key=True),
    Column("customer_id", String(40), primary_key=True),
    Column("segment", String(200), nullable=False),
    Column("channel", String(20), nullable=False),
    Column("is_present", Boolean, nullable=False),
    Column("is_contact", Boolean, nullable=False),
    Column("effect_count", Integer, nullable=False),
    Column("payload_digest", String(64), nullable=False),
    Column("payload_json", Text, nullable=False),
    Column("request_json", Text, nullable=False),
    Column("basis", String(40)),
    Column("entry_id", String(40)),
    Column("contacted_on", Date, nullable=False),
    Column("acknowledged_at", DateTime, nullable=False),
    Index("ix_deliveries_customer", "customer_id", "channel"),
)

# One row per file handed out: who asked, what, how many people, for what purpose, until when.
exports = Table(
    "exports",
    metadata,
    Column("export_id", String(40), primary_key=True),
    Column("campaign", String(200), nullable=False),
    Column("segment", String(200), nullable=False),
    Column("channel", String(20), nullable=False),
    Column("purpose", String(40), nullable=False),
    Column("requested_by", String(100), nullable=False),
    Column("folder", String(400), nullable=False),
    Column("content_digest", String(64), nullable=False),
    Column("row_count", Integer, nullable=False),
    Column("written_at", DateTime, nullable=False),
    Column("expires_on", Date, nullable=False),
    Column("removed_at", DateTime),
    Column("removal_reason", String(100)),
    Index("ix_exports_campaign", "campaign"),
)

# One row per step of a person in a scenario; only ever appended. The last step is where they stand.
scenario_steps = Table(
    "scenario_steps",
    metadata,
    Column("scenario", String(100), primary_key=True),
    Column("customer_id", String(40), primary_key=True),
    Column("episode", Integer, primary_key=True),
    Column("step", Integer, primary_key=True),
    Column("state", String(20), nullable=False),  # activation.scenarios
    Column("since", DateTime, nullable=False),
    Column("due_at", DateTime),
    Column("reason", String(100), nullable=False),
    Column("run_id", String(100), nullable=False),
)
