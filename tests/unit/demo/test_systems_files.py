"""What systems drop: complete deliveries, once, with dirt that is counted."""

import csv
import gzip
import hashlib
import json
from collections import Counter
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from demo.systems.ads import Ads
from demo.systems.brevo_webhooks import BrevoWebhooks
from demo.systems.callcentre import Callcentre
from demo.systems.configurator import Configurator
from demo.systems.dirt import DirtLog
from demo.systems.files import FileSystem, slices
from demo.systems.ga4 import Ga4
from demo.systems.planning import Planning
from demo.systems.social import Social
from demo.systems.surveys import Surveys
from demo.systems.text_files import CLEAN, Rates
from demo.systems.tills import Tills, has_old_software
from demo.systems.web import Web
from demo.world.facts import Period
from tests.fixtures.invented_facts import (
    APRIL,
    FIRST_OF_MAY,
    MARCH,
    STORES,
    invented,
)

SYSTEMS = [
    Ads, BrevoWebhooks, Callcentre, Configurator, Ga4, Planning, Social, Surveys, Tills, Web,
]  # fmt: skip
DIRTY = Rates(0.1, 0.1, 0.1, 1, 0.2, 0.5, 1)


def facts_of(kind: type[FileSystem], period=MARCH, rows=60):
    return invented(period, {entity: [kind.system, "other"] for entity in kind.entities}, rows)


