"""Two people who were one keep on both sides what the one refused; a yes is never handed on."""

# ruff: noqa: DTZ001 - the warehouse keeps naive UTC

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import duckdb
import pytest
from sqlalchemy import Engine

from contract.normalisation import address_hash
from governance.ledger import Entry, append, entries_about, entry_id
from governance.partings import SOURCE, carry_refusals
from orchestration.state import open_state

KEY = b"key"
BEFORE, NOW = datetime(2026, 1, 1), datetime(2026, 2, 1)


@pytest.fixture
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    opened = open_state(f"sqlite:///{tmp_path_factory.mktemp('state')}/state.db")
    yield opened
    opened.dispose()


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as warehouse:
        warehouse.execute("""
            create schema intermediate;
            create table intermediate.int_identity__resolved as select * from (values
                ('shop|1', 'shop', '1', 'c_1'), ('tills|7', 'tills', '7', 'c_1'),
                ('shop|2', 'shop', '2', 'c_2'), ('crm|2', 'crm', '2', 'c_2')
            ) as rows(record_id, source_system, customer_key, customer_id);
            create table intermediate.identity_clusters as select * from (values
                ('shop|1', 'shop|1'), ('tills|7', 'tills|7'),
                ('shop|2', 'crm|2'), ('crm|2', 'crm|2')
            ) as rows(record_id, cluster_id);
            create table intermediate.int_customers__versioned as select 'shop|1' as record_id,
                'anne@b.fr' as email, null::varchar as phone, 'FR' as country,
                null::varchar as address_line, null::varchar as postal_code, null::varchar as city
        """)
        yield warehouse


def said(key: str | None, act: str, channel: str = "email", **more: Any) -> Entry:
    system = {"1": "shop", "7": "tills", "2": "crm"}.get(key or "")
    name = f"{key}{act}{channel}{more}"
    values: dict[str, Any] = {"address_hash": None, "occurred_at": BEFORE, **more}
    return Entry(
        entry_id=entry_id("test", name), customer_key=key, source_system=system, channel=channel,
        purpose="marketing", act=act, source="test", source_key=name, known_at=BEFORE, **values,
    )  # fmt: skip


def inherited(engine: Engine, key: str) -> set[tuple[str, str]]:
    with engine.connect() as connection:
        found = entries_about(connection, [key], [])
    return {(one.channel, one.act) for one in found if one.source == SOURCE}


def test_a_refusal_of_one_record_or_address_holds_for_both_parts(
    con: duckdb.DuckDBPyConnection, engine: Engine
) -> None:
    digest = address_hash("email", "anne@b.fr", KEY)
    append(
        engine,
        [
            said("7", "withdraw", "sms"),
            said(None, "object", address_hash=digest),
            said("1", "grant", "post"),
            said("2", "withdraw"),
        ],
        now=BEFORE,
    )
    assert carry_refusals(con, engine, now=NOW, hash_key=KEY) == 4
    assert inherited(engine, "1") == {("sms", "withdraw"), ("email", "object")}
    assert inherited(engine, "7") == {("sms", "withdraw"), ("email", "object")}
    # Whoever stays one person inherits nothing, and nobody inherits a yes.
    assert inherited(engine, "2") == set()
    assert carry_refusals(con, engine, now=NOW, hash_key=KEY) == 0


def test_a_refusal_that_was_taken_back_is_not_handed_on(
    con: duckdb.DuckDBPyConnection, engine: Engine
) -> None:
    later = datetime(2026, 1, 2)
    append(engine, [said("7", "refuse"), said("7", "grant", occurred_at=later)], now=later)
    assert carry_refusals(con, engine, now=NOW, hash_key=KEY) == 0


def test_before_the_first_run_nobody_was_one_person(engine: Engine) -> None:
    with duckdb.connect() as empty:
        assert carry_refusals(empty, engine, now=NOW, hash_key=KEY) == 0
