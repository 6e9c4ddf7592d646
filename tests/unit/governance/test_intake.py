from datetime import datetime

import duckdb
import pytest
from sqlalchemy import create_engine, select
from sqlalchemy.pool import StaticPool

from contract.normalisation import address_hash
from governance.intake import take_acts
from governance.mirror import copy_entries
from governance.tables import consent_entries, ledger_intakes, metadata

NOW = datetime.fromisoformat("2018-01-01T06:00:00")
KEY = b"k" * 32


@pytest.fixture
def con():  # type: ignore[no-untyped-def]
    con = duckdb.connect()
    con.execute("create schema staging")
    con.execute(
        "create table staging.stg_files__objections (source_system text, source_key text, "
        "customer_key text, address text, channel text, purpose text, objected_at timestamp, "
        "known_at timestamp)"
    )
    return con


@pytest.fixture
def engine():  # type: ignore[no-untyped-def]
    engine = create_engine("sqlite://", poolclass=StaticPool)
    metadata.create_all(engine)
    return engine


def object_(con, key: str, customer: str | None, address: str | None, channel: str) -> None:  # type: ignore[no-untyped-def]
    con.execute(
        "insert into staging.stg_files__objections values ('letters', ?, ?, ?, ?, 'marketing', "
        "'2017-12-01', '2017-12-02')",
        [key, customer, address, channel],
    )


def test_an_intake_is_idempotent_by_source_key(con, engine) -> None:  # type: ignore[no-untyped-def]
    object_(con, "1", "7", None, "post")
    object_(con, "2", None, "Anna.B+x@gmail.com", "email")
    first = take_acts(con, engine, now=NOW, hash_key=KEY)
    second = take_acts(con, engine, now=NOW, hash_key=KEY)
    assert (first.appended_count, first.known_count) == (2, 0)
    assert (second.appended_count, second.known_count) == (0, 2)


def test_raw_addresses_are_kept_as_keyed_hashes_only(con, engine) -> None:  # type: ignore[no-untyped-def]
    object_(con, "2", None, "Anna.B+x@gmail.com", "email")
    take_acts(con, engine, now=NOW, hash_key=KEY)
    with engine.connect() as connection:
        [row] = connection.execute(select(consent_entries)).mappings()
    assert row["address_hash"] == address_hash("email", "annab@gmail.com", KEY)
    assert "anna" not in str(dict(row)).lower()


def test_an_objection_about_nobody_is_counted(con, engine) -> None:  # type: ignore[no-untyped-def]
    object_(con, "3", None, "not an address", "email")
    report = take_acts(con, engine, now=NOW, hash_key=KEY)
    assert (report.read_count, report.unusable_count) == (1, 1)


def test_an_objection_of_several_entries_is_counted_once(con, engine) -> None:  # type: ignore[no-untyped-def]
    object_(con, "1", "7", None, "post")
    take_acts(con, engine, now=NOW, hash_key=KEY)
    object_(con, "2", "8", "0612345678", "all")  # a customer, a number, and a text to match
    con.execute(
        "insert into staging.stg_files__objections values ('calls', '1', '7', null, 'phone', "
        "'marketing', '2017-12-01', '2017-12-02')"
    )
    report = take_acts(con, engine, now=NOW, hash_key=KEY)
    counts = (report.read_count, report.appended_count, report.known_count, report.unusable_count)
    assert counts == (3, 2, 1, 0)


def test_a_company_without_objections_still_brings_its_ledger_up_to_date(engine) -> None:  # type: ignore[no-untyped-def]
    report = take_acts(duckdb.connect(), engine, now=NOW, hash_key=KEY)
    assert report.read_count == 0
    with engine.connect() as connection:
        assert connection.scalar(select(ledger_intakes.c.taken_at)) == NOW


def test_the_warehouse_copy_equals_the_ledger(con, engine) -> None:  # type: ignore[no-untyped-def]
    assert copy_entries(engine, con) == 0
    object_(con, "1", "7", None, "all")
    take_acts(con, engine, now=NOW, hash_key=KEY)
    for _ in range(2):
        assert copy_entries(engine, con) == 1
        copied = con.execute("select customer_key, channel, act from raw_state.consent_entries")
        assert copied.fetchall() == [("7", "all", "object")]
