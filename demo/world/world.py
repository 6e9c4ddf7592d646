"""The make-believe company, lived day by day."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Self

import numpy as np

from demo.world import (
    accounts,
    advertising,
    browsing,
    clickstream,
    companies,
    configurator,
    consents,
    letters,
    messages,
    pipeline,
    returns,
    sales,
    saving,
    service,
    shopping,
    supply,
    truth,
    voices,
)
from demo.world import changes as moves
from demo.world import received as reached
from demo.world.campaigns import EMAIL, PHONE, POST, SMS, Plan, note_campaigns
from demo.world.catalogue import build_catalogue
from demo.world.changes import draw_changes
from demo.world.columns import Words
from demo.world.companies import draw_companies
from demo.world.facts import Facts, Period, Received
from demo.world.leads import draw_leads
from demo.world.people import HORIZON, draw_people
from demo.world.records import draw_records
from demo.world.regime import Regime
from demo.world.seasons import Calendar
from demo.world.stage import Stage, State
from demo.world.tempers import draw_tempers
from demo.world.voices import draw_handles

FIRST_DAY, LAST_DAY = date(2024, 1, 1), date(2026, 6, 30)
CROWD = 50_000
PERSON_DAYS = 2_000_000  # of facts at most in memory, a gigabyte or so
SENDERS = {
    POST: letters.drop,
    EMAIL: messages.send_campaign,
    SMS: messages.send_campaign,
    PHONE: letters.call,
}


class World:
    """A company of make-believe people. Same people, seed and regime: same facts, to the byte."""

    def __init__(self, people: int, seed: int, regime: Regime, days: tuple[date, date]) -> None:
        self.settings = (people, seed, regime, days)
        first_day, self.last_day = days
        count = (self.last_day - first_day).days + 1
        texts = Words()
        crowd = draw_people(seed, people, count, texts)
        tempers = draw_tempers(seed, crowd.count)
        records = draw_records(seed, crowd, tempers, texts)
        catalogue = build_catalogue(seed, count)
        behaviour = regime.build()
        self._changes = draw_changes(seed, crowd, count, texts)
        self._companies = draw_companies(seed, crowd, records, texts)
        self._leads = draw_leads(seed, crowd, records, catalogue, count)
        self._handles = draw_handles(seed, crowd, texts)
        self.stage = Stage(
            seed=seed,
            calendar=Calendar(first_day, catalogue),
            days=count,
            texts=texts,
            people=crowd,
            tempers=tempers,
            records=records,
            catalogue=catalogue,
            behaviour=behaviour,
            state=State.begin(behaviour, crowd, catalogue),
        )
        self._plan = Plan(self.stage.calendar, count + HORIZON)

    @classmethod
    def create(
        cls, people: int, seed: int, regime: Regime, first_day: date, last_day: date
    ) -> Self:
        """A new company on the eve of its first day."""
        return cls(people, seed, regime, (first_day, last_day))

    @classmethod
    def load(cls, folder: Path) -> Self:
        """The company saved in a folder, as it was. Raises FileNotFoundError where none was."""
        world = cls(*saving.read_settings(folder))
        saving.restore(folder, world.stage)
        world._catch_up()
        return world

    def save(self, folder: Path) -> None:
        """Keep the company in a folder."""
        saving.save(folder, self.settings, self.stage)

    def write_truth(self, period: Period, facts: Facts, folder: Path) -> None:
        """Write the truth of a period just lived and, after the history, that of everybody.

        For a crowd, the truth of everybody is written at the end of a month only.
        """
        truth.write_period(self.stage, period, facts, folder)
        is_small = self.stage.people.count < CROWD
        is_month_end = (period.last_day + timedelta(days=1)).day == 1
        is_after = not period.is_history and (is_small or is_month_end)
        if is_after or period.last_day == self.last_day:
            truth.write_state(self.stage, folder)

    @property
    def today(self) -> date:
        """The last day that was lived; the day before the first one at the start."""
        return self.stage.calendar.on(self.stage.day - 1)

    def months(self) -> Iterator[tuple[Period, Facts]]:
        """The history not lived yet, month by month, to its last day.

        A month of a crowd is told in several parts, so that memory stays bounded.
        """
        longest = max(1, PERSON_DAYS // self.stage.people.count)
        while self.today < self.last_day:
            start = self.today + timedelta(days=1)
            self.stage.contacts.clear()
            for _ in range(longest):
                self._live(())
                following = self.today + timedelta(days=1)
                if following.day == 1 or self.today == self.last_day:
                    break
            yield Period(start, self.today, is_history=True), self.stage.journal.close()

    def step(self, received: Sequence[Received] = ()) -> tuple[Period, Facts]:
        """One more day; received: messages that Habitué delivered since the last one.

        Raises ValueError a year after the history: nobody was drawn who comes later.
        """
        if self.stage.day >= self.stage.days + HORIZON:
            raise ValueError(
                f"the make-believe company ends on {self.today}: nobody comes after that day. "
                "Make a new one with a later last day."
            )
        self.stage.contacts.clear()
        self._live(received)
        period = Period(self.today, self.today, is_history=self.today <= self.last_day)
        return period, self.stage.journal.close()

    def _live(self, received: Sequence[Received]) -> None:
        stage = self.stage
        stage.journal.turn_to(stage.day)
        supply.live(stage)
        note_campaigns(stage, self._plan)
        companies.live(stage, self._companies)
        accounts.live(stage, self._changes, self._companies)
        consents.live(stage)
        for campaign in self._plan.on(stage.day):
            SENDERS[campaign.channel](stage, campaign)
        if received:
            reached.live(stage, received)
        letters.live(stage, self._plan.campaigns)
        clicks = messages.react(stage)
        shopping.live(stage, self._plan, clicks)
        pipeline.live(stage, *self._leads, self._companies)
        configurator.live(stage, self._leads[0])
        browsing.live(stage, clicks)
        clickstream.live(stage)
        returns.live(stage)
        sales.cancel(stage)
        sales.try_out(stage)
        service.live(stage)
        voices.live(stage, self._handles)
        advertising.live(stage)
        self._tire()
        stage.day += 1

    def _catch_up(self) -> None:
        """What changes brought to people and records before the world was saved."""
        stage, changes = self.stage, self._changes
        past = np.flatnonzero(changes.day < stage.day)
        moves.happen(stage.seed, changes, past, stage.people, stage.records)

    def _tire(self) -> None:
        """The night: effects fade, and some are weary enough to leave."""
        stage, state = self.stage, self.stage.state
        leaves = stage.rng("leaving").random(stage.people.count)
        tired = (leaves < stage.behaviour.leaving(stage.view())) & stage.present()
        state.leaving[tired] = stage.day + 1
        state.memory = stage.behaviour.after_a_day(state.memory)


__all__ = ["FIRST_DAY", "LAST_DAY", "Period", "Received", "World"]
