"""A refusal takes out at once, whatever waits; a ledger that cannot tell takes out nobody."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest

from activation.campaigns import Campaign
from activation.withdrawals import Today, unapplied
from demo.tool import Running
from governance.withdrawals import age_of_oldest
from orchestration import delivering
from orchestration.delivering import Desk, Outcome, Playbook
from tests.fixtures.small_company import FILES, KEY, LETTER, Company

BY_HAND = replace(LETTER, approve="manual")
Deliver = Callable[[Campaign], Outcome]


@pytest.fixture
def deliver(company: Company, monkeypatch: pytest.MonkeyPatch) -> Deliver:
    monkeypatch.setattr(delivering, "read_pseudonym_key", lambda _: KEY)
    monkeypatch.setattr(delivering, "delivery_settings", lambda *_: company.settings)

    @contextmanager
    def connect() -> Iterator[duckdb.DuckDBPyConnection]:
        yield company.con

    def one(campaign: Campaign) -> Outcome:
        house: Any = SimpleNamespace(
            settings=SimpleNamespace(webhook_url=company.settings.webhook_url),
            warehouse=SimpleNamespace(connect=connect),
            clock=company.now,
            as_of=company.as_of,
            run_id="run",
        )
        playbook = Playbook(
            company.settings.columns, company.segments, company.destinations, [campaign]
        )
        desk = Desk(house, playbook, company.engine, company.gate)
        [outcome] = delivering.deliver(desk, [campaign.name], lambda _: None)
        return outcome

    return one


@pytest.mark.parametrize("later", [BY_HAND, replace(LETTER, max_change_share=0.0)])
def test_an_objector_leaves_the_tool_while_the_plan_waits(
    company: Company, running: Running, deliver: Deliver, later: Campaign
) -> None:
    company.run(LETTER)
    before = set(running.tool.members("letter"))
    objector, leaver = sorted(before)[:2]
    company.next_day()
    company.con.execute(
        "update marts.customer_360 set net_amount = 1, is_silence_unusual = false "
        "where customer_key = ?", [leaver],
    )  # fmt: skip
    company.object_to_post(objector)
    [plan] = company.plan(later)
    outcome = deliver(later)
    assert plan.status == "waiting"
    assert (outcome.metadata["removed"], outcome.is_success) == (1, True)
    assert set(running.tool.members("letter")) == before - {objector}
    count = running.tool.request_count
    assert deliver(later).metadata["status"] == "nothing to send"
    assert company.plan(later)[0].remove_count == 1  # the leaver waits for a person
    assert running.tool.request_count == count


def test_a_withdrawal_that_was_not_answered_is_sent_at_the_next_run(
    company: Company, running: Running, deliver: Deliver
) -> None:
    company.run(LETTER)
    objector = min(running.tool.members("letter"))
    company.next_day()
    company.object_to_post(objector)
    address = company.settings.webhook_url
    company.settings = replace(
        company.settings, webhook_url="http://127.0.0.1:9/", retry_attempts=1
    )
    company.plan(BY_HAND)
    assert not deliver(BY_HAND).is_success
    company.settings = replace(company.settings, webhook_url=address)
    company.plan(BY_HAND)
    assert deliver(BY_HAND).is_success
    assert objector not in running.tool.members("letter")


def test_the_objection_of_who_holds_the_records_now_counts_for_an_id_merged_away(
    company: Company, running: Running, deliver: Deliver
) -> None:
    company.run(LETTER)
    gone, holder = sorted(running.tool.members("letter"))[:2]
    company.con.execute(
        "update intermediate.int_identity__resolved set customer_id = (select customer_id "
        "from marts.customer_360 where customer_key = ?) where customer_key = ?", [holder, gone],
    )  # fmt: skip
    company.con.execute("delete from marts.customer_360 where customer_key = ?", [gone])
    company.next_day()
    company.plan(BY_HAND)
    deliver(BY_HAND)
    assert {gone, holder} <= set(running.tool.members("letter"))
    company.object_to_post(holder)
    deliver(BY_HAND)
    assert not {gone, holder} & set(running.tool.members("letter"))


def test_an_objector_leaves_a_file_while_its_plan_waits(company: Company, deliver: Deliver) -> None:
    company.run(FILES)
    path = company.settings.exports_dir / "rich" / "machine" / "rich.csv"
    before = path.read_text(encoding="utf-8").splitlines()
    objector = min(company.keys("net_amount >= 1500"))
    company.next_day()
    company.object_to_post(objector)
    by_hand = replace(FILES, approve="manual")
    company.plan(by_hand)
    assert deliver(by_hand).metadata["removed"] == 1
    after = path.read_text(encoding="utf-8").splitlines()
    assert len(after) == len(before) - 1
    assert not any(objector in line for line in after)


@pytest.mark.parametrize("later", [LETTER, BY_HAND, replace(LETTER, mode="add")])
@pytest.mark.parametrize("trouble", ["stale", "unreadable"])
@pytest.mark.parametrize("is_planned_before", [True, False])
def test_a_ledger_that_cannot_tell_sends_nobody_and_takes_out_nobody(  # noqa: PLR0917
    company: Company,
    running: Running,
    deliver: Deliver,
    later: Campaign,
    trouble: str,
    monkeypatch: pytest.MonkeyPatch,
    is_planned_before: bool,
) -> None:
    company.run(LETTER)
    before = running.tool.members("letter")
    company.next_day()
    company.con.execute("update marts.customer_360 set net_amount = 2000")
    if is_planned_before:
        company.plan(later)
    if trouble == "stale":
        company.now += timedelta(days=7)
    else:
        monkeypatch.setattr("governance.gate.last_taken_at", lambda _: 1 / 0)
    if not is_planned_before:
        company.plan(later)
    outcome = deliver(later)
    said = str(outcome.metadata)
    assert running.tool.members("letter") == before
    assert ("ledger_stale" if trouble == "stale" else "ledger_error") in said
    assert "nobody taken out" in said
    assert not outcome.is_success


def test_a_refusal_that_a_tool_does_not_follow_ages_until_it_does(
    company: Company, running: Running, deliver: Deliver
) -> None:
    company.run(LETTER)
    objector = min(running.tool.members("letter"))
    assert unapplied_age(company) == (0, None)
    company.object_to_post(objector)
    company.now += timedelta(hours=25)
    assert unapplied_age(company) == (1, timedelta(hours=25))
    company.plan(LETTER)
    deliver(LETTER)
    assert unapplied_age(company) == (0, None)


def unapplied_age(company: Company) -> tuple[int, timedelta | None]:
    today = Today(company.con, company.now, company.as_of, "run", KEY)
    found = unapplied(company.engine, company.gate, today)
    ids = [one.entry_id for one in found]
    return len(found), age_of_oldest(company.engine, ids, company.now)
