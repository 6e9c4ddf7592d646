"""What a posted form says: only what differs from what stands becomes an act or a choice."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from contract.normalisation import normalise_email, normalise_phone
from contract.texts import Texts
from governance.preferences.say import Act, Choice
from governance.preferences.standing import (
    ALL,
    ASKED_CHANNELS,
    MARKETING,
    NO_LIMIT,
    OTHER_PURPOSES,
    Standing,
)

TEXTS = Texts.load(Path(__file__).parent / "pages.texts.yml")
TOPICS = Texts.load(Path(__file__).parent / "topics.yml")
# The most messages per week, over all channels; one a month is a quarter of one a week.
FREQUENCIES = (NO_LIMIT, "3", "2", "1", "0.25")
DETAILS = ("first_name", "last_name", "email", "phone", "address_line", "postal_code", "city")
LONGEST = 200
_ANSWERS = {"yes": True, "no": False, "": None}
_NAME = re.compile(r"[^\d<>@{}\[\]]*[^\W\d_][^\d<>@{}\[\]]*")
_POSTAL_CODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z \-]{1,9}")

Form = Mapping[str, str]


def wording_key(name: str, lang: str) -> str:
    """The version of the sentence that was agreed to: it changes with the sentence itself."""
    digest = hashlib.sha256(TEXTS(f"{name}_question", lang).encode()).hexdigest()
    return f"preference_centre/{name}/{lang}/{digest[:12]}"


def _asked(standing: Standing) -> list[tuple[str, str, str, bool | None]]:
    """(field, channel, purpose, what stands) of every question about consent."""
    return [
        *((f"channel_{one}", one, MARKETING, standing.channels[one]) for one in ASKED_CHANNELS),
        *((f"purpose_{one}", ALL, one, standing.purposes[one]) for one in OTHER_PURPOSES),
    ]


def yes_fields(standing: Standing) -> frozenset[str]:
    """The questions that a page shows answered with yes."""
    return frozenset(field for field, _, _, stands in _asked(standing) if stands)


def acts_of(form: Form, standing: Standing, lang: str, shown_yes: Collection[str]) -> list[Act]:
    """Consent acts: a yes where yes is new, a no where no is new. Raises ValueError.

    shown_yes: what the page showed as yes. Who leaves such an answer as it was says nothing: a
    withdrawal since, through another window or door, is not taken back by an old page.
    """
    acts = []
    for field, channel, purpose, stands in _asked(standing):
        said = _ANSWERS[_one_of(field, form.get(field, ""), tuple(_ANSWERS))]
        if said is None or said is stands or (said and field in shown_yes):
            continue
        no = "withdraw" if purpose == MARKETING else "object"
        key = wording_key(field, lang)
        acts.append(Act(channel, purpose, "grant" if said else no, key))
    return acts


def choices_of(form: Form, standing: Standing) -> list[Choice]:
    """Topics and frequency that differ from what stands. Raises ValueError."""
    choices = []
    for topic in TOPICS.keys():  # noqa: SIM118 - a catalogue, not a mapping
        is_wanted = _one_of(topic, form.get(f"topic_{topic}", ""), ("yes", "")) == "yes"
        if is_wanted is (topic in standing.refused_topics):
            choices.append(Choice("topic", topic, "yes" if is_wanted else "no"))
    most = _one_of("frequency", form.get("frequency", standing.most_per_week), FREQUENCIES)
    if most != standing.most_per_week:
        choices.append(Choice("frequency", "messages", most))
    return choices


def _one_of(field: str, value: str, known: tuple[str, ...]) -> str:
    if value not in known:
        raise ValueError(f"{field}: not one of the answers of the page")
    return value


def details_of(form: Form, standing: Standing) -> tuple[list[Choice], dict[str, str]]:
    """Corrections, and field → key of the sentence that says what is wrong with it.

    A field that was left empty says nothing; the same correction again is no new one.
    """
    choices, errors = [], {}
    for name in DETAILS:
        value = " ".join(form.get(name, "").split())
        if not value:
            continue
        if len(value) > LONGEST or not _CHECKS[name](value):
            errors[name] = f"{name}_wrong"
        elif standing.stated.get(name) != value:
            choices.append(Choice("detail", name, value))
    if not any(form.get(name, "").strip() for name in DETAILS):
        errors["first_name"] = "nothing_wrong"
    return choices, errors


def _is_name(value: str) -> bool:
    return _NAME.fullmatch(value) is not None


def _is_line(value: str) -> bool:
    return any(letter.isalpha() for letter in value)


_CHECKS: Mapping[str, Callable[[str], bool]] = {
    "first_name": _is_name,
    "last_name": _is_name,
    "email": lambda value: normalise_email(value) is not None,
    "phone": lambda value: normalise_phone(value) is not None,
    "address_line": _is_line,
    "postal_code": lambda value: _POSTAL_CODE.fullmatch(value) is not None,
    "city": _is_name,
}
