"""Shopify over real HTTP: what the boutique recorded arrives, within its budget, whatever fails."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from demo.fakes.answers import Answer, json_answer
from demo.fakes.faults import Fault, broken_once, edited, html_page, with_byte_order_mark
from demo.fakes.server import serve
from demo.fakes.shopify import Plan
from demo.fakes.shopify import Shopify as Fake
from demo.systems.shopify import Shopify as Recorder
from demo.world.facts import Facts
from ingestion.errors import SourceUnavailable
from ingestion.sources.shopify import SOURCE
from tests.fixtures.api_road import Road, told
from tests.fixtures.shop_facts import FIRST_OF_MAY, MARCH, shop_facts

SEED = 20260401
TOKEN = "shpat_make-believe-token"  # noqa: S105
MORNING = datetime(2026, 4, 2, 6, tzinfo=UTC)
NIGHT_AFTER = datetime(2026, 5, 2, 6, tzinfo=UTC)
CARRIED = {
    "customers": ["customer_key", "email", "phone", "first_name", "last_name", "birth_date",
                  "address_line", "postal_code", "city", "country", "loyalty_card_key",
                  "has_verified_email", "is_test", "registered_at"],
    "orders": ["order_key", "customer_key", "email", "channel", "status", "total_amount",
               "currency", "ordered_at"],
    "order_lines": ["order_key", "line_number", "customer_key", "product_key", "line_kind",
                    "quantity", "net_amount", "retail_discount_amount",
                    "coupon_match_discount_amount", "currency", "ordered_at"],
    "refunds": ["refund_key", "order_key", "product_key", "customer_key", "refund_kind",
                "quantity", "amount", "currency", "refunded_at"],
    "carts": ["cart_key", "customer_key", "email", "status", "cart_url", "item_count",
              "product_key", "total_amount", "currency", "created_at"],
    "consent_events": ["customer_key", "channel", "purpose", "act", "door", "occurred_at"],
}  # fmt: skip


@dataclass
class Boutique:
    """The make-believe boutique, listening, and the road from it."""

    fake: Fake
    recorder: Recorder
    road: Road

    def reader(self) -> Any:
        return SOURCE.connect(self.road.settings)

    def rows(self, table: str, since: datetime | None = None) -> list[dict[str, Any]]:
        reader, wanted = self.reader(), {one.name: one for one in SOURCE.tables}[table]
        try:
            return [row for page in reader.pages(wanted, since) for row in page]
        finally:
            reader.close()


@pytest.fixture
def facts() -> Facts:
    print(f"seed {SEED}")  # noqa: T201
    return shop_facts("shopify", MARCH, SEED)


@pytest.fixture
def boutique(tmp_path: Path, facts: Facts) -> Iterator[Boutique]:
    recorder = Recorder(tmp_path)
    recorder.record(facts, MARCH)
    fake = Fake(tmp_path, TOKEN, plan=Plan(budget=1000, per_second=20_000))
    with serve(fake) as url, duckdb.connect(str(tmp_path / "warehouse.duckdb")) as con:
        settings = {"shopify_url": url, "shopify_token": TOKEN}
        yield Boutique(fake, recorder, Road(tmp_path, con, SOURCE, settings, MORNING))


def test_what_the_boutique_recorded_arrives_in_the_raw_tables(
    boutique: Boutique, facts: Facts
) -> None:
    report = boutique.road.extract()
    assert {table.name: table.rows for table in report.tables} == {
        "customers": 30, "orders": 40, "checkouts": 40,
    }  # fmt: skip
    assert all(table.rows == table.stated_count for table in report.tables)
    for entity, columns in CARRIED.items():
        loaded = boutique.road.load(entity)
        assert sum(file.rows_quarantined for file in loaded.files) == 0, entity
        assert boutique.road.current(entity, columns) == told(facts, entity, columns), entity


def test_a_level_of_opt_in_is_no_proof_of_a_yes(boutique: Boutique) -> None:
    boutique.road.extract()
    boutique.road.load("consent_events")
    proofs = boutique.road.current("consent_events", ["proof"])
    assert proofs
    assert set(proofs) == {(None,)}


def test_a_period_recorded_twice_changes_nothing(boutique: Boutique, facts: Facts) -> None:
    before = boutique.rows("orders")
    boutique.recorder.record(facts, MARCH)
    assert boutique.rows("orders") == before


def test_a_day_later_only_what_changed_is_read(boutique: Boutique, facts: Facts) -> None:
    boutique.road.extract()
    day = shop_facts("shopify", FIRST_OF_MAY, SEED, people=3, orders=4)
    moved = facts["customers"].slice(0, 1).to_pylist()[0] | {"city": "Ailleurs"}
    day["customers"] = day["customers"].from_pylist(
        [*day["customers"].to_pylist(), moved], schema=day["customers"].schema
    )
    boutique.recorder.record(day, FIRST_OF_MAY)
    boutique.road.now = NIGHT_AFTER
    report = boutique.road.extract()
    assert {table.name: table.landed for table in report.tables} == {
        "customers": 4, "orders": 4, "checkouts": 4,
    }  # fmt: skip
    boutique.road.load("customers")
    cities = dict(boutique.road.current("customers", ["customer_key", "city"]))
    assert cities[moved["customer_key"]] == "Ailleurs"


def test_a_guest_is_a_new_customer_with_every_order(tmp_path: Path) -> None:
    facts = shop_facts("shopify", MARCH, SEED, people=1, orders=3)
    guests = [row | {"customer_key": None} for row in facts["orders"].to_pylist()]
    facts["orders"] = facts["orders"].from_pylist(guests, schema=facts["orders"].schema)
    recorder = Recorder(tmp_path)
    recorder.record(facts, MARCH)
    customers = {order.body["customer"]["legacyResourceId"] for order in
                 recorder.store.after("orders", 0, 10)}  # fmt: skip
    assert len(customers) == 3
    assert recorder.store.count("customers") == 4


def test_the_budget_of_points_is_never_overdrawn(boutique: Boutique) -> None:
    for _ in range(3):
        boutique.rows("orders")
    assert boutique.fake.bucket.taken > 2 * boutique.fake.plan.budget
    assert boutique.fake.bucket.refused_count == 0


@pytest.mark.parametrize("is_by_status", [False, True])
def test_a_throttled_question_is_asked_again_when_there_are_points(
    boutique: Boutique, is_by_status: bool
) -> None:
    boutique.fake.is_throttled_by_status = is_by_status
    bucket = boutique.fake.bucket

    def spent_by_another_program(answer: Answer) -> Answer:
        assert bucket.take(bucket.level)
        return answer

    boutique.fake.script(Fault(edit=spent_by_another_program))
    assert len(boutique.rows("customers")) == 30
    assert 1 <= bucket.refused_count <= 4


def test_a_listing_beyond_its_end_is_cut_into_windows(boutique: Boutique) -> None:
    boutique.fake.plan = Plan(budget=1000, per_second=20_000, most_objects=12)
    assert len({row["id"] for row in boutique.rows("orders")}) == 40
    assert boutique.fake.count() > 10


def test_lines_and_refunds_beyond_the_first_page_are_fetched(
    tmp_path: Path, boutique: Boutique
) -> None:
    rows = boutique.rows("orders")
    assert max(len(row["lineItems"]) for row in rows) == 9
    store = boutique.recorder.store
    order = store.after("orders", 0, 1)[0]
    one = {"legacyResourceId": "1", "createdAt": "2026-03-02T10:00:00Z", "note": None,
           "totalRefundedSet": None, "refundLineItems": []}  # fmt: skip
    body = order.body | {"refunds": [one | {"legacyResourceId": str(n)} for n in range(8)]}
    body["refunds"][0]["totalRefundedSet"] = {
        "shopMoney": {"amount": "3.50", "currencyCode": "EUR"}
    }
    store.put("orders", order.__class__(order.key, order.changed_at, body))
    found = next(row for row in boutique.rows("orders") if row["legacyResourceId"] == order.key)
    assert [(row["refund_line_id"], row["amount"]) for row in found["refunds"]] == [("0", "3.50")]


FAULTS: list[tuple[str, Fault]] = [
    ("an error once", broken_once(502)),
    ("a reset line", Fault(breaks="reset")),
    ("a reset after the effect", Fault(breaks="reset", is_after_effect=True)),
    ("half an answer", Fault(breaks="cut")),
    ("a byte order mark", with_byte_order_mark()),
    ("too many, with the time to wait", Fault(Answer(429, headers={"Retry-After": "0.1"}))),
    ("too many, with a date", Fault(Answer(429, headers={
        "Retry-After": "Wed, 01 Apr 2026 10:00:00 GMT"}))),
    ("a locked shop", Fault(Answer(423, headers={"Retry-After": "0"}))),
]  # fmt: skip


@pytest.mark.parametrize("fault", [fault for _, fault in FAULTS], ids=[name for name, _ in FAULTS])
def test_what_passes_is_waited_out(boutique: Boutique, fault: Fault) -> None:
    boutique.fake.script(fault)
    assert len({row["id"] for row in boutique.rows("orders")}) == 40


def _change(name: str, value: Any) -> Callable[[Any], Any]:
    def change(content: Any) -> Any:
        for found in content["data"].values():
            found[name] = value
        return content

    return change


def _partial(content: Any) -> Any:
    return content | {"errors": [{"message": "p1@exemple.fr", "extensions": {"code": "TIMEOUT"}}]}


LASTING: list[tuple[str, Fault, str]] = [
    ("a page of HTML", html_page(), "HTML"),
    ("no right", Fault(Answer(403)), "403"),
    ("a redirect", Fault(Answer(301, headers={"Location": "https://elsewhere.test/"})), "redirect"),
    ("errors beside data", edited(_partial), "TIMEOUT"),
    ("no data", Fault(json_answer({"data": None})), "no data"),
    ("a list", Fault(json_answer([])), "no object"),
    ("errors as a text", Fault(json_answer({"errors": "Not Found"})), "an error"),
    ("no nodes", edited(_change("nodes", None)), "without nodes"),
    ("no cursor", edited(_change("pageInfo", {"hasNextPage": True, "endCursor": None})), "cursor"),
    ("no JSON", Fault(Answer(body=b'{"data": NaN}')), "not JSON"),
    ("a deep answer", Fault(Answer(body=b'{"a":' * 100_000)), "not JSON"),
]


@pytest.mark.parametrize(
    ("fault", "word"), [one[1:] for one in LASTING], ids=[one[0] for one in LASTING]
)
def test_what_lasts_is_said_and_nothing_of_it_is_shown(
    boutique: Boutique, fault: Fault, word: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    skipped = 1  # the count comes first
    boutique.fake.script(Fault(fault.answer, edit=fault.edit, skip=skipped))
    with pytest.raises(SourceUnavailable, match=word) as caught:
        boutique.rows("customers")
    for text in (str(caught.value), caplog.text):
        assert TOKEN not in text
        assert "exemple.fr" not in text
        assert "updated_at" not in text


def test_a_cursor_that_loops_is_noticed(boutique: Boutique) -> None:
    looping = _change("pageInfo", {"hasNextPage": True, "endCursor": "bjoy"})
    boutique.fake.script(Fault(edit=edited(looping).edit, skip=1, times=9))
    with pytest.raises(SourceUnavailable, match="cursor came back"):
        boutique.rows("orders")


def test_an_empty_page_before_others_is_not_the_end(boutique: Boutique) -> None:
    def emptied(content: Any) -> Any:
        content["data"]["orders"]["nodes"] = []
        return content

    whole = boutique.rows("orders")
    boutique.fake.script(Fault(edit=edited(emptied).edit, skip=1))
    assert len(boutique.rows("orders")) == len(whole) - 10


def test_a_page_that_costs_too_much_is_asked_for_in_pieces(boutique: Boutique) -> None:
    refused = json_answer({"errors": [{"extensions": {"code": "MAX_COST_EXCEEDED"}}]})
    boutique.fake.script(Fault(refused, skip=1))
    assert len(boutique.rows("orders")) == 40


def test_a_shop_that_does_not_answer_leaves_the_tables_as_they_were(boutique: Boutique) -> None:
    boutique.road.extract()
    before = sorted(path.name for path in boutique.road.root.glob("landing/shopify/*.parquet"))
    boutique.road.settings = {**boutique.road.settings, "shopify_token": "wrong-token"}
    with pytest.raises(SourceUnavailable, match="Check the key") as caught:
        boutique.road.extract()
    assert "wrong-token" not in str(caught.value)
    after = sorted(path.name for path in boutique.road.root.glob("landing/shopify/*.parquet"))
    assert after == before
