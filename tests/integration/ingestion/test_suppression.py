"""People who were erased do not come back with a file, old or new, and the counts still add up."""

from datetime import datetime

import pytest

from contract.suppression import FOR_EVER, Suppressions, hash_of

KEY = b"a key of this test"
SINCE = datetime.fromisoformat("2029-06-01")
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
    columns:
      {customer_key: id, email: email, phone: phone, last_name: name, registered_at: since}
  orders:
    entity: orders
    pattern: orders*.csv
    columns:
      {order_key: id, customer_key: customer, email: email, total_amount: total, ordered_at: day}
"""
PEOPLE = "id;email;phone;name;since"
ORDERS = "id;customer;email;total;day"


@pytest.fixture
def place() -> dict[str, Suppressions]:
    values = [
        ("record", "7", "shop"),
        ("email", "ella.canary@example.org", ""),
        ("phone", "+33655512345", ""),
    ]
    since = {
        (kind, hash_of(kind, value, KEY, system=system) or ""): FOR_EVER if system else SINCE
        for kind, value, system in values
    }
    return {"suppressions": Suppressions(since, KEY)}


def test_rows_about_an_erased_person_are_dropped_counted_and_never_written(shop, place):
    shop.declare(DECLARED)
    shop.drop(
        "people.csv",
        PEOPLE,
        "7;new.address@example.org;;Canary;2031-01-01",
        "8;Ella.Canary@Example.org;;Canary;2028-01-01",
        "9;;06 55 51 23 45;Canary;",
        "10;anna@example.org;;Other;2028-01-01",
    )
    report = shop.load("customers", **place)
    assert (report.rows_read, report.rows_loaded, report.rows_erased) == (4, 1, 3)
    assert report.is_balanced
    assert shop.rows("select customer_key from raw_files.customers") == [("10",)]
    assert shop.rows("select rows_read, rows_loaded, rows_erased from raw_control.loads") == [
        (4, 1, 3)
    ]
    assert shop.rows("from raw_control.files_to_scrub") == [("shop", "people.csv")]


def test_a_new_account_with_the_address_of_before_is_a_new_relation(shop, place):
    shop.declare(DECLARED)
    shop.drop("people.csv", PEOPLE, "11;ella.canary@example.org;;Canary;2029-07-01")
    report = shop.load("customers", **place)
    assert (report.rows_loaded, report.rows_erased) == (1, 0)


def test_orders_stay_in_the_books_without_the_person_and_come_again_as_duplicates(shop, place):
    shop.declare(DECLARED)
    rows = ["1;7;;10.50;2029-01-01", "2;;ella.canary@example.org;4.50;2029-01-02"]
    shop.drop("orders.csv", ORDERS, *rows, "3;10;anna@example.org;1.00;2029-01-02")
    report = shop.load("orders", **place)
    assert (report.rows_loaded, report.rows_erased) == (3, 0)
    kept = "select order_key, customer_key, email, total_amount::varchar from raw_files.orders"
    assert shop.rows(f"{kept} order by 1") == [
        ("1", None, None, "10.50"),
        ("2", None, None, "4.50"),
        ("3", "10", "anna@example.org", "1.00"),
    ]
    shop.drop("orders-again.csv", ORDERS, *rows)
    again = shop.load("orders", **place)
    assert (again.rows_loaded, again.rows_duplicate, again.is_balanced) == (0, 2, True)


def test_neither_a_refused_row_nor_a_refused_file_keeps_the_person(shop, place):
    shop.declare(DECLARED)
    shop.drop(
        "people.csv",
        PEOPLE,
        "7;x@example.org;;Canary;no day",
        "12;ella.canary@example.org;;Canary",
        "13;fine@example.org;;Other;no day",
    )
    report = shop.load("customers", **place)
    assert (report.rows_quarantined, report.rows_erased) == (1, 2)
    assert "anary" not in str(shop.rows("select row_json from quarantine.files"))
    aside = shop.root / "quarantine"
    row = "1;ella.canary@example.org;;Canary;2028-01-01"
    shop.drop("people-broken.csv", "id;email;phone;name;sincé", row, encoding="latin-1")
    shop.load("customers", **place, quarantine=aside)
    assert not any(path.is_file() for path in aside.rglob("*"))
