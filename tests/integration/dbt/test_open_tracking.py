"""Whoever refused that their opens are followed is not followed; everybody's opens are counted."""

# ruff: noqa: DTZ001 - the warehouse keeps naive UTC

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

AS_OF = date(2024, 6, 30)
NOON = datetime(2024, 6, 20, 12)
DAY = timedelta(days=1)


def test_opens_of_who_refused_count_for_the_campaign_and_not_for_the_person(warehouse: Any) -> None:
    known = {"registered_at": datetime(2024, 1, 1)}
    people = [known | {"customer_key": key, "email": f"{key}@x.fr"} for key in "abc"]
    warehouse.load("customers", people)
    opens = [
        {
            "message_event_key": f"{key}{number}", "message_key": f"{key}{number}",
            "customer_key": key, "channel": "email", "event_type": "opened",
            "occurred_at": NOON + number * DAY,
        }
        for key in "abc"
        for number in range(3)
    ]  # fmt: skip
    warehouse.load("message_events", opens, system="brevo", customer="shop")
    said = NOON + DAY / 2
    for entry_id, key, purpose in [("e1", "a", "open_tracking"), ("e2", "b", "marketing")]:
        warehouse.execute(
            "insert into raw_state.consent_entries by name select ? as entry_id, ? as customer_key,"
            " 'shop' as source_system, 'email' as channel, ? as purpose, 'refuse' as act,"
            " 'test' as source, ? as occurred_at, ? as known_at",
            [entry_id, key, purpose, said, said],
        )
    warehouse.build(AS_OF, test=False)
    counted = dict(warehouse.rows("select email, email_open_count_90_days from marts.customer_360"))
    assert counted == {"a@x.fr": 1, "b@x.fr": 3, "c@x.fr": 3}
    exposures = dict(
        warehouse.rows(
            "select exposure_id, is_opened from core.fct_campaign_exposures"
            " where exposure_id like 'message:brevo|a%'"
        )
    )
    assert list(exposures.values()).count(True) == 1
    total = "select count(*) from core.fct_message_events where event_type = 'opened'"
    assert warehouse.value(total) == 9
    warehouse.dbt(
        "test", "--select", "int_open_tracking__refused", "fct_message_events",
        "int_messages__summed", "int_customers__browsed",
    )  # fmt: skip
