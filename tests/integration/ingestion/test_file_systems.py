"""What systems drop reaches the raw tables: facts in, the same facts out, and the dirt counted."""

import json
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest

from contract.entity import load_entities
from demo.systems.ads import Ads
from demo.systems.brevo_webhooks import BrevoWebhooks
from demo.systems.callcentre import Callcentre
from demo.systems.configurator import Configurator
from demo.systems.dirt import DirtLog
from demo.systems.ga4 import Ga4
from demo.systems.planning import Planning
from demo.systems.social import Social
from demo.systems.surveys import Surveys
from demo.systems.text_files import Rates
from demo.systems.tills import Tills
from demo.systems.web import Web
from demo.world.regime import load_regime
from demo.world.world import World
from ingestion.declarations import load_declaration_file
from ingestion.load import load_entity
from ingestion.place import Place
from ingestion.raw_tables import prepare
from tests.fixtures.invented_facts import (
    APRIL,
    FIRST_OF_MAY,
    MARCH,
    SECOND_OF_MAY,
    invented,
)

FILES = Path(__file__).parents[3] / "ingestion" / "files"
NOW = datetime(2030, 1, 1, tzinfo=UTC)
SYSTEMS = [Ads, Callcentre, Configurator, Ga4, Planning, Social, Surveys, Tills, Web]
ENTITIES = [(kind, entity) for kind in SYSTEMS for entity in kind.entities]
PERIODS = (MARCH, APRIL, FIRST_OF_MAY, SECOND_OF_MAY)
CLEAN_NAMES = Rates(0.1, 0.2, 0.1, 1, 0, 0.4, 1)


def load_all(kind, home: Path, files: Path = FILES):
    """The warehouse of one system, and what became of each of its entities."""
    entities = load_entities()
    con = duckdb.connect(str(home / "warehouse.duckdb"), config={"threads": 1})
    prepare(con, entities)
    declaration = load_declaration_file(files / f"{kind.system}.yml", entities)
    place = Place(home / "landing", home / "work")
    return con, {
        entity: load_entity(con, entities[entity], [declaration], place, now=NOW)
        for entity in kind.entities
    }


class Loaded:
    """One system over four periods, recorded and loaded."""

    def __init__(self, kind, folder: Path, rates: Rates, files: Path = FILES) -> None:
        self.facts = {entity: [] for entity in kind.entities}
        self.home, self.kind = folder, kind
        system = kind(folder, 11, rates)
        for period in PERIODS:
            facts = invented(period, {entity: [kind.system, "other"] for entity in kind.entities})
            for entity, rows in self.facts.items():
                rows += [row for row in facts[entity].to_pylist() if row["system"] == kind.system]
            system.record(facts, period)
        system.close()
        self.entities = load_entities()
        self.con, self.reports = load_all(kind, folder, files)

    def raw(self, entity: str) -> list[tuple]:
        names = self.entities[entity].column_names
        columns = ", ".join(f'"{name}"' for name in names)
        return self.con.execute(f'select {columns} from raw_files."{entity}"').fetchall()

    def wanted(self, entity: str) -> list[tuple]:
        names = self.entities[entity].column_names
        return [
            tuple(as_recorded(self.kind, row)[name] for name in names) for row in self.rows(entity)
        ]

    def rows(self, entity: str) -> list[dict]:
        return self.facts[entity]


def as_recorded(kind, row):
    """The fact as the system can tell it: tills print minutes, callers have no handle."""
    told = dict(row)
    if kind is Tills and "ordered_at" in row:
        told |= {"channel": "store", "ordered_at": row["ordered_at"].replace(second=0)}
    if kind is Callcentre and "handle" in row:
        told["handle"] = None
    if kind is Ga4:
        told["is_bot"] = bool(row["is_bot"])
    return told


def comparable(rows):
    return Counter(tuple(plain(value) for value in row) for row in rows)


def plain(value):
    if isinstance(value, str) and value.startswith("{"):
        return json.dumps(json.loads(value), sort_keys=True)
    return value.strip() if isinstance(value, str) else value


@pytest.fixture(scope="module", params=SYSTEMS, ids=lambda kind: kind.system)
def loaded(request, tmp_path_factory):
    found = Loaded(request.param, tmp_path_factory.mktemp(request.param.system), CLEAN_NAMES)
    yield found
    found.con.close()


def test_what_was_recorded_is_what_is_loaded(loaded):
    for entity in loaded.kind.entities:
        raw, wanted = comparable(loaded.raw(entity)), comparable(loaded.wanted(entity))
        held = loaded.home.glob(f"demo/later/{loaded.kind.system}/*/*.note")
        late = sum(
            note["entry"]["rows"] for note in map(read_json, held) if note["kind"] == "late_row"
        )
        assert raw - wanted == Counter(), entity
        assert (wanted - raw).total() == (late if entity == "order_lines" else 0), entity
        assert wanted.total() >= 240


def test_what_was_planted_is_what_is_refused_and_repeated(loaded):
    log = DirtLog(loaded.home)
    for entity, report in loaded.reports.items():
        quarantined = sum(file.rows_quarantined for file in report.files)
        duplicate = sum(file.rows_duplicate for file in report.files)
        assert quarantined == log.expected(loaded.kind.system, entity, "quarantined"), entity
        assert duplicate == log.expected(loaded.kind.system, entity, "duplicate"), entity
        assert all(
            file.rows_read == file.rows_loaded + file.rows_quarantined + file.rows_duplicate
            for file in report.files
        )
        assert not [notice for notice in report.notices if "waits" in notice]


