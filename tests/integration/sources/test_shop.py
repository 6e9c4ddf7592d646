"""The shop's database: nothing is lost or doubled, whatever happens there while it is read."""

import shutil
from dataclasses import replace
from datetime import UTC, datetime

import duckdb
import psycopg
import pytest

from ingestion.errors import SourceUnavailable
from ingestion.extract import extract
from ingestion.raw_tables import prepare
from ingestion.source import Source, SourceTable
from tests.fixtures.two_tables_shop import DECLARATION, SOURCE, TABLES, Shop


@pytest.fixture
def shop(database_url, tmp_path):
    for name in ("landing", "files", "work"):
        (tmp_path / name).mkdir()
    (tmp_path / "files" / "shop.yml").write_text(DECLARATION)
    warehouse = duckdb.connect(str(tmp_path / "warehouse.duckdb"), config={"threads": 1})
    with psycopg.connect(database_url, autocommit=True) as db, warehouse as con:
        db.execute(TABLES)
        db.execute("""insert into customers
            select n, 'city ' || n, null, now() - interval '2 days'
            from generate_series(1, 50) n""")
        db.execute("""insert into orders
            select n, 1 + n % 50, n, now(), now() - interval '2 days'
            from generate_series(1, 200) n""")
        shop = Shop(database_url, db, con, tmp_path)
        prepare(con, shop.entities)
        yield shop


def _table(report, name):
    return next(table for table in report.tables if table.name == name)


def test_all_comes_first_and_then_what_changed(shop):
    report = shop.update()
    assert [(t.name, t.rows, t.stated_count) for t in report.tables] == [
        ("customers", 50, 50), ("orders", 200, 200),
    ]  # fmt: skip
    shop.assert_same()
    shop.run("update customers set city = 'Lyon', updated_at = now() where id = 7")
    shop.run("insert into orders values (201, 7, 12.50, now(), now())")
    report = shop.update()
    assert [(t.name, t.landed) for t in report.tables] == [("customers", 1), ("orders", 1)]
    assert report.notices == ()
    shop.assert_same()
    versions = shop.rows("select city from raw_files.customers where customer_key = '7'")
    assert sorted(versions) == [("Lyon",), ("city 7",)]


def test_a_read_with_nothing_new_lands_nothing_and_says_when_it_looked(shop):
    shop.update()
    before = sorted(path.name for path in (shop.root / "landing/shop").iterdir())
    first = shop.rows("select data_through from raw_control.sources where entity = 'orders'")
    report = shop.update()
    assert [table.landed for table in report.tables] == [0, 0]
    after = sorted(path.name for path in (shop.root / "landing/shop").iterdir())
    assert set(after) - set(before) == {"nothing-new.manifest.json"}
    assert shop.rows("select data_through from raw_control.sources where entity = 'orders'") > first


def test_a_transaction_open_across_a_load_is_not_lost(shop):
    with psycopg.connect(shop.url) as slow:
        slow.execute("insert into orders values (900, 1, 9, now(), now())")
        slow.execute("update customers set city = 'late', updated_at = now() where id = 3")
        shop.run("insert into orders values (901, 1, 9, now() + interval '2 hours',"
                 " now() + interval '2 hours')")  # fmt: skip
        shop.run("update customers set city = 'soon', updated_at = now() where id = 4")
        shop.update()
        shop.run("insert into orders values (902, 1, 9, now(), now())")
        shop.update()
        slow.commit()
    shop.update()
    shop.assert_same()


def test_a_row_dated_far_back_is_found_by_the_count(shop):
    shop.update()
    shop.run("insert into orders values (903, 1, 9, now(), '2001-01-01')")
    shop.run("insert into customers values (903, 'old', null, '2001-01-01')")
    report = shop.update()
    assert any("came late" in notice for notice in report.notices)
    shop.assert_same()


def test_a_row_updated_while_pages_are_read_comes_once(shop, monkeypatch):
    monkeypatch.setattr("ingestion.postgres._PAGE_BYTES", 512)
    monkeypatch.setattr("ingestion.postgres._ROWS_A_CHUNK", 3)
    changes = iter(range(1, 6))

    def change(text):
        n = next(changes, None)
        if n:
            shop.run("update orders set total = 1000 + %s, updated_at = now() where id = %s", n, n)
            shop.run("delete from orders where id = %s", 100 + n)

    place = replace(shop.place, on_progress=change)
    report = extract(SOURCE, {"shop_url": shop.url}, place, now=datetime.now(UTC))
    assert _table(report, "orders").pages > 1
    assert _table(report, "orders").rows == 200
    shop.load()
    assert len(shop.rows("from raw_files.orders")) == 200


def test_a_hard_delete_ends_a_version_and_the_key_may_come_back(shop):
    shop.update()
    shop.run("delete from customers where id in (7, 8)")
    report = shop.update()
    assert _table(report, "customers").deleted == 2
    shop.assert_same()
    assert shop.rows("select city from raw_files.customers where is_deleted order by 1") == [
        ("city 7",), ("city 8",),
    ]  # fmt: skip
    assert _table(shop.update(), "customers").deleted == 0
    shop.run("insert into customers values (7, 'city 7', null, now() - interval '2 days')")
    shop.run("insert into customers values (8, 'back', null, now())")
    shop.update()
    shop.assert_same()
    shop.run("delete from customers where id = 7")
    shop.update()
    shop.assert_same()
    story = shop.rows("""select city, is_deleted from raw_files.customers
        where customer_key = '7' order by known_at, loaded_at""")
    assert story == [("city 7", False), ("city 7", True)] * 2


