"""From plans to acknowledged rows: what the assets and the command line both do."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from orchestration.house import House
from orchestration.preferences import links_of
from orchestration.settings import DBT_PROJECT, Settings, read_pseudonym_key

if TYPE_CHECKING:
    from datetime import timedelta

    from sqlalchemy import Engine

    from activation.campaigns import Campaign
    from activation.columns import Marts
    from activation.definitions import Segment
    from activation.delivery import DeliveryReport
    from activation.destination import DeliverySettings, Destination
    from activation.plan import PlanReport
    from activation.scenario_files import Scenario
    from governance.gate import LedgerGate

LOOPBACK = {"127.0.0.1", "::1", "localhost"}


@dataclass(frozen=True)
class Playbook:
    """What marketers wrote: who (segments), what and when (campaigns, scenarios), and where to."""

    columns: "Marts"
    segments: "dict[str, Segment]"
    destinations: "dict[str, Destination]"
    campaigns: "list[Campaign]"
    scenarios: "list[Scenario]" = field(default_factory=list)

    @property
    def campaign_titles(self) -> dict[str, dict[str, str]]:
        """Campaign → its title by language."""
        return {campaign.name: dict(campaign.title) for campaign in self.campaigns}


def read_playbook(settings: Settings) -> Playbook:
    """The segments and campaigns of this company. Raises ConfigError."""
    from activation.campaigns import load_campaigns
    from activation.columns import load_columns
    from activation.definitions import load_segments
    from activation.destination import load_destinations
    from activation.scenario_files import load_scenarios

    columns = load_columns(DBT_PROJECT / "models" / "marts")
    segments = load_segments(settings.segments_dir, columns)
    destinations = load_destinations()
    campaigns = load_campaigns(settings.campaigns_dir, segments, destinations)
    check_topics(campaigns)
    scenarios = load_scenarios(settings.scenarios_dir, segments, campaigns)
    return Playbook(columns, segments, destinations, campaigns, scenarios)


def check_topics(campaigns: "Sequence[Campaign]") -> None:
    """Raises ConfigError for a campaign about a topic that nobody can choose or refuse."""
    from contract.errors import ConfigError, did_you_mean
    from governance.preferences.choices import TOPICS

    for campaign in campaigns:
        if campaign.topic is not None and campaign.topic not in TOPICS.keys():  # noqa: SIM118
            raise ConfigError(
                f"activation/campaigns/{campaign.name}.yml: topic '{campaign.topic}' is not in "
                f"governance/preferences/topics.yml.{did_you_mean(campaign.topic, TOPICS.keys())}"
            )


@dataclass(frozen=True)
class Desk:
    """Everything that planning and applying need, for as long as the block is open."""

    house: House
    playbook: Playbook
    engine: "Engine"
    gate: "LedgerGate"


@contextmanager
def open_desk(house: House, playbook: Playbook) -> Iterator[Desk]:
    """The state database and the gate, ready for these campaigns."""
    from governance.gate import LedgerGate
    from governance.rules import load_rules

    with house.state() as engine:
        yield Desk(house, playbook, engine, LedgerGate(engine, load_rules()))


def plan(
    desk: Desk, *, is_preview: bool = False, only: Sequence[str] | None = None
) -> "list[PlanReport]":
    """What every campaign would do; stored unless it is a preview, waterfalls written anyway.

    only: plan these campaigns alone, beside what the others have sent already.
    """
    from activation.caps import load_caps
    from activation.draft import PlanContext
    from activation.people import who_waits_for_an_answer
    from activation.plan import make_plans, preview_plans, write_waterfalls
    from activation.segments import prepare
    from activation.sunset import load_sunsets
    from activation.wishes import load_wishes

    house, playbook = desk.house, desk.playbook
    context = PlanContext(
        segments=playbook.segments,
        destinations=playbook.destinations,
        columns=playbook.columns,
        caps=load_caps(),
        sunsets=load_sunsets(),
        as_of=house.as_of,
        now=house.clock,
        run_id=house.run_id,
        hash_key=read_pseudonym_key(house.settings),
        links=partial(links_of(house.settings).columns_for, on=house.as_of),
    )
    if not is_preview:
        tidy_exports(desk)
    with house.warehouse.connect() as con:
        prepare(con)
        waiting = who_waits_for_an_answer(con)
        context = replace(context, open_questions=waiting, wishes=load_wishes(con))
        if not is_preview:
            chosen = [one for one in playbook.campaigns if only is None or one.name in only]
            return make_plans(con, desk.engine, desk.gate, chosen, context)
        reports = preview_plans(con, desk.engine, desk.gate, playbook.campaigns, context)
        write_waterfalls(con, reports, as_of=house.as_of)
        return reports


@dataclass(frozen=True)
class Outcome:
    """What came of one campaign. error: why nothing (more) could be sent, empty when all went."""

    campaign: str
    metadata: dict[str, Any]
    row_count: int = 0
    is_success: bool = True
    error: str = ""


def deliver(desk: Desk, campaigns: Sequence[str], tell: Callable[[str], None]) -> list[Outcome]:
    """Send what the approved plans of these campaigns still owe; one failure stops only its own."""
    from activation.destination import DeliveryFailed

    notes = withdraw_refused(desk, campaigns)
    owed = open_plans(desk)
    outcomes = []
    for campaign in campaigns:
        tell(campaign)
        if campaign not in owed:
            note = notes.get(campaign, "")
            outcomes.append(Outcome(campaign, {"status": note or "nothing to send"}, 0, not note))
        elif not _has_address(desk, campaign):
            text = "HABITUE_WEBHOOK_URL is not set: the rows stay due"
            outcomes.append(Outcome(campaign, {"status": text}, is_success=False))
        else:
            try:
                outcomes.append(_outcome(apply(desk, owed[campaign])))
            except DeliveryFailed as error:
                failed = Outcome(campaign, {"status": str(error)}, 0, False, str(error))
                outcomes.append(failed)
    return outcomes


def withdraw_refused(desk: Desk, campaigns: Sequence[str]) -> dict[str, str]:
    """Plan who must leave a tool though the campaign's plan waits; why some could not be judged."""
    from activation import withdrawals

    house, owed = desk.house, open_plans(desk)
    names, key = desk.playbook.destinations.keys(), read_pseudonym_key(house.settings)
    with house.warehouse.connect() as con:
        today = withdrawals.Today(con, house.clock, house.as_of, house.run_id, key)
        notes = {
            one: withdrawals.withdraw_refused(desk.engine, desk.gate, one, names, today)
            for one in campaigns
            if one not in owed
        }
    return {campaign: note for campaign, note in notes.items() if note}


