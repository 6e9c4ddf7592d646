"""The lawful bases under which people may be contacted, read from governance/rules/."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import yaml

from contract.errors import ConfigError, did_you_mean
from contract.gate import CHANNELS, PURPOSES, RELATIONS

RULES_FILE = Path(__file__).parent / "rules" / "lawful_basis.yml"
BASES = ("consent", "soft_opt_in", "legitimate_interest", "opt_out")
ANY = "any"
ALL = "all"  # an act about every channel, or every purpose
PROFESSIONAL = "professional"  # acts for a company, whatever their relation
CONFIRMED_CONSENT = "confirmed_consent"  # a consent on a channel of double opt-in
_KEYS = {
    "rules",
    "stopped_by",
    "also_called",
    "service_messages",
    "stale_after_hours",
    "double_opt_in",
}


@dataclass(frozen=True)
class Rule:
    """One line of the file: for whom, where, when → on what basis."""

    channel: str
    purpose: str
    relation: str
    country: str
    basis: str
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True)
class LawfulBasis:
    """Every rule in order, what an objection stops, when a ledger is too old to trust, and the
    channels on which a yes counts only once it is confirmed.

    also_called: purpose → other words for it. service_messages: message → channels.
    """

    rules: tuple[Rule, ...]
    stopped_by: Mapping[str, frozenset[str]]
    stale_after: timedelta
    double_opt_in: frozenset[str] = frozenset()
    also_called: Mapping[str, frozenset[str]] = field(default_factory=dict)
    service_messages: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def rule_rows(self) -> list[dict[str, Any]]:
        """The rules as a table: one row per rule and channel, in the order in which they decide."""
        rows: list[dict[str, Any]] = []
        for rule in self.rules:
            for channel in CHANNELS if rule.channel == ANY else (rule.channel,):
                is_strict = rule.basis == "consent" and channel in self.double_opt_in
                row = {
                    "rule_number": len(rows) + 1,
                    "channel": channel,
                    "purpose": rule.purpose,
                    "relation": rule.relation,
                    "country": rule.country,
                    "basis": CONFIRMED_CONSENT if is_strict else rule.basis,
                    "since_on": rule.since,
                    "until_on": rule.until,
                }
                rows.append(row)
        return rows

    def purpose_rows(self) -> list[dict[str, str]]:
        """Which word of an entry speaks of which purpose, for whoever asks about `purpose`.

        One row per purpose asked about, purpose whose objection stops it, and word for that.
        """
        return [
            {"purpose": purpose, "spoken_for": spoken_for, "said_purpose": word}
            for purpose, stops in sorted(self.stopped_by.items())
            for spoken_for in sorted(stops - {ALL})
            for word in (spoken_for, *sorted(self.also_called.get(spoken_for, ())), ALL)
        ]


def load_rules(path: Path = RULES_FILE) -> LawfulBasis:
    """Read the rule table. Raises ConfigError naming the line and what it should be."""
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    where = path.name
    _known_keys(where, content, _KEYS)
    for key in sorted(_KEYS):
        if key not in content:
            raise ConfigError(f"{where}: no '{key}'.")
    rules = tuple(
        _rule(f"{where}: rules[{number}]", line) for number, line in enumerate(content["rules"])
    )
    hours = content["stale_after_hours"]
    if not isinstance(hours, int) or hours < 1:
        raise ConfigError(f"{where}: stale_after_hours: found {hours!r}, expected whole hours ≥ 1.")
    return LawfulBasis(
        rules,
        _stopped_by(f"{where}: stopped_by", content["stopped_by"]),
        timedelta(hours=hours),
        _channels(f"{where}: double_opt_in", content["double_opt_in"]),
        _also_called(f"{where}: also_called", content["also_called"]),
        _service_messages(f"{where}: service_messages", content["service_messages"]),
    )


def _channels(where: str, content: object) -> frozenset[str]:
    if not isinstance(content, list):
        raise ConfigError(f"{where}: found {content!r}, expected a list of channels, or [].")
    return frozenset(_one_of(where, "channel", channel, CHANNELS) for channel in content)


def _stopped_by(where: str, content: object) -> dict[str, frozenset[str]]:
    """Purpose → purposes whose objection stops it; each stops itself, or an objection is lost."""
    _known_keys(where, content, PURPOSES)
    stopped_by = {}
    for purpose in PURPOSES:
        stops = content.get(purpose) if isinstance(content, dict) else None
        if not isinstance(stops, list) or purpose not in stops or ALL not in stops:
            text = f"expected a list with itself and '{ALL}'"
            raise ConfigError(f"{where}: {purpose}: found {stops!r}, {text}.")
        for stop in stops:
            _one_of(where, purpose, stop, (*PURPOSES, ALL))
        stopped_by[purpose] = frozenset(stops)
    return stopped_by


def _also_called(where: str, content: object) -> dict[str, frozenset[str]]:
    _known_keys(where, content, PURPOSES)
    assert isinstance(content, dict)  # noqa: S101 - _known_keys said so
    for purpose, words in content.items():
        if not isinstance(words, list) or set(words) & {*PURPOSES, ALL}:
            raise ConfigError(f"{where}: {purpose}: found {words!r}, expected a list of new words.")
    return {purpose: frozenset(map(str, words)) for purpose, words in content.items()}


def _service_messages(where: str, content: object) -> dict[str, frozenset[str]]:
    if not isinstance(content, dict):
        raise ConfigError(f"{where}: expected messages and their channels, found {content!r}.")
    return {
        str(name): _channels(f"{where}: {name}", channels) for name, channels in content.items()
    }


def _rule(where: str, line: dict[str, Any]) -> Rule:
    keys = {"channel", "purpose", "relation", "country", "basis", "from", "until"}
    _known_keys(where, line, keys)
    for key in sorted(keys - {"from", "until"}):
        if key not in line:
            raise ConfigError(f"{where}: no '{key}'. Write it, or 'any' where every one fits.")
    return Rule(
        _one_of(where, "channel", line["channel"], (ANY, *CHANNELS)),
        _one_of(where, "purpose", line["purpose"], PURPOSES),
        _one_of(where, "relation", line["relation"], (ANY, PROFESSIONAL, *RELATIONS)),
        _country(where, line["country"]),
        _one_of(where, "basis", line["basis"], BASES),
        _day(where, "from", line.get("from")),
        _day(where, "until", line.get("until")),
    )


def _known_keys(where: str, content: object, known: Iterable[str]) -> None:
    if not isinstance(content, dict):
        raise ConfigError(f"{where}: expected keys and values, found {content!r}.")
    for key in content:
        if key not in known:
            raise ConfigError(f"{where}: unknown key '{key}'.{did_you_mean(str(key), known)}")


def _one_of(where: str, key: str, value: object, known: tuple[str, ...]) -> str:
    if value not in known:
        raise ConfigError(f"{where}: {key} '{value}'.{did_you_mean(str(value), known)}")
    return str(value)


def _country(where: str, value: object) -> str:
    if not isinstance(value, str):  # YAML reads NO as false
        raise ConfigError(f"{where}: country: found {value!r}. Put the code in quotes.")
    return value


def _day(where: str, key: str, value: object) -> date | None:
    if value is not None and not isinstance(value, date):
        raise ConfigError(f"{where}: {key}: found {value!r}, expected a day like 2026-08-11.")
    return value
