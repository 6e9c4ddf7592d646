"""A run that fails on somebody's row says where it failed, and nothing about whose row it was."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import duckdb
import pytest

from governance.erasure.scanner import scan
from tests.fixtures.command import habitue
from tests.fixtures.inside import inside
from tests.fixtures.make_believe import MakeBelieve

pytestmark = pytest.mark.xdist_group("make_believe")

SOMEBODY = """
select email, first_name, last_name, phone from raw_files.customers
where email is not null and phone is not null and length(first_name || last_name) > 10
order by source_system, customer_key limit 1
"""
# The view under a model; and, in Python, the leaf that counts what campaigns would do.
BROKEN_VIEW = """
create or replace view staging.stg_files__customers as
select * exclude (load_id, file_name, file_line) from raw_files.customers
where case when email = '{email}' then cast(concat_ws(' ', email, first_name, last_name, phone)
    as timestamp) > known_at else true end
"""
QUERY = """query($run: ID!) { runOrError(runId: $run) { ... on Run {
    status stats { ... on RunStatsSnapshot { stepsFailed } }
    eventConnection(limit: 1000) { events { __typename
        ... on MessageEvent { message level stepKey }
        ... on ExecutionStepFailureEvent { error { message stack className
            causes { message stack } cause { message stack }
            errorChain { error { message stack } } }
            failureMetadata { label metadataEntries { label description
                ... on TextMetadataEntry { text } } } }
        ... on MaterializationEvent { metadataEntries { label ... on TextMetadataEntry { text } } }
        ... on AssetCheckEvaluationEvent { evaluation { checkName success metadataEntries {
            label ... on TextMetadataEntry { text } } } }
    } } } } }"""
FAIL = """
from datetime import date
import orchestration.delivering as delivering
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._core.workspace.load_target import ModuleTarget
from dagster_graphql.test.utils import execute_dagster_graphql
def fail(desk, **_):
    with desk.house.warehouse.connect() as con:
        con.execute(
            "select cast(concat_ws(' ', email, first_name, last_name, phone) as date)"
            " from raw_files.customers where email = ?", [EMAIL]
        )
delivering.plan = fail
month = "2026-07"
answer["done"] = [materialise(here, month, name) for name in
                  ("raw_files/survey_answers", "segments/waterfalls",
                   "intermediate/int_identity__records")]
target = ModuleTarget("orchestration.definitions", None, None, "company")
with WorkspaceProcessContext(here, target) as process:
    context = process.create_request_context()
    runs = [run.run_id for run in here.get_runs(limit=3)]
    answer["graphql"] = [
        execute_dagster_graphql(context, QUERY, {"run": run}).data for run in runs
    ]
"""


@pytest.fixture
def home(make_believe: MakeBelieve, tmp_path: Path) -> Path:
    """The company after its first run, with a row in a file that cannot be read."""
    return shutil.copytree(make_believe.first, tmp_path / "var", symlinks=True)


def test_neither_logs_nor_events_nor_answers_of_the_ui_name_whose_row_a_run_failed_on(
    home: Path,
) -> None:
    with duckdb.connect(str(home / "warehouse" / "habitue.duckdb")) as con:
        ((email, first_name, last_name, phone),) = con.execute(SOMEBODY).fetchall()
        con.execute(BROKEN_VIEW.format(email=email))
    drop_unreadable_row(home, f"{email},{first_name} {last_name},{phone}")
    canary = [email, f"{first_name} {last_name}", phone]
    code = f"EMAIL, QUERY = {email!r}, {QUERY!r}\n{FAIL}"
    answer = inside(home, code)
    assert answer["done"] == [True, False, False]
    answered = json.dumps(answer["graphql"], ensure_ascii=False)
    assert "Conversion" in answered
    assert "unreadable_row" in answered or "survey_answers" in answered
    assert not [one for one in canary if one in answered]
    again = habitue(home, "run", "--select", "intermediate/int_identity__records")
    assert again.code == 1
    assert "Conversion Error" in again.output
    assert not [one for one in canary if one in again.output]
    for place in ("logs", "dagster", "dbt", "dlt", "cache", "site"):
        if (home / place).exists():
            assert scan(home / place, canary).places() == [], place


def drop_unreadable_row(home: Path, row: str) -> None:
    folder = home / "landing" / "surveys"
    last = max(folder.glob("answers-*.csv"))
    header = last.read_text(encoding="utf-8-sig").splitlines()[0]
    (folder / "answers-2026-07.csv").write_text(f"{header}\n{row}\n", encoding="utf-8")
