"""What a landed file becomes: loaded, quarantined, duplicate, waiting or refused."""

import os
import shutil
from datetime import datetime

import pytest

from ingestion.errors import ContractBroken

UTC_NAIVE = datetime.fromisoformat

HEADER = "ticket;line;product;quantity;amount;discount;day"


def test_an_invented_declaration_reaches_raw_with_every_value_typed(shop):
    path = shop.drop("lines.csv", HEADER, "00012;1;007;-2;-1 234,56;0,10;31/03/2029")
    os.utime(path, (1_900_000_000, 1_900_000_000))
    report = shop.load("order_lines")
    assert (report.rows_read, report.rows_loaded) == (1, 1)
    row = shop.rows("""select order_key, product_key, line_kind, quantity::varchar,
        net_amount::varchar, ordered_at, source_system, source_key, known_at, file_name, file_line
        from raw_files.order_lines""")[0]
    assert row == (
        "00012", "007", "return", "-2.000", "-1234.56",
        UTC_NAIVE("2029-03-30 22:00:00"), "shop", "00012|1",
        UTC_NAIVE("2030-03-17 17:46:40"), "lines.csv", 2,
    )  # fmt: skip


def test_a_bad_value_quarantines_its_row_with_file_line_and_reason_and_the_rest_loads(shop):
    shop.drop(
        "lines.csv",
        HEADER,
        "1;1;A;1;12,50;0;01/01/2029",
        "1;2;A;1;12.50;0;01/01/2029",
        "1;3;A;1;5,00;0;30/02/2029",
        "1;x;A;1;5,00;0;01/01/2029",
        ";5;A;1;5,00;0;01/01/2029",
        "1;6;A;1;5,00;-1;01/01/2029",
        "1;0;A;1;5,00;0;01/01/2029",
        "1;8;A;1",
        '1;9;"A;1;5,00;0;01/01/2029',
        "1;10;A;1;5,00;0;01/01/2029",
        "1;1,5;A;1;5,00;0;01/01/2029",
    )
    report = shop.load("order_lines")
    assert (report.rows_read, report.rows_loaded, report.rows_quarantined) == (11, 2, 9)
    found = shop.rows("""select file_name, file_line, reason_code, column_name
        from quarantine.files order by file_line""")
    assert found == [
        ("lines.csv", 3, "unparsable", "net_amount"),
        ("lines.csv", 4, "unparsable", "ordered_at"),
        ("lines.csv", 5, "unparsable", "line_number"),
        ("lines.csv", 6, "missing_value", "order_key"),
        ("lines.csv", 7, "below_minimum", "retail_discount_amount"),
        ("lines.csv", 8, "below_minimum", "line_number"),
        ("lines.csv", 9, "unreadable_row", None),
        ("lines.csv", 10, "unreadable_row", None),
        ("lines.csv", 12, "unparsable", "line_number"),
    ]
    kept = shop.rows("select row_json from quarantine.files where file_line = 3")[0][0]
    assert '"12.50"' in kept


def test_one_key_with_two_contents_in_one_delivery_quarantines_all_of_them(shop):
    same = "1;1;A;1;5,00;0;01/01/2029"
    first = shop.drop("lines1.csv", HEADER, same, "2;1;A;1;5,00;0;01/01/2029", same)
    second = shop.drop("lines2.csv", HEADER, "2;1;A;1;6,00;0;01/01/2029")
    shop.manifest("may", first, second)
    report = shop.load("order_lines")
    assert report.is_balanced
    assert [(f.rows_loaded, f.rows_quarantined, f.rows_duplicate) for f in report.files] == [
        (1, 1, 1),
        (0, 1, 0),
    ]
    codes = shop.rows("select distinct reason_code, column_name from quarantine.files")
    assert codes == [("conflicting_key", "order_key, line_number")]


def test_in_a_later_delivery_an_immutable_row_may_only_be_repeated(shop):
    shop.drop("lines1.csv", HEADER, "1;1;A;1;5,00;0;01/01/2029", "1;2;A;1;5,00;0;01/01/2029")
    shop.load("order_lines")
    shop.drop("lines2.csv", HEADER, "1;1;A;1;5,00;0;01/01/2029", "1;2;A;1;9,00;0;01/01/2029")
    report = shop.load("order_lines")
    assert (report.rows_loaded, report.rows_quarantined, report.rows_duplicate) == (0, 1, 1)
    assert shop.rows("select reason_code, file_line from quarantine.files") == [
        ("changed_immutable", 3)
    ]


