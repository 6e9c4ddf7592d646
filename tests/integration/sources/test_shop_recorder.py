"""The make-believe shop's own PostgreSQL: what it recorded arrives as the facts told it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pytest

from contract.entity import load_entities
from demo.systems.shop import Shop
from demo.systems.shop_tables import TABLES
from demo.world.facts import Facts, Period
from ingestion.sources.shop import SOURCE
from tests.fixtures.api_road import Road, told
from tests.fixtures.invented_facts import APRIL, FIRST_OF_MAY, MARCH, SECOND_OF_MAY, invented

SEED = 20260403
MORNING = datetime(2026, 5, 1, 6, tzinfo=UTC)
ENTITIES = [table.entity for table in TABLES]


@pytest.fixture
def shop(database_url: str) -> Iterator[Shop]:
    recorder = Shop(database_url)
    yield recorder
    recorder.close()


@pytest.fixture
def road(database_url: str, tmp_path: Path) -> Iterator[Road]:
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as con:
        yield Road(tmp_path, con, SOURCE, {"shop_url": database_url}, MORNING)


def facts_of(period: Period) -> Facts:
    print(f"seed {SEED}")  # noqa: T201
    return invented(period, {entity: ["shop"] for entity in ENTITIES}, rows=80, seed=SEED)


def carried(entity: str) -> list[str]:
    """The columns of the entity that the shop keeps, its own name for them aside."""
    table = next(table for table in TABLES if table.entity == entity)
    known = load_entities()[entity].column_names
    return [fact for fact, _ in table.columns.values() if fact in known]


def held(url: str) -> dict[str, list[tuple[Any, ...]]]:
    with psycopg.connect(url) as connection:
        return {
            table.name: sorted(
                connection.execute(f"select * from {table.name}").fetchall(),  # type: ignore[arg-type]
                key=repr,
            )
            for table in TABLES
        }


def test_what_the_shop_recorded_arrives_in_the_raw_tables(shop: Shop, road: Road) -> None:
    facts = facts_of(MARCH)
    shop.record(facts, MARCH)
    report = road.extract()
    assert all(table.rows == table.stated_count for table in report.tables)
    for entity in ENTITIES:
        loaded = road.load(entity)
        assert sum(file.rows_quarantined for file in loaded.files) == 0, entity
        assert road.current(entity, carried(entity)) == told(facts, entity, carried(entity)), entity


def test_a_period_recorded_twice_changes_nothing_even_after_later_ones(
    shop: Shop, database_url: str
) -> None:
    march, april = facts_of(MARCH), facts_of(APRIL)
    shop.record(march, MARCH)
    shop.record(april, APRIL)
    before = held(database_url)
    shop.record(march, MARCH)
    shop.record(april, APRIL)
    assert held(database_url) == before


def test_a_row_that_does_not_change_keeps_its_time(shop: Shop, database_url: str) -> None:
    shop.record(facts_of(MARCH), MARCH)
    before = held(database_url)
    shop.record(facts_of(MARCH), APRIL)  # the same content, told again in another period
    assert held(database_url) == before


def test_a_period_that_fails_half_way_leaves_nothing(shop: Shop, database_url: str) -> None:
    facts = facts_of(MARCH)
    broken = {**facts, "invoices": facts["invoices"].drop_columns(["total_amount"])}
    with pytest.raises(KeyError):
        shop.record(broken, MARCH)
    assert not any(held(database_url).values())
    shop.record(facts, MARCH)
    assert len(held(database_url)["invoices"]) == 80


def test_what_the_shop_deletes_ends_in_the_raw_tables(
    shop: Shop, road: Road, database_url: str
) -> None:
    shop.record(facts_of(MARCH), MARCH)
    road.extract()
    road.load("carts")
    with psycopg.connect(database_url, autocommit=True) as connection:
        gone = connection.execute("delete from carts where state = 'open' returning id").fetchall()
    assert gone
    report = {table.name: table.deleted for table in road.extract().tables}
    assert report["carts"] == len(gone)
    road.load("carts")
    keys = {key for (key,) in road.current("carts", ["cart_key"])}
    assert not keys & {key for (key,) in gone}
    assert len(keys) == 80 - len(gone)


def test_clean_up_jobs_delete_what_nobody_uses_and_only_that(shop: Shop, database_url: str) -> None:
    facts = facts_of(MARCH)
    shop.record(facts, MARCH)
    late = date(2027, 5, 1)
    for day in range(60):
        shop.record({}, Period(late + timedelta(days=day), late + timedelta(days=day), False))
    states = {row[4] for row in held(database_url)["carts"]}
    assert len(held(database_url)["carts"]) < 80
    assert "converted" in states
    assert len(held(database_url)["orders"]) == 80


def test_a_day_later_only_what_is_new_lands(shop: Shop, road: Road) -> None:
    shop.record(facts_of(MARCH), MARCH)
    road.extract()
    day = facts_of(FIRST_OF_MAY)
    shop.record(day, FIRST_OF_MAY)
    landed = {table.name: table.landed for table in road.extract().tables}
    for table in TABLES:
        assert landed[table.name] == day[table.entity].num_rows, table.name
    shop.record({}, SECOND_OF_MAY)
    assert sum(table.landed for table in road.extract().tables) == 0


def test_the_server_is_reached_with_a_password_only(database_url: str) -> None:
    user, place = database_url.split("@")
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(f"{user.rsplit(':', 1)[0]}@{place}", connect_timeout=5)
    assert os.environ.get("PGPASSWORD") is None
