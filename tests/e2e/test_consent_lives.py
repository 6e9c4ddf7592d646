"""Random lives through whole runs: no payload of a tool names anybody who was not allowed then."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest

from contract.gate import RecordKey
from demo.bench.consent_reference import Said
from demo.tool import Running, serve
from governance.ledger import Entry, append, entry_id
from governance.preferences.say import STOP_EMAIL, STOP_EVERYTHING, Act, Desk
from governance.split_people import founded_id
from identity import overrides
from orchestration.house import open_state
from orchestration.preferences import find_person
from orchestration.settings import Settings
from tests.fixtures.command import habitue
from tests.fixtures.consent_lives import Life, Town

SEED, LIVES = 20260811, 40
DAYS = tuple(date(2026, 8, one) for one in (3, 7, 12))
ERASED_BEFORE = DAYS[2]
SECRET = "a shared secret"  # noqa: S105
CHANNELS = {"letters": "post", "mails": "email"}
SEGMENT = """\
title: {en: "Everybody", fr: "Tout le monde"}
description: {en: "Everybody with an address.", fr: "Toute personne avec une adresse."}
owner: crm
where: {all: [{column: has_email, is: true}]}
"""
CAMPAIGN = """\
title: {{en: "News", fr: "Nouvelles"}}
segments: [everybody]
channel: {channel}
purpose: marketing
destination: {destination}
mode: mirror
priority: 10
approve: automatic
"""


def _last_evening(day: date) -> datetime:
    """Before the run whatever the hour at which the test is started: a pinned day keeps it."""
    return datetime.combine(day - timedelta(days=1), time(23, 30))


@dataclass
class Company:
    """The town under one home, and the tool that is sent what its runs decide."""

    root: Path
    running: Running
    town: Town = field(init=False)
    seen: int = 0

    def __post_init__(self) -> None:
        self.town = Town(self.root / "var", SEED, LIVES)
        self.town.declare(self.root / "declarations")
        for folder in ("segments", "campaigns"):
            (self.root / folder).mkdir()
        (self.root / "segments" / "everybody.yml").write_text(SEGMENT)
        for name, channel, tool in [
            ("letters", "post", "mail_house_key"), ("mails", "email", "email_tool"),
        ]:  # fmt: skip
            told = CAMPAIGN.format(channel=channel, destination=tool)
            (self.root / "campaigns" / f"{name}.yml").write_text(told)

    def environment(self, day: date) -> dict[str, str]:
        return {
            "HABITUE_DECLARATIONS": str(self.root / "declarations"),
            "HABITUE_SEGMENTS_DIR": str(self.root / "segments"),
            "HABITUE_CAMPAIGNS_DIR": str(self.root / "campaigns"),
            "HABITUE_AS_OF": day.isoformat(),
            "HABITUE_WEBHOOK_URL": self.running.url,
            "HABITUE_WEBHOOK_SECRET": SECRET,
        }

    def settings(self, day: date) -> Settings:
        return Settings.model_validate({"home": self.town.home, "as_of": day})

    def run(self, day: date) -> None:
        self.town.land(day)
        done = habitue(self.town.home, "run", more=self.environment(day))
        assert done.code == 0, done.output[-4000:]
        self.town.hear(day)

    def sent(self) -> list[tuple[str, str]]:
        """(campaign, key of a record) of every row that a tool was given since the last look."""
        effects = self.running.tool.effects()
        new, self.seen = effects[self.seen :], len(effects)
        return [(campaign, key) for campaign, effect, key in new if effect != "remove"]

    def held(self) -> list[tuple[str, str]]:
        return [(one, key) for one in CHANNELS for key in self.running.tool.members(one)]

    def forbidden(self, rows: list[tuple[str, str]], day: date) -> list[tuple[str, str]]:
        return [row for row in rows if not self.town.may(row[1], CHANNELS[row[0]], day)]

    # -- between two runs, what no file tells ----------------------------------------------------

    def decide(self, life: Life, day: date) -> None:
        """Somebody signs that the two are two people, or takes it back."""
        kind = "withdrawn" if life.is_parted else "never_same"
        one, other = ("|".join(record) for record in life.records)
        row = overrides.Decision(kind, one, other, "Test", day, "a life")
        overrides.append(self.town.home / "identity" / "overrides.csv", row)
        life.is_parted = not life.is_parted

    def write(self, life: Life, day: date) -> None:
        """An end of a yes, or a notice at a till, written down by the product itself."""
        act, at = life.chance.choice(("expire", "inform")), _last_evening(day)
        system, key = life.records[0]
        entry = Entry(
            entry_id("test", f"{key} {day} {act}"), key, system, None, "email", "marketing", act,
            "test", f"{key} {day} {act}", at, at,
        )  # fmt: skip
        with open_state(self.settings(day)) as engine:
            append(engine, [entry], now=at)
        self.town.tell(Said((system, key), "email", "marketing", act, at))

    def stop(self, life: Life, day: date) -> None:
        """Who was written to uses the link of the e-mail, the newest or an old one."""
        act: Act = life.chance.choice((STOP_EMAIL, STOP_EVERYTHING))
        at = _last_evening(day)
        with open_state(self.settings(day)) as engine:
            person = find_person(engine, founded_id(RecordKey(*life.records[0])))
            if person is None:
                return
            Desk(engine, at).stop(person, act)
        for record in person.record_keys:
            subject = (record.source_system, record.customer_key)
            self.town.tell(Said(subject, act.channel, act.purpose, act.act, at))

    def erase(self, life: Life, day: date) -> None:
        words = ("person", "erase", "|".join(life.records[0]), "--by", "dpo", "--because", "1")
        done = habitue(self.town.home, *words, "--yes", more=self.environment(day))
        assert done.code == 0, done.output[-4000:]
        life.is_erased = True

    def live(self, day: date, *, is_first: bool) -> None:
        for life in self.town.lives:
            for _ in range(life.chance.randint(1, 3)):
                self.town.live(life, day)
            if is_first or life.is_erased:
                continue
            for happens, share in ((self.decide, 0.2), (self.write, 0.15), (self.stop, 0.15)):
                if life.chance.random() < share:
                    happens(life, day)
        if day == ERASED_BEFORE:
            whole = [life for life in self.town.lives if not life.is_parted and life.was_parted]
            self.erase((whole or self.town.lives)[0], day)


@pytest.fixture
def company(tmp_path: Path) -> Iterator[Company]:
    with serve(tmp_path / "outside", 0, SECRET) as running:
        yield Company(tmp_path, running)


@pytest.mark.slow
def test_no_payload_names_anybody_who_was_not_allowed_at_send_time(company: Company) -> None:
    print(f"seed {SEED}")  # noqa: T201
    town, sent = company.town, 0
    for day in DAYS:
        company.live(day, is_first=day == DAYS[0])
        company.run(day)
        rows = company.sent()
        sent += len(rows)
        assert company.forbidden(rows, day) == [], day
        assert company.forbidden(company.held(), day) == [], day
        if day == DAYS[0]:  # nobody is capped yet: whoever may be written to is
            assert len(company.held()) == town.count_allowed(CHANNELS.values(), day)
    assert sent > LIVES // 2