def test_a_versioned_entity_keeps_every_version_and_a_late_one_finds_its_place(shop):
    deliveries = {"2029-01-01": "Lyon", "2029-03-01": "Paris", "2029-04-01": "Paris"}
    for day, city in deliveries.items():
        path = shop.drop(f"people-{day}.csv", "id;city", f"7;{city}")
        shop.manifest(day, path, delivered_at=f"{day}T00:00:00Z")
    report = shop.load("customers")
    assert (report.rows_loaded, report.rows_duplicate) == (2, 1)
    late = shop.drop("people-late.csv", "id;city", "7;Nice", "8;Lille")
    shop.manifest("late", late, delivered_at="2029-02-01T00:00:00Z")
    assert shop.load("customers").rows_loaded == 2
    versions = shop.rows("""select city, known_at::date::varchar from raw_files.customers
        where customer_key = '7' order by known_at""")
    assert versions == [("Lyon", "2029-01-01"), ("Nice", "2029-02-01"), ("Paris", "2029-03-01")]
    back = shop.drop("people-back.csv", "id;city", "7;Lyon")
    shop.manifest("back", back, delivered_at="2029-06-01T00:00:00Z")
    assert shop.load("customers").rows_loaded == 1


def test_a_file_dropped_again_under_another_name_is_a_no_op(shop):
    path = shop.drop("lines1.csv", HEADER, "1;1;A;1;5,00;0;01/01/2029")
    shop.load("order_lines")
    shutil.copy(path, shop.folder / "lines2.csv")
    report = shop.load("order_lines")
    assert report.files == ()
    assert "already loaded" in report.notices[0]
    assert shop.load("order_lines").notices == ()


def test_a_half_copied_file_waits_and_loads_when_it_is_whole(shop):
    path = shop.drop("lines.csv", HEADER, "1;1;A;1;5,00;0;01/01/2029", "1;2;A;1;5,00;0;01/01/2029")
    shop.manifest("may", path)
    whole = path.read_bytes()
    path.write_bytes(whole[:-20])
    assert "waits" in shop.load("order_lines").notices[0]
    path.write_bytes(whole.replace(b"5,00", b"6,00"))  # as long, but not the content stated
    assert "waits" in shop.load("order_lines").notices[0]
    path.write_bytes(whole)
    assert shop.load("order_lines").rows_loaded == 2


def test_a_file_with_fewer_rows_than_its_manifest_states_waits(shop):
    path = shop.drop("lines.csv", HEADER, "1;1;A;1;5,00;0;01/01/2029")
    shop.manifest("may", path, files=[{"name": "lines.csv", "rows": 2}])
    report = shop.load("order_lines")
    assert (report.files, shop.rows("from raw_files.order_lines")) == ((), [])
    assert "1 rows of the 2" in report.notices[0]


def test_without_its_required_manifest_or_still_growing_a_file_waits(shop):
    path = shop.drop("lines.csv", HEADER, "1;1;A;1;5,00;0;01/01/2029")
    os.utime(path, (1_893_499_199.5, 1_893_499_199.5))  # half a second before now
    assert "changed" in shop.load("order_lines").notices[0]
    text = (shop.root / "files/shop.yml").read_text()
    shop.declare(text.replace("optional", "required"))
    assert "manifest" in shop.load("order_lines").notices[0]


def test_a_missing_column_stops_its_table_and_names_both(shop):
    shop.drop("lines.csv", HEADER.replace("amount", "amounts"), "1;1;A;1;5,00;0;01/01/2029")
    shop.drop("people.csv", "id;city", "7;Lyon")
    with pytest.raises(ContractBroken, match=r"lines\.csv.*'amount'.*'amounts'.*order_lines"):
        shop.load("order_lines")
    assert shop.load("customers").rows_loaded == 1
    assert shop.rows("from raw_control.loads where entity = 'order_lines'") == []


def test_a_history_is_known_when_it_happened_and_a_delivery_when_it_came(shop):
    old = shop.drop("lines1.csv", HEADER, "1;1;A;1;5,00;0;05/01/2028")
    shop.manifest("history", old, is_history=True, covers_from="2028-01-01T00:00:00Z")
    people = shop.drop("people1.csv", "id;city", "7;Lyon")
    shop.manifest("people", people, is_history=True, covers_from="2028-01-01T00:00:00Z")
    new = shop.drop("lines2.csv", HEADER, "2;1;A;1;5,00;0;05/02/2028")
    shop.manifest("daily", new)
    report = shop.load("order_lines")
    shop.load("customers")
    assert shop.rows("select known_at::varchar from raw_files.order_lines order by order_key") == [
        ("2028-01-04 23:00:00",),
        ("2029-05-01 00:00:00",),
    ]
    assert shop.rows("select known_at::varchar from raw_files.customers") == [
        ("2028-01-01 00:00:00",)
    ]
    assert {file.known_at_rule for file in report.files} == {
        "time of delivery",
        "ordered_at, else start of the history",
    }


