"""Till and order lines as they arrive: keys, kinds, and amounts that a shop can ring up."""

from __future__ import annotations

from quality.report import Suite, between, not_null, one_of, unique

SUITE = Suite(
    door="raw",
    table="raw_files.order_lines",
    personal=frozenset({"customer_key", "source_key"}),
    load_column="load_id",
    expectations=[
        *not_null("order_key", "line_number", "net_amount", "ordered_at", "source_system"),
        *not_null("known_at", "loaded_at", "load_id"),
        unique("source_system", "source_key"),
        one_of("line_kind", "sale", "return", "refund", "cancellation"),
        between("line_number", at_least=1),
        between("net_amount", at_least=-1_000_000, at_most=1_000_000),
        between("retail_discount_amount", at_least=0),
        between("coupon_discount_amount", at_least=0),
        between("coupon_match_discount_amount", at_least=0),
    ],
)
