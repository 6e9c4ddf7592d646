"""Who may speak through the pages, how often, and what they give away: nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from governance.preferences.guards import MOST_BYTES
from governance.preferences.links import VALID_FOR
from tests.fixtures.preference_centre import (
    ANNE,
    BERNARD,
    LINKS,
    NOW,
    ONE_CLICK,
    Desk,
    form_in,
    link,
    save,
)


def test_a_form_without_the_cookie_of_its_page_is_refused(desk: Desk) -> None:
    form = form_in(desk.browser().get(link(ANNE)).text)
    answer = desk.browser().post(link(ANNE), data={"form": form, "channel_email": "yes"})
    assert answer.status_code == 403
    assert desk.entries(ANNE) == []


@pytest.mark.parametrize("form", ["", "x", "WyJhIl0.x.y"])
def test_a_forged_form_is_refused(desk: Desk, form: str) -> None:
    browser = desk.browser()
    browser.get(link(ANNE))
    assert browser.post(link(ANNE), data={"form": form, "channel_email": "yes"}).status_code == 403
    assert desk.entries(ANNE) == []


def test_a_form_of_ones_own_link_does_not_speak_for_another(desk: Desk) -> None:
    browser = desk.browser()
    form = form_in(browser.get(link(ANNE)).text)
    answer = browser.post(link(BERNARD), data={"form": form, "channel_post": "no"})
    assert answer.status_code == 403
    assert desk.entries(BERNARD) == []


def test_an_expired_link_explains_and_can_still_stop_everything(desk: Desk) -> None:
    old = NOW - VALID_FOR - timedelta(days=1)
    page = desk.browser().get(link(ANNE, issued=old))
    assert page.status_code == 410
    assert "This link is too old" in page.text
    assert "new one" in page.text
    assert (
        desk.browser().post(link(ANNE, issued=old), data={"channel_email": "yes"}).status_code
        == 410
    )
    answer = desk.browser().post(link(ANNE, "u", issued=old), data={"stop": "all"})
    assert answer.status_code == 200
    assert not desk.allows(ANNE, "post")


def test_a_link_that_is_not_ours_says_so_and_guessing_is_slowed_down(desk: Desk) -> None:
    browser = desk.browser()
    seen = [browser.get(f"/p/{'A' * 52}").status_code for _ in range(40)]
    assert seen == [404] * 30 + [429] * 10
    assert browser.get(link(ANNE)).status_code == 200
    desk.clock.pass_(minutes=11)
    assert browser.get(f"/p/{'A' * 52}").status_code == 404


def test_one_link_cannot_be_used_without_end(desk: Desk) -> None:
    browser = desk.browser()
    seen = {browser.get(link(ANNE, "u")).status_code for _ in range(120)}
    assert seen == {200}
    late = browser.get(link(ANNE, "u"))
    assert (late.status_code, late.headers["retry-after"]) == (429, "60")
    assert browser.get(link(BERNARD, "u")).status_code == 200


def test_somebody_nobody_planned_for_gets_no_page(desk: Desk) -> None:
    unknown = LINKS.token_for("c_ffffffffffffffff", NOW.date())
    assert desk.browser().get(f"/p/{unknown}").status_code == 404


def test_every_answer_is_private_and_asks_nobody(desk: Desk) -> None:
    browser = desk.browser()
    for path in (link(ANNE), link(ANNE, "u"), "/p/x", "/nowhere", "/style.css"):
        answer = browser.get(path)
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'")
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "http" not in answer.text.replace("http-equiv", "")
        assert "<script" not in answer.text
    cookie = browser.get(link(ANNE)).headers.get("set-cookie", "")
    assert "HttpOnly" in cookie
    assert "samesite=strict" in cookie.lower()


def test_an_attack_in_a_field_is_shown_as_text(desk: Desk) -> None:
    browser = desk.browser()
    form = form_in(browser.get(link(ANNE)).text)
    there = link(ANNE).replace("?", "/details?")
    page = browser.post(there, data={"form": form, "email": '"><script>alert(1)</script>'})
    assert "<script>" not in page.text
    assert "Épicerie &lt;Martin&gt; &amp; fils" in page.text


def test_a_body_longer_than_any_form_is_refused(desk: Desk) -> None:
    answer = desk.browser().post(link(ANNE, "u"), data={"stop": "a" * (MOST_BYTES + 1)})
    assert answer.status_code == 400


def test_a_database_that_stays_busy_says_that_nothing_was_saved(desk: Desk) -> None:
    from sqlalchemy import event

    @event.listens_for(desk.engine, "connect")
    def _impatient(connection, _record) -> None:  # type: ignore[no-untyped-def]
        connection.execute("pragma busy_timeout = 1")

    desk.engine.dispose()
    with desk.engine.connect() as other:
        other.execute(text("begin immediate"))
        answer = desk.browser().post(link(ANNE, "u"), data=ONE_CLICK)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")
        assert "was not saved" in answer.text
        other.rollback()
    assert desk.browser().post(link(ANNE, "u"), data=ONE_CLICK).status_code == 200
    assert len(desk.entries(ANNE)) == 4


def test_no_log_line_holds_a_token_or_a_person(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    browser = desk.browser()
    save(browser, ANNE, channel_email="no")
    browser.post(link(ANNE, "u"), data=ONE_CLICK)
    told = capsys.readouterr().out
    assert "preference centre" in told
    for secret in (LINKS.token_for(ANNE.customer_id, NOW.date()), ANNE.customer_id, "L9"):
        assert secret not in told
