"""Decisions taken on the command line: whom an id means, what is written, what is refused."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner, Result

from orchestration.cli.identity import identity

WHO = ["--by", "Anne", "--because", "Father and son"]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home whose warehouse knows one person of two records, and another of one."""
    before = dict(os.environ)  # a command tells every library where to write
    monkeypatch.setenv("HABITUE_HOME", str(tmp_path))
    monkeypatch.setenv("HABITUE_AS_OF", "2026-01-31")
    (tmp_path / "warehouse").mkdir()
    with duckdb.connect(str(tmp_path / "warehouse" / "habitue.duckdb")) as con:
        con.execute("""
            create schema intermediate;
            create schema core;
            create table intermediate.int_identity__resolved as select * from (values
                ('shop|1', 'c_one'), ('tills|7', 'c_one'), ('crm|2', 'c_two')
            ) as rows(record_id, customer_id);
            create table core.customer_id_history as select * from (values
                ('c_one', 'c_one', 'shop|1'), ('c_seven', 'c_one', 'tills|7'),
                ('c_two', 'c_two', 'crm|2')
            ) as rows(customer_id_published, customer_id_current, record_id)
        """)
    yield tmp_path
    os.environ.clear()
    os.environ.update(before)


def call(*args: str) -> Result:
    return CliRunner().invoke(identity, list(args))


def test_an_id_of_once_means_the_record_that_it_was_founded_by(home: Path) -> None:
    done = call("unmerge", "c_one", "c_seven", *WHO)
    assert done.exit_code == 0, done.output
    assert "c_one, one person today" in done.output
    written = (home / "identity" / "overrides.csv").read_text().splitlines()
    assert written[1] == "never_same,shop|1,tills|7,Anne,2026-01-31,Father and son"
    assert "never_same" in call("overrides").output


def test_a_decision_can_be_withdrawn_and_is_still_listed(home: Path) -> None:
    assert call("merge", "shop|1", "c_two", *WHO).exit_code == 0
    assert call("withdraw", "crm|2", "shop|1", *WHO).exit_code == 0
    assert call("overrides").output == ""
    assert [line.split()[1] for line in call("overrides", "--all").output.splitlines()] == [
        "same",
        "withdrawn",
    ]


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["unmerge", "c_one", "shop|1", *WHO], "two different records"),
        (["merge", "c_one", "c_nobody", *WHO], "Nobody has the id 'c_nobody'"),
        (["withdraw", "c_one", "c_two", *WHO], "Nothing is decided about shop|1 and crm|2"),
        (["unmerge", "c_one", "tills|7", "--by", "Anne", "--because", " "], "a reason"),
    ],
)
def test_what_cannot_be_decided_is_refused_and_nothing_is_written(
    home: Path, args: list[str], said: str
) -> None:
    done = call(*args)
    assert said in str(done.exception)
    assert not (home / "identity" / "overrides.csv").exists()
