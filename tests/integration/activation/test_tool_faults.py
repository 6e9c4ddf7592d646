"""What a tool can do wrong: each row ends in one state, and has one effect at most."""

from collections import Counter
from dataclasses import replace

import pytest

from activation import webhook
from activation.destination import DeliveryFailed
from demo.tool import Fault, Running
from tests.fixtures.small_company import LETTER, Company

WANTED = "net_amount >= 1500 or is_silence_unusual"
RECOVERED = {
    "too many requests, for a second": Fault(429, {"Retry-After": "0"}),
    "too many requests, until a date": Fault(429, {"Retry-After": "Mon, 01 Jan 2018 00:00:00 GMT"}),
    "server error": Fault(500),
    "bad gateway": Fault(502, body=b"<html>"),
    "line closed": Fault(0),
    "line closed after the rows were taken": Fault(0, is_after_effect=True),
    "server error after the rows were taken": Fault(503, is_after_effect=True),
    "an answer that is no JSON": Fault(body=b"<html>fine</html>"),
    "an answer without results": Fault(body=b'{"ok": true}'),
}


def once_each(running: Running) -> bool:
    return max(Counter(running.tool.effects()).values()) == 1


@pytest.mark.parametrize("fault", RECOVERED.values(), ids=RECOVERED.keys())
def test_a_passing_fault_is_retried_with_the_same_keys(
    company: Company, running: Running, fault: Fault
) -> None:
    running.tool.faults.append(fault)
    _, [delivery] = company.run(LETTER)
    assert delivery.is_success
    assert set(running.tool.members("letter")) == company.keys(WANTED)
    assert once_each(running)


def test_a_tool_that_stays_down_leaves_every_row_due_for_the_next_run(
    company: Company, running: Running
) -> None:
    running.tool.always = Fault(500)
    [plan], [delivery] = company.run(LETTER)
    assert delivery.due_count == plan.add_count
    assert not delivery.is_success
    running.tool.always = Fault()
    [again], [delivery] = company.run(LETTER)
    assert again.plan_id == plan.plan_id
    assert delivery.is_success
    assert once_each(running)


def test_a_tool_that_asks_for_an_hour_is_left_alone(company: Company, running: Running) -> None:
    running.tool.always = Fault(429, {"Retry-After": "3600"})
    _, [delivery] = company.run(LETTER)
    assert running.tool.request_count == 1
    assert delivery.due_count > 0


def test_rows_missing_from_an_answer_stay_due(company: Company, running: Running) -> None:
    forgotten = min(company.keys(WANTED))
    running.tool.faults.append(Fault(207, forgotten=frozenset({forgotten})))
    [plan], [delivery] = company.run(LETTER)
    assert (delivery.due_count, delivery.added_count) == (1, plan.add_count - 1)
    _, [delivery] = company.run(LETTER)
    assert (delivery.is_success, delivery.added_count) == (True, 1)
    assert once_each(running)


def test_a_rejected_row_is_counted_and_stays_due(company: Company, running: Running) -> None:
    refused = min(company.keys(WANTED))
    running.tool.always = Fault(207, rejected=frozenset({refused}))
    [plan], [delivery] = company.run(LETTER)
    assert delivery.rejected_count == 1
    assert sum(delivery.waterfall.values()) == plan.matched_count
    [second], [delivery] = company.run(LETTER)
    assert (second.outcomes()["rejected"], delivery.rejected_count) == (1, 1)
    assert sum(delivery.waterfall.values()) == plan.matched_count
    running.tool.always = Fault()
    _, [delivery] = company.run(LETTER)
    assert delivery.is_success
    [last], deliveries = company.run(LETTER)
    assert (last.outcomes()["rejected"], deliveries) == (0, [])


def test_a_refused_batch_is_split_until_the_bad_row_is_found(
    company: Company, running: Running
) -> None:
    running.tool.always = Fault(poison=min(company.keys(WANTED)))
    [plan], [delivery] = company.run(LETTER)
    assert (delivery.rejected_count, delivery.added_count) == (1, plan.add_count - 1)
    assert once_each(running)


def test_many_batches_with_faults_between_them_lose_and_double_nothing(
    company: Company, running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook, "BATCH_SIZE", 4)
    running.tool.faults.extend([Fault(), Fault(500), Fault(0, is_after_effect=True)])
    running.tool.faults.extend([Fault(), Fault(429)])
    _, [delivery] = company.run(LETTER)
    assert delivery.is_success
    assert set(running.tool.members("letter")) == company.keys(WANTED)
    assert once_each(running)


@pytest.mark.parametrize("status", [301, 401, 403, 404])
def test_a_refused_secret_or_a_moved_address_stops_the_delivery(
    company: Company, running: Running, status: int
) -> None:
    running.tool.always = Fault(status, {"Location": "http://127.0.0.1:1/"})
    with pytest.raises(DeliveryFailed, match=str(status)):
        company.run(LETTER)
    assert running.tool.effects() == []


def test_a_wrong_signature_is_refused_by_the_tool(company: Company, running: Running) -> None:
    company.settings = replace(company.settings, webhook_secret="another")  # noqa: S106
    with pytest.raises(DeliveryFailed, match="401"):
        company.run(LETTER)
    company.settings = replace(company.settings, clock=lambda: 1.0)
    with pytest.raises(DeliveryFailed, match="401"):
        company.run(LETTER)
    assert running.tool.effects() == []
