"""A link in an e-mail from before a parting: no for everything, yes for one's own only."""

from __future__ import annotations

from dataclasses import replace

import pytest

from contract.gate import RecordKey
from governance.preferences.people import Person
from tests.fixtures import preference_centre
from tests.fixtures.preference_centre import ANNE, ONE_CLICK, Desk, form_in, link, save

OTHER = Person("c_00000000000000d4", (RecordKey("tills", "L9"),), ("bb",))
PARTED = Person(ANNE.customer_id, ANNE.record_keys[:1], ("aa",), OTHER.record_keys, ("bb",))


@pytest.fixture
def parted(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setitem(preference_centre.PEOPLE, ANNE.customer_id, PARTED)
    return desk


def test_a_yes_is_about_the_records_that_are_still_the_persons(parted: Desk) -> None:
    save(parted.browser(), ANNE, channel_email="yes", frequency="1")
    assert {one.customer_key for one in parted.entries(ANNE)} == {"7"}
    assert {event["customer_key"] for event in parted.events()} == {"7"}
    assert parted.allows(PARTED, "email")
    assert not parted.allows(OTHER, "email")


def test_a_yes_lifts_no_refusal_of_an_address_that_left(parted: Desk) -> None:
    parted.browser().post(link(ANNE, "u"), data=ONE_CLICK)
    parted.clock.pass_(minutes=5)
    save(parted.browser(), ANNE, channel_email="yes")
    granted = {(e.customer_key, e.address_hash) for e in parted.entries(ANNE) if e.act == "grant"}
    assert granted == {("7", None), (None, "aa")}
    assert parted.allows(PARTED, "email")


def test_a_detail_is_about_the_persons_own_record(parted: Desk) -> None:
    browser = parted.browser()
    form = form_in(browser.get(link(ANNE)).text)
    browser.post(link(ANNE).replace("?", "/details?"), data={"form": form, "city": "Lyon"})
    assert [event["customer_key"] for event in parted.events()] == ["7"]


def test_a_withdrawal_reaches_all_that_the_mail_was_sent_to(parted: Desk) -> None:
    for _ in range(2):
        parted.browser().post(link(ANNE, "u"), data=ONE_CLICK)
    about = {(one.customer_key, one.address_hash) for one in parted.entries(ANNE)}
    assert about == {("7", None), ("L9", None), (None, "aa"), (None, "bb")}
    assert len(parted.entries(ANNE)) == 4


def test_a_link_that_stands_for_nobody_of_its_own_may_only_stop(
    parted: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    nobody = replace(PARTED, record_keys=(), departed_records=ANNE.record_keys)
    monkeypatch.setitem(preference_centre.PEOPLE, ANNE.customer_id, nobody)
    page = parted.browser().get(link(ANNE))
    assert page.status_code == 410
    assert "This link changes nothing any more" in page.text
    assert 'value="all"' in page.text
    parted.browser().post(link(ANNE, "u"), data={"stop": "all"})
    assert not parted.allows(OTHER, "email")
