"""How a dbt node becomes a Dagster asset: key, group, owner, kinds and description from its yml."""

from collections.abc import Mapping
from datetime import timedelta
from functools import cached_property
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, DbtProject

from orchestration.house import OWNER

# dbt source → how many Python steps lie before what it holds.
STAGES = {"identity": 1, "raw_state": 1, "ml": 2, "scenarios": 3}
# Marts are made every day: two hours late is worth a look, six hours late is an alarm.
FRESH_MARTS = dg.FreshnessPolicy.time_window(
    warn_window=timedelta(hours=26), fail_window=timedelta(hours=30)
)


class Translator(DagsterDbtTranslator):
    """`marts.customer_360` in SQL is marts/customer_360 in Dagster; nothing is repeated here."""

    def __init__(self, manifest: Mapping[str, Any], months: dg.PartitionsDefinition[str]) -> None:
        super().__init__(DagsterDbtTranslatorSettings(enable_asset_checks=True))
        self._nodes = manifest
        self._months = months

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        """Layer and name; a source may name its asset itself."""
        named = _dagster_meta(dbt_resource_props).get("asset_key")
        schema = dbt_resource_props["schema"]
        name = dbt_resource_props.get("identifier") or dbt_resource_props["name"]
        return dg.AssetKey(named or [schema, name])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """The layer."""
        return str(dbt_resource_props["schema"])

    def get_owners(self, dbt_resource_props: Mapping[str, Any]) -> list[str]:
        """The owner in the model's yml, else the data team."""
        return [_meta(dbt_resource_props).get("owner", OWNER)]

    def get_description(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """The description alone; the SQL is one click away in the repository."""
        return str(dbt_resource_props.get("description", ""))

    def get_partitions_def(
        self, dbt_resource_props: Mapping[str, Any]
    ) -> dg.PartitionsDefinition[str] | None:
        """Features are computed per cut-off, so that a month of them can be computed anew."""
        return self._months if dbt_resource_props["schema"] == "features" else None

    def get_asset_spec(
        self, manifest: Mapping[str, Any], unique_id: str, project: DbtProject | None
    ) -> dg.AssetSpec:
        """A mart also says how old it may become; a skipped run counts, it looked."""
        spec = super().get_asset_spec(manifest, unique_id, project)
        if spec.key.path[0] != "marts":
            return spec
        fresh: dg.AssetSpec = dg.apply_freshness_policy(spec, FRESH_MARTS)
        return fresh

    def get_asset_check_spec(
        self,
        asset_spec: dg.AssetSpec,
        manifest: Mapping[str, Any],
        unique_id: str,
        project: DbtProject | None,
    ) -> dg.AssetCheckSpec | None:
        """Every dbt test is a check of its deepest model: it can only run when that one stands."""
        test = manifest["nodes"][unique_id]
        parents = [p for p in test["depends_on"]["nodes"] if p in self._order]
        if not parents:
            return None
        deepest = max(parents, key=self._order.__getitem__)
        if self.get_asset_key(manifest["nodes"][deepest]) != asset_spec.key:
            return None
        others = {self.get_asset_key(manifest["nodes"][p]) for p in parents} - {asset_spec.key}
        return dg.AssetCheckSpec(
            name=test["name"],
            asset=asset_spec.key,
            additional_deps=sorted(others, key=str),
            description=test.get("description") or None,
            blocking=test["config"].get("severity", "ERROR").lower() == "error",
            metadata={"dagster_dbt/unique_id": unique_id},
        )

    @cached_property
    def _order(self) -> dict[str, tuple[int, int]]:
        """How deep a model lies: first by the Python steps before it, then in the graph.

        A check of an early model must not wait for a model behind a Python step that itself
        waits for the early one: the steps would wait for each other.
        """
        stages: dict[str, int] = {}
        order: dict[str, tuple[int, int]] = {}
        for number, unique_id in enumerate(topological(self._nodes)):
            read = self._nodes["nodes"][unique_id]["depends_on"].get("nodes", [])
            stages[unique_id] = max(
                (stages.get(p, STAGES.get(p.split(".")[2], 0)) for p in read), default=0
            )
            order[unique_id] = (stages[unique_id], number)
        return order


def topological(manifest: Mapping[str, Any]) -> list[str]:
    """Models and seeds, each after everything it reads."""
    from graphlib import TopologicalSorter

    nodes = {
        unique_id: sorted(p for p in node["depends_on"].get("nodes", []) if p in manifest["nodes"])
        for unique_id, node in manifest["nodes"].items()
        if node["resource_type"] in {"model", "seed", "snapshot"}
    }
    return list(TopologicalSorter(nodes).static_order())


def _meta(props: Mapping[str, Any]) -> Mapping[str, Any]:
    meta: Mapping[str, Any] = props.get("config", {}).get("meta") or props.get("meta") or {}
    return meta


def _dagster_meta(props: Mapping[str, Any]) -> Mapping[str, Any]:
    dagster: Mapping[str, Any] = _meta(props).get("dagster", {})
    return dagster
