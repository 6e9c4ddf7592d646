"""A key that the source took out ends with its last content; given again, it lives again."""

from datetime import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

SHOP = """
description: A shop that says what it took out.
owner: data
manifest: required
files:
  people:
    entity: customers
    pattern: people*.csv
    known_at: seen
    columns: {customer_key: id, city: city}
  gone:
    entity: customers
    pattern: gone*.csv
    deletes: true
    columns: {customer_key: id}
  lines:
    entity: order_lines
    pattern: lines*.csv
    columns: {order_key: o, line_number: n, line_kind: {constant: sale}, net_amount: a,
              ordered_at: t}
  lines_gone:
    entity: order_lines
    pattern: gonelines*.csv
    deletes: true
    columns: {order_key: o, line_number: n}
"""
VERSIONS = """select customer_key, city, is_deleted, known_at::date::varchar
    from raw_files.customers order by customer_key, known_at, loaded_at, is_deleted"""


@pytest.fixture
def shop(shop):
    shop.declare(SHOP)
    return shop


def _deliver(shop, day, people=(), gone=()):
    paths = []
    if people:
        rows = [f"{key},{city},{day}" for key, city in people]
        paths.append(shop.drop(f"people-{day}.csv", "id,city,seen", *rows))
    if gone:
        paths.append(shop.drop(f"gone-{day}.csv", "id", *gone))
    shop.manifest(day, *paths, delivered_at=f"{day}T00:00:00Z")


def test_a_delete_is_a_version_with_the_last_content(shop):
    _deliver(shop, "2029-01-01", people=[("7", "Lyon"), ("8", "Nice")])
    _deliver(shop, "2029-02-01", people=[("7", "Paris")])
    _deliver(shop, "2029-03-01", gone=["7"])
    report = shop.load("customers")
    assert report.is_balanced
    assert shop.rows(VERSIONS) == [
        ("7", "Lyon", False, "2029-01-01"),
        ("7", "Paris", False, "2029-02-01"),
        ("7", "Paris", True, "2029-03-01"),
        ("8", "Nice", False, "2029-01-01"),
    ]


def test_a_key_given_again_lives_again_and_may_go_again(shop):
    for day, people, gone in [
        ("2029-01-01", [("7", "Lyon")], []),
        ("2029-02-01", [], ["7", "7"]),
        ("2029-03-01", [], ["7"]),
        ("2029-04-01", [("7", "Lyon")], []),
        ("2029-05-01", [], ["7"]),
    ]:
        _deliver(shop, day, people, gone)
        assert shop.load("customers").is_balanced
    assert [row[1:] for row in shop.rows(VERSIONS)] == [
        ("Lyon", False, "2029-01-01"),
        ("Lyon", True, "2029-02-01"),
        ("Lyon", False, "2029-04-01"),
        ("Lyon", True, "2029-05-01"),
    ]


def test_a_key_never_given_cannot_go(shop):
    _deliver(shop, "2029-01-01", gone=["9", '" "'])
    assert shop.load("customers").rows_quarantined == 2
    assert shop.rows("select reason_code from quarantine.files order by all") == [
        ("deleted_unknown",), ("missing_value",),
    ]  # fmt: skip


def test_what_never_changes_may_go_and_come_back_with_another_content(shop):
    def deliver(day, name, header, row):
        shop.manifest(day, shop.drop(name, header, row), delivered_at=f"{day}T00:00:00Z")
        return shop.load("order_lines")

    assert deliver("2029-01-01", "lines1.csv", "o,n,a,t", "1,1,5,2029-01-01").rows_loaded == 1
    assert deliver("2029-01-02", "gonelines1.csv", "o,n", "1,1").rows_loaded == 1
    assert deliver("2029-01-03", "lines2.csv", "o,n,a,t", "1,1,6,2029-01-01").rows_loaded == 1
    assert deliver("2029-01-04", "lines3.csv", "o,n,a,t", "1,1,7,2029-01-01").rows_quarantined == 1
    assert shop.rows("""select net_amount::int, is_deleted from raw_files.order_lines
        order by known_at""") == [(5, False), (5, True), (6, False)]


DAYS = st.lists(
    st.dictionaries(st.sampled_from("abc"), st.sampled_from(["Lyon", "Nice", None]), max_size=3),
    min_size=1,
    max_size=6,
)


@settings(
    max_examples=12,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(days=DAYS, loads=st.sets(st.integers(0, 5)))
def test_current_versions_are_what_the_source_said_last_whenever_it_is_loaded(shop, days, loads):
    shop.start_again()
    shop.con.execute("delete from raw_files.customers")
    expected = {}
    for number, day in enumerate(days):
        said = {key: city for key, city in day.items() if city is not None}
        gone = [key for key, city in day.items() if city is None and key in expected]
        if said or gone:
            _deliver(shop, f"2029-01-0{number + 1}", list(said.items()), gone)
        expected = {key: city for key, city in (expected | said).items() if key not in gone}
        if number in loads:
            assert shop.load("customers").is_balanced
    shop.load("customers")
    found = shop.rows("""
        select customer_key, city from (
            from raw_files.customers
            qualify row_number() over (partition by customer_key order by known_at desc) = 1
        ) where not is_deleted""")
    assert dict(found) == expected
    assert shop.load("customers").files == ()
    moments = shop.rows("""select max(known_at) from raw_files.customers""")[0][0]
    assert moments is None or moments >= datetime(2029, 1, 1)  # noqa: DTZ001
