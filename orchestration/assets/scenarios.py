"""Scenarios: where each person stands today, before segments ask for it.

Whom a deadline takes off a channel is first said to the ledger, then written as removed: killed
in between, the next run says the same entries again, which the ledger knows.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import dagster as dg

from contract.crash_points import reach
from orchestration.assets.segments import MARTS
from orchestration.built import code, digest_of, digest_of_files
from orchestration.delivering import Playbook
from orchestration.house import OWNER, POOL, House
from orchestration.lineage import straight
from orchestration.settings import read_pseudonym_key
from orchestration.steps import working
from orchestration.tables import read_tables, table_metadata

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from sqlalchemy import Engine

    from activation.scenario_files import Scenario
    from activation.scenarios import Standing
    from contract.gate import ContactRequest
    from governance.ledger import Entry

STATES = dg.AssetKey(["raw_state", "scenario_states"])
_TABLE = ("raw_state", "scenario_states")
_READS = (
    *(f"marts/{mart}" for mart in MARTS if mart != "customer_scenarios"),
    "core/customer_id_history",
    "core/fct_consents",
    "intermediate/int_contacts__initiated",
)


def build_scenarios(playbook: Playbook) -> list[dg.AssetsDefinition]:
    """raw_state.scenario_states: the copy, for SQL, of where everybody stands."""
    reads = digest_of_files(*code("activation"))

    @dg.asset(
        key=STATES,
        deps=[name.split("/") for name in _READS],
        group_name=STATES.path[0],
        owners=[OWNER],
        kinds={"python", "duckdb"},
        description="One row per scenario and person who ever entered it, with its state.",
        pool=POOL,
        required_resource_keys={"house"},
    )
    def scenario_states(context: dg.AssetExecutionContext) -> Iterator[Any]:
        house: House = context.resources.house
        with working(context, house, reads=reads, name="scenarios") as work:
            # Always looked at: what was delivered or answered since is no table upstream.
            counts, rows = move(house, playbook)
            work.set_content(digest_of(rows))  # the bookkeeping holds no ids of people
            work.step.rows = len(rows)
            work.step.note = f"{counts.get('removed', 0)} removed by their deadline"
            with house.warehouse.connect() as con:
                table = read_tables(con, [_TABLE])[_TABLE]
            lineage = straight({"customer_id": [("marts/customer_360", "customer_id")]})
            metadata: dict[str, Any] = {**counts, **table_metadata(table), "run": house.run_id}
            metadata["dagster/column_lineage"] = lineage
            yield dg.MaterializeResult(metadata=metadata)

    return [scenario_states]


def move(house: House, playbook: Playbook) -> tuple[dict[str, int], list[tuple[Any, ...]]]:
    """Append today's steps of every scenario; how many led to each state, and where all stand."""
    from activation import scenario_store as store
    from activation.scenarios import advance

    counts: dict[str, int] = {}
    with house.state() as engine, house.warehouse.connect() as con:
        for scenario in playbook.scenarios:
            segment = playbook.segments[scenario.segment]
            facts = store.gather(con, engine, scenario, segment, house.clock)
            steps = advance(scenario, store.read_history(engine, scenario.name), facts)
            _expire(house, con, engine, scenario, steps)
            reach("scenarios.expired")
            store.append_steps(engine, scenario.name, steps, house.run_id)
            for step in steps:
                counts[step.state] = counts.get(step.state, 0) + 1
        return counts, store.copy_states(con, engine)


def _expire(
    house: House,
    con: "DuckDBPyConnection",
    engine: "Engine",
    scenario: "Scenario",
    steps: "Sequence[Standing]",
) -> None:
    """End every yes of those whom the deadline removes: for each record they have, and for each
    address that nobody else has, because who shares a mailbox was asked nothing.

    An end about a record alone ends what its person said by any address, too; with the address it
    also holds when the record is gone.
    """
    from activation.people import Asked, load_requests
    from activation.scenario_files import REMOVED
    from activation.scenarios import DEADLINE
    from governance.address_table import shared_hashes
    from governance.ledger import append

    removed = {
        one.customer_id: one
        for one in steps
        if one.state == REMOVED and one.reason == DEADLINE  # not those that a merge brought along
    }
    asked = Asked((), scenario.channel, "marketing", (), read_pseudonym_key(house.settings))
    requests = load_requests(con, sorted(removed), asked) if removed else {}
    digests = {digest for one in requests.values() for digest in one.address_hashes}
    shared = shared_hashes(con, digests) if digests else set()
    entries = [
        entry
        for customer_id, request in sorted(requests.items())
        for entry in _entries(house, scenario, removed[customer_id], request)
        if entry.address_hash not in shared
    ]
    append(engine, entries, now=house.clock)


def _entries(
    house: House, scenario: "Scenario", step: "Standing", request: "ContactRequest"
) -> "Iterator[Entry]":
    from governance.ledger import EXPIRE, Entry, entry_id

    records = [(one.customer_key, one.source_system, None) for one in request.record_keys]
    addresses = [(None, None, digest) for digest in request.address_hashes]
    source = f"scenario:{scenario.name}"
    for customer_key, system, digest in (*records, *addresses):
        about = digest or f"{system}|{customer_key}"
        source_key = f"{step.customer_id}|{step.episode}|{about}"
        yield Entry(
            entry_id=entry_id(source, source_key),
            customer_key=customer_key,
            source_system=system,
            address_hash=digest,
            channel=scenario.channel,
            purpose="marketing",
            act=EXPIRE,
            source=source,
            source_key=source_key,
            occurred_at=step.since,
            known_at=house.clock,
        )
