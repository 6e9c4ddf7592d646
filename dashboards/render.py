"""From blocks to HTML: everything is escaped, no script runs but the site's own files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from dashboards import theme

FOLDER = Path(__file__).parent
# Plotly writes style attributes and one style element, hence the only 'unsafe-inline'.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; base-uri 'none'; form-action 'none'"
)
LANGUAGE_NAMES = {"en": "English", "fr": "Français"}


def environment() -> Environment:
    """The template environment; every value is escaped, an unknown name is an error."""
    made = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["as_json"] = as_json
    return made


def as_json(value: object) -> Markup:
    """JSON that may stand inside a script element: no sign that could end it."""
    written = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":
        written = written.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(written)  # noqa: S704 the signs that HTML reads were just replaced


def page_html(values: Mapping[str, Any]) -> str:
    """One page in one language."""
    return environment().get_template("page.html.j2").render(policy=POLICY, **values)


def index_html(company: str, languages: tuple[str, ...]) -> str:
    """The first page, which leads to the reader's language."""
    return (
        environment()
        .get_template("index.html.j2")
        .render(policy=POLICY, company=company, languages=languages, names=LANGUAGE_NAMES)
    )


def style_sheet() -> str:
    """The style sheet, the theme's colours first."""
    names = "".join(f"--{name}:{value};" for name, value in theme.variables().items())
    return f":root{{{names}}}\n" + (FOLDER / "assets" / "site.css").read_text(encoding="utf-8")
