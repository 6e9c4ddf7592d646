"""Settings, their page and `.env.example` list the same variables."""

from __future__ import annotations

import re

from repository import ROOT

from orchestration.settings import Settings


def variables() -> set[str]:
    return {f"HABITUE_{name.upper()}" for name in Settings.model_fields}


def named_in(page: str) -> set[str]:
    return set(re.findall(r"HABITUE_[A-Z_]+", (ROOT / page).read_text()))


def test_the_example_file_lists_every_setting_and_no_other() -> None:
    assert named_in(".env.example") - {"HABITUE_HOME"} == variables() - {"HABITUE_HOME"}


def test_the_settings_page_lists_every_setting() -> None:
    assert variables() - named_in("docs/settings.md") == set()
