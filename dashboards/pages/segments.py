"""Segments: who is in each, who came and went, and how many may be contacted on each channel."""

from __future__ import annotations

from typing import Any

from dashboards import theme
from dashboards.charts import stacks
from dashboards.page import (
    Action,
    Actions,
    Block,
    Card,
    Cards,
    Chart,
    Content,
    Context,
    Listing,
    Note,
    Page,
    Table,
)
from dashboards.say import is_missing

# The order of the funnel: the first outcome that holds is the row's outcome.
OUTCOMES = (
    "no_consent", "unreachable", "unengaged", "open_question", "conflict", "capped", "held_out",
)  # fmt: skip
ENDS = ("sent", "rejected")
SHOWN_CAMPAIGNS = 12
LEGIBLE_SIGNS = 80  # a whole bar carries so many; narrower parts leave the number to the table

QUERIES = {
    "segments": """
        select sizes.segment, member_count, entered_count, stayed_count, left_count,
            compared_on, sentence_en, sentence_fr, amount
        from segments.sizes
        left join (
            select members.segment, sum(net_amount_365_days) as amount
            from segments.members inner join marts.customer_360
                on customer_360.customer_id = members.customer_id
            group by members.segment) as spent on spent.segment = sizes.segment
        qualify row_number()
            over (partition by sizes.segment order by as_of_date desc, run_id desc) = 1
        order by member_count desc, sizes.segment""",
    "people": "select count(distinct customer_id) as people from segments.members",
    "base": "select count(*) as people from marts.customer_360",
    "waterfalls": """
        select campaign, segment, channel, outcome, sum(row_count) as row_count
        from segments.waterfalls
        group by all order by segment, campaign, channel, outcome""",
}


def content(context: Context) -> Content:
    """Key figures, the waterfalls, and every segment with its sentence."""
    say, segments = context.say, context.frame("segments")
    if segments.empty:
        return Content(say("title_empty"), say("lead"), [Note(say("nothing_yet"))])
    people = context.frame("people").iloc[0].people
    title = say(
        "title",
        segments=say.number(len(segments)),
        people=say.number(people),
        share=say.percent(people / max(1, context.frame("base").iloc[0].people)),
    )
    blocks: list[Block] = [_cards(context), _all(context)]
    waterfalls = context.frame("waterfalls")
    if len(waterfalls):
        blocks += [_waterfalls(context), _counts(context)]
    return Content(title, say("lead"), blocks)


def _cards(context: Context) -> Cards:
    say, segments, falls = context.say, context.frame("segments"), context.frame("waterfalls")
    since = _since(context)
    compared = segments[segments["compared_on"].notna()]
    cards = [
        Card(say(f"card_{name}"), _total(context, compared[f"{name}_count"]), since)
        for name in ("entered", "left")
    ]
    for channel in sorted(set(falls["channel"])) if len(falls) else []:
        mine = falls[falls["channel"] == channel]
        sent = int(mine[mine["outcome"] == "sent"]["row_count"].sum())
        note = say("card_channel_note", matched=say.number(int(mine["row_count"].sum())))
        label = say("card_channel", channel=say.name(channel))
        cards.append(Card(label, say.number(sent), note, "good" if sent else "neutral"))
    return Cards(cards)


def _total(context: Context, counts: Any) -> str:
    """How many in all; no number where every segment is counted for the first time."""
    return context.say.number(int(counts.sum()) if len(counts) else None)


def _since(context: Context) -> str:
    """What the movements compare with: each segment with its own count before."""
    say = context.say
    days = sorted(set(context.frame("segments")["compared_on"].dropna()))
    if not days:
        return say("card_first")
    if len(days) == 1:
        return say("card_since", day=say.day(days[0]))
    return say("card_since_days", first=say.dated(days[0]), last=say.dated(days[-1]))


