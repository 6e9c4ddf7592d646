"""Campaigns: what would happen (waterfalls), what is to be sent (plans), what was acknowledged.

All campaigns are planned together, because they compete for the same people.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import dagster as dg

from orchestration import delivering
from orchestration.assets.publication import KEY as PUBLICATION
from orchestration.assets.segments import segment_key
from orchestration.built import code, digest_of_files
from orchestration.delivering import Playbook
from orchestration.house import OWNER, POOL, House
from orchestration.lineage import straight
from orchestration.steps import Work, working

if TYPE_CHECKING:
    from activation.campaigns import Campaign
    from activation.plan import PlanReport
    from orchestration.delivering import Desk

PLANS = "activation"
DELIVERIES = "deliveries"
WATERFALLS = dg.AssetKey(["segments", "waterfalls"])
PREFERENCES = dg.AssetKey(["core", "customer_preferences"])
SUMS = "counts_add_up"
APPLIED = "withdrawals_applied_within_a_day"
STORED = "select count(*) from segments.members where segment = ?"


def plan_key(name: str) -> dg.AssetKey:
    """activation/<campaign>: its plan."""
    return dg.AssetKey([PLANS, name])


def delivery_key(name: str) -> dg.AssetKey:
    """deliveries/<campaign>: what its destination has acknowledged."""
    return dg.AssetKey([DELIVERIES, name])


def build_waterfalls(playbook: Playbook) -> list[dg.AssetsDefinition]:
    """segments.waterfalls: one outcome per person and campaign, before anything is sent."""
    campaigns = playbook.campaigns
    segments = sorted({name for campaign in campaigns for name in campaign.segments})
    reads = digest_of_files(*code("activation", "governance"))

    @dg.asset(
        key=WATERFALLS,
        deps=[*(segment_key(name) for name in segments), PREFERENCES],
        group_name="segments",
        owners=[OWNER],
        kinds={"python", "duckdb"},
        description="One row per campaign, segment and outcome; outcomes sum to the matched.",
        pool=POOL,
        check_specs=[
            dg.AssetCheckSpec(SUMS, asset=WATERFALLS, blocking=True),
            dg.AssetCheckSpec(
                APPLIED,
                asset=WATERFALLS,
                description="No tool still has a person whose refusal is known for a day.",
            ),
        ],
        required_resource_keys={"house"},
    )
    def waterfalls(context: dg.AssetExecutionContext) -> Iterator[Any]:
        house: House = context.resources.house
        with working(context, house, reads=reads) as work:
            # Always counted: the gate may decide otherwise today with the same segments.
            with delivering.open_desk(house, playbook) as desk:
                reports = delivering.plan(desk, is_preview=True)
                late = _withdrawals_applied(desk)
            work.set_content(repr([(r.campaign, sorted(r.waterfall.items())) for r in reports]))
            work.step.rows = sum(report.matched_count for report in reports)
            looked = _counts_add_up(house, campaigns, reports)
            work.is_well = looked.passed
            yield dg.MaterializeResult(
                metadata={"run": house.run_id, "campaigns": len(reports)},
                check_results=[looked, late],
            )

    return [waterfalls] if campaigns else []


def _withdrawals_applied(desk: "Desk") -> dg.AssetCheckResult:
    from governance.withdrawals import LIMIT

    count, age = delivering.unapplied_withdrawals(desk)
    hours = 0.0 if age is None else age.total_seconds() / 3600
    return dg.AssetCheckResult(
        check_name=APPLIED,
        passed=age is None or age <= LIMIT,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"not_applied": count, "oldest_hours": round(hours, 1)},
    )


def _counts_add_up(
    house: House, campaigns: "Sequence[Campaign]", reports: "Sequence[PlanReport]"
) -> dg.AssetCheckResult:
    """P2 for a campaign of one segment: its outcomes sum to the segment's members."""
    named = {campaign.name: campaign for campaign in campaigns}
    wrong = []
    with house.warehouse.connect() as con:
        for report in reports:
            segments = named[report.campaign].segments
            if len(segments) == 1 and report.status != "not_now":
                members = con.execute(STORED, [segments[0]]).fetchall()[0][0]
                if members != report.matched_count:
                    wrong.append(f"{report.campaign}: {report.matched_count} of {members}")
    return dg.AssetCheckResult(
        check_name=SUMS, passed=not wrong, metadata={"wrong": "; ".join(wrong) or "none"}
    )


