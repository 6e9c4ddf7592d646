"""Regimes: what messages do is a parameter, a module, or a file that graders bring."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from contract.errors import ConfigError
from demo.world.regime import REGIMES, load_regime
from demo.world.truth import contacts
from demo.world.world import World

FIRST = date(2024, 1, 1)
SHIPPED = sorted(path.stem for path in REGIMES.glob("*.yml"))


def lived(regime: str | Path, days: int = 45) -> pd.DataFrame:
    world = World.create(1200, 3, load_regime(regime), FIRST, date(2024, 6, 30))
    told = []
    for _ in range(days):
        world.step()
        told.append(contacts(world.stage))
    return pa.concat_tables(told).to_pandas()


def test_every_shipped_regime_lives() -> None:
    assert set(SHIPPED) >= {
        "default", "fatigue", "delayed_fatigue", "no_uplift", "reversed", "drifting_tastes",
    }  # fmt: skip
    for name in SHIPPED:
        regime = load_regime(name)
        assert regime.name == name
        assert regime.description


def test_without_effect_the_uplift_is_nothing_everywhere() -> None:
    uplift = lived("no_uplift")["uplift"]
    assert len(uplift) > 200
    assert (uplift == 0).all()


def test_reversed_turns_the_sign_of_every_first_contact() -> None:
    usual, turned = lived("default", 20), lived("reversed", 20)
    key = ["person_id", "campaign_key"]
    both = usual.groupby("person_id").head(1).merge(turned, on=key, suffixes=("", "_turned"))
    moved = both[both["uplift"].abs() > 1e-6]
    assert len(moved) > 100
    assert (np.sign(moved["uplift"]) == -np.sign(moved["uplift_turned"])).all()


def effect_after(name: str, waits: list[int]) -> list[float]:
    """Mean effect of a message on people contacted daily for five days, some days later."""
    stage = World.create(500, 3, load_regime(name), FIRST, FIRST).stage
    who = np.arange(400)
    view, behaviour = stage.view(who), stage.behaviour
    memory = view.memory
    for _ in range(5):
        memory = behaviour.contacted(replace(view, memory=memory), np.zeros(len(who)))
        memory = behaviour.after_a_day(memory)
    effects = []
    for day in range(max(waits) + 1):
        if day in waits:
            now = replace(view, memory=memory)
            effects.append(float(behaviour.effect(now, 1, np.zeros(len(who), int)).mean()))
        memory = behaviour.after_a_day(memory)
    return effects


def test_fatigue_tires_at_once_and_delayed_fatigue_weeks_later() -> None:
    usual, tired, delayed = (
        effect_after(name, [0, 40]) for name in ("default", "fatigue", "delayed_fatigue")
    )
    assert tired[0] < usual[0]
    assert tired[0] < tired[1]
    assert delayed[0] > tired[0]
    assert delayed[1] < delayed[0]


def test_drifting_tastes_wander() -> None:
    likeness = {}
    for name in ("default", "drifting_tastes"):
        stage = World.create(500, 3, load_regime(name), FIRST, date(2026, 6, 30)).stage
        who = np.arange(200)
        then, later = (
            stage.behaviour.taste(stage.view(who), stage.calendar.moment(day), stage.catalogue)
            for day in (0, 365)
        )
        likeness[name] = np.mean(
            [np.corrcoef(a, b)[0, 1] for a, b in zip(then, later, strict=True)]
        )
    assert likeness["default"] > 0.99
    assert likeness["drifting_tastes"] < 0.9


def test_a_behaviour_can_live_outside_the_project(tmp_path: Path) -> None:
    (tmp_path / "sleepers.py").write_text(
        "from demo.world.behaviour import habits\n"
        "PARAMETERS = {**habits.PARAMETERS, 'sleep': 0.0}\n"
        "class Sleepers(habits.Habits):\n"
        "    def purchase_rate(self, view, moment):\n"
        "        return super().purchase_rate(view, moment) * (1 - self.parameters['sleep'])\n"
        "def behave(parameters):\n"
        "    return Sleepers(parameters)\n"
    )
    path = tmp_path / "asleep.yml"
    path.write_text("behaviour: sleepers.py\nparameters: {sleep: 1.0}\n")
    table = lived(path, 20)
    assert (table["purchase_probability_with"] == 0).all()
    world = World.create(50, 3, load_regime(path), FIRST, FIRST)
    world.save(tmp_path / "world")
    assert World.load(tmp_path / "world").stage.behaviour.parameters["sleep"] == 1.0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("parameters: {effect_scal: 0}", "no parameter 'effect_scal'. Did you mean 'effect_scale'"),
        ("parameter: {}", "unknown key 'parameter'. Did you mean 'parameters'"),
        ("parameters: {effect_scale: much}", "expected a number, found 'much'"),
        ("parameters: [1]", "expected names and numbers"),
        ("- 1", "expected a mapping"),
        ("behaviour: demo.world.behaviour.habit", "no module"),
        ("behaviour: nowhere.py", "no file"),
    ],
)
def test_a_mistake_in_a_regime_is_named(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "mine.yml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=message.replace("(", r"\(")):
        load_regime(path)


def test_an_unknown_regime_is_named() -> None:
    with pytest.raises(ConfigError, match="Did you mean 'fatigue'"):
        load_regime("fatige")
