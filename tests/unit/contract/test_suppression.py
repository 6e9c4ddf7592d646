"""Whoever is forgotten is recognised in every form, and nobody else is."""

from datetime import datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from contract.entity import load_entities
from contract.suppression import FOR_EVER, Suppressions, hash_of, identifying_columns

KEY = b"a key of this test"
SINCE = datetime.fromisoformat("2030-01-01")
LOCAL = st.from_regex(r"[a-z][a-z0-9]{2,9}", fullmatch=True)
# Entities whose direct columns name companies, not people.
OF_COMPANIES = {"companies"}


def known(kind, value, system=""):
    return Suppressions({(kind, hash_of(kind, value, KEY, system=system) or ""): SINCE}, KEY)


def test_every_entity_that_names_people_says_whose_a_row_is():
    silent = {
        name
        for name, entity in load_entities().items()
        if entity.direct_columns and not identifying_columns(entity)
    }
    assert silent == OF_COMPANIES


def test_only_entities_about_money_stay_without_the_person_and_their_keys_name_nobody():
    money = {name: e for name, e in load_entities().items() if e.when_erased == "empty"}
    assert set(money) == {"orders", "order_lines", "invoices", "refunds"}
    for entity in money.values():
        assert not set(entity.direct_columns) & set(entity.key)
        assert not [c.name for c in entity.columns if c.privacy == "direct" and c.required]


@settings(max_examples=60, deadline=None, print_blob=True, derandomize=True)
@given(local=LOCAL, other=LOCAL, tag=LOCAL)
def test_an_address_is_known_in_every_spelling_and_only_that_one(local, other, tag):
    suppressions = known("email", f"{local}@shop.example")
    for spelling in (f"{local}@shop.example", f" {local.upper()}+{tag}@SHOP.example "):
        assert suppressions.forgotten_since(("email",), spelling, "") == SINCE
    stranger = suppressions.forgotten_since(("email",), f"{other}@shop.example", "")
    assert (stranger is None) == (other != local)


def test_a_number_is_known_in_every_spelling():
    suppressions = known("phone", "06 55 51 23 45")
    for spelling in ("+33655512345", "0033 6 55 51 23 45", "06.55.51.23.45"):
        assert suppressions.forgotten_since(("phone",), spelling, "") == SINCE


def test_a_key_is_known_in_its_own_system_only():
    suppressions = known("record", "7", "shop")
    assert suppressions.forgotten_since(("record",), "7", "shop") == SINCE
    assert suppressions.forgotten_since(("record",), "7", "tills") is None
    assert SINCE < FOR_EVER


def test_an_empty_list_is_false_and_asks_nothing():
    assert not Suppressions()
