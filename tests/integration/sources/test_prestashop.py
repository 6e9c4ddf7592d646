"""PrestaShop over real HTTP: what the shop recorded arrives, whatever the host does meanwhile."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import httpx
import pytest

from demo.fakes.answers import Answer, json_answer
from demo.fakes.faults import Fault, broken_once, edited, html_page, with_byte_order_mark
from demo.fakes.prestashop import Prestashop as Fake
from demo.fakes.server import serve
from demo.systems.documents import Document
from demo.systems.prestashop import Prestashop as Recorder
from demo.world.facts import Facts
from ingestion.errors import SourceUnavailable
from ingestion.sources.prestashop import SOURCE
from tests.fixtures.api_road import Road, told
from tests.fixtures.shop_facts import FIRST_OF_MAY, MARCH, shop_facts

SEED = 20260402
KEY = "ZR92FNY5UFRERNI3O9Z5QDHWKTP3YIIT"
MORNING = datetime(2026, 4, 2, 6, tzinfo=UTC)
NIGHT_AFTER = datetime(2026, 5, 2, 6, tzinfo=UTC)
JANUARY, MAY = datetime(2026, 1, 1), datetime(2026, 5, 1)  # noqa: DTZ001 - naive UTC
FIRST_OF_MAY_AT_NINE = MAY.replace(hour=9)
CARRIED = {
    "customers": ["customer_key", "email", "phone", "first_name", "last_name", "birth_date",
                  "address_line", "postal_code", "city", "country", "loyalty_card_key", "is_test",
                  "registered_at"],
    "orders": ["order_key", "customer_key", "channel", "status", "total_amount", "currency",
               "ordered_at"],
    "order_lines": ["order_key", "line_number", "customer_key", "product_key", "line_kind",
                    "quantity", "net_amount", "currency", "ordered_at"],
    "refunds": ["refund_key", "order_key", "product_key", "customer_key", "refund_kind",
                "quantity", "amount", "currency", "refunded_at"],
    "carts": ["cart_key", "customer_key", "status", "order_key", "item_count", "product_key",
              "currency", "created_at"],
}  # fmt: skip


@dataclass
class Shop:
    """The make-believe shop, listening, and the road from it."""

    fake: Fake
    recorder: Recorder
    road: Road

    @property
    def url(self) -> str:
        return self.road.settings["prestashop_url"]

    def rows(self, table: str, since: datetime | None = None) -> list[dict[str, Any]]:
        reader = SOURCE.connect(self.road.settings)
        wanted = {one.name: one for one in SOURCE.tables}[table]
        try:
            return [row for page in reader.pages(wanted, since) for row in page]  # type: ignore[misc]
        finally:
            reader.close()

    def ask(self, resource: str, **params: str) -> Any:
        asked = {"output_format": "JSON", "limit": "0,500"} | params
        return httpx.get(f"{self.url}/api/{resource}", params=asked, auth=(KEY, "")).json()


@pytest.fixture
def facts() -> Facts:
    print(f"seed {SEED}")  # noqa: T201
    return shop_facts("prestashop", MARCH, SEED, people=120, orders=130)


@pytest.fixture
def shop(tmp_path: Path, facts: Facts) -> Iterator[Shop]:
    recorder = Recorder(tmp_path)
    recorder.record(facts, MARCH)
    fake = Fake(tmp_path, KEY)
    with serve(fake) as url, duckdb.connect(str(tmp_path / "warehouse.duckdb")) as con:
        settings = {"prestashop_url": url, "prestashop_key": KEY}
        yield Shop(fake, recorder, Road(tmp_path, con, SOURCE, settings, MORNING))


def test_what_the_shop_recorded_arrives_in_the_raw_tables(shop: Shop, facts: Facts) -> None:
    shop.road.extract()
    for entity, columns in CARRIED.items():
        loaded = shop.road.load(entity)
        assert sum(file.rows_quarantined for file in loaded.files) == 0, entity
        assert shop.road.current(entity, columns) == told(facts, entity, columns), entity


def test_a_ticked_box_is_evidence_of_a_yes_and_an_emptied_one_of_a_no(
    shop: Shop, facts: Facts
) -> None:
    shop.road.extract()
    shop.road.load("consent_events")
    columns = ["customer_key", "channel", "purpose", "act", "door", "occurred_at"]
    # Who never ticked the box of the newsletter said nothing.
    said = [row for row in told(facts, "consent_events", columns) if row[3] != "withdraw"]
    yes = [row for row in said if row[2] == "marketing"]
    assert yes
    assert shop.road.current("consent_events", columns) == said
    customer = shop.recorder.store.by_key("customers", [yes[0][0]])[yes[0][0]]
    off = Document(customer.key, "2026-05-01T09:00:00.000Z", customer.body | {"newsletter": "0"})
    shop.recorder.store.put("customers", off)
    shop.road.now = NIGHT_AFTER
    shop.road.extract()
    shop.road.load("consent_events")
    acts = shop.road.current("consent_events", ["customer_key", "act", "occurred_at"])
    assert (customer.key, "withdraw", FIRST_OF_MAY_AT_NINE) in acts


def test_a_period_recorded_twice_changes_nothing(shop: Shop, facts: Facts) -> None:
    before = shop.rows("orders")
    shop.recorder.record(facts, MARCH)
    assert shop.rows("orders") == before


def test_a_day_later_only_what_changed_is_read(shop: Shop) -> None:
    shop.road.extract()
    day = shop_facts("prestashop", FIRST_OF_MAY, SEED, people=3, orders=4)
    shop.recorder.record(day, FIRST_OF_MAY)
    shop.road.now = NIGHT_AFTER
    found = {table.name: table.landed for table in shop.road.extract().tables}
    assert found["customers"] == 3
    assert found["orders"] == 4
    assert found["carts"] == 4


def test_an_address_that_changes_brings_its_customer(shop: Shop) -> None:
    last = shop.recorder.store.after("addresses", 0, 1)[0]
    moved = Document(last.key, "2026-05-01T10:00:00.000Z", last.body | {"city": "Ailleurs"})
    shop.recorder.store.put("addresses", moved)
    rows = shop.rows("customers", MAY)
    assert [(str(row["id"]), row["address"]["city"]) for row in rows] == [(last.key, "Ailleurs")]


def test_an_order_made_of_an_old_cart_brings_the_cart(shop: Shop) -> None:
    cart = next(row for row in shop.rows("carts") if row["order_id"] is None)
    order = shop.recorder.store.after("orders", 0, 1)[0]
    body = order.body | {"id": 999999, "id_cart": str(cart["id"])}
    shop.recorder.store.put("orders", Document("999999", "2026-05-01T10:00:00.000Z", body))
    rows = shop.rows("carts", MAY)
    assert [(row["id"], row["order_id"]) for row in rows] == [(cart["id"], "999999")]


def test_an_interval_of_days_loses_the_last_one_so_none_is_asked_for(shop: Shop) -> None:
    order = shop.recorder.store.after("orders", 0, 1)[0]
    today = datetime.now(UTC)
    shop.recorder.store.put("orders", Document(order.key, f"{today:%Y-%m-%dT%H:%M:%S}.000Z",
                                               order.body | {"note": "new"}))  # fmt: skip
    days = f"[{today - timedelta(days=1):%Y-%m-%d},{today:%Y-%m-%d}]"
    lost = shop.ask("orders", date="1", **{"filter[date_upd]": days})
    assert lost == [] or len(lost["orders"]) == 0
    rows = shop.rows("orders", (today - timedelta(days=1)).replace(tzinfo=None))
    assert [str(row["id"]) for row in rows] == [order.key]


def test_the_make_believe_shop_is_as_strict_as_the_real_one(shop: Shop) -> None:
    assert httpx.get(f"{shop.url}/api/orders").status_code == 401
    xml = httpx.get(f"{shop.url}/api/orders", auth=(KEY, ""))
    assert xml.headers["content-type"].startswith("text/xml")
    assert shop.ask("orders", **{"filter[id]": "[nobody]"}) == []
    undated = shop.ask("orders", **{"filter[date_upd]": "[2026-01-01,2026-02-01]"})
    assert undated["errors"][0]["code"] == 32
    assert "errors" in shop.ask("orders", display="[id,no_such_field]")
    assert "errors" in shop.ask("secrets")
    slow = httpx.get(f"{shop.url}/api/orders", auth=(KEY, ""),
                     params={"output_format": "JSON", "limit": "0,5000"})  # fmt: skip
    assert slow.status_code == 504


def test_orders_that_change_while_they_are_read_move_no_other(shop: Shop) -> None:
    store = shop.recorder.store

    def touched(answer: Answer) -> Answer:
        for order in store.after("orders", 0, 40):
            store.put("orders", Document(order.key, "2026-04-01T00:00:00.000Z",
                                         order.body | {"note": "x"}))  # fmt: skip
        return answer

    shop.fake.script(Fault(path="/api/orders", edit=touched))
    rows = shop.rows("orders", JANUARY)
    assert len({row["id"] for row in rows}) == len(rows) == 130


FAULTS: list[tuple[str, Fault]] = [
    ("an error once", broken_once(500)),
    ("a script that ran too long", Fault(Answer(504, b"<html></html>"))),
    ("a reset line", Fault(breaks="reset")),
    ("a reset after the effect", Fault(breaks="reset", is_after_effect=True)),
    ("half an answer", Fault(breaks="cut")),
    ("a byte order mark", with_byte_order_mark()),
    ("maintenance, with the time to wait", Fault(Answer(503, headers={"Retry-After": "0"}))),
]


@pytest.mark.parametrize("fault", [fault for _, fault in FAULTS], ids=[name for name, _ in FAULTS])
def test_what_passes_is_waited_out(shop: Shop, fault: Fault) -> None:
    shop.fake.script(fault)
    assert len({row["id"] for row in shop.rows("orders")}) == 130


def _without_ids(content: Any) -> Any:
    return {"orders": [{"reference": "p1@exemple.fr"} for _ in content["orders"]]}


LASTING: list[tuple[str, Fault, str]] = [
    ("a page of HTML", html_page(), "HTML"),
    ("XML for JSON", Fault(Answer(body=b"<?xml version='1.0'?><prestashop/>")), "XML"),
    ("no right", Fault(Answer(401)), "Check the key"),
    ("errors in a 200", Fault(json_answer({"errors": [{"message": "p1@exemple.fr"}]})), "objects"),
    ("another object", Fault(json_answer({"customers": []})), "objects"),
    ("rows without ids", edited(_without_ids), "without .id"),
    ("a text", Fault(json_answer("exemple.fr")), "objects"),
    ("no JSON", Fault(Answer(body=b'{"orders": [}')), "not JSON"),
    ("a redirect", Fault(Answer(302, headers={"Location": "/login"})), "redirect"),
]


@pytest.mark.parametrize(
    ("fault", "word"), [one[1:] for one in LASTING], ids=[one[0] for one in LASTING]
)
def test_what_lasts_is_said_and_nothing_of_it_is_shown(
    shop: Shop, fault: Fault, word: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    shop.fake.script(Fault(fault.answer, edit=fault.edit, path="/api/orders"))
    with pytest.raises(SourceUnavailable, match=word) as caught:
        shop.rows("orders")
    for text in (str(caught.value), caplog.text):
        assert KEY not in text
        assert "exemple.fr" not in text
        assert "display=" not in text


def test_a_list_that_comes_back_is_noticed(shop: Shop) -> None:
    first = shop.ask("orders", display="full", sort="[id_ASC]", limit="0,100")
    shop.fake.script(Fault(json_answer(first), path="/api/orders", times=9))
    with pytest.raises(SourceUnavailable, match="cursor came back"):
        shop.rows("orders")
