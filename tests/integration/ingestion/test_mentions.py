"""Somebody else's row that holds a value of an erased person loses the value and stays."""

import json

import duckdb
import pytest

from contract.suppression import FOR_EVER, Suppressions, hash_of, other_hash
from governance.erasure.others import hashes_of_others
from ingestion.declarations import load_declarations
from ingestion.erase import erase_raw
from ingestion.erase_quarantine import erase_quarantined
from ingestion.scrub import Landed, scrub_landed

KEY = b"a key of this test"
ELLA = "ella.canary@example.org"
DECLARED = """
system: shop
description: An invented shop.
owner: data
manifest: optional
settle_seconds: 1
files:
  carts:
    entity: carts
    pattern: carts*.csv
    columns: {cart_key: cart, customer_key: who, email: typed, created_at: day}
  questions:
    entity: questions
    pattern: questions*.jsonl
    columns: {question_key: id, customer_key: by.id, email: by.mail, asked_at: day,
      topic: text, status: {constant: open}, channel: {constant: web}}
  tills:
    entity: orders
    pattern: tills*.parquet
    columns: {order_key: id, customer_key: card, email: mail, total_amount: total, ordered_at: day}
"""
NAMES = ("carts", "questions", "orders")


def question(number: int, who: str, mail: str) -> str:
    by = {"id": who, "mail": mail}
    return json.dumps(
        {"id": f"q{number}", "by": by, "day": "2028-01-01T10:00:00Z", "text": "open?"}
    )


@pytest.fixture
def suppressions() -> Suppressions:
    """Ella, customer 7, was erased; 8 is known to be somebody else, 99 nobody knows."""
    hashes = [
        ("record", hash_of("record", "7", KEY, system="shop") or ""),
        ("email", hash_of("email", ELLA, KEY) or ""),
        other_hash("shop", "8", KEY),
    ]
    return Suppressions(dict.fromkeys(hashes, FOR_EVER), KEY)


@pytest.fixture
def landed(shop) -> Landed:
    shop.declare(DECLARED)
    shop.drop(
        "carts.csv", "cart,who,typed,day", f"c1,7,{ELLA},2028-01-01T10:00:00",
        f"c2,8,{ELLA.upper()},2028-01-01T10:00:00", "c3,8,b@example.org,2028-01-01T10:00:00",
        f"c4,99,{ELLA},2028-01-01T10:00:00",
    )  # fmt: skip
    shop.drop(
        "questions.jsonl", question(1, "7", "x@example.org"), question(2, "8", ELLA),
        question(3, "8", "b@example.org"),
    )  # fmt: skip
    with duckdb.connect() as con:
        con.execute(f"""copy (select * from (values
            ('t1', '7', null, 3.00::decimal(18,2), timestamp '2028-01-01'),
            ('t2', '8', '{ELLA}', 4.00, timestamp '2028-01-01')) as t (id, card, mail, total, day))
            to '{shop.folder}/tills.parquet' (format parquet)""")
    declarations = load_declarations(shop.root / "files", shop.entities)
    return Landed(shop.root / "landing", declarations, shop.entities)


def held(shop) -> list[list[tuple]]:
    """What the tables say of customer 8, and how many rows they have."""
    found = []
    for name in NAMES:
        of = f'from raw_files."{name}"'
        found.append(
            shop.rows(f"select source_key, email {of} where customer_key = '8' order by 1")
        )
        found.append(shop.rows(f"select source_key, content_hash {of} order by 1"))
    return found


def begin_anew(shop) -> None:
    tables = [f'raw_files."{name}"' for name in NAMES]
    for table in (*tables, "raw_control.loads", "raw_control.files_seen", "quarantine.files"):
        shop.con.execute(f"delete from {table}")


