"""Writes the pages that repeat what another file defines, so that nobody repeats it by hand.

python -m orchestration.generate           write them
python -m orchestration.generate --check   exit 1 and name those that are out of date
"""

import argparse
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from contract.entity import load_entities
from ingestion import dbt_sources
from orchestration import consent_tables, journey
from orchestration.settings import DBT_PROJECT, PROJECT_ROOT

LAYERS = ("marts", "core", "features", "intermediate", "staging")


def settings_page() -> str:
    """The settings as a table, from the comments and defaults of `.env.example`."""
    rows: list[str] = []
    comment: list[str] = []
    is_after_setting = False
    for line in (PROJECT_ROOT / ".env.example").read_text().splitlines():
        setting = re.match(r"#?(HABITUE_[A-Z_]+)=(.*)$", line)
        if setting:
            rows.append(f"| `{setting[1]}` | {_default(setting[2])} | {' '.join(comment)} |")
        elif is_after_setting or not line:
            comment = []
        if line.startswith("# "):
            comment.append(line.lstrip("# "))
        is_after_setting = bool(setting)
    return "\n".join(
        [
            "# Settings",
            "",
            "Generated from `.env.example` by `make docs`. Environment variables win over `.env`",
            "at the project root, which wins over `settings.env` in the home (of `make demo`).",
            "A setting that cannot be used stops the command with its name and an example.",
            "",
            "| variable | default | meaning |",
            "|---|---|---|",
            *rows,
            "",
        ]
    )


def _default(value: str) -> str:
    return f"`{value}`" if value else "empty"


def dictionary_page() -> str:
    """Every table and column of the warehouse, from the yml beside each model."""
    lines = [
        "# Data dictionary",
        "",
        "Generated from `dbt_project/models` by `make docs`. Origin: declared by the person or the",
        "company, observed in what happened, inferred by rule or model. Privacy: `public` columns",
        "are published to everybody, `quasi` ones only where ten people share them, `direct` ones",
        "never leave the named file.",
    ]
    for layer in LAYERS:
        lines += ["", f"## {layer}"]
        for path in sorted((DBT_PROJECT / "models" / layer).rglob("*.yml")):
            for model in yaml.safe_load(path.read_text()).get("models", []):
                lines += _model_section(layer, model)
    return "\n".join([*lines, ""])


def _model_section(layer: str, model: dict[str, Any]) -> list[str]:
    section = ["", f"### {layer}.{model['name']}", "", _one_line(model.get("description", ""))]
    columns = model.get("columns") or []
    if not columns:
        return section
    with_meta = any(_meta(c) for c in columns)
    section += [
        "",
        "| column | meaning | origin | privacy |" if with_meta else "| column | meaning |",
    ]
    section += ["|---|---|---|---|" if with_meta else "|---|---|"]
    for column in columns:
        meaning = f"| `{column['name']}` | {_one_line(column.get('description', ''))} |"
        meta = _meta(column)
        tail = f" {meta.get('origin', '')} | {meta.get('privacy', '')} |" if with_meta else ""
        section.append(meaning + tail)
    return section


def _meta(column: dict[str, Any]) -> dict[str, Any]:
    return (column.get("config") or {}).get("meta") or {}


def _one_line(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def raw_sources_page() -> str:
    """Dbt's description of the raw tables, from `contract/entities`."""
    return dbt_sources.render(load_entities())


PAGES: dict[Path, Callable[[], str]] = {
    DBT_PROJECT / "models" / "sources" / "raw_files.yml": raw_sources_page,
    journey.SEED: journey.seed,
    consent_tables.RULES: consent_tables.rules_seed,
    consent_tables.PURPOSES: consent_tables.purposes_seed,
    consent_tables.MACRO: consent_tables.macro,
    PROJECT_ROOT / "docs" / "settings.md": settings_page,
    PROJECT_ROOT / "docs" / "data-dictionary.md": dictionary_page,
}


def main() -> int:
    """Write the generated pages, or with `--check` name those that differ; 1 when one does."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument(
        "--check", action="store_true", help="change nothing, fail when out of date"
    )
    check = parser.parse_args().check
    stale = [
        path for path, page in PAGES.items() if not path.exists() or path.read_text() != page()
    ]
    for path in stale:
        name = path.relative_to(PROJECT_ROOT)
        sys.stdout.write(
            f"{name} is out of date: run `make docs`\n" if check else f"wrote {name}\n"
        )
        if not check:
            path.write_text(PAGES[path]())
    return int(check and bool(stale))


if __name__ == "__main__":
    raise SystemExit(main())
