"""RFM: groups by recency, frequency and amount, how they weigh, and who moved between them."""

from __future__ import annotations

from typing import Any

from dashboards import theme
from dashboards.charts import bars, twin_bars
from dashboards.grids import grid
from dashboards.page import Block, Chart, Content, Context, Listing, Note, Page, Table
from dashboards.say import is_missing
from dashboards.trends import lines

SCORES = (5, 4, 3, 2, 1)
SHOWN_MOVES = 8
SHOWN_LINES = 4
AXES = ("recency", "frequency", "monetary")

QUERIES = {
    "groups": """
        select rfm_group, any_value(rfm_group_label_en) as label_en,
            any_value(rfm_group_label_fr) as label_fr, count(*) as people,
            sum(net_amount) as amount
        from marts.rfm where rfm_group is not null
        group by rfm_group order by amount desc, rfm_group""",
    "cells": """
        select recency_score, frequency_score, count(*) as people, sum(net_amount) as amount
        from marts.rfm where rfm_group is not null group by all order by all""",
    "history": """
        select month_end_on, rfm_group, count(*) as people from marts.rfm_history
        where rfm_group is not null group by all order by month_end_on, rfm_group""",
    "moves": """
        select from_month_end_on, to_month_end_on, from_group, to_group, customer_count
        from marts.rfm_moves
        where from_group <> to_group and customer_count > 0
        qualify to_month_end_on = max(to_month_end_on) over ()
        order by customer_count desc, from_group, to_group""",
    "cuts": """
        select axis, score, lower_bound, upper_bound from marts.rfm_cuts
        qualify as_of_date = max(as_of_date) over () order by axis, score desc""",
}


def content(context: Context) -> Content:
    """Weight of the groups, the grid of scores, history, moves and the cuts."""
    say, groups = context.say, context.frame("groups")
    if groups.empty:
        return Content(say("title_empty"), say("lead"), [Note(say("nothing_yet"))])
    labels = group_labels(context)
    first = groups.iloc[0]
    title = say(
        "title",
        group=labels[first.rfm_group],
        amount=say.percent(first.amount / groups["amount"].sum()),
        people=say.percent(first.people / groups["people"].sum()),
    )
    blocks: list[Block] = [_weights(context, labels), _cells(context)]
    if len(context.frame("moves")):
        blocks.append(_moves(context, labels))
    if len(context.frame("history")):
        blocks.append(_history(context, labels))
    blocks.append(_cuts(context))
    return Content(title, say("lead"), blocks)


def group_labels(context: Context) -> dict[str, str]:
    """Code of a group → its name in the page's language."""
    column = f"label_{context.say.lang}"
    groups = context.frame("groups")
    return dict(zip(groups["rfm_group"], groups[column], strict=True))


def _weights(context: Context, labels: dict[str, str]) -> Chart:
    say, groups = context.say, context.frame("groups")
    people, amount = groups["people"].sum(), groups["amount"].sum()
    names = [labels[group] for group in groups["rfm_group"]]
    left = [say.percent(n / people) for n in groups["people"]]
    right = [say.percent(a / amount) for a in groups["amount"]]
    largest = groups.iloc[int(groups["people"].to_numpy().argmax())]
    rows = [
        [name, say.number(r.people), one, say.money(r.amount), other]
        for name, r, one, other in zip(names, groups.itertuples(), left, right, strict=True)
    ]
    headers = [say(k) for k in ("group", "customers", "share", "net_revenue", "revenue_share")]
    return Chart(
        say(
            "weights_title",
            group=labels[largest.rfm_group],
            people=say.number(largest.people),
        ),
        say("weights_note"),
        twin_bars(
            say,
            names,
            (say("share_people"), list(groups["people"]), left),
            (say("revenue_share"), list(groups["amount"]), right),
        ),
        Table(headers, rows, frozenset({1, 2, 3, 4})),
        is_wide=True,
    )


