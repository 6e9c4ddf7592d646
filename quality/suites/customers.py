"""Customer records as they arrive; every result is yes or no, so that no value is kept."""

from __future__ import annotations

from quality.report import Suite, matches, not_null, unique

SUITE = Suite(
    door="raw",
    table="raw_files.customers",
    personal=frozenset(
        {"customer_key", "source_key", "email", "phone", "first_name", "last_name"}
        | {"birth_date", "address_line", "postal_code", "city", "age_band", "income_band"}
    ),
    load_column="load_id",
    expectations=[
        *not_null("customer_key", "source_system", "known_at", "loaded_at", "load_id"),
        unique("source_system", "source_key", "content_hash", "known_at"),
        matches("country", r"[A-Z]{2}"),
    ],
)
