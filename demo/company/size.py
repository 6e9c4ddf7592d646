"""How large the make-believe company is, and which one lives in a home."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from contract.errors import ConfigError

NAME = "Roues & Racines"
LAST_DAY = date(2026, 6, 30)
SETTINGS = f"""\
# Written by `habitue demo`: the company that lives in this home.
HABITUE_COMPANY_NAME={NAME}
HABITUE_TIME_ZONE=Europe/Paris
HABITUE_CURRENCY=EUR
HABITUE_LANGUAGES=fr,en
HABITUE_WEBHOOK_SECRET={{secret}}
HABITUE_AS_OF={LAST_DAY + timedelta(days=1)}
"""


@dataclass(frozen=True)
class Size:
    """What decides the history, day by day: the same size gives the same company."""

    people: int = 6_000
    months: int = 30
    seed: int = 2026
    regime: str = ""

    @property
    def first_day(self) -> date:
        """The first day of the first of so many months, the last of which ends on LAST_DAY."""
        number = LAST_DAY.year * 12 + LAST_DAY.month - self.months
        return date(number // 12, number % 12 + 1, 1)


def settled(folder: Path, asked: Mapping[str, Any]) -> Size:
    """The size of the company in this folder, written down when it moves in.

    asked: fields by name. Raises ConfigError when a company of another size lives there.
    """
    path = folder / "size.json"
    if not path.exists():
        size = Size(**asked)
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(size)) + "\n", encoding="utf-8")
        return size
    found = size_of(folder)
    if replace(found, **asked) != found:
        raise ConfigError(
            f"{folder} holds {found}, and was asked {dict(asked)}. Ask for that one, or choose "
            "another HABITUE_HOME."
        )
    return found


def size_of(folder: Path) -> Size:
    """The size that was written down. Raises ConfigError before the first `habitue demo`."""
    path = folder / "size.json"
    if not path.exists():
        raise ConfigError(f"{folder}: no make-believe company yet. Run `habitue demo` first.")
    return Size(**json.loads(path.read_text(encoding="utf-8")))
