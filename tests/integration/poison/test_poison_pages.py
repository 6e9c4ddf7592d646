"""Poisoned pages of the connected APIs: everything lands once, or nothing and the next run does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
import stamina
from pages_corpus import REFUSED, SHORT, WHOLE, Case, tried
from pages_fake import Poisoned
from pages_vendors import FIRST_KEY, RECORDS, Vendor, settings_of

from demo.fakes.faults import Fault
from demo.fakes.server import serve
from ingestion.errors import SourceUnavailable
from ingestion.extract import ExtractReport, extract
from ingestion.place import Place

NOW = datetime(2026, 5, 2, tzinfo=UTC)
KEYS = sorted(str(FIRST_KEY + n) for n in range(RECORDS))
TRIED = list(tried())
OUTCOMES = {WHOLE: "loaded", SHORT: "loaded", REFUSED: "refused"}


@dataclass
class Road:
    """One vendor with poisoned pages, and the landing folder behind it."""

    vendor: Vendor
    fake: Poisoned
    url: str
    root: Path
    timeout_seconds: float
    now: datetime = NOW

    @property
    def folder(self) -> Path:
        return self.root / "landing" / self.vendor.source.system

    def extract(self) -> ExtractReport:
        self.now += timedelta(hours=1)
        place = Place(self.root / "landing", self.root / "work")
        source = self.vendor.reading(self.timeout_seconds)
        return extract(source, settings_of(self.vendor, self.url), place, now=self.now)

    def rows(self) -> list[tuple[Any, ...]]:
        """(key, how often it landed, with how many contents) of the poisoned table."""
        if not self.files():
            return []
        scan = f"read_parquet('{self.folder}/{self.vendor.table}-2*', union_by_name = true)"
        return duckdb.execute(
            f"select {self.vendor.key}::varchar, count(*), count(distinct r::varchar) "
            f"from {scan} r group by all order by 1"
        ).fetchall()

    def files(self) -> list[str]:
        return [path.name for path in self.folder.glob(f"{self.vendor.table}-2*")]


@contextmanager
def road(
    vendor: Vendor, faults: dict[int, Fault], root: Path, timeout_seconds: float = 5
) -> Iterator[Road]:
    inner = vendor.fake(root)
    vendor.fill(inner)
    fake = Poisoned(inner, vendor.is_page, faults)
    with serve(fake) as url:
        yield Road(vendor, fake, url, root, timeout_seconds)


@pytest.fixture(autouse=True)
def _without_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=3):
        yield


@pytest.mark.parametrize(
    "one",
    TRIED,
    ids=[f"{case.name}-{name}" for name, _, case, _ in TRIED],
)
def test_a_poisoned_page(
    one: tuple[str, Vendor, Case, str], tmp_path: Path, poison, monkeypatch
) -> None:
    name, vendor, case, holds = one
    poison(f"API pages, {name}", OUTCOMES[holds])
    vendor.small(monkeypatch)
    with road(vendor, case.faults(vendor), tmp_path, case.timeout_seconds) as it:
        if holds == REFUSED:
            _is_refused(it, is_said=case.is_said)
        else:
            _has_landed(it, holds)
        it.fake.faults = {}
        if holds != WHOLE or case.is_edited:
            it.extract()
        found = it.rows()
        assert [key for key, *_ in found] == KEYS
        assert all(contents == 1 for *_, contents in found) or case.is_edited


def _is_refused(it: Road, *, is_said: bool) -> None:
    if it.vendor.neighbour is None and not is_said:
        with pytest.raises(SourceUnavailable, match=it.vendor.source.system):
            it.extract()
        assert list(it.folder.iterdir()) == []
        return
    report = it.extract()
    assert {table.name: table.landed for table in report.tables} == (
        {it.vendor.neighbour[0]: 2} if it.vendor.neighbour else {}
    )
    assert len(report.notices) == 1
    assert it.files() == []


def _has_landed(it: Road, holds: str) -> None:
    report = it.extract()
    (subject,) = (table for table in report.tables if table.name == it.vendor.table)
    assert all(count == 1 for _, count, _ in it.rows())
    if holds == SHORT:
        assert any("that the system counts" in text for text in report.notices)
        assert subject.rows < RECORDS
    else:
        assert report.notices == ()
        assert subject.rows == RECORDS
