"""What the intraday job touches: the road from what people just did to who is written to for it.

Found, not listed: the models that lie between the raw tables of the moment and the columns that
triggers ask for, the segments that ask for one of those columns, and the campaigns over them.
Views are among them: they cost little, and a step waits for another one only when every asset on
the way between them is chosen. Everything else waits for the night.
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import dagster as dg

from orchestration.assets.deliveries import delivery_key, plan_key
from orchestration.assets.landing import ENTITIES_OF_THE_MOMENT, landed_for
from orchestration.assets.people import DOORS, ENTRIES
from orchestration.assets.segments import segment_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from activation.definitions import Segment
    from ingestion.feed import Declaration
    from orchestration.delivering import Playbook

# The model whose columns triggers ask for, and the mart in which segments find them.
BROWSED, MART = "int_customers__browsed", "customer_360"

Manifest = Mapping[str, Any]


def selection(
    manifest: Manifest, declarations: "Sequence[Declaration]", playbook: "Playbook"
) -> dg.AssetSelection:
    """The assets of the job."""
    landed = landed_for(declarations)
    campaigns = trigger_campaigns(manifest, playbook)
    keys = [
        *(key for entity in ENTITIES_OF_THE_MOMENT for key in landed.get(entity, ())),
        *(dg.AssetKey(["raw_files", entity]) for entity in ENTITIES_OF_THE_MOMENT),
        *(dg.AssetKey(list(key)) for key in models(manifest)),
        ENTRIES,
        *(segment_key(name) for name in trigger_segments(manifest, playbook)),
        *(plan_key(name) for name in campaigns),
        *(delivery_key(name) for name in campaigns),
    ]
    return dg.AssetSelection.assets(*dict.fromkeys(keys))


def models(manifest: Manifest) -> list[tuple[str, str]]:
    """(schema, name) of what lies between the raw tables of the moment and the trigger columns."""
    nodes: Mapping[str, Any] = manifest["nodes"]
    by_name = {node["name"]: unique_id for unique_id, node in nodes.items() if _is_model(node)}
    if BROWSED not in by_name:
        return []
    fed = _descendants(manifest, {one for one in manifest["sources"] if _is_fast(manifest, one)})
    doors = [by_name[door.rsplit("/", 1)[1]] for door in DOORS]
    wanted = _ancestors(nodes, [by_name[BROWSED], *doors]) | {by_name[MART]}
    return sorted(
        (nodes[unique_id]["schema"], nodes[unique_id].get("alias") or nodes[unique_id]["name"])
        for unique_id in fed & wanted
        if unique_id in nodes
    )


def trigger_segments(manifest: Manifest, playbook: "Playbook") -> list[str]:
    """Segments that ask for a column which changes within the day."""
    columns = _trigger_columns(manifest)
    return [name for name, one in playbook.segments.items() if _columns_of(one) & columns]


def trigger_campaigns(manifest: Manifest, playbook: "Playbook") -> list[str]:
    """Campaigns over such segments. Files for people are written once a day."""
    chosen = set(trigger_segments(manifest, playbook))
    return [
        campaign.name
        for campaign in playbook.campaigns
        if chosen & set(campaign.segments)
        and not playbook.destinations[campaign.destination].is_file
    ]


def _trigger_columns(manifest: Manifest) -> set[str]:
    browsed = [node for node in manifest["nodes"].values() if node["name"] == BROWSED]
    return {name for node in browsed for name in node["columns"]} - {"customer_id"}


def _columns_of(segment: "Segment") -> set[str]:
    from activation.sentences import columns_used

    return {column.name for column in columns_used(segment.where)}


def _is_model(node: Mapping[str, Any]) -> bool:
    return bool(node["resource_type"] == "model")


def _is_fast(manifest: Manifest, unique_id: str) -> bool:
    source = manifest["sources"][unique_id]
    return source["schema"] == "raw_files" and source["name"] in ENTITIES_OF_THE_MOMENT


def _descendants(manifest: Manifest, found: set[str]) -> set[str]:
    from orchestration.translator import topological

    nodes, reached = manifest["nodes"], set(found)
    for unique_id in topological(manifest):
        if reached & set(nodes[unique_id]["depends_on"].get("nodes", ())):
            reached.add(unique_id)
    return reached


def _ancestors(nodes: Mapping[str, Any], start: Iterable[str]) -> set[str]:
    reached: set[str] = set()
    waiting = list(start)
    while waiting:
        unique_id = waiting.pop()
        if unique_id in nodes and unique_id not in reached:
            reached.add(unique_id)
            waiting += nodes[unique_id]["depends_on"].get("nodes", ())
    return reached
