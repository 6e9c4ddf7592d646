"""Parquet, other encodings and separators, and JSON lines reach raw as CSV does."""

import pytest

from ingestion.errors import ContractBroken


def test_a_parquet_file_without_its_end_waits_and_a_broken_one_is_refused(shop):
    shop.declare("""
description: Parquet.
files: {people: {entity: customers, pattern: people*.parquet, columns: {customer_key: id}}}
""")
    path = shop.folder / "people.parquet"
    shop.con.execute(f"copy (select range as id from range(1000)) to '{path}'")
    whole = path.read_bytes()
    path.write_bytes(whole[:-10])
    assert "footer" in shop.load("customers").notices[0]
    path.write_bytes(b"PAR1" + b"x" * 20 + b"PAR1")
    with pytest.raises(ContractBroken, match=r"people\.parquet: not a readable Parquet"):
        shop.load("customers")
    path.write_bytes(whole)
    assert shop.load("customers").rows_loaded == 1000


def test_other_encodings_separators_and_keys_of_two_columns_are_read(shop):
    shop.declare("""
description: A French till.
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
