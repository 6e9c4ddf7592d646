"""A change to an old entry is found by the runs themselves, without anybody asking."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from governance.ledger import append, is_as_signed
from governance.merkle.verify import verify, verify_as_due
from tests.fixtures.ledgers import NOW, make_ledger, open_ledger, said

DAY = timedelta(days=1)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Engine]:
    """Verified as a whole now, with more entries since, and number 3 changed."""
    make_ledger(tmp_path)
    engine = open_ledger(tmp_path)
    verify(engine, now=NOW)
    append(engine, [said(100), said(101)], now=NOW)
    with closing(sqlite3.connect(tmp_path / "state.db")) as con, con:
        con.execute("update consent_entries set channel = 'sms' where sequence = 3")
    yield engine
    engine.dispose()


def test_a_small_ledger_is_read_as_a_whole_at_every_run(ledger: Engine) -> None:
    found = verify_as_due(ledger, now=NOW + DAY)
    assert found.first is not None
    assert found.first.sequence == 3
    with ledger.connect() as connection:
        assert not is_as_signed(connection)


def test_a_large_ledger_is_read_as_a_whole_once_a_week(ledger: Engine) -> None:
    for days in (1, 6):
        found = verify_as_due(ledger, now=NOW + days * DAY, small=0)
        assert (found.since > 0, found.first) == (True, None)
    found = verify_as_due(ledger, now=NOW + 7 * DAY, small=0)
    assert found.first is not None
    assert (found.since, found.first.sequence) == (0, 3)


def test_a_ledger_that_was_never_read_as_a_whole_is(tmp_path: Path) -> None:
    make_ledger(tmp_path)
    engine = open_ledger(tmp_path)
    assert verify_as_due(engine, now=NOW, small=0).since == 0
    append(engine, [said(100)], now=NOW)
    assert verify_as_due(engine, now=NOW, small=0).since > 0
    assert verify_as_due(engine, now=NOW - 7 * DAY, small=0).since == 0
    engine.dispose()
