"""Random histories of consent, thousands of steps long: does anything ever reach who said no?

python -m demo.bench.consent_histories --steps 100000 --seed 7
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from multiprocessing import get_context
from pathlib import Path
from random import Random

from demo.bench.consent_reference import PAIRS, Said, Subject
from demo.bench.consent_sources import WRITTEN
from demo.bench.consent_world import World

STEPS_OF_A_LIFE = 250  # then another handful of people, on another day
CHANNELS = ("email", "email", "sms", "phone", "post", "ads", "all")
PURPOSES = ("marketing", "marketing", "marketing", "profiling", "open_tracking",
            "sale_or_sharing", "all")  # fmt: skip
KNOWN_BY = {"email": "mail", "sms": "tel", "phone": "tel"}


@dataclass
class Found:
    """What came of it. leaks: contacts that the reference forbids; missed: that it allows."""

    seed: int
    steps: Counter[str] = field(default_factory=Counter)
    contacts: int = 0
    leaks: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def __str__(self) -> str:
        listed = ", ".join(f"{name} {count:,}" for name, count in sorted(self.steps.items()))
        return (
            f"consent histories: seed {self.seed}, {sum(self.steps.values()):,} steps in "
            f"{self.seconds:.0f} s ({listed}); {self.contacts:,} contacts let through, "
            f"leaks = {len(self.leaks)}, wrongly denied = {len(self.missed)}"
        )

    def add(self, life: Found) -> None:
        """Count one more life in."""
        self.steps.update(life.steps)
        self.contacts += life.contacts
        self.leaks += life.leaks
        self.missed += life.missed


def run(
    steps: int, seed: int, tell: Callable[[str], None] = lambda _: None, *, processes: int = 1
) -> Found:
    """Live as many lives as the steps need; the same seed lives them again.

    processes: lives at a time; each is a world of its own, so the same lives are lived, and some
    more at the end.
    """
    found, started, life = Found(seed), time.perf_counter(), 0
    with _living(processes) as lived:
        while (left := steps - sum(found.steps.values())) > 0:
            wave = [(seed, life + one, min(STEPS_OF_A_LIFE, left)) for one in range(processes)]
            for one in lived(_live, *zip(*wave, strict=True)):
                found.add(one)
            life += processes
            found.seconds = time.perf_counter() - started
            tell(str(found))
    return found


@contextmanager
def _living(processes: int) -> Iterator[Callable[..., Iterable[Found]]]:
    """What maps a life's seed, number and steps to what came of it, several at a time."""
    if processes == 1:
        yield map
        return
    # A process that is forked would share the engines that this one has open.
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        yield pool.map


def _live(seed: int, life: int, steps: int) -> Found:
    found = Found(seed)
    with tempfile.TemporaryDirectory(prefix="habitue-lives-") as home:
        world = World(Path(home), Random(f"{seed}|{life}"))
        try:
            for _ in range(steps):
                _step(world, found, life)
        finally:
            world.close()
    return found


def _step(world: World, found: Found, life: int) -> None:
    name = world.chance.choices(list(ACTIONS), [weight for _, weight in ACTIONS.values()])[0]
    ACTIONS[name][0](world)
    found.steps[name] += 1
    if world.chance.random() > _SENT_SHARE:
        return
    payload, allowed = world.sent(PAIRS)
    place = f"life {life}, step {sum(found.steps.values())}, {name}"
    found.contacts += len(payload)
    found.leaks += [f"{place}: {' '.join(one)}" for one in sorted(payload - allowed)]
    found.missed += [f"{place}: {' '.join(one)}" for one in sorted(allowed - payload)]
    found.steps["send on every channel"] += 1


def _subject(world: World, channel: str) -> Subject:
    """A record, or an address of the kind that the channel uses."""
    rows = list(world.rows.values()) or list(world.sources.values())
    row = world.chance.choice(rows)
    usable = [one for one in sorted(row.addresses) if one.startswith(KNOWN_BY.get(channel, ""))]
    if usable and world.chance.random() < _BY_ADDRESS:
        return world.chance.choice(usable)
    return row.record


def _said(world: World, act: str) -> Said:
    """An act of lately, now and then of the same instant as another, or dated in the future."""
    channel = world.chance.choice(CHANNELS)
    subject = _subject(world, channel)
    hours = world.chance.choice((0, 0, 1, 5, 24, 24 * 30, -2))
    at = world.now - timedelta(hours=hours)
    return Said(subject, channel, world.chance.choice(PURPOSES), act, at)


def _speak(*acts: str) -> Callable[[World], None]:
    """Straight into the ledger: the preference centre, a scenario, a checkout."""
    return lambda world: world.say(_said(world, world.chance.choice(acts)))


def _who(said: Said, world: World) -> tuple[object, object, object]:
    """customer_system, customer_key and address as a source writes them."""
    if isinstance(said.subject, tuple):
        return (*said.subject, None)
    return (None, None, world.chance.choice(WRITTEN[said.subject]))


def _object_at_a_door(world: World) -> None:
    """A letter, a call, a line of an opposition list."""
    said = _said(world, "object")
    values = (*_who(said, world), said.channel, said.purpose, said.at, world.now)
    world.stage("stg_files__objections", values, said, said)


