"""What left a person at a parting is known until it is with its founder again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from sqlalchemy import Engine

from contract.gate import RecordKey
from contract.normalisation import address_hash
from governance.departures import departed_of, note_departures
from governance.split_people import founded_id
from orchestration.state import open_state

KEY = b"key"
FOUNDER, OTHER = RecordKey("shop", "1"), RecordKey("tills", "7")
ANNE = founded_id(FOUNDER)
PHONE = address_hash("phone", "+33612345678", KEY)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    opened = open_state(f"sqlite:///{tmp_path}/state.db")
    yield opened
    opened.dispose()


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    """One person of two records, of which the second is somebody else by now."""
    with duckdb.connect() as warehouse:
        warehouse.execute(f"""
            create schema intermediate;
            create table intermediate.int_identity__resolved as select * from (values
                ('shop|1', 'shop', '1', '{ANNE}'), ('tills|7', 'tills', '7', '{ANNE}')
            ) as rows(record_id, source_system, customer_key, customer_id);
            create table intermediate.identity_clusters as select * from (values
                ('shop|1', 'shop|1'), ('tills|7', 'tills|7')
            ) as rows(record_id, cluster_id);
            create table intermediate.int_customers__versioned as select * from (values
                ('shop|1', 'anne@b.fr', null), ('tills|7', 'anne@b.fr', '+33612345678')
            ) as rows(record_id, email, phone), (select 'FR' as country,
                null::varchar as address_line, null::varchar as postal_code, null::varchar as city)
        """)
        yield warehouse


def gone(engine: Engine) -> tuple[frozenset[RecordKey], frozenset[str]]:
    with engine.connect() as connection:
        return departed_of(connection, ANNE)


def test_a_record_that_left_takes_along_the_addresses_that_only_it_had(
    con: duckdb.DuckDBPyConnection, engine: Engine
) -> None:
    for _ in range(2):  # a run that was killed does it again
        assert note_departures(con, engine, hash_key=KEY) == 1
        assert gone(engine) == ({OTHER}, {PHONE})


def test_who_is_with_the_founder_again_has_not_left(
    con: duckdb.DuckDBPyConnection, engine: Engine
) -> None:
    note_departures(con, engine, hash_key=KEY)
    con.execute("update intermediate.int_identity__resolved set customer_id = 'c_new'"
                " where record_id = 'tills|7'")  # fmt: skip
    assert note_departures(con, engine, hash_key=KEY) == 0
    assert gone(engine) == ({OTHER}, {PHONE})
    con.execute("update intermediate.identity_clusters set cluster_id = 'shop|1'")
    assert note_departures(con, engine, hash_key=KEY) == 0
    assert gone(engine) == (frozenset(), frozenset())


def test_without_their_founder_all_have_left(
    con: duckdb.DuckDBPyConnection, engine: Engine
) -> None:
    con.execute("update intermediate.int_identity__resolved set customer_id = 'c_older'")
    assert note_departures(con, engine, hash_key=KEY) == 2
