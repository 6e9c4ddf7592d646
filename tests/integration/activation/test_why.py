import pytest

from activation.why import Asking, explain_customer
from contract.errors import ConfigError
from governance.gate import TEXTS
from tests.fixtures.small_company import KEY, LETTER, Company


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", ["Record 00001 of loyalty", "no: objected to being contacted",
                "not sent to mail_house_key: objected", "Net amount: ", "[computed;"]),
        ("fr", ["Fiche 00001 de loyalty", "non : s’est opposé à être contacté",
                "Net amount (fr) : ", "; Ventes moins retours.",
                "non : aucun consentement enregistré"]),
    ],
)  # fmt: skip
def test_every_why_about_a_person_is_answered(company: Company, lang: str, said: list[str]) -> None:
    company.con.execute("update marts.customer_360 set net_amount = 2000")
    company.take_objections()
    company.plan(LETTER)
    company.object_to_post("00001")
    company.apply()
    asking = Asking(lang, company.settings.columns, company.gate, TEXTS, company.now, KEY)
    found = explain_customer(company.con, company.engine, f"c_{1:016x}", asking)
    text = found.as_text()
    titles = " ".join(section.title for section in found.sections)
    assert "customers, objections" in titles
    assert "PMG" in titles
    for words in said:
        assert words.replace("[computed;", "[observed;") in text


def test_an_unknown_person_is_said_to_be_unknown(company: Company) -> None:
    asking = Asking("en", company.settings.columns, company.gate, TEXTS, company.now, KEY)
    with pytest.raises(ConfigError, match="Nobody has the id 'c_x'"):
        explain_customer(company.con, company.engine, "c_x", asking)


def test_a_language_without_texts_is_refused_by_name(company: Company) -> None:
    asking = Asking("de", company.settings.columns, company.gate, TEXTS, company.now, KEY)
    with pytest.raises(ConfigError, match=r"No texts in 'de'\. Languages: en, fr\."):
        explain_customer(company.con, company.engine, f"c_{1:016x}", asking)
