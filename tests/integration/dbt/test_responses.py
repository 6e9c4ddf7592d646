"""What messages and letters bring about, and how much of all contacts nobody can name."""

# ruff: noqa: DTZ001 - the warehouse keeps naive UTC

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

AS_OF = date(2024, 6, 30)
NOON = datetime(2024, 6, 20, 12)
# Whose keys a system uses that has none of its own.
KEYS = {"customer": "shop", "product": "shop", "order": "shop", "campaign": "planning"}
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def event(number: int, device: str | None, kind: str, at: datetime, **more: Any) -> dict[str, Any]:
    return {
        "web_event_key": f"e{number}",
        "anonymous_id": device,
        "event_type": kind,
        "occurred_at": at,
    } | more


def message(number: int, key: str, kind: str, at: datetime, **more: Any) -> dict[str, Any]:
    return {
        "message_event_key": f"m{number}",
        "message_key": key,
        "channel": "email",
        "event_type": kind,
        "campaign_key": "spring",
        "occurred_at": at,
    } | more


def customers(warehouse: Any, keys: str = "abc") -> None:
    rows = [
        {"customer_key": key, "email": f"{key}@x.fr", "registered_at": datetime(2024, 1, 1)}
        for key in keys
    ]
    warehouse.load("customers", rows)


@pytest.fixture
def campaign(warehouse: Any) -> Any:
    """Four customers; a message to each of a, b and c, a letter with a coupon to d."""
    customers(warehouse, "abcd")
    spring = {"starts_on": date(2024, 6, 1), "ends_on": date(2024, 6, 30)}
    warehouse.load("campaigns", [{"campaign_key": "spring"} | spring], system="planning", **KEYS)
    warehouse.load("campaigns", [{"campaign_key": "letter"} | spring], system="planning", **KEYS)
    sent = [message(n, f"k{who}", "sent", NOON, customer_key=who) for n, who in enumerate("abc")]
    reactions = [
        message(10, "ka", "opened", NOON + MINUTE, customer_key="a"),
        message(11, "ka", "clicked", NOON + 2 * MINUTE, customer_key="a"),
        message(12, "kb", "opened", NOON + MINUTE, customer_key="b", is_machine=True),
        message(13, "kb", "clicked", NOON + MINUTE, customer_key="b", is_machine=True),
        message(14, "kz", "sent", NOON, address="nobody@x.fr"),
    ]
    warehouse.load("message_events", [*sent, *reactions], system="brevo", **KEYS)
    drop = {"campaign_key": "letter", "customer_key": "d", "channel": "post", "contacted_at": NOON}
    warehouse.load("campaign_contacts", [drop], system="planning", **KEYS)
    return warehouse


def test_a_response_follows_its_message_its_coupon_or_else_the_last_contact(campaign: Any) -> None:
    followed = {"message_key": "ka"}
    campaign.load(
        "web_events",
        [
            event(1, "da", "page_view", NOON + 3 * MINUTE, **followed),
            event(2, "da", "order", NOON + 9 * MINUTE, order_key="oa"),
            event(3, "da", "login", NOON + 8 * MINUTE, customer_key="a"),
            event(4, "db", "login", NOON + 6 * DAY, customer_key="b"),
            event(5, "dc", "login", NOON + 8 * DAY, customer_key="c"),
        ],
        system="web",
        message="brevo",
        **KEYS,
    )
    orders = [
        {"order_key": "oa", "customer_key": "a", "ordered_at": NOON + 9 * MINUTE},
        {"order_key": "ob", "customer_key": "b", "ordered_at": NOON + 7 * DAY},
        {"order_key": "od", "customer_key": "d", "ordered_at": NOON + 9 * DAY},
        {"order_key": "oc", "customer_key": "c", "ordered_at": NOON + 9 * DAY},
    ]
    campaign.load("orders", [order | {"total_amount": 20} for order in orders])
    used = {"coupon_key": "7", "campaign_key": "letter", "redeemed_on": date(2024, 6, 29)}
    campaign.load(
        "redemptions",
        [used | {"customer_key": "d"}, used | {"customer_key": "c"}],
        system="planning",
        **KEYS,
    )
    campaign.build(AS_OF)
    found = campaign.rows(
        "select response_kind, response_id, method, campaign_id, exposure_id is not null "
        "from core.fct_response_links order by response_kind, responded_at, response_id"
    )
    assert found == [
        ("click", "brevo|ka", "message_id", "planning|spring", True),
        ("order", "shop|oa", "message_id", "planning|spring", True),
        ("order", "shop|ob", "time_window", "planning|spring", True),
        # c was never sent the letter: the coupon travelled.
        ("order", "shop|oc", "coupon", "planning|letter", False),
        ("order", "shop|od", "coupon", "planning|letter", True),
        ("visit", "web|da@2024-06-20 12:03:00", "message_id", "planning|spring", True),
        ("visit", "web|db@2024-06-26 12:00:00", "time_window", "planning|spring", True),
    ]
    opened = campaign.rows(
        "select customer_key, email_open_count_90_days, email_click_count_90_days "
        "from intermediate.int_customers__browsed "
        "inner join core.dim_customers using (customer_id) order by 1"
    )
    assert opened == [("a", 1, 1), ("b", 0, 0), ("c", 0, 0), ("d", 0, 0)]


def test_contacts_of_every_channel_are_counted_known_or_not(campaign: Any) -> None:
    till = {"total_amount": 5, "store_key": "s", "ordered_at": NOON}
    campaign.load(
        "orders", [till | {"order_key": "1", "customer_key": "a"}, till | {"order_key": "2"}]
    )
    call = {"direction": "inbound", "channel": "phone", "kind": "call", "occurred_at": NOON}
    campaign.load(
        "interactions",
        [call | {"interaction_key": "1", "email": "B@x.fr"}, call | {"interaction_key": "2"}],
        system="callcentre",
    )
    answer = {"survey_key": "s", "customer_key": "c", "kind": "nps"}
    campaign.load(
        "survey_answers",
        [answer | {"survey_answer_key": n, "answered_at": NOON} for n in "12"],
        system="surveys",
        **KEYS,
    )
    campaign.load(
        "web_events", [event(1, "d", "page_view", NOON)], system="web", message="brevo", **KEYS
    )
    campaign.build(AS_OF)
    assert campaign.rows(
        "select direction, channel, kind, count(*), count(customer_id) "
        "from core.fct_interactions group by all order by all"
    ) == [
        ("inbound", "phone", "call", 2, 1),
        ("inbound", "store", "order", 2, 1),
        ("inbound", "web", "survey", 1, 1),
        ("inbound", "web", "visit", 1, 0),
        ("outbound", "email", "message", 4, 3),
        ("outbound", "post", "campaign_contact", 1, 1),
    ]
    assert campaign.rows(
        "select channel, bucket, contact_count, order_count, net_amount::double "
        "from marts.identified_share order by channel, bucket"
    ) == [
        ("phone", "identified", 1, 0, 0.0),
        ("phone", "unknown_offline", 1, 0, 0.0),
        ("store", "identified", 1, 1, 5.0),
        ("store", "unknown_offline", 1, 1, 5.0),
        ("web", "identified", 1, 0, 0.0),
        ("web", "unknown_online", 1, 0, 0.0),
    ]
    # Nobody of the customers counts as addressed by a message to an address nobody carries.
    assert campaign.value("select count(*) from marts.customer_campaigns") == 4