def _all(context: Context) -> Actions:
    say = context.say
    actions = [_segment(context, row) for row in context.frame("segments").itertuples()]
    return Actions(say("all_title"), say("all_note"), actions, say("open_file"), is_ranked=False)


def _segment(context: Context, row: Any) -> Action:
    say = context.say
    moved = say("first_count")
    if not is_missing(row.compared_on):
        moved = say(
            "moved",
            entered=say.number(row.entered_count),
            stayed=say.number(row.stayed_count),
            left=say.number(row.left_count),
            day=say.dated(row.compared_on),
        )
    return Action(
        name=say.name(row.segment),
        sentence=say.typeset(row.sentence_fr if say.lang == "fr" else row.sentence_en),
        size=say.number(row.member_count),
        size_unit=say("customer_unit"),
        facts=[moved, say("amount", amount=say.short_money(row.amount))],
        reason="",
        link=context.exports.get(row.segment, ""),
    )


def _names(falls: Any) -> list[str]:
    return [str(name) for name in dict.fromkeys(falls["campaign"])]


def _matrix(falls: Any) -> dict[tuple[str, str], int]:
    grouped = falls.groupby(["campaign", "outcome"])["row_count"].sum()
    return {(str(one), str(other)): int(count) for (one, other), count in grouped.items()}


def _present(falls: Any) -> list[str]:
    known = [*OUTCOMES, *ENDS]
    found = set(falls[falls["row_count"] > 0]["outcome"])
    return [o for o in known if o in found] + sorted(found - set(known))


def _waterfalls(context: Context) -> Chart:
    say, falls = context.say, context.frame("waterfalls")
    counts, outcomes = _matrix(falls), _present(falls)
    totals = {c: sum(counts.get((c, o), 0) for o in outcomes) for c in _names(falls)}
    matched = sum(totals.values())
    # The bars that tell something first: where not everybody matched can be contacted.
    lost = {c: total - counts.get((c, "sent"), 0) for c, total in totals.items()}
    campaigns = sorted((c for c in totals if totals[c]), key=lambda c: (-lost[c], -totals[c], c))
    campaigns = campaigns[:SHOWN_CAMPAIGNS]
    parts = []
    for outcome in reversed(outcomes):  # what is sent stands at the left, where bars compare
        shares = [counts.get((c, outcome), 0) / totals[c] for c in campaigns]
        words = [
            f"{say.name(outcome)} {say.number(counts.get((c, outcome), 0))}" for c in campaigns
        ]
        texts = [
            text if share * LEGIBLE_SIGNS >= len(text) else ""
            for text, share in zip(words, shares, strict=True)
        ]
        colour = theme.OUTCOME_COLOURS.get(outcome, theme.CONTEXT)
        parts.append((say.name(outcome), colour, shares, texts))
    sent = int(falls[falls["outcome"] == "sent"]["row_count"].sum())
    title = say("falls_title", sent=say.number(sent), matched=say.number(matched))
    labels = [say.name(campaign) for campaign in campaigns]
    return Chart(
        title, say("falls_note"), stacks(say, labels, parts), _table(context), is_wide=True
    )


def _table(context: Context) -> Table:
    say, falls = context.say, context.frame("waterfalls")
    counts, outcomes = _matrix(falls), _present(falls)
    channels = {str(r.campaign): say.name(r.channel) for r in falls.itertuples()}
    rows = []
    for campaign in sorted(_names(falls)):
        numbers = [counts.get((campaign, outcome), 0) for outcome in outcomes]
        cells = [say.number(number) for number in (sum(numbers), *numbers)]
        rows.append([say.name(campaign), channels[campaign], *cells])
    headers = [say("campaign"), say("channel"), say("matched"), *[say.name(o) for o in outcomes]]
    return Table(headers, rows, frozenset(range(2, len(headers))))


def _counts(context: Context) -> Listing:
    say = context.say
    return Listing(say("counts_title"), say("counts_note"), _table(context))


PAGE = Page(order=6, queries=QUERIES, content=content)
