"""Sources: every system, who owns it, how fresh it is, and what became of its rows."""

from __future__ import annotations

from typing import Any

from dashboards.charts import bars
from dashboards.page import Block, Card, Cards, Chart, Content, Context, Listing, Note, Page, Table
from dashboards.read import is_late

QUERIES = {
    "systems": """
        select systems.source_system, systems.owner, systems.cadence_days,
            count(sources.entity) > 0 as is_connected,
            min(sources.data_through) as data_through,
            max(sources.last_checked_at) as last_checked_at,
            string_agg(sources.entity, ',' order by sources.entity) as entities
        from quality.systems as systems
        left join quality.sources as sources
            on systems.source_system = sources.source_system and sources.is_connected
        group by all
        order by is_connected desc, systems.source_system""",
    "loads": """
        select source_system, count(*) as files, sum(rows_read) as rows_read,
            sum(rows_loaded) as rows_loaded, sum(rows_quarantined) as rows_quarantined,
            sum(rows_duplicate) as rows_duplicate, sum(rows_erased) as rows_erased,
            max(loaded_at) as loaded_at
        from quality.loads group by source_system order by rows_loaded desc, source_system""",
}
ROW_COUNTS = ("rows_read", "rows_loaded", "rows_quarantined", "rows_duplicate", "rows_erased")


def content(context: Context) -> Content:
    """How many systems deliver, the register with its accounts, and where the rows come from."""
    say, systems = context.say, context.frame("systems")
    if systems.empty:
        return Content(say("title_empty"), say("lead"), [Note(say("nothing_yet"))])
    connected = systems[systems["is_connected"]]
    late = [row for row in connected.itertuples() if is_late(row, context.as_of)]
    title = say("title", connected=say.number(len(connected)), known=say.number(len(systems)))
    blocks: list[Block] = [_cards(context, len(connected), len(systems), len(late))]
    blocks.append(_register(context, len(late)))
    loads = context.frame("loads")
    if len(loads):
        blocks += [_rows_by_system(context, loads), _gives(context)]
    return Content(title, say("lead"), blocks)


def _cards(context: Context, connected: int, known: int, late: int) -> Cards:
    say, loads = context.say, context.frame("loads")
    read = int(loads["rows_read"].sum()) if len(loads) else 0
    aside = int(loads["rows_quarantined"].sum()) if len(loads) else 0
    return Cards(
        [
            Card(say("card_connected"), f"{say.number(connected)} / {say.number(known)}"),
            Card(say("card_late"), say.number(late), "", "alert" if late else "good"),
            Card(say("card_read"), say.number(read), say("card_read_note")),
            Card(
                say("card_aside"),
                say.number(aside),
                say("card_aside_note", share=say.percent(aside / read if read else 0, 2)),
            ),
        ]
    )


def _register(context: Context, late: int) -> Listing:
    say, loads = context.say, context.frame("loads")
    accounts = {row.source_system: row for row in loads.itertuples()} if len(loads) else {}
    rows = [
        _system(context, row, accounts.get(row.source_system))
        for row in context.frame("systems").itertuples()
    ]
    keys = ["system", "owner", "state", "through"]
    keys += ["read", "loaded", "quarantined", "duplicate", "erased"]
    return Listing(
        say.plural("register_title_late", late) if late else say("register_title"),
        say("register_note"),
        Table([say(key) for key in keys], rows, frozenset({4, 5, 6, 7, 8})),
    )


def _system(context: Context, row: Any, account: Any) -> list[str]:
    say = context.say
    names = [say.name(row.source_system), say.name(row.owner)]
    if not row.is_connected:
        return [*names, say("state_missing"), *["–"] * 5]
    counts = [say.number(getattr(account, name)) if account else "–" for name in ROW_COUNTS]
    state = say("state_late") if is_late(row, context.as_of) else say("state_fresh")
    return [*names, state, say.day(row.data_through), *counts]


def _gives(context: Context) -> Listing:
    say, loads = context.say, context.frame("loads")
    loaded_at = dict(zip(loads["source_system"], loads["loaded_at"], strict=True))
    rows = [
        [
            say.name(row.source_system),
            ", ".join(say.name(entity) for entity in str(row.entities).split(",")),
            say.moment(loaded_at.get(row.source_system)),
        ]
        for row in context.frame("systems").itertuples()
        if row.is_connected
    ]
    table = Table([say(key) for key in ("system", "gives", "loaded_at")], rows)
    return Listing(say("gives_title", count=say.number(len(rows))), say("gives_note"), table)


def _rows_by_system(context: Context, loads: Any) -> Chart:
    say = context.say
    names = [say.name(system) for system in loads["source_system"]]
    counts = [float(count) for count in loads["rows_loaded"]]
    texts = [say.number(count) for count in counts]
    rows = [list(row) for row in zip(names, texts, strict=True)]
    return Chart(
        say("chart_title", system=names[0], share=say.percent(counts[0] / max(sum(counts), 1))),
        say("chart_note"),
        bars(say, names, counts, texts),
        Table([say("system"), say("loaded")], rows, frozenset({1})),
        is_wide=True,
    )


PAGE = Page(order=10, queries=QUERIES, content=content)
