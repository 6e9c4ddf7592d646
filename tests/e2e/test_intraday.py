"""Within the day: a cart left is a row ready to send, and a withdrawal takes it away at once."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest
from sqlalchemy import create_engine, text

from tests.fixtures.command import Finished, habitue
from tests.fixtures.contents import tables
from tests.fixtures.make_believe import MakeBelieve

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("make_believe")]

CAMPAIGN = "abandoned_cart_email"
# Somebody with a shop account who said yes to e-mails and nowhere no, and has no cart waiting.
SOMEBODY = """
with said as (
    select customer_id, bool_or(act in ('grant', 'double_opt_in_confirmed')) as is_yes,
        bool_or(act in ('withdraw', 'refuse', 'object')) as is_no
    from core.fct_consents where channel in ('email', 'all') group by customer_id
)
select resolved.customer_id, min(resolved.customer_key)
from intermediate.int_identity__resolved as resolved
inner join said on resolved.customer_id = said.customer_id and said.is_yes and not said.is_no
inner join marts.customer_360 as person on resolved.customer_id = person.customer_id
where resolved.source_system = 'shop' and person.email is not null
    and person.has_abandoned_cart is not true
group by resolved.customer_id order by resolved.customer_id limit 12
"""
READY = text(
    "select count(distinct plan_rows.customer_id) from plan_rows"
    " inner join plans on plan_rows.plan_id = plans.plan_id"
    " where plans.campaign = :campaign and plans.status in ('approved', 'waiting')"
    " and plan_rows.effect = 'add' and plan_rows.customer_id = :person"
)


def warehouse(home: Path, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(home / "warehouse" / "habitue.duckdb"), read_only=True) as con:
        return con.execute(query).fetchall()


def land(home: Path, table: str, stamp: str, changes: list[dict[str, str]]) -> None:
    """A delivery of the shop: rows of one table, like its first one but for what changes."""
    folder = home / "landing" / "shop"
    like = sorted(folder.glob(f"{table}-2*.parquet"))[0]
    path = folder / f"{table}-{stamp}.parquet"
    with duckdb.connect() as con:
        rows = " union all by name ".join(
            f"select * replace ({', '.join(f'{v} as {k}' for k, v in one.items())})"
            f" from (from '{like}' limit 1)"
            for one in changes
        )
        con.execute(f"copy ({rows}) to '{path}' (format parquet)")
    content = path.read_bytes()
    entry = {
        "name": path.name,
        "rows": len(changes),
        "bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    last = json.loads(sorted(folder.glob("*.manifest.json"))[-1].read_text())
    told = {"delivered_at": "2026-07-01T20:00:00Z", "covers_until": "2026-07-01T20:00:00Z"}
    manifest = last | told | {"files": [entry]}
    (folder / f"{stamp}.manifest.json").write_text(json.dumps(manifest))


def run(home: Path) -> Finished:
    done = habitue(home, "run", "--job", "intraday")
    assert done.code == 0, done.output[-4000:]
    return done


def ready(home: Path, people: list[str]) -> set[str]:
    """Who of these people has a row that is about to be sent."""
    engine = create_engine(f"sqlite:///{home}/state/state.db")
    with engine.connect() as con:
        found = {who for who in people if con.execute(READY, _of(who)).scalar()}
    engine.dispose()
    return found


def _of(person: str) -> dict[str, str]:
    return {"campaign": CAMPAIGN, "person": person}


def test_a_cart_left_is_a_row_ready_to_send_until_its_person_withdraws(
    make_believe: MakeBelieve, tmp_path: Path
) -> None:
    home = tmp_path / "var"
    shutil.copytree(make_believe.first, home, symlinks=True)
    people = {str(who): str(key) for who, key in warehouse(home, SOMEBODY)}
    before, published = tables(home), (home / "published").readlink()
    at = "'2026-07-01 08:00:00+00'"
    cart = {"state": "'open'", "order_id": "null", "email": "null", "created_at": at,
            "changed_at": at, "updated_at": at}  # fmt: skip
    carts = [
        cart
        | {"id": f"'left-{key}'", "customer_id": f"'{key}'", "url": f"'https://x.example/{key}'"}
        for key in people.values()
    ]
    land(home, "carts", "20260701T200000000001", carts)
    said = run(home)
    written = ready(home, list(people))
    assert len(written) >= len(people) / 2  # the others are held out, capped or in doubt
    assert "published.publication" not in said.output

    after = tables(home)
    changed = {name for name in before if before[name] != after[name]}
    assert {"raw_files.carts", "core.fct_carts", "marts.customer_360"} <= changed
    assert not {name for name in changed if name.startswith(("features.", "ml.", "seeds."))}
    assert not {name for name in changed if name.startswith("marts.")} - {"marts.customer_360"}
    assert (home / "published").readlink() == published

    somebody = min(written)
    at = "'2026-07-01 20:30:00+00'"
    withdrawal = {"id": "'w-1'", "customer_id": f"'{people[somebody]}'", "address": "null",
                  "channel": "'email'", "purpose": "'marketing'", "act": "'withdraw'",
                  "occurred_at": at, "updated_at": at}  # fmt: skip
    land(home, "consent_log", "20260701T203000000001", [withdrawal])
    run(home)
    assert ready(home, list(people)) == written - {somebody}
