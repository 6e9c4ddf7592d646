"""The doctor says of withdrawals what the check of the runs says."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta
from pathlib import Path

import pytest

from demo.tool import Running
from orchestration import doctor
from orchestration.house import House, open_state, open_warehouse
from orchestration.settings import Settings
from tests.fixtures import small_marts
from tests.fixtures.small_company import LETTER, Company


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    told = {"home": tmp_path, "as_of": small_marts.AS_OF, "pseudonym_key": "k" * 32}
    return Settings.model_validate(told)


@pytest.fixture
def objected(company: Company, running: Running, settings: Settings) -> str:
    """Delivered in the company's home; then one of the members objected to post."""
    clock = datetime.combine(small_marts.AS_OF, time(1))
    with open_warehouse(settings).connect() as con:
        small_marts.build(con)
        with open_state(settings) as engine:
            home = replace(company, con=con, engine=engine, now=clock)
            home.run(LETTER)
            objector = min(running.tool.members("letter"))
            home.object_to_post(objector)
    return objector


def said(settings: Settings) -> list[tuple[str, bool]]:
    return [(one.text, one.is_well) for one in doctor._withdrawals(settings)]


def let_pass(since: timedelta, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = datetime.combine(small_marts.AS_OF, time(1)) + since
    monkeypatch.setattr(House, "clock", property(lambda _: clock))


def test_a_refusal_that_a_tool_does_not_follow_is_said(
    objected: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_pass(timedelta(hours=25), monkeypatch)
    [(text, is_well)] = said(settings)
    assert text.startswith("1 not applied in a tool, the oldest for 25 h")
    assert not is_well
    assert objected not in text


def test_without_a_late_refusal_all_are_applied(company: Company, settings: Settings) -> None:
    open_state(settings).__enter__().dispose()
    with open_warehouse(settings).connect() as con:
        small_marts.build(con)
    assert said(settings) == [("all applied", True)]


def test_a_ledger_that_nobody_told_says_nothing(
    objected: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_pass(timedelta(days=3), monkeypatch)
    [(text, is_well)] = said(settings)
    assert text.startswith("not known")
    assert not is_well


def test_before_the_first_run_there_is_nothing_to_say(settings: Settings) -> None:
    assert said(settings) == []
