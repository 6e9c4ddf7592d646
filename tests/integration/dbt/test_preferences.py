"""What people choose, in the shop's pages or in the preference centre, is one last word each."""

# ruff: noqa: DTZ001 - the warehouse keeps naive UTC

from __future__ import annotations

from datetime import date, datetime
from typing import Any

AS_OF = date(2024, 12, 31)
PEOPLE = [
    {"customer_key": "1", "email": "anne@b.fr", "first_name": "Anne", "city": "Paris"},
    {"customer_key": "2", "email": "zoe@b.fr", "first_name": "Zoé"},
]
IN_THE_SHOP = [
    {"preference_update_key": "a", "customer_key": "1", "kind": "frequency", "name": "messages"}
    | {"value": "4", "occurred_at": datetime(2024, 5, 1)},
    {"preference_update_key": "b", "email": "Zoe@b.fr", "kind": "topic", "name": "Offers"}
    | {"value": "no", "occurred_at": datetime(2024, 5, 1)},
    {"preference_update_key": "c", "customer_key": "1", "kind": "channel", "name": "sms"}
    | {"value": "no", "occurred_at": datetime(2024, 5, 1)},
]
IN_THE_CENTRE = [
    ("d", "1", "frequency", "messages", "1"),
    ("e", "1", "detail", "email", "Anne@New.FR"),
    ("f", "1", "detail", "city", "Lyon"),
]


def test_choices_of_every_door_are_united_and_corrections_reach_the_golden_record(
    warehouse: Any,
) -> None:
    warehouse.load("customers", PEOPLE)
    warehouse.load("preference_updates", IN_THE_SHOP)
    for event_id, key, kind, name, value in IN_THE_CENTRE:
        warehouse.execute(
            "insert into raw_state.preference_events values (?, 'shop', ?, ?, ?, ?, ?, ?)",
            [event_id, key, kind, name, value, datetime(2024, 6, 1), datetime(2024, 6, 1)],
        )
    warehouse.build(AS_OF, test=False)
    chosen = warehouse.rows(
        "select customers.email, kind, name, is_wanted, most_per_week "
        "from core.customer_preferences join core.dim_customers as customers using (customer_id) "
        "order by all"
    )
    assert chosen == [
        ("anne@new.fr", "frequency", "messages", None, 1.0),
        ("zoe@b.fr", "topic", "offers", False, None),
    ]
    golden = warehouse.rows("select first_name, email, city from core.dim_customers order by all")
    assert golden[0] == ("Anne", "anne@new.fr", "Lyon")
    warehouse.dbt(
        "test", "--select", "customer_preferences", "int_preferences__united",
        "int_attributes__corrected", "int_attributes__claimed",
    )  # fmt: skip
