"""How long the oldest refusal that a tool does not follow yet has been known to us."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from governance.tables import consent_entries

if TYPE_CHECKING:
    from sqlalchemy import Engine

LIMIT = timedelta(hours=24)  # the large mailbox providers allow two days
_AT_ONCE = 500  # bound values of one statement


def age_of_oldest(engine: Engine, entry_ids: Collection[str], now: datetime) -> timedelta | None:
    """Since when the oldest of these entries stands in the ledger; None: there is none."""
    wanted, recorded = sorted(set(entry_ids)), consent_entries.c.recorded_at
    oldest: datetime | None = None
    with engine.connect() as connection:
        for start in range(0, len(wanted), _AT_ONCE):
            some = consent_entries.c.entry_id.in_(wanted[start : start + _AT_ONCE])
            found = connection.scalar(select(func.min(recorded)).where(some))
            oldest = min(one for one in (oldest, found) if one is not None) if found else oldest
    return None if oldest is None else now - oldest
