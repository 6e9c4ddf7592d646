"""Identity: how many records became how many people, by what, and what waits for an answer."""

from __future__ import annotations

from typing import Any

from dashboards.charts import bars
from dashboards.page import Block, Card, Cards, Chart, Content, Context, Listing, Note, Page, Table

QUERIES = {
    "counts": """
        select subject, code, item_count, person_count from marts.identity_quality
        order by subject, item_count desc, code""",
}


def content(context: Context) -> Content:
    """What joins records, how many each person has, what was refused and what waits."""
    say, counts = context.say, context.frame("counts")
    sizes = _of(counts, "size") if len(counts) else counts
    if not len(sizes):
        return Content(say("title_empty"), say("lead"), [Note(say("nothing_yet"))])
    records, people = int(sizes["item_count"].sum()), int(sizes["person_count"].sum())
    title = say("title", records=say.number(records), people=say.number(people))
    blocks: list[Block] = [_cards(context, counts, records, people)]
    rules = _of(counts, "rule")
    if len(rules):
        blocks.append(_chart(context, rules, "rules", "item_count"))
    blocks.append(_chart(context, sizes.sort_values("code"), "sizes", "person_count"))
    blocks += [_listing(context, counts, subject) for subject in ("cut", "not_joining", "system")]
    return Content(title, say("lead"), blocks)


def _of(counts: Any, subject: str) -> Any:
    return counts[counts["subject"] == subject]


def _cards(context: Context, counts: Any, records: int, people: int) -> Cards:
    say = context.say
    links = dict(zip(*(_of(counts, "link")[name] for name in ("code", "item_count")), strict=True))
    waiting = int(links.get("review", 0))
    cuts = int(_of(counts, "cut")["item_count"].sum())
    return Cards(
        [
            Card(say("card_people"), say.number(people), say("card_people_note")),
            Card(
                say("card_merged"),
                say.percent((records - people) / records),
                say("card_merged_note", per=say.number(records / people, 2)),
            ),
            Card(
                say("card_review"),
                say.number(waiting),
                say("card_review_note"),
                "alert" if waiting else "good",
            ),
            Card(say("card_cut"), say.number(cuts), say("card_cut_note")),
        ]
    )


def _chart(context: Context, rows: Any, key: str, measure: str) -> Chart:
    say = context.say
    names = [_name(context, key, code) for code in rows["code"]]
    counts = [float(count) for count in rows[measure]]
    texts = [say.number(count) for count in counts]
    cells = [list(row) for row in zip(names, texts, strict=True)]
    top = max(range(len(counts)), key=counts.__getitem__)
    share = say.percent(counts[top] / max(sum(counts), 1))
    table = Table([say(f"{key}_what"), say(f"{key}_count")], cells, frozenset({1}))
    title = say(f"{key}_title", name=names[top], share=share)
    return Chart(title, say(f"{key}_note"), bars(say, names, counts, texts), table)


def _listing(context: Context, counts: Any, subject: str) -> Listing:
    say, rows = context.say, _of(counts, subject)
    cells = [
        [say.name(row.code), say.number(row.item_count), say.number(row.person_count)]
        for row in rows.itertuples()
    ]
    headers = [say(f"{subject}_what"), say(f"{subject}_count"), say("people")]
    title = say.plural(f"{subject}_title", int(rows["item_count"].sum()))
    return Listing(title, say(f"{subject}_note"), Table(headers, cells, frozenset({1, 2})))


def _name(context: Context, key: str, code: str) -> str:
    if key == "rules":
        return context.say.name(code)
    return context.say.plural("sizes_one_bar", 1 if code == "1" else 2, code=code)


PAGE = Page(order=11, queries=QUERIES, content=content)
