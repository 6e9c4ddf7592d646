"""The export of the tool that watches social networks: who did what, by handle."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb

from demo.systems.files import Delivery, FileSystem, ParquetRows
from demo.systems.text_files import Lines, Rows, csv_lines

_ACTION = {
    "Interaction ID": "interaction_key",
    "Type": "kind",
    "Direction": "direction",
    "Author handle": "handle",
    "Author e-mail": "email",
    "Author phone": "phone",
    "CRM ID": "customer_key",
    "Channel": "channel",
    "Subject": "context",
    "Campaign": "campaign_key",
    "Duration (s)": "duration_seconds",
    "Created": "iso(occurred_at)",
}


class Social(FileSystem):
    """Follows, mentions, comments and messages on social networks."""

    system = folder = "social"
    entities = ("interactions",)

    def files(
        self, con: duckdb.DuckDBPyConnection, delivery: Delivery
    ) -> Iterator[Lines | ParquetRows]:
        """The export of the period."""
        rows = Rows("interactions", "interaction_key", "occurred_at")
        yield self.spoiled(csv_lines(f"export-{delivery.stem}.csv", rows, _ACTION, ","))
