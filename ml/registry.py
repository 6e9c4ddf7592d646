"""Which models there are: every module of ml/models defines MODEL."""

from __future__ import annotations

from contract.discovery import discover
from contract.errors import ConfigError
from ml.spec import ModelSpec


def specs() -> dict[str, ModelSpec]:
    """Score name → its specification, in alphabetical order.

    Raises ConfigError when a module's MODEL is not a ModelSpec or not named like its file.
    """
    found: dict[str, ModelSpec] = {}
    for module, model in discover("ml.models", "MODEL").items():
        if not isinstance(model, ModelSpec) or model.name != module:
            raise ConfigError(f"ml/models/{module}.py: MODEL must be a ModelSpec named '{module}'.")
        found[module] = model
    return found
