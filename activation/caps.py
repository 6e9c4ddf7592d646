"""Contact caps: how often one person may hear from us on a channel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from activation.yaml_files import number_between, read_by_channel

CAPS_FILE = Path(__file__).parent / "caps.yml"
_MOST = 1000


@dataclass(frozen=True)
class Cap:
    """At most `contacts` contacts within `days` rolling days, the day of planning included."""

    contacts: int
    days: int


def load_caps(path: Path = CAPS_FILE) -> dict[str, Cap]:
    """Channel → cap; a channel without a line has none. Raises ConfigError naming the line."""
    found = read_by_channel(path, ("contacts", "days"))
    return {channel: _cap(where, line) for channel, (where, line) in found.items()}


def _cap(where: str, line: Mapping[str, Any]) -> Cap:
    contacts = number_between(f"{where}.contacts", line["contacts"], 0, _MOST)
    return Cap(int(contacts), int(number_between(f"{where}.days", line["days"], 1, _MOST)))
