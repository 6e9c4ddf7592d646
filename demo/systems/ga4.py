"""The analytics of the boutique as its warehouse export gives them: JSON lines, one per event.

event_params are nested by name and type of value, 64-bit integers are texts, and event_timestamp
counts microseconds, as in the JSON export of the vendor's warehouse. The export has no key of an
event; the tag manager sends one along as the parameter event_id.
"""

from __future__ import annotations

from collections.abc import Iterator

import duckdb

from contract.sql import literal
from demo.systems.files import Delivery, FileSystem, ParquetRows
from demo.systems.text_files import Lines, Rows, json_lines

# Our word for an event to the vendor's.
EVENTS = {
    "page_view": "page_view",
    "product_view": "view_item",
    "content_view": "select_content",
    "search": "view_search_results",
    "add_to_cart": "add_to_cart",
    "remove_from_cart": "remove_from_cart",
    "checkout_step": "begin_checkout",
    "order": "purchase",
    "login": "login",
    "video_view": "video_progress",
    "configurator_step": "configurator_step",
}

_PARAMS = {
    "event_id": "web_event_key",
    "page_location": "page_url",
    "page_referrer": "referrer_url",
    "item_id": "product_key",
    "content_id": "content_key",
    "content_type": "content_kind",
    "content_topic": "topic",
    "search_term": "search_text",
    "cart_id": "cart_key",
    "coupon": "coupon_key",
    "message_id": "message_key",
    "traffic_type": "case when is_bot then 'bot' end",
}


class Ga4(FileSystem):
    """The warehouse export of the boutique's analytics."""

    system = folder = "ga4"
    entities = ("web_events",)

    def files(
        self, con: duckdb.DuckDBPyConnection, delivery: Delivery
    ) -> Iterator[Lines | ParquetRows]:
        """The events of the delivery."""
        rows = Rows("web_events", "web_event_key", "occurred_at")
        yield self.spoiled(json_lines(f"events_{delivery.stem}.jsonl.gz", rows, _body()))


def _body() -> str:
    names = " ".join(f"when {literal(our)} then {literal(name)}" for our, name in EVENTS.items())
    params = ", ".join(f"'{key}': {{'string_value': {sql}}}" for key, sql in _PARAMS.items())
    return f"""{{
        'event_date': strftime(paris(occurred_at), '%Y%m%d'),
        'event_timestamp': cast(epoch_us(occurred_at) as varchar),
        'event_name': case event_type {names} else event_type end,
        'user_pseudo_id': anonymous_id, 'user_id': customer_key,
        'event_params': {{{params}, 'video_share': {{'double_value': watched_share}}}},
        'device': {{'category': device, 'user_agent': user_agent}},
        'collected_traffic_source': {{'manual_source': utm_source, 'manual_medium': utm_medium,
            'manual_campaign_name': utm_campaign, 'gclid': click_id}},
        'ecommerce': {{'transaction_id': order_key}},
        'platform': 'WEB', 'stream_id': '2604411873'
    }}"""
