"""Start a job from the command line: in this process, on the same instance that the UI shows."""

import uuid
from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from orchestration.built import FORCE_TAG
from orchestration.declared import declarations
from orchestration.progress import ConsoleProgress
from orchestration.run_lock import Holder, RunLock
from orchestration.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dagster import DagsterInstance, Definitions


@dataclass(frozen=True)
class Request:
    """What to run. select: Dagster selections (`marts.customer_360`, `+core/fct_orders`);
    empty is everything. force: also what is unchanged.
    """

    job: str = "daily"
    select: Sequence[str] = ()
    month: str | None = None
    force: bool = False
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """How a run ended: failures name the step or check and say why."""

    run_id: str
    is_success: bool
    failures: Sequence[str]


class RunFailed(Exception):  # noqa: N818 - named as in the house style
    """A run ended with a failed step or check; the message names each."""


@contextmanager
def instance() -> "Iterator[DagsterInstance]":
    """The Dagster instance that dagster.yaml describes."""
    import logging
    import warnings

    warnings.filterwarnings("ignore", module="dagster")
    # A skipped step has no new result for its checks; Dagster warns once per check.
    logging.getLogger("dagster._core.execution.plan.active").setLevel(logging.ERROR)
    from dagster import DagsterInstance

    with DagsterInstance.get() as found:
        yield found


def launch(settings: Settings, request: Request, progress: ConsoleProgress) -> Outcome:
    """Run the request to its end. Settings must be prepared.

    Raises RunFailed when a step or a blocking check failed.
    """
    run_id = str(uuid.uuid4())
    _refuse_what_cannot_run(settings, request)
    from orchestration.house import open_warehouse

    def say(holder: Holder | None) -> None:
        progress.waiting(f"waiting for {holder or 'another run'}: one run writes at a time")

    with (
        progress.shown(),
        RunLock(settings.home).hold(run_id, on_wait=say),
        open_warehouse(settings).lingering(),
        instance() as here,
    ):
        from orchestration.definitions import build_defs

        defs = build_defs(settings, progress)
        from orchestration.partitions import month_of

        month = request.month or month_of(settings.day)
        outcome = _execute(defs, here, request, run_id, month)
    if not outcome.is_success:
        raise RunFailed("\n".join(outcome.failures) or f"run {run_id} failed; see `habitue dev`")
    return outcome


def _refuse_what_cannot_run(settings: Settings, request: Request) -> None:
    """What a person wrote wrongly is said once, before anything starts. Raises ConfigError."""
    from contract.errors import ConfigError, did_you_mean
    from orchestration.jobs import JOBS
    from orchestration.partitions import months

    declarations(settings)
    if request.job not in JOBS:
        raise ConfigError(f"--job {request.job}: no such job.{did_you_mean(request.job, JOBS)}")
    known = months(settings.day).get_partition_keys()
    if request.month is not None and request.month not in known:
        raise ConfigError(
            f"--month {request.month}: no such month; from {known[0]} to {known[-1]}, as YYYY-MM."
        )


def _execute(
    defs: "Definitions", here: "DagsterInstance", request: Request, run_id: str, month: str
) -> Outcome:
    job = defs.resolve_job_def(request.job)
    tags = {**request.tags, **({FORCE_TAG: "true"} if request.force or request.select else {})}
    result = job.execute_in_process(
        instance=here,
        run_id=run_id,
        run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        asset_selection=_keys(defs, request.select) if request.select else None,
        partition_key=month,
        tags=tags,
        raise_on_error=False,
    )
    return Outcome(run_id, result.success, list(_failures(result)))


def _keys(defs: "Definitions", select: Sequence[str]) -> list[Any]:
    """The assets that the selections name. Raises ConfigError for one that names none."""
    from dagster import AssetSelection

    from contract.errors import ConfigError, did_you_mean

    graph = defs.resolve_asset_graph()
    known = {key.to_user_string() for key in graph.get_all_asset_keys()}
    chosen: dict[Any, None] = {}
    for text in select:
        selection = text.replace(".", "/")
        plain = selection.strip("+*")
        if ":" not in selection and "/" in plain and "*" not in plain and plain not in known:
            raise ConfigError(f"--select {text}: no such asset.{did_you_mean(plain, known)}")
        quoted = selection if ":" in selection else selection.replace(plain, f'key:"{plain}"')
        found = AssetSelection.from_string(quoted).resolve(graph)
        if not found:
            raise ConfigError(f"--select {text}: it selects no asset; `habitue list --assets`.")
        chosen |= dict.fromkeys(sorted(found & graph.materializable_asset_keys))
    return list(chosen)


def _failures(result: Any) -> "Iterator[str]":
    """Steps, then checks; the run's own error only when no step says why."""
    events = [(e.event_type_value, e, e.event_specific_data) for e in result.all_events]
    steps = [f"{e.step_key}: {_reason(data)}" for kind, e, data in events if kind == "STEP_FAILURE"]
    yield from steps
    for kind, _, data in events:
        if kind == "ASSET_CHECK_EVALUATION" and not data.passed and data.severity.value == "ERROR":
            yield f"{data.asset_key.to_user_string()}: check {data.check_name} failed"
        if kind == "PIPELINE_FAILURE" and not steps:
            yield _reason(data)


def _reason(data: Any) -> str:
    said = getattr(data, "user_failure_data", None)
    if said and said.description:
        return str(said.description)
    error = data.error
    while error is not None and error.cause is not None:
        error = error.cause
    return str(error.message).strip() if error is not None else "no reason given"
