"""The pages that tell people what to type tell the truth."""

from __future__ import annotations

import re
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from contract.texts import Texts
from dashboards.page import Chart, Context
from dashboards.read import open_public, read_frames
from dashboards.render import FOLDER
from dashboards.say import Say

DOCS = Path(__file__).parents[3] / "docs"


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", (DOCS / page).read_text(), flags=re.S)


def test_the_page_of_the_how_to_builds(home: Path, tmp_path: Path) -> None:
    code, texts = blocks("how-to/add-a-page.md", "python")[0], tmp_path / "stores.texts.yml"
    texts.write_text(blocks("how-to/add-a-page.md", "yaml")[0], encoding="utf-8")
    module: dict[str, Any] = {"__name__": "stores"}
    exec(code, module)  # noqa: S102 our own documentation
    catalogue, shared = Texts.load(texts), Texts.load(FOLDER / "site.texts.yml")
    with open_public(home / "published") as con:
        frames = read_frames(con, {"stores": "select '12' as store, 30 as people"})
    for lang in ("en", "fr"):
        say = Say(lang, "EUR", catalogue, shared)
        moment = datetime(2018, 1, 1)  # noqa: DTZ001
        context = Context(frames, say, date(2018, 1, 1), None, moment, {}, pd.DataFrame())
        content = module["PAGE"].content(context)
        assert "12" in content.title
        assert isinstance(content.blocks[0], Chart)


def test_the_suite_of_the_how_to_is_a_suite() -> None:
    module: dict[str, Any] = {"__name__": "returns"}
    exec(blocks("how-to/add-a-suite.md", "python")[0], module)  # noqa: S102
    assert module["SUITE"].door == "raw"


def test_the_python_recipe_reads_the_current_publication(home: Path) -> None:
    recipe = blocks("bi-recipes.md", "python")[0].replace('"var/published"', f'"{home}/published"')
    exec(recipe, {})  # noqa: S102


def test_the_example_queries_run(home: Path) -> None:
    with open_public(home / "published") as con:
        for query in blocks("bi-recipes.md", "sql")[0].split(";"):
            if query.strip():
                con.execute(query)
