"""A system that still knows an erased person gives them again at every read: they never land."""

from datetime import UTC, datetime, timedelta

import duckdb
import psycopg
import pytest

from contract.suppression import FOR_EVER, Suppressions, hash_of
from ingestion.declarations import load_declarations
from ingestion.erase import erase_raw
from ingestion.extract import extract
from ingestion.load import load_entity
from ingestion.place import Place
from ingestion.raw_tables import prepare
from ingestion.scrub import Landed, scrub_landed
from tests.fixtures.two_tables_shop import DECLARATION, TABLES, Shop

KEY = b"a key of this test"
NOW = datetime.now(UTC)


class ErasingShop(Shop):
    """The same shop, read as a run reads it after customer 7 was erased."""

    suppressions = Suppressions(
        {("record", hash_of("record", "7", KEY, system="shop")): FOR_EVER}, KEY
    )

    @property
    def place(self):
        return Place(self.root / "landing", self.root / "work", suppressions=self.suppressions)

    @property
    def landed(self):
        declarations = load_declarations(self.root / "files", self.entities)
        keys = {("shop", table.name): table.key for table in self.source.tables}
        return Landed(self.root / "landing", declarations, self.entities, keys)

    def read(self, minutes, **more):
        now = NOW + timedelta(minutes=minutes)
        settings = {"shop_url": self.url}
        report = extract(self.source, settings, self.place, now=now, **more)
        scrub_landed(self.landed, self.suppressions)
        loads = [
            load_entity(
                self.con, self.entities[name], self.landed.declarations, self.place, now=now
            )
            for name in ("customers", "orders")
        ]
        assert all(one.is_balanced for one in loads)
        return report

    def bytes_landed(self):
        files = (self.root / "landing" / "shop").glob("*.parquet")
        scans = [duckdb.sql(f"select * from '{path}'").fetchall() for path in files]
        return str(scans)


@pytest.fixture
def shop(database_url, tmp_path):
    for name in ("landing", "files", "work"):
        (tmp_path / name).mkdir()
    (tmp_path / "files" / "shop.yml").write_text(DECLARATION)
    warehouse = duckdb.connect(str(tmp_path / "warehouse.duckdb"), config={"threads": 1})
    with psycopg.connect(database_url, autocommit=True) as db, warehouse as con:
        db.execute(TABLES)
        db.execute("""insert into customers select n, 'city ' || n, 'p' || n || '@canary.example',
            now() - interval '2 days' from generate_series(1, 20) n""")
        db.execute("""insert into orders select n, 1 + n % 20, n, now(), now() - interval '2 days'
            from generate_series(1, 40) n""")
        shop = ErasingShop(database_url, db, con, tmp_path)
        prepare(con, shop.entities)
        yield shop


def test_an_erased_person_neither_lands_again_nor_counts_as_missing(shop):
    shop.read(0)
    assert "p7@canary" not in shop.bytes_landed()
    assert shop.rows("select count(*), sum(total_amount)::int from raw_files.orders") == [(40, 820)]
    assert shop.rows("select count(*) from raw_files.orders where customer_key = '7'") == [(0,)]
    assert shop.rows("select count(*) from raw_files.customers") == [(19,)]
    shop.run("update customers set city = 'Lyon', updated_at = now() where id in (7, 8)")
    again = {table.name: table for table in shop.read(5).tables}
    assert "p7@canary" not in shop.bytes_landed()
    assert again["customers"].pages <= 1
    quiet = shop.read(10)
    assert not any("came late" in notice for notice in quiet.notices)
    shop.run("delete from customers where id = 9")
    assert {t.name: t.deleted for t in shop.read(15).tables} == {"customers": 1, "orders": 0}
    shop.read(20, full=True)
    assert "p7@canary" not in shop.bytes_landed()
    assert shop.rows("select count(*) from raw_files.customers where customer_key = '7'") == [(0,)]
    assert shop.rows("select count(*), sum(total_amount)::int from raw_files.orders") == [(40, 820)]


def test_what_was_held_before_the_erasure_goes_and_stays_away(shop):
    whole, shop.suppressions = shop.suppressions, Suppressions()
    shop.read(0)
    assert "p7@canary" in shop.bytes_landed()
    shop.suppressions = whole
    assert erase_raw(shop.con, shop.entities, whole)["customers"].dropped == 1
    scrub_landed(shop.landed, whole, warehouse=shop.con)
    assert "p7@canary" not in shop.bytes_landed()
    report = shop.read(5)
    assert [notice for notice in report.notices if "late" in notice] == []
    assert shop.rows("select count(*) from raw_files.customers") == [(19,)]
