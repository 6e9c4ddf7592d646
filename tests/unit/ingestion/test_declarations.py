"""Declarations are read strictly: a typing error is named with the word that was meant."""

from pathlib import Path

import pytest
import yaml

from contract.entity import load_entities
from contract.errors import ConfigError
from ingestion.declarations import load_declarations

PROJECT_ROOT = Path(__file__).parents[3]

GOOD = {
    "description": "An invented shop.",
    "owner": "data",
    "files": {
        "people": {
            "entity": "customers",
            "pattern": "people-{month}.csv",
            "columns": {"customer_key": "id"},
        }
    },
}


def _load(tmp_path, *contents):
    for number, content in enumerate(contents):
        (tmp_path / f"shop{number}.yml").write_text(yaml.safe_dump(content, sort_keys=False))
    return load_declarations(tmp_path, load_entities())


def _feed(**changes):
    return GOOD | {"files": {"people": GOOD["files"]["people"] | changes}}


def test_the_shipped_declarations_load():
    declarations = load_declarations(PROJECT_ROOT / "ingestion" / "files")
    assert "complete_journey" in {declaration.system for declaration in declarations}


def test_a_pattern_with_a_month_tells_the_month_of_a_file(tmp_path):
    feed = _load(tmp_path, GOOD)[0].feeds[0]
    assert feed.month_of("people-2029-04.csv") == "2029-04"
    assert feed.month_of("people.csv") is None
    assert feed.reading.kind == "csv"


def test_the_digest_changes_with_the_meaning_only(tmp_path):
    before = _load(tmp_path, GOOD)[0].feeds[0].digest
    assert _load(tmp_path, GOOD | {"description": "Another text."})[0].feeds[0].digest == before
    assert _load(tmp_path, GOOD | {"decimal": ","})[0].feeds[0].digest != before


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (GOOD | {"seperator": ";"}, "unknown key 'seperator'. Did you mean 'separator'?"),
        (GOOD | {"manifest": "requird"}, "Did you mean 'required'?"),
        (GOOD | {"time_zone": "Europe/Pari"}, "no time zone 'Europe/Pari'"),
        (GOOD | {"encoding": "cp12521"}, "no encoding 'cp12521'"),
        (GOOD | {"decimal": ";"}, "decimal"),
        (GOOD | {"cadence_days": 0}, "cadence_days"),
        (GOOD | {"system": "My Shop"}, "lower case"),
        ({"files": GOOD["files"]}, "'description' is missing"),
        (_feed(entity="customer"), "Did you mean 'customers'?"),
        (_feed(patern="x"), "Did you mean 'pattern'?"),
        (_feed(pattern="people.xls"), "format"),
        (_feed(pattern="../people.csv"), "leads out of the landing folder"),
        (GOOD | {"folder": "/etc"}, "leads out of the landing folder"),
        (_feed(columns={"customer_key": "id", "emial": "mail"}), "Did you mean 'email'?"),
        (_feed(columns={"email": "mail"}), "customer_key of customers is required"),
        (_feed(columns={"customer_key": {"frm": "id"}}), "Did you mean 'from'?"),
        (_feed(columns={"customer_key": {"from": "id", "constant": "x"}}), "exactly one"),
        (_feed(columns={"customer_key": {"from": "id", "sign": "minus"}}), "sign 'minus'"),
        (
            _feed(columns={"customer_key": {"when": [{"column": "a", "bellow": 0, "value": "x"}]}}),
            "Did you mean 'below'?",
        ),
        (
            _feed(
                columns={"customer_key": {"when": [{"column": "a", "below": "b", "value": "x"}]}}
            ),
            "needs a number",
        ),
        (
            _feed(
                entity="orders",
                columns={
                    "order_key": "id",
                    "ordered_at": "day",
                    "status": {"from": "s", "map": {"ok": "complete"}},
                },
            ),
            "Did you mean 'completed'?",
        ),
    ],
)
def test_a_mistake_in_a_declaration_says_where_and_what_was_meant(tmp_path, content, message):
    with pytest.raises(ConfigError, match=r"shop0\.yml") as caught:
        _load(tmp_path, content)
    assert message in str(caught.value)


def test_two_files_may_not_declare_one_system(tmp_path):
    content = GOOD | {"system": "shop"}
    with pytest.raises(ConfigError, match="both declare the system shop"):
        _load(tmp_path, content, content)
