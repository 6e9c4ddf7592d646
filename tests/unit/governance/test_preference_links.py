"""A link stands for one person, for three years, and says nothing to who reads it."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from governance.preferences.links import VALID_FOR, Links, UnusableLink

LINKS = Links("https://shop.example/preferences/", b"k" * 32)
DAY = date(2026, 9, 1)
PERSON = "c_0123456789abcdef"


def test_a_token_stands_for_its_person_until_its_time_is_over() -> None:
    token = LINKS.token_for(PERSON, DAY)
    assert LINKS.read(token, DAY + VALID_FOR).customer_id == PERSON
    assert not LINKS.read(token, DAY + VALID_FOR).is_expired
    assert LINKS.read(token, date(2029, 9, 2)).is_expired


def test_a_list_made_again_carries_the_same_links_for_the_whole_month() -> None:
    first = LINKS.columns_for(PERSON, DAY)
    assert first == LINKS.columns_for(PERSON, date(2026, 9, 30))
    assert first != LINKS.columns_for(PERSON, date(2026, 10, 1))
    assert first["preferences_link"].startswith("https://shop.example/preferences/p/")
    assert first["unsubscribe_link"].startswith("https://shop.example/preferences/u/")


def test_a_token_says_nothing_about_the_person() -> None:
    token = LINKS.token_for(PERSON, DAY)
    assert PERSON.encode() not in urlsafe_b64decode(token)
    assert PERSON[2:] not in token


def test_another_companys_token_is_refused() -> None:
    with pytest.raises(UnusableLink):
        Links(LINKS.base, b"another").read(LINKS.token_for(PERSON, DAY), DAY)


def test_the_key_of_the_forms_is_not_the_key_of_the_links() -> None:
    with pytest.raises(UnusableLink):
        Links(LINKS.base, LINKS.form_key()).read(LINKS.token_for(PERSON, DAY), DAY)


@settings(max_examples=300, derandomize=True, deadline=None, print_blob=True)
@given(position=st.integers(0, 10_000), other=st.integers(1, 255))
def test_a_token_that_was_changed_anywhere_is_refused(position: int, other: int) -> None:
    from base64 import urlsafe_b64encode

    sealed = bytearray(urlsafe_b64decode(LINKS.token_for(PERSON, DAY)))
    sealed[position % len(sealed)] ^= other
    with pytest.raises(UnusableLink):
        LINKS.read(urlsafe_b64encode(bytes(sealed)).decode(), DAY)


@settings(max_examples=300, derandomize=True, deadline=None, print_blob=True)
@given(text=st.text(max_size=600))
def test_no_text_but_a_token_is_read(text: str) -> None:
    with pytest.raises(UnusableLink):
        LINKS.read(text, DAY)
