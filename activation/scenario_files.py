"""Scenarios as files: activation/scenarios/<name>.yml. The name is the file's name.

A scenario asks people something and keeps where each of them stands until the answer, or until
the deadline decides for those who did not answer.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from activation.campaigns import Campaign
from activation.definitions import NAME, Segment
from activation.yaml_files import both_languages, check_keys, number_between, one_of, read_yaml
from contract.errors import ConfigError

# What a person does that may count as a yes. An open is none: a machine opens as well.
CONTACTS = (
    "order", "login", "consent", "preference", "call", "question", "message", "survey", "lead",
)  # fmt: skip
REMOVED, ENDED = "removed", "ended"
_KEYS = (
    "title", "aim", "segment", "campaign", "accept", "deadline_days", "by_default",
    "again_after_days",
)  # fmt: skip


@dataclass(frozen=True)
class Scenario:
    """One scenario.

    segment: who enters; campaign: what asks them. accept_link: part of the address of the link
    whose click is a yes; accept_contacts: kinds of contact from the person that are one too.
    by_default: what the deadline makes of those who did not answer: removed ends their yes to the
    channel, ended leaves it.
    """

    name: str
    title: Mapping[str, str]
    aim: Mapping[str, str]
    segment: str
    campaign: str
    channel: str
    accept_link: str | None
    accept_contacts: tuple[str, ...]
    deadline: timedelta
    by_default: str
    again_after: timedelta


def load_scenarios(
    folder: Path, segments: Mapping[str, Segment], campaigns: Collection[Campaign]
) -> list[Scenario]:
    """Every scenario by name. Raises ConfigError: file, key, what was probably meant."""
    named = {campaign.name: campaign for campaign in campaigns}
    return [_scenario(path, segments, named) for path in sorted(folder.glob("*.yml"))]


def _scenario(
    path: Path, segments: Mapping[str, Segment], campaigns: Mapping[str, Campaign]
) -> Scenario:
    where = f"activation/scenarios/{path.name}"
    if not NAME.fullmatch(path.stem):
        raise ConfigError(f"{where}: a file name is small letters, digits and '_'.")
    content = read_yaml(path, where)
    check_keys(where, content, _KEYS, _KEYS)
    campaign = campaigns[one_of(f"{where}: campaign", content["campaign"], campaigns)]
    if not campaign.contacts:
        raise ConfigError(f"{where}: campaign: '{campaign.name}' asks nobody (contacts: false).")
    by_default = one_of(f"{where}: by_default", content["by_default"], (REMOVED, ENDED))
    if by_default == REMOVED and not campaign.include_unengaged:
        raise ConfigError(
            f"{where}: campaign: '{campaign.name}' leaves out the silent, who are to be asked. "
            f"Write 'include_unengaged: true' in activation/campaigns/{campaign.name}.yml."
        )
    link, contacts = _accept(f"{where}: accept", content["accept"])
    return Scenario(
        name=path.stem,
        title=both_languages(f"{where}: title", content["title"]),
        aim=both_languages(f"{where}: aim", content["aim"]),
        segment=one_of(f"{where}: segment", content["segment"], segments),
        campaign=campaign.name,
        channel=campaign.channel,
        accept_link=link,
        accept_contacts=contacts,
        deadline=_days(where, "deadline_days", content),
        by_default=by_default,
        again_after=_days(where, "again_after_days", content),
    )


def _accept(where: str, content: object) -> tuple[str | None, tuple[str, ...]]:
    if not isinstance(content, dict):
        raise ConfigError(f"{where}: expected {{link: …, contacts: […]}}, found {content!r}.")
    check_keys(where, content, ("link", "contacts"))
    link, kinds = content.get("link"), content.get("contacts", [])
    if link is not None and (not isinstance(link, str) or not link.strip("/ ")):
        raise ConfigError(f"{where}.link: expected a part of the link's address, found {link!r}.")
    if not isinstance(kinds, list) or (link is None and not kinds):
        raise ConfigError(f"{where}: nothing counts as a yes. Write a link, or contacts: […].")
    return link, tuple(one_of(f"{where}.contacts", kind, CONTACTS) for kind in kinds)


def _days(where: str, key: str, content: Mapping[str, Any]) -> timedelta:
    return timedelta(days=int(number_between(f"{where}: {key}", content[key], 1, 3660)))
