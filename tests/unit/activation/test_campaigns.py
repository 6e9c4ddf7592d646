from pathlib import Path

import pytest

from activation.campaigns import load_campaigns
from activation.caps import load_caps
from activation.definitions import load_segments
from activation.destination import load_destinations
from contract.errors import ConfigError
from tests.fixtures.small_marts import columns

SEGMENT = """
title: {en: Rich, fr: Riches}
description: {en: Rich., fr: Riches.}
owner: crm
where: {all: [{column: net_amount, at_least: 5}]}
"""
CAMPAIGN = """
title: {en: Letter, fr: Lettre}
segments: [rich]
channel: post
purpose: marketing
destination: mail_house_key
mode: mirror
priority: 10
approve: automatic
"""


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[rich]", "[ritch]", r"segments\[0\]: 'ritch' is not known. Did you mean 'rich'"),
        ("[rich]", "rich", r"expected a list of segments, or 'every'"),
        ("mail_house_key", "mail_house_keys", r"Did you mean 'mail_house_key'"),
        ("channel: post", "channel: email", r"'mail_house_key' takes post, not email"),
        ("mirror", "mirrored", r"mode: 'mirrored' is not known"),
        ("priority: 10", "priority: high", r"expected a number from 1 to 1000"),
        ("approve: automatic", "aprove: automatic", r"'aprove'. Did you mean 'approve'"),
        ("priority: 10", "priority: 10\ncontrol_share: 2", r"from 0 to 0.9"),
        ("priority: 10", "priority: 10\noffer: {code: A}", r"offer: no 'scope'"),
        ("priority: 10", "priority: 10\nuntil: soon", r"expected a day"),
        ("priority: 10", "priority: 10\npromotes: COFFEE", r"expected a list of categories"),
        ("{en: Letter, fr: Lettre}", "Letter", r"title: expected \{en"),
    ],
)  # fmt: skip
def test_a_mistake_says_where_what_and_what_to_do(
    folder: Path, tmp_path: Path, old: str, new: str, message: str
) -> None:
    (folder / "rich.yml").write_text(SEGMENT)
    campaigns = tmp_path / "campaigns"
    campaigns.mkdir()
    (campaigns / "letter.yml").write_text(CAMPAIGN.replace(old, new))
    with pytest.raises(ConfigError, match=message):
        load_campaigns(campaigns, load_segments(folder, columns()), load_destinations())


def test_every_stands_for_one_campaign_per_segment(folder: Path, tmp_path: Path) -> None:
    (folder / "rich.yml").write_text(SEGMENT)
    (folder / "richer.yml").write_text(SEGMENT)
    campaigns = tmp_path / "campaigns"
    campaigns.mkdir()
    (campaigns / "letter.yml").write_text(CAMPAIGN.replace("[rich]", "every"))
    found = load_campaigns(campaigns, load_segments(folder, columns()), load_destinations())
    assert [one.name for one in found] == ["letter__rich", "letter__richer"]


def test_the_shipped_caps_are_readable() -> None:
    assert load_caps()["post"].contacts >= 1
