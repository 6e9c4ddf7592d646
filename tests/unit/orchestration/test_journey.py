"""The journey map: every step has its event, its action and an owner, or nothing is built."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from contract.errors import ConfigError
from orchestration import journey

MAP = """
paths:
  buy:
    label: {en: Buy, fr: Acheter}
    steps:
      - step: visits
        label: {en: Visits, fr: Visite}
        event: visit
        data: [way in, device]
        action: {segment: passers_by}
        owner: crm
      - step: buys
        label: {en: Buys, fr: Achète}
        event: purchase
        data: [amount]
        action: {task: {en: Thank them., fr: Les remercier.}}
        owner: crm
"""
EVENTS, ACTIONS = {"visit", "purchase"}, {"segment": {"passers_by"}, "campaign": {"thanks"}}


def written(folder: Path, text: str) -> Path:
    path = folder / "journey_map.yml"
    path.write_text(text, encoding="utf-8")
    return path


def test_steps_are_numbered_within_their_path(tmp_path: Path) -> None:
    steps = journey.read_steps(written(tmp_path, MAP), EVENTS, ACTIONS)
    assert [(one.path, one.step_number, one.event, one.owner) for one in steps] == [
        ("buy", 1, "visit", "crm"),
        ("buy", 2, "purchase", "crm"),
    ]
    assert (steps[0].data_collected, steps[0].action_kind) == ("way in, device", "segment")
    assert steps[1].action_fr == "Les remercier."


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("        event: visit\n", "", r"buy.steps\[1\]: 'event' is missing"),
        ("        action: {segment: passers_by}\n", "", r"'action' is missing"),
        ("        owner: crm\n      - step: buys", "      - step: buys", r"'owner' is missing"),
        ("owner: crm\n      - ", "owner: ''\n      - ", r"'owner' is missing"),
        ("        data: [amount]\n", "", r"steps\[2\]: 'data' is missing"),
        ("event: visit", "event: visite", r"'visite' is not known. Did you mean 'visit'"),
        ("{segment: passers_by}", "{segment: passers}", r"no file activation/segments/passers.yml"),
        ("{segment: passers_by}", "{campaign: [a]}", r"no file activation/campaigns"),
        ("{segment: passers_by}", "call them", r"expected one of \{segment"),
        ("{task: {en: Thank them., fr: Les remercier.}}", "{task: Thank}", r"expected \{en"),
        ("step: buys", "step: visits", r"two steps are called visits"),
        ("step: buys", "step: Buys!", r"small letters"),
        ("        owner: crm", "        owner: crm\n        ownr: x", r"'ownr'"),
        ("paths:", "path:", r"'path'"),
        ("steps:", "step:", r"expected \{label"),
    ],
)  # fmt: skip
def test_a_step_that_lacks_something_stops_the_build(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    assert old in MAP
    path = written(tmp_path, MAP.replace(old, new, 1))
    with pytest.raises(ConfigError, match=message):
        journey.read_steps(path, EVENTS, ACTIONS)


def test_the_seed_says_what_the_map_says() -> None:
    text = journey.SEED.read_text(encoding="utf-8")
    assert text == journey.seed(), "run `make docs`"
    rows = list(csv.DictReader(text.splitlines()))
    assert len(rows) > 10
    assert [row for row in rows if not all(row.values())] == []


def test_the_events_are_those_that_the_warehouse_finds() -> None:
    model = journey.JOURNEY_MAP.parent / "models/intermediate/int_journeys__reached.sql"
    found = model.read_text(encoding="utf-8")
    assert {one for one in journey.known_events() if f"'{one}'" not in found} == set()
    assert {"visit", "purchase", "cart"} <= journey.known_events()
