"""Two runs at once take turns, a killed run is closed, and nothing shown holds a secret."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from contract.crash_points import KILLED
from orchestration.settings import SOURCE_SETTINGS
from tests.fixtures.command import ROOT, environment, habitue
from tests.fixtures.inside import inside

RECOVERED = """
from dagster import DagsterRun, DagsterRunStatus
from orchestration.recover import recover, sweep

def statuses():
    return {run.run_id: run.status.value for run in here.get_runs()}

def claims():
    pool = here.event_log_storage.get_concurrency_info("warehouse")
    return [slot.run_id for slot in pool.claimed_slots]

killed = next(run for run, status in statuses().items() if status == "STARTED")
answer["claimed_by_the_killed"] = claims() == [killed]
live = "00000000-0000-4000-8000-000000000000"
here.add_run(DagsterRun(job_name="daily", run_id=live, status=DagsterRunStatus.STARTED))
with RunLock(settings.home).hold(live, on_wait=print):
    answer["refused"] = recover(here, settings)
    answer["while_live"] = statuses()[killed]
    answer["lines"] = sweep(here, settings, living=None)  # as a run does that holds the lock
    answer["live"] = statuses()[live]
answer["killed"] = statuses()[killed]
answer["slots"] = len(claims())
here.delete_run(live)
answer["again"] = recover(here, settings)
answer["works"] = materialise(here, "2018-01", "segments/new_customers")
"""

EXPOSED = """
from dagster._core.remote_representation.external_data import RepositorySnap
from dagster._serdes import serialize_value
shown = serialize_value(RepositorySnap.from_def(defs.get_repository_def()))
answer["length"] = len(shown)
answer["secrets"] = [name for name in sys.argv[1:] if name in shown]
"""


def test_two_runs_at_once_take_turns(small_company: Path, copy_of: Callable[[Path], Path]) -> None:
    home = copy_of(small_company)
    command = [sys.executable, "-m", "orchestration.cli.main", "run", "--select"]
    both = [
        subprocess.Popen(
            [*command, f"segments/{name}"],
            cwd=ROOT,
            env=environment(home),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for name in ("new_customers", "coupon_lovers")
    ]
    said = [process.communicate()[0] for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    waited = [text for text in said if "waiting for run" in text]
    assert len(waited) == 1
    other = next(process for process, text in zip(both, said, strict=True) if text != waited[0])
    assert f"process {other.pid}" in waited[0]


def test_a_killed_run_is_closed_and_a_live_one_left_alone(
    small_company: Path, copy_of: Callable[[Path], Path]
) -> None:
    home = copy_of(small_company)
    crash = {"HABITUE_CRASH_AT": "segments.written:1"}
    assert habitue(home, "run", "--select", "segments/new_customers", more=crash).code == KILLED
    answer = inside(home, RECOVERED)
    assert answer["claimed_by_the_killed"]
    assert "is live: nothing was touched" in answer["refused"][0]
    assert answer["while_live"] == "STARTED"
    assert answer["live"] == "STARTED"
    assert answer["killed"] == "FAILURE"
    assert any("had been killed" in line for line in answer["lines"])
    assert any("freed the slot" in line for line in answer["lines"])
    assert answer["slots"] == 0
    assert answer["again"] == ["nothing to recover"]
    assert answer["works"]


def secrets_of(home: Path) -> list[str]:
    settings = (home / "settings.env").read_text()
    webhook = settings.partition("HABITUE_WEBHOOK_SECRET=")[2].split()[0]
    return [webhook, (home / "state" / "pseudonym.key").read_text().strip()]


def test_no_secret_is_in_what_dagster_keeps_shows_or_logs(small_company: Path) -> None:
    secrets = secrets_of(small_company)
    assert all(len(secret) >= 32 for secret in secrets)
    kept = [
        path
        for folder in ("dagster", "logs", "dbt")
        for path in (small_company / folder).rglob("*")
        if path.is_file()
    ]
    assert any(path.suffix == ".db" for path in kept)
    found = [p for p in kept if any(secret.encode() in p.read_bytes() for secret in secrets)]
    assert found == []


def test_no_secret_is_in_the_definitions_that_the_ui_is_served(
    small_company: Path, copy_of: Callable[[Path], Path]
) -> None:
    home = copy_of(small_company)
    connected = {f"HABITUE_{name.upper()}": f"canary-of-{name}" for name in SOURCE_SETTINGS}
    secrets = [*secrets_of(home), *connected.values()]
    wanted = f"sys.argv = ['', {', '.join(map(repr, secrets))}]\n"
    answer = inside(home, wanted + EXPOSED, connected)
    assert answer["length"] > 100_000
    assert answer["secrets"] == []
