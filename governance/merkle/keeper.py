"""The folder of the log: its keys, its file, and the lock that lets one process write at a time."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from contract.errors import ConfigError
from governance.merkle.checkpoint import PublicKey, Signer
from governance.merkle.log_file import LogFile

if TYPE_CHECKING:
    from sqlalchemy import Engine

PRIVATE, PUBLIC = "signing_key.pem", "public_key.pem"
_OPTION = "habitue_ledger_keeper"
_SEED_DIGITS = 64


@dataclass(frozen=True)
class Keeper:
    """secret: 64 hex digits, the private key where a setting holds it; None: a file made once."""

    folder: Path
    secret: str | None = None

    @property
    def file(self) -> LogFile:
        """The log beside the database."""
        return LogFile(self.folder / "log.txt")

    @property
    def has_begun(self) -> bool:
        """Whether a first checkpoint was ever made here."""
        return (self.folder / PUBLIC).exists()

    @cached_property
    def signer(self) -> Signer:
        """The private key: the setting, else a file of mode 0600, made when there is none."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        if self.secret is not None:
            return Signer(Ed25519PrivateKey.from_private_bytes(_seed(self.secret)))
        path = self.folder / PRIVATE
        if not path.exists() and self.has_begun:
            raise ConfigError(f"{path} is gone: put the key back from a backup.")
        if not path.exists():
            _make_private_key(path)
        try:
            key = load_pem_private_key(path.read_bytes(), password=None)
        except ValueError:
            key = None
        if not isinstance(key, Ed25519PrivateKey):
            raise ConfigError(f"{path}: not an Ed25519 key. Put the key back that was there.")
        return Signer(key)

    @property
    def public(self) -> PublicKey:
        """The key with which anybody checks: the one under which the log was begun."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
        from cryptography.hazmat.primitives.serialization import load_pem_public_key

        if not self.has_begun:
            return self.signer.public
        path = self.folder / PUBLIC
        try:
            key = load_pem_public_key(path.read_bytes())
        except ValueError:
            key = None
        if not isinstance(key, Ed25519PublicKey):
            raise ConfigError(f"{path}: not an Ed25519 key. Put the key back that was there.")
        return PublicKey(key.public_bytes_raw(), path.read_text(encoding="ascii"))

    def begin(self) -> None:
        """Note that the first checkpoint stands: from now on a log without one was cut."""
        (self.folder / PUBLIC).write_text(self.signer.public.pem, encoding="ascii")

    @contextmanager
    def held(self) -> Iterator[None]:
        """The only process and thread at the log while the block runs."""
        self.folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(self.folder / ".lock", os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)


def keep(engine: Engine, keeper: Keeper) -> None:
    """From now on whatever is appended through this engine is signed and filed by this keeper."""
    engine.update_execution_options(**{_OPTION: keeper})


def keeper_of(engine: Engine) -> Keeper | None:
    """Who signs what is appended through this engine; None: nobody."""
    keeper = engine.get_execution_options().get(_OPTION)
    return keeper if isinstance(keeper, Keeper) else None


def _seed(secret: str) -> bytes:
    try:
        seed = bytes.fromhex(secret)
    except ValueError:
        seed = b""
    if len(secret) != _SEED_DIGITS or len(seed) != _SEED_DIGITS // 2:
        raise ConfigError(
            "HABITUE_CONSENT_SIGNING_KEY: not 64 hex digits. `openssl rand -hex 32` makes some."
        )
    return seed


def _make_private_key(path: Path) -> None:
    """Written aside and linked: a killed process leaves a whole key or none, and never two."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        NoEncryption,
        PrivateFormat,
    )

    path.parent.mkdir(parents=True, exist_ok=True)
    pem = Ed25519PrivateKey.generate().private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)