def contents(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.mark.parametrize("kind", SYSTEMS)
def test_a_period_recorded_twice_changes_nothing(kind, tmp_path):
    system = kind(tmp_path, 7, DIRTY)
    for period in (MARCH, APRIL, FIRST_OF_MAY):
        system.record(facts_of(kind, period), period)
    before = contents(tmp_path)
    for period in (MARCH, APRIL, FIRST_OF_MAY):
        system.record(facts_of(kind, period), period)
    system.close()
    assert contents(tmp_path) == before


@pytest.mark.parametrize("kind", SYSTEMS)
def test_the_order_of_facts_changes_no_byte(kind, tmp_path):
    facts = facts_of(kind)
    turned = {
        name: table.take(list(range(len(table) - 1, -1, -1))) for name, table in facts.items()
    }
    kind(tmp_path / "a", 7, DIRTY).record(facts, MARCH)
    kind(tmp_path / "b", 7, DIRTY).record(turned, MARCH)
    kind(tmp_path / "c", 8, DIRTY).record(facts, MARCH)
    a, b, c = (contents(tmp_path / name) for name in "abc")
    assert a == b
    assert a != c


@pytest.mark.parametrize("kind", SYSTEMS)
def test_a_manifest_states_every_file_and_its_rows(kind, tmp_path):
    kind(tmp_path, 7, DIRTY).record(facts_of(kind), MARCH)
    folder = tmp_path / "landing" / kind.folder
    (manifest,) = folder.glob("*.manifest.json")
    found = json.loads(manifest.read_text())
    assert found["is_history"]
    assert found["covers_from"] == "2026-02-28T23:00:00Z"
    assert found["covers_until"] == "2026-03-31T22:00:00Z"
    names = {path.name for path in folder.iterdir()} - {manifest.name}
    assert {entry["name"] for entry in found["files"]} == names
    for entry in found["files"]:
        content = (folder / entry["name"]).read_bytes()
        assert (entry["bytes"], entry["sha256"]) == (
            len(content), hashlib.sha256(content).hexdigest(),
        )  # fmt: skip
        assert entry["rows"] == rows_in(folder / entry["name"])


@pytest.mark.parametrize("kind", [kind for kind in SYSTEMS if kind is not Tills])
def test_a_delivery_that_was_cut_short_is_written_again(kind, tmp_path):
    system = kind(tmp_path, 7, DIRTY)
    system.record(facts_of(kind), MARCH)
    before = contents(tmp_path)
    folder = tmp_path / "landing" / kind.folder
    next(folder.glob("*.manifest.json")).unlink()
    for number, path in enumerate(sorted(folder.iterdir())):
        path.unlink() if number % 2 else path.write_bytes(b"half of it")
    system.record(facts_of(kind), MARCH)
    assert contents(tmp_path) == before


def rows_in(path: Path) -> int:
    if path.suffix == ".parquet":
        return len(duckdb.read_parquet(str(path)))
    if path.suffix == ".yaml":
        return len(yaml.safe_load(path.read_text()))
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return content.count(b"\n") - (".csv" in path.name)


@pytest.mark.parametrize("kind", SYSTEMS)
def test_a_day_without_facts_is_a_delivery_without_files(kind, tmp_path):
    kind(tmp_path).record({}, FIRST_OF_MAY)
    (manifest,) = (tmp_path / "landing" / kind.folder).iterdir()
    assert json.loads(manifest.read_text())["files"] == []


def test_two_of_eleven_stores_write_the_old_files(tmp_path):
    assert sum(has_old_software(store) for store in STORES) == 2
    Tills(tmp_path, rates=DIRTY).record(facts_of(Tills, rows=300), MARCH)
    folder = tmp_path / "landing" / "tills"
    old = sorted(folder.glob("CAISSE_*.csv"))
    assert len(old) == 2
    for path in old:
        content = path.read_bytes()
        assert "Reprise à la caisse".encode("cp1252") in content
        assert content.splitlines()[-1].startswith(b"TOTAL;")
        with pytest.raises(UnicodeDecodeError):
            content.decode("utf-8")
    marks = Counter(
        path.read_bytes().startswith(b"\xef\xbb\xbf") for path in folder.glob("tickets_*.csv")
    )
    assert set(marks) == {True, False}


def test_a_ticket_reads_as_a_french_till_prints_it(tmp_path):
    facts = facts_of(Tills, rows=200)
    Tills(tmp_path, rates=CLEAN).record(facts, MARCH)
    facts_by_key = {
        (row["order_key"], row["line_number"]): row
        for row in facts["order_lines"].to_pylist()
        if row["system"] == "tills"
    }
    seen = 0
    for path in (tmp_path / "landing" / "tills").glob("tickets_*.csv"):
        with path.open(encoding="utf-8-sig", newline="") as content:
            for line in csv.DictReader(content, delimiter=";"):
                row = facts_by_key[line["no_ticket"], int(line["ligne"])]
                assert line["montant_ttc"] == str(row["net_amount"]).replace(".", ",")
                assert line["date_heure"][:10] == f"{row['ordered_at']:%d/%m/%Y}"
                assert line["operation"] == "V" or line["montant_ttc"].startswith("-")
                seen += 1
    assert seen > 100


def test_of_a_card_that_changed_twice_in_a_month_the_last_state_is_told(tmp_path):
    facts = facts_of(Tills, rows=3)
    cards = facts["customers"]
    position = cards.schema.get_field_index("city")
    moved = cards.set_column(position, "city", pa.array(["Lyon"] * len(cards)))
    facts["customers"] = pa.concat_tables([cards, moved])
    Tills(tmp_path, rates=CLEAN).record(facts, MARCH)
    with (tmp_path / "landing/tills/cartes_2026-03.csv").open() as content:
        assert [line["ville"] for line in csv.DictReader(content, delimiter=";")] == ["Lyon"] * 3


def test_late_and_resent_tickets_come_with_the_next_delivery(tmp_path):
    system = Tills(tmp_path, 7, Rates(0, 0, 0, 0, 0, 0.5, 1))
    system.record(facts_of(Tills, rows=600), MARCH)
    waiting = {path.name for path in (tmp_path / "demo/later/tills").rglob("*.csv")}
    assert {name.rsplit("_", 1)[1] for name in waiting} == {"suite.csv", "renvoi.csv"}
    folder = tmp_path / "landing" / "tills"
    assert not waiting & {path.name for path in folder.iterdir()}
    system.record(facts_of(Tills, APRIL), APRIL)
    manifest = json.loads((folder / "tills-2026-04.manifest.json").read_text())
    assert waiting <= {entry["name"] for entry in manifest["files"]}
    planted = DirtLog(tmp_path).planted("tills", "order_lines")
    rows = sum(rows_in(folder / name) for name in waiting)
    assert planted["late_row"] + planted["resent_row"] == rows


def test_a_day_of_the_web_comes_in_quarters_of_an_hour(tmp_path):
    facts = facts_of(Web, FIRST_OF_MAY)
    Web(tmp_path / "quarters", 7, CLEAN, minutes=15).record(facts, FIRST_OF_MAY)
    Web(tmp_path / "day", 7, CLEAN).record(facts, FIRST_OF_MAY)
    folder = tmp_path / "quarters" / "landing" / "web"
    assert len(list(folder.glob("*.manifest.json"))) == 96

    def keys(home: str) -> list[str]:
        return sorted(
            json.loads(line)["messageId"]
            for path in (tmp_path / home / "landing" / "web").glob("*.gz")
            for line in gzip.decompress(path.read_bytes()).splitlines()
        )

    assert keys("quarters") == keys("day")


@pytest.mark.parametrize(("day", "drops"), [("2026-03-29", 92), ("2026-10-25", 100)])
def test_a_day_with_a_change_of_clocks_has_quarters_of_its_own_number(day, drops):
    found = slices(Period(date.fromisoformat(day), date.fromisoformat(day), False), 15)
    assert len(found) == len({one.stem for one in found}) == drops
    assert [one.until for one in found[:-1]] == [one.since for one in found[1:]]


@given(texts=st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=20), max_size=8))
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_text_comes_back_from_a_line_of_json(texts, tmp_path_factory):
    home = tmp_path_factory.mktemp("any")
    texts = [text.replace("\0", "") for text in texts]
    facts = facts_of(Web, rows=len(texts))
    table = facts["web_events"]
    position = table.schema.get_field_index("search_text")
    facts["web_events"] = table.set_column(
        position, "search_text", pa.array(texts + texts, pa.string())
    )
    Web(home, rates=CLEAN).record(facts, MARCH)
    lines = [
        json.loads(line)
        for path in (home / "landing" / "web").glob("*.gz")
        for line in gzip.decompress(path.read_bytes()).decode().split("\n")[:-1]
    ]
    assert {line["messageId"]: line["properties"]["query"] for line in lines} == {
        row["web_event_key"]: row["search_text"]
        for row in facts["web_events"].to_pylist()
        if row["system"] == "web"
    }


