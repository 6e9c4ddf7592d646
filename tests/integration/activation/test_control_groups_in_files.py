"""A file never hands out the control group of a campaign: its effect must stay measurable."""

import csv
from dataclasses import replace

from demo.tool import Running
from tests.fixtures.small_company import FILES, LETTER, Company

TESTED = replace(LETTER, control_share=0.4)
FIRST = replace(FILES, priority=1)  # asked for before the letter, and still planned after it


def exported(company: Company, segment: str) -> dict[str, dict[str, str]]:
    path = company.settings.exports_dir / segment / "machine" / f"{segment}.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    return {row["customer_key"]: row for row in csv.DictReader(lines)}


def test_who_is_held_out_of_a_campaign_is_in_no_file_of_its_segments(
    company: Company, running: Running
) -> None:
    plans, _ = company.run(FIRST, TESTED)
    falls = {plan.campaign: plan.waterfall for plan in plans}
    assert falls["files__rich"]["rich", "held_out"] == falls["letter"]["rich", "held_out"] > 0
    assert sum(falls["files__rich"].values()) == len(company.keys("net_amount >= 1500"))
    rows = exported(company, "rich")
    assert set(rows) <= set(running.tool.members("letter"))
    assert {row["experiment_arm"] for row in rows.values()} == {""}


def test_a_list_that_was_written_before_the_experiment_loses_its_control_group(
    company: Company, running: Running
) -> None:
    company.run(FIRST)
    assert len(exported(company, "rich")) == len(company.keys("net_amount >= 1500"))
    company.next_day()
    company.run(FIRST, TESTED)
    assert set(exported(company, "rich")) <= set(running.tool.members("letter"))


def test_a_file_of_another_segment_names_the_campaigns_that_hold_a_person_out(
    company: Company, running: Running
) -> None:
    files = replace(FILES, name="files__silent", segments=("silent",))
    company.run(replace(TESTED, segments=("rich",)), files)
    rows = exported(company, "silent")
    assert set(rows) == company.keys("is_silence_unusual")
    named = {key for key, row in rows.items() if row["held_out_of"] == "letter"}
    rich = company.keys("net_amount >= 1500")
    assert named == (rich & set(rows)) - set(running.tool.members("letter")) != set()
