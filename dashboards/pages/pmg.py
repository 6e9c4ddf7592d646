"""Petits, Moyens, Gros: how few customers bring how much, and who moves between the classes."""

from __future__ import annotations

from typing import Any

from dashboards import theme
from dashboards.charts import columns, stacks
from dashboards.grids import grid
from dashboards.page import Block, Card, Cards, Chart, Content, Context, Note, Page, Table
from dashboards.say import Say
from dashboards.trends import lines

CLASSES = ("gros", "moyen", "petit")

QUERIES = {
    "classes": """
        select pmg_class, customer_count, customer_share, net_amount, net_amount_share
        from marts.pmg_classes
        qualify as_of_date = max(as_of_date) over () order by net_amount_share desc, pmg_class""",
    "history": """
        select month_end_on, pmg_class, count(*) as people from marts.pmg_history
        where pmg_class is not null group by all order by month_end_on, pmg_class""",
    "migration": """
        select from_month_end_on, to_month_end_on, from_class, to_class, customer_count, net_amount
        from marts.pmg_migration order by all""",
    "left_gros": """
        select count(*) as people, sum(net_amount_365_days) as amount,
            sum(previous_net_amount_84_days) as before, sum(net_amount_84_days) as recent
        from marts.customer_360 where has_left_gros""",
}


def content(context: Context) -> Content:
    """Shares of the classes, their migration, and the Gros who went down."""
    say, classes = context.say, context.frame("classes")
    if classes.empty or "gros" not in set(classes["pmg_class"]):
        return Content(say("title_empty"), say("lead"), [Note(say("nothing_yet"))])
    classes = classes.set_index("pmg_class", drop=False)
    gros = classes.loc["gros"]
    title = say(
        "title",
        amount=say.percent(gros.net_amount_share),
        people=say.percent(gros.customer_share),
    )
    blocks: list[Block] = [_cards(context, gros), _shares(say, classes)]
    if len(context.frame("migration")):
        blocks += [_matrix(context), _departures(context)]
    if len(context.frame("history")):
        blocks.append(_history(context))
    return Content(title, say("lead"), blocks)


def _cards(context: Context, gros: Any) -> Cards:
    say, left = context.say, context.frame("left_gros").iloc[0]
    return Cards(
        [
            Card(
                say("card_gros"),
                say.number(gros.customer_count),
                say("card_gros_note", share=say.percent(gros.customer_share, 1)),
            ),
            Card(
                say("card_amount"),
                say.short_money(gros.net_amount),
                say("card_amount_note", share=say.percent(gros.net_amount_share, 1)),
            ),
            Card(
                say("card_each"),
                say.money(gros.net_amount / gros.customer_count),
                say("card_each_note"),
            ),
            Card(
                say("card_left"),
                say.number(left.people),
                say("card_left_note", amount=say.short_money(left.amount)),
                "alert" if left.people else "neutral",
            ),
        ]
    )


def _shares(say: Say, classes: Any) -> Chart:
    present = [name for name in CLASSES if name in classes.index]
    labels = [say("of_customers"), say("of_revenue")]
    parts = []
    for name in present:
        row = classes.loc[name]
        shares = [row.customer_share, row.net_amount_share]
        texts = [f"{say.name(name)} {say.percent(share)}" for share in shares]
        parts.append((say.name(name), theme.PMG_COLOURS[name], shares, texts))
    rows = [
        [
            say.name(name),
            say.number(classes.loc[name].customer_count),
            say.percent(classes.loc[name].customer_share, 1),
            say.money(classes.loc[name].net_amount),
            say.percent(classes.loc[name].net_amount_share, 1),
        ]
        for name in present
    ]
    headers = [say(k) for k in ("class", "customers", "share", "net_revenue", "revenue_share")]
    petit = classes.loc[present[-1]]
    title = say(
        "shares_title",
        people=say.percent(petit.customer_share),
        amount=say.percent(petit.net_amount_share),
        name=say.name(present[-1]),
    )
    table = Table(headers, rows, frozenset({1, 2, 3, 4}))
    return Chart(title, say("shares_note"), stacks(say, labels, parts), table, is_wide=True)


def _matrix(context: Context) -> Chart:
    say, moves = context.say, context.frame("migration")
    last = moves[moves["to_month_end_on"] == moves["to_month_end_on"].max()]
    counts = {(r.from_class, r.to_class): int(r.customer_count) for r in last.itertuples()}
    values = [[float(counts.get((one, other), 0)) for other in CLASSES] for one in CLASSES]
    texts = [[say.number(value) for value in row] for row in values]
    names = [say.name(one) for one in CLASSES]
    down = sum(
        n for (one, other), n in counts.items() if _rank(one) < _rank(other) and _rank(one) >= 0
    )
    up = sum(
        n for (one, other), n in counts.items() if _rank(one) > _rank(other) and _rank(other) >= 0
    )
    title = say("matrix_title", down=say.number(down), up=say.number(up))
    first = last.iloc[0]
    note = say(
        "matrix_note", start=say.day(first.from_month_end_on), end=say.day(first.to_month_end_on)
    )
    figure = grid(say, (say("to_class"), names), (say("from_class"), names), values, texts)
    rows = [[name, *cells] for name, cells in zip(names, texts, strict=True)]
    table = Table([say("from_class"), *names], rows, frozenset({1, 2, 3}))
    return Chart(title, note, figure, table)


def _rank(name: object) -> int:
    return CLASSES.index(str(name)) if name in CLASSES else -1


def _departures(context: Context) -> Chart:
    say, moves = context.say, context.frame("migration")
    lost = moves[(moves["from_class"] == "gros") & moves["to_class"].isin(["moyen", "petit"])]
    months = sorted(moves["to_month_end_on"].unique())
    by_month = lost.groupby("to_month_end_on")["customer_count"].sum()
    counts = [int(by_month.get(month, 0)) for month in months]
    labels = [say.short_month(month) for month in months]
    texts = [say.number(count) for count in counts]
    title = say("departures_title", people=texts[-1], month=say.month(months[-1]))
    rows = [[say.month(m), text] for m, text in zip(months, texts, strict=True)]
    return Chart(
        title,
        say("departures_note"),
        columns(say, labels, counts, texts, [len(counts) - 1]),
        Table([say("month"), say("customers")], rows, frozenset({1})),
    )


def _history(context: Context) -> Chart:
    say, history = context.say, context.frame("history")
    wide = history.pivot(index="month_end_on", columns="pmg_class", values="people").fillna(0)
    shares = wide.div(wide.sum(axis=1), axis=0)
    months = list(wide.index)
    present = [name for name in CLASSES if name in wide.columns]
    colours = {"gros": theme.ACCENT, "moyen": theme.ACCENT_MID, "petit": theme.CONTEXT}
    series = [(say.name(name), colours[name], list(shares[name])) for name in present]
    first, last = shares["gros"].iloc[0], shares["gros"].iloc[-1]
    title = say("history_title", start=say.percent(first, 1), end=say.percent(last, 1))
    rows = [
        [say.month(month), *[say.number(wide.loc[month, name]) for name in present]]
        for month in months
    ]
    labels = [say.short_month(month) for month in months]
    return Chart(
        title,
        say("history_note"),
        lines(say, labels, series, is_share=True),
        Table([say("month"), *[s[0] for s in series]], rows, frozenset({1, 2, 3})),
        is_wide=True,
    )


PAGE = Page(order=3, queries=QUERIES, content=content)
