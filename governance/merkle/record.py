"""What a leaf of the log commits to: one entry of the ledger, written in one way only."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from secrets import token_hex

SALT_BYTES = 16
# The order in which an entry is written down; changing it would break every commitment made.
FIELDS = (
    "entry_id", "customer_key", "source_system", "address_hash", "channel", "purpose", "act",
    "source", "source_key", "occurred_at", "known_at", "recorded_at", "door", "wording_key",
    "proof",
)  # fmt: skip


def canonical(sequence: int, values: Sequence[object]) -> str:
    """The record that is committed to: JSON in the order of FIELDS, its number in the log first.

    values: one per name of FIELDS. Times are written as `2026-07-01 06:00:00.000000`, in UTC.
    """
    written = [
        value if value is None or type(value) is str else _text(value)
        for value in values
    ]  # fmt: skip
    return json.dumps({"sequence": sequence, **dict(zip(FIELDS, written, strict=True))})


def _text(value: object) -> str:
    if isinstance(value, datetime):
        return naive_utc(value).isoformat(" ", "microseconds")
    return str(value)


def naive_utc(moment: datetime) -> datetime:
    """UTC without a zone, as the state database keeps it."""
    return moment if moment.tzinfo is None else moment.astimezone(UTC).replace(tzinfo=None)


def commitment(salt: str, record: str) -> str:
    """SHA-256 over salt and record, in hex: says nothing about the record once the salt is gone.

    salt: hex.
    """
    return sha256(bytes.fromhex(salt) + record.encode()).hexdigest()


def fresh_salts(count: int) -> list[str]:
    """Unguessable salts, in hex; one call of the system for all of them."""
    text = token_hex(SALT_BYTES * count)
    size = 2 * SALT_BYTES
    return [text[start : start + size] for start in range(0, len(text), size)]


def committed(sequence: int, entry: Mapping[str, object], salt: str) -> str:
    """The commitment to an entry that stands at `sequence`."""
    return commitment(salt, canonical(sequence, [entry[name] for name in FIELDS]))
