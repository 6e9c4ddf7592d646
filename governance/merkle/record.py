"""What a leaf of the log commits to: one entry of the ledger, written in one way only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from json.encoder import encode_basestring_ascii
from secrets import token_hex

SALT_BYTES = 16
# The order in which an entry is written down; changing it would break every commitment made.
FIELDS = (
    "entry_id", "customer_key", "source_system", "address_hash", "channel", "purpose", "act",
    "source", "source_key", "occurred_at", "known_at", "recorded_at", "door", "wording_key",
    "proof",
)  # fmt: skip


_TEMPLATE = ", ".join(['{"sequence": %d', *(f'"{name}": %s' for name in FIELDS)]) + "}"


def written(values: Sequence[object]) -> list[str | None]:
    """The values of FIELDS as text, as the state database keeps them too.

    Times as `2026-07-01 06:00:00.000000`, in UTC.
    """
    return [value if value is None or type(value) is str else _text(value) for value in values]


def canonical(sequence: int, texts: Sequence[str | None]) -> str:
    """The record that is committed to: JSON in the order of FIELDS, its number in the log first.

    texts: one per name of FIELDS. Made from a template: json.dumps takes five times as long.
    """
    quoted = ["null" if text is None else encode_basestring_ascii(text) for text in texts]
    return _TEMPLATE % (sequence, *quoted)


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
