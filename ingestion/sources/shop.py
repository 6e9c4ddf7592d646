"""The web shop's own database, PostgreSQL: its tables as they are, by updated_at.

All tables are read in one snapshot, so that counts, keys and rows agree and a row updated while
pages are read comes once. The account needs SELECT on the tables; with pg_read_all_stats it also
tells which changes are still under way, however long; without, `lag` covers them.
"""

from ingestion.postgres import connect
from ingestion.source import Source, SourceTable

_ID = ("id",)

SOURCE = Source(
    system="shop",
    settings=("shop_url",),
    tables=(
        SourceTable("customers", "updated_at", key=_ID, finds_deletes=True),
        SourceTable("addresses", "updated_at", key=_ID, finds_deletes=True),
        SourceTable("products", "updated_at", key=_ID),
        SourceTable("prices", "updated_at", key=("product_id", "valid_from")),
        SourceTable("stock", "updated_at", key=("product_id", "store_id", "day")),
        SourceTable("orders", "updated_at", key=_ID),
        SourceTable("order_lines", "updated_at", key=("order_id", "line")),
        SourceTable("payments", "updated_at", key=_ID),
        SourceTable("refunds", "updated_at", key=_ID),
        SourceTable("carts", "updated_at", key=_ID, finds_deletes=True),
        SourceTable("invoices", "updated_at", key=_ID),
        SourceTable("consent_log", "updated_at", key=_ID),
    ),
    connect=lambda settings: connect("shop", settings["shop_url"]),
)
