import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.normalisation import (
    address_hash,
    match_key,
    normalise_address,
    normalise_email,
    normalise_phone,
)

KEY = b"k" * 32


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (" Anna.B@Example.COM ", "anna.b@example.com"),
        ("mailto:a@b.fr", "a@b.fr"),
        ("jean@société.fr", "jean@xn--socit-esab.fr"),
        ("no at sign", None),
        ("two@@b.fr", None),
        ("a@b", None),
        ("", None),
        (None, None),
    ],
)
def test_emails(raw: str | None, expected: str | None) -> None:
    assert normalise_email(raw) == expected


@pytest.mark.parametrize(
    ("raw", "country", "expected"),
    [
        ("06 12 34 56 78", "FR", "+33612345678"),
        ("+33 (0)6 12 34 56 78", "FR", "+33612345678"),
        ("0033612345678", "FR", "+33612345678"),
        ("0612345678", "RE", "+262612345678"),
        ("1 212 555 0100", "US", "+12125550100"),
        ("(212) 555-0100", "US", "+12125550100"),
        ("0612345678", "ZZ", None),
        ("123", "FR", None),
        ("call me", "FR", None),
    ],
)
def test_phones(raw: str, country: str, expected: str | None) -> None:
    assert normalise_phone(raw, country) == expected


def test_postal_addresses_lose_accents_and_punctuation() -> None:
    assert normalise_address("12, rue de l’Église\n01000 Bourg") == "12 RUE DE L EGLISE 01000 BOURG"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Anna.B+shop@gmail.com", "annab@googlemail.com"),
        ("x+news@b.fr", "X@B.FR"),
    ],
)
def test_an_objection_is_recognised_under_another_spelling(one: str, other: str) -> None:
    assert address_hash("email", one, KEY) == address_hash("email", other, KEY)


def test_the_hash_depends_on_key_and_kind_and_shows_nothing() -> None:
    digest = address_hash("email", "a@b.fr", KEY)
    assert digest != address_hash("email", "a@b.fr", b"other")
    assert digest is not None
    assert "a@b" not in digest
    assert address_hash("email", "nothing", KEY) is None


def test_a_hash_without_a_key_is_refused() -> None:
    with pytest.raises(ValueError, match="company's key"):
        address_hash("email", "anna@example.com", b"")


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="No kind of address 'fax'"):
        match_key("fax", "1")


@given(st.text(max_size=60))
def test_normalising_never_fails_and_normalising_twice_changes_nothing(raw: str) -> None:
    for kind in ("email", "phone", "post"):
        once = match_key(kind, raw)
        if once is not None:
            assert match_key(kind, once) == once
