"""Attrition: who is about to leave, and how far the scores can be believed."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

from dashboards.charts import columns, twin_bars
from dashboards.evidence import (
    backtest_chart,
    backtest_query,
    calibration_chart,
    calibration_query,
    drivers_chart,
    drivers_query,
)
from dashboards.page import Block, Card, Cards, Chart, Content, Context, Note, Page, Table

SCORES = ("attrition_28d", "attrition_56d", "attrition_own_rhythm")
LISTED = "'attrition_28d', 'attrition_56d', 'attrition_own_rhythm'"
# One in ten: enough people to act on whatever the level of the risk.
RANKED = """
    select *, percent_rank() over (order by attrition_56d_probability desc, customer_id) < 0.1
        as is_high
    from marts.customer_360 where attrition_56d_probability is not null"""
BANDS = (0.0, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0)
DARK_FROM = 4  # the position of the band that begins at 20%

QUERIES = {
    "totals": f"""
        select count(*) as people, count(*) filter (where is_high) as high,
            sum(net_amount_365_days) filter (where is_high) as amount,
            sum(attrition_56d_probability) as expected,
            sum(attrition_56d_probability) filter (where is_high) as high_expected,
            avg(attrition_56d_probability) filter (where is_high) as high_probability,
            count(*) filter (where is_silence_unusual) as silent,
            count(*) filter (where is_silence_unusual and pmg_class = 'gros') as silent_gros
        from ({RANKED})""",
    "people": """
        select attrition_56d_probability as probability from marts.customer_360
        where attrition_56d_probability is not null order by probability""",
    "classes": f"""
        select pmg_class, count(*) filter (where is_high) as high,
            coalesce(sum(net_amount_365_days) filter (where is_high), 0) as amount
        from ({RANKED}) where pmg_class is not null group by pmg_class
        order by case pmg_class when 'gros' then 1 when 'moyen' then 2 else 3 end""",
    "models": f"""
        select score, used, notice_en, notice_fr from ml.models where score in ({LISTED})
        qualify row_number() over (partition by score order by trained_at desc, model_version) = 1
        order by score""",
    "backtests": backtest_query(LISTED),
    "calibration": calibration_query(LISTED),
    "drivers": drivers_query(LISTED),
}


def content(context: Context) -> Content:
    """Who is at risk, then the evidence of each score."""
    say, totals = context.say, context.frame("totals")
    if totals.empty or not totals.iloc[0].people:
        blocks: list[Block] = [Note(say("no_score")), *_evidence(context)]
        return Content(say("title_empty"), say("lead"), blocks)
    row = totals.iloc[0]
    title = say(
        "title",
        people=say.number(row.high),
        share=say.percent(row.high_expected / (row.expected or 1)),
        amount=say.short_money(row.amount),
    )
    blocks = [_cards(context, row), _bands(context)]
    if len(context.frame("classes")):
        blocks.append(_classes(context))
    return Content(title, say("lead"), [*blocks, *_evidence(context)])


def _cards(context: Context, row: Any) -> Cards:
    say = context.say
    return Cards(
        [
            Card(
                say("card_high"),
                say.number(row.high),
                say("card_high_note", mean=say.percent(row.high_probability)),
                "alert" if row.high else "neutral",
            ),
            Card(say("card_amount"), say.short_money(row.amount), say("card_amount_note")),
            Card(say("card_expected"), say.number(row.expected), say("card_expected_note")),
            Card(
                say("card_silent"),
                say.number(row.silent),
                say("card_silent_note", gros=say.number(row.silent_gros)),
            ),
        ]
    )


def _bands(context: Context) -> Chart:
    say, values = context.say, context.frame("people")["probability"]
    bands = list(pairwise(BANDS))
    counts = [int(((values >= low) & (values < high)).sum()) for low, high in bands]
    counts[-1] += int((values == 1).sum())
    labels = [f"{say.number(100 * low)}–{say.percent(high)}" for low, high in bands]
    texts = [say.number(count) for count in counts]
    low = sum(counts[:DARK_FROM]) / (sum(counts) or 1)
    return Chart(
        say("bands_title", share=say.percent(low)),
        say("bands_note"),
        columns(say, labels, counts, texts, range(DARK_FROM, len(counts))),
        Table(
            [say("band"), say("customers")],
            [list(cells) for cells in zip(labels, texts, strict=True)],
            frozenset({1}),
        ),
    )


def _classes(context: Context) -> Chart:
    say, classes = context.say, context.frame("classes")
    names = [say.name(name) for name in classes["pmg_class"]]
    people = [say.number(n) for n in classes["high"]]
    amounts = [say.short_money(amount) for amount in classes["amount"]]
    rows = [list(row) for row in zip(names, people, amounts, strict=True)]
    top = int(classes["amount"].to_numpy().argmax())
    total = classes["amount"].sum() or 1
    return Chart(
        say(
            "classes_title",
            name=names[top],
            share=say.percent(classes.iloc[top].amount / total),
        ),
        say("classes_note"),
        twin_bars(
            say,
            names,
            (say("card_high"), list(classes["high"]), people),
            (say("net_revenue"), list(classes["amount"]), amounts),
        ),
        Table([say("class"), say("card_high"), say("net_revenue")], rows, frozenset({1, 2})),
    )


def _evidence(context: Context) -> list[Block]:
    say, models = context.say, context.frame("models")
    used = dict(zip(models["score"], models["used"], strict=True)) if len(models) else {}
    blocks: list[Block] = []
    for score in SCORES:
        if score in used and not used[score]:
            notice = models[models["score"] == score].iloc[0][f"notice_{say.lang}"]
            blocks.append(Note(f"{say.name(score)} – {notice or say('not_used')}", "alert"))
        pair = (
            backtest_chart(context, score, is_used=bool(used.get(score, True))),
            calibration_chart(context, score),
        )
        blocks += [chart for chart in pair if chart]
    drivers = [drivers_chart(context, score) for score in SCORES]
    shown = [chart for chart in drivers if chart]
    if len(shown) % 2:
        shown[-1] = replace(shown[-1], is_wide=True)
    return [*blocks, *shown]


PAGE = Page(order=4, queries=QUERIES, content=content)
