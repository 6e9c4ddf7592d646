"""`make bench-consent`: what the consent ledger appends, verifies, proves and takes in; the gate;
and random histories of consent, on which nothing may leave for anybody who said no.

Appends are batches of a thousand entries, each with its leaf, its signed checkpoint and its lines
in the log file, durable before the next begins; beside them the same rows in bare SQLite with one
commit a batch. CPU seconds stand beside the wall, because other work on the machine moves only the
wall.
"""

from __future__ import annotations

import argparse
import os
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from demo.bench import consent_gate, consent_histories
from governance.merkle.record import FIELDS, written

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from governance.ledger import Entry

NOW = datetime.fromisoformat("2026-09-01T06:00:00")
BATCH = 1_000
GOAL_PER_SECOND = 20_000
HASH_KEY = b"k" * 32


@dataclass(frozen=True)
class Took:
    """Seconds of wall and of this process's CPU."""

    wall: float
    cpu: float

    def rate(self, count: int) -> str:
        """Both rates, in words."""
        return f"{count / self.wall:,.0f}/s wall, {count / self.cpu:,.0f}/s CPU"


def timed(work: Callable[[], Any]) -> Took:
    """Do it once."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return Took(time.perf_counter() - wall, time.process_time() - cpu)


def main() -> None:
    """Measure and print, one line each."""
    reader = argparse.ArgumentParser(description=__doc__, prog="bench-consent")
    reader.add_argument("--entries", type=int, default=200_000, help="appended and verified")
    reader.add_argument("--acts", type=int, default=1_000_000, help="taken in from the warehouse")
    reader.add_argument("--pairs", type=int, default=1_000_000, help="asked of the gate")
    reader.add_argument("--steps", type=int, default=100_000, help="of random histories")
    reader.add_argument("--seed", type=int, default=7, help="of the random histories")
    wanted = reader.parse_args()
    with tempfile.TemporaryDirectory(prefix="habitue-consent-") as folder:
        for line in _ledger(Path(folder) / "ledger", wanted.entries):
            say(line)
    with tempfile.TemporaryDirectory(prefix="habitue-intake-") as folder:
        for line in _intake(Path(folder), wanted.acts):
            say(line)
    say(consent_gate.report(consent_gate.measure(wanted.pairs)))
    processes = os.cpu_count() or 1
    say(str(consent_histories.run(wanted.steps, wanted.seed, processes=processes)))


def say(line: str) -> None:
    """Print at once: the next measurement may take a minute."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _ledger(folder: Path, count: int) -> list[str]:
    from governance.ledger import append
    from governance.merkle.proof import prove_entry
    from governance.merkle.verify import verify

    batches = [
        [_entry(number) for number in range(start, min(start + BATCH, count))]
        for start in range(0, count, BATCH)
    ]
    engine = _open(folder)
    bare = timed(lambda: _insert_bare(folder / "bare.db", engine, batches))
    appended = timed(lambda: [append(engine, batch, now=NOW) for batch in batches])
    full = timed(lambda: verify(engine, now=NOW))
    append(engine, [_entry(count)], now=NOW)
    quick = timed(lambda: verify(engine, now=NOW, is_full=False))
    with engine.connect() as connection:
        proof = timed(lambda: prove_entry(connection, _entry(count // 2).entry_id))
    engine.dispose()
    return [
        f"append: {count:,} entries in batches of {BATCH:,}: {appended.rate(count)}"
        f" (goal {GOAL_PER_SECOND:,}/s)",
        f"bare SQLite, the same rows and indexes: {bare.rate(count)}; the ledger takes"
        f" {appended.wall / bare.wall:.1f} × its wall, {appended.cpu / bare.cpu:.1f} × its CPU",
        f"verify: whole {full.wall:.1f} s ({full.rate(count)}), after one new entry"
        f" {quick.wall * 1000:.0f} ms; one proof {proof.wall * 1000:.0f} ms",
    ]


def _intake(folder: Path, count: int) -> list[str]:
    import duckdb

    from governance.intake import take_acts
    from governance.mirror import copy_entries

    con, engine = duckdb.connect(str(folder / "warehouse.duckdb")), _open(folder)
    con.execute("create schema staging")
    con.execute(
        "create table staging.stg_files__consent_events as select 'brevo' as source_system,"
        " range::varchar as source_key, 'shop' as customer_system,"
        " case when range % 3 > 0 then (range % 300000)::varchar end as customer_key,"
        " case when range % 3 < 2 then 'person' || range || '@exemple.fr' end as address,"
        " 'email' as channel, 'marketing' as purpose, 'grant' as act, 'checkout' as door,"
        " 'v3' as wording_key, 'scan-' || range as proof,"
        " timestamp '2026-01-01' + to_seconds(range) as occurred_at, occurred_at as known_at"
        f" from range({count})"
    )
    first = timed(lambda: take_acts(con, engine, now=NOW, hash_key=HASH_KEY))
    copied = timed(lambda: copy_entries(engine, con))
    again = timed(lambda: take_acts(con, engine, now=NOW, hash_key=HASH_KEY))
    engine.dispose()
    con.close()
    return [
        f"intake: {count:,} new acts in {first.wall:.0f} s ({first.cpu:.0f} s CPU), copied to the"
        f" warehouse in {copied.wall:.1f} s; the same acts again {again.wall:.1f} s",
    ]


def _open(folder: Path) -> Engine:
    from governance.merkle.keeper import Keeper, keep
    from orchestration.state import open_state

    engine = open_state(f"sqlite:///{folder}/state.db")
    keep(engine, Keeper(folder / "log"))
    return engine


def _entry(number: int) -> Entry:
    from governance.ledger import Entry, entry_id

    at = NOW - timedelta(seconds=number)
    key, channel, act = f"{number % 50_000}", ("email", "sms")[number % 2], "grant"
    return Entry(
        entry_id("bench", str(number)), key, "shop", None, channel, "marketing", act, "bench",
        str(number), at, at, "checkout", "checkout-v3", f"scan-{number}",
    )  # fmt: skip


def _insert_bare(path: Path, engine: Engine, batches: list[list[Entry]]) -> None:
    """The same values into the same table with the same indexes, and nothing else."""
    con = sqlite3.connect(path)
    con.execute("pragma journal_mode = wal")
    con.execute("pragma synchronous = full")
    with engine.connect() as connection:
        made = connection.exec_driver_sql(
            "select sql from sqlite_master where tbl_name = 'consent_entries' and sql is not null"
            " and type <> 'trigger'"
        )
        for (statement,) in made:
            con.execute(statement)
    marks = ", ".join("?" * len(FIELDS))
    insert = f"insert into consent_entries ({', '.join(FIELDS)}) values ({marks})"
    for batch in batches:
        values = [written([getattr(one, name, NOW) for name in FIELDS]) for one in batch]
        con.executemany(insert, values)
        con.commit()
    con.close()


if __name__ == "__main__":
    main()
