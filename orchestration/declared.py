"""The declarations of the company's files, read once per process and again when a file changes."""

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from contract.entity import ENTITIES_FOLDER, Entity, load_entities
from orchestration.settings import Settings

if TYPE_CHECKING:
    from ingestion.feed import Declaration

_State = tuple[tuple[str, int, int], ...]


def declarations(settings: Settings) -> "list[Declaration]":
    """Every declaration of the company. Raises ConfigError."""
    folder = settings.declarations
    return list(_declarations(folder, _state_of(folder), _state_of(ENTITIES_FOLDER)))


def entities() -> dict[str, Entity]:
    """Every canonical entity by name. Raises ConfigError."""
    return _entities(_state_of(ENTITIES_FOLDER))


@lru_cache(maxsize=4)
def _entities(_state: _State) -> dict[str, Entity]:
    return load_entities()


@lru_cache(maxsize=4)
def _declarations(folder: Path, _state: _State, entity_state: _State) -> "tuple[Declaration, ...]":
    from ingestion.declarations import load_declarations

    return tuple(load_declarations(folder, _entities(entity_state)))


def _state_of(folder: Path) -> _State:
    """What tells that a file of the folder changed: names, sizes, times."""
    files = [(path.name, path.stat()) for path in sorted(folder.glob("*.yml"))]
    return tuple((name, status.st_size, status.st_mtime_ns) for name, status in files)
