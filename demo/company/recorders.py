"""Every system of the company at once: a period of facts goes into all of them."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from demo.world.facts import Facts, Period


class Recorder(Protocol):
    """One system's memory."""

    def record(self, facts: Facts, period: Period) -> None:
        """Keep what this system sees of a period; the same period again changes nothing."""

    def close(self) -> None:
        """Let go of files and connections."""


class Recorders:
    """Every recorder found in demo/systems: a class with `record` and `close`, made with a home."""

    def __init__(self, home: Path) -> None:
        self._all = {f"{one.__module__}.{one.__name__}": one(home) for one in _classes()}

    def record(self, facts: Facts, period: Period, tell: Callable[[str], None]) -> int:
        """Give a period to every system; how many facts it had."""
        for name, recorder in self._all.items():
            tell(f"{period.first_day:%Y-%m-%d} {name.split('.')[2]}")
            recorder.record(facts, period)
        return sum(table.num_rows for table in facts.values())

    def close(self) -> None:
        """Close every system."""
        for recorder in self._all.values():
            recorder.close()


def _classes() -> list[Callable[[Path], Recorder]]:
    package = import_module("demo.systems")
    found: list[Callable[[Path], Recorder]] = []
    for module_info in sorted(pkgutil.iter_modules(package.__path__), key=lambda one: one.name):
        module = import_module(f"demo.systems.{module_info.name}")
        found += [
            thing
            for thing in vars(module).values()
            if isinstance(thing, type)
            and thing.__module__ == module.__name__
            and not thing.__name__.startswith("_")
            and callable(getattr(thing, "record", None))
            and callable(getattr(thing, "close", None))
        ]
    return found
