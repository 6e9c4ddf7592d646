"""What every subject of the simulation works on: the people, today, and the journal."""

from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from demo.world.agenda import Agenda
from demo.world.behaviour import Behaviour
from demo.world.catalogue import Catalogue
from demo.world.chance import rng
from demo.world.columns import Either, Ints, Key, Text, Value, Words
from demo.world.journal import Journal
from demo.world.people import Population
from demo.world.records import Records
from demo.world.seasons import Calendar, Moment
from demo.world.tempers import CHANNELS, Memory, Tempers, View

LONG_AGO = -9999
OUTSIDE = 10**12  # numbers from here on stand for texts that Habitué gave
Bools = NDArray[np.bool_]


@dataclass
class State:
    """What changes from day to day; all of it is saved.

    opted: people × channels, who may be written to; coupon: the campaign whose coupon a person
    holds until coupon_until; cart: the cart a person left, with system, day and second of it;
    counters: last number given in each series of keys.
    """

    memory: Memory
    leaving: Ints
    last_purchase: Ints
    last_contact: Ints
    opted: Bools
    coupon: Ints
    coupon_until: Ints
    cart: Ints
    cart_system: NDArray[np.int8]
    cart_day: NDArray[np.int32]
    cart_seconds: NDArray[np.int32]
    price: Ints
    stock: Ints
    counters: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    @staticmethod
    def begin(behaviour: Behaviour, people: Population, catalogue: Catalogue) -> "State":
        """Nothing happened yet."""
        count = people.count
        return State(
            memory=behaviour.start(count),
            leaving=people.leaving.copy(),
            last_purchase=np.full(count, LONG_AGO),
            last_contact=np.full(count, LONG_AGO),
            opted=np.zeros((count, len(CHANNELS)), bool),
            coupon=np.full(count, -1),
            coupon_until=np.full(count, -1),
            cart=np.full(count, -1),
            cart_system=np.full(count, -1, np.int8),
            cart_day=np.zeros(count, np.int32),
            cart_seconds=np.zeros(count, np.int32),
            price=catalogue.price.copy(),
            stock=np.zeros((0, 0), np.int64),
        )


@dataclass(frozen=True)
class Visits:
    """Visits of a site today, one row each: what for, and what it led to (-1: nothing).

    site: 0 main shop, 1 magazine and foreign shop, 2 organic boutique; record: account that
    logs in; product: what is looked at most; message: whose link was followed.
    """

    purpose: int
    site: Ints
    person: Ints
    record: Ints
    seconds: Ints
    product: Ints
    cart: Ints
    order: Ints
    message: Ints


@dataclass
class Stage:
    """One world, at one day of its time. contacts: those of this period, with their truth."""

    seed: int
    calendar: Calendar
    days: int
    texts: Words
    people: Population
    tempers: Tempers
    records: Records
    catalogue: Catalogue
    behaviour: Behaviour
    state: State
    agenda: Agenda = field(default_factory=Agenda)
    journal: Journal = field(default_factory=Journal)
    outside: Words = field(default_factory=Words)
    visits: list[Visits] = field(default_factory=list)
    contacts: list[dict[str, Value]] = field(default_factory=list)
    day: int = 0

    def rng(self, *names: str) -> np.random.Generator:
        """Today's generator for one purpose."""
        return rng(self.seed, self.day, *names)

    @property
    def moment(self) -> Moment:
        """What today means for everybody."""
        return self.calendar.moment(self.day)

    def at(self, seconds: Ints, day: Ints | int | None = None) -> NDArray[np.datetime64]:
        """UTC moments so many seconds after Paris midnight, today or on the given days."""
        number = np.asarray(self.day if day is None else day)
        known, place = np.unique(number, return_inverse=True)
        starts = np.array([self.calendar.midnight(int(one)) for one in known], "M8[us]")
        return np.asarray(starts[place] + np.asarray(seconds).astype("m8[s]"), "M8[us]")

    def message(self, numbers: Ints) -> Either:
        """Keys of messages: our own numbers, or from OUTSIDE on, those of Habitué's messages."""
        return self._either("msg-", 8, numbers)

    def campaign(self, numbers: Ints) -> Either:
        """Keys of campaigns: our own numbers, or from OUTSIDE on, Habitué's."""
        return self._either("K", 4, numbers)

    def _either(self, prefix: str, width: int, numbers: Ints) -> Either:
        own = np.where(numbers < OUTSIDE, numbers, -1)
        foreign = np.where(numbers < OUTSIDE, -1, numbers - OUTSIDE)
        return Either(Key(prefix, own, width), Text(self.outside, foreign))

    def device(self, person: Ints, which: Ints | int = 0) -> Key:
        """Cookie of a device; scrambled, so that it does not give its owner away."""
        number = (person * 4 + which).astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        code = (number >> np.uint64(20)).astype(np.int64)
        return Key("a", np.where(person < 0, -1, code), 14)

    def dates(self, days: Ints) -> NDArray[np.datetime64]:
        """Dates of day numbers."""
        return np.datetime64(self.calendar.first_day, "D") + days.astype("m8[D]")

    def number(self, series: str, count: int) -> Ints:
        """The next `count` numbers of a series of keys."""
        start = self.state.counters[series] + 1
        self.state.counters[series] += count
        return np.arange(start, start + count)

    def text(self, codes: Ints) -> Text:
        """A column of the world's own texts."""
        return Text(self.texts, codes)

    def during(self, purpose: str, count: int, hours: tuple[int, int] = (9, 20)) -> Ints:
        """Seconds after midnight, anywhere between two hours of today."""
        return self.rng(purpose, "seconds").integers(hours[0] * 3600, hours[1] * 3600, count)

    def product(self, numbers: Ints) -> Key:
        """Keys of products."""
        return Key("P", np.where(numbers < 0, -1, numbers + 1), 4)

    def present(self) -> Bools:
        """Who is a customer today: came, and has not left."""
        return (self.people.arrival <= self.day) & (self.state.leaving > self.day)

    def view(self, who: Ints | None = None) -> View:
        """People as the behaviour sees them today, all or some."""
        state = self.state
        rows: Ints | slice = slice(None) if who is None else who
        return View(
            self.seed,
            self.tempers if who is None else self.tempers.of(who),
            {name: values[rows] for name, values in state.memory.items()},
            (self.day - state.last_purchase[rows]).astype(np.float64),
            (self.day - state.last_contact[rows]).astype(np.float64),
        )
