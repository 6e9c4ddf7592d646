"""dbt inside this process: parse once, build a selection, hand back what each node did."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contract.unsaid import without_values
from orchestration.settings import DBT_PROJECT, Settings
from orchestration.warehouse import release

QUIET = ["--quiet", "--log-level", "none", "--log-level-file", "none", "--no-write-json"]
_LOGGED = {"info", "warn", "error"}


class DbtFailed(Exception):  # noqa: N818 - named as in the house style
    """dbt could not start, parse or finish; the message is dbt's own."""


@dataclass(frozen=True)
class NodeResult:
    """What one model, seed or test did. status: success, pass, warn, fail, error, skipped."""

    unique_id: str
    status: str
    seconds: float
    message: str
    failures: int | None
    compiled: str = ""

    @property
    def is_well(self) -> bool:
        """Whether what depends on the node may go on."""
        return self.status in {"success", "pass", "warn"}


def manifest_path(settings: Settings) -> Path:
    """Where the parsed project lies, inside the home."""
    return settings.home / "dbt" / "target" / "manifest.json"


def is_stale(settings: Settings) -> bool:
    """Whether the project changed since it was parsed."""
    path = manifest_path(settings)
    if not path.exists():
        return True
    parsed_at = path.stat().st_mtime
    folders = [p for p in DBT_PROJECT.rglob("*") if p.is_file() or p.is_dir()]
    return any(p.stat().st_mtime > parsed_at for p in folders if "target" not in p.parts)


def load_manifest(settings: Settings) -> dict[str, Any]:
    """The parsed project; parsed now when missing or older than its files. Raises DbtFailed."""
    path = manifest_path(settings)
    if is_stale(settings):
        invoke(settings, ["parse", "--quiet", "--no-use-colors"])
        path.touch()
    manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return manifest


def build(
    settings: Settings, nodes: Sequence[str], on_node: Callable[[str], None]
) -> list[NodeResult]:
    """Build these nodes (unique names) and run the data tests among them, in the graph's order.

    Unit tests stay with the project's own tests: they say nothing about the data. Raises
    DbtFailed when dbt itself failed; a failed test is a result, not an error.
    """
    selection = ["--select", *nodes, "--indirect-selection", "empty"]
    selection += ["--exclude-resource-type", "unit_test"]
    result = invoke(settings, ["build", *QUIET, *selection], on_node)
    return [
        NodeResult(
            unique_id=node.node.unique_id,
            status=str(node.status),
            seconds=float(node.execution_time),
            message=without_values(str(node.message or "")),
            failures=node.failures,
            compiled=str(getattr(node.node, "compiled_code", None) or ""),
        )
        for node in result.results
    ]


def invoke(
    settings: Settings, args: list[str], on_node: Callable[[str], None] = lambda _: None
) -> Any:
    """Run one dbt command in this process and close its connection. Raises DbtFailed."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    log = settings.home / "dbt" / "logs" / "dbt.log"

    def heard(event: Any) -> None:
        if str(event.info.level) in _LOGGED:
            _write(log, event)
        if event.info.name in {"NodeStart", "LogStartLine"}:
            on_node(_node_name(event))

    where = ["--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT)]
    release(settings.warehouse)
    try:
        outcome = dbtRunner(callbacks=[heard]).invoke([args[0], *where, *args[1:]])
    finally:
        # dbt keeps its connection for the next command; the file must be free for the next step.
        DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]
    if outcome.exception is not None or (outcome.result is None and not outcome.success):
        said = without_values(str(outcome.exception))
        raise DbtFailed(f"dbt {args[0]}: {said}; see {log}") from None
    return outcome.result


def _write(log: Path, event: Any) -> None:
    """Dbt's own log would repeat the values on which a model failed."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("a", encoding="utf-8") as lines:
        lines.write(f"{event.info.ts.ToJsonString()} {without_values(str(event.info.msg))}\n")


def _node_name(event: Any) -> str:
    try:
        return str(event.data.node_info.node_name)
    except AttributeError:
        return ""


def selector(node: Mapping[str, Any]) -> str:
    """How to name exactly this node to dbt."""
    return "fqn:" + ".".join(node["fqn"])
