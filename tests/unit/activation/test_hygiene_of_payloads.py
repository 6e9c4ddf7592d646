"""Dead channels and doubtful names: who is left out, and how the others are addressed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from activation.arbitration import Round, Standing, outcome
from activation.campaigns import Campaign
from activation.payloads import as_addressed, hygiene_columns
from activation.people import Member
from contract.gate import Allowed, ContactRequest, Gate, Permit
from tests.fixtures.small_marts import columns

TODAY = date(2018, 1, 1)
BOTH = {"en": "x", "fr": "x"}
BY_POST = Campaign("c", BOTH, ("s",), "post", "marketing", "d", "mirror", 10, "automatic")
REQUEST = ContactRequest("c_1", "post", "marketing", "buyer", "FR", True, ())


class OpenGate(Gate):
    def judge(self, batch, now):  # type: ignore[no-untyped-def]
        return [Permit("consent") for _ in batch]


def outcome_of(values: dict[str, Any], channel: str = "post") -> str:
    [allowed] = OpenGate().decide([REQUEST], datetime.fromisoformat("2018-01-01T06:00:00"))
    assert isinstance(allowed, Allowed)
    member = Member("c_1", "s", BOTH, {"customer_key": "1", **values}, REQUEST)
    campaign = replace(BY_POST, channel=channel)
    standing = Standing("customer_key", (), (), {})
    return outcome(campaign, member, allowed, standing, Round(TODAY, {}))[0]


@pytest.mark.parametrize(
    "reason", ["postal_return", "deceased", "invalid", "hard_bounce", "complaint", "soft_bounces"]
)
def test_somebody_whose_channel_is_dead_is_unreachable(reason: str) -> None:
    assert outcome_of({"post_unreachable_reason": reason}) == "unreachable"


def test_an_address_that_only_the_destination_holds_is_no_reason() -> None:
    assert outcome_of({"post_unreachable_reason": "no_address"}) == "sent"
    assert outcome_of({"post_unreachable_reason": None}) == "sent"


def test_another_channel_of_the_same_person_stays_open() -> None:
    assert outcome_of({"email_unreachable_reason": "hard_bounce"}) == "sent"
    assert outcome_of({"email_unreachable_reason": "hard_bounce"}, "email") == "unreachable"


def test_a_doubtful_name_is_left_out_and_the_reason_stays() -> None:
    doubted = {"first_name": "TEST", "last_name": "Lee", "do_not_personalise": True}
    reason = {"do_not_personalise_reason": "first_name: test_name"}
    assert as_addressed({**doubted, **reason}) == {**doubted, **reason, "first_name": None}
    sure = {"first_name": "Anne", "do_not_personalise": False}
    assert as_addressed(sure) == sure
    assert as_addressed({"do_not_personalise": True}) == {"do_not_personalise": True}


def test_planning_asks_for_the_columns_of_hygiene_that_the_mart_has() -> None:
    asked = hygiene_columns("email", columns())
    assert asked == ("email_unreachable_reason", "do_not_personalise")
    assert hygiene_columns("ads", columns()) == ("do_not_personalise",)
