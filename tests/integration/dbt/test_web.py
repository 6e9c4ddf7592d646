"""Whose visits, pages, videos and carts they are, and what messages bring about."""

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


def people(warehouse: Any) -> dict[str, str]:
    return dict(warehouse.rows("select customer_id, customer_key from core.dim_customers"))


def test_who_a_device_belongs_to_decides_whose_its_events_are(warehouse: Any) -> None:
    customers(warehouse)
    rows = [
        event(1, "own", "page_view", NOON),
        event(2, "own", "login", NOON + DAY, customer_key="a"),
        event(3, "own", "page_view", NOON + 2 * DAY),
        event(4, "pair", "login", NOON, customer_key="a"),
        event(5, "pair", "page_view", NOON + MINUTE),
        event(6, "pair", "login", NOON + DAY, customer_key="b"),
        event(7, "pair", "page_view", NOON + 2 * DAY),
        *(
            event(8 + n, "hall", "login", NOON + n * DAY, customer_key=key)
            for n, key in enumerate("abc")
        ),
        event(11, "hall", "page_view", NOON + 5 * DAY),
        event(12, "new", "page_view", NOON, utm_source="fair"),
        event(13, "crawl", "login", NOON, customer_key="a", is_bot=True),
    ]
    warehouse.load("web_events", rows, system="web", message="brevo", **KEYS)
    warehouse.build(AS_OF)
    names = people(warehouse)
    owners = warehouse.rows(
        "select source_key, customer_id, identified_by from core.fct_web_events "
        "inner join intermediate.int_web_events__cleaned using (web_event_id) order by web_event_id"
    )
    assert {key: (names.get(who), how) for key, who, how in owners} == {
        "e1": ("a", "device"), "e2": ("a", "account"), "e3": ("a", "device"),
        "e4": ("a", "account"), "e5": (None, None), "e6": ("b", "account"), "e7": (None, None),
        "e8": ("a", "account"), "e9": ("b", "account"), "e10": ("c", "account"),
        "e11": (None, None), "e12": (None, None), "e13": (None, None),
    }  # fmt: skip
    # What is learnt at a login is not known before it.
    assert warehouse.value(
        "select known_at from core.fct_web_events where web_event_id = 'web|e1'"
    ) == (NOON + DAY)
    visits = warehouse.rows(
        "select device_id, customer_id from core.fct_web_sessions order by started_at, device_id"
    )
    assert [(device, names.get(who)) for device, who in visits if device == "web|pair"] == [
        ("web|pair", "a"), ("web|pair", "b"), ("web|pair", None),
    ]  # fmt: skip
    assert {who for device, who in visits if device == "web|hall"} == {None}
    assert warehouse.rows(
        "select session_count, view_count, last_utm_source from marts.visitors"
    ) == [(1, 1, "fair")]


def test_pages_and_videos_seen_before_the_login_are_the_persons(warehouse: Any) -> None:
    customers(warehouse)
    warehouse.load(
        "products",
        [
            {"product_key": "p", "product_name": "Organic rice", "category": "RICE"},
            {"product_key": "q", "product_name": "Lamp", "category": "LIGHT"},
        ],
    )
    video = {"content_key": "v", "content_kind": "tutorial_video", "topic": "brakes"}
    warehouse.load(
        "web_events",
        [
            event(1, "d", "product_view", NOON, product_key="p"),
            event(2, "d", "product_view", NOON + DAY, product_key="p"),
            event(3, "d", "product_view", NOON, product_key="q"),
            event(4, "d", "content_view", NOON, **video),
            event(5, "d", "video_view", NOON + MINUTE, watched_share=0.6, **video),
            event(6, "d", "video_view", NOON + DAY, watched_share=0.1, **video),
            event(7, "d", "login", NOON + 2 * DAY, customer_key="a"),
            event(8, "stranger", "product_view", NOON, product_key="p"),
            event(9, "stranger", "video_view", NOON, **video),
            event(10, "bot", "product_view", NOON, product_key="p", is_bot=True),
        ],
        system="web",
        message="brevo",
        **KEYS,
    )
    warehouse.build(AS_OF)
    assert warehouse.rows(
        "select product_id, is_organic, view_count from marts.customer_products_seen order by 1"
    ) == [("shop|p", True, 2), ("shop|q", False, 1)]
    assert warehouse.rows(
        "select content_kind, view_count, watched_count from marts.customer_contents"
    ) == [("tutorial_video", 2, 1)]
    assert warehouse.rows(
        "select topic, interest_rank, interest_share from marts.customer_topics"
    ) == [("brakes", 1, 1.0)]
    assert warehouse.rows(
        "select organic_product_count, product_view_count, tutorial_video_view_count "
        "from marts.visitors"
    ) == [(1, 1, 1)]
    assert warehouse.rows(
        "select organic_product_view_count, tutorial_video_view_count, session_count_30_days, "
        "last_visited_on, email_open_count_90_days, has_abandoned_cart "
        "from intermediate.int_customers__browsed order by all desc limit 2"
    ) == [(2, 1, 3, date(2024, 6, 22), None, None), (0, 0, 0, None, None, None)]


