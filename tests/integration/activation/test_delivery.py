"""The road from a segment to a tool, over real HTTP on loopback."""

from dataclasses import replace

import pytest

from activation import webhook
from activation.apply import apply_plan, approve_plan
from activation.arbitration import OUTCOMES
from activation.caps import Cap
from activation.destination import ContactRow, DeliveryFailed
from contract.errors import ConfigError
from demo.tool import Fault, Running
from tests.fixtures.small_company import FILES, LETTER, OFFER, Company

WANTED = "net_amount >= 1500 or is_silence_unusual"


def test_household_keys_reach_the_mail_house_with_their_reasons(
    company: Company, running: Running
) -> None:
    [plan], [delivery] = company.run(LETTER)
    members = running.tool.members("letter")
    assert set(members) == company.keys(WANTED)
    assert delivery.is_success
    assert delivery.added_count == plan.matched_count == len(members)
    one = members[min(company.keys("net_amount >= 1500"))]
    assert one["consent_basis"] == "legitimate_interest"
    assert one["reason_en"].startswith("net amount: ")
    assert one["rule_fr"].startswith("Clients avec ")
    assert one["data_as_of"] == "2017-12-31 23:00:00"
    assert "email" not in one


def test_a_second_run_with_nothing_new_delivers_nothing(company: Company, running: Running) -> None:
    [first], _ = company.run(LETTER)
    count = running.tool.request_count
    [second], deliveries = company.run(LETTER)
    assert (second.status, deliveries) == ("nothing", [])
    assert running.tool.request_count == count
    assert second.waterfall == first.waterfall


@pytest.mark.parametrize(
    ("channel", "destination", "outcome"),
    [("email", "email_tool", "no_consent"), ("post", "mail_house_address", "unreachable")],
)
def test_nobody_is_sent_where_it_is_not_lawful_or_not_possible(
    company: Company, running: Running, channel: str, destination: str, outcome: str
) -> None:
    campaign = replace(LETTER, channel=channel, destination=destination)
    [plan], deliveries = company.run(campaign)
    assert plan.outcomes()[outcome] == plan.matched_count > 0
    assert (deliveries, running.tool.request_count) == ([], 0)


@pytest.mark.parametrize("country", ["BE", "FR", None])
def test_an_objection_to_a_number_without_its_country_stops_its_owner(
    company: Company, running: Running, country: str | None
) -> None:
    key = min(company.keys(WANTED))
    company.con.execute(
        "insert into intermediate.int_customers__versioned (source_system, customer_key, phone, "
        "country) values ('loyalty', ?, '0470 12 34 56', ?)",
        [key, country],
    )
    company.con.execute(
        "insert into staging.stg_files__objections values ('letters', 'o1', null, "
        "'0470/12.34.56', 'all', 'marketing', '2017-12-01', '2017-12-02')"
    )
    company.run(LETTER)
    assert set(running.tool.members("letter")) == company.keys(WANTED) - {key}


def test_sms_lists_come_out_empty_too(company: Company) -> None:
    [plan], _ = company.run(replace(FILES, channel="sms"))
    assert plan.outcomes()["no_consent"] == plan.matched_count > 0
    assert not list((company.home / "exports").glob("*/*.xlsx"))


def test_an_objection_removes_at_the_next_run(company: Company, running: Running) -> None:
    company.run(LETTER)
    objector = min(running.tool.members("letter"))
    company.next_day()
    company.object_to_post(objector)
    [plan], [delivery] = company.run(LETTER)
    assert plan.outcomes()["no_consent"] == 1
    assert delivery.removed_count == 1
    assert objector not in running.tool.members("letter")


def test_an_objection_between_plan_and_apply_is_not_sent(
    company: Company, running: Running
) -> None:
    company.take_objections()
    [plan] = company.plan(LETTER)
    objector = min(company.keys(WANTED))
    company.object_to_post(objector)
    [delivery] = company.apply()
    assert objector not in running.tool.members("letter")
    assert delivery.cancelled_count == 1
    assert sum(delivery.waterfall.values()) == plan.matched_count
    moved = sum(count for (_, name), count in delivery.waterfall.items() if name == "no_consent")
    assert moved == 1


def test_an_objection_between_plan_and_apply_removes_who_was_delivered_before(
    company: Company, running: Running
) -> None:
    company.run(LETTER)
    objector, bystander = sorted(running.tool.members("letter"))[:2]
    company.next_day()
    company.con.execute(
        "delete from marts.customer_360 where customer_key = ?", [bystander]
    )  # gives the plan a row
    company.take_objections()
    company.plan(LETTER)
    company.object_to_post(objector)
    [delivery] = company.apply()
    assert delivery.removed_count == 2
    assert not {objector, bystander} & set(running.tool.members("letter"))


