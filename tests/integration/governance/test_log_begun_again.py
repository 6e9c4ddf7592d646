"""A changed ledger whose backups are lost is signed anew, with what ended kept."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from contract.gate import RecordKey
from governance.ledger import append, erase_about, is_as_signed
from governance.merkle.beginning import begin_again
from governance.merkle.keeper import Keeper, keep
from governance.merkle.verify import verify
from orchestration.state import open_state
from tests.fixtures.ledgers import ERASED_KEY, NOW, said


def test_a_log_begun_again_is_well_and_the_ended_one_kept(tmp_path: Path) -> None:
    engine = open_state(f"sqlite:///{tmp_path}/state.db")
    keep(engine, Keeper(tmp_path / "ledger"))
    append(engine, [said(number) for number in range(1, 21)], now=NOW)
    erase_about(engine, [RecordKey("shop", ERASED_KEY)], [], now=NOW)
    with engine.begin() as connection:
        connection.execute(text("drop trigger ledger_checkpoints_no_delete"))
        connection.execute(text("delete from ledger_checkpoints"))
    append(engine, [said(21)], now=NOW)
    assert verify(engine, now=NOW).findings
    ended = begin_again(engine, by="Anne", because="a disk", now=NOW)
    assert verify(engine, now=NOW).findings == ()
    with engine.connect() as connection:
        assert is_as_signed(connection)
        count = connection.scalar(text("select count(*) from consent_entries"))
        assert connection.scalar(text("select max(sequence) from ledger_leaves")) == count - 1 == 18
    kept = json.loads((ended / "database.json").read_text())
    assert (kept["by"], kept["erased"], len(kept["leaves"])) == ("Anne", ["4,15"], 22)
    assert (ended / "log.txt").read_text().count("{") == 3
    append(engine, [said(22)], now=NOW)
    assert verify(engine, now=NOW).findings == ()
    with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
        connection.execute(text("delete from consent_entries"))
    engine.dispose()
