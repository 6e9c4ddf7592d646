"""The asset graph as text, so that a change of the flow is read in review."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import dagster as dg


def render(defs: "dg.Definitions") -> str:
    """One line per asset, in order: key, group, partitioned or not, how fresh, what it reads."""
    graph = defs.resolve_asset_graph()
    lines = []
    for key in sorted(graph.materializable_asset_keys):
        node = graph.get(key)
        reads = ", ".join(sorted(parent.to_user_string() for parent in node.parent_keys))
        months = " by month" if node.partitions_def is not None else ""
        about = f"{node.group_name}{months}{_freshness(node.freshness_policy)}"
        lines.append(f"{key.to_user_string()} [{about}] <- {reads or 'nothing'}")
    return "\n".join([*lines, ""])


def _freshness(policy: object) -> str:
    window = getattr(policy, "fail_window", None)
    return f", fresh within {window.to_timedelta().total_seconds() / 3600:g} h" if window else ""
