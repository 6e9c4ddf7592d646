"""Reports of two advertising platforms, by campaign and day, each with its own headings.

One of them ends some reports in a total, as its screen does.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import duckdb

from demo.systems.files import Delivery, FileSystem, ParquetRows
from demo.systems.text_files import Lines, Rows, csv_lines

_GOOGLE = {
    "Campaign ID": "campaign_key",
    "Day": "day_on",
    "Campaign": "campaign_name",
    "Currency code": "currency",
    "Impressions": "impression_count",
    "Clicks": "click_count",
    "Cost": "spend_amount",
}
_META = {
    "campaign_id": "campaign_key",
    "date_start": "french_day(day_on)",
    "date_stop": "french_day(day_on)",
    "campaign_name": "campaign_name",
    "impressions": "impression_count",
    "inline_link_clicks": "click_count",
    "spend": "comma(spend_amount)",
    "account_currency": "currency",
}


class Ads(FileSystem):
    """Spend, impressions and clicks."""

    system = folder = "ads"
    entities = ("ad_results",)

    def files(
        self, con: duckdb.DuckDBPyConnection, delivery: Delivery
    ) -> Iterator[Lines | ParquetRows]:
        """One report per platform. Raises ValueError for a platform that has no report here."""
        _refuse_others(con)
        google, meta = (
            Rows("ad_results", "campaign_key || '|' || day_on", "day_on", f"platform = '{name}'")
            for name in ("google", "meta")
        )
        file = csv_lines(f"google-{delivery.stem}.csv", google, _GOOGLE, ",")
        total = (
            "select 'Total: Campaigns,,,,' || sum(impression_count) || ',' || sum(click_count) "
            f"|| ',' || sum(spend_amount) from ad_results where {google.where}"
        )
        yield replace(self.spoiled(file), footer=total)
        yield self.spoiled(csv_lines(f"meta-{delivery.stem}.csv", meta, _META))


def _refuse_others(con: duckdb.DuckDBPyConnection) -> None:
    found = con.execute(
        "select distinct platform from ad_results where platform not in ('google', 'meta')"
    ).fetchall()
    if found:
        raise ValueError(f"ads: no report for {found}. Platforms here are google and meta.")
