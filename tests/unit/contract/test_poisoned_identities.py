"""Identifiers as people really type them: which two are one, and which text is none at all."""

import pytest

from contract.normalisation import match_key, normalise_phone

SAME = [
    ("email", "prenom.nom+promo@gmail.com", "PrenomNom@googlemail.com"),
    ("email", "j.dupont@gmail.com", "jdupont@gmail.com"),
    ("email", "Élise@société.fr", "élise@XN--SOCIT-ESAB.FR"),
    ("email", " mailto:a@b.fr ", "A@B.FR."),
    ("email", "a\u0301lise@b.fr", "álise@b.fr"),
    ("email", "ａ@b.fr", "a@b.fr"),
    ("phone", "06 12 34 56 78", "+33612345678"),
    ("phone", "06.12.34.56.78", "0033 6 12 34 56 78"),
    ("phone", "+33 (0) 6 12 34 56 78", "0612345678"),
    ("phone", "06-12-34-56-78", "06\u00a012\u202f34 56 78"),
    ("phone", "０６１２３４５６７８", "0612345678"),
    ("post", "12 rue de l'Église", "12, RUE DE L’EGLISE"),
    ("post", "Cœur de Ville", "COEUR DE VILLE"),
    ("post", "12\tbis  rue A", "12 bis rue a"),
]
DIFFERENT = [
    ("email", "j.dupont@orange.fr", "jdupont@orange.fr"),
    ("email", "anna@b.fr", "anna@b.com"),
    ("email", "straße@b.fr", "strase@b.fr"),
    ("phone", "0612345678", "0612345679"),
    ("post", "12 rue A", "12 rue B"),
]
NONE = [
    ("email", "anna.b.fr"),
    ("email", "anna@"),
    ("email", "@b.fr"),
    ("email", "anna@b"),
    ("email", "anna@b..fr"),
    ("email", "anna b@c.fr"),
    ("email", "anna@b.fr, paul@b.fr"),
    ("email", "<anna@b.fr>"),
    ("email", "x" * 250 + "@b.fr"),
    ("email", "   "),
    ("phone", "pas de téléphone"),
    ("phone", "12"),
    ("phone", "0" * 40),
    ("phone", ""),
    ("post", " ,;- "),
]
COUNTRIES = [
    ("BE", "0470 12 34 56", "+32470123456"),
    ("CH", "079 123 45 67", "+41791234567"),
    ("LU", "621 123 456", "+352621123456"),
    ("GP", "0690 12 34 56", "+590690123456"),
    ("RE", "0692 12 34 56", "+262692123456"),
    ("CH", "0041 79 123 45 67", "+41791234567"),
    ("BE", "+33 6 12 34 56 78", "+33612345678"),
]


@pytest.mark.parametrize(("kind", "one", "other"), SAME)
def test_two_spellings_of_one_identifier_meet(kind: str, one: str, other: str) -> None:
    assert match_key(kind, one) is not None
    assert match_key(kind, one) == match_key(kind, other)


@pytest.mark.parametrize(("kind", "one", "other"), DIFFERENT)
def test_two_identifiers_stay_two(kind: str, one: str, other: str) -> None:
    assert match_key(kind, one) != match_key(kind, other)


@pytest.mark.parametrize(("kind", "raw"), NONE)
def test_what_is_no_identifier_is_none(kind: str, raw: str) -> None:
    assert match_key(kind, raw) is None


@pytest.mark.parametrize(("country", "raw", "wanted"), COUNTRIES)
def test_a_national_number_is_read_as_its_country_writes_it(
    country: str, raw: str, wanted: str
) -> None:
    assert normalise_phone(raw, country) == wanted
