"""Who speaks in the preference centre, as the state database knows them: keys, never names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from contract.gate import RecordKey


@dataclass(frozen=True)
class Person:
    """The records and address hashes of the person whom an e-mail was planned for.

    departed_…: what it was planned with that is somebody else's by now. A no reaches that as well,
    because nobody knows which of the two is reading; a yes, a choice or a detail does not.
    """

    customer_id: str
    record_keys: tuple[RecordKey, ...]
    address_hashes: tuple[str, ...] = ()
    departed_records: tuple[RecordKey, ...] = ()
    departed_hashes: tuple[str, ...] = ()

    def as_addressed(self) -> Person:
        """The person as the e-mail knew them, with everything that has departed since."""
        return Person(
            self.customer_id,
            (*self.record_keys, *self.departed_records),
            (*self.address_hashes, *self.departed_hashes),
        )

    @property
    def customer_keys(self) -> list[str]:
        """The keys of the records, without their systems."""
        return [record.customer_key for record in self.record_keys]


# Handed over by orchestration: customer id → person; None when nothing is known of the id (any
# more): after an erasure, for example.
FindPerson = Callable[[str], Person | None]
