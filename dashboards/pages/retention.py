"""Retention: what leaves when and by which rule, and where people stand in the scenarios."""

from __future__ import annotations

from typing import Any

from dashboards.page import Block, Card, Cards, Content, Context, Listing, Note, Page, Table

QUERIES = {
    "states": """
        select data_class, retention_state, count(*) as people
        from marts.retention group by all order by data_class, retention_state""",
    "calendar": """
        select cast(date_trunc('month', greatest(leaves_next_on, as_of_date)) as date) as month_on,
            data_class, count(*) as people
        from marts.retention group by all order by month_on, data_class""",
    "scenarios": """
        select scenario, state, count(*) as people, min(due_on) as next_due_on
        from marts.customer_scenarios group by all order by scenario, state""",
}
STATES = ("active", "intermediate_archive", "purge_due")
SHOWN_MONTHS = 24  # rows of the calendar that a person reads


def content(context: Context) -> Content:
    """Who is in use, archived and due to be purged; the calendar; the scenarios."""
    say, states = context.say, context.frame("states")
    if states.empty:
        return Content(say("title_empty"), say("lead"), [Note(say("nothing_yet"))])
    due = _people(states, "purge_due")
    title = say("title", count=say.number(due)) if due else say("title_none")
    blocks: list[Block] = [_cards(context, states), _calendar(context)]
    if len(context.frame("scenarios")):
        blocks.append(_scenarios(context))
    return Content(title, say("lead"), blocks)


def _people(states: Any, state: str) -> int:
    return int(states[states["retention_state"] == state]["people"].sum())


def _cards(context: Context, states: Any) -> Cards:
    say = context.say
    return Cards(
        [
            Card(say(f"card_{state}"), say.number(_people(states, state)), say(f"note_{state}"))
            for state in STATES
        ]
    )


def _calendar(context: Context) -> Listing:
    say, rows = context.say, context.frame("calendar")
    lines = [
        [say.month(row.month_on), say(f"class_{row.data_class}"), say.number(row.people)]
        for row in rows.head(SHOWN_MONTHS).itertuples()
    ]
    table = Table([say("month"), say("data_class"), say("people")], lines, frozenset({2}))
    return Listing(say("calendar_title"), say("calendar_note"), table)


def _scenarios(context: Context) -> Listing:
    say, rows = context.say, context.frame("scenarios")
    lines = [
        [say.name(row.scenario), say(f"state_{row.state}"), say.number(row.people)]
        for row in rows.itertuples()
    ]
    table = Table([say("scenario"), say("state"), say("people")], lines, frozenset({2}))
    return Listing(say("scenarios_title"), say("scenarios_note"), table)


PAGE = Page(order=13, queries=QUERIES, content=content)
