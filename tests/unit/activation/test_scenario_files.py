"""A mistake in a scenario's file is an error that says where, what was found and what to do."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from activation.campaigns import Campaign
from activation.definitions import load_segments
from activation.scenario_files import Scenario, load_scenarios
from contract.errors import ConfigError
from tests.fixtures.small_company import LETTER
from tests.fixtures.small_marts import columns

SEGMENT = """
title: {en: Rich, fr: Riches}
description: {en: Rich., fr: Riches.}
owner: crm
where: {all: [{column: net_amount, at_least: 5}]}
"""
SCENARIO = """
title: {en: Break-up, fr: Rupture}
aim: {en: A smaller list., fr: Une liste plus petite.}
segment: rich
campaign: letter
accept: {link: /stay, contacts: [order]}
deadline_days: 30
by_default: removed
again_after_days: 365
"""
ASKS_THE_SILENT = replace(LETTER, include_unengaged=True)


@pytest.fixture
def scenarios(tmp_path: Path) -> Path:
    for name in ("segments", "scenarios"):
        (tmp_path / name).mkdir()
    (tmp_path / "segments" / "rich.yml").write_text(SEGMENT)
    return tmp_path / "scenarios"


def load(scenarios: Path, text: str, campaign: Campaign = ASKS_THE_SILENT) -> list[Scenario]:
    (scenarios / "break_up.yml").write_text(text)
    segments = load_segments(scenarios.parent / "segments", columns())
    return load_scenarios(scenarios, segments, [campaign])


def test_a_scenario_is_read(scenarios: Path) -> None:
    [found] = load(scenarios, SCENARIO)
    assert (found.name, found.campaign, found.channel) == ("break_up", "letter", "post")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("segment: rich", "segment: ritch", "Did you mean 'rich'"),
        ("campaign: letter", "campaign: leter", "Did you mean 'letter'"),
        ("{link: /stay, contacts: [order]}", "{}", "nothing counts as a yes"),
        ("[order]", "[open]", "'open' is not known"),
        ("deadline_days: 30", "deadline_days: 0", "expected a number from 1 to 3660"),
        ("by_default: removed", "by_default: kept", "'kept' is not known"),
        ("again_after_days: 365", "", "no 'again_after_days'"),
    ],
)
def test_a_mistake_says_where_and_what(scenarios: Path, old: str, new: str, message: str) -> None:
    with pytest.raises(ConfigError, match=r"activation/scenarios/break_up\.yml") as error:
        load(scenarios, SCENARIO.replace(old, new))
    assert message in str(error.value)


def test_who_is_removed_without_an_answer_must_have_been_asked(scenarios: Path) -> None:
    with pytest.raises(ConfigError, match="Write 'include_unengaged: true' in activation/camp"):
        load(scenarios, SCENARIO, LETTER)
    assert load(scenarios, SCENARIO.replace("removed", "ended"), LETTER)
    with pytest.raises(ConfigError, match="asks nobody"):
        load(scenarios, SCENARIO, replace(ASKS_THE_SILENT, contacts=False))
