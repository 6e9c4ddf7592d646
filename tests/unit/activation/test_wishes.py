"""Who asked for less gets less, and nobody hears about what they refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import duckdb
import pytest

from activation.arbitration import Round, Standing, outcome
from activation.campaigns import Campaign
from activation.caps import Cap
from activation.people import Member
from activation.wishes import Wishes, load_wishes, own_cap
from contract.errors import ConfigError
from contract.gate import ContactRequest, Gate, Permit
from orchestration.delivering import check_topics

TODAY = date(2026, 9, 1)
BOTH = {"en": "x", "fr": "x"}
CAMPAIGN = Campaign(
    "mine", BOTH, ("s",), "email", "marketing", "d", "mirror", 10, "automatic", topic="offers"
)
ASKED = ContactRequest("c_1", "email", "marketing", "buyer", "FR", True, ())
MEMBER = Member("c_1", "s", BOTH, {"key": "c_1"}, ASKED)


class OpenGate(Gate):
    def judge(self, batch, now):  # type: ignore[no-untyped-def]
        return [Permit("consent") for _ in batch]


def decided(so_far: Round, *, delivered: frozenset[str] = frozenset()) -> tuple[str, str]:
    [allowed] = OpenGate().decide([ASKED], datetime.fromisoformat("2026-09-01T06:00:00"))
    return outcome(CAMPAIGN, MEMBER, allowed, Standing("key", delivered, (), {}), so_far)


@pytest.mark.parametrize(
    ("most", "cap"),
    [(4.0, Cap(4, 7)), (1.0, Cap(1, 7)), (0.25, Cap(1, 28)), (0.0, Cap(0, 7))],
)
def test_a_wish_is_a_cap_of_ones_own(most: float, cap: Cap) -> None:
    assert own_cap(most) == cap


@pytest.mark.parametrize(("days_ago", "name"), [(6, "capped"), (7, "sent")])
def test_a_wish_counts_contacts_on_every_channel(days_ago: int, name: str) -> None:
    so_far = Round(TODAY, {"email": Cap(9, 7)}, wishes=Wishes({"c_1": Cap(1, 7)}))
    so_far.contacts[("c_1", "post")] = [("theirs", TODAY - timedelta(days=days_ago))]
    assert decided(so_far)[0] == name


def test_the_channels_cap_holds_for_who_wished_more() -> None:
    so_far = Round(TODAY, {"email": Cap(1, 7)}, wishes=Wishes({"c_1": Cap(9, 7)}))
    so_far.contacts[("c_1", "email")] = [("theirs", TODAY)]
    assert decided(so_far)[0] == "capped"


@pytest.mark.parametrize("delivered", [frozenset(), frozenset({"c_1"})])
def test_a_refused_topic_keeps_out_and_takes_out(delivered: frozenset[str]) -> None:
    wishes = Wishes(refused={"c_1": frozenset({"offers"})})
    so_far = Round(TODAY, {}, wishes=wishes)
    assert decided(so_far, delivered=delivered) == ("no_consent", "topic_refused")
    assert not wishes.is_unwanted("c_1", None)
    assert not wishes.is_unwanted("c_1", "events")


def test_the_last_words_are_read_from_the_warehouse() -> None:
    con = duckdb.connect()
    con.execute("create schema core")
    con.execute(
        "create table core.customer_preferences as from (values "
        "('c_1', 'frequency', 'messages', null, 0.25::double), "
        "('c_1', 'topic', 'offers', false, null), ('c_2', 'topic', 'offers', true, null), "
        "('c_2', 'frequency', 'messages', null, null)) "
        "as chosen(customer_id, kind, name, is_wanted, most_per_week)"
    )
    assert load_wishes(con) == Wishes({"c_1": Cap(1, 28)}, {"c_1": frozenset({"offers"})})


def test_a_campaign_about_a_topic_nobody_can_choose_is_refused_by_name() -> None:
    check_topics([CAMPAIGN])
    with pytest.raises(ConfigError, match=r"mine\.yml: topic 'ofers'.*Did you mean 'offers'"):
        check_topics([replace(CAMPAIGN, topic="ofers")])
