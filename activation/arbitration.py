"""One outcome per matched person: the first that holds. They always add up to matched."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from activation.campaigns import Campaign
from activation.caps import Cap
from activation.payloads import unreachable_column
from activation.people import Member
from activation.sunset import Sunset
from activation.wishes import Wishes
from contract.gate import CHANNELS, Allowed, Denied

OUTCOMES = (
    "no_consent",
    "unreachable",
    "unengaged",
    "open_question",
    "conflict",
    "capped",
    "held_out",
    "sent",
    "rejected",
)


@dataclass
class Round:
    """What one planning round has promised so far, over all campaigns.

    contacts: person and channel → days of contacts already made, by campaign. control: person →
    campaigns that hold the person out.
    """

    as_of: date
    caps: Mapping[str, Cap]
    open_questions: Collection[str] = frozenset()
    contacts: dict[tuple[str, str], list[tuple[str, date]]] = field(default_factory=dict)
    offers: dict[tuple[str, str], str] = field(default_factory=dict)
    control: dict[str, list[Campaign]] = field(default_factory=dict)
    wishes: Wishes = field(default_factory=Wishes)
    sunsets: Mapping[str, Sunset] = field(default_factory=dict)

    def promise(self, campaign: Campaign, customer_id: str, *, is_new: bool) -> None:
        """Count this person as served by the campaign, for the campaigns that come after it."""
        if campaign.contacts and is_new:
            days = self.contacts.setdefault((customer_id, campaign.channel), [])
            days.append((campaign.name, self.as_of))
        if campaign.offer is not None:
            self.offers.setdefault((customer_id, campaign.offer.scope), campaign.name)

    def hold_out(self, campaign: Campaign, customer_id: str) -> None:
        """Tell the campaigns that come after it that this person is in its control group."""
        self.control.setdefault(customer_id, []).append(campaign)

    def held_out_of(self, campaign: Campaign, customer_id: str) -> list[Campaign]:
        """Other campaigns of the same channel and purpose with this person as a control."""
        asked = (campaign.channel, campaign.purpose)
        return [
            one
            for one in self.control.get(customer_id, [])
            if one.name != campaign.name and (one.channel, one.purpose) == asked
        ]

    def would_spoil(self, campaign: Campaign, customer_id: str) -> bool:
        """Whether a list without a control group of its own would hand out somebody whom another
        campaign holds out of the same segment: what is then measured is no longer its effect.
        """
        if campaign.control_share:
            return False
        mine = set(campaign.segments)
        return any(mine & set(one.segments) for one in self.held_out_of(campaign, customer_id))

    def is_capped(self, campaign: Campaign, customer_id: str) -> bool:
        """Whether one more contact would be one too many: on the channel, or for the person."""
        if not campaign.contacts:
            return False
        cap, own = self.caps.get(campaign.channel), self.wishes.caps.get(customer_id)
        if cap is not None and self._is_full(cap, customer_id, (campaign.channel,)):
            return True
        return own is not None and self._is_full(own, customer_id, CHANNELS)

    def is_unengaged(self, campaign: Campaign, member: Member) -> bool:
        """Whether the channel's sunset leaves the person out of this campaign."""
        sunset = self.sunsets.get(campaign.channel)
        if sunset is None or campaign.include_unengaged:
            return False
        return sunset.has_passed(member.values, self.as_of)

    def _is_full(self, cap: Cap, customer_id: str, channels: Sequence[str]) -> bool:
        first = self.as_of - timedelta(days=cap.days - 1)
        made = [day for one in channels for _, day in self.contacts.get((customer_id, one), [])]
        return sum(1 for day in made if day >= first) >= cap.contacts

    def contradicts(self, campaign: Campaign, customer_id: str) -> bool:
        """Whether an earlier campaign promised this person another offer of the same scope."""
        if campaign.offer is None:
            return False
        taken_by = self.offers.get((customer_id, campaign.offer.scope))
        return taken_by is not None and taken_by != campaign.name


@dataclass(frozen=True)
class Standing:
    """What is known about the campaign's people beside the round.

    delivered: at the destination already, so no new contact; held_out: in the control group;
    rejected: refused by the destination the last time, with the same content.
    """

    identifier: str
    delivered: Collection[str]
    held_out: Collection[str]
    rejected: Mapping[str, str]


def outcome(
    campaign: Campaign,
    member: Member,
    decision: Allowed | Denied,
    standing: Standing,
    so_far: Round,
) -> tuple[str, str]:
    """(outcome, reason code) of one person; reason is the gate's or the destination's own."""
    customer_id = member.customer_id
    if isinstance(decision, Denied):
        return "no_consent", decision.reason
    if so_far.wishes.is_unwanted(customer_id, campaign.topic):
        return "no_consent", "topic_refused"
    is_there = customer_id in standing.delivered
    is_contacted = is_there and campaign.contacts
    holds = (
        ("unreachable", is_unreachable(campaign, member, standing.identifier)),
        ("unengaged", so_far.is_unengaged(campaign, member)),
        ("open_question", customer_id in so_far.open_questions),
        ("conflict", so_far.contradicts(campaign, customer_id)),
        ("capped", not is_there and so_far.is_capped(campaign, customer_id)),
        # Somebody already contacted has left the control group.
        ("held_out", not is_there and customer_id in standing.held_out),
        ("held_out", not is_contacted and so_far.would_spoil(campaign, customer_id)),
    )
    for name, is_so in holds:
        if is_so:
            return name, name
    if customer_id in standing.rejected:
        return "rejected", standing.rejected[customer_id]
    return "sent", "sent"


def is_unreachable(campaign: Campaign, member: Member, identifier: str) -> bool:
    """Whether the person lacks what the destination needs, or the channel is known to be dead.

    An address that we do not hold says nothing where the destination holds it: it knows people by
    a key.
    """
    if member.values.get(identifier) in (None, ""):
        return True
    return member.values.get(unreachable_column(campaign.channel)) not in (None, "", "no_address")
