"""Which company lives in a home: its settings stand beside its data, written once."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from orchestration.settings import Settings

SETTINGS = "settings.env"
_NAME, _DAY = "HABITUE_COMPANY_NAME=", "HABITUE_AS_OF="


def settle(name: str, text: str) -> Settings:
    """The prepared settings of the home with this company in it, which moves in when it is empty.

    text: the settings file, with `{secret}` where the secret of its tool goes.
    Raises ConfigError when another company lives there.
    """
    from contract.errors import ConfigError
    from orchestration.cli.session import open_home

    path = home() / SETTINGS
    if path.exists():
        found = _line(path, _NAME)
        if found != name:
            raise ConfigError(
                f"{path.parent} holds {found or 'a company'}; choose another HABITUE_HOME for "
                f"{name}."
            )
        return open_home()
    if (path.parent / "warehouse").exists():
        raise ConfigError(
            f"{path.parent} holds a company already; choose another HABITUE_HOME for the demo."
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    _write(path, text.format(secret=secrets.token_hex(32)))
    return open_home()


def move_day(day: str) -> None:
    """From now on it is this day (YYYY-MM-DD) in the home."""
    path = home() / SETTINGS
    kept = [
        line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith(_DAY)
    ]
    partial = path.with_suffix(".part")
    partial.unlink(missing_ok=True)
    _write(partial, "\n".join([*kept, f"{_DAY}{day}", ""]))
    partial.replace(path)


def home() -> Path:
    """HABITUE_HOME as an absolute path."""
    from orchestration.settings import PROJECT_ROOT, find_home

    found = find_home()
    return found if found.is_absolute() else PROJECT_ROOT / found


def _line(path: Path, name: str) -> str:
    lines = path.read_text(encoding="utf-8").splitlines()
    return next((line.removeprefix(name) for line in lines if line.startswith(name)), "")


def _write(path: Path, text: str) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
