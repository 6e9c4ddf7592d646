"""A world kept in a folder, so that the next day follows as if it had never stopped.

What was drawn at the start is drawn again; only what changed is kept. No pickle: numbers in .npz,
texts in Parquet, the rest in YAML.
"""

from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from demo.world.regime import Regime
from demo.world.stage import Stage, State

NUMBERS, TEXTS, SETTINGS = "state.npz", "texts.parquet", "world.yml"
Settings = tuple[int, int, Regime, tuple[date, date]]


def save(folder: Path, settings: Settings, stage: Stage) -> None:
    """Keep the state of a stage; the settings file comes last and is what makes it count."""
    folder.mkdir(parents=True, exist_ok=True)
    arrays = {
        f"state/{field.name}": getattr(stage.state, field.name)
        for field in fields(State)
        if field.name not in {"memory", "counters"}
    }
    arrays |= {f"memory/{name}": values for name, values in stage.state.memory.items()}
    arrays |= {f"agenda/{purpose}": rows for purpose, rows in stage.agenda.rows.items()}
    partial = folder / f"{NUMBERS}.partial.npz"
    np.savez(partial, **{name.replace("/", "|"): values for name, values in arrays.items()})
    texts = stage.outside.take(np.arange(len(stage.outside)))
    pq.write_table(pa.table({"text": texts}), folder / f"{TEXTS}.{stage.day}")
    partial.rename(folder / f"{NUMBERS}.{stage.day}.npz")
    _write_settings(folder, settings, stage)
    for old in folder.glob("state.npz.*.npz"):
        if old.name != f"{NUMBERS}.{stage.day}.npz":
            old.unlink()
    for old in folder.glob(f"{TEXTS}.*"):
        if old.name != f"{TEXTS}.{stage.day}":
            old.unlink()


def read_settings(folder: Path) -> Settings:
    """People, seed, regime, first and last day of a saved world.

    Raises FileNotFoundError where none was saved.
    """
    raw = _read(folder)
    regime = Regime(**raw["regime"])
    return raw["people"], raw["seed"], regime, (raw["first_day"], raw["last_day"])


def restore(folder: Path, stage: Stage) -> None:
    """Put a newly drawn stage back where the saved one was."""
    raw = _read(folder)
    stage.day = int(raw["day"])
    stage.state.counters.update(raw["counters"])
    with np.load(folder / f"{NUMBERS}.{stage.day}.npz", allow_pickle=False) as arrays:
        for name in arrays.files:
            kind, _, rest = name.partition("|")
            if kind == "state":
                setattr(stage.state, rest, arrays[name])
            elif kind == "memory":
                stage.state.memory[rest] = arrays[name]
            else:
                stage.agenda.rows[rest.replace("|", "/")] = arrays[name]
    stage.outside.add(pq.read_table(folder / f"{TEXTS}.{stage.day}")["text"].to_pylist())


def _write_settings(folder: Path, settings: Settings, stage: Stage) -> None:
    people, seed, regime, (first_day, last_day) = settings
    content = {
        "people": people,
        "seed": seed,
        "first_day": first_day,
        "last_day": last_day,
        "day": stage.day,
        "regime": {
            "name": regime.name,
            "behaviour": regime.behaviour,
            "parameters": dict(regime.parameters),
            "description": regime.description,
        },
        "counters": dict(stage.state.counters),
    }
    partial = folder / f"{SETTINGS}.partial"
    partial.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    partial.rename(folder / SETTINGS)


def _read(folder: Path) -> dict[str, Any]:
    raw: dict[str, Any] = yaml.safe_load((folder / SETTINGS).read_text(encoding="utf-8"))
    return raw
