"""Landed files lose the people who were erased, and stay the files that were loaded."""

import json
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from contract.suppression import FOR_EVER, Suppressions, hash_of
from ingestion.declarations import load_declarations
from ingestion.erase import erase_raw
from ingestion.erase_quarantine import erase_quarantined
from ingestion.scrub import Landed, finish_rewrites, scrub_landed

KEY = b"a key of this test"
DECLARED = """
system: shop
description: An invented shop.
owner: data
separator: ";"
manifest: optional
settle_seconds: 1
files:
  people:
    entity: customers
    pattern: people*.csv
    columns: {customer_key: id, email: email, last_name: name}
  orders:
    entity: orders
    pattern: orders*.jsonl
    columns: {order_key: id, customer_key: who.id, email: who.email, total_amount: total.net,
      ordered_at: day}
  order_lines:
    entity: order_lines
    pattern: orders*.jsonl
    explode: lines
    columns: {order_key: id, line_number: item_position, customer_key: who.id,
      product_key: item.sku, line_kind: {constant: sale}, net_amount: item.net, ordered_at: day}
  tills:
    entity: orders
    pattern: tills*.parquet
    columns: {order_key: id, customer_key: card, total_amount: total, ordered_at: day}
"""
ORDER = {
    "id": "o1", "day": "2028-01-01T10:00:00Z", "note": "leave it with Ella Canary",
    "who": {"id": "7", "email": "ella.canary@example.org", "name": "Ella Canary"},
    "total": {"net": "10.50", "for": "Ella Canary"},
    "lines": [{"sku": "A", "net": "10.50", "engraving": "Ella Canary"}],
}  # fmt: skip


@pytest.fixture
def suppressions() -> Suppressions:
    return forgotten()


def forgotten() -> Suppressions:
    values = [("record", "7", "shop"), ("email", "ella.canary@example.org", "")]
    hashes = [(kind, hash_of(kind, value, KEY, system=of) or "") for kind, value, of in values]
    return Suppressions(dict.fromkeys(hashes, FOR_EVER), KEY)


def deliver(shop) -> None:
    shop.declare(DECLARED)
    people = shop.drop(
        "people.csv", "id;email;name", "7;ella@example.org;Canary", "8;a@example.org;Other",
        "9;Ella.Canary@example.org;Canary;too long", '10;"b@example.org";"Two\nlines"',
    )  # fmt: skip
    other = {
        **ORDER,
        "id": "o2",
        "who": {"id": "8"},
        "note": "",
        "total": {"net": "1"},
        "lines": [],
    }
    orders = shop.drop("orders.jsonl", json.dumps(ORDER), json.dumps(other))
    with duckdb.connect() as con:
        con.execute(f"""copy (select * from (values
            ('t1', '7', 'paid by Ella Canary', 3.00::decimal(18,2), timestamp '2028-01-01'),
            ('t2', '8', 'paid', 4.00, timestamp '2028-01-01')) as t (id, card, memo, total, day))
            to '{shop.folder}/tills.parquet' (format parquet)""")
    shop.manifest("all", people, orders, shop.folder / "tills.parquet")


def landed_of(shop) -> Landed:
    declarations = load_declarations(shop.root / "files", shop.entities)
    return Landed(shop.root / "landing", declarations, shop.entities)


def test_after_an_erasure_no_file_names_the_person_and_nothing_is_loaded_again(shop, suppressions):
    deliver(shop)
    names = ("customers", "orders", "order_lines")
    for name in names:
        shop.load(name)
    total = "select sum(total_amount)::varchar, count(*) from raw_files.orders"
    before = shop.rows(total)
    erased = erase_raw(shop.con, shop.entities, suppressions)
    assert (erased["customers"].dropped, erased["orders"].emptied) == (1, 2)
    landed = landed_of(shop)
    assert erase_quarantined(shop.con, landed, suppressions) == 1
    report = scrub_landed(landed, suppressions, warehouse=shop.con)
    assert (report.rewritten, report.dropped, report.emptied) == (3, 2, 2)
    left = b"".join(path.read_bytes() for path in shop.folder.iterdir()).lower()
    assert b"canary" not in left
    assert b"two\nlines" in left
    assert shop.rows(total) == before
    again = {name: shop.load(name) for name in names}
    assert [report.files for report in again.values()] == [(), (), ()]
    assert "waits" not in str([report.notices for report in again.values()])


