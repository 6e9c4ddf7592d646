"""The pages as HTML: one template each, in the language of the reader. No script, no picture, no
request to anybody else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from contract.texts import LANGUAGES
from governance.preferences.choices import DETAILS, FREQUENCIES, LONGEST, TEXTS, TOPICS
from governance.preferences.standing import ASKED_CHANNELS

if TYPE_CHECKING:
    from jinja2 import Environment

    from governance.preferences.standing import Standing

TEMPLATES = Path(__file__).parent / "templates"
STYLE = (TEMPLATES / "style.css").read_text(encoding="utf-8")
_NAMES = {"fr": "Français", "en": "English"}
_TYPES = {"email": "email", "phone": "tel"}
_FILLS = {
    "first_name": "given-name",
    "last_name": "family-name",
    "email": "email",
    "phone": "tel",
    "address_line": "street-address",
    "postal_code": "postal-code",
    "city": "address-level2",
}


@dataclass(frozen=True)
class Place:
    """Where the page stands, by relative addresses: the centre may lie under any folder.

    root: the way back to the first folder of the centre. here: the page from there, to open it
    again in the other language.
    """

    lang: str
    token: str = ""
    root: str = "../"
    here: str = ""


@dataclass(frozen=True)
class Outcome:
    """What became of the form before. done: a sentence; errors: field → sentence."""

    done: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)
    typed: Mapping[str, str] = field(default_factory=dict, repr=False)


_NOTHING = Outcome()


@dataclass(frozen=True)
class Pages:
    """Renders for one company; languages: the one shown first comes first."""

    company: str
    languages: tuple[str, ...] = LANGUAGES

    def preferences(
        self, place: Place, standing: Standing, form: str, outcome: Outcome = _NOTHING
    ) -> str:
        """What I get, how often, my details, stop everything."""
        told = {"done": outcome.done, "errors": outcome.errors, "typed": outcome.typed}
        return self._render(
            "preferences", "home_title", place, standing=standing, form=form, **told
        )

    def unsubscribe(self, place: Place) -> str:
        """The question before unsubscribing; opening it changes nothing."""
        return self._render("unsubscribe", "unsubscribe_title", place)

    def message(
        self,
        place: Place,
        key: str,
        *,
        role: str = "",
        back: str = "",
        is_stop_offered: bool = False,
    ) -> str:
        """One sentence under its title."""
        told = {"text": key, "role": role, "back": back, "is_stop_offered": is_stop_offered}
        return self._render("message", f"{key}_title", place, **told)

    def _render(self, template: str, title: str, place: Place, **told: Any) -> str:
        topics = [(key, TOPICS(key, place.lang)) for key in TOPICS.keys()]  # noqa: SIM118
        return self._environment.get_template(f"{template}.html.j2").render(
            t=partial(_say, place.lang),
            title=TEXTS(title, place.lang),
            lang=place.lang,
            token=place.token,
            root=place.root,
            here=place.here,
            company=self.company,
            languages=[(code, _NAMES[code]) for code in self.languages],
            channels=ASKED_CHANNELS,
            topics=topics,
            frequencies=FREQUENCIES,
            details=DETAILS,
            types=_TYPES,
            fills=_FILLS,
            longest=LONGEST,
            **told,
        )

    @cached_property
    def _environment(self) -> Environment:
        from jinja2 import Environment, FileSystemLoader, StrictUndefined

        return Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )


def _say(lang: str, key: str, **values: object) -> str:
    return TEXTS(key, lang, **values)
