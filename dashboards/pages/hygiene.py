"""Hygiene: who can be reached and why not, how good the details are, what a cleaning costs."""

from __future__ import annotations

from typing import Any

from dashboards import theme
from dashboards.charts import bars
from dashboards.page import Block, Card, Cards, Chart, Content, Context, Listing, Note, Page, Table
from dashboards.say import is_missing
from dashboards.trends import lines

CHANNELS = (
    ("email", theme.ACCENT),
    ("post", theme.CONTEXT),
    ("phone", theme.ACCENT_MID),
    ("sms", theme.MUTED),
)
SHOWN_FAULTS = 8
RISKY = 0.02  # bounces and complaints per message from which mailbox providers sort as spam

QUERIES = {
    "scores": """
        select count(*) as people, avg(accuracy_score) as accuracy,
            avg(completeness_score) as completeness, avg(freshness_score) as freshness,
            count(*) filter (where do_not_personalise) as doubtful
        from marts.contact_hygiene""",
    "channels": """
        select channel, reason, person_count, net_amount_365_days, channel_failure_rate,
            failure_rate_without, saved_amount,
            sum(person_count) over (partition by channel) as people
        from marts.hygiene_channels order by channel, person_count desc, reason""",
    "fields": """
        select field, max(field_label_en) as label_en, max(field_label_fr) as label_fr,
            max(weight) as weight, sum(person_count) as people,
            coalesce(sum(person_count) filter (where problem <> 'missing'), 0) as known,
            coalesce(sum(person_count) filter (where problem = 'none'), 0) as faultless,
            sum(accuracy * person_count) / sum(person_count) filter (where problem <> 'missing')
                as accuracy,
            sum(freshness_score * person_count)
                / sum(person_count) filter (where problem <> 'missing') as freshness
        from marts.hygiene_fields group by field order by weight desc, field""",
    "faults": """
        select field_label_en, field_label_fr, problem_label_en, problem_label_fr, person_count
        from marts.hygiene_fields where problem not in ('none', 'missing')
        order by person_count desc, field, problem""",
    "history": """
        select snapshot_on, measure, subject, share from marts.hygiene_history
        where measure in ('reachable', 'failed') order by snapshot_on, measure, subject""",
}


def content(context: Context) -> Content:
    """Reach by channel and its course, scores and faults by field, the price of each cleaning."""
    say, scores, channels = context.say, context.frame("scores"), context.frame("channels")
    if scores.empty or not len(channels) or not int(scores["people"].iloc[0]):
        return Content(say("title_empty"), say("lead"), [Note(say("nothing_yet"))])
    reached = channels[channels["reason"] == "reachable"].set_index("channel")
    dead = channels[~channels["reason"].isin(["reachable", "no_address"])]
    share = _share(reached, "email")
    title = say("title", share=say.percent(share), dead=say.number(dead["person_count"].sum()))
    blocks: list[Block] = [_reach(context, reached), _scores(context, scores.iloc[0])]
    blocks += _history(context, "reachable", "reach")
    blocks += [*_fields(context), *_faults(context), *_prices(context, dead)]
    blocks += _history(context, "failed", "failures")
    return Content(title, say("lead"), blocks)


def _share(reached: Any, channel: str) -> float:
    if channel not in reached.index:
        return 0.0
    return float(reached.loc[channel, "person_count"] / reached.loc[channel, "people"])


def _reach(context: Context, reached: Any) -> Cards:
    say, channels = context.say, context.frame("channels")
    cards = []
    for channel, _ in CHANNELS:
        mine = channels[(channels["channel"] == channel) & (channels["reason"] != "reachable")]
        why = say(f"reason_{mine.iloc[0].reason}") if len(mine) else say("reason_none")
        note = say("card_reach_note", reason=why)
        share = say.percent(_share(reached, channel))
        cards.append(Card(say("card_reach", channel=say.name(channel)), share, note))
    return Cards(cards)


def _scores(context: Context, scores: Any) -> Cards:
    say = context.say
    doubtful = int(scores.doubtful)
    return Cards(
        [
            *[
                Card(say(f"card_{name}"), say.percent(getattr(scores, name)), say(f"{name}_note"))
                for name in ("accuracy", "completeness", "freshness")
            ],
            Card(say("card_doubtful"), say.number(doubtful), say("card_doubtful_note")),
        ]
    )


