"""Between two dbt steps: which records are one person, and the ledger's copy for SQL.

One function for both tables: dbt is then called once before them and once after them.
"""

from collections.abc import Callable, Iterator
from typing import Any

import dagster as dg

from orchestration import cut_offs, identities
from orchestration.built import code, digest_of, digest_of_files
from orchestration.house import OWNER, POOL, House
from orchestration.lineage import straight
from orchestration.settings import read_pseudonym_key
from orchestration.steps import UNCHANGED, Work, working
from orchestration.tables import read_tables, table_metadata

CLUSTERS = dg.AssetKey(["intermediate", "identity_clusters"])
LINKS = dg.AssetKey(["intermediate", "identity_links"])
EVIDENCE = dg.AssetKey(["intermediate", "identity_evidence"])
ENTRIES = dg.AssetKey(["raw_state", "consent_entries"])
HASHES = dg.AssetKey(["raw_state", "address_hashes"])
EVENTS = dg.AssetKey(["raw_state", "preference_events"])
CUT_OFFS = dg.AssetKey(["raw_control", "cut_offs"])

_AS_SIGNED = dg.AssetCheckSpec(
    "as_signed",
    asset=ENTRIES,
    description="Nothing in the consent ledger was changed since it was signed.",
)

# The staged tables that governance/doors.py reads.
DOORS = (
    "intermediate/int_objections__united",
    "staging/stg_files__consent_events",
    "staging/stg_files__message_events",
    "staging/stg_files__preference_updates",
)
HEARD_BY = (
    "address_table", "departures", "doors", "intake", "ledger", "partings", "split_people",
)  # fmt: skip
_LINEAGE = {
    CLUSTERS: {
        "record_id": [("intermediate/int_identity__observed", "record_id")],
        "cluster_id": [("intermediate/int_identity__observed", "record_id")],
    },
    EVIDENCE: {
        name: [("intermediate/int_identity__edges", name)]
        for name in ("record_id", "other_record_id", "rule", "identifier_kind", "trust")
    },
    ENTRIES: {
        name: [(door, name) for door in DOORS]
        for name in ("customer_key", "source_system", "channel", "purpose", "known_at")
    },
    HASHES: {
        name: [("intermediate/int_customers__versioned", name)]
        for name in ("source_system", "customer_key")
    },
}


def build_people() -> list[dg.AssetsDefinition]:
    """identity_clusters with their evidence, consent_entries and the cut-offs of the features."""
    reads = digest_of_files(
        *code(
            "identity",
            *(f"governance/{name}.py" for name in HEARD_BY),
        )
    )

    @dg.multi_asset(
        name="identity_and_ledger",
        specs=_specs(),
        check_specs=[_AS_SIGNED],
        can_subset=True,
        pool=POOL,
        required_resource_keys={"house"},
    )
    def identity_and_ledger(context: dg.AssetExecutionContext) -> Iterator[Any]:
        house: House = context.resources.house
        made_of = digest_of(reads, digest_of_files(*identities.decided(house)))
        with working(context, house, reads=made_of, name="identity and consent ledger") as work:
            for key in (CLUSTERS, EVIDENCE, LINKS, ENTRIES, HASHES, EVENTS):
                if key not in context.selected_asset_keys:
                    continue
                work.step.update(key.path[-1])
                if key not in (ENTRIES, EVENTS) and work.is_same(key):
                    yield dg.MaterializeResult(asset_key=key, metadata={UNCHANGED: "its rows"})
                    continue
                yield _made(house, key, work)
            if context.selected_asset_check_keys:
                yield _verified(house, work)

    return [identity_and_ledger, _build_cut_offs()]


def _specs() -> list[dg.AssetSpec]:
    return [
        _spec(
            CLUSTERS,
            "One row per record, with the smallest record id of its cluster.",
            [
                "intermediate/int_identity__edges",
                "intermediate/int_identity__described",
                "intermediate/int_identity__profiles",
            ],
        ),
        _spec(
            EVIDENCE,
            "One row per piece of evidence that joins two records, or that a guard refused.",
            ["intermediate/identity_clusters"],
        ),
        _spec(
            LINKS,
            "One row per pair that the linker scored: accepted, to review, or below.",
            ["intermediate/identity_clusters"],
        ),
        _spec(
            ENTRIES,
            "Copy of the consent ledger, after the intake of what was said through every door.",
            list(DOORS),
        ),
        _spec(
            HASHES,
            "One row per record and keyed hash of an address it is or was known by.",
            ["intermediate/int_customers__versioned"],
        ),
        _spec(EVENTS, "Copy of what people chose in the preference centre.", []),
    ]


