"""The gate against a plain model: last word per subject, most restrictive over the cluster."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, delete
from sqlalchemy.pool import StaticPool

from contract.gate import Allowed, ContactRequest, Denied, RecordKey
from governance import ledger
from governance.gate import LedgerGate
from governance.ledger import Entry, entry_id
from governance.rules import load_rules
from governance.tables import consent_entries, metadata

NOW = datetime.fromisoformat("2018-01-01T06:00:00")
ONE, TWO = RecordKey("loyalty", "7"), RecordKey("eshop", "9")
BUYER = ContactRequest("c_1", "post", "marketing", "buyer", "FR", True, (ONE, TWO), ("aa",))


@pytest.fixture
def engine():  # type: ignore[no-untyped-def]
    engine = create_engine("sqlite://", poolclass=StaticPool)
    metadata.create_all(engine)
    return engine


def said(act: str, *, channel: str = "all", purpose: str = "marketing", days: int = 0,
         record: RecordKey | None = ONE, address: str | None = None) -> Entry:  # fmt: skip
    key = f"{act}{channel}{purpose}{days}{record}{address}"
    at = NOW - timedelta(days=30) + timedelta(days=days)
    system = record.source_system if record else None
    customer_key = record.customer_key if record else None
    return Entry(
        entry_id("t", key), customer_key, system, address, channel, purpose, act, "t", key, at, at
    )


def decide(engine, request: ContactRequest, *entries: Entry, now: datetime = NOW):  # type: ignore[no-untyped-def]
    ledger.append(engine, entries, now=NOW)
    ledger.mark_taken(engine, "objections", now=NOW)
    [decision] = LedgerGate(engine, load_rules()).decide([request], now)
    return decision


def test_a_buyer_may_be_written_to_by_post_without_consent(engine) -> None:  # type: ignore[no-untyped-def]
    decision = decide(engine, BUYER)
    assert isinstance(decision, Allowed)
    assert (decision.basis, decision.entry_id) == ("legitimate_interest", None)


@pytest.mark.parametrize("channel", ["email", "sms", "phone"])
def test_without_consent_no_other_channel_is_open(engine, channel: str) -> None:  # type: ignore[no-untyped-def]
    later = NOW + timedelta(hours=1)
    decision = decide(engine, replace(BUYER, channel=channel, country="US"), now=later)
    assert isinstance(decision, Denied)
    assert decision.reason == "no_basis"


@pytest.mark.parametrize("relation", ["lead", "subscriber", "account"])
def test_people_who_never_bought_need_consent_for_post_too(engine, relation: str) -> None:  # type: ignore[no-untyped-def]
    assert isinstance(decide(engine, replace(BUYER, relation=relation)), Denied)


def test_a_grant_opens_email_and_is_the_evidence(engine) -> None:  # type: ignore[no-untyped-def]
    grant = said("grant", channel="email")
    decision = decide(engine, replace(BUYER, channel="email"), grant)
    assert isinstance(decision, Allowed)
    assert (decision.basis, decision.entry_id) == ("consent", grant.entry_id)


def test_soft_opt_in_needs_a_purchase_and_the_proof_that_one_could_refuse(engine) -> None:  # type: ignore[no-untyped-def]
    by_email = replace(BUYER, channel="email")
    assert isinstance(decide(engine, by_email), Denied)
    told = said("inform", channel="email")
    decision = decide(engine, by_email, told)
    assert isinstance(decision, Allowed)
    assert decision.basis == "soft_opt_in"
    assert isinstance(decide(engine, replace(by_email, has_purchased=False)), Denied)


@pytest.mark.parametrize(
    "objection",
    [
        said("object"),
        said("object", channel="post", record=TWO),
        said("object", record=None, address="aa"),
        said("object", purpose="profiling"),
        said("object", purpose="all"),
        said("withdraw"),
        said("object", days=90),
    ],
    ids=["person", "other record", "raw address", "profiling", "all", "withdrawal", "later"],
)
def test_one_refusal_anywhere_in_the_cluster_stops_post(engine, objection: Entry) -> None:  # type: ignore[no-untyped-def]
    decision = decide(engine, BUYER, objection)
    assert isinstance(decision, Denied)
    assert decision.entry_id == objection.entry_id


def test_another_persons_objection_stops_nobody_else(engine) -> None:  # type: ignore[no-untyped-def]
    same_key_elsewhere = said("object", record=RecordKey("other_system", "7"))
    assert isinstance(decide(engine, BUYER, same_key_elsewhere), Allowed)


def test_at_the_same_instant_the_refusal_is_the_last_word(engine) -> None:  # type: ignore[no-untyped-def]
    assert isinstance(decide(engine, BUYER, said("grant"), said("object")), Denied)


def test_a_later_grant_lifts_an_objection_of_the_same_record_only(engine) -> None:  # type: ignore[no-untyped-def]
    objection, grant = said("object"), said("grant", days=1)
    assert isinstance(decide(engine, BUYER, objection, grant), Allowed)
    assert isinstance(decide(engine, BUYER, said("object", record=TWO)), Denied)


@pytest.mark.parametrize("days", [-1, 0])
def test_telephone_in_france_is_opt_in_since_11_august_2026(engine, days: int) -> None:  # type: ignore[no-untyped-def]
    by_phone = replace(BUYER, channel="phone")
    day = datetime.fromisoformat("2026-08-11") + timedelta(days=days)
    ledger.mark_taken(engine, "objections", now=day)
    [decision] = LedgerGate(engine, load_rules()).decide([by_phone], day)
    assert isinstance(decision, Allowed) is (days < 0)


def test_a_ledger_never_filled_stale_or_broken_denies_everybody(engine) -> None:  # type: ignore[no-untyped-def]
    gate = LedgerGate(engine, load_rules())
    [never] = gate.decide([BUYER], NOW)
    decide(engine, BUYER)
    [stale] = gate.decide([BUYER], NOW + timedelta(hours=37))
    metadata.drop_all(engine)
    [broken] = gate.decide([BUYER], NOW)
    reasons = [one.reason for one in (never, stale, broken) if isinstance(one, Denied)]
    assert reasons == ["ledger_never_filled", "ledger_stale", "ledger_error"]


def test_a_person_without_records_is_denied(engine) -> None:  # type: ignore[no-untyped-def]
    assert isinstance(decide(engine, replace(BUYER, record_keys=())), Denied)


@dataclass(frozen=True)
class Act:
    subject: int
    act: str
    channel: str
    purpose: str
    day: int


acts = st.lists(
    st.builds(
        Act,
        st.integers(0, 2),
        st.sampled_from(["grant", "object", "withdraw"]),
        st.sampled_from(["email", "post", "all"]),
        st.sampled_from(["marketing", "profiling", "all"]),
        st.integers(0, 6),
    ),
    max_size=12,
)


def is_allowed_by_the_model(history: list[Act], channel: str) -> bool:
    granted = False
    for subject in range(3):
        for purpose in ("marketing", "profiling"):
            words = [
                (act.day, act.act != "grant")
                for act in history
                if act.subject == subject
                and act.channel in (channel, "all")
                and act.purpose in (purpose, "all")
            ]
            if words and max(words)[1]:
                return False
            granted = granted or (purpose == "marketing" and bool(words))
    return granted or channel == "post"


SHARED = create_engine("sqlite://", poolclass=StaticPool)
metadata.create_all(SHARED)


@settings(max_examples=80, deadline=None)
@given(acts, st.sampled_from(["email", "post"]))
def test_the_most_restrictive_word_wins_over_the_whole_cluster(
    history: list[Act], channel: str
) -> None:
    subjects = [(ONE, None), (TWO, None), (None, "aa")]
    with SHARED.begin() as connection:
        connection.execute(delete(consent_entries))
    entries = [
        said(act.act, channel=act.channel, purpose=act.purpose, days=act.day,
             record=subjects[act.subject][0], address=subjects[act.subject][1])
        for act in history
    ]  # fmt: skip
    decision = decide(SHARED, replace(BUYER, channel=channel), *entries)
    assert isinstance(decision, Allowed) == is_allowed_by_the_model(history, channel)