def test_a_warehouse_made_anew_from_the_rewritten_files_holds_the_same(shop, suppressions):
    deliver(shop)
    for name in ("customers", "orders", "order_lines"):
        shop.load(name)
    erase_raw(shop.con, shop.entities, suppressions)
    landed = landed_of(shop)
    scrub_landed(landed, suppressions, warehouse=shop.con)
    held = {name: _held(shop, name) for name in ("customers", "orders", "order_lines")}
    for name in held:
        shop.con.execute(f'delete from raw_files."{name}"')
    shop.con.execute("delete from raw_control.loads")
    shop.con.execute("delete from raw_control.files_seen")
    for name, rows in held.items():
        report = shop.load(name, suppressions=suppressions)
        assert report.is_balanced
        assert _held(shop, name) == rows
    assert scrub_landed(landed, suppressions).rewritten == 0


def test_balances_say_what_was_taken_out(shop, suppressions):
    deliver(shop)
    shop.load("customers")
    erase_raw(shop.con, shop.entities, suppressions)
    erase_quarantined(shop.con, landed_of(shop), suppressions)
    counts = "rows_read, rows_loaded, rows_quarantined, rows_duplicate, rows_erased"
    ((read, *parts),) = shop.rows(f"select {counts} from raw_control.loads")
    assert (read, parts) == (4, [2, 0, 0, 2])


def _held(shop, name: str) -> list[tuple]:
    return shop.rows(
        f'select source_key, content_hash, load_id from raw_files."{name}" order by all'
    )


# What a run does that is killed once the first file stands in its place.
KILLED = """
import sys
import duckdb
sys.path.insert(0, {tests!r})
import test_scrub as here
from contract import crash_points
from contract.entity import load_entities
from ingestion.declarations import load_declarations
from ingestion.scrub import Landed, finish_rewrites, scrub_landed
from pathlib import Path
entities, root = load_entities(), Path({root!r})
landed = Landed(root / "landing", load_declarations(root / "files", entities), entities)
crash_points.arm("scrub.file_replaced", {n})
with duckdb.connect({warehouse!r}) as con:
    scrub_landed(landed, here.forgotten(), warehouse=con)
"""


@pytest.mark.parametrize("n", [1, 2, 3])
@pytest.mark.parametrize("is_stated", [True, False])
def test_a_file_rewritten_by_a_run_that_was_killed_is_known_to_the_next(shop, n, is_stated):
    deliver(shop)
    if not is_stated:
        (shop.folder / "all.manifest.json").unlink()
    names = ("customers", "orders", "order_lines")
    for name in names:
        shop.load(name)
    erase_raw(shop.con, shop.entities, forgotten())
    shop.con.close()
    warehouse = str(shop.root / "warehouse.duckdb")
    code = KILLED.format(
        tests=str(Path(__file__).parent), root=str(shop.root), n=n, warehouse=warehouse
    )
    killed = subprocess.run([sys.executable, "-c", code], check=False)
    assert killed.returncode == 137
    shop.con = duckdb.connect(warehouse)
    try:
        finish_rewrites(landed_of(shop), shop.con)
        again = {name: shop.load(name) for name in names}
        assert [report.files for report in again.values()] == [(), (), ()]
        assert "waits" not in str([report.notices for report in again.values()])
        assert scrub_landed(landed_of(shop), forgotten(), warehouse=shop.con).rewritten == 3 - n
        assert scrub_landed(landed_of(shop), forgotten(), warehouse=shop.con).rewritten == 0
        assert not list(shop.folder.glob(".*.rewriting"))
        loads = shop.rows(
            "select count(*), count(distinct file_name || entity) from raw_control.loads"
        )
        assert loads == [(4, 4)]
    finally:
        shop.con.close()
