"""What each purpose, basis and act opens and closes, beside the plain e-mail and letter."""

from dataclasses import replace
from datetime import timedelta

import pytest

from activation.destination import ContactRow
from contract.gate import (
    CHANNELS,
    PURPOSES,
    Allowed,
    AllowedService,
    Denied,
    DeniedService,
    ServiceRequest,
)
from governance import ledger
from governance.gate import TEXTS, LedgerGate
from governance.rules import load_rules
from tests.unit.governance.test_gate import BUYER, NOW, ONE, TWO, decide, engine, said

__all__ = ["engine"]  # the fixture of test_gate


def test_an_expiry_ends_every_yes_of_the_cluster_and_lifts_no_refusal(engine) -> None:  # type: ignore[no-untyped-def]
    by_email = replace(BUYER, channel="email")
    yes, end = said("grant", channel="email"), said("expire", channel="email", record=TWO, days=1)
    told = said("inform", channel="email", address="aa", record=None)
    denied = decide(engine, by_email, yes, told, end)
    assert isinstance(denied, Denied)
    assert denied.reason == "no_basis"
    assert isinstance(decide(engine, BUYER), Allowed)  # post rests on no yes
    again = said("grant", channel="email", days=2)
    assert isinstance(decide(engine, by_email, again), Allowed)
    objection, later = said("object", days=3), said("expire", days=4)
    assert isinstance(decide(engine, by_email, objection, later), Denied)


def test_an_expiry_counts_from_its_time_and_wakes_the_refusal_its_yes_lifted(
    engine,
) -> None:  # type: ignore[no-untyped-def]
    objection, yes = said("object"), said("grant", days=1)
    end = said("expire", days=31)
    assert isinstance(decide(engine, BUYER, objection, yes, end), Allowed)
    decision = decide(engine, BUYER, now=NOW + timedelta(days=1))
    assert isinstance(decision, Denied)
    assert decision.entry_id == objection.entry_id


def test_a_professional_is_written_to_until_an_objection(engine) -> None:  # type: ignore[no-untyped-def]
    buyer_for_work = replace(BUYER, channel="email", relation="lead", is_professional=True)
    decision = decide(engine, buyer_for_work)
    assert isinstance(decision, Allowed)
    assert decision.basis == "legitimate_interest"
    assert isinstance(decide(engine, buyer_for_work, said("object")), Denied)


ADS = replace(BUYER, channel="ads", purpose="sale_or_sharing")


def test_an_ad_platform_gets_americans_until_a_no_and_others_after_a_yes(
    engine,
) -> None:  # type: ignore[no-untyped-def]
    assert isinstance(decide(engine, ADS), Denied)
    american = replace(ADS, country="US")
    decision = decide(engine, american)
    assert isinstance(decision, Allowed)
    assert decision.basis == "opt_out"
    do_not_sell = said("object", purpose="sale_of_data")
    assert isinstance(decide(engine, american, do_not_sell), Denied)
    assert isinstance(decide(engine, BUYER), Allowed)  # a letter is no sale of data
    yes = said("grant", channel="ads", purpose="sale_or_sharing", record=TWO, days=1)
    assert isinstance(decide(engine, ADS, yes), Denied)  # the other record's no still stands


def test_an_ad_platform_takes_nobody_on_a_yes_to_marketing(engine) -> None:  # type: ignore[no-untyped-def]
    assert isinstance(decide(engine, ADS, said("grant")), Denied)
    assert isinstance(decide(engine, replace(ADS, purpose="marketing", country="US")), Denied)


def test_opens_are_followed_with_a_yes_of_their_own_and_profiles_made_without(engine) -> None:  # type: ignore[no-untyped-def]
    opens = replace(BUYER, channel="email", purpose="open_tracking")
    assert isinstance(decide(engine, opens, said("grant", channel="email")), Denied)
    yes = said("grant", channel="email", purpose="email_open_tracking")
    assert isinstance(decide(engine, opens, yes), Allowed)
    profiled = replace(BUYER, channel="email", purpose="profiling")
    assert isinstance(decide(engine, profiled), Allowed)
    assert isinstance(decide(engine, profiled, said("object", purpose="profiling")), Denied)


def test_a_message_about_an_order_is_stopped_by_no_objection_and_is_no_marketing(engine) -> None:  # type: ignore[no-untyped-def]
    ledger.append(engine, [said("object", purpose="all")], now=NOW)
    gate = LedgerGate(engine, load_rules())
    order = ServiceRequest("c_1", "email", "order_confirmation", "o-7", (ONE,))
    [decision] = gate.decide_service([order], NOW)
    assert isinstance(decision, AllowedService)
    assert decision.basis == "contract"
    for wrong in (
        replace(order, message="newsletter"),
        replace(order, channel="post", message="account_security"),
        replace(order, contract_key=""),
        replace(order, record_keys=()),
    ):
        [denied] = gate.decide_service([wrong], NOW)
        assert isinstance(denied, DeniedService)
        assert denied.reason in TEXTS.sentences
    with pytest.raises(TypeError, match="needs a gate's Allowed"):
        ContactRow(decision, "c_1", "add", "k", {})  # type: ignore[arg-type]


def test_a_batch_is_decided_as_each_of_its_people_alone(engine) -> None:  # type: ignore[no-untyped-def]
    ledger.append(engine, [said("object"), said("grant", channel="email", record=TWO)], now=NOW)
    ledger.mark_taken(engine, "objections", now=NOW)
    gate = LedgerGate(engine, load_rules())
    batch = [
        replace(BUYER, channel=channel, purpose=purpose, record_keys=records)
        for channel in CHANNELS
        for purpose in PURPOSES
        for records in ((ONE,), (TWO,), (ONE, TWO), ())
    ]
    alone = [one for request in batch for one in gate.judge([request], NOW)]
    assert gate.judge(batch, NOW) == alone
