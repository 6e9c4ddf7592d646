"""Sunset: after how long a silence the campaigns of a channel leave somebody out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from activation.columns import PERSON_MART, Marts
from activation.yaml_files import number_between, read_by_channel

SUNSET_FILE = Path(__file__).parent / "sunset.yml"
IN_RHYTHM = frozenset({"first_buyer", "active", "loyal", "reactivated"})
_HEARD, _STAGE = "last_contact_at", "lifecycle_stage"
_MOST_DAYS = 3650


@dataclass(frozen=True)
class Sunset:
    """Whoever was not heard of in the last `silent_days` days is unengaged."""

    silent_days: int

    def has_passed(self, values: Mapping[str, Any], as_of: date) -> bool:
        """Whether the person, by their columns of customer_360, is unengaged on that day."""
        if _HEARD not in values or values.get(_STAGE) in IN_RHYTHM:
            return False
        heard = values[_HEARD]
        return heard is None or heard.date() < as_of - timedelta(days=self.silent_days)


def engagement_columns(columns: Marts) -> tuple[str, ...]:
    """What has to be known of a person to tell; none where the mart lacks them."""
    return tuple(one for one in (_HEARD, _STAGE) if one in columns[PERSON_MART])


def load_sunsets(path: Path = SUNSET_FILE) -> dict[str, Sunset]:
    """Channel → sunset; a channel without a line has none. Raises ConfigError naming the line."""
    found = read_by_channel(path, ("silent_days",))
    return {channel: _sunset(where, line) for channel, (where, line) in found.items()}


def _sunset(where: str, line: Mapping[str, Any]) -> Sunset:
    return Sunset(int(number_between(f"{where}.silent_days", line["silent_days"], 1, _MOST_DAYS)))
