"""How long the gate takes to decide on a million person × channel pairs, and with what memory.

The people have one to three records and one to three addresses each, and a ledger of more entries
than people: yeses, confirmations, refusals, words about every channel, words about an address only.
Each measurement runs in a process of its own, so that the peak memory is the gate's.
"""

from __future__ import annotations

import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

NOW = datetime.fromisoformat("2026-09-01T06:00:00")
CHANNELS = ("email", "sms", "phone", "post")
GOAL_SECONDS = 30.0
ADDRESS_ONLY_SHARE = 0.25
WRITTEN_AT_ONCE = 20_000
ACTS = ("grant", "grant", "grant", "double_opt_in_asked", "double_opt_in_confirmed", "withdraw",
        "object", "refuse", "inform", "expire")  # fmt: skip


def measure(pair_count: int, *, seed: int = 7) -> dict[str, Any]:
    """Fill a ledger, ask the gate about every pair at once, and say what it took."""
    with tempfile.TemporaryDirectory(prefix="habitue-gate-") as folder:
        asked = [sys.executable, "-m", "demo.bench.consent_gate", folder, str(pair_count)]
        done = subprocess.run(  # noqa: S603 - our own command
            [*asked, str(seed)], capture_output=True, text=True, check=True
        )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def report(found: dict[str, Any]) -> str:
    """One line: seconds, CPU, memory beside the goal."""
    return (
        f"gate: {found['pairs']:,} person × channel pairs over {found['entries']:,} entries in "
        f"{found['wall_seconds']:.1f} s ({found['cpu_seconds']:.1f} s CPU, peak "
        f"{found['peak_mb']:,.0f} MB; goal {GOAL_SECONDS:.0f} s on 2 cores): "
        f"{found['allowed']:,} allowed, {found['denied']:,} denied; seed {found['seed']}"
    )


def _measure_here(folder: Path, pair_count: int, seed: int) -> dict[str, Any]:
    from contract.gate import Allowed
    from governance.gate import LedgerGate
    from governance.rules import load_rules
    from orchestration.state import open_state

    engine = open_state(f"sqlite:///{folder}/state.db")
    chance = random.Random(seed)
    person_count = max(1, pair_count // len(CHANNELS))
    entry_count = _fill(engine, person_count, chance)
    batch = _requests(person_count, chance)
    before_mb = _peak_mb()
    wall, spent = time.perf_counter(), time.process_time()
    decisions = LedgerGate(engine, load_rules()).decide(batch, NOW)
    wall, spent = time.perf_counter() - wall, time.process_time() - spent
    found = Counter(isinstance(one, Allowed) for one in decisions)
    reasons = Counter(getattr(one, "reason", "allowed") for one in decisions)
    return {
        "pairs": len(batch),
        "entries": entry_count,
        "wall_seconds": wall,
        "cpu_seconds": spent,
        "peak_mb": _peak_mb(),
        "inputs_mb": before_mb,
        "allowed": found[True],
        "denied": found[False],
        "reasons": dict(reasons),
        "seed": seed,
    }


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _fill(engine: Any, person_count: int, chance: random.Random) -> int:
    """A ledger with about five entries per person, straight into its table."""
    from sqlalchemy import insert

    from governance.ledger import mark_taken
    from governance.tables import consent_entries

    rows: list[dict[str, Any]] = []
    count = 0
    with engine.begin() as connection:
        for person in range(person_count):
            rows += [_entry(person, n, chance) for n in range(chance.randint(2, 8))]
            if len(rows) > WRITTEN_AT_ONCE or person == person_count - 1:
                connection.execute(insert(consent_entries), rows)
                count += len(rows)
                rows = []
    mark_taken(engine, "bench", now=NOW)
    return count


def _entry(person: int, number: int, chance: random.Random) -> dict[str, Any]:
    by_address = chance.random() < ADDRESS_ONLY_SHARE
    at = NOW - timedelta(seconds=chance.randint(1, 90_000_000))
    return {
        "entry_id": f"e_{person:016d}{number:016d}",
        "customer_key": None if by_address else f"k{person:07d}",
        "source_system": None if by_address else chance.choice(("shop", "till")),
        "address_hash": f"{person:064x}" if by_address else None,
        "channel": chance.choice((*CHANNELS, "all")),
        "purpose": chance.choices(("marketing", "profiling", "all"), (8, 1, 1))[0],
        "act": chance.choice(ACTS),
        "source": "bench",
        "source_key": f"{person}|{number}",
        "occurred_at": at,
        "known_at": at,
        "recorded_at": at,
    }


def _requests(person_count: int, chance: random.Random) -> list[Any]:
    from contract.gate import ContactRequest, RecordKey

    batch = []
    for person in range(person_count):
        keys = tuple(RecordKey(one, f"k{person:07d}") for one in ("shop", "till", "crm"))
        records = keys[: chance.randint(1, 3)]
        hashes = tuple(f"{person + 10_000_000 * n:064x}" for n in range(chance.randint(1, 3)))
        relation = chance.choice(("buyer", "lead", "subscriber", "account"))
        country = chance.choice(("FR", "FR", "FR", "BE", None))
        batch += [
            ContactRequest(
                f"c_{person:016x}", channel, "marketing", relation, country, relation == "buyer",
                records, hashes,
            )
            for channel in CHANNELS
        ]  # fmt: skip
    return batch


if __name__ == "__main__":
    sys.stdout.write(
        json.dumps(_measure_here(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))) + "\n"
    )
