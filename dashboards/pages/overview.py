"""Overview: how the business goes, and which segment to act on first."""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from typing import Any

from dashboards import theme
from dashboards.charts import bars, columns
from dashboards.page import (
    Action,
    Actions,
    Block,
    Card,
    Cards,
    Chart,
    Content,
    Context,
    Note,
    Page,
    Table,
)
from dashboards.say import is_missing

SHOWN_ACTIONS = 5

MONTHS_SHOWN = 13  # this month and the same one a year ago; more columns hide their labels
QUERIES = {
    "totals": """
        select count(*) filter (where order_count > 0) as buyers,
            sum(net_amount_84_days) as recent, sum(previous_net_amount_84_days) as before,
            count(*) filter (where is_silence_unusual) as silent,
            sum(net_amount_365_days) filter (where is_silence_unusual) as silent_amount,
            count(*) filter (where has_left_gros) as left_gros,
            count(*) filter (where pmg_class = 'gros') as gros
        from marts.customer_360""",
    "months": "select * from marts.revenue_by_month order by month_on",
    "stages": """
        select lifecycle_stage as stage, count(*) as people, sum(net_amount_365_days) as amount
        from marts.customer_360 where lifecycle_stage is not null
        group by lifecycle_stage order by people desc, stage""",
    "segments": """
        with latest as (
            select * from segments.sizes
            qualify row_number()
                over (partition by segment order by as_of_date desc, run_id desc) = 1
        )
        select latest.segment, latest.member_count, latest.entered_count, latest.left_count,
            latest.compared_on,
            latest.sentence_en, latest.sentence_fr,
            sum(net_amount_365_days) as amount,
            sum(net_amount_365_days * coalesce(attrition_56d_probability, 0)) as at_stake,
            sum(greatest(previous_net_amount_84_days - net_amount_84_days, 0)) as lost,
            avg(attrition_56d_probability) as probability,
            median(days_since_last_order) as silence
        from latest
        inner join segments.members on members.segment = latest.segment
        inner join marts.customer_360 on customer_360.customer_id = members.customer_id
        group by all
        order by latest.segment""",
    "reach": """
        select segment, channel, max(sendable) as sendable from (
            select segment, campaign, channel,
                sum(row_count) filter (where outcome = 'sent') as sendable
            from segments.waterfalls group by all)
        group by segment, channel order by segment, channel""",
}


def content(context: Context) -> Content:
    """The month, the segments to act on, and the base by stage of life."""
    say = context.say
    months = full_months(context)
    if months.empty or context.frame("totals").empty:
        return Content(say("title_empty"), say("lead"), [Note(say("nothing_yet"))])
    actions = _actions(context)
    blocks: list[Block] = [_cards(context, months)]
    blocks += [actions] if actions else [Note(say("no_segments"))]
    blocks += [_month_chart(context, months), _stage_chart(context)]
    return Content(_title(context, months, actions), say("lead"), blocks)


def full_months(context: Context) -> Any:
    """Rows of the months that were over on the day of the figures."""
    months = context.frame("months")
    if months.empty:
        return months
    over = [_month_end(month) < context.as_of for month in months["month_on"]]
    return months[over].reset_index(drop=True)


def _month_end(month: date) -> date:
    return date(month.year, month.month, monthrange(month.year, month.month)[1])


def _title(context: Context, months: Any, actions: Actions | None) -> str:
    say = context.say
    last = months.iloc[-1]
    values = {"amount": say.short_money(last.net_amount), "month": say.month(last.month_on)}
    change = _change(months)
    if change is None:
        return say("title_first", **values)
    key = "title_up" if change >= 0 else "title_down"
    headline = say(key, change=say.percent(abs(change), 1), **values)
    return headline + (say("title_act", segment=actions.actions[0].name) if actions else "")


def _change(months: Any) -> float | None:
    if len(months) < 2 or not months.iloc[-2].net_amount:  # noqa: PLR2004 a change needs two
        return None
    return float(months.iloc[-1].net_amount / months.iloc[-2].net_amount - 1)


