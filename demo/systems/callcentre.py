"""The call centre: calls as CSV from its telephone system, consents of callers as Parquet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import duckdb

from demo.systems.files import Delivery, FileSystem, ParquetRows
from demo.systems.text_files import Lines, Rows, csv_lines

_CALL = {
    "id_appel": "interaction_key",
    "sens": "case direction when 'inbound' then 'E' else 'S' end",
    "nature": "kind",
    "canal": "channel",
    "debut": "french_second(occurred_at)",
    "duree_s": "duration_seconds",
    "numero": "phone",
    "id_client": "customer_key",
    "courriel": "email",
    "motif": "context",
    "campagne": "campaign_key",
}
# The extract marks its times with a zone, as a database does.
_CONSENTS = """
    select consent_event_key as id_acte, customer_key as id_client, address as numero_ou_courriel,
        channel as canal, purpose as finalite, act as acte, door as porte, wording_key as texte_lu,
        proof as enregistrement, timezone('UTC', occurred_at) as fait_le
    from consent_events order by occurred_at, consent_event_key
"""


class Callcentre(FileSystem):
    """Calls, and what callers said about being contacted."""

    system = folder = "callcentre"
    entities = ("interactions", "consent_events")

    def files(
        self, con: duckdb.DuckDBPyConnection, delivery: Delivery
    ) -> Iterator[Lines | ParquetRows]:
        """Both files of the delivery."""
        rows = Rows("interactions", "interaction_key", "occurred_at")
        calls = csv_lines(f"appels_{delivery.stem}.csv", rows, _CALL)
        yield replace(self.spoiled(calls), encoding="utf-8-sig", line_end="\r\n")
        name = f"consentements_{delivery.stem}.parquet"
        yield ParquetRows(name, "consent_events", _CONSENTS)