def _history(context: Context, measure: str, key: str) -> list[Block]:
    say, history = context.say, context.frame("history")
    mine = history[history["measure"] == measure]
    shown = [(name, colour) for name, colour in CHANNELS if (mine["subject"] == name).any()]
    if not shown or mine["snapshot_on"].nunique() <= 1:
        return []
    wide = mine.pivot(index="snapshot_on", columns="subject", values="share")
    days = list(wide.index)
    series = [
        (say.name(name), colour, [None if is_missing(v) else float(v) for v in wide[name]])
        for name, colour in shown
    ]
    cells = [[say.day(d), *[say.percent(wide.loc[d, n], 1) for n, _ in shown]] for d in days]
    named = shown[0][0]
    known = wide[named].dropna()
    title = say(
        f"{key}_title",
        channel=say.name(named),
        start=say.percent(known.iloc[0], 1),
        end=say.percent(known.iloc[-1], 1),
    )
    labels = [say.short_day(day) for day in days]
    headers = [say("day"), *[line[0] for line in series]]
    table = Table(headers, cells, frozenset(range(1, len(headers))))
    figure = lines(say, labels, series, is_share=True, digits=0 if key == "reach" else 1)
    return [Chart(title, say(f"{key}_note"), figure, table, is_wide=key == "reach")]


def _fields(context: Context) -> list[Block]:
    """Nothing where nobody ever gave anything, as in a company of anonymous cards."""
    say, fields = context.say, context.frame("fields")
    if not len(fields):
        return []
    names = list(fields[f"label_{say.lang}"])
    shares = [float(row.faultless / row.people) for row in fields.itertuples()]
    rows = [
        [
            getattr(row, f"label_{say.lang}"),
            say.percent(row.known / row.people),
            say.percent(row.accuracy, 1),
            say.percent(row.freshness),
            say.number(row.weight),
        ]
        for row in fields.itertuples()
    ]
    worst = fields.iloc[min(range(len(shares)), key=lambda place: shares[place])]
    title = say(
        "fields_title",
        field=worst[f"label_{say.lang}"],
        share=say.percent(worst.faultless / worst.people),
    )
    headers = [say(key) for key in ("field", "known", "accurate", "freshness", "usefulness")]
    figure = bars(say, names, shares, [say.percent(share) for share in shares])
    table = Table(headers, rows, frozenset({1, 2, 3, 4}))
    return [Chart(title, say("fields_note"), figure, table)]


def _faults(context: Context) -> list[Block]:
    say, faults = context.say, context.frame("faults")
    if not len(faults):
        return [Note(say("no_faults"), "good")]
    rows = [
        [
            str(getattr(row, f"field_label_{say.lang}")),
            str(getattr(row, f"problem_label_{say.lang}")),
            say.number(row.person_count),
        ]
        for row in faults.head(SHOWN_FAULTS).itertuples()
    ]
    headers = [say("field"), say("fault"), say("people")]
    title = say("faults_title", field=rows[0][0], fault=rows[0][1], people=rows[0][2])
    table = Table(headers, rows, frozenset({2}))
    return [Listing(title, say("faults_note"), table, is_wide=False)]


def _prices(context: Context, dead: Any) -> list[Block]:
    say = context.say
    if not len(dead):
        return [Note(say("no_cleaning"), "good")]
    rows = [_price(context, row) for row in dead.itertuples()]
    keys = ("channel", "reason", "lost", "revenue", "risk", "risk_without", "saved")
    table = Table([say(key) for key in keys], rows, frozenset({2, 3, 4, 5, 6}))
    saved = dead["saved_amount"].dropna()
    title = say(
        "prices_title",
        people=say.number(dead["person_count"].sum()),
        saved=say.money(float(saved.sum()), 2) if len(saved) else say("unknown_cost"),
    )
    blocks: list[Block] = [Listing(title, say("prices_note"), table)]
    email = dead[dead["channel"] == "email"]
    if len(email) and float(email["channel_failure_rate"].iloc[0] or 0) > RISKY:
        rate = say.percent(email["channel_failure_rate"].iloc[0], 1)
        blocks.append(Note(say("risky", rate=rate, limit=say.percent(RISKY)), "alert"))
    return blocks


def _price(context: Context, row: Any) -> list[str]:
    say = context.say
    return [
        say.name(row.channel),
        say(f"reason_{row.reason}"),
        say.number(row.person_count),
        say.money(float(row.net_amount_365_days)),
        say.percent(row.channel_failure_rate, 2),
        say.percent(row.failure_rate_without, 2),
        say.money(row.saved_amount, 2),
    ]


PAGE = Page(order=12, queries=QUERIES, content=content)
