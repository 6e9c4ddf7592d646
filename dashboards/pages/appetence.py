"""Appetence: which category each customer is likely to buy next, and how far to believe it."""

from __future__ import annotations

from dashboards import theme
from dashboards.charts import bars
from dashboards.evidence import (
    backtest_chart,
    backtest_query,
    calibration_chart,
    calibration_query,
    drivers_chart,
    drivers_query,
)
from dashboards.page import Block, Chart, Content, Context, Listing, Note, Page, Table

SHOWN_CATEGORIES = 10
LISTED = "'appetence'"

QUERIES = {
    "top": """
        select top_appetence_category as category, count(*) as people,
            avg(top_appetence_probability) as probability
        from marts.customer_360 where top_appetence_category is not null
        group by category order by people desc, category""",
    "categories": """
        select category, count(*) filter (where appetence_probability >= 0.5) as likely,
            count(*) as people, sum(appetence_probability) as expected
        from marts.customer_categories where appetence_probability is not null
        group by category order by likely desc, category""",
    "models": """
        select score, used, notice_en, notice_fr from ml.models where score = 'appetence'
        qualify row_number() over (order by trained_at desc, model_version) = 1""",
    "backtests": backtest_query(LISTED),
    "calibration": calibration_query(LISTED),
    "drivers": drivers_query(LISTED),
}


def content(context: Context) -> Content:
    """The next purchase by category, then the evidence."""
    say, top = context.say, context.frame("top")
    evidence = _evidence(context)
    if top.empty:
        blocks: list[Block] = [Note(say("nothing_yet")), *evidence]
        return Content(say("title_empty"), say("lead"), blocks)
    title = say(
        "title",
        category=say.name(top.iloc[0].category),
        people=say.number(top.iloc[0].people),
    )
    blocks = [_top(context)]
    if len(context.frame("categories")):
        blocks.append(_likely(context))
    return Content(title, say("lead"), [*blocks, *evidence])


def _top(context: Context) -> Chart:
    say, top = context.say, context.frame("top")
    shown = top.head(SHOWN_CATEGORIES)
    names = [say.name(category) for category in shown["category"]]
    texts = [
        say("likely_text", people=say.number(r.people), probability=say.percent(r.probability))
        for r in shown.itertuples()
    ]
    colours = [theme.ACCENT] + [theme.ACCENT_SOFT] * (len(names) - 1)
    rows = [
        [say.name(r.category), say.number(r.people), say.percent(r.probability)]
        for r in top.itertuples()
    ]
    covered = shown["people"].sum() / top["people"].sum()
    return Chart(
        say("top_title", count=say.number(len(shown)), share=say.percent(covered)),
        say("top_note"),
        bars(say, names, list(shown["people"]), texts, colours),
        Table([say("category"), say("customers"), say("predicted")], rows, frozenset({1, 2})),
        is_wide=True,
    )


def _likely(context: Context) -> Listing:
    say, categories = context.say, context.frame("categories")
    rows = [
        [say.name(r.category), say.number(r.people), say.number(r.likely), say.number(r.expected)]
        for r in categories.head(SHOWN_CATEGORIES).itertuples()
    ]
    first = categories.iloc[0]
    title = say("likely_title", category=say.name(first.category), people=say.number(first.likely))
    headers = [say(key) for key in ("category", "scored", "likely", "expected")]
    return Listing(title, say("likely_note"), Table(headers, rows, frozenset({1, 2, 3})))


def _evidence(context: Context) -> list[Block]:
    say, models = context.say, context.frame("models")
    is_used = bool(models.iloc[0].used) if len(models) else True
    blocks: list[Block] = []
    if not is_used:
        blocks.append(Note(str(models.iloc[0][f"notice_{say.lang}"]) or say("not_used"), "alert"))
    charts = (
        backtest_chart(context, "appetence", is_used=is_used),
        calibration_chart(context, "appetence"),
        drivers_chart(context, "appetence", is_wide=True),
    )
    return blocks + [chart for chart in charts if chart]


PAGE = Page(order=5, queries=QUERIES, content=content)