@given(
    names=st.lists(
        st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20), min_size=1, max_size=8
    )
)
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_text_comes_back_from_a_csv_file(names, tmp_path_factory):
    home = tmp_path_factory.mktemp("any")
    facts = facts_of(Social, rows=len(names))
    table = facts["interactions"]
    position = table.schema.get_field_index("context")
    texts = pa.array(names + names, pa.string())
    facts["interactions"] = table.set_column(position, "context", texts)
    Social(home, rates=CLEAN).record(facts, MARCH)
    with (home / "landing/social/export-2026-03.csv").open(newline="") as content:
        found = {line["Interaction ID"]: line["Subject"] for line in csv.DictReader(content)}
    wanted = {
        row["interaction_key"]: row["context"]
        for row in facts["interactions"].to_pylist()
        if row["system"] == "social"
    }
    assert found == wanted


def test_the_dirt_is_counted_once_and_an_unknown_kind_is_refused(tmp_path):
    log = DirtLog(tmp_path)
    for _ in range(2):
        log.put("web", "2026-03", {"web_events": {"broken_line": 2, "repeated_row": 3}})
    log.put("web", "2026-04", {"web_events": {"broken_line": 1}})
    assert json.loads(log.path.read_text())["kinds"] == {"broken_line": 3, "repeated_row": 3}
    assert log.expected("web", "web_events", "quarantined") == 3
    with pytest.raises(KeyError):
        log.put("web", "2026-04", {"web_events": {"spilt_coffee": 1}})
