"""Plans: for each campaign, who gets which outcome, and exactly which rows are to be sent.

Preview, plan and delivery run the same code: a preview is a draft that nobody stores.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from activation import plan_store
from activation.arbitration import Round
from activation.campaigns import Campaign
from activation.draft import Draft, PlanContext, draft
from activation.experiments import store_arms
from contract.gate import Gate
from contract.sql import transaction

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from sqlalchemy import Engine

_LONGEST_DAYS = 366


@dataclass(frozen=True)
class PlanReport:
    """What a campaign would do. waterfall: (segment, outcome) → people; sums to matched.

    status: nothing (the destination has it all), waiting, approved, applied or not_now.
    """

    campaign: str
    destination: str
    channel: str
    plan_id: str | None
    digest: str | None
    status: str
    reason: str
    add_count: int
    change_count: int
    remove_count: int
    waterfall: Mapping[tuple[str, str], int] = field(default_factory=dict)

    @property
    def matched_count(self) -> int:
        """Everybody in the campaign's segments."""
        return sum(self.waterfall.values())

    def outcomes(self) -> dict[str, int]:
        """Outcome → people, over all segments of the campaign."""
        total: Counter[str] = Counter()
        for (_, name), count in self.waterfall.items():
            total[name] += count
        return dict(total)

    def as_metadata(self) -> dict[str, Any]:
        """The figures, named as everywhere."""
        effects = {"add": self.add_count, "change": self.change_count, "remove": self.remove_count}
        head = {"plan_id": self.plan_id or "", "status": self.status, "reason": self.reason}
        return {**head, "matched": self.matched_count, **self.outcomes(), **effects}


def make_plans(
    con: DuckDBPyConnection,
    engine: Engine,
    gate: Gate,
    campaigns: Sequence[Campaign],
    context: PlanContext,
) -> list[PlanReport]:
    """Store one plan per campaign that has something to send, and segments.waterfalls."""
    reports = []
    for campaign, drafted in _drafts(con, engine, gate, campaigns, context):
        reports.append(_stored(engine, campaign, drafted, context))
    write_waterfalls(con, reports, as_of=context.as_of)
    return reports


def preview_plans(
    con: DuckDBPyConnection,
    engine: Engine,
    gate: Gate,
    campaigns: Sequence[Campaign],
    context: PlanContext,
) -> list[PlanReport]:
    """The same figures as make_plans, with nothing written anywhere."""
    return [
        _report(campaign, drafted, None, *_verdict(campaign, drafted))
        for campaign, drafted in _drafts(con, engine, gate, campaigns, context)
    ]


def _drafts(
    con: DuckDBPyConnection,
    engine: Engine,
    gate: Gate,
    campaigns: Sequence[Campaign],
    context: PlanContext,
) -> list[tuple[Campaign, Draft]]:
    so_far = _round(engine, context)
    # Files last: they leave out whom the other campaigns hold out.
    served = sorted(
        campaigns,
        key=lambda one: (context.destinations[one.destination].is_file, one.priority, one.name),
    )
    return [(one, draft(con, engine, gate, one, (context, so_far))) for one in served]


def _round(engine: Engine, context: PlanContext) -> Round:
    so_far = Round(
        context.as_of,
        context.caps,
        context.open_questions,
        wishes=context.wishes,
        sunsets=context.sunsets,
    )
    first = context.as_of - timedelta(days=_LONGEST_DAYS)
    with engine.connect() as connection:
        for contact in plan_store.contacts_since(connection, first):
            customer_id, channel, campaign, day, _ = contact
            so_far.contacts.setdefault((customer_id, channel), []).append((campaign, day))
    return so_far


def _stored(engine: Engine, campaign: Campaign, drafted: Draft, context: PlanContext) -> PlanReport:
    status, reason = _verdict(campaign, drafted)
    digest = plan_store.plan_digest(campaign, drafted.rows)
    plan_id = f"p_{digest[:32]}"
    with engine.begin() as connection:
        share = campaign.control_share
        store_arms(connection, campaign.name, drafted.new_arms, share, context.as_of)
        plan_store.supersede(connection, campaign, plan_id if drafted.rows else None)
        if not drafted.rows:
            return _report(campaign, drafted, None, status, reason)
        header = _header(campaign, drafted, context) | {
            "plan_id": plan_id,
            "digest": digest,
            "status": status,
            "reason": reason,
        }
        stored = plan_store.store(connection, header, drafted.rows)
    return _report(campaign, drafted, stored, stored["status"], stored["reason"])


def _header(campaign: Campaign, drafted: Draft, context: PlanContext) -> dict[str, Any]:
    waterfall = [[segment, name, count] for (segment, name), count in drafted.waterfall.items()]
    return {
        "campaign": campaign.name,
        "segment": campaign.segments[0],
        "channel": campaign.channel,
        "purpose": campaign.purpose,
        "destination": campaign.destination,
        "run_id": context.run_id,
        "as_of_date": context.as_of,
        "counts_json": json.dumps({"waterfall": waterfall, "is_contact": campaign.contacts}),
        "created_at": context.now,
    }


def _verdict(campaign: Campaign, drafted: Draft) -> tuple[str, str]:
    """(status, reason): does the plan go ahead by itself?"""
    if not drafted.is_live:
        return "not_now", "outside the campaign's days"
    if not drafted.rows:
        return "nothing", ""
    if campaign.approve == "manual":
        return "waiting", "this campaign is approved by hand"
    limit = campaign.max_change_share
    if limit is not None and drafted.change_share > limit:
        return "waiting", f"changes {drafted.change_share:.0%} of the rows, limit {limit:.0%}"
    return "approved", ""


def _report(
    campaign: Campaign, drafted: Draft, stored: Any, status: str, reason: str
) -> PlanReport:
    effects = Counter(row.effect for row in drafted.rows)
    return PlanReport(
        campaign=campaign.name,
        destination=campaign.destination,
        channel=campaign.channel,
        plan_id=stored["plan_id"] if stored else None,
        digest=stored["digest"] if stored else None,
        status=status,
        reason=reason or "",
        add_count=effects["add"],
        change_count=effects["change"],
        remove_count=effects["remove"],
        waterfall=drafted.waterfall,
    )


def write_waterfalls(
    con: DuckDBPyConnection, reports: Sequence[PlanReport], *, as_of: date
) -> None:
    """Make segments.waterfalls what these reports say, for their campaigns."""
    rows = [
        (report.campaign, segment, report.channel, name, count)
        for report in reports
        for (segment, name), count in report.waterfall.items()
    ]
    columns = [list(column) for column in zip(*rows, strict=True)] or [[]] * 5
    with transaction(con):
        con.execute(
            "delete from segments.waterfalls where campaign in (select unnest(?::varchar[]))",
            [[report.campaign for report in reports]],
        )
        con.execute(
            "insert into segments.waterfalls select unnest(?::varchar[]), unnest(?::varchar[]), "
            "unnest(?::varchar[]), unnest(?::varchar[]), unnest(?::bigint[]), ?",
            [*columns, as_of],
        )
