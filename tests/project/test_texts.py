"""What marketers read exists in French and in English, with the same placeholders."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest
import yaml
from repository import relative, tracked

CATALOGUES = tracked("*.texts.yml")
LANGUAGES = {"en", "fr"}


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("path", CATALOGUES, ids=relative)
def test_every_text_exists_in_both_languages(path: Path) -> None:
    texts = yaml.safe_load(path.read_text())
    assert {key: set(t) for key, t in texts.items() if set(t) != LANGUAGES} == {}
    assert [k for k, t in texts.items() if not all(str(v).strip() for v in t.values())] == []


@pytest.mark.parametrize("path", CATALOGUES, ids=relative)
def test_both_languages_fill_in_the_same_values(path: Path) -> None:
    texts = yaml.safe_load(path.read_text())
    uneven = {k: t for k, t in texts.items() if placeholders(t["en"]) != placeholders(t["fr"])}
    assert uneven == {}


def test_there_are_catalogues() -> None:
    assert CATALOGUES


def test_every_label_seed_has_both_languages() -> None:
    one_sided = []
    for seed in tracked("dbt_project/seeds/*.csv"):
        columns = set(seed.read_text().splitlines()[0].split(","))
        labels = {c for c in columns if re.search(r"_(en|fr)$", c)}
        if {c[:-3] + "_en" for c in labels} | {c[:-3] + "_fr" for c in labels} != labels:
            one_sided.append(relative(seed))
    assert one_sided == []


def test_no_page_renames_what_the_frame_of_every_page_says() -> None:
    said = {relative(path): set(yaml.safe_load(path.read_text())) for path in CATALOGUES}
    shared = {key for key in said["dashboards/site.texts.yml"] if not key.startswith("name_")}
    pages = [name for name in said if name.startswith("dashboards/pages/")]
    assert pages
    assert [name for name in pages if said[name] & shared - {"nothing_yet"}] == []
