from pathlib import Path

import pytest

from contract.errors import ConfigError, did_you_mean
from contract.texts import Texts


def catalogue(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "greeting.texts.yml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_sentence_is_said_in_both_languages_with_its_values(tmp_path: Path) -> None:
    texts = Texts.load(catalogue(tmp_path, 'hello: {en: "Hello {name}", fr: "Bonjour {name}"}'))
    assert texts("hello", "en", name="Zoé") == "Hello Zoé"
    assert texts("hello", "fr", name="Zoé") == "Bonjour Zoé"


def test_a_missing_language_is_found_when_the_file_is_read(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"greeting.texts.yml: text 'hello' has no 'fr'"):
        Texts.load(catalogue(tmp_path, 'hello: {en: "Hello"}'))


def test_an_unknown_key_names_its_neighbour(tmp_path: Path) -> None:
    texts = Texts.load(catalogue(tmp_path, 'hello: {en: "Hello", fr: "Bonjour"}'))
    with pytest.raises(ConfigError, match=r"no text 'helo'. Did you mean 'hello'"):
        texts("helo", "en")


def test_a_missing_value_is_an_error_that_names_it(tmp_path: Path) -> None:
    texts = Texts.load(catalogue(tmp_path, 'hello: {en: "Hello {name}", fr: "Bonjour {name}"}'))
    with pytest.raises(ConfigError, match="needs the value 'name'"):
        texts("hello", "fr")


def test_without_a_near_word_few_options_are_listed() -> None:
    assert did_you_mean("zzz", ["post", "sms"]) == " Known: post, sms."