def _build_cut_offs() -> dg.AssetsDefinition:
    @dg.multi_asset(
        name="cut_offs",
        specs=[
            _spec(
                CUT_OFFS,
                "The days for which features must exist.",
                ["raw_files/order_lines", "raw_files/orders", "intermediate/identity_clusters"],
            )
        ],
        pool=POOL,
        required_resource_keys={"house"},
    )
    def cut_offs(context: dg.AssetExecutionContext) -> Iterator[Any]:
        house: House = context.resources.house
        with working(context, house, reads="") as work:
            yield _made(house, CUT_OFFS, work)

    return cut_offs


def _made(house: House, key: dg.AssetKey, work: Work) -> Any:
    figures, content = _STEPS[key](house)
    if content is not None:
        work.outputs[key.to_user_string()] = digest_of(content)
        work.by_content.add(key.to_user_string())
    return dg.MaterializeResult(asset_key=key, metadata=_metadata(house, key, figures))


def _spec(key: dg.AssetKey, description: str, reads: list[str]) -> dg.AssetSpec:
    return dg.AssetSpec(
        key,
        deps=[name.split("/") for name in reads],
        description=description,
        group_name=key.path[0],
        owners=[OWNER],
        kinds={"python", "duckdb"},
    )


# What a step found, and the content that its table is known by (None: by what it was made of).
Found = tuple[dict[str, Any], object]


def _take_entries(house: House) -> Found:
    """What was said through every door into the ledger, then the whole ledger into the warehouse.

    The ledger is read at every run: an entry may come from elsewhere than the sources.
    """
    from governance.departures import note_departures
    from governance.intake import take_acts
    from governance.mirror import copy_entries
    from governance.partings import carry_refusals

    key = read_pseudonym_key(house.settings)
    with house.state() as engine, house.warehouse.connect() as con:
        report = take_acts(con, engine, now=house.clock, hash_key=key)
        carried = carry_refusals(con, engine, now=house.clock, hash_key=key)
        departed = note_departures(con, engine, hash_key=key)
        copied = copy_entries(engine, con)
        content = con.execute(
            "select count(*), bit_xor(hash(entry_id, act)) from raw_state.consent_entries"
        ).fetchall()
    figures = {"refusals_carried": carried, "records_departed": departed, "entries": copied}
    return {**report.as_metadata(), **figures}, content


def _hash_addresses(house: House) -> Found:
    from governance.address_table import write_address_hashes

    with house.warehouse.connect() as con:
        count = write_address_hashes(con, read_pseudonym_key(house.settings))
    return {"hashes": count}, None


def _verified(house: House, work: Work) -> dg.AssetCheckResult:
    """The ledger against what was signed; the gate denies everybody when it is not well.

    Its root stands with every run, outside the state database.
    """
    from governance.merkle.verify import verify_as_due

    with house.state() as engine:
        found = verify_as_due(engine, now=house.clock)
    work.is_well = work.is_well and found.first is None
    return dg.AssetCheckResult(
        asset_key=ENTRIES,
        check_name=_AS_SIGNED.name,
        passed=found.first is None,
        metadata={**found.as_metadata(), "first finding": str(found.first or "none")},
    )


def _copy_events(house: House) -> Found:
    """People choose while no run is looking, so this is read at every run."""
    from governance.preferences.mirror import TABLE, copy_events

    with house.state() as engine, house.warehouse.connect() as con:
        count = copy_events(engine, con)
        content = con.execute(f"select event_id from {TABLE} order by all").fetchall()
    return {"events": count}, content


def _cut_offs(house: House) -> Found:
    with house.warehouse.connect() as con:
        count = cut_offs.write_cut_offs(con, house.as_of)
        moved = cut_offs.ask_where_people_changed(con)
        late = cut_offs.ask_where_late(con, house.as_of, house.settings.time_zone)
        content = con.execute("from raw_control.cut_offs order by all").fetchall()
    figures = {"cut_offs": count, "records of other people": moved}
    return {**figures, "new rows known since": str(late or "")}, content


_STEPS: dict[dg.AssetKey, Callable[[House], Found]] = {
    CLUSTERS: identities.find_people,
    EVIDENCE: identities.count_evidence,
    LINKS: identities.count_links,
    ENTRIES: _take_entries,
    HASHES: _hash_addresses,
    EVENTS: _copy_events,
    CUT_OFFS: _cut_offs,
}


def _metadata(house: House, key: dg.AssetKey, figures: dict[str, Any]) -> dict[str, Any]:
    relation = (key.path[0], key.path[1])
    with house.warehouse.connect() as con:
        table = read_tables(con, [relation])[relation]
    metadata = {**figures, **table_metadata(table), "run": house.run_id}
    if key in _LINEAGE:
        metadata["dagster/column_lineage"] = straight(_LINEAGE[key])
    return metadata
