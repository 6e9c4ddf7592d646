"""A campaign leaves out, and takes out, whoever was silent for longer than its channel's sunset."""

from __future__ import annotations

from dataclasses import replace

from activation.sunset import Sunset
from demo.tool import Running
from tests.fixtures.small_company import LETTER, Company

RICH = "net_amount >= 1500"
SILENT = f"{RICH} and days_since_last_order > 100"
NEWS = replace(LETTER, segments=("rich",))


def test_the_silent_are_left_out_unless_the_campaign_is_meant_for_them(
    company: Company, running: Running
) -> None:
    silent, rich = company.keys(SILENT), company.keys(RICH)
    company.sunsets = {"post": Sunset(100)}
    stay = replace(NEWS, name="stay", include_unengaged=True)
    [news_plan, stay_plan], _ = company.run(NEWS, stay)
    assert 0 < len(silent) < len(rich)
    assert news_plan.outcomes()["unengaged"] == len(silent)
    assert stay_plan.outcomes()["unengaged"] == 0
    assert set(running.tool.members("letter")) == rich - silent
    assert set(running.tool.members("stay")) == rich


def test_somebody_who_fell_silent_is_taken_out_and_comes_back_with_a_sign(
    company: Company, running: Running
) -> None:
    company.run(NEWS)
    silent, rich = company.keys(SILENT), company.keys(RICH)
    company.sunsets = {"post": Sunset(100)}
    company.next_day()
    [plan], _ = company.run(NEWS)
    assert plan.remove_count == len(silent)
    assert set(running.tool.members("letter")) == rich - silent
    company.con.execute("update marts.customer_360 set last_contact_at = ?", [company.as_of])
    company.next_day()
    company.run(NEWS)
    assert set(running.tool.members("letter")) == rich


def test_another_channel_knows_no_sunset(company: Company) -> None:
    company.sunsets = {"email": Sunset(1)}
    [plan], _ = company.run(NEWS)
    assert plan.outcomes()["unengaged"] == 0
