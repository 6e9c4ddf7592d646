"""The product configurator: every saved version of a configuration, as nested JSON lines."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb

from demo.systems.files import Delivery, FileSystem, ParquetRows
from demo.systems.text_files import Lines, Rows, json_lines

_BODY = """{
    'event': 'configuration.saved', 'schema': 3,
    'configuration': {'id': configuration_key, 'version': version_number,
        'model': product_key, 'slots': option_count, 'options': cast(options as json),
        'price': {'amount': cast(price_amount as varchar), 'currency': currency}},
    'visitor': {'account': customer_key, 'device': anonymous_id, 'email': email},
    'saved_at_ms': epoch_ms(saved_at)
}"""


class Configurator(FileSystem):
    """Configurations and all their versions."""

    system = folder = "configurator"
    entities = ("configuration_versions",)

    def files(
        self, con: duckdb.DuckDBPyConnection, delivery: Delivery
    ) -> Iterator[Lines | ParquetRows]:
        """The versions saved in the period."""
        rows = Rows(
            "configuration_versions", "configuration_key || '|' || version_number", "saved_at"
        )
        yield self.spoiled(json_lines(f"versions-{delivery.stem}.jsonl", rows, _BODY))
