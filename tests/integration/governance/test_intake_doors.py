"""Every door reaches the one ledger, against a plain model of what people said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, create_engine, select
from sqlalchemy.pool import StaticPool

from contract.gate import Allowed, ContactRequest, Denied, RecordKey, contact_purpose
from contract.normalisation import address_hash
from governance.doors import DOORS
from governance.gate import LedgerGate
from governance.intake import take_acts
from governance.rules import load_rules
from governance.tables import consent_entries, metadata

NOW = datetime.fromisoformat("2026-07-01T06:00:00")
KEY = b"k" * 32
ADDRESS = "zoe@exemple.fr"
REQUEST = ContactRequest(
    "c_1",
    "email",
    "marketing",
    "lead",
    "FR",
    False,
    (RecordKey("shop", "7"), RecordKey("shopify", "9")),
    (address_hash("email", ADDRESS, KEY) or "",),
)
TABLES = """
create schema staging;
create table staging.stg_files__objections (source_system text, source_key text,
    customer_system text, customer_key text, address text, channel text, purpose text,
    objected_at timestamp, known_at timestamp);
create table staging.stg_files__consent_events (source_system text, source_key text,
    customer_system text, customer_key text, address text, channel text, purpose text, act text,
    door text, wording_key text, proof text, occurred_at timestamp, known_at timestamp);
create table staging.stg_files__message_events (source_system text, source_key text,
    customer_system text, customer_key text, address text, channel text, event_type text,
    occurred_at timestamp, known_at timestamp);
create table staging.stg_files__preference_updates (source_system text, source_key text,
    customer_system text, customer_key text, email text, kind text, name text, value text,
    occurred_at timestamp, known_at timestamp);
"""
NO = {"withdraw", "refuse", "object"}


@dataclass(frozen=True)
class Act:
    """What somebody did: door, subject (a record of `shop` or the address), act, on which day."""

    door: str
    subject: str
    act: str
    day: int
    has_proof: bool = True


@cache
def _opened() -> duckdb.DuckDBPyConnection:
    con = duckdb.connect(config={"threads": 1})
    con.execute(TABLES)
    return con


def warehouse() -> duckdb.DuckDBPyConnection:
    """Empty staging tables; one connection for all examples, because opening one is slow."""
    con = _opened()
    for door in DOORS:
        con.execute(f"delete from staging.stg_files__{door.name}")
    return con


def ledger() -> Engine:
    engine = create_engine("sqlite://", poolclass=StaticPool)
    metadata.create_all(engine)
    return engine


def say(con: duckdb.DuckDBPyConnection, number: int, act: Act) -> None:
    """Stage an act as its door states it."""
    at = NOW - timedelta(days=100 - act.day)
    by_address = act.subject == "address"
    who = [None if by_address else act.subject.split("|")[0],
           None if by_address else act.subject.split("|")[1]]  # fmt: skip
    address = ADDRESS if by_address else None
    head = ["brevo", str(number), *who, address]
    if act.door == "objections":
        values = [*head, "email", "marketing", at, at]
    elif act.door == "consent_events":
        proof = "scan-1" if act.has_proof else None
        values = [*head, "email", "marketing", act.act, "checkout", "v3", proof, at, at]
    elif act.door == "message_events":
        values = [*head, "email", {"object": "complained"}.get(act.act, "unsubscribed"), at, at]
    else:
        values = [*head, "channel", "email", "yes" if act.act == "grant" else "no", at, at]
    marks = ", ".join("?" * len(values))
    con.execute(f"insert into staging.stg_files__{act.door} values ({marks})", values)


def decide(engine: Engine) -> Allowed | Denied:
    [decision] = LedgerGate(engine, load_rules()).decide([REQUEST], NOW)
    return decision


def take(engine: Engine, acts: Sequence[Act]) -> None:
    con = warehouse()
    for number, act in enumerate(acts):
        say(con, number, act)
    take_acts(con, engine, now=NOW, hash_key=KEY)


def is_allowed(acts: Sequence[Act]) -> bool:
    """The model: each subject's last word; one no stops, one yes is needed."""
    last: dict[str, str] = {}
    for act in sorted(acts, key=lambda one: one.day):
        is_yes = act.act in {"grant", "double_opt_in_confirmed"}
        is_claim = is_yes and (not act.has_proof or act.door == "preference_updates")
        if is_claim:
            continue
        is_less = act.act in {"grant", "double_opt_in_asked"}
        if last.get(act.subject) == "double_opt_in_confirmed" and is_less:
            continue
        last[act.subject] = act.act
    said = set(last.values())
    return not said & NO and bool(said & {"grant", "double_opt_in_confirmed"})


