"""One asset per source: what the system has that is new lands as files, from where all files go.

A system that cannot be reached costs a warning, not the run: what it gave before stays, the other
systems are read, and its freshness tells.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from fnmatch import fnmatch
from typing import TYPE_CHECKING, Any

import dagster as dg

from contract.errors import ConfigError
from orchestration.connected import find_sources, settings_of
from orchestration.erasure_places import landed
from orchestration.house import OWNER, House
from orchestration.steps import is_of_the_moment

if TYPE_CHECKING:
    from ingestion.extract import ExtractReport
    from ingestion.feed import Declaration
    from ingestion.source import Source
    from orchestration.progress import Step

LAYER = "landing"
REACHABLE = "reachable"
NOT_CONNECTED = "not connected"
# What people do and say by the minute: what an intraday run reads.
ENTITIES_OF_THE_MOMENT = (
    "carts", "consent_events", "message_events", "objections", "order_lines", "orders",
    "preference_updates", "web_events",
)  # fmt: skip
GRACE = timedelta(hours=6)  # a day that is read a little later than yesterday is no alarm


def landing_key(system: str) -> dg.AssetKey:
    """landing/<system>."""
    return dg.AssetKey([LAYER, system])


def build_landing(declarations: "Sequence[Declaration]") -> list[dg.AssetsDefinition]:
    """The sources found in ingestion/sources, with owner and cadence from their declarations."""
    declared = {declaration.system: declaration for declaration in declarations}
    return [_landing(source, declared.get(name)) for name, source in find_sources().items()]


def landed_for(declarations: "Sequence[Declaration]") -> dict[str, list[dg.AssetKey]]:
    """Entity → landing assets whose declaration feeds it."""
    sources = find_sources()
    feeding: dict[str, set[str]] = {}
    for declaration in declarations:
        if declaration.system in sources:
            for feed in declaration.feeds:
                feeding.setdefault(feed.entity, set()).add(declaration.system)
    return {name: [landing_key(one) for one in sorted(found)] for name, found in feeding.items()}


def _landing(source: "Source", declaration: "Declaration | None") -> dg.AssetsDefinition:
    key = landing_key(source.system)
    tables = ", ".join(table.name for table in source.tables)

    @dg.asset(
        key=key,
        group_name=LAYER,
        owners=[owner_of(declaration)],
        kinds={"python", "parquet"},
        description=f"{declaration.description if declaration else source.system} Reads {tables}.",
        freshness_policy=_freshness(declaration),
        check_specs=[
            dg.AssetCheckSpec(
                REACHABLE, asset=key, description="The system answered; what it gave has landed."
            )
        ],
        required_resource_keys={"house"},
    )
    def landing(context: dg.AssetExecutionContext) -> Iterator[Any]:
        house: House = context.resources.house
        asked = source
        if is_of_the_moment(context):
            asked = of_the_moment(source, declaration)
        with house.progress.step(key.to_user_string().replace("/", ".")) as step:
            metadata, is_reached = _land(house, asked, declaration, step)
        yield dg.MaterializeResult(
            asset_key=key,
            metadata={**metadata, "run": house.run_id},
            check_results=[
                dg.AssetCheckResult(
                    check_name=REACHABLE,
                    passed=is_reached,
                    severity=dg.AssetCheckSeverity.WARN,
                    metadata=metadata,
                )
            ],
        )

    return landing


def of_the_moment(source: "Source", declaration: "Declaration | None") -> "Source":
    """The source with only the tables that change by the minute; who vanished is asked by night."""
    feeds = declaration.feeds if declaration else ()
    globs = [feed.glob for feed in feeds if feed.entity in ENTITIES_OF_THE_MOMENT]
    tables = (
        replace(table, finds_deletes=False)
        for table in source.tables
        if any(fnmatch(f"{table.name}-20260101T000000Z.parquet", glob) for glob in globs)
    )
    return replace(source, tables=tuple(tables))


def owner_of(declaration: "Declaration | None") -> str:
    """The owner that the declaration names, as Dagster writes it."""
    if declaration is None:
        return OWNER
    owner = declaration.owner
    is_whole = "@" in owner or owner.startswith("team:")
    return owner if is_whole else f"team:{owner.lower().replace(' ', '_')}"


def _freshness(declaration: "Declaration | None") -> dg.FreshnessPolicy:
    days = declaration.cadence_days if declaration else 1
    return dg.FreshnessPolicy.time_window(fail_window=timedelta(days=days) + GRACE)


def _land(
    house: House, source: "Source", declaration: "Declaration | None", step: "Step"
) -> tuple[dict[str, Any], bool]:
    """Read the source into its landing folder; figures, and whether it answered.

    Raises ConfigError for a connected system whose deliveries no declaration would load.
    """
    from ingestion.errors import SourceUnavailable
    from ingestion.extract import extract
    from ingestion.place import Place
    from ingestion.scrub import scrub_landed

    told = settings_of(source, house.settings)
    if told is None:
        step.note = NOT_CONNECTED
        return {"status": NOT_CONNECTED}, True
    if declaration is None:
        raise ConfigError(
            f"{source.system} is connected, but {house.settings.declarations / source.system}.yml "
            "is missing: nothing would load what it gives. Write it (docs/systems.md), or unset "
            + ", ".join(f"HABITUE_{name.upper()}" for name in source.settings)
            + "."
        )
    known, work = house.suppressions, house.folder("dlt/work")
    place = Place(house.settings.landing, work, None, step.update, suppressions=known)
    before = _files(house, source) if known else set()
    try:
        report = extract(source, told, place, now=house.clock)
    except SourceUnavailable as error:
        step.note = f"\nnot reached, what it gave before stays: {error}"
        return {"status": "not reached", "reason": str(error)}, False
    if known:
        fresh = _files(house, source) - before
        scrub_landed(landed(house.settings), known, only=fresh)
    step.rows = sum(table.landed for table in report.tables)
    step.note = _note(report)
    return _figures(report), True


def _files(house: House, source: "Source") -> set[tuple[str, str]]:
    folder = house.settings.landing / source.system
    return {(source.system, path.name) for path in folder.glob("*.parquet")}


def _note(report: "ExtractReport") -> str:
    news = [f"{table.name} {table.landed:,}" for table in report.tables if table.landed]
    gone = sum(table.deleted for table in report.tables)
    parts = [", ".join(news) or "nothing new", *([f"{gone:,} deleted there"] if gone else [])]
    return "\n".join(["; ".join(parts), *report.notices])


def _figures(report: "ExtractReport") -> dict[str, Any]:
    return {
        "status": "read",
        "rows_read": sum(table.rows for table in report.tables),
        "rows_landed": sum(table.landed for table in report.tables),
        "pages": sum(table.pages for table in report.tables),
        "deleted": sum(table.deleted for table in report.tables),
        "tables": dg.MetadataValue.json(
            {
                table.name: {
                    "rows": table.rows,
                    "landed": table.landed,
                    "stated": table.stated_count,
                }
                for table in report.tables
            }
        ),
        "notices": dg.MetadataValue.md("\n".join(f"* {n}" for n in report.notices) or "none"),
    }
