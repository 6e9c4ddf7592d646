"""The make-believe company through every system: nothing lost, nothing invented, truth unread."""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from pathlib import Path

import duckdb
import pytest

from demo.world.facts import Facts
from tests.fixtures.command import ROOT
from tests.fixtures.make_believe import MakeBelieve, facts_of_history

pytestmark = pytest.mark.xdist_group("make_believe")

PRODUCT = ("contract", "ingestion", "identity", "governance", "ml", "quality", "activation",
           "dashboards", "orchestration", "dbt_project/models", "dbt_project/macros")  # fmt: skip
# These systems give what happened keys of their own, so that only its number can be compared.
OWN_KEYS = {("message_events", "brevo"), ("lead_stage_events", "hubspot"),
            ("web_events", "matomo"), ("consent_events", "brevo")}  # fmt: skip
# Two shops know of a consent only how it stands now; the tills print lines without a header.
STATES_ONLY = {("consent_events", "shopify"), ("consent_events", "prestashop")}
NOT_RECORDED = {("orders", "tills")}
SET_ASIDE = {"broken_line", "total_line"}
TWICE = {"repeated_row", "resent_row"}


@pytest.fixture(scope="module")
def facts() -> Facts:
    return facts_of_history()


@pytest.fixture(scope="module")
def warehouse(make_believe: MakeBelieve) -> duckdb.DuckDBPyConnection:
    """What the warehouse held after the first run, as `w`."""
    con = duckdb.connect()
    con.execute(f"attach '{make_believe.first}/warehouse/habitue.duckdb' as w (read_only)")
    return con


def planted(home: Path, kinds: set[str]) -> Counter[tuple[str, str]]:
    """(entity, system) → rows of dirt of these kinds, as the recorders counted them."""
    dirt = json.loads((home / "demo" / "truth" / "dirt.json").read_text())["planted"]
    found: Counter[tuple[str, str]] = Counter()
    for system, periods in dirt.items():
        for entities in periods.values():
            for entity, counts in entities.items():
                found[entity, system] += sum(counts.get(kind, 0) for kind in kinds)
    return +found


def counted(con: duckdb.DuckDBPyConnection, query: str) -> Counter[tuple[str, str]]:
    return +Counter({(one, other): int(n) for one, other, n in con.execute(query).fetchall()})


def test_every_raw_table_balances(warehouse: duckdb.DuckDBPyConnection) -> None:
    loads = """select entity, source_system, sum(rows_read), sum(rows_loaded),
        sum(rows_quarantined), sum(rows_duplicate) from w.raw_control.loads group by all"""
    for entity, system, read, loaded, aside, twice in warehouse.execute(loads).fetchall():
        where = [system]
        query = f"select count(*) from w.raw_files.{entity} where source_system = ?"
        assert warehouse.execute(query, where).fetchall() == [(loaded,)], (entity, system)
        assert read == loaded + aside + twice, (entity, system)
    systems = "select count(distinct source_system) from w.raw_control.loads"
    assert warehouse.execute(systems).fetchall() == [(17,)]


def test_every_raw_table_holds_what_happened_and_nothing_else(
    warehouse: duckdb.DuckDBPyConnection, facts: Facts
) -> None:
    from contract.entity import load_entities

    differing = []
    for entity in load_entities().values():
        warehouse.register("facts", facts[entity.name])
        columns = ", ".join(entity.key)
        warehouse.execute(f"""create or replace temp table there as
            select distinct source_system as system, {columns}, source_key
            from w.raw_files.{entity.name}
            qualify row_number() over (partition by source_system, source_key
                order by known_at desc, loaded_at desc) = 1 and not is_deleted""")
        warehouse.execute(f"""create or replace temp table happened as
            select distinct system, {columns} from facts""")
        systems = warehouse.execute("select distinct system from happened order by 1").fetchall()
        for (system,) in systems:
            happened, there, both = (
                warehouse.execute(f"select count(*) from {rows}", [system]).fetchall()[0][0]
                for rows in (
                    "happened where system = $1",
                    "there where system = $1 and source_key not like 'guest-%'",
                    f"happened semi join there using (system, {columns}) where system = $1",
                )
            )
            pair = (entity.name, system)
            if pair in NOT_RECORDED:
                is_same = there == 0
            elif pair in STATES_ONLY:
                is_same = 0 < there <= happened
            else:
                is_same = happened == there == (there if pair in OWN_KEYS else both)
            if not is_same:
                differing.append((*pair, happened, there, both))
        invented = "select * from there anti join happened using (system)"
        assert warehouse.execute(invented).fetchall() == [], entity.name
    assert differing == []


