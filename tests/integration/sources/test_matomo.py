"""Matomo over real HTTP: the visits that were tracked arrive, as events of the words we use."""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import httpx
import pytest

from demo.fakes.answers import Answer, json_answer
from demo.fakes.faults import Fault, broken_once, edited, html_page, with_byte_order_mark
from demo.fakes.matomo import Matomo as Fake
from demo.fakes.server import serve
from demo.systems.documents import Document, facts_of, iso
from demo.systems.matomo import Matomo as Recorder
from demo.world.facts import Facts, Period
from demo.world.regime import load_regime
from demo.world.world import World
from ingestion.errors import SourceUnavailable
from ingestion.sources.matomo import SOURCE
from tests.fixtures.api_road import Road

SEED = 20260405
TOKEN = "0123456789abcdef-make-believe"  # noqa: S105
MORNING = datetime(2026, 5, 1, 5, tzinfo=UTC)
BUSY = datetime(2026, 4, 20, 8, tzinfo=UTC)
VISITS = SOURCE.tables[0]
# As far as the tool can tell them: an order has no page, and the way in is the visit's.
CARRIED = ["event_type", "anonymous_id", "customer_key", "page_url", "product_key", "content_key",
           "content_kind", "topic", "watched_share", "search_text", "cart_key", "order_key",
           "message_key", "coupon_key", "utm_source", "utm_medium", "utm_campaign", "click_id",
           "device", "user_agent", "is_bot", "occurred_at"]  # fmt: skip
Lived = list[tuple[Period, Facts]]


@dataclass
class Tool:
    """The make-believe installation, listening, and the road from it."""

    fake: Fake
    recorder: Recorder
    road: Road

    def rows(self, since: datetime | None = None) -> list[dict[str, Any]]:
        reader = SOURCE.connect(self.road.settings)
        try:
            return [row for page in reader.pages(VISITS, since) for row in page]
        finally:
            reader.close()

    def ask(self, query: str = "", **asked: str) -> httpx.Response:
        url = f"{self.road.settings['matomo_url']}/index.php{query}"
        form = {"module": "API", "format": "json", "token_auth": TOKEN}
        return httpx.post(url, data=form | asked)

    def crowd(self, count: int) -> None:
        """So many visits on the first site on one day of April, a second apart."""
        body = self.recorder.store.after("visits", 0, 1)[0].body | {"actionDetails": []}
        visits = []
        for n in range(count):
            at = BUSY + timedelta(seconds=n)
            began = {"firstActionTimestamp": int(at.timestamp())}
            told = iso(at.replace(tzinfo=None))
            visits.append(Document(f"{10**6 + n}", told, body | began, parent="1"))
        self.recorder.store.put("visits", *visits)

    @property
    def count(self) -> int:
        return self.recorder.store.count("visits")


@pytest.fixture(scope="module")
def lived() -> Lived:
    """Two months and two days of a small make-believe company."""
    print(f"seed {SEED}")  # noqa: T201
    world = World.create(300, SEED, load_regime(None), date(2026, 3, 1), date(2026, 4, 30))
    return [*world.months(), world.step(()), world.step(())]


@pytest.fixture
def tool(tmp_path: Path, lived: Lived) -> Iterator[Tool]:
    recorder = Recorder(tmp_path)
    for period, facts in lived[:2]:
        recorder.record(facts, period)
    fake = Fake(tmp_path, TOKEN)
    with serve(fake) as url, duckdb.connect(str(tmp_path / "warehouse.duckdb")) as con:
        settings = {"matomo_url": url, "matomo_token": TOKEN}
        yield Tool(fake, recorder, Road(tmp_path, con, SOURCE, settings, MORNING))


def tracked(lived: Lived) -> list[dict[str, Any]]:
    """The facts of these periods as the tool tells them."""
    rows = [row for _, facts in lived for row in facts_of(facts, "web_events", "matomo")]
    for row in rows:
        row["page_url"] = None if row["event_type"] == "order" else row["page_url"]
        row["is_bot"] = bool(row["is_bot"])
        row["occurred_at"] = row["occurred_at"].replace(microsecond=0)
    return rows


def wanted(lived: Lived) -> Counter[tuple[Any, ...]]:
    return Counter(tuple(row[name] for name in CARRIED) for row in tracked(lived))


