"""What landed and is not loaded is said, with the reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from contract.errors import ConfigError
from orchestration.arrivals import late_sources, waiting_files
from orchestration.environment import PRIVATE, prepare
from orchestration.launch import Request, launch
from orchestration.progress import ConsoleProgress
from orchestration.settings import Settings

DECLARATION = """\
system: shop
description: A shop.
owner: data
manifest: required
cadence_days: 1
files:
  clients:
    entity: customers
    pattern: clients*.csv
    format: csv
    columns: {customer_key: number}
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "declarations").mkdir()
    (tmp_path / "declarations" / "shop.yml").write_text(DECLARATION)
    landing = tmp_path / "var" / "landing" / "shop"
    landing.mkdir(parents=True)
    return Settings(home=tmp_path / "var", declarations=tmp_path / "declarations")


def test_a_file_without_its_manifest_and_one_that_nobody_claims_are_named(
    settings: Settings,
) -> None:
    (settings.landing / "shop" / "clients-1.csv").write_text("number\n1\n")
    (settings.landing / "shop" / "cleints-2.csv").write_text("number\n1\n")
    assert waiting_files(settings) == [
        "shop/cleints-2.csv: no pattern of the declaration claims it",
        "shop/clients-1.csv: waits for its manifest",
    ]


def test_before_the_first_run_nothing_is_late(settings: Settings) -> None:
    assert waiting_files(settings) == []
    assert late_sources(settings) == []


def test_two_files_of_one_system_are_refused_by_name_before_anything_starts(
    settings: Settings,
) -> None:
    (settings.declarations / "till.yml").write_text(DECLARATION)
    with pytest.raises(ConfigError, match=r"shop\.yml and till\.yml both declare the system shop"):
        launch(settings, Request(), ConsoleProgress())


def test_a_month_that_does_not_exist_is_refused_with_the_months_there_are(
    settings: Settings,
) -> None:
    with pytest.raises(ConfigError, match=r"--month 2017-13: no such month; from 2015-01 to "):
        launch(settings, Request(month="2017-13"), ConsoleProgress())


def test_folders_that_hold_people_are_their_owners_only(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.environ", {})
    prepare(settings)
    modes = {name: oct((settings.home / name).stat().st_mode & 0o777) for name in PRIVATE}
    assert set(modes.values()) == {"0o700"}
