"""Every page in a real browser: figures drawn, nothing refused, nobody asked, no name runs."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dashboards.site import load_pages

pytestmark = pytest.mark.browser
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
PAGES = [f"{lang}/{page}" for lang in ("en", "fr") for page in load_pages()]
# Set before the page's own scripts: an injected script that runs leaves a trace.
TRAP = """
window.__ran = [];
for (const name of ['alert', 'confirm', 'prompt']) window[name] = (x) => window.__ran.push(x);
window.__refused = [];
document.addEventListener('securitypolicyviolation',
    (event) => window.__refused.push(event.violatedDirective + ' ' + event.blockedURI));
"""


@pytest.fixture(scope="session")
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
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=1440,1000"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    opened = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    opened.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": TRAP})
    yield opened
    opened.quit()


def open_page(browser: Any, path: Path) -> None:
    from selenium.webdriver.support.ui import WebDriverWait

    browser.get_log("browser")
    browser.get_log("performance")
    browser.get(path.as_uri())
    drawn = (
        "return document.querySelectorAll('[data-figure]').length === "
        "document.querySelectorAll('.drawn').length"
    )
    WebDriverWait(browser, 60).until(lambda b: b.execute_script(drawn))


@pytest.mark.parametrize("page", PAGES)
def test_a_page_draws_its_figures_without_an_error_or_a_request(
    page: str, browser: Any, site: Path
) -> None:
    open_page(browser, site / f"{page}.html")
    assert [entry["message"] for entry in browser.get_log("browser")] == []
    asked = [
        entry["message"]
        for entry in browser.get_log("performance")
        if "requestWillBeSent" in entry["message"] and '"url":"http' in entry["message"]
    ]
    assert asked == []
    assert browser.execute_script("return window.__refused") == []
    assert browser.execute_script("return window.__ran") == []
    foreign = "return document.querySelectorAll('img, iframe, object, svg a').length"
    assert browser.execute_script(foreign) == 0


@pytest.mark.parametrize("width", [390, 820, 1440])
def test_no_page_is_wider_than_the_window(width: int, browser: Any, site: Path) -> None:
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False},
    )
    for page in PAGES[: len(PAGES) // 2]:
        open_page(browser, site / f"{page}.html")
        assert browser.execute_script("return document.documentElement.scrollWidth") <= width, page
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_the_navigation_is_reached_by_the_keyboard(browser: Any, site: Path) -> None:
    from selenium.webdriver.common.keys import Keys

    open_page(browser, site / "en" / "overview.html")
    reached = []
    for _ in range(16):
        browser.switch_to.active_element.send_keys(Keys.TAB)
        reached.append(browser.execute_script("return document.activeElement.getAttribute('href')"))
    assert reached[0] == "#main"
    assert {"rfm.html", "quality.html", "../fr/overview.html"} <= set(reached)


def test_the_first_page_leads_to_the_readers_language(browser: Any, site: Path) -> None:
    from selenium.webdriver.support.ui import WebDriverWait

    browser.get((site / "index.html").as_uri())
    WebDriverWait(browser, 30).until(lambda b: b.current_url.endswith("/en/overview.html"))
