"""One asset per raw table: what the landed files say, with its balance as a blocking check."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import dagster as dg

from contract.entity import Entity
from orchestration.assets import checks
from orchestration.built import code, digest_of, digest_of_files
from orchestration.declared import declarations, entities
from orchestration.house import OWNER, POOL, House, now
from orchestration.partitions import wanted_month
from orchestration.steps import Work, working
from orchestration.tables import read_tables, table_metadata

if TYPE_CHECKING:
    import duckdb

    from ingestion.reports import LoadReport

LAYER = "raw_files"


def build_raw_tables(
    months: dg.PartitionsDefinition[str], landed: Mapping[str, Sequence[dg.AssetKey]]
) -> list[dg.AssetsDefinition]:
    """One asset per canonical entity. landed: entity → the landing assets whose files feed it."""
    return [
        _raw_table(entity, months, landed.get(entity.name, ())) for entity in entities().values()
    ]


def _raw_table(
    entity: Entity, months: dg.PartitionsDefinition[str], landed: Sequence[dg.AssetKey]
) -> dg.AssetsDefinition:
    key = dg.AssetKey([LAYER, entity.name])
    reads = digest_of_files(*code(f"contract/entities/{entity.name}.yml"))

    @dg.asset(
        key=key,
        deps=list(landed),
        group_name=LAYER,
        owners=[OWNER],
        kinds={"dlt", "duckdb"},
        description=entity.description,
        partitions_def=months,
        pool=POOL,
        required_resource_keys={"house"},
        check_specs=[
            dg.AssetCheckSpec(
                "balance",
                asset=key,
                blocking=True,
                description="read = loaded + quarantined + duplicate + erased, over every file",
            ),
            checks.door(key, entity.name),
        ],
    )
    def raw_table(context: dg.AssetExecutionContext) -> Iterator[Any]:
        house: House = context.resources.house
        with working(context, house, reads=reads) as work:
            report = _load(context, house, entity, work.step.update)
            work.step.rows = report.rows_loaded
            work.step.note = _note(report)
            with house.warehouse.connect() as con:
                is_same = work.set_content(_content_digest(con, entity.name, reads))
                table = read_tables(con, [(LAYER, entity.name)])[LAYER, entity.name]
            balance = _balance(report)
            work.is_well = balance.passed
            said = {column.name: column.description for column in entity.columns}
            yield dg.MaterializeResult(
                metadata={**_figures(report), **table_metadata(table, said), "run": house.run_id},
                check_results=[balance, _expectations(house, work, key, is_same)],
            )

    return raw_table


def _expectations(house: House, work: Work, key: dg.AssetKey, is_same: bool) -> dg.AssetCheckResult:
    """Rows that passed once are not read again until the table has new ones."""
    if is_same:
        return checks.still_good(key, checks.EXPECTATIONS, "the last one with new rows")
    return checks.check(house, work, key.path[-1], key)


def _load(
    context: dg.AssetExecutionContext, house: House, entity: Entity, tell: Callable[[str], None]
) -> "LoadReport":
    from ingestion.load import load_entity
    from ingestion.place import Place

    settings = house.settings
    month = wanted_month(context, house.as_of)
    aside = house.folder("quarantine")
    work, known = house.folder("dlt/work"), house.suppressions
    place = Place(settings.landing, work, month, tell, aside, known)
    with house.warehouse.connect() as con:
        return load_entity(con, entity, declarations(settings), place, now=now())


def _figures(report: "LoadReport") -> dict[str, Any]:
    return {
        "files": len(report.files),
        "rows_read": report.rows_read,
        "rows_loaded": report.rows_loaded,
        "rows_quarantined": report.rows_quarantined,
        "rows_duplicate": report.rows_duplicate,
        "rows_erased": report.rows_erased,
        "notices": dg.MetadataValue.md("\n".join(f"* {n}" for n in report.notices) or "none"),
    }


def _balance(report: "LoadReport") -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        check_name="balance",
        passed=report.is_balanced,
        metadata=_figures(report),
    )


def _note(report: "LoadReport") -> str:
    parts = [f"{len(report.files)} files"] if report.files else ["nothing new"]
    if report.rows_quarantined:
        parts.append(f"{report.rows_quarantined:,} quarantined")
    if report.rows_duplicate:
        parts.append(f"{report.rows_duplicate:,} duplicate")
    if report.rows_erased:
        parts.append(f"{report.rows_erased:,} about people who were erased")
    return "\n".join([", ".join(parts), *report.notices])


def _content_digest(con: "duckdb.DuckDBPyConnection", entity: str, reads: str) -> str:
    """Raw tables are append only: their loads with rows say what is in them.

    An erasure takes its rows out of all tables at once: what is built stays built, so neither it
    nor the files that it rewrites count as news.
    """
    loads = con.execute(
        "select count(*), sum(rows_read), max(loaded_at) from raw_control.loads"
        " where entity = ? and rows_loaded + rows_quarantined + rows_erased > 0",
        [entity],
    ).fetchall()
    systems = con.execute(
        "select source_system, is_connected from raw_control.sources where entity = ? order by all",
        [entity],
    ).fetchall()
    return digest_of(reads, loads, systems)