def test_the_visits_of_a_company_arrive_in_the_raw_table(tool: Tool, lived: Lived) -> None:
    (table,) = tool.road.extract().tables
    assert table.rows == tool.count > 60
    loaded = tool.road.load("web_events")
    assert sum(file.rows_quarantined for file in loaded.files) == 0
    assert Counter(tool.road.current("web_events", CARRIED)) == wanted(lived[:2])
    kinds = {kind for (kind,) in tool.road.current("web_events", ["event_type"])}
    assert kinds >= {"page_view", "product_view", "search", "add_to_cart", "order", "video_view"}


def test_an_event_keeps_its_key_and_a_visit_gives_the_way_in(tool: Tool, lived: Lived) -> None:
    tool.road.extract()
    tool.road.load("web_events")
    rows = tool.road.current("web_events", ["web_event_key", "referrer_url"])
    referrers = dict(rows)
    for row in tracked(lived[:2]):
        if row["event_type"] != "order":
            assert row["web_event_key"] in referrers
            assert row["referrer_url"] in {None, referrers[row["web_event_key"]]}
    spaces = [f"{kind}_system" for kind in ("customer", "order", "cart", "product", "message")]
    assert set(tool.road.current("web_events", spaces)) == {
        ("prestashop", "prestashop", "prestashop", "shop", "brevo")
    }


def test_a_period_recorded_twice_changes_nothing(tool: Tool, lived: Lived) -> None:
    before = tool.rows()
    tool.recorder.record(lived[0][1], lived[0][0])
    assert tool.rows() == before


def test_day_by_day_nothing_is_lost_and_nothing_comes_twice(tool: Tool, lived: Lived) -> None:
    tool.road.extract()
    tool.road.load("web_events")
    for days, (period, facts) in enumerate(lived[2:], start=1):
        tool.recorder.record(facts, period)
        tool.road.now = MORNING + timedelta(days=days)
        (table,) = tool.road.extract().tables
        assert table.landed < 50  # not the history again
        assert sum(file.rows_quarantined for file in tool.road.load("web_events").files) == 0
    assert Counter(tool.road.current("web_events", CARRIED)) == wanted(lived)


def test_a_visit_that_goes_on_brings_only_its_new_actions(tool: Tool) -> None:
    tool.road.extract()
    tool.road.load("web_events")
    before = tool.road.current("web_events", ["web_event_key"])
    visit = max(tool.recorder.store.after("visits", 0, 9999), key=lambda one: one.changed_at)
    last = visit.body["actionDetails"][-1]
    more = {"type": "action", "url": last.get("url"), "timestamp": last["timestamp"] + 40}
    actions = [*visit.body["actionDetails"], more | {"pageId": "me-later"}]
    later = replace(visit, body=visit.body | {"actionDetails": actions})
    tool.recorder.store.put("visits", later)
    tool.road.extract()
    loaded = tool.road.load("web_events")
    assert sum(file.rows_quarantined for file in loaded.files) == 0
    assert sum(file.rows_duplicate for file in loaded.files) == len(actions) - 1
    after = tool.road.current("web_events", ["web_event_key"])
    assert Counter(after) - Counter(before) == Counter([("me-later",)])


def test_what_we_have_no_word_for_is_left_aside(tool: Tool) -> None:
    visit = tool.recorder.store.after("visits", 0, 1)[0]
    kinds = ["download", "outlink", "goal", "ecommerceAbandonedCart"]
    others = [{"type": kind, "timestamp": 1_770_000_000} for kind in kinds]
    others += [{"type": "event", "eventCategory": "chat", "eventAction": "open"}]
    actions = [*visit.body["actionDetails"], *others]
    body = visit.body | {"actionDetails": actions}
    tool.recorder.store.put("visits", replace(visit, body=body))
    before = sum(len(row["actionDetails"]) for row in tool.rows())
    tool.road.extract()
    loaded = tool.road.load("web_events")
    assert sum(file.rows_quarantined for file in loaded.files) == 0
    assert len(tool.road.current("web_events", ["web_event_key"])) == before - len(others)


def test_a_busy_day_is_read_page_by_page(tool: Tool) -> None:
    before = tool.count
    tool.crowd(950)
    asked = tool.fake.count()
    names = [(row["idSite"], row["idVisit"]) for row in tool.rows()]
    assert len(set(names)) == len(names) == before + 950
    # Sites, the last visit of each, and weeks of pages, of which the empty ones come twice.
    assert tool.fake.count() - asked < 60


def test_visits_that_begin_while_a_page_is_read_hide_no_other(tool: Tool) -> None:
    tool.crowd(450)
    before = {row["idVisit"] for row in tool.rows()}

    def busy(answer: Answer) -> Answer:
        if len(json.loads(answer.body)) == 200:  # a full page; the newest come first
            tool.crowd(470)
        return answer

    tool.fake.script(Fault(edit=busy, times=99))
    assert {row["idVisit"] for row in tool.rows()} >= before


