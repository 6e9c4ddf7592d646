"""Whoever never said yes hears by e-mail only about what is like what they bought."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from activation.people import with_heirs
from activation.plan_store import request_from_json
from activation.tables import deliveries
from demo.tool import Running
from governance.ledger import Entry, append, entry_id
from tests.fixtures.small_company import KEY, LETTER, Company

MAIL = replace(LETTER, name="mail", channel="email", destination="email_tool")
ABOUT_BEEF = replace(MAIL, promotes=("BEEF", "a category of next year"))


@pytest.fixture
def told(company: Company) -> Company:
    """Buyers who were told that they may say no, and said nothing; every other never had beef."""
    company.con.execute("update marts.customer_360 set email = customer_key || '@shop.example'")
    company.con.execute(
        "update marts.customer_categories set order_count = 0 where category = 'BEEF'"
        " and substr(customer_id, 18, 1) in ('0', '2', '4', '6', '8', 'a', 'c', 'e')"
    )
    at = company.now - timedelta(days=9)
    entries = [
        Entry(
            entry_id("t", key), key, "loyalty", None, "email", "marketing", "inform", "t", key,
            at, at,
        )
        for key in sorted(company.keys("true"))
    ]  # fmt: skip
    append(company.engine, entries, now=company.now)
    return company


def beef_eaters(company: Company) -> set[str]:
    return company.keys(
        "customer_id in (select customer_id from marts.customer_categories"
        " where category = 'BEEF' and order_count > 0)"
    )


def test_a_campaign_about_a_category_reaches_who_bought_in_it(
    told: Company, running: Running
) -> None:
    told.run(MAIL)
    everybody = set(running.tool.members("mail"))
    assert everybody - beef_eaters(told)
    told.next_day()
    told.run(ABOUT_BEEF)
    assert set(running.tool.members("mail")) == everybody & beef_eaters(told) != set()


def test_a_row_that_was_sent_is_asked_about_again_with_its_categories(
    told: Company, running: Running
) -> None:
    told.run(ABOUT_BEEF)
    with told.engine.connect() as connection:
        texts = connection.scalars(select(deliveries.c.request_json)).all()
    requests = [request_from_json(text) for text in texts]
    assert all(one.has_purchased for one in with_heirs(told.con, KEY, requests))
    told.con.execute("update marts.customer_categories set order_count = 0")
    assert not any(one.has_purchased for one in with_heirs(told.con, KEY, requests))
