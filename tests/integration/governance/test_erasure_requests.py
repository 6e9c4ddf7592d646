"""Who a request means, and everything that is theirs alone: for many people at once."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from time import process_time

import duckdb
import pytest
from sqlalchemy import Engine, select

from contract.entity import load_entities
from contract.errors import ConfigError
from contract.normalisation import address_hash
from governance.erasure import people, saga
from governance.erasure.access import collect
from governance.erasure.gathering import gather
from governance.erasure.identifiers import home_key
from governance.erasure.requests import Desk, request_erasure, take_requests
from governance.erasure.suppression_list import read_suppressions
from governance.erasure.tables import erasures
from ingestion.raw_tables import prepare
from orchestration.state import open_state

NOW = datetime.fromisoformat("2030-01-01T12:00:00")
KEY = b"h" * 32
TABLES = """
create schema intermediate; create schema core;
create table intermediate.int_identity__resolved
    (record_id varchar, source_system varchar, customer_key varchar, customer_id varchar);
create table intermediate.int_identity__observed
    (record_id varchar, identifier_kind varchar, identifier_value varchar);
create table core.customer_id_history
    (customer_id_published varchar, customer_id_current varchar);
create table intermediate.int_devices__owned (device_id varchar, customer_id varchar);
create table intermediate.int_addresses__resolved
    (kind varchar, value varchar, customer_id varchar);
