"""The company's own campaigns: newsletters, offers, text messages, letters, calls."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np

from demo.world.catalogue import DEPARTMENTS
from demo.world.columns import Cents, Joined, Key, Text, Words
from demo.world.seasons import Calendar, sale_start
from demo.world.stage import Stage
from demo.world.tempers import OFFERS

POST, EMAIL, SMS, PHONE = range(4)
NONE, PERCENT, AMOUNT, SHIPPING = range(4)
OFFER_DAYS = 21
UNIT_COSTS = {"post": 7800, "email": 12, "sms": 620, "phone": 24000, "ads": 3500}  # 1/10,000 EUR
DROPS = {(3, 5), (6, 8), (9, 14), (11, 19)}
CALLS_ON, PROMOTION_ON, NEWSLETTER_EVERY = 8, 12, 28


@dataclass(frozen=True)
class Campaign:
    """What goes out on a day. share: of those who may be written to; topic: a department, or -1."""

    number: int
    day: int
    name: str
    kind: str
    channel: int
    offer: int
    value: int
    share: float
    topic: int

    @property
    def last_day(self) -> int:
        """Last day on which its offer can be used."""
        return self.day + OFFER_DAYS


class Plan:
    """Every campaign of a span of days."""

    def __init__(self, calendar: Calendar, days: int) -> None:
        self.campaigns = list(_campaigns(calendar, days))
        self._by_day: dict[int, list[Campaign]] = {}
        for campaign in self.campaigns:
            self._by_day.setdefault(campaign.day, []).append(campaign)

    def on(self, day: int) -> list[Campaign]:
        """Campaigns that go out on a day."""
        return self._by_day.get(day, [])


def note_campaigns(stage: Stage, plan: Plan) -> None:
    """The planning tool knows a campaign a week before; on the first day, the costs as well."""
    if stage.day == 0:
        _note_costs(stage)
    known = [c for day in _known_days(stage.day) for c in plan.on(day)]
    if not known:
        return
    stage.journal.note(
        "campaigns",
        "planning",
        {
            "campaign_key": _key([c.number for c in known]),
            "campaign_name": np.array([c.name for c in known], object),
            "campaign_type": np.array([c.kind for c in known], object),
            "starts_on": stage.dates(np.array([c.day for c in known])),
            "ends_on": stage.dates(np.array([c.last_day for c in known])),
            "system": "planning",
        },
    )
    for campaign in known:
        if campaign.offer != NONE:
            _note_coupon(stage, campaign)


def campaign_key(numbers: np.ndarray) -> Key:
    """Keys of campaigns."""
    return Key("K", np.asarray(numbers), 4)


def coupon_key(numbers: np.ndarray) -> Joined:
    """Keys of the coupon of each campaign."""
    return Joined(("OFFRE", Key("", np.asarray(numbers), 4)))


def _key(numbers: list[int]) -> Key:
    return campaign_key(np.array(numbers))


def _known_days(day: int) -> range:
    return range(8) if day == 0 else range(day + 7, day + 8)


def _campaigns(calendar: Calendar, days: int) -> Iterator[Campaign]:
    number = 0
    for day in range(days):
        for made in _of_day(day, calendar.on(day)):
            number += 1
            name, kind, channel, offer, value, share, topic = made
            yield Campaign(number, day, name, kind, channel, offer, value, share, topic)


def _of_day(day: int, today: date) -> Iterator[tuple[str, str, int, int, int, float, int]]:
    month = f"{today:%Y-%m}"
    if day % NEWSLETTER_EVERY == NEWSLETTER_EVERY // 7 - 1:
        topic = day // NEWSLETTER_EVERY % len(DEPARTMENTS)
        name = f"Newsletter {DEPARTMENTS[topic]} {month}"
        yield name, "newsletter", EMAIL, NONE, 0, 0.9, topic
    if today.day == PROMOTION_ON:
        offer = (PERCENT, SHIPPING, NONE, AMOUNT, PERCENT, SHIPPING)[today.month % 6]
        value = {PERCENT: 15, AMOUNT: 10, SHIPPING: 0, NONE: 0}[offer]
        yield f"Offre du mois {month}", "promotion", EMAIL, offer, value, 0.45, -1
    if today in {sale_start(today.year, 1), sale_start(today.year, 6)}:
        yield f"Soldes {month}", "sale", SMS, PERCENT, 10, 0.8, -1
    if (today.month, today.day) in DROPS:
        offer = AMOUNT if today.month % 2 else PERCENT
        yield f"Courrier {month}", "letter", POST, offer, 15, 0.3, -1
    if today.day == CALLS_ON:
        yield f"Rappel {month}", "win_back", PHONE, SHIPPING, 0, 0.05, -1


def _note_coupon(stage: Stage, campaign: Campaign) -> None:
    """A coupon holds for 80 products, in every store and on the web, or in three stores only."""
    chance = stage.rng("coupon", str(campaign.number))
    products = np.sort(chance.choice(stage.catalogue.count, 80, replace=False))
    number = np.full(len(products), campaign.number)
    stage.journal.note(
        "coupons",
        "planning",
        {
            "coupon_key": coupon_key(number),
            "campaign_key": campaign_key(number),
            "product_key": stage.product(products),
            "system": "planning",
        },
    )
    everywhere = campaign.number % 4 != 0
    places = ["all"] if everywhere else [f"M{n + 1:02d}" for n in range(3)]
    channels = ["all"] if everywhere else ["store"] * len(places)
    start = campaign.day
    one = np.full(len(places), 1)
    stage.journal.note(
        "coupon_rules",
        "planning",
        {
            "coupon_key": coupon_key(one * campaign.number),
            "campaign_key": campaign_key(one * campaign.number),
            "store_key": np.array(places, object),
            "channel": np.array(channels, object),
            "discount_kind": Text(Words(OFFERS), one * campaign.offer),
            "discount_value": Cents(one * campaign.value * 100),
            "valid_from_on": stage.dates(one * start),
            "valid_until_on": stage.dates(one * campaign.last_day),
            "system": "planning",
        },
    )


def _note_costs(stage: Stage) -> None:
    stage.journal.note(
        "contact_costs",
        "planning",
        {
            "contact_cost_key": Joined(("cost-", np.array(list(UNIT_COSTS), object))),
            "channel": np.array(list(UNIT_COSTS), object),
            "unit_cost_amount": Cents(np.array(list(UNIT_COSTS.values())), 4),
            "currency": "EUR",
            "valid_from_on": stage.dates(np.zeros(len(UNIT_COSTS), np.int64)),
            "system": "planning",
        },
    )
