from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from contract.gate import RecordKey
from governance.erasure.people import keys_of_others
from governance.ledger import Entry, append, entry_id, erase_about
from governance.merkle.numbers import read_numbers, written_numbers
from governance.tables import consent_entries, ledger_erased, ledger_leaves
from orchestration.state import open_state

NOW = datetime.fromisoformat("2026-07-01T06:00:00")


@pytest.fixture
def engine(tmp_path: Path):  # type: ignore[no-untyped-def]
    engine = open_state(f"sqlite:///{tmp_path}/state.db")
    yield engine
    engine.dispose()


def said(
    number: int, key: str | None, system: str | None, address: str | None = None, act: str = "grant"
) -> Entry:
    return Entry(
        entry_id("test", str(number)), key, system, address, "email", "marketing", act, "test",
        str(number), NOW, NOW + timedelta(seconds=number),
    )  # fmt: skip


def test_entries_of_a_person_leave_and_their_commitments_stay(engine, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    entries = [
        said(1, "anna-7", "shop"),
        said(2, "anna-7", "tool"),  # the same key in another system is somebody else
        said(3, "anna-7", None),
        said(4, None, None, "hash-of-anna"),
        said(5, "8", "shop"),
    ]
    append(engine, entries, now=NOW)
    erased = erase_about(engine, [RecordKey("shop", "anna-7")], ["hash-of-anna"], now=NOW)
    with engine.connect() as connection:
        left = set(connection.scalars(select(consent_entries.c.source_key)))
        gone = set(connection.scalars(select(ledger_erased.c.sequence)))
        leaves = connection.scalar(select(func.count()).select_from(ledger_leaves))
        [proof] = connection.scalars(
            select(consent_entries.c.proof).where(consent_entries.c.act == "erase")
        )
    assert erased == 3
    assert left == {"2", "5", "0,2-3"}
    assert gone == {0, 2, 3} == set(read_numbers(proof))
    assert leaves == 6
    assert b"hash-of-anna" not in b"".join(path.read_bytes() for path in tmp_path.glob("state.db*"))


@pytest.mark.parametrize("is_known_to_the_ledger", [True, False])
def test_a_refusal_under_a_key_that_somebody_else_has_too_stays(
    engine,  # type: ignore[no-untyped-def]
    is_known_to_the_ledger: bool,
) -> None:
    other = [said(2, "anna-7", "tool")] * is_known_to_the_ledger
    append(engine, [said(1, "anna-7", None, act="object"), *other, said(3, "8", None)], now=NOW)
    shared = [] if is_known_to_the_ledger else ["anna-7"]
    mine = [RecordKey("shop", "anna-7"), RecordKey("shop", "8")]
    assert erase_about(engine, mine, [], now=NOW, shared_keys=shared) == 1
    # Nobody is left whose word it could be: the last one takes it along.
    assert erase_about(engine, [*mine, RecordKey("tool", "anna-7")], [], now=NOW) == 1 + len(other)


def test_whose_keys_others_have_too_is_read_from_the_warehouse() -> None:
    with duckdb.connect() as con:
        con.execute("create schema intermediate")
        con.execute(
            "create table intermediate.int_identity__resolved as select * from (values"
            " ('shop', '7'), ('tool', '7'), ('shop', '8'), ('tool', '9'))"
            " as rows(source_system, customer_key)"
        )
        assert keys_of_others(con, [("shop", "7"), ("shop", "8")]) == {"7"}


def test_erasing_nobody_writes_nothing(engine) -> None:  # type: ignore[no-untyped-def]
    append(engine, [said(1, "7", "shop")], now=NOW)
    assert erase_about(engine, [RecordKey("shop", "8")], [], now=NOW) == 0
    with engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(consent_entries)) == 1


def test_an_entry_that_no_erasure_names_cannot_be_deleted(engine) -> None:  # type: ignore[no-untyped-def]
    append(engine, [said(1, "7", "shop"), said(2, "8", "shop")], now=NOW)
    for table in ("consent_entries", "ledger_leaves"):
        with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
            connection.execute(text(f"delete from {table} where sequence = 1"))


@settings(derandomize=True)
@given(st.sets(st.integers(0, 3_000_000), min_size=1), st.integers(15, 80))
def test_lists_of_numbers_are_read_as_they_were_written(numbers: set[int], length: int) -> None:
    written = list(written_numbers(sorted(numbers), length))
    assert all(len(part) <= length for part in written)
    assert [one for part in written for one in read_numbers(part)] == sorted(numbers)