def _cards(context: Context, months: Any) -> Cards:
    say, last = context.say, months.iloc[-1]
    totals = context.frame("totals").iloc[0]
    trend = totals.recent / totals.before - 1 if totals.before else None
    change = _change(months)
    fell = trend is not None and trend < 0
    return Cards(
        [
            Card(
                say("card_revenue", month=say.month(last.month_on)),
                say.short_money(last.net_amount),
                say(
                    "card_revenue_note",
                    change=say.signed(None if change is None else 100 * change, 1),
                ),
            ),
            Card(
                say("card_active", month=say.month(last.month_on)),
                say.number(last.active_customer_count),
                say("card_active_note", buyers=say.number(totals.buyers)),
            ),
            Card(
                say("card_trend"),
                say.signed(100 * trend, 1) + say.percent_sign if trend is not None else "–",
                say("card_trend_note"),
                "alert" if fell else "good",
            ),
            Card(
                say("card_silent"),
                say.number(totals.silent),
                say("card_silent_note", amount=say.short_money(totals.silent_amount)),
                "alert" if totals.silent else "neutral",
            ),
            Card(
                say("card_left_gros"),
                say.number(totals.left_gros),
                say("card_left_gros_note", gros=say.number(totals.gros)),
                "alert" if totals.left_gros else "neutral",
            ),
        ]
    )


def _actions(context: Context) -> Actions | None:
    say, segments = context.say, context.frame("segments")
    if segments.empty:
        return None
    # Without a score in use, what was already lost tells where to look first.
    is_scored = bool(segments["probability"].notna().any())
    each = segments["at_stake" if is_scored else "lost"] / segments["member_count"]
    ranked = segments.assign(each=each).sort_values(["each", "segment"], ascending=[False, True])
    shown = [_action(context, row) for row in ranked.head(SHOWN_ACTIONS).itertuples()]
    note = say("act_note" if is_scored else "act_note_unscored")
    return Actions(say("act_title"), note, shown, say("open_file"))


def _action(context: Context, row: Any) -> Action:
    say = context.say
    reach = context.frame("reach")
    mine = reach[reach["segment"] == row.segment] if len(reach) else reach
    channels = [
        say("fact_reach", channel=say.name(one.channel), people=say.number(one.sendable or 0))
        for one in mine.fillna({"sendable": 0}).itertuples()
    ]
    moved = say("fact_first")
    if not is_missing(row.compared_on):
        moved = say(
            "fact_moved",
            entered=say.number(row.entered_count),
            left=say.number(row.left_count),
            day=say.dated(row.compared_on),
        )
    days = say.number(row.silence)
    reason = say("reason_unscored", days=days, lost=say.short_money(row.lost))
    if row.probability == row.probability:  # NaN when no score is in use
        reason = say("reason", days=days, probability=say.percent(row.probability))
    return Action(
        name=say.name(row.segment),
        sentence=say.typeset(row.sentence_fr if say.lang == "fr" else row.sentence_en),
        size=say.number(row.member_count),
        size_unit=say("customer_unit"),
        facts=[say("fact_amount", amount=say.short_money(row.amount)), *channels, moved],
        reason=reason,
        link=context.exports.get(row.segment, ""),
    )


def _month_chart(context: Context, months: Any) -> Chart:
    say, months = context.say, months.tail(MONTHS_SHOWN)
    best = int(months["net_amount"].to_numpy().argmax())
    labels = [say.short_month(month) for month in months["month_on"]]
    texts = [say.short_money(amount) for amount in months["net_amount"]]
    rows = [
        [
            say.month(row.month_on),
            say.money(row.net_amount),
            say.number(row.order_count),
            say.number(row.active_customer_count),
            say.number(row.new_customer_count),
        ]
        for row in months.itertuples()
    ]
    headers = [say(key) for key in ("month", "net_revenue", "orders", "active", "new_customers")]
    return Chart(
        say("months_title", month=say.month(months.iloc[best].month_on), amount=texts[best]),
        say("months_note", currency=say.currency),
        columns(say, labels, list(months["net_amount"]), texts, [best]),
        Table(headers, rows, frozenset({1, 2, 3, 4})),
        is_wide=True,
    )


def _stage_chart(context: Context) -> Chart:
    say, stages = context.say, context.frame("stages")
    total = int(stages["people"].sum())
    names = [say.name(stage) for stage in stages["stage"]]
    texts = [f"{say.number(n)} · {say.percent(n / total)}" for n in stages["people"]]
    rows = [
        [name, say.number(row.people), say.percent(row.people / total, 1), say.money(row.amount)]
        for name, row in zip(names, stages.itertuples(), strict=True)
    ]
    headers = [say(key) for key in ("stage", "customers", "share", "net_revenue")]
    share = say.percent(stages.iloc[0].people / total)
    colours = [theme.ACCENT] + [theme.ACCENT_SOFT] * (len(names) - 1)
    return Chart(
        say("stages_title", stage=names[0], share=share),
        say("stages_note"),
        bars(say, names, list(stages["people"]), texts, colours),
        Table(headers, rows, frozenset({1, 2, 3})),
        is_wide=True,
    )


PAGE = Page(order=1, queries=QUERIES, content=content)
