"""Landed files lose the people who were erased, and stay the files that were loaded."""

import json

import duckdb
import pytest

from contract.suppression import FOR_EVER, Suppressions, hash_of
from ingestion.declarations import load_declarations
from ingestion.erase import erase_raw
from ingestion.erase_quarantine import erase_quarantined
from ingestion.scrub import Landed, scrub_landed

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
