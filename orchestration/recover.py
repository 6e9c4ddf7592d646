"""Frees what a killed run left behind, and never touches a live one.

Called at the start of every run, with the lock held, and by `habitue recover`.
"""

import shutil
import uuid
from collections.abc import Iterator
from typing import TYPE_CHECKING

from orchestration.run_lock import RunLock
from orchestration.settings import Settings

if TYPE_CHECKING:
    from dagster import DagsterInstance, DagsterRun

# A worker that Dagster launched takes a moment to come as far as its own lock.
GRACE_SECONDS = 180


def recover(instance: "DagsterInstance", settings: Settings) -> list[str]:
    """Sweep if no run is live; what was done, in sentences."""
    lock = RunLock(settings.home)
    holder = lock.holder()
    if holder is not None:
        return [f"{holder} is live: nothing was touched"]
    with lock.hold(f"recover-{uuid.uuid4()}", on_wait=lambda _: None):
        return sweep(instance, settings, living=None) or ["nothing to recover"]


def sweep(instance: "DagsterInstance", settings: Settings, *, living: str | None) -> list[str]:
    """Fail orphaned runs, free their slots, remove half-built files. The lock must be held."""
    lines = [
        *_fail_orphans(instance, RunLock(settings.home), living),
        *_free_slots(instance, living),
        *_remove_half_built(settings),
    ]
    RunLock(settings.home).forget_dead_runs()
    return lines


def orphans(
    instance: "DagsterInstance", lock: RunLock, living: str | None
) -> Iterator["DagsterRun"]:
    """Runs that Dagster believes are under way and whose lock nobody holds."""
    import time

    from dagster import DagsterRunStatus, RunsFilter

    under_way = [
        DagsterRunStatus.STARTED,
        DagsterRunStatus.STARTING,
        DagsterRunStatus.CANCELING,
    ]
    for record in instance.get_run_records(RunsFilter(statuses=under_way)):
        run_id = record.dagster_run.run_id
        age = time.time() - record.update_timestamp.timestamp()
        is_young = not lock.knows(run_id) and age < GRACE_SECONDS
        if run_id != living and not lock.is_alive(run_id) and not is_young:
            yield record.dagster_run


def _fail_orphans(instance: "DagsterInstance", lock: RunLock, living: str | None) -> Iterator[str]:
    for run in list(orphans(instance, lock, living)):
        instance.report_run_failed(
            run, "The process of this run has ended without a word; habitue recover closed it."
        )
        yield f"run {run.run_id} had been killed: marked as failed"


def stale_slots(instance: "DagsterInstance", living: str | None) -> dict[str, set[str]]:
    """Pool → runs that hold a slot of it although they have ended."""
    storage = instance.event_log_storage
    stale: dict[str, set[str]] = {}
    for pool in storage.get_concurrency_keys():
        info = storage.get_concurrency_info(pool)
        for run_id in {*info.active_run_ids, *info.pending_run_ids} - {living}:
            run = instance.get_run_by_id(run_id)
            if run is None or run.is_finished:
                stale.setdefault(pool, set()).add(run_id)
    return stale


def _free_slots(instance: "DagsterInstance", living: str | None) -> Iterator[str]:
    for pool, run_ids in stale_slots(instance, living).items():
        for run_id in run_ids:
            instance.event_log_storage.free_concurrency_slots_for_run(run_id)
            yield f"pool {pool}: freed the slot of run {run_id}"


def _remove_half_built(settings: Settings) -> Iterator[str]:
    """Publications that were never switched to, and files under their temporary names."""
    home = settings.home
    for pattern in ("publications/*.tmp", "exports/**/*.tmp", "exports/*.tmp", "site.tmp*"):
        for path in home.glob(pattern):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
            yield f"removed half-built {path.relative_to(home)}"
    # Only DuckDB's spill: a Dagster UI that is open keeps its sockets in the same folder.
    for path in (home / "tmp" / "duckdb").glob("*"):
        path.unlink(missing_ok=True)
