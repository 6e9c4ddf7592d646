"""One campaign, thought through: everybody's outcome, and the rows that differ from what the
destination acknowledged. Reads only.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from activation import plan_store
from activation.arbitration import OUTCOMES, Round, Standing, outcome
from activation.campaigns import Campaign
from activation.caps import Cap
from activation.columns import Marts
from activation.definitions import Segment
from activation.destination import Destination
from activation.experiments import CONTROL, TREATED, arms_for, stored_arms
from activation.payloads import (
    DEFAULT_SCORE,
    Score,
    as_addressed,
    as_stored,
    digest_of,
    hygiene_columns,
    load_scores,
    mart_columns,
    payload_columns,
)
from activation.people import Asked, Member, load_members
from activation.plan_store import Delivered, PlannedRow
from activation.removals import LEFT, removal_payload
from activation.sentences import sentence
from activation.sunset import Sunset, engagement_columns
from activation.wishes import Wishes
from contract.gate import Allowed, Denied, Gate

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from sqlalchemy import Engine


@dataclass(frozen=True)
class PlanContext:
    """What planning needs to know beside the campaigns.

    now: naive UTC, the business clock that the gate is asked with. links: person → the columns
    that lead to their page of the preference centre.
    """

    segments: Mapping[str, Segment]
    destinations: Mapping[str, Destination]
    columns: Marts
    caps: Mapping[str, Cap]
    as_of: date
    now: datetime
    run_id: str
    hash_key: bytes = field(repr=False)
    links: Callable[[str], Mapping[str, str]] = field(repr=False)
    open_questions: Collection[str] = frozenset()
    wishes: Wishes = field(default_factory=Wishes, repr=False)
    sunsets: Mapping[str, Sunset] = field(default_factory=dict)


@dataclass(frozen=True)
class Draft:
    """Outcomes and rows of one campaign. change_share: rows beside those already delivered."""

    rows: tuple[PlannedRow, ...] = ()
    waterfall: Mapping[tuple[str, str], int] = field(default_factory=dict)
    new_arms: dict[str, str] = field(default_factory=dict)
    change_share: float = 0.0
    is_live: bool = True


@dataclass
class _State:
    """What the state database knows about a campaign."""

    delivered: dict[str, Delivered]
    arms: dict[str, str]
    rejected_keys: dict[str, str]
    unsettled: dict[str, Delivered]

    def present(self) -> dict[str, Delivered]:
        return {one: row for one, row in self.delivered.items() if row.is_present}


def draft(
    con: DuckDBPyConnection,
    engine: Engine,
    gate: Gate,
    campaign: Campaign,
    world: tuple[PlanContext, Round],
) -> Draft:
    """Think one campaign through and promise its contacts to the round."""
    context, so_far = world
    if not campaign.is_live(context.as_of):
        return Draft(is_live=False)
    destination = context.destinations[campaign.destination]
    columns = mart_columns(campaign.destination, destination, context.columns)
    columns = (*columns, *hygiene_columns(campaign.channel, context.columns))
    columns = (*columns, *engagement_columns(context.columns))
    asked = Asked(
        campaign.segments, campaign.channel, campaign.purpose, columns, context.hash_key,
        campaign.promotes,
    )  # fmt: skip
    members = load_members(con, asked)
    decisions = gate.decide([member.request for member in members], context.now)
    with engine.connect() as connection:
        state = _State(
            plan_store.delivered(connection, campaign.name, campaign.destination),
            stored_arms(connection, campaign.name),
            plan_store.rejected(connection, campaign.name, campaign.destination),
            plan_store.unsettled(connection, campaign.name, campaign.destination),
        )
    builder = _Builder(campaign, destination, context, state)
    builder.load_scores(con, members)
    builder.decide(members, decisions, so_far)
    builder.remove_the_others(gate)
    return builder.finished()


class _Builder:
    def __init__(
        self, campaign: Campaign, destination: Destination, context: PlanContext, state: _State
    ) -> None:
        self._campaign, self._destination = campaign, destination
        self._context, self._state = context, state
        self._present = state.present()
        self._scores: dict[str, dict[str, Score]] = {}
        self._rules = {
            name: {lang: sentence(context.segments[name].where, lang) for lang in ("en", "fr")}
            for name in campaign.segments
        }
        self._rows: list[PlannedRow] = []
        self._wanted: set[str] = set()
        self._denied: set[str] = set()
        self._unjudged: set[str] = set()  # nothing is known of their consent: they stay put
        self._outcomes: dict[str, str] = {}
        self._new_arms: dict[str, str] = {}
        self._waterfall: dict[tuple[str, str], int] = {
            (segment, name): 0 for segment in campaign.segments for name in OUTCOMES
        }

    def load_scores(self, con: DuckDBPyConnection, members: Sequence[Member]) -> None:
        people: dict[str, list[str]] = {name: [] for name in self._campaign.segments}
        for member in members:
            people[member.segment].append(member.customer_id)
        for name in self._campaign.segments:
            category = self._context.segments[name].parameters.get("category")
            asked = ("appetence", category) if category else DEFAULT_SCORE
            self._scores[name] = load_scores(con, *asked, people[name])

    def decide(
        self, members: Sequence[Member], decisions: Sequence[Allowed | Denied], so_far: Round
    ) -> None:
        share = self._campaign.control_share
        ids = [member.customer_id for member in members]
        arms = arms_for(self._state.arms, self._campaign.name, ids, share) if share else {}
        held_out = {one for one, arm in arms.items() if arm == CONTROL}
        for member, decision in zip(members, decisions, strict=True):
            row = None
            if isinstance(decision, Allowed):
                row = self._row(member, decision, so_far)
            elif not decision.is_judged:
                self._unjudged.add(member.customer_id)
            standing = Standing(
                self._destination.identifier, self._present, held_out, self._rejected(row)
            )
            name, _ = outcome(self._campaign, member, decision, standing, so_far)
            self._waterfall[(member.segment, name)] += 1
            self._note(member, name, row, arms)
            is_assigned = name == "held_out" or member.customer_id in self._state.arms
            if member.customer_id in held_out - self._present.keys() and is_assigned:
                so_far.hold_out(self._campaign, member.customer_id)
            if name in ("sent", "rejected"):
                is_new = member.customer_id not in self._present
                so_far.promise(self._campaign, member.customer_id, is_new=is_new)

    def _note(
        self, member: Member, name: str, row: PlannedRow | None, arms: dict[str, str]
    ) -> None:
        customer_id = member.customer_id
        self._outcomes[customer_id] = name
        if name == "no_consent":
            self._denied.add(customer_id)
        if name in ("sent", "rejected", "held_out") and customer_id in arms:
            self._new_arms[customer_id] = arms[customer_id]
        if name not in ("sent", "rejected"):
            return
        self._wanted.add(customer_id)
        if row is not None and row.effect != "same":
            self._rows.append(row)

    def _rejected(self, row: PlannedRow | None) -> dict[str, str]:
        if row is None or row.idempotency_key not in self._state.rejected_keys:
            return {}
        return {row.customer_id: self._state.rejected_keys[row.idempotency_key]}

    def _row(self, member: Member, allowed: Allowed, so_far: Round) -> PlannedRow:
        values = self._payload(member, allowed, so_far)
        digest = digest_of(values, self._destination.watched)
        before = self._state.delivered.get(member.customer_id)
        if before is None or not before.is_present:
            effect = "add"
        else:
            is_sure = member.customer_id not in self._state.unsettled
            effect = "same" if is_sure and before.payload_digest == digest else "change"
        return self._planned(
            member.customer_id,
            member.segment,
            effect,
            (digest, as_stored(values)),
            plan_store.request_as_json(member.request),
        )

    def _planned(
        self, customer_id: str, segment: str, effect: str, content: tuple[str, str], request: str
    ) -> PlannedRow:
        digest, payload = content
        before = self._state.delivered.get(customer_id)
        count = before.effect_count if before else 0
        key = plan_store.idempotency_key(self._campaign, (customer_id, effect, digest), count)
        return PlannedRow(customer_id, segment, effect, count + 1, key, digest, payload, request)

    def _payload(self, member: Member, allowed: Allowed, so_far: Round) -> dict[str, Any]:
        offer = self._campaign.offer
        elsewhere = so_far.held_out_of(self._campaign, member.customer_id)
        score = self._scores[member.segment].get(member.customer_id)
        built: dict[str, Any] = {
            "campaign": self._campaign.name,
            "segment": member.segment,
            "entered_on": member.entered_on,
            "is_new": member.is_new,
            "consent_basis": allowed.basis,
            "consent_entry_id": allowed.entry_id,
            "experiment_arm": TREATED if self._campaign.control_share else None,
            "held_out_of": ", ".join(sorted(one.name for one in elsewhere)) or None,
            "offer_code": offer.code if offer else None,
            "score_name": score.name if score else None,
            "score_probability": round(score.probability, 4) if score else None,
        }
        for lang in ("en", "fr"):
            built[f"rule_{lang}"] = self._rules[member.segment][lang]
            built[f"reason_{lang}"] = member.reasons[lang]
            built[f"score_drivers_{lang}"] = score.drivers[lang] if score else None
        person = as_addressed(member.values)
        known = {**person, **built, **self._context.links(member.customer_id)}
        names = payload_columns(self._destination, self._campaign.channel)
        return {name: known[name] for name in names}

    def remove_the_others(self, gate: Gate) -> None:
        """Those who are there and should not be: all of them in a mirror, refusals always."""
        there = self._state.unsettled | self._present
        staying = self._wanted | self._unjudged
        leaving = {one: row for one, row in there.items() if one not in staying}
        if self._campaign.mode == "add":
            requests = [plan_store.request_from_json(row.request_json) for row in leaving.values()]
            decisions = gate.decide(requests, self._context.now)
            refused = {
                one.request.customer_id
                for one in decisions
                if isinstance(one, Denied) and one.is_judged
            }
            leaving = {one: row for one, row in leaving.items() if one in refused | self._denied}
        for customer_id, row in sorted(leaving.items()):
            why = self._outcomes.get(customer_id, LEFT)
            told = removal_payload(row.payload_json, why, self._context.as_of)
            content = (row.payload_digest, told)
            planned = self._planned(customer_id, row.segment, "remove", content, row.request_json)
            self._rows.append(planned)

    def finished(self) -> Draft:
        share = len(self._rows) / len(self._present) if self._present else 0.0
        rows = sorted(self._rows, key=lambda row: row.customer_id)
        return Draft(tuple(rows), self._waterfall, self._new_arms, share)
