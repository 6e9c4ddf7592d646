"""A regime: which module decides how people behave, and with which parameters."""

import importlib
import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import yaml

from contract.errors import ConfigError, did_you_mean

DEFAULT_BEHAVIOUR = "demo.world.behaviour.habits"
REGIMES = Path(__file__).parent / "regimes"
_KEYS = {"description", "behaviour", "parameters"}


@dataclass(frozen=True)
class Regime:
    """How people behave: a dotted module or the path of a .py file, and its parameters."""

    name: str
    behaviour: str = DEFAULT_BEHAVIOUR
    parameters: Mapping[str, float] = field(default_factory=dict)
    description: str = ""

    def build(self) -> Any:
        """The behaviour itself, ready to be asked. Raises ConfigError for unknown parameters."""
        module = _module(self.behaviour, self.name)
        known = dict(module.PARAMETERS)
        for name in self.parameters:
            if name not in known:
                hint = did_you_mean(name, known)
                raise ConfigError(f"regime {self.name}: no parameter {name!r}.{hint}")
        return module.behave({**known, **self.parameters})


def load_regime(path: Path | str | None = None) -> Regime:
    """The regime of a file, of a shipped name (fatigue, no_uplift …), or the default one.

    A behaviour given as a path is relative to the regime's file.
    Raises ConfigError for unknown keys or parameters, naming the closest allowed word.
    """
    file = _file_of(path)
    raw = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
    if not isinstance(raw, dict):
        raise ConfigError(f"{file.name}: expected a mapping with {', '.join(sorted(_KEYS))}.")
    for key in raw:
        if key not in _KEYS:
            raise ConfigError(f"{file.name}: unknown key {key!r}.{did_you_mean(str(key), _KEYS)}")
    behaviour = str(raw.get("behaviour", DEFAULT_BEHAVIOUR))
    if behaviour.endswith(".py"):
        behaviour = str((file.parent / behaviour).resolve())
    regime = Regime(
        name=file.stem,
        behaviour=behaviour,
        parameters=_numbers(file.name, raw.get("parameters") or {}),
        description=str(raw.get("description", "")),
    )
    regime.build()
    return regime


def _file_of(path: Path | str | None) -> Path:
    file = Path(path) if path is not None else REGIMES / "default.yml"
    if file.suffix not in {".yml", ".yaml"}:
        file = REGIMES / f"{file.name}.yml"
    if not file.is_file():
        shipped = [found.stem for found in REGIMES.glob("*.yml")]
        raise ConfigError(f"no regime {str(path)!r}.{did_you_mean(file.stem, shipped)}")
    return file


def _numbers(where: str, raw: Any) -> dict[str, float]:
    if not isinstance(raw, dict):
        raise ConfigError(f"{where}: parameters: expected names and numbers, found {raw!r}.")
    for name, value in raw.items():
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ConfigError(f"{where}: parameters.{name}: expected a number, found {value!r}.")
    return {str(name): float(value) for name, value in raw.items()}


def _module(behaviour: str, regime: str) -> ModuleType:
    if not behaviour.endswith(".py"):
        try:
            return importlib.import_module(behaviour)
        except ModuleNotFoundError as error:
            raise ConfigError(f"regime {regime}: behaviour: no module {behaviour!r}.") from error
    spec = importlib.util.spec_from_file_location(f"regime_{Path(behaviour).stem}", behaviour)
    if spec is None or spec.loader is None or not Path(behaviour).is_file():
        raise ConfigError(f"regime {regime}: behaviour: no file {behaviour!r}.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
