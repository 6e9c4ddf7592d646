"""Campaigns: what the retailer's campaigns brought, and what Habitué delivered."""

from __future__ import annotations

from typing import Any

from dashboards import theme
from dashboards.charts import bars
from dashboards.page import Block, Card, Cards, Chart, Content, Context, Listing, Note, Page, Table

SHOWN = 12
ENOUGH = 30  # contacts below which a share is an accident

QUERIES = {
    "results": """
        select campaign_name, campaign_type, starts_on, ends_on, contacted_count,
            contacted_redeemer_count as redeemer_count,
            redemption_count, redemption_rate as redeemer_share
        from marts.campaign_results
        order by redeemer_share desc nulls last, campaign_name""",
}


def content(context: Context) -> Content:
    """Redemption by campaign and type, then the deliveries."""
    say, results = context.say, context.frame("results")
    known = results[results["redeemer_share"].notna()] if len(results) else results
    if not len(known):
        return Content(say("title_empty"), say("lead"), [_deliveries(context)])
    large = known[known["contacted_count"] >= ENOUGH]
    best = (large if len(large) else known).iloc[0]
    title = say(
        "title",
        campaign=best.campaign_name,
        share=say.percent(best.redeemer_share, 1),
        mean=say.percent(known["redeemer_count"].sum() / known["contacted_count"].sum(), 1),
    )
    blocks: list[Block] = [
        _cards(context, known),
        _ranking(context, known),
        _deliveries(context),
        _results(context),
    ]
    return Content(title, say("lead"), blocks)


def _cards(context: Context, known: Any) -> Cards:
    say = context.say
    contacts, redeemers = int(known["contacted_count"].sum()), int(known["redeemer_count"].sum())
    delivered = int(context.deliveries["people"].sum()) if len(context.deliveries) else 0
    return Cards(
        [
            Card(say("card_campaigns"), say.number(len(known)), say("card_campaigns_note")),
            Card(say("card_contacts"), say.number(contacts), say("card_contacts_note")),
            Card(
                say("card_redeemers"),
                say.number(redeemers),
                say("card_redeemers_note", share=say.percent(redeemers / contacts, 1)),
            ),
            Card(
                say("card_coupons"),
                say.number(known["redemption_count"].sum()),
                say("card_coupons_note"),
            ),
            Card(say("card_delivered"), say.number(delivered), say("card_delivered_note")),
        ]
    )


def _ranking(context: Context, known: Any) -> Chart:
    say, shown = context.say, known.head(SHOWN)
    names = [str(name) for name in shown["campaign_name"]]
    texts = [
        say(
            "bar",
            share=say.percent(r.redeemer_share, 1),
            redeemers=say.number(r.redeemer_count),
            contacted=say.number(r.contacted_count),
        )
        for r in shown.itertuples()
    ]
    mean = known["redeemer_count"].sum() / known["contacted_count"].sum()
    colours = [
        theme.ACCENT if share >= mean else theme.ACCENT_SOFT for share in shown["redeemer_share"]
    ]
    better = int((known["redeemer_share"] >= mean).sum())
    rows = [list(row) for row in zip(names, texts, strict=True)]
    return Chart(
        say("ranking_title", better=say.number(better), all=say.number(len(known))),
        say("ranking_note", mean=say.percent(mean, 1)),
        bars(say, names, list(shown["redeemer_share"]), texts, colours),
        Table([say("campaign"), say("used_share")], rows),
        is_wide=True,
    )


def _results(context: Context) -> Listing:
    say = context.say
    rows = [
        [
            str(r.campaign_name),
            str(r.campaign_type or "–"),
            f"{say.dated(r.starts_on)} – {say.dated(r.ends_on)}",
            say.number(r.contacted_count),
            say.number(r.redeemer_count),
            say.number(r.redemption_count),
            say.percent(r.redeemer_share, 1),
        ]
        for r in context.frame("results").sort_values(["starts_on", "campaign_name"]).itertuples()
    ]
    keys = ("campaign", "type", "dates", "contacted", "redeemers", "coupons", "used_share")
    table = Table([say(key) for key in keys], rows, frozenset({3, 4, 5, 6}))
    return Listing(say("results_title"), say("results_note"), table)


def _deliveries(context: Context) -> Listing | Note:
    say, deliveries = context.say, context.deliveries
    if not len(deliveries):
        return Note(say("no_deliveries"))
    rows = [
        [
            say.name(r.campaign),
            say.name(r.destination),
            say.name(r.channel),
            say.number(r.people),
        ]
        for r in deliveries.itertuples()
    ]
    headers = [say(key) for key in ("campaign", "destination", "channel", "acknowledged")]
    total = say.number(int(deliveries["people"].sum()))
    return Listing(
        say("deliveries_title", people=total),
        say("deliveries_note"),
        Table(headers, rows, frozenset({3})),
    )


PAGE = Page(order=7, queries=QUERIES, content=content)