def test_what_is_set_aside_and_what_came_twice_was_planted(
    make_believe: MakeBelieve, warehouse: duckdb.DuckDBPyConnection
) -> None:
    aside = "select entity, source_system, count(*) from w.quarantine.files group by all"
    assert counted(warehouse, aside) == planted(make_believe.first, SET_ASIDE)
    twice = """select entity, source_system, sum(rows_duplicate) from w.raw_control.loads
        group by all"""
    found, expected = counted(warehouse, twice), planted(make_believe.first, TWICE)
    # A system that is asked may tell of a stage again; dirt is planted in files only.
    assert {pair: found[pair] for pair in expected} == dict(expected)
    assert {system for _, system in found - expected} <= {"hubspot"}


def test_net_revenue_is_what_was_sold_less_what_was_given_back(
    warehouse: duckdb.DuckDBPyConnection, facts: Facts
) -> None:
    for name in ("orders", "order_lines", "refunds"):
        warehouse.register(f"told_{name}", facts[name])
    sold = """
    with latest as (
        select system, order_key, last(status order by place) as status
        from (select *, row_number() over () as place from told_orders) group by all),
    moved as (
        select system, order_key, currency, net_amount as amount from told_order_lines
        union all select system, order_key, currency, -amount from told_refunds)
    select moved.system,
        sum(cast(amount * if(currency = 'CHF', 1.07, 1) as decimal(18, 2)))
    from moved join latest using (system, order_key)
    where status = 'completed' group by 1 order by 1"""
    found = """select source_system, sum(net_amount) from w.core.fct_orders
        where status = 'completed' group by 1 order by 1"""
    expected = warehouse.execute(sold).fetchall()
    assert len(expected) == 4
    assert warehouse.execute(found).fetchall() == expected


def test_no_shared_address_makes_one_person_of_two_households(
    make_believe: MakeBelieve, warehouse: duckdb.DuckDBPyConnection
) -> None:
    warehouse.execute(f"""create or replace temp table records as
        select record_id, customer_id, person_id, household_id
        from w.intermediate.int_identity__resolved
        join '{make_believe.first}/demo/truth/records.parquet' as truth
        on record_id = truth.system || '|' || truth.customer_key where person_id >= 0""")
    (pairs, right), (known, reached) = (
        warehouse.execute(
            f"""select count(*), count(*) filter (one.{other} = two.{other}) from records as one
            join records as two on one.{same} = two.{same} and one.record_id < two.record_id"""
        ).fetchall()[0]
        for same, other in (("customer_id", "person_id"), ("person_id", "customer_id"))
    )
    sys.stdout.write(
        f"identity: {pairs} pairs of records joined, precision {right / pairs:.4f}; "
        f"{known} pairs of one person, recall {reached / known:.4f}\n"
    )
    wrong = """select count(*) from w.intermediate.int_identity__edges as edges
        join records as one using (record_id)
        join records as two on edges.other_record_id = two.record_id
        where edges.identifier_kind = 'email' and one.household_id <> two.household_id"""
    assert warehouse.execute(wrong).fetchall() == [(0,)]
    assert pairs > 50
    assert right / pairs >= 0.99
    assert reached / known >= 0.85
    several = """select count(*) from (select customer_id from records
        group by customer_id having count(distinct household_id) > 1)"""
    assert warehouse.execute(several).fetchall() == [(0,)]


def test_a_run_speaks_to_this_machine_only_and_writes_at_home_only(
    make_believe: MakeBelieve,
) -> None:
    assert make_believe.watched.network == []
    assert make_believe.watched.changed_files == []


def test_a_second_demo_changes_and_delivers_nothing(make_believe: MakeBelieve) -> None:
    first, second, _ = make_believe.seen
    assert first.effects
    assert second == first
    assert make_believe.again.output.count("unchanged since run") >= 5


def test_a_day_more_is_seen_and_delivers_nothing_twice(make_believe: MakeBelieve) -> None:
    _, before, after = make_believe.seen
    keys = [key for key, *_ in after.effects]
    assert len(keys) == len(set(keys))
    assert set(before.effects) <= set(after.effects)
    with duckdb.connect(str(make_believe.home / "warehouse/habitue.duckdb"), read_only=True) as con:
        query = "select max(occurred_at)::date::varchar from raw_files.web_events"
        assert con.execute(query).fetchall() == [("2026-07-01",)]
    assert after.published != before.published
    taken = json.loads((make_believe.home / "demo" / "received.json").read_text())
    assert (taken["day"], taken["until"] > 0) == ("2026-07-01", True)


def test_nobody_reads_the_truth(make_believe: MakeBelieve) -> None:
    # dirt.json is where the recorders of the demo count what they plant.
    if make_believe.truth_read is not None:
        assert make_believe.truth_read <= {"dirt.json"}
    told = re.compile(r"demo/truth|[\"'/]truth[\"'/]|^\s*(from|import) demo\b", re.MULTILINE)
    naming = [
        str(path.relative_to(ROOT))
        for folder in PRODUCT
        for path in sorted((ROOT / folder).rglob("*"))
        if path.suffix in {".py", ".sql", ".yml"} and told.search(path.read_text())
    ]
    assert naming == []
