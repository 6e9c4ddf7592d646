"""Whose visits, pages, videos and carts they are, and where people drop out."""

# ruff: noqa: DTZ001 - the warehouse keeps naive UTC

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

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
