"""The systems that are read: what is found in ingestion/sources, and which have their settings."""

from typing import TYPE_CHECKING, cast

from contract.discovery import discover
from contract.errors import ConfigError, did_you_mean
from orchestration.settings import SOURCE_SETTINGS, Settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ingestion.source import Source


def find_sources() -> "dict[str, Source]":
    """System → its source, for every module of ingestion/sources.

    Raises ConfigError for a source that asks for a setting nobody can set.
    """
    found = cast("dict[str, Source]", discover("ingestion.sources", "SOURCE"))
    for module, source in found.items():
        for name in source.settings:
            if name not in SOURCE_SETTINGS:
                raise ConfigError(
                    f"ingestion/sources/{module}.py: no setting HABITUE_{name.upper()}."
                    f"{did_you_mean(name, SOURCE_SETTINGS)}"
                )
    return {source.system: source for source in found.values()}


def settings_of(source: "Source", settings: Settings) -> "Mapping[str, str] | None":
    """What the reader of this source is told; None when it is not connected."""
    known = settings.source_settings()
    if any(name not in known for name in source.settings):
        return None
    return {name: known[name] for name in source.settings}
