"""Kills, several writers, full disks and older databases leave ledger and log consistent."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from contract import crash_points
from governance.ledger import append, is_as_signed
from governance.merkle.verify import verify
from governance.tables import consent_entries, ledger_checkpoints, ledger_leaves
from tests.fixtures.ledgers import NOW, make_ledger, open_ledger, said

ROOT = Path(__file__).parents[3]


def findings(folder: Path) -> list[str]:
    engine = open_ledger(folder)
    found = verify(engine, now=NOW)
    engine.dispose()
    return [str(one) for one in found.findings]


def count(folder: Path) -> int:
    engine = open_ledger(folder)
    with engine.connect() as connection:
        found = connection.scalar(select(func.count()).select_from(consent_entries))
    engine.dispose()
    return found or 0


@pytest.mark.parametrize("n", [1, 2, 5])
def test_a_kill_between_database_and_file_is_made_up_for(tmp_path: Path, n: int) -> None:
    make_ledger(tmp_path)
    before = count(tmp_path)
    command = [sys.executable, str(Path(__file__)), str(tmp_path), str(n)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=ROOT, env=environment, check=False)
    assert done.returncode == crash_points.KILLED
    assert count(tmp_path) == before + n
    filed = (tmp_path / "ledger" / "log.txt").read_text().count("{")
    assert filed == 8 + n  # the kill came before the n-th append was filed
    assert findings(tmp_path) == []
    append(open_ledger(tmp_path), [said(1000)], now=NOW)
    assert findings(tmp_path) == []


@pytest.mark.parametrize("keep", [0.1, 0.5, 0.9, 0.99])
def test_a_batch_that_was_half_filed_is_filed_again(tmp_path: Path, keep: float) -> None:
    make_ledger(tmp_path)
    log = tmp_path / "ledger" / "log.txt"
    start = log.stat().st_size
    append(open_ledger(tmp_path), [said(number) for number in range(100, 110)], now=NOW)
    whole = log.read_bytes()
    log.write_bytes(whole[: start + int((len(whole) - start) * keep)])
    assert findings(tmp_path) == []
    assert log.read_bytes() == whole


def test_a_first_checkpoint_that_was_not_filed_is_filed(tmp_path: Path) -> None:
    make_ledger(tmp_path)
    engine = open_ledger(tmp_path / "new")
    from governance.tables import metadata

    metadata.create_all(engine)
    append(engine, [], now=NOW)
    for name in ("log.txt", "public_key.pem"):
        (tmp_path / "new" / "ledger" / name).unlink()
    append(engine, [said(1)], now=NOW)
    assert findings(tmp_path / "new") == []


def test_several_writers_at_once_make_one_log(tmp_path: Path) -> None:
    make_ledger(tmp_path)
    before = count(tmp_path)

    def write(first: int) -> None:
        engine = open_ledger(tmp_path)
        for number in range(first, first + 15):
            append(engine, [said(number), said(7000)], now=NOW)
        engine.dispose()

    writers = [threading.Thread(target=write, args=(1000 * turn,)) for turn in (1, 2, 3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert count(tmp_path) == before + 3 * 15 + 1
    assert findings(tmp_path) == []


def test_a_file_that_cannot_be_written_stops_before_the_next_entry(tmp_path: Path) -> None:
    make_ledger(tmp_path)
    log = tmp_path / "ledger" / "log.txt"
    log.rename(tmp_path / "kept")
    log.mkdir()
    before = count(tmp_path)
    with pytest.raises(OSError, match="directory"):
        append(open_ledger(tmp_path), [said(500)], now=NOW)
    assert count(tmp_path) == before
    log.rmdir()
    (tmp_path / "kept").rename(log)
    append(open_ledger(tmp_path), [said(500)], now=NOW)
    assert (count(tmp_path), findings(tmp_path)) == (before + 1, [])


def test_a_changed_ledger_still_takes_a_withdrawal_and_signs_it_not(tmp_path: Path) -> None:
    make_ledger(tmp_path)
    engine = open_ledger(tmp_path)
    with engine.begin() as connection:
        connection.execute(text("delete from ledger_checkpoints where tree_size = 27"))
    assert append(engine, [said(500)], now=NOW) == {said(500).entry_id}
    with engine.connect() as connection:
        assert connection.scalar(select(func.max(ledger_checkpoints.c.tree_size))) == 21
        assert is_as_signed(connection)
    assert findings(tmp_path)[0].startswith("entry 21: no checkpoint signs it")
    with engine.connect() as connection:
        assert not is_as_signed(connection)


def test_an_entry_taken_twice_is_one_leaf(tmp_path: Path) -> None:
    make_ledger(tmp_path)
    engine = open_ledger(tmp_path)
    assert append(engine, [said(1), said(600), said(600)], now=NOW) == {said(600).entry_id}
    assert append(engine, [said(600)], now=NOW) == set()
    with engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(ledger_leaves)) == 28


def main() -> None:
    folder, n = Path(sys.argv[1]), int(sys.argv[2])
    engine = open_ledger(folder)
    crash_points.arm("ledger.committed", n)
    for number in range(100, 120):
        append(engine, [said(number)], now=NOW)


if __name__ == "__main__":
    main()
