"""The canonical entities are read strictly, with errors that say what was meant."""

import pytest
import yaml

from contract.entity import load_entities, load_entity_file
from contract.errors import ConfigError, did_you_mean

GOOD = {
    "description": "One row per thing.",
    "changes": "immutable",
    "key": ["thing_key"],
    "happened_at": "seen_at",
    "columns": {
        "thing_key": {"type": "text", "required": True, "privacy": "public", "description": "K."},
        "seen_at": {"type": "timestamp", "privacy": "public", "description": "When."},
        "paid_amount": {"type": "decimal(18,2)", "privacy": "public", "description": "Paid."},
    },
}


def _load(tmp_path, content):
    path = tmp_path / "things.yml"
    path.write_text(yaml.safe_dump(content, sort_keys=False))
    return load_entity_file(path)


def test_an_entity_keeps_its_columns_in_the_order_of_the_file(tmp_path):
    entity = _load(tmp_path, GOOD)
    assert entity.column_names == ("thing_key", "seen_at", "paid_amount")
    types = [column.sql_type for column in entity.columns]
    assert types == ["varchar", "timestamp", "decimal(18,2)"]
    assert entity.column("thing_key").required


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"change": "versioned"}, "unknown key 'change'. Did you mean 'changes'?"),
        ({"changes": "imutable"}, "Did you mean 'immutable'?"),
        ({"key": ["thing"]}, "Did you mean 'thing_key'?"),
        ({"happened_at": "seen_on"}, "Did you mean 'seen_at'?"),
        ({"columns": {"A": GOOD["columns"]["seen_at"]}}, "lower case"),
        ({"columns": {"a": {"type": "txt", "privacy": "public", "description": ""}}}, "'text'"),
        ({"columns": {"a": {"type": "text", "privacy": "publi", "description": ""}}}, "'public'"),
        ({"columns": {"a": {"type": "text", "description": ""}}}, "'privacy' is missing"),
    ],
)
def test_a_mistake_in_an_entity_names_the_closest_word(tmp_path, change, message):
    with pytest.raises(ConfigError, match=r"things\.yml") as caught:
        _load(tmp_path, GOOD | change)
    assert message in str(caught.value)


def test_every_shipped_entity_loads_and_has_required_keys():
    entities = load_entities()
    assert len(entities) == 38
    for entity in entities.values():
        assert all(entity.column(name).required for name in entity.key)
        assert entity.description.startswith("One row per ")


def test_an_unknown_column_of_an_entity_is_named():
    with pytest.raises(ConfigError, match="entity coupons: no column 'cupon_key'"):
        load_entities()["coupons"].column("cupon_key")


def test_a_word_close_to_none_lists_all():
    assert did_you_mean("zzz", ["b", "a"]) == " Known: a, b."
