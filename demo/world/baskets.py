"""What is in a basket: categories by taste, products by habit and fame, prices, discounts."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from demo.world.campaigns import AMOUNT, PERCENT, Plan
from demo.world.catalogue import PRODUCTS_PER_CATEGORY
from demo.world.chance import draw, happens, pick
from demo.world.columns import Ints
from demo.world.stage import Stage

FOOD = 2
HABITUAL = 0.5  # share of lines in which a person takes what he always takes
SWISS = 1.04  # Swiss francs for one euro on the price tag


@dataclass(frozen=True)
class Lines:
    """Lines of today's baskets: basket is the position of the buyer; money in cents."""

    basket: Ints
    number: Ints
    product: Ints
    quantity: Ints
    price: Ints
    discount: Ints
    coupon: Ints

    @property
    def net(self) -> Ints:
        """What is paid for each line."""
        return np.asarray(self.price * self.quantity - self.discount - self.coupon, np.int64)

    def totals(self, count: int) -> Ints:
        """What is paid for each of `count` baskets."""
        return np.bincount(self.basket, weights=self.net, minlength=count).astype(np.int64)

    def only(self, which: NDArray[np.bool_]) -> "Lines":
        """Some lines."""
        return Lines(*(column[which] for column in vars(self).values()))


def fill(stage: Stage, buyers: Ints, is_swiss: NDArray[np.bool_], plan: Plan) -> Lines:
    """Fill the baskets of these buyers, at today's prices, with the coupons they hold."""
    chance = stage.rng("baskets")
    appetite = 0.75 + 1.9 * stage.tempers.departments[buyers, FOOD]
    sizes = 1 + chance.poisson(appetite)
    basket = np.repeat(np.arange(len(buyers)), sizes)
    starts = np.cumsum(sizes) - sizes
    product = choose(stage, buyers, basket, "basket")
    category = stage.catalogue.category[product]
    is_food = stage.catalogue.department_of[category] == FOOD
    more = np.where(is_food, chance.poisson(0.6, len(basket)), happens(chance, 0.06, len(basket)))
    quantity = 1 + more * (stage.state.price[product] < 10_000)  # noqa: PLR2004 - no two bikes
    price = np.round(stage.state.price[product] * np.where(is_swiss[basket], SWISS, 1.0))
    price = price.astype(np.int64)
    discount = _sale(stage, product, is_food, price * quantity)
    return Lines(
        basket=basket,
        number=np.arange(len(basket)) - np.repeat(starts, sizes) + 1,
        product=product,
        quantity=quantity,
        price=price,
        discount=discount,
        coupon=_coupons(stage, buyers[basket], price * quantity - discount, plan),
    )


def choose(stage: Stage, people: Ints, rows: Ints, purpose: str) -> Ints:
    """One product per row; rows are positions in people."""
    chance = stage.rng("choice", purpose)
    taste = stage.behaviour.taste(stage.view(people), stage.moment, stage.catalogue)
    bounds = np.cumsum(taste, axis=1)
    category = (bounds[rows] < chance.random(len(rows))[:, None] * bounds[rows, -1:]).sum(axis=1)
    fame = stage.catalogue.popularity[:PRODUCTS_PER_CATEGORY]
    famous = pick(chance, fame, len(rows))
    mood = chance.integers(0, 2, len(rows))
    cell = (people[rows] * 64 + category) * 2 + mood
    usual = np.floor(draw(stage.seed, "usual", cell) ** 1.5 * PRODUCTS_PER_CATEGORY)
    rank = np.where(happens(chance, HABITUAL, len(rows)), usual.astype(np.int64), famous)
    product = category * PRODUCTS_PER_CATEGORY + rank
    is_sold = stage.catalogue.launch_day[product] <= stage.day
    return np.asarray(np.where(is_sold, product, category * PRODUCTS_PER_CATEGORY), np.int64)


def _sale(stage: Stage, product: Ints, is_food: NDArray[np.bool_], amount: Ints) -> Ints:
    """Soldes: four in ten of the products that are not food, at 20 or 40 % off."""
    today = stage.calendar.on(stage.day)
    if not stage.moment.is_sale:
        return np.zeros(len(product), np.int64)
    season = today.year * 2 + (today.month > 3)  # noqa: PLR2004 - winter or summer
    dice = draw(stage.seed, f"sale {season}", product)
    share = np.select([is_food | (dice > 0.4), dice > 0.2], [0.0, 0.2], 0.4)  # noqa: PLR2004
    return np.asarray(np.round(amount * share), np.int64)


def _coupons(stage: Stage, person: Ints, amount: Ints, plan: Plan) -> Ints:
    """Percent off every line, or an amount off the first line of the basket."""
    holds = stage.state.coupon_until[person] >= stage.day
    number = np.where(holds, stage.state.coupon[person], 0)
    offers = np.array([0] + [campaign.offer for campaign in plan.campaigns])[number]
    values = np.array([0] + [campaign.value for campaign in plan.campaigns])[number]
    is_first = np.concatenate([[True], person[1:] != person[:-1]])
    percent = np.round(amount * values / 100)
    fixed = np.where(is_first, np.minimum(values * 100, amount // 2), 0)
    taken = np.select([offers == PERCENT, offers == AMOUNT], [percent, fixed], 0)
    return np.asarray(np.where(holds, taken, 0), np.int64)
