"""Everything by which one person is recognised, and how it is kept while an erasure waits."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING

from contract.normalisation import match_key, normalise_email, normalise_phone
from contract.suppression import Kind, hash_of
from governance.publishing.pseudonyms import pseudonym

if TYPE_CHECKING:
    from pathlib import Path

SHORTEST = 6  # a shorter text is found by chance
_OWN_KEY = "erasure.key"


@dataclass(frozen=True)
class Identifiers:
    """One person. records: (system, key); visitors: (system, cookie); values as sources gave them.

    names: full names and address lines that nobody else carries. shared_count: addresses that
    somebody else carries as well, and which therefore stay.
    """

    customer_ids: tuple[str, ...] = ()
    records: tuple[tuple[str, str], ...] = ()
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    posts: tuple[str, ...] = ()
    cards: tuple[str, ...] = ()
    handles: tuple[str, ...] = ()
    visitors: tuple[tuple[str, str], ...] = ()
    names: tuple[str, ...] = ()
    shared_count: int = 0

    def as_json(self) -> str:
        """A text that from_json reads back."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True)

    @staticmethod
    def from_json(text: str) -> Identifiers:
        """The identifiers that as_json wrote."""
        values = json.loads(text)
        pairs = {"records", "visitors"}
        for name in {one.name for one in fields(Identifiers)} - {"shared_count"}:
            found = values[name]
            values[name] = tuple(tuple(one) for one in found) if name in pairs else tuple(found)
        return Identifiers(**values)

    @property
    def record_ids(self) -> tuple[str, ...]:
        """The records as the warehouse names them."""
        return tuple(f"{system}|{key}" for system, key in self.records)

    def keyed_hash(self, key: bytes) -> str:
        """What a certificate calls the person: nobody without the company's key can tell who."""
        ids = sorted(self.customer_ids) or sorted(self.record_ids) or sorted(self.emails)
        return hash_of("handle", ids[0], key) or "" if ids else ""

    def hashes(self, key: bytes) -> set[tuple[str, str]]:
        """(kind, keyed hash) of all that must not come back."""
        kinds: list[tuple[Kind, Iterable[str]]] = [
            ("email", self.emails), ("phone", self.phones), ("post", self.posts),
            ("card", self.cards), ("handle", self.handles),
        ]  # fmt: skip
        found = {(kind, hash_of(kind, value, key)) for kind, values in kinds for value in values}
        found |= {("record", hash_of("record", k, key, system=s)) for s, k in self.records}
        found |= {("visitor", hash_of("visitor", k, key, system=s)) for s, k in self.visitors}
        return {(kind, digest) for kind, digest in found if digest is not None}

    def address_hashes(self, key: bytes) -> set[str]:
        """The hashes under which the ledger and the plans know the person's addresses."""
        kinds = {"email", "phone", "post"}
        return {digest for kind, digest in self.hashes(key) if kind in kinds}

    def keys(self) -> set[str]:
        """Ids of records and devices: an order may have the same, so only where these stand."""
        return {*self.record_ids, *(f"{system}|{cookie}" for system, cookie in self.visitors)}

    def numbers(self) -> set[str]:
        """Telephone numbers and cards in every form: looked for only where such values stand."""
        normal = {normalise_phone(value) for value in self.phones}
        national = {f"0{value[3:]}" for value in normal if value and value.startswith("+33")}
        return {one for one in {*self.phones, *self.cards, *normal, *national} if one}

    def words(self, key: bytes) -> set[str]:
        """Texts that mean this person wherever they stand: ids, addresses, pseudonyms."""
        found = {*self.customer_ids, *self.emails, *self.address_hashes(key)}
        found |= {normalise_email(value) or "" for value in self.emails}
        found |= {match_key("email", value) or "" for value in self.emails}
        found |= {one for one in self.record_ids if "|guest:" in one}
        found |= {pseudonym(value, key) for value in (*self.customer_ids, *self.record_ids)}
        found |= {pseudonym(f"{system}|{cookie}", key) for system, cookie in self.visitors}
        return {value for value in found if value}

    def needles(self, key: bytes) -> set[str]:
        """What a scan looks for in every byte: words, numbers, names; not what is kept on purpose.

        The hashes of addresses stay in the suppression list.
        """
        found = (self.words(key) - self.address_hashes(key)) | self.numbers()
        found |= {*self.names, *self.handles}
        return {value.lower() for value in found if len(value) >= SHORTEST}


def united(people: Iterable[Identifiers]) -> Identifiers:
    """All of them as one, for steps that look through a store once."""
    gathered = list(people)
    values = {
        field.name: tuple(dict.fromkeys(v for one in gathered for v in getattr(one, field.name)))
        for field in fields(Identifiers)
        if field.name != "shared_count"
    }
    return Identifiers(**values, shared_count=sum(one.shared_count for one in gathered))


def home_key(state_folder: Path) -> bytes:
    """The key under which identifiers wait in the state database; made once, mode 0600."""
    import os

    from cryptography.fernet import Fernet

    path = state_folder / _OWN_KEY
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(Fernet.generate_key())
    return path.read_bytes().strip()


def sealed(identifiers: Identifiers, key: bytes) -> bytes:
    """The identifiers, encrypted."""
    from cryptography.fernet import Fernet

    return Fernet(key).encrypt(identifiers.as_json().encode())


def unsealed(content: bytes, key: bytes) -> Identifiers:
    """The identifiers that were sealed. Raises ConfigError when the key is another one."""
    from cryptography.fernet import Fernet, InvalidToken

    from contract.errors import ConfigError

    try:
        return Identifiers.from_json(Fernet(key).decrypt(content).decode())
    except InvalidToken:
        raise ConfigError(
            f"state/{_OWN_KEY} is not the key that an erasure under way was sealed with. "
            "Put the file back from the backup of this home."
        ) from None