def unapplied_withdrawals(desk: Desk) -> "tuple[int, timedelta | None]":
    """How many refusals a destination does not follow yet, and since when the oldest is known."""
    from activation import withdrawals
    from governance.withdrawals import age_of_oldest

    house = desk.house
    key = read_pseudonym_key(house.settings)
    with house.warehouse.connect() as con:
        today = withdrawals.Today(con, house.clock, house.as_of, house.run_id, key)
        found = withdrawals.unapplied(desk.engine, desk.gate, today)
    return len(found), age_of_oldest(desk.engine, [one.entry_id for one in found], house.clock)


def tidy_exports(desk: Desk) -> None:
    """Remove exports that expired or were changed by hand, before plans say what is missing."""
    from activation.export_log import tidy_exports as tidy

    settings = delivery_settings(desk.house.settings, desk.playbook)
    tidy(desk.engine, settings.exports_dir, set(desk.playbook.segments), now=desk.house.clock)


def write_export_index(desk: Desk) -> Path:
    """Rewrite the page over the exports; where it is."""
    from activation.export_index import write_index

    settings = delivery_settings(desk.house.settings, desk.playbook)
    with desk.house.warehouse.connect() as con:
        titles = desk.playbook.campaign_titles
        return write_index(con, desk.engine, desk.playbook.segments, settings, titles)


def _has_address(desk: Desk, campaign: str) -> bool:
    named = {one.name: one.destination for one in desk.playbook.campaigns}
    destination = desk.playbook.destinations[named[campaign]]
    return destination.is_file or desk.house.settings.webhook_url is not None


def _outcome(report: "DeliveryReport") -> Outcome:
    count = report.added_count + report.changed_count + report.removed_count
    return Outcome(report.campaign, report.as_metadata(), count, report.is_success)


def apply(desk: Desk, plan_id: str) -> "DeliveryReport":
    """Send what this approved plan still owes. Raises DeliveryFailed, ConfigError."""
    from activation.apply import apply_plan

    settings = desk.house.settings
    # The gate judges who a person is now: a merge since the plan brings that record's word along.
    with desk.house.warehouse.connect() as con:
        return apply_plan(
            desk.engine,
            desk.gate,
            plan_id,
            destinations=desk.playbook.destinations,
            settings=delivery_settings(settings, desk.playbook),
            now=desk.house.clock,
            con=con,
            hash_key=read_pseudonym_key(settings),
        )


def delivery_settings(settings: Settings, playbook: Playbook) -> "DeliverySettings":
    """What the destinations may know of the settings."""
    from activation.destination import DeliverySettings

    secret = settings.webhook_secret
    return DeliverySettings(
        exports_dir=settings.home / "exports",
        columns=playbook.columns,
        languages=settings.languages,
        company_name=settings.company_name,
        currency=settings.currency,
        webhook_url=settings.webhook_url,
        webhook_secret=secret.get_secret_value() if secret else "",
        is_loopback_allowed=_is_loopback(settings.webhook_url),
    )


def _is_loopback(url: str | None) -> bool:
    """Plain http is for a receiver on this machine, named as such in HABITUE_WEBHOOK_URL."""
    return url is not None and urlsplit(url).hostname in LOOPBACK


def open_plans(desk: Desk) -> dict[str, Any]:
    """Campaign → approved plan that still owes rows."""
    from sqlalchemy import select

    from activation import apply as applying
    from activation.tables import plans

    owed = applying.open_plans(desk.engine)
    statement = select(plans.c.plan_id, plans.c.campaign).where(plans.c.plan_id.in_(owed))
    with desk.engine.connect() as connection:
        return {row.campaign: row.plan_id for row in connection.execute(statement)}


def find_plan(desk: Desk, digest: str) -> tuple[str, str]:
    """(plan id, status) of the plan whose digest begins so. Raises ConfigError."""
    from sqlalchemy import select

    from activation.tables import plans
    from contract.errors import ConfigError

    statement = select(plans.c.plan_id, plans.c.status, plans.c.digest)
    with desk.engine.connect() as connection:
        found = [row for row in connection.execute(statement) if row.digest.startswith(digest)]
    if len(found) != 1 or not digest:
        many = f"{len(found)} plans begin" if found else "no plan begins"
        raise ConfigError(f"{many} with the digest '{digest}'. See `habitue plan`.")
    return found[0].plan_id, found[0].status