def test_the_make_believe_tool_answers_as_the_real_one_does(tool: Tool) -> None:
    method = "SitesManager.getSitesWithAtLeastViewAccess"
    as_xml = tool.ask(method=method, format="xml")
    assert as_xml.text.startswith("<?xml")
    wrong = tool.ask(method=method, token_auth="wrong")  # noqa: S106
    assert (wrong.status_code, wrong.json()["result"]) == (200, "error")
    assert tool.ask(f"?token_auth={TOKEN}", method=method).json()["result"] == "error"
    assert tool.ask(method="Live.noSuchThing").json()["result"] == "error"
    tool.crowd(150)
    of_site = {"method": "Live.getLastVisitsDetails", "idSite": "1", "period": "range"}
    month = tool.ask(**of_site, date="2026-04-01,2026-04-30").json()
    assert len(month) == 100  # unless told otherwise
    began = [visit["firstActionTimestamp"] for visit in month]
    assert began == sorted(began, reverse=True)


FAULTS: list[tuple[str, Fault]] = [
    ("an error once", broken_once(503)),
    ("a reset line", Fault(breaks="reset")),
    ("a reset after the effect", Fault(breaks="reset", is_after_effect=True)),
    ("half an answer", Fault(breaks="cut")),
    ("a byte order mark", with_byte_order_mark()),
    ("a web server that slows us down", Fault(Answer(429, headers={"Retry-After": "0"}))),
]


@pytest.mark.parametrize("fault", [fault for _, fault in FAULTS], ids=[name for name, _ in FAULTS])
@pytest.mark.parametrize("skip", [0, 3])
def test_what_passes_is_waited_out(tool: Tool, fault: Fault, skip: int) -> None:
    tool.fake.script(replace(fault, skip=skip))
    assert len({row["idVisit"] for row in tool.rows()}) == tool.count


def _without_times(content: Any) -> Any:
    return [{"idSite": 1, "idVisit": 7, "userId": "p1@exemple.fr"} for _ in content]


ERROR = json_answer({"result": "error", "message": f"token {TOKEN} of p1@exemple.fr"})
LASTING: list[tuple[str, Fault, str]] = [
    ("a page of HTML", html_page(), "HTML"),
    ("XML, as without a format", Fault(Answer(body=b"<?xml version='1.0'?><result/>")), "XML"),
    ("an error in a 200", Fault(ERROR), "an error"),
    ("no right", Fault(Answer(403)), "403"),
    ("a redirect", Fault(Answer(301, headers={"Location": "/login"})), "redirect"),
    ("a text", Fault(json_answer("p1@exemple.fr")), "visits"),
    ("visits without times", edited(_without_times), "visits"),
    ("no JSON", Fault(Answer(body=b'[{"idVisit": }]')), "not JSON"),
]


@pytest.mark.parametrize(
    ("fault", "word"), [one[1:] for one in LASTING], ids=[one[0] for one in LASTING]
)
def test_what_lasts_is_said_and_nothing_of_it_is_shown(
    tool: Tool, fault: Fault, word: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    tool.fake.script(replace(fault, skip=2, times=20))  # sites and the last visit come first
    with pytest.raises(SourceUnavailable, match=word) as caught:
        tool.rows()
    for text in (str(caught.value), caplog.text):
        assert TOKEN not in text
        assert "exemple.fr" not in text
        assert "token_auth" not in text


def test_a_list_that_comes_back_is_noticed(tool: Tool) -> None:
    tool.crowd(450)
    asked = {"method": "Live.getLastVisitsDetails", "idSite": "1", "period": "range"}
    page = tool.ask(**asked, date="2026-04-01,2026-04-30", filter_limit="200").json()
    tool.fake.script(Fault(json_answer(page), skip=2, times=9))
    with pytest.raises(SourceUnavailable, match="came twice"):
        tool.rows()


def test_a_wrong_token_leaves_what_landed(tool: Tool) -> None:
    tool.road.extract()
    landing = tool.road.root / "landing" / "matomo"
    before = sorted(path.name for path in landing.iterdir())
    tool.road.settings = {**tool.road.settings, "matomo_token": "wrong-token"}
    with pytest.raises(SourceUnavailable, match="token") as caught:
        tool.road.extract()
    assert "wrong-token" not in str(caught.value)
    assert sorted(path.name for path in landing.iterdir()) == before
