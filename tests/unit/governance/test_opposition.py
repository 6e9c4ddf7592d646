"""A list of people who object: hashed, idempotent, and stronger than any earlier yes."""

from dataclasses import replace

from sqlalchemy import select

from contract.gate import Allowed, Denied
from contract.normalisation import address_hash
from governance.opposition import take_list
from governance.tables import consent_entries
from tests.unit.governance.test_gate import BUYER, NOW, decide, engine, said

__all__ = ["engine"]  # the fixture of test_gate
KEY = b"k" * 32
LINES = ["06 12 34 56 78", "Zoe@Exemple.fr", "nobody"]


def take(engine):  # type: ignore[no-untyped-def]
    return take_list(engine, LINES, name="no-calls", channel="phone", now=NOW, hash_key=KEY)


def test_a_listed_number_is_not_called_though_it_said_yes_before(engine) -> None:  # type: ignore[no-untyped-def]
    number = address_hash("phone", "+33612345678", KEY) or ""
    asked = replace(BUYER, channel="phone", address_hashes=(number,))
    assert isinstance(decide(engine, asked, said("grant", channel="phone", days=1)), Allowed)
    assert take(engine).unreadable_lines == (3,)
    assert isinstance(decide(engine, asked), Denied)


def test_the_same_list_again_adds_nothing_and_the_ledger_holds_no_address(engine) -> None:  # type: ignore[no-untyped-def]
    assert (take(engine).new_count, take(engine).new_count) == (2, 0)
    with engine.connect() as connection:
        held = str(connection.execute(select(consent_entries)).all())
    assert "612345678" not in held.replace(" ", "")
    assert "exemple.fr" not in held.lower()
