"""Nobody is ever sent without being allowed at that instant, whatever happens in what order.

A plain model (dicts) says who may be contacted; a recording destination takes whatever comes.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import duckdb
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from activation.apply import apply_plan, open_plans
from activation.destination import (
    ContactRow,
    DeliverySettings,
    Destination,
    OutgoingRow,
    Receipt,
    Shipment,
    load_destinations,
)
from governance.ledger import Entry, append, entry_id
from orchestration.state import open_state
from tests.fixtures import small_marts
from tests.fixtures.small_company import LETTER, Company

PEOPLE = 5
KEYS = [f"{number:05d}" for number in range(1, PEOPLE + 1)]
CAMPAIGNS = {
    "post": replace(LETTER, destination="recorder"),
    "email": replace(LETTER, name="mail", channel="email", destination="recorder"),
}
people = st.integers(1, PEOPLE)
channels = st.sampled_from(["post", "email"])


class Recorder:
    """A destination that remembers who it holds, loses answers, and checks every arrival."""

    batch_size: int | None = 2

    def __init__(self, machine: ConsentMachine) -> None:
        self.machine = machine

    def send(self, shipment: Shipment, rows: Sequence[OutgoingRow]) -> Mapping[str, Receipt]:
        held = self.machine.held.setdefault(shipment.channel, set())
        for row in rows:
            self.machine.note(row.idempotency_key)
            if isinstance(row, ContactRow):
                assert self.machine.may(row.customer_id, shipment.channel)
                held.add(row.customer_id)
            else:
                held.discard(row.customer_id)
        lost, self.machine.is_losing_answers = self.machine.is_losing_answers, False
        return {} if lost else {row.idempotency_key: Receipt("accepted") for row in rows}


class ConsentMachine(RuleBasedStateMachine):
    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        home = Path(self.folder.name)
        con = duckdb.connect()
        small_marts.build(con, PEOPLE)
        con.execute("update marts.customer_360 set net_amount = 2000, email = customer_key")
        takes = ("customer_key", "consent_basis")
        open_ = lambda _: Recorder(self)  # noqa: E731
        recorder = Destination({}, frozenset(CAMPAIGNS), "customer_key", takes, open_)
        self.destinations = {**load_destinations(), "recorder": recorder}
        settings = DeliverySettings(exports_dir=home / "exports", columns=small_marts.columns())
        self.company = Company(con, open_state(f"sqlite:///{home}/state.db"), home, settings)
        self.company.destinations = self.destinations
        self.last: dict[tuple[str, str], str] = {}
        self.person_of = {key: f"c_{number:016x}" for number, key in enumerate(KEYS, start=1)}
        self.held: dict[str, set[str]] = {}
        self.seen: dict[str, int] = {}
        self.is_losing_answers = False
        self.step = 0
        self.company.take_objections()

    def teardown(self) -> None:
        if hasattr(self, "company"):
            self.company.engine.dispose()
            self.company.con.close()
            self.folder.cleanup()

    def may(self, customer_id: str, channel: str) -> bool:
        """The model: the most restrictive last word over every record of the person."""
        words = [
            self.last.get((key, channel))
            for key, person in self.person_of.items()
            if person == customer_id
        ]
        if "object" in words:
            return False
        return channel == "post" or "grant" in words

    def note(self, key: str) -> None:
        self.seen[key] = self.seen.get(key, 0) + 1

    @rule(number=people, channel=channels, act=st.sampled_from(["grant", "object"]))
    def say(self, number: int, channel: str, act: str) -> None:
        self.step += 1
        key, at = KEYS[number - 1], self.company.now + timedelta(seconds=self.step)
        name = f"{self.step}"
        entry = Entry(entry_id("said", name), key, "loyalty", None, channel, "all", act, "said",
                      name, at - timedelta(days=1), at)  # fmt: skip
        append(self.company.engine, [entry], now=at)
        self.last[(key, channel)] = act

    @rule(one=people, other=people)
    def merge(self, one: int, other: int) -> None:
        """Two people turn out to be one; the older id stays."""
        first, second = sorted({f"c_{one:016x}", f"c_{other:016x}"})[0], f"c_{max(one, other):016x}"
        for key, person in self.person_of.items():
            if person == second:
                self.person_of[key] = first
        self._resolve()

    @rule()
    def unmerge_all(self) -> None:
        self.person_of = {key: f"c_{number:016x}" for number, key in enumerate(KEYS, start=1)}
        self._resolve()

    def _resolve(self) -> None:
        con = self.company.con
        for key, person in self.person_of.items():
            con.execute(
                "update intermediate.int_identity__resolved set customer_id = ? "
                "where customer_key = ?", [person, key],
            )  # fmt: skip
        known = ", ".join(f"'{person}'" for person in set(self.person_of.values()))
        con.execute("update marts.customer_360 set net_amount = 0")
        con.execute(
            f"update marts.customer_360 set net_amount = 2000 where customer_id in ({known})"
        )

    @rule()
    def plan(self) -> None:
        self.company.plan(*CAMPAIGNS.values())

    @rule()
    def apply(self) -> None:
        for plan_id in open_plans(self.company.engine):
            apply_plan(
                self.company.engine, self.company.gate, plan_id, settings=self.company.settings,
                now=self.company.now, destinations=self.destinations,
                con=self.company.con,
            )  # fmt: skip

    @rule()
    def lose_the_next_answer(self) -> None:
        self.is_losing_answers = True

    @rule()
    def another_day(self) -> None:
        self.company.next_day()

    @precondition(lambda self: self.step > 0)
    @rule()
    def run_to_the_end(self) -> None:
        """Plan and apply until nothing is due: whoever may not be there is gone, both ways."""
        self.is_losing_answers = False
        for _ in range(2):
            self.plan()
            self.apply()
        for channel in CAMPAIGNS:
            allowed = {one for one in set(self.person_of.values()) if self.may(one, channel)}
            silent = {
                row[0]
                for row in self.company.con.execute(
                    "select customer_id from marts.customer_360 "
                    "where net_amount >= 1500 or is_silence_unusual"
                ).fetchall()
            }
            assert self.held.get(channel, set()) == allowed & silent

    @invariant()
    def every_plan_adds_up(self) -> None:
        if not hasattr(self, "company"):
            return
        con = self.company.con
        if not con.execute(
            "select 1 from information_schema.tables where table_name = 'waterfalls'"
        ).fetchall():
            return
        assert con.execute("select 1 from segments.waterfalls where row_count < 0").fetchall() == []


TestConsent = ConsentMachine.TestCase
TestConsent.settings = settings(
    max_examples=30,
    stateful_step_count=12,
    deadline=None,
    print_blob=True,
    # Shrinking a history of databases takes minutes; the blob reproduces it as it is.
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