def test_the_rows_own_time_wins_over_the_delivery(shop):
    text = (shop.root / "files/shop.yml").read_text()
    shop.declare(text.replace("pattern: lines", "known_at: seen\n    pattern: lines"))
    path = shop.drop("lines.csv", HEADER + ";seen", "1;1;A;1;5,00;0;05/01/2028;07/01/2028",
                     "1;2;A;1;5,00;0;05/01/2028;", "1;3;A;1;5,00;0;05/01/2028;soon")  # fmt: skip
    shop.manifest("may", path)
    assert shop.load("order_lines").rows_quarantined == 1
    assert shop.rows("select known_at::date::varchar from raw_files.order_lines order by 1") == [
        ("2028-01-06",),
        ("2029-05-01",),
    ]


def test_a_changed_declaration_loads_its_files_again_in_place(shop):
    shop.drop("lines.csv", HEADER, "1;1;A;1;5.00;0;01/01/2029")
    assert shop.load("order_lines").rows_quarantined == 1
    text = (shop.root / "files/shop.yml").read_text()
    shop.declare(text.replace('decimal: ","', 'decimal: "."'))
    report = shop.load("order_lines")
    assert report.rows_loaded == 1
    assert "its declaration changed" in report.notices[0]
    assert shop.rows("from quarantine.files") == []
    assert len(shop.rows("from raw_control.loads")) == 1


def test_a_month_restricts_the_load_to_its_files(shop):
    text = (shop.root / "files/shop.yml").read_text()
    shop.declare(text.replace("lines*.csv", "lines-{month}.csv"))
    for month in ("2029-01", "2029-02"):
        shop.drop(f"lines-{month}.csv", HEADER, f"{month};1;A;1;5,00;0;01/01/2029")
    assert shop.load("order_lines", month="2029-02").rows_loaded == 1
    assert shop.rows("select order_key from raw_files.order_lines") == [("2029-02",)]
    assert shop.load("order_lines").rows_loaded == 1


def test_a_load_says_which_sources_are_connected_and_through_when(shop):
    path = shop.drop("lines.csv", HEADER, "1;1;A;1;5,00;0;01/01/2029")
    shop.manifest("may", path, covers_until="2029-04-30T22:00:00Z")
    shop.load("order_lines")
    assert shop.rows("""select source_system, is_connected, data_through::varchar,
        last_checked_at::varchar, cadence_days from raw_control.sources
        where entity = 'order_lines'""") == [
        ("shop", True, "2029-04-30 22:00:00", "2030-01-01 12:00:00", 1)
    ]
    assert shop.rows("""select source_system, is_connected from raw_control.sources
        where entity = 'products'""") == [(None, False)]


def test_nothing_new_changes_nothing_and_imports_no_dlt(shop):
    shop.drop("lines.csv", HEADER, "1;1;A;1;5,00;0;01/01/2029")
    shop.load("order_lines")
    before = shop.rows("from raw_files.order_lines"), shop.rows("from raw_control.loads")
    report = shop.load("order_lines")
    assert (report.files, report.notices) == ((), ())
    assert (shop.rows("from raw_files.order_lines"), shop.rows("from raw_control.loads")) == before


def test_one_file_may_feed_one_entity_twice(shop):
    shop.declare("""
description: Billing and delivery contacts in one file.
owner: data
files:
  billing: {entity: customers, pattern: both*.csv, columns: {customer_key: a, city: c}}
  delivery: {entity: customers, pattern: both*.csv, columns: {customer_key: b, city: c}}
""")
    shop.drop("both.csv", "a,b,c", "1,2,Lyon")
    report = shop.load("customers")
    assert (len(report.files), report.rows_loaded) == (2, 2)
    assert shop.load("customers").files == ()


def test_sales_of_products_the_catalogue_does_not_hold_load_and_are_reported(shop):
    text = (shop.root / "files/shop.yml").read_text()
    catalogue = "  catalogue: {entity: products, pattern: cat*.csv, columns: {product_key: id}}\n"
    shop.declare(text + catalogue)
    shop.drop("cat.csv", "id", "A")
    shop.load("products")
    rows = [f"1;{n};{product};1;5,00;0;01/01/2029" for n, product in enumerate("AZZ", start=1)]
    shop.drop("lines.csv", HEADER, *rows)
    report = shop.load("order_lines")
    assert report.rows_loaded == 3
    assert report.notices == ("2 lines sell 1 products that the catalogue does not hold.",)
