"""From a cart left in the shop to its row ready to send, measured through the real systems.

In each round some people who may be written to leave a cart, an hour and more ago; the intraday job
runs in a process of its own, as the schedule starts it, and their rows must stand in a plan. The
job starts every quarter of an hour, so a cart that becomes an abandoned one waits for up to a
quarter of an hour more: that wait is added, spread evenly.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import typer

from demo import homes
from demo.company.services import listening, told
from demo.company.size import NAME, SETTINGS, size_of

if TYPE_CHECKING:
    from orchestration.settings import Settings

CARTS = 10  # a round leaves so many
GOAL_SECONDS = 20 * 60
PERIOD_SECONDS = 15 * 60
# People with a shop account who said yes to e-mails, nowhere no, and have no cart waiting.
_PEOPLE = """
with said as (
    select customer_id, bool_or(act in ('grant', 'double_opt_in_confirmed')) as is_yes,
        bool_or(act in ('withdraw', 'refuse', 'object')) as is_no
    from core.fct_consents
    where channel in ('email', 'all') and purpose in ('marketing', 'all')
    group by customer_id
)
select resolved.customer_id, min(resolved.customer_key)
from intermediate.int_identity__resolved as resolved
inner join said on resolved.customer_id = said.customer_id and said.is_yes and not said.is_no
inner join marts.customer_360 as person on resolved.customer_id = person.customer_id
where resolved.source_system = 'shop' and person.email is not null
    and person.has_abandoned_cart is not true
group by resolved.customer_id order by resolved.customer_id limit ?
"""
_LEAVE = """
insert into carts (id, customer_id, state, url, item_count, total, currency, created_at,
    changed_at, updated_at)
values (%(id)s, %(customer)s, 'open', %(url)s, 1, 79.90, 'EUR', %(at)s, %(at)s, %(at)s)
"""
_READY = """
select count(distinct plan_rows.customer_id) from plan_rows
inner join plans on plan_rows.plan_id = plans.plan_id
where plans.status <> 'superseded' and plan_rows.effect = 'add'
    and plan_rows.request_json like '%' || :key || '%' and plan_rows.customer_id = :person
"""


def measure(rounds: int) -> int:
    """Print p50 and p95; 0 when the goal is met and every round made rows, else 1."""
    settings = homes.settle(NAME, SETTINGS)
    size_of(settings.home / "demo")
    with listening(settings) as variables, told(variables) as settings:
        people = _people(settings, rounds * CARTS)
        if len(people) < rounds * CARTS:
            typer.echo(f"only {len(people)} people may be written to; fewer rounds, please")
            return 1
        spent, ready = [], []
        try:
            for number in range(rounds):
                some = people[number * CARTS : (number + 1) * CARTS]
                _leave_carts(variables["HABITUE_SHOP_URL"], settings, number, some)
                started = time.perf_counter()
                if not _run():
                    return 1
                spent.append(time.perf_counter() - started)
                ready.append(_ready(settings, some))
                typer.echo(f"round {number + 1}: {spent[-1]:.1f} s, {ready[-1]} of {CARTS} rows")
        finally:
            _take_back(variables["HABITUE_SHOP_URL"])
    return _report(spent, ready)


def _people(settings: Settings, count: int) -> list[tuple[str, str]]:
    from orchestration.house import open_warehouse

    with open_warehouse(settings).connect() as con:
        return [(str(who), str(key)) for who, key in con.execute(_PEOPLE, [count]).fetchall()]


def _leave_carts(url: str, settings: Settings, number: int, people: list[tuple[str, str]]) -> None:
    """Carts last touched well over an hour before the end of the day that the run looks back on."""
    import psycopg

    from orchestration.house import business_now

    now = business_now(settings).replace(tzinfo=UTC)
    at = now - timedelta(hours=2) + timedelta(seconds=number)
    with closing(psycopg.connect(url, autocommit=True)) as connection:
        for place, (_, key) in enumerate(people):
            name = f"bench-{number}-{place}"
            link = f"https://shop.example/cart/{name}"
            values = {"id": name, "customer": key, "url": link, "at": at}
            connection.execute(_LEAVE, values)


def _take_back(url: str) -> None:
    """The shop forgets the carts; the next nightly run sees that they are gone."""
    import psycopg

    with closing(psycopg.connect(url, autocommit=True)) as connection:
        connection.execute("delete from carts where id like 'bench-%'")


def _run() -> bool:
    done = subprocess.run(
        [sys.executable, "-m", "orchestration.cli.main", "run", "--job", "intraday"],
        stdout=subprocess.DEVNULL,
        check=False,
    )
    return done.returncode == 0


def _ready(settings: Settings, people: list[tuple[str, str]]) -> int:
    """How many of these people have a row of a plan that adds them."""
    from sqlalchemy import text

    from orchestration.house import open_state

    with open_state(settings) as engine, engine.connect() as con:
        found = [
            con.execute(text(_READY), {"person": who, "key": key}).scalar() for who, key in people
        ]
    return sum(int(one or 0) for one in found)


def _report(spent: Sequence[float], ready: Sequence[int]) -> int:
    """A cart is abandoned at any moment of a period: it waits for its end, then for the run."""
    steps = 60
    waits = [PERIOD_SECONDS * (step + 0.5) / steps for step in range(steps)]
    total = sorted(wait + run for wait in waits for run in spent)
    p50, p95 = total[len(total) // 2], total[int(len(total) * 0.95)]
    runs = sorted(spent)
    moment = datetime.now(UTC)
    typer.echo(
        f"{moment:%Y-%m-%d}: {len(spent)} rounds, a run takes {runs[len(runs) // 2]:.0f} s "
        f"(longest {runs[-1]:.0f} s)\n"
        f"cart abandoned → row ready to send, a run each {PERIOD_SECONDS // 60} minutes: "
        f"p50 {p50 / 60:.1f} min, p95 {p95 / 60:.1f} min (goal {GOAL_SECONDS // 60} min); "
        f"{sum(ready)} of {len(ready) * CARTS} carts have a row, the others a reason in the plan"
    )
    return 0 if p95 <= GOAL_SECONDS and all(ready) else 1
