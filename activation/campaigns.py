"""Campaigns as files: who × what × when × where, in activation/campaigns/<name>.yml."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from activation.definitions import NAME, Segment
from activation.destination import Destination
from activation.yaml_files import both_languages, check_keys, number_between, one_of, read_yaml
from contract.errors import ConfigError
from contract.gate import CHANNELS, PURPOSES, contact_purpose

EVERY = "every"
MODES = ("mirror", "add")
APPROVALS = ("automatic", "manual")
_NEEDED = ("title", "segments", "channel", "purpose", "destination", "mode", "priority", "approve")
_KEYS = (
    *_NEEDED,
    "control_share",
    "offer",
    "max_change_share",
    "contacts",
    "from",
    "until",
    "topic",
    "promotes",
    "include_unengaged",
)
MAX_PRIORITY = 1000


@dataclass(frozen=True)
class Offer:
    """What is promised. Two offers of one scope to one person contradict each other."""

    code: str
    scope: str


@dataclass(frozen=True)
class Campaign:
    """One campaign. folder: where files land; the smallest priority is served first.

    max_change_share: rows added, changed or removed beside those already there; a larger change
    waits for a person's approval.
    """

    name: str
    title: Mapping[str, str]
    segments: tuple[str, ...]
    channel: str
    purpose: str
    destination: str
    mode: str
    priority: int
    approve: str
    control_share: float = 0.0
    offer: Offer | None = None
    max_change_share: float | None = None
    contacts: bool = True
    first_on: date | None = None
    last_on: date | None = None
    topic: str | None = None  # what it is about; whoever refused the topic is left out
    promotes: tuple[str, ...] = ()  # categories: a soft opt-in wants a purchase in one of them
    include_unengaged: bool = False  # also for people whom the channel's sunset leaves out

    def is_live(self, on: date) -> bool:
        """Whether the campaign runs on that day, its first and last day included."""
        has_begun = self.first_on is None or self.first_on <= on
        return has_begun and (self.last_on is None or on <= self.last_on)


def load_campaigns(
    folder: Path, segments: Mapping[str, Segment], destinations: Mapping[str, Destination]
) -> list[Campaign]:
    """Every campaign, in the order in which they are served.

    `segments: every` stands for one campaign per segment. Raises ConfigError: file, key, what to
    write.
    """
    campaigns = [
        campaign
        for path in sorted(folder.glob("*.yml"))
        for campaign in _expanded(_campaign(path, segments, destinations), segments)
    ]
    return sorted(campaigns, key=lambda one: (one.priority, one.name))


def _expanded(campaign: Campaign, segments: Mapping[str, Segment]) -> Iterator[Campaign]:
    if campaign.segments != (EVERY,):
        yield campaign
        return
    for name, segment in segments.items():
        yield replace(
            campaign,
            name=f"{campaign.name}__{name}",
            segments=(name,),
            title={
                lang: f"{campaign.title[lang]} – {segment.title[lang]}" for lang in ("en", "fr")
            },
        )


def _campaign(
    path: Path, segments: Mapping[str, Segment], destinations: Mapping[str, Destination]
) -> Campaign:
    where = f"activation/campaigns/{path.name}"
    if not NAME.fullmatch(path.stem):
        raise ConfigError(f"{where}: a file name is small letters, digits and '_'.")
    content = read_yaml(path, where)
    check_keys(where, content, _KEYS, _NEEDED)
    channel = one_of(f"{where}: channel", content["channel"], CHANNELS)
    destination = one_of(f"{where}: destination", content["destination"], destinations)
    if channel not in destinations[destination].channels:
        takes = ", ".join(sorted(destinations[destination].channels))
        raise ConfigError(f"{where}: destination '{destination}' takes {takes}, not {channel}.")
    purpose = one_of(f"{where}: purpose", content["purpose"], PURPOSES)
    if purpose != contact_purpose(channel):
        wanted = contact_purpose(channel)
        raise ConfigError(f"{where}: purpose: a campaign on {channel} is {wanted}, not {purpose}.")
    share = content.get("max_change_share")
    place = f"{where}: max_change_share"
    return Campaign(
        name=path.stem,
        title=both_languages(f"{where}: title", content["title"]),
        segments=_segments(where, content["segments"], segments),
        channel=channel,
        purpose=purpose,
        destination=destination,
        mode=one_of(f"{where}: mode", content["mode"], MODES),
        priority=int(number_between(f"{where}: priority", content["priority"], 1, MAX_PRIORITY)),
        approve=one_of(f"{where}: approve", content["approve"], APPROVALS),
        control_share=number_between(
            f"{where}: control_share", content.get("control_share", 0), 0, 0.9
        ),
        offer=_offer(where, content.get("offer")),
        max_change_share=None if share is None else number_between(place, share, 0, 10),
        contacts=_flag(f"{where}: contacts", content.get("contacts", True)),
        first_on=_day(f"{where}: from", content.get("from")),
        last_on=_day(f"{where}: until", content.get("until")),
        topic=content.get("topic"),
        promotes=_categories(f"{where}: promotes", content.get("promotes")),
        include_unengaged=_flag(
            f"{where}: include_unengaged", content.get("include_unengaged", False)
        ),
    )


def _segments(where: str, value: object, segments: Mapping[str, Segment]) -> tuple[str, ...]:
    if value == EVERY:
        return (EVERY,)
    if not isinstance(value, list) or not value:
        raise ConfigError(f"{where}: segments: expected a list of segments, or '{EVERY}'.")
    places = enumerate(value)
    return tuple(one_of(f"{where}: segments[{n}]", name, segments) for n, name in places)


def _offer(where: str, value: Any) -> Offer | None:
    if value is None:
        return None
    if not isinstance(value, dict):
        raise ConfigError(f"{where}: offer: expected {{code: …, scope: …}}, found {value!r}.")
    check_keys(f"{where}: offer", value, ("code", "scope"), ("code", "scope"))
    return Offer(str(value["code"]), str(value["scope"]))


def _categories(where: str, value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or not value or not all(isinstance(one, str) for one in value):
        raise ConfigError(f"{where}: expected a list of categories, found {value!r}.")
    return tuple(value)


def _flag(where: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise ConfigError(f"{where}: found {value!r}, expected true or false.")
    return value


def _day(where: str, value: object) -> date | None:
    if value is not None and not isinstance(value, date):
        raise ConfigError(f"{where}: found {value!r}, expected a day like 2018-01-31.")
    return value
