"""What keeps data: three years from the last contact of the person's own; opens extend nothing."""

# ruff: noqa: DTZ001 - the warehouse keeps naive UTC

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from governance.retention import calendar, purge_due, rules, written

AS_OF = date(2027, 2, 28)
KEYS = {"customer": "shop", "message": "brevo", "campaign": "planning"}
SILENT = {"lost", "opens", "machine"}


@pytest.fixture
def warehouse_of_contacts(warehouse: Any) -> Any:
    """Everybody registered long ago; what each did three years ago to the day, or since."""
    people = ["day_left", "leap", "lost", "opens", "machine", "clicks"]
    warehouse.load(
        "customers",
        [{"customer_key": key, "registered_at": datetime(2020, 1, 1)} for key in people],
    )
    visits = {"day_left": datetime(2024, 3, 1, 12), "leap": datetime(2024, 2, 29, 12)}
    warehouse.load(
        "web_events",
        [
            {
                "web_event_key": who, "anonymous_id": who, "event_type": "login",
                "occurred_at": at, "customer_key": who,
            }
            for who, at in visits.items()
        ],
        system="web", **KEYS,
    )  # fmt: skip
    kinds = {"opens": ("opened", False), "machine": ("clicked", True), "clicks": ("clicked", False)}
    warehouse.load(
        "message_events",
        [
            {
                "message_event_key": f"{who}-{n}", "message_key": f"{who}-{n}", "channel": "email",
                "customer_key": who, "event_type": kind, "is_machine": machine,
                "occurred_at": datetime(2026, 1, 1) + timedelta(days=n),
            }
            for who, (kind, machine) in kinds.items()
            for n in range(300 if who == "opens" else 1)
        ],
        system="brevo", **KEYS,
    )  # fmt: skip
    warehouse.build(AS_OF, test=False)
    return warehouse


def test_opens_extend_nothing_and_who_is_due_is_in_no_mart_for_marketers(
    warehouse_of_contacts: Any,
) -> None:
    read = warehouse_of_contacts.rows
    keys = "inner join core.dim_customers using (customer_id)"
    states = dict(read(f"select customer_key, retention_state from marts.retention {keys}"))
    assert states == {
        "day_left": "active", "leap": "purge_due", "clicks": "active",
        **dict.fromkeys(SILENT, "purge_due"),
    }  # fmt: skip
    shown = {key for (key,) in read("select customer_key from marts.customer_360")}
    assert shown == {"day_left", "clicks"}
    with duckdb.connect(str(warehouse_of_contacts.path)) as con:
        names = dict(
            con.execute("select customer_id, customer_key from core.dim_customers").fetchall()
        )
        assert {names[one] for one in purge_due(con)} == SILENT | {"leap"}
        leaving = calendar(con, until=date(2027, 4, 1))
        counted: Counter[tuple[date, str]] = Counter()
        for one in leaving:
            counted[one.month_on, one.step] += one.person_count
        assert counted == {(date(2027, 2, 1), "purge"): 4, (date(2027, 3, 1), "purge"): 1}
        for lang in ("en", "fr"):
            assert len(written(leaving, lang)) == len(leaving)
        assert {one.data_class for one in rules(con, as_of=AS_OF)} >= {"customer", "consent_proof"}
        _no_opens_extend(con, warehouse_of_contacts.path.parent)


def _no_opens_extend(con: duckdb.DuckDBPyConnection, home: Path) -> None:
    """Whatever is sent, opened or followed by a machine, every date and state stays as it was."""
    compiled = home / "target" / "compiled" / "habitue" / "models"
    models = {
        "intermediate.int_contacts__initiated": compiled / "intermediate",
        "marts.retention": compiled / "marts",
    }
    queries = {
        name: (folder / f"{name.partition('.')[2]}.sql").read_text(encoding="utf-8")
        for name, folder in models.items()
    }
    con.execute("create table kept as from core.fct_message_events limit 0")
    con.execute("drop view core.fct_message_events")
    con.execute("alter table kept rename to fct_message_events_kept")
    con.execute("create table core.fct_message_events as from fct_message_events_kept")
    people = [
        one for (one,) in con.execute("select customer_id from core.dim_customers").fetchall()
    ]

    def retained(events: list[tuple[str, str, int]]) -> list[tuple[Any, ...]]:
        con.execute("delete from core.fct_message_events")
        for who, kind, day in events:
            con.execute(
                "insert into core.fct_message_events"
                " (customer_id, event_type, is_machine, channel, occurred_at)"
                " values (?, ?, ?, 'email', ?)",
                [who, kind.removeprefix("machine_"), kind.startswith("machine_"),
                 datetime(2027, 2, 27) - timedelta(days=day)],
            )  # fmt: skip
        for name, query in queries.items():
            con.execute(f"create or replace table {name} as {query}")
        return con.execute("from marts.retention order by customer_id").fetchall()

    kinds = ["sent", "delivered", "opened", "machine_opened", "machine_clicked"]
    events = st.lists(
        st.tuples(st.sampled_from(people), st.sampled_from(kinds), st.integers(0, 2000)),
        max_size=12,
    )
    before = retained([])

    @settings(
        derandomize=True, max_examples=40, deadline=None, print_blob=True,
        suppress_health_check=[HealthCheck.too_slow],
    )  # fmt: skip
    @given(events)
    def holds(events: list[tuple[str, str, int]]) -> None:
        assert retained(events) == before

    holds()
    # The same property notices an act: a click of the person moves the date.
    assert retained([(people[0], "clicked", 1)]) != before
