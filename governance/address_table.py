"""The keyed hashes of every address a record is or was known by, for the models that read entries.

An entry of the ledger may name nothing but such a hash. The hashes are made here, because the key
that they need is not for the warehouse.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

import pyarrow as pa

from contract.normalisation import address_hashes
from contract.sql import transaction

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

TABLE = "raw_state.address_hashes"
_READ = """
select distinct source_system, customer_key, email, phone,
    concat_ws(' ', address_line, postal_code, city) as address, country
from intermediate.int_customers__versioned
where coalesce(email, phone, address_line) is not null
"""


def prepare(con: DuckDBPyConnection) -> None:
    """Make the table, empty, where it does not exist yet."""
    con.execute("create schema if not exists raw_state")
    con.execute(
        f"create table if not exists {TABLE} "
        "(source_system varchar, customer_key varchar, address_hash varchar)"
    )


def write_address_hashes(con: DuckDBPyConnection, hash_key: bytes) -> int:
    """Replace the table by the hashes of every version of every record; how many rows."""
    prepare(con)
    found: dict[tuple[str, str], set[str]] = {}
    cursor = con.execute(_READ)
    for system, key, *addresses in cursor.fetchall():
        found.setdefault((system, key), set()).update(address_hashes(*addresses, key=hash_key))
    rows = sorted((*record, digest) for record, digests in found.items() for digest in digests)
    columns = [list(values) for values in zip(*rows, strict=True)] or [[], [], []]
    names = ("source_system", "customer_key", "address_hash")
    table = pa.table({n: pa.array(v, pa.string()) for n, v in zip(names, columns, strict=True)})
    con.register("hashed", table)
    with transaction(con):
        con.execute(f"delete from {TABLE}")
        con.execute(f"insert into {TABLE} from hashed")
    con.unregister("hashed")
    return len(rows)


def shared_hashes(con: DuckDBPyConnection, digests: Collection[str]) -> set[str]:
    """Those of these hashes that records of more than one person have."""
    prepare(con)
    rows = con.execute(
        f"select known.address_hash from {TABLE} as known"
        " inner join intermediate.int_identity__resolved as resolved"
        " on known.source_system = resolved.source_system"
        " and known.customer_key = resolved.customer_key"
        " where known.address_hash in (select unnest(?::varchar[]))"
        " group by known.address_hash having count(distinct resolved.customer_id) > 1",
        [sorted(digests)],
    ).fetchall()
    return {digest for (digest,) in rows}