"""
# Key, customer, e-mail, street, postal code, city. Ann and Bob live together.
PEOPLE = [
    ("1", "c_ella", "ella.canary@example.org", "12 rue de l'Étang", "75011", "Paris"),
    ("2", "c_ann", "ann.family@example.org", "3 chemin du Lac", "74000", "Annecy"),
    ("3", "c_bob", "bob.family@example.org", "3 Chemin du lac", "74000", "ANNECY"),
    ("4", "c_ann", "ann.second@example.org", None, None, None),
]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    engine = open_state(f"sqlite:///{tmp_path / 'state' / 'state.db'}")
    with duckdb.connect() as con:
        prepare(con, load_entities())
        con.execute(TABLES)
        for key, customer, email, street, code, city in PEOPLE:
            add(con, (key, customer, email), (street, code, city))
        keys = saga.Keys(KEY, home_key(tmp_path / "state"))
        yield Desk(con, engine, load_entities(), keys, NOW)
    engine.dispose()


def add(con: duckdb.DuckDBPyConnection, who: tuple, where: tuple = (None, None, None)) -> None:
    key, customer, email = who
    con.execute(
        """insert into raw_files.customers (customer_key, customer_system, source_system, email,
            address_line, postal_code, city) values (?, 'shop', 'shop', ?, ?, ?, ?)""",
        [key, email, *where],
    )
    con.execute("insert into intermediate.int_identity__resolved values (?, 'shop', ?, ?)",
                [f"shop|{key}", key, customer])  # fmt: skip
    con.execute("insert into intermediate.int_identity__observed values (?, 'email', ?)",
                [f"shop|{key}", email])  # fmt: skip


def ask(desk: Desk, key: str, customer: str | None, email: str | None) -> None:
    desk.con.execute(
        """insert into raw_files.erasure_requests (source_system, erasure_request_key,
            customer_system, customer_key, email, door, requested_at, is_deleted)
        values ('preferences', ?, 'shop', ?, ?, 'letter', ?, false)""",
        [key, customer, email, NOW],
    )


def open_ones(desk: Desk) -> dict[str, saga.Open]:
    found = saga.open_erasures(desk.engine, desk.keys)
    return {one.person.customer_ids[0] if one.person.customer_ids else "": one for one in found}


def reasons(engine: Engine) -> list[tuple[str, str]]:
    columns = (erasures.c.requested_by, erasures.c.because)
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(select(*columns))]


def test_a_letter_that_gave_a_postal_address_only_is_forgotten_with_the_person(desk):
    request_erasure(desk, ["c_ella"], by="dpo", because="letter 12")
    person = open_ones(desk)["c_ella"].person
    assert person.posts == ("12 rue de l'Étang 75011 Paris",)
    written = "12, RUE DE L'ETANG, 75011 PARIS"
    assert address_hash("post", written, KEY) in person.address_hashes(KEY)
    assert read_suppressions(desk.engine, KEY).forgotten_since(("post",), written, "") == NOW


def test_an_address_of_two_stays_with_the_one_who_asked_for_nothing(desk):
    request_erasure(desk, ["c_ann"], by="dpo", because="letter 12")
    person = open_ones(desk)["c_ann"].person
    assert (person.posts, person.names) == ((), ())
    assert person.records == (("shop", "2"), ("shop", "4"))
    request_erasure(desk, ["c_bob"], by="dpo", because="letter 13")
    assert open_ones(desk)["c_bob"].person.posts == ()


def test_whom_two_people_share_goes_when_both_ask(desk):
    request_erasure(desk, ["c_ann", "c_bob"], by="dpo", because="letter 12")
    assert open_ones(desk)["c_ann"].person.posts == ("3 chemin du Lac 74000 Annecy",)
    assert open_ones(desk)["c_bob"].person.posts == ("3 Chemin du lac 74000 ANNECY",)


def test_requests_find_people_by_record_and_by_any_spelling_of_an_address(desk):
    ask(desk, "by record", "1", None)
    ask(desk, "by address", None, "Ann.Family+news@EXAMPLE.org")
    ask(desk, "unknown record, another's address", "77", "bob.family@example.org")
    ask(desk, "nobody", "88", None)
    begun, unclear = take_requests(desk)
    assert unclear == ["preferences unknown record, another's address"]
    assert set(open_ones(desk)) == {"c_ella", "c_ann", ""}
    assert len(begun) == 3


@pytest.mark.parametrize(
    ("by", "because"),
    [
        ("dpo", "asked by Ella.Canary@Example.org"),
        ("c_ella", "letter 12"),
        ("dpo", "lives at 12 RUE DE L'ÉTANG"),
    ],
)
def test_words_that_would_keep_the_person_in_the_certificate_are_refused(desk, by, because):
    with pytest.raises(ConfigError, match="Give a reference") as refused:
        request_erasure(desk, ["c_ella", "c_ann"], by=by, because=because)
    assert "anary" not in str(refused.value)
    assert saga.read(desk.engine) == []


def test_a_request_whose_key_is_the_address_is_kept_without_it(desk):
    ask(desk, "ella.canary@example.org", "1", None)
    ask(desk, "r2", "2", None)
    take_requests(desk)
    assert sorted(reasons(desk.engine)) == [
        ("preferences", "request of preferences"),
        ("preferences", "request r2 of preferences, door letter"),
    ]


def test_who_asks_what_is_held_is_not_handed_the_rows_of_others(desk):
    for cart, customer in (("k1", "1"), ("k2", "2"), ("k3", None)):
        desk.con.execute(
            """insert into raw_files.carts (cart_key, source_system, customer_system, customer_key,
                email) values (?, 'shop', 'shop', ?, 'Ella.Canary@example.org')""",
            [cart, customer],
        )
    people.prepare(desk.con)
    person = gather(desk.con, ["c_ella"], desk.entities)["c_ella"]
    held = collect(desk.con, desk.engine, person, desk.entities, KEY)
    assert sorted(row["cart_key"] for row in held.tables["raw_files.carts"]) == ["k1", "k3"]


def test_two_thousand_requests_cost_seconds(desk):
    desk.con.execute(
        """insert into intermediate.int_identity__resolved
        select 'shop|k' || range, 'shop', 'k' || range, 'c_many' || range from range(2000)"""
    )
    desk.con.execute(
        """insert into intermediate.int_identity__observed
        select 'shop|k' || range, 'email', 'many' || range || '@example.org' from range(2000)"""
    )
    desk.con.execute(
        """insert into raw_files.erasure_requests (source_system, erasure_request_key, email,
            requested_at, is_deleted)
        select 'preferences', 'r' || range, 'many' || range || '@example.org', ?, false
        from range(2000)""",
        [NOW],
    )
    began = process_time()
    begun, unclear = take_requests(desk)
    assert process_time() - began < 20
    assert (len(set(begun)), unclear) == (2000, [])