def test_nothing_lands_that_no_pattern_claims(loaded):
    from ingestion.landed_files import unclaimed_files

    entities = loaded.entities
    declaration = load_declaration_file(FILES / f"{loaded.kind.system}.yml", entities)
    assert unclaimed_files(loaded.home / "landing", declaration) == []


def test_history_is_known_when_it_happened_and_a_day_when_it_is_delivered(loaded):
    if loaded.kind is not Surveys:
        return
    known = dict(
        loaded.con.execute("""
            select answered_at < timestamp '2026-04-30 22:00:00', max(known_at - answered_at)
            from raw_files.survey_answers group by all""").fetchall()
    )
    assert known[True].total_seconds() == 0
    assert known[False].total_seconds() > 3600


def test_names_in_the_wrong_encoding_are_counted(tmp_path):
    found = Loaded(Tills, tmp_path, Rates(0, 0, 0, 0, 0.5, 0, 0))
    raw, wanted = comparable(found.raw("customers")), comparable(found.wanted("customers"))
    planted = DirtLog(tmp_path).planted("tills", "customers")["mojibake"]
    assert (raw - wanted).total() == planted > 10
    found.con.close()


@pytest.fixture(scope="module")
def lived():
    """Two months and a day of a small make-believe company."""
    world = World.create(300, 5, load_regime(None), date(2026, 3, 1), date(2026, 4, 30))
    return [*world.months(), world.step(())]


@pytest.mark.parametrize("kind", SYSTEMS, ids=lambda kind: kind.system)
def test_the_declaration_knows_every_word_of_the_make_believe_company(kind, lived, tmp_path):
    """No row of the world is refused: only what the recorder spoiled."""
    system = kind(tmp_path, 11)
    for period, facts in lived:
        system.record(facts, period)
    con, found = load_all(kind, tmp_path)
    con.close()
    log = DirtLog(tmp_path)
    for entity, report in found.items():
        told = sum(facts[entity]["system"].to_pylist().count(kind.system) for _, facts in lived)
        planted = log.planted(kind.system, entity)
        waiting = planted.get("held_row", 0) - planted.get("resent_row", 0)
        assert report.rows_quarantined == log.expected(kind.system, entity, "quarantined"), entity
        if entity != "customers":  # a card that changed twice in a month is told once
            assert report.rows_loaded >= told - waiting > 0 or told == 0, entity


WEBHOOKS = """
system: brevo
description: The log of the webhooks.
owner: crm
files:
  emails:
    entity: message_events
    pattern: webhooks-{month}*.jsonl
    columns:
      message_event_key: {from: [message-id, event, ts_epoch]}
      message_key: message-id
      campaign_key: tag
      channel: {constant: email}
      customer_key: {from: contact_id}
      address: email
      event_type:
        from: event
        map: {request: sent, delivered: delivered, opened: opened, proxy_open: opened,
          click: clicked, soft_bounce: soft_bounced, hard_bounce: hard_bounced, spam: complained,
          unsubscribed: unsubscribed}
      is_machine:
        when:
          - {column: event, is: proxy_open, value: "true"}
          - {column: user_agent, begins_with: LinkScanner/, value: "true"}
        otherwise: "false"
      link_url: link
      occurred_at: {from: ts_epoch, format: epoch_ms}
  texts:
    entity: message_events
    pattern: sms-webhooks-{month}*.jsonl
    columns:
      message_event_key: {from: [messageId, msg_status, ts_epoch]}
      message_key: messageId
      campaign_key: tag
      channel: {constant: sms}
      customer_key: {from: contact_id}
      address: to
      event_type:
        from: msg_status
        map: {sent: sent, delivered: delivered, opened: opened, clicked: clicked,
          soft_bounce: soft_bounced, hard_bounce: hard_bounced, blacklisted: complained,
          unsubscribe: unsubscribed}
      link_url: link
      occurred_at: {from: ts_epoch, format: epoch_ms}
"""


def test_the_log_of_webhooks_tells_every_event_of_a_message_once(tmp_path):
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "brevo.yml").write_text(WEBHOOKS)
    found = Loaded(BrevoWebhooks, tmp_path, CLEAN_NAMES, tmp_path / "files")
    columns = ("message_key", "campaign_key", "channel", "address", "event_type", "link_url")
    kept = f"{', '.join(columns)}, occurred_at, channel = 'email' and is_machine"
    raw = Counter(found.con.execute(f"select {kept} from raw_files.message_events").fetchall())
    wanted = Counter(
        (
            *(plain(row[name]) for name in columns), row["occurred_at"],
            row["channel"] == "email" and row["is_machine"],
        )
        for row in found.facts["message_events"]
    )  # fmt: skip
    assert raw == wanted
    (report,) = found.reports.values()
    assert report.rows_duplicate == DirtLog(tmp_path).expected(
        "brevo", "message_events", "duplicate"
    )
    found.con.close()


def read_json(path):
    return json.loads(path.read_text())
