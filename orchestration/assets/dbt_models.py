"""One asset per dbt model and seed, one check per dbt test.

Dagster splits the one function into as many dbt calls as the Python steps in between ask for:
before identity, before the scores, after them.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg

from orchestration import cut_offs, dbt, refresh
from orchestration.built import code, digest_of_files
from orchestration.house import POOL, House, now
from orchestration.lineage import LineageBook, as_metadata
from orchestration.partitions import wanted_month
from orchestration.settings import Settings
from orchestration.steps import Work, working
from orchestration.tables import read_schemas, read_tables, table_metadata

Manifest = Mapping[str, Any]


def build_dbt_models(
    settings: Settings, months: dg.PartitionsDefinition[str]
) -> dg.AssetsDefinition:
    """The models of dbt_project as assets."""
    from dagster_dbt import dbt_assets

    from orchestration.translator import Translator, topological

    manifest = dbt.load_manifest(settings)
    translator = Translator(manifest, months)
    order = topological(manifest)
    keys = {
        unique_id: translator.get_asset_key(manifest["nodes"][unique_id]) for unique_id in order
    }
    project = digest_of_files(
        *code(
            "dbt_project/models",
            "dbt_project/macros",
            "dbt_project/seeds",
            "dbt_project/dbt_project.yml",
        )
    )

    @dbt_assets(
        manifest=manifest,
        name="dbt_models",
        dagster_dbt_translator=translator,
        exclude="resource_type:unit_test",
        pool=POOL,
        required_resource_keys={"house"},
    )
    def dbt_models(context: dg.AssetExecutionContext) -> Iterator[Any]:
        house: House = context.resources.house
        chosen = [u for u in order if keys[u] in context.selected_asset_keys]
        with working(context, house, reads=project, name=_title(chosen, manifest)) as work:
            if work.skipped_since is not None:
                for unique_id in chosen:
                    yield dg.MaterializeResult(asset_key=keys[unique_id], metadata=work.metadata())
                return
            _ask_for_features(context, house)
            yield from _build(context, house, _Graph(manifest, keys, chosen), work)

    return dbt_models


class _Graph:
    """The chosen part of the dbt graph: what to build and how it is called in Dagster."""

    def __init__(
        self, manifest: Manifest, keys: Mapping[str, dg.AssetKey], chosen: list[str]
    ) -> None:
        self.nodes: Mapping[str, Any] = manifest["nodes"]
        self.manifest, self.keys, self.chosen = manifest, keys, chosen
        self.digests = refresh.CodeDigests(manifest)

    def incremental(self) -> dict[str, tuple[str, str]]:
        """The chosen models that keep their past, with their tables."""
        kinds = {u: self.nodes[u]["config"].get("materialized") for u in self.chosen}
        return {u: self.relation(u) for u, kind in kinds.items() if kind == "incremental"}

    def tests(self, context: dg.AssetExecutionContext) -> dict[str, dg.AssetCheckKey]:
        """unique_id of each chosen test → its check."""
        specs = context.assets_def.check_specs_by_output_name.values()
        return {
            str(spec.metadata["dagster_dbt/unique_id"]): spec.key
            for spec in specs
            if spec.metadata and spec.key in context.selected_asset_check_keys
        }

    def relation(self, unique_id: str) -> tuple[str, str]:
        """(schema, table) of a node or source."""
        node = self.nodes.get(unique_id) or self.manifest["sources"][unique_id]
        return node["schema"], node.get("alias") or node.get("identifier") or node["name"]

    def parents(self, unique_id: str) -> list[tuple[str, str]]:
        """Relations that a model reads."""
        read = self.nodes[unique_id]["depends_on"]["nodes"]
        return [self.relation(p) for p in read if p in self.nodes or p.startswith("source")]

    def descriptions(self, unique_id: str) -> dict[str, str]:
        """Column → description, from the yml."""
        columns = self.nodes[unique_id]["columns"].values()
        return {c["name"]: c.get("description", "") for c in columns}

    def all_keys(self) -> dict[tuple[str, str], dg.AssetKey]:
        """(schema, table) → asset, for every model and every source that is one."""
        found = {self.relation(u): key for u, key in self.keys.items()}
        for unique_id, source in self.manifest["sources"].items():
            found[self.relation(unique_id)] = dg.AssetKey([source["schema"], source["name"]])
        return found


def _title(chosen: list[str], manifest: Manifest) -> str:
    layers = dict.fromkeys(manifest["nodes"][u]["schema"] for u in chosen)
    return f"dbt: {', '.join(layers)}"


def _ask_for_features(context: dg.AssetExecutionContext, house: House) -> None:
    """A run of a past month computes that month's cut-offs anew."""
    month = wanted_month(context, house.as_of)
    if month is not None:
        with house.warehouse.connect() as con:
            days = cut_offs.ask_for_cut_offs(con, month, now())
        context.log.info(f"cut-offs computed anew: {[str(day) for day in days]}")


def _build(
    context: dg.AssetExecutionContext, house: House, graph: _Graph, work: Work
) -> Iterator[Any]:
    tests = graph.tests(context)
    names = [dbt.selector(graph.nodes[u]) for u in [*graph.chosen, *tests]]
    incremental = graph.incremental()
    for name in refresh.drop_outdated(house.warehouse, graph.digests, incremental):
        context.log.info(f"{name} starts again: its code changed")
    results = {r.unique_id: r for r in dbt.build(house.settings, names, work.step.update)}
    built = [u for u in graph.chosen if u in results and results[u].is_well]
    filled = [u for u in incremental if u in built]
    refresh.remember(house.warehouse, graph.digests, filled, house.run_id)
    work.step.note = f"{len(built)} tables and views, {len(tests)} tests"
    yield from _materialized(house, graph, built, results)
    for unique_id, check in tests.items():
        if unique_id in results and results[unique_id].status != "skipped":
            yield _checked(check, results[unique_id])
    failed = [r for r in results.values() if not r.is_well and r.status != "skipped"]
    if failed:
        first = "\n".join(f"{r.unique_id}: {r.status}: {r.message}" for r in failed[:10])
        raise dg.Failure(f"{len(failed)} dbt nodes failed\n{first}", allow_retries=False)


def _materialized(
    house: House, graph: _Graph, built: list[str], results: Mapping[str, dbt.NodeResult]
) -> Iterator[dg.MaterializeResult[None]]:
    with house.warehouse.connect() as con:
        schemas = read_schemas(con)
        tables = read_tables(con, [graph.relation(u) for u in built])
    book, keys = LineageBook(house.settings.home / "dbt" / "lineage", schemas), graph.all_keys()
    for unique_id in built:
        result, table = results[unique_id], tables.get(graph.relation(unique_id))
        metadata: dict[str, Any] = {"seconds": result.seconds, "run": house.run_id}
        if table is not None:
            metadata |= table_metadata(table, graph.descriptions(unique_id))
        if result.compiled:
            trace = book.trace(result.compiled, graph.parents(unique_id))
            metadata["dagster/column_lineage"] = as_metadata(trace, keys)
        yield dg.MaterializeResult(asset_key=graph.keys[unique_id], metadata=metadata)


def _checked(check: dg.AssetCheckKey, result: dbt.NodeResult) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        asset_key=check.asset_key,
        check_name=check.name,
        passed=result.status == "pass",
        severity=dg.AssetCheckSeverity.WARN
        if result.status == "warn"
        else dg.AssetCheckSeverity.ERROR,
        metadata={"failures": result.failures or 0, "message": result.message},
    )