def test_a_delete_hidden_by_an_insert_is_found(shop):
    shop.update()
    shop.run("delete from customers where id = 7")
    shop.run("insert into customers values (77, 'new', null, now())")
    shop.update()
    shop.assert_same()


def test_a_lost_working_folder_and_a_full_read_change_nothing(shop):
    shop.update()
    shutil.rmtree(shop.root / "work")
    report = shop.update()
    assert [table.landed for table in report.tables] == [0, 0]
    shop.update(full=True)
    shop.assert_same()
    assert len(shop.rows("from raw_files.orders")) == 200


def test_a_new_column_is_kept_and_reported(shop):
    shop.update()
    shop.run("alter table orders add column note text default 'x'")
    shop.run("update orders set updated_at = now() where id = 1")
    report = shop.update()
    assert "orders has a new column, note; it is kept." in report.notices
    newest = sorted((shop.root / "landing/shop").glob("orders-2*.parquet"))[-1]
    assert "note" in {row[0] for row in shop.rows(f"describe from '{newest}'")}
    assert shop.update().notices == ()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("alter table customers drop column email", "lost email"),
        ("alter table customers alter column city type int using 1", "column city was text"),
        ("drop table customers", "no table customers"),
        ("alter table customers drop column updated_at", "no column updated_at"),
    ],
)
def test_a_lost_or_retyped_column_stops_its_table_only(shop, change, words):
    shop.update()
    shop.run(change)
    shop.run("insert into orders values (904, 1, 9, now(), now())")
    report = shop.update()
    assert [table.name for table in report.tables] == ["orders"]
    assert any(words in notice for notice in report.notices)
    assert len(shop.current("customers", "customer_key")) == 50
    assert ("904",) in shop.current("orders", "order_key")


def test_a_wider_type_is_no_change_and_a_full_read_takes_the_table_as_it_is(shop):
    shop.update()
    shop.run("alter table orders alter column total type numeric(20,4)")
    shop.run("alter table customers alter column id type bigint")
    shop.run("alter table customers drop column email")
    assert _table(shop.extract(full=True), "customers").rows == 50
    assert shop.extract().notices == ()


def test_every_type_of_postgresql_lands(shop):
    shop.run("create type mood as enum ('a', 'b')")
    shop.run("""create table odd (id int primary key, updated_at timestamptz, n numeric(38,20),
        f float8, d date, t timestamp, b bytea, a int[], j jsonb, e mood, u uuid, i interval,
        x text, p boolean, "we%ird ""name" text)""")
    shop.run("""insert into odd values
        (1, 'infinity', 'NaN', 'NaN', 'infinity', '0001-01-01 BC', '\\xdead', '{1,2}',
         '{"k": "\\u00e9"}', 'a', gen_random_uuid(), '1 day', '', true, 'a,"b"
c'),
        (2, '2029-01-01 10:00+02', 12345678901234567.01234567890123456789, 'infinity',
         '0001-01-01', '9999-12-31', '', '{}', 'null', null, null, null, null, null, null)""")
    odd = Source("odd", (), (SourceTable("odd", "updated_at", key=("id",)),), SOURCE.connect)
    report = extract(odd, {"shop_url": shop.url}, shop.place, now=datetime.now(UTC))
    assert (report.tables[0].rows, report.notices) == (2, ())
    (path,) = (shop.root / "landing/odd").glob("*.parquet")
    names = 'n, f, d, b, a, e, x, p, "we%ird ""name", updated_at'
    assert shop.rows(f"select {names} from '{path}' order by id") == [
        ("NaN", "NaN", "infinity", "\\xdead", "{1,2}", "a", "", True, 'a,"b"\nc', "infinity"),
        ("12345678901234567.01234567890123456789", "Infinity", "0001-01-01", "\\x", "{}", None,
         None, None, None, "2029-01-01 08:00:00+00"),
    ]  # fmt: skip


def test_a_database_that_is_away_says_so_without_its_password(shop):
    url = shop.url.replace("@127.0.0.1:", "@127.0.0.1:1")
    with pytest.raises(SourceUnavailable, match="shop is not available") as caught:
        extract(SOURCE, {"shop_url": url}, shop.place, now=datetime.now(UTC))
    password = psycopg.conninfo.conninfo_to_dict(shop.url)["password"]
    assert password not in str(caught.value)


def test_a_connection_cut_while_a_table_is_read_costs_that_table_only(shop, monkeypatch):
    monkeypatch.setattr("ingestion.postgres._PAGE_BYTES", 2**16)
    monkeypatch.setattr("ingestion.postgres._ROWS_A_CHUNK", 100)
    shop.run("insert into orders select n, 1, n, now(), now() from generate_series(1000, 90000) n")

    def cut(text):
        if text.startswith("shop orders"):
            shop.run("""select pg_terminate_backend(pid) from pg_stat_activity
                where application_name = 'habitue' and query like 'copy%%' and state = 'active'""")

    place = replace(shop.place, on_progress=cut)
    report = extract(SOURCE, {"shop_url": shop.url}, place, now=datetime.now(UTC))
    assert [table.name for table in report.tables] == ["customers"]
    assert any("reading orders" in notice for notice in report.notices)
    shop.update()
    shop.assert_same()
