"""The customer ids of the public files: keyed hashes that only the company can recompute."""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from hashlib import sha256

import duckdb

PREFIX = "p_"
HEX_DIGITS = 32  # 128 bits: no collision to expect below 10^18 customers
ID_COLUMN = "customer_id"
VISITOR_COLUMN = "visitor_id"  # a device whose person nobody knows yet is a person all the same


def is_customer_id(column: str) -> bool:
    """Whether the column holds ids of people: `customer_id`, a variant of it, or a visitor's."""
    return column in (ID_COLUMN, VISITOR_COLUMN) or column.startswith(ID_COLUMN + "_")


def pseudonym(customer_id: str, key: bytes) -> str:
    """The public id of one customer: HMAC-SHA256 of the id under the company's key."""
    return PREFIX + hmac.new(key, customer_id.encode(), sha256).hexdigest()[:HEX_DIGITS]


def write_pseudonyms(
    con: duckdb.DuckDBPyConnection, columns: Iterable[tuple[str, str]], key: bytes
) -> int:
    """Make the temporary table `pseudonyms(customer_id, pseudonym)` of all ids in use.

    columns: (table, column) pairs that hold customer ids, as the connection names them.
    Returns how many customers there are.
    """
    import pyarrow as pa

    parts = [f'select "{column}" as customer_id from {table}' for table, column in columns]
    query = " union ".join(parts) if parts else "select null::varchar as customer_id where false"
    rows = con.execute(
        f"select customer_id from ({query}) where customer_id is not null"
    ).fetchall()
    ids = [row[0] for row in rows]
    frame = pa.table(
        {
            "customer_id": pa.array(ids, pa.string()),
            "pseudonym": pa.array([pseudonym(i, key) for i in ids], pa.string()),
        }
    )
    con.register("pseudonyms_frame", frame)
    con.execute("create or replace temp table pseudonyms as select * from pseudonyms_frame")
    con.unregister("pseudonyms_frame")
    return len(ids)