def test_an_objection_during_the_delivery_stops_later_batches_and_takes_back_earlier_ones(
    company: Company, running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook, "BATCH_SIZE", 5)
    keys = sorted(company.keys(WANTED))
    company.take_objections()
    company.plan(LETTER)

    def withdraw() -> None:
        for key in (keys[0], keys[-1]):
            company.object_to_post(key)

    running.tool.faults.append(Fault(pause=withdraw))
    [delivery] = company.apply()
    sent = {key for _, effect, key in running.tool.effects() if effect == "add"}
    assert keys[-1] not in sent
    assert not {keys[0], keys[-1]} & set(running.tool.members("letter"))
    assert (delivery.cancelled_count, delivery.removed_count) == (1, 1)


def test_in_add_mode_leaving_the_segment_keeps_and_objecting_removes(
    company: Company, running: Running
) -> None:
    add = replace(LETTER, mode="add")
    company.run(add)
    leaver, objector = sorted(running.tool.members("letter"))[:2]
    company.next_day()
    company.con.execute(
        "update marts.customer_360 set net_amount = 1, is_silence_unusual = false "
        "where customer_key in (?, ?)", [leaver, objector],
    )  # fmt: skip
    company.object_to_post(objector)
    company.run(add)
    members = set(running.tool.members("letter"))
    assert leaver in members
    assert objector not in members


def test_a_manual_campaign_waits_for_its_approval(company: Company, running: Running) -> None:
    [plan], deliveries = company.run(replace(LETTER, approve="manual"))
    assert (plan.status, deliveries) == ("waiting", [])
    assert plan.plan_id is not None
    with pytest.raises(ConfigError, match="it is waiting"):
        apply_plan(
            company.engine, company.gate, plan.plan_id, settings=company.settings, now=company.now
        )
    approve_plan(company.engine, plan.plan_id, by="anna", now=company.now)
    [again] = company.plan(replace(LETTER, approve="manual"))
    assert again.plan_id == plan.plan_id
    company.apply()
    assert len(running.tool.members("letter")) == plan.add_count


def test_a_change_that_is_too_large_waits(company: Company) -> None:
    careful = replace(LETTER, max_change_share=0.2)
    company.run(careful)
    company.next_day()
    company.con.execute("update marts.customer_360 set net_amount = 1, is_silence_unusual = false")
    [plan], deliveries = company.run(careful)
    assert (plan.status, deliveries) == ("waiting", [])
    assert plan.reason == "changes 100% of the rows, limit 20%"


def test_the_control_group_is_stable_and_not_sent(company: Company, running: Running) -> None:
    tested = replace(LETTER, control_share=0.4)
    [first], _ = company.run(tested)
    held = first.outcomes()["held_out"]
    assert 0 < held < first.matched_count
    assert len(running.tool.members("letter")) == first.matched_count - held
    company.next_day()
    [later], deliveries = company.run(tested)
    assert (later.outcomes()["held_out"], deliveries) == (held, [])


def test_caps_conflicts_and_questions_each_keep_somebody_out(company: Company) -> None:
    company.caps = {"post": Cap(1, 28)}
    rich = company.con.execute(
        "select customer_id from marts.customer_360 where net_amount >= 1500 order by 1"
    ).fetchall()
    company.questions = frozenset({rich[0][0]})
    first = replace(LETTER, segments=("rich",), offer=OFFER)
    same_offer = replace(first, name="second", priority=20)
    no_offer = replace(first, name="third", priority=30, offer=None)
    plans, _ = company.run(first, same_offer, no_offer)
    count = len(rich)
    assert plans[0].outcomes() | {"open_question": 1, "sent": count - 1} == plans[0].outcomes()
    assert plans[1].outcomes()["conflict"] == count - 1
    assert plans[2].outcomes()["capped"] == count - 1
    company.next_day()
    again, deliveries = company.run(first, same_offer, no_offer)
    assert [plan.waterfall for plan in again] == [plan.waterfall for plan in plans]
    assert deliveries == []


def test_the_waterfall_is_stored_and_sums_to_matched(company: Company) -> None:
    [plan], _ = company.run(replace(LETTER, control_share=0.2))
    rows = company.con.execute(
        "select outcome, sum(row_count) from segments.waterfalls group by outcome"
    ).fetchall()
    assert {name for name, _ in rows} == set(OUTCOMES)
    assert sum(count for _, count in rows) == plan.matched_count


def test_a_row_without_a_gates_decision_cannot_be_built() -> None:
    with pytest.raises(TypeError, match="ask a Gate"):
        ContactRow("yes", "c_1", "add", "k", {})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "url",
    ["http://example.com/x", "https://127.0.0.1/x", "https://169.254.169.254/", "https://[::1]/",
     "https://10.0.0.8/", "https://2130706433/", "https://0x7f000001/", "https://0x7f.1/",
     "file:///etc/passwd", "https://u:p@example.com/",
     None, ""],
)  # fmt: skip
def test_rows_are_sent_to_public_https_only(url: str | None) -> None:
    with pytest.raises(DeliveryFailed, match="HABITUE_WEBHOOK_URL"):
        webhook.check_url(url, is_loopback_allowed=False)
