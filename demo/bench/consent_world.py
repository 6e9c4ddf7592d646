"""A handful of people whose word is given, taken back and mixed up, in the product's own hands.

The ledger, its intake from every door, the gate and the clustering are the product's, on a real
state database; `consent_reference` says independently who may be contacted. Systems keep their rows
for ever, so that a reload can try to bring back whoever was erased.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random

import duckdb

from activation.people import Asked, load_requests
from contract.gate import Allowed, RecordKey
from contract.normalisation import address_hash
from contract.suppression import Kind, Suppressions, hash_of
from demo.bench.consent_reference import Person, Record, Reference, Said
from demo.bench.consent_sources import (
    COUNTRIES,
    LONG_AGO,
    SYSTEMS,
    TABLES,
    WRITTEN,
    Row,
    Staged,
)
from governance.gate import LedgerGate
from governance.intake import take_acts
from governance.ledger import Entry, append, entry_id, erase_about
from governance.rules import load_rules
from identity.cluster import cluster
from identity.overrides import Decision, standing
from orchestration.state import open_state

KEY = b"k" * 32
Contact = tuple[str, str, str]  # customer id, channel, purpose


class World:
    """The same history told to the product and to the reference."""

    def __init__(self, home: Path, chance: Random) -> None:
        self.chance, self.reference = chance, Reference()
        self.now = datetime(2026, 7, 20, 6) + timedelta(days=chance.randint(0, 30))  # noqa: DTZ001
        self.engine = open_state(f"sqlite:///{home}/state.db")
        self.gate = LedgerGate(self.engine, load_rules())
        self.con = duckdb.connect(config={"threads": 1})
        schemas, view, rest = TABLES.partition("create view intermediate")
        self.con.execute(schemas)
        self.views = view + rest
        self.number = 0
        self.sources: dict[Record, Row] = {}
        self.rows: dict[Record, Row] = {}
        self.staged: list[Staged] = []
        self.waiting: list[Staged] = []  # delivered, and not yet taken into the ledger
        self.taken: set[int] = set()
        self.decisions: list[Decision] = []
        self.forgotten: dict[tuple[str, str], datetime] = {}
        for system in SYSTEMS:
            for key in ("1", "2", "3"):
                self.register(system, key, key, LONG_AGO)
        self.resolve()
        self.con.execute(self.views)
        self.take()

    def close(self) -> None:
        """Leave the databases."""
        self.engine.dispose()
        self.con.close()

    def register(self, system: str, key: str, kind: str, at: datetime) -> None:
        """A customer is new in a system, with the addresses of the `kind` of person they are."""
        mail = None if system == "till" else f"mail {kind}"
        phone = None if system == "crm" else f"tel {kind}"
        has_bought = system == "till" or (system, kind) == ("shop", "1")
        record = (system, key)
        row = Row(record, mail, phone, COUNTRIES[kind], has_bought, system == "crm" and kind == "3",
                  at)  # fmt: skip
        self.sources[record] = self.rows[record] = row
        self._write_row(row)

    def _write_row(self, row: Row) -> None:
        written = [WRITTEN[one][0] if one else None for one in (row.mail, row.phone)]
        self.con.execute(
            "insert into intermediate.int_customers__versioned values (?, ?, ?, ?, null, null,"
            " null, ?, ?, ?)",
            [*row.record, *written, row.country, row.has_bought, row.is_professional],
        )

    # -- identity ------------------------------------------------------------------------------

    def resolve(self) -> None:
        """Cluster the records of today as the product does, and check who is whom."""
        names = [_name(record) for record in self.rows]
        self.chance.shuffle(names)
        self._fill("int_identity__records", [(name,) for name in names])
        self._fill("int_identity__described", [(name, None, None) for name in names])
        edges = [
            (_name(one), _name(other), "email", "email", one[1], 0.95)
            for one, other in self._shared_mails()
        ]
        self._fill("int_identity__edges", edges)
        cluster(self.con, standing(self.decisions))
        found: dict[str, set[str]] = {}
        for name, root in self.con.execute(
            "select record_id, cluster_id from intermediate.identity_clusters"
        ).fetchall():
            found.setdefault(root, set()).add(name)
        expected = {frozenset(_name(one) for one in part) for part in self.parts()}
        assert {frozenset(part) for part in found.values()} == expected  # noqa: S101

    def _fill(self, table: str, rows: Sequence[tuple[object, ...]]) -> None:
        self.con.execute(f"delete from intermediate.{table}")
        if rows:
            marks = ", ".join("?" * len(rows[0]))
            self.con.executemany(f"insert into intermediate.{table} values ({marks})", rows)

    def _shared_mails(self) -> list[tuple[Record, Record]]:
        """Shop and CRM know the same people by their e-mail address."""
        pairs = [(("crm", key), ("shop", key)) for key in ("1", "2", "3")]
        return [pair for pair in pairs if pair[0] in self.rows and pair[1] in self.rows]

    def parts(self) -> list[frozenset[Record]]:
        """The reference's own persons: what is joined and not kept apart."""
        last = {row.pair: row.decision for row in self.decisions}
        links = [pair for pair in self._shared_mails() if self._stands(last, pair) != "never_same"]
        links += [
            (one, other)
            for one in self.rows
            for other in self.rows
            if one < other and self._stands(last, (one, other)) == "same"
        ]
        part = {record: {record} for record in self.rows}
        for one, other in links:
            if part[one] is not part[other]:
                part[one] |= part[other]
                for record in part[other]:
                    part[record] = part[one]
        return [frozenset(one) for one in {id(one): one for one in part.values()}.values()]

    @staticmethod
    def _stands(last: dict[frozenset[str], str], pair: tuple[Record, Record]) -> str | None:
        return last.get(frozenset((_name(pair[0]), _name(pair[1]))))

    def decide(self, kind: str, one: Record, other: Record) -> None:
        """Somebody signs that two records are the same, or never."""
        on = date(2026, 1, 1) + timedelta(days=len(self.decisions))
        pair = sorted((_name(one), _name(other)))
        self.decisions.append(Decision(kind, pair[0], pair[1], "bench", on, "because"))

    def people(self) -> dict[str, Person]:
        """Customer id → who that is, as the reference sees it."""
        found = {}
        for part in self.parts():
            rows = [self.rows[record] for record in sorted(part, key=_name)]
            found["c_" + _name(rows[0].record)] = Person(
                part,
                frozenset(address for row in rows for address in row.addresses),
                any(row.has_bought for row in rows),
                next((row.country for row in rows if row.country is not None), None),
                any(row.is_professional for row in rows),
            )
        return found

    # -- words ---------------------------------------------------------------------------------

    def say(self, said: Said) -> None:
        """An act of ours or of the preference centre: straight into the ledger."""
        self.number += 1
        record = said.subject if isinstance(said.subject, tuple) else None
        entry = Entry(
            entry_id("direct", str(self.number)),
            record[1] if record else None,
            record[0] if record else None,
            None if record else self.digest(str(said.subject)),
            said.channel, said.purpose, said.act, "direct", str(self.number), said.at, self.now,
        )  # fmt: skip
        append(self.engine, [entry], now=self.now)
        self.reference.hear([said])

    def digest(self, address: str) -> str:
        """The keyed hash of an address, however it is written."""
        kind = "email" if address.startswith("mail") else "phone"
        return address_hash(kind, self.chance.choice(WRITTEN[address]), KEY) or ""

    def stage(self, table: str, values: tuple[object, ...], means: Said | None, at: Said) -> None:
        """A source system states an act; it is delivered now, and taken in by the next run."""
        self.number += 1
        staged = Staged(table, ("brevo", str(self.number), *values), means, at.subject, at.at)
        self.staged.append(staged)
        self._deliver(staged)

    def _deliver(self, staged: Staged) -> None:
        marks = ", ".join("?" * len(staged.values))
        self.con.execute(f"insert into staging.{staged.table} values ({marks})", staged.values)
        self.waiting.append(staged)

    def take(self) -> None:
        """A run: what waits at every door goes into the ledger; what is known stays as it is."""
        take_acts(self.con, self.engine, now=self.now, hash_key=KEY)
        self.reference.taken_at = self.now
        fresh = [one for one in self.waiting if int(str(one.values[1])) not in self.taken]
        self.taken |= {int(str(one.values[1])) for one in fresh}
        self.reference.hear(one.means for one in fresh if one.means is not None)
        self.waiting = []

    def reload(self) -> None:
        """Every system delivers everything again, in another order; the erased stay away."""
        for table in {one.table for one in self.staged}:
            self.con.execute(f"delete from staging.{table}")
        self.con.execute("delete from intermediate.int_customers__versioned")
        self.waiting = []
        rows, acts = list(self.sources.values()), list(self.staged)
        self.chance.shuffle(rows)
        self.chance.shuffle(acts)
        self.rows = {}
        listed = Suppressions(self.forgotten, KEY)
        for row in rows:
            told = [(row.record[1], row.record[0], "record")]
            told += [(WRITTEN[one][0], "", one.split()[0]) for one in row.addresses]
            if not any(_is_forgotten(listed, *one, row.registered_at) for one in told):
                self.rows[row.record] = row
                self._write_row(row)
        for act in acts:
            told = [
                (act.subject[1], act.subject[0], "record")
                if isinstance(act.subject, tuple)
                else (WRITTEN[act.subject][0], "", act.subject.split()[0])
            ]
            if not any(_is_forgotten(listed, *one, act.at) for one in told):
                self._deliver(act)
        self.resolve()
        self.take()

    def erase(self, person: Person) -> None:
        """Forget somebody: their entries, rows and staged acts; hashes of them stay on the list."""
        hashes = {self.digest(address) for address in person.addresses}
        keys = [RecordKey(*record) for record in person.records]
        erase_about(self.engine, keys, hashes, now=self.now)
        for system, key in person.records:
            digest = hash_of("record", key, KEY, system=system)
            self.forgotten["record", digest or ""] = self.now
        for address in person.addresses:
            kind = "email" if address.startswith("mail") else "phone"
            self.forgotten[kind, self.digest(address)] = self.now
        self.reference.forget([*person.records, *person.addresses])
        gone = {*person.records, *person.addresses}
        self.taken -= {int(str(one.values[1])) for one in self.staged if one.subject in gone}
        for record in person.records:
            self.rows.pop(record, None)
        self.reload()

    # -- what leaves ---------------------------------------------------------------------------

    def sent(self, pairs: Sequence[tuple[str, str]]) -> tuple[set[Contact], set[Contact]]:
        """Whom the gate lets through now on each channel for each purpose; whom the reference."""
        people = self.people()
        asked = load_requests(self.con, sorted(people), Asked((), "email", "marketing", (), KEY))
        batch = [
            replace(request, channel=channel, purpose=purpose)
            for channel, purpose in pairs
            for request in asked.values()
        ]
        decisions = self.gate.decide(batch, self.now)
        payload = {
            (one.request.customer_id, one.request.channel, one.request.purpose)
            for one in decisions
            if isinstance(one, Allowed)
        }
        allowed = {
            (customer_id, channel, purpose)
            for customer_id, person in people.items()
            for channel, purpose in pairs
            if self.reference.may(person, channel, purpose, self.now)
        }
        return payload, allowed


def _name(record: Record) -> str:
    return f"{record[0]}|{record[1]}"


def _is_forgotten(listed: Suppressions, value: str, system: str, kind: str, at: datetime) -> bool:
    """Whether loading drops a row of this time about this record or address."""
    name: Kind = {"mail": "email", "tel": "phone"}.get(kind, "record")  # type: ignore[assignment]
    since = listed.forgotten_since([name], value, system)
    return since is not None and at <= since
