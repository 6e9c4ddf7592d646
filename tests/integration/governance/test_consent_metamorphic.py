"""Rows in another order, split over deliveries, written otherwise: the same people are allowed."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

import pytest
from sqlalchemy import Engine, create_engine
from sqlalchemy.pool import StaticPool

from contract.gate import Allowed, ContactRequest, RecordKey
from contract.normalisation import address_hashes
from demo.bench.consent_sources import WRITTEN
from governance.doors import Said
from governance.gate import LedgerGate
from governance.intake import entries_of
from governance.ledger import append, mark_taken
from governance.rules import load_rules
from governance.tables import metadata

NOW = datetime.fromisoformat("2026-09-01T06:00:00")
KEY = b"k" * 32
ACTS = ("grant", "grant", "withdraw", "object", "refuse", "double_opt_in_asked",
        "double_opt_in_confirmed")  # fmt: skip
CHANNELS = ("email", "sms", "phone", "post", "all")


def history(chance: Random) -> list[tuple[str, Said]]:
    """Acts at the doors about three addresses of each kind and three records."""
    acts = []
    for number in range(40):
        name = chance.choice([*WRITTEN, "record 1", "record 2", "record 3"])
        at = NOW - timedelta(minutes=chance.randint(0, 500))
        is_record = name.startswith("record")
        said = Said(
            "consent_events", "brevo", str(number), "shop" if is_record else None,
            name if is_record else None, None, chance.choice(CHANNELS),
            chance.choice(("marketing", "marketing", "profiling", "all")), chance.choice(ACTS),
            at, at, proof="scan",
        )  # fmt: skip
        acts.append((name, said))
    return acts


def allowed(acts: list[tuple[str, Said]], chance: Random) -> set[tuple[str, str]]:
    """Who may be contacted where, after these deliveries, split and written by chance."""
    engine: Engine = create_engine("sqlite://", poolclass=StaticPool)
    metadata.create_all(engine)
    chance.shuffle(acts)
    written = [
        said if said.customer_key else _addressed(said, chance.choice(WRITTEN[name]))
        for name, said in acts
    ]
    part = chance.randint(0, len(written))
    for some in (written[:part], written[part:], written[:part]):
        append(engine, [entry for said in some for entry in entries_of(said, KEY)], now=NOW)
    mark_taken(engine, "consent_events", now=NOW)
    batch = [_request(number, channel, chance) for number in "123" for channel in CHANNELS[:-1]]
    chance.shuffle(batch)
    decisions = LedgerGate(engine, load_rules()).decide(batch, NOW)
    engine.dispose()
    return {
        (one.request.customer_id, one.request.channel)
        for one in decisions
        if isinstance(one, Allowed)
    }


def _addressed(said: Said, address: str) -> Said:
    return Said(**{**vars(said), "address": address})


def _request(number: str, channel: str, chance: Random) -> ContactRequest:
    mail, phone = (chance.choice(WRITTEN[f"{kind} {number}"]) for kind in ("mail", "tel"))
    hashes = sorted(address_hashes(mail, phone, None, "FR", key=KEY))
    chance.shuffle(hashes)
    records = (RecordKey("shop", f"record {number}"), RecordKey("till", number))
    return ContactRequest(
        number, channel, "marketing", "buyer", "FR", True, records, tuple(hashes)
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(8))
def test_order_parts_and_writing_change_nobody(seed: int) -> None:
    acts = history(Random(seed))  # noqa: S311
    told = [allowed(list(acts), Random(turn)) for turn in range(3)]  # noqa: S311
    assert told[0] == told[1] == told[2], f"seed {seed}"
