"""Visits: the fast way of cutting them equals the textbook's, and more data equals all data."""

# ruff: noqa: DTZ001 - the warehouse keeps naive UTC

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import jinja2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

MACROS = Path(__file__).parents[3] / "dbt_project" / "macros" / "sessions.sql"
MARKS = {"view": "kind = 'v'", "buy": "kind = 'b'"}
START = datetime(2024, 3, 30, 23)
MINUTES = st.integers(0, 400)
EVENTS = st.lists(
    st.tuples(st.sampled_from("ab"), MINUTES, st.integers(0, 59), st.sampled_from("vbx")),
    max_size=25,
)
TEXTBOOK = """
with marked as (
    select *, case
        when occurred_at - lag(occurred_at) over device <= interval 30 minute then 0 else 1
    end as is_first
    from events window device as (partition by visitor order by occurred_at)
),
numbered as (
    select *, sum(is_first) over (
        partition by visitor order by occurred_at, is_first desc
        rows unbounded preceding
    ) as number
    from marked
)
select visitor, min(occurred_at), max(occurred_at), count(*),
    count(*) filter (where kind = 'v'), min(occurred_at) filter (where kind = 'v'),
    max(occurred_at) filter (where kind = 'v'),
    count(*) filter (where kind = 'b'), min(occurred_at) filter (where kind = 'b'),
    max(occurred_at) filter (where kind = 'b'), max(known_at)
from numbered group by visitor, number order by all
"""


@pytest.fixture(scope="module")
def fast() -> str:
    rendered = jinja2.Environment(autoescape=False).from_string(  # noqa: S701 - SQL, not HTML
        MACROS.read_text() + "{{ sessions_of('events', 'visitor', marks) }}"
    )
    return f"from ({rendered.render(marks=MARKS)}) order by all"


@settings(deadline=None, max_examples=60)
@given(rows=EVENTS)
def test_packed_lists_cut_visits_as_the_textbook_does(fast: str, rows: list[Any]) -> None:
    with duckdb.connect() as con:
        con.execute(
            "create table events "
            "(visitor text, occurred_at timestamp, known_at timestamp, kind text)"
        )
        for visitor, minutes, lag, kind in rows:
            at = START + timedelta(minutes=minutes)
            values = [visitor, at, at + timedelta(days=lag), kind]
            con.execute("insert into events values (?, ?, ?, ?)", values)
        assert con.execute(fast).fetchall() == con.execute(TEXTBOOK).fetchall()


def event(key: str, at: datetime, device: str | None = "d", **more: Any) -> dict[str, Any]:
    return {
        "web_event_key": key,
        "event_type": "page_view",
        "anonymous_id": device,
        "occurred_at": at,
    } | more


def test_a_visit_goes_over_midnight_and_ends_after_half_an_hour(warehouse: Any) -> None:
    late = datetime(2024, 5, 1, 21, 50)  # 23:50 in Paris
    warehouse.load(
        "web_events",
        [
            event("1", late, utm_source="news", referrer_url="https://a.example"),
            event("2", late + timedelta(minutes=30), utm_source="other"),
            event("3", late + timedelta(minutes=61), event_type="order"),
            event("4", late, "bot", is_bot=True),
            event("5", late, "crawler", user_agent="Mozilla/5.0 (compatible; Googlebot/2.1)"),
            event("6", late, "cubot", user_agent="Mozilla/5.0 (Linux; CUBOT X18)"),
        ],
        system="web",
    )
    warehouse.build(date(2024, 5, 2), test=False)
    assert warehouse.rows(
        "select device_id, event_count, has_order, utm_source, started_on, "
        "ended_at - started_at from core.fct_web_sessions order by all"
    ) == [
        ("web|cubot", 1, False, None, date(2024, 5, 1), timedelta(0)),
        ("web|d", 1, True, None, date(2024, 5, 2), timedelta(0)),
        ("web|d", 2, False, "news", date(2024, 5, 1), timedelta(minutes=30)),
    ]
    assert warehouse.rows(
        "select is_machine, count(*) from core.fct_web_events group by all order by all"
    ) == [(False, 4), (True, 2)]


def test_late_events_leave_what_a_build_from_nothing_would(warehouse: Any) -> None:
    noon = datetime(2024, 5, 1, 12)
    first = [event(f"{d}{n}", noon + timedelta(minutes=20 * n), d) for d in "ab" for n in (0, 3, 4)]
    warehouse.load("web_events", first, system="web")
    warehouse.build(date(2024, 5, 2), test=False)
    assert warehouse.value("select count(*) from core.fct_web_sessions") == 4
    # Late: two events join the two visits of a; a device is new; b says nothing more.
    late = [event(f"a{n}", noon + timedelta(minutes=20 * n), "a") for n in (1, 2)]
    warehouse.load(
        "web_events", [*late, event("c", noon, "c")], system="web", loaded_at=datetime(2025, 1, 2)
    )
    warehouse.execute("update intermediate.int_web_sessions__cut set device = 'mark'")
    warehouse.build(date(2024, 5, 2), test=False)
    # Only what was touched was made again.
    assert warehouse.rows(
        "select visitor_key, event_count, device from intermediate.int_web_sessions__cut "
        "order by all"
    ) == [("web|a", 5, None), ("web|b", 1, "mark"), ("web|b", 2, "mark"), ("web|c", 1, None)]
    warehouse.execute("delete from raw_files.web_events where anonymous_id = 'b'")
    warehouse.build(date(2024, 5, 2), test=False)
    kept = warehouse.rows("from core.fct_web_sessions order by all")
    warehouse.build(date(2024, 5, 2), "--full-refresh", test=False)
    assert warehouse.rows("from core.fct_web_sessions order by all") == kept
    assert len(kept) == 2
