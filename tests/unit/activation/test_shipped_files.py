"""Every shipped segment and campaign against the documented columns of the real marts."""

from datetime import date
from pathlib import Path

from activation.campaigns import load_campaigns
from activation.columns import load_columns
from activation.compiler import compile_members
from activation.definitions import load_segments
from activation.destination import load_destinations
from activation.payloads import describe, mart_columns
from activation.sentences import sentence

ROOT = Path(__file__).parents[3]
MARTS = load_columns(ROOT / "dbt_project" / "models" / "marts")
SEGMENTS = load_segments(ROOT / "activation" / "segments", MARTS)


def test_every_segment_compiles_and_says_what_it_is() -> None:
    assert len(SEGMENTS) >= 10
    for segment in SEGMENTS.values():
        query = compile_members(segment.where, ["customer_id"], as_of=date(2018, 1, 1))
        assert query.values
        for lang in ("en", "fr"):
            assert len(sentence(segment.where, lang)) > 20


def test_a_segment_of_a_scenario_is_called_as_people_call_the_scenario() -> None:
    title = SEGMENTS["in_scenario__miss_you_never_bought"].title
    assert title["fr"] == "Scénario : vous nous manquez, abonnés sans achat"
    assert title["en"] == "Scenario: we miss you, subscribers who never bought"


def test_every_segment_says_how_large_it_should_be() -> None:
    for segment in SEGMENTS.values():
        assert segment.expect.min_members >= 20
        assert segment.expect.max_share <= 0.10


def test_every_campaign_goes_where_its_channel_is_taken() -> None:
    destinations = load_destinations()
    campaigns = load_campaigns(ROOT / "activation" / "campaigns", SEGMENTS, destinations)
    assert {one.destination for one in campaigns} == set(destinations)
    assert {one.channel for one in campaigns} >= {"post", "email"}


def test_every_destination_declares_columns_that_exist_and_say_why() -> None:
    reasons = {"reason_en", "reason_fr", "score_drivers_en", "consent_entry_id", "consent_basis",
               "experiment_arm", "data_as_of", "segment"}  # fmt: skip
    for name, destination in load_destinations().items():
        assert mart_columns(name, destination, MARTS)
        assert reasons <= set(destination.columns)
        assert all(describe(column, MARTS).label["fr"] for column in destination.columns)


def test_only_gates_of_governance_decide() -> None:
    """Outside tests, the contract's Gate has one subclass: nobody else can make an Allowed."""
    sources = [
        path
        for folder in ("activation", "governance", "orchestration", "demo", "identity", "ml")
        for path in (ROOT / folder).rglob("*.py")
        if "(Gate)" in path.read_text(encoding="utf-8")
    ]
    assert [path.relative_to(ROOT).as_posix() for path in sources] == ["governance/gate.py"]
