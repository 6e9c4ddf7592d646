"""Several shops, tills, a CRM and a help desk speak of the same people, each in its own keys."""

# ruff: noqa: DTZ001 - the warehouse keeps naive UTC

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

AS_OF = date(2024, 12, 31)
JANUARY, JUNE, JULY = datetime(2024, 1, 5), datetime(2024, 6, 1, 12), datetime(2024, 7, 1, 12)
SHOP_CUSTOMERS = [
    {"customer_key": "1", "email": "home@b.fr", "first_name": "Anne", "has_verified_email": True}
    | {"loyalty_card_key": "77"},
    {"customer_key": "2", "email": "home@b.fr", "first_name": "Luc"},
    {"customer_key": "t", "email": "staff@b.fr", "is_test": True, "has_verified_email": True},
    {"customer_key": "3", "email": "gone@b.fr"},
]
SALE = {"line_number": 1, "line_kind": "sale", "product_key": "p", "quantity": 2}


def load_shops(warehouse: Any) -> None:
    warehouse.load("customers", [one | {"registered_at": JANUARY} for one in SHOP_CUSTOMERS])
    deleted = {"customer_key": "3", "is_deleted": True, "known_at": JUNE}
    warehouse.load("customers", [deleted], loaded_at=datetime(2025, 1, 2))
    warehouse.load("products", [{"product_key": "p", "category": "TEA", "department": "organic"}])
    price = {"product_key": "p", "valid_from_on": date(2024, 1, 1), "price_amount": 50}
    warehouse.load("product_prices", [price | {"cost_amount": 30}])
    orders = [("o1", "1", None), ("o2", "t", None), ("o3", None, " HOME@b.fr")]
    warehouse.load(
        "orders",
        [
            {"order_key": key, "customer_key": customer, "email": email, "ordered_at": JUNE}
            for key, customer, email in orders
        ],
    )
    warehouse.load(
        "order_lines",
        [SALE | {"order_key": key, "net_amount": 100, "ordered_at": JUNE} for key, *_ in orders],
    )
    back = {"refund_kind": "return", "quantity": 1, "amount": 50, "product_key": "p"}
    sorry = {"refund_kind": "refund", "amount": 5}
    warehouse.load(
        "refunds",
        [
            {"refund_key": str(n), "order_key": "o1", "refunded_at": JULY} | refund
            for n, refund in enumerate([back, sorry])
        ],
    )
    # The tills issue the cards and sell the shop's products; the third shop counts in francs.
    warehouse.load(
        "customers",
        [{"customer_key": "77", "first_name": "ANNE", "registered_at": JULY}],
        system="tills",
    )
    tickets = [
        SALE | {"order_key": key, "customer_key": card, "net_amount": 90, "ordered_at": JULY}
        for key, card in [("t1", "77"), ("t2", None)]
    ]
    here = {"store_key": "s", "channel": "store"}
    warehouse.load("order_lines", [t | here for t in tickets], system="tills", product="shop")
    warehouse.load(
        "customers",
        [{"customer_key": "9", "email": "home@b.fr", "first_name": "Anne", "registered_at": JULY}],
        system="prestashop",
    )
    francs = {"order_key": "f", "customer_key": "9", "total_amount": 20, "currency": "CHF"}
    roubles = {"order_key": "g", "customer_key": "9", "total_amount": 20, "currency": "RUB"}
    warehouse.load(
        "orders",
        [one | {"ordered_at": JULY} for one in (francs, roubles)],
        system="prestashop",
    )


def load_service(warehouse: Any) -> None:
    lead = {"lead_key": "l", "customer_key": "1", "stage": "quoted", "created_at": JUNE}
    warehouse.load("leads", [lead], system="hubspot", customer="shop")
    questions = [
        {"question_key": "q", "customer_key": "1", "channel": "web", "status": "open"},
        {"question_key": "r", "email": "stranger@b.fr", "channel": "email", "status": "answered"}
        | {"answered_at": JULY},
    ]
    asked = [question | {"asked_at": JUNE} for question in questions]
    warehouse.load("questions", asked, system="support", customer="shop")


@pytest.fixture
def company(warehouse: Any) -> Any:
    load_shops(warehouse)
    load_service(warehouse)
    warehouse.build(AS_OF)
    return warehouse


def test_every_system_speaks_of_the_same_people_in_one_currency(company: Any) -> None:
    anne = company.value(
        "select customer_id from intermediate.int_identity__resolved where record_id = 'shop|1'"
    )
    joined = company.rows(
        "select record_id from intermediate.int_identity__resolved "
        f"where customer_id = '{anne}' order by 1"
    )
    # One card and one proved address; the family's other member and a guest of it stay apart.
    assert [record for (record,) in joined] == ["prestashop|9", "shop|1", "tills|77"]
    assert company.value(
        "select is_shared from intermediate.int_addresses__resolved where value = 'home@b.fr'"
    )

    shown = company.rows(
        "select net_amount::double, return_amount::double, margin_amount::double, order_count, "
        "main_channel, is_omnichannel, has_loyalty_card, lead_stage, has_open_question, "
        f"nps_score, session_count_30_days from marts.customer_360 where customer_id = '{anne}'"
    )
    # 100 - 50 - 5 + 90 + 20 francs at 1.05; costs 60 - 30 + 60; roubles have no rate.
    assert shown == [(156.0, 55.0, 45.0, 4, "web", True, True, "quoted", True, None, None)]
    assert company.rows(
        "select original_currency, original_net_amount::double, net_amount::double "
        "from core.fct_orders where source_system = 'prestashop' order by 1"
    ) == [("CHF", 20.0, 21.0), ("RUB", 20.0, None)]


def test_tests_are_counted_and_nobody_and_strangers_are_leads(company: Any) -> None:
    assert company.rows(
        "select order_id, status from core.fct_orders where status <> 'completed'"
    ) == [("shop|o2", "test")]
    assert (
        company.value("select count(*) from intermediate.int_identity__records where is_test") == 1
    )
    # Luc has a record, the deleted account is nobody; who only asked is a lead.
    relations = "select relation, count(*) from marts.customer_360 group by all order by 1"
    assert company.rows(relations) == [("account", 1), ("buyer", 2), ("lead", 1)]
    assert company.rows(
        "select question_id, is_open, answer_hours::double, customer_id is null "
        "from core.fct_questions order by 1"
    ) == [("support|q", True, None, False), ("support|r", False, 720.0, False)]
    anonymous = "select sum(net_amount)::double from core.fct_orders where customer_id is null"
    assert company.value(anonymous) == 90 + 100
