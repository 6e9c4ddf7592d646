"""Sunset: after how long a silence the campaigns of a channel leave somebody out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from activation.columns import PERSON_MART, Marts
from activation.yaml_files import check_keys, number_between, read_yaml
from contract.errors import ConfigError
from contract.gate import CHANNELS

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
    where = f"activation/{path.name}"
    content = read_yaml(path, where)
    check_keys(where, content, CHANNELS)
    return {channel: _sunset(f"{where}: {channel}", line) for channel, line in content.items()}


def _sunset(where: str, line: object) -> Sunset:
    if not isinstance(line, dict):
        raise ConfigError(f"{where}: expected {{silent_days: …}}, found {line!r}.")
    check_keys(where, line, ("silent_days",), ("silent_days",))
    return Sunset(int(number_between(f"{where}.silent_days", line["silent_days"], 1, _MOST_DAYS)))