def test_a_cart_is_abandoned_until_its_person_orders(warehouse: Any) -> None:
    customers(warehouse, "abcd")
    cart = {"status": "open", "item_count": 1, "total_amount": 30, "created_at": NOON}
    shop = [
        cart | {"cart_key": "1", "customer_key": "a", "cart_url": "https://s.example/1"},
        cart | {"cart_key": "2", "customer_key": "b"},
        cart | {"cart_key": "3", "customer_key": "c", "status": "converted"},
        cart | {"cart_key": "4", "anonymous_id": "d"},
        cart | {"cart_key": "5", "anonymous_id": "nobody"},
        cart | {"cart_key": "6", "email": "D@x.fr", "updated_at": datetime(2024, 6, 30, 21, 30)},
    ]
    warehouse.load("carts", shop)
    warehouse.load("carts", [shop[0] | {"total_amount": 35, "known_at": NOON + DAY}])
    francs = cart | {"cart_key": "1", "email": "a@x.fr", "currency": "CHF"}
    warehouse.load("carts", [francs], system="prestashop")
    order = {"order_key": "o", "customer_key": "b", "total_amount": 9, "ordered_at": NOON + DAY}
    warehouse.load("orders", [order])
    login = event(1, "d", "login", NOON, customer_key="a")
    warehouse.load("web_events", [login], system="web", message="brevo", **KEYS)
    warehouse.build(AS_OF)
    names = people(warehouse)
    carts = {
        key: (names.get(who), *rest)
        for key, who, *rest in warehouse.rows(
            "select cart_id, customer_id, status, converted_by, abandoned_at from core.fct_carts"
        )
    }
    hour_later = NOON + 60 * MINUTE
    assert carts == {
        "shop|1": ("a", "abandoned", None, hour_later),
        "shop|2": ("b", "converted", "order_since", None),
        "shop|3": ("c", "converted", "cart", None),
        "shop|4": ("a", "abandoned", None, hour_later),
        "shop|5": (None, "abandoned", None, hour_later),
        "shop|6": ("d", "open", None, None),
        "prestashop|1": ("a", "abandoned", None, hour_later),
    }
    amounts = warehouse.rows(
        "select total_amount::double, currency, original_currency from core.fct_carts "
        "where cart_id in ('shop|1', 'prestashop|1') order by cart_id desc"
    )
    assert amounts[0] == (35.0, "EUR", "EUR")
    assert amounts[1][1:] == ("EUR", "CHF")
    assert warehouse.value("select count(*) from marts.customer_carts") == 6
    assert dict(
        warehouse.rows(
            "select customer_key, has_abandoned_cart from intermediate.int_customers__browsed "
            "inner join core.dim_customers using (customer_id)"
        )
    ) == {"a": True, "b": False, "c": False, "d": False}


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


def test_a_journey_counts_who_drops_out_and_knows_nothing_of_what_is_not_connected(
    warehouse: Any,
) -> None:
    customers(warehouse)
    warehouse.load(
        "web_events",
        [
            event(1, "a", "login", NOON, customer_key="a"),
            event(2, "a", "product_view", NOON, product_key="p"),
            event(3, "x", "page_view", NOON),
            event(4, "y", "product_view", NOON, product_key="p"),
        ],
        system="web",
        message="brevo",
        **KEYS,
    )
    warehouse.load("carts", [{"cart_key": "1", "anonymous_id": "y", "created_at": NOON}])
    warehouse.build(AS_OF)
    assert warehouse.rows(
        "select event, reached_count, continued_count, drop_out_count from marts.journey_steps "
        "where path = 'purchase' order by step_number"
    ) == [
        ("visit", 3, 2, 1),
        ("product_view", 2, 1, 1),
        ("cart", 1, None, None),
        ("purchase", None, None, None),
        ("second_purchase", None, None, None),
    ]
