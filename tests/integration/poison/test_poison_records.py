"""Records of APIs that say things in odd ways, down to the raw tables."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from pages_vendors import VENDORS, settings_of

from demo.fakes.server import serve
from tests.fixtures.api_road import Road

NOW = datetime(2026, 5, 2, tzinfo=UTC)
TEN = datetime(2026, 5, 1, 10)  # noqa: DTZ001 - as the raw tables hold times
# What the help desk says of the time, and the time meant; None: the record must be set aside.
TIMES = [
    ("utc", "2026-05-01T10:00:00Z", TEN),
    ("another_zone", "2026-05-01T12:00:00+02:00", TEN),
    ("without_zone", "2026-05-01 10:00:00", TEN),
    ("in_microseconds", "2026-05-01T10:00:00.000000Z", TEN),
    ("in_milliseconds", 1777629600000, None),
    ("day_first", "01/05/2026 10:00", None),
    ("in_words", "yesterday", None),
    ("impossible", "2026-02-30T10:00:00Z", None),
    ("empty", "", None),
    ("null", None, None),
]
NOTHING = [("null", {"topic": None}), ("missing", {}), ("empty", {"topic": ""})]


@contextmanager
def road_of(name: str, con: duckdb.DuckDBPyConnection, root: Path) -> Iterator[tuple[Any, Road]]:
    """The vendor's store, empty, and the road from it by the real declaration."""
    vendor = VENDORS[name]
    fake: Any = vendor.fake(root)
    with serve(fake) as url:
        yield fake.store, Road(root, con, vendor.reading(5), settings_of(vendor, url), NOW)


@pytest.fixture
def con(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as con:
        yield con


def test_times_are_understood_or_their_records_set_aside(tmp_path: Path, con, poison) -> None:
    for *_, meant in TIMES:
        poison("API records", "loaded" if meant else "rows set aside")
    with road_of("support", con, tmp_path) as (store, road):
        for number, (_, said, _) in enumerate(TIMES, start=1):
            store.put("questions", VENDORS["support"].document(number, asked_at=said))
        road.extract()
        report = road.load("questions")
        assert report.is_balanced
        found = dict(road.current("questions", ["question_key", "asked_at"]))
    wanted = {str(101 + n): meant for n, (*_, meant) in enumerate(TIMES) if meant}
    assert found == wanted


def test_null_missing_and_empty_are_nothing_alike(tmp_path: Path, con, poison) -> None:
    poison("API records", "loaded", len(NOTHING))
    with road_of("support", con, tmp_path) as (store, road):
        for number, (_, told) in enumerate(NOTHING, start=1):
            document = VENDORS["support"].document(number)
            document.body.pop("topic")
            document.body.update(told)
            store.put("questions", document)
        road.extract()
        road.load("questions")
        found = road.current("questions", ["question_key", "topic"])
    assert found == [("101", None), ("102", None), ("103", None)]


def test_a_withdrawal_that_comes_before_its_contact_is_kept(tmp_path: Path, con, poison) -> None:
    poison("API records", "loaded")
    said = {"channel": "email", "purpose": "marketing", "act": "withdraw"}
    person = {"customer_key": None, "address": "p1@exemple.fr"}
    with road_of("preferences", con, tmp_path) as (store, road):
        store.put("consent", VENDORS["preferences"].document(1, choice=said, person=person))
        road.extract()
        road.load("consent_events")
    with road_of("brevo", con, tmp_path) as (store, road):
        road.extract()
        store.put("contacts", VENDORS["brevo"].document(1))
        road.extract()
        road.load("customers")
        assert road.current("customers", ["email"]) == [("p1@exemple.fr",)]
        kept = road.current("consent_events", ["address", "act"])
    assert kept == [("p1@exemple.fr", "withdraw")]


def test_a_clock_that_runs_ahead_hides_nothing_that_comes_later(
    tmp_path: Path, con, poison
) -> None:
    poison("API records", "loaded")
    vendor = VENDORS["support"]
    with road_of("support", con, tmp_path) as (store, road):
        ahead = replace(vendor.document(1), changed_at="2099-01-01T00:00:00.000Z")
        store.put("questions", ahead, vendor.document(2))
        road.extract()
        later = replace(vendor.document(3), changed_at="2026-05-02T02:00:00.000Z")
        store.put("questions", later)
        road.extract()
        assert road.extract().notices == ()
        road.load("questions")
        keys = [key for (key,) in road.current("questions", ["question_key"])]
    assert keys == ["101", "102", "103"]
