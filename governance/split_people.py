"""Who was one person and is several now, read between the new clusters and the models of people."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from contract.gate import RecordKey
from contract.normalisation import address_hash

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

RESOLVED = "intermediate.int_identity__resolved"
CLUSTERS = "intermediate.identity_clusters"


@dataclass
class SplitPerson:
    """parts: each record → the cluster it is in now; hashes: each record → its addresses'."""

    customer_id: str
    parts: dict[RecordKey, str] = field(default_factory=dict)
    hashes: dict[RecordKey, set[str]] = field(default_factory=lambda: defaultdict(set))

    @property
    def records(self) -> list[RecordKey]:
        """Every record of the person there was."""
        return list(self.parts)

    @property
    def all_hashes(self) -> set[str]:
        """The address hashes of all of them."""
        return set().union(*self.hashes.values())

    def departed(self) -> list[RecordKey]:
        """The records that are not with the one that founded the id: all, when that one is gone."""
        kept = {part for one, part in self.parts.items() if founded_id(one) == self.customer_id}
        return [one for one, part in self.parts.items() if part not in kept]


def founded_id(record: RecordKey) -> str:
    """The customer id that the record founds, as the macro founded_customer_id makes it."""
    text = f"{record.source_system}|{record.customer_key}"
    return f"c_{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def split_people(con: DuckDBPyConnection, hash_key: bytes) -> Iterator[SplitPerson]:
    """Everybody who was one person and is several now; int_identity__resolved knows who was."""
    if not con.execute(
        "select 1 from duckdb_tables() where schema_name = 'intermediate'"
        " and table_name = 'int_identity__resolved'"
    ).fetchall():
        return
    rows = con.execute(f"""
        with parted as (
            select before_.customer_id
            from {RESOLVED} as before_
            inner join {CLUSTERS} as now_ on before_.record_id = now_.record_id
            group by before_.customer_id
            having count(distinct now_.cluster_id) > 1
        )
        select before_.customer_id, before_.source_system, before_.customer_key,
            coalesce(now_.cluster_id, before_.record_id), known.email,
            known.phone, known.country,
            concat_ws(' ', known.address_line, known.postal_code, known.city)
        from {RESOLVED} as before_
        inner join parted on before_.customer_id = parted.customer_id
        left join {CLUSTERS} as now_ on before_.record_id = now_.record_id
        left join intermediate.int_customers__versioned as known
            on before_.record_id = known.record_id
        order by all
    """).fetchall()
    people: dict[str, SplitPerson] = {}
    for customer_id, system, key, part, email, phone, country, address in rows:
        person = people.setdefault(customer_id, SplitPerson(customer_id))
        record = RecordKey(system, key)
        person.parts[record] = part
        digests = (
            address_hash("email", email, hash_key),
            address_hash("phone", phone, hash_key),
            address_hash("phone", phone, hash_key, country),
            address_hash("post", address, hash_key),
        )
        person.hashes[record].update(digest for digest in digests if digest)
    yield from people.values()