def _unsubscribe(world: World) -> None:
    """The e-mail tool's unsubscribe, or a complaint of spam."""
    kind, act = world.chance.choice((("unsubscribed", "withdraw"), ("complained", "object")))
    said = _said(world, act)
    said = Said(_subject(world, "email"), "email", "marketing", act, said.at)
    values = (*_who(said, world), "email", kind, said.at, world.now)
    world.stage("stg_files__message_events", values, said, said)


def _state_consent(world: World) -> None:
    """A system states acts with their proof, in its own time."""
    acts = ("grant", "withdraw", "refuse", "double_opt_in_asked", "double_opt_in_confirmed")
    said = _said(world, world.chance.choice(acts))
    values = (*_who(said, world), said.channel, said.purpose, said.act, "checkout", "v1", "scan",
              said.at, world.now)  # fmt: skip
    world.stage("stg_files__consent_events", values, said, said)


def _import_flags(world: World) -> None:
    """A CRM overwrites everybody's flag with a yes that nobody can prove."""
    for row in list(world.rows.values()):
        said = Said(row.record, "all", "all", "grant", world.now)
        values = (*row.record, None, "all", "all", "grant", "crm", None, None, world.now, world.now)
        world.stage("stg_files__consent_events", values, None, said)
        wish = (*row.record, None, "channel", "email", "yes", world.now, world.now)
        world.stage("stg_files__preference_updates", wish, None, said)
    world.take()


def _switch_off(world: World) -> None:
    """A channel switched off in a shop's own preference page."""
    said = _said(world, "withdraw")
    channel = said.channel if said.channel != "ads" else "sms"
    said = Said(_subject(world, "none"), channel, "marketing", "withdraw", said.at)
    if not isinstance(said.subject, tuple):
        return
    values = (*said.subject, None, "channel", channel, "no", said.at, world.now)
    world.stage("stg_files__preference_updates", values, said, said)


def _merge(world: World) -> None:
    """Somebody signs that two people are one: what kept their records apart is withdrawn."""
    parts = world.parts()
    if len(parts) > 1:
        one, other = world.chance.sample(sorted(parts, key=sorted), 2)
        for record in one:
            for mate in other:
                world.decide("withdrawn", record, mate)
        world.decide("same", min(one), min(other))
        world.resolve()


def _unmerge(world: World) -> None:
    """Somebody signs that a record is nobody else's."""
    part = world.chance.choice(sorted(world.parts(), key=sorted) or [frozenset()])
    if len(part) > 1:
        record = world.chance.choice(sorted(part))
        for other in sorted(world.rows):
            if other != record:
                world.decide("never_same", record, other)
        world.resolve()


def _erase(world: World) -> None:
    people = sorted(world.people().items())
    if people and world.chance.random() < _ERASED_SHARE:
        _, person = world.chance.choice(people)
        world.take()  # what waits at a door is known first, and erased with the rest
        world.erase(person)


def _come_back(world: World) -> None:
    """An erased person opens an account again: a new record, and a new relation."""
    gone = sorted(set(world.sources) - set(world.rows))
    if gone:
        system, key = world.chance.choice(gone)
        kind = key[0]
        world.number += 1
        world.register(system, f"{kind}.{world.number}", kind, world.now + timedelta(seconds=1))
        world.now += timedelta(seconds=2)
        world.resolve()


def _go_on(world: World) -> None:
    """The clock moves: minutes, hours, or more than a ledger may stay without news."""
    world.now += timedelta(minutes=world.chance.choice((1, 60, 600, 24 * 60, 37 * 60)))
    if world.chance.random() < _TAKEN_SHARE:
        world.take()


_BY_ADDRESS, _ERASED_SHARE, _TAKEN_SHARE, _SENT_SHARE = 0.3, 0.4, 0.4, 0.2
# What may happen, and how often. One in five is followed by a sending to everybody.
ACTIONS: dict[str, tuple[Callable[[World], None], int]] = {
    "grant": (_speak("grant", "grant", "inform", "double_opt_in_confirmed"), 24),
    "withdraw": (_speak("withdraw", "object", "refuse"), 10),
    "ask to confirm": (_speak("double_opt_in_asked"), 3),
    "expire": (_speak("expire"), 5),
    "objection at a door": (_object_at_a_door, 3),
    "unsubscribe": (_unsubscribe, 3),
    "stated consent": (_state_consent, 8),
    "switch off": (_switch_off, 3),
    "import with overwrite": (_import_flags, 1),
    "merge": (_merge, 4),
    "unmerge": (_unmerge, 3),
    "reload": (World.take, 2),
    "full resync": (World.reload, 1),
    "erase": (_erase, 1),
    "come back": (_come_back, 1),
    "clock": (_go_on, 10),
}


def main() -> int:
    """Print what was found; 1 when anything leaked."""
    parser = argparse.ArgumentParser(description="random histories of consent")
    parser.add_argument("--steps", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=7)
    asked = parser.parse_args()
    found = run(asked.steps, asked.seed, _tell, processes=os.cpu_count() or 1)
    sys.stdout.write(str(found) + "\n")
    sys.stdout.writelines(f"{line}\n" for line in (*found.leaks, *found.missed))
    return int(bool(found.leaks or found.missed))


def _tell(text: str) -> None:
    sys.stderr.write(text + "\n")


if __name__ == "__main__":
    raise SystemExit(main())
