"""Nothing is lost or doubled when an extraction or its load is killed, its working folder wiped."""

import random
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import psycopg
import pytest

from contract import crash_points

PROJECT_ROOT = Path(__file__).parents[3]
ORDERS = 3_000

DECLARATION = """
description: A shop.
owner: e-commerce
manifest: required
files:
  customers:
    entity: customers
    pattern: customers-[0-9]*.parquet
    known_at: updated_at
    columns: {customer_key: id, city: city}
  customers_gone:
    entity: customers
    pattern: customers-deleted-*.parquet
    deletes: true
    columns: {customer_key: id}
  orders:
    entity: orders
    pattern: orders-[0-9]*.parquet
    known_at: updated_at
    columns: {order_key: id, total_amount: total, ordered_at: placed_at}
"""

RUN = """
import sys
from datetime import UTC, datetime
from pathlib import Path
import duckdb
from contract import crash_points
from contract.entity import load_entities
import ingestion.postgres
from ingestion.declarations import load_declarations
from ingestion.extract import extract
from ingestion.load import load_entity
from ingestion.place import Place
from ingestion.postgres import connect
from ingestion.raw_tables import prepare
from ingestion.source import Source, SourceTable

root, url, point, reach = Path(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4])
ingestion.postgres._PAGE_BYTES, ingestion.postgres._ROWS_A_CHUNK = 20_000, 100
if point:
    crash_points.arm(point, reach)
place = Place(root / "landing", root / "work")
tables = (SourceTable("customers", "updated_at", key=("id",), finds_deletes=True),
          SourceTable("orders", "updated_at", key=("id",)))
source = Source("shop", ("url",), tables, lambda settings: connect("shop", settings["url"]))
entities = load_entities()
declarations = load_declarations(root / "files", entities)
extract(source, {"url": url}, place, now=datetime.now(UTC))
with duckdb.connect(str(root / "warehouse.duckdb"), config={"threads": 1}) as con:
    prepare(con, entities)
    for name in ("customers", "orders"):
        report = load_entity(con, entities[name], declarations, place, now=datetime.now(UTC))
        assert report.is_balanced
"""

LIVE = """select {columns} from (
    from raw_files.{entity}
    qualify row_number() over (partition by source_key order by known_at desc, loaded_at desc) = 1
) where not is_deleted order by all"""


@pytest.fixture
def root(tmp_path):
    for name in ("landing", "files", "work"):
        (tmp_path / name).mkdir()
    (tmp_path / "files" / "shop.yml").write_text(DECLARATION)
    return tmp_path


@pytest.fixture
def db(database_url):
    with psycopg.connect(database_url, autocommit=True) as db:
        db.execute("""
            create table customers (id int primary key, city text,
                updated_at timestamptz default now());
            create table orders (id int primary key, total numeric(18,2), placed_at timestamptz,
                updated_at timestamptz default now())""")
        db.execute("insert into customers select n, 'city' from generate_series(1, 200) n")
        db.execute(
            "insert into orders select n, n, now() from generate_series(1, %s::int) n", (ORDERS,)
        )
        yield db


def _run(root, url, point="", reach=1):
    done = subprocess.run(
        [sys.executable, "-c", RUN, str(root), url, point, str(reach)],
        cwd=PROJECT_ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    expected = crash_points.KILLED if point else 0
    assert done.returncode == expected, done.stderr


def _change(db):
    db.execute("delete from customers where id <= 5")
    db.execute("update customers set city = 'Lyon', updated_at = now() where id = 7")
    db.execute("insert into orders select 90000 + n, n, now() from generate_series(1, 500) n")


def _assert_all_is_there_once(root, db):
    with duckdb.connect(str(root / "warehouse.duckdb")) as con:
        people = con.execute(LIVE.format(entity="customers", columns="customer_key, city"))
        held = db.execute('select id::text collate "C", city from customers order by 1').fetchall()
        assert people.fetchall() == held
        orders = con.execute(LIVE.format(entity="orders", columns="order_key, total_amount"))
        held = db.execute('select id::text collate "C", total from orders order by 1').fetchall()
        assert orders.fetchall() == held
        doubled = con.execute("""select source_key from raw_files.orders
            group by all having count(*) > 1""").fetchall()
        assert doubled == []
        versions = con.execute("""select count(*), count(*) filter (where is_deleted)
            from raw_files.customers""").fetchall()
        assert versions == [(200 + 1 + 5, 5)]
    left = {path.suffix for path in (root / "landing/shop").iterdir()}
    assert left == {".parquet", ".json"}


@pytest.mark.parametrize(
    ("killed", "is_work_lost"),
    [
        (("extract.page_landed", 1), False),
        (("extract.page_landed", 4), True),
        (("extract.before_manifest", 1), True),
        (("ingest.loaded", 2), True),
    ],
)
def test_an_extraction_killed_anywhere_is_done_again_exactly(
    root, db, database_url, killed, is_work_lost
):
    point, reach = killed
    _run(root, database_url, point, reach)
    if is_work_lost:
        shutil.rmtree(root / "work")
    _run(root, database_url)
    _change(db)
    later = 1 if point.startswith("extract") else reach
    _run(root, database_url, point, later)
    if is_work_lost:
        shutil.rmtree(root / "work")
    _run(root, database_url)
    _assert_all_is_there_once(root, db)


@pytest.mark.slow
def test_extractions_killed_again_and_again_lose_and_double_nothing(root, db, database_url):
    seed = 20260122
    draw = random.Random(seed)  # noqa: S311
    print(f"seed {seed}")  # noqa: T201
    points = ["extract.page_landed", "extract.before_manifest"]
    for _ in range(4):
        _run(root, database_url, draw.choice(points))
        if draw.random() < 0.5:
            shutil.rmtree(root / "work", ignore_errors=True)
    _run(root, database_url)
    _change(db)
    for _ in range(4):
        _run(root, database_url, draw.choice(points))
    _run(root, database_url)
    _assert_all_is_there_once(root, db)
