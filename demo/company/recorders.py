"""Every system of the company at once: a period of facts goes into all of them."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

if TYPE_CHECKING:
    from demo.world.facts import Facts, Period


class Recorder(Protocol):
    """One system's memory."""

    def record(self, facts: Facts, period: Period) -> None:
        """Keep what this system sees of a period; the same period again changes nothing."""

    def close(self) -> None:
        """Let go of files and connections."""


class Recorders:
    """Every recorder found in demo/systems. The shop's database must be running."""

    def __init__(self, home: Path, seed: int) -> None:
        self._all = {name: _made(kind, home, seed) for name, kind in _kinds().items()}

    def record(self, facts: Facts, period: Period, tell: Callable[[str], None]) -> int:
        """Give a period to every system; how many facts it had."""
        for name, recorder in self._all.items():
            tell(f"{period.first_day} {name}")
            recorder.record(facts, period)
        return sum(table.num_rows for table in facts.values())

    def close(self) -> None:
        """Close every system."""
        for recorder in self._all.values():
            recorder.close()


def _kinds() -> dict[str, Any]:
    """Module → the class that it is named after (brevo_webhooks → BrevoWebhooks), if it records."""
    package = import_module("demo.systems")
    found = {}
    for module_info in pkgutil.iter_modules(package.__path__):
        name = module_info.name
        kind = getattr(import_module(f"demo.systems.{name}"), name.title().replace("_", ""), None)
        if hasattr(kind, "record") and hasattr(kind, "close"):
            found[name] = kind
    return dict(sorted(found.items()))


def _made(kind: Any, home: Path, seed: int) -> Recorder:
    from demo.systems.files import FileSystem
    from demo.systems.postgres import postgres
    from demo.systems.shop import Shop

    if kind is Shop:
        return Shop(postgres(home).url)
    is_file_system = issubclass(kind, FileSystem)
    return cast(Recorder, kind(home, seed) if is_file_system else kind(home))
