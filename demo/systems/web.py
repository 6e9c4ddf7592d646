"""The shop's own web collector: JSON lines in the shape of a Segment call, packed with gzip.

A file per month of history; as time goes on a file per day, or per quarter of an hour where the
collector is made with minutes=15. receivedAt is the collector's clock: an event that a device
told late, or dated into the future, was received in the period that tells it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from contract.sql import literal
from demo.systems.files import Delivery, FileSystem, ParquetRows, slices, whole
from demo.systems.text_files import Lines, Rates, Rows, json_lines

if TYPE_CHECKING:
    from demo.world.facts import Period

# Our word for an event to the tracker's.
EVENTS = {
    "page_view": "Page Viewed",
    "product_view": "Product Viewed",
    "content_view": "Content Viewed",
    "search": "Products Searched",
    "add_to_cart": "Product Added",
    "remove_from_cart": "Product Removed",
    "checkout_step": "Checkout Step Viewed",
    "order": "Order Completed",
    "login": "Signed In",
    "video_view": "Video Playback Completed",
    "configurator_step": "Configurator Step Viewed",
}

_BODY = """{
    'type': case event_type when 'page_view' then 'page' when 'login' then 'identify'
        else 'track' end,
    'event': event_name, 'messageId': web_event_key, 'anonymousId': anonymous_id,
    'userId': customer_key, 'timestamp': iso(occurred_at), 'receivedAt': iso(received_at),
    'context': {
        'page': {'url': page_url, 'referrer': referrer_url},
        'campaign': {'source': utm_source, 'medium': utm_medium, 'name': utm_campaign,
            'content': message_key},
        'referrer': {'id': click_id}, 'device': {'type': device}, 'userAgent': user_agent,
        'is_bot': is_bot, 'library': {'name': 'collector.js', 'version': '3.2.1'}},
    'properties': {
        'product_id': product_key, 'content_id': content_key, 'content_kind': content_kind,
        'topic': topic, 'watched_share': watched_share, 'query': search_text,
        'cart_id': cart_key, 'order_id': order_key, 'coupon': coupon_key}
}"""


class Web(FileSystem):
    """The web collector of the main shop."""

    system = folder = "web"
    entities = ("web_events",)

    def __init__(
        self, home: Path, seed: int = 2026, rates: Rates | None = None, minutes: int = 0
    ) -> None:
        super().__init__(home, seed, rates or Rates(repeated=0.001, broken=0.0001))
        self.minutes = minutes

    def deliveries(self, period: Period) -> Sequence[Delivery]:
        """One, or one per so many minutes of a day that is not history."""
        if self.minutes and not period.is_history:
            return slices(period, self.minutes)
        return [whole(period)]

    def files(
        self, con: duckdb.DuckDBPyConnection, delivery: Delivery
    ) -> Iterator[Lines | ParquetRows]:
        """The events of the delivery, in the order in which they were received."""
        names = " ".join(
            f"when {literal(our)} then {literal(name)}" for our, name in EVENTS.items()
        )
        con.execute(f"""
            create or replace temp table events as
            select *,
                case event_type {names} else event_type end as event_name,
                least(greatest(occurred_at, timestamp '{delivery.since}'),
                        timestamp '{delivery.until}' - interval 4 second)
                    + to_milliseconds(cast(200 + 3000 * chance('latency', web_event_key) as bigint))
                    as received_at
            from web_events
            where {delivery.holds("occurred_at")}""")
        rows = Rows("web_events", "web_event_key", "received_at", table="events")
        file = json_lines(f"events-{delivery.stem}.jsonl.gz", rows, _BODY)
        yield self.spoiled(file)
