"""Parquet, other encodings and separators, and JSON lines reach raw as CSV does."""

import gzip
import json


def test_a_parquet_file_without_its_end_waits_and_a_broken_one_is_refused(shop):
    shop.declare("""
description: Parquet.
owner: data
files: {people: {entity: customers, pattern: people*.parquet, columns: {customer_key: id}}}
""")
    path = shop.folder / "people.parquet"
    shop.con.execute(f"copy (select range as id from range(1000)) to '{path}'")
    whole = path.read_bytes()
    path.write_bytes(whole[:-10])
    assert "footer" in shop.load("customers").notices[0]
    path.write_bytes(b"PAR1" + b"x" * 20 + b"PAR1")
    report = shop.load("customers", quarantine=shop.root / "quarantine")
    assert (report.rows_read, report.rows_quarantined) == (1, 1)
    assert "people.parquet is not a readable Parquet file" in report.notices[0]
    assert shop.load("customers").files == ()
    (kept,) = (shop.root / "quarantine" / "shop").iterdir()
    assert kept.name.endswith("-people.parquet")
    assert shop.rows("select reason_code, file_name, file_line from quarantine.files") == [
        ("refused_file", "people.parquet", None)
    ]
    path.write_bytes(whole)
    assert shop.load("customers").rows_loaded == 1000


def test_other_encodings_separators_and_keys_of_two_columns_are_read(shop):
    shop.declare("""
description: A French till.
owner: data
encoding: cp1252
separator: "\\t"
decimal: ","
files:
  people:
    entity: customers
    pattern: people*.csv
    columns: {customer_key: {from: [caisse, numéro]}, city: ville, first_name: prénom}
""")
    shop.drop("people.csv", "caisse\tnuméro\tville\tprénom", "01\t7\tŒuilly\tNoël",
              encoding="cp1252")  # fmt: skip
    shop.load("customers")
    assert shop.rows("select customer_key, city, first_name from raw_files.customers") == [
        ("01-7", "Œuilly", "Noël")
    ]


def test_json_lines_reach_raw(shop):
    shop.declare("""
description: Events.
owner: data
files:
  views:
    entity: product_views
    pattern: views*.jsonl
    columns: {view_key: id, customer_key: who, product_key: what, viewed_at: at}
""")
    shop.drop(
        "views.jsonl",
        '{"id": 1, "who": "c", "what": "p", "at": "2029-01-01T10:00:00+01:00"}',
        '{"id": 2, "who": "c", "what": "p", "at": "soon"}',
        '{"id": 3, "who": "c"',
    )
    report = shop.load("product_views")
    assert (report.rows_loaded, report.rows_quarantined) == (1, 2)
    assert shop.rows("select view_key, viewed_at::varchar from raw_files.product_views") == [
        ("1", "2029-01-01 09:00:00")
    ]


EVENTS = """
description: Events of every kind in one file.
owner: web
keys_of: {customer: accounts, product: catalogue}
files:
  views:
    entity: product_views
    pattern: events*.jsonl.gz
    only_when: {column: event, in: [product_viewed, product_seen]}
    columns:
      view_key: id
      customer_key: context.user
      product_key: properties.product.id
      viewed_at: {from: at, format: epoch_ms}
  lines:
    entity: order_lines
    pattern: events*.jsonl.gz
    keys_of: {product: warehouse}
    only_when: [{column: event, is: ordered}, {column: is_test, is_missing: true}]
    explode: properties.lines
    columns:
      order_key: properties.order
      line_number: item_position
      product_key: item.sku
      line_kind: {constant: sale}
      net_amount: item.price
      ordered_at: {from: at, format: epoch_ms}
"""


