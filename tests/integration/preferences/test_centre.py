"""The preference centre over HTTP, on a real state database and the gate that exports ask."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from contract.gate import RecordKey
from governance import ledger
from governance.preferences.people import Person
from tests.fixtures.preference_centre import (
    ANNE,
    BERNARD,
    EVERY_TOPIC,
    NOW,
    ONE_CLICK,
    Desk,
    form_in,
    link,
    save,
)


def test_opening_every_page_changes_nothing(desk: Desk) -> None:
    browser = desk.browser()
    for page in ("p", "u"):
        for lang in ("fr", "en"):
            assert browser.get(link(ANNE, page, lang)).status_code == 200
    assert desk.entries(ANNE) == []
    assert desk.events() == []


def test_one_click_unsubscribes_at_once_without_cookie_form_or_redirect(desk: Desk) -> None:
    assert save(desk.browser(), ANNE, channel_email="yes").status_code == 303
    assert desk.allows(ANNE, "email")
    answer = desk.browser().post(link(ANNE, "u"), data=ONE_CLICK, follow_redirects=False)
    assert answer.status_code == 200
    assert "You are unsubscribed" in answer.text
    assert not desk.allows(ANNE, "email")
    assert desk.allows(ANNE, "post")


def test_one_click_may_come_as_multipart(desk: Desk) -> None:
    body = {"List-Unsubscribe": (None, "One-Click")}
    assert desk.browser().post(link(ANNE, "u"), files=body).status_code == 200
    assert {entry.act for entry in desk.entries(ANNE)} == {"withdraw"}


def test_a_withdrawal_is_about_every_record_and_address(desk: Desk) -> None:
    desk.browser().post(link(ANNE, "u"), data=ONE_CLICK)
    about = {(one.source_system, one.customer_key, one.address_hash) for one in desk.entries(ANNE)}
    expected = {("shop", "7", None), ("tills", "L9", None)}
    assert about == expected | {(None, None, "aa"), (None, None, "bb")}


def test_unsubscribing_twice_is_unsubscribing_once(desk: Desk) -> None:
    for _ in range(2):
        assert desk.browser().post(link(ANNE, "u"), data=ONE_CLICK).status_code == 200
    assert len(desk.entries(ANNE)) == 4


def test_stopping_everything_closes_every_channel(desk: Desk) -> None:
    assert desk.allows(ANNE, "post")
    answer = desk.browser().post(link(ANNE, "u"), data={"stop": "all"})
    assert "Everything is stopped" in answer.text
    assert not any(desk.allows(ANNE, channel) for channel in ("email", "sms", "phone", "post"))
    assert desk.allows(BERNARD, "post")


def test_a_yes_after_stopping_everything_says_what_still_stands_in_its_way(desk: Desk) -> None:
    browser = desk.browser()
    browser.post(link(ANNE, "u"), data={"stop": "all"})
    save(browser, ANNE, channel_email="yes")
    assert not desk.allows(ANNE, "email")
    assert "As long as that no stands, nothing is sent" in browser.get(link(ANNE)).text
    save(browser, ANNE, channel_email="yes", purpose_profiling="yes")
    desk.clock.pass_(seconds=1)
    assert desk.allows(ANNE, "email")
    assert not desk.allows(ANNE, "post")
    assert "As long as that no stands" not in browser.get(link(ANNE)).text


def test_a_yes_carries_the_version_of_the_sentence_and_a_proof(desk: Desk) -> None:
    save(desk.browser(), ANNE, lang="fr", channel_sms="yes")
    [entry] = {(one.act, one.wording_key, one.proof is None) for one in desk.entries(ANNE)}
    assert entry[0] == "grant"
    assert entry[1].startswith("preference_centre/channel_sms/fr/")
    assert not entry[2]
    assert desk.allows(ANNE, "sms")


def test_a_yes_after_a_no_counts_though_the_pinned_clock_turned_back(desk: Desk) -> None:
    save(desk.browser(), ANNE, channel_email="no")
    desk.clock.now -= timedelta(hours=3)
    save(desk.browser(), ANNE, channel_email="yes")
    desk.clock.now = NOW + timedelta(hours=1)
    assert desk.allows(ANNE, "email")


def test_only_what_differs_is_written_down(desk: Desk) -> None:
    browser = desk.browser()
    save(browser, ANNE, channel_email="yes", frequency="1", topic_offers="")
    before = (len(desk.entries(ANNE)), len(desk.events()))
    save(browser, ANNE, channel_email="yes", frequency="1", topic_offers="")
    assert (len(desk.entries(ANNE)), len(desk.events())) == before
    said = {(one["kind"], one["name"], one["value"]) for one in desk.events()}
    assert said == {("topic", "offers", "no"), ("frequency", "messages", "1")}


def test_changing_ones_mind_on_the_same_open_page_counts_each_time(desk: Desk) -> None:
    browser, there = desk.browser(), link(ANNE)
    form = form_in(browser.get(there).text)
    for answer, most in (("no", "1"), ("yes", "2"), ("no", "1")):
        desk.clock.pass_(seconds=5)
        browser.post(there, data={"form": form, "channel_post": answer, "frequency": most})
    assert not desk.allows(ANNE, "post")
    last = max(desk.events(), key=lambda one: (one["kind"] == "frequency", one["occurred_at"]))
    assert last["value"] == "1"


def test_a_page_that_stayed_open_takes_no_withdrawal_back(desk: Desk) -> None:
    save(desk.browser(), ANNE, channel_email="yes")
    assert desk.allows(ANNE, "email")
    browser, there = desk.browser(), link(ANNE)
    form = form_in(browser.get(there).text)  # shows "yes" to e-mail
    desk.clock.pass_(minutes=5)
    desk.browser().post(link(ANNE, "u"), data=ONE_CLICK)
    desk.clock.pass_(minutes=5)
    browser.post(there, data={"form": form, "channel_email": "yes", "frequency": "1"})
    assert not desk.allows(ANNE, "email")


def test_stopping_again_after_a_new_yes_stops_again(desk: Desk) -> None:
    desk.browser().post(link(ANNE, "u"), data={"stop": "all"})
    desk.clock.pass_(minutes=5)
    save(desk.browser(), ANNE, channel_email="yes", purpose_profiling="yes")
    assert desk.allows(ANNE, "email")
    desk.clock.pass_(minutes=5)
    desk.browser().post(link(ANNE, "u"), data={"stop": "all"})
    assert not desk.allows(ANNE, "email")


def test_a_no_after_an_expiry_is_written(desk: Desk) -> None:
    ended = [
        ledger.Entry(
            f"e_{number}", record.customer_key, record.source_system, None, "post", "marketing",
            "expire", "scenario", f"s{number}", desk.clock.now, desk.clock.now,
        )
        for number, record in enumerate(ANNE.record_keys)
    ]  # fmt: skip
    ledger.append(desk.engine, ended, now=desk.clock.now)
    desk.clock.pass_(minutes=5)
    assert desk.allows(ANNE, "post")  # a buyer: an expiry is no refusal
    save(desk.browser(), ANNE, channel_post="no")
    assert not desk.allows(ANNE, "post")


def test_a_yes_opens_nobody_who_only_shares_an_address(desk: Desk) -> None:
    save(desk.browser(), ANNE, channel_email="yes")
    spouse = Person("c_00000000000000c3", (RecordKey("shop", "9"),), ANNE.address_hashes)
    assert not desk.allows(spouse, "email")


def test_a_refusal_through_another_door_is_shown(desk: Desk) -> None:
    desk.browser().post(link(ANNE, "u"), data={"stop": "all"})
    page = desk.browser().get(link(ANNE)).text
    for channel in ("email", "sms", "phone", "post"):
        assert f'id="channel_{channel}_no" name="channel_{channel}" value="no" checked' in page


def test_corrections_are_kept_and_not_shown_again(desk: Desk) -> None:
    browser = desk.browser()
    form = form_in(browser.get(link(ANNE)).text)
    there = link(ANNE).replace("?", "/details?")
    told = {"form": form, "email": "anne@new.example", "city": "Lyon"}
    page = browser.post(there, data=told)
    assert page.status_code == 200
    assert "have been passed on" in page.text
    assert "anne@new.example" not in page.text
    assert page.text.count("You corrected this on 01/09/2026.") == 2
    said = {(one["name"], one["value"]) for one in desk.events()}
    assert said == {("email", "anne@new.example"), ("city", "Lyon")}


def test_a_wrong_detail_is_tied_to_its_field_and_nothing_is_kept(desk: Desk) -> None:
    browser = desk.browser()
    form = form_in(browser.get(link(ANNE)).text)
    there = link(ANNE).replace("?", "/details?")
    told = {"form": form, "email": "not an address", "first_name": "Anne"}
    page = browser.post(there, data=told)
    assert page.status_code == 422
    assert 'href="#email"' in page.text
    assert 'aria-invalid="true" aria-describedby="email_note"' in page.text
    assert desk.events() == []


@pytest.mark.parametrize(
    ("asked", "lang"),
    [("fr-CH, en;q=0.8", "fr"), ("de, en;q=0.5, fr;q=0.4", "en"), ("de", "fr"), ("", "fr")],
)
def test_the_page_speaks_the_readers_language(desk: Desk, asked: str, lang: str) -> None:
    there = link(ANNE).partition("?")[0]
    page = desk.browser().get(there, headers={"accept-language": asked})
    assert f'<html lang="{lang}">' in page.text


def test_two_forms_at_a_time_are_one_word(desk: Desk) -> None:
    browser = desk.browser()
    form = form_in(browser.get(link(ANNE)).text)
    data = {"form": form, **EVERY_TOPIC, "channel_email": "yes", "frequency": "2"}
    seen: list[int] = []

    def send() -> None:
        seen.append(browser.post(link(ANNE), data=data, follow_redirects=False).status_code)

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [303] * 6
    assert len(desk.entries(ANNE)) == len(ANNE.record_keys)  # a yes lifts no address's no here
    assert len(desk.events()) == 2
