"""Any system may be absent: everything builds, and what it would have told is unknown, not zero."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from demo.world.facts import SYSTEMS
from tests.fixtures.absent import built_with, measures, registered, remodelled
from tests.fixtures.command import habitue
from tests.fixtures.make_believe import MakeBelieve

pytestmark = pytest.mark.xdist_group("make_believe")

# Columns of customer_360 that are a number for everybody → the entities of which one must be there.
COUNTS = {
    "order_count": {"orders", "order_lines"},
    "net_amount": {"orders", "order_lines"},
    "margin_amount": {"product_prices"},
    "redemption_count": {"redemptions"},
    "campaign_contact_count": {"campaign_contacts", "message_events"},
    "product_view_count": {"product_views", "web_events"},
    "content_view_count": {"content_views", "web_events"},
    "session_count_30_days": {"web_events"},
    "open_question_count": {"questions"},
    "configuration_count": {"configuration_versions"},
    "email_open_count_90_days": {"message_events"},
    "email_click_count_90_days": {"message_events"},
    "has_abandoned_cart": {"carts"},
}
# Columns that are empty for some people anyway.
OTHERS = {
    "last_ordered_on": {"orders", "order_lines"},
    "rfm_score": {"orders", "order_lines"},
    "last_redeemed_on": {"redemptions"},
    "last_visited_on": {"web_events"},
    "last_question_on": {"questions"},
    "nps_score": {"survey_answers"},
    "lead_stage": {"leads", "lead_stage_events"},
    "last_email_clicked_on": {"message_events"},
    "abandoned_cart_at": {"carts"},
}
SHORT = ("support", "surveys", "configurator", "planning")
TWO = ("tills", "web")
PAIRS = (("shop", "brevo"), ("shopify", "preferences"), ("hubspot", "callcentre"))


def check_measures(warehouse: Path) -> set[str]:
    """What nobody tells is null for everybody, what somebody tells is not; the null columns."""
    found, connected = measures(warehouse)
    for column, entities in COUNTS.items():
        assert (found[column] > 0) == bool(entities & connected), column
    unknown = {name for name, one in (COUNTS | OTHERS).items() if not one & connected}
    assert {name: found[name] for name in unknown} == dict.fromkeys(unknown, 0)
    return unknown


def check_shown(home: Path, present: set[str]) -> None:
    """The register and its page in both languages tell which systems are not connected."""
    found = registered(home)
    for system in SYSTEMS:
        assert (found[system]["state"] == "not connected") == (system not in present), system
    for language, words in (("en", "Not connected"), ("fr", "Non connecté")):
        page = (home / "site" / language / "sources.html").read_text()
        assert page.count(words) >= len(set(SYSTEMS) - present)


def test_with_every_system_everything_is_known(make_believe: MakeBelieve) -> None:
    warehouse = make_believe.first / "warehouse" / "habitue.duckdb"
    assert check_measures(warehouse) == set()
    found, _ = measures(warehouse)
    assert [name for name in OTHERS if not found[name]] == []


@pytest.fixture(scope="module")
def without(make_believe: MakeBelieve, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the warehouse remodelled without each of SHORT."""
    home = tmp_path_factory.mktemp("without") / "var"
    remodelled(make_believe.first, home, SHORT)
    return home


@pytest.mark.slow
@pytest.mark.parametrize("system", SHORT)
def test_without_a_system_its_measures_are_unknown(without: Path, system: str) -> None:
    assert check_measures(without / f"without_{system}.duckdb")


def test_two_systems_are_enough(make_believe: MakeBelieve, tmp_path: Path) -> None:
    home = tmp_path / "var"
    built_with(make_believe.first, home, TWO)
    unknown = check_measures(home / "warehouse" / "habitue.duckdb")
    assert {"nps_score", "open_question_count", "margin_amount", "lead_stage"} <= unknown
    check_shown(home, set(TWO))


def test_a_connected_system_without_declaration_says_which_file_is_missing(
    tmp_path: Path,
) -> None:
    home, declarations = tmp_path / "var", tmp_path / "declarations"
    declarations.mkdir()
    done = habitue(
        home,
        *("run", "--select", "landing/support"),
        more={
            "HABITUE_DECLARATIONS": str(declarations),
            "HABITUE_SUPPORT_URL": "http://127.0.0.1:9",
            "HABITUE_SUPPORT_TOKEN": "not-a-secret",
            "HABITUE_AS_OF": "2026-07-01",
        },
    )
    assert done.code == 1
    assert f"{declarations}/support.yml is missing" in done.output
    assert "not-a-secret" not in done.output


@pytest.fixture
def build(make_believe: MakeBelieve, tmp_path: Path) -> Callable[[set[str]], Path]:
    """The home of a company that has these systems only."""

    def built(systems: set[str]) -> Path:
        home = tmp_path / "var"
        built_with(make_believe.first, home, systems)
        return home

    return built


@pytest.mark.slow
@pytest.mark.parametrize("system", SYSTEMS)
def test_each_system_may_be_absent(build: Callable[[set[str]], Path], system: str) -> None:
    home = build(set(SYSTEMS) - {system})
    check_measures(home / "warehouse" / "habitue.duckdb")
    check_shown(home, set(SYSTEMS) - {system})


@pytest.mark.slow
@pytest.mark.parametrize("pair", PAIRS, ids="-".join)
def test_any_two_systems_are_enough(
    build: Callable[[set[str]], Path], pair: tuple[str, str]
) -> None:
    home = build(set(pair))
    check_measures(home / "warehouse" / "habitue.duckdb")
    check_shown(home, set(pair))
