"""Settings: one precedence, and refusals that name the variable."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from contract.errors import ConfigError
from orchestration.connected import find_sources, settings_of
from orchestration.settings import SOURCE_SETTINGS, load_settings, read_pseudonym_key


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for name in list(os.environ):
        if name.startswith("HABITUE_"):
            monkeypatch.delenv(name)


def test_the_homes_own_file_is_read_and_the_environment_wins_over_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "settings.env").write_text("HABITUE_CURRENCY=USD\nHABITUE_AS_OF=2018-01-01\n")
    monkeypatch.setenv("HABITUE_CURRENCY", "CHF")
    settings = load_settings(tmp_path)
    assert (settings.currency, settings.day) == ("CHF", date(2018, 1, 1))


def test_a_wrong_value_is_refused_with_the_name_of_its_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HABITUE_TIME_ZONE", "Europe/Pari")
    monkeypatch.setenv("HABITUE_THREADS", "none")
    with pytest.raises(ConfigError, match=r"(?s)HABITUE_TIME_ZONE.*HABITUE_THREADS|THREADS.*ZONE"):
        load_settings(tmp_path)


def test_a_refusal_never_shows_a_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HABITUE_WEBHOOK_SECRET", "hunter2-secret")
    monkeypatch.setenv("HABITUE_WEEK_START", "friday")
    with pytest.raises(ConfigError) as refusal:
        load_settings(tmp_path)
    assert "hunter2" not in str(refusal.value)
    monkeypatch.setenv("HABITUE_WEEK_START", "monday")
    assert "hunter2" not in repr(load_settings(tmp_path))


def test_the_landing_folder_is_relative_to_the_home(tmp_path: Path) -> None:
    assert load_settings(tmp_path).landing == tmp_path / "landing"


def test_the_pseudonym_key_is_made_once_and_closed_to_others(tmp_path: Path) -> None:
    settings = load_settings(tmp_path)
    first = read_pseudonym_key(settings)
    assert first == read_pseudonym_key(settings)
    assert (tmp_path / "state" / "pseudonym.key").stat().st_mode & 0o777 == 0o600


def test_a_source_is_told_its_settings_and_an_empty_one_is_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HABITUE_SUPPORT_URL", "https://desk.example")
    monkeypatch.setenv("HABITUE_SUPPORT_TOKEN", "")
    settings = load_settings(tmp_path)
    assert settings.source_settings() == {"support_url": "https://desk.example"}
    assert "desk.example" not in repr(settings)


def test_a_source_is_connected_when_all_its_settings_are_set(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    source = find_sources()["support"]
    monkeypatch.setenv("HABITUE_SUPPORT_URL", "https://desk.example")
    assert settings_of(source, load_settings(tmp_path)) is None
    monkeypatch.setenv("HABITUE_SUPPORT_TOKEN", "canary")
    told = settings_of(source, load_settings(tmp_path))
    assert told == {"support_url": "https://desk.example", "support_token": "canary"}


def test_every_setting_that_a_source_asks_for_can_be_set() -> None:
    asked = {name for source in find_sources().values() for name in source.settings}
    assert asked == set(SOURCE_SETTINGS)
