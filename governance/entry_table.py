"""The entries that a batch is decided from, read out of the ledger as one table."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from sqlalchemy import select

from governance.ledger import CHUNK, CLAIM
from governance.tables import consent_entries

if TYPE_CHECKING:
    from sqlalchemy import Connection, Select

# More keys than this: reading every entry once is quicker than asking for each of them.
MOST_LOOK_UPS = 20_000
_FETCHED = 50_000  # rows turned into columns at a time
_SCHEMA = pa.schema(
    [(name, pa.string()) for name in (
        "entry_id", "source_system", "customer_key", "address_hash", "channel", "purpose", "act",
    )] + [("occurred_at", pa.timestamp("us"))]
)  # fmt: skip


def read_entries(
    connection: Connection, customer_keys: Collection[str], address_hashes: Collection[str]
) -> pa.Table:
    """Every entry about these source keys or addresses, and maybe more; an entry may come twice.

    Claims are left out: they decide nothing.
    """
    columns = [consent_entries.c[name] for name in _SCHEMA.names]
    telling = select(*columns).where(consent_entries.c.act != CLAIM)
    if len(customer_keys) + len(address_hashes) > MOST_LOOK_UPS:
        statements = [telling]
    else:
        statements = [
            telling.where(column.in_(chunk))
            for column, wanted in (
                (consent_entries.c.customer_key, customer_keys),
                (consent_entries.c.address_hash, address_hashes),
            )
            for chunk in _chunks(sorted(wanted))
        ]
    batches = [batch for statement in statements for batch in _batches(connection, statement)]
    return pa.Table.from_batches(batches, _SCHEMA)


def _batches(connection: Connection, statement: Select[Any]) -> Iterator[pa.RecordBatch]:
    result = connection.execution_options(yield_per=_FETCHED).execute(statement)
    for rows in result.partitions():
        columns = zip(*rows, strict=True)
        arrays = [
            pa.array(column, field.type) for column, field in zip(columns, _SCHEMA, strict=True)
        ]
        yield pa.record_batch(arrays, _SCHEMA)


def _chunks(values: Sequence[str]) -> Iterator[list[str]]:
    remaining = iter(values)
    while chunk := list(islice(remaining, CHUNK)):
        yield chunk