SUBJECTS = st.sampled_from(["shop|7", "shopify|9", "address"])
CONSENTS = st.builds(
    Act,
    st.just("consent_events"),
    SUBJECTS,
    st.sampled_from(
        [*sorted(NO), "grant", "grant", "double_opt_in_asked", "double_opt_in_confirmed"]
    ),
    st.integers(1, 99),
    st.booleans(),
)
OTHERS = st.one_of(
    st.builds(Act, st.just("objections"), SUBJECTS, st.just("object"), st.integers(1, 99)),
    st.builds(
        Act,
        st.just("message_events"),
        SUBJECTS,
        st.sampled_from(["object", "withdraw"]),
        st.integers(1, 99),
    ),
    st.builds(
        Act,
        st.just("preference_updates"),
        SUBJECTS,
        st.sampled_from(["withdraw", "grant"]),
        st.integers(1, 99),
    ),
)
# Two acts of one day have no order of their own; the gate's own tests say which one then wins.
ACTS = st.lists(st.one_of(CONSENTS, CONSENTS, OTHERS), max_size=8, unique_by=lambda act: act.day)


@settings(max_examples=60, deadline=None)
@given(ACTS)
def test_the_gate_decides_as_the_model_of_what_was_said(acts: list[Act]) -> None:
    engine = ledger()
    take(engine, acts)
    assert isinstance(decide(engine), Allowed) == is_allowed(acts)


@settings(max_examples=25, deadline=None)
@given(ACTS, st.integers(0, 8))
def test_acts_taken_twice_and_in_parts_are_the_same_entries(acts: list[Act], part: int) -> None:
    whole, parts = ledger(), ledger()
    take(whole, acts)
    for some in (acts[:part], acts, acts):
        take(parts, some)
    held = []
    for engine in (whole, parts):
        with engine.connect() as connection:
            rows = connection.execute(select(consent_entries.c.entry_id, consent_entries.c.act))
            held.append(sorted(tuple(row) for row in rows))
    assert held[0] == held[1]
    assert isinstance(decide(whole), Allowed) == isinstance(decide(parts), Allowed)


@settings(max_examples=25, deadline=None)
@given(ACTS, st.lists(st.tuples(SUBJECTS, st.booleans()), min_size=1, max_size=5))
def test_a_later_import_of_flags_subscribes_nobody_again(
    acts: list[Act], flags: list[tuple[str, bool]]
) -> None:
    refused = [*acts, Act("consent_events", "shop|7", "withdraw", 99)]
    engine = ledger()
    imported = [
        Act(
            "preference_updates" if is_wish else "consent_events", who, "grant", 99, has_proof=False
        )
        for who, is_wish in flags
    ]
    take(engine, [one for one in refused if one.day < 99 or one.act in NO] + imported)
    assert isinstance(decide(engine), Denied)


def test_a_withdrawal_through_any_door_blocks_at_the_next_look() -> None:
    yes = Act("consent_events", "shop|7", "grant", 10)
    for door in ("objections", "consent_events", "message_events", "preference_updates"):
        engine = ledger()
        take(engine, [yes])
        assert isinstance(decide(engine), Allowed)
        take(engine, [yes, Act(door, "address", "withdraw", 11)])
        assert isinstance(decide(engine), Denied), door


