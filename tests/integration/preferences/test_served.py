"""The centre as its own process, over real HTTP, and in a real browser in both languages."""

from __future__ import annotations

import os
import re
import shutil
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import insert, text

from activation.plan_store import request_as_json
from activation.tables import deliveries
from contract.gate import ContactRequest
from demo.company.preference_pages import receivers, serving, withdraw_through_pages
from governance import ledger
from governance.gate import LedgerGate
from governance.rules import load_rules
from orchestration.house import open_state
from orchestration.preferences import links_of
from orchestration.settings import Settings, load_settings
from tests.fixtures.preference_centre import ANNE, EVERY_TOPIC, ONE_CLICK, form_in

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
REQUEST = ContactRequest(
    ANNE.customer_id, "post", "marketing", "buyer", "FR", True, ANNE.record_keys,
    ANNE.address_hashes,
)  # fmt: skip


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A home whose e-mail tool holds one person."""
    monkeypatch.setenv("HABITUE_HOME", str(tmp_path))
    monkeypatch.setenv("HABITUE_COMPANY_NAME", "Maison Martin")
    settings = load_settings(tmp_path)
    today = datetime.now(UTC).date()
    links = links_of(settings).columns_for(ANNE.customer_id, today)
    row = {
        "campaign": "mail", "destination": "email_tool", "customer_id": ANNE.customer_id,
        "segment": "rich", "channel": "email", "is_present": True, "is_contact": True,
        "effect_count": 1, "payload_digest": "x", "payload_json": _json(links),
        "request_json": request_as_json(REQUEST), "contacted_on": today,
        "acknowledged_at": datetime(2026, 1, 1),  # noqa: DTZ001 - the state database keeps naive UTC
    }  # fmt: skip
    with open_state(settings) as engine, engine.begin() as connection:
        connection.execute(insert(deliveries), row)
    return settings


def _json(links: dict[str, str]) -> str:
    import json

    return json.dumps(links)


def is_allowed(settings: Settings) -> bool:
    from contract.gate import Allowed

    now = datetime.now(UTC).replace(tzinfo=None)
    with open_state(settings) as engine:
        for intake in ("objections", "preference_updates", "consent_events", "message_events"):
            ledger.mark_taken(engine, intake, now=now)
        [decision] = LedgerGate(engine, load_rules()).decide([REQUEST], now)
    return isinstance(decision, Allowed)


def test_somebody_who_stops_everything_through_the_pages_is_denied_at_once(
    settings: Settings,
) -> None:
    assert is_allowed(settings)
    [receiver] = receivers(settings)
    withdraw_through_pages(settings, receiver.preferences_link)
    assert not is_allowed(settings)


def test_a_process_that_waits_for_another_writer_loses_nothing(settings: Settings) -> None:
    [receiver] = receivers(settings)
    token = receiver.unsubscribe_link.rpartition("/")[2]
    answers: list[int] = []
    with serving(settings) as address, open_state(settings) as engine, engine.connect() as other:
        # The page opens while somebody writes; the click waits for its turn.
        other.execute(text("begin immediate"))
        assert httpx.get(f"{address}/p/{token}").status_code == 200

        def click() -> None:
            reply = httpx.post(f"{address}/u/{token}", data=ONE_CLICK, timeout=40)
            answers.append(reply.status_code)

        clicking = threading.Thread(target=click)
        clicking.start()
        clicking.join(1.0)
        assert answers == []
        other.rollback()
        clicking.join(40)
    assert answers == [200]
    with open_state(settings) as engine, engine.connect() as connection:
        said = ledger.entries_about(connection, ANNE.customer_keys, ANNE.address_hashes)
    assert {entry.act for entry in said} == {"withdraw"}
    assert len(said) == 4
    log = (settings.home / "logs" / "habitue.log").read_text()
    assert "preference centre" in log
    assert token not in log
    assert ANNE.customer_id not in log


def test_a_form_of_the_served_page_counts(settings: Settings) -> None:
    [receiver] = receivers(settings)
    token = receiver.preferences_link.rpartition("/")[2]
    with serving(settings) as address, httpx.Client(base_url=address) as browser:
        form = form_in(browser.get(f"/p/{token}").text)
        told = {"form": form, **EVERY_TOPIC, "channel_post": "no"}
        assert browser.post(f"/p/{token}", data=told).status_code == 303
    assert not is_allowed(settings)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    binary = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    driver = shutil.which("chromedriver")
    if binary is None or driver is None:
        message = "No Chromium with its driver: install chromium and chromium-driver."
        if "browser" in os.environ.get("HABITUE_REQUIRE", ""):
            pytest.fail(message)
        pytest.skip(message)
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = binary
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=1000,1400"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    opened = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    yield opened
    opened.quit()


SAID = {
    "en": ("What you get from us", "One message a week", "Everything is stopped"),
    "fr": ("Ce que vous recevez de nous", "Un message par semaine", "Tout est arrêté"),
}


@pytest.mark.browser
@pytest.mark.parametrize("lang", ["fr", "en"])
def test_a_person_changes_how_often_then_stops_everything(
    settings: Settings, browser: Any, lang: str
) -> None:
    from selenium.webdriver.common.by import By

    title, once_a_week, stopped = SAID[lang]
    [receiver] = receivers(settings)
    token = receiver.preferences_link.rpartition("/")[2]
    with serving(settings) as address:
        browser.get(f"{address}/p/{token}?lang={lang}")
        look(browser, f"preferences_{lang}")
        assert browser.find_element(By.TAG_NAME, "h1").text == title
        accessible(browser, lang)
        browser.find_element(By.XPATH, f"//label[.='{once_a_week}']").click()
        press(browser, "form.card button")
        assert browser.find_element(By.CSS_SELECTOR, "[role=status]").is_displayed()
        assert browser.find_element(By.ID, "frequency_1").is_selected()
        browser.find_element(By.ID, "email").send_keys("no address")
        press(browser, "form[aria-labelledby=details] button")
        look(browser, f"errors_{lang}")
        field = browser.find_element(By.ID, "email")
        assert field.get_attribute("aria-invalid") == "true"
        note = browser.find_element(By.ID, field.get_attribute("aria-describedby"))
        assert note.is_displayed()
        accessible(browser, lang)
        browser.find_element(By.CSS_SELECTOR, "header nav a[aria-current]").click()
        press(browser, "section.stop button")
        assert browser.find_element(By.TAG_NAME, "h1").text == stopped
        accessible(browser, lang)
        look(browser, f"stopped_{lang}")
        browser.get(f"{address}/u/{token}?lang={lang}")
        accessible(browser, lang)
        look(browser, f"unsubscribe_{lang}")
        refused = [line for line in browser.get_log("browser") if "Security" in line["message"]]
    assert refused == []
    assert not is_allowed(settings)


@pytest.mark.browser
def test_the_pages_work_by_keyboard_alone(settings: Settings, browser: Any) -> None:
    from selenium.webdriver.common.keys import Keys

    [receiver] = receivers(settings)
    token = receiver.unsubscribe_link.rpartition("/")[2]
    with serving(settings) as address:
        browser.get(f"{address}/u/{token}?lang=en")
        reached = []
        for _ in range(8):
            browser.switch_to.active_element.send_keys(Keys.TAB)
            focused = browser.switch_to.active_element
            reached.append(focused.text)
            outline = focused.value_of_css_property("outline-style")
            assert outline == "solid", focused.text
            if focused.text == "Stop everything":
                break
        assert reached[0] == "Skip to the content"
        focused.send_keys(Keys.ENTER)
        assert "Everything is stopped" in browser.title
    assert not is_allowed(settings)


def press(browser: Any, selector: str) -> None:
    """Press a button and wait until its page is another one."""
    from selenium.webdriver.common.by import By
    from selenium.webdriver.support.expected_conditions import staleness_of
    from selenium.webdriver.support.ui import WebDriverWait

    button = browser.find_element(By.CSS_SELECTOR, selector)
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", button)
    button.click()
    WebDriverWait(browser, 30).until(staleness_of(button))


def look(browser: Any, name: str) -> None:
    """Keep a picture of the whole page where HABITUE_PICTURES says, for a person to look at."""
    folder = os.environ.get("HABITUE_PICTURES")
    if folder:
        height = browser.execute_script("return document.documentElement.scrollHeight")
        browser.set_window_size(1000, height + 150)
        browser.save_screenshot(str(Path(folder) / f"{name}.png"))
        browser.set_window_size(1000, 1400)


ACCESSIBLE = """
const visible = (one) => one.type !== 'hidden';
const named = (one) => one.labels && one.labels.length && one.labels[0].textContent.trim();
return {
  lang: document.documentElement.lang,
  headings: document.querySelectorAll('h1').length,
  landmarks: ['header', 'nav', 'main', 'footer'].filter((n) => !document.querySelector(n)),
  unnamed: [...document.querySelectorAll('input')].filter(visible).filter((i) => !named(i))
    .map((i) => i.name),
  legends: [...document.querySelectorAll('fieldset')].filter((f) => !f.querySelector('legend'))
    .length,
  ids: (() => { const all = [...document.querySelectorAll('[id]')].map((e) => e.id);
    return all.filter((id, i) => all.indexOf(id) !== i); })(),
  dangling: [...document.querySelectorAll('[aria-describedby],[aria-labelledby]')].flatMap(
    (e) => (e.getAttribute('aria-describedby') || e.getAttribute('aria-labelledby')).split(' '))
    .filter((id) => !document.getElementById(id)),
  scripts: document.scripts.length,
  wide: document.documentElement.scrollWidth > document.documentElement.clientWidth,
  colours: [...document.querySelectorAll('h1,h2,p,label,legend,a,button,span,li')]
    .filter((e) => e.textContent.trim() && e.offsetParent).map((e) => {
      let ground = e; while (ground && getComputedStyle(ground).backgroundColor.endsWith(', 0)'))
        ground = ground.parentElement;
      return [getComputedStyle(e).color, getComputedStyle(ground || document.body).backgroundColor,
              e.textContent.trim().slice(0, 40)]; }),
};
"""


def accessible(browser: Any, lang: str) -> None:
    """Names, landmarks, one heading, the language, and contrast of every text (WCAG AA)."""
    found = browser.execute_script(ACCESSIBLE)
    colours = found.pop("colours")
    assert found == {
        "lang": lang, "headings": 1, "landmarks": [], "unnamed": [], "legends": 0, "ids": [],
        "dangling": [], "scripts": 0, "wide": False,
    }  # fmt: skip
    faint = [one for one in colours if contrast(one[0], one[1]) < 4.5]
    assert colours
    assert faint == []


def contrast(one: str, other: str) -> float:
    """WCAG contrast ratio of two CSS colours."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    shares = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
