"""Contact caps: how often one person may hear from us on a channel."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from activation.yaml_files import check_keys, number_between, read_yaml
from contract.errors import ConfigError
from contract.gate import CHANNELS

CAPS_FILE = Path(__file__).parent / "caps.yml"
_MOST = 1000


@dataclass(frozen=True)
class Cap:
    """At most `contacts` contacts within `days` rolling days, the day of planning included."""

    contacts: int
    days: int


def load_caps(path: Path = CAPS_FILE) -> dict[str, Cap]:
    """Channel → cap; a channel without a line has none. Raises ConfigError naming the line."""
    where = f"activation/{path.name}"
    content = read_yaml(path, where)
    check_keys(where, content, CHANNELS)
    return {channel: _cap(f"{where}: {channel}", line) for channel, line in content.items()}


def _cap(where: str, line: object) -> Cap:
    if not isinstance(line, dict):
        raise ConfigError(f"{where}: expected {{contacts: …, days: …}}, found {line!r}.")
    check_keys(where, line, ("contacts", "days"), ("contacts", "days"))
    contacts = number_between(f"{where}.contacts", line["contacts"], 0, _MOST)
    return Cap(int(contacts), int(number_between(f"{where}.days", line["days"], 1, _MOST)))
