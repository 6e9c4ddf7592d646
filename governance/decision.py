"""The decision about a whole batch at once: requests, entries and rules meet as tables.

One query (`decision.sql`) decides for one person and for a million; the warehouse's model
core.consent_current runs the same text.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from contract.gate import ContactRequest

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from governance.rules import LawfulBasis

SQL_FILE = Path(__file__).parent / "decision.sql"
ONE_THREAD = 5_000  # requests
_TEXT = pa.string()
_RULES = pa.schema([
    ("rule_number", pa.int64()), ("channel", _TEXT), ("purpose", _TEXT), ("relation", _TEXT),
    ("country", _TEXT), ("basis", _TEXT), ("since_on", pa.date32()), ("until_on", pa.date32()),
])  # fmt: skip
_PURPOSES = pa.schema([("purpose", _TEXT), ("spoken_for", _TEXT), ("said_purpose", _TEXT)])


@dataclass(frozen=True)
class Judgements:
    """One value per request, in the order asked. basis is set where the contact is allowed."""

    bases: list[str | None]
    reasons: list[str | None]
    entry_ids: list[str | None]


def decision_sql(**relations: str) -> str:
    """The query over these relations: asked, subjects, entries, rules, purposes, now, today."""
    lines = SQL_FILE.read_text(encoding="utf-8").splitlines()
    start = lines.index("with")  # what stands above explains the file, and names the places
    return "\n".join(lines[start:]).format(**relations)


class DecisionTable:
    """A private database in memory in which batches are decided."""

    def __init__(self, rules: LawfulBasis) -> None:
        import duckdb

        self._threads = 1
        self._con: DuckDBPyConnection = duckdb.connect(config={"enable_external_access": False})
        self._con.execute("set threads = 1")
        for name, schema, rows in (
            ("rules", _RULES, rules.rule_rows()),
            ("purposes", _PURPOSES, rules.purpose_rows()),
        ):
            self._con.register("given", pa.Table.from_pylist(rows, schema=schema))
            self._con.execute(f"create table {name} as from given")
            self._con.unregister("given")
        names = ("asked", "subjects", "entries", "rules", "purposes")
        places = dict(zip(names, names, strict=True))
        query = decision_sql(now="$now", today="cast($now as date)", **places)
        self._sql = f"select basis, reason, entry_id from ({query}) order by request_id"

    def judge(
        self, batch: Sequence[ContactRequest], entries: pa.Table, now: datetime
    ) -> Judgements:
        """Decide every request from these entries; `now` in naive UTC."""
        self._use(1 if len(batch) < ONE_THREAD else os.cpu_count() or 1)
        given = {"asked": _asked(batch), "subjects": _subjects(batch), "entries": entries}
        try:
            for name, table in given.items():
                self._con.register(name, table)
            found = self._con.execute(self._sql, {"now": now}).to_arrow_table()
        finally:
            for name in given:
                self._con.unregister(name)
        return Judgements(*(found.column(name).to_pylist() for name in found.column_names))

    def _use(self, threads: int) -> None:
        """A second thread costs a small batch more than it saves."""
        if threads != self._threads:
            self._con.execute(f"set threads = {threads}")
            self._threads = threads


def _asked(batch: Sequence[ContactRequest]) -> pa.Table:
    numbers = pa.array(range(len(batch)), pa.int64())
    return pa.table({
        "request_id": numbers,
        "person_id": numbers,
        "channel": pa.array([one.channel for one in batch], _TEXT),
        "purpose": pa.array([one.purpose for one in batch], _TEXT),
        "relation": pa.array([one.relation for one in batch], _TEXT),
        "country": pa.array([one.country for one in batch], _TEXT),
        "is_professional": pa.array([one.is_professional for one in batch], pa.bool_()),
        "has_purchased": pa.array([one.has_purchased for one in batch], pa.bool_()),
    })  # fmt: skip


def _subjects(batch: Sequence[ContactRequest]) -> pa.Table:
    """One row per record and per address of each request."""
    records = list(chain.from_iterable(one.record_keys for one in batch))
    hashes = list(chain.from_iterable(one.address_hashes for one in batch))
    people = chain(
        chain.from_iterable((number,) * len(one.record_keys) for number, one in enumerate(batch)),
        chain.from_iterable(
            (number,) * len(one.address_hashes) for number, one in enumerate(batch)
        ),
    )
    no_record, no_address = pa.nulls(len(hashes), _TEXT), pa.nulls(len(records), _TEXT)
    systems = pa.array([one.source_system for one in records], _TEXT)
    keys = pa.array([one.customer_key for one in records], _TEXT)
    return pa.table({
        "person_id": pa.array(people, pa.int64()),
        "source_system": pa.chunked_array([systems, no_record]),
        "customer_key": pa.chunked_array([keys, no_record]),
        "address_hash": pa.chunked_array([no_address, pa.array(hashes, _TEXT)]),
    })  # fmt: skip
