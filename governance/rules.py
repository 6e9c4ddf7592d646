"""The lawful bases under which people may be contacted, read from governance/rules/."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import yaml

from contract.errors import ConfigError, did_you_mean
from contract.gate import CHANNELS, PURPOSES, RELATIONS, ContactRequest

RULES_FILE = Path(__file__).parent / "rules" / "lawful_basis.yml"
BASES = ("consent", "soft_opt_in", "legitimate_interest")
ANY = "any"
ALL = "all"  # an act about every channel, or every purpose


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

    def fits(self, request: ContactRequest, on: date) -> bool:
        """Whether this rule speaks about the request on that day."""
        if self.since is not None and on < self.since:
            return False
        if self.until is not None and on >= self.until:
            return False
        asked = (request.channel, request.purpose)
        return (
            asked == (self.channel, self.purpose)
            and self.relation in (ANY, request.relation)
            and self.country in (ANY, request.country)
        )


@dataclass(frozen=True)
class LawfulBasis:
    """Every rule in order, what an objection stops, when a ledger is too old to trust, and the
    channels on which a yes counts only once it is confirmed.
    """

    rules: tuple[Rule, ...]
    stopped_by: Mapping[str, frozenset[str]]
    stale_after: timedelta
    double_opt_in: frozenset[str] = frozenset()

    def bases(self, request: ContactRequest, on: date) -> list[str]:
        """The bases that may carry this contact, strongest claim first; empty: no contact."""
        return [rule.basis for rule in self.rules if rule.fits(request, on)]


def load_rules(path: Path = RULES_FILE) -> LawfulBasis:
    """Read the rule table. Raises ConfigError naming the line and what it should be."""
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    where = path.name
    keys = {"rules", "stopped_by", "stale_after_hours", "double_opt_in"}
    _known_keys(where, content, keys)
    for key in sorted(keys):
        if key not in content:
            raise ConfigError(f"{where}: no '{key}'.")
    rules = tuple(
        _rule(f"{where}: rules[{number}]", line) for number, line in enumerate(content["rules"])
    )
    stopped_by = _stopped_by(f"{where}: stopped_by", content["stopped_by"])
    hours = content["stale_after_hours"]
    if not isinstance(hours, int) or hours < 1:
        raise ConfigError(f"{where}: stale_after_hours: found {hours!r}, expected whole hours ≥ 1.")
    confirmed = _channels(f"{where}: double_opt_in", content["double_opt_in"])
    return LawfulBasis(rules, stopped_by, timedelta(hours=hours), confirmed)


def _channels(where: str, content: object) -> frozenset[str]:
    if not isinstance(content, list):
        raise ConfigError(f"{where}: found {content!r}, expected a list of channels, or [].")
    return frozenset(_one_of(where, "channel", channel, CHANNELS) for channel in content)


def _stopped_by(where: str, content: object) -> dict[str, frozenset[str]]:
    """Purpose → purposes whose objection stops it; each stops itself, or an objection is lost."""
    _known_keys(where, content, set(PURPOSES))
    stopped_by = {}
    for purpose in PURPOSES:
        stops = content.get(purpose) if isinstance(content, dict) else None
        if not isinstance(stops, list) or purpose not in stops:
            raise ConfigError(f"{where}: {purpose}: found {stops!r}, expected a list with itself.")
        for stop in stops:
            _one_of(where, purpose, stop, (*PURPOSES, ALL))
        stopped_by[purpose] = frozenset(stops)
    return stopped_by


def _rule(where: str, line: dict[str, Any]) -> Rule:
    keys = {"channel", "purpose", "relation", "country", "basis", "from", "until"}
    _known_keys(where, line, keys)
    for key in sorted(keys - {"from", "until"}):
        if key not in line:
            raise ConfigError(f"{where}: no '{key}'. Write it, or 'any' where every one fits.")
    return Rule(
        _one_of(where, "channel", line["channel"], CHANNELS),
        _one_of(where, "purpose", line["purpose"], PURPOSES),
        _one_of(where, "relation", line["relation"], (ANY, *RELATIONS)),
        _country(where, line["country"]),
        _one_of(where, "basis", line["basis"], BASES),
        _day(where, "from", line.get("from")),
        _day(where, "until", line.get("until")),
    )


def _known_keys(where: str, content: object, known: set[str]) -> None:
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