def test_one_event_file_feeds_several_tables_each_with_its_rows(shop):
    shop.declare(EVENTS)
    at = 1861959600000
    events = [
        {"id": "1", "event": "product_viewed", "at": at, "context": {"user": "c1"},
         "properties": {"product": {"id": 7}}},
        {"id": "2", "event": "page_viewed", "at": at},
        {"id": "3", "event": "ordered", "at": at + 1,
         "properties": {"order": "o1", "lines": [{"sku": "A", "price": 5}, {"sku": "B"}]}},
        {"id": "4", "event": "ordered", "at": at, "properties": {"order": "o2", "lines": []}},
        {"id": "5", "event": "ordered", "at": at, "properties": {"order": "o3", "lines": "x"}},
        {"id": "6", "event": "ordered", "at": at, "is_test": True, "properties": {"order": "o4"}},
    ]  # fmt: skip
    lines = [json.dumps(event) for event in events] + ['{"id": "7", "event": "product_seen"']
    path = shop.folder / "events1.jsonl.gz"
    path.write_bytes(gzip.compress("\n".join(lines).encode()))
    views, orders = shop.load("product_views"), shop.load("order_lines")
    assert (views.rows_read, views.rows_loaded, views.rows_quarantined) == (2, 1, 1)
    assert (orders.rows_read, orders.rows_loaded, orders.rows_quarantined) == (4, 1, 3)
    assert shop.rows("""select customer_key, customer_system, product_key, product_system,
        source_system, viewed_at::varchar from raw_files.product_views""") == [
        ("c1", "accounts", "7", "catalogue", "shop", "2029-01-01 11:00:00")
    ]
    assert shop.rows("""select order_key, line_number, product_key, product_system, store_system,
        is_deleted from raw_files.order_lines""") == [("o1", 1, "A", "warehouse", "shop", False)]
    assert shop.rows("select reason_code, file_line from quarantine.files order by all") == [
        ("missing_value", 3), ("unreadable_row", 5), ("unreadable_row", 7), ("unreadable_row", 7),
    ]  # fmt: skip


def test_a_yaml_file_and_json_inside_a_parquet_column_reach_raw(shop):
    shop.declare("""
description: Campaigns, written by hand, and contacts from a database.
owner: crm
files:
  campaigns:
    entity: campaigns
    pattern: campaigns*.yml
    columns: {campaign_key: key, campaign_name: name, starts_on: dates.from, ends_on: dates.to}
  people:
    entity: customers
    pattern: people*.parquet
    columns: {customer_key: id, city: address.city, email: tags.mail}
""")
    shop.drop(
        "campaigns.yml",
        "campaigns:",
        "  - {key: 007, name: Été, dates: {from: 2029-06-01, to: 2029-06-30}}",
        "  - {key: b, name: null, dates: {from: soon, to: 2029-06-30}}",
        "  - just a text",
    )
    assert shop.load("campaigns").rows_quarantined == 2
    assert shop.rows("""select campaign_key, campaign_name, starts_on::varchar
        from raw_files.campaigns""") == [("007", "Été", "2029-06-01")]
    assert shop.rows("select file_line from quarantine.files order by all") == [(3,), (4,)]
    path = shop.folder / "people.parquet"
    shop.con.execute(f"""copy (
        select 1 as id, {{'city': 'Lyon'}} as address, '{{"mail": "a@b.fr"}}' as tags
        union all select 2, null, 'no json') to '{path}'""")
    assert shop.load("customers").rows_quarantined == 1
    assert shop.rows("select customer_key, city, email from raw_files.customers") == [
        ("1", "Lyon", "a@b.fr")
    ]


def test_a_packed_file_that_is_cut_waits_and_neighbours_load(shop):
    shop.declare("""
description: Views.
owner: web
files:
  views:
    entity: product_views
    pattern: views*.jsonl.gz
    columns: {view_key: id, customer_key: who, product_key: what, viewed_at: at}
""")
    line = '{{"id": "{}", "who": "c", "what": "p", "at": "2029-01-01T10:00:00Z"}}\n'
    whole = gzip.compress("".join(line.format(n) for n in range(2_000)).encode())
    path = shop.folder / "views1.jsonl.gz"
    path.write_bytes(whole[: len(whole) // 2])
    (shop.folder / "views2.jsonl.gz").write_bytes(gzip.compress(line.format("x").encode()))
    report = shop.load("product_views")
    assert report.rows_loaded == 1
    assert "gzip has no end" in report.notices[0]
    path.write_bytes(whole)
    assert shop.load("product_views").rows_loaded == 2_000


def test_a_file_may_have_columns_named_as_ours(shop):
    shop.declare("""
description: A help desk.
owner: support
files:
  people:
    entity: customers
    pattern: people*.csv
    columns: {customer_key: file_line, city: problem, email: raw_text}
""")
    shop.drop("people.csv", "file_line,problem,raw_text,item_position", "7,Lyon,a@b.fr,1")
    assert shop.load("customers").rows_loaded == 1
    assert shop.rows("select customer_key, city, email from raw_files.customers") == [
        ("7", "Lyon", "a@b.fr")
    ]