@pytest.mark.parametrize("channel", ["post", "sms", "phone", "ads", "all"])
def test_an_address_stops_any_channel_however_it_is_known(channel: str) -> None:
    """Who stops letters may give an e-mail address to be known by."""
    con, engine = warehouse(), ledger()
    con.execute(
        "insert into staging.stg_files__objections values ('callcentre', 'o1', null, null,"
        " 'ZOE+shop@exemple.fr', ?, 'all', ?, ?)",
        [channel, NOW - timedelta(days=1), NOW],
    )
    take_acts(con, engine, now=NOW, hash_key=KEY)
    purpose = contact_purpose(channel) if channel != "all" else "marketing"
    asked = replace(REQUEST, channel="post" if channel == "all" else channel, purpose=purpose)
    bought = replace(asked, relation="buyer", has_purchased=True, country="US")
    [decision] = LedgerGate(engine, load_rules()).decide([bought], NOW)
    assert isinstance(decision, Denied)
    assert decision.reason == "objected"


def test_a_yes_to_confirm_is_none_until_it_is_confirmed() -> None:
    engine = ledger()
    acts = [
        Act("consent_events", "shop|7", "grant", 10),
        Act("consent_events", "shop|7", "double_opt_in_asked", 10),
    ]
    take(engine, acts)
    refused = decide(engine)
    assert isinstance(refused, Denied)
    assert refused.reason == "no_basis"
    take(engine, [*acts, Act("consent_events", "shop|7", "double_opt_in_confirmed", 11)])
    allowed = decide(engine)
    assert isinstance(allowed, Allowed)
    assert allowed.basis == "consent"


def test_a_confirmation_that_nobody_can_prove_subscribes_nobody_again() -> None:
    engine = ledger()
    bare = Act("consent_events", "shop|7", "double_opt_in_confirmed", 10, has_proof=False)
    take(engine, [bare])
    assert isinstance(decide(engine), Denied)
    with engine.connect() as connection:
        assert set(connection.scalars(select(consent_entries.c.act))) == {"claim"}
    proven = replace(bare, day=11, has_proof=True)
    left = Act("consent_events", "shop|7", "withdraw", 12)
    take(engine, [bare, proven, left, replace(bare, day=13)])
    refused = decide(engine)
    assert isinstance(refused, Denied)
    assert refused.reason == "withdrawn"


@pytest.mark.parametrize("act", ["grant", "double_opt_in_asked"])
def test_where_the_rules_want_confirmation_a_plain_yes_is_not_enough(act: str) -> None:
    engine = ledger()
    take(engine, [Act("consent_events", "shop|7", act, 10)])
    strict = load_rules().__class__(**{**vars(load_rules()), "double_opt_in": frozenset({"email"})})
    [decision] = LedgerGate(engine, strict).decide([REQUEST], NOW)
    assert isinstance(decision, Denied)


def test_a_key_counts_for_the_system_whose_key_it_is() -> None:
    """The call centre writes down an objection under a key of the shop."""
    con, engine = warehouse(), ledger()
    say(con, 1, Act("consent_events", "shop|7", "grant", 10))
    con.execute(
        "insert into staging.stg_files__objections values ('callcentre', 'o1', 'shop', '7', null,"
        " 'all', 'all', ?, ?)",
        [NOW - timedelta(days=1), NOW],
    )
    take_acts(con, engine, now=NOW, hash_key=KEY)
    decision = decide(engine)
    assert isinstance(decision, Denied)
    assert decision.reason == "objected"


def test_the_ledger_keeps_where_on_which_words_and_with_what_proof() -> None:
    engine = ledger()
    take(engine, [Act("consent_events", "address", "grant", 10)])
    with engine.connect() as connection:
        [row] = connection.execute(select(consent_entries)).mappings()
    assert (row["door"], row["wording_key"], row["proof"]) == ("checkout", "v3", "scan-1")
    assert ADDRESS not in str(dict(row))
