"""Who speaks in the preference centre, as the state database knows them: keys, never names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from contract.gate import RecordKey


@dataclass(frozen=True)
class Person:
    """The records and address hashes of the person whom an e-mail was planned for."""

    customer_id: str
    record_keys: tuple[RecordKey, ...]
    address_hashes: tuple[str, ...] = ()

    @property
    def customer_keys(self) -> list[str]:
        """The keys of the records, without their systems."""
        return [record.customer_key for record in self.record_keys]


# Handed over by orchestration: customer id → person; None when nothing is known of the id (any
# more): after an erasure, for example.
FindPerson = Callable[[str], Person | None]
