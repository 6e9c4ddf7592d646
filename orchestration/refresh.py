"""An incremental table whose code changed starts again: its past was computed by other rules.

The digest of a model is that of its own SQL, of every macro, and of the digests of all that it
reads, up to the seeds. Descriptions do not count.
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from orchestration.built import Built, code, digest_of, digest_of_files
from orchestration.warehouse import Warehouse

if TYPE_CHECKING:
    from orchestration.tables import Relation

SUFFIX = "#sql"


class CodeDigests:
    """unique_id → digest of everything that decides what the model computes."""

    def __init__(self, manifest: Mapping[str, Any]) -> None:
        self._nodes = manifest["nodes"]
        self._macros = digest_of_files(*code("dbt_project/macros"))
        self._known: dict[str, str] = {}

    def of(self, unique_id: str) -> str:
        """The digest of one node; sources have none of their own."""
        if unique_id not in self._nodes:
            return unique_id
        if unique_id not in self._known:
            node = self._nodes[unique_id]
            parents = sorted(node["depends_on"].get("nodes", []))
            own = node["checksum"]["checksum"]
            self._known[unique_id] = digest_of(own, self._macros, [self.of(p) for p in parents])
        return self._known[unique_id]


def drop_outdated(
    warehouse: Warehouse, digests: CodeDigests, models: Mapping[str, "Relation"]
) -> list[str]:
    """Drop the incremental tables that another version of their code filled; their names."""
    built = Built(warehouse)
    keys = {unique_id: unique_id + SUFFIX for unique_id in models}
    known = built.digests(keys.values())
    outdated = [u for u, key in keys.items() if known.get(key) != digests.of(u)]
    with warehouse.connect() as con:
        for unique_id in outdated:
            schema, table = models[unique_id]
            con.execute(f'drop table if exists "{schema}"."{table}"')
    return [f"{models[u][0]}.{models[u][1]}" for u in outdated]


def remember(
    warehouse: Warehouse, digests: CodeDigests, models: Iterable[str], run_id: str
) -> None:
    """These models were filled by the present code."""
    digests_now = {unique_id + SUFFIX: digests.of(unique_id) for unique_id in models}
    if digests_now:
        Built(warehouse).remember(digests_now, run_id)