def test_the_value_goes_and_the_row_stays_and_a_warehouse_made_anew_holds_the_same(
    shop, landed, suppressions
):
    for name in NAMES:
        shop.load(name)
    erased = erase_raw(shop.con, shop.entities, suppressions)
    assert {name: one.blanked for name, one in erased.items()} == dict.fromkeys(NAMES, 1)
    assert [erased[name].dropped for name in ("carts", "questions")] == [2, 1]
    before = held(shop)
    assert before[0] == [("c2", None), ("c3", "b@example.org")]
    assert before[2] == [("q2", None), ("q3", "b@example.org")]
    assert before[4] == [("t2", None)]
    report = scrub_landed(landed, suppressions, warehouse=shop.con)
    assert (report.rewritten, report.dropped, report.emptied, report.blanked) == (3, 3, 1, 3)
    assert b"canary" not in b"".join(p.read_bytes() for p in shop.folder.iterdir()).lower()
    assert [shop.load(name).files for name in NAMES] == [(), (), ()]
    begin_anew(shop)
    for name in NAMES:
        assert shop.load(name, suppressions=suppressions).is_balanced
    assert held(shop) == before
    assert scrub_landed(landed, suppressions).rewritten == 0


def test_an_old_file_loaded_again_gives_the_row_without_the_value(shop, landed, suppressions):
    report = shop.load("carts", suppressions=suppressions)
    assert (report.rows_loaded, report.rows_erased) == (2, 2)
    assert [file.rows_emptied for file in report.files] == [1]
    kept = shop.rows("select cart_key, email from raw_files.carts order by 1")
    assert kept == [("c2", None), ("c3", "b@example.org")]


def test_only_records_that_are_resolved_and_stay_are_somebody_elses(shop, landed, suppressions):
    for name in NAMES:
        shop.load(name)
    shop.con.execute("create schema intermediate")
    shop.con.execute(
        """create table intermediate.int_identity__resolved as
        select 'shop' as source_system, unnest(['7', '8']) as customer_key"""
    )
    asked = Suppressions({k: v for k, v in suppressions.since.items() if k[0] != "other"}, KEY)
    found = hashes_of_others(shop.con, shop.entities, asked)
    assert found == {other_hash("shop", "8", KEY)}


def is_textless(shop) -> list[bool]:
    rows = shop.rows("select row_json from quarantine.files order by file_line")
    return [text is None for (text,) in rows]


def test_a_number_that_is_a_key_elsewhere_keeps_nobodys_row_out_of_the_quarantine(
    shop, landed, suppressions
):
    shop.drop(
        "carts-bad.csv", "cart,who,typed,day",
        "7,8,b@example.org,no day",  # a cart numbered like the erased customer
        "7,8,b@example.org",  # the same, unreadable
        "c6,7,,no day", "c7,7,", "c8,7,,2028-01-01,too,many",  # the customer's own
        f"c9,8,{ELLA},no day", f"c10,,{ELLA}",
    )  # fmt: skip
    shop.load("carts")
    assert shop.rows("select count(*) from quarantine.files") == [(7,)]
    assert erase_quarantined(shop.con, landed, suppressions) == 4
    assert is_textless(shop) == [False, False, True]
    ((read, *parts),) = shop.rows(
        """select rows_read, rows_loaded, rows_quarantined, rows_erased
        from raw_control.loads where file_name = 'carts-bad.csv'"""
    )
    assert (read, parts) == (7, [0, 3, 4])
    begin_anew(shop)
    report = shop.load("carts", suppressions=suppressions)
    assert (report.rows_quarantined, report.is_balanced) == (3, True)
    assert is_textless(shop) == [False, False, True]


def test_a_line_of_json_that_broke_off_still_says_whose_it_is(shop, landed, suppressions):
    shop.drop("questions-cut.jsonl", question(7, "8", "b@example.org")[:-4],
              question(9, "7", "x@example.org")[:-4])  # fmt: skip
    shop.load("questions")
    assert erase_quarantined(shop.con, landed, suppressions) == 1
    ((text,),) = shop.rows("select row_json from quarantine.files")
    assert '"q7"' in text
