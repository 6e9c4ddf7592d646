"""Data quality: what was read and set aside, which checks hold, how fresh each source is."""

from __future__ import annotations

from typing import Any

from dashboards.page import Block, Card, Cards, Content, Context, Listing, Note, Page, Table
from dashboards.read import is_late

QUERIES = {
    "loads": """
        select entity, count(*) as files, sum(rows_read) as rows_read,
            sum(rows_loaded) as rows_loaded, sum(rows_quarantined) as rows_quarantined,
            sum(rows_duplicate) as rows_duplicate, sum(rows_erased) as rows_erased,
            max(loaded_at) as loaded_at
        from quality.loads group by entity order by entity""",
    "sources": """
        select entity, source_system, is_connected, last_checked_at, data_through, cadence_days
        from quality.sources order by is_connected desc, entity, source_system""",
    "quarantined": """
        select entity, reason_code, column_name, sum(row_count) as row_count
        from quality.quarantined group by all order by row_count desc, entity, reason_code""",
    "results": """
        select door, table_name, count(*) as checks,
            count(*) filter (where not is_passed) as failed, max(row_count) as row_count
        from quality.results group by door, table_name order by failed desc, door, table_name""",
    "failures": """
        select table_name, expectation, column_name, unexpected_count from quality.results
        where not is_passed order by table_name, column_name, expectation""",
}


def content(context: Context) -> Content:
    """Totals, the account of every table, the checks, the freshness of every source."""
    say, loads = context.say, context.frame("loads")
    if loads.empty:
        blocks: list[Block] = [Note(say("nothing_yet")), _sources(context), *_checks(context)]
        return Content(say("title_empty"), say("lead"), blocks)
    read, loaded = int(loads["rows_read"].sum()), int(loads["rows_loaded"].sum())
    aside = int(loads["rows_quarantined"].sum())
    title = say("title", read=say.number(read), aside=say.number(aside))
    blocks = [_cards(context, read, loaded, aside), _sources(context), _account(context)]
    if len(context.frame("quarantined")):
        blocks.append(_quarantined(context))
    blocks += _checks(context)
    return Content(title, say("lead"), blocks)


def _cards(context: Context, read: int, loaded: int, aside: int) -> Cards:
    say, results = context.say, context.frame("results")
    duplicates = int(context.frame("loads")["rows_duplicate"].sum())
    checks = int(results["checks"].sum()) if len(results) else 0
    failed = int(results["failed"].sum()) if len(results) else 0
    share = say.percent(aside / read if read else 0, 2)
    return Cards(
        [
            Card(say("card_read"), say.number(read), say("card_read_note")),
            Card(say("card_loaded"), say.number(loaded), say("card_loaded_note")),
            Card(
                say("card_aside"),
                say.number(aside),
                say("card_aside_note", share=share),
                "alert" if aside else "good",
            ),
            Card(say("card_duplicate"), say.number(duplicates), say("card_duplicate_note")),
            Card(
                say("card_checks"),
                f"{say.number(checks - failed)} / {say.number(checks)}",
                say("card_checks_note"),
                "alert" if failed else "good" if checks else "neutral",
            ),
        ]
    )


def _sources(context: Context) -> Listing:
    say = context.say
    sources = context.frame("sources")
    rows = [_source(context, row) for row in sources.itertuples()] if len(sources) else []
    late = sum(1 for row in rows if row[-1] == say("state_late"))
    missing = sum(1 for row in rows if row[-1] == say("state_missing"))
    keys = ("data", "source", "through", "checked", "cadence", "state")
    return Listing(
        say.plural("sources_title_late", late, missing=missing)
        if late
        else say("sources_title", missing=missing),
        say("sources_note"),
        Table([say(key) for key in keys], rows),
    )


def _source(context: Context, row: Any) -> list[str]:
    say = context.say
    if not row.is_connected:
        return [say.name(row.entity), "–", "–", "–", "–", say("state_missing")]
    state = say("state_late") if is_late(row, context.as_of) else say("state_fresh")
    known = row.cadence_days == row.cadence_days and row.cadence_days is not None
    return [
        say.name(row.entity),
        say.name(row.source_system),
        say.day(row.data_through),
        say.moment(row.last_checked_at),
        say.plural("every", row.cadence_days) if known else "–",
        state,
    ]


def _account(context: Context) -> Listing:
    say = context.say
    rows = [
        [
            say.name(r.entity),
            say.number(r.files),
            say.number(r.rows_read),
            say.number(r.rows_loaded),
            say.number(r.rows_quarantined),
            say.number(r.rows_duplicate),
            say.number(r.rows_erased),
        ]
        for r in context.frame("loads").itertuples()
    ]
    keys = ("data", "files", "read", "loaded", "quarantined", "duplicate", "erased")
    table = Table([say(key) for key in keys], rows, frozenset({1, 2, 3, 4, 5, 6}))
    return Listing(say("account_title"), say("account_note"), table)


def _quarantined(context: Context) -> Listing:
    say = context.say
    rows = [
        [
            say.name(r.entity),
            say.name(r.reason_code),
            str(r.column_name or "–"),
            say.number(r.row_count),
        ]
        for r in context.frame("quarantined").itertuples()
    ]
    headers = [say(key) for key in ("data", "reason", "column", "rows")]
    return Listing(
        say("quarantined_title", reason=rows[0][1]),
        say("quarantined_note"),
        Table(headers, rows, frozenset({3})),
    )


def _checks(context: Context) -> list[Block]:
    say, results = context.say, context.frame("results")
    if not len(results):
        return [Note(say("no_checks"))]
    blocks: list[Block] = []
    for failure in context.frame("failures").itertuples():
        blocks.append(Note(_failure(context, failure), "alert"))
    rows = [
        [
            str(r.table_name or say.name(r.door)),
            say.name(f"door_{r.door}"),
            say.number(r.row_count),
            say.number(r.checks - r.failed),
            say.number(r.failed),
        ]
        for r in results.itertuples()
    ]
    headers = [say(key) for key in ("table", "door", "rows", "passed", "failed")]
    failed = int(results["failed"].sum())
    title = say.plural("checks_title_failed", failed) if failed else say("checks_title")
    table = Table(headers, rows, frozenset({2, 3, 4}))
    return [*blocks, Listing(title, say("checks_note"), table)]


def _failure(context: Context, failure: Any) -> str:
    say = context.say
    return say.plural(
        "failure",
        failure.unexpected_count,
        table=failure.table_name,
        column=failure.column_name,
        expectation=failure.expectation,
    )


PAGE = Page(order=9, queries=QUERIES, content=content)