def build_plans(playbook: Playbook) -> list[dg.AssetsDefinition]:
    """One plan per campaign, made after the publication: what is sent was checked and shown."""
    campaigns = playbook.campaigns

    @dg.multi_asset(
        name="plans",
        specs=[_plan_spec(campaign) for campaign in campaigns],
        can_subset=True,
        pool=POOL,
        required_resource_keys={"house"},
    )
    def plans(context: dg.AssetExecutionContext) -> Iterator[Any]:
        house: House = context.resources.house
        chosen = [
            one.name for one in campaigns if plan_key(one.name) in context.selected_asset_keys
        ]
        with working(context, house, reads="", name=f"{len(chosen)} plans") as work:
            with delivering.open_desk(house, playbook) as desk:
                reports = delivering.plan(desk, only=chosen)
            _set_plans(work, reports)
            for report in reports:
                metadata = {**report.as_metadata(), "run": house.run_id}
                yield dg.MaterializeResult(asset_key=plan_key(report.campaign), metadata=metadata)

    return [plans] if campaigns else []


def _set_plans(work: Work, reports: "Sequence[PlanReport]") -> None:
    work.step.rows = sum(r.add_count + r.change_count + r.remove_count for r in reports)
    waiting = sum(report.status == "waiting" for report in reports)
    work.step.note = f"{waiting} wait for approval" if waiting else ""
    for report in reports:
        key = plan_key(report.campaign).to_user_string()
        work.outputs[key] = f"{report.plan_id} {report.status}"


def _plan_spec(campaign: "Campaign") -> dg.AssetSpec:
    return dg.AssetSpec(
        plan_key(campaign.name),
        deps=[PUBLICATION, WATERFALLS, *(segment_key(name) for name in campaign.segments)],
        description=f"{campaign.title['en']}: the exact rows to send to {campaign.destination}.",
        group_name=PLANS,
        owners=[OWNER],
        kinds={"python"},
    )


def build_deliveries(playbook: Playbook) -> list[dg.AssetsDefinition]:
    """One delivery per campaign; plans that a person must approve stay where they are."""
    campaigns = playbook.campaigns
    keys = {campaign.name: delivery_key(campaign.name) for campaign in campaigns}

    @dg.multi_asset(
        name="deliveries",
        specs=[_delivery_spec(playbook, campaign) for campaign in campaigns],
        can_subset=True,
        pool=POOL,
        required_resource_keys={"house"},
    )
    def deliveries(context: dg.AssetExecutionContext) -> Iterator[Any]:
        house: House = context.resources.house
        chosen = [name for name, key in keys.items() if key in context.selected_asset_keys]
        with working(context, house, reads="", name=f"{len(chosen)} deliveries") as work:
            with delivering.open_desk(house, playbook) as desk:
                outcomes = delivering.deliver(desk, chosen, work.step.update)
                delivering.write_export_index(desk)
            work.step.rows = sum(outcome.row_count for outcome in outcomes)
            work.is_well = all(outcome.is_success for outcome in outcomes)
            for outcome in outcomes:
                key, metadata = keys[outcome.campaign], {**outcome.metadata, "run": house.run_id}
                yield dg.MaterializeResult(asset_key=key, metadata=metadata)
            failed = [f"{o.campaign}: {o.error}" for o in outcomes if o.error]
            if failed:
                raise dg.Failure("\n".join(failed), allow_retries=False)

    return [deliveries] if campaigns else []


def _delivery_spec(playbook: Playbook, campaign: "Campaign") -> dg.AssetSpec:
    destination = playbook.destinations[campaign.destination]
    return dg.AssetSpec(
        delivery_key(campaign.name),
        deps=[plan_key(campaign.name)],
        description=f"What {campaign.destination} has acknowledged of {campaign.title['en']}.",
        group_name=DELIVERIES,
        owners=[OWNER],
        kinds={"file" if destination.is_file else "webhook"},
        metadata={
            "dagster/column_lineage": straight(
                {name: [("marts/customer_360", name)] for name in destination.columns}
            )
        },
    )
