"""A list of addresses whose owners object, taken into the ledger as keyed hashes only."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from governance.doors import Said
from governance.intake import entries_of
from governance.ledger import append

if TYPE_CHECKING:
    from sqlalchemy import Engine

DOOR = "opposition_list"


@dataclass(frozen=True)
class OppositionReport:
    """read = new + known + unreadable; unreadable: neither an e-mail address nor a number."""

    read_count: int
    new_count: int
    unreadable_lines: tuple[int, ...]


def take_list(  # noqa: PLR0913 - one act is all of this
    engine: Engine,
    addresses: Iterable[str],
    *,
    name: str,
    channel: str,
    now: datetime,
    hash_key: bytes,
) -> OppositionReport:
    """Append one objection per address of the list `name`; the same list again appends nothing.

    An address that leaves the list later stays objected to: only its owner can take that back.
    """
    acts = [_said(address.strip(), name, channel, now, hash_key) for address in addresses]
    found = [entries_of(said, hash_key) for said in acts]
    new = append(engine, [entry for entries in found for entry in entries], now=now)
    unreadable = tuple(line for line, entries in enumerate(found, start=1) if not entries)
    is_new = sum(1 for entries in found if any(one.entry_id in new for one in entries))
    return OppositionReport(len(acts), is_new, unreadable)


def _said(address: str, name: str, channel: str, now: datetime, hash_key: bytes) -> Said:
    """The act is known by a keyed digest of the line, so that the ledger holds no address."""
    key = hashlib.blake2b(address.encode(), key=hash_key[:64], digest_size=16).hexdigest()
    return Said(
        DOOR, name, key, None, None, address, channel, "marketing", "object", now, now, DOOR
    )  # fmt: skip
