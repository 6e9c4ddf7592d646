"""Signed heads of the log: how many leaves, under which root, since when, by which key."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


@dataclass(frozen=True)
class Checkpoint:
    """previous_size: of the checkpoint before, None: the first; the rest hex and UTC, as text."""

    tree_size: int
    previous_size: int | None
    root: str
    signed_at: str
    key_id: str
    signature: str = ""

    def body(self) -> bytes:
        """What is signed: one field per line."""
        lines = [self.tree_size, self.previous_size, self.root, self.signed_at, self.key_id]
        return "\n".join(["habitue consent checkpoint 1", *map(str, lines), ""]).encode()

    def line(self) -> str:
        """One line of JSON, as the log file holds it."""
        return json.dumps(asdict(self))

    @classmethod
    def read(cls, line: str) -> Checkpoint:
        """A checkpoint from its line. Raises ValueError or TypeError when it is none."""
        return cls(**json.loads(line))


@dataclass(frozen=True)
class PublicKey:
    """Who may have signed. pem: as it is handed to third parties."""

    raw: bytes
    pem: str

    @property
    def key_id(self) -> str:
        """The first 16 hex digits of the key's SHA-256."""
        return sha256(self.raw).hexdigest()[:16]

    def signed(self, checkpoint: Checkpoint) -> bool:
        """Whether this key signed exactly this checkpoint."""
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        key = Ed25519PublicKey.from_public_bytes(self.raw)
        try:
            key.verify(bytes.fromhex(checkpoint.signature), checkpoint.body())
        except (InvalidSignature, ValueError):
            return False
        return checkpoint.key_id == self.key_id


@dataclass(frozen=True)
class Signer:
    """The private key of the log."""

    private: Ed25519PrivateKey

    @property
    def public(self) -> PublicKey:
        """The key with which anybody checks."""
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        key = self.private.public_key()
        pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
        return PublicKey(key.public_bytes_raw(), pem)

    def sign(self, checkpoint: Checkpoint) -> Checkpoint:
        """The same checkpoint under this key, signed."""
        named = replace(checkpoint, key_id=self.public.key_id)
        return replace(named, signature=self.private.sign(named.body()).hex())
