"""Journey: where people stop on their way, who acts there, and whom we can recognise."""

from __future__ import annotations

from typing import Any

from dashboards import theme
from dashboards.charts import bars
from dashboards.page import Block, Card, Cards, Chart, Content, Context, Listing, Note, Page, Table
from dashboards.say import is_missing

QUERIES = {
    "steps": """
        select path, path_label_en, path_label_fr, step_number, label_en, label_fr, action_en,
            action_fr, owner, is_connected, reached_count, continued_count, drop_out_share
        from marts.journey_steps
        order by path <> 'purchase', path, step_number""",
    "identified": """
        select channel, sum(contact_count) as contacts,
            sum(contact_count) filter (where bucket = 'identified') as identified,
            sum(net_amount) filter (where bucket = 'unknown_offline') as unknown_offline_amount
        from marts.identified_share group by channel order by contacts desc, channel""",
}


def content(context: Context) -> Content:
    """The largest drop-out as the title, a funnel per path, and the share we recognise."""
    say, steps = context.say, context.frame("steps")
    known = steps[steps["reached_count"].notna()] if len(steps) else steps
    if not len(known):
        return Content(say("title_empty"), say("lead"), [Note(say("nothing_yet"))])
    blocks: list[Block] = [_cards(context)] if len(context.frame("identified")) else []
    blocks += [_path(context, path) for path in dict.fromkeys(known["path"])]
    blocks.append(_owners(context))
    if len(context.frame("identified")):
        blocks.append(_recognised(context))
    return Content(_title(context, known), say("lead"), blocks)


def _title(context: Context, known: Any) -> str:
    say = context.say
    dropped = known[known["drop_out_share"].notna()]
    if dropped.empty:
        return say("title_all_go_on")
    worst = dropped.loc[dropped["drop_out_share"].idxmax()]
    return say(
        "title",
        step=_label(context, worst),
        path=_path_label(context, worst),
        share=say.percent(worst["drop_out_share"]),
    )


def _cards(context: Context) -> Cards:
    say, rows = context.say, context.frame("identified")
    contacts, identified = float(rows["contacts"].sum()), float(rows["identified"].sum())
    unknown = float(rows["unknown_offline_amount"].fillna(0).sum())
    share = identified / contacts if contacts else None
    return Cards(
        [
            Card(say("card_contacts"), say.number(contacts), say("card_contacts_note")),
            Card(say("card_identified"), say.percent(share), say("card_identified_note")),
            Card(say("card_unknown"), say.money(unknown), say("card_unknown_note")),
        ]
    )


def _path(context: Context, path: str) -> Chart:
    say = context.say
    steps = context.frame("steps")
    rows = list(steps[steps["path"] == path].itertuples())
    labels = [_label(context, row._asdict()) for row in rows]
    counts = [_number(row.reached_count) for row in rows]
    texts = [_reached(context, row) for row in rows]
    stops = [row for row in rows if not is_missing(row.drop_out_share)]
    worst = max(stops, key=lambda row: row.drop_out_share, default=None)
    table_rows = [
        [label, say.number(row.reached_count), say.percent(row.drop_out_share, 1)]
        for label, row in zip(labels, rows, strict=True)
    ]
    return Chart(
        _path_title(context, rows[0]._asdict(), worst),
        say("path_note"),
        bars(say, labels, counts, texts, [theme.ACCENT] * len(rows)),
        Table([say("step"), say("reached"), say("dropped")], table_rows, frozenset({1, 2})),
        is_wide=True,
    )


def _path_title(context: Context, first: Any, worst: Any) -> str:
    say, path = context.say, _path_label(context, first)
    if worst is None:
        return path
    step = _label(context, worst._asdict())
    return say("path_title", path=path, step=step, share=say.percent(worst.drop_out_share))


def _reached(context: Context, row: Any) -> str:
    say = context.say
    return say.number(row.reached_count) if row.is_connected else say("not_connected")


def _owners(context: Context) -> Listing:
    say = context.say
    rows = [
        [
            _path_label(context, row._asdict()),
            _label(context, row._asdict()),
            getattr(row, f"action_{say.lang}"),
            say.name(row.owner),
        ]
        for row in context.frame("steps").itertuples()
    ]
    keys = ("path", "step", "action", "owner")
    table = Table([say(key) for key in keys], rows)
    return Listing(say("owners_title", count=say.number(len(rows))), say("owners_note"), table)


def _recognised(context: Context) -> Chart:
    say, rows = context.say, context.frame("identified")
    names = [say.name(channel) for channel in rows["channel"]]
    shares = [
        _number(row.identified) / row.contacts if row.contacts else 0 for row in rows.itertuples()
    ]
    texts = [say.percent(share) for share in shares]
    table_rows = [
        [name, say.number(row.contacts), text]
        for name, row, text in zip(names, rows.itertuples(), texts, strict=True)
    ]
    lowest = min(range(len(shares)), key=shares.__getitem__)
    return Chart(
        say("recognised_title", channel=names[lowest], share=texts[lowest]),
        say("recognised_note"),
        bars(say, names, shares, texts),
        Table([say("channel"), say("contacts"), say("share")], table_rows, frozenset({1, 2})),
        is_wide=True,
    )


def _label(context: Context, row: Any) -> str:
    return str(row[f"label_{context.say.lang}"])


def _path_label(context: Context, row: Any) -> str:
    return str(row[f"path_label_{context.say.lang}"])


def _number(value: Any) -> float:
    return 0.0 if is_missing(value) else float(value)


PAGE = Page(order=8, queries=QUERIES, content=content)