def _cells(context: Context) -> Chart:
    say = context.say
    found = {
        (int(r.frequency_score), int(r.recency_score)): int(r.people)
        for r in context.frame("cells").itertuples()
    }
    across = tuple(reversed(SCORES))
    values = [[float(found.get((f, r), 0)) for r in across] for f in SCORES]
    texts = [[say.number(value) for value in row] for row in values]
    best = sum(n for (f, r), n in found.items() if f >= 4 and r >= 4)  # noqa: PLR2004 the top two
    names = [str(score) for score in across]
    rows = [[str(f), *row] for f, row in zip(SCORES, texts, strict=True)]
    return Chart(
        say("cells_title", people=say.number(best)),
        say("cells_note"),
        grid(
            say,
            (say("recency"), names),
            (say("frequency"), [str(f) for f in SCORES]),
            values,
            texts,
        ),
        Table([say("frequency"), *names], rows, frozenset(range(1, 6))),
    )


def _moves(context: Context, labels: dict[str, str]) -> Chart:
    say, moves = context.say, context.frame("moves").head(SHOWN_MOVES)
    names = [
        f"{labels.get(r.from_group, r.from_group)} → {labels.get(r.to_group, r.to_group)}"
        for r in moves.itertuples()
    ]
    texts = [say.number(n) for n in moves["customer_count"]]
    total = int(context.frame("moves")["customer_count"].sum())
    colours = [theme.ACCENT] + [theme.ACCENT_SOFT] * (len(names) - 1)
    first = context.frame("moves").iloc[0]
    return Chart(
        say("moves_title", people=say.number(total)),
        say(
            "moves_note",
            start=say.day(first.from_month_end_on),
            end=say.day(first.to_month_end_on),
        ),
        bars(say, names, list(moves["customer_count"]), texts, colours),
        Table(
            [say("move"), say("customers")],
            [list(row) for row in zip(names, texts, strict=True)],
            frozenset({1}),
        ),
    )


def _history(context: Context, labels: dict[str, str]) -> Chart:
    say, history = context.say, context.frame("history")
    wide = history.pivot(index="month_end_on", columns="rfm_group", values="people").fillna(0)
    months = list(wide.index)
    change = (wide.iloc[-1] - wide.iloc[0]).sort_values(key=abs, ascending=False)
    shown = list(change.index[:SHOWN_LINES])
    colours = (theme.ACCENT, theme.ALERT, theme.ACCENT_MID, theme.CONTEXT)
    series = [
        (labels.get(group, group), colour, list(wide[group]))
        for group, colour in zip(shown, colours, strict=False)
    ]
    headers = [say("month"), *[labels.get(group, group) for group in wide.columns]]
    rows = [[say.month(m), *[say.number(n) for n in wide.loc[m]]] for m in months]
    return Chart(
        say(
            "history_title",
            group=labels.get(shown[0], shown[0]),
            change=say.signed(change.iloc[0]),
        ),
        say("history_note"),
        lines(say, [say.short_month(m) for m in months], series),
        Table(headers, rows, frozenset(range(1, len(headers)))),
        is_wide=True,
    )


def _cuts(context: Context) -> Listing:
    say, cuts = context.say, context.frame("cuts")
    rows: list[list[str]] = []
    for score in SCORES:
        row = [str(score)]
        for axis in AXES:
            found = cuts[(cuts["axis"] == axis) & (cuts["score"] == score)] if len(cuts) else cuts
            row.append(_bounds(context, axis, found))
        rows.append(row)
    headers = [say("score"), *[say(f"cut_{axis}") for axis in AXES]]
    return Listing(say("cuts_title"), say("cuts_note"), Table(headers, rows))


def _bounds(context: Context, axis: str, found: Any) -> str:
    say = context.say
    if not len(found):
        return "–"
    write = say.money if axis == "monetary" else say.number
    low, high = found.iloc[0].lower_bound, found.iloc[0].upper_bound
    if is_missing(low):
        return f"≤ {write(high)}"
    return f"> {write(low)}" if is_missing(high) else f"{write(low)} – {write(high)}"


PAGE = Page(order=2, queries=QUERIES, content=content)
